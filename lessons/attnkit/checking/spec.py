"""What a check knows about an exercise: named checks, calls with expected answers, misconceptions.

`attn build` writes one such file per lesson, `released/L1.json`, from the public seed. It holds
numbers only: no code of a solution. The judge builds the same objects in memory from a class's
secret seed.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnkit.checking.shared_arrays import restore_arrays, share_arrays
from attnkit.checking.wire import Answer, Plain


@dataclass(frozen=True)
class ProbeSpec:
    """A small piece of the judge's code, which works with the learner's functions.

    It is for what has no plain form (a model) or no single right value (a random function).
    """

    code: str
    name: str
    functions: tuple[str, ...]  # of the learner, its first arguments
    parameters: tuple[str, ...]  # the names of its other arguments
    says: str  # what it gives, as the beginning of a sentence: "The spread over √width"


@dataclass(frozen=True)
class CallSpec:
    """One call of a learner's function and the plain answer that is right for it.

    Where more than one answer is right, `expected` is {"between": [lowest, highest]}, or
    {"matches": labels, "share": 0.74} for predictions of which so many must be right.
    """

    function: str
    args: tuple[Plain, ...]
    kwargs: dict[str, Plain]
    expected: Plain
    tolerance: float  # absolute, for every number of the answer
    probe: ProbeSpec | None = None

    @property
    def functions(self) -> tuple[str, ...]:
        """The learner's functions that it runs."""
        return self.probe.functions if self.probe else (self.function,)

    def wire(self) -> dict[str, Any]:
        """What is sent to where the function is: inputs, nothing that is expected of them."""
        sent: dict[str, Any] = {
            "function": self.function,
            "args": [_unsaid(arg) for arg in self.args],
            "kwargs": {name: _unsaid(arg) for name, arg in self.kwargs.items()},
        }
        if self.probe:
            sent["probe"] = {
                "code": self.probe.code,
                "name": self.probe.name,
                "functions": list(self.probe.functions),
            }
        return sent

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CallSpec:
        probe = data.get("probe")
        if probe:
            lists = {key: tuple(probe[key]) for key in ("functions", "parameters")}
            probe = ProbeSpec(**{**probe, **lists})
        return cls(**{**data, "args": tuple(data["args"]), "probe": probe})


def _unsaid(arg: Plain) -> Plain:
    """Without what is said of an input: who tests a function must not be told what is wrong."""
    return {key: value for key, value in arg.items() if key != "says"}


@dataclass(frozen=True)
class CheckSpec:
    """A named check: it passes if all its calls do.

    `judges` is "values", or "inputs untouched" where the right value must also come without a
    change to the arrays that went in.
    """

    name: str
    points: int
    says: str  # what must hold and why, for the one who fails it
    judges: str
    calls: tuple[CallSpec, ...]
    part: int | None = None  # of functions that return several values: judge only this one

    @functools.cached_property
    def functions(self) -> tuple[str, ...]:
        """The learner's functions that its calls run."""
        return tuple(dict.fromkeys(name for call in self.calls for name in call.functions))


@dataclass(frozen=True)
class MisconceptionSpec:
    """A known wrong answer: what it returns on the calls of the checks, in their order."""

    id: str
    function: str
    message: str
    answers: tuple[Answer | None, ...]  # None for calls of the exercise's other functions


@dataclass(frozen=True)
class ExerciseSpec:
    """Everything the notebook's `check` needs for one exercise."""

    id: str
    title: str
    functions: dict[str, tuple[str, ...]]  # name -> names of its parameters
    difficulty: int
    importance: int
    minutes: int
    hints: tuple[str, ...]
    checks: tuple[CheckSpec, ...]
    misconceptions: tuple[MisconceptionSpec, ...] = ()

    @property
    def points(self) -> int:
        return sum(check.points for check in self.checks)

    @functools.cached_property
    def calls(self) -> tuple[CallSpec, ...]:
        """All calls of all checks, in order: what is sent to a box at once."""
        return tuple(call for check in self.checks for call in check.calls)

    def wire_calls(self) -> list[dict[str, Any]]:
        """The calls without anything that is expected of them: inputs only."""
        return [call.wire() for call in self.calls]

    def parameters(self, call: CallSpec) -> tuple[str, ...]:
        """The names of a call's arguments."""
        return call.probe.parameters if call.probe else self.functions[call.function]

    def to_json(self) -> dict[str, Any]:
        data = dataclasses.asdict(self)
        for check in data["checks"]:
            for call in check["calls"]:
                if call["probe"] is None:
                    del call["probe"]
        shared, arrays = share_arrays(data)
        return {**shared, "arrays": arrays}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExerciseSpec:
        if "arrays" in data:  # not in files written before
            data = restore_arrays(data, data["arrays"])
            del data["arrays"]
        checks = tuple(
            CheckSpec(
                **{
                    **check,
                    "calls": tuple(CallSpec.from_json(call) for call in check["calls"]),
                }
            )
            for check in data["checks"]
        )
        misconceptions = tuple(
            MisconceptionSpec(**{**m, "answers": tuple(m["answers"])})
            for m in data["misconceptions"]
        )
        functions = {name: tuple(names) for name, names in data["functions"].items()}
        return cls(
            **{
                **data,
                "functions": functions,
                "hints": tuple(data["hints"]),
                "checks": checks,
                "misconceptions": misconceptions,
            }
        )


def released_folder() -> Path:
    """Where the data of the visible checks lie; ATTNKIT_RELEASED names another place."""
    named = os.environ.get("ATTNKIT_RELEASED")
    return Path(named) if named else Path(__file__).parents[1] / "released"


GRADED = (
    "This notebook is being graded: `check` and `hint` say nothing here, as the grader itself "
    "checks every exercise afterwards."
)


class UnknownExerciseError(LookupError):
    """No such exercise, or none to be had here; its text says which there are, or why."""


def released_files(number: int) -> list[Path]:
    """What is released of a lesson's checks: a file, or one for each notebook (L14a.json)."""
    names = (f"L{number}.json", f"L{number}[a-z].json")
    return [file for name in names for file in sorted(released_folder().glob(name))]


@functools.cache
def released_lesson(number: int) -> dict[str, ExerciseSpec]:
    """The released exercises of one lesson by id; empty if the lesson has no released file."""
    found: dict[str, ExerciseSpec] = {}
    for file in released_files(number):
        data = json.loads(file.read_text(encoding="utf-8"))
        found |= {item["id"]: ExerciseSpec.from_json(item) for item in data["exercises"]}
    return found


def released_exercise(exercise_id: str) -> ExerciseSpec:
    """The released exercise called, for example, "L1.3".

    Raises UnknownExerciseError naming the exercises there are. Where a notebook is graded
    (ATTNKIT_GRADING is on) there are none: what is expected is nowhere near a submission.
    """
    if os.environ.get("ATTNKIT_GRADING") == "on":
        raise UnknownExerciseError(GRADED)
    wanted = str(exercise_id).strip().upper()
    lesson, _, _ = wanted.removeprefix("L").partition(".")
    found = released_lesson(int(lesson)) if lesson.isdecimal() else {}
    if wanted not in found:
        names = ", ".join(found) or 'exercises are called like "L1.3"'
        raise UnknownExerciseError(f'There is no exercise "{exercise_id}" ({names}).')
    return found[wanted]
