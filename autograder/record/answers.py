"""What a graded notebook holds as the answer to an exercise or a question: all of its parts.

An answer may stand in several cells. The one that takes the place of the released cell bears its
id; the others are the learner's own cells, which say whose part they are.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from nbformat import NotebookNode

_OURS, _PART_OF, _UNWRITTEN = "attention_kit", "part_of", "unwritten"


def mark_part(cell: NotebookNode, answer: str) -> None:
    """Let an own cell say that it belongs to the answer with that cell id."""
    cell.metadata[_OURS] = {_PART_OF: answer}


def mark_unwritten(cell: NotebookNode) -> None:
    """Let a released cell say that its answer stands in other cells only."""
    cell.metadata[_OURS] = {_UNWRITTEN: True}


def part_of(cell: NotebookNode) -> str:
    """The id of the answer cell that an own cell belongs to, "" if to none."""
    return str(_ours(cell).get(_PART_OF, ""))


def answers_in(notebook: NotebookNode) -> dict[str, str]:
    """The text of each cell by its id; an answer's with all its parts, in their order."""
    found: dict[str, list[str]] = {}
    for cell in notebook.cells:
        text = "" if _UNWRITTEN in _ours(cell) else cell.source
        found.setdefault(part_of(cell) or cell.get("id", ""), []).append(text)
    return {name: "\n\n".join(filter(str.strip, texts)) for name, texts in found.items()}


def pictures_in(notebook: NotebookNode) -> Counter[str]:
    """How many pictures were pasted into each text by its cell's id, with an answer's parts."""
    found: Counter[str] = Counter()
    for cell in notebook.cells:
        found[part_of(cell) or cell.get("id", "")] += len(cell.get("attachments", ()))
    return found


def _ours(cell: NotebookNode) -> dict[str, Any]:
    ours = cell.metadata.get(_OURS)
    return ours if isinstance(ours, dict) else {}
