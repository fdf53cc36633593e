"""What a start costs: a single verdict, help, the toolkit's import; processor and clock.

    make bench ARGS="--lessons starts"

Each command is run once before it is measured, so that what is kept from one to the next is there:
a lesson's checks, the walls that held. Processor time is that of all processes of a command, the
sandbox's too, where the system has control groups; else of those that it waits for.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attnkit import check

from autograder.authoring.build import build_lesson
from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.boxes.box import Limits
from autograder.boxes.flavours import flavour_of
from autograder.boxes.groups import Group, Groups, open_groups
from autograder.course import Course, LessonFolder, find_course
from autograder.notebook_text import to_text

Spent = tuple[float, float]  # seconds of a processor, seconds by the clock


def starts(rounds: int) -> list[str]:
    """The part of the table that is about starts."""
    course = find_course()
    lines = [
        "### Starts",
        "",
        "| what | processor, s | clock, s |",
        "|---|---:|---:|",
    ]
    with tempfile.TemporaryDirectory(prefix="attn-bench-") as scratch, _groups() as groups:
        for name, command in _commands(course, Path(scratch)):
            _spent(command, groups)
            rows = [_spent(command, groups) for _ in range(rounds)]
            processor, clock = (statistics.median(column) for column in zip(*rows, strict=True))
            lines.append(f"| {name} | {processor:.2f} | {clock:.2f} |")
        whole = groups is not None
    seconds = check_seconds(course)
    lines += [
        "",
        f"Medians of {rounds}, caches warm; processor time of "
        f"{'all processes' if whole else 'the processes that are waited for'}. `check` in a "
        f"notebook, of the author's solutions to {len(seconds)} NumPy exercises: median "
        f"{1000 * statistics.median(seconds):.0f} ms, the slowest {1000 * max(seconds):.0f} ms.",
        "",
    ]
    return lines


def check_seconds(course: Course) -> list[float]:
    """Processor seconds of one `check` for each exercise without Keras, the best of three."""
    found = []
    for folder in course.lesson_folders():
        if flavour_of(folder.source.read_text("utf-8")) == "keras":
            continue
        reference = read_lesson(folder.source).reference()
        for exercise in declared_exercises(folder).values():
            functions = [reference[name] for name in exercise.functions]
            with contextlib.redirect_stdout(io.StringIO()):
                found.append(min(_timed(functools.partial(check, exercise.id, *functions))))
    return found


def _timed(call: Callable[[], object]) -> Iterator[float]:
    for _ in range(3):
        start = time.process_time()
        call()
        yield time.process_time() - start


def _commands(course: Course, scratch: Path) -> Iterator[tuple[str, list[str]]]:
    """Each start with what it is called in the table."""
    attn = str(Path(sys.executable).with_name("attn"))
    yield "`attn --help`", [attn, "--help"]
    yield "`from attnkit import check`", [sys.executable, "-c", "from attnkit import check"]
    for exercise, kind in (("L1.3", "NumPy"), ("L8.2", "Keras")):
        answer = scratch / f"{exercise}.py"
        answer.write_text(_solution(course.lesson_of_exercise(exercise), exercise), "utf-8")
        yield f"`attn judge {exercise}`, {kind}", [attn, "judge", exercise, str(answer)]
    for number, kind in ((1, "NumPy"), (8, "Keras")):
        folder = course.lesson(number)
        solved = scratch / f"{folder.name}.ipynb"
        solved.write_text(to_text(build_lesson(folder).source), "utf-8")
        yield f"`attn check`, lesson {number} solved, {kind}", [attn, "check", str(solved)]


def _solution(folder: LessonFolder, exercise: str) -> str:
    answers = {cell.name: cell.source for cell in read_lesson(folder.source).answers()}
    return answers[exercise]


@contextlib.contextmanager
def _groups() -> Iterator[Groups | None]:
    groups = open_groups()
    try:
        yield groups
    finally:
        if groups is not None:
            groups.close()


def _spent(command: list[str], groups: Groups | None) -> Spent:
    """What one run of a command takes."""
    group = groups.new(Limits()) if groups is not None else None
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=os.environ | {"ATTNKIT_PROGRESS": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=None if group is None else functools.partial(_enter, group),
    )
    _, status, usage = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
    processor = usage.ru_utime + usage.ru_stime
    if group is not None:
        processor = group.cpu_seconds()
        group.close()
    return processor, clock


def _enter(group: Group) -> None:
    """Called in the new process before it becomes the command."""
    group.add(os.getpid())
