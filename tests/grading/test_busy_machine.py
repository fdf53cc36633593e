"""A machine that is busy with something else grades as an idle one does, only later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SANDBOX
from autograder.course import Course
from autograder.files import write_durably
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import SubmissionResult
from tests.grading.test_interruptions import hand_in, recorded
from tests.small_course import RIGHT, WRONG

Loops = list[subprocess.Popen[bytes]]

# With two endless loops on each core, a second of computing takes about three by the clock. What
# these submissions compute fits into two seconds of processor time, but not into two by the clock.
LIMITS = Limits(cell_seconds=2.0, call_seconds=2.0, patience=30.0)
HARD_CELL = """
import time
end = time.process_time() + 1.3
while time.process_time() < end:
    pass
"""
HARD_ANSWER = """
def double(x_T):
    import time
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    return x_T + x_T
"""
ENDLESS_ANSWER = "def double(x_T):\n    while True:\n        pass"


@pytest.fixture
def make_busy() -> Iterator[Callable[[], Loops]]:
    """Starts two endless loops for each core."""
    loops: Loops = []

    def begin() -> Loops:
        for _ in range(2 * (os.cpu_count() or 1)):
            loops.append(subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]))
        return loops

    yield begin
    for loop in loops:
        loop.kill()
        loop.wait()


def grade(course: Course, folder: Path) -> dict[str, SubmissionResult]:
    steps = grade_path(course, folder, GradeOptions(workers=2, limits=LIMITS))
    return {step.result.student: step.result for step in steps}


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_busy_machine_changes_no_score(
    mini_course: Course,
    submission: Callable[..., NotebookNode],
    make_busy: Callable[[], Loops],
    tmp_path: Path,
) -> None:
    idle = tmp_path / "idle" / "class"
    hand_in(
        idle,
        right=submission(RIGHT),
        wrong=submission(WRONG),
        cell=submission(RIGHT, {2: HARD_CELL}),
        answer=submission(HARD_ANSWER),
        both=submission(HARD_ANSWER, {1: HARD_CELL, 2: HARD_CELL}),
        endless=submission(ENDLESS_ANSWER, {2: "while True: pass"}),
    )
    write_durably(idle / ".attn" / "hidden_seed", "7\n")
    busy = shutil.copytree(idle, tmp_path / "busy" / "class")
    before = grade(mini_course, idle)
    if SANDBOX not in before["right"].integrity[0]:
        pytest.skip("without the sandbox, time is counted by the clock")
    points = {student: result.points for student, result in before.items()}
    assert points == {"right": 4, "wrong": 1, "cell": 4, "answer": 4, "both": 4, "endless": 0}
    assert before["endless"].reason == (
        "cell 3: it did not finish within 2 s of computing; "
        "L1.1: the checks of this exercise did not finish within 2 s of computing"
    )
    loops = make_busy()
    grade(mini_course, busy)
    assert [loop.poll() for loop in loops] == [None] * len(loops)
    assert recorded(busy) == recorded(idle)
