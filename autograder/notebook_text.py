"""A notebook as it is written to disk: the same bytes for the same notebook."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode


def to_text(notebook: NotebookNode) -> str:
    """The text of a valid notebook, its keys in one order and one newline at its end."""
    nbformat.validate(notebook)
    text: str = nbformat.v4.writes(notebook)  # nbformat.writes would validate it again
    return text.rstrip("\n") + "\n"
