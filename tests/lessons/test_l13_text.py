"""Lesson 13's witnesses: its panels' mistakes, its tables, its text as it was measured."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from attnkit.measured.across import lesson_13_claims, lesson_13_measures, lesson_13_table
from attnkit.measured.across_more import span
from attnkit.panels import alignment_panel, patches_panel, question_panel

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course
from tests.unit.gallery import Translated

LESSON = read_lesson(find_course().lesson("13_across").source)
OF_LESSON = LESSON.reference()


# --- panels ---------------------------------------------------------------------------------------


def one_array(y: Any, x: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, H: int, mask: Any = None) -> Any:
    return y


def turned(y: Any, x: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, H: int, mask: Any = None) -> Any:
    o, w = OF_LESSON["cross_attention"](y, x, Wq, Wk, Wv, Wo, H, mask)
    return o, w.swapaxes(2, 3)


def even(y: Any, x: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, H: int, mask: Any = None) -> Any:
    return y, np.full((len(y), H, y.shape[1], x.shape[1]), 1 / x.shape[1])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (one_array, "one_array should return two arrays"),
        (turned, "turned’s weights have the shape (1, 1, 11, 10)"),
        (even, "even gives other weights than the translator reads by"),
    ],
)
def test_what_is_wrong_with_an_alignment_is_said(wrong: Any, says: str) -> None:
    panel = alignment_panel(wrong, Translated, "3 mars 1987")
    assert says in panel._picture.value


def test_a_typed_date_is_translated_and_its_letters_are_shown() -> None:
    panel = alignment_panel(OF_LESSON["cross_attention"], Translated, "3 mars 1987")
    assert "3 mars 1987  →  1987-03-03" in panel._picture.value
    panel.set(digit=9)
    assert "“0”" in panel._describe()
    panel.set(text="")
    assert "There is no date to read" in panel._picture.value
    panel.set(text="x" * 41)
    assert "40 letters at most" in panel._picture.value


def test_patches_are_judged_beside_their_picture() -> None:
    img_NHWF = np.random.default_rng(0).random((3, 8, 8, 1))
    panel = patches_panel(OF_LESSON["patchify"], OF_LESSON["unpatchify"], img_NHWF)
    for P in (1, 2, 4, 8):
        panel.set(P=P)
        assert "✓ patchify is right." in panel._picture.value
        assert "▲" not in panel._picture.value

    def reshaped(img: Any, P: int) -> Any:
        return img.reshape(len(img), -1, P * P)

    def unshaped(x: Any, P: int, shape: Any) -> Any:
        return x.reshape(shape)

    wrong = patches_panel(reshaped, unshaped, img_NHWF)
    assert "▲ reshaped gives other patches" in wrong._picture.value
    assert "▲ unshaped gives another picture back" in wrong._picture.value


def test_the_asked_half_is_told_in_words() -> None:
    x_BSD = np.eye(8)[None]
    matrices = {name: np.eye(8) for name in ("Wq", "Wk", "Wv", "Wo")}

    def read(n: int, side: int) -> Any:
        y_BTD = 40.0 * np.eye(8)[None, [2 if side else 0]]
        return y_BTD, x_BSD, matrices, np.eye(10)[7]

    panel = question_panel(
        OF_LESSON["cross_attention"], read, np.zeros((2, 8, 16)), np.array([[7, 1], [7, 1]]), H=1
    )
    assert "on the left, the model says 7, with 1.00; it is 7. 100%" in panel._describe()
    panel.set(side=1)
    assert "on the right, the model says 7, with 1.00; it is 1. 100%" in panel._describe()


# --- what was measured ----------------------------------------------------------------------------


def prose() -> str:
    text = " ".join(cell.source for cell in LESSON.cells if cell.role == "prose")
    return re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    told, text = lesson_13_measures(), prose()
    dates, readers, asked = (
        told["dates"]["trainings"],
        told["pictures"]["readers"],
        told["question"],
    )
    field = {name: span([t["fields"][name] for t in dates], 0) for name in ("year", "month", "day")}
    chance = told["dates"]["chance"]
    for sentence in (
        f"Of the letters {span([t['letters'] for t in dates], 2)} % are right, and of the whole "
        f"dates {span([t['exact'] for t in dates])} %",
        f"of the month's digits {field['month']} % lies on the month as it was written, of the "
        f"day's {field['day']} % on the day; even weights would give {chance['month']:.0f} and "
        f"{chance['day']:.0f} %",
        f"the year have {field['year']} % of theirs on the year, about what even weights would "
        f"give ({chance['year']:.0f} %)",
        f"{dates[0]['before']:.0f} % on the sign *before* the year, in the others "
        f"{dates[1]['before']:.0f} and {dates[2]['before']:.0f} %",
        f"3/4/87 became {dates[0]['short']['3/4/87']}",
        f"Logistic regression gets {told['pictures']['line']:.1f} % right",
        f"16 small patches it's {span(readers['2, mean'])} %, of four large ones "
        f"{span(readers['4, mean'])} %",
        f"gives {span(readers['8, mean'])} %",
        f"{span(readers['2, mean, no places'])} % with small patches. With large ones it's "
        f"{span(readers['4, mean, no places'])} %",
        f"the patches of 2 × 2 give {span(readers['2, joined'])} %",
        f"{span(asked['right'])} % of the answers are right, with {span(asked['weight'], 0)} % of "
        "the weight on the half",
        f"{span(asked['other'])} % say the other digit; {span(asked['still'])} % still the first",
        f"({asked['same']:.1f} %)",
    ):
        assert sentence in text, sentence


def test_the_sayings_are_judged_as_the_numbers_are() -> None:
    """Protects what "may be said": each comparison of the text holds in every training."""
    told = lesson_13_measures()
    readers, line = told["pictures"]["readers"], told["pictures"]["line"]
    assert max(readers["2, mean"]) < line + 1
    assert max(readers["2, mean, no places"]) < min(readers["2, mean"]) - 5
    assert abs(np.mean(readers["2, mean"]) - line) < 1
    assert min(readers["8, mean"]) > line
    assert np.mean(readers["8, mean"]) > np.mean(readers["2, joined"])
    for training in told["dates"]["trainings"]:
        share, even = training["fields"], told["dates"]["chance"]
        assert share["month"] > even["month"] + 15
        assert share["day"] > even["day"] + 15
        assert abs(share["year"] - even["year"]) < 12
    asked = told["question"]
    assert min(asked["weight"]) > 60
    assert max(abs(share - asked["same"]) for share in asked["still"]) < 1


@pytest.mark.parametrize(
    "which", ["dates", "pairs", "pictures", "question", "sound", "names", "spans", "summaries"]
)
def test_the_tables_say_when_they_were_measured(which: str) -> None:
    html = lesson_13_table(which).to_html()
    assert "Measured on 20" in html
    assert html.count("<tr>") >= 3


def test_every_claim_is_judged() -> None:
    assert lesson_13_claims().to_html().count("“") >= 8
