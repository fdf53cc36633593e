"""Lesson 9's panels: which words count, and what is left without them; and all heads at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.attribution import Deleting, draw_attribution
from attnkit.figures.canvas import Canvas
from attnkit.figures.wall import draw_wall
from attnkit.panels.base import AnyKnob, Choice, Entry, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, newest
from attnkit.panels.touch import Cells

Function = Callable[..., Any]
FloatArray = npt.NDArray[np.float64]

MOST_HIDDEN = 12  # words
DRAWS = 40  # orders by chance, of which the band is made


def attribution_panel(
    methods: Mapping[str, Function],
    read: Function,
    predict: Function,
    deletion_curve: Function,
    random_curve: Function,
    text: str,
) -> PicturePanel:
    """Type a sentence, choose a method, and hide the words that count most by it.

    methods: by name, ``method(ids_T) -> e_T``. ``read(text) -> (words, ids_T)``. ``predict(ids_BT)
    -> p_B``. ``deletion_curve`` and ``random_curve`` are the learner's own, as in lesson 9.
    """

    @lru_cache(maxsize=64)
    def by_chance(text: str, curve: Function) -> FloatArray:
        words, ids_T = _words(read, text)
        ks = list(range(min(len(words), MOST_HIDDEN) + 1))
        drawn = [
            _numbers(
                curve, call(curve, predict, ids_T, ks, 1, np.random.default_rng(seed)), len(ks)
            )
            for seed in range(DRAWS)
        ]
        return np.array(drawn)

    def picture(text: str, method: str, k: int) -> Canvas:
        words, ids_T = _words(read, text)
        e_T = _numbers(methods[method], call(methods[method], ids_T), len(ids_T))
        ks = list(range(min(len(words), MOST_HIDDEN) + 1))
        p = _numbers(deletion_curve, call(deletion_curve, predict, ids_T, e_T, ks), len(ks))
        drawn = by_chance(text, newest(random_curve))
        low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
        deleting = Deleting(ks, p, low, drawn.mean(axis=0), high)
        return draw_attribution(words, e_T[: len(words)], deleting, min(k, ks[-1]), method=method)

    first = next(iter(methods))
    knobs: list[AnyKnob] = [
        Entry("text", "sentence", text),
        Choice("method", "method", {name: name for name in methods}, first),
        Knob("k", "words hidden, k", 0, MOST_HIDDEN, 1, 1),
    ]
    return PicturePanel(knobs, picture)


def _words(read: Function, text: str) -> tuple[list[str], npt.NDArray[np.int_]]:
    words, ids_T = call(read, text)
    if not words:
        raise NoPictureError("There is no word to look at: type one.")
    return list(words), np.asarray(ids_T)


def _numbers(function: Function, given: Any, length: int) -> FloatArray:
    """What a learner's function returned, if it is so many plain numbers."""
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise NoPictureError(f"{name_of(function)} does not return plain numbers.") from None
    if array.shape != (length,):
        raise NoPictureError(
            f"{name_of(function)} returns the shape {array.shape}, but should return ({length},)."
        )
    return array


def wall_panel(maps_of: Function, text: str, layers: int = 6, heads: int = 12) -> PicturePanel:
    """Type a sentence and see every head of a model; a click on a map, or Enter, opens it.

    ``maps_of(text) -> (tokens, A_LHTT)``.
    """

    @lru_cache(maxsize=8)
    def maps(text: str, function: Function) -> tuple[list[str], Any]:
        given = call(function, text)
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise NoPictureError(
                f"{name_of(function)} should return two things: the tokens and the weights."
            )
        return [str(token) for token in given[0]], np.asarray(given[1])

    def picture(text: str, layer: int, head: int) -> Canvas:
        tokens, A_LHTT = maps(text, newest(maps_of))
        try:
            return draw_wall(A_LHTT, tokens, layer - 1, head - 1)
        except (TypeError, ValueError) as error:
            raise NoPictureError(f"{name_of(maps_of)}: {error}") from None

    def opened(row: int, key: int) -> None:
        panel.set(layer=row + 1, head=key + 1)

    knobs: list[AnyKnob] = [
        Entry("text", "sentence", text),
        Knob("layer", "layer", 1, layers, 1, 1),
        Knob("head", "head", 1, heads, 1, 1),
    ]
    panel = PicturePanel(knobs, picture, Cells(opened, shows="opens the head’s map"))
    return panel
