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

    `parameters` are the names of the function's arguments.
    """
    size = sum(len(arg.get("array", "1")) for arg in call.args)
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
        shapes = f" The call was {_show_call(call, parameters)}." if text else ""
        return "raised", f"{name} stopped{where}{code} with {answer['raised']}{text}.{shapes}"
    if answer["value"] == {"scalar": None, "type": "NoneType"}:
        return "none", f"{name} returned None: is there a `return` at its end?"
    subject = f"{name} returned"
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

    Of several values `part` compares one only. A list of values is as good as a tuple.
    """
    if "tuple" in expected:
        want = len(expected["tuple"])
        values = got.get("tuple", got.get("list"))
        if values is None:
            return "count", f"{subject} {_kind(got)}; {want} values are asked for."
        if len(values) != want:
            return "count", f"{subject} {len(values)} values; {want} are asked for."
        ordinals = ["first", "second", "third", "fourth", "fifth"]
        for i, (e, g) in enumerate(zip(expected["tuple"], values, strict=True)):
            if part not in (None, i):
                continue
            owner = subject.removesuffix(" returned")
            found = compare_values(e, g, tolerance, f"The {ordinals[i]} value of {owner} is")
            if found:
                return found
        return None
    if "array" in expected or expected.get("type") in ("float", "int", "bool"):
        return _compare_numbers(expected, got, tolerance, subject)
    if expected != got:
        return "values", f"{subject} {_kind(got)}, which is not the right answer."
    return None


def _compare_numbers(
    expected: Plain, got: Plain, tolerance: float, subject: str
) -> tuple[str, str] | None:
    right = np.asarray(decode(expected))
    is_scalar = got.get("type") in ("float", "int", "bool")
    if "array" not in got and not (is_scalar and right.ndim == 0):
        wanted = f"an array of shape {right.shape}" if right.ndim else "one number"
        tip = " (`np.array(…)` makes one of a list)" if "list" in got and right.ndim else ""
        return "kind", f"{subject} {_kind(got)}; {wanted} is asked for{tip}."
    value = np.asarray(decode(got))
    if value.shape != right.shape:
        wanted = f"shape {right.shape}" if right.ndim else "a single number, shape ()"
        return "shape", f"{subject} an array of shape {value.shape}; it should have {wanted}."
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
    few = sum(len(arg.get("array", "1")) for arg in call.args) <= FEW
    names = [*parameters[: len(call.args)], *call.kwargs]
    values = [*call.args, *call.kwargs.values()]
    shown = [
        f"{name} = {_literal(v)}" if few else f"{name}: {_kind(v).removeprefix('an array of ')}"
        for name, v in zip(names, values, strict=True)
    ]
    return f"`{call.function}({', '.join(shown)})`"


def _literal(plain: Plain) -> str:
    if "array" not in plain:
        return repr(decode(plain))
    text = np.array2string(np.asarray(decode(plain)), separator=", ", precision=4)
    return " ".join(text.split())
