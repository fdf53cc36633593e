"""Lesson 4's panel of regression by attention: the width of the bell, and where to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.canvas import Canvas
from attnkit.figures.kernel import draw_kernel, grid_of, nadaraya_watson, reach_of
from attnkit.panels.base import Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, same

Function = Callable[..., Any]
FloatArray = npt.NDArray[np.float64]


def _predictions(
    regress: Function, asked: FloatArray, x: FloatArray, y: FloatArray, h: float
) -> FloatArray:  # fmt: skip
    """What a learner's function predicts. Raises NoPictureError in a sentence."""
    name, result = name_of(regress), call(regress, asked, x, y, h)
    try:
        given = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        raise NoPictureError(f"{name} does not return plain numbers.") from None
    if given.shape != asked.shape:
        raise NoPictureError(
            f"{name} returns the shape {given.shape} for {len(asked)} queries, but should return "
            f"{asked.shape}."
        )
    return given


def kernel_panel(
    x_S: npt.ArrayLike, y_S: npt.ArrayLike, regress: Function | None = None
) -> PicturePanel:
    """S examples with labels 0 and 1, and what a regression by bells of width h makes of them.

    ``regress(xq_T, x_S, y_S, h) -> yq_T`` is the learner's own; how it should be is dashed until
    they agree, and stands alone if it gives no curve. Knobs: the bell's width ``h``, and where the
    ``query`` stands.
    """
    x, y = np.array(x_S, dtype=np.float64), np.array(y_S, dtype=np.float64)
    grid = grid_of(x)

    def picture(h: float, query: float) -> Canvas | tuple[Canvas, str]:
        if regress is None:
            return draw_kernel(x, y, h, query)
        asked, name = np.append(grid, query), name_of(regress)
        try:
            given = _predictions(regress, asked, x, y, h)
        except NoPictureError as trouble:
            nothing = np.full(len(grid), np.nan)
            return draw_kernel(x, y, h, query, nothing, np.nan), f"▲ {trouble}"
        if same(given, nadaraya_watson(asked, x, y, h)):
            return draw_kernel(x, y, h, query), f"✓ {name} does it: the curve is drawn by it."
        canvas = draw_kernel(x, y, h, query, given[:-1], float(given[-1]))
        return canvas, f"▲ {name}: these are not the means they should be: compare the dashed line."

    reach = reach_of(x)
    knobs = [  # steps and ranges that binary numbers hold exactly
        Knob("h", "width h", 1 / 64, 1 + 1 / 64, 1 / 64, 1 / 4),
        Knob("query", "query", -reach, reach, reach / 32, 0.0),
    ]
    return PicturePanel(knobs, picture)
