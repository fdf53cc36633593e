"""How large gradients are at each depth of a stack of blocks, with the norm inside or outside."""

from __future__ import annotations

import numpy as np

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short
from attnkit.stacks import DEEPEST, gradient_sizes

LEFT, TOP, WIDE, HIGH = 66.0, 44.0, 560.0, 240.0


def draw_depth(depth: int, final_norm: bool = True) -> Canvas:
    """Gradients of every block in stacks of this depth, before training: pre-norm and post-norm.

    ``final_norm`` says whether one more norm stands behind the last pre-norm block.
    """
    canvas = Canvas(LEFT + WIDE + 110, TOP + HIGH + 66)
    plot = Plot(canvas, LEFT, TOP, WIDE, HIGH, (0.5, DEEPEST + 0.5), (-0.25, 2.25))
    plot.title("size of the gradient in each block’s W2", "before training, computed")
    plot.ticks_y(np.log10([1, 3, 10, 30, 100]).tolist(), ["1", "3", "10", "30", "100"])
    plot.ticks_x([1, 12, 24, 36, 48], name="block, from the input to the output")
    told = []
    stacks = {
        "post-norm": (gradient_sizes(depth, False), style.ORANGE),
        "pre-norm": (gradient_sizes(depth, True, final_norm), style.BLUE),
    }
    for name, (found, colour) in stacks.items():
        sizes = np.array(found)
        plot.curve(np.arange(1, depth + 1), np.log10(sizes), colour, thick=2)
        for block, size in enumerate(found, 1):
            x, y = plot.at(block, np.log10(size))
            if name == "pre-norm":
                canvas.dot(x, y, 2.6, colour)
            else:
                canvas.rect(x - 2.3, y - 2.3, 4.6, 4.6, colour)
        higher = sizes[-1] == max(each[-1] for each, _ in stacks.values())
        x, y = plot.at(depth, np.log10(sizes[-1]))
        canvas.text(x + 8, y + (-7 if higher else 7), name, colour=colour, bold=True)
        told.append(f"{name} {short(found[0], 2)} in the first block, "
                    f"{short(found[-1], 2)} in the last")  # fmt: skip
    end = "and a norm at the very end" if final_norm else "and no norm at the end"
    keys = [("box", style.ORANGE, "norm(x + f(x))"), ("dot", style.BLUE, f"x + f(norm(x)), {end}")]
    legend(canvas, LEFT, TOP + HIGH + 50, keys)
    canvas.alt = f"Gradients of {depth} blocks, pre-norm {end}: {'; '.join(told)}."
    pairs = zip(*(found for found, _ in stacks.values()), strict=True)
    rows = [(str(i), short(a, 3), short(b, 3)) for i, (a, b) in enumerate(pairs, 1)]
    canvas.table = Table(("block", *stacks), tuple(rows))
    return canvas
