"""What of a lesson a learner's page may say: titles, hints, where things stand. Nothing hidden.

Only what learners have been given is read: the released notebook and the released data of the
visible checks. Solutions are read only when they are asked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode

from autograder.authoring.lesson import BEGIN_MARKS, BEGIN_SOLUTION, END_SOLUTION, read_lesson
from autograder.course import LessonFolder, cell_name
from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#* *$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class LessonFacts:
    """A lesson as learners know it. `places` and `sections` go by the id of a notebook's cell."""

    name: str
    title: str
    specs: dict[str, ExerciseSpec]
    places: dict[str, str]  # the nearest heading above a cell
    sections: dict[str, str]  # the section around it, where that is another heading
    questions: dict[str, str]  # what is asked before a cell that is answered in words
    solutions: dict[str, str] = field(default_factory=dict)  # only if they may be shown


def lesson_facts(
    folder: ClassFolder, lesson: LessonFolder, with_solutions: bool = False
) -> LessonFacts:
    """Read them. AttnError says which file is missing or damaged."""
    known = _specs(lesson.released_data)
    own = folder.root / "release" / lesson.name / f"{lesson.name}.ipynb"
    release = _notebook(own if own.is_file() else lesson.released_notebook)
    asked = {cell.id for cell in release.cells}  # a later version may have more
    specs = {name: spec for name, spec in known.items() if cell_name(name) in asked}
    places: dict[str, str] = {}
    sections: dict[str, str] = {}
    questions: dict[str, str] = {}
    title = place = section = question = ""
    for cell in release.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and not marks:
            question = cell.source
            for depth, text in _HEADING.findall(_FENCED.sub("", cell.source)):
                place = _plain(text)
                if len(depth) == 1:
                    title = title or place
                elif len(depth) == 2:
                    section = place
        places[cell.id] = place
        sections[cell.id] = section if section != place else ""
        if marks.get("grade") and marks.get("solution"):
            questions[marks["grade_id"]] = question
    shown = solutions(lesson) if with_solutions else {}
    return LessonFacts(lesson.name, title or lesson.name, specs, places, sections, questions, shown)


def _specs(file: Path) -> dict[str, ExerciseSpec]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return {item["id"]: ExerciseSpec.from_json(item) for item in data["exercises"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise AttnError(f"{file} is missing or damaged: `attn build` makes it again.") from None


def _notebook(file: Path) -> NotebookNode:
    try:
        return nbformat.read(file, as_version=4)
    except Exception:  # not there, or damaged in any way
        raise AttnError(
            f"The released notebook {file} is missing or damaged: grade the class again, which "
            "makes it anew."
        ) from None


def solutions(lesson: LessonFolder) -> dict[str, str]:
    """The solved answer cells and the model answers, by the id of their cells."""
    found = {}
    for cell in read_lesson(lesson.source).cells:
        if cell.role == "answer":
            lines = cell.source.splitlines()
            kept = [line for line in lines if line.strip() not in (BEGIN_SOLUTION, END_SOLUTION)]
            found[cell.grade_id] = "\n".join(kept).strip()
        elif cell.role == "manual":  # the marks behind it are for who marks
            answer = cell.source.partition(BEGIN_MARKS)[0].strip()
            if answer:
                found[cell.grade_id] = answer
    return found


def _plain(markdown: str) -> str:
    """A heading without Markdown's signs."""
    return re.sub(r"[*`]|\]\([^)]*\)|^\[", "", markdown).strip()
