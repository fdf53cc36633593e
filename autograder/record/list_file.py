"""A list in a CSV file, whatever wrote it: its text, and what stands between its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError
from autograder.reading.file_text import UnreadableError, text_of

MOST_BYTES = 50_000_000
# what Western European languages have besides ASCII, in the one byte that it has with Windows; what
# only Icelandic has is left out, for these bytes are letters of Turkish, Romanian and others
_WESTERN = frozenset(map(chr, range(0xC0, 0x100))).difference("×÷ÐÝÞðýþ") | {"\xa0", "ª", "º"}
_WORD = re.compile(r"[^\W\d_]+")
_SEPARATOR = re.compile(r'"?sep=(?P<sign>[^"\n])"?[,;\t]*\n', re.IGNORECASE)  # Excel hides it


@dataclass(frozen=True)
class ListText:
    """The text of a list, its lines ended by a line feed."""

    text: str
    delimiter: str  # between its columns
    above: int = 0  # lines that stood above it
    note: str = ""  # what a person should know of how it was read

    @property
    def is_sure(self) -> bool:
        """Whether its letters are what the file says, and not what it probably means."""
        return not self.note


def open_list(file: Path, what: str) -> ListText:
    """The text of a CSV file. `what` is what it is called. AttnError if it can't be read."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise AttnError(f"{file} is no {what}: it is larger than {MOST_BYTES:,} bytes.")
        raw = file.read_bytes()
    except OSError as error:
        raise AttnError(f"The {what} {file} can't be read: {error.strerror}.") from None
    try:
        text, note = _read(raw)
    except UnreadableError as error:
        why = str(error).partition(", so")[0].removeprefix("the file is ")
        raise AttnError(
            f"The {what} {file} can't be read, for it is {why}: save it as CSV UTF-8."
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # Excel on a Mac ends lines so
    told = _SEPARATOR.match(text)
    if told:
        return ListText(text[told.end() :], told["sign"], 1, note)
    first = text.partition("\n")[0]
    return ListText(text, max(",;\t", key=first.count), 0, note)


def _read(raw: bytes) -> tuple[str, str]:
    """The text and, if it isn't sure, what it was taken for. UnreadableError."""
    try:
        return text_of(raw).text, ""
    except UnreadableError:
        text = text_of(raw, or_latin=True).text  # which raises the same of what is no text at all
        shown = _western_word(text)
        if not shown:
            raise
        return text, (
            "it is not UTF-8, so it was read as Excel writes CSV in Western Europe (Windows-1252): "
            f'if names such as "{shown}" are wrong, save it as CSV UTF-8'
        )


def _western_word(text: str) -> str:
    """A word that shows a text to be of Western Europe; "" if there is anything else in it.

    Other writings have these bytes for letters, too, but then words consist of them.
    """
    if not all(c.isascii() or c in _WESTERN for c in text) or re.search(r"[ªº](?=[a-zA-Z])", text):
        return ""
    if any(not c.isprintable() and c not in "\t\n\r\xa0" for c in text):
        return ""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    foreign = (word for word in words if len(word) > 2 and not any(map(str.isascii, word)))
    return "" if any(foreign) else next(iter(words), "")
