"""What grading costs: `attn grade` beside stock `nbgrader autograde`, whole commands, in turn.

    make bench                          10 and 100 submissions, three rounds
    make bench ARGS="--sizes 10,100,1000 --rounds 3 --write"
    make bench ARGS="--lessons starts"    what a single verdict costs (`starts.py`)

Both grade the same submissions of a sample class on this machine, one command after the other, so
that a busy minute meets both. Stock nbgrader is measured at the smallest size and at three
submissions; its larger sizes are drawn out from these two, and marked so. The floor is the same
cells in a forked child of a warm process with nothing else around (`floor.py`). `--write` puts the
table into autograder/BENCHMARK.md.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.course import Course, find_course
from autograder.grading.sample_class import make_sample_class
from autograder.record.class_folder import open_class
from tests.benchmarks.starts import starts
from tests.small_course import build_course

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "autograder" / "BENCHMARK.md"
FEW = 3  # submissions of the second point of stock nbgrader's line
console = Console()


@dataclass
class Measured:
    """The rounds of one lesson at one size."""

    lesson: str
    size: int
    ours: list[float] = field(default_factory=list)
    stock: list[float] = field(default_factory=list)
    phases: dict[str, list[float]] = field(default_factory=dict)
    memory: int = 0  # bytes of the grader at its largest

    @property
    def ratio(self) -> float:
        return statistics.median(self.stock) / statistics.median(self.ours)


def main(
    sizes: Annotated[str, typer.Option(help="Class sizes, separated by commas.")] = "10,100",
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    lessons: Annotated[
        str, typer.Option(help="Of numpy, keras and starts.")
    ] = "numpy,keras,starts",
    workers: Annotated[int, typer.Option(min=1)] = os.cpu_count() or 1,
    write: Annotated[bool, typer.Option(help="Write the table into the docs.")] = False,
) -> None:
    """Measure and print the table."""
    wanted = sorted(int(size) for size in sizes.split(","))
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="attn-bench-") as scratch:
        for flavour in lessons.split(","):
            if flavour == "starts":
                lines += starts(max(rounds, 3))
                continue
            course = find_course() if flavour == "numpy" else _keras_course(Path(scratch))
            lines += measure_lesson(course, flavour, wanted, rounds, workers, Path(scratch))
    text = "\n".join(lines)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    if write:
        TABLE.write_text(_page(text, workers, rounds), encoding="utf-8")


def _keras_course(scratch: Path) -> Course:
    """An assignment of the shape of a deep-learning lesson: build, fit one epoch, predict."""
    root = scratch / "keras-course"
    root.mkdir()
    return build_course("tiny_keras", root)


def measure_lesson(
    course: Course, flavour: str, sizes: list[int], rounds: int, workers: int, scratch: Path
) -> list[str]:
    """The part of the table that is about one lesson."""
    lesson = course.lesson_folders()[0]
    classes = {}
    for size in {FEW, *sizes}:
        folder = scratch / f"{flavour}-{size}"
        make_sample_class(course, folder, students=size, lesson=lesson.name)
        open_class(folder, [lesson])  # both find the class set up
        classes[size] = folder
    results = [Measured(lesson.name, size) for size in sizes]
    few: list[float] = []
    for n in range(rounds):
        for size, result in zip(sizes, results, strict=True):
            console.print(f"round {n + 1}, {lesson.name}: {size} submissions", style="dim")
            _ours(course, classes[size], result, workers, scratch)
            if size == sizes[0]:
                result.stock.append(_stock(classes[size], lesson.name, scratch))
                few.append(_stock(classes[FEW], lesson.name, scratch))
    floor = _floor(flavour, classes[sizes[0]] / "submitted")
    each = (statistics.median(results[0].stock) - statistics.median(few)) / (sizes[0] - FEW)
    start = statistics.median(few) - FEW * each
    for result in results[1:]:
        result.stock.append(start + each * result.size)
    return _table(course, flavour, results, floor, workers)


def _ours(course: Course, folder: Path, result: Measured, workers: int, scratch: Path) -> None:
    copy = scratch / "ours"
    shutil.copytree(folder, copy)
    rows_file = scratch / "rows.json"
    command = ["attn", "grade", copy / "submitted", "--workers", workers, "--json", rows_file]
    seconds, memory = _run(command, copy, {"ATTN_ROOT": str(course.root)}, fine=(0, 1))
    rows = json.loads(rows_file.read_text(encoding="utf-8"))
    assert len(rows) == result.size
    result.ours.append(seconds)
    result.memory = max(result.memory, memory)
    for phase in rows[0]["seconds"]:
        spent = sum(row["seconds"].get(phase, 0.0) for row in rows) / len(rows)
        result.phases.setdefault(phase, []).append(spent)
    shutil.rmtree(copy)


def _stock(folder: Path, lesson: str, scratch: Path) -> float:
    copy = scratch / "stock"
    shutil.copytree(folder, copy)
    seconds, _ = _run(["nbgrader", "autograde", lesson], copy, {}, fine=(0, 1))
    graded = list((copy / "autograded").rglob("*.ipynb"))
    assert graded, "stock nbgrader graded nothing"
    shutil.rmtree(copy)
    return seconds


def _run(
    command: list[object], folder: Path, more: dict[str, str], fine: tuple[int, ...]
) -> tuple[float, int]:
    """Seconds of a whole command, and the largest memory of its own process in bytes."""
    program = Path(sys.executable).with_name(str(command[0]))
    start = time.perf_counter()
    process = subprocess.Popen(
        [program, *map(str, command[1:])],
        cwd=folder,
        env=os.environ | {"ATTNKIT_PROGRESS": "off", "TF_CPP_MIN_LOG_LEVEL": "3"} | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in fine:
        raise SystemExit(f"{command[0]} ended with {code}:\n{said[-2000:]}")
    return seconds, usage.ru_maxrss * 1024


def _floor(flavour: str, folder: Path) -> float:
    """Seconds of a submission's cells and nothing else: the mean over the class."""
    out = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.floor", flavour, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return statistics.mean(json.loads(out.splitlines()[-1]))


def _table(
    course: Course, flavour: str, results: list[Measured], floor: float, workers: int
) -> list[str]:
    name = "NumPy" if flavour == "numpy" else "Keras"
    lines = [
        f"### {name} lesson (`{results[0].lesson}`)",
        "",
        "| submissions | stock nbgrader, s | attn grade, s | ratio | s each | grader, MiB |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for n, result in enumerate(results):
        mark = "" if n == 0 else " (drawn out)"
        ours = statistics.median(result.ours)
        lines.append(
            f"| {result.size} | {statistics.median(result.stock):.1f}{mark} | {ours:.1f} "
            f"({min(result.ours):.1f}–{max(result.ours):.1f}) | {result.ratio:.1f}× | "
            f"{ours / result.size:.2f} | {result.memory / 2**20:.0f} |"
        )
    last = results[-1]
    phases = ", ".join(f"{k} {statistics.median(v):.3f}" for k, v in last.phases.items())
    lines += [
        "",
        f"Mean seconds of a submission by phase, at {last.size}: {phases}. The floor, one after "
        f"the other: {floor:.3f} s a submission. {workers} boxes run at once.",
        "",
    ]
    if len(results) > 1:
        first, last = results[0], results[-1]
        more = last.size - first.size
        each = (statistics.median(last.ours) - statistics.median(first.ours)) / more
        lines += [
            f"Each further submission costs {each:.3f} s of the command's time "
            f"({each * workers:.3f} s of a core).",
            "",
        ]
    return lines


def _page(table: str, workers: int, rounds: int) -> str:
    how = f"medians of {rounds} rounds" if rounds > 1 else "one round"
    return f"""# What grading costs

Whole commands, {how}, both graders in turn on the same submissions of a sample
class and on the same machine. Isolation is on for `attn grade`; stock nbgrader has none. Made by
`make bench ARGS="--write …"` on {dt.date.today()}, {platform.system()} {platform.machine()},
{os.cpu_count()} cores, {workers} boxes at once. Ratios hold better than seconds.

{table}"""


if __name__ == "__main__":
    typer.run(main)
