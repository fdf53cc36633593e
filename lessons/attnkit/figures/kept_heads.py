"""Heads switched on and off: the accuracy of what is left, among all that could be left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HIGH = 56.0, 46.0, 330.0, 220.0
CELL, ROOM = 62.0, 8.0


class HeadPrices:
    """All choices of heads of a model whose logit is a sum over its heads.

    none_N: the logits without any head. each_NH: what each head adds. y_N: labels, 0 or 1.
    """

    def __init__(
        self, none_N: npt.ArrayLike, each_NH: npt.ArrayLike, y_N: npt.ArrayLike
    ) -> None:  # fmt: skip
        none = np.asarray(none_N, dtype=np.float64)
        each = np.asarray(each_NH, dtype=np.float64)
        self.praise = np.asarray(y_N) == 1
        self.H = each.shape[1]
        choices = np.arange(2**self.H)
        self.on = (choices[:, None] >> np.arange(self.H)) & 1  # (2^H, H)
        z = none[:, None] + each @ self.on.T
        self.accuracy: FloatArray = ((z > 0) == self.praise[:, None]).mean(axis=0)
        self.loss: FloatArray = np.logaddexp(0, np.where(self.praise[:, None], -z, z)).mean(axis=0)
        self.kept = self.on.sum(axis=1)

    def number(self, heads: Sequence[int]) -> int:
        """Which choice this is."""
        return sum(1 << h for h in heads)

    @lru_cache(maxsize=512)  # noqa: B019 - lives as long as its panel
    def price(self, choice: int, head: int) -> float:
        """What the loss gains or loses if one more head of this choice goes."""
        return float(self.loss[choice & ~(1 << head)] - self.loss[choice])


def draw_kept_heads(prices: HeadPrices, heads: Sequence[int]) -> Canvas:
    """A choice of heads among all choices: its accuracy, and what each of its heads is worth."""
    H, choice = prices.H, prices.number(heads)
    canvas = Canvas(LEFT + WIDE + 60 + 4 * (CELL + ROOM) + 16, TOP + HIGH + 70)
    low, high = float(prices.accuracy.min()), float(prices.accuracy.max())
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (-0.5, H + 0.5), (low - 0.005, high + 0.005))
    plot.title("accuracy", f"of all {2**H} choices")
    plot.ticks_y()
    plot.ticks_x(list(range(H + 1)), [str(n) for n in range(H + 1)], name="heads kept")
    for n in range(H + 1):
        some = prices.accuracy[prices.kept == n]
        shift = np.linspace(-0.3, 0.3, len(some)) if len(some) > 1 else np.zeros(1)
        for x, y in plot.at(n + shift, some):
            canvas.dot(float(x), float(y), 1.9, style.SKY, alpha=0.75)
        middle = plot.at([n - 0.38, n + 0.38], [float(some.mean())] * 2)
        canvas.path(middle, style.INK, thick=1.6)
    accuracy = float(prices.accuracy[choice])
    x, y = (float(v) for v in plot.at(len(heads), accuracy))
    canvas.dot(x, y, 6.5, style.ORANGE, line=style.PAPER, thick=1.4)
    left = min(x + 10, LEFT + WIDE - 44)
    canvas.rect(left - 3, y - 21, 46, 16, style.PAPER, alpha=0.85, round=3)
    canvas.text(left, y - 13, f"{accuracy:.1%}", bold=True)
    keys = [("dot", style.SKY, "one choice"), ("line", style.INK, "mean: heads by lot"),
            ("dot", style.ORANGE, "yours")]  # fmt: skip
    legend(canvas, LEFT, canvas.height - 14, keys)
    left = LEFT + WIDE + 60
    canvas.text(left, TOP - 14, "heads", size=style.LARGE)
    canvas.text(left + 52, TOP - 14, "and what the loss says if one more goes", size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    told = []
    for h in range(H):
        x, y = left + h % 4 * (CELL + ROOM), TOP + h // 4 * (CELL + ROOM)
        kept = h in heads
        canvas.rect(x, y, CELL, CELL, style.BLUE if kept else None, round=4,
                    line=style.BLUE if kept else style.QUIET, dash=not kept)  # fmt: skip
        colour = style.PAPER if kept else style.QUIET
        canvas.text(x + CELL / 2, y + 20, str(h), size=style.LARGE, anchor="middle", bold=kept,
                    colour=colour)  # fmt: skip
        price = f"{prices.price(choice, h):+.4f}".replace("-", "−") if kept else "off"
        canvas.text(x + CELL / 2, y + 43, price, size=style.SMALL, anchor="middle", colour=colour)
        told.append((f"head {h}", "on" if kept else "off", price))
    under = TOP + -(-H // 4) * (CELL + ROOM) + 18
    same = prices.accuracy[prices.kept == len(heads)]
    for row, (what, value) in enumerate((
        ("accuracy", f"{accuracy:.1%}"),
        (f"mean with {len(heads)} head{'s' if len(heads) != 1 else ''}", f"{same.mean():.1%}"),
        ("with all", f"{prices.accuracy[-1]:.1%}"),
        ("loss", short(float(prices.loss[choice]), 4)),
    )):  # fmt: skip
        canvas.text(left, under + 18 * row, what)
        canvas.text(left + 190, under + 18 * row, value, anchor="end", bold=row == 0)
    names = ", ".join(map(str, heads)) if heads else "none"
    canvas.alt = (
        f"Heads kept: {names}. {accuracy:.1%} right, loss {short(float(prices.loss[choice]), 4)}; "
        f"all choices of {len(heads)} heads have {same.mean():.1%} on average, "
        f"all heads {prices.accuracy[-1]:.1%}."
    )
    canvas.table = Table(("head", "", "loss if it goes"), tuple(told))
    return canvas
