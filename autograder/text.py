"""Texts that a person reads: what others wrote made safe to show, long lists made short."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def plain_text(text: str, most: int = 500, keep: str = "\n") -> str:
    """A text from a submission as a person may read it: no control characters, not too long.

    What can't be shown, or turns what is shown around, is written as in a Python string.
    """
    kept = keep + "\u200c\u200d"  # the joiners of Persian and Indian writing
    letters = text[: most + 1]
    shown = "".join(c if c.isprintable() or c in kept else repr(c)[1:-1] for c in letters)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def one_form(text: str) -> str:
    """An id in the one form in which it is written: systems compose accents, or take them apart."""
    return unicodedata.normalize("NFC", text.strip())


def id_key(text: str) -> str:
    """An id as it is compared: the same for all that a disk may take for the same folder.

    What counts, and is written, is the roster's own way to spell it.
    """
    return one_form(one_form(text).casefold())


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names as a person may read them; of very many the first: "a, b and 12 more"."""
    few = ", ".join(plain_text(name, 80, keep="") for name in names[:most])
    return few + (f" and {len(names) - most} more" if len(names) > most else "")


def gather(notes: Sequence[str]) -> list[str]:
    """Notes "name: what" with the names of equal ones put together: "L1.1, L1.2: what"."""
    names: dict[str, list[str]] = {}
    for note in notes:
        name, colon, what = note.partition(": ")
        names.setdefault(what if colon else note, []).extend([name] if colon else [])
    return [f"{', '.join(who)}: {what}" if who else what for what, who in names.items()]


def first_line(error: BaseException, most: int = 200) -> str:
    """What an error says, in one line: its first, or its kind if it says nothing."""
    return (_lines(error) or [type(error).__name__])[0][:most]


def last_line(error: object) -> str:
    """The same of a report that leads up to what it says."""
    return (_lines(error) or [type(error).__name__])[-1]


def _lines(said: object) -> list[str]:
    return [line for line in str(said).strip().splitlines() if line.strip()]
