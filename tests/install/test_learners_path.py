"""A learner's way through a lesson, on any system: open it, write the answers, see that they hold.

No browser and no sandbox: this is what is promised on macOS and Windows too, where it is tried with
each push.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.authoring.lesson import read_lesson
from autograder.course import answer_cell, cell_name, find_course
from autograder.notebook_text import to_text
from tests.small_course import answered

LESSON = find_course().lesson(1)
EXERCISES = {cell_name(cell.name) for cell in read_lesson(LESSON.source).answers()}
ATTN = [sys.executable, "-m", "autograder.cli"]


@pytest.fixture(scope="module")
def solved() -> NotebookNode:
    """The notebook that is handed out, with the authors' answers in it."""
    released = nbformat.read(LESSON.released_notebook, as_version=4)
    answers = read_lesson(LESSON.source).answers()
    return answered(released, {answer_cell(cell.name): cell.source for cell in answers})


@pytest.mark.slow
@pytest.mark.exhaustive  # browser/test_course.py: lesson 1, solved; other systems run it
def test_all_cells_run_and_each_check_gives_its_points(
    solved: NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = tmp_path / "progress.jsonl"
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(progress))
    where = {"metadata": {"path": str(LESSON.released_notebook.parent)}}
    ran = NotebookClient(
        nbformat.from_dict(solved), timeout=600, kernel_name="python3", resources=where
    ).execute()
    marks = {cell.id: cell.metadata.get("nbgrader", {}) for cell in ran.cells}
    checks = [cell for cell in ran.cells if marks[cell.id].get("grade_id") in EXERCISES]
    assert len(checks) == len(EXERCISES) == 5
    for cell in checks:
        given = [output.data["text/plain"] for output in cell.outputs if "data" in output]
        assert float(given[-1]) == marks[cell.id]["points"], cell.id
    assert "L1.5" in progress.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.exhaustive  # grading/test_command_line.py; other systems run it
def test_attn_check_says_so_too(solved: NotebookNode, tmp_path: Path) -> None:
    file = tmp_path / "mine.ipynb"
    file.write_text(to_text(solved), "utf-8")
    done = subprocess.run(
        [*ATTN, "check", str(file), "--unsafe-no-sandbox", "--json"],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["status"], result["points"]) == ("graded", result["max_points"])
