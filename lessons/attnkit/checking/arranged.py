"""The right numbers in another form: axes exchanged, turned round, too many, too few."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from attnkit.checking.evidence import Array, Case, Part
from attnkit.checking.related import Guess, Relation, guessed

MOST_AXES = 4  # whose every exchange is tried


def find_arrangement(part: Part) -> Relation | None:
    """A relation by which the right numbers stand in another order or shape."""
    if any(case.rough or (case.truth and case.same_shape) for case in part.cases):
        exchanged = guessed("axes", part, _exchanged) or guessed("order", part, _turned)
        return None if any(case.rough for case in part.cases) else exchanged
    return (
        guessed("shape", part, _reshaped, least=2)
        or guessed("axes", part, _exchanged, least=3)
        or guessed("order", part, _turned, least=3)
        or guessed("cut", part, _cut, least=2)
        or guessed("repeated", part, _repeated, least=2)
        or guessed("reduced", part, _reduced, least=2)
        or guessed("not reduced", part, _not_reduced, least=2)
        or guessed("places", part, _moved, least=4)
    )


def _reshaped(case: Case) -> Iterator[Guess]:
    right, shape = case.right, case.got.shape
    if right.size != case.got.size or shape == right.shape:
        return
    made = right.reshape(shape)
    if [n for n in shape if n != 1] == [n for n in right.shape if n != 1]:
        more = len(shape) - right.ndim
        if more > 0:
            axes = "an axis" if more == 1 else f"{more} axes"
            yield f"holds the right numbers, but has {axes} of length 1 too many", made
        elif more < 0:
            axes = "an axis" if more == -1 else f"{-more} axes"
            yield f"holds the right numbers, but lacks {axes} of length 1", made
        else:
            yield "holds the right numbers, but its axis of length 1 is another one", made
    else:
        yield "holds the right numbers in the right order, but not in the right shape", made


def _exchanged(case: Case) -> Iterator[Guess]:
    right = case.right
    if not 2 <= right.ndim <= MOST_AXES:
        return
    for order in itertools.permutations(range(right.ndim)):
        moved = [i for i, axis in enumerate(order) if i != axis]
        if not moved:
            continue
        if len(moved) == 2:
            said = f"with its axes {moved[0]} and {moved[1]} exchanged"
            said = "transposed: rows stand where columns should" if right.ndim == 2 else said
        else:
            said = f"with its axes in the order {order}"
        yield f"is the right answer {said}", np.transpose(right, order)


def _turned(case: Case) -> Iterator[Guess]:
    right = case.right
    for axis in range(right.ndim):
        along = along_axis(axis, right.ndim)
        yield f"is the right answer in reverse order{along}", np.flip(right, axis)
        for step in (1, -1, 2, -2):
            where = f"{abs(step)} place{'s' * (abs(step) > 1)} further {'on' if step > 0 else 'up'}"
            said = f"is the right answer, but every number stands {where}{along}"
            yield said, np.roll(right, step, axis)
        yield f"holds the right numbers sorted{along}", np.sort(right, axis)
        falling = np.flip(np.sort(right, axis), axis)
        yield f"holds the right numbers sorted{along}, largest first", falling


def _cut(case: Case) -> Iterator[Guess]:
    """Too long or too short along one axis; or one row of it alone."""
    right, got = case.right, case.got
    if right.ndim == got.ndim + 1:
        for axis in range(right.ndim):
            if right.shape[axis] > 1:
                along = along_axis(axis, right.ndim, named=True)
                yield f"is only the first of the right answer{along}", right.take(0, axis)
                yield f"is only the last of the right answer{along}", right.take(-1, axis)
        if right.ndim == 2:
            yield "is the diagonal of the right answer", np.diagonal(right)
    if right.ndim != got.ndim:
        return
    differ = [i for i, (n, m) in enumerate(zip(right.shape, got.shape, strict=True)) if n != m]
    if len(differ) != 1:
        return
    (axis,) = differ
    lacks, along = right.shape[axis] - got.shape[axis], along_axis(axis, right.ndim)
    if 0 < lacks < right.shape[axis]:
        count = "one is" if lacks == 1 else f"{lacks} are"
        n = got.shape[axis]
        yield f"is right, but the last {count} missing{along}", right.take(range(n), axis)
        yield f"is right, but the first {count} missing{along}", right.take(range(-n, 0), axis)
    elif lacks < 0 < right.shape[axis]:
        n, count = right.shape[axis], "one" if lacks == -1 else f"{-lacks}"
        kept = got.take(range(n), axis), got.take(range(-n, 0), axis)
        front, behind = (
            (case.right, got.take(range(n, n - lacks), axis)),
            got.take(range(-lacks), axis),
        )
        if _alike(case, kept[0]):
            yield (
                f"is right, but has {count} too many at its end{along}",
                np.concatenate(front, axis),
            )
        if _alike(case, kept[1]):
            yield (
                f"is right, but has {count} too many at its beginning{along}",
                np.concatenate((behind, case.right), axis),
            )


def _alike(case: Case, kept: Array) -> bool:
    return Case(case.inputs, case.right, kept, case.tolerance).is_like(case.right)


def _repeated(case: Case) -> Iterator[Guess]:
    right, got = case.right, case.got
    if got.ndim > right.ndim and got.size > right.size:
        for axis in range(got.ndim):
            if right.ndim == got.ndim - 1:
                try:
                    made = np.broadcast_to(np.expand_dims(right, axis), got.shape)
                except ValueError:
                    continue
                along = along_axis(axis, got.ndim)
                yield f"holds the right answer several times over{along}", made


def _reduced(case: Case) -> Iterator[Guess]:
    """One axis was added up, or averaged, that should have stayed."""
    right = case.right
    with np.errstate(all="ignore"):
        for name, reduce in (("sum", np.sum), ("mean", np.mean), ("largest number", np.max)):
            for axis in range(right.ndim):
                along = along_axis(axis, right.ndim)
                made = reduce(right, axis=axis)
                if made.shape == case.got.shape:
                    yield f"is the {name} of the right answer{along}", made
                kept = np.broadcast_to(np.expand_dims(made, axis), right.shape)
                yield f"is the {name} of the right answer{along}, all along it", kept
                if case.got.ndim == right.ndim and case.got.shape[axis] == 1:
                    yield f"is the {name} of the right answer{along}", np.expand_dims(made, axis)
            if right.ndim > 1 and right.size > 1:
                yield f"is the {name} of all numbers of the right answer", np.asarray(reduce(right))


def _not_reduced(case: Case) -> Iterator[Guess]:
    """One axis is left that should have been added up, or averaged. The guess is the answer."""
    right, got = case.right, case.got
    for axes in _left_over(got.ndim, right.ndim):
        shape = tuple(n for i, n in enumerate(got.shape) if i not in axes)
        if shape != right.shape:
            continue
        along = " and ".join(f"axis {i}" for i in axes)
        with np.errstate(all="ignore"):
            for name, reduce in (("sum", np.sum), ("mean", np.mean), ("largest", np.max)):
                made = reduce(got, axis=axes)
                if Case(case.inputs, right, made, case.tolerance).is_like(right):
                    what = "the largest along it is" if name == "largest" else f"its {name} is"
                    if len(axes) == 1 and got.ndim == 1:
                        yield f"has an axis too many: {what} the right answer", got
                    else:
                        yield f"has {along} too many: {what} the right answer", got
        if len(axes) == 1 and got.ndim == 2:
            break


def _left_over(got: int, right: int) -> Iterator[tuple[int, ...]]:
    if got in (right + 1, right + 2):
        yield from itertools.combinations(range(got), got - right)


def _moved(case: Case) -> Iterator[Guess]:
    """The same numbers at other places. The guess is the answer, for it is one of very many."""
    right, got = case.right, case.got
    if right.size != got.size or right.size < 4 or not np.isfinite(right).all():
        return
    if not Case({}, np.sort(right, None), np.sort(got, None), case.tolerance).is_like(
        np.sort(right, None)
    ):
        return
    if right.shape == got.shape and right.ndim > 1:
        rows = np.sort(right, axis=-1), np.sort(got, axis=-1)
        if Case({}, rows[0], rows[1], case.tolerance).is_like(rows[0]):
            yield "holds in each row the right numbers, but in another order", got
        columns = np.sort(right, axis=0), np.sort(got, axis=0)
        if Case({}, columns[0], columns[1], case.tolerance).is_like(columns[0]):
            yield "holds in each column the right numbers, but in another order", got
    yield "holds the right numbers, but at other places", got


def along_axis(axis: int, axes: int, named: bool = False) -> str:
    """Along which axis, for a sentence's end: nothing if there is but one."""
    return f" along axis {axis}" if axes > 1 or named else ""
