"""Weights in few bits: their histogram, the few values that are left, and what rounding costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend

FloatArray = npt.NDArray[np.floating]

LEFT, TOP, WIDE, HIGH, GAP = 48.0, 44.0, 370.0, 200.0, 70.0
BARS = 210.0
BINS = 81


def quantise(
    w_IO: FloatArray, bits: int
) -> tuple[npt.NDArray[np.int8], FloatArray]:  # fmt: skip
    """Whole numbers for weights, (q (I, O), scale (O,)), a scale for each column.

    A column's largest absolute value gets the largest code, 2^(bits − 1) − 1; ``bits`` from 2 to 8.
    """
    largest = 2 ** (bits - 1) - 1
    largest_O = np.abs(w_IO).max(axis=0)
    scale_O = np.where(largest_O > 0, largest_O / largest, 1.0)
    return np.round(w_IO / scale_O).astype(np.int8), scale_O


def draw_bits(
    w_IO: FloatArray,
    back_IO: FloatArray,
    bits: int,
    name: str,
    accuracy: Mapping[int, float],
) -> Canvas:
    """A matrix before and after rounding, and the model's accuracy at each number of bits.

    back_IO: the matrix that comes back from the codes. accuracy: bits → share that is right, of the
    whole model.
    """
    canvas = Canvas(LEFT + WIDE + GAP + BARS + 40, TOP + HIGH + 78)
    w, back = np.asarray(w_IO, np.float64), np.asarray(back_IO, np.float64)
    most = float(np.abs(w).max()) or 1.0
    edges = np.linspace(-most, most, BINS + 1)
    counts = np.histogram(w, edges)[0] / w.size
    after = np.histogram(np.clip(back, -most, most), edges)[0] / w.size
    top = 1.08 * float(max(counts.max(), after.max()))
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (-most, most), (0, top))
    plot.title(f"the weights of {name}", f"{w.size:,} numbers")
    plot.ticks_x(name="value")
    plot.ticks_y(name="share")
    step = WIDE / BINS
    for place, (before, now) in enumerate(zip(counts, after, strict=True)):
        x = LEFT + place * step
        if now > 0:
            tall = now / top * HIGH
            canvas.rect(x + 0.4, TOP + HIGH - tall, step - 0.8, tall, style.ORANGE)
        if before > 0:
            y = TOP + HIGH - before / top * HIGH
            canvas.path([(x, y), (x + step, y)], style.BLUE, thick=2.2)
    error = float(np.sqrt(np.mean((back - w) ** 2)) / (np.sqrt(np.mean(w**2)) or 1.0))
    levels = 2**bits - 1
    legend(canvas, LEFT, canvas.height - 30, [("line", style.BLUE, "float32"),
           ("box", style.ORANGE, f"back from {bits} bits: {levels} values a column")])  # fmt: skip
    said = f"{w.size * bits / 8000:,.1f} kB for {w.size * 4 / 1000:,.1f} kB"
    said = f"error {error:.1%} of the weights’ size; {said}"
    canvas.text(LEFT, canvas.height - 11, said, bold=True)
    _draw_accuracy(canvas, bits, accuracy)
    canvas.alt = (
        f"{name} in {bits} bits: {levels} values a column, an error of {error:.1%} of the weights’ "
        f"size, {32 / bits:.3g} times less memory; the model with all its matrices in {bits} bits "
        f"has {accuracy[bits]:.1%} right."
    )
    rows = tuple((str(n), f"{share:.1%}") for n, share in sorted(accuracy.items()))
    canvas.table = Table(("bits", "right"), rows)
    return canvas


def _draw_accuracy(canvas: Canvas, bits: int, accuracy: Mapping[int, float]) -> None:
    """The model's accuracy, a bar for each number of bits."""
    left = LEFT + WIDE + GAP
    low = min(0.5, *accuracy.values())
    plot = Plot(canvas, left, TOP, BARS, HIGH, (1.4, 8.6), (low, max(accuracy.values()) + 0.03))
    plot.title("the whole model", "right, validation")
    plot.ticks_y()
    shown = sorted(accuracy)
    plot.ticks_x(shown, [str(n) for n in shown], name="bits a weight")
    for n, share in accuracy.items():
        x, y = (float(v) for v in plot.at(n, share))
        own = n == bits
        canvas.rect(x - 10, y, 20, TOP + HIGH - y, style.ORANGE if own else style.SKY)
        if own:
            canvas.text(
                x, y - 9, f"{100 * share:.1f}", size=style.SMALL, anchor="middle", bold=True
            )
