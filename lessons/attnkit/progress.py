"""A learner's own progress: kept on their machine, shown as the map of the course.

Each `check` adds one line of JSON to a file in the user's data folder. Nothing is sent anywhere.
`ATTNKIT_PROGRESS` names another file; `ATTNKIT_PROGRESS=off` keeps nothing.

Keeping progress must never disturb learning: a full disk, a home folder that can't be written to,
two notebooks checking at once or a line torn by a power cut cost at most that one line.
"""

from __future__ import annotations

import html
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from attnkit.files import append_line

RELEASED = Path(__file__).with_name("released")


@dataclass(frozen=True)
class Entry:
    """The outcome of one `check`."""

    exercise: str
    points: float
    max_points: float
    passed: bool
    at: str = ""  # ISO 8601, UTC


def progress_file() -> Path | None:
    """Where progress is kept; None if it is switched off."""
    named = os.environ.get("ATTNKIT_PROGRESS", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("attention-kit", appauthor=False)) / "progress.jsonl"


def record(exercise: str, points: float, max_points: float, passed: bool) -> None:
    """Remember the outcome of a check. Never raises: if it can't be kept, it isn't."""
    try:
        file = progress_file()
        if file is None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {
            "exercise": str(exercise),
            "points": float(points),
            "max_points": float(max_points),
            "passed": bool(passed),
            "at": now,
        }
        append_line(file, json.dumps(entry, ensure_ascii=False))
    except Exception:
        return


def latest() -> dict[str, Entry]:
    """The last outcome of each exercise checked so far; {} if there is none or none can be read."""
    file = progress_file()
    if file is None:
        return {}
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return {}
    entries = (_read(line) for line in text.splitlines())
    return {entry.exercise: entry for entry in entries if entry is not None}


def course_map() -> CourseMap:
    """The course's lessons with links and own points. Show it as the last line of a cell."""
    return CourseMap(_lessons(_read_course()), latest(), progress_file() is not None)


def lessons_folder() -> Path:
    """The folder of the notebooks: in a checkout that of the package, else the nearest upwards.

    Where none of the course's notebooks lies, it is the current folder.
    """
    here = Path.cwd()
    paths = [lesson.path for lesson in _lessons(_read_course()) if lesson.path]
    for folder in (Path(__file__).parents[1], here, *here.parents):
        if any((folder / path).is_file() for path in paths):
            return folder
    return here


def _read(line: str) -> Entry | None:
    """One line of the file; None for a torn or foreign one."""
    try:
        data = json.loads(line)
        entry = Entry(
            exercise=str(data["exercise"]),
            points=float(data["points"]),
            max_points=float(data["max_points"]),
            passed=data["passed"] is True,
            at=str(data.get("at", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    fine = math.isfinite(entry.points) and math.isfinite(entry.max_points)
    return entry if fine and 0 <= entry.points <= entry.max_points else None


# -- the map ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lesson:
    """One lesson of the way, there already or still to come (`path` None)."""

    number: int
    title: str
    summary: str = ""
    path: str | None = None  # relative to the folder of the lessons
    minutes: int = 0
    exercises: Mapping[str, float] = field(default_factory=dict)  # id -> points
    part: str = ""  # a letter, for a lesson of several notebooks

    @property
    def label(self) -> str:
        return f"{self.number}{self.part}"

    @property
    def points(self) -> float:
        return sum(self.exercises.values())


def _read_course() -> Any:
    try:
        return json.loads((RELEASED / "course.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _lessons(course: Any) -> tuple[Lesson, ...]:
    """The lessons in `course.json`, which `attn build` writes. Absent or damaged: ()."""
    try:
        return tuple(
            Lesson(
                number=int(item["number"]),
                title=str(item["title"]),
                summary=str(item.get("summary", "")),
                path=item.get("path"),
                minutes=int(item.get("minutes") or 0),
                exercises={str(e["id"]): e["points"] for e in item.get("exercises") or ()},
                part=str(item.get("part", "")),
            )
            for item in course["lessons"]
        )
    except (KeyError, TypeError, ValueError):
        return ()


@dataclass(frozen=True)
class CourseMap:
    """The way through the course; shows itself as a table in a notebook, as text elsewhere."""

    lessons: tuple[Lesson, ...]
    entries: Mapping[str, Entry]
    kept: bool = True  # is progress recorded at all?
    folder: Path = field(default_factory=lambda: lessons_folder())

    def earned(self, lesson: Lesson) -> float:
        """Own points of a lesson: of each exercise its last check, scaled to today's points."""
        return sum(
            points * self.entries[id_].points / self.entries[id_].max_points
            for id_, points in lesson.exercises.items()
            if id_ in self.entries and self.entries[id_].max_points > 0
        )

    def passed(self, lesson: Lesson) -> int:
        """How many of a lesson's exercises pass."""
        return sum(id_ in self.entries and self.entries[id_].passed for id_ in lesson.exercises)

    def is_there(self, lesson: Lesson) -> bool:
        """Is there a notebook to open?"""
        return lesson.path is not None and (self.folder / lesson.path).is_file()

    def next_lesson(self) -> Lesson | None:
        """The first lesson that is there and not finished."""
        there = (lesson for lesson in self.lessons if self.is_there(lesson))
        return next((le for le in there if self.passed(le) < len(le.exercises)), None)

    def sentence(self) -> str:
        """Where the learner is, in words."""
        if not self.lessons:
            return (
                "The map of the course is missing: run `attn build` in a terminal, in the folder "
                "of the course."
            )
        if not self.kept:
            return "Progress is not being kept (ATTNKIT_PROGRESS is off)."
        if not any(map(self.is_there, self.lessons)):
            return (
                "None of the course's notebooks lies here: show the map in one of them, or in a "
                "notebook beside them."
            )
        following = self.next_lesson()
        if following is None:
            return "You have passed every exercise that is here. Well done."
        total = sum(self.earned(lesson) for lesson in self.lessons)
        if not total and not self.passed(following):
            return f"Start with lesson {following.label}: {following.title}."
        return (
            f"You have {_number(total)} points. Next: lesson {following.label}, {following.title} "
            f"({self.passed(following)} of {len(following.exercises)} exercises passed)."
        )

    def __str__(self) -> str:
        """The map in plain text."""
        width = max((len(lesson.title) for lesson in self.lessons), default=0)
        lines = [self.sentence()]
        for lesson in self.lessons:
            line = f"L{lesson.label}  {lesson.title:<{width}}  "
            if self.is_there(lesson):
                earned, points = self.earned(lesson), lesson.points
                line += f"{_text_bar(earned, points)} {_number(earned)} of {_number(points)} points"
                line += f", {self.passed(lesson)} of {len(lesson.exercises)} exercises"
            else:
                line += "to come"
            lines.append(line)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The map as a table. Colours follow JupyterLab's light or dark theme."""
        rows = "".join(_row(self, lesson) for lesson in self.lessons)
        table = f"<table {_TABLE}><thead>{_HEAD}</thead><tbody>{rows}</tbody></table>"
        return f'<p style="margin:.3em 0">{html.escape(self.sentence())}</p>' + (
            table if rows else ""
        )


_LINE = "var(--jp-border-color2, #ccc)"
_QUIET = "var(--jp-ui-font-color2, #666)"
_TABLE = (
    'style="border-collapse:collapse;table-layout:auto;width:100%;max-width:60em;'
    'margin:0;text-align:left"'
)
_HEAD = "<tr>" + "".join(
    f'<th scope="col" style="text-align:{align};padding:.35em .6em">{name}</th>'
    for name, align in (("", "left"), ("Lesson", "left"), ("Time", "right"), ("You", "left"))
)
_HEAD += "</tr>"


def _row(course: CourseMap, lesson: Lesson) -> str:
    """One lesson's line of the table."""
    there = course.is_there(lesson)
    title = html.escape(lesson.title)
    if there:
        link = os.path.relpath(course.folder / str(lesson.path), Path.cwd()).replace(os.sep, "/")
        title = f'<a href="{html.escape(link, quote=True)}"><b>{title}</b></a>'
    time = f"{lesson.minutes} min" if there and lesson.minutes else ""
    own = _bar(course, lesson) if there else f'<span style="color:{_QUIET}">to come</span>'
    cells = (
        (f"L{lesson.label}", "left", "vertical-align:top;"),
        (
            f'{title}<br><span style="color:{_QUIET}">{html.escape(lesson.summary)}</span>',
            "left",
            "white-space:normal;",
        ),
        (time, "right", "white-space:nowrap;"),
        (own, "left", "white-space:nowrap;min-width:11em;"),
    )
    return f'<tr style="border-top:1px solid {_LINE};background:none">' + "".join(
        f'<td style="text-align:{align};padding:.45em .6em;{more}">{content}</td>'
        for content, align, more in cells
    ) + "</tr>"  # fmt: skip


def _bar(course: CourseMap, lesson: Lesson) -> str:
    """Points as a small bar and in words."""
    earned, points = course.earned(lesson), lesson.points
    share = 100 * earned / points if points else 0.0
    words = f"{_number(earned)} of {_number(points)} points"
    return (
        f'<div style="height:.5em;border:1px solid {_LINE};border-radius:.3em;margin:.3em 0">'
        f'<div style="height:100%;width:{share:.0f}%;border-radius:.25em;background:#0072b2">'
        f"</div></div><small>{words}</small>"
    )


def _text_bar(earned: float, points: float, width: int = 10) -> str:
    full = round(width * earned / points) if points else 0
    return "[" + "#" * full + "." * (width - full) + "]"


def _number(value: float) -> str:
    """3.0 -> "3", 2.5 -> "2.5"."""
    return f"{value:.1f}".removesuffix(".0")
