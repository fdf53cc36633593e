"""Lesson 15's panel: a small language model writes on from what is typed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.canvas import Canvas
from attnkit.figures.next_word import NEW_LINE, SPACE, Choice, draw_next_word
from attnkit.panels.base import AnyKnob, Entry, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, newest, same
from attnkit.panels.touch import Cells
from attnkit.writing.byte_pairs import END, BytePairs
from attnkit.writing.stepwise import Caches, Step, Stepwise

Function = Callable[..., Any]
Array = npt.NDArray[Any]

TYPED, WRITTEN = 40, 40  # words that are read of what is typed, and the most that are written on
KEPT = 400  # beginnings whose caches are remembered
TRIED = 24  # words of the text on which a cached step is tried


def writing_panel(
    model: Stepwise,
    pairs: BytePairs,
    top_p: Function | None = None,
    cached_step: Function | None = None,
    text: str = "The film",
) -> PicturePanel:
    """Type a beginning: what may come next, whom each head reads, and on it goes word by word.

    ``top_p`` and ``cached_step`` are the learner's own, as in lesson 15. Without them, or until
    they are right, the kit chooses words and reads each text from its beginning, without a cache.
    """
    names = [piece_name(pairs, n) for n in range(pairs.size)]
    texts, choosing = Texts(model), Choosing(top_p, names)

    def picture(
        text: str, written: int, tau: float, p: int, draw: int, block: int, head: int
    ) -> tuple[Canvas, str]:  # fmt: skip
        typed = pairs.encode(text)
        ids = [END, *typed[:TYPED]]
        step, trouble = None, ""
        if cached_step is not None:
            trouble = step_trouble(model, newest(cached_step))
            step = None if trouble else newest(cached_step)
        chosen_wrong = ""
        u_N = np.random.default_rng(draw).random(WRITTEN + 1)
        for n in range(WRITTEN + 1):
            try:
                z_V, weights = texts.read(tuple(ids), step)
            except NoPictureError as stopped:
                step, trouble = None, str(stopped)
                z_V, weights = texts.read(tuple(ids), None)
            drawn_V, wrong = choosing.probabilities(tuple(ids), z_V, p / 100, tau)
            chosen_wrong = chosen_wrong or wrong
            next_ = _drawn(drawn_V, float(u_N[n]))
            if n == written or next_ == END:
                break
            ids.append(next_)
        choice = Choice(names, likely(z_V, 1.0, 1.0), drawn_V, next_)
        shown = [names[n] for n in ids]
        canvas = draw_next_word(shown, n, choice, weights(), block - 1, head - 1)
        said = _said(top_p, cached_step, chosen_wrong, trouble)
        if len(typed) > TYPED:
            said = f"{said} Only the first {TYPED} words of your text are read.".strip()
        return canvas, said

    def opened(row: int, key: int) -> None:
        panel.set(block=row // model.size.H + 1, head=row % model.size.H + 1)

    knobs: list[AnyKnob] = [
        Entry("text", "beginning", text),
        Knob("written", "words written on", 0, WRITTEN, 1, 0),
        Knob("draw", "which draw", 1, 20, 1, 1),
        Knob("tau", "temperature τ", 0.25, 2.25, 0.125, 1.0),
        Knob("p", "top-p, in %", 5, 100, 5, 90),
        Knob("block", "block", 1, model.size.L, 1, 1),
        Knob("head", "head", 1, model.size.H, 1, 1),
    ]
    panel = PicturePanel(knobs, picture, Cells(opened, shows="colours the text by that head"))
    return panel


def piece_name(pairs: BytePairs, number: int) -> str:
    """A word of the vocabulary as it can be shown: ␣ for a space, ↵ for a new line, bytes in ⟨⟩."""
    if number == END:
        return "(end)"
    piece = pairs.pieces[number]
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        return f"⟨{piece.hex()}⟩"
    text = text.replace(" ", SPACE).replace("\n", NEW_LINE)
    return text if text.isprintable() else f"⟨{piece.hex()}⟩"


def likely(z_V: Array, p: float, tau: float) -> Array:
    """The probabilities that lesson 15's `top_p` gives."""
    s_V = np.asarray(z_V, dtype=np.float64) / tau
    p_V = np.exp(s_V - s_V.max())
    p_V /= p_V.sum()
    if p < 1:
        order = np.lexsort((np.arange(len(p_V)), -p_V))
        enough = 1 + int(np.searchsorted(np.cumsum(p_V[order]), p - 1e-12))
        p_V[order[enough:]] = 0
    found: Array = p_V / p_V.sum()
    return found


def _drawn(p_V: Array, u: float) -> int:
    """The word that a number from 0 to 1 falls on."""
    ends = np.cumsum(p_V)
    place = int(np.searchsorted(ends, u * ends[-1], side="right"))
    return min(place, int(np.flatnonzero(p_V)[-1]))


class Choosing:
    """How words are chosen: the learner's `top_p` where it is right, else the kit's way."""

    def __init__(self, top_p: Function | None, names: list[str]) -> None:
        self._top_p, self._names = top_p, names
        self._known: OrderedDict[tuple[Any, ...], tuple[Array, str]] = OrderedDict()

    def probabilities(
        self, ids: tuple[int, ...], z_V: Array, p: float, tau: float
    ) -> tuple[Array, str]:  # fmt: skip
        """The probabilities to draw the word behind a text with, and what is wrong with `top_p`."""
        function = None if self._top_p is None else newest(self._top_p)
        key = (function, ids, p, tau)
        if key not in self._known:
            self._known[key] = self._chosen(z_V, p, tau)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    def _chosen(self, z_V: Array, p: float, tau: float) -> tuple[Array, str]:
        right = likely(z_V, p, tau)
        if self._top_p is None:
            return right, ""
        name = name_of(self._top_p)
        try:
            own = np.asarray(call(self._top_p, np.asarray(z_V, np.float64), p, tau), np.float64)
        except NoPictureError as trouble:
            return right, str(trouble)
        except (TypeError, ValueError):
            return right, f"{name} does not return plain numbers."
        if own.shape != right.shape:
            said = f"{name} returns the shape {own.shape}, but should return {right.shape}."
            return right, said
        if same(own, right):
            return own, ""
        off = int(np.argmax(np.nan_to_num(np.abs(own - right), nan=np.inf)))
        return right, (
            f"{name} gives “{self._names[off]}” {own[off]:.3f}, where {right[off]:.3f} is right."
        )


class Texts:
    """Texts that were read, each with its caches: who goes back to a beginning finds it as it was.

    That is what lesson 15 asks of a cache, and why a slider that changes how words are chosen need
    not have the model read the beginning again.
    """

    def __init__(self, model: Stepwise) -> None:
        self._model = model
        self._steps: OrderedDict[tuple[Function, tuple[int, ...]], Step] = OrderedDict()
        self._whole = lru_cache(maxsize=KEPT)(self._at_once)

    def read(
        self, ids: tuple[int, ...], cached_step: Function | None
    ) -> tuple[Array, Callable[[], Array]]:  # fmt: skip
        """The logits of the word behind a text, and what gives each head's weights (L, H, S).

        cached_step: None to read without a cache.
        """
        if cached_step is None:
            z_V, w_LHS = self._whole(ids)
            return z_V, lambda: w_LHS
        known = next(
            (n for n in range(len(ids), 0, -1) if (cached_step, ids[:n]) in self._steps), 0
        )
        step = self._steps.get((cached_step, ids[:known]))
        for n in range(known, len(ids)):
            kept = None if step is None else step.kept
            step = self._model.step(ids[n], kept, partial(call, cached_step))
            self._steps[cached_step, ids[: n + 1]] = step
        assert step is not None  # a text has its beginning at least
        while len(self._steps) > KEPT:
            self._steps.popitem(last=False)
        return step.z_V, step.weights

    def _at_once(self, ids: tuple[int, ...]) -> tuple[Array, Array]:
        z_TV, w_LHTT = self._model.read(ids)
        return z_TV[-1], w_LHTT[:, :, -1]


@lru_cache(maxsize=8)
def step_trouble(model: Stepwise, cached_step: Function) -> str:
    """What is wrong with a learner's `cached_step`, in a sentence; "" if it may be used."""
    name = name_of(cached_step)
    ids = [END, *range(1, TRIED)]
    right = model.read(ids)
    kept: Caches | None = None
    before: list[Array] = []
    try:
        for n, word in enumerate(ids):
            kept_before, old = kept, before
            step = model.step(word, kept, partial(call, cached_step))
            kept = step.kept
            if kept_before is not None and not all(
                np.array_equal(a, b) for a, b in zip(_numbers(kept_before), old, strict=True)
            ):
                return f"{name} changes the cache that it is given."
            before = [each.copy() for each in _numbers(kept)]
            if not _near(step.z_V, right.z_TV[n]):
                return (
                    f"{name} gives other outputs than the whole text read at once, from word "
                    f"{n + 1} on."
                )
            if not _near(step.weights(), right.w_LHTT[:, :, n, : n + 1]):
                return f"{name} gives a cache that isn't in the order of the words."
    except NoPictureError as trouble:
        return str(trouble)
    except Exception:  # whatever a learner's function returned can't be worked with
        return f"{name} should return two things: outputs of the queries’ shape, and a cache."
    return ""


def _numbers(kept: Caches) -> list[Array]:
    return [cache[name] for cache in kept for name in ("k", "v")]


def _near(given: Array, right: Array) -> bool:
    """Whether numbers agree that were summed in another order, in float32."""
    return given.shape == right.shape and bool(np.allclose(given, right, rtol=1e-3, atol=1e-3))


def _said(
    top_p: Function | None, cached_step: Function | None, choosing: str, reading: str
) -> str:  # fmt: skip
    """A sentence on whose functions are at work, and what is wrong with them."""
    wrong = [trouble for trouble in (reading, choosing) if trouble]
    if wrong:
        until = [said for trouble, said in (
            (reading, "each word is read from the beginning, without a cache"),
            (choosing, "the kit chooses words"),
        ) if trouble]  # fmt: skip
        return f"▲ {' '.join(wrong)} Until then {' and '.join(until)}."
    own = [f"{name_of(function)} {does}" for function, does in (
        (cached_step, "reads"), (top_p, "chooses")) if function]  # fmt: skip
    if not own:
        return ""
    return f"✓ {' and '.join(own)}: {'both are' if len(own) > 1 else 'it is'} right."
