"""The notebook's names as they stood after some cells, put back while a question is answered.

What is judged is what stood where an exercise was checked, also if a later cell gives a function's
name, or that of something it leans on, to something else. Only the names go back: an array that a
later cell has changed in place stays changed, and so does a file.

It stands alone: its source is also run in boxes that are ordinary kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_kept: dict[int, dict[str, Any]] = {}
_copy = dict  # a notebook may give the name away


def keep(number: int, names: dict[str, Any]) -> None:
    """Remember what the names stand for now, under a number."""
    _kept[number] = _copy(names)


def asked(number: int | None, names: dict[str, Any], ask: Callable[[], Any]) -> Any:
    """What `ask` gives while the names stand for what they did then; now, if that is not known."""
    then = _kept.get(number) if number is not None else None
    if then is None:
        return ask()
    now = _copy(names)
    _put(names, then)
    try:
        return ask()
    finally:
        _put(names, now)


def _put(names: dict[str, Any], values: dict[str, Any]) -> None:
    for name in names.keys() - values.keys():
        del names[name]
    names.update(values)
