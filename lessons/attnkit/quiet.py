"""Silence while a library loads that reports on itself.

TensorFlow, on which Keras runs here, writes about missing graphics cards straight to the process's
error stream as it is imported. To a learner that looks like something gone wrong.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ERRORS = 2  # the number of the error stream, of which Python's sys.stderr is only one writer

_lock = threading.Lock()
_inside = 0  # how many are silent now, in all threads: the stream is the process's
_kept: int | None = None  # the stream as the first of them found it


@contextmanager
def silence() -> Iterator[None]:
    """Drop all that is written to the error stream meanwhile, by libraries in C too.

    By other threads as well: there is one stream. Errors that are raised come through as ever.

    >>> with silence():
    ...     import keras
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _kept
    with _lock:
        _inside += 1
        if _inside > 1 or sys.__stderr__ is None:
            return
        _flush()
        _kept = os.dup(ERRORS)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, ERRORS)
        os.close(nowhere)


def _leave() -> None:
    global _inside, _kept
    with _lock:
        _inside -= 1
        if _inside or _kept is None:  # None: the program was started without an error stream
            return
        _flush()
        os.dup2(_kept, ERRORS)
        os.close(_kept)
        _kept = None


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
