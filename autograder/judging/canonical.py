"""Answers out of a learner's process, in the one form that an honest process gives them.

Whoever has that process in hand can send any JSON. `attnkit.checking.wire` makes few forms of it;
what has one of these comes through unchanged, and everything else is refused, so that nothing
behind it has to wonder whether a "number" is one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from attnkit.checking.wire import (
    MAX_BITS,
    MAX_DEPTH,
    MAX_NAME,
    MAX_TEXT,
    MAX_VALUES,
    Answer,
    Plain,
)

_KINDS: dict[str, set[type]] = {"b": {bool}, "i": {int}, "u": {int}, "f": {float, str}}
_NOT_FINITE = frozenset(("nan", "inf", "-inf"))
_MOST_AXES = 64  # as many as NumPy has
_MOST_USES = 20  # functions of an exercise
_MOST_SAID = 2 * MAX_NAME  # letters of what stands for something without a plain form
_ANSWERS = (
    frozenset(("value", "changed")),
    frozenset(("raised", "text")),
    frozenset(("raised", "text", "line", "code")),
    frozenset(("stub",)),
    frozenset(("missing",)),
)


class SpoiltAnswerError(ValueError):
    """Something that no honest process sends."""


def canonical_answers(answers: Sequence[Any], arguments: Sequence[int]) -> list[Answer]:
    """The answers to calls with so many positional arguments each. Raises SpoiltAnswerError."""
    if len(answers) != len(arguments):
        _refuse("another number of answers than of calls")
    return [_answer(one, most) for one, most in zip(answers, arguments, strict=True)]


def canonical_value(plain: Any) -> Plain:
    """A plain value as `wire.encode` gives it. Raises SpoiltAnswerError."""
    return _value(plain, 0, _Room(MAX_VALUES))


class _Room:
    """How many values an answer may still hold."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, values: int) -> None:
        self._left -= values
        if self._left < 0:
            _refuse("too many values")


def _answer(answer: Any, arguments: int) -> Answer:
    if type(answer) is dict and "uses" in answer:
        uses = _uses(answer["uses"])
        rest = {key: answer[key] for key in answer if key != "uses"}
        return {**_answer(rest, arguments), "uses": uses}
    if type(answer) is not dict or answer.keys() not in _ANSWERS:
        _refuse("an answer of no known form")
    if "value" in answer:
        return {"value": canonical_value(answer["value"]), "changed": _changed(answer, arguments)}
    if "raised" in answer:
        _text(answer["raised"], MAX_NAME)
        _text(answer["text"], MAX_TEXT)
        if "line" in answer:
            if type(answer["line"]) is not int or answer["line"].bit_length() > 31:
                _refuse("a line that is none")
            _text(answer["code"], MAX_TEXT)
        return dict(answer)
    if list(answer.values()) != [True] or type(next(iter(answer.values()))) is not bool:
        _refuse("a mark that is not True")
    return dict(answer)


def _uses(names: Any) -> list[str]:
    """Which others the function that answered uses: it tells only what is to be mended first."""
    if type(names) is not list or not 0 < len(names) <= _MOST_USES:
        _refuse("functions that are none, or very many")
    for name in names:
        _text(name, MAX_NAME)
    if names != sorted(set(names)):
        _refuse("functions in no order")
    return list(names)


def _changed(answer: Answer, arguments: int) -> list[int]:
    changed = answer["changed"]
    if type(changed) is not list or any(type(index) is not int for index in changed):
        _refuse("changed arguments that are no numbers")
    if changed != sorted(set(changed)) or any(not 0 <= i < arguments for i in changed):
        _refuse("changed arguments that there are not")
    return list(changed)


def _value(plain: Any, depth: int, room: _Room) -> Plain:
    if type(plain) is not dict:
        _refuse("a value that is no object")
    form = _FORMS.get(frozenset(plain))
    if form is None:
        _refuse("a value of no known form")
    return form(plain, depth, room)


def _array(plain: Plain, depth: int, room: _Room) -> Plain:
    values, name, shape = plain["array"], plain["dtype"], plain["shape"]
    if type(values) is not list or type(name) is not str or type(shape) is not list:
        _refuse("an array without numbers, type or shape")
    if len(shape) > _MOST_AXES or any(type(n) is not int or n < 0 for n in shape):
        _refuse("a shape that is none")
    room.take(len(values))
    if math.prod(shape) != len(values):
        _refuse("a shape that does not fit its numbers")
    kinds = set(map(type, values))
    dtype = _dtype(name)
    if math.prod(n for n in shape if n) * dtype.itemsize > sys.maxsize:  # one axis may be 0
        _refuse("a shape that no array can have")
    if not kinds <= _KINDS[dtype.kind]:
        _refuse("numbers of another type than stated")
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        if values and not bounds.min <= min(values) <= max(values) <= bounds.max:
            _refuse("an integer that its type can't hold")
    elif dtype.kind == "f" and values:
        _floats(values, dtype, str in kinds)
    return {"array": list(values), "dtype": name, "shape": list(shape)}


def _dtype(name: str) -> np.dtype:
    if name not in _DTYPES:
        _refuse("a data type that is none of numbers")
    return _DTYPES[name]


# By the names that they have: NumPy's own reading of others takes its time, and much of it.
_DTYPES: dict[str, np.dtype] = {
    str(dtype): dtype
    for letter in "?" + np.typecodes["AllInteger"] + np.typecodes["Float"]
    for dtype in (np.dtype(letter), np.dtype(letter).newbyteorder())
}


def _floats(values: list[Any], dtype: np.dtype, with_text: bool) -> None:
    if with_text and not all(type(v) is float or v in _NOT_FINITE for v in values):
        _refuse("text among numbers")
    finite = np.array([v for v in values if type(v) is float], np.float64)
    if not np.isfinite(finite).all():
        _refuse("a number that JSON has none for")
    with np.errstate(all="ignore"):
        if not (finite.astype(dtype).astype(np.float64) == finite).all():
            _refuse("digits that the stated type can't hold")


def _scalar(plain: Plain, depth: int, room: _Room) -> Plain:
    room.take(1)
    value, kind = plain["scalar"], plain["type"]
    if kind == "float" and type(value) is str:
        if value not in _NOT_FINITE:
            _refuse("text for a number")
    elif type(kind) is not str or type(value).__name__ != kind or kind not in _SCALARS:
        _refuse("a value of another type than stated")
    elif kind == "float" and not math.isfinite(value):
        _refuse("a number that JSON has none for")
    elif kind == "int" and value.bit_length() > MAX_BITS:
        _refuse("an integer of very many digits")
    elif kind == "str":
        _text(value, MAX_VALUES)
    return dict(plain)


_SCALARS = frozenset(("int", "float", "bool", "str", "NoneType"))


def _several(plain: Plain, depth: int, room: _Room) -> Plain:
    ((kind, items),) = plain.items()
    room.take(1)
    if type(items) is not list or depth >= MAX_DEPTH:
        _refuse("values that are none, or nested too deeply")
    return {kind: [_value(item, depth + 1, room) for item in items]}


def _dict(plain: Plain, depth: int, room: _Room) -> Plain:
    entries = plain["dict"]
    room.take(1)
    if type(entries) is not list or depth >= MAX_DEPTH:
        _refuse("entries that are none, or nested too deeply")
    kept = []
    for entry in entries:
        if type(entry) is not list or len(entry) != 2:
            _refuse("an entry that is no pair")
        kept.append([_value(part, depth + 1, room) for part in entry])
    if not all(_may_be_key(key) and "array" not in key for key, _ in kept):
        _refuse("a name that no entry can have")
    if len({repr(key) for key, _ in kept}) != len(kept):
        _refuse("two entries of one name")
    return {"dict": kept}


def _may_be_key(plain: Plain) -> bool:
    """Whether a dict can have it for a key: no list, no dict, no array but a single number.

    Such a number is one of Python's where it is the key, and NumPy's only within a tuple.
    """
    if "tuple" in plain:
        return all(map(_may_be_key, plain["tuple"]))
    return "list" not in plain and "dict" not in plain and not plain.get("shape")


def _other(plain: Plain, depth: int, room: _Room) -> Plain:
    room.take(1)
    _text(plain["other"], _MOST_SAID)
    return dict(plain)


def _text(value: Any, most: int) -> None:
    if type(value) is not str or len(value) > most:
        _refuse("text that is none, or too long")


def _refuse(what: str) -> NoReturn:
    raise SpoiltAnswerError(what)


_FORMS: dict[frozenset[str], Callable[[Plain, int, _Room], Plain]] = {
    frozenset(("array", "dtype", "shape")): _array,
    frozenset(("scalar", "type")): _scalar,
    frozenset(("tuple",)): _several,
    frozenset(("list",)): _several,
    frozenset(("dict",)): _dict,
    frozenset(("other",)): _other,
}
