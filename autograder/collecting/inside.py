"""What one student handed in, looked through within bounds: runs in a process of its own.

Whatever a zip says of itself decides nothing: its names are words, and no file is read beyond what
was asked for. `child.py` is that process; it imports this, which imports little.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import struct
import time
import zipfile
from collections.abc import Iterator
from typing import IO, Any, cast
from zlib import crc32

from autograder.reading.file_name import is_called_notebook
from autograder.text import first_line

_MOST_NAMES = 10_000_000  # bytes of a zip's list of its files, which is read at once
MOST_TOLD = 20  # files of one upload that are refused one by one; of more their number is told
NOISE = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", "Thumbs.db", "desktop.ini"}
_PIECE = 65_536
_SMALL = 4_096  # of packings whose unpacking has no bound of its own: what this gives fits memory
_DEEPER = "it is a zip file within a zip file within a zip file"


class TooMuch(Exception):  # noqa: N818 - no error of ours: a reason
    """The upload is more than is read of one student's; the text is of what."""


# --- names, as words ------------------------------------------------------------------------------


def words(name: str) -> tuple[tuple[str, ...], str]:
    """The folders and the name that a zip tells of a file, and what is wrong with them."""
    text = name.replace("\\", "/")
    parts = tuple(part for part in text.split("/") if part not in ("", "."))
    if not parts:
        return (name or "(no name)",), "it has no name"
    if text.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        return parts, "its name leads out of the zip file"
    return parts, ""


def name_of(member: zipfile.ZipInfo) -> str:
    """The name that a zip tells of a file, in the letters that it was written in.

    macOS and many others write UTF-8 without saying so; others say the name a second time, in a
    field of its own (Info-ZIP's "Unicode Path").
    """
    if member.flag_bits & 0x800:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
        return _second_name(member.extra, raw) or raw.decode("utf-8")
    except UnicodeError:
        return member.filename


def _second_name(extra: bytes, raw: bytes) -> str:
    """The name in a file's field of its own, "" if there is none that is meant for that name."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        told, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == 0x7075 and told[:1] == b"\1" and told[1:5] == struct.pack("<I", crc32(raw)):
            return told[5:].decode("utf-8")
    return ""


def is_noise(parts: tuple[str, ...]) -> bool:
    """Whether a file is one that systems and editors put beside a person's own."""
    return any(part in NOISE or part.startswith((".", "~$")) for part in parts)


def is_notebook(name: str) -> bool:
    return is_called_notebook(name)


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def why_not(member: zipfile.ZipInfo) -> str:
    """Why a file of a zip isn't read at all, "" if it is."""
    if member.flag_bits & 0x1:
        return "it is encrypted"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link"
    return ""


# --- one upload -----------------------------------------------------------------------------------


class Answer:
    """What is written back of one upload, and how much of its quota is used."""

    def __init__(self, out: IO[bytes], most: dict[str, int], look: bool) -> None:
        self.out = out
        self.most = most
        self.look = look  # what a zip holds is only asked for by name
        self.files = self.bytes = self.notebooks = 0
        self.began = time.process_time()
        self.told = {True: 0, False: 0}  # refused files, by whether they are no notebooks
        self.untold = 0

    def notebook(self, parts: tuple[str, ...], raw: bytes) -> None:
        self.line(kind="notebook", parts=_short(parts), size=len(raw))
        self.out.write(raw)

    def refuse(self, parts: tuple[str, ...], reason: str, other: bool = False) -> None:
        if self.told[other] < MOST_TOLD:
            self.told[other] += 1
            self.line(kind="refused", parts=_short(parts), reason=reason[:300], other=other)
        elif not other:
            self.untold += 1

    def line(self, **told: Any) -> None:
        self.out.write(json.dumps(told).encode() + b"\n")

    def one_notebook(self) -> None:
        self.notebooks += 1
        if self.notebooks > self.most["notebooks"]:
            raise TooMuch("notebooks")

    def take_files(self, count: int) -> None:
        self.files += count
        if self.files > self.most["files"]:
            raise TooMuch("files")

    def take_bytes(self, count: int) -> None:
        self.bytes += count
        if self.bytes > self.most["bytes"]:
            raise TooMuch("bytes")

    def used(self) -> dict[str, int]:
        seconds = int(time.process_time() - self.began)
        return {
            "files": self.files, "bytes": self.bytes, "notebooks": self.notebooks,
            "seconds": seconds,
        }  # fmt: skip


def _short(parts: tuple[str, ...]) -> list[str]:
    return [part[:300] for part in parts[-20:]]


class Source:
    """The outer folder or zip file; a zip stays open from one request to the next."""

    def __init__(self) -> None:
        self._open: tuple[str, zipfile.ZipFile] | None = None

    @contextlib.contextmanager
    def file(self, request: dict[str, Any]) -> Iterator[tuple[IO[bytes], int, int]]:
        """An upload's bytes, how many there are by what is said of them, and a fit piece."""
        if request["member"] is None:
            with open_below(request["source"], request["parts"]) as found:
                yield found, os.fstat(found.fileno()).st_size, _PIECE
            return
        archive = self._archive(request["source"])
        member = archive.infolist()[request["member"]]
        if member.filename != request["name"]:
            raise OSError(None, "the source has changed meanwhile")
        with archive.open(member) as packed:
            yield packed, member.file_size, piece_of(member)

    def _archive(self, source: str) -> zipfile.ZipFile:
        if self._open is None or self._open[0] != source:
            self._open = (source, zipfile.ZipFile(source))
        return self._open[1]


def open_below(folder: str, parts: list[str]) -> IO[bytes]:
    """An ordinary file below a folder, reached through no link. OSError."""
    plain = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    careful = plain | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if os.open in os.supports_dir_fd:
        at = os.open(folder, plain)
        try:
            for name in parts[:-1]:
                deeper = os.open(name, careful | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = deeper
            number = os.open(parts[-1], careful, dir_fd=at)
        finally:
            os.close(at)
    else:
        number = os.open(os.path.join(folder, *parts), careful)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(None, "it is no ordinary file")
    return os.fdopen(number, "rb")


class Piecewise:
    """A zip file of which no large piece is read at once, as a list of very many files would be."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell
        self.seekable, self.close = file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        most = _MOST_NAMES + 1
        data = self._file.read(most if size < 0 else min(size, most))
        if len(data) == most:
            raise TooMuch("names")
        return data


def piece_of(member: zipfile.ZipInfo) -> int:
    bounded = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return _PIECE if bounded else _SMALL


def read(file: IO[bytes], most: int, piece: int) -> bytes:
    """At most `most` bytes and one more, which says that there are more."""
    found = io.BytesIO()
    left = most + 1
    while left > 0 and (data := file.read(min(piece, left))):
        found.write(data)
        left -= len(data)
    return found.getvalue()


def handed(request: dict[str, Any], source: Source, answer: Answer) -> None:
    """Answer for one upload: the notebook that it is, or those in the zip that it is."""
    most = answer.most
    name = request["parts"][-1]
    with source.file(request) as (file, size, piece):
        if not is_zip(name):
            answer.one_notebook()
            take_notebook(file, (), size, piece, answer)
            return
        if size > most["zip_bytes"]:
            answer.refuse((), f"it is larger than {most['zip_bytes'] / 1e6:.0f} MB")
            return
        if request["member"] is not None:  # one looks about in a zip: it has to be had whole
            file = io.BytesIO(read(file, most["zip_bytes"], piece))
        try:
            archive = zipfile.ZipFile(cast(IO[bytes], Piecewise(file)))
        except (TooMuch, MemoryError):
            raise
        except Exception:  # damaged in one of many ways
            answer.refuse((), "it is no zip file, or a broken one")
            return
        take_members(archive, answer)


def take_members(archive: zipfile.ZipFile, answer: Answer) -> None:
    members = archive.infolist()
    answer.take_files(len(members))
    empty = True
    for member in members:
        if member.filename.endswith("/"):
            continue
        parts, problem = words(name_of(member))
        if not problem and is_noise(parts):
            continue
        empty = False
        problem = problem or why_not(member)
        if not problem and is_zip(parts[-1]):
            problem = _DEEPER
        if problem:
            answer.refuse(parts, problem)
        elif not is_notebook(parts[-1]):
            answer.refuse(parts, "it is no notebook (.ipynb)", other=True)
        elif answer.look:
            answer.notebook(parts, b"")
        else:
            answer.one_notebook()
            try:
                with archive.open(member) as file:
                    take_notebook(file, parts, member.file_size, piece_of(member), answer)
            except (TooMuch, MemoryError):
                raise
            except Exception as error:  # damaged in one of many ways
                answer.refuse(parts, f"the zip file is broken there: {first_line(error, 120)}")
    if empty:
        answer.refuse((), "it is an empty zip file")


def take_notebook(
    file: IO[bytes], parts: tuple[str, ...], size: int, piece: int, answer: Answer
) -> None:
    most = answer.most["notebook_bytes"]
    raw = b""
    if size <= most:
        raw = read(file, most, piece)
        answer.take_bytes(len(raw))
    if max(size, len(raw)) > most:
        answer.refuse(parts, f"it is larger than {most / 1e6:.0f} MB")
    else:
        answer.notebook(parts, raw)
