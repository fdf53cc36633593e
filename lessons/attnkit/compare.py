"""One answer beside the right one: the same, or what differs, in one sentence for a learner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnkit.spec import CallSpec, CheckSpec
from attnkit.wire import Answer, Plain, decode

FEW = 12  # inputs with at most this many numbers are shown in full


@dataclass(frozen=True)
class Problem:
    """Why an answer is wrong."""

    kind: str  # missing, stub, none, raised, kind, count, shape, not finite, values, changed
    sentence: str
    size: int  # how many numbers went into the call: small examples are shown first


def compare_call(
    call: CallSpec, answer: Answer, parameters: Sequence[str], check: CheckSpec
) -> Problem | None:
    """What is wrong with the answer to one call of a check, or None.

    `parameters` are the names of the call's arguments.
    """
    size = sum(_count(arg) for arg in (*call.args, *call.kwargs.values()))
    found = _compare(call, answer, parameters, check)
    if found is None:
        return None
    kind, sentence = found
    if kind in ("missing", "stub", "none", "raised", "changed"):
        return Problem(kind, sentence, size)
    return Problem(kind, f"{sentence} The call was {_show_call(call, parameters)}.", size)


def _compare(
    call: CallSpec, answer: Answer, parameters: Sequence[str], check: CheckSpec
) -> tuple[str, str] | None:
    name = f"`{call.function}`"
    if "missing" in answer:
        return "missing", f"There is no function {name} yet: has its cell been run?"
    if "stub" in answer:
        return "stub", (
            f"{name} is not written yet: put your code in place of `raise NotImplementedError()`, "
            "run the cell, then check again."
        )
    if "raised" in answer:
        where = f" in line {answer['line']}" if answer.get("line") else ""
        code = f", `{answer['code']}`" if answer.get("code") else ""
        text = f": {answer['text']}" if answer.get("text") else ""
        shapes = f" The call was {_show_call(call, parameters)}." if answer.get("text") else ""
        if call.probe and not where:
            return "raised", f"What {name} gave can't be used: {answer['raised']}{text}.{shapes}"
        return "raised", f"{name} stopped{where}{code} with {answer['raised']}{text}.{shapes}"
    if answer["value"] == {"scalar": None, "type": "NoneType"} and not call.probe:
        return "none", f"{name} returned None: is there a `return` at its end?"
    subject = f"{call.probe.says} is" if call.probe else f"{name} returned"
    found = compare_values(call.expected, answer["value"], call.tolerance, subject, check.part)
    if found is None and check.judges == "inputs untouched" and answer["changed"]:
        # asked of right answers only: who does nothing leaves everything untouched
        which = ", ".join(f"`{parameters[i]}`" for i in answer["changed"])
        return "changed", (
            f"{name} changed its input {which}: whoever called it still needs that array. "
            "Work on a copy or write the result into a new array."
        )
    return found


def compare_values(
    expected: Plain, got: Plain, tolerance: float, subject: str, part: int | None = None
) -> tuple[str, str] | None:
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
    if expected != got:
        return "values", f"{subject} {_kind(got)}, which is not the right answer."
    return None


def _compare_several(
    expected: Sequence[Plain], got: Plain, tolerance: float, subject: str, part: int | None
) -> tuple[str, str] | None:
    values = got.get("tuple", got.get("list"))
    if values is None:
        return "count", f"{subject} {_kind(got)}; {len(expected)} values are asked for."
    if len(values) != len(expected):
        return "count", f"{subject} {len(values)} values; {len(expected)} are asked for."
    ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
    for i, (e, g) in enumerate(zip(expected, values, strict=True)):
        if part not in (None, i):
            continue
        place = f"{ordinals[i]} value" if i < len(ordinals) else f"value {i + 1}"
        found = compare_values(e, g, tolerance, _inside(f"The {place}", subject))
        if found:
            return found
    return None


def _compare_dicts(
    expected: Sequence[Sequence[Plain]], got: Plain, tolerance: float, subject: str
) -> tuple[str, str] | None:
    names = [decode(key) for key, _ in expected]
    if "dict" not in got:
        return "kind", f"{subject} {_kind(got)}; a dict is asked for."
    values = {repr(key): value for key, value in got["dict"]}
    for name, (key, right) in zip(names, expected, strict=True):
        if repr(key) not in values:
            return "values", f"{subject} a dict without the entry {name!r}."
        place = _inside(f"The entry {name!r}", subject)
        found = compare_values(right, values[repr(key)], tolerance, place)
        if found:
            return found
    wanted = {repr(key) for key, _ in expected}
    for key, _ in got["dict"]:
        if repr(key) not in wanted:
            extra = _kind(key) if "scalar" not in key else repr(decode(key))
            return "values", f"{subject} a dict with an entry {extra:.60} that nobody asked for."
    return None


def _inside(place: str, subject: str) -> str:
    """The beginning of a sentence about a part: `f` returned -> The first value of `f` is."""
    owner = subject.removesuffix(" returned").removesuffix(" is")
    if owner.startswith("The "):
        owner = "the " + owner.removeprefix("The ")
    return f"{place} of {owner} is"


def _compare_bounds(low: Plain, high: Plain, got: Plain, subject: str) -> tuple[str, str] | None:
    lowest, highest = np.asarray(decode(low)), np.asarray(decode(high))
    wrong = _not_numbers(got, lowest, subject)
    if wrong:
        return wrong
    value = np.asarray(decode(got), float)
    outside = ~((lowest <= value) & (value <= highest))  # a NaN is outside too
    if not outside.any():
        return None
    where = _position(outside)
    bounds = f"between {_show(lowest[where])} and {_show(highest[where])}"
    return "values", f"{subject} {_show(value[where])}{_at(where)}; it should lie {bounds}."


def _compare_share(labels: Plain, share: float, got: Plain, subject: str) -> tuple[str, str] | None:
    right = np.asarray(decode(labels))
    wrong = _not_numbers(got, right, subject)
    if wrong:
        return wrong
    hits = int((np.asarray(decode(got)) == right).sum())
    if hits >= share * right.size:
        return None
    return "values", (
        f"{subject} right for {hits} of {right.size} ({hits / right.size:.1%}); at least "
        f"{share:.1%} are asked for."
    )


def _not_numbers(got: Plain, right: np.ndarray, subject: str) -> tuple[str, str] | None:
    """What is wrong with the kind or the shape of an answer that should be like `right`."""
    is_scalar = got.get("type") in ("float", "int", "bool")
    if "array" not in got and not (is_scalar and right.ndim == 0):
        wanted = f"an array of shape {right.shape}" if right.ndim else "one number"
        tip = " (`np.array(…)` makes one of a list)" if "list" in got and right.ndim else ""
        return "kind", f"{subject} {_kind(got)}; {wanted} is asked for{tip}."
    shape = tuple(got.get("shape", ()))
    if shape != right.shape:
        wanted = f"shape {right.shape}" if right.ndim else "a single number, shape ()"
        return "shape", f"{subject} an array of shape {shape}; it should have {wanted}."
    return None


def _compare_numbers(
    expected: Plain, got: Plain, tolerance: float, subject: str
) -> tuple[str, str] | None:
    right = np.asarray(decode(expected))
    wrong = _not_numbers(got, right, subject)
    if wrong:
        return wrong
    value = np.asarray(decode(got))
    if right.dtype.kind == "b" and value.dtype.kind != "b":
        return "kind", f"{subject} numbers of type {value.dtype}; True and False are asked for."
    if right.size == 0:
        return None
    if not np.isfinite(value).all():
        where = _position(~np.isfinite(value))
        bad = value[where] if where else value[()]
        return "not finite", f"{subject} {bad}{_at(where)}; it should be {_show(right[where])}."
    error = np.abs(value.astype(float) - right.astype(float))
    if (error <= tolerance).all():
        return None
    where = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
    sentence = f"{subject} {_show(value[where])}{_at(where)}; it should be {_show(right[where])}."
    if value.dtype in (np.float16, np.float32) and error.max() < 1e-3:
        sentence += f" The result is {value.dtype}: were digits lost on the way?"
    return "values", sentence


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
    return a == b


# --- how values read in a sentence


def _kind(plain: Plain) -> str:
    if "array" in plain:
        return f"an array of shape {tuple(plain['shape'])}"
    if "scalar" in plain:
        if plain["scalar"] is None:
            return "None"
        article = {"int": "an integer", "float": "a number", "bool": "a truth value"}
        return f"{article.get(plain['type'], 'a string')} ({plain['scalar']!r:.40})"
    for kind in ("tuple", "list", "dict"):
        if kind in plain:
            return f"a {kind} of {len(plain[kind])}"
    if "code" in plain:
        return str(plain.get("says", "a function"))
    if "rng" in plain:
        return "a random generator"
    return f"an object of type {plain['other']}"


def _position(wrong: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(wrong)[0])


def _at(where: Sequence[int]) -> str:
    return f" at [{', '.join(str(int(i)) for i in where)}]" if len(where) else ""


def _show(number: Any) -> str:
    if isinstance(number, (bool, np.bool_)):
        return str(bool(number))
    value = float(number)
    return f"{value:.5g}" if math.isfinite(value) else str(value)


def _show_call(call: CallSpec, parameters: Sequence[str]) -> str:
    few = sum(_count(arg) for arg in (*call.args, *call.kwargs.values())) <= FEW
    names = [*parameters[: len(call.args)], *call.kwargs]
    values = [*call.args, *call.kwargs.values()]
    shown = [
        f"{name} = {_literal(v)}" if few else f"{name}: {_kind(v).removeprefix('an array of ')}"
        for name, v in zip(names, values, strict=True)
    ]
    if call.probe:
        return f"`{', '.join(call.functions)}` with {'; '.join(shown)}" if shown else call.function
    return f"`{call.function}({', '.join(shown)})`"


def _count(plain: Plain) -> int:
    """How many numbers an input holds."""
    if "array" in plain:
        return len(plain["array"])
    items = plain.get("tuple") or plain.get("list") or [v for _, v in plain.get("dict", [])]
    return sum(_count(item) for item in items) if items else 1


def _literal(plain: Plain) -> str:
    if "says" in plain or "rng" in plain:
        return _kind(plain)
    if "dict" in plain:
        inside = (f"{decode(key)!r}: {_literal(value)}" for key, value in plain["dict"])
        return "{" + ", ".join(inside) + "}"
    if "array" not in plain:
        return repr(decode(plain))
    text = np.array2string(np.asarray(decode(plain)), separator=", ", precision=4)
    return " ".join(text.split())
