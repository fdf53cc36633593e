"""Rows that are right but for something of their own: a factor, or a number added."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnkit.checking.arranged import along_axis
from attnkit.checking.evidence import Case, Part
from attnkit.checking.related import Guess, Relation, guessed

LEAST = 3  # numbers of a row: of two, anything can be said


def find_rows(part: Part) -> Relation | None:
    """A relation between the rows of the answer and those of the right one, along some axis."""
    return guessed("rows times", part, _times_of_their_own, least=4) or guessed(
        "rows plus", part, _plus_of_their_own, least=4
    )


def _times_of_their_own(case: Case) -> Iterator[Guess]:
    for axis in range(case.right.ndim if case.same_shape and case.right.ndim > 1 else 0):
        yield from _times_along(case, axis)


def _times_along(case: Case, axis: int) -> Iterator[Guess]:
    """Each row times a number: what the largest of it has been multiplied by."""
    right, got = case.right, case.got
    if right.shape[axis] < LEAST or not np.isfinite(right).all():
        return
    at = np.expand_dims(np.abs(right).argmax(axis=axis), axis)
    with np.errstate(all="ignore"):
        factor = np.take_along_axis(got, at, axis) / np.take_along_axis(right, at, axis)
        factor = np.where(np.isfinite(factor), factor, 1)
        made = right * factor
    if ((factor == 0) | (np.abs(factor - 1) < 1e-6)).all():  # right rows and empty ones
        return
    along = along_axis(axis, right.ndim, named=True)
    yield f"has the right proportions{along}, but each row of it is too large or too small", made


def _plus_of_their_own(case: Case) -> Iterator[Guess]:
    right, got = case.right, case.got
    for axis in range(right.ndim if case.same_shape else 0):
        if right.shape[axis] < LEAST:
            continue
        with np.errstate(all="ignore"):
            shift = np.where(np.isfinite(got - right), got - right, 0).mean(
                axis=axis, keepdims=True
            )
        along = along_axis(axis, right.ndim, named=True)
        if right.ndim == 1:
            yield "is right but for one number that is added to all of it", right + shift
        else:
            says = f"has the right differences{along}, but each row of it is shifted by something"
            yield says, right + shift
