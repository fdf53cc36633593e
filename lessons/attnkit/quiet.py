"""Silence while a library loads that reports on itself.

TensorFlow, on which Keras runs here, writes about missing graphics cards straight to the process's
error stream as it is imported. To a learner that looks like something gone wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ERRORS = 2  # the number of the error stream, of which Python's sys.stderr is only one writer


@contextmanager
def silence() -> Iterator[None]:
    """Drop all that is written to the error stream meanwhile, by libraries in C too.

    Errors that are raised come through as ever.

    >>> with silence():
    ...     import keras
    """
    sys.stderr.flush()
    kept = os.dup(ERRORS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, ERRORS)
        yield
        sys.stderr.flush()
    finally:
        os.dup2(kept, ERRORS)
        os.close(kept)
        os.close(nowhere)
