"""Lesson 10's witnesses: its reader, its panels, and its text beside what was measured."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import numpy as np
import pytest
from attnkit.figures.bits import quantise
from attnkit.figures.lengths import fit_lengths
from attnkit.measured import lesson_10_heads, lesson_10_savings, lesson_10_table
from attnkit.panels import bits_panel, kept_heads_panel, length_panel

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

LESSON = read_lesson(find_course().lesson("10_paying_less").source)
HAS_KERAS = importlib.util.find_spec("keras") is not None


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """The lesson's answers."""
    return LESSON.reference()


@pytest.fixture(scope="module")
def params() -> dict[str, Any]:
    """Four heads of width 2, drawn."""
    rng = np.random.default_rng(10)
    shapes = {"Wq": (6, 8), "Wk": (6, 8), "Wv": (6, 8), "Wo": (8, 6)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def said(panel: Any) -> str:
    """The sentence above a panel's picture."""
    return re.sub(r"<[^>]*>", " ", panel._picture.value.split("<svg")[0]).strip()


# --- panels ---------------------------------------------------------------------------------------


def test_the_lengths_are_told_by_the_learners_count_and_the_fitted_curve(own: Any) -> None:
    lengths = [64, 256, 1024]
    plain = [2e-6 * T + 1e-8 * T * T for T in lengths]
    times = {"plain": plain, "in chunks": [1.1 * s for s in plain]}
    a, b = fit_lengths(lengths, plain)
    assert a == pytest.approx(2e-6)
    assert b == pytest.approx(1e-8)
    panel = length_panel(own["attention_cost"], lengths, times, 256, 4, 128)
    panel.set(doublings=8)
    assert "16,384" in panel._describe()
    assert "4.3 GB" in panel._describe()
    assert said(panel).startswith("✓")

    def half(*sizes: int) -> dict[str, int]:
        return {"score_floats": own["attention_cost"](*sizes)["score_floats"] // 2}

    wrong = length_panel(half, lengths, times, 256, 4, 128)
    assert said(wrong).startswith("▲ half counts")


def test_heads_that_are_switched_off_are_cut_out_by_the_learners_function(
    own: Any, params: Any
) -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 40)
    each = rng.normal(size=(40, 4)) + (2 * y[:, None] - 1)
    panel = kept_heads_panel(own["prune_heads"], params, 4, np.zeros(40), each, y)
    panel.set(head_1=False)
    right = np.mean((each[:, [0, 2, 3]].sum(axis=1) > 0) == (y == 1))
    assert f"{right:.1%} right" in panel._describe()
    assert "keeps 144 of 192" in said(panel)
    panel.set(**{f"head_{h}": False for h in range(4)})
    assert "No head is left" in said(panel)

    def zeroed(params: Any, keep: Any, H: int) -> Any:
        return params

    wrong = kept_heads_panel(zeroed, params, 4, np.zeros(40), each, y)
    wrong.set(head_1=False)
    assert said(wrong).startswith("▲ zeroed gives Wq")


def test_eight_bits_are_the_learners_and_fewer_are_the_courses(own: Any, params: Any) -> None:
    accuracy = dict.fromkeys(range(2, 9), 0.7)
    panel = bits_panel(own["quantize_int8"], params, accuracy)
    panel.set(bits=8)
    assert said(panel).startswith("✓")
    panel.set(bits=2)
    assert "3 values a column" in panel._describe()
    assert said(panel) == ""
    q, scale = quantise(params["Wq"], 8)
    codes, scales = own["quantize_int8"](params["Wq"])
    assert np.array_equal(q, codes)
    assert np.allclose(scale, scales)


# --- the reader -----------------------------------------------------------------------------------


@pytest.mark.skipif(not HAS_KERAS, reason="Keras is not installed.")
def test_the_lessons_forward_pass_is_the_kerases_and_a_sum_over_heads(own: Any) -> None:
    import keras
    from attnkit import asking_reader

    from tests.benchmarks.lesson_10_savings import by_head, lesson_10, said

    keras.utils.set_random_seed(1)
    model, lesson = asking_reader.asking(), lesson_10()
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(np.random.default_rng(len(weight.path)).normal(size=weight.shape) / 3)
    ids = np.zeros((3, 40), np.int32)
    for row, count in enumerate((1, 7, 40)):
        ids[row, :count] = np.random.default_rng(row).integers(1, 10_000, count)
    params = asking_reader.arrays_of(model)
    p_N = keras.ops.convert_to_numpy(model(ids))[:, 0]
    z_N = lesson["logits"](ids, params, 8)
    assert np.allclose(1 / (1 + np.exp(-z_N)), p_N, atol=1e-5)

    part = asking_reader.Sentences(ids, np.ones(3, np.float32))
    each_NH, none_N = by_head(lesson, part, params)
    some = lesson["prune_heads"](params, [5, 2], 8)
    assert np.allclose(
        none_N + each_NH[:, [5, 2]].sum(axis=1), said(lesson, part, some, 2), atol=1e-3
    )


# --- what was measured ----------------------------------------------------------------------------


def test_what_the_text_says_of_measured_savings_is_what_was_measured() -> None:
    rows = {row["name"]: row for row in lesson_10_savings()["rows"]}
    losses = lesson_10_savings()["losses"]
    text = " ".join(cell.source for cell in LESSON.cells if cell.role == "prose")
    text = re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")

    def change(name: str) -> str:
        row = rows[name]
        return f"{row['gap']:+.1f} ± {row['gap_half']:.1f}".replace("-", "−")

    assert all(row["seeds"] >= 5 for row in rows.values())
    for sentence in (
        f"the change is {change('window 0')} points",
        f"8 bits change {change('int8').lstrip('+')} points",
        f"4 bits {change('bits 4')}",
        f"3 bits {change('bits 3')}",
        f"cost {change('bits 2').lstrip('−')} points",
        f"with two heads it is {np.mean(losses['loss 2']):.3f}",
        f"{np.mean(losses['random 2']):.3f} by lot",
        f"the pupil gets {rows['pupil, labels']['test']:.1f} %",
        f"it has {rows['pupil, its teacher, more sentences']['test']:.1f} %",
        f"({change('pupil, its teacher, more sentences')} points)",
    ):
        assert sentence in text, sentence
    for name, row in rows.items():  # "no change is beyond its interval", of all that keep heads
        if re.match(r"(loss|random|window) [1-9]", name):
            assert abs(row["gap"]) <= row["gap_half"], name


def test_the_tables_show_every_row_with_its_interval() -> None:
    for table in (lesson_10_table(), lesson_10_table("pupils"), lesson_10_heads()):
        html = table.to_html()
        assert html.count("±") >= 5
        assert "Measured on" in html
