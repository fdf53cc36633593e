"""Writing files so that a kill or a full disk leaves the old ones or the new ones, nothing else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

import platformdirs
from attnkit.files import PART, writing

from autograder.errors import AttnError
from autograder.install import try_lock as try_lock  # which has to work where nothing else does


def user_folder() -> Path:
    """What a user's own grading keeps, the hidden seed among it: no box shows this folder."""
    return Path(platformdirs.user_data_dir("attention-kit"))


def write_durably(target: Path, text: str | bytes | Iterable[str], mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails. OSError.

    A text too large for memory may come in pieces.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with writing(target, mode) as out:
        for piece in [text] if isinstance(text, str | bytes) else text:
            out.write(piece.encode("utf-8") if isinstance(piece, str) else piece)


def private_mode(folder: Path) -> int:
    """The mode of a file with marks or secrets in a folder: its owner's, and that of the group's
    where several graders share the folder: it is their group's, as all that is made in it."""
    while not folder.exists():
        folder = folder.parent
    shared = stat.S_IWGRP | stat.S_ISGID
    return 0o660 if folder.stat().st_mode & shared == shared else 0o600


def write_if_absent(target: Path, text: str, mode: int = 0o644) -> bool:
    """Write a file whole unless there is one; whether it was written. OSError."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with writing(target, mode, put=_link) as out:
            out.write(text.encode("utf-8"))
    except FileExistsError:
        return False
    return True


def _link(part: Path, target: Path) -> None:
    """Put a file into its place, unless there is one by now: FileExistsError."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        os.replace(part, target)


def remove_parts(*folders: Path) -> None:
    """Remove what killed writers have left below these folders. Nobody may be writing there."""
    for folder in folders:
        for part in folder.rglob(f"{PART}*"):
            part.unlink(missing_ok=True)


def disk_error(error: OSError) -> AttnError:
    """One sentence for a file that can't be written."""
    where = error.filename or "A file of the class's folder"
    return AttnError(
        f"{where} can't be written ({error.strerror}): nothing is lost; mend it and run the same "
        "command again."
    )
