"""From answers to a verdict: which named checks pass, what went wrong first, which mistake it is.

Pure functions on plain data. The notebook's `check`, `attn check` and `attn grade` all judge with
these, so that they cannot disagree; only where the answers come from differs.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attnkit.checking.compare import Problem, compare_call, same_answer
from attnkit.checking.spec import CheckSpec, ExerciseSpec, MisconceptionSpec
from attnkit.checking.wire import Answer


@dataclass(frozen=True)
class CheckVerdict:
    """One named check: passed or not, points won, and why not."""

    name: str
    passed: bool
    points: int
    message: str
    max_points: int


@dataclass(frozen=True)
class Verdict:
    """The verdict on one exercise."""

    exercise: str
    passed: bool
    points: int
    max_points: int
    diagnosis: str | None  # id of the misconception recognised
    message: str
    checks: tuple[CheckVerdict, ...]
    advice: tuple[str, ...] = ()  # worth knowing, costs nothing

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def judge(
    spec: ExerciseSpec,
    answers: Sequence[Answer],
    hidden: ExerciseSpec | None = None,
    hidden_answers: Sequence[Answer] = (),
) -> Verdict:
    """Judge the answers to the visible calls and, if given, to the hidden ones.

    A check passes if its visible calls and its hidden ones do. What is said of a failure comes
    from the visible calls alone, so hidden inputs are never shown.
    """
    problems = _problems(spec, answers)
    checks = []
    for check, problem in zip(spec.checks, problems, strict=True):
        message = f"{check.says} {problem.sentence}".strip() if problem else ""
        points = 0 if problem else check.points
        checks.append(CheckVerdict(check.name, not problem, points, message, check.points))
    passed = all(check.passed for check in checks)
    diagnosis = None if passed else diagnose(spec, answers, problems)
    verdict = Verdict(
        exercise=spec.id,
        passed=passed,
        points=sum(check.points for check in checks),
        max_points=spec.points,
        diagnosis=diagnosis.id if diagnosis else None,
        message=_summary(checks, problems, diagnosis),
        checks=tuple(checks),
        advice=_advice(spec, answers) if passed else (),
    )
    return verdict if hidden is None else judge_hidden(verdict, hidden, hidden_answers)


def judge_hidden(verdict: Verdict, hidden: ExerciseSpec, answers: Sequence[Answer]) -> Verdict:
    """The verdict on the visible calls, less the checks whose hidden calls fail.

    `hidden` may lack checks that have failed already.
    """
    problems = _problems(hidden, answers)
    failed = {c.name: c for c, found in zip(hidden.checks, problems, strict=True) if found}
    checks = tuple(
        dataclasses.replace(check, passed=False, points=0, message=_unseen(failed[check.name]))
        if check.passed and check.name in failed
        else check
        for check in verdict.checks
    )
    if checks == verdict.checks:
        return verdict
    first = next(check.message for check in checks if not check.passed)
    return dataclasses.replace(
        verdict,
        passed=False,
        points=sum(check.points for check in checks),
        message=first if verdict.passed else verdict.message,
        checks=checks,
        advice=(),
    )


def _unseen(check: CheckSpec) -> str:
    return (
        f"{check.says} It holds for the inputs you can see, but not for fresh ones of the same "
        "kind: does your function depend on these very numbers or sizes?"
    ).strip()


def no_answer(spec: ExerciseSpec, message: str) -> Verdict:
    """The verdict on an exercise whose answer could not be run at all."""
    checks = tuple(CheckVerdict(c.name, False, 0, message, c.points) for c in spec.checks)
    return Verdict(spec.id, False, 0, spec.points, None, message, checks)


def diagnose(
    spec: ExerciseSpec, answers: Sequence[Answer], problems: Sequence[Problem | None]
) -> MisconceptionSpec | None:
    """The misconception that gives the learner's answers: on all calls, else on the failed checks.

    Only a single match counts; two that fit equally well name nothing. Nor does one that fits only
    where the learner is right: of two functions in one check, the other may be the wrong one.
    """
    everywhere = range(len(spec.calls))
    failed = [
        i
        for check_index, indexes in enumerate(_indexes(spec.checks))
        if problems[check_index]
        for i in indexes
    ]
    wrong = {
        i
        for check, indexes in zip(spec.checks, _indexes(spec.checks), strict=True)
        for i in indexes
        if _problem(spec, answers, check, i)
    }
    for where in (everywhere, failed):
        fitting = [m for m in spec.misconceptions if _fits(m, spec, answers, where, wrong)]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _fits(
    misconception: MisconceptionSpec,
    spec: ExerciseSpec,
    answers: Sequence[Answer],
    where: Sequence[int],
    wrong: set[int],
) -> bool:
    own = [i for i in where if misconception.answers[i] is not None]
    return not wrong.isdisjoint(own) and all(
        same_answer(answers[i], misconception.answers[i], spec.calls[i].tolerance) for i in own
    )


def _indexes(checks: Sequence[CheckSpec]) -> list[range]:
    """For each check the positions of its calls among all calls."""
    starts = [0]
    for check in checks:
        starts.append(starts[-1] + len(check.calls))
    return [range(a, b) for a, b in itertools.pairwise(starts)]


def _problems(spec: ExerciseSpec, answers: Sequence[Answer]) -> list[Problem | None]:
    """For each check its most telling problem: of the failing calls the one with fewest numbers."""
    found: list[Problem | None] = []
    for check, indexes in zip(spec.checks, _indexes(spec.checks), strict=True):
        failing = [
            problem for i in indexes if (problem := _problem(spec, answers, check, i)) is not None
        ]
        found.append(min(failing, key=lambda problem: problem.size) if failing else None)
    return found


def _problem(
    spec: ExerciseSpec, answers: Sequence[Answer], check: CheckSpec, i: int
) -> Problem | None:
    """What is wrong with the answer to one call, if anything is."""
    answer = answers[i] if i < len(answers) else {"missing": True}
    return compare_call(spec.calls[i], answer, spec.parameters(spec.calls[i]), check)


def _summary(
    checks: Sequence[CheckVerdict],
    problems: Sequence[Problem | None],
    diagnosis: MisconceptionSpec | None,
) -> str:
    if all(check.passed for check in checks):
        return "All checks pass."
    if diagnosis:
        return diagnosis.message
    basic = next((p for p in problems if p and p.kind in ("missing", "stub", "none")), None)
    if basic:
        return basic.sentence
    return next(check.message for check in checks if not check.passed)


def _advice(spec: ExerciseSpec, answers: Sequence[Answer]) -> tuple[str, ...]:
    """Float64 out of float32 in is worth knowing, and no more than that."""
    for call, answer in zip(spec.calls, answers, strict=True):
        dtypes = {arg.get("dtype") for arg in call.args if "array" in arg}
        if (
            not call.probe
            and dtypes == {"float32"}
            and '"float64"' in json.dumps(answer.get("value"))
        ):
            return (
                f"`{call.function}` gives float64 for float32 inputs. That is correct here; on a "
                "GPU it would cost time and memory.",
            )
    return ()
