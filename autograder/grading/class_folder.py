"""A class's folder: an nbgrader course directory with its gradebook and its hidden seed.

nbgrader_config.py   read by nbgrader's own commands and by formgrader
source/ release/     nbgrader's source and released notebooks of the lessons in use
submitted/ autograded/
gradebook.db
.attn/               the hidden seed and the results already recorded
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder.authoring.build import build_lesson
from autograder.authoring.notebooks import to_text
from autograder.course import LessonFolder
from autograder.errors import AttnError
from autograder.judging.key import LessonKey, key_of

CONFIG = """\
# nbgrader's configuration of this class. `nbgrader formgrader`, `nbgrader export` and the other
# commands of nbgrader read it when they are started in this folder.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}
"""


@dataclass(frozen=True)
class ClassFolder:
    """One class on disk. Nothing that is already there is overwritten by opening it."""

    root: Path

    def __post_init__(self) -> None:
        # A new gradebook is stamped by the `alembic` command, which nbgrader looks up on PATH.
        scripts = str(Path(sys.executable).parent)
        if scripts not in os.environ.get("PATH", "").split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def state(self) -> Path:
        return self.root / ".attn"

    @property
    def gradebook_url(self) -> str:
        return f"sqlite:///{(self.root / 'gradebook.db').resolve()}"

    @property
    def course_id(self) -> str:
        return self.root.resolve().name

    def hidden_seed(self) -> int:
        """The class's secret: drawn once, kept in `.attn/hidden_seed`, readable by its owner."""
        return read_or_draw_seed(self.state / "hidden_seed")

    def api(self) -> NbGraderAPI:
        """nbgrader's own Python interface to this class."""
        config = Config()
        config.CourseDirectory.root = str(self.root.resolve())
        config.CourseDirectory.course_id = self.course_id
        config.CourseDirectory.db_url = self.gradebook_url
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.ERROR)
        return api


def read_or_draw_seed(file: Path) -> int:
    """The number in `file`; if there is no such file, a fresh random one is put into it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        try:
            return int(file.read_text(encoding="ascii"))
        except ValueError:
            raise AttnError(
                f"{file} holds no hidden seed any more: put its number back, or delete the file "
                "to draw a new one (grades may change then)."
            ) from None
    except OSError as error:
        raise AttnError(f"{file} can't be written: {error.strerror}.") from None
    seed = secrets.randbits(62)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(f"{seed}\n")
    return seed


def open_class(root: Path, lessons: list[LessonFolder]) -> tuple[ClassFolder, dict[str, LessonKey]]:
    """Open a class's folder for grading these lessons, filling in what it lacks.

    A lesson that the gradebook does not know yet, or knows in an older version, is registered by
    nbgrader's own `generate_assignment` from the source notebook with this class's hidden tests.
    Returns the folder and the lessons' keys by lesson name.
    """
    folder = ClassFolder(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        config = root / "nbgrader_config.py"
        if not config.exists():
            config.write_text(CONFIG.format(course_id=folder.course_id), encoding="utf-8")
    except OSError as error:
        raise AttnError(f"{root} can't be written: {error.strerror}.") from None
    _refuse_unwritable(root / "gradebook.db")
    seed = folder.hidden_seed()
    keys = {}
    for lesson in lessons:
        built = build_lesson(lesson, seed)
        _register(folder, lesson, to_text(built.source), to_text(built.release))
        keys[lesson.name] = key_of(built)
    return folder, keys


def _refuse_unwritable(database: Path) -> None:
    if database.exists() and not os.access(database, os.W_OK):
        raise AttnError(f"The gradebook {database} can't be written: check its permissions.")
    if not os.access(database.parent, os.W_OK):
        raise AttnError(f"{database.parent} can't be written, so no gradebook can be kept there.")


def _register(folder: ClassFolder, lesson: LessonFolder, source: str, release: str) -> None:
    """Put the lesson's source notebook and cells where nbgrader expects them.

    The release is written last, so a folder that holds both as they should be is registered; a run
    killed in between registers again.
    """
    target = folder.root / "source" / lesson.name / f"{lesson.name}.ipynb"
    released = folder.root / "release" / lesson.name / f"{lesson.name}.ipynb"
    if _holds(target, source) and _holds(released, release):
        with folder.api().gradebook as gradebook:
            if any(a.name == lesson.name and a.notebooks for a in gradebook.assignments):
                return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source, encoding="utf-8")
    try:
        outcome = folder.api().generate_assignment(lesson.name, force=True, create=True)
    except Exception as error:
        raise AttnError(
            f"nbgrader could not open the gradebook in {folder.root}: {_first_line(error)}"
        ) from None
    if not outcome["success"]:
        problem = outcome.get("error") or outcome.get("log") or "no reason given"
        raise AttnError(
            f"nbgrader could not register {lesson.name} in {folder.root}: {_first_line(problem)}"
        )


def _holds(notebook: Path, text: str) -> bool:
    """Whether a file is that notebook, whatever the layout it was written in."""
    try:
        return to_text(nbformat.read(notebook, as_version=4)) == text
    except Exception:  # not there, or damaged
        return False


def _first_line(error: object) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
