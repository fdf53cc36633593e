"""Whose fault it is: which functions of an exercise fail, and which mistake each of them shows.

Every function is judged by its own calls. What is known of it is told by these alone, so that two
mistakes in two functions are both named. Two things could accuse the wrong one:

- A call that uses several functions speaks against those of them that fail by themselves as well.
  Only if none does may the mistake be any of theirs.
- A function that uses another one of the exercise, which fails, may be right itself: nothing is
  said of it but that the other one is to be mended first.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from attnkit.checking.compare import Problem, compare_call, same_answer
from attnkit.checking.spec import ExerciseSpec, MisconceptionSpec
from attnkit.checking.wire import Answer
from attnkit.checking.wording import behaves_like

Problems = Sequence[Problem | None]
Wrong = dict[str, list[int]]  # the numbers of the calls that speak against each function

_UNWRITTEN = ("missing", "stub", "none")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one function of an exercise."""

    function: str
    kind: Literal["known", "related", "unwritten", "different", "waits"]
    misconception: str | None
    message: str
    seen: str  # the first thing that differs, if the message doesn't say it


def find_problems(spec: ExerciseSpec, answers: Sequence[Answer]) -> list[Problem | None]:
    """For each call what is wrong with its answer, if anything is."""
    found: list[Problem | None] = []
    for check in spec.checks:
        for call in check.calls:
            i = len(found)
            answer = answers[i] if i < len(answers) else {"missing": True}
            found.append(compare_call(call, answer, spec.parameters(call), check))
    return found


def calls_of_checks(spec: ExerciseSpec) -> list[range]:
    """For each check the numbers of its calls among all calls."""
    ends = itertools.accumulate((len(check.calls) for check in spec.checks), initial=0)
    return [range(a, b) for a, b in itertools.pairwise(ends)]


def smallest(problems: Problems, calls: Collection[int]) -> Problem | None:
    """The most telling problem of some calls: that of the one with the fewest numbers."""
    found = [problem for i in calls if (problem := problems[i]) is not None]
    return min(found, key=lambda problem: problem.size) if found else None


def failing_alone(spec: ExerciseSpec, problems: Problems) -> set[str]:
    """The functions that fail in calls of nothing but themselves."""
    wrong = (call for call, problem in zip(spec.calls, problems, strict=True) if problem)
    return {call.functions[0] for call in wrong if len(call.functions) == 1}


def failing_calls(spec: ExerciseSpec, problems: Problems, alone: Collection[str]) -> Wrong:
    """For each function that fails, in order, the calls that speak against it.

    `alone` are those that fail by themselves.
    """
    found: Wrong = {name: [] for name in spec.functions}
    for i, (call, problem) in enumerate(zip(spec.calls, problems, strict=True)):
        if problem:
            suspects = [name for name in call.functions if name in alone]
            for name in suspects or call.functions:
                found[name].append(i)
    return {name: own for name, own in found.items() if own}


def waits_for(
    spec: ExerciseSpec, answers: Sequence[Answer], alone: Collection[str]
) -> dict[str, str]:
    """For functions that use one which fails by itself, that one: it is to be mended first.

    Of two that use each other, the first waits for nobody.
    """
    uses: dict[str, set[str]] = {name: set() for name in spec.functions}
    for call, answer in zip(spec.calls, answers, strict=False):
        if len(call.functions) == 1:
            uses[call.functions[0]].update(answer.get("uses", ()))
    order = list(spec.functions)
    return {
        name: other
        for number, name in enumerate(order)
        for other in reversed(order)
        if other in alone
        and other in uses[name]
        and not (name in uses[other] and number < order.index(other))
    }


def mend_first(name: str, other: str) -> str:
    """What the learner reads of a function that waits for another one."""
    return (
        f"`{name}` uses your `{other}`, which is not right yet: mend `{other}` first, then check "
        "again."
    )


def find_faults(spec: ExerciseSpec, answers: Sequence[Answer], problems: Problems) -> list[Fault]:
    """What is wrong with each function that fails, in the order of the functions."""
    alone = failing_alone(spec, problems)
    wrong = failing_calls(spec, problems, alone)
    waiting = waits_for(spec, answers, alone)
    known = _recognised(spec, answers, {n: c for n, c in wrong.items() if n not in waiting}, alone)
    faults = []
    for name, calls in wrong.items():
        own = [i for i in calls if len(spec.calls[i].functions) == 1]
        if name in known:
            seen = _first_difference(spec, problems, calls)
            message = behaves_like(name, known[name].message)
            faults.append(Fault(name, "known", known[name].id, message, _unless(seen, message)))
        elif name in waiting:
            faults.append(Fault(name, "waits", None, mend_first(name, waiting[name]), ""))
        elif not own and all(known.keys() & spec.calls[i].functions for i in calls):
            continue  # the mistake that was recognised explains these calls
        else:
            faults.append(_unknown(name, spec, answers, problems, own or calls))
    return faults


def _unknown(
    name: str,
    spec: ExerciseSpec,
    answers: Sequence[Answer],
    problems: Problems,
    calls: Collection[int],
) -> Fault:
    """A fault that is no known mistake: how its answers are related to the right ones."""
    seen = _first_difference(spec, problems, calls)
    for indexes in calls_of_checks(spec):
        problem = smallest(problems, [i for i in indexes if i in calls])
        if problem and problem.kind in _UNWRITTEN:
            return Fault(name, "unwritten", None, problem.sentence, _unless(seen, problem.sentence))
    if _only_changes(problems, calls):  # what is said of it tells all that is wrong
        first = next(p for i in calls if (p := problems[i]) and p.kind == "changed")
        return Fault(name, "related", None, first.sentence, _unless(seen, first.sentence))
    from attnkit.checking.relations import find_relation  # most verdicts never need it

    relation = find_relation(spec, name, answers, [bool(problem) for problem in problems], calls)
    if relation:
        return Fault(name, "related", None, relation.sentence, seen)
    return Fault(name, "different", None, seen, "")


def _only_changes(problems: Problems, calls: Collection[int]) -> bool:
    """Whether nothing is wrong but that inputs are changed, or stop it if they are read-only."""
    found = [problem for i in calls if (problem := problems[i])]
    changed = any(problem.kind == "changed" for problem in found)
    return changed and all(
        problem.kind == "changed" or (problem.kind == "raised" and "read-only" in problem.sentence)
        for problem in found
    )


def _first_difference(spec: ExerciseSpec, problems: Problems, calls: Collection[int]) -> str:
    """What the first check says that fails by these calls, and what differs there."""
    for check, indexes in zip(spec.checks, calls_of_checks(spec), strict=True):
        problem = smallest(problems, [i for i in indexes if i in calls])
        if problem:
            return f"{check.says} {problem.sentence}".strip()
    return ""


def _unless(seen: str, message: str) -> str:
    """What was seen, unless the message says it."""
    return "" if seen in message or message in seen else seen


def _recognised(
    spec: ExerciseSpec, answers: Sequence[Answer], wrong: Wrong, alone: Collection[str]
) -> dict[str, MisconceptionSpec]:
    """The misconceptions that functions show.

    Where nothing but calls of several functions fails, only one of these functions may fit.
    """
    fits = {
        name: fit
        for name, calls in wrong.items()
        if (fit := _misconception(spec, answers, name, calls, {*alone} - {name}))
    }
    rivals = {
        name
        for name in fits
        if name not in alone
        and any(
            other in fits for i in wrong[name] for other in spec.calls[i].functions if other != name
        )
    }
    return {name: fit for name, fit in fits.items() if name not in rivals}


def _misconception(
    spec: ExerciseSpec,
    answers: Sequence[Answer],
    name: str,
    wrong: Collection[int],
    others: Collection[str],
) -> MisconceptionSpec | None:
    """The misconception that gives a function's answers: to all calls, else in the failed checks.

    Calls that use `others`, which fail by themselves, tell nothing of it. Only a single match
    counts; two that fit equally well name nothing.
    """
    own = [
        i
        for i, call in enumerate(spec.calls)
        if name in call.functions and not any(other in others for other in call.functions)
    ]
    failed = [
        i
        for indexes in calls_of_checks(spec)
        if any(i in wrong for i in indexes)
        for i in indexes
        if i in own
    ]
    for where in (own, failed):
        fitting = [
            misconception
            for misconception in spec.misconceptions
            if misconception.function == name and _fits(misconception, spec, answers, where, wrong)
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _fits(
    misconception: MisconceptionSpec,
    spec: ExerciseSpec,
    answers: Sequence[Answer],
    where: Sequence[int],
    wrong: Collection[int],
) -> bool:
    """Whether it gives these answers. One that fits only where the learner is right does not."""
    own = [i for i in where if misconception.answers[i] is not None]
    return any(i in wrong for i in own) and all(
        same_answer(answers[i], misconception.answers[i], spec.calls[i].tolerance) for i in own
    )
