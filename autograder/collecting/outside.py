"""What lies in the outer source, a folder or a zip file, by its names: nothing is read here.

The outside is the word of the system, or of the person, that the source comes from. Only a source
that is broken as a whole stops a collection; a file or a folder in it that will not do is told.
"""

from __future__ import annotations

import os
import zipfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting import inside
from autograder.errors import AttnError
from autograder.text import first_line, plain_text

MOST_FILES = 1_000_000  # of one source, and
MOST_FILES_EACH = 10_000  # of what is one student's folder in it
MOST_FOLDERS = 100  # one within the other

Parts = tuple[str, ...]
_TOO_DEEP = "it lies in too many folders"


@dataclass(frozen=True, slots=True)
class OuterFile:
    """A file of the source. `parts` are its folders and its name, for words only."""

    parts: Parts
    member: int | None = None  # which one of the source, if that is a zip file, and
    name: str | None = None  # how it is called there, to the letter
    problem: str = ""  # why it can't be taken

    @property
    def shown(self) -> str:
        return shown(self.parts)

    @property
    def is_notebook(self) -> bool:
        return inside.is_notebook(self.parts[-1])

    @property
    def is_zip(self) -> bool:
        return inside.is_zip(self.parts[-1])


def shown(parts: Parts) -> str:
    """A file's place as a person may read it."""
    return plain_text("/".join(parts), 160, keep="")


def outer_files(source: Path, own_folder: Callable[[Parts], Parts | None]) -> list[OuterFile]:
    """The files of a source, sorted by place.

    `own_folder` tells from a file's place which folder holds one student's files only, if that can
    be told: it is looked through to a bound, so that nobody's files keep others' from being found.
    AttnError if the source is neither a folder nor a zip file, or is broken as a whole.
    """
    try:
        if source.is_dir():
            found = _Walk(source, own_folder).files()
        elif source.is_file() and zipfile.is_zipfile(source):
            found = _in_zip(source, own_folder)
        elif os.path.lexists(source):
            raise AttnError(
                f"{source} is neither a folder nor a zip file: unpack it, if it is another kind of "
                "archive, and collect the folder."
            )
        else:
            raise AttnError(f"There is nothing at {source}: give a folder or a zip file.")
    except OSError as error:
        raise AttnError(f"{source} can't be read: {error.strerror or error}.") from None
    return sorted(found, key=lambda file: file.parts)


class _Counted:
    """How many files there are, in all and in each student's own folder."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._all = 0
        self._own: dict[Parts, int] = {}

    def one(self, own: Parts | None) -> bool:
        """Count a file; False if it is one too many of a student's."""
        self._all += 1
        if self._all > MOST_FILES:
            raise AttnError(
                f"{self._source} holds more than {MOST_FILES:,} files: collect it in parts."
            )
        if own is None:
            return True
        self._own[own] = self._own.get(own, 0) + 1
        return self._own[own] <= MOST_FILES_EACH


def _too_many(own: Parts | None) -> OuterFile:
    reason = f"more than {MOST_FILES_EACH:,} files lie there: the others were not looked at"
    return OuterFile(own or ("",), problem=reason)


class _Walk:
    """A folder's files, those nearest to it first; links are not followed."""

    def __init__(self, source: Path, own_folder: Callable[[Parts], Parts | None]) -> None:
        self._source = source
        self._own_folder = own_folder
        self._counted = _Counted(source)
        self._found: list[OuterFile] = []
        self._folders: deque[Parts] = deque([()])
        self._full: set[Parts] = set()

    def files(self) -> list[OuterFile]:
        while self._folders:
            parts = self._folders.popleft()
            try:
                self._look_into(parts)
            except OSError as error:
                if not parts:
                    raise
                reason = f"it can't be read: {error.strerror or error}"
                self._found.append(OuterFile(parts, problem=reason))
        return self._found

    def _look_into(self, parts: Parts) -> None:
        own = self._own_folder((*parts, ""))
        if own in self._full:
            return
        deeper = []
        with os.scandir(os.path.join(self._source, *parts)) as entries:
            for entry in entries:
                if not self._counted.one(own):
                    self._found.append(_too_many(own))
                    self._full.add(own or ())
                    return
                place = (*parts, entry.name)
                if inside.is_noise((entry.name,)):
                    continue
                if entry.is_symlink():
                    self._found.append(OuterFile(place, problem="it is a link"))
                elif entry.is_dir(follow_symlinks=False):
                    if len(place) > MOST_FOLDERS:
                        self._found.append(OuterFile(place, problem=_TOO_DEEP))
                    else:
                        deeper.append(place)
                elif entry.is_file(follow_symlinks=False):
                    self._found.append(OuterFile(place))
                elif inside.is_notebook(entry.name) or inside.is_zip(entry.name):
                    self._found.append(OuterFile(place, problem="it is no ordinary file"))
        self._folders.extend(sorted(deeper))


def _in_zip(source: Path, own_folder: Callable[[Parts], Parts | None]) -> list[OuterFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except OSError:
        raise
    except Exception as error:  # damaged in one of many ways
        reason = plain_text(first_line(error), 120, keep="")
        raise AttnError(f"{source} is a broken zip file ({reason}): download it again.") from None
    counted = _Counted(source)
    found = []
    full = set()
    for number, member in enumerate(members):
        if member.filename.endswith("/"):
            continue
        parts, problem = inside.words(inside.name_of(member))
        if not problem and inside.is_noise(parts):
            continue
        if len(parts) > MOST_FOLDERS:
            parts, problem = parts[:MOST_FOLDERS], problem or _TOO_DEEP
        own = own_folder(parts)
        if counted.one(own):
            problem = problem or inside.why_not(member)
            found.append(OuterFile(parts, number, member.filename, problem))
        elif own not in full:
            full.add(own)
            found.append(_too_many(own))
    return found
