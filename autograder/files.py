"""Writing files so that a kill or a full disk leaves the old ones or the new ones, nothing else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import AttnError

_PART = ".part-"  # how the name of a file begins that is being written


def write_durably(target: Path, text: str | bytes | Iterable[str], mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails. OSError.

    A text too large for memory may come in pieces.
    """
    part = _written_aside(target, text, mode)
    try:
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_if_absent(target: Path, text: str, mode: int = 0o644) -> bool:
    """Write a file whole unless there is one; whether it was written. OSError."""
    if target.exists():
        return False
    part = _written_aside(target, text, mode)
    try:
        os.link(part, target)
    except FileExistsError:
        return False
    except OSError:  # a disk without links
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return True


def _written_aside(target: Path, text: str | bytes | Iterable[str], mode: int) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=_PART)
    try:
        with os.fdopen(handle, "wb") as out:
            if isinstance(text, bytes):
                out.write(text)
            else:
                for piece in [text] if isinstance(text, str) else text:
                    out.write(piece.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        os.chmod(part, mode)
    except BaseException as error:
        Path(part).unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(target)
        raise
    return Path(part)


def remove_parts(*folders: Path) -> None:
    """Remove what killed writers have left below these folders. Nobody may be writing there."""
    for folder in folders:
        for part in folder.rglob(f"{_PART}*"):
            part.unlink(missing_ok=True)


def disk_error(error: OSError) -> AttnError:
    """One sentence for a file that can't be written."""
    where = error.filename or "A file of the class's folder"
    return AttnError(
        f"{where} can't be written ({error.strerror}): nothing is lost; mend it and run the same "
        "command again."
    )
