"""Lesson 11's panels: altered copies, learning curves with and without, and another field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from attnkit.figures.augmenting import draw_augmented
from attnkit.figures.canvas import Canvas
from attnkit.figures.curves import Curve, Measured, draw_curves
from attnkit.figures.domains import Field, draw_domains
from attnkit.panels.base import AnyKnob, Choice, Entry, Knob, PicturePanel, Switch
from attnkit.panels.learner import NoPictureError, call, name_of, newest

Function = Callable[..., Any]

COPIES = 3


def augment_panel(
    synonym_replace: Function,
    random_erase: Function,
    synonyms: Mapping[str, Collection[str]],
    keep: Collection[str],
    text: str,
) -> PicturePanel:
    """A sentence that can be typed, how much of it is changed, and three copies.

    Made by the learner's own ``synonym_replace(tokens, synonyms, n, rng, keep=…)`` and then
    ``random_erase(tokens, p, rng)``. The words of ``keep`` can be given up by a switch.
    """

    def picture(text: str, n: int, p: float, draw: int, kept: bool) -> Canvas | tuple[Canvas, str]:
        tokens = text.split()
        if not tokens:
            raise NoPictureError("There is no word to change: type one.")
        copies = []
        for number in range(COPIES):
            rng, copy = np.random.default_rng([draw, number]), list(tokens)
            spared = frozenset(keep) if kept else frozenset()
            if n:
                given = call(synonym_replace, copy, synonyms, n, rng, keep=spared)
                copy = _words(synonym_replace, given)
            left = _words(random_erase, call(random_erase, list(copy), p, rng)) if p else copy
            copies.append((copy, left))
        canvas = draw_augmented(tokens, copies, synonyms)
        lost = sum(
            any(left.count(word) < tokens.count(word) for word in keep) for _, left in copies
        )
        if not lost:
            return canvas
        words = " or ".join(f"“{word}”" for word in sorted(set(keep) & set(tokens)))
        return canvas, f"▲ In {lost} of {COPIES} copies {words} is gone, and the label stays."

    knobs: list[AnyKnob] = [
        Entry("text", "sentence", text),
        Switch("kept", "negators are kept by the replacing", True),
        Knob("n", "words replaced, n", 0, 8, 1, 2),
        Knob("p", "erased with p", 0, 1, 0.0625, 0.125),
        Knob("draw", "draw", 0, 50, 1, 0),
    ]
    return PicturePanel(knobs, picture)


def _words(function: Function, given: Any) -> list[str]:
    """What a learner's function returned, if it is a list of words."""
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise NoPictureError(f"{name_of(function)} should return a list of words.")
    if not given:
        raise NoPictureError(f"{name_of(function)} leaves no word: at least one should stay.")
    return [str(word) for word in given]


def curve_panel(
    labels: Sequence[int],
    base: str,
    values: Mapping[str, Measured],
    gains: Mapping[str, Measured],
) -> PicturePanel:
    """Learning curves with and without something, as they were measured.

    values: for each way the mean in percent and half its interval at each number of ``labels``.
    gains: the same of its difference to ``base``, for every way that can be chosen.
    """

    def picture(way: str, place: int) -> Canvas:
        return draw_curves(
            labels, Curve(base, values[base]), Curve(way, values[way]), gains[way], place - 1
        )

    knobs: list[AnyKnob] = [
        Choice("way", "compare", {name: name for name in gains}, next(iter(gains))),
        Knob("place", "number of labels", 1, len(labels), 1, 1),
    ]
    return PicturePanel(knobs, picture)


def domain_panel(
    says: Function, home: str, fields: Sequence[str], ways: Sequence[str],
    labels: Mapping[str, Any],
) -> PicturePanel:  # fmt: skip
    """What a model says at home and in another field, and what a way of adapting it changes.

    ``says(field, way) -> (z_home, z_field)``: the logits of home's texts and of the field's.
    ``labels`` holds the labels of ``home`` and of each field.
    """

    @lru_cache(maxsize=32)
    def told(field: str, way: str, function: Function) -> tuple[Field, Field]:
        given = call(function, field, way)
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise NoPictureError(f"{name_of(function)} should return two arrays of logits.")
        both = []
        for name, z in zip((home, field), given, strict=True):
            z_N, y_N = np.asarray(z, np.float64), np.asarray(labels[name])
            if z_N.shape != y_N.shape:
                raise NoPictureError(
                    f"{name_of(function)} gives {z_N.shape} logits for {len(y_N)} texts of {name}."
                )
            both.append(Field(name, z_N, y_N))
        return both[0], both[1]

    def picture(field: str, way: str) -> Canvas:
        return draw_domains(*told(field, way, newest(says)))

    knobs: list[AnyKnob] = [
        Choice("field", "field", {name: name for name in fields}, fields[0]),
        Choice("way", "adapted by", {name: name for name in ways}, ways[0]),
    ]
    return PicturePanel(knobs, picture)
