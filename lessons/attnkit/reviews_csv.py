"""Reviews out of a person's own CSV file: what can be used is used, the rest is named by line.

`load_reviews` in a notebook reads files so, and `attn train` and `attn evaluate` do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pandas as pd

LABELS = {"0": 0, "1": 1, "neg": 0, "pos": 1, "negative": 0, "positive": 1, "blame": 0, "praise": 1}
KNOWN = "0 or 1, neg or pos, negative or positive, blame or praise"

MOST_BYTES = 1_000_000_000  # of a file; IMDb's 50,000 reviews are 66 MB
MOST_ROWS = 2_000_000
LONGEST = 1_000_000  # characters of a text
NAMED = 5  # bad rows that are named; the rest is counted


# Old Windows punctuation that reached a file as invisible control characters, mostly dashes.
WINDOWS_PUNCTUATION = str.maketrans("\x84\x85\x91\x92\x93\x94\x95\x96\x97", "„…‘’“”•–—")


class DataError(Exception):
    """A data set is missing, damaged or not in the form asked for; the message says what to do."""


@dataclass(frozen=True)
class Bad:
    """A row that is left out: the line of the file where it begins, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Reviews:
    """What a file gave. frame: the columns ``text`` and ``label`` (0 or 1), no text twice."""

    frame: pd.DataFrame
    rows: int  # below the first line
    bad: tuple[Bad, ...] = ()
    repeated: int = 0  # rows whose text was there before: only the first is kept
    contradicted: int = 0  # of these, with the other label

    def notes(self, name: object) -> list[str]:
        """What was left out, in sentences. Nothing if all is well."""
        said = []
        if self.bad:
            said.append(
                f"{name}: {len(self.bad):,} of {self.rows:,} rows can't be used and are left out: "
                f"{listed(self.bad)}."
            )
        if self.repeated:
            other = f", {self.contradicted:,} with the other label" if self.contradicted else ""
            said.append(
                f"{name}: {self.repeated:,} of {self.rows:,} rows repeat an earlier text{other}; "
                "the first of each is kept."
            )
        return said


def listed(bad: Sequence[Bad]) -> str:
    """The first few bad rows, and how many more there are."""
    more = f", and {len(bad) - NAMED:,} more" if len(bad) > NAMED else ""
    return ", ".join(f"line {each.line} ({each.why})" for each in bad[:NAMED]) + more


def read_csv(path: Path, both_labels: bool = True) -> Reviews:
    """Read a CSV file in UTF-8 with the columns ``text`` and ``label``; other columns are ignored.

    Labels are 0 or 1, or words for them (`LABELS`), in any case. Raises DataError if nothing, or
    less than half of the rows, can be used; with ``both_labels`` also if one label is missing.
    """
    _check_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reviews = _collect(path, file)
    except UnicodeDecodeError:
        raise DataError(
            f"{path} is not in UTF-8 {_place_of_wrong_byte(path)}: save it as CSV in UTF-8."
        ) from None
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}.") from None
    good = len(reviews.frame)
    if not good or len(reviews.bad) > reviews.rows / 2:
        what = "Not one" if not good else f"Only {reviews.rows - len(reviews.bad):,}"
        raise DataError(
            f"{what} of the {reviews.rows:,} rows of {path} can be used: {listed(reviews.bad)}."
        )
    labels = set(reviews.frame["label"])
    if both_labels and len(labels) < 2:
        only = "praise (1)" if labels == {1} else "blame (0)"
        raise DataError(
            f"All {good:,} reviews in {path} have the label {only}: there must be some of both."
        )
    return reviews


def _check_file(path: Path) -> None:
    """Say what is wrong with a file before it is opened."""
    if path.is_dir():
        raise DataError(f"{path} is a folder: name a CSV file in it.")
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise DataError(f'There is no file "{path}": name a CSV file, or mr or imdb.') from None
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}.") from None
    if size > MOST_BYTES:
        raise DataError(
            f"{path} is too large ({size / 1e9:.1f} GB): give {MOST_BYTES / 1e9:.0f} GB at most, "
            "for instance a random part of its rows."
        )


def _collect(path: Path, file: TextIO) -> Reviews:
    csv.field_size_limit(LONGEST)
    reader = csv.reader(file)
    text_at, label_at, columns = _columns(path, reader)
    texts: list[str] = []
    labels: list[int] = []
    seen: dict[str, int] = {}
    bad: list[Bad] = []
    rows = repeated = contradicted = 0
    for line, row in _rows(reader):
        rows += 1
        if rows > MOST_ROWS:
            raise DataError(f"{path} has more than {MOST_ROWS:,} rows: give a part of them.")
        if isinstance(row, str):
            bad.append(Bad(line, row))
            continue
        if len(row) < columns or any(cell.strip() for cell in row[columns:]):
            bad.append(Bad(line, f"{len(row)} cells, not {columns}"))
            continue
        text, label = shown_punctuation(row[text_at].strip()), _label(row[label_at])
        if not text:
            bad.append(Bad(line, "no text"))
        elif label is None:
            bad.append(Bad(line, f"the label {row[label_at][:20]!r} is not {KNOWN}"))
        else:
            key = " ".join(text.casefold().split())
            if key in seen:
                repeated += 1
                contradicted += seen[key] != label
                continue
            seen[key] = label
            texts.append(text)
            labels.append(label)
    if not rows:
        raise DataError(f"{path} has no rows below its first line: add reviews and labels.")
    frame = pd.DataFrame({"text": texts, "label": labels}).astype({"label": "int64"})
    return Reviews(frame, rows, tuple(bad), repeated, contradicted)


def shown_punctuation(text: str) -> str:
    """A text whose punctuation can be seen."""
    return text if text.isascii() else text.translate(WINDOWS_PUNCTUATION)


def _label(cell: str) -> int | None:
    """0 or 1, by a word or a number; None if it is neither."""
    word = cell.strip().casefold()
    try:
        return LABELS[word] if word in LABELS else {0.0: 0, 1.0: 1}.get(float(word))
    except ValueError:
        return None


def _columns(path: Path, reader: Iterator[list[str]]) -> tuple[int, int, int]:
    """The places of text and label, and the number of columns."""
    try:
        names = next(reader)
    except StopIteration:
        raise DataError(
            f"{path} is empty: it needs the columns text and label, and reviews below them."
        ) from None
    except csv.Error as error:
        raise DataError(f"{path} can't be read as CSV ({error}).") from None
    known = [name.strip().casefold() for name in names]
    missing = [name for name in ("text", "label") if name not in known]
    if missing:
        hint = "its first line must name the columns text and label"
        for mark, says in ((";", "semicolons"), ("\t", "tabs")):
            if len(names) == 1 and mark in names[0]:
                hint = f"its columns are separated by {says}; save it with commas"
        raise DataError(f"{path} has no column {' and no column '.join(missing)}: {hint}.")
    return known.index("text"), known.index("label"), len(names)


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the line where it begins; in place of one that can't be read, why."""
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = f"{error}"
            if "field larger" in why:
                why = f"more than {LONGEST:,} characters: is a quotation mark not closed?"
            yield line, why
            continue
        if row:  # an empty line is no row
            yield line, row


def _place_of_wrong_byte(path: Path) -> str:
    """ "in line 7" """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"in line {number}"
    return "at its end"
