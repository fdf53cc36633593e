"""A small class that has been graded: what feedback and report are made from in these tests.

Two exercises and a question. Each student is there for one thing that a page must show or keep.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import itertools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from autograder.authoring.build import BuiltLesson, build_lesson
from autograder.course import Course
from autograder.files import write_durably
from autograder.grading.grade import GradeOptions, grade_path
from autograder.record.class_folder import ClassFolder, open_class
from tests.small_course import answered, build_course, raw

LESSON = "01_pair"
SEED = 20170612
DUE = dt.datetime(2026, 10, 5, 12, 0)
RIGHT = "def double(x_T):\n    return x_T + x_T"
SQUARES = "def double(x_T):\n    return x_T**2"
TRIPLE = "def triple(x_T):\n    return x_T + x_T + x_T"
ONLY_SMALL = "def triple(x_T):\n    return 3 * x_T if round(float(x_T[0]), 6) == {seen} else x_T"
EVIL = "</code></pre><script>window.pwned = 1</script><img src=x onerror='window.pwned=2'>"
EVIL_ID = "<b onclick=alert(1)>bob"
DRAWS = """
from IPython.display import HTML, display
import base64
display(HTML("<script>window.pwned = 3</script><p id=mine>own html</p>"))
display({{"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' "
         "onload='window.pwned=4'><script>window.pwned=5</script></svg>",
         "text/plain": "{evil}"}}, raw=True)
display({{"image/png": "{png}", "text/plain": "A dot, drawn by hand"}}, raw=True)
display({{"image/png": "{bomb}", "text/plain": "A bomb"}}, raw=True)
display({{"image/png": base64.b64encode(b"no picture").decode()}}, raw=True)
"""


@dataclass(frozen=True)
class GradedClass:
    """The course, the class's folder, and the lesson as it was built with the class's seed."""

    course: Course
    folder: Path
    built: BuiltLesson

    @property
    def submitted(self) -> Path:
        return self.folder / "submitted"

    def page(self, student: str) -> Path:
        return self.folder / "feedback" / student / LESSON / f"{LESSON}.html"

    def copy(self, folder: Path) -> GradedClass:
        """The same class elsewhere, for a test that changes it."""
        shutil.copytree(self.folder, folder)
        return GradedClass(self.course, folder, self.built)


_made: list[GradedClass] = []


def graded_class(factory: pytest.TempPathFactory) -> GradedClass:
    """The class, graded once for all tests of a run; they copy it before they change it."""
    if not _made:
        _made.append(_make(factory.mktemp("graded")))
    return _made[0]


def _make(root: Path) -> GradedClass:
    course = build_course("pair", root / "course")
    folder = root / "autumn"
    write_durably(folder / ".attn" / "hidden_seed", f"{SEED}\n")
    built = build_lesson(course.lesson_folders()[0], SEED)
    opened, _ = open_class(folder, course.lesson_folders())
    for student, notebook in _submissions(built).items():
        hand_in(folder, student, notebook)
    cut = folder / "submitted" / "dot" / LESSON / f"{LESSON}.ipynb"
    cut.parent.mkdir(parents=True)
    cut.write_bytes(raw(built.release)[:500])
    list(grade_path(course, folder / "submitted", GradeOptions(workers=2)))
    _enrol(opened)
    return GradedClass(course, folder, built)


def hand_in(
    folder: Path, student: str, notebook: NotebookNode, when: str = "2026-10-05 10:00:00 UTC"
) -> None:
    """Put a notebook where submissions are collected."""
    target = folder / "submitted" / student / LESSON
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{LESSON}.ipynb").write_bytes(raw(notebook))
    (target / "timestamp.txt").write_text(when + "\n", encoding="ascii")


def _submissions(built: BuiltLesson) -> dict[str, NotebookNode]:
    def made(double: str, triple: str, words: str = "", extra: str = "") -> NotebookNode:
        answers = {"L1-1-answer": double, "L1-2-answer": triple}
        if words:
            answers["L1-why"] = words
        return answered(built.release, answers, {2: extra} if extra else None)

    seen = round(float(built.specs["L1.2"].calls[0].args[0]["array"][0]), 6)
    draws = DRAWS.format(evil=EVIL.replace("'", "\\'"), png=dot(), bomb=bomb())
    loud = f"def triple(x_T):\n    # {EVIL}\n    raise ValueError({EVIL!r})"
    return {
        "ada": made(RIGHT, TRIPLE, "Because twice is too little."),
        "ben": made(SQUARES, TRIPLE, "I don't know."),
        "cy": made(RIGHT, ONLY_SMALL.format(seen=seen)),
        EVIL_ID: made(SQUARES, loud, EVIL, draws),
        "zoe": answered(built.release, {}),
    }


def dot() -> str:
    """A PNG with a text of its author's in it, in base64."""
    notes = PngInfo()
    notes.add_text("Comment", "SMUGGLED")
    return _base64(Image.new("RGB", (40, 30), "red"), pnginfo=notes)


def bomb() -> str:
    """A PNG that is small as a file and large when it is decoded, in base64."""
    return _base64(Image.new("1", (20_000, 20_000)))


def _base64(image: Image.Image, **options: object) -> str:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return base64.b64encode(out.getvalue()).decode()


def _enrol(folder: ClassFolder) -> None:
    """Names, a deadline, and a student who has handed in nothing."""
    with folder.open_gradebook() as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada", last_name="Łukasz")
        gradebook.update_or_create_student("ben", first_name="Ben", last_name="O'Neill")
        gradebook.update_or_create_student("max", first_name="Max", last_name="Away")
        gradebook.update_or_create_assignment(LESSON, duedate=DUE)


def headings(source: str) -> list[int]:
    """The levels of a page's headings, in order."""
    return [int(level) for level in re.findall(r"<h(\d)", source)]


def skip_no_level(levels: list[int]) -> bool:
    """Whether each heading is at most one level below the one before it, the first being 1."""
    return all(b <= a + 1 for a, b in itertools.pairwise([0, *levels]))
