"""A lesson's solved notebook runs to its end, unwarned, with full marks.

Here in boxes of one warm sandbox, where a kernel's start and its imports cost nothing and a
training stops after a moment; in kernels and in a browser's JupyterLab with `make test-all`.
"""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from autograder.authoring.build import build_lesson
from autograder.authoring.build_proofs import problems_of_solved
from autograder.boxes.box import Limits
from autograder.boxes.maker import BoxMaker, open_boxes
from autograder.course import LessonFolder, find_course
from autograder.errors import AttnError

IN_EVERY_RUN = (1, 2)  # all others run nightly
WITH_MODELS = 8  # which `authoring/test_build.py` runs with all others in `make test-all`
LIMITS = Limits(cell_seconds=120.0, submission_seconds=600.0, everything=True)


@pytest.fixture(scope="module")
def boxes() -> Iterator[BoxMaker]:
    """A maker of boxes in which checks work, as in a learner's kernel."""
    try:
        maker = open_boxes(LIMITS, with_checks=True)
    except AttnError as error:
        pytest.skip(str(error))
    with maker:
        yield maker


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(
            folder,
            id=folder.name,
            marks=[] if folder.number in IN_EVERY_RUN else pytest.mark.exhaustive,
        )
        for folder in find_course().lesson_folders()
        if folder.number != WITH_MODELS
    ],
)
def test_a_solved_lesson_runs_to_its_end_with_full_marks(
    folder: LessonFolder, boxes: BoxMaker
) -> None:
    notebook = build_lesson(folder).source
    box = boxes.open()
    try:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                result = box.run_cell(cell.source)
                assert result.status in ("ok", "error"), (cell.source, result.reason)
                cell.outputs = [nbformat.from_dict(output) for output in result.outputs]
    finally:
        box.close()
    assert problems_of_solved(notebook, folder) == []
