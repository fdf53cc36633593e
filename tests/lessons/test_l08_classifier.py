"""Lesson 8's witnesses: the script with bugs, what is handed in, and its cells on other data."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import io
import itertools
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from attnkit import budget, bughunt
from attnkit.data import Split, split
from attnkit.handin import pack, unpack
from attnkit.inside import pooling_weights, words_looked_at
from attnkit.measured import lesson_8_comparison, lesson_8_runs, lesson_8_table
from attnkit.panels import training_panel
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.boxes.box import TRAINING_SECONDS
from autograder.boxes.walls import environment
from autograder.course import find_course

FOLDER = find_course().lesson("08_classifier")
HAS_KERAS = importlib.util.find_spec("keras") is not None
needs_keras = pytest.mark.skipif(not HAS_KERAS, reason="Keras is not installed.")
pytestmark = needs_keras  # the lesson's solutions are Keras's


def probes_of(exercise: str, name: str) -> ModuleType:
    """The module of probes that an exercise's checks are made of."""
    make_checks = declared_exercises(FOLDER)[exercise].make_checks
    assert make_checks is not None
    found: ModuleType = make_checks.__globals__[name]
    return found


@pytest.fixture(scope="module")
def probes() -> ModuleType:
    """What L8.3 asks of the script's parts."""
    return probes_of("L8.3", "hunting_probes")


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return read_lesson(FOLDER.source).reference()


# --- the classifier -------------------------------------------------------------------------------


def nested(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """A model in a model: none of its layers can be seen from outside."""
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    inner = read_lesson(FOLDER.source).reference()["build_classifier"]
    model = keras.Model(ids, inner(vocab_size, max_len, D, H)(ids))
    model.compile("adam", "binary_crossentropy")
    return model


def sinusoids(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """A class of its own with fixed places, no table but the words', and a norm of batches."""
    import keras

    class Reader(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = keras.layers.Embedding(vocab_size, D, name="anything")
            self.attend = keras.layers.MultiHeadAttention(H, D // H)
            self.norm = keras.layers.BatchNormalization()
            self.out = keras.layers.Dense(1, activation="sigmoid")
            angles = np.arange(max_len)[:, None] / 100 ** (np.arange(D) / D)
            self.places = np.where(np.arange(D) % 2, np.cos(angles), np.sin(angles))

        def call(self, ids: Any) -> Any:
            keep = keras.ops.not_equal(ids, 0)
            x = self.norm(self.table(ids) + keras.ops.cast(self.places, "float32"))
            x = x + self.attend(x, x, attention_mask=keep[:, None, :])
            weight = keras.ops.cast(keep, x.dtype)[..., None]
            return self.out(keras.ops.sum(x * weight, 1) / keras.ops.sum(weight, 1))

    model = Reader()
    model.compile("adam", keras.losses.BinaryCrossentropy())
    return model


def half_precision(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """Two blocks that compute with 16 bits, pooled by weights of their own."""
    import keras
    from keras import layers, ops

    half = {"dtype": "mixed_float16"}
    ids = keras.Input((max_len,), dtype="int32", name="reviews")
    keep = ops.not_equal(ids, 0)
    place = ops.cumsum(ops.ones_like(ids), axis=1) - 1
    x = layers.Embedding(vocab_size, D, **half)(ids) + layers.Embedding(max_len, D, **half)(place)
    for _ in range(2):
        told = layers.MultiHeadAttention(H, D // H, **half)(x, x, attention_mask=keep[:, None, :])
        x = layers.LayerNormalization(**half)(x + told)
    score = layers.Dense(1, dtype="float32")(layers.Dense(D, "tanh", **half)(x))
    weight = ops.softmax(ops.where(keep[..., None], score, -1e9), axis=1)
    z = ops.sum(weight * ops.cast(x, "float32"), axis=1)
    model = keras.Model(ids, layers.Dense(1, "sigmoid", dtype="float32")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@pytest.mark.slow
@pytest.mark.exhaustive  # grading/test_three_views.py: right variants of L8.2
@pytest.mark.parametrize("seed", [5, 6])
def test_whatever_a_classifier_is_made_of_it_passes(reference: dict[str, Any], seed: int) -> None:
    from attnkit.checking.judge import judge
    from attnkit.checking.wire import run_calls

    from autograder.authoring.specs import make_spec

    spec = make_spec(declared_exercises(FOLDER)["L8.2"], reference, seed, misconceptions=False)
    for build in (nested, sinusoids, half_precision):
        verdict = judge(spec, run_calls({"build_classifier": build}, spec.wire_calls()))
        assert verdict.passed, (build.__name__, verdict.message)


def looked_up_by_arange(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """The lesson's third trap: its table of places is no part of the model."""
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    places = keras.layers.Embedding(max_len, D)(keras.ops.arange(max_len))
    x = keras.layers.Embedding(vocab_size, D)(ids) + places
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keras.ops.not_equal(ids, 0))
    return keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))


def test_what_is_none_of_a_model_s_weights_is_noticed(reference: dict[str, Any]) -> None:
    agree = probes_of("L8.2", "classifier_probes").agree
    asked = (9, 4, 4, 2, np.array([[3, 1, 2, 0]]), [[5, 5], [5, 6]])
    assert agree(reference["build_classifier"], *asked).tolist() == [True, False]
    assert agree(looked_up_by_arange, *asked).tolist() == [False, False]


# --- looking inside -------------------------------------------------------------------------------

SOME_IDS = np.array([[3, 5, 2, 0, 0], [4, 2, 6, 3, 5]])


def asks_with_one_row(D: int, H: int) -> Any:
    """A learned row asks, by Keras's own layer."""
    import keras

    ids = keras.Input((5,), dtype="int32")
    x = keras.layers.Embedding(9, D)(ids)
    query = keras.layers.Embedding(1, D)(keras.ops.zeros_like(ids[:, :1]))
    keep = keras.ops.not_equal(ids, 0)
    z = keras.layers.MultiHeadAttention(H, 2)(query, x, attention_mask=keep[:, None, :])
    return keras.Model(ids, z)


def softmax_of_ops(D: int, H: int) -> Any:
    """A softmax that is no layer, with the words on the last axis."""
    import keras

    ids = keras.Input((5,), dtype="int32")
    e_BTH = keras.layers.Dense(H)(keras.layers.Embedding(9, D)(ids))
    e_BHT = keras.ops.transpose(e_BTH, (0, 2, 1))
    hidden = keras.ops.cast(keras.ops.equal(ids, 0), "float32")[:, None, :]
    return keras.Model(ids, keras.ops.softmax(e_BHT - 1e9 * hidden, axis=-1))


def test_any_attention_that_pools_can_be_looked_into(reference: dict[str, Any]) -> None:
    of_the_lesson = reference["build_classifier"](9, 5, 4, 3)
    for model in (of_the_lesson, asks_with_one_row(4, 3), softmax_of_ops(4, 3)):
        rng = np.random.default_rng(8)
        model.set_weights([rng.normal(size=w.shape) for w in model.weights])
        w_BHT = pooling_weights(model, SOME_IDS)
        assert w_BHT.shape == (2, 3, 5)
        np.testing.assert_allclose(w_BHT.sum(axis=-1), 1, rtol=1e-5)
        assert (w_BHT[0, :, 3:] == 0).all()
        assert w_BHT[1].std() > 0.01
        np.testing.assert_allclose(words_looked_at(model, SOME_IDS[0]), w_BHT[0, :, :3], atol=1e-5)


# --- the bug hunt ---------------------------------------------------------------------------------


def bugs(reference: dict[str, Any]) -> dict[str, dict[int, str]]:
    """For each bug left alone, by its name, the lines that mend all others."""
    wrongs = declared_exercises(FOLDER)["L8.3"].wrongs
    return {m.name: m.beside(reference)() for m in wrongs}


def test_twelve_bugs_each_left_alone_and_each_mending_one_line(reference: dict[str, Any]) -> None:
    mended = reference["mended"]()
    alone = [set(mended) - set(lines) for lines in bugs(reference).values()]
    left = [lines.pop() for lines in alone if len(lines) == 1]
    assert sorted(left) == sorted(mended)
    assert len(mended) == 12


def test_any_number_of_bugs_mended_wins_as_many_points(reference: dict[str, Any]) -> None:
    """Each is judged by itself: every pair of neighbours, and a random half, left in."""
    from attnkit.checking.judge import judge
    from attnkit.checking.spec import released_exercise
    from attnkit.checking.wire import run_calls

    mended, spec = reference["mended"](), released_exercise("L8.3")
    drawn = np.random.default_rng(8).choice(sorted(mended), 6, replace=False)
    tries = [set(pair) for pair in itertools.pairwise(sorted(mended))][::3]
    tries += [{int(n) for n in drawn}, set(mended)]
    for missing in tries:
        lines = {n: text for n, text in mended.items() if n not in missing}

        def answer(lines: dict[int, str] = lines) -> dict[int, str]:
            return lines

        verdict = judge(spec, run_calls({"mended": answer}, spec.wire_calls()))
        assert verdict.points == 12 - len(missing), missing


@pytest.mark.parametrize(
    ("requirements", "asked"),
    [
        (["tensorflow==2.20.0"], (True, True)),  # NumPy comes with it
        (["tensorflow==2.19.1", "numpy==2.1.2"], (True, True)),
        (["tensorflow-cpu~=2.18", "numpy==1.26.4"], (True, True)),
        (["keras>=3", "jax", "numpy>=2"], (True, True)),
        (["numpy>=2"], (False, True)),
        (["keras>=3"], (False, False)),  # has nothing to compute with
        (["tensorflow>=2.20", "numpy==1.19.5"], (True, False)),
        (["tensorflow==2.4.1"], (False, False)),
    ],
)
def test_pins_of_today_are_as_good_as_none(
    probes: ModuleType, requirements: list[str], asked: tuple[bool, bool]
) -> None:
    found = probes.installs_today(
        lambda: {1: f"REQUIREMENTS = {requirements}"}, ["numpy", "flask", "tensorflow"]
    )
    assert found == {"numpy": asked[1], "flask": False, "tensorflow": asked[0]}


@pytest.mark.parametrize(
    ("line", "heeds_pads"),
    [
        ("x = keras.layers.GlobalAveragePooling1D()(x)", True),
        ("x = x[:, 0]", True),
        ("x = keras.layers.GlobalMaxPooling1D()(x)", False),
        ("x = keras.layers.Flatten()(x)", False),
    ],
)
def test_what_pools_is_judged_whatever_the_other_lines_are(
    probes: ModuleType, line: str, heeds_pads: bool
) -> None:
    """The embedding has no mask, attention sees pads, the output is always 1: other lines' bugs."""
    ids_BT = np.array([[5, 3, 2, 4], [3, 2, 0, 0]])
    seen = "what the last layer gets"
    moved, _ = probes.moves_with(lambda: {44: line}, 7, ids_BT, 6, 2, [0, 3, 6], 5, seen)
    assert moved.tolist() == [not heeds_pads, True, False]


def test_a_syntax_error_in_one_part_costs_that_part_alone(reference: dict[str, Any]) -> None:
    lines = {**reference["mended"](), 27: "ids = ids[-max_len:"}
    with pytest.raises(SyntaxError):
        bughunt.load(lines, "encode")
    assert bughunt.load(lines, "REQUIREMENTS") == ["tensorflow>=2.20", "numpy>=2"]


def test_new_lines_are_indented_and_impossible_ones_are_named() -> None:
    text = bughunt.part_text("decode", {34: "    words = 1\n    if words:\n        pass"})
    assert "    words = 1\n    if words:\n        pass\n    return" in text
    assert "\n\n    return" in bughunt.part_text("decode", {34: ""})
    with pytest.raises(ValueError, match="no line 99"):
        bughunt.part_text("decode", {99: "x"})
    with pytest.raises(ValueError, match="is a int, no string"):
        bughunt.part_text("decode", {34: 5})  # type: ignore[dict-item]


def test_the_script_is_legible_in_any_theme() -> None:
    """Protects names and dots of the script from colours that only a white page can bear."""
    page = bughunt.show("build_model").data
    colours = set(re.findall(r"(?<!-)color: ([^;\"]+)", page))
    assert "var(--jp-mirror-editor-keyword-color)" in colours
    assert all(colour == "inherit" or colour.startswith("var(--jp-") for colour in colours)


def test_the_script_stops_as_found_and_runs_when_mended(
    reference: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [f"{word} film number {i}" for word in ("good", "bad") for i in range(30)]
    labels = [1] * 30 + [0] * 30
    bughunt.try_out({}, texts, labels)
    assert "fit_tokenizer  stops with AttributeError" in capsys.readouterr().out
    bughunt.try_out(reference["mended"](), texts, labels)
    out = capsys.readouterr().out
    assert "stops" not in out
    assert "output of the shape (3, 1)" in out


# --- what is handed in ----------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1), max_size=40))
def test_a_line_holds_every_verdict_and_notices_what_it_has_lost(p: list[float]) -> None:
    line = pack(p)
    assert unpack(line).tolist() == [int(value > 0.5) for value in p]
    for spoilt in (line[: len(line) // 2], line[1:] if p else "x", "good", ""):
        with contextlib.suppress(ValueError):
            assert unpack(spoilt).tolist() != [1 - (value > 0.5) for value in p] or not p


def test_a_thousand_verdicts_are_a_short_line_and_logits_are_refused() -> None:
    assert len(pack(np.ones((1000, 1)))) < 200
    with pytest.raises(ValueError, match="outside of 0 to 1"):
        pack([0.2, 1.7])
    with pytest.raises(ValueError, match="A part of the line"):
        unpack(pack(np.ones(1000))[:-8])


def test_the_solution_s_own_verdicts_are_of_a_model_that_has_learned(
    reference: dict[str, Any],
) -> None:
    right = reference["handed_in"]() == split("mr").test["label"].to_numpy()
    assert 0.70 < right.mean() < 0.85


# --- trainings ------------------------------------------------------------------------------------


def test_a_grader_s_boxes_cut_trainings_short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment()["ATTNKIT_TRAINING_SECONDS"] == TRAINING_SECONDS
    assert budget.allowed(90) == 90
    assert not budget.is_limited()
    monkeypatch.setenv("ATTNKIT_TRAINING_SECONDS", TRAINING_SECONDS)
    assert budget.allowed(90) == float(TRAINING_SECONDS) < 90
    assert budget.is_limited()
    monkeypatch.setenv("ATTNKIT_TRAINING_SECONDS", "soon")
    assert budget.allowed(90) == 90


def test_the_measured_runs_are_what_the_panel_wants() -> None:
    runs = lesson_8_runs()
    assert len(runs) == len({(run["length"], run["width"], run["heads"]) for run in runs}) == 12
    panel = training_panel(runs)
    panel.set(length=40, width=32, heads=4)
    assert "least validation loss in epoch" in panel.static().alt


def test_lesson_8_s_heads_choose_and_it_is_told_honestly_what_that_brings() -> None:
    """The figures that the lesson's text is about: measured, kept, and shown by the table."""
    told = lesson_8_comparison()
    rows = {row["name"]: row for row in told["rows"]}
    own = rows["the lesson's model"]
    for by_head in told["uneven"]["the lesson's model"]:
        assert np.mean(np.array(by_head) >= 2) >= 0.5  # in half of the heads the top word has twice
    assert len(told["uneven"]["the lesson's model"]) == own["seeds"] >= 3
    of_lesson_3 = rows["lesson 3's pooling, one query"]
    assert of_lesson_3["gap"] - of_lesson_3["gap_half"] <= 0  # not better beyond chance
    assert lesson_8_table().to_html().count("<tr>") == len(rows) + 1


def run_cells(namespace: dict[str, Any]) -> str:
    """Run the solved lesson's code cells one after another; returns what they printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for cell in read_lesson(FOLDER.source).cells:
            if cell.is_code:
                exec(compile("\n" * cell.line + cell.source, str(FOLDER.source), "exec"), namespace)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.exhaustive  # it trains
def test_where_a_gpu_is_found_the_same_cells_read_whole_reviews(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The switch is forced, on few reviews: what a GPU would take is not at stake here."""
    import attnkit.classifier

    whole = attnkit.data.split

    def few(name: str = "mr") -> Split:
        parts = whole(name)
        if name == "mr":
            return parts
        ends = (part.iloc[[*range(90), *range(-90, 0)]] for part in parts)
        return Split(*(part.reset_index(drop=True) for part in ends))

    found = dataclasses.replace(attnkit.classifier.device_report(), gpus=("a GPU",), uses="gpu")
    monkeypatch.setattr(attnkit.classifier, "device_report", lambda: found, raising=False)
    monkeypatch.setattr(attnkit.data, "split", few)
    monkeypatch.setenv("ATTNKIT_TRAINING_SECONDS", TRAINING_SECONDS)
    namespace: dict[str, Any] = {"__name__": "lesson"}
    printed = run_cells(namespace)
    assert "Training will use the GPU" in printed
    assert namespace["plan"]["data"] == "imdb"
    assert namespace["data"]["train"][0].shape == (180, 256)
    assert namespace["model"].output_shape == (None, 1)
    assert "the same numbers, to the last bit: True" in printed
    assert namespace["verdicts"].shape == (1000,)


def test_the_notebook_fits_its_plan() -> None:
    """Minutes and points that the lesson's opening promises are those of its exercises."""
    release = json.loads(Path(FOLDER.released_notebook).read_text(encoding="utf-8"))
    opening = "".join(release["cells"][0]["source"])
    exercises = declared_exercises(FOLDER).values()
    assert f"({sum(e.points for e in exercises)} points)" in opening
    assert sum(e.minutes for e in exercises) <= 120
