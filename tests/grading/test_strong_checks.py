"""The course's checks withstand automatic mutants and the case linter; `attn verify` says so."""

from __future__ import annotations

import functools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.authoring.build import AUTHOR_SEED
from autograder.authoring.lint import lint
from autograder.authoring.mutants import try_mutants
from autograder.authoring.verify import Row, Subject, subjects
from autograder.course import find_course

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
LESSON = Path("solutions", "01_doubling")
Verify = Callable[..., tuple[int, str]]


LESSONS = [f"L{folder.number}" for folder in find_course().lesson_folders()]
WITH_MODELS = "L8"  # each of its mutants builds a Keras model, which takes seconds


@functools.cache
def subjects_of(lesson: str) -> list[Subject]:
    return subjects(find_course(), [lesson])


def lessons() -> list[Any]:
    return [
        pytest.param(name, marks=[pytest.mark.exhaustive] * (name == WITH_MODELS))
        for name in LESSONS
    ]


@pytest.mark.parametrize(
    "each",
    [
        pytest.param(25, id="one in twenty-five"),
        pytest.param(1, id="all", marks=pytest.mark.exhaustive),
    ],
)
def test_no_mutant_of_the_course_survives_unexplained(each: int) -> None:
    """Of one exercise in twenty-five; who changes an exercise runs `attn verify` on it."""
    wanted = LESSONS if each == 1 else [name for name in LESSONS if name != WITH_MODELS]
    chosen = [subject for name in wanted for subject in subjects_of(name)][::each]
    rows = list(try_mutants(chosen, AUTHOR_SEED))
    assert [(row.exercise, row.variant, row.message) for row in rows if not row.ok] == []
    assert {row.exercise for row in rows} == {s.exercise.id for s in chosen}
    allowed = [row for row in rows if row.passed]
    assert all(row.message.startswith("allowed: ") for row in allowed)
    # an allow-list is for the few: equal answers, and examples that a learner's test may choose
    assert len(allowed) <= (0.08 if each == 1 else 0.2) * len(rows)


@pytest.mark.parametrize("lesson", lessons())
@pytest.mark.parametrize(
    "seed", [AUTHOR_SEED, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (2, 3))]
)
def test_no_case_of_the_course_hides_a_mistake(lesson: str, seed: int) -> None:
    found = lint(subjects_of(lesson), seed)
    assert [(row.exercise, row.variant, row.message) for row in found] == []


@pytest.fixture
def verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Verify:
    """Runs `attn verify …` on a copy of the small course, with one text of its lesson changed.

    Gives exit code and standard output.
    """

    def run(*arguments: str, old: str = "", new: str = "") -> tuple[int, str]:
        root = tmp_path / "course"
        shutil.copytree(MINI, root)
        (root / "lessons").mkdir(exist_ok=True)
        texts = {f: f.read_text(encoding="utf-8") for f in (root / LESSON).glob("*.py")}
        assert any(old in text for text in texts.values())
        for file, text in texts.items():
            file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        monkeypatch.setenv("ATTN_ROOT", str(root))
        monkeypatch.setattr(sys, "argv", ["attn", "verify", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0), capsys.readouterr().out

    return run


def test_rows_of_mutants_join_the_json(verify: Verify) -> None:
    code, out = verify("--json")
    rows = [Row(**row) for row in json.loads(out)]
    assert code == 0
    kinds = {row.kind for row in rows}
    assert kinds == {"reference", "stub", "right", "wrong", "blind", "mutant"}


def test_mutants_can_be_left_out(verify: Verify) -> None:
    code, out = verify("--json", "--no-mutants")
    assert code == 0
    assert "mutant" not in {row["kind"] for row in json.loads(out)}


def test_a_survivor_is_printed_with_its_diff_and_fails(verify: Verify) -> None:
    code, out = verify(old="return 2 * x_T", new="return abs(2) * x_T")
    assert code == 1
    assert "call dropped: `abs(2)` becomes `2`" in out
    assert "This mutant of the solution passes every check:" in out
    assert "    -    return abs(2) * x_T\n    +    return 2 * x_T\n" in out
    assert "1 surviving" in out


def test_a_finding_of_the_linter_fails(verify: Verify) -> None:
    code, out = verify("--json", old="call(strided(x_T)),", new="")
    (bad,) = [row for row in json.loads(out) if not row["ok"]]
    assert code == 1
    assert (bad["kind"], bad["exercise"]) == ("lint", "L1.1")
    assert "not contiguous" in bad["message"]


def test_a_stale_allowance_fails(verify: Verify) -> None:
    allowance = 'exercise.allow_mutant(after="return 3 * x_T", reason="None.")\n\n\n'
    first = "@exercise.right\ndef a_loop"
    code, out = verify("--json", old=first, new=allowance + first)
    (bad,) = [row for row in json.loads(out) if not row["ok"]]
    assert code == 1
    assert bad["kind"] == "stale"
