"""Functions of earlier lessons: the learner's own where they pass, the course's otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attnkit import budget, earlier
from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import released_exercise

MERGE = """def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    return x_BHTK.swapaxes(1, 2).reshape(B, T, {width})"""
STUB = "def merge_heads(x_BHTK):\n    raise NotImplementedError()"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder of lessons, who is in lesson 9; nothing else is looked at."""
    (tmp_path / "09_looking_inside").mkdir()
    monkeypatch.chdir(tmp_path / "09_looking_inside")
    monkeypatch.setattr(earlier, "lessons_folder", lambda: tmp_path / "nowhere")
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def answers(course: Path, source: str) -> None:
    """The learner's lesson 6, in which L6.2 is answered so."""
    folder = course / "06_many_heads"
    folder.mkdir(exist_ok=True)
    cell = {"metadata": {"nbgrader": {"grade_id": "L6-2-answer"}}, "source": [source]}
    notebook = {"cells": [{"metadata": {}, "source": "# a text"}, cell]}
    (folder / "06_many_heads.ipynb").write_text(json.dumps(notebook))


@pytest.mark.parametrize(
    ("source", "own"),
    [
        (MERGE.format(width="H * K"), True),
        (MERGE.format(width="K * H + 1"), False),
        (STUB, False),
        ("def merge_heads(", False),
        ("merge_heads = 3", False),
    ],
)
def test_an_answer_counts_where_it_passes_its_checks(
    course: Path, capsys: pytest.CaptureFixture[str], source: str, own: bool
) -> None:
    answers(course, source)
    split_heads, merge_heads = earlier.yours("split_heads", "merge_heads")
    x_BTD = np.arange(24.0).reshape(1, 4, 6)
    assert np.array_equal(merge_heads(split_heads(x_BTD, 3)), x_BTD)
    assert (earlier.find("merge_heads") is not None) == own
    said = capsys.readouterr().out
    assert ("From your own notebooks: `merge_heads` (L6.2)" in said) == own
    assert "The course's own" in said
    assert "`split_heads` (L6.1)" in said


def test_while_a_grader_runs_it_all_are_the_courses(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(course, MERGE.format(width="H * K"))
    assert earlier.own_source("merge_heads")
    monkeypatch.setenv(budget.LIMIT, "3")
    assert earlier.own_source("merge_heads") == ""
    monkeypatch.setattr(earlier, "released_folder", lambda: Path("/nowhere"))  # as in a box
    assert earlier.yours("merge_heads") is earlier.the_courses("merge_heads")


@pytest.mark.parametrize("name", sorted(earlier._OWN))
def test_the_courses_own_functions_pass_the_checks_of_their_exercises(name: str) -> None:
    spec = released_exercise(earlier.exercise_of(name)[0])
    function = earlier.the_courses(name)
    assert judge(spec, wire.run_calls({name: function}, spec.wire_calls())).passed


def test_no_name_is_made_up() -> None:
    with pytest.raises(ValueError, match="no exercise"):
        earlier.exercise_of("split_hairs")
    with pytest.raises(ValueError, match="stand in"):
        earlier.the_courses("sinusoids")
