"""The operator's log: what the grader does, and the tracebacks behind its sentences.

Modules log to loggers of their own name, below `autograder`; nothing is written unless somebody
asks for it: `attn --log FILE`, or a program of one's own with handlers of its own.

What `attn --log` writes holds nothing of a submission but its student and lesson, no hidden seed
and no expected value. So a traceback there names the kind of an error and where it arose; the
error's own text stands there only if it is ours or the system's, since others may quote what they
stumble over.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import AttnError
from autograder.text import plain_text

ROOT = "autograder"
MOST_LETTERS = 20_000  # of one entry
_MOST_OF_A_TRACE = 15_000  # of its end
_MOST_FRAMES = 100  # of one error: the last ones
_PASSWORD = re.compile(r"(://[^\s:/@]*:)\S*@|((?:password|passwd|token)=)[^\s&]*", re.IGNORECASE)


def logger(name: str) -> logging.Logger:
    """The logger of a module, which is silent until somebody adds a handler."""
    return logging.getLogger(name)


# or else warnings would go to stderr
logging.getLogger(ROOT).addHandler(logging.NullHandler())


@contextlib.contextmanager
def kept_in(file: Path, what: str) -> Iterator[None]:
    """Append to a file what is logged meanwhile; `what` is being done. AttnError."""
    root, own = logging.getLogger(ROOT), logger(__name__)
    handler = _Appending(file)
    handler.setFormatter(_Entry())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        own.info("This begins: %s", what)
        yield
        own.info("It ends.")
    except SystemExit as end:
        # leaving in the middle of an error keeps that error
        if isinstance(end.__context__, AttnError):
            own.error("It can't go on.", exc_info=end.__context__)
        own.info("It ends with exit code %s.", end.code or 0)
        raise
    except BaseException as error:
        own.critical("It ends by an error that nothing expects.", exc_info=error)
        raise
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()


def where_details_are() -> str:
    """What a sentence on a failure of ours adds: the log has more on it, or would have."""
    if any(isinstance(handler, _Appending) for handler in logging.getLogger(ROOT).handlers):
        return "the log has the details"
    return "`attn --log FILE …` keeps the details"


def trace(error: BaseException) -> str:
    """An error, and those that led to it, oldest first: their kinds, and where they arose."""
    told: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        places = traceback.format_tb(link.__traceback__, -_MOST_FRAMES)
        told.append("".join(places) + _kind(link))
        link = link.__cause__ or link.__context__  # also where a sentence took its place
    return "\nand so:\n".join(reversed(told))[-_MOST_OF_A_TRACE:]


def _kind(error: BaseException) -> str:
    """What kind of error it is; with its text, if that is ours or the system's."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    text = ""
    if isinstance(error, OSError):
        text = f"{error.strerror} ({error.filename})" if error.filename else error.strerror or ""
    elif getattr(error, "may_be_logged", False):
        text = str(error)
    return f"{name}: {text}" if text else name


class _Entry(logging.Formatter):
    """An entry begins with its time; lines that follow are set in, so that none passes for one."""

    def format(self, record: logging.LogRecord) -> str:
        when = dt.datetime.fromtimestamp(record.created).astimezone()
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += "\n" + trace(record.exc_info[1])
        return (
            f"{when.isoformat(timespec='milliseconds')} {record.levelname} {record.name} "
            f"[{record.process} {record.threadName}] {_readable(text)}"
        )


def _readable(text: str) -> str:
    """No passwords, no control characters, not too long, lines after the first set in."""
    text = _PASSWORD.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", text)
    return plain_text(text.rstrip("\n"), MOST_LETTERS).replace("\n", "\n    ")


class _Appending(logging.Handler):
    """Appends each entry to a file in one go, so that several processes don't tear them apart.

    A new file can be read by its owner only. If it can't be written any more, that is said once,
    and work goes on.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file, self._failed = file, False
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        try:
            self._handle = os.open(file, flags, 0o600)
        except OSError as error:
            raise AttnError(
                f"The log {file} can't be written ({error.strerror}): name a file in a folder "
                "that you may write to."
            ) from None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            os.write(self._handle, (self.format(record) + "\n").encode("utf-8"))
        except Exception as error:  # a log that fails stops nobody's work
            if not self._failed:
                self._failed = True
                why = getattr(error, "strerror", None) or type(error).__name__
                print(f"attn: The log {self._file} is not whole: {why}.", file=sys.stderr)

    def close(self) -> None:
        super().close()
        os.close(self._handle)
