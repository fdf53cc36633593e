"""Lesson 7's panels: how alike positions are, and how gradients fare in deep stacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnkit.figures.canvas import Canvas
from attnkit.figures.depth import draw_depth
from attnkit.figures.positions import POSITIONS, draw_positions, likeness
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel, Switch
from attnkit.panels.learner import NoPictureError, call, name_of, same
from attnkit.stacks import DEEPEST

Sinusoid = Callable[..., Any]

BASES = (10, 100, 1_000, 10_000, 100_000)
USUAL_BASE = 10_000


def position_panel(sinusoid: Sinusoid | None = None) -> PicturePanel:
    """How alike the positions of a sentence are: width, base, and the position looked at.

    ``sinusoid(T, D) -> TD`` is the learner's own: it is shown at its base of 10,000.
    """

    def picture(D: int, base: int, position: int) -> Canvas | tuple[Canvas, str]:
        if sinusoid is None or base != USUAL_BASE:
            return draw_positions(D, base, position)
        name, result = name_of(sinusoid), call(sinusoid, POSITIONS, D)
        try:
            vectors = np.asarray(result, dtype=np.float64)
        except (TypeError, ValueError):
            raise NoPictureError(f"{name} does not return plain numbers.") from None
        if vectors.shape != (POSITIONS, D):
            raise NoPictureError(
                f"{name} returns the shape {vectors.shape}, but should return {(POSITIONS, D)}."
            )
        alike = vectors @ vectors.T / (D / 2)
        if same(alike, likeness(D, base)):
            return draw_positions(D, base, position), f"✓ {name} gives positions as alike as these."
        canvas = draw_positions(D, base, position, vectors)
        return canvas, f"▲ {name}: its positions are not as alike as the dashed line says."

    knobs: list[AnyKnob] = [
        Choice("D", "width D", {str(width): width for width in (4, 8, 16, 32, 64, 128)}, 32),
        Choice("base", "base", {f"{base:,}": base for base in BASES}, USUAL_BASE),
        Knob("position", "position", 0, POSITIONS - 1, 1, 20),
    ]
    return PicturePanel(knobs, picture)


def depth_panel() -> PicturePanel:
    """The gradients of every block in a deep stack, with pre-norm and with post-norm.

    Knobs: ``depth`` (2 to 48 blocks) and ``final_norm``, the norm behind the last pre-norm block.
    """
    knobs: list[AnyKnob] = [
        Knob("depth", "blocks", 2, DEEPEST, 1, 24),
        Switch("final_norm", "pre-norm: one more norm at the end", True),
    ]
    return PicturePanel(knobs, draw_depth)
