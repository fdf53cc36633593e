"""Lesson 12's witnesses: its contrast, its panels' mistakes, its text as it was measured."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from attnkit.figures.hidden import Guess, draw_hidden
from attnkit.halves import partners_found, review_halves, slope_of_contrast
from attnkit.maze.learning import Training
from attnkit.maze.memories import policy_with, start
from attnkit.measured.before_labels import (
    lesson_12_claims,
    lesson_12_curves,
    lesson_12_measures,
    lesson_12_table,
)
from attnkit.panels import hiding_panel, maze_panel

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

LESSON = read_lesson(find_course().lesson("12_before_labels").source)
OF_LESSON = LESSON.reference()
IDS = {"it": 4, "is": 5, "not": 6, "a": 7, "good": 8, "film": 9}


# --- pairs ----------------------------------------------------------------------------------------


def test_the_kits_slope_of_contrast_is_that_of_the_learners_loss() -> None:
    rng = np.random.default_rng(12)
    a_BD, b_BD, W_DK = rng.normal(size=(5, 4)), rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
    step = 1e-5 * rng.normal(size=W_DK.shape)

    def loss(W: Any) -> float:
        return float(OF_LESSON["info_nce"](a_BD @ W, b_BD @ W, 0.3))

    along = (slope_of_contrast(a_BD, b_BD, W_DK, 0.3) * step).sum()
    assert along == pytest.approx((loss(W_DK + step) - loss(W_DK - step)) / 2, rel=1e-6)


def test_partners_are_found_in_full_batches_only() -> None:
    a_ND = np.eye(5)
    b_ND = np.eye(5)[[1, 0, 2, 3, 4]]
    assert partners_found(a_ND, 7 * b_ND, 2).tolist() == [False, False, True, True]


def test_halves_are_whole_reviews_cut_in_two() -> None:
    firsts, seconds = review_halves("validation", 40)
    assert 20 < len(firsts) == len(seconds) <= 40
    for first, second in zip(firsts, seconds, strict=True):
        assert 0 <= len(second.split()) - len(first.split()) <= 1
        assert len((first + " " + second).split()) >= 60
    assert review_halves("validation", 40) == (firsts, seconds)


# --- panels ---------------------------------------------------------------------------------------


def guesses(ids_T: Any, place_M: Any) -> Any:
    """Of every word but the pad the same probability, and of the last one more."""
    p_MV = np.full((len(place_M), 4 + len(IDS)), 0.05)
    p_MV[:, -1] = 0.5
    return p_MV


def specials_hidden(ids: Any, rng: Any, V: int, p: float, mask_id: int, n_special: int) -> Any:
    return np.full_like(ids, mask_id), ids


def strange_words(ids: Any, rng: Any, V: int, p: float, mask_id: int, n_special: int) -> Any:
    return ids + V, ids


def one_array(ids: Any, rng: Any, V: int, p: float, mask_id: int, n_special: int) -> Any:
    return ids


@pytest.mark.parametrize(
    ("corrupt", "says"),
    [
        (specials_hidden, "specials_hidden asks for what is no word"),
        (strange_words, "strange_words puts in an id that no word has"),
        (one_array, "one_array should return two arrays"),
    ],
)
def test_what_is_wrong_with_the_hiding_is_said(corrupt: Any, says: str) -> None:
    panel = hiding_panel(corrupt, guesses, IDS, "it is not an ordinary film")
    assert says in panel._picture.value


def test_every_word_that_is_asked_for_is_shown_with_a_guess() -> None:
    panel = hiding_panel(OF_LESSON["mlm_corrupt"], guesses, IDS, "it is a good film")
    panel.set(p=1.0)
    assert panel._describe().startswith("5 of 5 words are asked for.")
    canvas = draw_hidden(["a", "odd"], {0: Guess("[mask]", [("a", 0.7)], 0.7)}, unknown=[1])
    assert "1 of 2 words are asked for" in canvas.alt
    table = canvas.as_table()
    assert table is not None
    assert table.rows == (
        ("1", "a", "[mask]", "0.700", "a 0.70"),
        ("2", "odd", "?", "–", "not asked"),
    )


def test_an_agent_acts_by_a_right_policy_and_a_wrong_one_is_told() -> None:
    params = start(np.random.default_rng(1), 6, 8, 3, 1.0)
    trainings = {"attention": [Training(params, [0.5] * 40, "attention", 8)]}
    own = maze_panel(OF_LESSON["policy"], trainings)
    assert "✓ policy is right." in own._picture.value
    assert "agent" not in own.params
    wrong = maze_panel(policy_with("none"), trainings)
    assert "▲ policy gives other probabilities" in wrong._picture.value
    own.set(step=3)
    assert "At step 3 the agent stands in cell 3 of 8" in own._describe()


# --- what was measured ----------------------------------------------------------------------------


def prose() -> str:
    text = " ".join(cell.source for cell in LESSON.cells if cell.role == "prose")
    return re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")


def share(value: list[float]) -> str:
    return f"{value[0]:.1f} ± {value[1]:.1f}".replace("-", "−")


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    told, text = lesson_12_measures(), prose()
    words, sizes = told["pretraining"], told["labels"]["sizes"]
    found, few = told["halves"]["found"], told["halves"]["labels"]
    agents = told["maze"]["agents"]
    began, weight = sorted(agents["attention"]["from"]), agents["attention"]["weight"]
    mean, none = (100 * np.mean(agents[name]["success"]) for name in ("mean", "none"))
    elsewhere = max(max(shares[1:]) for shares in agents["attention"]["turned"])
    for sentence in (
        f"on {words['hidden words']:,} hidden words of MR's test sentences: "
        f"{share(words['right'])} % guessed",
        f"frequency alone gets {share(words['counting right'])} %",
        f"a loss of {words['loss']:.2f} in place of {words['counting']:.2f}",
        f"{share(found['as they are'])} % as they are, {share(found['contrast'])} % after",
        f"finds {share(found['all words'])} %",
        f"gets {share(few['50']['contrast']['test'])} % right, "
        f"{share(few['50']['contrast']['gain'])} points more",
        f"with 200 it is {share(few['200']['contrast']['gain'])} more",
        f"nothing is gained: {share(sizes['50']['pretrained']['gain'])} points with 50 labels, "
        f"{share(sizes['200']['pretrained']['gain'])} with 200, "
        f"{share(sizes['1000']['pretrained']['gain'])} with 1,000",
        f"frozen MiniLM gets {share(sizes['50']['minilm']['test'])} % right with 50 labels, "
        f"{share(sizes['50']['minilm']['gain'])} points more",
        f"Most have it within {began[-2]} steps, one after {began[-1]}",
        f"The mean gives {mean:.1f} %, its best but for luck, no memory {none:.1f} %",
        f"goes from {min(weight):.2f} to {max(weight):.2f}",
        f"any other sign at most {elsewhere:.1f} %",
        f"{100 * told['maze']['best of a mean']:.1f} %",
    ):
        assert sentence in text, sentence


def test_the_sayings_are_judged_as_the_numbers_are() -> None:
    """Protects what "may be said": no difference where it says none, the right sign elsewhere."""
    told = lesson_12_measures()
    gains = {size: lines["contrast"]["gain"] for size, lines in told["halves"]["labels"].items()}
    assert [mean > half for mean, half in gains.values()] == [True, True, False]
    assert abs(gains["1000"][0]) <= gains["1000"][1]
    sizes = told["labels"]["sizes"]
    for size, lines in sizes.items():
        assert lines["pretrained"]["gain"][0] <= lines["pretrained"]["gain"][1], size
        if "minilm" in lines:
            assert lines["minilm"]["gain"][0] > lines["minilm"]["gain"][1], size
    few, many = sizes["50"]["minilm"]["test"], sizes["1000"]["scratch"]["test"]
    assert abs(few[0] - many[0]) < 1  # points: 50 labels for 1,000
    assert told["labels"]["draws"] == 10
    attention = told["maze"]["agents"]["attention"]
    assert attention["success"] == [1.0] * 20
    assert {shares[0] for shares in attention["turned"]} == {100.0}
    assert told["maze"]["best of a mean"] == pytest.approx(996 / 1458, abs=5e-5)
    assert sum(right < 0.6 for right in told["maze"]["without the bonus"]["success"]) == 2


def test_the_tables_show_every_row_with_its_interval() -> None:
    for which in ("halves", "labels", "maze"):
        html = lesson_12_table(which).to_html()
        assert html.count("±") >= 6 or which == "maze"
        assert "Measured on" in html
    assert lesson_12_claims().to_html().count("“") == 5
    labels, base, values, gains = lesson_12_curves()
    assert {base, *gains} == set(values)
    assert all(len(each) == len(labels) for each in (*values.values(), *gains.values()))
