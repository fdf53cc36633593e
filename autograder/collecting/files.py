"""The notebooks below a folder or in a zip file, which is never unpacked onto the disk.

What a zip says about itself is not believed: names are taken apart and used as words only, no file
is read beyond the size of the largest notebook that can be graded, and all that is read together is
bounded, too. A zip within a zip is opened once (a student's zip within the course's), not deeper.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from autograder.boxes.box import plain_text
from autograder.errors import AttnError
from autograder.grading.submissions import MAX_BYTES

MOST_FILES = 50_000  # of one source
MOST_BYTES = 2_000_000_000  # read from one source, unpacked
MOST_ZIP_BYTES = 200_000_000  # of a zip within a zip, packed
TIMESTAMP = "timestamp.txt"  # nbgrader's file with the time of handing in
_NOISE = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", "Thumbs.db", "desktop.ini"}
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@dataclass(frozen=True)
class HandedFile:
    """A notebook as it lies in the source. `parts` are its folders and its name, for words only."""

    parts: tuple[str, ...]
    raw: bytes
    time: dt.datetime | None = None  # from nbgrader's timestamp.txt beside it; UTC without a zone

    @property
    def shown(self) -> str:
        return shown(self.parts)


@dataclass(frozen=True)
class Refused:
    """A file that can't be taken, and why. `other`: it is not even called a notebook."""

    parts: tuple[str, ...]
    reason: str
    other: bool = False

    @property
    def shown(self) -> str:
        return shown(self.parts)


@dataclass
class _Budget:
    """What may still be read of a source."""

    files: int
    bytes: int

    def take(self, count: int, source: Path) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise AttnError(
                f"{source} holds more than {MOST_BYTES / 1e9:.0f} GB of notebooks: collect it in "
                "parts."
            )

    def one_file(self, source: Path) -> None:
        self.files -= 1
        if self.files < 0:
            raise AttnError(f"{source} holds more than {MOST_FILES:,} files: collect it in parts.")


@dataclass
class _Entry:
    """A file of the source: its words, its size as far as it is known, and how it is read."""

    parts: tuple[str, ...]
    read: Callable[[int], bytes]
    problem: str = ""


def shown(parts: tuple[str, ...]) -> str:
    """A file's place as a person may read it."""
    return plain_text("/".join(parts), 160, keep="")


def handed_files(source: Path) -> Iterator[HandedFile | Refused]:
    """Every notebook in `source`, a folder or a zip file, sorted by place; of other files, why not.

    AttnError if the source is neither, or is broken as a whole.
    """
    budget = _Budget(MOST_FILES, MOST_BYTES)
    if source.is_dir():
        entries = _in_folder(source, budget)
    elif zipfile.is_zipfile(source):
        entries = _in_zip(source, budget)
    elif source.exists():
        raise AttnError(f"{source} is neither a folder nor a zip file.")
    else:
        raise AttnError(f"There is nothing at {source}: give a folder or a zip file.")
    entries.sort(key=lambda entry: entry.parts)
    times = {e.parts[:-1]: e for e in entries if e.parts[-1] == TIMESTAMP}
    for entry in entries:
        if entry.problem:
            yield Refused(entry.parts, entry.problem)
        elif _is_notebook(entry):
            yield _read(entry, times.get(entry.parts[:-1]), budget, source)
        elif entry.parts[-1] != TIMESTAMP:
            yield Refused(entry.parts, "it is no notebook (.ipynb)", other=True)


def _is_notebook(entry: _Entry) -> bool:
    return entry.parts[-1].lower().endswith(".ipynb")


def _read(
    entry: _Entry, stamp: _Entry | None, budget: _Budget, source: Path
) -> HandedFile | Refused:
    try:
        raw = entry.read(MAX_BYTES + 1)
        budget.take(len(raw), source)
        if len(raw) > MAX_BYTES:
            return Refused(entry.parts, f"it is larger than {MAX_BYTES / 1e6:.0f} MB")
        return HandedFile(entry.parts, raw, _time(stamp))
    except OSError as error:
        return Refused(entry.parts, f"it can't be read: {error.strerror or error}")
    except _BROKEN as error:
        return Refused(entry.parts, f"the zip file is broken there: {_first_line(error)}")


def _time(stamp: _Entry | None) -> dt.datetime | None:
    if stamp is None:
        return None
    try:
        time: dt.datetime | None = parse_utc(stamp.read(100).decode("utf-8").strip())
    except Exception:  # a parser of dates stumbles in many ways over what is none
        return None
    return time


# --- folders --------------------------------------------------------------------------------------


def _in_folder(source: Path, budget: _Budget) -> list[_Entry]:
    """Its files, links left aside, and those of zip files in it."""
    entries = []
    try:
        for path in sorted(source.rglob("*")):
            parts = path.relative_to(source).parts
            if _is_noise(parts):
                continue
            if any((source / Path(*parts[:n])).is_symlink() for n in range(1, len(parts) + 1)):
                if path.is_symlink():
                    entries.append(_Entry(parts, _nothing, "it is a link"))
                continue
            if not path.is_file():
                continue
            budget.one_file(source)
            if path.suffix.lower() == ".zip":
                entries += _zip_within(parts, _reader(path)(MOST_ZIP_BYTES + 1), budget, source)
            else:
                entries.append(_Entry(parts, _reader(path)))
    except OSError as error:
        raise AttnError(f"{error.filename or source} can't be read: {error.strerror}.") from None
    return entries


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with path.open("rb") as file:
            return file.read(most)

    return read


def _nothing(most: int) -> bytes:
    return b""


def _is_noise(parts: tuple[str, ...]) -> bool:
    return any(part in _NOISE or part.startswith((".", "~$")) for part in parts)


# --- zip files ------------------------------------------------------------------------------------


def _in_zip(source: Path, budget: _Budget) -> list[_Entry]:
    try:
        return _members(zipfile.ZipFile(source), (), budget, source, deeper=True)
    except OSError as error:
        raise AttnError(f"{source} can't be read: {error.strerror}.") from None
    except _BROKEN as error:
        raise AttnError(
            f"{source} is a broken zip file ({_first_line(error)}): download it again."
        ) from None


def _members(
    archive: zipfile.ZipFile, outer: tuple[str, ...], budget: _Budget, source: Path, deeper: bool
) -> list[_Entry]:
    entries = []
    for member in archive.infolist():
        if member.is_dir():
            continue
        budget.one_file(source)
        own = PurePosixPath(member.filename.replace("\\", "/")).parts
        parts = (*outer, *own)
        if _is_noise(own):
            if ".." in own:
                entries.append(_Entry(parts, _nothing, "its name leads out of the zip file"))
            continue
        if own[:1] == ("/",) or ":" in own[0][1:2]:
            entries.append(_Entry(parts, _nothing, "its name leads out of the zip file"))
        elif member.flag_bits & 0x1:
            entries.append(_Entry(parts, _nothing, "it is encrypted"))
        elif own[-1].lower().endswith(".zip"):
            entries += _zip_in_zip(archive, member, parts, budget, source, deeper)
        else:
            entries.append(_Entry(parts, _member_reader(archive, member)))
    return entries


def _zip_in_zip(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    parts: tuple[str, ...],
    budget: _Budget,
    source: Path,
    deeper: bool,
) -> list[_Entry]:
    if not deeper:
        return [_Entry(parts, _nothing, "it is a zip file within a zip file within a zip file")]
    try:
        raw = _member_reader(archive, member)(MOST_ZIP_BYTES + 1)
    except (OSError, *_BROKEN) as error:
        return [_Entry(parts, _nothing, f"the zip file is broken there: {_first_line(error)}")]
    return _zip_within(parts, raw, budget, source)


def _zip_within(parts: tuple[str, ...], raw: bytes, budget: _Budget, source: Path) -> list[_Entry]:
    """The files of a zip that a student handed in; its name without .zip counts as a folder."""
    budget.take(len(raw), source)
    if len(raw) > MOST_ZIP_BYTES:
        return [_Entry(parts, _nothing, f"it is larger than {MOST_ZIP_BYTES / 1e6:.0f} MB")]
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _BROKEN:
        return [_Entry(parts, _nothing, "it is no zip file, or a broken one")]
    found = _members(archive, (*parts[:-1], parts[-1][:-4]), budget, source, deeper=False)
    return found or [_Entry(parts, _nothing, "it is an empty zip file")]


def _member_reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with archive.open(member) as file:
            return file.read(most)

    return read


def _first_line(error: BaseException) -> str:
    return plain_text((str(error).strip().splitlines() or [type(error).__name__])[0], 120, keep="")
