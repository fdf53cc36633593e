"""Attention as a memory: a noisy digit asks, and the stored digits answer by their weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Rgb, Table, legend
from attnkit.normalising import softmax

FloatArray = npt.NDArray[np.float64]

SIDE, GAP, LEFT = 58.0, 10.0, 20.0
BARS = 110.0
SEED = 11


@lru_cache(maxsize=1)
def stored_digits() -> FloatArray:
    """Ten handwritten digits, the first of each kind, (10, 64): mean 0 and length 8, as ±1 have.

    From the digits that scikit-learn ships.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    first = [int(np.flatnonzero(digits.target == kind)[0]) for kind in range(10)]
    patterns = digits.data[first].astype(np.float64)
    patterns -= patterns.mean(axis=1, keepdims=True)
    patterns *= 8 / np.linalg.norm(patterns, axis=1, keepdims=True)
    patterns.setflags(write=False)
    return patterns


def noisy(digit: int, noise: float) -> FloatArray:
    """A stored digit (64,) with normal noise of this standard deviation, always the same draw."""
    rng = np.random.default_rng(SEED + digit)
    return stored_digits()[digit] + noise * rng.normal(size=64)


def weights_of(probe_D: npt.ArrayLike, beta: float) -> FloatArray:
    """What softmax(β ξ·x) gives each stored digit ξ for a probe x: (10,)."""
    weights: FloatArray = softmax(beta * stored_digits() @ np.asarray(probe_D, dtype=np.float64))
    return weights


def recalled(probe_D: npt.ArrayLike, beta: float, steps: int) -> FloatArray:
    """The mean of the stored digits by these weights, ``steps`` times over."""
    state = np.array(probe_D, dtype=np.float64)
    for _ in range(steps):
        state = np.average(stored_digits(), axis=0, weights=weights_of(state, beta))
    return state


def _ink(pattern_D: FloatArray) -> Rgb:
    """A pattern as a picture in grey, dark ink on white: (8, 8, 3)."""
    level = np.clip((np.nan_to_num(pattern_D) + 1) / 3.4, 0, 1).reshape(8, 8)
    grey: Rgb = (255 * (1 - 0.88 * level)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def draw_recall(
    digit: int, noise: float, beta: float, steps: int, result_D: npt.ArrayLike | None = None
) -> Canvas:
    """A noisy digit, the ten stored ones with their weights, and what is recalled.

    Above, the way of the recall: the digit, the noisy probe, and the state after each step. Below,
    each stored digit with its weight for the probe (light) and for the last state but one (dark).
    ``result_D`` (64,) is a result to show in place of the true one, which then stands beside it.
    """
    probe = noisy(digit, noise)
    states = [recalled(probe, beta, step) for step in range(steps + 1)]
    first, last = weights_of(probe, beta), weights_of(states[max(steps - 1, 0)], beta)
    width = 2 * LEFT + 10 * SIDE + 9 * GAP + 28
    canvas = Canvas(width, 330)

    shown: list[tuple[str, FloatArray]] = [
        ("stored", stored_digits()[digit]),
        ("with noise", probe),
    ]
    middle = [(f"step {step}", states[step]) for step in range(1, steps + 1)]
    if len(middle) > 4:
        middle = [*middle[:2], *middle[-2:]]
    if result_D is not None and steps >= 0:
        middle = [*middle[-2:], ("your result", np.asarray(result_D, dtype=np.float64))]
    shown += middle
    for place, (name, pattern) in enumerate(shown):
        x = LEFT + 28 + place * (SIDE + 34)
        canvas.text(x + SIDE / 2, 14, name, size=style.SMALL, anchor="middle")
        canvas.image(x, 26, SIDE, SIDE, _ink(pattern))
        edge = style.ORANGE if place == len(shown) - 1 else style.QUIET
        canvas.rect(x, 26, SIDE, SIDE, None, line=edge, thick=2 if edge == style.ORANGE else 0.8)
        if place:
            canvas.arrow((x - 26, 26 + SIDE / 2), (x - 7, 26 + SIDE / 2), style.QUIET, thick=1.4)

    bars = Plot(canvas, LEFT + 28, 128, 10 * SIDE + 9 * GAP, BARS, (0, 1), (0, 1))
    bars.ticks_y([0, 0.5, 1], ["0", "½", "1"])
    canvas.text(LEFT + 28, 110, "how much each stored digit counts", size=style.LARGE)
    for kind in range(10):
        x = LEFT + 28 + kind * (SIDE + GAP)
        for weights, colour, part in ((first, style.SKY, 0), (last, style.BLUE, 1)):
            tall = float(weights[kind]) * BARS
            canvas.rect(x + 6 + part * 24, 128 + BARS - tall, 22, tall, colour)
        canvas.text(x + SIDE / 2, 128 + BARS - float(max(first[kind], last[kind])) * BARS - 8,
                    number(float(last[kind])), size=style.SMALL, anchor="middle")  # fmt: skip
        canvas.image(x + 8, 128 + BARS + 8, SIDE - 16, SIDE - 16, _ink(stored_digits()[kind]))
        if kind == digit:
            canvas.rect(
                x + 6, 128 + BARS + 6, SIDE - 12, SIDE - 12, None, line=style.INK, thick=1.6
            )
    legend(
        canvas,
        LEFT + 28,
        318,
        [
            ("box", style.SKY, "asked by the noisy digit"),
            ("box", style.BLUE, "asked by the state before the last step"),
        ],
    )
    best = int(np.argmax(last))
    nearest = "the right one" if best == digit else f"not {digit}"
    canvas.alt = (
        f"Digit {digit} with noise {number(noise)}, β {beta:g}, {steps} steps: the stored digit "
        f"{best} gets most, {number(float(last[best]))}, which is {nearest}."
    )
    rows = [
        (str(k), f"{a:.3f}", f"{b:.3f}") for k, (a, b) in enumerate(zip(first, last, strict=True))
    ]
    canvas.table = Table(("stored digit", "weight at first", "weight at last"), tuple(rows))
    return canvas
