"""What a graded notebook holds as the answer to an exercise or a question: all of its parts.

An answer may stand in several cells. The one that takes the place of the released cell bears its
id; the others are the learner's own cells, which say whose part they are.
"""

from __future__ import annotations

from nbformat import NotebookNode

_OURS, _PART_OF = "attention_kit", "part_of"


def mark_part(cell: NotebookNode, answer: str) -> None:
    """Let an own cell say that it belongs to the answer with that cell id."""
    cell.metadata[_OURS] = {_PART_OF: answer}


def part_of(cell: NotebookNode) -> str:
    """The id of the answer cell that an own cell belongs to, "" if to none."""
    ours = cell.metadata.get(_OURS)
    return str(ours.get(_PART_OF, "")) if isinstance(ours, dict) else ""


def answers_in(notebook: NotebookNode) -> dict[str, str]:
    """The text of each cell by its id; an answer's with all its parts, in their order."""
    found: dict[str, list[str]] = {}
    for cell in notebook.cells:
        found.setdefault(part_of(cell) or cell.get("id", ""), []).append(cell.source)
    return {name: "\n\n".join(filter(str.strip, texts)) for name, texts in found.items()}
