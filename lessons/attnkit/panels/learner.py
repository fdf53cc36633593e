"""A learner's function under a panel: called with care, and its mistakes said in one sentence."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


class NoPictureError(Exception):
    """Why there is no picture, in one sentence for the learner."""


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What the function gives. Raises `NoPictureError` if it is a stub, stops, or gives nothing.

    Arrays are handed over as copies: whatever the function does to them stays there.
    """
    args = tuple(_copy(arg) for arg in args)
    kwargs = {name: _copy(value) for name, value in kwargs.items()}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = newest(function)(*args, **kwargs)
    except NotImplementedError as error:  # of the function itself, or of one that it calls
        raise NoPictureError(f"{unwritten(error)} is not written yet.") from None
    except Exception as error:  # whatever a learner's code raises
        raise NoPictureError(
            f"{culprit(error, function)} stopped with {in_short(error, function)}."
        ) from None
    if result is None:
        raise NoPictureError(
            f"{name_of(function)} gives nothing back: it should end with a return."
        )
    return result


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def unwritten(error: NotImplementedError) -> str:
    """The name of the function that is still a stub."""
    return traceback.extract_tb(error.__traceback__)[-1].name


def culprit(error: BaseException, function: Callable[..., Any]) -> str:
    """The innermost of the learner's own functions through which an error came."""
    frames = [f.name for f in _own_frames(error, function) if not f.name.startswith("<")]
    return frames[-1] if frames else name_of(function)


def in_short(error: BaseException, function: Callable[..., Any]) -> str:
    """An error in part of a sentence: its kind, its message, and the line where it came up."""
    text = ": ".join(filter(None, [type(error).__name__, _cut(str(error), 140).rstrip(".")]))
    lines = [frame.line for frame in _own_frames(error, function) if frame.line]
    return f"{text}, at “{_cut(lines[-1], 80)}”" if lines else text


def _own_frames(
    error: BaseException, function: Callable[..., Any]
) -> list[traceback.FrameSummary]:  # fmt: skip
    """The frames of an error in the notebook, or in the file where the function stands."""
    code = getattr(function, "__code__", None)
    own = []
    walked = list(traceback.walk_tb(error.__traceback__))
    for (frame, _), summary in zip(walked, traceback.extract_tb(error.__traceback__), strict=True):
        at_home = code is not None and frame.f_code.co_filename == code.co_filename
        if at_home or frame.f_globals.get("__name__") == "__main__":
            own.append(summary)
    return own


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def name_of(function: Callable[..., Any]) -> str:
    """A function's name, for the beginning of a sentence."""
    name = getattr(function, "__name__", "<unnamed>")
    return "The function" if name.startswith("<") else name


def title_of(function: Callable[..., Any]) -> str:
    """A function's name, to stand alone over a picture."""
    name = name_of(function)
    return "your function" if name.startswith("The ") else name


def newest(function: Callable[..., Any]) -> Callable[..., Any]:
    """A notebook's function of the same name as it is defined now, or the one given.

    So a learner who mends a function and runs its cell again sees the panel follow.
    """
    name = getattr(function, "__qualname__", "")  # has a dot if it is not a notebook's own def
    if getattr(function, "__module__", None) != "__main__":
        return function
    current = getattr(sys.modules["__main__"], name, function)
    return current if callable(current) else function


def same(given: Any, wanted: Any) -> bool:
    """Whether arrays agree as nearly as float32 can tell."""
    return np.shape(given) == np.shape(wanted) and bool(
        np.allclose(given, wanted, rtol=1e-4, atol=1e-6)
    )
