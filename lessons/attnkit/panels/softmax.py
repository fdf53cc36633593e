"""Logits, temperature and number types under a learner's softmax."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from attnkit.figures.bars import one_per_word
from attnkit.figures.canvas import Canvas
from attnkit.figures.softmax import PRECISIONS, draw_softmax, exact, scaled
from attnkit.panels.base import Choice, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, title_of

Softmax = Callable[..., Any]

WORDS = ("great", "story", "bad", "idea", "movie")
LOGITS = (2.0, 0.5, 3.0, 1.0, -1.0)
# The range, 4, is a power of 2: a browser's slider counts in per cent, and so keeps 1 exactly.
TEMPERATURE = Knob("tau", "temperature τ", 0.125, 4.125, 0.125, 1.0)
SHIFT = Choice("shift", "added to every logit", {str(c): c for c in (0, 10, 100, 1000)}, 0)
LOSES = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-9}  # relative, of a careful softmax


def softmax_panel(
    softmax: Softmax | None = None,
    words: Sequence[str] = WORDS,
    logits: Sequence[float] = LOGITS,
    *,
    temperature: Softmax | None = None,
    precision: str = "float32",
) -> PicturePanel:
    """Sliders for logits and temperature, a switch for the number type; watch exp overflow.

    The picture goes from the scores, (logits + shift) / tau in float16, float32 or float64, by way
    of their exponentials to weights: those of the bare formula exp / sum, and those of the
    learner's own ``softmax(s_T)``, or of ``temperature(s_T, tau)`` if that is given. The true
    weights are dashed.

    Knobs: ``tau``, ``shift``, ``precision`` and ``logit_0`` … one for each word.
    ``panel.set(tau=0.5, precision="float16")`` moves them as a hand does.
    """
    function = temperature or softmax
    words = [str(word) for word in words]
    start = one_per_word("logits", logits, words)

    def picture(tau: float, shift: float, precision: str, **sliders: float) -> tuple[Canvas, str]:
        values = [sliders[f"logit_{t}"] for t in range(len(words))]
        settings: dict[str, Any] = {"tau": tau, "shift": shift, "precision": precision}
        if function is None:
            return draw_softmax(words, values, **settings), ""
        scores = scaled(values, 1.0 if temperature else tau, shift, precision)
        true = exact(scaled(values, tau, shift, precision))
        name = name_of(function)
        title = title_of(function)
        try:
            given = call(function, scores, tau) if temperature else call(function, scores)
            weights = one_per_word("weights", given, words)
        except NoPictureError as trouble:
            sentence = f"▲ {trouble} The dashed bars show what it should give."
            return draw_softmax(words, values, name=title, **settings), sentence
        except ValueError as error:
            return draw_softmax(words, values, name=title, **settings), f"▲ {name}: {error}"
        canvas = draw_softmax(words, values, weights=weights, name=title, **settings)
        return canvas, _verdict(name, weights, true, precision)

    sliders = [
        Knob(f"logit_{t}", f"logit of “{word}”", -10.0, 10.0, 0.25, float(start[t]))
        for t, word in enumerate(words)
    ]
    types = Choice("precision", "number type", {kind: kind for kind in PRECISIONS}, precision)
    return PicturePanel([types, SHIFT, TEMPERATURE, *sliders], picture)


def _verdict(name: str, weights: Any, true: Any, precision: str) -> str:
    if np.isnan(weights).any():
        return f"▲ {name} gives nan: something on its way was too large for {precision}, or 0 / 0."
    if np.isinf(weights).any():
        return f"▲ {name} gives inf, but a weight is at most 1."
    if not np.allclose(weights, true, rtol=LOSES[precision], atol=LOSES[precision]):
        total = float(weights.sum())
        if abs(total - 1) > 10 * LOSES[precision]:
            return f"▲ The weights of {name} add up to {total:.4g}, but should add up to 1."
        return f"▲ The weights of {name} add up to 1, but are not the dashed ones."
    return f"✓ {name} does it, in {precision} too."
