"""A given cell is the given cell, whatever editors and formatters do to its look.

Protects minutes, for the course's own trainings do not run then, and learners from reading that
they changed what they did not.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import find_course
from autograder.grading.one_notebook import visible_key
from autograder.grading.repair import answered_by_hand, assemble, frame_of
from autograder.judging.key import LessonKey
from autograder.reading.lift import Frame, lift

Notebook = dict[str, Any]


def on_windows(source: str) -> str:
    return source.replace("\n", "\r\n")


def on_an_old_mac(source: str) -> str:
    return source.replace("\n", "\r")


def with_blanks(source: str) -> str:
    return "\n" + re.sub(r"(?m)$", "  ", source) + "\n\n \n"


def without_end(source: str) -> str:
    return source.rstrip()


LOOKS: tuple[Callable[[str], str], ...] = (on_windows, on_an_old_mac, with_blanks, without_end)


@pytest.fixture(scope="module")
def lessons() -> dict[str, tuple[LessonKey, Frame, Notebook]]:
    course = find_course()
    found = {}
    for folder in course.lesson_folders():
        key = visible_key(folder)
        released = json.loads(folder.released_notebook.read_text("utf-8"))
        found[folder.name] = key, frame_of(key), released
    return found


def is_as_given(key: LessonKey, frame: Frame, notebook: Notebook) -> None:
    lifted = lift(json.dumps(notebook).encode(), frame)
    assert not [cell.text for cell in lifted.cells if not cell.given]
    assert not lifted.repairs
    by_hand = answered_by_hand(assemble(lifted, key).notebook, key.release)
    assert not any(by_hand.values())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_what_editors_do_changes_no_cell(
    lessons: dict[str, tuple[LessonKey, Frame, Notebook]], look: Callable[[str], str]
) -> None:
    for key, frame, released in lessons.values():
        cells = [{**cell, "source": look("".join(cell["source"]))} for cell in released["cells"]]
        is_as_given(key, frame, {**released, "cells": cells})


def test_what_a_formatter_does_changes_no_cell(
    lessons: dict[str, tuple[LessonKey, Frame, Notebook]], tmp_path: Path
) -> None:
    for name, (_, _, released) in lessons.items():
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(released), "utf-8")
    style = ["--config", "format.quote-style='single'", "--config", "line-length=60", "--isolated"]
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", *style, tmp_path], check=True, capture_output=True)
    changed = 0
    for name, (key, frame, released) in lessons.items():
        formatted = json.loads((tmp_path / f"{name}.ipynb").read_text("utf-8"))
        changed += formatted["cells"] != released["cells"]
        is_as_given(key, frame, formatted)
        for cell in formatted["cells"]:  # by a tool that keeps neither marks nor ids
            cell.pop("id", None)
            cell["metadata"] = {}
        lifted = lift(json.dumps(formatted).encode(), frame)
        assert not [cell.text for cell in lifted.cells if cell.kind == "code" and not cell.given]
    assert changed == len(lessons)


@pytest.mark.parametrize(
    "changed",
    [
        lambda source: source + "\nx = 1",
        lambda source: source.replace("import", "import math, ", 1),
        lambda source: source.replace("0", "1"),
        lambda source: "%time\n" + source,
        lambda source: "# all mine",
    ],
)
def test_a_real_change_is_one(
    lessons: dict[str, tuple[LessonKey, Frame, Notebook]], changed: Callable[[str], str]
) -> None:
    _, frame, released = lessons["01_attention_scores"]
    cells = [{**cell, "source": "".join(cell["source"])} for cell in released["cells"]]
    given = next(
        cell
        for cell in cells
        if cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]
        if changed(cell["source"]) != cell["source"]
    )
    given["source"] = changed(given["source"])
    lifted = lift(json.dumps({**released, "cells": cells}).encode(), frame)
    assert [cell.text for cell in lifted.cells if not cell.given] == [given["source"]]
