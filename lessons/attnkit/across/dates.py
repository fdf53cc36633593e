"""Dates as people write them in eleven languages, and as ISO 8601 writes them: 1987-03-03.

The sentences are made by `babel`, from the Unicode consortium's CLDR (package extra `across`). In
twelve locales there are a long, a full and a medium form. All of them put the day first or write
the month as a word, so no date can be read in two ways; American short ones (3/4/87) are left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit.optional import INSTALL_ACROSS, NotInstalledError, how_to_get, missing

IntArray = npt.NDArray[np.int32]

LOCALES = ("en_US", "en_GB", "fr", "de", "es", "it", "nl", "pl", "sv", "pt", "cs", "fi")
FORMS = ("long", "full", "medium")
PAD, UNKNOWN, START, END, FIRST = 0, 1, 2, 3, 4
S, T = 40, 11  # letters of a date at most; ten of ISO's, and the end
ISO = "-0123456789"
OUT = {letter: FIRST + n for n, letter in enumerate(ISO)}


@dataclass(frozen=True)
class Dates:
    """N dates: as they are written, in ISO 8601, and in which locale."""

    written: list[str]
    iso: list[str]
    locale: list[str]

    def __len__(self) -> int:
        return len(self.iso)

    def rows(self, some: slice) -> Dates:
        """Some of them."""
        return Dates(self.written[some], self.iso[some], self.locale[some])


@dataclass(frozen=True)
class Parts:
    """Dates to train on, to choose by, and to test on: no day stands in two of them."""

    train: Dates
    validation: Dates
    test: Dates


def made(count: int = 12_000, seed: int = 13) -> Parts:
    """So many different days from 1950 to 2049, each written once; ten of twelve are for training.

    There are 36,525 such days. NotInstalledError where babel isn't.
    """
    if missing(["babel"]):
        raise NotInstalledError(
            "These dates are written by the package babel, which isn't installed here; it is part "
            f"of the extra `across`: {how_to_get(INSTALL_ACROSS, '80 MB')}."
        )
    rng = np.random.default_rng(seed)
    first, last = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
    day_N = rng.choice((last - first).days + 1, size=count, replace=False)
    locale_N, form_N = rng.integers(len(LOCALES), size=count), rng.integers(3, size=count)
    days = [first + datetime.timedelta(int(day)) for day in day_N]
    locales = [LOCALES[n] for n in locale_N]
    forms = [FORMS[n] for n in form_N]
    written = [
        write(day, form, locale) for day, form, locale in zip(days, forms, locales, strict=True)
    ]
    every = Dates(written, [day.isoformat() for day in days], locales)
    twelfth = count // 12
    return Parts(
        every.rows(slice(None, -2 * twelfth)),
        every.rows(slice(-2 * twelfth, -twelfth)),
        every.rows(slice(-twelfth, None)),
    )


def write(day: datetime.date, form: str, locale: str) -> str:
    """A day as one locale writes it, in small letters and with plain spaces."""
    from babel.dates import format_date

    return plain(format_date(day, form, locale=locale))


def plain(text: str) -> str:
    """A typed or printed date as the translator reads it."""
    return " ".join(text.lower().split())


def letters(written: Iterable[str]) -> dict[str, int]:
    """The ids of all letters of some dates, from 4 on, in alphabetical order."""
    return {letter: FIRST + n for n, letter in enumerate(sorted(set("".join(written))))}


def encode(written: Sequence[str], ids: Mapping[str, int], length: int = S) -> IntArray:
    """Dates as ids, (N, S), with pads behind them; a strange letter is 1, what is longer is cut."""
    x_NS = np.zeros((len(written), length), np.int32)
    for row_S, text in zip(x_NS, written, strict=True):
        some = [ids.get(letter, UNKNOWN) for letter in plain(text)[:length]]
        row_S[: len(some)] = some
    return x_NS


def encode_iso(iso: Sequence[str]) -> IntArray:
    """Dates in ISO 8601 as ids, (N, T), the end included."""
    return np.array([[*(OUT[letter] for letter in text), END] for text in iso], np.int32)


def decode_iso(ids_T: Iterable[int]) -> str:
    """Ids as a text, up to the end; what is no letter of ISO's is a ?."""
    return decode(ids_T, OUT)


def decode(ids_T: Iterable[int], out: Mapping[str, int]) -> str:
    """Ids as a text, up to the end. out: the ids of letters; what is none of them is a ?."""
    names = {number: letter for letter, number in out.items()}
    found = []
    for number in ids_T:
        if int(number) in (PAD, END):
            break
        found.append(names.get(int(number), "?"))
    return "".join(found)
