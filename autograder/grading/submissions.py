"""Finding submissions: one notebook, or nbgrader's tree <student>/<lesson>/<lesson>.ipynb.

Nothing here reads a notebook. What can't be graded is found too, with its reason, so that each
student gets a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from autograder.errors import AttnError
from autograder.reading.file_name import is_called_notebook
from autograder.reading.notebook import MAX_BYTES as MAX_BYTES
from autograder.text import listed, plain_text

IGNORED = {".ipynb_checkpoints", "__pycache__"}
MOST_STRAYS = 50  # that are named for one reason
_PACKED = {".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"}  # which collecting leaves packed
MODULES = {".py", ".pyc", ".pyd", ".so", ".pth"}


@dataclass(frozen=True)
class Submission:
    """One student's work on one lesson: where it lies, or why there is none to grade."""

    student: str
    lesson: str  # "" if only the notebook itself can tell
    path: Path | None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """What a path holds: submissions sorted by student and lesson, and what is left out and why.

    Together they are all that lies in `submitted/`.
    """

    submissions: list[Submission]
    strays: dict[str, list[str]] = field(default_factory=dict)  # a reason -> what it holds for


def find_submissions(path: Path, lessons: Sequence[str], lesson: str | None) -> Listing:
    """All submissions below `path`.

    `lessons` are the names of the course's lessons; `lesson` keeps only that one. AttnError if
    there is no such path or nothing in it looks like a submission.
    """
    if path.is_file():
        return Listing([_single(path)])
    if not path.is_dir():
        raise AttnError(f"There is nothing at {path}: give a notebook or a submitted/ folder.")
    if (path / "submitted").is_dir():
        path = path / "submitted"
    found: list[Submission] = []
    strays: dict[str, list[str]] = {}
    try:
        inside = sorted(path.iterdir())
    except OSError as error:
        raise AttnError(f"{path} can't be read: {error.strerror}.") from None
    for entry in inside:
        reason = _why_left_out(entry)
        own = [] if reason else _of_student(entry, lessons)
        found += [s for s in own if lesson in (None, s.lesson)]
        if not own:
            reason = reason or "no lesson's folder or notebook is in it"
            strays.setdefault(reason, []).append(plain_text(entry.name, 80, keep=""))
    if not found:
        which = f" for {lesson}" if lesson else ""
        left_out = f" Left out: {'; '.join(told(strays))}." if strays else ""
        raise AttnError(
            f"No submissions{which} in {path}: they are expected at "
            f"<student>/<lesson>/<lesson>.ipynb below it, where `attn course collect` puts what "
            f"is called otherwise.{left_out}"
        )
    return Listing(found, strays)


def told(strays: Mapping[str, Sequence[str]]) -> list[str]:
    """What is left out and why, a reason at a time, as a person reads it."""
    return [f"{listed(names, MOST_STRAYS)} ({reason})" for reason, names in strays.items()]


def _why_left_out(entry: Path) -> str:
    """Why an entry of `submitted/` can be no student's folder, "" if it can."""
    if entry.name in IGNORED:
        return "a tool keeps its own things there"
    if not entry.is_dir():
        if entry.suffix.lower() == ".zip":
            return "a zip file: `attn course collect` takes it apart"
        if entry.suffix.lower() in _PACKED:
            return "an archive: unpack it elsewhere, and `attn course collect` that folder"
        if entry.suffix == ".ipynb":
            return "a notebook that lies in no student's folder"
        return "no folder"
    if entry.name.startswith("."):
        return "its name begins with a dot, which hides it: rename it to the student's id"
    return ""


def _of_student(folder: Path, lessons: Sequence[str]) -> list[Submission]:
    """What lies in one student's folder: a folder for each lesson, or a notebook loose in it."""
    name = plain_text(folder.name, 255, keep="")
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        reason = f"the student's folder can't be read: {error.strerror}"
        return [Submission(name, lesson, None, reason) for lesson in lessons]
    found = {p.name: _in_tree(name, p, lessons) for p in inside if _is_folder(p)}
    for file in inside:
        lesson = file.name.partition(".")[0]
        if is_named_notebook(file) and lesson in lessons and lesson not in found:
            note = "the notebook lay in the student's folder, not in the lesson's"
            found[lesson] = _notebook(name, lesson, file, (note,))
    if folder.is_symlink():
        reason = "the student's folder is a link"
        return [Submission(name, s.lesson, None, reason) for s in found.values()]
    return list(found.values())


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not _is_hidden(path)


def _is_hidden(path: Path) -> bool:
    return path.name in IGNORED or path.name.startswith(".")


def refuse_archive(path: Path) -> None:
    """AttnError if a file holds many files, as learning platforms send them."""
    if path.suffix.lower() == ".zip":
        raise AttnError(
            f"{path} is a zip file: `attn course collect {quote(str(path))} --course CLASS` puts "
            "what students have handed in to where it is graded; then `attn grade CLASS/submitted`."
        )
    if path.suffix.lower() in _PACKED:
        raise AttnError(
            f"{path} is an archive: unpack it, let `attn course collect FOLDER --course CLASS` put "
            "what students have handed in to where it is graded, then `attn grade CLASS/submitted`."
        )


def _single(path: Path) -> Submission:
    refuse_archive(path)
    if path.suffix == ".py":
        raise AttnError(
            f"{path} is Python code, not a notebook: `attn judge EXERCISE {quote(str(path))}` "
            "judges it as the answer to one exercise, such as L1.1."
        )
    if not is_named_notebook(path):
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
    if folder.is_symlink():
        return Submission(student, lesson, None, "the lesson's folder is a link")
    try:
        inside = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as error:
        return Submission(student, lesson, None, f"the folder can't be read: {error.strerror}")
    notebooks = [p for p in inside if is_named_notebook(p)]
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
            f"{listed(others)}; keep one",
        )
    chosen = (exact or notebooks)[0]
    if exact and others:
        notes = [f"{listed(others)} lay beside the submission and was not graded"]
    elif exact:
        notes = []
    else:
        notes = [f"the notebook was called {listed([chosen.name])}"]
    modules = [p.name for p in inside if p.suffix in MODULES or (p / "__init__.py").is_file()]
    if modules:
        notes.append(f"{listed(modules)} lay beside the notebook and can't be imported in grading")
    return _notebook(student, lesson, chosen, tuple(notes))


def _notebook(student: str, lesson: str, file: Path, notes: tuple[str, ...]) -> Submission:
    if file.is_symlink() or not file.is_file():
        name = listed([file.name])
        return Submission(student, lesson, None, f"{name} is a link or no ordinary file")
    return Submission(student, lesson, file, "", notes)


def is_named_notebook(file: Path) -> bool:
    """Whether a file's name says that it is one, as systems and browsers write that."""
    return is_called_notebook(file.name)


def read(submission: Submission) -> tuple[bytes, str]:
    """What a submission holds, a little more than is read of it; or why it can't be read."""
    if submission.path is None:
        return b"", submission.reason
    try:
        return beginning(submission.path), ""
    except OSError as error:
        return b"", f"the file can't be read: {error.strerror}"


def beginning(file: Path) -> bytes:
    """What a file holds, of one that is too large just enough to see that. OSError."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def read_file(file: Path) -> bytes:
    """The same of a file that a person names, which is no archive. AttnError."""
    if file.is_file():
        refuse_archive(file)
    try:
        return beginning(file)
    except OSError as error:
        raise AttnError(f"{file} can't be read: {error.strerror}.") from None
