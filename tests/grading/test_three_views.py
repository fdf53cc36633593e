"""One set of checks, seen three ways: in the notebook, by `attn grade`, by stock nbgrader."""

from __future__ import annotations

import contextlib
import copy
import functools
import shutil
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from attnkit.checking.check import check
from attnkit.checking.spec import released_lesson
from nbgrader.api import Gradebook

from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.variants import Variant
from autograder.authoring.verify import BLIND_SEEDS, Row, Subject, table
from autograder.boxes.plain_kernel import KernelBox
from autograder.course import Course, LessonFolder, cell_name, find_course
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import make_sample_class
from autograder.judging.judge import judge_in_box
from autograder.judging.make_key import make_key
from autograder.record.class_folder import ClassFolder
from tests.kept_boxes import Keeper

SEEDS = (1, 2, 3)
WITH_MODELS = 8  # the lesson each of whose variants builds a Keras model
#: Each of their variants takes up to a second to judge: every tenth is, in every run; of all other
#: exercises every second.
SLOW = ("L3.5", "L4.3", "L4.7", "L5.5", "L7.4", "L10.3", "L15.6")
# Compared in two views in every run; all others by `make test-all` only, their kill tables always.
IN_A_NOTEBOOK = (1,)
OUTSIDE = (1, 3)


@pytest.fixture(scope="module")
def course() -> Course:
    return find_course()


def of_every_run(exercise: Exercise) -> Exercise:
    """The exercise with the variants that are judged in every run."""
    each = 10 if exercise.id in SLOW else 2
    thinned = copy.copy(exercise)
    thinned.rights, thinned.wrongs = exercise.rights[::each], exercise.wrongs[::each]
    if exercise.id in SLOW:
        thinned.plains = []
    return thinned


def exercises_of(folder: LessonFolder, whole: bool) -> dict[str, Exercise]:
    declared = declared_exercises(folder)
    return declared if whole else {name: of_every_run(e) for name, e in declared.items()}


@functools.cache
def table_of(lesson: str, seed: int, whole: bool) -> list[Row]:
    """A lesson's kill table, of all variants or of those of every run.

    Who answers without looking tries it in one class of every run, and in ten of `make test-all`.
    The visible checks are the released ones, which are what a build gives: `attn build --check`.
    """
    folder = find_course().lesson(lesson)
    read = read_lesson(folder.source)
    reference, released = read.reference(), released_lesson(folder.number)
    return [
        row
        for exercise in exercises_of(folder, whole).values()
        for row in table(
            Subject(exercise, read, reference, released[exercise.id]),
            seed,
            BLIND_SEEDS if whole else 1,
        )
    ]


def lessons(always: Container[int] | None = None) -> list[Any]:
    """All lessons; in every run these only, or without a choice all but that with models."""
    return [
        pytest.param(folder, id=folder.name, marks=[pytest.mark.exhaustive] * (not often))
        for folder in find_course().lesson_folders()
        for often in [folder.number != WITH_MODELS if always is None else folder.number in always]
    ]


@pytest.mark.parametrize(
    ("seed", "whole"),
    [
        pytest.param(SEEDS[0], False, id="some"),
        *(pytest.param(n, True, marks=pytest.mark.exhaustive, id=f"all-{n}") for n in SEEDS),
    ],
)
@pytest.mark.parametrize("folder", lessons())
def test_every_wrong_variant_fails_by_name_and_every_right_one_passes(
    folder: LessonFolder, seed: int, whole: bool
) -> None:
    kill_table = table_of(folder.name, seed, whole)
    assert [row for row in kill_table if not row.ok] == []
    kinds = {"reference", "stub", "right", "wrong", "blind"}
    if any(len(e.functions) > 1 for e in declared_exercises(folder).values()):
        kinds.add("pair")
    assert {row.kind for row in kill_table} == kinds


def test_some_variants_of_the_lesson_with_models_are_called_by_their_names() -> None:
    """Its kill table is `make test-all`'s; these are judged as a notebook does, with what is
    released."""
    folder = find_course().lesson(WITH_MODELS)
    reference = read_lesson(folder.source).reference()
    for exercise in declared_exercises(folder).values():
        rights = {name: reference[name] for name in exercise.functions}
        for variant in [*exercise.rights[:1], *exercise.wrongs[::16]]:
            functions = {**rights, variant.function: variant.beside(reference)}
            report = check(exercise.id, *functions.values())
            wrong = variant in exercise.wrongs
            assert report.passed != wrong, variant.name
            assert report.diagnosis == (variant.name if wrong else None)


@dataclass(frozen=True)
class Chosen:
    """Every n-th variant of those that are judged in every run; or all there are."""

    each: int

    @property
    def whole(self) -> bool:
        return self.each == 1

    def of(self, exercise: Exercise) -> Sequence[Variant]:
        return [*exercise.rights, *exercise.wrongs][:: self.each]


def some_or_all(each: int) -> list[Any]:
    return [
        pytest.param(Chosen(each), id="some"),
        pytest.param(Chosen(1), marks=pytest.mark.exhaustive, id="all"),
    ]


@pytest.mark.parametrize(
    "seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in SEEDS[1:])]
)
@pytest.mark.parametrize("chosen", some_or_all(2))
@pytest.mark.parametrize("folder", lessons(IN_A_NOTEBOOK))
def test_the_notebooks_check_gives_the_points_and_the_name_of_the_kill_table(
    folder: LessonFolder, chosen: Chosen, seed: int
) -> None:
    rows = {(r.exercise, r.variant): r for r in table_of(folder.name, seed, chosen.whole)}
    reference = read_lesson(folder.source).reference()
    for exercise in exercises_of(folder, chosen.whole).values():
        rights = {name: reference[name] for name in exercise.functions}
        for variant in chosen.of(exercise):
            functions = {**rights, variant.function: variant.beside(reference)}
            report = check(exercise.id, *functions.values())
            row = rows[exercise.id, variant.name]
            assert report.diagnosis == row.diagnosis
            # hidden inputs can only take points away, and do so only where the visible ones
            # happen to spare a mistake
            assert report.points >= row.points
            assert report.passed == row.passed


@pytest.mark.parametrize("folder", lessons(range(100)))
def test_the_authors_solutions_are_judged_in_two_seconds_each(folder: LessonFolder) -> None:
    """Of a processor's time, so that a busy machine changes little; imports have been done."""
    reference = read_lesson(folder.source).reference()
    for exercise in declared_exercises(folder).values():
        functions = [reference[name] for name in exercise.functions]
        check(exercise.id, *functions)
        seconds: list[float] = []
        while not seconds or (seconds[-1] >= 2 and len(seconds) < 3):
            started = time.process_time()
            check(exercise.id, *functions)
            seconds.append(time.process_time() - started)
        assert min(seconds) < 2, exercise.id


@pytest.mark.parametrize("chosen", some_or_all(10))
@pytest.mark.parametrize("folder", lessons(OUTSIDE))
def test_the_judge_outside_gives_the_verdict_of_the_kill_table(
    folder: LessonFolder, chosen: Chosen, kept_boxes: Keeper
) -> None:
    """A variant's source runs in a box and is judged from outside, as in grading: some in a
    sandbox, all of them in real kernels.

    Without the hidden inputs, which is how `attn check` judges, it is the notebook's own verdict.
    """
    key = make_key(folder, SEEDS[0])
    rows = {(r.exercise, r.variant): r for r in table_of(folder.name, SEEDS[0], chosen.whole)}
    exercises = exercises_of(folder, chosen.whole)
    reference = read_lesson(folder.source).reference()
    rights = {
        name: {function: reference[function] for function in exercise.functions}
        for name, exercise in exercises.items()
    }
    with contextlib.closing(KernelBox() if chosen.whole else kept_boxes.open_box()) as box:
        box.run_cell(read_lesson(folder.source).given())
        for cell in read_lesson(folder.source).answers():
            for variant in chosen.of(exercises[cell.name]):
                assert box.run_cell(cell.source).status == "ok"
                assert box.run_cell(variant.source).status == "ok"
                verdict, error = judge_in_box(box, key.visible[cell.name], key.hidden[cell.name])
                row = rows[cell.name, variant.name]
                assert error is None
                assert (verdict.points, verdict.diagnosis) == (row.points, row.diagnosis), variant
                seen, _ = judge_in_box(box, key.visible[cell.name], None)
                functions = {**rights[cell.name], variant.function: variant.beside(reference)}
                report = check(cell.name, *functions.values())
                assert [(c.passed, c.points) for c in seen.checks] == [
                    (c.passed, c.points) for c in report.verdict.checks
                ], variant
                assert (seen.diagnosis, seen.points) == (report.diagnosis, report.points)
                inside, outside = (
                    [(one.function, one.points, one.diagnosis) for one in verdict.functions]
                    for verdict in (report.verdict, seen)
                )
                assert inside == outside
            assert box.run_cell(cell.source).status == "ok"  # for later answers that call it


@pytest.mark.slow
@pytest.mark.exhaustive  # kernels/test_provisioner.py compares them on a small class in every run
def test_stock_nbgrader_gives_the_same_scores(course: Course, tmp_path: Path) -> None:
    """Perfect, empty, half right, partly right: `nbgrader autograde` beside `attn grade`."""
    ours = tmp_path / "ours"
    made = make_sample_class(course, ours, students=5)
    kinds = {student.kind for student in made}
    assert kinds >= {"perfect", "empty", "half", "mixed"}
    shutil.copytree(ours, tmp_path / "stock")
    list(grade_path(course, ours / "submitted", GradeOptions(workers=2)))
    stock = ClassFolder(tmp_path / "stock")
    lesson = course.lesson_folders()[0].name
    for student in made:
        outcome = stock.api().autograde(lesson, student.student)
        assert outcome["success"], outcome
    for student in made:
        scores = []
        for root in (ours, stock.root):
            with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
                grades = gradebook.find_submission(lesson, student.student).notebooks[0].grades
                scores.append(
                    {g.name: (g.auto_score, g.max_score, g.needs_manual_grade) for g in grades}
                )
        assert scores[0] == scores[1], student
        for exercise, points in student.points.items():
            assert scores[0][cell_name(exercise)][0] == points
