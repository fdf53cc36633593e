"""Where things lie: the checkout with its solutions and lessons, and the lessons in it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError

LESSON_FOLDER = re.compile(r"(\d\d[a-z]?)_[a-z0-9_]+")  # a letter: a lesson of several notebooks
GLOSSARY = "98_glossary"
EXERCISE_FILE = re.compile(r"l(\d+)_(\d+)_\w+\.py")
ANSWER = re.compile(r'^# %%.*\banswer="(L\d+\.\d+)"', re.MULTILINE)  # in a lesson's text


def cell_name(exercise_id: str) -> str:
    """An exercise's name in cell ids and in nbgrader's gradebook: "L1-1" for "L1.1"."""
    return exercise_id.replace(".", "-")


def lesson_number(name: str) -> int:
    """The number of a lesson, by its name: 1 for "01_attention_scores"."""
    return int(name[:2])


def lesson_label(name: str) -> str:
    """What a lesson is called for short: "1" for "01_attention_scores", "14a" for "14a_people"."""
    return name.partition("_")[0].lstrip("0")


def answer_cell(exercise_id: str) -> str:
    """The id of the cell that answers an exercise: "L1-1-answer" for "L1.1"."""
    return f"{cell_name(exercise_id)}-answer"


def exercise_of_cell(cell_id: str) -> str:
    """The exercise that an answer or check cell belongs to: "L1.1" for "L1-1-answer"."""
    return cell_id.removesuffix("-answer").replace("-", ".", 1)


def exercise_of_file(file: Path) -> str:
    """The exercise that a file declares: "L5.1" for l5_1_padding_mask.py, "" for another file."""
    name = EXERCISE_FILE.fullmatch(file.name)
    return f"L{int(name[1])}.{int(name[2])}" if name else ""


@dataclass(frozen=True)
class Course:
    """A checkout of the course: `solutions/` is authored, `lessons/` is generated from it."""

    root: Path

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def lessons(self) -> Path:
        return self.root / "lessons"

    @property
    def released(self) -> Path:
        """Where the data of the visible checks go."""
        return self.lessons / "attnkit" / "released"

    def lesson_folders(self) -> list[LessonFolder]:
        folders = sorted(p for p in self.solutions.iterdir() if LESSON_FOLDER.fullmatch(p.name))
        return [LessonFolder(self, folder.name) for folder in folders]

    def pages(self) -> list[Path]:
        """Pages are notebooks without exercises: `solutions/00_start_here.py`."""
        return sorted(self.solutions.glob("[0-9][0-9]_*.py"))

    @property
    def glossary(self) -> Path:
        """The notebook of the field's words, which `attn build` gathers from the lessons."""
        return self.lessons / f"{GLOSSARY}.ipynb"

    def lesson(self, wanted: str | int) -> LessonFolder:
        """The lesson called 1, "01", "L1" or "01_attention_scores"; of two notebooks, "14a"."""
        found = self.lessons_called(wanted)
        if len(found) > 1:
            names = ", ".join(folder.name for folder in found)
            raise AttnError(f'Lesson "{wanted}" has several notebooks: name one of {names}.')
        return found[0]

    def lessons_called(self, wanted: str | int) -> list[LessonFolder]:
        """As `lesson`, but a number means all notebooks of that lesson: 14 is 14a and 14b."""
        folders = self.lesson_folders()
        text = str(wanted).removeprefix("L").lstrip("0").lower()
        found = [f for f in folders if f.name == wanted or text in (f.label, str(f.number))]
        if not found:
            names = ", ".join(folder.name for folder in folders)
            message = f'There is no lesson "{wanted}" in {self.solutions} (there are: {names}).'
            raise AttnError(message)
        return found

    def lesson_of_exercise(self, exercise_id: str) -> LessonFolder:
        """The lesson of an exercise such as "L1.3"; AttnError names the exercises there are."""
        folders = self.lesson_folders()
        near = [f for f in folders if exercise_id.startswith(f"L{f.number}.")] or folders
        known = {
            exercise_of_file(file): folder for folder in near for file in folder.exercise_files()
        }
        if exercise_id not in known:
            names = ", ".join(map(str, known))
            raise AttnError(f'There is no exercise "{exercise_id}" (there are: {names}).')
        return known[exercise_id]


@dataclass(frozen=True)
class LessonFolder:
    """The authored files of one lesson and the notebook that comes of them."""

    course: Course
    name: str  # "01_attention_scores": also nbgrader's name for assignment and notebook

    @property
    def number(self) -> int:
        return lesson_number(self.name)

    @property
    def label(self) -> str:
        """Its number, with a letter if the lesson has several notebooks."""
        return lesson_label(self.name)

    @property
    def released_data(self) -> Path:
        """What is released of its visible checks."""
        return self.course.released / f"L{self.label}.json"

    @property
    def path(self) -> Path:
        return self.course.solutions / self.name

    @property
    def source(self) -> Path:
        return self.path / f"{self.name}.py"

    def exercise_files(self) -> list[Path]:
        """The files of its exercises, `l1_1_weighted_mean.py` and so on, in the text's order.

        An exercise that came later may have a high number and stand early in the text. One that the
        text doesn't ask for comes last.
        """
        text = self.source.read_text("utf-8", "replace") if self.source.is_file() else ""
        asked = {name: place for place, name in enumerate(ANSWER.findall(text))}
        files = [(exercise_of_file(file), file) for file in sorted(self.path.glob("*.py"))]
        found = [
            (asked.get(name, len(asked)), int(name.partition(".")[2]), file)
            for name, file in files
            if name
        ]
        return [file for *_, file in sorted(found)]

    @property
    def released_notebook(self) -> Path:
        return self.course.lessons / self.name / f"{self.name}.ipynb"

    def released_text(self) -> str:
        """The released notebook's JSON. AttnError if the lesson isn't built."""
        if not (self.released_notebook.is_file() and self.released_data.is_file()):
            raise AttnError(f"{self.name} is not built yet: run `attn build`.")
        return self.released_notebook.read_text("utf-8")


def find_course() -> Course:
    """The checkout that this package was installed from, or the one around the current folder."""
    named = os.environ.get("ATTN_ROOT")
    here = [Path(__file__).parents[1], Path.cwd(), *Path.cwd().parents]
    candidates = [Path(named)] if named else here
    for root in candidates:
        if (root / "solutions").is_dir() and (root / "lessons").is_dir():
            return Course(root.resolve())
    raise AttnError(
        f"No course here: neither {candidates[0]} nor a folder above {Path.cwd()} holds "
        "`solutions/` and `lessons/`; run attn inside a checkout of the Attention Kit."
    )
