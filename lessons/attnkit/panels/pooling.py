"""Attention pooling of a sentence in a plane, by hand or by a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.live import LiveSvg
from attnkit.figures.pooling import PoolingPicture
from attnkit.normalising import softmax
from attnkit.panels.base import Choice, Knob, Panel, card, grid
from attnkit.panels.learner import in_short, name_of, newest, unwritten
from attnkit.style import CourseFigure

FloatArray = npt.NDArray[np.float64]
Pool = Callable[[FloatArray, FloatArray, FloatArray], Any]  # a learner's may return anything

# Names of the knobs of linked mode, and how far they go.
ANGLE = Knob("angle", "direction of u (°)", -180, 180, 5, 0)
LENGTH = Knob("length", "length of u", 0, 2.5, 0.125, 1.5)
TURN = Knob("turn", "turn by W (°)", -180, 180, 5, 0)
SCORE_LIMIT = 5.0


@dataclass(frozen=True)
class Answer:
    """What a learner's pool gave: usable weights and z, or none, and one sentence about it."""

    weights: FloatArray | None
    z: FloatArray | None
    right: bool
    sentence: str


def reference_pool(
    x_TD: FloatArray, W_AD: FloatArray, u_A: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Attention pooling by library calls: softmax of the scores u·(W x), then the weighted mean."""
    s_T = softmax(x_TD @ W_AD.T @ u_A)
    return np.average(x_TD, axis=0, weights=s_T), s_T


def ask(pool: Pool, x_TD: FloatArray, W_AD: FloatArray, u_A: FloatArray) -> Answer:
    """Call a learner's pool on copies of the inputs, and say in one sentence what came of it."""
    z_right, s_right = reference_pool(x_TD, W_AD, u_A)
    name = name_of(pool)
    try:
        with np.errstate(all="ignore"):
            result = pool(x_TD.copy(), W_AD.copy(), u_A.copy())
    except NotImplementedError as error:  # of the function itself, or of one that it calls
        return _useless(
            f"{unwritten(error)} is not written yet: the dashed lines show what it will give."
        )
    except Exception as error:  # whatever a learner's code raises
        return _useless(f"{name} stopped with {in_short(error, pool)}.")
    if result is None:
        return _useless(f"{name} gives nothing back: it should end with return z_D, s_T.")
    if not isinstance(result, tuple | list) or len(result) != 2:
        what = type(result).__name__
        return _useless(f"{name} returned one {what}, but it should return two things: z_D, s_T.")

    given: dict[str, FloatArray] = {}
    wanted = {"z_D": z_right.shape, "s_T": s_right.shape}
    for part, value in zip(wanted, result, strict=True):
        try:
            given[part] = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            return _useless(f"{part} of {name} is not an array of plain numbers.")
    shapes = {part: array.shape for part, array in given.items()}
    if shapes == dict(zip(wanted, reversed(wanted.values()), strict=True)) != wanted:
        return _useless(f"{name} returns the weights first: it should return z_D, then s_T.")
    for part, array in given.items():
        if array.shape != wanted[part]:
            return _useless(
                f"{part} of {name} has the shape {array.shape}, but it should have {wanted[part]}."
            )
        if not np.isfinite(array).all():
            return _useless(f"{part} of {name} holds numbers that are not finite (nan or inf).")
    z_D, s_T = given["z_D"], given["s_T"]
    if (s_T < 0).any():
        return _useless(f"Some weights of {name} are negative, but a weight is at least 0.")
    if not np.isclose(s_T.sum(), 1, atol=1e-4):
        return _useless(f"The weights of {name} add up to {s_T.sum():.4g}, but should add up to 1.")

    if not np.allclose(s_T, s_right, rtol=1e-4, atol=1e-6):
        sentence = "add up to 1, but are not those of these scores: compare with the dashed bars."
        return Answer(s_T, z_D, False, f"The weights of {name} {sentence}")
    if not np.allclose(z_D, z_right, rtol=1e-4, atol=1e-6):
        sentence = "are right, but its z is not their mean of the words: that is the dashed star."
        return Answer(s_T, z_D, False, f"The weights of {name} {sentence}")
    return Answer(s_T, z_D, True, f"{name} does it: this picture is drawn from what it returns.")


def _useless(sentence: str) -> Answer:
    return Answer(None, None, False, sentence)


class PoolingPanel(Panel):
    """Attention pooling of a sentence in a plane, by hand or by a query. See `pooling_panel`."""

    def __init__(
        self, tokens: Sequence[str], x_TD: npt.ArrayLike, pool: Pool | None = None
    ) -> None:
        self._tokens = [str(token) for token in tokens]
        self._x_TD = np.array(x_TD, dtype=np.float64)
        self._pool = pool
        self._last_good: tuple[FloatArray, FloatArray] | None = None
        self._lives: dict[tuple[bool, bool], LiveSvg] = {}  # one ground for each legend
        mode = Choice(
            "mode", "Scores from", {"one slider a word": "free", "a query u": "linked"},
            "free" if pool is None else "linked",
        )  # fmt: skip
        scores = [
            Knob(f"score_{i}", token, -SCORE_LIMIT, SCORE_LIMIT, 0.25, 0.0)
            for i, token in enumerate(self._tokens)
        ]
        super().__init__([mode, ANGLE, LENGTH, TURN, *scores])

    @cached_property
    def _kept(self) -> PoolingPicture:
        return self._new_picture()

    def _new_picture(self) -> PoolingPicture:
        farthest = float(np.linalg.norm(self._x_TD, axis=-1).max())
        reach = float(np.ceil(max(SCORE_LIMIT, LENGTH.high * farthest)))
        return PoolingPicture(
            self._tokens, self._x_TD, scores=True, reach=reach, query=True,
            ghost=self._pool is not None,
        )  # fmt: skip

    def _arrange(self, rows: Mapping[str, widgets.Widget]) -> list[widgets.Widget]:
        linked = [rows[knob.name] for knob in (ANGLE, LENGTH, TURN)]
        free = [rows[f"score_{i}"] for i in range(len(self._tokens))]
        self._groups = {"linked": grid(linked), "free": grid(free)}
        return [rows["mode"], *self._groups.values()]

    @property
    def params(self) -> dict[str, Any]:
        """mode, angle, length, turn, and ``scores``: those of free mode, one for each word."""
        every = super().params
        scores = tuple(every.pop(f"score_{i}") for i in range(len(self._tokens)))
        return {**every, "scores": scores}

    def set(self, **params: Any) -> None:
        """Move some knobs, and draw once; ``scores`` takes one number for each word."""
        if "scores" in params:
            scores = list(params.pop("scores"))
            if len(scores) != len(self._tokens):
                raise ValueError(f"scores needs {len(self._tokens)} numbers, one for each word.")
            params |= {f"score_{i}": score for i, score in enumerate(scores)}
        super().set(**params)

    @property
    def weights(self) -> FloatArray:
        """The weights s_T in the picture: the learner's where they can be used, else as they should
        be."""
        self._catch_up()
        return self._weights.copy()

    def _show(self, at_once: bool = False) -> None:
        for mode, group in self._groups.items():
            group.layout.display = None if mode == self.params["mode"] else "none"
        super()._show(at_once)

    def _draw(self, params: Mapping[str, Any]) -> str:
        if params["mode"] == "free":
            sentence = self._by_hand(np.array(params["scores"], dtype=np.float64))
        else:
            sentence = self._by_query(params["angle"], params["length"], params["turn"])
        self._kept.update(**self._state)
        return card(self._live().svg(), sentence)

    def _live(self) -> LiveSvg:
        kept = self._kept
        if kept.keys not in self._lives:
            self._lives[kept.keys] = LiveSvg(
                kept.figure, kept.moving, kept.over, name=f"{self._id}-{len(self._lives)}"
            )
        return self._lives[kept.keys]

    def _by_hand(self, e_T: FloatArray) -> str:
        self._weights = softmax(e_T)
        z_D = np.average(self._x_TD, axis=0, weights=self._weights)
        self._state: dict[str, Any] = {"s_T": self._weights, "z_D": z_D, "e_T": e_T}
        return ""

    def _by_query(self, angle: float, length: float, turn: float) -> str:
        u_A, W_AD = length * rotation(angle)[:, 0], rotation(turn)
        direction = W_AD.T @ u_A  # uᵀW x = (Wᵀu)ᵀx
        z_D, s_T = reference_pool(self._x_TD, W_AD, u_A)
        answer = Answer(s_T, z_D, True, "")
        if self._pool is not None:
            answer = ask(newest(self._pool), self._x_TD, W_AD, u_A)
        usable = answer.weights is not None and answer.z is not None
        if answer.weights is not None and answer.z is not None:
            self._last_good = answer.weights, answer.z
        drawn_s, drawn_z = self._last_good or (None, None)
        self._weights = s_T if answer.weights is None else answer.weights
        self._state = {
            "s_T": drawn_s, "z_D": drawn_z, "e_T": self._x_TD @ direction, "query": direction,
            "query_name": "u" if turn == 0 else "Wᵀu",
            "ghost": None if answer.right else (s_T, z_D), "faded": not usable,
        }  # fmt: skip
        return f"{'✓' if answer.right else '▲'} {answer.sentence}" if answer.sentence else ""

    def _describe(self) -> str:
        return self._kept.figure.alt

    def static(self) -> CourseFigure:
        """The picture as it is now, as a figure of its own: for print, and where no kernel is."""
        self._catch_up()
        picture = self._new_picture()
        with style.look():
            picture.update(**self._state)
        return picture.figure


def rotation(degrees: float) -> FloatArray:
    """The 2×2 matrix that turns a point about the origin, against the clock."""
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def pooling_panel(
    tokens: Sequence[str], x_TD: npt.ArrayLike, pool: Pool | None = None
) -> PoolingPanel:
    """Sliders over attention pooling: T words, their points x_TD (T, 2), and the mean z they give.

    In free mode there is a score slider for each word, and softmax makes weights of the scores. In
    linked mode the knobs are the query: the direction and length of u, and a turn by W (a rotation;
    turning u and W by the same angle changes nothing, since only Wᵀu counts). There the picture is
    drawn from the learner's own ``pool(x_TD, W_AD, u_A) -> (z_D, s_T)``. As long as its answer is
    not right, a dashed ghost shows what is, and one sentence says what is wrong.

    ``panel.set(angle=90, length=2, turn=0)``, ``panel.set(mode="free", scores=[…])``,
    ``panel.params``, ``panel.weights`` and ``panel.static()`` do from code what a hand does.
    """
    return PoolingPanel(tokens, x_TD, pool)
