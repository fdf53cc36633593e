"""From answers to a verdict: which named checks pass, what went wrong first, which mistake it is.

Pure functions on plain data. The notebook's `check`, `attn check` and `attn grade` all judge with
these, so that they cannot disagree; only where the answers come from differs.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from attnkit.checking.diagnosis import (
    Fault,
    Problems,
    calls_of_checks,
    failing_alone,
    failing_calls,
    find_faults,
    find_problems,
    mend_first,
    smallest,
    waits_for,
)
from attnkit.checking.spec import CheckSpec, ExerciseSpec
from attnkit.checking.verdict import CheckVerdict, FunctionVerdict, Verdict
from attnkit.checking.wire import Answer


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
    lacking = len(spec.calls) - len(answers)
    answers = [*answers, *({"missing": True} for _ in range(lacking))]
    problems = find_problems(spec, answers)
    checks = []
    for check, calls in zip(spec.checks, calls_of_checks(spec), strict=True):
        passed = smallest(problems, calls) is None
        message = "" if passed else f"{check.says} {_differs(spec, problems, calls)}".strip()
        points = check.points if passed else 0
        checks.append(
            CheckVerdict(check.name, passed, points, message, check.points, check.functions)
        )
    faults = find_faults(spec, answers, problems)
    passed = all(check.passed for check in checks)
    first = min(faults, key=lambda fault: _FIRST.index(fault.kind), default=None)
    verdict = Verdict(
        exercise=spec.id,
        passed=passed,
        points=sum(check.points for check in checks),
        max_points=spec.points,
        diagnosis=first.misconception if first else None,
        message=first.message if first else "All checks pass.",
        checks=tuple(checks),
        advice=_advice(spec, answers) if passed else (),
        functions=_functions(spec, checks, faults),
    )
    return verdict if hidden is None else judge_hidden(verdict, hidden, hidden_answers)


def _differs(spec: ExerciseSpec, problems: Problems, calls: Sequence[int]) -> str:
    """What differs in a check's calls, of each function that fails in it."""
    own: dict[tuple[str, ...], list[int]] = {}
    for i in calls:
        own.setdefault(spec.calls[i].functions, []).append(i)
    found = (smallest(problems, indexes) for indexes in own.values())
    return " ".join(problem.sentence for problem in found if problem)


# What an exercise's one message says: a recognised mistake before any other.
_FIRST = ("known", "unwritten", "related", "different", "waits")


def _functions(
    spec: ExerciseSpec, checks: Sequence[CheckVerdict], faults: Sequence[Fault]
) -> tuple[FunctionVerdict, ...]:
    by_name = {fault.function: fault for fault in faults}
    found = []
    for name in spec.functions:
        own = [check for check in checks if check.functions == (name,)]
        points, most = sum(c.points for c in own), sum(c.max_points for c in own)
        fault = by_name.get(name)
        if fault is None:
            found.append(FunctionVerdict(name, True, points, most, None, ""))
        else:
            said = fault.misconception, fault.message, fault.seen
            found.append(FunctionVerdict(name, False, points, most, *said))
    return tuple(found)


def judge_hidden(verdict: Verdict, hidden: ExerciseSpec, answers: Sequence[Answer]) -> Verdict:
    """The verdict on the visible calls, less the checks whose hidden calls fail.

    `hidden` may lack checks that have failed already.
    """
    problems = find_problems(hidden, answers)
    failed = {
        check.name: check
        for check, calls in zip(hidden.checks, calls_of_checks(hidden), strict=True)
        if smallest(problems, calls)
    }
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
        functions=_with_hidden(verdict, checks, hidden, answers, problems),
    )


def _with_hidden(
    verdict: Verdict,
    checks: Sequence[CheckVerdict],
    hidden: ExerciseSpec,
    answers: Sequence[Answer],
    problems: Problems,
) -> tuple[FunctionVerdict, ...]:
    """What is left of the functions: one that failed already keeps what is said of it."""
    failed = {one.function for one in verdict.functions if not one.passed}
    alone = failing_alone(hidden, problems) | failed
    wrong = failing_calls(hidden, problems, alone)
    waiting = waits_for(hidden, answers, alone)
    found = []
    for one in verdict.functions:
        points = sum(check.points for check in checks if check.functions == (one.function,))
        left = dataclasses.replace(one, points=points)
        if one.passed and one.function in wrong:
            first = next(
                check
                for check, calls in zip(hidden.checks, calls_of_checks(hidden), strict=True)
                if any(i in calls for i in wrong[one.function])
            )
            other = waiting.get(one.function)
            message = mend_first(one.function, other) if other else _unseen(first)
            left = dataclasses.replace(left, passed=False, message=message)
        found.append(left)
    return tuple(found)


def _unseen(check: CheckSpec) -> str:
    return (
        f"{check.says} It holds for the inputs you can see, but not for fresh ones of the same "
        "kind: does your function depend on these very numbers or sizes?"
    ).strip()


def no_answer(spec: ExerciseSpec, message: str) -> Verdict:
    """The verdict on an exercise whose answer could not be run at all."""
    checks = tuple(
        CheckVerdict(c.name, False, 0, message, c.points, c.functions) for c in spec.checks
    )
    return Verdict(spec.id, False, 0, spec.points, None, message, checks)


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
