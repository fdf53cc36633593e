"""One answer beside the right one: the same, or what differs, in one sentence for a learner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnkit.checking.spec import CallSpec, CheckSpec
from attnkit.checking.wire import Answer, Plain, decode
from attnkit.checking.wording import (
    FEW,
    at,
    count_numbers,
    foreign,
    kind_of,
    ordinal,
    position,
    show_both,
    show_call,
    show_number,
    show_rows,
    subject_of,
    subject_of_part,
    yes_or_no,
)


@dataclass(frozen=True)
class Problem:
    """Why an answer is wrong."""

    kind: str  # missing, stub, none, raised, kind, count, shape, not finite, values, changed
    sentence: str
    size: int  # how many numbers went into the call: small examples are shown first


@dataclass(frozen=True)
class Difference:
    """The first difference between an answer and the right one."""

    kind: str
    sentence: str
    where: tuple[int, ...] = ()  # the place in an array of that shape
    shape: tuple[int, ...] = ()


def compare_call(
    call: CallSpec, answer: Answer, parameters: Sequence[str], check: CheckSpec
) -> Problem | None:
    """What is wrong with the answer to one call of a check, or None.

    `parameters` are the names of the call's arguments.
    """
    size = sum(count_numbers(arg) for arg in (*call.args, *call.kwargs.values()))
    found = _compare(call, answer, parameters, check)
    if found is None:
        return None
    if found.kind in ("missing", "stub", "none", "raised", "changed"):
        return Problem(found.kind, found.sentence, size)
    rows = show_rows(call, parameters, found.where, found.shape) if size > FEW else ""
    shown = f"{found.sentence} The call was {show_call(call, parameters)}{rows}."
    return Problem(found.kind, shown, size)


def _compare(
    call: CallSpec, answer: Answer, parameters: Sequence[str], check: CheckSpec
) -> Difference | None:
    name = f"`{call.function}`"
    if "missing" in answer:
        return Difference("missing", f"There is no function {name} yet: has its cell been run?")
    if "stub" in answer:
        return Difference(
            "stub",
            f"{name} is not written yet: put your code in place of `raise NotImplementedError()`, "
            "run the cell, then check again.",
        )
    if "raised" in answer:
        where = f" in line {answer['line']}" if answer.get("line") else ""
        code = f", `{answer['code']}`" if answer.get("code") else ""
        text = f": {answer['text']}" if answer.get("text") else ""
        shapes = f" The call was {show_call(call, parameters)}." if answer.get("text") else ""
        if call.probe and not where:
            return Difference(
                "raised", f"What {name} gave can't be used: {answer['raised']}{text}.{shapes}"
            )
        return Difference(
            "raised", f"{name} stopped{where}{code} with {answer['raised']}{text}.{shapes}"
        )
    if answer["value"] == {"scalar": None, "type": "NoneType"} and not call.probe:
        return Difference("none", f"{name} returned None: is there a `return` at its end?")
    found = compare_values(
        call.expected, answer["value"], call.tolerance, subject_of(call), check.part
    )
    if found is None and check.judges == "inputs untouched" and answer["changed"]:
        # asked of right answers only: who does nothing leaves everything untouched
        which = ", ".join(f"`{parameters[i]}`" for i in answer["changed"])
        return Difference(
            "changed",
            f"{name} changed its input {which}: whoever called it still needs that array. "
            "Work on a copy or write the result into a new array.",
        )
    return found


def compare_values(
    expected: Plain, got: Plain, tolerance: float, subject: str, part: int | None = None
) -> Difference | None:
    """(kind, sentence) for the first difference between two plain values, or None.

    Of several values `part` compares one only. A list of values is as good as a tuple. The entries
    of a dict may come in any order.
    """
    if "tuple" in expected:
        return _compare_several(expected["tuple"], got, tolerance, subject, part)
    if "dict" in expected:
        return _compare_dicts(expected["dict"], got, tolerance, subject)
    if "between" in expected:
        low, high = expected["between"]
        return _compare_bounds(low, high, got, subject)
    if "matches" in expected:
        return _compare_share(expected["matches"], expected["share"], got, subject)
    if "array" in expected or expected.get("type") in ("float", "int", "bool"):
        return _compare_numbers(expected, got, tolerance, subject)
    if expected != _with_own_integers(got):
        return Difference("values", f"{subject} {kind_of(got)}, which is not the right answer.")
    return None


def _with_own_integers(value: Plain) -> Plain:
    """NumPy's integers, also in a list, as Python's: `[np.int64(3)]` is a list of whole numbers."""
    if "list" in value:
        return {"list": [_with_own_integers(item) for item in value["list"]]}
    if value.get("shape") == [] and str(value.get("dtype")).startswith(("int", "uint")):
        return {"scalar": decode(value).item(), "type": "int"}
    return value


def _compare_several(
    expected: Sequence[Plain], got: Plain, tolerance: float, subject: str, part: int | None
) -> Difference | None:
    values = got.get("tuple", got.get("list"))
    if values is None:
        return Difference(
            "count", f"{subject} {kind_of(got)}; {len(expected)} values are asked for."
        )
    if len(values) != len(expected):
        return Difference(
            "count", f"{subject} {len(values)} values; {len(expected)} are asked for."
        )
    for i, (e, g) in enumerate(zip(expected, values, strict=True)):
        if part not in (None, i):
            continue
        place = subject_of_part(f"The {ordinal(i)} value", subject)
        found = compare_values(e, g, tolerance, place)
        if found:
            return found
    return None


def _compare_dicts(
    expected: Sequence[Sequence[Plain]], got: Plain, tolerance: float, subject: str
) -> Difference | None:
    names = [decode(key) for key, _ in expected]
    if "dict" not in got:
        return Difference("kind", f"{subject} {kind_of(got)}; a dict is asked for.")
    values = {repr(key): value for key, value in got["dict"]}
    for name, (key, right) in zip(names, expected, strict=True):
        if repr(key) not in values:
            return Difference("values", f"{subject} a dict without the entry {name!r}.")
        place = subject_of_part(f"The entry {name!r}", subject)
        found = compare_values(right, values[repr(key)], tolerance, place)
        if found:
            return found
    wanted = {repr(key) for key, _ in expected}
    for key, _ in got["dict"]:
        if repr(key) not in wanted:
            extra = kind_of(key) if "scalar" not in key else repr(decode(key))
            return Difference(
                "values", f"{subject} a dict with an entry {extra:.60} that nobody asked for."
            )
    return None


def _compare_bounds(low: Plain, high: Plain, got: Plain, subject: str) -> Difference | None:
    lowest, highest = np.asarray(decode(low)), np.asarray(decode(high))
    wrong = _not_numbers(got, lowest, subject)
    if wrong:
        return wrong
    value = np.asarray(decode(got), float)
    outside = ~((lowest <= value) & (value <= highest))  # a NaN is outside too
    if not outside.any():
        return None
    where = position(outside)
    bounds = f"between {show_number(lowest[where])} and {show_number(highest[where])}"
    return Difference(
        "values",
        f"{subject} {show_number(value[where])}{at(where)}; it should lie {bounds}.",
        where,
        lowest.shape,
    )


def _compare_share(labels: Plain, share: float, got: Plain, subject: str) -> Difference | None:
    right = np.asarray(decode(labels))
    wrong = _not_numbers(got, right, subject)
    if wrong:
        return wrong
    hits = int((np.asarray(decode(got)) == right).sum())
    if hits >= share * right.size:
        return None
    return Difference(
        "values",
        f"{subject} right for {hits} of {right.size} ({hits / right.size:.1%}); at least "
        f"{share:.1%} are asked for.",
    )


def _not_numbers(got: Plain, right: np.ndarray, subject: str) -> Difference | None:
    """What is wrong with the kind or the shape of an answer that should be like `right`.

    What it says of itself is nothing: its own numbers are counted.
    """
    is_scalar = got.get("type") in ("float", "int", "bool")
    if "array" not in got and not (is_scalar and right.ndim == 0):
        wanted = f"an array of shape {right.shape}" if right.ndim else "one number"
        made = "np.array(…)" if "list" in got and right.ndim else (foreign(got) or ("", ""))[1]
        tip = f" (`{made}` makes one of it)" if made else ""
        return Difference("kind", f"{subject} {kind_of(got)}; {wanted} is asked for{tip}.")
    value = np.asarray(decode(got))
    shape = value.shape
    if value.dtype.kind not in "biuf":
        return Difference("kind", f"{subject} {kind_of(got)}; numbers are asked for.")
    if shape != right.shape:
        wanted = f"shape {right.shape}" if right.ndim else "a single number, shape ()"
        return Difference("shape", f"{subject} an array of shape {shape}; it should have {wanted}.")
    return None


def _compare_numbers(
    expected: Plain, got: Plain, tolerance: float, subject: str
) -> Difference | None:
    right = np.asarray(decode(expected))
    wrong = _not_numbers(got, right, subject)
    if wrong:
        return wrong
    value = np.asarray(decode(got))
    if right.dtype.kind == "b" and value.dtype.kind != "b":
        return Difference(
            "kind", f"{subject} numbers of type {value.dtype}; True and False are asked for."
        )
    if right.size == 0:
        return None
    x, y = value.astype(float), right.astype(float)
    alike = (x == y) | (np.isnan(x) & np.isnan(y))  # infinities too, where they belong
    if not (np.isfinite(x) | alike).all():
        where = position(~(np.isfinite(x) | alike))
        sentence = f"{subject} {x[where]}{at(where)}; it should be {show_number(right[where])}."
        return Difference("not finite", sentence, where, right.shape)
    with np.errstate(invalid="ignore"):  # of two infinities
        error = np.where(alike, 0.0, np.abs(x - y))
    if (error <= tolerance).all():
        return None
    where = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
    shown, wanted = (yes_or_no(subject, n) for n in show_both(value[where], right[where]))
    sentence = f"{subject} {shown}{at(where)}; it should be {wanted}."
    if value.dtype in (np.float16, np.float32) and error.max() < 1e-3:
        sentence += f" The result is {value.dtype}: were digits lost on the way?"
    return Difference("values", sentence, where, right.shape)


def same_answer(answer: Answer, other: Answer | None, tolerance: float) -> bool:
    """Whether two answers to one call are alike: same error, or same value within tolerance."""
    if other is None:
        return False
    if "value" not in answer or "value" not in other:
        # the text too: a ValueError alone could come from anywhere
        return _failure(answer) == _failure(other)
    if answer.get("changed", []) != other.get("changed", []):
        return False
    return _same_value(answer["value"], other["value"], 10 * tolerance)


def _failure(answer: Answer) -> dict[str, Any]:
    keys = ("missing", "stub", "raised", "text", "value")
    return {key: answer[key] for key in keys if key in answer}


def _same_value(a: Plain, b: Plain, tolerance: float) -> bool:
    for kind in ("tuple", "list"):
        if kind in a and kind in b:
            return len(a[kind]) == len(b[kind]) and all(
                _same_value(x, y, tolerance) for x, y in zip(a[kind], b[kind], strict=True)
            )
    if "dict" in a and "dict" in b:
        left = {repr(key): value for key, value in a["dict"]}
        right = {repr(key): value for key, value in b["dict"]}
        return left.keys() == right.keys() and all(
            _same_value(value, right[key], tolerance) for key, value in left.items()
        )
    if ("array" in a or a.get("type") == "float") and ("array" in b or b.get("type") == "float"):
        x, y = np.asarray(decode(a), float), np.asarray(decode(b), float)
        if x.shape != y.shape:
            return False
        scale = np.abs(y[np.isfinite(y)]).max(initial=1.0)
        return bool(np.allclose(x, y, rtol=0, atol=tolerance * scale, equal_nan=True))
    return _with_own_integers(a) == _with_own_integers(b)
