"""The kill table: every wrong variant must fail with its own name, every right one must pass."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import Verdict

from autograder.authoring.blind import STRATEGIES, blind_wins, make_hidden
from autograder.authoring.build import build_lesson
from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import Lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.mutant_process import judge_functions
from autograder.authoring.variants import Misconception
from autograder.course import Course

BLIND_SEEDS = 10  # classes whose hidden calls must not fall to somebody who doesn't look


@dataclass(frozen=True)
class Row:
    """One variant of an exercise: what should become of it, and what did."""

    exercise: str
    # wrong, pair, right, stub, reference, blind; mutant and stale (mutants.py); lint (lint.py)
    kind: str
    variant: str
    function: str
    ok: bool
    passed: bool
    points: int
    max_points: int
    diagnosis: str | None
    message: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def explain(self) -> str:
        """Why this row is not as it should be, in one sentence."""
        if self.kind == "blind":
            return (
                f"who answers hidden calls with this wins {self.points} without looking, in: "
                f"{self.message}. Let more of it be drawn."
            )
        if self.kind == "pair":
            return f"with both in one answer, not both are named, nothing but both: {self.message}"
        if self.kind == "wrong" and self.passed:
            return "this wrong answer survives: no check tells it from the reference."
        if self.kind == "wrong":
            return f"named {self.diagnosis or 'nothing'} instead: {self.message}"
        if self.kind == "stub":
            return f"an empty stub should win nothing and be told so: {self.message}"
        return f"a right answer fails: {self.message}"


@dataclass(frozen=True)
class Subject:
    """An exercise with all that is needed to put it to the proof."""

    exercise: Exercise
    lesson: Lesson
    reference: Mapping[str, Any]
    spec: ExerciseSpec  # of the visible checks


def verify(course: Course, wanted: Iterable[str], hidden_seed: int) -> list[Row]:
    """The kill table of the exercises wanted ("L1" for a lesson, "L1.3" for one; none: all)."""
    return [row for subject in subjects(course, wanted) for row in table(subject, hidden_seed)]


def table(subject: Subject, hidden_seed: int, blind_seeds: int = BLIND_SEEDS) -> list[Row]:
    """The kill table of one exercise: its variants, two at once, and answers without looking."""
    facts = (subject.exercise, subject.reference, subject.spec)
    return [
        *verify_exercise(*facts, hidden_seed),
        *pair_rows(*facts),
        *blind_rows(*facts, hidden_seed, blind_seeds),
    ]


def subjects(course: Course, wanted: Iterable[str]) -> list[Subject]:
    """The exercises wanted, in lesson order, from lessons built in memory."""
    names = list(wanted)
    found: list[Subject] = []
    whole = {folder for n in names if "." not in n for folder in course.lessons_called(n)}
    folders = whole | {course.lesson_of_exercise(n) for n in names if "." in n}
    for folder in sorted(folders or course.lesson_folders(), key=lambda f: f.name):
        built = build_lesson(folder)
        reference = built.lesson.reference()
        for exercise in declared_exercises(folder).values():
            if not names or exercise.id in names or folder in whole:
                found.append(Subject(exercise, built.lesson, reference, built.specs[exercise.id]))
    return found


def verify_exercise(
    exercise: Exercise, reference: Mapping[str, Any], spec: ExerciseSpec, hidden_seed: int
) -> list[Row]:
    """Every variant of one exercise, judged on visible and hidden calls as grading would."""
    hidden = make_hidden(exercise, reference, hidden_seed, spec)
    rights = {name: reference[name] for name in exercise.functions}
    rows = [_row(exercise, "reference", "solution cell", "", rights, spec, hidden)]
    stubs = dict.fromkeys(exercise.functions, _stub)
    rows.append(_row(exercise, "stub", "left empty", "", stubs, spec, hidden))
    for kind, variants in (("right", exercise.rights), ("wrong", exercise.wrongs)):
        for variant in variants:
            functions = {**rights, variant.function: variant.beside(reference)}
            rows.append(
                _row(exercise, kind, variant.name, variant.function, functions, spec, hidden)
            )
    for plain in exercise.plains:
        functions = {**rights, plain.function: plain.beside(reference)}
        row = _row(exercise, "right", plain.name, plain.function, functions, spec, hidden)
        rows += [] if row.ok else [row]
    return rows


def pair_rows(
    exercise: Exercise, reference: Mapping[str, Any], spec: ExerciseSpec
) -> Iterator[Row]:
    """For each two functions of an exercise whether every two of their mistakes are both named."""
    if len(exercise.functions) == 1:
        return
    rights = {name: reference[name] for name in exercise.functions}
    written = {wrong: {wrong.function: wrong.beside(reference)} for wrong in exercise.wrongs}
    calls = spec.wire_calls()
    alone = {wrong: wire.run_calls({**rights, **own}, calls) for wrong, own in written.items()}
    for one, other in itertools.combinations(exercise.functions, 2):
        start = time.perf_counter()
        both = [i for i, call in enumerate(spec.calls) if {one, other} <= {*call.functions}]
        missed, points = [], 0
        pairs = [*itertools.product(_wrongs(exercise, one), _wrongs(exercise, other))]
        for first, second in pairs:
            answers = [
                theirs if other in call.functions else ours
                for call, ours, theirs in zip(spec.calls, alone[first], alone[second], strict=True)
            ]
            functions = {**rights, **written[first], **written[second]}
            for i in both:  # all others give what they give beside a right function
                (answers[i],) = wire.run_calls(functions, [calls[i]])
            verdict = judge(spec, answers)
            points = max(points, verdict.points)
            if _named(verdict) != [(one, first.name), (other, second.name)]:
                missed.append(f"{first.name} with {second.name}: {verdict.said}")
        yield Row(
            exercise=exercise.id,
            kind="pair",
            variant=f"any two mistakes of {one} and {other}",
            function="",
            ok=not missed,
            passed=False,
            points=points,
            max_points=spec.points,
            diagnosis=None,
            message="\n".join(missed) or f"{len(pairs)} pairs, both named in each.",
            seconds=round(time.perf_counter() - start, 4),
        )


def _wrongs(exercise: Exercise, function: str) -> list[Misconception]:
    return [wrong for wrong in exercise.wrongs if wrong.function == function]


def _named(verdict: Verdict) -> list[tuple[str, str | None]]:
    """Which mistakes of which functions a verdict tells."""
    return [(one.function, one.diagnosis) for one in verdict.functions if not one.passed]


def blind_rows(
    exercise: Exercise,
    reference: Mapping[str, Any],
    spec: ExerciseSpec,
    hidden_seed: int,
    seeds: int = BLIND_SEEDS,
) -> list[Row]:
    """What each way to answer without looking wins from hidden calls of several seeds: nothing."""
    start = time.perf_counter()
    won: dict[str, dict[str, int]] = {strategy: {} for strategy in STRATEGIES}
    for seed in range(hidden_seed, hidden_seed + seeds):
        for win in blind_wins(spec, make_hidden(exercise, reference, seed, spec)):
            won[win.strategy][win.check] = win.points
    seconds = round((time.perf_counter() - start) / len(won), 4)
    return [
        Row(
            exercise.id,
            "blind",
            strategy,
            "",
            not checks,
            bool(checks),
            sum(checks.values()),
            spec.points,
            None,
            ", ".join(checks),
            seconds,
        )
        for strategy, checks in won.items()
    ]


def _stub(*args: object, **kwargs: object) -> None:
    raise NotImplementedError


def _row(
    exercise: Exercise,
    kind: str,
    name: str,
    function: str,
    functions: Mapping[str, Any],
    spec: ExerciseSpec,
    hidden: ExerciseSpec,
) -> Row:
    start = time.perf_counter()
    verdict = judge_functions(functions, spec, hidden)
    seconds = time.perf_counter() - start
    if kind == "wrong":
        ok = verdict.diagnosis == name and _named(verdict) == [(function, name)]
    elif kind == "stub":
        ok = verdict.points == 0 and verdict.diagnosis is None and "not written" in verdict.message
    else:
        ok = verdict.passed and verdict.points == verdict.max_points
    return Row(
        exercise.id,
        kind,
        name,
        function,
        ok,
        verdict.passed,
        verdict.points,
        verdict.max_points,
        verdict.diagnosis,
        verdict.message,
        round(seconds, 4),
    )
