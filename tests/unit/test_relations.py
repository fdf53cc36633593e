"""Answers that show no known mistake: how they are related to the right ones, if they are."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from attnkit.checking.evidence import MOST_NUMBERS, Case
from attnkit.checking.related import Relation
from attnkit.checking.spec import ExerciseSpec, released_folder
from attnkit.checking.wire import Answer
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.relating import (
    Function,
    exercise,
    related,
    relation_of,
    softmax,
    table,
    tables,
    verdict_on,
)


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
    (
        pair,
        lambda r, x, b, h: r[::-1],
        "the right values in another order: the second of them comes first, then the first",
    ),
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


def test_what_few_numbers_show_by_accident_is_not_claimed() -> None:
    """Two numbers of a row always differ by something, one wrong call begins somewhere."""
    rng = np.random.default_rng(8)
    two = [{"x": rng.normal(size=(n, 2)).cumsum(axis=1)} for n in (3, 4, 5)]
    level = exercise(lambda x: x + 1, [{"x": np.stack([each["x"][:, 0]] * 2, 1)} for each in two])
    shifted = related(lambda x: x + rng.normal(size=(len(x), 1)), level)
    assert shifted is None or "shifted" not in shifted.sentence
    late = exercise(lambda x: np.exp(x), [{"x": rng.normal(size=(6, 4))}])
    wrong = related(lambda x: np.vstack([np.exp(x[:3]), rng.normal(size=(3, 4))]), late)
    assert wrong is None or "behind the first" not in wrong.sentence


def test_nan_is_related_to_nothing_but_where_it_stands() -> None:
    """0 / 0 would also come of dividing a row of zeros by its sum."""
    calls = tables(9)

    def right(x_TD: Any, b_D: Any, h: Any) -> Any:
        return softmax(x_TD) * (np.arange(len(x_TD)) != 1)[:, None]

    def f(x_TD: Any, b_D: Any, h: Any) -> Any:
        made = right(x_TD, b_D, h)
        return made / made.sum(axis=1, keepdims=True)

    found = related(f, exercise(right, calls))
    assert found is not None
    assert "is right except where it is nan" in found.sentence


def test_nearly_right_is_what_is_so_in_every_call() -> None:
    """An error of 1 is little beside 1000, and much beside 2."""
    calls = [{"x": np.linspace(1, 2, 9) * times} for times in (1, 1000)]
    spec = exercise(lambda x: x, calls)
    found = related(lambda x: x + np.sin(50 * x), spec)
    assert found is None or "nearly right" not in found.sentence


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


def test_arrays_that_clash_are_called_by_their_axes() -> None:
    calls = [{"x_TD": np.ones((t, d)), "w_T": np.arange(float(t))} for t, d in ((4, 6), (5, 3))]
    found = related(lambda x_TD, w_T: x_TD * w_T, exercise(lambda x_TD, w_T: w_T @ x_TD, calls))
    assert found
    assert found.sentence.endswith("by the sizes of its inputs, (T, D) and (T,).")
    one = exercise(lambda x_TD, w_T: w_T @ x_TD, calls[:1])  # 6 may be another size's 6
    assert related(lambda x_TD, w_T: x_TD * w_T, one) is None


def test_very_many_numbers_are_left_alone() -> None:
    n = MOST_NUMBERS // 2 + 1
    spec = exercise(lambda x: np.sin(x), [{"x": np.linspace(0, 1, n)}])
    assert related(lambda x: -np.sin(x), spec) is None


def claims(every: int) -> Iterator[tuple[str, Relation]]:
    """What would be claimed of the kill table's wrong answers, had nobody declared them."""
    number = 0
    for file in sorted(released_folder().glob("L*.json"), key=lambda file: file.stem[1:].zfill(3)):
        for item in json.loads(file.read_text(encoding="utf-8"))["exercises"]:
            spec = ExerciseSpec.from_json(item)
            for mistake in spec.misconceptions:
                number += 1
                pairs = list(zip(spec.calls, mistake.answers, strict=True))
                if number % every or any(
                    answer is None and "between" in call.expected for call, answer in pairs
                ):  # of a call that it gets right only bounds are known, and no answer
                    continue
                others = tuple(m for m in spec.misconceptions if m is not mistake)
                beside = dataclasses.replace(spec, misconceptions=others)
                answers: list[Answer] = [
                    {"value": call.expected, "changed": []} if answer is None else answer
                    for call, answer in pairs
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
