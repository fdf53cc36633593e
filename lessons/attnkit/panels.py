"""Slider panels: knobs → parameters → one picture, with the learner's own function in between.

A `Panel` has knobs, each a slider with a number box beside it (the box is what a keyboard and a
screen reader use), and one picture. Every change takes the same short way, whether a hand, a test
or `Panel.set` makes it: read all knobs, compute, draw, write the picture once. The sentence that
says the same in words follows when the knobs have come to rest.

Without a kernel (a code host's viewer, an exported page) a panel is a static picture.
"""

from __future__ import annotations

import asyncio
import html
import sys
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt
from IPython.display import display
from ipywidgets.widgets.widget_description import DescriptionStyle
from scipy.special import softmax

from attnkit import style
from attnkit.figures.live import LiveSvg
from attnkit.figures.pooling import PoolingPicture
from attnkit.style import CourseFigure

FloatArray = npt.NDArray[np.float64]
Pool = Callable[[FloatArray, FloatArray, FloatArray], Any]  # a learner's may return anything

REST_SECONDS = 0.3  # how long the knobs must stand still before the sentence is written
INVITATION = "Run this cell to move the sliders."


@dataclass(frozen=True)
class Knob:
    """A number that a learner can move: ``name`` for code, ``label`` for people.

    With four whole numbers it moves among whole numbers. Otherwise prefer steps such as 1/4 and
    1/8, which binary numbers hold exactly: a browser's slider turns 0.3 into 0.30000000000000004,
    and an arrow key in the number box may then be lost.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float

    @property
    def whole(self) -> bool:
        """Whether it moves among whole numbers."""
        return all(isinstance(n, int) for n in (self.low, self.high, self.step, self.value))


@dataclass(frozen=True)
class Choice:
    """One of a few values that a learner can pick; ``options`` maps labels to values."""

    name: str
    label: str
    options: Mapping[str, str]
    value: str


class Panel:
    """Knobs and one picture. A subclass says what the picture is: `_draw`, `_describe`, `static`.

    ``params`` are the knobs' values by name, and ``set(name=value, …)`` moves knobs as a hand
    would. A cell that ends with a panel shows it.
    """

    def __init__(self, knobs: Sequence[Knob | Choice]) -> None:
        self._knobs = {knob.name: knob for knob in knobs}
        self._id = f"attnkit-static-{uuid.uuid4().hex[:12]}"
        self._quiet = False  # while code moves knobs, moving them draws nothing
        self._resting: asyncio.TimerHandle | None = None
        self._picture = widgets.HTML()
        self._words = widgets.HTML()
        hide_static = widgets.HTML(f"<style>.{self._id} {{display: none}}</style>")
        hide_static.layout.display = "none"

        # Widgets are costly to make and to send, so all knobs share their looks.
        self._layouts = {
            "box": widgets.Layout(width="14.5em"),
            "slider": widgets.Layout(width="auto", flex="1 1 6em"),
            "row": widgets.Layout(min_width="22em"),
        }
        self._text_style = DescriptionStyle(description_width="9em")
        self._slider_style = widgets.SliderStyle()
        self._controls: dict[str, widgets.ValueWidget] = {}
        rows = {knob.name: self._control(knob) for knob in knobs}
        for control in self._controls.values():
            control.observe(self._moved, "value")
        self._box = widgets.VBox([*self._arrange(rows), self._picture, self._words, hide_static])
        self._show(at_once=True)

    # --- what a subclass gives ---

    def _arrange(self, rows: Mapping[str, widgets.Widget]) -> list[widgets.Widget]:
        """Where the controls stand, above the picture."""
        return [grid(list(rows.values()))]

    def _draw(self, params: Mapping[str, Any]) -> str:
        """The picture for these parameters, as HTML. It must not raise."""
        raise NotImplementedError

    def _describe(self) -> str:
        """One or two sentences that say what the last picture shows."""
        raise NotImplementedError

    def static(self) -> CourseFigure:
        """The picture as it is now, as a figure of its own: for print, and where no kernel is."""
        raise NotImplementedError

    # --- reading and moving the knobs ---

    @property
    def params(self) -> dict[str, Any]:
        """The value of every knob, by name."""
        return {name: control.value for name, control in self._controls.items()}

    def set(self, **params: Any) -> None:
        """Move some knobs, and draw once. Raises ValueError, moving none, if a value won't do."""
        for name, value in params.items():
            self._check(name, value)
        self._quiet = True
        for name, value in params.items():
            self._controls[name].value = value
        self._quiet = False
        self._show()

    def _check(self, name: str, value: Any) -> None:
        knob = self._knobs.get(name)
        if knob is None:
            raise ValueError(f"There is no knob {name!r}: choose from {', '.join(self._knobs)}.")
        if isinstance(knob, Choice):
            values = tuple(knob.options.values())
            if value not in values:
                raise ValueError(f"{name} cannot be {value!r}: choose from {', '.join(values)}.")
        elif not knob.low <= float(value) <= knob.high:
            limits = f"{knob.low:g} to {knob.high:g}"
            raise ValueError(f"{name} cannot be {value}: choose from {limits}.")
        elif knob.whole and value != int(value):
            raise ValueError(f"{name} cannot be {value}: choose a whole number.")

    def _control(self, knob: Knob | Choice) -> widgets.Widget:
        if isinstance(knob, Choice):
            buttons = widgets.ToggleButtons(
                options=list(knob.options.items()), value=knob.value, description=knob.label,
                style={"button_width": "auto", "description_width": "initial"},
            )  # fmt: skip
            self._controls[knob.name] = buttons
            return buttons
        scale = {"min": knob.low, "max": knob.high, "step": knob.step, "value": knob.value}
        slider_type = widgets.IntSlider if knob.whole else widgets.FloatSlider
        box_type = widgets.BoundedIntText if knob.whole else widgets.BoundedFloatText
        slider = slider_type(
            **scale, readout=False, layout=self._layouts["slider"], style=self._slider_style
        )
        box = box_type(
            **scale, description=knob.label, layout=self._layouts["box"], style=self._text_style
        )
        widgets.jslink((slider, "value"), (box, "value"))
        self._controls[knob.name] = slider
        return widgets.HBox([box, slider], layout=self._layouts["row"])

    # --- showing ---

    def _moved(self, _: Any) -> None:
        if not self._quiet:
            self._show()

    def _show(self, at_once: bool = False) -> None:
        """Draw, write the picture once, and let the sentence follow when the knobs rest."""
        self._picture.value = self._draw(self.params)
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            at_once = True
        if at_once:
            self._settle()
        else:
            self._resting = loop.call_later(REST_SECONDS, self._settle)

    def _settle(self) -> None:
        """Once the knobs rest: rid their boxes of a browser's 0.30000000000000004, and speak."""
        self._quiet = True
        for name, control in self._controls.items():
            knob = self._knobs[name]
            if isinstance(knob, Knob):
                steps = round((control.value - knob.low) / knob.step)
                exact = round(knob.low + steps * knob.step, 9)
                if abs(control.value - exact) < 1e-6 * knob.step:
                    control.value = exact
        self._quiet = False
        self._words.value = (
            f'<p role="status" aria-live="polite" style="line-height:1.4;margin:0.3em 0">'
            f"{html.escape(self._describe())}</p>"
        )

    @property
    def widget(self) -> widgets.Widget:
        """The widget itself, to be put into a layout of one's own."""
        return self._box

    def _ipython_display_(self) -> None:
        for output in self._outputs():
            display(output, raw=True)

    def _outputs(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A static picture, and the live panel that hides it as soon as it is there itself."""
        figure = self.static()
        still = figure._repr_mimebundle_()
        still["text/html"] = (
            f'<div class="{self._id}">{still["text/html"]}'
            f"<p>{html.escape(figure.alt)} <em>{INVITATION}</em></p></div>"
        )
        return still, {**self._box._repr_mimebundle_(), "text/plain": INVITATION}


def grid(rows: Sequence[widgets.Widget]) -> widgets.Widget:
    """Controls side by side, in as many columns as the page has room for."""
    columns = "repeat(auto-fit, minmax(24em, 1fr))"
    layout = widgets.Layout(grid_template_columns=columns, grid_gap="0 1em", max_width="72em")
    return widgets.GridBox(list(rows), layout=layout)


# --- attention pooling ----------------------------------------------------------------------------

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
    name = _name(pool)
    try:
        with np.errstate(all="ignore"):
            result = pool(x_TD.copy(), W_AD.copy(), u_A.copy())
    except NotImplementedError as error:  # of the function itself, or of one that it calls
        unwritten = traceback.extract_tb(error.__traceback__)[-1].name
        return _useless(f"{unwritten} is not written yet: the dashed lines show what it will give.")
    except Exception as error:  # whatever a learner's code raises
        return _useless(f"{name} stopped with {_in_short(error, pool)}.")
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


def _in_short(error: Exception, function: Callable[..., Any]) -> str:
    """An error in part of a sentence: its kind, its message, and the line where it came up."""
    text = ": ".join(filter(None, [type(error).__name__, _cut(str(error), 140).rstrip(".")]))
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.line for f in frames if code is not None and f.filename == code.co_filename]
    return f"{text}, at “{_cut(lines[-1], 80)}”" if lines and lines[-1] else text


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "<unnamed>")
    return "The function" if name.startswith("<") else name


def newest(function: Pool) -> Pool:
    """A notebook's function of the same name as it is defined now, or the one given.

    So a learner who mends a function and runs its cell again sees the panel follow.
    """
    name = getattr(function, "__qualname__", "")  # has a dot if it is not a notebook's own def
    if getattr(function, "__module__", None) != "__main__":
        return function
    current = getattr(sys.modules["__main__"], name, function)
    return current if callable(current) else function


class PoolingPanel(Panel):
    """Attention pooling of a sentence in a plane, by hand or by a query. See `pooling_panel`."""

    def __init__(
        self, tokens: Sequence[str], x_TD: npt.ArrayLike, pool: Pool | None = None
    ) -> None:
        self._tokens = [str(token) for token in tokens]
        self._x_TD = np.array(x_TD, dtype=np.float64)
        self._pool = pool
        self._last_good: tuple[FloatArray, FloatArray] | None = None
        self._kept = self._new_picture()
        self._live = LiveSvg(self._kept.figure, self._kept.moving, self._kept.over)
        mode = Choice(
            "mode", "Scores from", {"one slider a word": "free", "a query u": "linked"},
            "free" if pool is None else "linked",
        )  # fmt: skip
        scores = [
            Knob(f"score_{i}", token, -SCORE_LIMIT, SCORE_LIMIT, 0.25, 0.0)
            for i, token in enumerate(self._tokens)
        ]
        super().__init__([mode, ANGLE, LENGTH, TURN, *scores])

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
        return card(self._live.svg(), sentence)

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
        picture = self._new_picture()
        with style.look():
            picture.update(**self._state)
        return picture.figure


def rotation(degrees: float) -> FloatArray:
    """The 2×2 matrix that turns a point about the origin, against the clock."""
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def card(picture: str, sentence: str = "") -> str:
    """A picture on white paper, whatever the page's theme, with a sentence above it."""
    line = f'<p style="margin:0 0 8px;line-height:1.4">{html.escape(sentence)}</p>'
    return (
        f'<div style="background:{style.PAPER};color:{style.INK};padding:10px 12px;'
        f'border-radius:6px;max-width:72em">{line if sentence else ""}{picture}</div>'
    )


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
