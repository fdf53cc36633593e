"""Lesson 14's panels: attention over a help desk's answers, its threshold, an index, a history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.bank import draw_bank
from attnkit.figures.canvas import Canvas
from attnkit.figures.projects import Sorted, draw_desk, draw_history, draw_index
from attnkit.normalising import softmax
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, same
from attnkit.panels.touch import Cells

Function = Callable[..., Any]
FloatArray = npt.NDArray[np.float64]

HUMAN = "human"
SHOWN = 10  # places of a list
BUSY = 6  # reports on one day, from which on the day is marked
LONGEST = 14  # items of a history that are shown
SHARPEST = 10  # β goes from 1 to 2 to the power of this


def bank_panel(
    weigh: Function,
    bank_ND: npt.ArrayLike,
    answers: Sequence[str],
    asked: Mapping[str, tuple[npt.ArrayLike, int | None]],
) -> PicturePanel:
    """A question to be chosen, and β, for attention over a bank of answers by the learner's code.

    ``weigh(q_D, beta) -> w_N``, a weight for each answer: the softmax of β times the cosines.
    bank_ND: the answers' vectors, of length 1. asked: for each question its vector, of length 1,
    and the row of its answer, or None where nothing answers it.
    """
    bank = np.asarray(bank_ND, np.float64)

    def picture(question: str, doublings: int) -> Canvas | tuple[Canvas, str]:
        q_D, right = asked[question]
        beta = float(2**doublings)
        cos_N = bank @ np.asarray(q_D, np.float64)
        name = name_of(weigh)
        w_N = np.asarray(call(weigh, np.asarray(q_D), beta))
        if w_N.shape != cos_N.shape:
            raise NoPictureError(
                f"{name} gives the shape {w_N.shape}, but there are {len(cos_N)} answers."
            )
        if not np.isfinite(w_N.astype(float)).all():
            raise NoPictureError(f"{name} gives weights that are nan or infinite.")
        canvas = draw_bank(question, answers, cos_N, w_N, beta, right)
        if same(w_N, softmax(beta * cos_N)):
            return canvas, f"✓ {name} gives the softmax of β times the cosines."
        return canvas, f"▲ {name} gives other weights than the softmax of β times the cosines."

    knobs: list[AnyKnob] = [
        Choice("question", "question", {text: text for text in asked}, next(iter(asked))),
        Knob("doublings", "β = 2 to the", 0, SHARPEST, 1, 4),
    ]
    return PicturePanel(knobs, picture)


def desk_panel(
    route: Function,
    bank_ND: npt.ArrayLike,
    labels: Sequence[str],
    asked: Mapping[str, tuple[npt.ArrayLike, Sequence[str] | None]],
    tau: float = 0.5,
) -> PicturePanel:
    """A threshold for the learner's ``route``, and what becomes of each kind of question.

    asked: for each kind the questions' vectors, and the labels of their answers, or None where
    nothing answers them.
    """
    bank, own = np.asarray(bank_ND), list(labels)

    def picture(tau: float) -> Canvas:
        kinds = []
        for name, (q_BD, answers) in asked.items():
            given = call(route, np.asarray(q_BD), bank, own, tau)
            if not isinstance(given, list) or len(given) != len(np.asarray(q_BD)):
                raise NoPictureError(f"{name_of(route)} should return a list of labels.")
            human = sum(label == HUMAN for label in given)
            right = (
                0
                if answers is None
                else sum(said == fact for said, fact in zip(given, answers, strict=True))
            )
            wrong = len(given) - human - right
            kinds.append(Sorted(name, right, wrong, human, answers is not None))
        return draw_desk(kinds, tau)

    return PicturePanel([Knob("tau", "threshold τ", 0.0, 1.0, 0.015625, tau)], picture)


def index_panel(
    daily_index: Function,
    day_N: npt.ArrayLike,
    score_N: npt.ArrayLike,
    mood_T: npt.ArrayLike,
    changes: Sequence[tuple[int, str]],
    reports_N: npt.ArrayLike | None = None,
) -> PicturePanel:
    """The learner's ``daily_index`` with a half-life to be chosen, over the mood that it follows.

    reports_N: whether each headline came with a firm's report; days with many are marked.
    """
    days, scores, mood = np.asarray(day_N), np.asarray(score_N, float), np.asarray(mood_T, float)
    counts = np.bincount(
        days[np.asarray(reports_N, bool)] if reports_N is not None else days[:0],
        minlength=len(mood),
    )
    busy = np.flatnonzero(counts >= BUSY).tolist()

    def picture(halflife: float) -> Canvas:
        index = np.asarray(call(daily_index, days, scores, len(mood), halflife))
        if index.shape != mood.shape:
            raise NoPictureError(
                f"{name_of(daily_index)} gives the shape {index.shape}, but there are "
                f"{len(mood)} days."
            )
        if not np.isfinite(index.astype(float)).all():
            raise NoPictureError(f"{name_of(daily_index)} gives nan or infinity on some days.")
        return draw_index(index, mood, changes, halflife, busy)

    return PicturePanel([Knob("halflife", "half-life in days", 0.5, 32.5, 0.5, 5.0)], picture)


def history_panel(
    scores: Function, history: Sequence[int], names: Sequence[str], seen: Sequence[int] = ()
) -> PicturePanel:
    """A history of which an item can be left out, by a click or a slider, and what follows then.

    ``scores(histories) -> (B, items)``, scores of all items after each of B histories. names: what
    items are called. seen: items that aren't recommended, besides those of the history.
    """
    shown = list(history)[-LONGEST:]
    earlier = list(history)[: len(history) - len(shown)]
    out = sorted({0, *history, *seen})

    @lru_cache(maxsize=1)
    def ranked() -> tuple[npt.NDArray[np.int_], FloatArray]:
        """Item numbers by place, with all items and without each of them; and what each changes."""
        without = [[*earlier, *shown[:n], *shown[n + 1 :]] for n in range(len(shown))]
        z_RN = np.asarray(call(scores, [[*earlier, *shown], *without]), float).copy()
        z_RN[:, out] = -np.inf
        order_RN = np.argsort(-z_RN, axis=1, kind="stable")
        first = set(order_RN[0, :SHOWN].tolist())
        gone = [len(first - set(row[:SHOWN].tolist())) / SHOWN for row in order_RN[1:]]
        return order_RN, np.array(gone)

    def picture(dropped: int) -> Canvas:
        order_RN, effect = ranked()
        place_N = np.argsort(order_RN[0])
        now = [
            (names[item], int(place_N[item]) + 1, place + 1)
            for place, item in enumerate(order_RN[dropped, :SHOWN].tolist())
        ]
        return draw_history([names[item] for item in shown], dropped - 1, now, effect)

    def clicked(_: int, key: int) -> None:
        panel.set(dropped=0 if panel.params["dropped"] == key + 1 else key + 1)

    knobs: list[AnyKnob] = [Knob("dropped", "item left out (0: none)", 0, len(shown), 1, 0)]
    panel = PicturePanel(knobs, picture, Cells(clicked, shows="leaves it out, or puts it back"))
    return panel
