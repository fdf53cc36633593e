"""What of a panel's picture a hand can take hold of: something to drag, or cells that answer.

It takes `anywidget`, which brings a little JavaScript of ours (`touch.js`) to any notebook. Where
it is not installed, or a page shows its own widgets only (Colab), sliders, sentence and table say
and do the same: nothing needs a pointer.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import traitlets

from attnkit.figures.canvas import Point

STEP = 6.0  # points: how far an arrow key moves what can be dragged


@dataclass(frozen=True)
class Drag:
    """Something in a picture that can be dragged, inside an area of the canvas.

    ``area`` is left, top, width and height in points, ``where`` its place for some knobs, ``to``
    the knobs for a place.
    """

    name: str
    area: tuple[float, float, float, float]
    where: Callable[[Mapping[str, Any]], Point]
    to: Callable[[float, float], dict[str, Any]]

    @property
    def hint(self) -> str:
        return f"Drag {self.name}, or click on the picture and use the arrow keys."


@dataclass(frozen=True)
class Cells:
    """Cells of a picture's maps that say their numbers; one that is clicked on picks something.

    The picture tells the page where they are: see `attnkit.figures.canvas.Canvas.cells`. ``pick``
    is told the cell's row and its key; ``shows`` says what that does.
    """

    pick: Callable[[int, int], None]
    shows: str = "shows its query’s weights as bars"

    @property
    def hint(self) -> str:
        return (
            f"Point at a cell, or click on the picture and use the arrow keys: Enter {self.shows}."
        )


def touching(
    what: Drag | Cells,
    params: Callable[[], Mapping[str, Any]],
    move: Callable[[dict[str, Any]], None],
) -> widgets.Widget | None:
    """The widget by which a picture answers a pointer; None where `anywidget` can't show it.

    params: the knobs as they are. move: sets some of them.
    """
    kind = _kind()
    if kind is None:
        return None
    area = list(what.area) if isinstance(what, Drag) else []
    name = what.name if isinstance(what, Drag) else "a map of weights"
    widget = kind(area=area, hint=what.hint, label=f"{name}: arrow keys move it")

    def told(_: Any, message: Any, __: Any) -> None:
        if isinstance(what, Cells):
            what.pick(int(message["row"]), int(message["key"]))
        else:
            x, y = what.where(params())
            right, down = message["by"]
            move(what.to(x + STEP * float(right), y + STEP * float(down)))

    widget.on_msg(told)
    if isinstance(what, Drag):
        widget.observe(lambda change: move(what.to(*map(float, change["new"]))), "point")
    return widget


@functools.cache
def _kind() -> Any:
    """The widget's class; None without `anywidget`, and in Colab, which doesn't show ours."""
    if "google.colab" in sys.modules:
        return None
    try:
        import anywidget
    except ImportError:
        return None

    class Touch(anywidget.AnyWidget):
        _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
        area: Any = traitlets.List().tag(sync=True)  # where something can be dragged
        point: Any = traitlets.List().tag(sync=True)  # where it is dragged to
        hint = traitlets.Unicode().tag(sync=True)
        label = traitlets.Unicode().tag(sync=True)

    return Touch
