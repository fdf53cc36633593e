"""Reading a submission costs its own process, little memory and little time, and only its row."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from autograder.boxes.box import Box, CellResult, Limits
from autograder.boxes.messages import _TEXT
from autograder.boxes.plain_kernel import KernelBox
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.batch import _Batch
from autograder.grading.grade import GradeOptions
from autograder.grading.one_submission import grade_submission
from autograder.grading.plan import make_plan
from autograder.grading.repair import frame_of
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from autograder.judging.results import Graded
from autograder.reading import child, definitions, file_text, readers, standing
from autograder.reading import dependencies as needed
from autograder.reading.lift import Frame
from autograder.reading.notebook import UnreadableError
from autograder.reading.readers import ENDED, SHARED, Readers
from autograder.record.class_folder import open_class
from autograder.record.gradebook import Record
from autograder.service import grade
from tests.small_course import HIDDEN_SEED, RIGHT, answered, build_course, cell, raw

ROOT = str(Path(child.__file__).parents[2])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def key(course: Course) -> LessonKey:
    return make_key(course.lesson_folders()[0], HIDDEN_SEED)


@pytest.fixture(scope="module")
def frame(key: LessonKey) -> Frame:
    return frame_of(key)


@pytest.fixture(scope="module")
def right(key: LessonKey) -> bytes:
    """A right answer, handed in."""
    return raw(answered(key.release, {"L1-1-answer": RIGHT}))


@pytest.fixture
def pool() -> Iterator[Readers]:
    with Readers() as made:
        yield made


# --- all that a file can cost


#: What long runs are made of: each kind of character that an expression here looks at.
RUNS = [*'\n \ta1_.?%=(#\\"é\f\v', "\r\n", '\\"', "= ", "a ", "a.", "a?", "\n ", "\n\n%"]
RUNS += ["def ", "def\n", "import ", "not "]
ENDS = ("", "x", "?", "%", "*", "(", '"')


@pytest.mark.parametrize(
    "expression",
    [*needed.EXPRESSIONS, *definitions.EXPRESSIONS, *file_text.EXPRESSIONS, standing.CHECKS, _TEXT],
    ids=lambda expression: expression.pattern[:20],
)
def test_no_expression_takes_more_than_its_share_for_a_longer_text(
    expression: re.Pattern[Any],
) -> None:
    """Time with the square of the length would be sixteen times as much for four times as long."""
    for unit in RUNS:
        for end in ENDS:
            texts: list[Any] = [unit * (n // len(unit)) + end for n in (2_000, 8_000)]
            if isinstance(expression.pattern, bytes):
                texts = [text.encode() for text in texts]
            short, long = (fastest(expression, text) for text in texts)
            assert long < 10 * short + 2e-3, (unit, end)


def fastest(expression: re.Pattern[Any], text: Any) -> float:
    """Processor seconds to look for all there is: the least of a few tries."""
    found = []
    for _ in range(3):
        start = time.thread_time()
        for _ in expression.finditer(text):
            pass
        found.append(time.thread_time() - start)
        if found[-1] < 2e-3:
            break
    return min(found)


def test_functions_in_functions_are_looked_into_however_deep() -> None:
    given = {0: "half = 0.5", 1: "unused = 1"}
    deep = "f = " + "lambda:" * 60 + "half"
    assert needed.unneeded_cells({9: deep}, given) == {1}
    assert needed.unneeded_cells({9: "f = " + "lambda:" * 990 + "half"}, given) == {1}


def test_a_reader_has_a_bound_on_its_memory() -> None:
    """Said and kept by the system: what asks for more gets a MemoryError, and says so."""
    code = (
        f"import sys; sys.path.append({ROOT!r})\n"
        "from autograder.reading import child\n"
        "child.bound_memory()\n"
        "kept = bytearray(child.MEMORY_BYTES // 2)\n"
        "class Greedy:\n"
        "    def read(self, size): return b'{\"cells\": []}' if size else b''\n"
        "child.lift = lambda *args: bytearray(child.MEMORY_BYTES)\n"
        "request = {'do': 'lift', 'everything': False, 'frame': 0, 'raw': 1}\n"
        "child._frame = lambda text: None\n"
        "print(child.answer(request, Greedy()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert "more than 1024 MB of memory" in done.stdout


def test_a_reader_has_a_bound_on_its_time(
    pool: Readers, frame: Frame, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {"cell_type": "code", "source": "ab cd " * 800_000, "metadata": {}}
    data = json.loads(right)
    data["cells"].append(slow)
    monkeypatch.setattr(readers, "SECONDS", 0.1)
    with pytest.raises(UnreadableError, match=r"more than 0\.1 s of computing"):
        pool.lift(json.dumps(data).encode(), frame)
    monkeypatch.undo()
    assert pool.lift(right, frame).cells


def test_a_reader_that_stands_still_is_ended_by_the_clock(
    pool: Readers, frame: Frame, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once may be the machine's doing. A file with which it happens again has its reason."""
    monkeypatch.setattr(readers, "SECONDS", 0.5)
    pool.lift(right, frame)
    [reader] = pool._idle
    os.kill(reader._process.pid, signal.SIGSTOP)
    assert pool.lift(right, frame).cells
    assert reader not in pool._all


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_file_that_ends_its_reader_twice_has_its_reason(
    how: signal.Signals, pool: Readers, frame: Frame, right: bytes
) -> None:
    """As a crash of Python's parser would; and the next file is read as if nothing had been."""
    pool.lift(right, frame)
    slow = {"cell_type": "code", "source": "ab cd " * 800_000, "id": "L1-1-answer"}
    heavy = json.dumps({"cells": [slow]}).encode()
    over = threading.Event()

    def end_all() -> None:
        while not over.wait(0.01):
            for reader in list(pool._all):
                if reader._ready:
                    os.kill(reader._process.pid, how)

    ender = threading.Thread(target=end_all)
    ender.start()
    try:
        with pytest.raises(UnreadableError, match=ENDED):
            pool.lift(heavy, frame)
    finally:
        over.set()
        ender.join()
    assert pool.lift(right, frame).cells


def test_a_reader_that_somebody_else_ends_costs_nothing(
    pool: Readers, frame: Frame, right: bytes
) -> None:
    first = pool.lift(right, frame)
    os.kill(pool._idle[0]._process.pid, signal.SIGKILL)
    assert pool.lift(right, frame) == first


def test_who_waits_for_a_reader_hears_that_all_is_over(
    pool: Readers, frame: Frame, right: bytes
) -> None:
    """And does not take it for the file's fault."""
    pool.lift(right, frame)
    os.kill(pool._idle[0]._process.pid, signal.SIGSTOP)
    closing = threading.Timer(0.2, pool.close)
    closing.start()
    with pytest.raises(RuntimeError, match="stopped"):
        pool.lift(right, frame)
    closing.join()
    with pytest.raises(RuntimeError, match="stopped"):
        pool.lift(right, frame)


def test_a_reader_inherits_two_pipes_and_nothing_else(
    pool: Readers, frame: Frame, right: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TOKEN", "secret")
    pool.lift(right, frame)
    process = pool._idle[0]._process.pid
    assert sorted(os.listdir(f"/proc/{process}/fd")) == ["0", "1", "2"]
    assert b"secret" not in Path(f"/proc/{process}/environ").read_bytes()
    assert os.getsid(process) != os.getsid(0)


def test_a_reader_ends_with_who_started_it() -> None:
    code = (
        "from autograder.reading.readers import SHARED\n"
        "print(SHARED.lesson_told(b'{\"cells\": []}'), SHARED._idle[0]._process.pid, flush=True)\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    process, end = int(done.stdout.split()[-1]), time.monotonic() + 60
    while os.path.exists(f"/proc/{process}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{process}")


def test_a_large_file_leaves_no_large_reader(pool: Readers, frame: Frame, right: bytes) -> None:
    pool.lift(right + b" " * 3_000_000, frame)
    assert not pool._idle
    assert not pool._all


# --- nothing comes out of a service's call but a result

HOSTILE: dict[str, Any] = {
    "cells are a number": b'{"worksheets":[{"cells":5}]}',
    "cells are null": b'{"worksheets":[{"cells":null}]}',
    "cells are a truth": b'{"worksheets":[{"cells":true}]}',
    "worksheets are a number": b'{"worksheets": 3}',
    "a sheet is a list": b'{"worksheets": [[[]]]}',
    "a level is a dict": b'{"worksheets":[{"cells":[{"cell_type":"heading","level":{}}]}]}',
    "kinds are lists": b'{"cells":[{"cell_type":["code"],"source":{"a":1}}]}',
    "metadata is a list": b'{"cells":[], "metadata":[1]}',
    "a number of many digits": b'{"cells":[' + b"1" * 5_000 + b"]}",
    "deep": b'{"cells":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "half a character": b'{"cells":[{"cell_type":"\\ud800","id":"\\udfff","source":"\\ud800"}]}',
    "parsed and deep": functools.reduce(lambda inner, _: [inner], range(5_000), cast("Any", [1])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_service_gets_a_result_for_whatever_was_sent(name: str, key: LessonKey) -> None:
    submission = HOSTILE[name]
    result = grade(key, submission if isinstance(submission, bytes) else {"cells": submission})
    assert (result.status, result.points) == ("not gradable", 0)
    assert result.reason
    assert "grader itself" not in result.reason


@pytest.mark.parametrize("name", [name for name, data in HOSTILE.items() if type(data) is bytes])
def test_who_looks_for_the_lesson_gets_a_name_or_a_reason(name: str) -> None:
    with contextlib.suppress(UnreadableError):
        assert SHARED.lesson_of(HOSTILE[name], ["01_pair"]) is None


# --- the nets


class Failing:
    """A box that fails in its second cell as only something unforeseen could make it."""

    def __init__(self, error: Exception) -> None:
        self._box, self._error, self._cells = KernelBox(), error, 0
        self.kind, self.call, self.close = self._box.kind, self._box.call, self._box.close
        self.waited_seconds = self._box.waited_seconds
        self.retake, self.forget = self._box.retake, self._box.forget
        self.keep = self._box.keep

    def run_cell(self, source: str) -> CellResult:
        self._cells += 1
        if self._cells == 2:
            raise self._error
        return self._box.run_cell(source)

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_what_is_stumbled_over_while_it_runs_is_the_submissions_row(
    key: LessonKey, right: bytes
) -> None:
    def open_box(_: str) -> Box:
        return Failing(KeyError("text"))

    limits = Limits(everything=True)
    result = grade_submission("eve", right, key, open_box=open_box, limits=limits).result
    assert (result.status, result.points) == ("not gradable", 0)
    assert "KeyError in test_reading.py" in result.reason


@pytest.mark.parametrize("error", [OSError("no room"), AttnError("no sandbox")])
def test_what_the_machine_lacks_is_no_submissions_fault(
    error: Exception, key: LessonKey, right: bytes
) -> None:
    limits = Limits(everything=True)
    with pytest.raises(type(error)):
        grade_submission("ada", right, key, open_box=lambda _: Failing(error), limits=limits)


def test_that_no_box_can_be_opened_is_no_submissions_fault(key: LessonKey, right: bytes) -> None:
    def open_box(_: str) -> Box:
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        grade_submission("ada", right, key, open_box=open_box)


def deep_output(graded: Graded) -> None:
    nested: Any = 1
    for _ in range(2_000):
        nested = {"a": nested}
    output = {"output_type": "display_data", "data": {"application/json": nested}, "metadata": {}}
    cell(graded.notebook, "L1-1-answer").outputs.append(output)


def no_notebook(graded: Graded) -> None:
    graded.notebook.cells = 5


@pytest.mark.parametrize("spoil", [deep_output, no_notebook])
def test_what_cant_be_recorded_costs_its_row_and_not_the_batch(
    spoil: Callable[[Graded], None],
    course: Course,
    key: LessonKey,
    right: bytes,
    tmp_path: Path,
) -> None:
    lesson = course.lesson_folders()[0]
    for student in ("ada", "eve"):
        folder = tmp_path / "submitted" / student / lesson.name
        folder.mkdir(parents=True)
        (folder / f"{lesson.name}.ipynb").write_bytes(right)
    options = GradeOptions()
    plan = make_plan(course, tmp_path, options)
    class_folder, keys = open_class(tmp_path, plan.lessons, None)
    record = Record(class_folder)
    try:
        batch = _Batch(plan, keys, record, options, plan.boxes(options))
        ada, eve = plan.submissions
        bad = grade_submission("ada", right, key, open_box=lambda _: KernelBox())
        spoil(bad)
        step = batch._kept(bad, ada, "digest")
        assert (step.result.status, step.result.points) == ("not gradable", 0)
        assert "can't be recorded" in step.result.reason
        assert record.known("ada", lesson.name, "digest") == step.result
        good = grade_submission("eve", right, key, open_box=lambda _: KernelBox())
        assert batch._kept(good, eve, "digest").result.points == key.max_points
    finally:
        record.close()
