"""What SERVICE.md and the class's page say of files and fields is so; the example is a workflow."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import yaml
from attnkit.checking.verdict import CheckVerdict, FunctionVerdict

import autograder
from autograder.course import find_course
from autograder.exporting.gradescope import results_of
from autograder.judging.results import SubmissionResult
from autograder.record.late import LatePolicy, read_policy
from autograder.service import grade
from tests.command_lines import blocks

AUTOGRADER = Path(autograder.__path__[0])
SERVICE = AUTOGRADER / "SERVICE.md"
CLASSROOM = AUTOGRADER / "classroom" / "README.md"
WORKFLOW = AUTOGRADER / "examples" / "classroom-workflow.yml"


def workflow() -> dict[Any, Any]:
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))


def test_the_workflow_is_one() -> None:
    data = workflow()
    triggers = data[True]  # YAML 1.1 reads `on` so
    assert set(triggers) == {"push", "workflow_dispatch"}
    assert data["permissions"] == {"contents": "read"}
    steps = data["jobs"]["grade"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    # the secret is in the environment of one step, never in a command line
    assert [step["name"] for step in steps if "secrets." in str(step)] == ["Grade"]
    assert all("secrets." not in step.get("run", "") for step in steps)


def test_the_containerfile_installs_as_the_readme_does() -> None:
    [text] = blocks(SERVICE, "dockerfile")
    root = find_course().root
    readme = (root / "README.md").read_text("utf-8")
    for line in re.findall(r"pip install --no-cache-dir (.*?)(?: \\)?$", text, flags=re.M):
        assert line.replace("/", "\\") in readme or line in readme
        for name in re.findall(r"-r (\S+)", line):
            assert (root / name).is_file()


def test_the_fields_of_the_json_are_those_on_the_page() -> None:
    result = grade(1, b"{}", hidden_seed=1)
    page = SERVICE.read_text("utf-8")
    part = page[page.index("## What the JSON holds") : page.index("## In Gradescope")]
    rows = {name for cell in re.findall(r"^\| (`.*?) \|", part, flags=re.M) for name in names(cell)}
    exercise = result.to_json()["exercises"][0]
    assert rows == set(result.to_json()) | set(exercise)
    for part, kind in (("checks", CheckVerdict), ("functions", FunctionVerdict)):
        (told,) = re.findall(rf"^\| `{part}` \| (.*) \|$", page, flags=re.M)
        assert set(names(told)) == {field.name for field in dataclasses.fields(kind)}


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_a_result_without_a_gradebook_counts_its_own_points() -> None:
    result = SubmissionResult("ada", "01_x", "graded", "", (), manual={"L1-why": True})
    assert results_of(result)["score"] == 0
    assert "A person has still to mark" in results_of(result)["output"]


def test_the_policy_on_the_page_is_one(tmp_path: Path) -> None:
    [text] = blocks(CLASSROOM, "toml")
    (tmp_path / "class.toml").write_text(text, encoding="utf-8")
    assert read_policy(tmp_path) == LatePolicy(15, 10, "day", 50, "achieved", "Europe/Rome")
