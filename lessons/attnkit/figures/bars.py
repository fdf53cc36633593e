"""Bars of a sentence, one line for each word: weights, scores, and a guess beside the fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from attnkit import style
from attnkit.figures.labels import widest
from attnkit.style import CourseFigure

FloatArray = npt.NDArray[np.float64]

THICKNESS = 0.68  # of a bar, where the lines of words are 1 apart
LINE = 0.24  # inches from one word to the next
WIDTH = 6.4  # inches of a figure of bars alone


def one_per_word(name: str, values: npt.ArrayLike, tokens: Sequence[str]) -> FloatArray:
    """``values`` as T float64 numbers, one for each of T tokens. Raises ValueError otherwise."""
    wish = f"give one number for each word, shape ({len(tokens)},)"
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"The {name} are not plain numbers: {wish}.") from None
    if numbers.shape != (len(tokens),):
        raise ValueError(
            f"There are {len(tokens)} words, but the {name} have the shape {numbers.shape}: {wish}."
        )
    return numbers


def outline(values_T: FloatArray, thickness: float = THICKNESS, shift: float = 0.0) -> Path:
    """Horizontal bars from 0 to each value as one path; where a value is NaN there is no bar."""
    lines = np.flatnonzero(np.isfinite(values_T))
    end, low = values_T[lines], lines - thickness / 2 + shift
    x_N4 = np.stack([0 * end, end, end, 0 * end], axis=1)
    y_N4 = np.stack([low, low, low + thickness, low + thickness], axis=1)
    return Path.make_compound_path_from_polys(np.stack([x_N4, y_N4], axis=2))


def add_bars(axes: Axes, values_T: FloatArray, **look: Any) -> PathPatch:
    """Bars as one patch, which is quick to redraw when ``set_path`` gives it a new `outline`."""
    where = {key: look.pop(key) for key in ("thickness", "shift") if key in look}
    bars = PathPatch(outline(values_T, **where), **({"linewidth": 0} | look))
    axes.add_patch(bars)
    return bars


def name_lines(axes: Axes, tokens: Sequence[str]) -> None:
    """One line for each word, read from top to bottom."""
    axes.set_yticks(range(len(tokens)), list(tokens))
    axes.set_ylim(len(tokens) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)


def number(value: float) -> str:
    """A number as the figures print it: two digits, a real minus sign, no "−0.00"."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _page(tokens: Sequence[str], title: str) -> tuple[CourseFigure, Axes]:
    """An empty figure of bars, wide enough for its words."""
    height = 1.0 + LINE * len(tokens)
    left = widest(tokens, style.MEDIUM) / 72 + 0.25
    figure = CourseFigure(figsize=(WIDTH, height))
    axes = figure.add_axes(
        (left / WIDTH, 0.5 / height, 1 - (left + 0.45) / WIDTH, 1 - 0.95 / height)
    )
    axes.set_title(title)
    name_lines(axes, tokens)
    return figure, axes


def draw_weights(
    tokens: Sequence[str], s_T: npt.ArrayLike, title: str = "Who gets the attention"
) -> CourseFigure:
    """The attention weights s_T (T,) of a sentence as bars, from the first word down."""
    s_T = one_per_word("weights", s_T, tokens)
    with style.look():
        figure, axes = _page(tokens, title)
        add_bars(axes, s_T, facecolor=style.BLUE)
        longest = max(float(np.nanmax(s_T, initial=0.0)), 1e-9)
        for line, weight in enumerate(s_T):
            axes.text(
                max(weight, 0) + 0.012 * longest, line, number(weight),
                va="center", fontsize=style.SMALL,
            )  # fmt: skip
        axes.set_xlim(min(0.0, float(np.nanmin(s_T, initial=0.0))), 1.1 * longest)
        axes.set_xlabel("attention weight")
    figure.alt = describe_weights(tokens, s_T)
    return figure


def draw_scores(
    tokens: Sequence[str], e_T: npt.ArrayLike, title: str = "The score of each word"
) -> CourseFigure:
    """The raw scores e_T (T,) of a sentence as bars to both sides of 0."""
    e_T = one_per_word("scores", e_T, tokens)
    with style.look():
        figure, axes = _page(tokens, title)
        add_bars(axes, e_T, facecolor=style.SKY)
        reach = max(float(np.nanmax(np.abs(e_T), initial=0.0)), 1e-9)
        for line, score in enumerate(e_T):
            axes.text(
                score + (0.02 if score >= 0 else -0.02) * reach, line, number(score),
                va="center", ha="left" if score >= 0 else "right", fontsize=style.SMALL,
            )  # fmt: skip
        axes.axvline(0, color=style.QUIET, linewidth=0.8)
        axes.set_xlim(-1.25 * reach, 1.25 * reach)
        axes.set_xlabel("score (any number; only differences matter)")
    figure.alt = describe_scores(tokens, e_T)
    return figure


def draw_prediction(
    labels: Sequence[str],
    predicted: npt.ArrayLike,
    actual: npt.ArrayLike,
    title: str = "What you said, and what happens",
    *,
    quantity: str = "attention weight",
) -> CourseFigure:
    """A prediction beside the fact: two bars for each label (a word, or a question).

    ``predicted`` and ``actual`` hold one number for each label; NaN stands for "no prediction".
    """
    guess_N = one_per_word("predictions", predicted, labels)
    fact_N = one_per_word("facts", actual, labels)
    numbers = np.nan_to_num(np.concatenate([guess_N, fact_N]))
    with style.look():
        figure, axes = _page(labels, title)
        figure.set_figheight(figure.get_figheight() + 0.3 + 0.14 * len(labels))
        position = axes.get_position()
        bottom, top = 0.8 / figure.get_figheight(), 1 - 0.45 / figure.get_figheight()
        axes.set_position((position.x0, bottom, position.width, top - bottom))
        guess = add_bars(
            axes, guess_N, thickness=0.32, shift=-0.19, facecolor=style.PAPER,
            edgecolor=style.YELLOW, linewidth=1.4, hatch="////", label="predicted",
        )  # fmt: skip
        fact = add_bars(
            axes, fact_N, thickness=0.32, shift=0.19, facecolor=style.BLUE, label="fact"
        )
        low, high = min(0.0, numbers.min()), max(numbers.max(), 1e-9)
        reach = high - low
        for values, shift in ((guess_N, -0.19), (fact_N, 0.19)):
            for line, value in enumerate(values):
                missing = bool(np.isnan(value))
                beside = (-0.015 if value < 0 else 0.015) * reach + (0.0 if missing else value)
                axes.text(
                    beside, line + shift, "–" if missing else number(value), va="center",
                    ha="left" if missing or value >= 0 else "right", fontsize=style.SMALL,
                )  # fmt: skip
        axes.set_xlim(low - (0.12 * reach if low < 0 else 0), high + 0.12 * reach)
        axes.set_xlabel(quantity)
        figure.legend(
            handles=[guess, fact], loc="lower left", ncols=2, bbox_to_anchor=(position.x0, 0.0),
            borderaxespad=0.4, bbox_transform=figure.transFigure,
        )  # fmt: skip
    figure.alt = describe_prediction(labels, guess_N, fact_N)
    return figure


# --- in words -------------------------------------------------------------------------------------


def describe_weights(tokens: Sequence[str], s_T: npt.ArrayLike, most: int = 3) -> str:
    """One sentence: which words get how much, the ``most`` attended first, equal words as one."""
    s_T = one_per_word("weights", s_T, tokens)
    if len(tokens) == 1:
        return f"“{tokens[0]}”, the only word, gets the weight {number(float(s_T[0]))}."
    if np.ptp(s_T) < 0.005:
        return f"All {len(tokens)} words get the same weight, {number(float(s_T[0]))} each."
    counts = Counter(tokens)
    share = dict.fromkeys(counts, 0.0)
    for token, weight in zip(tokens, s_T, strict=True):
        share[token] += float(weight)
    first = sorted(share, key=lambda token: -share[token])[:most]
    named = [
        f"“{token}”{f' ×{counts[token]}' if counts[token] > 1 else ''} {number(share[token])}"
        for token in first
    ]
    rest = len(tokens) - sum(counts[token] for token in first)
    left = number(float(s_T.sum()) - sum(share[token] for token in first))
    if rest == 0:
        end = ""
    elif rest == 1:
        end = f"; the last word gets {left}"
    else:
        end = f"; the other {rest} words share {left}"
    return f"Attention weights: {', '.join(named)}{end}."


def describe_scores(tokens: Sequence[str], e_T: npt.ArrayLike) -> str:
    """One sentence: the highest and the lowest score, and whose they are."""
    e_T = one_per_word("scores", e_T, tokens)
    if len(tokens) == 1 or np.ptp(e_T) == 0:
        return f"Every word has the score {number(float(e_T[0]))}."
    high, low = int(np.argmax(e_T)), int(np.argmin(e_T))
    return (
        f"Scores run from {number(float(e_T[low]))} (“{tokens[low]}”) "
        f"to {number(float(e_T[high]))} (“{tokens[high]}”)."
    )


def describe_prediction(
    labels: Sequence[str], predicted: npt.ArrayLike, actual: npt.ArrayLike
) -> str:
    """One sentence: each label with the number predicted and the number found."""
    guess_N = one_per_word("predictions", predicted, labels)
    fact_N = one_per_word("facts", actual, labels)
    parts = [
        f"“{label}” {'nothing' if np.isnan(guess) else number(float(guess))} predicted, "
        f"{number(float(fact))} found"
        for label, guess, fact in zip(labels, guess_N, fact_N, strict=True)
    ]
    return f"Prediction and fact: {'; '.join(parts)}."
