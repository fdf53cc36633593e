"""What a model says at home and in another field: two rows of histograms over one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend

FloatArray = npt.NDArray[np.float64]

LEFT, TOP, WIDE, HALF, GAP = 56.0, 44.0, 430.0, 56.0, 52.0
BINS = 36


@dataclass(frozen=True)
class Field:
    """Texts of a field: what a model says of each, above 0 for good, and their labels, 0 or 1."""

    name: str
    z_N: FloatArray
    y_N: npt.NDArray[np.int_]

    @property
    def right(self) -> float:
        return float(np.mean((self.z_N > 0) == (self.y_N == 1)))

    @property
    def half(self) -> float:
        """Half of the 95 % interval of `right`."""
        return float(1.96 * np.sqrt(self.right * (1 - self.right) / len(self.z_N)))

    @property
    def above(self) -> float:
        """How often a good text, drawn by chance, has more than a bad one (the area under ROC)."""
        good, bad = self.z_N[self.y_N == 1], np.sort(self.z_N[self.y_N == 0])
        under = np.searchsorted(bad, good, "left") + np.searchsorted(bad, good, "right")
        return float(under.mean() / 2 / len(bad))


def draw_domains(home: Field, away: Field, names: tuple[str, str] = ("bad", "good")) -> Canvas:
    """Logits in two fields: good texts point up, bad ones down, wrong answers are hatched."""
    canvas = Canvas(LEFT + WIDE + 196, TOP + 4 * HALF + GAP + 74)
    most = max(float(np.quantile(np.abs(each.z_N), 0.98)) for each in (home, away)) or 1.0
    for row, each in enumerate((home, away)):
        top = TOP + row * (2 * HALF + GAP)
        plot = Plot(canvas, LEFT, top, WIDE, 2 * HALF, (-most, most), (-1.05, 1.05))
        plot.title(each.name, f"{len(each.z_N):,} texts")
        _draw_field(plot, each, most, names)
        left = LEFT + WIDE + 22
        for line, (what, value) in enumerate(
            (
                ("right", f"{each.right:.1%} ± {100 * each.half:.1f}"),
                (f"called {names[1]}", f"{np.mean(each.z_N > 0):.0%}"),
                (f"{names[1]} above {names[0]}", f"{each.above:.0%}"),
            )
        ):
            y = top + HALF - 18 + 18 * line
            canvas.text(left, y, what, size=style.SMALL)
            canvas.text(left + 160, y, value, anchor="end", bold=line == 0)
        plot.ticks_x(name="what the model says (logit)" if row else "")
    keys = [("box", style.BLUE, "right"), ("hatch", style.ORANGE, "wrong")]
    legend(canvas, LEFT, canvas.height - 14, keys)
    canvas.alt = " ".join(
        f"{each.name[0].upper()}{each.name[1:]}: {each.right:.1%} of {len(each.z_N):,} right, "
        f"{np.mean(each.z_N > 0):.0%} called {names[1]}; a {names[1]} text has more than a "
        f"{names[0]} one in {each.above:.0%}."
        for each in (home, away)
    )
    canvas.table = Table(
        ("field", "texts", "right", f"called {names[1]}", f"{names[1]} above {names[0]}"),
        tuple(
            (each.name, f"{len(each.z_N):,}", f"{each.right:.1%}", f"{np.mean(each.z_N > 0):.0%}",
             f"{each.above:.0%}") for each in (home, away)
        ),
    )  # fmt: skip
    return canvas


def _draw_field(plot: Plot, field: Field, most: float, names: tuple[str, str]) -> None:
    canvas = plot.canvas
    edges = np.linspace(-most, most, BINS + 1)
    z_N = np.clip(field.z_N, -most, most)
    counts = [np.histogram(z_N[field.y_N == label], edges)[0] for label in (0, 1)]
    tallest = max(int(each.max()) for each in counts) or 1
    middle, step = float(plot.at(0, 0)[1]), WIDE / BINS
    for label, way in ((1, -1), (0, 1)):
        for place, count in enumerate(counts[label]):
            tall = count / tallest * HALF * 0.94
            wrong = (place >= BINS // 2) != (label == 1)
            x, top = LEFT + place * step + 0.5, middle - tall if way < 0 else middle
            canvas.rect(x, top, step - 1, tall, style.ORANGE if wrong else style.BLUE)
            if wrong and tall > 3:
                canvas.hatch(x, top, step - 1, tall, style.PAPER, 4)
        canvas.text(LEFT - 12, middle + way * HALF / 2, names[label], size=style.SMALL,
                    anchor="middle", turn=90)  # fmt: skip
    canvas.path([(LEFT, middle), (LEFT + WIDE, middle)], style.QUIET, thick=0.8)
    x = float(plot.at(0, 0)[0])
    canvas.path([(x, plot.top - 2), (x, plot.top + 2 * HALF)], style.INK, thick=1.6)
