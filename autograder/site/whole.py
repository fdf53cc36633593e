"""A whole site, one part after the other, in its place at the end or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from autograder.course import Course
from autograder.errors import AttnError
from autograder.site import contents, environment, lite, pyodide, start
from autograder.site.book.make_book import make_book
from autograder.site.kit_wheel import put_wheel

ROOM = 400_000_000  # bytes: a site of 130 MB, made beside the one that it replaces
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What a site is to be."""

    out: Path
    pyodide: tuple[str, ...] = ()  # folders and archives of Pyodide's files, or one address
    base_url: str = ""
    source: str = ""  # where the course itself can be had
    lite: bool = True
    book: bool = True
    solutions: bool = False  # shown in the book, in folds
    run: Container[str] | None = None  # folders' names of lessons to run for the book, if not all


def build(course: Course, wanted: Wanted, tell: Tell) -> None:
    """Build a site; what stood in its place goes when it is whole. tell: of a step's beginning."""
    out = wanted.out.resolve()
    _refuse_others_folder(out)
    work = course.root / "build" / "site"
    try:
        work.mkdir(parents=True, exist_ok=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        for folder in {work, out.parent}:
            if (free := shutil.disk_usage(folder).free) < ROOM:
                raise AttnError(
                    f"The disk of {folder} has {free / 1e6:.0f} MB free, and a site needs "
                    f"{ROOM / 1e6:.0f} MB while it is built: make room, and try again."
                )
        scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=work))
        new = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            _parts(course, wanted, work, scratch, new, tell)
            for file in sorted(new.rglob("*")):
                os.utime(file, (_time(course),) * 2)
            new.chmod(0o755)
            if out.exists():
                shutil.rmtree(out)
            new.rename(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise AttnError(f"{error.filename or out} can't be written: {error.strerror}.") from None


def steps(course: Course, wanted: Wanted) -> int:
    """About how many steps `build` tells of: a lesson that is run takes longest."""
    return 2 + 3 * wanted.lite + (len(course.lesson_folders()) + 3) * wanted.book


def _parts(
    course: Course, wanted: Wanted, work: Path, scratch: Path, new: Path, tell: Tell
) -> None:
    tell("reading the lessons")
    lessons = contents.lessons_of(course)
    if wanted.lite or wanted.book:
        tell("the site's own environment")
        python = environment.ready(course.root, work)
    if wanted.lite:
        tell("Pyodide's files")
        source = _python(wanted.pyodide, work, scratch)
        tell("the browser edition")
        lite.build(
            course,
            lessons,
            new / "lab",
            python=python,
            scratch=scratch,
            pyodide=source,
            compiled=work / "compiled" if compiles(wanted) else None,
            source=wanted.source,
            time=_time(course),
        )
    tell("the kit, for pip")
    put_wheel(course.root, new, scratch)
    if not wanted.book:
        tell("the start page")
        start.write(
            course,
            lessons,
            new,
            lite=wanted.lite,
            base_url=wanted.base_url,
            source=wanted.source,
        )
        return
    make_book(
        course,
        lessons,
        scratch / "pages",
        python=python,
        scratch=scratch,
        here=start.places(lessons) if wanted.lite else {},
        say=tell,
        solutions=wanted.solutions,
        run=wanted.run,
        base_url=wanted.base_url,
        source=wanted.source,
    )
    for part in (scratch / "pages").iterdir():
        shutil.move(part, new / part.name)
    (new / start.SITE).write_text("")


def _python(places: tuple[str, ...], work: Path, scratch: Path) -> Path | str:
    """Where a site's Python comes from: a folder of verified files, or an address for visitors."""
    addresses = [place for place in places if is_address(place)]
    if addresses and len(places) > 1:
        raise AttnError("--pyodide is one address, or folders and archives: not both.")
    if addresses:
        return addresses[0].rstrip("/") + "/"
    if not places:
        return pyodide.release().network
    folder = work / f"pyodide-{pyodide.release().version}"
    pyodide.gather([Path(place) for place in places], folder, scratch)
    return folder


def compiles(wanted: Wanted) -> bool:
    """Whether Python's files are compiled: Pyodide does it, if it goes into the site, by Node."""
    has_pyodide = bool(wanted.pyodide) and not is_address(wanted.pyodide[0])
    return has_pyodide and shutil.which("node") is not None


def is_address(place: str) -> bool:
    return urlsplit(place).scheme in ("http", "https")


def _refuse_others_folder(out: Path) -> None:
    """A folder that holds anything but an earlier site is never replaced."""
    if not out.exists():
        return
    ours = out.is_dir() and ((out / start.SITE).is_file() or not any(out.iterdir()))
    if not ours:
        raise AttnError(f"{out} is there and is no site: name a folder that isn't there yet.")


def _time(course: Course) -> int:
    """The time of a site's files: of the last commit, so that it is the same twice."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").isdecimal():
        return int(os.environ["SOURCE_DATE_EPOCH"])
    command = ["git", "-C", str(course.root), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        said = ""
    return int(said) if said.isdecimal() else 315_532_800  # 1980: the first that a zip can hold
