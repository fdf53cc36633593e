"""Finding submissions: one notebook, or nbgrader's tree <student>/<lesson>/<lesson>.ipynb.

Nothing here reads a notebook. What can't be graded is found too, with its reason, so that each
student gets a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError

IGNORED = {".ipynb_checkpoints", "__pycache__"}


@dataclass(frozen=True)
class Submission:
    """One student's work on one lesson: where it lies, or why there is none to grade."""

    student: str
    lesson: str  # "" if only the notebook itself can tell
    path: Path | None
    reason: str = ""
    notes: tuple[str, ...] = ()


def find_submissions(path: Path, lessons: Sequence[str], lesson: str | None) -> list[Submission]:
    """All submissions below `path`, sorted by student and lesson.

    `lessons` are the names of the course's lessons; `lesson` keeps only that one. AttnError if
    there is no such path or nothing in it looks like a submission.
    """
    if path.is_file():
        return [_single(path)]
    if not path.is_dir():
        raise AttnError(f"There is nothing at {path}: give a notebook or a submitted/ folder.")
    if (path / "submitted").is_dir():
        path = path / "submitted"
    found: list[Submission] = []
    try:
        students = sorted(p for p in path.iterdir() if _is_folder(p))
    except OSError as error:
        raise AttnError(f"{path} can't be read: {error.strerror}.") from None
    for student in students:
        for folder in sorted(p for p in student.iterdir() if _is_folder(p)):
            if lesson is None or folder.name == lesson:
                found.append(_in_tree(student.name, folder, lessons))
    if not found:
        which = f" for {lesson}" if lesson else ""
        raise AttnError(
            f"No submissions{which} in {path}: they are expected at "
            "<student>/<lesson>/<lesson>.ipynb below it."
        )
    return found


def _is_folder(path: Path) -> bool:
    return path.is_dir() and path.name not in IGNORED and not path.name.startswith(".")


def _single(path: Path) -> Submission:
    if path.suffix == ".zip":
        raise AttnError(
            f"{path} is a zip file: unpack it and give the folder that holds the students' folders."
        )
    if path.suffix != ".ipynb":
        raise AttnError(f"{path} is not a notebook (.ipynb).")
    in_tree = len(path.parents) > 3 and path.parents[2].name == "submitted"
    student = path.parents[1].name if in_tree else path.stem
    return Submission(student, "", path)


def _in_tree(student: str, folder: Path, lessons: Sequence[str]) -> Submission:
    lesson = folder.name
    if lesson not in lessons:
        return Submission(
            student, lesson, None, f'there is no lesson called "{lesson}" in this course'
        )
    notebooks = sorted(p for p in folder.glob("*.ipynb") if not p.name.startswith("."))
    exact = [p for p in notebooks if p.name == f"{lesson}.ipynb"]
    others = [p.name for p in notebooks if p not in exact]
    if not notebooks:
        return Submission(student, lesson, None, "the folder holds no notebook")
    if not exact and len(others) > 1:
        return Submission(
            student,
            lesson,
            None,
            f"there are {len(others)} notebooks and none is called {lesson}.ipynb: "
            f"{', '.join(others)}; keep one",
        )
    chosen = (exact or notebooks)[0]
    if chosen.is_symlink() or not chosen.is_file():
        return Submission(student, lesson, None, f"{chosen.name} is a link or no ordinary file")
    if exact and others:
        notes = tuple(f"{name} lay beside the submission and was not graded" for name in others)
    elif exact:
        notes = ()
    else:
        notes = (f"the notebook was called {chosen.name}",)
    return Submission(student, lesson, chosen, "", notes)
