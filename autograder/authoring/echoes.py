"""What a call's inputs hold: who hands it back as the answer must win nothing by it.

The functions of one who doesn't look at a task can still see what they are called with, and give
it back: an input, one of its rows, where it isn't 0, its size, or one more than that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.compare import compare_values
from attnkit.checking.spec import CallSpec, CheckSpec

MANY = 8  # entries of a list, tuple or dict that are looked into
DEEP = 2  # lists within lists

_NOTHING = object()
_NUMBERS = ("int", "float")

#: What the inputs of a check's n-th call hold, by where it is found.
HeldBy = Callable[[int], dict[str, Any]]
#: What is given back in a check's n-th call.
Given = Callable[[int], Any]


def echoes(seen: CheckSpec, asked: CheckSpec) -> list[wire.Plain] | None:
    """An answer to each hidden call, of what its inputs hold; None if nothing of it fits all.

    It is the same thing in each call. Where several values are asked for, each may be another one,
    or what it is in every visible answer. A number may be so many more than what is held, or so
    many times as much, as in the visible calls. What doesn't fit is dropped at once: all of it
    would be tried.
    """
    held = _held_by(asked)
    for name in held(0):
        whole = functools.partial(_found, held, name)
        if _fits_all(asked, [call.expected for call in asked.calls], whole, asked.part):
            return [wire.encode(whole(n)) for n in range(len(asked.calls))]
    known, leaves = ([_leaves(call, asked.part) for call in of.calls] for of in (seen, asked))
    if not leaves[0] or len({len(each) for each in leaves}) > 1:
        return None
    chosen = []
    for place, wanted in enumerate(zip(*leaves, strict=True)):
        visible = [each[place] for each in known if place < len(each)]
        for given in _guesses(visible, _held_by(seen), held):
            if _fits_all(asked, wanted, given):
                chosen.append([wire.encode(given(n)) for n in range(len(wanted))])
                break
        else:
            return None
    return [
        _assembled(call.expected, each, asked.part)
        for call, each in zip(asked.calls, zip(*chosen, strict=True), strict=True)
    ]


def _guesses(visible: Sequence[wire.Plain], known: HeldBy, held: HeldBy) -> Iterator[Given]:
    """What one value of the answers might be: what it is in all visible ones, or what is held."""
    is_value = bool(visible) and bool(visible[0].keys() & {"array", "scalar"})  # not bounds
    if is_value and all(plain == visible[0] for plain in visible):
        always = wire.decode(visible[0])
        yield lambda n: always
    numbers = [plain["scalar"] for plain in visible if plain.get("type") in _NUMBERS]
    for name, value in held(0).items():
        yield functools.partial(_found, held, name)
        if _is_number(value) and numbers and len(numbers) == len(visible):
            own = [_found(known, name, n) for n in range(len(visible))]
            for times, more in _relations(numbers, own) if all(map(_is_number, own)) else ():
                yield functools.partial(_related, held, name, times, more)


def _relations(numbers: Sequence[Any], own: Sequence[Any]) -> Iterator[tuple[float, float]]:
    """How the visible numbers are made of what their calls hold: so many times, so many more."""
    pairs = [(float(number), float(mine)) for number, mine in zip(numbers, own, strict=True)]
    if len(more := {number - mine for number, mine in pairs}) == 1:
        yield 1.0, more.pop()
    if all(mine for _, mine in pairs) and len(times := {a / mine for a, mine in pairs}) == 1:
        yield times.pop(), 0.0


def _found(held: HeldBy, name: str, n: int) -> Any:
    return held(n).get(name, _NOTHING)


def _related(held: HeldBy, name: str, times: float, more: float, n: int) -> Any:
    value = _found(held, name, n)
    return times * value + more if _is_number(value) else _NOTHING


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _fits_all(
    asked: CheckSpec, wanted: Sequence[wire.Plain], given: Given, part: int | None = None
) -> bool:
    return all(
        _fits(expected, given(n), asked.calls[n].tolerance, part)
        for n, expected in enumerate(wanted)
    )


def _fits(expected: wire.Plain, value: Any, tolerance: float, part: int | None) -> bool:
    if value is _NOTHING or ("array" in expected and _shape(value) != tuple(expected["shape"])):
        return False  # at once, which is nearly always
    if "scalar" in expected and isinstance(value, (np.ndarray, list, tuple, dict)):
        return False
    return compare_values(expected, wire.encode(value), tolerance, "It is", part) is None


def _shape(value: Any) -> tuple[int, ...] | None:
    return value.shape if isinstance(value, np.ndarray) else None


def _held_by(check: CheckSpec) -> HeldBy:
    return functools.cache(lambda n: _held(check.calls[n]))


def _held(call: CallSpec) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for place, plain in enumerate([*call.args, *call.kwargs.values()]):
        try:
            value = wire.decode(plain)
        except ValueError:  # a function, a random generator
            continue
        held |= _within(f"input {place}", value, DEEP)
    return held


def _within(name: str, value: Any, deep: int) -> dict[str, Any]:
    held = {name: value}
    if isinstance(value, (list, tuple, dict, str)):
        held[f"{name}, its length"] = len(value)
    if isinstance(value, (list, tuple)) and value and all(map(_is_number, value)):
        held |= _of_array(f"{name}, as an array", np.array(value))
    if isinstance(value, (list, tuple, dict)) and deep:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(entries)[:MANY]:
            held |= _within(f"{name}, {key!r}", item, deep - 1)
    return held | _of_array(name, value) if isinstance(value, np.ndarray) else held


def _of_array(name: str, array: np.ndarray) -> dict[str, Any]:
    held: dict[str, Any] = {
        name: array,
        f"{name}, its shape": np.array(array.shape),
        f"{name}, its size": array.size,
        f"{name}, where it isn't 0": array != 0,
        f"{name}, where it is 0": array == 0,
    }
    if array.ndim and len(array):
        held |= {f"{name}, axis {axis}": size for axis, size in enumerate(array.shape)}
        held |= {f"{name}, the first": array[0], f"{name}, the last": array[-1]}
    return held


def _leaves(call: CallSpec, part: int | None) -> list[wire.Plain]:
    """The values of an answer that are judged."""
    expected = call.expected
    if part is not None and "tuple" in expected:
        expected = expected["tuple"][part]
    return list(wire.leaves(expected))


def _assembled(expected: wire.Plain, chosen: Sequence[wire.Plain], part: int | None) -> wire.Plain:
    """An answer of the form that is asked for, with the chosen values in it."""
    left = iter(chosen)
    if part is None or "tuple" not in expected:
        return wire.map_leaves(lambda _: next(left), expected)
    parts = list(expected["tuple"])
    parts[part] = wire.map_leaves(lambda _: next(left), parts[part])
    return {"tuple": parts}
