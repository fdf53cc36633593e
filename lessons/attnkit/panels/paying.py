"""Lesson 10's panels: cost by length, heads on and off, weights in few bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.bits import draw_bits, quantise
from attnkit.figures.canvas import Canvas
from attnkit.figures.kept_heads import HeadPrices, draw_kept_heads
from attnkit.figures.lengths import LENGTHS, draw_lengths
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel, Switch
from attnkit.panels.learner import NoPictureError, call, name_of, same

Function = Callable[..., Any]
Arrays = Mapping[str, npt.NDArray[Any]]

FLOAT = 4  # bytes
ROWS = 1000  # of a large matrix so many are looked at, so that a slider can be followed


def length_panel(
    attention_cost: Function,
    lengths: Sequence[int],
    seconds: Mapping[str, Sequence[float]],
    D: int,
    H: int,
    chunk: int,
) -> PicturePanel:
    """What attention costs at a length, plain and in chunks.

    ``seconds`` holds what was measured at ``lengths`` for each of the two ways. The plain way's
    memory is counted by the learner's own ``attention_cost(B, T, S, D, H)``.
    """

    def picture(doublings: int) -> Canvas | tuple[Canvas, str]:
        T = LENGTHS[doublings]
        right = [FLOAT * H * length**2 for length in LENGTHS]
        few = [FLOAT * H * length * min(chunk, length) for length in LENGTHS]
        measured = {name: (lengths, list(some)) for name, some in seconds.items()}
        name, said = name_of(attention_cost), ""
        try:
            told = [call(attention_cost, 1, n, n, D, H)["score_floats"] * FLOAT for n in LENGTHS]
            said = f"✓ {name} counts the scores right."
            if told != right:
                said = f"▲ {name} counts {told[doublings] // FLOAT:,} scores, not {H * T * T:,}."
        except NoPictureError as trouble:
            said = f"▲ {trouble}"
        except (TypeError, KeyError, IndexError):
            said = f"▲ {name} does not return a dict with the key “score_floats”."
        return draw_lengths(T, measured, dict(zip(measured, (right, few), strict=False))), said

    return PicturePanel([Knob("doublings", "words T = 64 · 2 to the", 0, 8, 1, 5)], picture)


def kept_heads_panel(
    prune_heads: Function,
    params: Arrays,
    H: int,
    none_N: npt.ArrayLike,
    each_NH: npt.ArrayLike,
    y_N: npt.ArrayLike,
) -> PicturePanel:
    """A switch for each head, and the accuracy of what is left among all other choices.

    ``none_N``: the logits without any head; ``each_NH``: what each head adds. The heads that stay
    are cut out of ``params`` by the learner's own ``prune_heads(params, keep, H)``.
    """
    prices = HeadPrices(none_N, each_NH, y_N)

    def picture(**switches: bool) -> Canvas | tuple[Canvas, str]:
        heads = [h for h in range(H) if switches[f"head_{h}"]]
        canvas = draw_kept_heads(prices, heads)
        if not heads:
            return canvas, "No head is left: each word stays what it is."
        try:
            return canvas, _judge_pruned(prune_heads, params, heads, H)
        except NoPictureError as trouble:
            return canvas, f"▲ {trouble}"

    knobs: list[AnyKnob] = [Switch(f"head_{h}", f"head {h}", True) for h in range(H)]
    return PicturePanel(knobs, picture)


def _judge_pruned(prune_heads: Function, params: Arrays, heads: list[int], H: int) -> str:
    """A sentence on what the learner's function makes of these heads."""
    name = name_of(prune_heads)
    given = call(prune_heads, dict(params), list(heads), H)
    K = params["Wq"].shape[1] // H
    columns = (np.array(heads)[:, None] * K + np.arange(K)).ravel()
    saved = kept = 0
    for key in ("Wq", "Wk", "Wv", "Wo"):
        right = params[key][columns] if key == "Wo" else params[key][:, columns]
        try:
            fits = same(given[key], right)
        except (TypeError, KeyError, ValueError):
            raise NoPictureError(f"{name} does not return a dict with the array {key}.") from None
        if not fits:
            return (
                f"▲ {name} gives {key} the shape {np.shape(given[key])}, or other numbers: it "
                f"should be these heads' own, {right.shape}."
            )
        kept += right.size
        saved += params[key].size - right.size
    return f"✓ {name} keeps {kept:,} of {kept + saved:,} numbers of the four matrices."


def bits_panel(
    quantize_int8: Function, arrays: Arrays, accuracy: Mapping[int, float]
) -> PicturePanel:
    """A model's matrices in 2 to 8 bits: histogram, error, and the accuracy that was measured.

    ``arrays``: matrices by name, of which the first 1,000 rows are looked at. ``accuracy``: bits →
    share that the model gets right. Eight bits are the learner's own
    ``quantize_int8(w_IO) -> (q, scale)``.
    """

    def picture(bits: int, matrix: str) -> Canvas | tuple[Canvas, str]:
        w = arrays[matrix][:ROWS]
        q, scale = quantise(w, bits)
        right = q * scale
        if bits != 8:
            return draw_bits(w, right, bits, matrix, accuracy)
        name = name_of(quantize_int8)
        try:
            given = call(quantize_int8, w)
            codes, scales = given
            own = np.asarray(codes, np.float64) * np.asarray(scales, np.float64)
        except NoPictureError as trouble:
            return draw_bits(w, right, bits, matrix, accuracy), f"▲ {trouble}"
        except (TypeError, ValueError):
            said = f"▲ {name} should return two arrays that can be multiplied: codes and scales."
            return draw_bits(w, right, bits, matrix, accuracy), said
        if own.shape != w.shape:
            said = f"▲ {name} gives codes and scales of other shapes: {np.shape(codes)}."
            return draw_bits(w, right, bits, matrix, accuracy), said
        off = float(np.abs(own - w).max())
        said = f"✓ {name}: no weight is more than {off:.2g} off."
        if not np.allclose(own, right, atol=1e-6 * float(np.abs(w).max() or 1)):
            said = f"▲ {name}: a weight is {off:.2g} off, more than rounding needs."
        return draw_bits(w, own, bits, matrix, accuracy), said

    names = {name: name for name in arrays}
    return PicturePanel(
        [Choice("matrix", "matrix", names, next(iter(names))), Knob("bits", "bits", 2, 8, 1, 4)],
        picture,
    )
