"""Attention over a bank of answers: how the weight gathers on the nearest one as β grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Table
from attnkit.normalising import entr

SHOWN = 8  # answers, nearest first
LETTERS = 58  # of an answer
LEFT, BARS, LINE, TOP = 380.0, 210.0, 24.0, 74.0


def draw_bank(
    question: str,
    answers: Sequence[str],
    cos_N: npt.ArrayLike,
    w_N: npt.ArrayLike,
    beta: float,
    right: int | None = None,
) -> Canvas:
    """The nearest of N answers with their weights, the weight of all others, and the question.

    cos_N: the cosines that the order follows. w_N: the weights. right: the row of the question's
    own answer, or None if nothing answers it.
    """
    cos, w = np.asarray(cos_N, np.float64), np.asarray(w_N, np.float64)
    order = np.argsort(-cos, kind="stable")[:SHOWN].tolist()
    rest = float(w.sum() - w[order].sum())
    like = float(np.exp(entr(w).sum()))  # so many equal weights have the same entropy
    canvas = Canvas(LEFT + BARS + 60, TOP + LINE * (len(order) + 1) + 40)
    canvas.text(16, 22, f"weights of {len(w)} answers at β = {beta:g}", size=style.LARGE)
    canvas.text(16, 46, _short(question, 92), bold=True)
    canvas.text(LEFT - 12, TOP - 8, "cosine", size=style.SMALL, colour=style.QUIET, anchor="end")
    lines = [(answers[row], number(cos[row]), float(w[row]), row == right) for row in order]
    if len(w) > len(order):
        lines.append((f"the {len(w) - len(order)} others together", "", rest, False))
    for place, (text, near, weight, is_right) in enumerate(lines):
        y = TOP + 8 + LINE * place
        own = place < len(order)
        says = f"✓ {text}" if is_right else text
        canvas.text(16, y, _short(says, LETTERS), size=style.SMALL, bold=is_right,
                    colour=style.INK if own else style.QUIET)  # fmt: skip
        canvas.text(LEFT - 12, y, near, size=style.SMALL, colour=style.QUIET, anchor="end")
        width = BARS * max(0.0, min(1.0, weight))
        canvas.rect(LEFT, y - 7, width, 14, style.BLUE if own else style.GREY)
        canvas.text(LEFT + width + 6, y, number(weight), size=style.SMALL)
    foot = "✓ its own answer" if right is not None else "nothing in the bank answers it"
    canvas.text(16, canvas.height - 14, foot, size=style.SMALL, colour=style.QUIET)
    as_many = "one alone" if like < 1.05 else f"{like:.1f} equal ones"
    canvas.text(LEFT, canvas.height - 14, f"as undecided as among {as_many}", size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    canvas.alt = (
        f"At β = {beta:g} the nearest answer gets {number(float(w[order[0]]))} of the weight, "
        f"those that aren't shown {number(rest)}; as undecided as among {as_many}. "
        f"{_where(order, right)}"
    )
    canvas.table = Table(
        ("answer", "cosine", "weight"),
        tuple((text, near or "–", number(weight)) for text, near, weight, _ in lines),
    )
    return canvas


def _where(order: Sequence[int], right: int | None) -> str:
    if right is None:
        return "Nothing in the bank answers it."
    if right in order:
        return f"Its own answer is in place {order.index(right) + 1}."
    return f"Its own answer isn't among the first {len(order)}."


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
