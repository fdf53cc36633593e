"""The teaching notes add up: each minute, exercise and point in a table is the course's own."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from autograder.course import find_course

NOTES = Path(__file__).parents[2] / "autograder" / "classroom" / "TEACHING.md"
Row = dict[str, str]


def tables(heading: str) -> list[Row]:
    """The rows of the table below a heading, columns by name; same names get a number."""
    text = NOTES.read_text(encoding="utf-8").split(f"{heading}", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert lines is not None
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines[0].splitlines()]
    names = [name if name not in cells[0][:n] else f"{name} {n}" for n, name in enumerate(cells[0])]
    return [dict(zip(names, row, strict=True)) for row in cells[2:]]


class Known(NamedTuple):
    """A lesson as the course has it."""

    title: str
    minutes: int
    points: float
    exercises: dict[str, int]  # id -> minutes
    opening: str  # what its own text says before its first code


@pytest.fixture(scope="module")
def lessons() -> dict[str, Known]:
    course = find_course()
    told = tomllib.loads((course.solutions / "course.toml").read_text(encoding="utf-8"))["lessons"]
    known = {}
    for folder in course.lesson_folders():
        (entry,) = [e for e in told if f"{e['number']}{e.get('part', '')}" == folder.label]
        notebook = nbformat.read(folder.released_notebook, as_version=4)
        points = sum(c.metadata.get("nbgrader", {}).get("points", 0) for c in notebook.cells)
        released = json.loads(folder.released_data.read_text("utf-8"))
        minutes = {each["id"]: each["minutes"] for each in released["exercises"]}
        opening = plain(next(c.source for c in notebook.cells if c.cell_type == "markdown"))
        known[folder.label] = Known(entry["title"], entry["minutes"], points, minutes, opening)
    return known


def plain(markdown: str) -> str:
    return " ".join(markdown.replace("*", "").split())


def lessons_in(told: str) -> list[int]:
    """ "3 to 5, 7" is [3, 4, 5, 7]."""
    spans = re.findall(r"(\d+)(?: to (\d+))?", told)
    return [n for first, last in spans for n in range(int(first), int(last or first) + 1)]


NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
HOURS = {"half an hour": 30, "an hour and a half": 90, "an hour": 60} | {
    f"{word}{more} hours": 60 * n + (30 if more else 0)
    for word, n in NUMBERS.items()
    for more in ("", " and a half")
}
TIMES = re.compile(rf"(?:(one|two|three) (?:sittings|optional ones) of )?({'|'.join(HOURS)})")


def minutes_told(opening: str) -> int:
    """How long a lesson takes by its own words: "two sittings of an hour and a half" is 180."""
    told = sum(NUMBERS[n or "one"] * HOURS[time] for n, time in TIMES.findall(opening.lower()))
    return told + sum(int(n) for n in re.findall(r"(\d+) minutes", opening))


def ids(cell: str) -> list[str]:
    return re.findall(r"L\d+\.\d", cell)


def minutes_of(cell: str, lessons: dict[str, Known]) -> int:
    """Of the exercises in a cell; a KeyError tells of one that isn't in the course."""
    every = {id: n for known in lessons.values() for id, n in known.exercises.items()}
    return sum(every[id] for id in ids(cell))


def test_the_table_of_lessons_is_the_courses(lessons: dict[str, Known]) -> None:
    *rows, total = tables("## How long it takes")
    assert len(rows) == len(lessons)
    for (number, known), row in zip(lessons.items(), rows, strict=True):
        assert row["lesson"] == f"{number} {known.title}"
        assert int(row["minutes"]) == known.minutes
        assert int(row["of them exercises"]) == sum(known.exercises.values())
        assert float(row["points"]) == known.points
    for column in ("minutes", "of them exercises", "points"):
        assert int(total[column]) == sum(int(row[column]) for row in rows)


def test_each_lesson_says_the_same_of_itself(lessons: dict[str, Known]) -> None:
    """Protects a learner's evening: time, exercises, points and what is needed, as planned with."""
    for row, (number, known) in zip(tables("## How long it takes"), lessons.items(), strict=False):
        told = known.opening
        assert abs(minutes_told(told) - known.minutes) <= 15, (number, minutes_told(told))
        counted = re.findall(r"(\w+) exercises", told)
        assert sum(NUMBERS[word] for word in counted) == len(known.exercises), number
        assert sum(int(n) for n in re.findall(r"(\d+) points", told)) == known.points, number
        needed = re.search(r"You need lessons? ([\d,andto ]+)", told)
        assert lessons_in(row["needs lessons"]) == lessons_in(needed[1] if needed else ""), number


def test_the_start_page_promises_the_lessons_hours(lessons: dict[str, Known]) -> None:
    page = plain((find_course().solutions / "00_start_here.py").read_text("utf-8").replace("#", ""))
    hours = sum(known.minutes for label, known in lessons.items() if label in {*"12345678"}) / 60
    assert "some twenty hours for the first eight" in page
    assert abs(hours - 20) <= 2
    assert "two to three hours for a lesson, four for lesson 4" in page
    for number, known in lessons.items():
        assert (225 if number == "4" else 115) <= known.minutes <= (255 if number == "4" else 195)


@pytest.mark.parametrize(
    ("plan", "days"), [("### One day", 1), ("### Two days", 2), ("### Three days", 3)]
)
def test_a_days_plan_adds_up(plan: str, days: int, lessons: dict[str, Known]) -> None:
    rows, ends, seen = tables(plan), 0, []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        start, end = (datetime.strptime(row[name], "%H:%M") for name in ("from", "to"))
        assert (end - start).seconds // 60 == int(row["minutes"]), row
        ends += after is None or after["from"] != row["to"]
        assert minutes_of(row["exercises"], lessons) < int(row["minutes"]), row  # time to read too
        seen += ids(row["exercises"])
    assert ends == days  # without a gap within a day
    assert len(seen) == len(set(seen))
    course = [id for _, known in lessons.items() for id in known.exercises]
    assert seen == [id for id in course if id in seen]  # as the texts ask for them


def test_week_by_week_each_exercise_comes_once(lessons: dict[str, Known]) -> None:
    rows = tables("### Week by week")
    assert [int(row["week"]) for row in rows] == list(range(1, len(rows) + 1))
    assert rows[9]["lesson"] == "8"  # who has ten weeks ends with it
    order = list(lessons)
    assert [row["lesson"] for row in rows] == sorted(
        (row["lesson"] for row in rows), key=order.index
    )
    for number, known in lessons.items():
        weeks = [row for row in rows if row["lesson"] == number]
        given = [id for row in weeks for id in ids(row["together"]) + ids(row["at home"])]
        assert sorted(given) == sorted(known.exercises)
        assert sum(int(row["minutes"]) + int(row["minutes 5"]) for row in weeks) == known.minutes
        for row in weeks:
            assert minutes_of(row["together"], lessons) <= int(row["minutes"]) <= 45
            assert minutes_of(row["at home"], lessons) <= int(row["minutes 5"]) - 5


def test_a_semester_has_every_lesson_and_bears_its_weeks(lessons: dict[str, Known]) -> None:
    rows = tables("### A semester")
    assert [int(row["week"]) for row in rows] == list(range(1, 15))
    assert {label for row in rows for label in row["lessons"].split(", ")} == set(lessons)
    given = [id for row in rows for id in ids(row["lab"]) + ids(row["at home"])]
    assert len(given) == len(set(given))
    for row in rows:
        assert minutes_of(row["lab"], lessons) <= 80  # of 90
        assert minutes_of(row["at home"], lessons) <= 75
        assert sum(lessons[label].minutes for label in row["lessons"].split(", ")) <= 300


def test_what_is_hard_is_told_for_every_lesson(lessons: dict[str, Known]) -> None:
    rows = tables("## What is hard")
    assert [row["lesson"] for row in rows] == list(lessons)
