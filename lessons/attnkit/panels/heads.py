"""Lesson 6's panels: numbers on their way into heads and back, and what more heads cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnkit.figures.canvas import Canvas
from attnkit.figures.heads import STEPS, draw_budget, draw_heads, head_paths, labels_of
from attnkit.panels.base import Choice, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, title_of

Function = Callable[..., Any]

WORDS, WIDTH = 4, 6
BUDGET_WIDTH, BUDGET_WORDS = 64, 24


def _whole(function: Function, result: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """A learner's array of labels without its batch axis. NoPictureError says what is wrong."""
    name = name_of(function)
    try:
        array = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        raise NoPictureError(f"{name} does not return plain numbers.") from None
    if array.shape != (1, *shape):
        raise NoPictureError(
            f"{name} returns the shape {array.shape}, but should return {(1, *shape)}."
        )
    known = labels_of(WORDS, WIDTH)
    if not np.isin(array, known).all():
        raise NoPictureError(f"{name} changes the numbers, but should only move them.")
    return array[0].astype(int)


def heads_panel(
    split_heads: Function | None = None, merge_heads: Function | None = None
) -> PicturePanel:
    """Step by step from x to heads and back, the right way beside a wrong one.

    x has 4 words (a to d) of 6 numbers. ``split_heads(x_BTD, H)`` and ``merge_heads(x_BHTK)`` are
    the learner's own; each gets a picture beside the right way, made of what it returns. Knobs:
    ``heads`` (1, 2, 3 or 6) and ``step`` (0 x, 1 reshape, 2 transpose, 3 merge).
    """

    def picture(heads: int, step: int) -> Canvas | tuple[Canvas, str]:
        paths, K = head_paths(WORDS, WIDTH, heads), WIDTH // heads
        ways = [("right", paths["right"][step])]
        if step in (1, 2):
            ways.append(("wrong: only reshaped", paths["reshaped only"][step]))
        elif step == 3:
            ways.append(("wrong: only reshaped back", paths["not turned back"][3]))
        said = ""
        own = {2: split_heads, 3: merge_heads}.get(step)
        if own is not None:
            x = labels_of(WORDS, WIDTH)[None].astype(np.float64)
            right = paths["right"]
            try:
                if step == 2:
                    given = _whole(own, call(own, x, heads), (heads, WORDS, K))
                else:
                    merged = call(own, right[2][None].astype(np.float64))
                    given = _whole(own, merged, (WORDS, WIDTH))
            except NoPictureError as trouble:  # what it should be is there to be looked at
                return draw_heads(ways, WORDS, WIDTH, heads, step), f"▲ {trouble}"
            fits = np.array_equal(given, right[step])
            name = name_of(own)
            ways.insert(1, (title_of(own), given))
            said = f"✓ {name} moves every number to its place."
            if not fits:
                stray = int((given != right[step]).sum())
                said = f"▲ {name}: {stray} of {WORDS * WIDTH} numbers are in another place."
        canvas = draw_heads(ways, WORDS, WIDTH, heads, step)
        return (canvas, said) if said else canvas

    steps = {f"{number} {name}": number for number, name in enumerate(STEPS)}
    knobs = [
        Choice("step", "step", steps, 2),
        Choice("heads", "heads H", {str(count): count for count in (1, 2, 3, 6)}, 3),
    ]
    return PicturePanel(knobs, picture)


def budget_panel(param_count: Function | None = None) -> PicturePanel:
    """More heads at the same width: the numbers to learn stay, each head sees fewer of them.

    ``param_count(D, H, K, bias)`` is the learner's own, called without biases.
    """

    def picture(doublings: int) -> Canvas | tuple[Canvas, str]:
        D, H = BUDGET_WIDTH, 2**doublings
        if param_count is None:
            return draw_budget(D, H, BUDGET_WORDS)
        name = name_of(param_count)
        try:
            given = int(call(param_count, D, H, D // H, bias=False))
        except NoPictureError as trouble:
            return draw_budget(D, H, BUDGET_WORDS), f"▲ {trouble}"
        except (TypeError, ValueError):
            said = f"▲ {name} does not return a whole number."
            return draw_budget(D, H, BUDGET_WORDS), said
        right = given == 4 * D * D
        said = (
            f"✓ {name} counts right." if right else f"▲ {name} counts {given:,}: compare the bars."
        )
        return draw_budget(D, H, BUDGET_WORDS, given, title_of(param_count)), said

    return PicturePanel([Knob("doublings", "heads H = 2 to the", 0, 6, 1, 3)], picture)
