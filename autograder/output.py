"""What `attn` writes to: whatever standard output and standard error are, also closed or full."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from attnkit.letters import spell_out

from autograder.errors import AttnError

_LEFT = {errno.EPIPE, errno.EINVAL} if os.name == "nt" else {errno.EPIPE}
_FULL = {errno.ENOSPC, errno.EIO, errno.EFBIG}


class OutputError(AttnError):
    """The program's own output can't be written."""


@contextlib.contextmanager
def any_output() -> Iterator[None]:
    """Write to anything: letters that it lacks are spelled out, and what can't be written is said.

    OutputError if standard output is full; who stops reading it, such as `head`, ends us quietly.
    """
    _fill_gaps()
    for stream in (sys.stdout, sys.stderr):
        # readers of ours on Windows, such as a log of GitHub's, expect UTF-8 in a pipe or a file
        if os.name == "nt" and isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
        spell_out(stream)
    # what it says is meant for us: programs started from here talk with us in ASCII or in UTF-8
    os.environ.pop("PYTHONIOENCODING", None)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in _LEFT | _FULL:  # another file's
            raise
        _write_nowhere()
        if error.errno in _LEFT:
            sys.exit(1)
        raise OutputError(
            f"The output can't be written ({error.strerror}): make room, or send it elsewhere, and "
            "run the command again."
        ) from None


def _fill_gaps() -> None:
    """Something stands where standard input, output or error is closed: else the next file that is
    opened, perhaps the gradebook, would take its place and get what is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _write_nowhere() -> None:
    """What is still waiting to be written would fail again when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def as_json(data: Any, encoding: str = "utf-8") -> str:
    """JSON that an encoding carries whole: in UTF-8 as it is, in any other one in ASCII.

    So is half of a letter, of which names of files are made that are not in UTF-8.
    """
    text = json.dumps(data, indent=1, ensure_ascii=False)
    try:
        text.encode("utf-8" if codecs.lookup(encoding).name == "utf-8" else "ascii")
    except UnicodeEncodeError:
        return json.dumps(data, indent=1)
    return text


def json_for_stdout(data: Any) -> str:
    """JSON for standard output, whatever that is."""
    return as_json(data, getattr(sys.stdout, "encoding", None) or "utf-8")
