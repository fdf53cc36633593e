"""Relations by which every right number becomes the learner's: a factor, a function, an input."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from attnkit.checking.evidence import Array, Case, Part
from attnkit.checking.related import Guess, Relation, guessed
from attnkit.checking.sizes import of_sizes, products
from attnkit.checking.wording import show_number

Numbers = Callable[[Array], Array]


def find_by_numbers(part: Part) -> Relation | None:
    """A relation that turns each right number into the learner's."""
    if any(case.truth for case in part.cases):
        return None
    if any(case.rough for case in part.cases):
        return off_by_the_same(part) or guessed("with input", part, _with_inputs, least=3)
    return (
        guessed("function", part, _changed, least=3)
        or guessed("input", part, _inputs, least=3)
        or guessed("other", part, _others, least=2)
        or off_by_the_same(part)
        or guessed("with input", part, _with_inputs, least=3)
        or guessed("rounded", part, _rounded, least=3)
        or _scaled_and_shifted(part)
    )


_FUNCTIONS: tuple[tuple[str, Numbers], ...] = (
    ("is the right answer with the other sign", np.negative),
    ("is the right answer with every minus sign lost", np.abs),
    ("is 1 minus the right answer", lambda x: 1 - x),
    ("is the logarithm of the right answer", np.log),
    ("is minus the logarithm of the right answer", lambda x: -np.log(x)),
    ("is the exponential of the right answer", np.exp),
    ("is the square of the right answer", np.square),
    ("is the square root of the right answer", np.sqrt),
    ("is 1 divided by the right answer", lambda x: 1 / x),
    ("is the tanh of the right answer", np.tanh),
    ("is the sigmoid of the right answer", lambda x: 1 / (1 + np.exp(-x))),
    ("is the right answer with 0 in place of what is below 0", lambda x: np.maximum(x, 0)),
)


def _changed(case: Case) -> Iterator[Guess]:
    """Each number is a function of the right one."""
    if not case.same_shape:
        return
    right = case.right
    with np.errstate(all="ignore"):
        for says, change in _FUNCTIONS:
            yield says, change(right)
        for axis in range(right.ndim):
            along = f" along axis {axis}" if right.ndim > 1 else ""
            yield f"is the right answer added up step by step{along}", np.cumsum(right, axis)
            e = np.exp(right - right.max(axis=axis, keepdims=True))
            made = e / e.sum(axis=axis, keepdims=True)
            yield f"is a softmax of the right answer{along}", made
            total = right.sum(axis=axis, keepdims=True)
            yield f"is the right answer divided by its sum{along}", right / total
            mean = right.mean(axis=axis, keepdims=True)
            yield f"is the right answer minus its mean{along}", right - mean
            length = np.sqrt((right**2).sum(axis=axis, keepdims=True))
            yield f"is the right answer divided by its length{along}", right / length


def _inputs(case: Case) -> Iterator[Guess]:
    """The answer is one of the inputs, as it came or in a simple form."""
    for name, x in case.arrays.items():
        x = x.astype(float)
        yield f"is the input `{name}` itself", x
        yield f"is the input `{name}` with the other sign", -x
        if x.ndim == 2:
            yield f"is the input `{name}` transposed", x.T
        for axis in range(x.ndim):
            along = f" along axis {axis}" if x.ndim > 1 else ""
            with np.errstate(all="ignore"):
                for said, reduce in (("sum", np.sum), ("mean", np.mean), ("maximum", np.max)):
                    if x.shape[axis]:
                        yield f"is the plain {said} of `{name}`{along}", reduce(x, axis=axis)


def _others(case: Case) -> Iterator[Guess]:
    """The answer is right for another question: another value, another function."""
    yield from ((f"is {says}", made) for says, made in case.others.items())


def _by_sizes(case: Case) -> Iterator[Guess]:
    """Every number is off by the same factor or summand, and a size of the inputs is that."""
    if not case.same_shape:
        return
    ratio, difference = _ratio(case), _difference(case)
    for name, value in of_sizes(case):
        if ratio is not None and math.isclose(ratio, value, rel_tol=1e-3):
            yield f"is the right answer times {name}", case.right * value
        if ratio is not None and math.isclose(ratio, 1 / value, rel_tol=1e-3):
            yield f"is the right answer divided by {name}", case.right / value
        if difference is not None and math.isclose(difference, value, rel_tol=1e-3):
            yield f"is the right answer plus {name}", case.right + value
        if difference is not None and math.isclose(difference, -value, rel_tol=1e-3):
            yield f"is the right answer minus {name}", case.right - value
    if difference and float(difference).is_integer() and (case.right % 1 == 0).all():
        for name, value in products(case):
            if value == difference:
                yield f"is the right answer plus {name}", case.right + value
            if value == -difference:
                yield f"is the right answer minus {name}", case.right - value


def _ratio(case: Case) -> float | None:
    """What the right numbers have been multiplied by, to go by the largest of them."""
    if not case.same_shape or not case.right.size:
        return None
    finite = np.where(np.isfinite(case.right) & np.isfinite(case.got), np.abs(case.right), 0)
    if finite.max() == 0:
        return None
    at = int(finite.argmax())
    return float(case.got.flat[at] / case.right.flat[at])


def _difference(case: Case) -> float | None:
    """What has been added to the right numbers, to go by the middle one."""
    if not case.same_shape:
        return None
    with np.errstate(all="ignore"):
        both = (case.got - case.right)[np.isfinite(case.got) & np.isfinite(case.right)]
    return float(np.median(both)) if both.size else None


def other_sign(part: Part) -> Relation | None:
    def guesses(case: Case) -> Iterator[Guess]:
        yield "is the right answer with the other sign", -case.right

    return guessed("function", part, guesses, least=3)


def off_by_the_same(part: Part) -> Relation | None:
    """One factor or summand for all numbers of a call, which may be one of its sizes.

    What is 2 or 3 in every call may be any size that is 2 or 3 there, or none.
    """
    by_size = guessed("size", part, _by_sizes, least=2)
    by_name = by_size is not None and "`" in by_size.says and ".shape" not in by_size.says
    by_root = by_size is not None and "√" in by_size.says and "/" not in by_size.says
    sure = by_name or _differs_by_call(part) or (by_root and not _is_plain(part))
    return by_size if sure else _factor(part) or _shift(part)


def _differs_by_call(part: Part) -> bool:
    """Whether factor and summand are others in other calls, as sizes are."""
    ratios = {round(_ratio(case) or 0, 6) for case in part.cases}
    return len(ratios) > 1 and len({round(_difference(case) or 0, 6) for case in part.cases}) > 1


def _is_plain(part: Part) -> bool:
    """Whether it is a whole number or a part of 1, which a size may be by accident."""
    ratio, difference = _ratio(part.cases[0]) or 0.5, _difference(part.cases[0]) or 1
    found = [n for n in (ratio, 1 / ratio, difference) if abs(n) < 1e9]
    return any(abs(n - round(n)) < 1e-6 for n in found)


def _factor(part: Part) -> Relation | None:
    """One factor for all numbers of all calls."""
    factor = _ratio(part.cases[0])
    if not factor:
        return None
    said = f"is the right answer times {show_number(factor)}, in every number"
    found = guessed("factor", part, lambda case: [(said, case.right * factor)], least=3)
    return found and replace(found, value=round(factor, 6))


def _shift(part: Part) -> Relation | None:
    """One summand for all numbers of all calls."""
    shift = _difference(part.cases[0])
    if not shift:
        return None
    how = f"plus {show_number(shift)}" if shift > 0 else f"minus {show_number(-shift)}"
    said = f"is the right answer {how}, in every number"
    found = guessed("shift", part, lambda case: [(said, case.right + shift)], least=3)
    return found and replace(found, value=round(shift, 6))


def _scaled_and_shifted(part: Part) -> Relation | None:
    first = part.cases[0]
    ok = np.isfinite(first.right) & np.isfinite(first.got) if first.same_shape else None
    if ok is None or ok.sum() < 3 or np.ptp(first.right[ok]) == 0:
        return None
    low, high = first.right[ok].argmin(), first.right[ok].argmax()
    x, y = first.right[ok], first.got[ok]
    factor = float((y[high] - y[low]) / (x[high] - x[low]))
    shift = float(y[low] - factor * x[low])
    if not factor:
        return None
    sign = "plus" if shift > 0 else "minus"
    said = (
        f"is the right answer times {show_number(factor)}, {sign} {show_number(abs(shift))}, in "
        "every number"
    )
    return guessed("line", part, lambda case: [(said, case.right * factor + shift)], least=5)


def _with_inputs(case: Case) -> Iterator[Guess]:
    """An input has been added, taken away or multiplied once too often, or once too seldom."""
    right = case.right
    if not case.same_shape or not right.ndim:
        return
    numbers = {name: x for name, x in case.arrays.items() if x.size}
    for name, x in numbers.items():
        x = x.astype(float)
        try:
            if np.broadcast_shapes(x.shape, right.shape) != right.shape:
                continue
        except ValueError:
            continue
        with np.errstate(all="ignore"):
            yield f"is the right answer minus the input `{name}`", right - x
            yield f"is the right answer plus the input `{name}`", right + x
            yield f"is the right answer times the input `{name}`", right * x
            yield f"is the right answer divided by the input `{name}`", right / x
            yield f"is the input `{name}` minus the right answer", x - right
            difference = case.got - right
            where = int(np.abs(np.where(np.isfinite(difference), difference, 0)).argmax())
            times = difference.flat[where] / np.broadcast_to(x, right.shape).flat[where]
            if math.isfinite(times) and times:
                for size, value in of_sizes(case):
                    for sign, word in ((1, "plus"), (-1, "minus")):
                        if math.isclose(times, sign * value, rel_tol=1e-6):
                            said = f"is the right answer {word} {size} times the input `{name}`"
                            if size.startswith("(") and size.endswith(" − 1)") and sign > 0:
                                once = size.removeprefix("(").removesuffix(" − 1)")
                                said = (
                                    f"is the right answer with {once} times the input `{name}` in "
                                    f"place of `{name}`"
                                )
                            yield said, right + sign * value * x


def _rounded(case: Case) -> Iterator[Guess]:
    if not case.same_shape:
        return
    right = case.right
    if not (right % 1).any():  # whole already
        return
    for digits in range(1, 7):
        yield f"is the right answer rounded to {digits} decimals", np.round(right, digits)
    yield "is the right answer rounded to whole numbers", np.round(right)
    yield "is the right answer cut to whole numbers", np.trunc(right)
    yield "is the right answer rounded down", np.floor(right)
    yield "is the right answer rounded up", np.ceil(right)
    yield "is 1 where the right answer is 0.5 or more, else 0", (right >= 0.5).astype(float)
    smallest, largest = case.got.min(initial=0), case.got.max(initial=0)
    if smallest < largest:
        low, high = show_number(smallest), show_number(largest)
        said = f"is the right answer cut off at {low} and at {high}"
        yield said, np.clip(right, smallest, largest)
