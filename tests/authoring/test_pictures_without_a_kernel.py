"""A notebook that was run, where no kernel is: good pictures, and how to bring them to life."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from autograder.authoring import build_proofs
from autograder.authoring.build import build_page
from autograder.course import find_course

COURSE = find_course()
COMMITTED = sorted(COURSE.lessons.glob("**/[0-9]*.ipynb"))


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: file.stem)
def test_no_notebook_of_the_course_carries_widget_state_or_outputs(file: Path) -> None:
    """Saved state makes nbconvert and code hosts show nothing at all in place of a picture."""
    notebook = nbformat.read(file, as_version=4)
    assert "widgets" not in notebook.metadata
    assert [cell.id for cell in notebook.cells if cell.get("outputs")] == []


@pytest.fixture(scope="module")
def gallery() -> nbformat.NotebookNode:
    """The gallery, run from its first cell to its last."""
    page = build_page(COURSE.solutions / "99_gallery.py")
    return build_proofs.run_notebook(page, COURSE.lessons, COURSE.released)


@pytest.mark.slow
@pytest.mark.exhaustive  # unit/test_panels.py: a picture without a kernel, panel by panel
def test_every_panel_leaves_a_picture_with_its_sentence(gallery: nbformat.NotebookNode) -> None:
    panels = 0
    for cell in gallery.cells:
        views = [o.get("data", {}) for o in cell.get("outputs", [])]
        assert not [o for o in cell.get("outputs", []) if o.output_type == "error"], cell.source
        if not any("application/vnd.jupyter.widget-view+json" in data for data in views):
            continue
        still, live = views
        assert still["image/png"]
        assert len(still["text/plain"]) > 20
        assert html.escape(still["text/plain"]) in still["text/html"]
        assert live["text/plain"] == "Run this cell to move the sliders."
        panels += 1
    assert panels == 16


@pytest.mark.slow
@pytest.mark.exhaustive  # unit/test_panels.py: a picture without a kernel, panel by panel
def test_nbconvert_shows_every_picture_and_fetches_no_widget(
    gallery: nbformat.NotebookNode,
) -> None:
    gallery.metadata.pop("widgets", None)  # as saved by JupyterLab, and as committed
    page, _ = HTMLExporter().from_notebook_node(gallery)
    images = re.findall(r'<img\b[^>]* src="data:image/png;base64,[^>]*>', page)
    stills = re.findall(r'alt="([^"]+)"', " ".join(images))
    assert len(stills) == len(images)
    assert len(stills) == 16 + 3  # panels, and lesson 1's three drawings
    assert all(html.unescape(sentence).strip().endswith(".") for sentence in stills)
    assert page.count("Run this cell to move the sliders.") >= 16
    assert "application/vnd.jupyter.widget-view+json" not in page
