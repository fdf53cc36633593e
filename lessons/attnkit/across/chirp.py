"""A sound made by rule: somewhere in a second of noise a chirp rises or falls, over a steady hum.

A second has 4,000 numbers. As a spectrogram it is cut into 30 frames, with 24 bands of pitch each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]
BoolArray = npt.NDArray[np.bool_]

RATE = 4000  # numbers in a second, and in a sound
CHIRP = 800  # numbers of a chirp: 0.2 s
LOW, HIGH = 600.0, 1400.0  # Hz, between which it sweeps
HUM = (300.0, 1800.0)  # Hz, between which a sound's hum is drawn
FRAMES, BANDS = 30, 24
HOP, WINDOW = RATE // FRAMES, 256  # numbers from frame to frame, and in each
LINES = 5  # of the Fourier transform that make a band, of 78 Hz
STACKED = 5  # frames side by side, so that a row knows what rises
LOUDNESS = -7.0  # dB: a chirp's power at its loudest beside the noise's, here a fifth


@dataclass(frozen=True)
class Sounds:
    """N sounds x_NS of 4,000 numbers; y_N, 1 where the chirp rises; start_N, where it begins."""

    x_NS: FloatArray
    y_N: IntArray
    start_N: IntArray

    @property
    def inside_NT(self) -> BoolArray:
        """Which frames have their middle in the chirp: 6 of 30."""
        middle_T = HOP * np.arange(FRAMES) + HOP // 2
        after_NT = middle_T - self.start_N[:, None]
        inside: BoolArray = (after_NT >= 0) & (after_NT < CHIRP)
        return inside


def make_sounds(n: int, loudness: float, seed: int | list[int]) -> Sounds:
    """n sounds whose chirps are so loud, in dB beside the noise.

    The same seed gives the same noise, hums and places, whatever the loudness.
    """
    rng = np.random.default_rng(seed)
    x_NS = rng.normal(size=(n, RATE))
    y_N, start_N = rng.integers(2, size=n), rng.integers(RATE - CHIRP + 1, size=n)
    pitch_N, phase_N, hum_N = rng.uniform(*HUM, n), *rng.uniform(0, 2 * np.pi, (2, n))
    seconds_S, seconds_C = np.arange(RATE) / RATE, np.arange(CHIRP) / RATE
    x_NS += np.sin(2 * np.pi * pitch_N[:, None] * seconds_S + hum_N[:, None])
    first_N = np.where(y_N == 1, LOW, HIGH)
    sweep_N = (LOW + HIGH - 2 * first_N) / (CHIRP / RATE)  # Hz a second
    turns_NC = first_N[:, None] * seconds_C + sweep_N[:, None] * seconds_C**2 / 2
    shape_C = np.hanning(CHIRP) ** 0.5  # begins and ends softly
    chirp_NC = np.sin(2 * np.pi * turns_NC + phase_N[:, None]) * shape_C
    size = np.sqrt(2 * 10 ** (loudness / 10))
    np.put_along_axis(
        x_NS, start_N[:, None] + np.arange(CHIRP),
        np.take_along_axis(x_NS, start_N[:, None] + np.arange(CHIRP), axis=1) + size * chirp_NC,
        axis=1,
    )  # fmt: skip
    return Sounds(x_NS, y_N, start_N)


def spectrogram(x_NS: FloatArray) -> FloatArray:
    """How strong each band of pitch is in each frame, (N, 30, 24): the log of its power.

    From each band its mean over the second is taken away, and with it whatever hums all the time.
    """
    half = WINDOW // 2
    padded_NS = np.pad(x_NS, ((0, 0), (half, half)))
    place_TW = HOP * np.arange(FRAMES)[:, None] + HOP // 2 + np.arange(WINDOW)
    shape_W = np.hanning(WINDOW)
    log_NTB = np.empty((len(x_NS), FRAMES, BANDS))
    for n, padded_S in enumerate(padded_NS):
        power_TL = np.abs(np.fft.rfft(padded_S[place_TW] * shape_W)) ** 2
        bands_TBL = power_TL[:, : BANDS * LINES].reshape(FRAMES, BANDS, LINES)
        log_NTB[n] = np.log(bands_TBL.sum(axis=2) + 1e-3)
    return log_NTB - log_NTB.mean(axis=1, keepdims=True)


def frames(x_NS: FloatArray) -> FloatArray:
    """A row for each frame, with its two neighbours on either side: (N, 30, 120)."""
    side = STACKED // 2
    padded = np.pad(spectrogram(x_NS), ((0, 0), (side, side), (0, 0)), mode="edge")
    return np.concatenate([padded[:, i : i + FRAMES] for i in range(STACKED)], axis=2)
