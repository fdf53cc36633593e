"""What a learner expects before a cell is run, kept and shown again beside what came out.

`predict` shows a box to type into, `predicted` what stands in it. It is kept beside the learner's
progress (`progress.py`), one small text file for each prediction; it is sent nowhere, and nobody
grades it. With `ATTNKIT_PROGRESS=off` it is remembered only until the kernel ends.
"""

from __future__ import annotations

import contextlib
import html
import re
import uuid
from pathlib import Path
from typing import Any

from attnkit import progress, style
from attnkit.files import writing
from attnkit.widget_view import widget_view

MOST_LETTERS = 10_000  # of one prediction; what is pasted beyond them is cut off
_NAME = re.compile(r"[\w-]+(\.[\w-]+)*")
_INVITATION = "Run this cell to write down what you expect."
_unkept: dict[str, str] = {}  # what could not be kept in a file


def predict(name: str, question: str) -> None:
    """Show a box in which a learner writes down what they expect, and why.

    name: what `predicted` finds it by, such as "L4.spread". question: what to think about.

    What is typed is kept at once. Running the cell again, or the next day, shows it again.
    """
    for bundle in box(name, question):
        _display(bundle)


def predicted(name: str) -> None:
    """Show what the learner wrote down in the box of this name, or that nothing is there."""
    _display(answer(name))


def box(name: str, question: str) -> list[dict[str, Any]]:
    """The outputs of `predict`: what stands there without a kernel, and the live box that hides it.

    A picture of it is no use where nobody types: then it is one sentence.
    """
    kept = read(name)
    if not style.drawing():
        return [{"text/plain": f"{question} (A box to write in, not shown here.)"}]
    try:
        import ipywidgets as widgets
    except ImportError:
        return [{"text/plain": f"{question} Write down what you expect, and why."}]
    area = widgets.Textarea(
        value=kept,
        description="I expect:",
        placeholder="a guess, and why: a wrong one teaches most",
        rows=2,
        layout=widgets.Layout(width="auto", max_width="60em"),
        style={"description_width": "initial"},
    )
    area.set_trait("tooltip" if area.has_trait("tooltip") else "description_tooltip", question)
    told = widgets.HTML()

    def keep(change: Any) -> None:
        where = "on this computer, for you alone" if write(name, change["new"]) else "for today"
        told.value = f'<small role="status" style="opacity:.7">Kept {where}.</small>'

    area.observe(keep, "value")
    still = f"attnkit-static-{uuid.uuid4().hex[:12]}"
    asks = f"<p><b>Predict before you run.</b> {html.escape(question)}</p>"
    asked = widgets.HTML(
        f'<div style="line-height:1.4;max-width:60em">{asks}</div>'
        f"<style>.{still} {{display: none}}</style>"
    )
    live = widgets.VBox([asked, area, told])
    said = f"<p>I expect: {_escaped(kept)}</p>" if kept else ""
    return [
        {
            "text/plain": f"{question} {_INVITATION}",
            "text/html": f'<div class="{still}">{asks}{said}<p><em>{_INVITATION}</em></p></div>',
        },
        widget_view(live, _INVITATION),
    ]


def answer(name: str) -> dict[str, Any]:
    """The output of `predicted`."""
    text = read(name).strip()
    if not text:
        quiet = "You wrote down no guess for this one."
        return {"text/plain": quiet, "text/html": f'<p style="opacity:.7"><em>{quiet}</em></p>'}
    look = f"margin:.3em 0;padding:.2em .8em;border-left:3px solid {style.YELLOW};max-width:60em"
    said = f'<blockquote style="{look}"><b>You expected:</b> {_escaped(text)}</blockquote>'
    return {"text/plain": f"You expected: {text}", "text/html": said}


def read(name: str) -> str:
    """What was written down; "" if nothing, or if it can't be read."""
    file = _file(name)
    if name in _unkept or file is None:
        return _unkept.get(name, "")
    try:
        return file.read_bytes().decode("utf-8", errors="replace")[:MOST_LETTERS]
    except OSError:
        return ""


def write(name: str, text: str) -> bool:
    """Remember what was written down. Whether it is kept past the kernel's end; never raises."""
    file = _file(name)
    _unkept[name] = text[:MOST_LETTERS]
    if file is None:
        return False
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with writing(file, mode=0o600) as out:
            out.write(_unkept[name].encode("utf-8", errors="replace"))
        del _unkept[name]
    return name not in _unkept


def _file(name: str) -> Path | None:
    """Where it is kept; None if nothing is. Raises ValueError for what is no name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f'A prediction is called like "L4.spread", not {name!r}.')
    recorded = progress.progress_file()
    return None if recorded is None else recorded.parent / "predictions" / f"{name}.txt"


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _display(bundle: dict[str, Any]) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:  # a program, not a notebook
        print(bundle["text/plain"])
    else:
        display(bundle, raw=True)
