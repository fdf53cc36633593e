"""Lesson 13's panels: which letter of a date is written by which, patches, and a question."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from attnkit.figures.across import draw_patches, draw_question
from attnkit.figures.attention import draw_attention
from attnkit.figures.canvas import Canvas
from attnkit.panels.base import AnyKnob, Choice, Entry, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, newest, same
from attnkit.panels.touch import Cells

Function = Callable[..., Any]
FloatArray = npt.NDArray[np.float64]

LONGEST = 40  # letters of a date
DIGITS = 10  # of ISO's, hyphens included


class Reading(Protocol):
    """What the panel needs of a translator that reads a date: see across.translator.Reader."""

    mask_BS: Any

    def translated(self) -> list[str]: ...

    def sides(self, iso: list[str]) -> tuple[Any, Any, dict[str, Any]]: ...

    def weights(self, iso: list[str]) -> Any: ...


def alignment_panel(
    cross_attention: Function, read: Callable[[list[str]], Reading], text: str
) -> PicturePanel:
    """A date that can be typed, its translation, and which letters each digit was written by.

    cross_attention: the learner's own. read: what reads some dates, such as a `Reader` with its
    translator given.
    """

    @lru_cache(maxsize=64)
    def reading(text: str) -> tuple[Reading, str]:
        reader = read([text])
        return reader, reader.translated()[0]

    def picture(text: str, digit: int) -> tuple[Canvas, str]:
        text = " ".join(text.lower().split())
        if not text:
            raise NoPictureError("There is no date to read: type one.")
        if len(text) > LONGEST:
            raise NoPictureError(f"The translator reads {LONGEST} letters at most.")
        reader, iso = reading(text)
        if not iso:
            raise NoPictureError(f"The translator writes nothing for {text!r}.")
        y_BTD, x_BSD, matrices = reader.sides([iso])
        mask_BS = np.asarray(reader.mask_BS)
        given = call(cross_attention, y_BTD, x_BSD, *matrices.values(), 1, mask_BS)
        w_TS = _weights(cross_attention, given, (y_BTD.shape[1], x_BSD.shape[1]))
        fits = same(w_TS, reader.weights([iso]))
        name = name_of(newest(cross_attention))
        said = f"{text}  →  {iso}" if fits else (
            f"▲ {name} gives other weights than the translator reads by.  {text}  →  {iso}"
        )  # fmt: skip
        keys = ["␣" if letter == " " else letter for letter in text]
        row = min(digit, len(iso)) - 1
        return draw_attention(w_TS[: len(iso), : len(text)], list(iso), keys, row=row), said

    def picked(row: int, key: int) -> None:
        panel.set(digit=row + 1)

    knobs: list[AnyKnob] = [
        Entry("text", "date", text),
        Knob("digit", "letter of the answer", 1, DIGITS, 1, 6),
    ]
    panel = PicturePanel(knobs, picture, Cells(picked, shows="shows that letter’s weights as bars"))
    return panel


def _weights(function: Function, given: Any, shape: tuple[int, int]) -> FloatArray:
    """The weights (T, S) of a learner's `cross_attention`, one row and one head."""
    name = name_of(function)
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise NoPictureError(f"{name} should return two arrays: the outputs and the weights.")
    try:
        w_BHTS = np.asarray(given[1], np.float64)
    except (TypeError, ValueError):
        raise NoPictureError(f"{name} does not return plain numbers.") from None
    if w_BHTS.shape != (1, 1, *shape):
        raise NoPictureError(
            f"{name}’s weights have the shape {w_BHTS.shape}, but should have {(1, 1, *shape)}."
        )
    return w_BHTS[0, 0]


def patches_panel(
    patchify: Function, unpatchify: Function | None, img_NHWF: npt.NDArray[Any]
) -> PicturePanel:
    """A digit cut into patches of a chosen size, and put together again; both the learner's own.

    img_NHWF: (N, 8, 8, 1), from 0 to 1.
    """

    def picture(P: int, which: int) -> tuple[Canvas, str]:
        img_1HWF = np.asarray(img_NHWF[which - 1 : which], np.float64)
        right = _cut(img_1HWF, P)
        name = name_of(patchify)
        words_TD = _numbers(patchify, call(patchify, img_1HWF, P), right.shape)[0]
        fits = same(words_TD, right[0])
        said = f"✓ {name} is right." if fits else f"▲ {name} gives other patches: look at them."
        back_HW = None
        if unpatchify is not None:
            back = call(unpatchify, right, P, img_1HWF.shape)
            back_HW = _numbers(unpatchify, back, img_1HWF.shape)[0, :, :, 0]
            if not same(back_HW, img_1HWF[0, :, :, 0]):
                said += f" ▲ {name_of(unpatchify)} gives another picture back."
        return draw_patches(img_1HWF[0, :, :, 0], words_TD.reshape(-1, P, P), back_HW, P), said

    knobs: list[AnyKnob] = [
        Choice("P", "patches of P by P", {str(P): P for P in (1, 2, 4, 8)}, 2),
        Knob("which", "which digit", 1, len(img_NHWF), 1, 1),
    ]
    return PicturePanel(knobs, picture)


def _cut(img_BHWF: FloatArray, P: int) -> FloatArray:
    """The patches as they should be."""
    B, H, W, F = img_BHWF.shape
    img_BIPJPF = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    words: FloatArray = img_BIPJPF.swapaxes(2, 3).reshape(B, -1, P * P * F)
    return words


def _numbers(function: Function, given: Any, shape: tuple[int, ...]) -> FloatArray:
    name = name_of(function)
    try:
        array = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        raise NoPictureError(f"{name} does not return plain numbers.") from None
    if array.shape != shape:
        raise NoPictureError(f"{name} returns the shape {array.shape}, but should return {shape}.")
    return array


def question_panel(
    cross_attention: Function,
    read: Callable[[int, int], tuple[Any, Any, dict[str, Any], Any]],
    img_NHW: npt.NDArray[Any],
    digit_N2: npt.NDArray[np.int_],
    columns: int = 4,
    H: int = 4,
) -> PicturePanel:
    """Two digits, a question, and where it looks, by the learner's own `cross_attention`.

    read(n, side) gives, for picture n and side 0 or 1: y_BTD, x_BSD, the four matrices and the
    probabilities of ten digits. columns: of patches in a row. H: heads, of which the mean is shown.
    """

    @lru_cache(maxsize=128)
    def of(n: int, side: int) -> tuple[Any, Any, dict[str, Any], Any]:
        return read(n, side)

    def picture(which: int, side: int) -> Canvas:
        n = which - 1
        y_BTD, x_BSD, matrices, p_C = of(n, side)
        given = call(cross_attention, y_BTD, x_BSD, *matrices.values(), H)
        name = name_of(cross_attention)
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise NoPictureError(f"{name} should return two arrays: the outputs and the weights.")
        w_BHTS = _numbers(cross_attention, given[1], (1, H, 1, x_BSD.shape[1]))
        w_IJ = w_BHTS[0, :, 0].mean(axis=0).reshape(-1, columns)
        question = ("left", "right")[side]
        return draw_question(
            np.asarray(img_NHW[n], np.float64), w_IJ, np.asarray(p_C, np.float64), question,
            int(digit_N2[n, side]),
        )  # fmt: skip

    knobs: list[AnyKnob] = [
        Choice("side", "which one?", {"left": 0, "right": 1}, 0),
        Knob("which", "picture", 1, len(img_NHW), 1, 1),
    ]
    return PicturePanel(knobs, picture)
