"""What a second Dask worker brings: `attn grade --scheduler`, whole commands, with one and two.

    python -m tests.benchmarks.cluster
    python -m tests.benchmarks.cluster --students 24 --seconds 1.5 --rounds 3

Each submission computes for some seconds of processor time; scheduler, workers and the grader are
processes of their own on this machine, in turn with one worker and with two. On two cores all of
them share what two workers could have.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.authoring.build import build_lesson
from autograder.course import Course
from tests.cluster.conftest import Cluster
from tests.grading.test_interruptions import hand_in
from tests.small_course import RIGHT, answered, build_course

BUSY = """import time
_end = time.process_time() + {seconds}
while time.process_time() < _end:
    pass
"""
FEW = 4  # submissions of the second point of each line
console = Console()


def main(
    students: Annotated[int, typer.Option(min=10)] = 24,
    seconds: Annotated[float, typer.Option(min=0, help="Of computing, each.")] = 1.5,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Measure and print."""
    took: dict[tuple[int, int], list[float]] = {
        (workers, size): [] for size in (students, FEW) for workers in (1, 2)
    }
    with tempfile.TemporaryDirectory(prefix="attn-bench-") as name:
        scratch = Path(name)
        course = build_course("mini", scratch / "mini")
        release = build_lesson(course.lesson_folders()[0]).release
        notebook = answered(release, {"L1-1-answer": BUSY.format(seconds=seconds) + RIGHT})
        for turn in range(rounds):
            for (workers, size), times in took.items():
                name = f"{turn}-{workers}-{size}"
                folder = scratch / f"class-{name}"
                hand_in(folder, **{f"student-{n:03}": notebook for n in range(size)})
                times.append(_grade(course, folder, workers, scratch / f"dask-{name}"))
                console.print(f"round {turn + 1}, {workers} worker(s), {size}: {times[-1]:.1f} s")
    one, two = (statistics.median(took[workers, students]) for workers in (1, 2))
    start = [statistics.median(took[workers, FEW]) for workers in (1, 2)]
    console.print(
        f"{students} submissions of {seconds:g} s: {one:.1f} s with one worker, {two:.1f} s with "
        f"two (medians of {rounds}): {one / two / 2:.2f} of perfect scaling; without the start, "
        f"by what {students - FEW} more cost: {(one - start[0]) / (two - start[1]) / 2:.2f}."
    )


def _grade(course: Course, folder: Path, workers: int, place: Path) -> float:
    """Seconds of the whole command, with workers that have just started."""
    cluster = Cluster(place)
    try:
        cluster.scheduler()
        for _ in range(workers):
            cluster.worker()
        start = time.perf_counter()
        command = [sys.executable, "-m", "autograder.cli", "grade", str(folder)]
        subprocess.run(
            [*command, "--scheduler", cluster.address],
            env={**os.environ, "ATTN_ROOT": str(course.root)},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - start
    finally:
        cluster.close()


if __name__ == "__main__":
    typer.run(main)
