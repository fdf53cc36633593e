"""Lesson 4's panels: a query moved in the plane, the width of keys, and a memory of digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.attention import as_heads, troubles
from attnkit.figures.canvas import Canvas, Point
from attnkit.figures.query import AXES, PLANE, draw_query
from attnkit.figures.recall import draw_recall, noisy, recalled, stored_digits
from attnkit.figures.scaling import WIDTHS, draw_scaling, normal_queries_and_keys, scores
from attnkit.normalising import softmax
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel, Switch
from attnkit.panels.learner import NoPictureError, call, name_of, same
from attnkit.panels.touch import Drag

Function = Callable[..., Any]

WORDS = ("river", "stone", "bank", "money", "loan", "water")
TURN, STRETCH, LONGEST = 2, 0.0625, 4.0  # of a query: steps in degrees and in length, most
PLACES = ((-1.6, 0.9), (-1.1, -0.7), (0.3, 1.3), (1.7, 0.7), (1.5, -0.5), (-1.9, 0.1))


def attended(
    attend: Function, q_TK: npt.ArrayLike, k_SK: npt.ArrayLike, v_SV: npt.ArrayLike
) -> tuple[Any, Any]:
    """What a learner's ``attend(q, k, v) -> (o, w)`` gives. Raises NoPictureError in a sentence."""
    q, k, v = (np.asarray(each, dtype=np.float64) for each in (q_TK, k_SK, v_SV))
    name = name_of(attend)
    result = call(attend, q, k, v)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise NoPictureError(f"{name} should return two things: the outputs o, then the weights w.")
    try:
        w_TS = as_heads(result[1], len(q), len(k))[0]
        o_TV = np.asarray(result[0], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NoPictureError(f"{name}: {error}.") from None
    if o_TV.shape != (len(q), v.shape[1]):
        wish = (len(q), v.shape[1])
        raise NoPictureError(f"The outputs of {name} have the shape {o_TV.shape}, not {wish}.")
    return o_TV, w_TS


def query_panel(
    attend: Function | None = None,
    words: Sequence[str] = WORDS,
    k_S2: npt.ArrayLike = PLACES,
    axes: tuple[str, str] = AXES,
) -> PicturePanel:
    """Move a query among keys in the plane, and see the weights and the output move with it.

    ``attend(q_TK, k_SK, v_SV) -> (o_TV, w_TS)`` is the learner's own: one query, keys of width 2,
    and the keys as values. How it should be is dashed until they agree. ``axes`` names what a key's
    two numbers are. Knobs: the query's ``direction`` in degrees and its ``length``.
    """
    words = [str(word) for word in words]
    keys = np.array(k_S2, dtype=np.float64)
    reach = float(np.ceil(np.abs(keys).max() + 0.5))

    def picture(direction: float, length: float) -> Canvas | tuple[Canvas, str]:
        turn = np.deg2rad(direction)
        q = length * np.array([np.cos(turn), np.sin(turn)])
        true = softmax(keys @ q / 2**0.5)
        output = np.average(keys, axis=0, weights=true)
        if attend is None:
            return draw_query(words, keys, q, true, output, reach=reach, axes=axes)
        o_TV, w_TS = attended(attend, q[None], keys, keys)
        name, right = name_of(attend), same(w_TS[0], true) and same(o_TV[0], output)
        ghost = None if right else (true, output)
        canvas = draw_query(words, keys, q, w_TS[0], o_TV[0], ghost=ghost, reach=reach, axes=axes)
        if right:
            return canvas, f"✓ {name} does it: this picture is drawn from what it returns."
        wrong = troubles(w_TS[None], ["q"]) or (
            "the weights are right, but the output is not their mean of the values"
            if same(w_TS[0], true)
            else "the weights are not softmax(q·k / √d_k): compare the dashed bars"
        )
        return canvas, f"▲ {name}: {wrong}."

    knobs: list[AnyKnob] = [
        Knob("direction", "direction of q (°)", -180, 180, TURN, 20),
        Knob("length", "length of q", 0.0, LONGEST, STRETCH, 1.5),
    ]
    return PicturePanel(knobs, picture, _dragged(reach))


def _dragged(reach: float) -> Drag:
    """The query, by its tip, in the plane that `draw_query` draws for this reach."""
    left, top, side = PLANE

    def where(params: Mapping[str, Any]) -> Point:
        turn, length = np.deg2rad(params["direction"]), params["length"]
        across, up = length * np.cos(turn), length * np.sin(turn)
        unit = side / 2 / reach
        return left + side / 2 + unit * float(across), top + side / 2 - unit * float(up)

    def to(x: float, y: float) -> dict[str, Any]:
        unit = side / 2 / reach
        across, up = (x - left - side / 2) / unit, (top + side / 2 - y) / unit
        length = STRETCH * round(min(float(np.hypot(across, up)), LONGEST) / STRETCH)
        turn = TURN * round(float(np.rad2deg(np.arctan2(up, across))) / TURN)
        return {"length": length} | ({"direction": turn} if length else {})

    return Drag("the query", (left, top, side, side), where, to)


def scaling_panel(attend: Function | None = None) -> PicturePanel:
    """The width of queries and keys, with scores divided by √d_k or not.

    With ``attend(q_TK, k_SK, v_SV) -> (o_TV, w_TS)`` the weights are the learner's own, and the
    true ones dashed.
    """

    def picture(d_k: int, scaled: bool) -> Canvas | tuple[Canvas, str]:
        if attend is None or not scaled:
            return draw_scaling(d_k, scaled)
        q_TK, k_SK = normal_queries_and_keys(d_k)
        _, w_TS = attended(attend, q_TK, k_SK, k_SK)
        right = same(w_TS, softmax(scores(d_k, True), axis=-1))
        canvas = draw_scaling(d_k, scaled, None if right else w_TS)
        name = name_of(attend)
        if right:
            return canvas, f"✓ {name} does it at this width."
        return (
            canvas,
            f"▲ {name}: these are not the weights they should be: compare the dashed bars.",
        )

    widths = Choice("d_k", "width d_k", {str(width): width for width in WIDTHS}, 64)
    return PicturePanel([widths, Switch("scaled", "divide by √d_k", True)], picture)


def recall_panel(recall: Function | None = None) -> PicturePanel:
    """A memory of ten digits, asked with a noisy one: noise, β and the number of steps.

    ``recall(patterns_ND, probe_D, beta, steps) -> D`` is the learner's own. Every digit has mean 0
    and length 8, so a step's scores are β times numbers up to 64.
    """

    def picture(digit: int, noise: float, beta: float, steps: int) -> Canvas | tuple[Canvas, str]:
        if recall is None:
            return draw_recall(digit, noise, beta, steps)
        probe = noisy(digit, noise)
        name, result = name_of(recall), call(recall, stored_digits(), probe, beta, steps)
        try:
            given = np.asarray(result, dtype=np.float64)
        except (TypeError, ValueError):
            raise NoPictureError(f"{name} does not return plain numbers.") from None
        if given.shape != (64,):
            raise NoPictureError(
                f"{name} returns the shape {given.shape}, but should return (64,)."
            )
        if same(given, recalled(probe, beta, steps)):
            return draw_recall(digit, noise, beta, steps), f"✓ {name} recalls as it should."
        canvas = draw_recall(digit, noise, beta, steps, given)
        return canvas, f"▲ {name} gives another picture than softmax(β ξ·x) does: the last one."

    knobs: list[AnyKnob] = [
        Choice("digit", "digit", {str(kind): kind for kind in range(10)}, 3),
        Knob("noise", "noise", 0.0, 4.0, 0.125, 1.0),
        Knob("beta", "β", 0.0, 1.0, 0.015625, 0.25),
        Knob("steps", "steps", 0, 8, 1, 2),
    ]
    return PicturePanel(knobs, picture)
