"""A sample class: submissions made from the right and wrong variants, by a seeded script.

For tests and demonstrations. What each student should get is known from how the submission was
made, and is written beside the class as `expected.json`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.authoring.build import BuiltLesson, build_lesson
from autograder.authoring.lesson import BEGIN_MARKS, END_MARKS
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.variants import Variant
from autograder.authoring.verify import Row, verify_exercise
from autograder.course import Course, answer_cell, cell_name
from autograder.errors import AttnError
from autograder.files import write_durably
from autograder.notebook_text import to_text
from autograder.reading.dependencies import names_of
from autograder.record.class_folder import ClassFolder, open_class

DEADLINE = dt.datetime(2026, 10, 5, 12, 0, tzinfo=dt.UTC)
SEED = 20170612
NAMES = [
    "abara.ngozi",
    "aydin.elif",
    "baptiste.lea",
    "castillo.ines",
    "chen.wei",
    "dlamini.thabo",
    "eriksen.nora",
    "farouk.amira",
    "garcia.mateo",
    "haddad.yusuf",
    "ivanova.daria",
    "jensen.mikkel",
    "kaur.simran",
    "lindqvist.saga",
    "moreau.camille",
    "nguyen.linh",
    "oconnor.sean",
    "petrov.ilya",
    "quispe.rosa",
    "rossi.giulia",
    "sato.haruka",
    "thomas.jada",
    "weiß.jürgen",
    "żak.zofia",
]
# How the students of a class are dealt; repeated for a larger one.
KINDS = [
    "perfect",
    "perfect",
    "empty",
    "half",
    "mixed",
    "mixed",
    "mixed",
    "late",
    "mixed",
    "half",
    "duplicate",
    "mixed",
    "perfect-right",
    "unmarked",
    "mixed",
    "truncated",
    "late",
    "missing-cell",
    "foreign",
    "half",
    "mixed",
    "empty",
    "wrong-type",
    "raises",
]


@dataclass
class SampleStudent:
    """One student of the sample class and what grading should find of one lesson."""

    student: str
    kind: str
    points: dict[str, int] = field(default_factory=dict)  # by exercise
    diagnoses: dict[str, str | None] = field(default_factory=dict)
    status: str = "graded"
    lesson: str = ""


def make_sample_class(
    course: Course,
    folder: Path,
    students: int = 24,
    seed: int = SEED,
    lesson: str | None = None,
    gradebook: str | None = None,
    lessons: Sequence[str] = (),
) -> list[SampleStudent]:
    """Make a class's folder with submissions to one lesson; replaces an earlier sample class.

    `lessons` names several instead: then each student hands in each of them, in another way each.
    `gradebook` is the address of its gradebook; None is nbgrader's default, a file in the folder.
    AttnError if `folder` holds something that is no sample class.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "expected.json").is_file():
            raise AttnError(f"{folder} is not empty and no sample class: name another folder.")
        shutil.rmtree(folder)
    wanted = [course.lesson(name) for name in lessons or ([lesson] if lesson else [])]
    wanted = wanted or course.lesson_folders()[:1]
    # A real class draws its hidden seed; this one must be the same each time.
    write_durably(folder / ".attn" / "hidden_seed", f"{seed}\n")
    class_folder, _ = open_class(folder, wanted, gradebook)
    made = []
    for place, lesson_folder in enumerate(wanted):
        maker = _Maker(build_lesson(lesson_folder), seed, place)
        made += _hand_in(maker, class_folder, students, place)
    with class_folder.api().gradebook as opened:
        due = DEADLINE.replace(tzinfo=None)  # the gradebook keeps UTC without saying so
        for lesson_folder in wanted:
            opened.update_or_create_assignment(lesson_folder.name, duedate=due)
    expected = [dataclasses.asdict(student) for student in made]
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    return made


def _hand_in(
    maker: _Maker, class_folder: ClassFolder, students: int, place: int
) -> list[SampleStudent]:
    """Put every student's notebook of one lesson, the `place`th, where it is collected."""
    lesson = maker.built.folder.name
    made = []
    for i in range(students):
        name = NAMES[i % len(NAMES)] + (f"-{i // len(NAMES) + 1}" if i >= len(NAMES) else "")
        student, text = maker.make(name, KINDS[(i + 5 * place) % len(KINDS)])
        target = class_folder.submitted / name / lesson
        target.mkdir(parents=True)
        (target / f"{lesson}.ipynb").write_text(text, encoding="utf-8")
        minutes = int(maker.rng.integers(10, 4000))
        late = student.kind == "late"
        handed_in = DEADLINE + dt.timedelta(minutes=minutes if late else -minutes)
        stamp = handed_in.strftime("%Y-%m-%d %H:%M:%S UTC")
        (target / "timestamp.txt").write_text(stamp + "\n", encoding="ascii")
        made.append(student)
    return made


class _Maker:
    """Makes the notebooks of one lesson's sample students."""

    def __init__(self, built: BuiltLesson, seed: int, place: int = 0) -> None:
        self.built, self.seed = built, seed
        self.rng = np.random.default_rng([seed, place] if place else seed)
        self.exercises = declared_exercises(built.folder)
        self.rows = self._kill_table()
        self.solutions = {cell.name: cell.source for cell in built.lesson.answers()}

    def _kill_table(self) -> dict[tuple[str, str], Row]:
        reference = self.built.lesson.reference()
        return {
            (row.exercise, row.variant): row
            for exercise in self.exercises.values()
            for row in verify_exercise(
                exercise, reference, self.built.specs[exercise.id], self.seed
            )
        }

    def make(self, name: str, kind: str) -> tuple[SampleStudent, str]:
        """One student's expected result and the text of the submitted file."""
        student = SampleStudent(name, kind, lesson=self.built.folder.name)
        notebook = nbformat.from_dict(self.built.release)
        choices = self._choices(kind)
        for exercise, variant in choices.items():
            self._answer(notebook, student, exercise, variant)
        if kind not in ("empty", "foreign"):
            self._write_free_text(notebook, name)
        damage = _DAMAGE.get(kind)
        text = damage(self, notebook, student) if damage else to_text(notebook)
        return student, text

    def _choices(self, kind: str) -> dict[str, Variant | None]:
        """Which variant answers each exercise: None is the solution cell, left out is the stub."""
        names = list(self.exercises)
        if kind == "empty":
            return {}
        if kind == "half":
            return dict.fromkeys(names[: len(names) // 2 + 1])
        if kind == "perfect-right":
            return {name: self._draw(self.exercises[name].rights) for name in names}
        if kind in ("mixed", "late"):
            drawn = {
                name: self._draw([None, *self.exercises[name].rights, *self.exercises[name].wrongs])
                for name in names
            }
            while called := [name for name in self._called_by(drawn) if drawn[name] is not None]:
                drawn |= dict.fromkeys(called)
            return drawn
        return dict.fromkeys(names)

    def _called_by(self, choices: dict[str, Variant | None]) -> set[str]:
        """Exercises whose functions another one's answer calls: that is no better than they are."""
        made = {f: name for name, exercise in self.exercises.items() for f in exercise.functions}
        return {
            made[used]
            for name, variant in choices.items()
            for used in names_of(variant.source if variant else self.solutions[name]).uses
            if made.get(used, name) != name
        }

    def _draw(self, variants: list[Variant | None] | list[Variant]) -> Variant | None:
        return variants[int(self.rng.integers(len(variants)))]

    def _answer(
        self, notebook: NotebookNode, student: SampleStudent, exercise: str, variant: Variant | None
    ) -> None:
        source = self.solutions[exercise]
        if variant is not None:
            # the function under its own name replaces the one of the solution cell before it
            source = (
                f"{source.rstrip()}\n\n\n{variant.source}"
                if self._several(exercise)
                else (variant.source)
            )
        row = self.rows[exercise, variant.name if variant else "solution cell"]
        student.points[exercise] = row.points
        student.diagnoses[exercise] = row.diagnosis
        _cell(notebook, exercise).source = source.rstrip()

    def _several(self, exercise: str) -> bool:
        return len(self.exercises[exercise].functions) > 1

    def _write_free_text(self, notebook: NotebookNode, name: str) -> None:
        model_answers = {cell.id: cell.source for cell in self.built.source.cells}
        for cell in notebook.cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") and marks.get("solution"):
                first = name.partition(".")[2].capitalize()
                answer, _, marking = model_answers[cell.id].partition(BEGIN_MARKS)
                said = answer.strip() or marking.partition(END_MARKS)[0].strip()
                cell.source = f"{said}\n\n{first}"

    # --- damage: each takes the notebook and says what grading should make of it

    def truncated(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The upload broke off."""
        student.points, student.diagnoses, student.status = {}, {}, "not gradable"
        text = to_text(notebook)
        return text[: len(text) * 2 // 3]

    def foreign(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The notebook of another course."""
        student.points, student.diagnoses, student.status = {}, {}, "not gradable"
        other = nbformat.v4.new_notebook()
        other.cells = [
            nbformat.v4.new_markdown_cell("# Assignment 3: sorting", id="title"),
            nbformat.v4.new_code_cell("def quicksort(items):\n    return sorted(items)", id="sort"),
        ]
        return to_text(other)

    def duplicate(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The first answer cell was copied; the wrong copy stands first, the right one counts."""
        first = next(iter(self.exercises))
        index = notebook.cells.index(_cell(notebook, first))
        copy = nbformat.from_dict(notebook.cells[index])
        copy.id = "copied"
        copy.source = self.exercises[first].wrongs[0].source
        notebook.cells.insert(index, copy)
        return to_text(notebook)

    def unmarked(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """Saved by a program that drops cell metadata and ids."""
        for cell in notebook.cells:
            cell.metadata = nbformat.from_dict({})
        notebook.metadata = nbformat.from_dict({})
        notebook.nbformat_minor = 4
        for cell in notebook.cells:
            del cell["id"]
        return nbformat.writes(notebook)

    def missing_cell(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The answer and the check cell of the last exercise were deleted."""
        last = list(self.exercises)[-1]
        lost = (cell_name(last), answer_cell(last))
        notebook.cells = [c for c in notebook.cells if c.id not in lost]
        student.points[last] = 0
        return to_text(notebook)

    def wrong_type(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The second exercise's function, of those that no other calls, returns a string."""
        return self._spoil(notebook, student, 'return "the answer"')

    def raises(self, notebook: NotebookNode, student: SampleStudent) -> str:
        """The same function stops with an error."""
        return self._spoil(notebook, student, "return undefined_name")

    def _spoil(self, notebook: NotebookNode, student: SampleStudent, body: str) -> str:
        alone = set(self.exercises) - self._called_by(dict.fromkeys(self.exercises))
        names = [name for name in self.exercises if name in alone]
        exercise = names[min(1, len(names) - 1)]
        functions = self.exercises[exercise].functions
        _cell(notebook, exercise).source = "\n\n".join(
            f"def {name}(*arrays):\n    {body}" for name in functions
        )
        student.points[exercise] = 0
        student.diagnoses[exercise] = None
        return to_text(notebook)


_DAMAGE: dict[str, Callable[[_Maker, NotebookNode, SampleStudent], str]] = {
    "truncated": _Maker.truncated,
    "foreign": _Maker.foreign,
    "duplicate": _Maker.duplicate,
    "unmarked": _Maker.unmarked,
    "missing-cell": _Maker.missing_cell,
    "wrong-type": _Maker.wrong_type,
    "raises": _Maker.raises,
}


def _cell(notebook: NotebookNode, exercise: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.get("id") == answer_cell(exercise))
