"""A right test that a learner has written gets its points in a box, too.

There the functions that it tells apart run in another process, and what they draw from, and what
they write into, has to come back as if they ran beside it.
"""

from __future__ import annotations

import contextlib

import pytest

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.course import find_course
from autograder.judging.judge import judge_in_box
from tests.kept_boxes import Keeper

NEEDS = {"11": "from attnkit.synonyms import NEGATORS, TABLE\n"}
OFTEN = ("L11.6", "L15.6")  # what draws, and what writes into a cache


@pytest.mark.parametrize(
    "name",
    [
        # their twins are the two that run always
        pytest.param(name, marks=[pytest.mark.exhaustive] * (name not in OFTEN))
        for name in ("L5.5", "L9.6", "L10.3", "L11.6", "L12.6", "L13.6", "L14.6", "L15.6")
    ],
)
def test_the_courses_own_test_gets_its_points(name: str, kept_boxes: Keeper) -> None:
    number = name.removeprefix("L").partition(".")[0]
    folder = find_course().lesson("14b" if number == "14" else number)
    lesson, exercise = read_lesson(folder.source), declared_exercises(folder)[name]
    visible, hidden = (
        make_spec(exercise, lesson.reference(), seed, misconceptions=False)
        for seed in (PUBLIC_SEED, 5)
    )
    assert '"code"' in str(visible.wire_calls()).replace("'", '"')
    [answer] = [cell.source for cell in lesson.answers() if cell.name == name]
    with contextlib.closing(kept_boxes.open_box()) as box:
        assert box.run_cell("import numpy as np\n" + NEEDS.get(number, "")).status == "ok"
        assert box.run_cell(answer).status == "ok"
        verdict, error = judge_in_box(box, visible, hidden)
    assert error is None
    assert verdict.passed
    assert verdict.points == verdict.max_points
