"""An experiment in a notebook: shown, timed and answered in the browser, kept by `keeping.py`.

It takes `anywidget`, which brings `lab.js` to any notebook: times are taken where the picture is
and the key is pressed. Through the kernel a key press travels for a twentieth of a second or more,
now longer, now shorter. Where that isn't to be had, a sentence says so, and made-up trials serve.
"""

from __future__ import annotations

import functools
import html
import math
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from attnkit import style
from attnkit.experiments.keeping import (
    delete_trials,
    experiment,
    keep_rows,
    own_trials,
    trials_file,
)
from attnkit.experiments.screens import Answer, Trial
from attnkit.widget_view import widget_view

INVITATION = "Run this cell to take part. You needn't: made-up trials serve as well."
NO_BROWSER = (
    "This experiment takes its times in the browser, by the package anywidget, which can't be had "
    "here; below, made-up trials serve in its place."
)
MOST_WORDS = 200  # of one list


def take_part(name: str) -> None:
    """Show an experiment: "search", "cueing", "n_back" or "recall"."""
    from IPython import get_ipython
    from IPython.display import display

    for bundle in bundles(name):
        if get_ipython() is None:  # a program, not a notebook
            print(bundle["text/plain"])
        else:
            display(bundle, raw=True)


def bundles(name: str) -> list[dict[str, Any]]:
    """The outputs of `take_part`: what stands there without a kernel, and the live experiment."""
    title = experiment(name).TITLE
    if not style.drawing():
        return [{"text/plain": f"{title}: an experiment, not shown here."}]
    widget = lab(name)
    if widget is None:
        return [{"text/plain": f"{title}. {NO_BROWSER}"}]
    still = f"attnkit-static-{uuid.uuid4().hex[:12]}"
    widget.hides = still
    said = f"<b>{html.escape(title)}.</b> <em>{INVITATION}</em>"
    return [
        {
            "text/plain": f"{title}. {INVITATION}",
            "text/html": f'<p class="{still}">{said}</p>',
        },
        widget_view(widget, INVITATION),
    ]


def lab(name: str, rng: np.random.Generator | None = None) -> Any:
    """The widget of an experiment; None where `anywidget` can't show it."""
    kind = _kind()
    if kind is None:
        return None
    module = experiment(name)
    file = trials_file(name)
    where = f"Kept in {file}, nowhere else." if file else "Nothing is kept: progress is off."
    widget = kind(title=module.TITLE, tells=module.TELLS, where=where, kept=len(own_trials(name)))
    run = Run(name, np.random.default_rng() if rng is None else rng)

    def told(_: Any, message: Any, __: Any) -> None:
        if message.get("do") == "begin":
            widget.plan = [trial.plain() for trial in run.begin()]
        elif message.get("do") == "delete":
            delete_trials(name)
            widget.kept = 0
        elif run.take(message):
            widget.kept = len(own_trials(name))

    widget.on_msg(told)
    return widget


class Run:
    """One session of an experiment: its plan, and what becomes of the browser's messages."""

    def __init__(self, name: str, rng: np.random.Generator) -> None:
        self._name, self._rng = name, rng
        self._trials: list[Trial] = []
        self._session = ""

    def begin(self) -> list[Trial]:
        self._trials = experiment(self._name).plan(self._rng)
        self._session = datetime.now(UTC).isoformat(timespec="seconds")
        return self._trials

    def take(self, message: Mapping[str, Any]) -> bool:
        """Keep a trial that the browser has told. Whether it was one, and is kept."""
        number, answer = message.get("trial"), read_answer(message)
        if type(number) is not int or not 0 <= number < len(self._trials) or answer is None:
            return False
        rows = experiment(self._name).row(dict(self._trials[number].known), answer)
        frame = _seconds(message.get("frame"))
        always = {"session": self._session, "frame": None if frame is None else round(frame, 1)}
        return keep_rows(self._name, [{**always, **row} for row in rows])


def read_answer(message: Mapping[str, Any]) -> Answer | None:
    """What a message says of one trial; None if it is no such message."""
    said, words = message.get("said"), message.get("words", [])
    if not isinstance(said, str) or not isinstance(words, list):
        return None
    found = [
        (str(word)[:60], seconds)
        for word, at in words[:MOST_WORDS]
        if (seconds := _seconds(at)) is not None
    ]
    seconds = _seconds(message.get("seconds"))
    return Answer(said[:20], None if seconds is None else round(seconds, 4), tuple(found))


def _seconds(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fits else None


@functools.cache
def _kind() -> Any:
    """The widget's class; None without `anywidget`, and in Colab, which doesn't show ours."""
    if "google.colab" in sys.modules:
        return None
    try:
        import anywidget
    except ImportError:
        return None
    import traitlets

    class Lab(anywidget.AnyWidget):
        _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
        title = traitlets.Unicode().tag(sync=True)
        tells = traitlets.Unicode().tag(sync=True)
        where = traitlets.Unicode().tag(sync=True)
        hides = traitlets.Unicode().tag(sync=True)
        kept = traitlets.Int(0).tag(sync=True)
        plan: Any = traitlets.List().tag(sync=True)

    return Lab
