"""Lesson 13's sound: a chirp made louder or softer, and what two models hear."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attnkit.across.chirp import (
    BANDS,
    CHIRP,
    LINES,
    RATE,
    WINDOW,
    Sounds,
    frames,
    make_sounds,
    spectrogram,
)
from attnkit.across.pooled import Pooled
from attnkit.figures.canvas import Canvas
from attnkit.figures.sound import Heard, draw_sound
from attnkit.panels.base import AnyKnob, Knob, PicturePanel

SEED = 77  # with the draw, of the sounds that are shown: none that anybody has trained on
TOP = BANDS * LINES * RATE / WINDOW  # Hz


def sound_panel(models: Mapping[str, Pooled], loudness: float = -7) -> PicturePanel:
    """A sound's spectrogram, and under it each model's weights and verdict; how loud, and which.

    models: by name, trained on `chirp.frames`.
    """

    @lru_cache(maxsize=64)
    def made(draw: int, loudness: float) -> tuple[Sounds, npt.NDArray[np.float64]]:
        sounds = make_sounds(1, loudness, [SEED, draw])
        return sounds, spectrogram(sounds.x_NS)[0]

    def picture(loudness: float, draw: int) -> Canvas:
        sounds, level_TB = made(draw, loudness)
        x_1TF = frames(sounds.x_NS)
        heard = {}
        for name, model in models.items():
            z_N, w_NT, _ = model.read(x_1TF)
            heard[name] = Heard(float(0.5 * (1 + np.tanh(z_N[0] / 2))), w_NT[0])
        start = float(sounds.start_N[0]) / RATE
        span = (start, start + CHIRP / RATE)
        return draw_sound(level_TB, span, bool(sounds.y_N[0]), heard, TOP, loudness)

    knobs: list[AnyKnob] = [
        Knob("loudness", "loudness in dB", -14, 2, 1, int(loudness)),
        Knob("draw", "which sound", 1, 20, 1, 1),
    ]
    return PicturePanel(knobs, picture)
