"""A lesson as it looks when it has been run, solved, with its stubs where answers stood.

Outputs come of the solutions, so every later one has a meaning; of the checks they are the visible
ones. Nothing hidden is in it. A run is kept in the user's cache until the lesson, the kit or a
library is another one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

import nbformat
from attnkit.cache import cached, digest
from nbformat import NotebookNode

from autograder.authoring.build_proofs import problems_of_run, run_notebook
from autograder.authoring.lesson import BEGIN_SOLUTION, END_SOLUTION, read_lesson
from autograder.course import LessonFolder
from autograder.errors import AttnError
from autograder.notebook_text import to_text
from autograder.versions import code, libraries

WIDGET = "application/vnd.jupyter.widget-view+json"
_OF_ONE_RUN = re.compile(r'<div class="attnkit-static-\w+">')  # a panel's name for its picture
_MARKS = re.compile(rf"^\s*(?:{re.escape(BEGIN_SOLUTION)}|{re.escape(END_SOLUTION)}).*\n?", re.M)


def solutions_of(folder: LessonFolder) -> dict[str, str]:
    """The author's answers by the ids of their cells, without the marks around them."""
    return {
        cell.grade_id: _MARKS.sub("", cell.source).rstrip()
        for cell in read_lesson(folder.source).cells
        if cell.role == "answer"
    }


def released(folder: LessonFolder) -> NotebookNode:
    """The notebook as it is handed out. AttnError if it hasn't been built."""
    return nbformat.reads(folder.released_text(), as_version=4)


def run_solved(folder: LessonFolder) -> NotebookNode:
    """The released notebook with the outputs that its solutions give, and its own stubs.

    AttnError if it hasn't been built, or a cell fails.
    """
    asked = released(folder)
    answers = solutions_of(folder)
    solved = nbformat.from_dict(asked)
    for cell in solved.cells:
        cell.source = answers.get(cell.id, cell.source)
    done = _kept_run(solved, folder.released_notebook, folder.course.released)
    stubs = {cell.id: cell.source for cell in asked.cells}
    for cell in done.cells:
        cell.source = stubs[cell.id]
    return done


def run_page(file: Path, released: Path) -> NotebookNode:
    """A page without exercises, run. AttnError if a cell fails."""
    return _kept_run(nbformat.read(file, as_version=4), file, released)


def _kept_run(notebook: NotebookNode, file: Path, released: Path) -> NotebookNode:
    name = digest(f"{code()} {libraries()}", [to_text(notebook)])
    return cached(
        f"book/{name}.ipynb",
        lambda: _run(notebook, file, released),
        lambda kept: nbformat.read(kept, as_version=4),
        _write,
    )


def _run(notebook: NotebookNode, file: Path, released: Path) -> NotebookNode:
    done = run_notebook(notebook, file.parent, released, {"ATTNKIT_PICTURES": "themed"})
    problems = problems_of_run(done)
    if problems:
        raise AttnError(f"{file.name} doesn't run to its end, so it can't be shown: {problems[0]}.")
    for cell in done.cells:
        cell.metadata.pop("execution", None)  # when it ran
        if cell.cell_type == "code":
            cell.outputs = [still for still in cell.outputs if WIDGET not in still.get("data", {})]
            for output in cell.outputs:
                _settle(output)
    done.metadata.pop("widgets", None)
    return done


def _settle(output: NotebookNode) -> None:
    """Of a figure's HTML and PNG the HTML stays, which can be read aloud; names of one run go."""
    data = output.get("data", {})
    if "text/html" in data:
        data.pop("image/png", None)
        data["text/html"] = _OF_ONE_RUN.sub("<div>", data["text/html"])


def _write(notebook: NotebookNode, out: IO[bytes]) -> None:
    out.write(nbformat.writes(notebook).encode())
