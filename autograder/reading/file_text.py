"""The text of a file that somebody hands in, whatever wrote it; or what it is instead.

Windows writes UTF-16 where it is not told otherwise, editors put a byte order mark before UTF-8,
and Git leaves marks where two versions could not be merged. What can be read for sure is read, and
a note says so.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

_BOMS = (  # UTF-32's begins as UTF-16's does
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_KINDS = (
    (re.compile(rb"PK\x03\x04"), "a zip file or an office document"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\x1f\x8b"), "a compressed file (gzip)"),
    (re.compile(rb"\{\\rtf"), "a text with a layout (RTF)"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), "a picture"),
    (re.compile(rb"\s*<(!doctype html|html|head)\b", re.IGNORECASE), "a web page"),
)
_OURS, _BASE, _THEIRS, _END = "<<<<<<<", "|||||||", "=======", ">>>>>>>"
_CONFLICT = re.compile(r"^<<<<<<< ", re.MULTILINE)
_CODE = re.compile(r"^(?:from|import|def|class|async def|get_ipython|%)\b", re.MULTILINE)
EXPRESSIONS = (_CONFLICT, _CODE)  # each takes time in proportion to the text


class UnreadableError(Exception):
    """The file holds nothing that could be graded; the text is the reason."""


@dataclass(frozen=True)
class FileText:
    """What a file says, and what there is to be noted about it."""

    text: str
    notes: tuple[str, ...] = ()


def text_of(raw: bytes, or_latin: bool = False) -> FileText:
    """The text in a file. UnreadableError says what it is instead, in a few words.

    `or_latin` takes what is not UTF-8 for Latin-1: code is the same in both, but for its comments.
    """
    for mark, encoding, name in _BOMS:
        if raw.startswith(mark):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableError(f"the file is damaged {name or 'UTF-8'} text") from None
            return FileText(text, (_read_as(name),) if name else ())
    for kind, what in _KINDS:
        if kind.match(raw):
            raise UnreadableError(f"the file is {what}")
    if raw and not raw.strip(b"\0"):  # as a full disk or a broken upload leaves it
        raise UnreadableError("the file holds nothing but zeros: it was not saved or sent whole")
    if raw[:2000].count(0) > len(raw[:2000]) / 3:
        raise UnreadableError("the file is UTF-16 text without its mark: save it as UTF-8")
    try:
        return FileText(raw.decode())
    except UnicodeDecodeError:
        if or_latin:
            return FileText(raw.decode("latin-1"), (_read_as("Latin-1"),))
        raise UnreadableError("the file is not UTF-8 text, so it is no notebook") from None


def is_code(text: str) -> bool:
    """Whether a text that is no JSON looks like Python."""
    return not text.lstrip().startswith(("{", "[")) and bool(_CODE.search(text))


def has_conflict(text: str) -> bool:
    """Whether Git's conflict marks stand in a text."""
    return bool(_CONFLICT.search(text))


def settled(text: str, are_same: Callable[[str, str], bool]) -> FileText:
    """The text without conflict marks, if its two sides are the same; UnreadableError if not."""
    mark = _CONFLICT.search(text)
    if mark is None:
        return FileText(text)
    sides = _sides(text)
    if sides is not None and are_same(*sides):
        return FileText(sides[0], ("Git's conflict marks were passed over: both sides are alike",))
    line = text.count("\n", 0, mark.start()) + 1
    raise UnreadableError(
        f"Git's conflict marks stand in it, the first in line {line}, and the two sides differ: "
        "settle the merge, save, and hand it in again"
    )


def _sides(text: str) -> tuple[str, str] | None:
    """What a text is with each side's lines; None if the marks make no sense."""
    ours: list[str] = []
    theirs: list[str] = []
    place = _END  # the mark that came last
    follows = {_END: (_OURS,), _OURS: (_BASE, _THEIRS), _BASE: (_THEIRS,), _THEIRS: (_END,)}
    for line in text.split("\n"):
        mark, rest = line[:7], line[7:8]
        if mark in follows and rest in ("", " ", "\r"):
            if mark in follows[place]:
                place = mark
                continue
            if mark != _THEIRS:  # a line of = may stand in any text
                return None
        if place in (_END, _OURS):
            ours.append(line)
        if place in (_END, _THEIRS):
            theirs.append(line)
    return ("\n".join(ours), "\n".join(theirs)) if place == _END else None


def _read_as(name: str) -> str:
    return f"the file is not UTF-8 text: it was read as {name}"
