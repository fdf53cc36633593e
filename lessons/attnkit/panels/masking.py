"""Lesson 5's panel: click words to mask them, add padding, and watch the output hold still."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from attnkit.figures.bars import one_per_word
from attnkit.figures.canvas import Canvas
from attnkit.figures.masking import draw_masking
from attnkit.normalising import softmax
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel, Switch, grid
from attnkit.panels.learner import NoPictureError, call, name_of, same, title_of

FloatArray = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MaskedSoftmax = Callable[..., Any]

MOST_PADS = 16
WORDS = ("a", "slow", "start", "but", "a", "wonderful", "ending")
SCORES = (-0.6, 0.9, 0.1, -1.2, -0.6, 2.1, 0.7)
VALUES = (0.0, -1.4, -0.3, 0.1, 0.0, 2.2, 0.8)  # of each word, from blame to praise
PAD_SCORE, PAD_VALUE = 0.4, -1.5  # a pad is a vector like any other, if nothing hides it


def never_there(s_T: FloatArray, keep_T: Bools) -> FloatArray:
    """The weights as if masked positions had never been: softmax of the rest, zeros elsewhere."""
    weights = np.zeros(len(s_T))
    if keep_T.any():
        weights[keep_T] = softmax(s_T[keep_T])
    return weights


def _ignored(s_T: FloatArray, keep_T: Bools) -> FloatArray:
    return softmax(s_T)


def _times_mask(s_T: FloatArray, keep_T: Bools) -> FloatArray:
    return softmax(s_T * keep_T)


def _blanked(s_T: FloatArray, keep_T: Bools) -> FloatArray:
    return softmax(s_T) * keep_T


def _penalised(s_T: FloatArray, keep_T: Bools) -> FloatArray:
    return softmax(s_T - 3.0 * ~keep_T)


WAYS: Mapping[str, Callable[[FloatArray, Bools], FloatArray]] = {
    "as if never there": never_there,
    "mask forgotten": _ignored,
    "scores × mask": _times_mask,
    "weights × mask, not divided again": _blanked,
    "3 taken off masked scores": _penalised,
}


class MaskPanel(PicturePanel):
    """The panel that `mask_panel` makes: its words are buttons in one row."""

    def __init__(
        self,
        masked_softmax: MaskedSoftmax | None,
        words: Sequence[str],
        s_T: npt.ArrayLike,
        v_T: npt.ArrayLike,
    ) -> None:
        self._fn = masked_softmax
        self._tokens = [str(word) for word in words]
        self._scores = one_per_word("scores", s_T, self._tokens)
        self._values = one_per_word("values", v_T, self._tokens)
        ways: dict[str, Any] = {label: label for label in WAYS}
        own = "" if masked_softmax is None else title_of(masked_softmax)
        if masked_softmax is not None:
            ways = {own: "yours", **ways}
        knobs: list[AnyKnob] = [
            Choice("way", "masked by", ways, next(iter(ways.values()))),
            Knob("pads", "pads behind", 0, MOST_PADS, 1, 3),
            *(Switch(f"keep_{t}", word, True) for t, word in enumerate(self._tokens)),
        ]
        super().__init__(knobs, self._look)

    def _arrange(self, rows: Mapping[str, widgets.Widget]) -> list[widgets.Widget]:
        chips = [rows[f"keep_{t}"] for t in range(len(self._tokens))]
        label = widgets.Label("words that may be seen:")
        flow = widgets.Layout(flex_flow="row wrap", align_items="center")
        return [widgets.HBox([label, *chips], layout=flow), rows["way"], grid([rows["pads"]])]

    def _other_control(self, knob: Any) -> widgets.ValueWidget:
        if not isinstance(knob, Switch):
            return super()._other_control(knob)
        layout = widgets.Layout(width="auto")
        return widgets.ToggleButton(value=knob.value, description=knob.label, layout=layout)

    @property
    def params(self) -> dict[str, Any]:
        """way, pads, and ``keep``: one True or False for each word."""
        every = super().params
        keep = tuple(every.pop(f"keep_{t}") for t in range(len(self._tokens)))
        return {**every, "keep": keep}

    def set(self, **params: Any) -> None:
        """Move some knobs, and draw once; ``keep`` takes True or False for each word."""
        if "keep" in params:
            keep = [bool(each) for each in params.pop("keep")]
            if len(keep) != len(self._tokens):
                raise ValueError(f"keep needs {len(self._tokens)} values, one for each word.")
            params |= {f"keep_{t}": each for t, each in enumerate(keep)}
        super().set(**params)

    def _padded(self, pads: int, keep: Sequence[bool]) -> tuple[FloatArray, FloatArray, Bools]:
        scores = np.append(self._scores, [PAD_SCORE] * pads)
        values = np.append(self._values, [PAD_VALUE] * pads)
        return scores, values, np.array([*keep, *[False] * pads], dtype=bool)

    def _look(self, way: str, pads: int, keep: Sequence[bool]) -> Canvas | tuple[Canvas, str]:
        weights, outputs, shoulds = [], [], []
        for count in range(MOST_PADS + 1):
            scores, values, kept = self._padded(count, keep)
            found = self._own(scores, kept) if way == "yours" else WAYS[way](scores, kept)
            weights.append(found)
            outputs.append(float(found @ values))
            shoulds.append(float(never_there(scores, kept) @ values))
        scores, _, kept = self._padded(pads, keep)
        true = never_there(scores, kept)
        right = same(outputs, shoulds) and same(weights[pads], true)
        canvas = draw_masking(
            [*self._tokens, *["pad"] * pads], kept, weights[pads], outputs, pads,
            right_P=None if right else shoulds, ghost=None if right else true,
            quantity="output",
        )  # fmt: skip
        if way != "yours":
            return canvas
        name = name_of(self._fn) if self._fn else ""
        if right:
            return canvas, f"✓ {name} does it: no pad and no masked word moves the output."
        return canvas, f"▲ {name}: {_verdict(weights[pads], kept)}."

    def _own(self, scores: FloatArray, keep: Bools) -> FloatArray:
        assert self._fn is not None
        result = call(self._fn, scores, keep)
        try:
            weights = np.asarray(result, dtype=np.float64)
        except (TypeError, ValueError):
            raise NoPictureError(f"{name_of(self._fn)} does not return plain numbers.") from None
        if weights.shape != scores.shape:
            raise NoPictureError(
                f"{name_of(self._fn)} returns the shape {weights.shape} for scores of the shape "
                f"{scores.shape}; it should be the same."
            )
        return weights


def _verdict(weights: FloatArray, keep: Bools) -> str:
    if not np.isfinite(weights).all():
        return "some weights are not finite (nan or inf)"
    if np.abs(weights[~keep]).sum() > 1e-9:
        return "masked positions get weight, drawn in orange"
    if abs(weights.sum() - 1) > 1e-6 and keep.any():
        return f"the weights add up to {weights.sum():.4g}, but should add up to 1"
    return "these are not the weights they should be: compare the dashed bars"


def mask_panel(
    masked_softmax: MaskedSoftmax | None = None,
    words: Sequence[str] = WORDS,
    s_T: npt.ArrayLike = SCORES,
    v_T: npt.ArrayLike = VALUES,
) -> MaskPanel:
    """Click words to mask them and add padding; the output's trace must stay flat.

    Each word has a score in ``s_T`` and one number ``v_T`` to be mixed; a pad has some too.
    ``masked_softmax(s, mask)`` is the learner's own; wrong ways of masking can be chosen beside it,
    to see the output move.

    ``panel.set(keep=[True, False, …], pads=5, way="mask forgotten")`` does what a hand does.
    """
    return MaskPanel(masked_softmax, words, s_T, v_T)
