"""Lesson 10 is not lesson 1: wherever a lesson is told by a number, both digits count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attnkit.checking.spec import released_exercise, released_lesson

from autograder.collecting.pattern import Pattern
from autograder.course import Course, exercise_of_file, find_course, lesson_label, lesson_number
from autograder.errors import AttnError
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


@pytest.fixture
def two_notebooks(tmp_path: Path) -> Course:
    """A course whose lesson 14 has two notebooks, with an exercise each."""
    for name in (ONE, "14a_people", "14b_projects"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
    (tmp_path / "solutions" / "14a_people" / "l14_1_slope.py").touch()
    (tmp_path / "solutions" / "14b_projects" / "l14_4_route.py").touch()
    return Course(tmp_path)


def test_a_lesson_may_have_two_notebooks(two_notebooks: Course) -> None:
    people, projects = two_notebooks.lesson_folders()[1:]
    assert (people.number, people.label, projects.label) == (14, "14a", "14b")
    for wanted in ("14a", "L14a", "L14A", "14a_people"):
        assert two_notebooks.lesson(wanted) == people
    assert two_notebooks.lessons_called("L14") == [people, projects]
    with pytest.raises(AttnError, match="name one of 14a_people, 14b_projects"):
        two_notebooks.lesson(14)
    assert two_notebooks.lesson_of_exercise("L14.4") == projects
    assert people.released_data.name == "L14a.json"
    assert lesson_label(ONE) == "1"
    clue = Pattern("hw{lesson}-{id}", [ONE, people.name, projects.name]).clue(("HW14B-ada.ipynb",))
    assert clue is not None
    assert clue.lesson == projects.name


def test_the_checks_of_both_notebooks_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects a learner of the second notebook: its exercises stand in a file of their own."""
    for label, number in (("14a", 1), ("14b", 4)):
        told = {**released_exercise(f"L1.{number}").to_json(), "id": f"L14.{number}"}
        (tmp_path / f"L{label}.json").write_text(json.dumps({"exercises": [told]}))
    monkeypatch.setenv("ATTNKIT_RELEASED", str(tmp_path))
    assert list(released_lesson.__wrapped__(14)) == ["L14.1", "L14.4"]


def test_no_exercise_is_declared_twice() -> None:
    """Protects a lesson of two notebooks, whose exercises share a number."""
    folders = find_course().lesson_folders()
    ids = [exercise_of_file(file) for folder in folders for file in folder.exercise_files()]
    assert len(ids) == len(set(ids))
