"""What Otter-Grader takes for the same submissions, without containers: `otter run` on each.

    python -m tests.benchmarks.otter
    python -m tests.benchmarks.otter --students 10 --rounds 3

Otter is installed into build/otter, beside the course's own packages, the first time. Its test
file holds one exercise's check in Otter's form. `otter run` grades one notebook and ends, so a
class costs so many times the same, without isolation; `attn grade` runs in turn on the same class.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.course import find_course
from autograder.grading.sample_class import make_sample_class

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build" / "otter"
TEST = '''
OK_FORMAT = True
test = {"name": "q1", "points": 1, "suites": [{"type": "doctest", "scored": True, "cases": [
    {"code": r""">>> import numpy as np
>>> x_TD = np.arange(6.0).reshape(3, 2)
>>> bool(np.allclose(weighted_mean(x_TD, np.array([1.0, 1.0, 2.0])), [2.5, 3.5]))
True
""", "hidden": False, "locked": False}]}]}
'''
console = Console()


def main(
    students: Annotated[int, typer.Option(min=1)] = 10,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Measure and print."""
    otter = _installed()
    course = find_course()
    lesson = course.lesson_folders()[0].name
    with tempfile.TemporaryDirectory(prefix="attn-bench-") as name:
        scratch = Path(name)
        make_sample_class(course, scratch / "class", students=students)
        for made in ("tests", "results"):
            (scratch / made).mkdir()
        (scratch / "tests" / "q1.py").write_text(TEST.lstrip(), encoding="utf-8")
        _run([otter, "generate", "--no-environment", "-o", "autograder.zip"], scratch)
        theirs: list[float] = []
        ours: list[float] = []
        for turn in range(rounds):
            files = sorted((scratch / "class" / "submitted").glob(f"*/{lesson}/{lesson}.ipynb"))
            theirs.append(
                sum(
                    _run([otter, "run", "-a", "autograder.zip", "-o", "results", file], scratch)
                    for file in files
                )
                / len(files)
            )
            assert _points(scratch / "results" / "results.json") in (0.0, 1.0)
            attn = Path(sys.executable).with_name("attn")
            ours.append(_run([attn, "grade", "class/submitted", "--force"], scratch) / students)
            console.print(
                f"round {turn + 1}: Otter {theirs[-1]:.2f} s, attn grade {ours[-1]:.2f} s"
            )
    console.print(
        f"Seconds a submission of {lesson}, whole commands, medians of {rounds} rounds of "
        f"{students}: otter run {statistics.median(theirs):.2f}, attn grade "
        f"{statistics.median(ours):.2f}."
    )


def _points(file: Path) -> float:
    """That Otter did grade: the points of the last submission."""
    tests = json.loads(file.read_text(encoding="utf-8"))["tests"]
    (mine,) = [test for test in tests if "q1" in test["name"]]
    return float(mine["score"])


def _installed() -> Path:
    """Otter's program, in an environment of its own that also sees the course's packages."""
    program = PLACE / "bin" / "otter"
    if not program.exists():
        console.print("Installing otter-grader into build/otter (once) ...", style="dim")
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        pip = [str(PLACE / "bin" / "python"), "-m", "pip", "install", "--quiet", "otter-grader"]
        subprocess.run(pip, check=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        extra = PLACE / "lib" / version / "site-packages" / "zz_course.pth"
        course = [sysconfig.get_path("purelib"), str(ROOT), str(ROOT / "lessons")]
        extra.write_text("\n".join(course) + "\n", encoding="utf-8")
    return program


def _run(command: list[str | Path], folder: Path) -> float:
    """Seconds of a whole command; a grader that fails a submission may end with 1."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "ATTNKIT_PROGRESS": "off"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return seconds


if __name__ == "__main__":
    typer.run(main)
