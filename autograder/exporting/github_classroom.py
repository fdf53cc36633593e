"""`attn check --github-classroom FILE`: a result as GitHub Classroom's reporter reads it.

Each grader of a workflow is a step with an output `result`: JSON in base64. Classroom's own action
`autograding-grading-reporter` adds up the points in it and tells them to Classroom.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from autograder.errors import AttnError
from autograder.exporting.cells import number
from autograder.exporting.lines import Line, lines_of
from autograder.exporting.table import Entry
from autograder.judging.results import SubmissionResult


def append_output(result: SubmissionResult, file: Path) -> None:
    """Append a step's output to the file that GitHub reads them from. AttnError."""
    encoded = base64.b64encode(json.dumps(report(result)).encode()).decode()
    try:
        with file.open("a", encoding="ascii") as out:
            out.write(f"result={encoded}\n")
    except OSError as error:
        raise AttnError(f"{file} can't be written: {error.strerror}.") from None


def report(result: SubmissionResult) -> dict[str, Any]:
    """The result with a test for each check, in the words of Classroom's graders."""
    entry = Entry(result.status, float(result.points), float(result.max_points), result=result)
    passed = all(verdict.passed for verdict in result.exercises)
    return {
        "version": 1,
        "status": "error" if result.status == "not gradable" else "pass" if passed else "fail",
        "max_score": number(result.max_points),
        "tests": [_test(line) for line in lines_of(entry)],
    }


def _test(line: Line) -> dict[str, Any]:
    return {
        "name": line.called,
        "status": "pass" if line.outcome == "passed" else "fail",
        "score": number(line.score),
        "message": line.said,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }
