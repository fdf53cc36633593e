"""A list in a CSV file, whatever wrote it: its text, and what stands between its columns."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.errors import AttnError
from autograder.reading.file_text import UnreadableError, text_of

MOST_BYTES = 50_000_000
_SEPARATOR = re.compile(r'"?sep=(?P<sign>[^"\n])"?[,;\t]*\n', re.IGNORECASE)  # Excel hides it


def open_list(file: Path, what: str) -> tuple[str, str, int]:
    """The text of a CSV file, what separates its columns, and how many lines stood above it.

    `what` is what the list is called. AttnError if it can't be read.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise AttnError(f"{file} is no {what}: it is larger than {MOST_BYTES:,} bytes.")
        raw = file.read_bytes()
    except OSError as error:
        raise AttnError(f"The {what} {file} can't be read: {error.strerror}.") from None
    try:
        text = text_of(raw).text
    except UnreadableError as error:
        why = str(error).partition(", so")[0].removeprefix("the file is ")
        raise AttnError(
            f"The {what} {file} can't be read, for it is {why}: save it as CSV UTF-8."
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # Excel on a Mac ends lines so
    told = _SEPARATOR.match(text)
    if told:
        return text[told.end() :], told["sign"], 1
    first = text.partition("\n")[0]
    return text, max(",;\t", key=first.count), 0
