"""How a page is told to show a widget: in the same way by ipywidgets 7, which Colab has, and by 8.

ipywidgets 8 gives this output itself (`_repr_mimebundle_`), and 7 displays it at once, when there
is no static picture beside it yet. What the notebook's file then holds is the same.
"""

from __future__ import annotations

from typing import Any

MIME = "application/vnd.jupyter.widget-view+json"


def widget_view(widget: Any, said: str) -> dict[str, Any]:
    """The output that shows a widget; ``said`` stands there for whoever has no kernel."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"text/plain": said, MIME: view}


def focus(widget: Any) -> None:
    """Move the keyboard's focus to a widget; in ipywidgets 7, which can't, it stays where it is."""
    move = getattr(widget, "focus", None)
    if move is not None:
        move()
