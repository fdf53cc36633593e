"""Lesson 10 is not lesson 1: wherever a lesson is told by a number, both digits count."""

from __future__ import annotations

from pathlib import Path

import pytest
from attnkit.checking.spec import released_exercise

from autograder.collecting.pattern import Pattern
from autograder.course import exercise_of_file, find_course, lesson_number
from autograder.reading.standing import CHECKS

TEN, ONE = "10_paying_less", "01_attention_scores"


@pytest.mark.parametrize(("number", "name"), [(10, TEN), (1, ONE)])
def test_a_lesson_is_found_by_its_whole_number(number: int, name: str) -> None:
    course = find_course()
    for wanted in (number, str(number), f"L{number}", f"{number:02}", name):
        assert course.lesson(wanted).name == name
    assert course.lesson_of_exercise(f"L{number}.2").name == name
    assert lesson_number(name) == number
    assert exercise_of_file(Path(f"l{number}_2_something.py")) == f"L{number}.2"
    assert released_exercise(f"L{number}.2").id == f"L{number}.2"
    assert CHECKS.findall(f'check("L{number}.2", f)') == [f"L{number}.2"]


def test_lessons_come_in_the_order_of_their_numbers() -> None:
    numbers = [folder.number for folder in find_course().lesson_folders()]
    assert numbers == sorted(numbers)
    assert numbers[-1] >= 10


@pytest.mark.parametrize(
    ("file", "name"), [("hw10-ada", TEN), ("hw1-ada", ONE), ("hw01-ada", ONE), ("hw1-10", ONE)]
)
def test_a_file_s_number_is_read_whole(file: str, name: str) -> None:
    pattern = Pattern("hw{lesson}-{id}", [ONE, TEN])
    clue = pattern.clue((f"{file}.ipynb",))
    assert clue is not None
    assert clue.lesson == name
