"""What a record remembers of earlier gradings: when work was handed in, and which checks flicker.

A check flickers if it passed in one grading of a submission and failed in another, though neither
the submission nor the checks had changed: then the answer, or the check, depends on chance.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.judging.results import SubmissionResult

MOST = 50  # of what is remembered of each kind: a record stays small however often it is graded


@dataclass
class History:
    """Of one student's work on one lesson.

    `handed_in` lists the times (ISO 8601, UTC) of the versions that were graded, as far as they
    are known. `gradings` are those of the version with the digest `of`, equal ones counted: for
    each exercise a text with 1 for each check that passed and 0 for each that didn't.
    """

    of: str = ""
    handed_in: list[str] = field(default_factory=list)
    gradings: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"of": self.of, "handed_in": self.handed_in, "gradings": self.gradings}

    @classmethod
    def from_json(cls, data: object) -> History:
        """What `to_json` gave; an empty one for anything else (an older record has none)."""
        if not isinstance(data, Mapping):
            return cls()
        times, gradings = data.get("handed_in"), data.get("gradings")
        if not isinstance(times, list) or not isinstance(gradings, list):
            return cls()
        if not all(_is_grading(grading) for grading in gradings):
            return cls()
        return cls(str(data.get("of", "")), [str(time) for time in times], list(gradings))

    def add(self, digest: str, result: SubmissionResult, handed_in: dt.datetime | None) -> None:
        """Remember one more grading. An empty digest stands for one that failed by our fault."""
        if handed_in is not None:
            time = handed_in.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
            if time not in self.handed_in:
                self.handed_in = [*self.handed_in, time][-MOST:]
        if not digest:
            return
        if digest != self.of:
            self.of, self.gradings = digest, []
        checks = {
            verdict.exercise: "".join("01"[check.passed] for check in verdict.checks)
            for verdict in result.exercises
        }
        for grading in self.gradings:
            if grading["checks"] == checks:
                grading["times"] += 1
                return
        if len(self.gradings) < MOST:
            self.gradings.append({"checks": checks, "times": 1})

    def flickering(self) -> dict[str, list[int]]:
        """For each exercise with checks that flicker, their places."""
        found: dict[str, list[int]] = {}
        patterns = [grading["checks"] for grading in self.gradings]
        for exercise in patterns[0] if patterns else ():
            seen = [checks.get(exercise, "") for checks in patterns]
            if len({len(text) for text in seen}) == 1:
                places = [i for i, bits in enumerate(zip(*seen, strict=True)) if len({*bits}) > 1]
                if places:
                    found[exercise] = places
        return found


def _is_grading(data: object) -> bool:
    return (
        isinstance(data, Mapping)
        and isinstance(data.get("times"), int)
        and isinstance(data.get("checks"), Mapping)
        and all(isinstance(text, str) for text in data["checks"].values())
    )


def record_file(state: Path, student: str, lesson: str) -> Path:
    """Where the result of a student's work on a lesson is recorded, in a class's `.attn` folder."""
    name = student
    if len(student.encode()) > 200:  # a file's name holds 255 bytes on most disks
        name = hashlib.sha256(student.encode()).hexdigest()
    return state / "results" / lesson / f"{name}.json"
