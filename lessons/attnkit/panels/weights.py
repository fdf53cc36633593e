"""`explore`: sliders on any function that returns attention weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.attention import RowKind, as_heads, draw_attention, troubles
from attnkit.figures.canvas import Canvas
from attnkit.panels.base import Knob, PicturePanel, as_knob
from attnkit.panels.learner import NoPictureError, call, name_of
from attnkit.panels.touch import Cells

FloatArray = npt.NDArray[np.float64]
WeightsFunction = Callable[..., Any]  # a learner's may return anything


class ExplorePanel(PicturePanel):
    """The panel that `explore` makes."""

    def __init__(
        self,
        weights_fn: WeightsFunction,
        tokens: Sequence[str] | None,
        keys: Sequence[str] | None,
        ghost: WeightsFunction | None,
        each: RowKind,
        knobs: dict[str, Any],
    ) -> None:
        self._fn, self._ghost, self._each = weights_fn, ghost, each
        self._tokens = None if tokens is None else [str(token) for token in tokens]
        self._keys = self._tokens if keys is None else [str(key) for key in keys]
        self._weights: FloatArray | None = None
        made = [as_knob(name, given) for name, given in knobs.items()]
        rows = self._rows({knob.name: knob.value for knob in made})
        if rows > 1:
            if each in knobs:
                raise ValueError(
                    f"{each} is the name of the slider that picks a row: call that knob otherwise."
                )
            label = "head" if each == "head" else "query, from the top"
            made.append(Knob(each, label, 1, rows, 1, rows))
        shown = f"shows its {each}’s weights as bars"
        super().__init__(made, self._look, Cells(self._pick, shown) if rows > 1 else None)

    def _rows(self, params: dict[str, Any]) -> int:
        """How many queries there are to choose from, asking the function if nobody told."""
        try:
            shape = np.shape(_weights_of(call(self._fn, **params)))
        except (NoPictureError, ValueError):
            shape = ()
        if self._tokens is None:
            return shape[-2] if len(shape) in (2, 3) else 1
        if self._keys is self._tokens and len(shape) == 1:  # one row of weights over the tokens
            self._tokens = ["query"]
        return len(self._tokens)

    @property
    def weights(self) -> FloatArray | None:
        """The weights in the picture, (H, T, S); None if the function has given none so far."""
        self._catch_up()
        return None if self._weights is None else self._weights.copy()

    def _pick(self, row: int, _key: int) -> None:
        """Show a row as bars, as its slider does: the row has been clicked on."""
        self.set(**{self._each: row + 1})

    def _look(self, **params: Any) -> tuple[Canvas, str]:
        row = params.pop(self._each, 1)
        returned = _weights_of(call(self._fn, **params))
        name = name_of(self._fn)
        try:
            w_HTS = as_heads(
                returned,
                None if self._tokens is None else len(self._tokens),
                None if self._keys is None else len(self._keys),
            )
        except ValueError as error:
            raise NoPictureError(f"{name}: {error}.") from None
        queries, keys = self._tokens, self._keys
        if queries is None:
            queries = [str(t + 1) for t in range(w_HTS.shape[1])]
        if keys is None:
            keys = [str(s + 1) for s in range(w_HTS.shape[2])]
        wrong = troubles(w_HTS, queries)
        should_be = None if self._ghost is None else _weights_of(call(self._ghost, **params))
        ghost = None
        if should_be is not None:
            ghost_HTS = as_heads(should_be, *w_HTS.shape[1:])
            same = np.shape(ghost_HTS) == w_HTS.shape
            right = same and np.allclose(ghost_HTS, w_HTS, rtol=1e-4, atol=1e-6)
            if not right:
                ghost = ghost_HTS
                wrong = wrong or "these are not the weights they should be: compare the dashed bars"
        self._weights = w_HTS
        canvas = draw_attention(w_HTS, queries, keys, row=row - 1, ghost=ghost, each=self._each)
        if wrong:
            return canvas, f"▲ {name}: {wrong}."
        return canvas, f"✓ {name} does it." if should_be is not None else ""


def _weights_of(returned: Any) -> Any:
    """The weights in what a function returned: of a pair (output, weights) the second."""
    if isinstance(returned, tuple) and len(returned) == 2:
        return returned[1]
    return returned


def explore(
    weights_fn: WeightsFunction,
    /,
    tokens: Sequence[str] | None = None,
    *,
    keys: Sequence[str] | None = None,
    ghost: WeightsFunction | None = None,
    each: RowKind = "query",
    **knobs: Any,
) -> ExplorePanel:
    """Sliders on a function that returns attention weights: your own, or any other.

    weights_fn: called as ``weights_fn(**knobs)``; returns weights of shape (S,), (T, S) or
        (H, T, S), or a pair (output, weights). NumPy, TensorFlow or lists.
    tokens: the words of the T queries; keys: those of the S keys, the same unless given.
    ghost: a function of the same knobs that says how it should be, drawn dashed until both agree.
    each: what each row of (T, S) is, "query", or "head" where all heads have one query.
    knobs: one for each argument of weights_fn. ``(low, high, step, value)`` or `knob(…)` is a
        slider, a list or a dict (label → value) a choice, True or False a switch, a text an entry.

        >>> panel = explore(lambda tau: softmax(scores_TS / tau), words, tau=(0.25, 4.0, 0.25, 1.0))
        >>> panel.set(tau=0.5)

    The picture: a heat map for each head, and below it the weights of one row as bars; one more
    slider, called as ``each`` says, picks which: from 1, the last one at first. If the function
    stops, or returns what cannot be weights, one sentence says so and the last good picture stays,
    greyed.

    ``panel.set(…)``, ``panel.params``, ``panel.weights`` and ``panel.static()`` do from code what a
    hand does.
    """
    return ExplorePanel(weights_fn, tokens, keys, ghost, each, knobs)
