"""Lesson 14's panels: what they count, draw and say, and what becomes of a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attnkit.panels import bank_panel, desk_panel, history_panel, index_panel, touch

from tests.unit.gallery import bank, faded, nearest

BANK = np.eye(3)
ASKED = {
    "with an answer": (np.array([[1, 0.1, 0], [0.9, 1, 0], [0, 0.2, 1]]), ["a", "a", "c"]),
    "far": (np.array([[1.0, 1, 1]]), None),
}


def test_the_bank_panel_gathers_the_weight_as_beta_grows() -> None:
    """Protects the slider: its picture moves, by the learner's weights, and tells wrong ones."""
    panel = bank()
    panel.set(doublings=0)
    said = panel.static().alt
    assert "At β = 1 the nearest answer gets 0.0" in said
    assert "Its own answer is in place 1." in said
    panel.set(doublings=10)
    assert "At β = 1024 the nearest answer gets 1.00" in panel.static().alt
    assert "as undecided as among one alone" in panel.static().alt
    assert "✓ sharpened gives the softmax" in panel._picture.value
    panel.set(question="And who doesn't?")
    assert "Nothing in the bank answers it." in panel.static().alt

    def flat(q_D: Any, beta: float) -> Any:
        return np.full(3, 1 / 3)

    def lost(q_D: Any, beta: float) -> Any:
        return np.full(3, np.nan)

    asked: dict[str, tuple[Any, int | None]] = {"which?": (np.array([0.6, 0.8, 0]), 1)}
    wrong = bank_panel(flat, BANK, ["a", "b", "c"], asked)
    assert "▲ flat gives other weights" in wrong._picture.value
    assert "nan" in bank_panel(lost, BANK, ["a", "b", "c"], asked).static().alt
    few = bank_panel(lambda q, beta: flat(q, beta)[:2], BANK, ["a", "b", "c"], asked)
    assert "gives the shape (2,), but there are 3 answers" in few.static().alt


def test_the_desk_panel_counts_both_mistakes() -> None:
    panel = desk_panel(nearest, BANK, ["a", "b", "c"], ASKED, tau=0.5)
    said = panel.static().alt
    assert "With an answer: 100% answered, of these 67% rightly; 0% to a human." in said
    assert "Far: 100% let through" in said
    panel.set(tau=0.75)
    assert "With an answer: 67% answered, of these 100% rightly; 33% to a human." in (
        panel.static().alt
    )
    assert "Far: 0% let through, 100% to a human." in panel.static().alt

    def stub(*_: Any) -> Any:
        raise NotImplementedError

    assert "stub is not written yet" in desk_panel(stub, BANK, ["a"], ASKED).static().alt
    none = desk_panel(lambda *_: np.array(["a"]), BANK, ["a"], ASKED)
    assert "should return a list of labels" in none.static().alt


def test_the_index_panel_draws_the_learners_index() -> None:
    day_N, mood_T = np.array([0, 0, 4, 9]), np.full(12, 0.5)
    panel = index_panel(faded, day_N, np.full(4, 0.5), mood_T, ((0, "calm"), (6, "gloom")))
    assert "lies 0.00 from the mood" in panel.static().alt
    assert "gloom from day 6" in panel.static().alt
    wrong = index_panel(lambda *_: np.full(3, 0.1), day_N, day_N, mood_T, ())
    assert "gives the shape (3,), but there are 12 days" in wrong.static().alt
    lost = index_panel(lambda *_: np.full(12, np.nan), day_N, day_N, mood_T, ())
    assert "nan" in lost.static().alt


def test_an_item_can_be_left_out_and_put_back() -> None:
    """Protects the history panel: each item likes its successor best, the last one the most."""

    def scores(histories: Sequence[Sequence[int]]) -> Any:
        z_BN = np.tile(-0.01 * np.arange(30.0), (len(histories), 1))
        for b, history in enumerate(histories):
            for place, item in enumerate(history):
                z_BN[b, (item + 1) % 30] += 1 + place
        return z_BN

    names = ["", *(f"film {n}" for n in range(1, 30))]
    panel = history_panel(scores, [3, 7, 12], names)
    assert "With all items, the first are film 13, film 8, film 4;" in panel.static().alt
    panel.set(dropped=3)
    assert "Without item 3, film 12, the first are film 8, film 4" in panel.static().alt
    assert "film 12" not in panel.static().alt.partition("the first are")[2]
    assert isinstance(panel._touched, touch.Cells)
    panel._touched.pick(0, 2)  # a click on what is left out
    assert panel.params == {"dropped": 0}
    assert "With all items" in panel.static().alt
    panel._touched.pick(0, 1)
    assert "Without item 2, film 7" in panel.static().alt
