"""Which differences between two released files are only another processor's rounding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.authoring.same_numbers import same_numbers


def released(right: Any, wrong: Any) -> str:
    answers = {"cases": {"expected": right}, "misconceptions": {"axis": {"answers": wrong}}}
    return json.dumps(answers)


@pytest.mark.parametrize(
    ("right", "wrong", "same"),
    [
        (1.0, 1.0, True),
        (1.00000001, 1.0, True),
        (1.00001, 1.0, False),
        (1.0, 1.0002, True),  # a wrong answer may subtract numbers that are nearly equal
        (1.0, 1.2, False),
        (1, 1.0, False),
        ([1.0], 1.0, False),
    ],
)
def test_answers_agree_closely_and_wrong_answers_roughly(
    right: object, wrong: object, same: bool
) -> None:
    assert same_numbers(released(1.0, 1.0), released(right, wrong)) is same


def test_a_damaged_file_is_not_the_same() -> None:
    assert not same_numbers("{", released(1.0, 1.0))


def test_which_arrays_are_written_once_may_differ() -> None:
    """On one processor two answers are alike to ten digits, on another they aren't."""
    one, other = [0.5] * 9, [0.5] * 8 + [0.5000000001]

    def file(places: list[int], arrays: list[Any]) -> str:
        values = [{"array": n, "dtype": "float64", "shape": [9]} for n in places]
        return json.dumps({"exercises": [{"values": values, "arrays": arrays}]})

    assert same_numbers(file([0, 0], [one]), file([0, 1], [one, other]))
    assert not same_numbers(file([0, 0], [one]), file([0, 1], [one, [0.6] * 9]))
    assert not same_numbers(file([0], [one]), file([1], [one]))


def test_a_file_in_which_nothing_is_shared_is_written_anew() -> None:
    array = {"array": [0.5] * 9, "dtype": "float64", "shape": [9]}
    before = json.dumps({"exercises": [{"values": [array]}]})
    now = {"values": [{**array, "array": 0}], "arrays": [array["array"]]}
    assert not same_numbers(before, json.dumps({"exercises": [now]}))


@pytest.mark.parametrize(
    ("answers", "same"),
    [
        ([1.0] * 9 + [7.0], True),  # one hangs on the last digits whole
        ([1.0] * 8 + [7.0] * 2, False),
        ([1.0] * 9, False),
        ([1.0] * 10, True),
    ],
)
def test_a_check_lets_few_answers_of_a_mistake_differ(answers: list[float], same: bool) -> None:
    """A build writes whatever has changed; only its check forgives another processor."""

    def file(answers: list[float]) -> str:
        return json.dumps({"misconceptions": [{"id": "axis", "answers": answers}]})

    before = file([1.0] * 10)
    assert same_numbers(before, file(answers), lenient=True) is same
    assert same_numbers(before, file(answers)) is (answers == [1.0] * 10)
    assert not same_numbers(before, before.replace("axis", "other"), lenient=True)
