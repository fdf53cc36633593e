"""A training on one page: losses and accuracies epoch by epoch, beside other measured runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Plot, Table, legend

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HIGH, GAP = 52.0, 44.0, 270.0, 190.0, 70.0


def _curve(history: Mapping[str, Any], name: str) -> FloatArray:
    return np.asarray(history.get(name, ()), dtype=np.float64).reshape(-1)


def draw_training(
    history: Mapping[str, Any], others: Sequence[Mapping[str, Any]] = (), *, title: str = "",
    seconds: float | None = None,
) -> Canvas:  # fmt: skip
    """Loss and accuracy of one run, epoch by epoch, on training and validation data.

    ``history`` is as Keras gives it: ``loss``, ``val_loss``, ``accuracy``, ``val_accuracy``, each a
    list with one number for each epoch (any may be missing). ``others`` are histories of other
    runs, drawn faintly behind on the same scales. The best epoch is the one of least ``val_loss``.
    """
    runs = [history, *others]
    epochs = max((len(_curve(run, key)) for run in runs for key in run), default=0)
    if epochs == 0:
        raise ValueError("There is no epoch in this history: train for one at least.")
    canvas = Canvas(LEFT + 2 * WIDE + GAP + 90, TOP + HIGH + 66)
    told = []
    best = int(np.argmin(_curve(history, "val_loss"))) if len(_curve(history, "val_loss")) else -1
    for place, (name, low) in enumerate((("loss", 0.0), ("accuracy", 0.5))):
        drawn = [_curve(run, key) for run in runs for key in (name, f"val_{name}")]
        values = np.concatenate([*drawn, [low]])
        values = values[np.isfinite(values)]
        top = 1.0 if name == "accuracy" else 1.08 * float(values.max())
        floor = min(low, float(values.min()) - 0.02)
        left = LEFT + place * (WIDE + GAP)
        plot = Plot(canvas, left, TOP, WIDE, HIGH, (0.8, max(epochs, 2) + 0.2), (floor, top))
        plot.title(name, title if place == 0 else "")
        plot.ticks_y()
        every = max(1, -(-epochs // 8))
        marks = list(range(1, epochs + 1, every))
        plot.ticks_x(marks, map(str, marks), name="epoch")
        for run in others:
            faint = _curve(run, f"val_{name}")
            plot.curve(np.arange(1, len(faint) + 1), faint, style.GREY, thick=1, alpha=0.6)
        ends: list[float] = []
        for key, colour, dash in ((name, style.SKY, True), (f"val_{name}", style.BLUE, False)):
            curve = _curve(history, key)
            if not len(curve):
                continue
            plot.curve(np.arange(1, len(curve) + 1), curve, colour, thick=2.2, dash=dash)
            x, y = plot.at(len(curve), curve[-1])
            y = y if all(abs(y - end) > 12 for end in ends) else max(ends) + 12
            ends.append(y)
            canvas.text(x + 6, y, number(float(curve[-1])), size=style.SMALL)
        validated = _curve(history, f"val_{name}")
        if best >= 0 and best < len(validated):
            x, y = plot.at(best + 1, validated[best])
            canvas.dot(x, y, 5.5, style.ORANGE, line=style.PAPER, thick=1.2)
            told.append(f"{name} {number(float(validated[best]))}")
    keys = [("dash", style.SKY, "training"), ("line", style.BLUE, "validation")]
    if best >= 0:
        keys.append(("dot", style.ORANGE, "epoch of least validation loss"))
    if others:
        keys.append(("line", style.GREY, "other runs, validation"))
    end = legend(canvas, LEFT, canvas.height - 14, keys)
    if seconds is not None:
        canvas.text(
            end,
            canvas.height - 14,
            f"trained in {seconds:.3g} s",
            size=style.SMALL,
            colour=style.QUIET,
        )
    start = f"{title[0].upper()}{title[1:]}: " if title else ""
    if told:
        canvas.alt = (
            f"{start}least validation loss in epoch {best + 1}, validation {', '.join(told)}."
        )
    else:
        canvas.alt = f"{start}{epochs} epochs, without validation data."
    names = [key for key in ("loss", "val_loss", "accuracy", "val_accuracy") if key in history]
    rows = []
    for epoch in range(max(len(_curve(history, key)) for key in names) if names else 0):
        cells = [_curve(history, key) for key in names]
        rows.append(
            (str(epoch + 1), *(f"{c[epoch]:.4f}" if epoch < len(c) else "–" for c in cells))
        )
    canvas.table = Table(("epoch", *names), tuple(rows))
    return canvas
