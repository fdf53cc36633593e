"""How large gradients are at each depth of a stack of blocks, with the norm inside or outside."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short

FloatArray = npt.NDArray[np.float64]

DEEPEST, WIDTH, ROWS, SEED = 48, 64, 32, 7
LEFT, TOP, WIDE, HIGH = 66.0, 44.0, 560.0, 240.0


@lru_cache(maxsize=1)
def _random_layers() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Two matrices for each of 48 blocks (Glorot's scale), an input, and a gradient at the end."""
    rng = np.random.default_rng(SEED)
    first = rng.normal(size=(DEEPEST, WIDTH, 4 * WIDTH)) * (2 / (5 * WIDTH)) ** 0.5
    second = rng.normal(size=(DEEPEST, 4 * WIDTH, WIDTH)) * (2 / (5 * WIDTH)) ** 0.5
    return first, second, rng.normal(size=(ROWS, WIDTH)), rng.normal(size=(ROWS, WIDTH))


def _normed(x: FloatArray) -> FloatArray:
    """Each row minus its mean, divided by its standard deviation."""
    from scipy.stats import zscore  # slow to load

    rows: FloatArray = zscore(x, axis=-1)
    return rows


def _back_through_norm(x: FloatArray, gradient: FloatArray) -> FloatArray:
    """A gradient behind (x − mean) / deviation of each row, carried in front of it."""
    deviation = x.std(axis=-1, keepdims=True)
    normed = _normed(x)
    along = (gradient * normed).mean(axis=-1, keepdims=True) * normed
    back: FloatArray = (gradient - gradient.mean(axis=-1, keepdims=True) - along) / deviation
    return back


@lru_cache(maxsize=2 * DEEPEST)
def gradient_sizes(depth: int, norm_first: bool) -> tuple[float, ...]:
    """The size of the gradient in each block's second matrix, from the first block to the last.

    Blocks are x + f(norm(x)) with one more norm at the end, or norm(x + f(x)); f is two random
    matrices with a ReLU in between, as before any training. Computed, not drawn from theory.
    """
    first, second, x, end = _random_layers()
    kept = []
    for layer in range(depth):
        inside = _normed(x) if norm_first else x
        hidden = np.maximum(inside @ first[layer], 0)
        total = x + hidden @ second[layer]
        kept.append((x, hidden, total))
        x = total if norm_first else _normed(total)
    gradient = _back_through_norm(x, end / ROWS) if norm_first else end / ROWS
    sizes = []
    for layer in reversed(range(depth)):
        before, hidden, total = kept[layer]
        if not norm_first:
            gradient = _back_through_norm(total, gradient)
        sizes.append(float(np.linalg.norm(hidden.T @ gradient)))
        branch = ((gradient @ second[layer].T) * (hidden > 0)) @ first[layer].T
        gradient = gradient + (_back_through_norm(before, branch) if norm_first else branch)
    return tuple(reversed(sizes))


def draw_depth(depth: int) -> Canvas:
    """Gradients of every block in stacks of this depth, before training: pre-norm and post-norm."""
    canvas = Canvas(LEFT + WIDE + 110, TOP + HIGH + 66)
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (0.5, DEEPEST + 0.5), (-0.2, 1.75))
    plot.title("size of the gradient in each block", "before training, computed")
    plot.ticks_y(np.log10([1, 3, 10, 30]).tolist(), ["1", "3", "10", "30"])
    plot.ticks_x([1, 12, 24, 36, 48], name="block, from the input to the output")
    told = []
    for norm_first, colour, name in (
        (False, style.ORANGE, "post-norm"), (True, style.BLUE, "pre-norm")
    ):  # fmt: skip
        sizes = np.array(gradient_sizes(depth, norm_first))
        blocks = np.arange(1, depth + 1)
        plot.curve(blocks, np.log10(sizes), colour, thick=2)
        for block, size in zip(blocks, sizes, strict=True):
            x, y = plot.at(block, np.log10(size))
            if norm_first:
                canvas.dot(x, y, 2.6, colour)
            else:
                canvas.rect(x - 2.3, y - 2.3, 4.6, 4.6, colour)
        x, y = plot.at(depth, np.log10(sizes[-1]))
        canvas.text(x + 8, y + (7 if norm_first else -7), name, colour=colour, bold=True)
        told.append(f"{name} {short(float(sizes[0]), 2)} in the first block, "
                    f"{short(float(sizes[-1]), 2)} in the last")  # fmt: skip
    legend(canvas, LEFT, TOP + HIGH + 50, [("box", style.ORANGE, "norm(x + f(x))"),
                                           ("dot", style.BLUE, "x + f(norm(x))")])  # fmt: skip
    canvas.alt = f"Gradients of {depth} blocks: {'; '.join(told)}."
    pairs = zip(gradient_sizes(depth, False), gradient_sizes(depth, True), strict=True)
    rows = [(str(i), short(a, 3), short(b, 3)) for i, (a, b) in enumerate(pairs, 1)]
    canvas.table = Table(("block", "post-norm", "pre-norm"), tuple(rows))
    return canvas
