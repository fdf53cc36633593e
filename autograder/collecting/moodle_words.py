"""What the columns of Moodle's lists hold, and how it writes times, in a teacher's language.

Months are called what Unicode's CLDR calls them, as Moodle does it.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence

from dateutil import parser as date_parser

from autograder.errors import AttnError
from autograder.record.headings import HEADINGS, plain_heading

LANGUAGES = ("ar", "de", "es", "fr", "it", "nl", "pt", "ru")  # Chinese and Japanese count months
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_FIGURES = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d")
_COUNTED = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_AFTERNOON = {"pm", "下午", "午後", "م", "послеполудня"}
_MORNING = {"am", "上午", "午前", "ص", "дополудня"}


def columns_of(
    rows: Sequence[Mapping[str, str | None]], named: Mapping[str, str]
) -> dict[str, list[str]]:
    """The headings of a list's columns by what they hold: the keys of `HEADINGS`.

    `named` are headings that a person has named. What holds nothing but e-mail addresses is that,
    whatever it is called. AttnError if there is no column of a name that was given.
    """
    heads = [name for name in (rows[0] if rows else {}) if name]
    found: dict[str, list[str]] = {}
    for what, words in HEADINGS.items():
        known = (
            [plain_heading(named[what])]
            if what in named
            else [plain_heading(word) for word in words]
        )
        found[what] = [head for word in known for head in heads if plain_heading(head) == word]
        if what in named and not found[what]:
            shown = ", ".join(heads)
            raise AttnError(f'There is no column "{named[what]}" in the list (there are: {shown}).')
    if "email" not in named:
        for head in heads:
            cells = [cell for row in rows if (cell := str(row.get(head) or "").strip())]
            if cells and head not in found["email"] and all(map(_MAIL.fullmatch, cells)):
                found["email"].append(head)
    return found


def time_of(text: str) -> dt.datetime | None:
    """A time as Moodle writes it: what a clock on the teacher's wall showed; None if it is none."""
    return _english(text) or _read(unicodedata.normalize("NFKC", text).casefold())


def _english(text: str) -> dt.datetime | None:
    """A time with its month in English letters, or by ISO 8601: figures alone may mean two days."""
    if _FIGURES.search(text):
        return None
    try:
        found: dt.datetime = date_parser.parse(text)
    except (ValueError, OverflowError):
        return None
    return found


def _read(text: str) -> dt.datetime | None:
    """`Montag, 5. Oktober 2026, 18:03`, `2026年10月05日 星期一 18:03`, `… de 2026, 06:03 PM`."""
    clocks = list(_CLOCK.finditer(text))
    if not clocks:
        return None
    clock = clocks[-1]
    hour, minute = int(clock[1]), int(clock[2])
    date = text[: clock.start()]
    beside = {"".join(_WORD.findall(text[clock.end() :])), *_WORD.findall(date)[-1:]}
    if beside & _AFTERNOON and hour < 12:
        hour += 12
    elif beside & _MORNING and hour == 12:
        hour = 0
    if counted := _COUNTED.search(date):
        year, month, day = map(int, counted.groups())
    else:
        years, days = _YEAR.findall(date), _DAY.findall(date)
        months = {number for word in _WORD.findall(date) for number in _months().get(word, ())}
        if not (len(years) == len(days) == len(months) == 1):
            return None
        year, month, day = int(years[0]), months.pop(), int(days[0])
    try:
        return dt.datetime(year, month, day, hour, minute)
    except ValueError:
        return None


@functools.cache
def _months() -> dict[str, set[int]]:
    """The numbers of months by their names, long and short, in all languages that are known."""
    from babel.dates import get_month_names  # seldom needed

    known: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    plain = unicodedata.normalize("NFKC", name.casefold()).strip(".")
                    known.setdefault(plain, set()).add(number)
    return known
