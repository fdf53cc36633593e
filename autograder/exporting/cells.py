"""Cells of a CSV file that a spreadsheet, Canvas or Moodle opens: text stays text, numbers numbers.

A spreadsheet takes a cell that begins with one of `=+-@`, their wide forms, a tab or a line's end
for a formula (OWASP, "CSV Injection"), and students choose their names. Such a text gets an
apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from autograder.text import plain_text

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"
MOST_LETTERS = 30_000  # in one cell; Excel has room for 32,767
Cell = str | int | float | None


def text(value: str, most: int = MOST_LETTERS) -> str:
    """A text as it may stand in a cell."""
    begin = "'" if value.startswith(FORMULA) else ""
    # what is no character, or can't be shown, is written out; line breaks are quoted, and stay
    return begin + plain_text(value.replace("\r\n", "\n"), most, keep="\n\t")


def number(value: float) -> int | float:
    """Points with at most two places: 3 for 3.0, 2.67 for 8/3."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def to_csv(rows: Iterable[Sequence[Cell]], delimiter: str = ",", bom: bool = False) -> str:
    """Rows as CSV (RFC 4180, but for the line's end, which is the system's own)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return (BOM if bom else "") + out.getvalue()


def heading(title: str, used: set[str]) -> str:
    """A column's heading that no other column has; it is added to `used`."""
    name, count = text(title, 200), 2
    while name in used:
        name, count = f"{text(title, 200)} {count}", count + 1
    used.add(name)
    return name
