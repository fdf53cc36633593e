"""What the commands show on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attnkit import style
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.classifying.evaluate import Evaluation

PRAISED = ("blame", "praise")
STRONGEST = 0.6  # of a ground: dark words on it can be read, as in the notebooks' strips


def show_evaluation(found: Evaluation, console: Console) -> None:
    """Accuracies beside the baselines', the confusion matrix, the calibration."""
    for note in found.notes:
        console.print(note, style="yellow", markup=False, highlight=False, soft_wrap=True)
    table = Table(title=f"{found.texts:,} reviews of {found.data}", title_justify="left")
    for name, justify in (("", "left"), ("accuracy", "right"), ("95 % interval", "right"),
                          ("F1", "right")):  # fmt: skip
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for place, each in enumerate(found.scores):
        table.add_row(
            each.name,
            f"{each.accuracy:.1%}",
            f"{each.low:.1%} – {each.high:.1%}",
            f"{each.f1:.3f}",
            style="bold" if place == 0 else "",
        )
    console.print(table)
    table = Table(title="What this model calls them", title_justify="left")
    table.add_column("")
    for name in PRAISED:
        table.add_column(f"called {name}", justify="right")
    for name, row in zip(PRAISED, found.confusion, strict=True):
        table.add_row(f"is {name}", *(f"{count:,}" for count in row))
    console.print(table)
    table = Table(
        title=f"Calibration: when it says so, how often is it praise? (error {found.ece:.3f})",
        title_justify="left",
    )
    for name in ("probability", "reviews", "it says", "it is"):
        table.add_column(name, justify="right")
    for one in found.bins:
        table.add_row(
            f"{one.low:.1f} – {one.high:.1f}",
            f"{one.count:,}",
            f"{one.confidence:.1%}",
            f"{one.praise:.1%}",
        )
    console.print(table)


def verdict(p: float) -> str:
    """ "praise (93 %)" or "blame (93 %)": never more certain than it is"""
    sure = max(p, 1 - p)
    percent = "more than 99.9" if sure > 0.999 else f"{100 * sure:.3g}"
    return f"{PRAISED[p >= 0.5]} ({percent} %)"


def heat_strip(words: Sequence[str], w_HT: npt.NDArray[np.floating], console: Console) -> None:
    """The words once for each head, each on a ground as strong as its weight.

    As in the notebooks' strip: a square-root scale from 0 to the head's greatest weight. The
    three greatest weights stand beside their words, so that colours are not needed.
    """
    for h, w_T in enumerate(np.asarray(w_HT, np.float64), start=1):
        line = Text(f"head {h}  ", style="bold")
        most, named = max(float(w_T.max()), 1e-9), np.argsort(-w_T, kind="stable")[:3]
        for t, (word, weight) in enumerate(zip(words, w_T, strict=True)):
            ground = _tint(STRONGEST * float(np.sqrt(weight / most)))
            says = f" {word} {weight:.2f} " if t in named else f" {word} "
            if line.cell_len + len(says) > console.width and line.cell_len > len("head 1  "):
                console.print(line, soft_wrap=True)
                line = Text("        ")
            line.append(says, style=f"not bold {style.INK} on {ground}")
            line.append(" ", style="not bold")
        console.print(line, soft_wrap=True)


def _tint(strength: float) -> str:
    """The colour of attention laid on white paper so strongly."""
    blue = (int(style.BLUE[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + strength * (part - 255)):02x}" for part in blue)
