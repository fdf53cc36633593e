"""GitHub Classroom gets points as its own reporter reads them, by the example's workflow."""

from __future__ import annotations

import base64
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import autograder
from autograder.cli import app
from autograder.exporting.github_classroom import report
from autograder.exporting.table import ClassTable
from tests.classroom.graded_class import RIGHT, SQUARES, TRIPLE, GradedClass
from tests.command_lines import calls
from tests.small_course import answered, raw

WORKFLOW = Path(autograder.__path__[0]) / "examples" / "github-classroom.yml"
JOB = "run-autograding-tests"


def steps() -> dict[str, dict[str, Any]]:
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    return {step.get("id") or step.get("name", ""): step for step in jobs[JOB]["steps"]}


def reported(environment: dict[str, str], runners: str) -> tuple[float, float, set[str]]:
    """What Classroom's reporter makes of its input and its environment: points, most, statuses."""
    points = most = 0.0
    statuses = set()
    for runner in runners.split(","):
        encoded = environment[f"{runner.strip().upper()}_RESULTS"]
        results = json.loads(base64.b64decode(encoded, validate=True))
        most += results["max_score"]
        points += sum(test["score"] for test in results["tests"])
        statuses.add(results["status"])
        assert all(test["status"] in ("pass", "fail") for test in results["tests"])
        assert all(test["name"] for test in results["tests"])
    return points, most, statuses


@pytest.mark.parametrize(
    ("double", "points", "status", "code"), [(RIGHT, None, "pass", 0), (SQUARES, 1, "fail", 1)]
)
def test_the_check_step_gives_the_reporter_the_points(
    nasty_class: GradedClass,
    tmp_path: Path,
    double: str,
    points: int | None,
    status: str,
    code: int,
) -> None:
    """The step's own command line and the reporter's own names, from the file of the example."""
    answers = {"L1-1-answer": double, "L1-2-answer": TRIPLE}
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "x.ipynb").write_bytes(raw(answered(nasty_class.built.release, answers)))
    output = tmp_path / "output"
    output.write_text("other=1\n")  # another step's, in the same file
    check, reporter = steps()["lesson"], steps()["Autograding Reporter"]
    line = check["run"].replace("$NOTEBOOK", "x.ipynb").replace("$GITHUB_OUTPUT", str(output))
    [words] = calls("attn", line.replace("work/", f"{shlex.quote(str(tmp_path))}/work/"))
    done = CliRunner().invoke(app, words, env={"ATTN_ROOT": str(nasty_class.course.root)})
    assert done.exit_code == code, done.output
    assert "[ $? -eq 1 ]" in line  # so that the reporter's step is run
    first, second = output.read_text("ascii").splitlines()
    assert first == "other=1"
    name, _, value = second.partition("=")
    [(variable, told)] = reporter["env"].items()
    assert told == f"${{{{ steps.lesson.outputs.{name} }}}}"
    got, most, statuses = reported({variable: value}, reporter["with"]["runners"])
    assert statuses == {status}
    of_double = sum(check.points for check in nasty_class.built.specs["L1.1"].checks)
    of_all = sum(spec.points for spec in nasty_class.built.specs.values())
    assert (got, most) == (of_all if points is None else of_all - of_double + points, of_all)


def test_what_could_not_be_graded_is_an_error_without_points(
    table: ClassTable, nasty_class: GradedClass
) -> None:
    result = table.lessons[0].entries["dot"].result
    assert result is not None
    assert result.status == "not gradable"
    told = report(result)
    assert told["status"] == "error"
    assert told["max_score"] == result.max_points
    assert sum(test["score"] for test in told["tests"]) == 0
    [first, *others] = result.exercises
    evil = replace(first, checks=tuple(replace(c, message="\x00\ud800") for c in first.checks))
    [test, *_] = report(replace(result, exercises=(evil, *others)))["tests"]
    assert test["message"] == r"\x00\ud800"
