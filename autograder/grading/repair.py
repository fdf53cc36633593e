"""Rebuilding a submission from the released notebook.

A submission is data that may be damaged. The released notebook is the frame; only the learner's
answers are lifted into it, by id, then by content, and the learner's own extra cells are kept
where they stood. What was repaired is noted.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.boxes.box import plain_text
from autograder.course import answer_cell, exercise_of_cell
from autograder.grading.submissions import MAX_BYTES
from autograder.judging.key import LessonKey

MAX_CELLS = 2_000
MAX_PARTS = 1_000_000  # lists and dicts in the file: each takes more memory than two brackets

# What a file holds may take many times its size while it is looked through. One at a time, then:
# as Python reads JSON under its one lock, nothing is lost by it.
_reading = threading.Lock()


class UnreadableError(Exception):
    """The file holds no notebook that could be graded; the text is the reason."""


@dataclass
class Rebuilt:
    """The notebook to run, which cell answers what, and what had to be mended."""

    notebook: NotebookNode
    answers: dict[str, int]  # exercise id -> index of its answer cell
    repairs: list[str] = field(default_factory=list)


def read_notebook(raw: bytes) -> list[dict[str, Any]]:
    """The cells of a submitted file, as plain dicts with `cell_type`, `source`, `metadata`, `id`.

    UnreadableError says in a few words why there are none.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableError(
            f"the notebook has more than the {MAX_BYTES / 1e6:.0f} MB that are read; "
            "clear its outputs"
        )
    if not raw.strip():
        raise UnreadableError("the file is empty")
    if raw.count(b"[") + raw.count(b"{") > MAX_PARTS:
        raise UnreadableError("the notebook has far more parts than one has; clear its outputs")
    with _reading:
        return _plain_cells(raw)


def _plain_cells(raw: bytes) -> list[dict[str, Any]]:
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableError("the file is not UTF-8 text, so it is no notebook") from None
    except ValueError:
        raise UnreadableError("the file is not valid JSON: it may be cut off or damaged") from None
    except RecursionError:
        raise UnreadableError("the file is nested too deeply to be a notebook") from None
    if not isinstance(data, dict):
        raise UnreadableError("the file is JSON, but no notebook")
    if "worksheets" in data:
        _refuse_many(sum(len(sheet.get("cells", ())) for sheet in _dicts(data["worksheets"])))
        try:
            data = nbformat.reads(json.dumps(data), as_version=4)
        except Exception:
            raise UnreadableError("the notebook's old format (3) can't be converted") from None
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError("the file is JSON, but no notebook")
    _refuse_many(len(cells))
    return [_plain_cell(cell) for cell in _dicts(cells)]


def _refuse_many(cells: int) -> None:
    if cells > MAX_CELLS:
        raise UnreadableError(f"the notebook has {cells} cells, more than {MAX_CELLS}")


def _dicts(items: object) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _plain_cell(cell: dict[str, Any]) -> dict[str, Any]:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return {
        "cell_type": _text(cell.get("cell_type")),
        "source": _text(source).replace("\x00", ""),
        "grade_id": _text(marks.get("grade_id")) if isinstance(marks, dict) else "",
        "id": _text(cell.get("id")),
    }


def _text(value: object) -> str:
    """A string that can be written to a file: half characters become question marks."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def lesson_of(raw: bytes, lessons: Sequence[str]) -> str | None:
    """Which of these lessons a notebook says it is of, None if it doesn't; UnreadableError."""
    read_notebook(raw)
    metadata = json.loads(raw.decode("utf-8-sig")).get("metadata")
    kit = metadata.get("attention_kit") if isinstance(metadata, dict) else None
    name = kit.get("lesson") if isinstance(kit, dict) else None
    return name if name in lessons else None


def rebuild(raw: bytes, key: LessonKey) -> Rebuilt:
    """Lift the answers of a submitted file into the lesson's released notebook.

    UnreadableError if the file holds no notebook, or nothing of this lesson.
    """
    cells = read_notebook(raw)
    release = key.release
    placed = _match(cells, release)
    repairs: list[str] = []
    answers: dict[str, str] = {}
    for node in release.cells:
        marks = node.metadata.get("nbgrader", {})
        if marks.get("solution"):
            source = _answer(node, cells, placed, key, repairs)
            if source is not None:
                answers[node.id] = source
    if not placed and not answers:
        raise UnreadableError("it is a notebook, but not of this lesson")
    notebook = nbformat.from_dict({**release, "cells": []})
    extras = _extras(cells, placed, release, repairs)
    for node in [None, *release.cells]:
        if node is not None:
            copy = nbformat.from_dict(node)
            copy.source = answers.get(node.id, node.source)
            notebook.cells.append(copy)
        for extra in extras.get(node.id if node is not None else "", []):
            notebook.cells.append(extra)
    exercise_of = {answer_cell(spec_id): spec_id for spec_id in key.visible}
    positions = {
        exercise_of[cell.id]: i for i, cell in enumerate(notebook.cells) if cell.id in exercise_of
    }
    return Rebuilt(notebook, positions, repairs)


def _match(cells: list[dict[str, Any]], release: NotebookNode) -> dict[int, str]:
    """Which submitted cell is which released one: by grade id, by cell id, by equal text."""
    graded = {c.metadata.nbgrader.grade_id: c.id for c in release.cells if "nbgrader" in c.metadata}
    ids = {c.id for c in release.cells}
    sources: dict[tuple[str, str], str] = {(c.cell_type, c.source): c.id for c in release.cells}
    placed = {}
    for i, cell in enumerate(cells):
        if cell["grade_id"] in graded:
            placed[i] = graded[cell["grade_id"]]
        elif cell["id"] in ids:
            placed[i] = cell["id"]
        elif (cell["cell_type"], cell["source"]) in sources and cell["source"].strip():
            placed[i] = sources[(cell["cell_type"], cell["source"])]
    return placed


def _answer(
    node: NotebookNode,
    cells: list[dict[str, Any]],
    placed: dict[int, str],
    key: LessonKey,
    repairs: list[str],
) -> str | None:
    """The learner's text for one answer cell, or None if there is none to be found."""
    name = _readable(node.id)
    candidates = [i for i, where in placed.items() if where == node.id]
    if len(candidates) > 1:
        repairs.append(
            f"{name}: the answer cell was there {len(candidates)} times; the last counts"
        )
    if candidates:
        cell = cells[candidates[-1]]
        if cell["cell_type"] != node.cell_type:
            repairs.append(
                f"{name}: the answer cell had become a {plain_text(cell['cell_type'], 20)} cell"
            )
        return str(cell["source"])
    if node.cell_type == "code":
        functions = set(key.visible[exercise_of_cell(node.id)].functions)
        for i in reversed(range(len(cells))):
            if i not in placed and functions & _defined(cells[i]):
                placed[i] = node.id
                repairs.append(f"{name}: the answer was found in a cell without its mark")
                return str(cells[i]["source"])
    else:
        behind = _behind_question(node, cells, placed, key.release)
        if behind is not None:
            placed[behind] = node.id
            repairs.append(f"{name}: the answer was found behind its question, without its mark")
            return str(cells[behind]["source"])
    repairs.append(f"{name}: the answer cell was missing")
    return None


def _behind_question(
    node: NotebookNode, cells: list[dict[str, Any]], placed: dict[int, str], release: NotebookNode
) -> int | None:
    """The unplaced prose cell that stands where a free-text answer belongs, if there is one."""
    ids = [cell.id for cell in release.cells]
    before = ids[ids.index(node.id) - 1]
    for i, where in placed.items():
        after = i + 1
        if where == before and after < len(cells) and after not in placed:
            return after if cells[after]["cell_type"] == "markdown" else None
    return None


def _extras(
    cells: list[dict[str, Any]],
    placed: dict[int, str],
    release: NotebookNode,
    repairs: list[str],
) -> dict[str, list[NotebookNode]]:
    """The learner's own cells, by the id of the released cell after which they stand.

    A given cell that was changed counts as an own cell behind the original: an import added there
    is still made. A changed check cell is dropped: the judge does not need it.
    """
    originals = {c.id: c for c in release.cells}
    extras: dict[str, list[NotebookNode]] = {}
    anchor = ""
    number = 0
    for i, cell in enumerate(cells):
        where = placed.get(i)
        if where is not None:
            anchor = where
            original = originals[where]
            marks = original.metadata.get("nbgrader", {})
            if marks.get("solution") or cell["source"] == original.source:
                continue
            if marks:
                repairs.append(
                    f"{_readable(where)}: the check cell had been changed; ours was used"
                )
                continue
            if original.cell_type != "code":
                continue
        if cell["cell_type"] not in ("code", "markdown") or not cell["source"].strip():
            continue
        number += 1
        new = (
            nbformat.v4.new_code_cell
            if cell["cell_type"] == "code"
            else (nbformat.v4.new_markdown_cell)
        )
        extras.setdefault(anchor, []).append(new(cell["source"], id=f"own-{number}"))
    return extras


def _defined(cell: dict[str, Any]) -> set[str]:
    """Names of the functions that a code cell defines, by its text: parsers can be overthrown."""
    if cell["cell_type"] != "code":
        return set()
    return set(re.findall(r"^(?:async )?def +(\w+)", cell["source"], re.MULTILINE))


def _readable(cell_id: str) -> str:
    return exercise_of_cell(cell_id) if cell_id.endswith("-answer") else cell_id
