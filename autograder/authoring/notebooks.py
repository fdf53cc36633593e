"""From a lesson's cells to nbgrader's source notebook, and through nbgrader to the released one."""

from __future__ import annotations

import base64
import bz2
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping

import nbformat
from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode
from nbgrader.converters.generate_assignment import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum

from autograder.authoring.lesson import Lesson, LessonCell

SCHEMA_VERSION = 3  # of nbgrader's cell metadata
# The last line of a graded cell, nbgrader's partial credit. The name is the lesson's to choose: an
# exercise may be about a function called `report`.
REPORT_POINTS = re.compile(r"(\w+)\.points")


def source_notebook(
    lesson: Lesson, points: Mapping[str, int], hidden: Mapping[str, ExerciseSpec]
) -> NotebookNode:
    """nbgrader's source notebook: solutions and hidden tests inside.

    `points` and `hidden` go by exercise id. The hidden tests serve stock nbgrader; the judge of
    `attn grade` never puts them into a notebook.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.nbformat_minor = 5
    notebook.metadata = nbformat.from_dict(
        {
            "attention_kit": {"lesson": lesson.file.stem},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )
    seen: Counter[str] = Counter()
    for cell in lesson.cells:
        node = _cell_node(cell, points, hidden)
        node.id = _cell_id(cell, seen)
        notebook.cells.append(node)
    return notebook


def _cell_node(
    cell: LessonCell, points: Mapping[str, int], hidden: Mapping[str, ExerciseSpec]
) -> NotebookNode:
    source = cell.source
    if cell.role == "check":
        source = _with_hidden_tests(source, hidden[cell.name])
    new = nbformat.v4.new_code_cell if cell.is_code else nbformat.v4.new_markdown_cell
    node = new(source)
    if cell.role in ("answer", "check", "manual"):
        marks: dict[str, object] = {
            "schema_version": SCHEMA_VERSION,
            "grade_id": cell.grade_id,
            "grade": cell.role in ("check", "manual"),
            "solution": cell.role in ("answer", "manual"),
            "locked": cell.role == "check",
            "task": False,
        }
        if cell.role == "check":
            marks["points"] = points[cell.name]
        if cell.role == "manual":
            marks["points"] = cell.points
        node.metadata = nbformat.from_dict({"nbgrader": marks})
    return node


def _with_hidden_tests(source: str, spec: ExerciseSpec) -> str:
    """Put the hidden tests before the line that gives the points."""
    lines = source.rstrip().split("\n")
    last = REPORT_POINTS.fullmatch(lines[-1].strip())
    name = last[1] if last else "report"
    return "\n".join(
        [
            *(lines[:-1] if last else lines),
            "### BEGIN HIDDEN TESTS",
            f'{name} = {name}.with_hidden("{pack(spec)}")',
            "### END HIDDEN TESTS",
            f"{name}.points",
        ]
    )


def _cell_id(cell: LessonCell, seen: Counter[str]) -> str:
    """A stable id: the grade id where there is one, else a digest of the cell's text."""
    if cell.name:
        return cell.grade_id
    digest = hashlib.sha256(f"{cell.role}\n{cell.source}".encode()).hexdigest()[:8]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def released_notebook(source: NotebookNode, name: str) -> NotebookNode:
    """What nbgrader's `generate_assignment` makes of the source notebook.

    Its own preprocessors run, in its own order; only the one that writes the cells into a
    gradebook is left out.
    """
    notebook = nbformat.from_dict(source)
    resources = {"nbgrader": {"assignment": name, "notebook": name, "student": "."}}
    for preprocessor in GenerateAssignment.preprocessors.default_args[0]:
        if preprocessor is not SaveCells:
            notebook, resources = preprocessor().preprocess(notebook, resources)
    return notebook


def has_learner_work(notebook: NotebookNode) -> bool:
    """Whether somebody has run cells of a released notebook or changed its answer cells."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and (cell.get("outputs") or cell.get("execution_count")):
            return True
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution") and marks.get("checksum") != compute_checksum(cell):
            return True
    return False


def pack(spec: ExerciseSpec) -> str:
    """Hidden checks as one line of text for a hidden-tests region."""
    raw = json.dumps(spec.to_json(), sort_keys=True, separators=(",", ":")).encode()
    return base64.b64encode(bz2.compress(raw)).decode()
