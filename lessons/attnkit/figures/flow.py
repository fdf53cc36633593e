"""The whole way of a batch through an encoder: one stream, and what each step adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Table, legend
from attnkit.figures.labels import widest

Kind = Literal["each", "all", "add", "in"]

STREAM, BRANCH, WIDE, HIGH = 92.0, 168.0, 250.0, 25.0  # points: lines' places, boxes' sizes
SHAPES, HERE, PITCH, TOP, MARGIN = 446.0, 522.0, 36.0, 26.0, 16.0
AROUND = 10.0  # points: room above and below the block's frame
#: A step's ground and how strong it is: what the step acts on.
GROUND: Mapping[Kind, tuple[str, float]] = {
    "each": (style.SKY, 0.2), "all": (style.BLUE, 0.5), "in": (style.GREY, 0.3)
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step: what it does, and the shape of what comes out, in letters and in numbers."""

    kind: Kind
    says: str
    letters: str
    numbers: tuple[int, ...]

    @property
    def shape(self) -> str:
        return f"({', '.join(map(str, self.numbers))})"


def draw_data_flow(
    x_BTD: npt.ArrayLike,
    params: Mapping[str, npt.ArrayLike],
    H: int,
    *,
    words: Sequence[str] | None = None,
    blocks: int = 1,
) -> Canvas:
    """From words to one vector for each sentence: an encoder's steps, each with its shape.

    x_BTD: a batch of embedded sentences; params: those of a block, of which W1 says how wide it is
    inside; H: the number of heads. ``words`` are those of the first sentence, ``blocks`` how many
    blocks there are, one after the other. Raises ValueError for shapes that don't fit.
    """
    shape = np.shape(x_BTD)
    if len(shape) != 3:
        raise ValueError(f"A batch has the shape (B, T, D), and this one {shape}.")
    inside = np.shape(params["W1"])
    if len(inside) != 2 or inside[0] != shape[2] or shape[2] % H:
        raise ValueError(
            f"x_BTD has the shape {shape}, W1 {inside}, and there are {H} heads: W1 should have D "
            "rows, and H should divide D."
        )
    before, block, after = _steps((shape[0], shape[1], shape[2]), H, inside[1])
    steps = [*before, *block, *after]
    longest = widest([step.shape for step in steps], style.SMALL)
    canvas = Canvas(HERE + longest + 2 * MARGIN, TOP + PITCH * len(steps) + 2 * AROUND + 50)
    first, end = len(before), len(before) + len(block)
    places = [
        TOP + PITCH * (row + 0.5) + AROUND * ((row >= first) + (row >= end))
        for row in range(len(steps))
    ]
    _frame_block(canvas, places[first], places[end - 1], blocks)
    canvas.path([(STREAM, places[0]), (STREAM, places[-1])], style.INK, thick=2.4)
    leaves = first
    for row, (step, y) in enumerate(zip(steps, places, strict=True)):
        _draw_step(canvas, step, y, on_stream=not first <= row < end)
        if step.kind == "add":
            _draw_branch(canvas, places[leaves], y)
            leaves = row + 1
    for x, name in ((SHAPES, "shape"), (HERE, "here")):
        canvas.text(x, TOP - 8, name, size=style.SMALL, colour=style.QUIET)
    if words is not None:
        shown = " ".join(words) if len(words) < 9 else " ".join([*words[:8], "…"])
        said = f"“{shown}”"
        canvas.text(STREAM - 20, TOP - 8, said, size=style.SMALL, colour=style.QUIET)
    signs = [
        ("box", style.BLUE, "words look at each other"),
        ("box", style.SKY, "each word by itself"),
        ("ring", style.ORANGE, "is added to what was there"),
    ]
    legend(canvas, MARGIN, canvas.height - 16, signs)
    canvas.alt = _in_words(steps, shape[1], blocks)
    rows = tuple((step.says, f"({', '.join(step.letters)})", step.shape) for step in steps)
    canvas.table = Table(("step, from top to bottom", "shape", "here"), rows)
    return canvas


def _steps(
    shape: tuple[int, int, int], H: int, F: int
) -> tuple[list[Step], list[Step], list[Step]]:
    """The steps before the block, in it, and after it."""
    B, T, D = shape
    K = D // H
    before = [
        Step("in", "words become ids", "BT", (B, T)),
        Step("in", "each id fetches its vector", "BTD", (B, T, D)),
        Step("in", "plus a vector for its place", "BTD", (B, T, D)),
    ]
    block = [
        Step("each", "layer norm", "BTD", (B, T, D)),
        Step("each", "W_q, W_k, W_v, cut into heads", "BHTK", (B, H, T, K)),
        Step("all", "q · k / √K, mask, softmax", "BHTT", (B, H, T, T)),
        Step("all", "weights × v", "BHTK", (B, H, T, K)),
        Step("each", "heads merged, times W_o", "BTD", (B, T, D)),
        Step("add", "", "BTD", (B, T, D)),
        Step("each", "layer norm", "BTD", (B, T, D)),
        Step("each", "W_1, then max(0, ·)", "BTF", (B, T, F)),
        Step("each", "W_2", "BTD", (B, T, D)),
        Step("add", "", "BTD", (B, T, D)),
    ]
    after = [
        Step("each", "final layer norm", "BTD", (B, T, D)),
        Step("all", "words become one vector", "BD", (B, D)),
    ]
    return before, block, after


def _frame_block(canvas: Canvas, first: float, last: float, blocks: int) -> None:
    top, high = first - PITCH / 2 - AROUND / 2, last - first + PITCH + AROUND
    wide = canvas.width - 2 * MARGIN
    canvas.rect(MARGIN, top, wide, high, None, line=style.QUIET, dash=True, round=8)
    times = f"one block, × {blocks}" if blocks > 1 else "one block"
    canvas.text(MARGIN + 14, top + high / 2, times, size=style.SMALL, colour=style.QUIET,
                anchor="middle", turn=90)  # fmt: skip


def _draw_step(canvas: Canvas, step: Step, y: float, on_stream: bool) -> None:
    letters = f"({', '.join(step.letters)})"
    canvas.text(SHAPES, y, letters, size=style.MEDIUM)
    canvas.text(HERE, y, step.shape, size=style.SMALL, colour=style.QUIET)
    if step.kind == "add":
        canvas.dot(STREAM, y, 9, style.PAPER, line=style.ORANGE, thick=1.8)
        canvas.text(STREAM, y, "+", colour=style.ORANGE, anchor="middle", bold=True)
        return
    left = STREAM - 20 if on_stream else BRANCH
    ground, strength = GROUND[step.kind]
    canvas.rect(left, y - HIGH / 2, WIDE, HIGH, style.PAPER, round=5)
    canvas.rect(left, y - HIGH / 2, WIDE, HIGH, ground, alpha=strength, round=5)
    canvas.rect(left, y - HIGH / 2, WIDE, HIGH, None, line=ground, round=5)
    canvas.text(left + WIDE / 2, y, step.says, anchor="middle")


def _draw_branch(canvas: Canvas, first: float, end: float) -> None:
    """The way that leaves the stream above its first step, and comes back where it is added."""
    out, middle = first - PITCH / 2, BRANCH + 24
    canvas.path([(STREAM, out), (middle, out)], style.INK, thick=1.4)
    canvas.arrow((middle, out), (middle, first - HIGH / 2), style.INK, thick=1.4, head=6)
    for y in np.arange(first, end - PITCH - 1e-6, PITCH):
        start, stop = (middle, y + HIGH / 2), (middle, y + PITCH - HIGH / 2)
        canvas.arrow(start, stop, style.INK, thick=1.4, head=6)
    canvas.path([(middle, end - PITCH + HIGH / 2), (middle, end)], style.INK, thick=1.4)
    canvas.arrow((middle, end), (STREAM + 10, end), style.INK, thick=1.4, head=7)


def _in_words(steps: Sequence[Step], T: int, blocks: int) -> str:
    inside = next(step for step in steps if step.letters == "BHTT")
    many = f"{blocks} blocks" if blocks > 1 else "one block"
    return (
        f"The way of a batch through an encoder of {many}, from ids {steps[0].shape} to one vector "
        f"for each sentence {steps[-1].shape}. A stream of the shape {steps[1].shape} runs through "
        f"it, and each block adds to it twice: what its heads bring, by weights of the shape "
        f"{inside.shape}, each word looking at all {T}; then what two matrices make of each word "
        "by itself."
    )
