"""A panel: knobs and one picture.

A `Panel` has knobs, each a slider with a number box beside it (the box is what a keyboard and a
screen reader use), and one picture. Every change takes the same short way, whether a hand, a test
or `Panel.set` makes it: read all knobs, compute, draw, write the picture once. The sentence that
says the same in words follows when the knobs have come to rest, and so does the table, if it is
shown.

Without a kernel (a code host's viewer, an exported page) a panel is a static picture.
"""

from __future__ import annotations

import asyncio
import html
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from IPython.display import display
from ipywidgets.widgets.widget_description import DescriptionStyle

from attnkit import style
from attnkit.figures.canvas import Canvas, Table
from attnkit.figures.labels import text_width
from attnkit.panels.learner import NoPictureError
from attnkit.panels.touch import Cells, Drag, touching
from attnkit.style import CourseFigure
from attnkit.widget_view import widget_view

REST_SECONDS = 0.3  # how long the knobs must stand still before the sentence is written
INVITATION = "Run this cell to move the sliders."
MOST_BUTTONS = (
    16  # more choices make a drop-down list, whose arrow keys JupyterLab takes for itself
)


@dataclass(frozen=True)
class Knob:
    """A number that a learner can move: ``name`` for code, ``label`` for people.

    With four whole numbers it moves among whole numbers. Otherwise prefer steps such as 1/4 and
    1/8, and a range (high − low) of 1, 2 or 4, which binary numbers hold exactly: a browser's
    slider counts in per cent and turns 0.3 into 0.30000000000000004, and an arrow key in the number
    box may then be lost.
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
    options: Mapping[str, Any]
    value: Any


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    value: bool = False


@dataclass(frozen=True)
class Entry:
    """A line of text that a learner types."""

    name: str
    label: str
    value: str


AnyKnob = Knob | Choice | Switch | Entry


def knob(
    low: float, high: float, step: float | None = None, value: float | None = None, label: str = ""
) -> Knob:
    """A slider for `explore`: from ``low`` to ``high`` in steps, first at ``value``.

    Without a step it moves among whole numbers if both ends are whole, else in about fifty steps of
    a power of two. Without a value it starts in the middle. ``label`` stands beside it; without one
    it is called as the argument it is given for.
    """
    if not low < high:
        raise ValueError(f"A knob cannot go from {low} to {high}: the first must be the smaller.")
    if step is None:
        ends_whole = isinstance(low, int) and isinstance(high, int)
        step = 1 if ends_whole else 2.0 ** round(math.log2((high - low) / 50))
    if step <= 0:
        raise ValueError(f"A knob cannot move by {step}: the step must be above 0.")
    if value is None:
        value = low + step * round((high - low) / 2 / step)
    if not low <= value <= high:
        raise ValueError(f"A knob from {low} to {high} cannot start at {value}.")
    return Knob("", label, low, high, step, value)


def as_knob(name: str, given: Any) -> AnyKnob:
    """A knob from what `explore` was given for an argument; see there. Raises ValueError."""
    if isinstance(given, Knob | Choice | Switch | Entry):
        fields = {**vars(given), "name": name, "label": given.label or name}
        return type(given)(**fields)
    if isinstance(given, bool):
        return Switch(name, name, given)
    if isinstance(given, str):
        return Entry(name, name, given)
    if isinstance(given, Mapping) and given:
        options = {str(label): value for label, value in given.items()}
        return Choice(name, name, options, next(iter(options.values())))
    if isinstance(given, list) and given:
        return Choice(name, name, {str(value): value for value in given}, given[0])
    if isinstance(given, tuple) and 2 <= len(given) <= 4:
        return as_knob(name, knob(*given))
    raise ValueError(
        f"{name} cannot be {given!r}: give (low, high, step, value) for a slider, a list or a dict "
        "for a choice, True or False for a switch, or a text to be typed over."
    )


class Panel:
    """Knobs and one picture. A subclass says what the picture is: `_draw`, `_describe`, `static`.

    ``params`` are the knobs' values by name, and ``set(name=value, …)`` moves knobs as a hand
    would. A cell that ends with a panel shows it.
    """

    def __init__(self, knobs: Sequence[AnyKnob]) -> None:
        self._knobs = {knob.name: knob for knob in knobs}
        self._id = f"attnkit-static-{uuid.uuid4().hex[:12]}"
        self._quiet = False  # while code moves knobs, moving them draws nothing
        self._stale = False  # knobs were moved where no picture is drawn: see `_catch_up`
        self._resting: asyncio.TimerHandle | None = None
        self._picture = widgets.HTML()
        self._picture.add_class("attnkit-picture")  # by these two touch.js finds it
        self._words = widgets.HTML()
        self._as_table = widgets.Checkbox(description="show as a table", indent=False)
        self._as_table.observe(lambda _: self._fill_table(), "value")
        self._numbers = widgets.HTML()
        sheet = widgets.HTML(f"<style>.{self._id} {{display: none}} {style.sheet()}</style>")
        sheet.layout.display = "none"

        # Widgets are costly to make and to send, so all knobs share their looks.
        longest = max((len(k.label) for k in knobs if isinstance(k, Knob)), default=0)
        name_width = f"{min(max(9.0, 0.55 * longest), 14):.1f}em"
        self._layouts = {
            "box": widgets.Layout(width=f"calc({name_width} + 7.5em)"),
            "slider": widgets.Layout(width="auto", flex="1 1 6em"),
            "row": widgets.Layout(min_width="24em"),
            "wide": widgets.Layout(width="auto", max_width="60em"),
        }
        self._text_style = DescriptionStyle(description_width=name_width)
        self._wide_style = {"description_width": "initial"}
        self._slider_style = widgets.SliderStyle()
        self._controls: dict[str, widgets.ValueWidget] = {}
        rows = {knob.name: self._control(knob) for knob in knobs}
        for control in self._controls.values():
            control.observe(self._moved, "value")
        touch = self._touch()
        below = [] if touch is None else [touch]
        self._box = widgets.VBox(
            [
                *(*self._arrange(rows), self._picture, *below, self._words),
                *(self._as_table, self._numbers, sheet),
            ]
        )
        self._box.add_class("attnkit-panel")
        self._show(at_once=True)
        if self._table() is None:
            self._as_table.layout.display = "none"

    # --- what a subclass gives ---

    def _arrange(self, rows: Mapping[str, widgets.Widget]) -> list[widgets.Widget]:
        """Where the controls stand, above the picture: lists and buttons first, then sliders."""
        sliders = [row for name, row in rows.items() if isinstance(self._knobs[name], Knob)]
        others = [row for name, row in rows.items() if not isinstance(self._knobs[name], Knob)]
        flow = widgets.Layout(flex_flow="row wrap", grid_gap="0 1.5em")
        first = [widgets.HBox(others, layout=flow)] if others else []
        return [*first, grid(sliders)] if sliders else first

    def _touch(self) -> widgets.Widget | None:
        """What makes the picture answer a pointer, if anything does."""
        return None

    def _draw(self, params: Mapping[str, Any]) -> str:
        """The picture for these parameters, as HTML. It must not raise."""
        raise NotImplementedError

    def _describe(self) -> str:
        """One or two sentences that say what the last picture shows."""
        raise NotImplementedError

    def _table(self) -> Table | None:
        """The last picture's numbers, or none if a table would say no more than the sentence."""
        return None

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
                offered = ", ".join(map(str, values))
                raise ValueError(f"{name} cannot be {value!r}: choose from {offered}.")
        elif isinstance(knob, Switch | Entry):
            kind = type(knob.value)
            if not isinstance(value, kind):
                wish = "True or False" if kind is bool else "a text"
                raise ValueError(f"{name} cannot be {value!r}: choose {wish}.")
        elif not knob.low <= float(value) <= knob.high:
            limits = f"{knob.low:g} to {knob.high:g}"
            raise ValueError(f"{name} cannot be {value}: choose from {limits}.")
        elif knob.whole and value != int(value):
            raise ValueError(f"{name} cannot be {value}: choose a whole number.")

    def _control(self, knob: AnyKnob) -> widgets.Widget:
        if not isinstance(knob, Knob):
            control = self._other_control(knob)
            self._controls[knob.name] = control
            return control
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

    def _other_control(self, knob: Choice | Switch | Entry) -> widgets.ValueWidget:
        named = {"description": knob.label, "value": knob.value}
        if isinstance(knob, Switch):
            return widgets.Checkbox(**named, indent=False, layout=widgets.Layout(width="auto"))
        if isinstance(knob, Entry):
            layout = widgets.Layout(width="44em", max_width="95%")
            return widgets.Text(**named, layout=layout, style=self._wide_style)
        options = list(knob.options.items())
        if len(options) > MOST_BUTTONS:
            return widgets.Dropdown(
                options=options, **named, style=self._wide_style, layout=self._layouts["wide"]
            )
        look = {"button_width": "auto", "description_width": "initial"}
        layout = widgets.Layout(width="auto")
        return widgets.ToggleButtons(options=options, **named, style=look, layout=layout)

    # --- showing ---

    def _moved(self, _: Any) -> None:
        if not self._quiet:
            self._show()

    def _show(self, at_once: bool = False) -> None:
        """Draw, write the picture once, and let the sentence follow when the knobs rest."""
        if not style.drawing():
            self._stale = True
            return
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

    def _catch_up(self) -> None:
        """Draw after all: somebody asks for what the picture shows."""
        if self._stale:
            self._stale = False
            self._picture.value = self._draw(self.params)
            self._settle()

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
            f'<p role="status" aria-live="polite" style="line-height:1.4;margin:0.3em 0;'
            f'max-width:64em">{html.escape(self._describe())}</p>'
        )
        self._fill_table()

    def _fill_table(self) -> None:
        table = self._table() if self._as_table.value else None
        self._numbers.value = "" if table is None else table.html()

    @property
    def widget(self) -> widgets.Widget:
        """The widget itself, to be put into a layout of one's own."""
        return self._box

    def _ipython_display_(self) -> None:
        if not style.drawing():
            style.say_instead("A panel with sliders, not drawn here.")
            return
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
        return still, widget_view(self._box, INVITATION)


class PicturePanel(Panel):
    """A panel whose picture is a `Canvas`, made anew for each change.

    ``picture(**params)`` gives the canvas, and perhaps a sentence to stand above it:
    ``(canvas, sentence)``. If it raises `NoPictureError`, the last good picture stays, greyed, and
    the error's sentence stands above it. ``touched`` is what in it answers a pointer.
    """

    def __init__(
        self,
        knobs: Sequence[AnyKnob],
        picture: Callable[..., Canvas | tuple[Canvas, str]],
        touched: Drag | Cells | None = None,
    ) -> None:
        self._make = picture
        self._touched = touched
        self._answer: widgets.Widget | None = None
        self._canvas: Canvas | None = None
        self._trouble = ""
        super().__init__(knobs)

    def _touch(self) -> widgets.Widget | None:
        if self._touched is None or not style.drawing():
            return None
        self._answer = touching(self._touched, lambda: self.params, lambda new: self.set(**new))
        return self._answer

    def _draw(self, params: Mapping[str, Any]) -> str:
        try:
            made = self._make(**params)
        except NoPictureError as trouble:
            self._trouble = str(trouble)
            if self._canvas is None:
                return card("", f"▲ {self._trouble}")
            return card(self._canvas.svg(faded=True), f"▲ {self._trouble}")
        self._trouble = ""
        self._canvas, sentence = made if isinstance(made, tuple) else (made, "")
        return card(self._canvas.svg(touched=self._answer is not None), sentence)

    def _describe(self) -> str:
        return self._trouble or ("" if self._canvas is None else self._canvas.alt)

    def _table(self) -> Table | None:
        return None if self._canvas is None else self._canvas.as_table()

    def static(self) -> CourseFigure:
        """The picture as it is now, as a figure of its own: for print, and where no kernel is."""
        self._catch_up()
        if self._canvas is None:
            return note(self._trouble).figure()
        return self._canvas.figure()


def note(sentence: str) -> Canvas:
    """A sentence as a picture, where there is none to show."""
    lines, line = [], ""
    for word in sentence.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer, style.MEDIUM) > 460:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    canvas = Canvas(500, 24 + 16 * len(lines), alt=sentence)
    for i, text in enumerate(lines):
        canvas.text(16, 20 + 16 * i, text)
    return canvas


def grid(rows: Sequence[widgets.Widget]) -> widgets.Widget:
    """Controls side by side, in as many columns as the page has room for."""
    columns = "repeat(auto-fit, minmax(24em, 1fr))"
    layout = widgets.Layout(grid_template_columns=columns, grid_gap="0 1em", max_width="72em")
    return widgets.GridBox(list(rows), layout=layout)


def card(picture: str, sentence: str = "") -> str:
    """A picture on paper of the page's theme, with a sentence above it."""
    line = f'<p style="margin:0 0 8px;line-height:1.4">{html.escape(sentence)}</p>'
    return (
        f'<div class="attnkit-card" style="background:{style.css(style.PAPER)};'
        f"color:{style.css(style.INK)};padding:10px 12px;border-radius:6px;max-width:72em;"
        f'box-sizing:border-box">{line if sentence else ""}{picture}</div>'
    )
