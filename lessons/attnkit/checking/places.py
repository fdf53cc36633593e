"""Where a wrong answer is right, and where not: rows, triangles, masked places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from attnkit.checking.evidence import Array, Case, Part
from attnkit.checking.related import Relation
from attnkit.checking.wording import show_number

LEAST_RIGHT = 3  # numbers outside of a place, all right: fewer may be so by accident


def find_places(part: Part) -> Relation | None:
    """The narrowest kind of place to which all wrong numbers keep, in every failing call."""
    if not all(case.same_shape and case.right.ndim for case in part.cases):
        return None
    found = {says: 0 for says, _ in _kinds_of_place(part.cases[0])}
    for case in part.cases:
        places = {says: where for says, where in _kinds_of_place(case) if says in found}
        found = {
            says: found[says] + int(where.sum())
            for says, where in places.items()
            if where[case.wrong].all()
        }
        if not found:
            break
    found = {says: n for says, n in found.items() if any(_tells(c, says) for c in part.cases)}
    found |= _all_but_the_first_few(part)
    total = sum(case.right.size for case in part.cases)
    wrong = sum(int(case.wrong.sum()) for case in part.cases)
    tight = {says: n for says, n in found.items() if total - n >= LEAST_RIGHT and 2 * wrong >= n}
    if not tight:
        return None
    says = min(tight, key=lambda says: tight[says])
    first = part.cases[0]
    at = tuple(int(i) for i in np.argwhere(first.wrong)[0])
    got = show_number(first.got[at])
    where = f" (there, {got} stands at {list(at)})"
    return Relation("places", f"{part.says} is right except {says}{where}.", says)


def _all_but_the_first_few(part: Part) -> dict[str, int]:
    """Rows or columns from some place on, the same one in every case."""
    found = {}
    axes = part.cases[0].right.ndim
    if len(part.cases) < 2:  # where one begins to be wrong may be an accident
        return {}
    for axis in range(axes if all(case.right.ndim == axes for case in part.cases) else 0):
        first = min(int(np.argwhere(case.wrong)[:, axis].min()) for case in part.cases)
        if first > 1 and any(
            _varies(case, case.right.take(range(first), axis)) for case in part.cases
        ):
            said = f"in every {_line(axis, axes)} behind the first {first}"
            found[said] = sum(
                case.right.size // case.right.shape[axis] * (case.right.shape[axis] - first)
                for case in part.cases
            )
    return found


def _tells(case: Case, says: str) -> bool:
    """Whether what is right outside of a place is more than one number again and again."""
    where = next((place for said, place in _kinds_of_place(case) if said == says), None)
    return where is not None and _varies(case, case.right[~where])


def _varies(case: Case, numbers: Array) -> bool:
    return np.unique(numbers.round(9)).size > (1 if case.truth else LEAST_RIGHT - 1)


def _kinds_of_place(case: Case) -> Iterator[tuple[str, Array]]:
    yield from _by_axes(case.right.shape)
    yield from _by_numbers(case)
    yield from _by_inputs(case)


def _by_axes(shape: Sequence[int]) -> Iterator[tuple[str, Array]]:
    index = np.indices(shape)
    for axis, n in enumerate(shape):
        place = _line(axis, len(shape))
        yield f"in the first {place}", index[axis] == 0
        yield f"in the last {place}", index[axis] == n - 1
        yield f"in every {place} but the first", index[axis] != 0
        yield f"in every {place} but the last", index[axis] != n - 1
        yield f"in every second {place}, beginning with the first", index[axis] % 2 == 0
        yield f"in every second {place}, beginning with the second", index[axis] % 2 == 1
        if n > 3:
            half = "second half" if len(shape) == 1 else f"second half along axis {axis}"
            yield f"in its {half}", index[axis] >= n // 2
            yield f"in its {half.replace('second', 'first')}", index[axis] < n // 2
    if len(shape) > 1:
        t, s = index[-2], index[-1]
        yield "on the diagonal", t == s
        yield "off the diagonal", t != s
        yield "above the diagonal", t < s
        yield "below the diagonal", t > s


def _line(axis: int, axes: int) -> str:
    if axes == 1:
        return "place"
    if axes == 2:
        return ("row", "column")[axis]
    return f"index along axis {axis}"


def _by_numbers(case: Case) -> Iterator[tuple[str, Array]]:
    right, got = case.right, case.got
    yield "where it is nan", np.isnan(got)
    yield "where it is 0", got == 0
    yield "where it is infinite", np.isinf(got)
    yield "where the right answer is 0", right == 0
    yield "where the right answer is not 0", right != 0
    yield "where the right answer is below 0", right < 0
    yield "where the right answer is above 0", right > 0
    yield "where the right answer is infinite or nan", ~np.isfinite(right)
    if right.ndim:
        yield "where the right answer is largest", right == right.max(axis=-1, keepdims=True)


def _by_inputs(case: Case) -> Iterator[tuple[str, Array]]:
    shape = case.right.shape
    for name, x in case.arrays.items():
        tests: Sequence[tuple[str, Any]]
        if x.dtype == bool:
            empty = ~x.any(axis=-1, keepdims=True) if x.ndim else ~x
            tests = (
                (f"where `{name}` is False", ~x),
                (f"where `{name}` is True", x),
                (f"in rows where all of `{name}` is False", empty),
                (f"in rows where some of `{name}` is True", ~empty),
                (f"in rows where some of `{name}` is False", ~x.all(axis=-1, keepdims=True)),
            )
        elif x.dtype.kind in "iu":
            tests = ((f"where `{name}` is 0", x == 0), (f"where `{name}` is not 0", x != 0))
        else:
            tests = (
                (f"where `{name}` is below 0", x < 0),
                (f"where `{name}` is above 0", x > 0),
                (f"where `{name}` is 0", x == 0),
                (f"where `{name}` is infinite", np.isinf(x)),
            )
        for says, where in tests:
            fitted = _fitted(np.asarray(where), shape)
            if fitted is not None:
                yield says, fitted


def _fitted(where: Array, shape: tuple[int, ...]) -> Array | None:
    """Places of an input as places of the answer: by its axes, or by the first of them."""
    options = [where]
    if where.ndim < len(shape):
        options.append(where.reshape(*where.shape, *[1] * (len(shape) - where.ndim)))
    if where.ndim > 1 and where.shape[-1] == 1:
        options.append(where.reshape(where.shape[:-1] + (1,) * (len(shape) - where.ndim + 1)))
    for option in options:
        try:
            return np.broadcast_to(option, shape)
        except ValueError:
            continue
    return None
