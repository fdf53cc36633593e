"""What takes seconds to make, kept on disk so that a second start need not make it again.

It is in the user's cache folder; ``ATTNKIT_CACHE`` names another one, ``ATTNKIT_CACHE=off`` keeps
nothing. What can't be kept or read is made anew: nothing is lost but time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TypeVar

import platformdirs

from attnkit.files import writing

T = TypeVar("T")

MOST_FILES = 40  # kept of a kind, more than lessons; the one not used for longest goes first
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def cached(
    name: str,
    make: Callable[[], T],
    read: Callable[[Path], T],
    write: Callable[[T, IO[bytes]], None],
    *,
    least_seconds: float = 0.0,
    private: Path | None = None,
    anew: bool = False,
) -> T:
    """What a file of this name holds; without one, what ``make`` gives, for which one is written.

    A name has a kind before it, "tokens/…": the newest `MOST_FILES` of each kind are kept. What is
    made in less than ``least_seconds`` is not. ``read`` raises one of `UNREADABLE` for a file that
    is damaged. ``private`` is another folder to keep it in, for nobody but its owner to read.
    ``anew`` makes it whether there is a file or not, and keeps it.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    folder = private or folder
    file = folder / name
    with contextlib.suppress(*UNREADABLE):
        if not anew:
            found = read(file)
            os.utime(file)
            return found
    started = time.perf_counter()
    made = make()
    if time.perf_counter() - started < least_seconds:
        return made
    with contextlib.suppress(OSError):
        _keep(made, file, write, 0o600 if private else 0o644)
    return made


def cache_folder() -> Path | None:
    """Where it is all kept; None if that is switched off."""
    named = os.environ.get("ATTNKIT_CACHE", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_cache_dir("attention-kit", appauthor=False))


def digest(facts: str, *parts: Iterable[str] | bytes) -> str:
    """A name for facts and texts: another one if a letter of them is another one."""
    sha = hashlib.sha256(facts.encode())
    for part in parts:
        if isinstance(part, bytes):
            sha.update(b"%d " % len(part) + part)
            continue
        for text in part:
            raw = text.encode("utf-8", "surrogatepass")
            sha.update(b" %d " % len(raw) + raw)
        sha.update(b";")
    return sha.hexdigest()[:32]


def _keep(made: T, file: Path, write: Callable[[T, IO[bytes]], None], mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with writing(file, mode) as out:
        write(made, out)
    files = sorted(file.parent.glob(f"*{file.suffix}"), key=lambda each: each.stat().st_mtime)
    for old in files[:-MOST_FILES]:
        old.unlink(missing_ok=True)
