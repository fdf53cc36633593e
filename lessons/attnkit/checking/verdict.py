"""What a verdict says of an exercise: check by check, and function by function."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CheckVerdict:
    """One named check: passed or not, points won, and why not."""

    name: str
    passed: bool
    points: int
    message: str
    max_points: int
    functions: tuple[str, ...] = ()  # that its calls use; version 0.1.0 did not note them


@dataclass(frozen=True)
class CheckGroup:
    """The checks of an exercise that use the same functions."""

    functions: tuple[str, ...]
    checks: tuple[CheckVerdict, ...]

    @property
    def points(self) -> int:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> int:
        return sum(check.max_points for check in self.checks)


@dataclass(frozen=True)
class FunctionVerdict:
    """One function of an exercise: what its own checks give, and what is wrong with it.

    Its points are those of the checks that use no other function.
    """

    function: str
    passed: bool
    points: int
    max_points: int
    diagnosis: str | None  # id of the misconception recognised
    message: str  # "" if nothing is wrong
    seen: str = ""  # the first thing that differs, if the message doesn't say it


@dataclass(frozen=True)
class Finding:
    """What a learner reads of one thing that is wrong, and with which functions.

    No function is named where an exercise has but one, or where it can't be known which.
    """

    functions: tuple[str, ...]
    diagnosis: str | None
    message: str
    seen: str = ""

    @property
    def sentence(self) -> str:
        """The message behind the names of its functions, unless it begins with them."""
        names = ", ".join(f"`{name}`" for name in self.functions)
        told = not names or self.message.startswith(f"{names} ")
        return self.message if told else f"{names}: {self.message}"


@dataclass(frozen=True)
class Verdict:
    """The verdict on one exercise."""

    exercise: str
    passed: bool
    points: int
    max_points: int
    diagnosis: str | None  # id of the misconception recognised: the first, if there are several
    message: str
    checks: tuple[CheckVerdict, ...]
    advice: tuple[str, ...] = ()  # worth knowing, costs nothing
    functions: tuple[FunctionVerdict, ...] = ()  # none if nothing could be run
    stopped: str = ""  # why the answer stopped before its end, if it did: begins the message too

    @property
    def has_several_functions(self) -> bool:
        """Whether the exercise is known to have several functions."""
        return len({name for check in self.checks for name in check.functions}) > 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is said of what is wrong, function by function; nothing if all checks pass."""
        failed = [function for function in self.functions if not function.passed]
        if self.passed:
            return ()
        if not (failed and self.has_several_functions):
            seen = next((check.message for check in self.checks if not check.passed), "")
            said = seen in self.message or self.message in seen
            return (Finding((), self.diagnosis, self.message, "" if said else seen),)
        first = [Finding((), None, self.stopped)] if self.stopped else []
        names: dict[tuple[str | None, str, str], list[str]] = {}
        for one in failed:  # what is wrong with several at once is said once
            names.setdefault((one.diagnosis, one.message, one.seen), []).append(one.function)
        return (*first, *(Finding(tuple(own), *said) for said, own in names.items()))

    @property
    def said(self) -> str:
        """All that is said of what is wrong, or that nothing is, as one text."""
        return " ".join(finding.sentence for finding in self.findings) or self.message

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The ids of all misconceptions recognised, in the order of the functions."""
        return tuple(finding.diagnosis for finding in self.findings if finding.diagnosis)

    @property
    def groups(self) -> tuple[CheckGroup, ...]:
        """The checks by the functions that they use; those of several functions come last."""
        found: dict[tuple[str, ...], list[CheckVerdict]] = {}
        for check in sorted(self.checks, key=lambda check: len(check.functions) > 1):
            found.setdefault(check.functions, []).append(check)
        return tuple(CheckGroup(names, tuple(checks)) for names, checks in found.items())

    def stopped_by(self, sentence: str) -> Verdict:
        """The same verdict on an answer that stopped before its end, which this sentence says."""
        message = f"{sentence} {self.message}"
        return dataclasses.replace(self, stopped=sentence, message=message)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Read back what `to_json` gave, now or in an older version that noted less."""
        checks = (
            CheckVerdict(**{**check, "functions": tuple(check.get("functions", ()))})
            for check in data["checks"]
        )
        functions = (FunctionVerdict(**function) for function in data.get("functions", ()))
        read = {
            "checks": tuple(checks),
            "advice": tuple(data["advice"]),
            "functions": tuple(functions),
        }
        return cls(**{**data, **read})
