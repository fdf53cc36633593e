"""Whatever ends the real command, whenever: the next run goes on and ends in the same gradebook."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.files import write_durably
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import make_sample_class
from autograder.record.class_folder import ClassFolder, only_grader, open_class
from tests.grading.conftest import Attn
from tests.small_course import RIGHT, WRONG, raw

LESSON = "01_doubling"


def start(course: Course, folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--workers", "2", *options],
        env={**os.environ, "ATTN_ROOT": str(course.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(run: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = run.communicate(timeout=900)
    assert "Traceback" not in err
    return run.returncode, err


def hand_in(folder: Path, **students: NotebookNode) -> None:
    for student, notebook in students.items():
        file = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(raw(notebook))


def recorded(folder: Path) -> dict[str, Any]:
    """All that grading has left: the gradebook, the records, the notebooks as they ran."""
    with ClassFolder(folder).open_gradebook() as gradebook:
        students: dict[str, Any] = {
            s.student.id: (
                str(s.timestamp),
                sorted(
                    (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                    for g in s.notebooks[0].grades
                ),
                sorted((c.name, c.auto_comment or "") for c in s.notebooks[0].comments),
            )
            for s in gradebook.assignment_submissions(LESSON)
        }
        assert len(gradebook.students) == len(students)
    for student, row in students.items():
        record = json.loads((folder / ".attn" / "results" / LESSON / f"{student}.json").read_text())
        del record["result"]["seconds"]
        notebook = folder / "autograded" / student / LESSON / f"{LESSON}.ipynb"
        students[student] = (*row, record, notebook.read_text(encoding="utf-8"))
    return students


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, pytest.param(25, marks=pytest.mark.exhaustive)])
def test_processes_killed_at_random_moments_change_nothing(
    kills: int, mini_course: Course, tmp_path: Path
) -> None:
    """SIGKILL to the command and to processes below it, in its sandbox too, at any time."""
    students = 6 if kills == 1 else 16
    make_sample_class(mini_course, tmp_path / "clean", students)
    began = time.monotonic()
    code, _ = finish(start(mini_course, tmp_path / "clean"))
    longest = time.monotonic() - began
    folder = tmp_path / "class"
    make_sample_class(mini_course, folder, students)
    dice = random.Random(25)
    run = start(mini_course, folder)
    killed_in: list[str] = []
    orphans: list[psutil.Process] = []

    def each() -> int:
        return min(killed_in.count(who) for who in ("grader", "below"))

    while len(killed_in) < kills or each() <= kills // 6:
        below: list[psutil.Process] = []
        if dice.random() < 0.5:
            time.sleep(dice.uniform(0, 0.4 * longest))
        else:  # as soon as there is something below it, or a little later
            while run.poll() is None and not psutil.Process(run.pid).children():
                time.sleep(0.01)
            time.sleep(dice.choice([0, dice.uniform(0, 0.1 * longest)]))
            with contextlib.suppress(psutil.NoSuchProcess):
                below = psutil.Process(run.pid).children(recursive=True)
        if run.poll() is not None:  # it got through: all over again
            run.communicate()
            run = start(mini_course, folder, "--force")
        elif below:
            killed_in.append("below")
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                dice.choice(below).kill()
        else:
            killed_in.append("grader")
            orphans += psutil.Process(run.pid).children(recursive=True)
            run.kill()
            run.communicate()
            run = start(mini_course, folder)
    run.kill()
    run.communicate()
    _, alive = psutil.wait_procs(orphans, timeout=120)
    assert alive == []
    assert finish(start(mini_course, folder))[0] == code
    assert recorded(folder) == recorded(tmp_path / "clean")
    assert not list(folder.rglob(".part-*"))
    again = tmp_path / "again.json"
    finish(start(mini_course, folder, "--json", str(again)))
    assert len(json.loads(again.read_text())) == students


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.exhaustive)]
)
def test_a_stop_in_the_middle_of_a_cell_is_prompt_leaves_no_process_and_says_how_to_go_on(
    number: signal.Signals,
    mini_course: Course,
    submission: Callable[..., NotebookNode],
    tmp_path: Path,
) -> None:
    endless = submission(RIGHT, {2: "while True: pass"})
    hand_in(tmp_path, ada=submission(RIGHT), ben=submission(WRONG), zoe=endless)
    run = start(mini_course, tmp_path)
    results = tmp_path / ".attn" / "results" / LESSON
    while not {"ada.json", "ben.json"} <= {p.name for p in results.glob("*")}:
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    time.sleep(1)  # the last one is under way
    below = psutil.Process(run.pid).children(recursive=True)
    assert below
    run.send_signal(number)
    code, err = finish(run)
    assert code == 128 + number
    assert (
        err.strip() == "Stopped. What is graded is recorded; the same command goes on from there."
    )
    _, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
    code, err = finish(start(mini_course, tmp_path, "--cell-seconds", "1"))
    assert code == 1
    assert "3 submissions, 2 of them graded before and unchanged" in err


def test_a_second_grader_of_the_same_class_is_sent_away(
    mini_course: Course, attn: Attn, submission: Callable[..., NotebookNode], tmp_path: Path
) -> None:
    hand_in(tmp_path, ada=submission(RIGHT))
    with only_grader(tmp_path):
        code, _, err = attn("grade", tmp_path)
    assert code == 2
    assert err.startswith("attn: Another `attn grade` is at work on the class in ")
    assert err.strip().count("\n") == 0
    assert [step.known for step in grade_path(mini_course, tmp_path, GradeOptions())] == [False]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can't be made here: that takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    "room", [30_000, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (0, 60_000))]
)
def test_a_disk_that_is_full_before_or_while_grading_loses_nothing(
    room: int,
    mini_course: Course,
    attn: Attn,
    submission: Callable[..., NotebookNode],
    small_disk: Path,
    tmp_path: Path,
) -> None:
    for folder in (small_disk, tmp_path / "clean"):
        hand_in(folder, **{f"s{n}": submission(RIGHT if n % 2 else WRONG) for n in range(6)})
        write_durably(folder / ".attn" / "hidden_seed", "7\n")
        open_class(folder, mini_course.lesson_folders())
    with (small_disk / "filler").open("wb", buffering=0) as filler:
        free = os.statvfs(small_disk)
        filler.write(b"x" * (free.f_bavail * free.f_frsize - room))
    code, _, err = attn("grade", small_disk, "--workers", 2)
    assert code == 2
    assert "nothing is lost; mend it and run the same command again" in err.replace("\n", " ")
    assert err.strip().count("\n") == 0
    (small_disk / "filler").unlink()
    assert attn("grade", small_disk, "--workers", 2)[0] == 0
    list(grade_path(mini_course, tmp_path / "clean", GradeOptions(workers=2)))
    assert recorded(small_disk) == recorded(tmp_path / "clean")


def test_a_clock_that_jumps_changes_nothing(
    mini_course: Course,
    submission: Callable[..., NotebookNode],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Protects limits and order from a clock that is set back or forward while grading."""
    for name in ("still", "jumping"):
        hand_in(tmp_path / name, right=submission(RIGHT), wrong=submission(WRONG))
        write_durably(tmp_path / name / ".attn" / "hidden_seed", "7\n")
    found = [list(grade_path(mini_course, tmp_path / "still", GradeOptions(workers=2)))]
    jumps = itertools.cycle([0.0, 86_400.0, -86_400.0, 3e8, -1e9])
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    for _ in range(2):
        found.append(list(grade_path(mini_course, tmp_path / "jumping", GradeOptions(workers=2))))
    monkeypatch.undo()
    first, second, third = (
        {step.result.student: (step.result.points, step.result.status) for step in steps}
        for steps in found
    )
    assert first == second == third == {"right": (4, "graded"), "wrong": (1, "graded")}
    assert [step.known for step in found[2]] == [True, True]


@pytest.mark.exhaustive  # small folders: test_submissions.py
def test_a_folder_of_ten_thousand_with_three_that_are_no_students(
    mini_course: Course, submission: Callable[..., NotebookNode], tmp_path: Path
) -> None:
    hand_in(tmp_path, ada=submission(RIGHT), zoe=submission(WRONG))
    submitted = tmp_path / "submitted"
    for n in range(9_995):
        (submitted / f"student-{n:04}" / "07_another").mkdir(parents=True)
    (submitted / "grades (copy).xlsx").write_bytes(b"PK")
    (submitted / "empty").mkdir()
    (submitted / "lost+found" / "a" / "b").mkdir(parents=True)
    (submitted / "lost+found" / "a").rename(submitted / "lost+found" / ".a")
    out = tmp_path / "results.json"
    code, err = finish(start(mini_course, tmp_path, "--json", str(out)))
    assert code == 1
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert len(rows) == 9_997
    assert {row["student"]: row["points"] for row in rows if row["points"]} == {"ada": 4, "zoe": 1}
    said = " ".join(err.split())
    assert "empty, lost+found (no lesson's folder or notebook is in it); grades (copy)" in said
    assert "grades (copy).xlsx (no folder)." in said


@pytest.mark.exhaustive  # test_class.py: nbgrader opens and exports ours; this notices its changes
def test_a_new_gradebook_is_what_nbgrader_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same tables and the same note of their version, without its call of `alembic`."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    (tmp_path / "ours").mkdir()
    ClassFolder(tmp_path / "ours").open_gradebook().close()
    Gradebook(f"sqlite:///{tmp_path / 'theirs.db'}", "ours").close()
    dumps = []
    for file in (tmp_path / "ours" / "gradebook.db", tmp_path / "theirs.db"):
        with contextlib.closing(sqlite3.connect(file)) as database:
            dumps.append(list(database.iterdump()))
    assert dumps[0] == dumps[1]
    assert any("alembic_version" in line for line in dumps[0])


def test_a_gradebook_killed_while_it_was_made_is_made_whole(
    mini_course: Course, tmp_path: Path
) -> None:
    """nbgrader notes the version of the tables last; without it they could never be upgraded."""
    folder, _ = open_class(tmp_path, mini_course.lesson_folders())
    from sqlalchemy import text

    for damage in ("DELETE FROM alembic_version", "DROP TABLE alembic_version"):
        with Gradebook(folder.gradebook_url, folder.course_id) as gradebook:
            before = gradebook.db.execute(text("SELECT * FROM alembic_version")).all()
            gradebook.db.execute(text(damage))
            gradebook.db.commit()
        with folder.open_gradebook() as gradebook:
            after = gradebook.db.execute(text("SELECT * FROM alembic_version")).all()
        assert len(after) == 1
        assert after == before
