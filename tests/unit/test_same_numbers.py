"""Which differences between two released files are only another processor's rounding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.authoring.build import same_numbers


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
