"""`attn export --format gradescope`: a results.json for each student and lesson.

The fields are those of Gradescope's autograder specification. All tests are visible unless somebody
asks for something else: what a check says comes from the inputs that learners know. Texts are said
to be texts, for they may hold what a learner wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from autograder.errors import AttnError
from autograder.exporting.cells import number
from autograder.exporting.lines import Line, lines_of
from autograder.exporting.table import ClassTable, Entry
from autograder.judging.results import SubmissionResult
from autograder.text import plain_text

# when learners see a test, in Gradescope's own words
Visibility = Literal["visible", "after_due_date", "after_published"]
_TEXTS = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}


def files(table: ClassTable) -> Iterator[tuple[Path, str]]:
    """STUDENT/LESSON/results.json and its text, for all that was handed in. AttnError."""
    for student in table.students:
        for lesson in table.lessons:
            entry = lesson.entries[student.id]
            if entry.handed_in:
                place = Path(_folder(student.id)) / lesson.name / "results.json"
                yield place, json.dumps(results(entry), indent=1, ensure_ascii=False) + "\n"


def results(entry: Entry, visibility: Visibility = "visible") -> dict[str, Any]:
    """One submission. `score` counts, whatever the tests add up to: a penalty is off it."""
    data: dict[str, Any] = {
        "score": number(entry.score),
        "output": _about(entry),
        **_TEXTS,
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(line, visibility) for line in lines_of(entry)],
        "extra_data": {
            "status": entry.status,
            "max_score": number(entry.max_score),
            "late_penalty": number(entry.penalty),
            "hours_late": number(entry.hours_late),
            "isolation": list(entry.result.integrity) if entry.result else [],
        },
    }
    if entry.result and "total" in entry.result.seconds:
        data["execution_time"] = entry.result.seconds["total"]
    return data


def results_of(
    result: SubmissionResult, hours_late: float = 0.0, visibility: Visibility = "visible"
) -> dict[str, Any]:
    """One submission without a gradebook, as `autograder.service.grade` gives it."""
    waiting = tuple(cell for cell, waits in result.manual.items() if waits)
    points, most = float(result.points), float(result.max_points)
    entry = Entry(
        *(result.status, points, most), hours_late=hours_late, waiting=waiting, result=result
    )
    return results(entry, visibility)


def no_results(sentence: str, status: str) -> dict[str, Any]:
    """What there is to say where nothing was judged: no points, and a sentence that tells why."""
    return {
        "score": 0,
        "output": sentence,
        **_TEXTS,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"status": status},
    }


def _about(entry: Entry) -> str:
    """What is to be said of the whole submission."""
    said = [f"Status: {entry.status}."]
    if entry.result and entry.result.reason:
        said.append(plain_text(entry.result.reason, keep=""))
    if entry.result:
        said += [plain_text(note, keep="") for note in entry.result.repairs]
        said += [f"It {plain_text(note, keep='')}." for note in entry.result.integrity]
    if entry.penalty:
        late = f"{number(entry.hours_late)} hours late"
        said.append(f"Handed in {late}: {number(entry.penalty)} points are taken off.")
    if entry.waiting:
        said.append("A person has still to mark an answer in words.")
    return "\n".join(said)


def _test(line: Line, visibility: Visibility) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": line.called,
        "score": number(line.score),
        "max_score": number(line.max_score),
        "output": line.said,
        "visibility": visibility,
    }
    if line.outcome in ("passed", "failed"):
        test["status"] = line.outcome
    if line.misconceptions:
        test["tags"] = list(line.misconceptions)
    return test


def _folder(student: str) -> str:
    """A student's id as a folder's name; the roster lets no other ids in. AttnError."""
    if not student or student[0] == "." or "/" in student or "\\" in student or "\0" in student:
        raise AttnError(f"The id {student!r} can't be the name of a folder: change it.")
    return student
