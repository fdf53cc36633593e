"""Weights that should sum to 1 along an axis: what became of them, as far as numbers tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from attnkit.checking.arranged import along_axis
from attnkit.checking.evidence import Array, Case, Part
from attnkit.checking.related import Guess, Guesses, Relation, guessed
from attnkit.checking.sizes import of_sizes
from attnkit.checking.wording import show_number


def find_weights(part: Part) -> Relation | None:
    """A relation between wrong weights and the right ones, if weights are asked for."""
    if part.different_numbers < 3:
        return None
    for axis in _weighted_axes(part):
        found = (
            guessed("before softmax", part, _along(axis, _scores), least=4)
            or _temperature(part, axis)
            or guessed("hard", part, _along(axis, _without_shares), least=4)
            or _sums(part, axis)
        )
        if found:
            return found
    return None


def _weighted_axes(part: Part) -> list[int]:
    """The axes along which the right answer sums to 1 in every case, last ones first."""
    axes = set(range(part.cases[0].right.ndim))
    for case in part.cases:
        if not case.same_shape or case.truth or case.rough or (case.right < 0).any():
            return []
        axes &= {i for i in range(case.right.ndim) if sums_to_1(case.right, i)}
    lengths = {i: max(case.right.shape[i] for case in part.cases) for i in axes}
    return sorted((i for i in axes if lengths[i] > 1), reverse=True)


def _along(axis: int, guesses: Callable[[Case, int], Iterator[Guess]]) -> Guesses:
    return lambda case: guesses(case, axis)


def sums_to_1(x: Array, axis: int) -> bool:
    """Whether all sums along an axis are 1; or 0, of rows that have nothing to weigh."""
    sums = x.sum(axis=axis)
    return sums.size > 0 and bool(
        (np.abs(sums - 1) < 1e-3).any() and ((np.abs(sums - 1) < 1e-3) | (sums == 0)).all()
    )


def _logs(weights: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.log(weights)


def _normalised(scores: Array, axis: int) -> Array:
    with np.errstate(all="ignore"):
        e = np.exp(scores - scores.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)


def _scores(case: Case, axis: int) -> Iterator[Guess]:
    """Numbers of which a softmax makes the right weights: each row up to a summand of its own."""
    logs = _logs(case.right)
    if not np.isfinite(logs).all():
        return
    shift = (case.got - logs).mean(axis=axis, keepdims=True)
    along = along_axis(axis, case.right.ndim)
    yield f"holds scores, not weights: a softmax of it{along} is the right answer", logs + shift


def _by_a_size(case: Case, axis: int) -> Iterator[Guess]:
    """Weights that come of scores that are too large or too small by a size of the inputs."""
    power = _power(case, axis)  # None where the numbers don't tell: no size is ruled out by them
    for name, value in of_sizes(case):
        for said, times in ((f"multiplied by {name}", value), (f"divided by {name}", 1 / value)):
            if power is None or math.isclose(power, times, rel_tol=1e-3):
                says = f"holds the weights that come of the right scores {said}"
                yield says, _to_the_power(case, axis, times)


def _temperature(part: Part, axis: int) -> Relation | None:
    """Weights that come of scores that are all too large or too small by the same factor."""
    powers = (power for case in part.cases if (power := _power(case, axis)) is not None)
    power = next(powers, None)
    if power is None:  # no weight tells anything
        return None
    found = guessed("temperature", part, _along(axis, _by_a_size), least=4)
    if found:
        return found
    says = f"holds the weights that come of the right scores multiplied by {show_number(power)}"
    return guessed(
        "temperature", part, lambda case: [(says, _to_the_power(case, axis, power))], least=4
    )


def _to_the_power(case: Case, axis: int, power: float) -> Array:
    """The weights of scores that are so many times the right ones.

    Only differences of scores can be told from weights, and those of weights that are rounded to
    about 0 not at all: these are taken as they are, and so is what each row sums to.
    """
    known = _telling(case)
    top = np.expand_dims(case.right.argmax(axis=axis), axis)
    of_right = np.take_along_axis(case.right, top, axis)
    of_got = np.take_along_axis(case.got, top, axis)
    with np.errstate(all="ignore"):
        made = of_got * (case.right / of_right) ** power
    sums = case.got.sum(axis=axis, keepdims=True)
    fits = (np.abs(sums - 1) < 1e-3) & (of_got > 0)
    return np.where(fits, np.where(known, made, case.got), np.inf)


def _telling(case: Case) -> Array:
    """Which weights are large enough for their logarithm to be known."""
    return case.right > max(1e-6, 1e4 * case.tolerance)


def _power(case: Case, axis: int) -> float | None:
    """By what the scores have been multiplied: the ratio of differences of logarithms."""
    known = np.moveaxis(_telling(case) & (case.got > 0), axis, -1)
    right, got = _logs(np.moveaxis(case.right, axis, -1)), _logs(np.moveaxis(case.got, axis, -1))
    n = right.shape[-1]
    known, right, got = known.reshape(-1, n), right.reshape(-1, n), got.reshape(-1, n)
    spread = np.where(known, right, -np.inf).max(1) - np.where(known, right, np.inf).min(1)
    row = int(spread.argmax())
    x, y = right[row][known[row]], got[row][known[row]]
    if x.size < 2 or np.ptp(x) < 1e-3:
        return None
    power = float((y[x.argmax()] - y[x.argmin()]) / np.ptp(x))
    return power if math.isfinite(power) and power and abs(power - 1) > 1e-3 else None


def _without_shares(case: Case, axis: int) -> Iterator[Guess]:
    right = case.right
    along = along_axis(axis, right.ndim)
    top = right == right.max(axis=axis, keepdims=True)
    yield f"is 1 for the largest weight{along} and 0 for all others", top.astype(float)
    same = np.full(right.shape, 1 / right.shape[axis])
    yield f"gives the same weight to each{along}", same
    kept = right > 0
    with np.errstate(all="ignore"):
        among = kept / kept.sum(axis=axis, keepdims=True)
    yield f"gives the same weight to each that has one{along}", among


def _sums(part: Part, axis: int) -> Relation | None:
    """What the weights sum to, if it is not 1."""
    if not all(np.isfinite(case.got).all() for case in part.cases):
        return None
    says = _elsewhere(part, axis)
    if says:
        return Relation("sum", f"{part.says} {says}.", says, lambda case: [(says, case.got)])
    if any(sums_to_1(case.got, axis) for case in part.cases):
        return None
    first = part.cases[0]
    along = along_axis(axis, first.right.ndim)
    total = show_number(first.got.sum(axis=axis).flat[0])
    proportional = guessed("sum", part, lambda case: _in_proportion(case, axis))
    if proportional:
        says = f"has the right proportions, but sums to {total}{along} instead of 1"
    else:
        says = f"sums to {total}{along} instead of 1"
    return Relation("sum", f"{part.says} {says}.", says, lambda case: [(says, case.got)])


def _in_proportion(case: Case, axis: int) -> Iterator[Guess]:
    with np.errstate(all="ignore"):
        total = case.got.sum(axis=axis, keepdims=True)
        yield "", case.right * total


def _elsewhere(part: Part, axis: int) -> str:
    """Where the weights do sum to 1, if not along the axis where they should."""
    axes = range(part.cases[0].right.ndim)
    if all(sums_to_1(case.got, axis) for case in part.cases):
        return ""
    for other in axes:
        if other != axis and all(sums_to_1(case.got, other) for case in part.cases):
            return f"sums to 1 along axis {other}; it should do so along axis {axis}"
    for one, other in itertools.combinations(axes if len(axes) > 2 else (), 2):
        if all(np.abs(case.got.sum(axis=(one, other)) - 1).max() < 1e-3 for case in part.cases):
            both = f"axes {one} and {other} together"
            return f"sums to 1 along {both}; it should do so along axis {axis} alone"
    whole = all(abs(case.got.sum() - 1) < 1e-3 for case in part.cases)
    if whole and any(case.right.sum() > 1.5 for case in part.cases):
        return f"sums to 1 over the whole array; it should do so along axis {axis}"
    return ""
