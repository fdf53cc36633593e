"""Answers near known mistakes: two of them at once, one and something more; tests of functions."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.verdict import Verdict

from tests.unit.relating import Function, exercise, related, table, tables, verdict_on


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


def test_what_comes_of_chance_is_no_change_of_a_mistake_that_comes_of_chance() -> None:
    """Where bounds are wide, numbers near 1 are the mean of any numbers near 1."""

    def answer(made: Function) -> Verdict:
        spec = exercise(lambda n: np.sqrt(n), [{"n": 4.0 * np.arange(1, 6)}], {"near 1": made})
        (check,) = spec.checks
        low, high = (wire.encode(each * np.sqrt(4.0 * np.arange(1, 6))) for each in (0.9, 1.1))
        loose = dataclasses.replace(check.calls[0], expected={"between": [low, high]})
        loose = dataclasses.replace(loose, tolerance=0.01)
        check = dataclasses.replace(check, calls=(loose,))
        return verdict_on(lambda n: np.ones(5), dataclasses.replace(spec, checks=(check,)))

    mistaken = answer(lambda n: np.array([1.15, 0.85, 1.1, 0.9, 1.02]))
    assert "come together" not in mistaken.message
    assert "it should lie between 1.8 and 2.2" in mistaken.message


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
