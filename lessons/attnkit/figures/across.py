"""Lesson 13's pictures: a digit cut into patches, and two digits with a question about one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import number
from attnkit.figures.canvas import Canvas, Rgb, Table
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]

MARGIN, SIDE, GAP = 16.0, 128.0, 5.0
PIXEL = 16.0  # points: of a patch that stands among the others as a word
WORDS_WIDE = 300.0  # points: of a row of patches
STRONGEST = 0.75  # of a patch's ground: its number can be read on light and on dark paper
BARS = 150.0


def draw_patches(
    img_HW: FloatArray, words_TPP: FloatArray, back_HW: FloatArray | None, P: int
) -> Canvas:
    """A picture under a grid of patches, the patches as a row of words, and what they give back.

    img_HW: grey, from 0 to 1. words_TPP: the patches in their order. back_HW: the picture put
    together again; None leaves it out.
    """
    H, W = img_HW.shape
    T, wide = len(words_TPP), P * PIXEL
    in_a_row = max(1, int((WORDS_WIDE + GAP) // (wide + GAP)))
    rows = -(-T // in_a_row)
    numbered = T <= 16
    pitch = wide + GAP + (10 if numbered else 0)
    high = max(SIDE, rows * pitch) + 62
    left = MARGIN + SIDE + 34
    canvas = Canvas(left + WORDS_WIDE + 34 + SIDE + MARGIN, high)
    _image(canvas, MARGIN, 34, SIDE, SIDE * H / W, img_HW)
    for line in range(0, W + 1, P):
        x = MARGIN + SIDE * line / W
        canvas.path([(x, 34), (x, 34 + SIDE * H / W)], style.ORANGE, thick=1.1)
    for line in range(0, H + 1, P):
        y = 34 + SIDE * line / W
        canvas.path([(MARGIN, y), (MARGIN + SIDE, y)], style.ORANGE, thick=1.1)
    canvas.text(MARGIN, 18, f"{H} × {W} pixels")
    words = "1 word" if T == 1 else f"{T} words"
    numbers = "1 number" if P == 1 else f"{P * P} numbers"
    canvas.text(left, 18, f"{words} of {numbers}")
    for t, patch_PP in enumerate(words_TPP):
        x, y = left + (t % in_a_row) * (wide + GAP), 34 + (t // in_a_row) * pitch
        _image(canvas, x, y, wide, wide, patch_PP)
        if numbered:
            canvas.text(x + wide / 2, y + wide + 7, str(t + 1), size=7, colour=style.QUIET,
                        anchor="middle")  # fmt: skip
    if back_HW is not None:
        x = left + WORDS_WIDE + 34
        canvas.text(x, 18, "and back")
        _image(canvas, x, 34, SIDE, SIDE * H / W, back_HW)
    canvas.alt = (
        f"A picture of {H} by {W} pixels, cut into patches of {P} by {P}: {words} of {numbers}."
    )
    canvas.table = Table(
        ("word", "row", "column", "mean grey"),
        tuple(
            (str(t + 1), str(P * (t // (W // P)) + 1), str(P * (t % (W // P)) + 1),
             number(float(np.nan_to_num(patch_PP).mean())))
            for t, patch_PP in enumerate(words_TPP)
        ),
    )  # fmt: skip
    return canvas


def draw_question(
    img_HW: FloatArray, w_IJ: FloatArray, p_C: FloatArray, question: str, right: int
) -> Canvas:
    """Two digits side by side, how much of a question's weight each patch gets, and the answer.

    w_IJ: a weight for each patch, by row and column. p_C: the probability of each digit. right: the
    digit that was asked for.
    """
    (H, W), (rows, columns) = img_HW.shape, w_IJ.shape
    wide, high = 2 * SIDE + 40, (2 * SIDE + 40) * H / W
    top = 40.0
    canvas = Canvas(MARGIN + wide + 150 + BARS + MARGIN + 20, top + high + 30)
    canvas.text(MARGIN, 16, f"Which digit is on the {question}?", size=style.LARGE)
    _image(canvas, MARGIN, top, wide, high, img_HW)
    side_x, side_y = wide / columns, high / rows
    strongest = max(float(np.nanmax(w_IJ)), 1e-9)
    for i, j in np.ndindex(rows, columns):
        x, y, w = MARGIN + j * side_x, top + i * side_y, float(w_IJ[i, j])
        alpha = STRONGEST * float(np.clip(w / strongest, 0, 1))
        canvas.rect(x, y, side_x, side_y, style.BLUE, alpha=round(alpha, 3))
        label = number(w)
        box = text_width(label, style.SMALL) + 8
        canvas.rect(x + side_x / 2 - box / 2, y + side_y - 19, box, 14, style.PAPER, round=3)
        canvas.text(x + side_x / 2, y + side_y - 12, label, size=style.SMALL, anchor="middle")
    for j in range(columns + 1):
        thick = 2.4 if j == columns // 2 else 0.7
        x = MARGIN + j * side_x
        canvas.path([(x, top), (x, top + high)], style.QUIET, thick=thick)
    for i in range(rows + 1):
        y = top + i * side_y
        canvas.path([(MARGIN, y), (MARGIN + wide, y)], style.QUIET, thick=0.7)
    _answers(canvas, MARGIN + wide + 50, p_C, right)
    half_IJ = np.arange(columns) >= columns // 2
    on_right = float(w_IJ[:, half_IJ].sum())
    share = on_right if question == "right" else 1 - on_right
    said = int(np.argmax(p_C))
    canvas.alt = (
        f"Asked for the digit on the {question}, the model says {said}, with {p_C[said]:.2f}; "
        f"it is {right}. {share:.0%} of the question’s weight lies on that half."
    )
    canvas.table = Table(
        ("row of patches", *(f"column {j + 1}" for j in range(columns))),
        tuple((str(i + 1), *(f"{w:.3f}" for w in w_J)) for i, w_J in enumerate(w_IJ.tolist())),
    )
    return canvas


def _answers(canvas: Canvas, left: float, p_C: Sequence[float] | FloatArray, right: int) -> None:
    canvas.text(
        left, 16, "its answer (star: the right digit)", size=style.SMALL, colour=style.QUIET
    )
    best = int(np.argmax(p_C))
    for digit, p in enumerate(np.asarray(p_C).tolist()):
        y = 40 + 14.6 * digit
        canvas.text(left + 8, y, str(digit), size=style.SMALL, bold=digit == best, anchor="end")
        canvas.rect(left + 16, y - 5, BARS, 10, None, line=style.FAINT)
        canvas.rect(left + 16, y - 5, BARS * float(np.clip(p, 0, 1)), 10, style.ORANGE)
        canvas.text(left + 22 + BARS, y, f"{p:.2f}", size=style.SMALL)
        if digit == right:
            canvas.star(left + 56 + BARS, y, 6, style.YELLOW)


def _image(
    canvas: Canvas, x: float, y: float, wide: float, high: float, img_HW: FloatArray
) -> None:
    level = np.clip(np.nan_to_num(img_HW), 0, 1)
    grey: Rgb = (255 * (1 - 0.88 * level)).astype(np.uint8)
    canvas.image(x, y, wide, high, np.repeat(grey[:, :, None], 3, axis=2))
    canvas.rect(x, y, wide, high, None, line=style.QUIET, thick=0.8)
