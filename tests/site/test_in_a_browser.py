"""The browser edition works in a browser that has nothing else: no network, no server's Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course import find_course
from autograder.site import contents
from tests.site.test_contents import bytes_of
from tests.site.visit import MIRROR, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSONS = [one for one in contents.lessons_of(find_course()) if one.runs_here]


@pytest.fixture(scope="module")
def seen(site: Path, browser_path: Path) -> dict[str, Any]:
    """Lesson 1, visited twice."""
    return visiting(site, "first")


def test_nothing_is_asked_for_outside_and_nothing_goes_wrong(seen: dict[str, Any]) -> None:
    assert seen["outside"] == []
    assert seen["errors"] == []
    assert seen["troubles"] == []
    assert seen["said"] == ""  # no library reports on itself


def test_a_mistake_is_named_and_right_answers_pass(seen: dict[str, Any]) -> None:
    assert "behaves as if you divided by the number of words T." in seen["wrong"]
    assert "L1.1 · A weighted mean: 4 of 4 points" in seen["right"]
    assert "L1.2 · Scores for all words at once: 0 of 5 points" in seen["waits"]


def test_a_slider_moves_the_learners_own_picture(seen: dict[str, Any]) -> None:
    (before, picture), (after, other) = seen["slider"]["before"], seen["slider"]["after"]
    assert "z lies at" in before
    assert "z lies at" in after
    assert before != after
    assert picture != other


def test_the_next_day_answers_outputs_points_and_predictions_are_there(
    seen: dict[str, Any],
) -> None:
    kept = seen["kept"]
    assert "return s_T @ x_TD, s_T" in kept["answer"]
    assert "4 of 4 points" in kept["output"]
    assert "22 of 27 points, 4 of 5 exercises" in kept["map"]
    assert kept["prediction"] == "It sinks."


def test_its_notebook_is_graded_as_it_is(seen: dict[str, Any], tmp_path: Path) -> None:
    """Protects handing in: a file from the browser, through the same `attn grade` as any other."""
    notebook = tmp_path / "01_attention_scores.ipynb"
    notebook.write_text(json.dumps(seen["notebook"]), encoding="utf-8")
    command = [sys.executable, "-m", "autograder.cli", "grade", str(notebook), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [row] = json.loads(done.stdout)
    assert (row["points"], row["max_points"]) == (22, 27), done.stdout


# its twins: lesson 1 above, and what test_contents.py knows of such a site
@pytest.mark.exhaustive
def test_pythons_files_may_come_from_a_mirror(
    pyodide_folder: Path, browser_path: Path, tmp_path: Path
) -> None:
    from autograder.site import whole

    wanted = whole.Wanted(tmp_path / "pages", (MIRROR,), book=False)
    whole.build(find_course(), wanted, lambda _: None)
    seen = visiting(wanted.out, "mirror", str(pyodide_folder))
    assert "behaves as if you divided by the number of words T." in seen["wrong"]
    assert (seen["said"], seen["outside"], seen["errors"]) == ("", [], [])
    assert {"pyodide.js", "pyodide.asm.wasm", "python_stdlib.zip"} <= set(seen["fetched"])
    assert any(name.startswith("numpy-") for name in seen["fetched"])
    assert not any("attnkit" in name for name in seen["fetched"])


# its twin: test_contents.py builds the parts that are ours twice
@pytest.mark.exhaustive
def test_a_whole_site_is_the_same_bytes_twice(
    site: Path, pyodide_folder: Path, tmp_path: Path
) -> None:
    from autograder.site import whole

    wanted = whole.Wanted(tmp_path / "again", (str(pyodide_folder),), book=False)
    whole.build(find_course(), wanted, lambda _: None)
    one, other = bytes_of(site), bytes_of(tmp_path / "again")
    assert one.keys() == other.keys()
    assert [name for name, data in one.items() if data != other[name]] == []


# their twins: lesson 1 above, and what these import and name of Keras in test_contents.py
@pytest.mark.exhaustive
@pytest.mark.parametrize("label", [lesson.folder.label for lesson in LESSONS])
def test_a_solved_lesson_runs_to_its_end(label: str, site: Path, browser_path: Path) -> None:
    seen = visiting(site, label)
    assert seen["troubles"] == []
    assert seen["errors"] == []
    assert seen["outside"] == []
    folder = find_course().lesson(label)
    text = folder.released_notebook.read_text("utf-8")
    assert (seen["labels"] > 0) == ("import keras" in text)  # the stand-in says what it is
    [lesson] = [one for one in LESSONS if one.folder.label == label]
    told = json.loads((find_course().released / "course.json").read_text("utf-8"))["lessons"]
    points = sum(
        exercise["points"]
        for entry in told
        if entry.get("path") == lesson.path
        for exercise in entry["exercises"]
    )
    assert f"{points} of {points} points" in seen["map"]


# its twin: every panel of the gallery is drawn in tests/unit, and lesson 1 above shows one here
@pytest.mark.exhaustive
def test_the_gallery_runs_to_its_end(site: Path, browser_path: Path) -> None:
    seen = visiting(site, "99_gallery.ipynb")
    assert (seen["troubles"], seen["errors"], seen["outside"]) == ([], [], [])
    assert seen["panels"] > 20
