"""Small exercises for tests of relations, and what is found of an answer to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.diagnosis import find_problems
from attnkit.checking.evidence import wrong_parts
from attnkit.checking.judge import judge
from attnkit.checking.related import Relation
from attnkit.checking.relations import find_relation
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec, MisconceptionSpec
from attnkit.checking.verdict import Verdict
from attnkit.checking.wire import Answer

Inputs = Mapping[str, Any]
Function = Callable[..., Any]
SIZES = ((4, 6), (5, 3), (3, 7), (6, 6))


def exercise(
    right: Function, calls: Sequence[Inputs], mistakes: Mapping[str, Function] | None = None
) -> ExerciseSpec:
    """One of a single function `f`, whose right answers `right` gives."""
    specs = tuple(
        CallSpec(
            "f",
            tuple(map(wire.encode, inputs.values())),
            {},
            wire.encode(right(**inputs)),
            1e-9,
        )
        for inputs in calls
    )
    check = CheckSpec("only", 1, "What holds.", "values", specs)
    names = {"f": tuple(calls[0])}
    plain = ExerciseSpec("L9.1", "One", names, 1, 1, 1, ("a", "b", "c"), (check,))
    known = tuple(
        MisconceptionSpec(name, "f", f"You did: {name}.", tuple(answers_of(plain, mistake)))
        for name, mistake in (mistakes or {}).items()
    )
    return dataclasses.replace(plain, misconceptions=known)


def answers_of(spec: ExerciseSpec, function: Function) -> list[Answer]:
    return wire.run_calls({"f": function}, spec.wire_calls())


def verdict_on(function: Function, spec: ExerciseSpec) -> Verdict:
    return judge(spec, answers_of(spec, function))


def related(function: Function, spec: ExerciseSpec) -> Relation | None:
    """The relation that is found, if any is, which then has to hold in every failing call."""
    answers = answers_of(spec, function)
    return relation_of(spec, answers)


def relation_of(spec: ExerciseSpec, answers: list[Answer], name: str = "f") -> Relation | None:
    wrong = [problem is not None for problem in find_problems(spec, answers)]
    calls = [i for i, call in enumerate(spec.calls) if wrong[i] and call.functions == (name,)]
    if not calls:
        return None
    found = find_relation(spec, name, answers, wrong, calls)
    if found and found.guesses:
        cases = [
            case
            for part in wrong_parts(spec, answers, calls)
            if found.sentence.startswith(part.says)
            for case in part.cases
        ]
        assert cases, found
        assert all(found.true_of(case) for case in cases), found
    return found


def tables(seed: int, low: float = -3.0) -> list[Inputs]:
    """Tables of different sizes, all their numbers unlike, and one number beside them."""
    rng = np.random.default_rng(seed)
    return [
        {
            "x_TD": rng.uniform(low, 3, size),
            "b_D": rng.uniform(1, 2, size[1]),
            "h": rng.uniform(5, 9),
        }
        for size in SIZES
    ]


def softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def table(x_TD: Any, b_D: Any, h: Any) -> Any:
    """A right answer in which no number is like another."""
    return x_TD * (2 + np.sin(x_TD)) + h
