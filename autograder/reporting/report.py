"""`attn report`: a class on one page, and the same as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.authoring.load_exercises import declared_exercises
from autograder.course import Course, LessonFolder, answer_cell
from autograder.log import logger
from autograder.record.answers import answers_in, part_of
from autograder.record.class_folder import ClassFolder
from autograder.record.class_list import ClassList
from autograder.record.lesson_facts import LessonFacts, lesson_facts, solutions
from autograder.record.marks import MarkBook
from autograder.record.records import LessonRecords, find_class, read_records
from autograder.reporting import charts
from autograder.reporting.html import render
from autograder.reporting.similarity import Alike, look_alikes
from autograder.reporting.summary import LessonSummary, listed, summarise
from autograder.text import plain_text

log = logger(__name__)
OWN_CELLS = "own cells"  # the code that a learner added to a notebook, as if it were an exercise
MOST_PAIRS = 20  # that a page shows the code of
MOST_LETTERS = 3000


@dataclass(frozen=True)
class LessonReport:
    """A lesson's class in numbers, the answers that look alike, and their code by student."""

    summary: LessonSummary
    alike: tuple[Alike, ...]
    code: dict[str, dict[str, str]]

    def to_json(self) -> dict[str, Any]:
        data = dataclasses.asdict(self.summary)
        return {
            **data,
            "median": self.summary.median,
            "alike": [dataclasses.asdict(one) for one in self.alike],
        }


@dataclass(frozen=True)
class ClassReport:
    """A class's report; `names` are those of the roster, by the name of a student's folder."""

    class_name: str
    names: dict[str, str]
    lessons: tuple[LessonReport, ...]

    def to_json(self) -> dict[str, Any]:
        lessons = [lesson.to_json() for lesson in self.lessons]
        return {"class": self.class_name, "students": self.names, "lessons": lessons}

    def to_html(self) -> str:
        """The page: self-contained, without script."""
        return render(
            "report.html",
            report=self,
            charts=charts,
            who=lambda students: listed(students, self.names),
            code=lambda lesson, student, exercise: plain_text(
                lesson.code[student].get(exercise, ""), MOST_LETTERS, keep="\n\t"
            ).strip(),
            most_pairs=MOST_PAIRS,
        )


def class_report(course: Course, path: Path, lessons: Sequence[str] = ()) -> ClassReport:
    """Gather a class's report from its record and gradebook. Nothing is graded. AttnError."""
    folder = find_class(path)
    found = read_records(course, folder, lessons)
    with MarkBook(folder) as book:
        roster = book.names()
        people = book.people().values()
        known = [(s.id, any((s.first_name, s.last_name, s.email))) for s in people]
        class_list = ClassList(known, folder.state)
        ids = {student: book.id_of(student) for one in found for student in one.records}
        reports = tuple(_lesson_report(folder, one, book, roster, ids, class_list) for one in found)
    names = {**roster, **{student: roster.get(key, student) for student, key in ids.items()}}
    return ClassReport(folder.course_id, names, reports)


def _lesson_report(
    folder: ClassFolder,
    found: LessonRecords,
    book: MarkBook,
    roster: Mapping[str, str],
    ids: Mapping[str, str],
    class_list: ClassList,
) -> LessonReport:
    lesson = found.lesson
    facts = lesson_facts(folder, lesson)
    release = _notebook(folder.root / "release" / lesson.name / f"{lesson.name}.ipynb")
    stubs = {cell.id: cell.source for cell in release.cells} if release else {}
    given = [cell.source for cell in release.cells if cell.cell_type == "code"] if release else []
    code = {
        student: _code(folder, ids[student], lesson.name, facts)
        for student, recorded in found.records.items()
        if recorded.result.status != "not gradable"
    }
    empty = {
        exercise: frozenset(
            student
            for student, own in code.items()
            if own.get(exercise, "").strip() in ("", stubs.get(answer_cell(exercise), "").strip())
        )
        for exercise in facts.specs
    }
    summary = summarise(found, book.of_lesson(lesson.name), roster, facts, empty, ids, class_list)
    written = {
        student: {name: text for name, text in own.items() if student not in empty.get(name, ())}
        for student, own in code.items()
    }
    alike = look_alikes(written, _known(lesson), given)
    return LessonReport(summary, tuple(alike), code)


def _code(folder: ClassFolder, key: str, lesson: str, facts: LessonFacts) -> dict[str, str]:
    """A student's code by exercise, from the notebook as it was graded."""
    notebook = _notebook(folder.autograded / key / lesson / f"{lesson}.ipynb")
    cells = [c for c in notebook.cells if c.cell_type == "code"] if notebook else []
    written = answers_in(notebook) if notebook else {}
    answers = {exercise: answer_cell(exercise) for exercise in facts.specs}
    found = {exercise: written[cell] for exercise, cell in answers.items() if cell in written}
    own = [c.source for c in cells if c.get("id", "")[:4] == "own-" and not part_of(c)]
    return {**found, **({OWN_CELLS: "\n\n".join(own)} if own else {})}


def _known(lesson: LessonFolder) -> dict[str, list[str]]:
    """What the course knows of answers: the solution cells, right and wrong variants."""
    solved = solutions(lesson)
    return {
        exercise.id: [
            solved.get(answer_cell(exercise.id), ""),
            *(variant.source for variant in (*exercise.rights, *exercise.wrongs)),
        ]
        for exercise in declared_exercises(lesson).values()
    }


def _notebook(file: Path) -> NotebookNode | None:
    try:
        return nbformat.read(file, as_version=4)
    except FileNotFoundError:
        return None
    except Exception as error:  # damaged, in whatever way
        log.warning("%s can't be read as a notebook.", file, exc_info=error)
        return None
