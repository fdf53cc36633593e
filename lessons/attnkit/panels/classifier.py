"""Lesson 8's panels: measured runs, a threshold, and the weights of a sentence that one types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.canvas import Canvas
from attnkit.figures.strip import draw_strip
from attnkit.figures.threshold import draw_threshold
from attnkit.figures.training import draw_training
from attnkit.panels.base import Choice, Entry, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of

Attend = Callable[[str], Any]


def training_panel(runs: Sequence[Mapping[str, Any]]) -> PicturePanel:
    """Measured trainings, to be chosen by their settings.

    Each run is a dict: ``history`` as Keras gives it, perhaps ``seconds``, and its settings, such
    as ``length``, ``width`` and ``heads``. There is a choice for each setting that differs;
    where no run was measured with a combination, the panel says so.
    """
    if not runs:
        raise ValueError("There is no run to show: give one at least.")
    every = [name for name in runs[0] if name not in ("history", "seconds")]
    values = {name: list(dict.fromkeys(run[name] for run in runs)) for name in every}
    settings = [name for name in every if len(values[name]) > 1]

    def picture(**chosen: Any) -> Canvas:
        found = [run for run in runs if all(run[name] == chosen[name] for name in settings)]
        wish = ", ".join(f"{name} {chosen[name]}" for name in settings)
        if not found:
            raise NoPictureError(f"No run was measured with {wish}.")
        others = [run["history"] for run in runs if run is not found[0]]
        return draw_training(
            found[0]["history"], others, title=wish, seconds=found[0].get("seconds")
        )

    knobs = [
        Choice(name, name, {str(value): value for value in values[name]}, runs[0][name])
        for name in settings
    ]
    return PicturePanel(knobs, picture)


def threshold_panel(
    y_N: npt.ArrayLike, p_N: npt.ArrayLike, names: tuple[str, str] = ("blame", "praise")
) -> PicturePanel:
    """A threshold on probabilities p_N for labels y_N (0 or 1), and the confusion it makes."""
    y, p = np.array(y_N), np.array(p_N, dtype=np.float64)

    def picture(threshold: float) -> Canvas:
        return draw_threshold(y, p, threshold, names)

    return PicturePanel([Knob("threshold", "threshold", 0.0, 1.0, 0.015625, 0.5)], picture)


def strip_panel(attend: Attend, text: str, heads: int = 1) -> PicturePanel:
    """Type a sentence and see what each word gets; switch among heads.

    ``attend(text) -> (words, weights)``: weights of shape (T,), (H, T) or (H, T, T). In the last,
    the queries' weights are averaged: what each word gets from all. ``heads`` says how many there
    are.
    """
    options: dict[str, Any] = {"all heads": "all", "their mean": "mean"}
    options |= {f"head {h + 1}": h for h in range(heads)}

    def picture(text: str, head: Any = "all") -> Canvas:
        name, result = name_of(attend), call(attend, text)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise NoPictureError(f"{name} should return two things: the words and their weights.")
        words = [str(word) for word in result[0]]
        try:
            weights = np.asarray(result[1], dtype=np.float64)
        except (TypeError, ValueError):
            raise NoPictureError(f"The weights of {name} are not plain numbers.") from None
        weights = weights.mean(axis=-2) if weights.ndim == 3 else np.atleast_2d(weights)
        if not words:
            raise NoPictureError("There is no word to look at: type one.")
        if weights.ndim != 2 or weights.shape[1] != len(words):
            raise NoPictureError(
                f"{name} gives {len(words)} words, but weights of the shape {np.shape(result[1])}."
            )
        if head == "all":
            return draw_strip(words, weights)
        if head == "mean":
            return draw_strip(words, weights.mean(axis=0), note="Mean of all heads.")
        if head >= len(weights):
            raise NoPictureError(f"{name} has no head {head + 1}: it gives {len(weights)}.")
        return draw_strip(words, weights[head], note=f"Head {head + 1}.")

    knobs: list[Any] = [Entry("text", "sentence", text)]
    if heads > 1:
        knobs.append(Choice("head", "head", options, "all"))
    return PicturePanel(knobs, picture)
