"""A lesson's class in numbers: who handed in, what passed, which mistakes, who needs help.

Everything is counted from the record and the gradebook. What is not known is said to be so.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from attnkit.checking.spec import CheckSpec, ExerciseSpec
from attnkit.checking.verdict import Verdict

from autograder.course import cell_name
from autograder.record.class_list import ClassList
from autograder.record.lesson_facts import LessonFacts
from autograder.record.marks import LessonMarks, Marks, lost
from autograder.record.records import LessonRecords, Recorded
from autograder.text import gather, plain_text

ORDINARY = "ran in a sandbox ("  # how the note of a submission begins that ran as it should


@dataclass(frozen=True)
class CheckCount:
    """How many passed one named check, of those who wrote an answer to its exercise."""

    name: str
    points: int
    passed: int
    of: int
    functions: tuple[str, ...] = ()  # that it uses, where the exercise has several


@dataclass(frozen=True)
class MistakeCount:
    """A misconception that was recognised, its sentence, and who had it."""

    exercise: str
    id: str
    sentence: str
    students: tuple[str, ...]
    function: str = ""  # whose mistake it is, where the exercise has several


@dataclass(frozen=True)
class ExerciseCount:
    """What became of one exercise. passed + named + other + empty = those who could be graded."""

    id: str
    title: str
    importance: int
    max_points: int
    mean_points: float
    passed: int
    named: int  # a misconception was recognised
    other: int  # something else is wrong
    empty: int  # left as it was given
    checks: tuple[CheckCount, ...]


@dataclass(frozen=True)
class Lost:
    """What one student lost in one exercise, and why if that is known."""

    exercise: str
    title: str
    points: float
    because: str


@dataclass(frozen=True)
class NeedsHelp:
    """A student with what they lost; `need` is the sum of importance × lost points."""

    student: str
    name: str
    need: float
    lost: tuple[Lost, ...]


@dataclass(frozen=True)
class StudentRow:
    """One student of the class."""

    student: str
    name: str
    status: str  # as in the result, or "not handed in"
    points: dict[str, float | None]  # by cell; None waits for a person
    total: float | None
    hours_late: float
    versions: int  # that were graded, as far as their times are known


@dataclass(frozen=True)
class Note:
    """Something seen in grading, and the students whom it is about."""

    text: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Stranger:
    """Somebody who handed in without being on the class's list, and who of it that may be."""

    student: str
    may_be: tuple[str, ...]


@dataclass(frozen=True)
class LessonSummary:
    """One lesson's class."""

    lesson: str
    title: str
    max_points: float
    rows: tuple[StudentRow, ...]
    exercises: tuple[ExerciseCount, ...]
    mistakes: tuple[MistakeCount, ...]
    help: tuple[NeedsHelp, ...]
    written: dict[str, float]  # points of each cell that a person marks
    waiting: int  # answers that wait for a person
    hours_before: tuple[float, ...]  # the deadline, where both times are known
    flickering: tuple[Note, ...]
    repairs: tuple[Note, ...]
    integrity: tuple[Note, ...]
    failed: tuple[Note, ...]  # not, or only partly, gradable
    strangers: tuple[Stranger, ...]

    @property
    def handed_in(self) -> int:
        return sum(row.status != "not handed in" for row in self.rows)

    @property
    def shares(self) -> list[float]:
        """Totals of those who could be graded, as a share of all points."""
        totals = [row.total for row in self.rows if row.total is not None]
        return [total / self.max_points for total in totals] if self.max_points else []

    @property
    def median(self) -> float | None:
        return statistics.median(self.shares) * self.max_points if self.shares else None


def summarise(
    found: LessonRecords,
    marks: LessonMarks,
    names: Mapping[str, str],
    facts: LessonFacts,
    empty: Mapping[str, frozenset[str]],
    id_of: Mapping[str, str],
    class_list: ClassList,
) -> LessonSummary:
    """Count. `names` is the class by gradebook id; `empty` tells whose answer cells are unchanged,
    by exercise; `id_of` gives the gradebook's id of each recorded student."""
    records = found.records
    gradable = {s: r for s, r in records.items() if r.result.status != "not gradable"}
    known = {student: marks.marks.get(id_of[student]) for student in records}
    shown = {student: names.get(id_of[student], student) for student in records}
    written: dict[str, float] = {}
    for mark in marks.marks.values():
        for cell, one in mark.cells.items():
            if cell in facts.questions:
                written[cell] = one.max_score
    missing = sorted(set(names) - {id_of[student] for student in records})
    rows = [_row(student, shown[student], records[student], known[student]) for student in records]
    rows += [StudentRow(s, names[s], "not handed in", {}, None, 0.0, 0) for s in missing]
    return LessonSummary(
        lesson=found.lesson.name,
        title=facts.title,
        max_points=marks.max_score,
        rows=tuple(sorted(rows, key=lambda row: row.name.casefold())),
        exercises=tuple(_exercise(spec, gradable, empty) for spec in facts.specs.values()),
        mistakes=_mistakes(facts, gradable),
        help=_help(facts, gradable, known, shown, empty),
        written=dict(sorted(written.items())),
        waiting=sum(len(mark.waiting) for mark in known.values() if mark),
        hours_before=tuple(_hours_before(known.values())),
        flickering=_flickering(facts, records),
        repairs=_notes((s, note) for s, r in records.items() for note in r.result.repairs),
        integrity=_notes(
            (s, note)
            for s, r in records.items()
            for note in r.result.integrity
            if not note.startswith(ORDINARY)
        ),
        failed=_notes(
            (s, f"{r.result.status}: {r.result.reason}")
            for s, r in records.items()
            if r.result.status != "graded"
        )
        + _notes((s, "the record can't be read; grade it again") for s in found.unreadable),
        strangers=tuple(_strangers(records, id_of, class_list)),
    )


def _strangers(
    records: Iterable[str], id_of: Mapping[str, str], class_list: ClassList
) -> Iterable[Stranger]:
    handed_in = {id_of[student] for student in records}
    for student in sorted(records):
        if class_list.has(id_of[student]) is False:
            yield Stranger(student, tuple(class_list.may_be(id_of[student], handed_in)))


def _row(student: str, name: str, recorded: Recorded, marks: Marks | None) -> StudentRow:
    result = recorded.result
    points: dict[str, float | None]
    if marks is None:
        points = {cell_name(v.exercise): float(v.points) for v in result.exercises}
    else:
        points = {cell: None if m.waits else m.score for cell, m in marks.cells.items()}
    total = marks.total if marks else float(result.points)
    return StudentRow(
        student=student,
        name=name,
        status=result.status,
        points=points,
        total=None if result.status == "not gradable" else total,
        hours_late=marks.seconds_late / 3600 if marks else 0.0,
        versions=len(recorded.history.handed_in),
    )


def _verdicts(exercise: str, gradable: Mapping[str, Recorded]) -> dict[str, Verdict]:
    return {
        student: verdict
        for student, recorded in gradable.items()
        for verdict in recorded.result.exercises
        if verdict.exercise == exercise
    }


def _exercise(
    spec: ExerciseSpec, gradable: Mapping[str, Recorded], empty: Mapping[str, frozenset[str]]
) -> ExerciseCount:
    verdicts = _verdicts(spec.id, gradable)
    left = empty.get(spec.id, frozenset())
    tried = {student: v for student, v in verdicts.items() if student not in left}
    checks = [
        CheckCount(
            check.name,
            check.points,
            sum(c.passed for v in tried.values() for c in v.checks if c.name == check.name),
            len(tried),
            check.functions if len(spec.functions) > 1 else (),
        )
        for check in _by_function(spec)
    ]
    passed = sum(v.passed for v in tried.values())
    named = sum(not v.passed and v.diagnosis is not None for v in tried.values())
    return ExerciseCount(
        id=spec.id,
        title=spec.title,
        importance=spec.importance,
        max_points=spec.points,
        mean_points=statistics.fmean(v.points for v in verdicts.values()) if verdicts else 0.0,
        passed=passed,
        named=named,
        other=len(tried) - passed - named,
        empty=len(verdicts) - len(tried),
        checks=tuple(checks),
    )


def _by_function(spec: ExerciseSpec) -> list[CheckSpec]:
    """The checks in the order of a verdict's groups: those of several functions come last."""
    places = dict.fromkeys(c.functions for c in spec.checks if len(c.functions) == 1)
    order = [*places, *dict.fromkeys(c.functions for c in spec.checks if c.functions not in places)]
    return sorted(spec.checks, key=lambda check: order.index(check.functions))


def _mistakes(facts: LessonFacts, gradable: Mapping[str, Recorded]) -> tuple[MistakeCount, ...]:
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student, recorded in gradable.items():
        for verdict in recorded.result.exercises:
            for diagnosis in verdict.diagnoses:
                who[verdict.exercise, diagnosis].append(student)
    known = {(spec.id, m.id): m for spec in facts.specs.values() for m in spec.misconceptions}
    several = {spec.id for spec in facts.specs.values() if len(spec.functions) > 1}
    found = []
    for (exercise, name), students in who.items():
        of = known.get((exercise, name))
        function = of.function if of and exercise in several else ""
        sentence = of.message if of else ""
        found.append(MistakeCount(exercise, name, sentence, tuple(sorted(students)), function))
    return tuple(sorted(found, key=lambda m: (-len(m.students), m.exercise, m.id)))


def _help(
    facts: LessonFacts,
    gradable: Mapping[str, Recorded],
    known: Mapping[str, Marks | None],
    shown: Mapping[str, str],
    empty: Mapping[str, frozenset[str]],
) -> tuple[NeedsHelp, ...]:
    found = []
    for student, recorded in gradable.items():
        marks = known[student]
        need, losses = 0.0, []
        for verdict in recorded.result.exercises:
            spec = facts.specs.get(verdict.exercise)
            points = (
                lost(marks.cells, cell_name(verdict.exercise))
                if marks
                else float(verdict.max_points - verdict.points)
            )
            if spec is None or not points:
                continue
            left = student in empty.get(spec.id, frozenset())
            said = [_short(finding.sentence) for finding in verdict.findings]
            because = "not written" if left else " ".join(said) or _short(verdict.message)
            need += spec.importance * points
            losses.append((spec.importance * points, Lost(spec.id, spec.title, points, because)))
        losses.sort(key=lambda pair: -pair[0])
        if losses:
            worst = tuple(loss for _, loss in losses)
            found.append(NeedsHelp(student, shown[student], need, worst))
    return tuple(sorted(found, key=lambda one: (-one.need, one.name)))


def _short(message: str, most: int = 300) -> str:
    """A message that may be cut off, but not within its code."""
    shown = plain_text(message, most)
    if shown.count("`") % 2:
        shown = shown[: shown.rindex("`")].rstrip() + " …"
    return shown


def _hours_before(marks: Iterable[Marks | None]) -> Iterable[float]:
    for mark in marks:
        if mark and mark.handed_in is not None and mark.due is not None:
            yield (mark.due - mark.handed_in).total_seconds() / 3600


def _flickering(facts: LessonFacts, records: Mapping[str, Recorded]) -> tuple[Note, ...]:
    found = []
    for student, recorded in records.items():
        for exercise, places in recorded.history.flickering().items():
            spec = facts.specs.get(exercise)
            names = [spec.checks[i].name for i in places if spec and i < len(spec.checks)]
            found.append((student, f"{exercise}: {', '.join(names) or 'a check'}"))
    return _notes(found)


def _notes(found: Iterable[tuple[str, str]]) -> tuple[Note, ...]:
    """Equal notes put together, those about the most students first."""
    who: dict[str, list[str]] = defaultdict(list)
    by_student: dict[str, list[str]] = defaultdict(list)
    for student, note in found:
        by_student[student].append(note)
    for student, notes in by_student.items():
        for note in gather(notes):
            who[plain_text(note, 400, keep="")].append(student)
    order = Counter({note: len(students) for note, students in who.items()}).most_common()
    return tuple(Note(note, tuple(sorted(who[note]))) for note, _ in order)


def listed(students: Sequence[str], names: Mapping[str, str]) -> str:
    """Students by the names that the roster has for them."""
    return ", ".join(names.get(student, student) for student in students)
