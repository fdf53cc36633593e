"""The cells of a submitted file as plain data, whatever the file holds."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from autograder.reading.file_text import UnreadableError as UnreadableError
from autograder.reading.file_text import has_conflict, is_code, settled, text_of
from autograder.reading.look import essence

MAX_BYTES = 20_000_000  # of a notebook
MAX_CELLS = 2_000
MAX_CODE = 5_000_000  # letters of all code cells together
MAX_PARTS = 1_000_000  # lists and dicts in the file: each takes more memory than two brackets
_LONGEST_NAME = 200
_MARK = re.compile(r"\AL(\d{1,3})-\w")  # of an answer, a check, a question
_CHECK = re.compile(r"""\bcheck\(["']L(\d{1,3})\.\d""")
_IMAGE = re.compile(r"image/[\w.+-]{1,40}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")


class Picture(NamedTuple):
    """A picture that was pasted into a cell of text, as base64: nbformat's attachment."""

    name: str
    kind: str  # "image/png"
    data: str

    def is_sound(self) -> bool:
        """Whether it is written as a picture's data are: only that is put into a page."""
        is_named = len(self.name) <= _LONGEST_NAME and self.name.isprintable()
        return is_named and bool(_IMAGE.fullmatch(self.kind) and _BASE64.fullmatch(self.data))


@dataclass(frozen=True)
class Cell:
    """A submitted cell. A field that it lacks, or that is no text, is empty."""

    kind: str  # its cell_type
    source: str
    grade_id: str
    id: str
    pictures: tuple[Picture, ...] = ()


def read_notebook(raw: bytes) -> tuple[list[Cell], list[str]]:
    """The cells of a submitted file, and notes on how it was read.

    UnreadableError says in a few words why there are none.
    """
    document, notes = _document(raw)
    cells = []
    for cell in _cells(document):
        try:
            text = settled(cell.source, functools.partial(_are_alike, cell.kind))
        except UnreadableError as error:
            notes.append(f"a cell can't be right: {error}")
            cells.append(cell)
        else:
            notes += text.notes
            cells.append(replace(cell, source=text.text) if text.notes else cell)
    if sum(len(cell.source) for cell in cells if cell.kind == "code") > MAX_CODE:
        raise UnreadableError(f"the notebook has more than {MAX_CODE / 1e6:.0f} MB of code")
    return cells, notes


class LessonTold(NamedTuple):
    """What a notebook tells of its lesson: the name that it gives, or the number in its cells."""

    name: str = ""
    number: int = 0  # 0: none, or more than one


def lesson_told(raw: bytes) -> LessonTold:
    """The lesson that a notebook is of, as far as it tells. UnreadableError.

    Colab, jupytext and others drop what a notebook says of itself. Then the marks of its cells tell
    (`L1-1-answer`), and where these are gone, too, the exercises that it checks.
    """
    document, _ = _document(raw)
    cells = _cells(document)
    kit = _dict(_dict(document.get("metadata")).get("attention_kit"))
    name = _text(kit.get("lesson"))[:_LONGEST_NAME]
    if name:
        return LessonTold(name)
    code = (cell.source for cell in cells if cell.kind == "code")
    signs = (
        (found for cell in cells for found in _MARK.findall(cell.grade_id)),
        (found for cell in cells for found in _MARK.findall(cell.id)),
        (found for source in code for found in _CHECK.findall(source)),
    )
    numbers = next(filter(None, ({int(number) for number in sign} for sign in signs)), set())
    return LessonTold(number=numbers.pop() if len(numbers) == 1 else 0)


def refuse_large(raw: bytes) -> None:
    """UnreadableError for a file that has more bytes than are read."""
    if len(raw) > MAX_BYTES:
        raise UnreadableError(
            f"the notebook has more than the {MAX_BYTES / 1e6:.0f} MB that are read; "
            "clear its outputs"
        )


def _document(raw: bytes) -> tuple[dict[str, Any], list[str]]:
    """What is in the file, and notes on how it was read."""
    refuse_large(raw)
    if not raw.strip():
        raise UnreadableError("the file is empty")
    if raw.count(b"[") + raw.count(b"{") > MAX_PARTS:
        raise UnreadableError("the notebook has far more parts than one has; clear its outputs")
    read = text_of(raw)
    notes = [*read.notes]
    try:
        document = _parsed(read.text)
    except ValueError:
        if is_code(read.text):
            raise UnreadableError("the file is Python code, no notebook") from None
        if not has_conflict(read.text):
            raise UnreadableError(
                "the file is not valid JSON: it may be cut off or damaged"
            ) from None
        merged = settled(read.text, _hold_the_same)
        document = _parsed(merged.text)
        notes += merged.notes
    if not isinstance(document, dict):
        raise UnreadableError("the file is JSON, but no notebook")
    return document, notes


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableError("the file is nested too deeply to be a notebook") from None


def _hold_the_same(one: str, other: str) -> bool:
    """Whether two texts are notebooks with the same cells, whatever outputs they show."""
    try:
        ours, theirs = (
            [(c.kind, c.grade_id, essence(c.kind, c.source)) for c in _cells(dict(_parsed(text)))]
            for text in (one, other)
        )
    except (TypeError, ValueError):
        return False
    return ours == theirs


def _are_alike(kind: str, one: str, other: str) -> bool:
    return essence(kind, one) == essence(kind, other)


def _cells(document: dict[str, Any]) -> list[Cell]:
    if isinstance(document.get("cells"), list):
        return [_cell(cell) for cell in _dicts(document["cells"])]
    if isinstance(document.get("worksheets"), list):  # format 3
        sheets = _dicts(document["worksheets"])
        cells = [cell for sheet in sheets for cell in _dicts(sheet.get("cells"))]
        _refuse_many(len(cells))
        return [_old_cell(cell) for cell in cells]
    raise UnreadableError("the file is JSON, but no notebook")


def _dicts(items: object) -> list[dict[str, Any]]:
    """The dicts in what should be a list of them. UnreadableError if there are too many things."""
    if not isinstance(items, list):
        return []
    _refuse_many(len(items))
    return [item for item in items if isinstance(item, dict)]


def _refuse_many(cells: int) -> None:
    if cells > MAX_CELLS:
        raise UnreadableError(f"the notebook has {cells} cells, more than {MAX_CELLS}")


def _cell(cell: dict[str, Any]) -> Cell:
    marks = _dict(_dict(cell.get("metadata")).get("nbgrader"))
    return Cell(
        _text(cell.get("cell_type")),
        _source(cell.get("source")),
        _text(marks.get("grade_id")),
        _text(cell.get("id")),
        tuple(_pictures(_dict(cell.get("attachments")))),
    )


def _pictures(attachments: dict[str, Any]) -> Iterator[Picture]:
    for name, bundle in attachments.items():
        for kind, data in _dict(bundle).items():
            picture = Picture(_text(name), _text(kind), "".join(_source(data).split()))
            if picture.is_sound():
                yield picture


def _old_cell(cell: dict[str, Any]) -> Cell:
    """A cell of format 3 as one of format 4: code was `input`, and headings had a kind."""
    kind = cell.get("cell_type")
    if kind == "code":
        return _cell({**cell, "source": cell.get("input")})
    if kind == "heading":
        level = cell.get("level")
        signs = "#" * (level if level in (1, 2, 3, 4, 5, 6) else 1)
        source = f"{signs} {' '.join(_source(cell.get('source')).splitlines())}"
        return _cell({**cell, "cell_type": "markdown", "source": source})
    return _cell({**cell, "cell_type": "markdown"} if kind == "html" else cell)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _source(value: object) -> str:
    """A cell's text, with line ends as everywhere here: a string, or a list of its lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return _text(value).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def _text(value: object) -> str:
    """A string that can be written to a file: half characters become question marks."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
