"""`attn course gradescope`: the zip file from which Gradescope builds a lesson's autograder.

It holds the grader itself, the versions of the packages that it needs, and the lesson's key: what
visible checks expect, and hidden checks from a seed that the class has for Gradescope alone. No
solution is in it. The same class, lesson and grader give the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import autograder
from autograder.course import Course
from autograder.errors import AttnError
from autograder.exporting.gradescope import Visibility, no_results
from autograder.files import private_mode, write_durably
from autograder.gradescope import settings as names
from autograder.gradescope.settings import Settings
from autograder.grading.remote import key_to_bytes
from autograder.record.class_folder import ClassFolder
from autograder.record.kept_key import class_lesson
from autograder.record.seed import read_or_draw_seed

SEED_FILE = "gradescope_seed"
STOPPED = (
    "The grader was stopped before it was done, perhaps for want of memory: hand in again, and "
    "tell your teacher if it happens twice."
)
TOO_LONG = (
    "Grading took longer than there is time for: look for what your notebook computes so long, or "
    "waits for, and hand in again."
)
ABOUT = """\
Gradescope's autograder for one lesson of the Attention Kit, made by `attn course gradescope`.
It holds hidden checks: keep it to yourself.
"""
# that Gradescope offers, by what a lesson's notebook imports: as measured, and as much again
MEMORY_GB = {"numpy": 0.75, "keras": 1.5}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip of the same files is the same file
_OF_THE_KIT = ("pyproject.toml", "README.md", "LICENSE", ".lock/requirements.txt")
_LEFT_OUT = {"__pycache__", "released"}  # released: what visible checks of all lessons expect
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    out: Path
    minutes: int = 10
    visibility: Visibility = "visible"


@dataclass(frozen=True)
class Made:
    """What was written, and what a teacher has to know of it."""

    lesson: str
    points: int  # by checks
    by_hand: int  # besides, for answers in words
    memory_gb: float  # that a container needs
    bytes: int
    seed_file: Path


def make_zip(course: Course, folder: ClassFolder, lesson: str, options: Options) -> Made:
    """Write the zip file. AttnError; then what was there before is left as it was."""
    _refuse_bad_target(options.out)
    wanted = course.lesson(lesson)
    seed_file = folder.state / SEED_FILE
    key = class_lesson(wanted, read_or_draw_seed(seed_file)).key
    told = Settings(
        wanted.name,
        tuple(one.name for one in course.lesson_folders()),
        tuple(f"{page.stem}.ipynb" for page in course.pages()),
        options.minutes,
        options.visibility,
    )
    own = {
        "ABOUT.txt": ABOUT.encode(),
        names.KEY: key_to_bytes(key),
        names.RUN: (_HERE / "run_autograder.sh").read_bytes(),
        names.SECONDS: f"{told.seconds}\n".encode(),
        names.SETTINGS: told.to_json().encode(),
        names.SETUP: (_HERE / "setup.sh").read_bytes(),
        names.TOO_LONG: _said(no_results(TOO_LONG, "not graded")),
        names.UNFINISHED: _said(no_results(STOPPED, "not graded")),
    }
    raw = _zipped({**own, **{f"{names.KIT}/{place}": data for place, data in _kit()}})
    try:
        write_durably(options.out, raw, mode=private_mode(options.out.parent))
    except OSError as error:
        raise AttnError(f"{options.out} can't be written: {error.strerror}.") from None
    by_hand = sum(key.manual.values())
    memory = MEMORY_GB[key.flavour]
    return Made(wanted.name, key.max_points, by_hand, memory, len(raw), seed_file)


def _said(results: dict[str, Any]) -> bytes:
    return (json.dumps(results, indent=1) + "\n").encode()


def _refuse_bad_target(out: Path) -> None:
    if out.suffix.lower() != ".zip":
        raise AttnError(f"Gradescope takes a zip file: name one, such as {out}.zip.")
    if out.is_dir() or not out.parent.is_dir():
        raise AttnError(f"{out} can't be written: name a file in a folder that exists.")
    if out.exists() and not _is_ours(out):
        raise AttnError(f"{out} is there already and is no autograder of ours: name another file.")


def _is_ours(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return {names.SETTINGS, names.KEY} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _kit() -> Iterator[tuple[str, bytes]]:
    """The grader's own files: as little of the checkout as can be installed. AttnError."""
    root = Path(autograder.__path__[0]).parent
    places = [root / name for name in _OF_THE_KIT]
    for top in (root / "autograder", root / "lessons" / "attnkit"):
        places += [
            file
            for file in top.rglob("*")
            if file.is_file()
            and not any(
                part in _LEFT_OUT or part.startswith(".") for part in file.relative_to(top).parts
            )
        ]
    try:
        for file in sorted(places):
            yield file.relative_to(root).as_posix(), file.read_bytes()
    except OSError as error:
        raise AttnError(
            f"{error.filename} can't be read ({error.strerror}): make the zip file from a whole "
            "checkout of the Attention Kit."
        ) from None


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, raw in sorted(files.items()):
            member = zipfile.ZipInfo(place, _EPOCH)
            member.create_system = 3  # as if made on Unix, wherever it is: modes are kept
            runs = place in (names.SETUP, names.RUN)
            member.external_attr = (0o100755 if runs else 0o100644) << 16
            archive.writestr(member, raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()
