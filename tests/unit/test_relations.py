"""Answers that show no known mistake: how they are related to the right ones, if they are."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.diagnosis import find_problems
from attnkit.checking.evidence import MOST_NUMBERS, Case, wrong_parts
from attnkit.checking.judge import judge
from attnkit.checking.related import Relation
from attnkit.checking.relations import find_relation
from attnkit.checking.spec import (
    CallSpec,
    CheckSpec,
    ExerciseSpec,
    MisconceptionSpec,
    released_folder,
)
from attnkit.checking.verdict import Verdict
from attnkit.checking.wire import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

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


def weights(x_TD: Any, b_D: Any, h: Any) -> Any:
    return softmax(x_TD)


def pair(x_TD: Any, b_D: Any, h: Any) -> Any:
    return table(x_TD, b_D, h), x_TD.sum(axis=1)


CHANGES: list[tuple[Function, Callable[[Any, Any, Any, Any], Any], str]] = [
    (table, lambda r, x, b, h: -r, "is the right answer with the other sign"),
    (table, lambda r, x, b, h: 2.5 * r, "is the right answer times 2.5, in every number"),
    (table, lambda r, x, b, h: r - 3.25, "is the right answer minus 3.25, in every number"),
    (table, lambda r, x, b, h: 2 * r + 0.5, "is the right answer times 2, plus 0.5"),
    (table, lambda r, x, b, h: r * np.sqrt(x.shape[1]), "is the right answer times √D"),
    (table, lambda r, x, b, h: r / len(x), "is the right answer divided by T"),
    (table, lambda r, x, b, h: r * h, "is the right answer times `h`"),
    (table, lambda r, x, b, h: r - x, "is the right answer minus the input `x_TD`"),
    (table, lambda r, x, b, h: r * b, "is the right answer times the input `b_D`"),
    (table, lambda r, x, b, h: x, "is the input `x_TD` itself"),
    (table, lambda r, x, b, h: r.T, "is the right answer transposed"),
    (table, lambda r, x, b, h: r[::-1], "in reverse order along axis 0"),
    (table, lambda r, x, b, h: r[:, ::-1], "in reverse order along axis 1"),
    (table, lambda r, x, b, h: np.roll(r, 1, 1), "every number stands 1 place further on"),
    (table, lambda r, x, b, h: r[:, None], "has an axis of length 1 too many"),
    (table, lambda r, x, b, h: r.ravel(), "in the right order, but not in the right shape"),
    (table, lambda r, x, b, h: r[:-1], "is right, but the last one is missing along axis 0"),
    (table, lambda r, x, b, h: r.sum(0), "is the sum of the right answer along axis 0"),
    (table, lambda r, x, b, h: r.mean(), "is the mean of all numbers of the right answer"),
    (table, lambda r, x, b, h: r.tolist(), "holds the right numbers, but in a list"),
    (table, lambda r, x, b, h: (r, x), "is 2 values, of which the first is right"),
    (table, lambda r, x, b, h: np.exp(r), "is the exponential of the right answer"),
    (table, lambda r, x, b, h: r**2, "is the square of the right answer"),
    (table, lambda r, x, b, h: np.cumsum(r, 0), "added up step by step along axis 0"),
    (table, lambda r, x, b, h: np.round(r, 2), "is the right answer rounded to 2 decimals"),
    (table, lambda r, x, b, h: np.trunc(r), "is the right answer cut to whole numbers"),
    (table, lambda r, x, b, h: r * (1 + 1e-6 * np.cos(x)), "is nearly right"),
    (
        table,
        lambda r, x, b, h: np.where(np.eye(*r.shape), 99, r),
        "is right except on the diagonal",
    ),
    (table, lambda r, x, b, h: np.where(x < 0, 99, r), "is right except where `x_TD` is below 0"),
    (
        table,
        lambda r, x, b, h: np.vstack([r[:1], x[1:]]),
        "is right except in every row but the first",
    ),
    (
        weights,
        lambda r, x, b, h: softmax(x, 0),
        "sums to 1 along axis 0; it should do so along axis 1",
    ),
    (weights, lambda r, x, b, h: np.exp(x), "has the right proportions, but sums to"),
    (weights, lambda r, x, b, h: x, "is the input `x_TD` itself"),
    (weights, lambda r, x, b, h: x + 1, "holds scores, not weights"),
    (weights, lambda r, x, b, h: softmax(x / h), "right scores divided by `h`"),
    (weights, lambda r, x, b, h: softmax(3 * x), "right scores multiplied by 3"),
    (
        weights,
        lambda r, x, b, h: 1.0 * (r == r.max(1, keepdims=True)),
        "is 1 for the largest weight",
    ),
    (pair, lambda r, x, b, h: r[::-1], "the right values in another order"),
    (pair, lambda r, x, b, h: r[0], "is right as the first value, but 2 values are asked for"),
    (
        pair,
        lambda r, x, b, h: (r[0], -r[1]),
        "The second value of `f` is the right answer with the",
    ),
]


@settings(max_examples=40, deadline=None)
@given(change=st.sampled_from(CHANGES), seed=st.integers(0, 10_000))
def test_a_relation_is_found_and_holds_in_every_failing_call(change: Any, seed: int) -> None:
    right, make, words = change
    spec = exercise(right, tables(seed))

    def f(x_TD: Any, b_D: Any, h: Any) -> Any:
        return make(right(x_TD, b_D, h), x_TD, b_D, h)

    found = related(f, spec)
    assert found
    assert words in found.sentence
    verdict = verdict_on(f, spec)
    assert verdict.message == found.sentence
    assert "it should" in verdict.findings[0].seen or "asked for" in verdict.findings[0].seen


@pytest.mark.parametrize("words", [words for _, _, words in CHANGES])
def test_each_relation_is_said(words: str) -> None:
    """All of them once; the property above draws some with many numbers."""
    right, make, _ = next(change for change in CHANGES if change[2] == words)
    found = related(
        lambda x_TD, b_D, h: make(right(x_TD, b_D, h), x_TD, b_D, h), exercise(right, tables(1))
    )
    assert found
    assert words in found.sentence


def test_random_numbers_have_no_relation() -> None:
    drawn = np.random.default_rng(5)
    for seed in range(10):
        spec = exercise(table, tables(seed))
        assert related(lambda x_TD, b_D, h: drawn.normal(size=x_TD.shape), spec) is None


@settings(max_examples=30, deadline=None)
@given(
    right=st.sampled_from([0.0, 1.0, 2.5]),
    got=st.sampled_from([0.0, 1.0, -1.0, 5.0, np.nan, np.inf]),
    size=st.sampled_from([(), (1,), (4,), (2, 3)]),
)
def test_numbers_that_are_all_alike_have_no_relation(
    right: float, got: float, size: tuple[int, ...]
) -> None:
    """Any of them is any other times something, plus something, in another order, and so on."""
    spec = exercise(lambda x: np.full(size, right), [{"x": float(n)} for n in range(3)])
    assert related(lambda x: np.full(size, got), spec) is None


def test_one_number_is_not_called_a_size_that_it_happens_to_be() -> None:
    """3 in every call, where D is 3 in every call, may have nothing to do with D."""
    calls = [{"x_TD": np.random.default_rng(n).normal(size=(4, 3))} for n in range(3)]
    found = related(lambda x_TD: 3 * np.sin(x_TD), exercise(lambda x_TD: np.sin(x_TD), calls))
    assert found
    assert found.sentence == "What `f` returns is the right answer times 3, in every number."


def test_a_relation_of_some_failing_calls_is_none() -> None:
    spec = exercise(table, tables(3))

    def f(x_TD: Any, b_D: Any, h: Any) -> Any:
        return 2 * table(x_TD, b_D, h) if len(x_TD) > 4 else np.cos(9 * x_TD)

    assert related(f, spec) is None


def test_which_calls_fail_is_said_if_one_thing_tells_them_apart() -> None:
    rng = np.random.default_rng(2)
    calls = [{"s": rng.normal(size=n) * times} for n in (4, 5, 6) for times in (1, 1000)]
    found = related(
        lambda s: softmax(s) if abs(s).max() < 100 else np.cos(s), exercise(softmax_of, calls)
    )
    assert found
    assert found.says == "in which `s` has numbers of 100 and more"
    assert found.sentence.startswith("`f` is right in 3 calls and wrong in all 3 calls in which")


def softmax_of(s: Any) -> Any:
    return softmax(s)


def test_a_declared_mistake_is_named_before_any_relation() -> None:
    spec = exercise(table, tables(4), {"turned": lambda x_TD, b_D, h: -table(x_TD, b_D, h)})
    verdict = verdict_on(lambda x_TD, b_D, h: -table(x_TD, b_D, h), spec)
    assert (verdict.diagnosis, verdict.message) == ("turned", "`f` behaves as if you did: turned.")


def test_two_known_mistakes_in_one_function_are_both_told() -> None:
    """One in calls of many rows, the other in calls of few."""

    def few(x_TD: Any, b_D: Any, h: Any) -> Any:
        return table(x_TD, b_D, h) if len(x_TD) > 4 else np.cos(x_TD)

    def many(x_TD: Any, b_D: Any, h: Any) -> Any:
        return table(x_TD, b_D, h) if len(x_TD) < 5 else np.sin(x_TD)

    spec = exercise(table, tables(5), {"few": few, "many": many})
    found = related(lambda x_TD, b_D, h: np.sin(x_TD) if len(x_TD) > 4 else np.cos(x_TD), spec)
    assert found
    assert found.kind == "two mistakes"
    assert found.sentence.count("behaves as if you did") == 2


def test_a_known_mistake_and_a_plain_change_of_its_numbers_are_told_together() -> None:
    mistakes: dict[str, Function] = {"cosines": lambda x_TD, b_D, h: np.cos(x_TD)}
    spec = exercise(table, tables(6), mistakes)
    found = related(lambda x_TD, b_D, h: np.cos(x_TD).T, spec)
    assert found
    assert found.sentence == (
        "Two things come together: `f` behaves as if you did: cosines. Compared with what that "
        "gives, what `f` returns is that transposed: rows stand where columns should."
    )


def test_a_mistake_that_also_writes_into_an_input_is_told_with_it() -> None:
    mistakes: dict[str, Function] = {"cosines": lambda x_TD, b_D, h: np.cos(x_TD)}
    spec = exercise(table, tables(6), mistakes)

    def f(x_TD: Any, b_D: Any, h: Any) -> Any:
        made = np.cos(x_TD)
        x_TD += 1
        return made

    assert "You did" not in verdict_on(f, spec).message
    assert verdict_on(f, spec).message.endswith(
        "`f` behaves as if you did: cosines. Besides, it changes an input, which whoever called it "
        "still needs."
    )


def test_what_is_wrong_with_a_test_of_functions_is_told_over_all_calls() -> None:
    right = [True, False, True, True, False]
    calls = [{"n": n} for n in range(5)]
    spec = exercise(lambda n: right[n], calls)

    def said(answers: Any) -> str:
        found = related(lambda n: answers[n], spec)
        return found.says if found else ""

    assert said([True] * 5) == "says True every time, in all 5 calls"
    assert said([not r for r in right]).startswith("says the opposite every time")
    assert said([True, False, False, True, False]).startswith(
        "errs one way only: it says False in 1 of the 3 calls where True is right"
    )
    assert said([True, True, False, True, False]).startswith("errs both ways")

    def stops(n: int) -> bool:
        if n == 4:
            raise KeyError(n)
        return right[n]

    found = related(stops, spec)
    assert found is None or "stops with an error" in found.sentence


def test_arrays_that_clash_are_called_by_their_axes() -> None:
    calls = [{"x_TD": np.ones((t, d)), "w_T": np.arange(float(t))} for t, d in ((4, 6), (5, 3))]
    found = related(lambda x_TD, w_T: x_TD * w_T, exercise(lambda x_TD, w_T: w_T @ x_TD, calls))
    assert found
    assert found.sentence.endswith("by the sizes of its inputs, (T, D) and (T,).")


def test_very_many_numbers_are_left_alone() -> None:
    n = MOST_NUMBERS // 2 + 1
    spec = exercise(lambda x: np.sin(x), [{"x": np.linspace(0, 1, n)}])
    assert related(lambda x: -np.sin(x), spec) is None


def claims(every: int) -> Iterator[tuple[str, Relation]]:
    """What would be claimed of the kill table's wrong answers, had nobody declared them."""
    number = 0
    for file in sorted(released_folder().glob("L?.json")):
        for item in json.loads(file.read_text(encoding="utf-8"))["exercises"]:
            spec = ExerciseSpec.from_json(item)
            for mistake in spec.misconceptions:
                number += 1
                if number % every:
                    continue
                others = tuple(m for m in spec.misconceptions if m is not mistake)
                beside = dataclasses.replace(spec, misconceptions=others)
                answers: list[Answer] = [
                    {"value": call.expected, "changed": []} if answer is None else answer
                    for call, answer in zip(spec.calls, mistake.answers, strict=True)
                ]
                found = relation_of(beside, answers, mistake.function)
                if found:
                    yield f"{spec.id} {mistake.id}", found


def test_no_false_relation_is_claimed_of_some_known_wrong_answers() -> None:
    """`relation_of` works every relation out anew, in each failing call."""
    assert sum(1 for _ in claims(every=29)) > 8


@pytest.mark.exhaustive  # twin: test_no_false_relation_is_claimed_of_some_known_wrong_answers
def test_no_false_relation_is_claimed_of_any_known_wrong_answer() -> None:
    assert sum(1 for _ in claims(every=1)) > 250


def test_a_case_is_like_itself_and_unlike_another() -> None:
    case = Case({}, np.array([1.0, 2.0]), np.array([2.0, 4.0]), 1e-9)
    assert case.is_like(2 * case.right)
    assert case.tells(2 * case.right)
    assert not case.is_like(case.right)
