"""The corpus's submissions, graded in one batch: each gets its row, none disturbs another.

Those that have a twin, and take long or only vary it, are in the batch of `make test-all` only.
With `-k NAME` the batch is that one beside a right answer.
"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder.authoring.build import build_lesson
from autograder.boxes.box import Limits
from autograder.course import Course
from autograder.grading.batch import Progress
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import SubmissionResult
from autograder.notebook_text import to_text
from tests.hostile import accidents, cheats, costly, damage, sandboxed
from tests.hostile.case import FULL, LESSON, Case
from tests.small_course import answered, build_course

NEIGHBOUR = Case("neighbour", "a right answer, graded among all the others")
CASES = (
    NEIGHBOUR,
    *sandboxed.CASES,
    *cheats.CASES,
    *accidents.CASES,
    *damage.CASES,
    *costly.CASES,
)
IN_EVERY_RUN = tuple(case for case in CASES if not case.twin)
# What honest code needs is far below these seconds of computing. By the clock there is time for a
# busy machine too; and for a submission that waits out one cell's time, to be run to its end.
LIMITS = Limits(
    cell_seconds=2,
    call_seconds=2.0,
    submission_seconds=30.0,
    patience=5.0,
    memory_bytes=700 << 20,
    disk_bytes=32 << 20,
    processes=32,
)
OPTIONS = GradeOptions(workers=2, limits=LIMITS)


@dataclass(frozen=True)
class Batch:
    """What one run over the corpus gave."""

    cases: tuple[Case, ...]
    folder: Path
    rows: dict[str, SubmissionResult]
    steps: list[Progress]
    megabytes: float  # how much the grader's own memory has grown at most


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("pair", tmp_path_factory.mktemp("pair"))


def asked_for(request: pytest.FixtureRequest) -> tuple[Case, ...]:
    """The cases whose rows this run looks at, beside a right answer."""
    tests = (item for item in request.session.items if isinstance(item, pytest.Function))
    looked_at: set[object] = {
        getattr(test.callspec.params["case"], "name", "")
        for test in tests
        if test.originalname == test_each_gets_the_row_it_earned.__name__
    }
    if not looked_at:
        return IN_EVERY_RUN
    return tuple(case for case in CASES if case is NEIGHBOUR or case.name in looked_at)


@pytest.fixture(scope="module")
def batch(
    request: pytest.FixtureRequest, course: Course, tmp_path_factory: pytest.TempPathFactory
) -> Batch:
    cases = asked_for(request)
    folder = tmp_path_factory.mktemp("hostile") / "class"
    hand_in(cases, course, folder / "submitted")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps = list(grade_path(course, folder, OPTIONS))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = {step.result.student: step.result for step in steps}
    return Batch(cases, folder, rows, steps, (after - before) / 1024)


def hand_in(cases: tuple[Case, ...], course: Course, submitted: Path) -> None:
    """Put every case into the class's folder as one student's submission."""
    release = build_lesson(course.lesson(LESSON)).release
    submitted.mkdir(parents=True)
    for case in cases:
        answers = {"L1-1-answer": case.double.strip(), "L1-2-answer": case.triple}
        notebook = answered(release, answers)
        own = [source for source in case.first.split("#split\n") if source]
        notebook.cells[:0] = [new_code_cell(source, id=f"own-{i}") for i, source in enumerate(own)]
        if case.last:
            notebook.cells.insert(len(notebook.cells) - 2, new_code_cell(case.last, id="last"))
        data = case.file(notebook) if case.file else to_text(notebook).encode()
        folder = submitted / case.folder_name
        if case.folder:
            case.folder(folder, data)
        else:
            (folder / LESSON).mkdir(parents=True)
            (folder / LESSON / f"{LESSON}.ipynb").write_bytes(data)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.exhaustive] * bool(case.twin))
        for case in CASES
    ],
)
def test_each_gets_the_row_it_earned(case: Case, batch: Batch) -> None:
    row = batch.rows[case.row_name]
    points = tuple(verdict.points for verdict in row.exercises)
    messages = [verdict.message for verdict in row.exercises]
    said = "\n".join([row.reason, *row.repairs, *messages])
    assert points == case.points, said
    assert row.max_points == sum(FULL)
    if case.status != "*":
        assert row.status == case.status, said
    if row.status != "graded":
        assert row.reason
    for words in case.says:
        assert words in said


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert Counter(case.row_name for case in CASES).most_common(1)[0][1] == 1
    assert len(IN_EVERY_RUN) >= 130


def test_what_waits_for_the_night_has_a_twin_in_every_run() -> None:
    names = {case.name for case in IN_EVERY_RUN}
    tests = Path(__file__).parents[1]
    for case in CASES:
        assert not case.twin or case.twin in names or (tests / case.twin).is_file(), case.name


def test_the_batch_goes_on_and_the_gradebook_has_every_row(batch: Batch) -> None:
    assert len(batch.steps) == len(batch.rows) == len(batch.cases)
    with Gradebook(f"sqlite:///{batch.folder / 'gradebook.db'}") as gradebook:
        recorded = {
            s.student.id: {g.name: g.auto_score for g in s.notebooks[0].grades}
            for s in gradebook.assignment_submissions(LESSON)
        }
    assert recorded.keys() == {case.row_name for case in batch.cases}
    for case in batch.cases:
        scores = recorded[case.row_name]
        assert (scores["L1-1"], scores["L1-2"]) == case.points


def test_nothing_that_a_person_reads_holds_control_characters_or_novels(batch: Batch) -> None:
    for name, row in batch.rows.items():
        messages = [verdict.message for verdict in row.exercises]
        for text in (name, row.reason, *row.repairs, *messages):
            assert len(text) < 2_000, name
            assert all(c.isprintable() or c in "\n\u200c\u200d" for c in text), (name, text)


def test_kept_notebooks_are_small(batch: Batch) -> None:
    kept = list((batch.folder / "autograded").rglob("*.ipynb"))
    assert len(kept) == len(batch.cases)
    assert max(file.stat().st_size for file in kept) < 8_000_000


def test_the_graders_memory_stays_bounded(batch: Batch) -> None:
    assert batch.megabytes < 300


def test_no_child_of_a_submission_is_left(batch: Batch) -> None:
    end = time.monotonic() + 60
    while True:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        if f"sleep {accidents.SLEEPS}" not in listed.stdout or time.monotonic() > end:
            break
        time.sleep(0.5)
    assert f"sleep {accidents.SLEEPS}" not in listed.stdout


def test_nothing_was_made_outside_the_class(batch: Batch) -> None:
    assert not os.path.exists("pwned")
    assert sorted(p.name for p in batch.folder.parent.iterdir()) == ["class"]


def test_a_second_run_finds_every_row_unchanged(course: Course, batch: Batch) -> None:
    """What was graded or refused is known; nothing is graded again."""
    again = {s.result.student: s for s in grade_path(course, batch.folder, OPTIONS)}
    graded = [row for row in batch.rows.values() if row.status != "not gradable"]
    assert all(again[row.student].known for row in graded)
    assert {name: step.result.points for name, step in again.items()} == {
        name: row.points for name, row in batch.rows.items()
    }
