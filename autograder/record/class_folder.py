"""A class's folder: an nbgrader course directory with its gradebook and its hidden seed.

nbgrader_config.py   read by nbgrader's own commands and by formgrader
source/ release/     nbgrader's source and released notebooks of the lessons in use
submitted/ autograded/
gradebook.db         unless nbgrader_config.py names a server's gradebook
.attn/               the hidden seed, the results already recorded, the lock of who grades
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import nbgrader
import sqlalchemy
import sqlalchemy.exc
from nbgrader.api import Base, Gradebook, InvalidEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder.course import LessonFolder
from autograder.errors import AttnError
from autograder.files import disk_error, private_mode, try_lock, write_durably, write_if_absent
from autograder.judging.key import LessonKey
from autograder.notebook_text import to_text
from autograder.record.class_config import configured_url, whole_url
from autograder.record.handed_out import as_handed_out
from autograder.record.kept_key import class_lesson
from autograder.record.seed import read_or_draw_seed
from autograder.text import last_line

CONFIG = """\
# nbgrader's configuration of this class. `nbgrader formgrader`, `nbgrader export` and the other
# commands of nbgrader read it when they are started in this folder.
from pathlib import Path

from sqlalchemy.engine import URL

HERE = Path(__file__).resolve().parent
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}
# The gradebook is in this folder, whatever it is called and wherever it is moved to.
BOOK = URL.create("sqlite", database=str(HERE / "gradebook.db"))
c.CourseDirectory.db_url = BOOK.render_as_string()
# `attn grade` runs submissions in a sandbox. For nbgrader's own `autograde` and for formgrader's
# button take away the # below: its kernels are then sandboxed too (`attn doctor` tells if here).
# c.Execute.kernel_name = "attn-numpy"
# What handing in late costs is set in class.toml, for nbgrader's `autograde`, too.
c.AssignLatePenalties.plugin_class = "autograder.classroom.late.ClassLatePolicy"
"""
CONFIG_URL = """\
c.CourseDirectory.db_url = {url!r}
"""
_LONGEST_ID = 128  # letters of a course's id in nbgrader's tables


@dataclass(frozen=True)
class ClassFolder:
    """One class on disk. Nothing that is already there is overwritten by opening it."""

    root: Path

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def state(self) -> Path:
        return self.root / ".attn"

    @functools.cached_property
    def gradebook_url(self) -> str:
        """What nbgrader_config.py names, or nbgrader's own default: gradebook.db in the folder."""
        url = configured_url(self.root / "nbgrader_config.py")
        return url or _sqlite_url((self.root / "gradebook.db").resolve())

    @property
    def course_id(self) -> str:
        return self.root.resolve().name[:_LONGEST_ID]

    def open_gradebook(self) -> Gradebook:
        """nbgrader's gradebook of this class, made if there is none. AttnError."""
        try:
            with warnings.catch_warnings():
                # nbgrader's tables make SQLAlchemy remark on their order, harmlessly
                warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)
                _make_tables(self.gradebook_url)
                gradebook = Gradebook(self.gradebook_url, self.course_id)
            _mend_version(gradebook)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise gradebook_error(self.gradebook_url, error) from None
        except InvalidEntry as error:
            raise gradebook_error(self.gradebook_url, error) from None
        except ModuleNotFoundError as error:
            raise AttnError(
                f"The gradebook {gradebook_name(self.gradebook_url)} needs the Python package "
                f"{error.name}: install it (for PostgreSQL, in the course's folder: "
                "python -m pip install -e '.[postgresql]')."
            ) from None
        return gradebook

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


def gradebook_name(url: str) -> str:
    """A gradebook's place as it may be shown: a file's path, or an address without a password."""
    try:
        parsed = sqlalchemy.engine.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        return "with a malformed address"
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database)
    return parsed.render_as_string(hide_password=True)


def gradebook_error(url: str, error: Exception) -> AttnError:
    """One sentence for a gradebook that is locked, damaged, full or not to be reached."""
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return AttnError(
        f"The gradebook {gradebook_name(url)} can't be used ({reason}): nothing is lost; mend it "
        "and run the same command again."
    )


def _sqlite_url(file: Path) -> str:
    """The address of a gradebook in a file, whatever letters are in its path.

    AttnError if it was kept elsewhere by a version that read a "?" in the path as an address's.
    """
    mistaken = sqlalchemy.engine.make_url(f"sqlite:///{file}").database
    if mistaken != str(file) and not file.exists() and Path(str(mistaken)).is_file():
        raise AttnError(
            f"An earlier version kept this class's gradebook in {mistaken}, because of a letter in "
            f"the folder's name: if no other class has it, move it to {file}."
        )
    return sqlalchemy.engine.URL.create("sqlite", database=str(file)).render_as_string()


def _make_tables(url: str) -> None:
    """Make the tables of a gradebook that has none, as nbgrader itself would.

    It would also start the program `alembic`, seconds of a processor, to ask for their version.
    """
    engine = sqlalchemy.create_engine(url)
    try:
        if not sqlalchemy.inspect(engine).get_table_names():
            Base.metadata.create_all(engine)
    finally:
        engine.dispose()


@functools.cache
def tables_version() -> str:
    """The version of the tables that this nbgrader makes: what `alembic heads` says of them."""
    from alembic.script import ScriptDirectory  # wanted for a new gradebook only

    scripts = Path(nbgrader.__file__).with_name("alembic")
    return str(ScriptDirectory(str(scripts)).get_current_head())


def _mend_version(gradebook: Gradebook) -> None:
    """Note the tables' version in a gradebook that doesn't, without which none can be upgraded.

    It is a new one, or a run was killed just before it was noted.
    """
    if sqlalchemy.inspect(gradebook.engine).has_table("alembic_version"):
        if gradebook.db.execute(sqlalchemy.text("SELECT 1 FROM alembic_version")).first():
            gradebook.db.rollback()
            return
    else:
        gradebook.db.execute(
            sqlalchemy.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        )
    version = {"version": tables_version()}
    gradebook.db.execute(sqlalchemy.text("INSERT INTO alembic_version VALUES (:version)"), version)
    gradebook.db.commit()


@contextlib.contextmanager
def only_grader(root: Path) -> Iterator[None]:
    """Hold the class's lock: one writer. AttnError if another process holds it.

    The system lets it go when its holder ends, however that comes about.
    """
    configured_url(root / "nbgrader_config.py")  # what is wrong there, before anything is written
    file = root / ".attn" / "lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = _open_lock(file)
    except OSError as error:
        raise disk_error(error) from None
    try:
        if not try_lock(handle):
            raise AttnError(
                f"Another `attn grade` is at work on the class in {root}: let it finish, or stop "
                "it, and run the command again."
            )
        yield
    finally:
        os.close(handle)


def _open_lock(file: Path) -> int:
    """A lock can be held by whoever may read it: another grader of the class may have made it."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)  # less what the umask takes away
    except PermissionError:
        return os.open(file, os.O_RDONLY)


def open_class(
    root: Path, lessons: list[LessonFolder], gradebook: str | None = None
) -> tuple[ClassFolder, dict[str, LessonKey]]:
    """Open a class's folder for grading these lessons, filling in what it lacks.

    A lesson that the gradebook does not know yet, or knows in an older version, is registered by
    nbgrader's own `generate_assignment` from the source notebook with this class's hidden tests.
    A new class's gradebook is at the address `gradebook`, or in its folder if that is None.
    Returns the folder and the lessons' keys by lesson name.
    """
    folder = ClassFolder(root)
    text = CONFIG.format(course_id=folder.course_id)
    if gradebook is not None:
        try:
            gradebook = whole_url(gradebook, Path.cwd())
        except sqlalchemy.exc.ArgumentError:
            raise AttnError(
                f'"{gradebook}" is no address of a gradebook: give one like '
                "postgresql://user@host/database."
            ) from None
        text += CONFIG_URL.format(url=gradebook)
    try:
        # a password may stand in the address
        mode = private_mode(root) if gradebook else 0o644
        write_if_absent(root / "nbgrader_config.py", text, mode)
    except OSError as error:
        raise AttnError(f"{root} can't be written: {error.strerror}.") from None
    if gradebook not in (None, folder.gradebook_url):
        raise AttnError(
            f"The class in {root} has its gradebook at {gradebook_name(folder.gradebook_url)}: to "
            "have it elsewhere, write the address into c.CourseDirectory.db_url in "
            f"{root / 'nbgrader_config.py'}."
        )
    _refuse_unwritable(root, folder.gradebook_url)
    seed = folder.hidden_seed()
    keys = {}
    for lesson in lessons:
        found = class_lesson(lesson, seed)
        with folder.open_gradebook() as opened:
            found = as_handed_out(opened, found)
        _register(folder, lesson, found.source, found.release)
        keys[lesson.name] = found.key
    return folder, keys


def _refuse_unwritable(root: Path, url: str) -> None:
    if not os.access(root, os.W_OK):
        raise AttnError(f"{root} can't be written, so nothing can be recorded there.")
    parsed = sqlalchemy.engine.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    database = Path(parsed.database)
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
    with folder.open_gradebook() as gradebook:
        registered = any(a.name == lesson.name and a.notebooks for a in gradebook.assignments)
    if registered and _holds(target, source) and _holds(released, release):
        return
    try:
        write_durably(target, source)
    except OSError as error:
        raise disk_error(error) from None
    try:
        outcome = folder.api().generate_assignment(lesson.name, force=True, create=True)
    except Exception as error:
        raise AttnError(
            f"nbgrader could not register {lesson.name} in the gradebook "
            f"{gradebook_name(folder.gradebook_url)}: {last_line(error)}"
        ) from None
    if not outcome["success"]:
        problem = outcome.get("error") or outcome.get("log") or "no reason given"
        if "Cannot add or remove cells" in f"{outcome.get('error')}{outcome.get('log')}":
            raise AttnError(
                f"{lesson.name} lacks exercises or questions that were handed out, and "
                f"{folder.root} has results of it, which nbgrader keeps as they are: put the old "
                "ones back (new ones, other points and checks are fine), or grade in a new class's "
                "folder."
            )
        raise AttnError(
            f"nbgrader could not register {lesson.name} in {folder.root}: {last_line(problem)}"
        )


def _holds(notebook: Path, text: str) -> bool:
    """Whether a file is that notebook, whatever the layout it was written in."""
    try:
        return to_text(nbformat.read(notebook, as_version=4)) == text
    except Exception:  # not there, or damaged
        return False
