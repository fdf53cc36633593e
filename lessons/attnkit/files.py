"""Files that are there whole or not at all, whatever is killed or cut off meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

PART = ".part-"  # how the name of a file begins that is being written


@contextlib.contextmanager
def writing(
    path: Path, mode: int = 0o644, put: Callable[[Path, Path], None] = os.replace
) -> Iterator[IO[bytes]]:
    """A binary file that takes its place, by `put`, when it is whole and on the disk.

    Its folder must be there. An OSError names the file that was meant.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            os.chmod(part, mode)
            put(part, path)
        finally:
            part.unlink(missing_ok=True)
        if os.name == "posix":
            _sync_folder(path.parent)
    except OSError as error:
        error.filename = str(path)
        raise


def append_line(file: Path, line: str) -> None:
    """Add a line in a single write, so that two kernels' lines never mix. OSError.

    A reader skips what a power cut has torn: nothing but that line is lost.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    handle = os.open(file, flags, 0o600)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        torn = False
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            torn = os.read(handle, 1) != b"\n"
        start = "\n" if torn else ""  # a line that a power cut left unfinished ends here
        os.write(handle, f"{start}{line}\n".encode())
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    """Names lie in folders: without this a file may be gone again if the power fails."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_json(path: Path, data: Any) -> None:
    """Plain data, durably. OSError."""
    with writing(path) as out:
        out.write((json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())
