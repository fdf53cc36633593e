"""One submission at a time: whatever it holds, it is repaired, run and judged, or says why not."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence

import nbformat
import pytest
from attnkit.checking.wire import Answer, Call
from nbformat import NotebookNode

from autograder.boxes.box import Box, BoxFault, CellResult, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.boxes.plain_kernel import KernelBox
from autograder.boxes.sandboxed import SandboxedBox
from autograder.boxes.usage import is_running
from autograder.errors import AttnError
from autograder.grading.cell_run import MOST_OUTPUT_BYTES
from autograder.grading.one_submission import TRIES, grade_submission
from autograder.grading.repair import rebuild
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded
from autograder.reading.notebook import MAX_BYTES, MAX_PARTS
from tests.kept_boxes import Keeper
from tests.small_course import RIGHT, WRONG, cell, raw

Make = Callable[..., NotebookNode]
WHOLE = Limits(everything=True)
# What should take long is stopped soon, and all else has time. In a sandbox these are seconds of
# computing, in a plain kernel seconds by the clock.
HASTY_CELLS = Limits(cell_seconds=3.0, patience=3.0)
HASTY_CALLS = Limits(call_seconds=3.0, patience=3.0)
HASTIEST_CALLS = Limits(call_seconds=1.0, patience=3.0)  # where no call has an answer
BY_THE_CLOCK = 4  # times as long, for a busy machine

OpenBox = Callable[[Limits], Box]
_open_box: list[OpenBox] = []  # of the test that runs now


@pytest.fixture(
    autouse=True, params=["sandbox", pytest.param("plain kernel", marks=pytest.mark.exhaustive)]
)
def kind_of_box(request: pytest.FixtureRequest, kept_boxes: Keeper) -> Iterator[None]:
    """Where `graded` runs a submission: a plain kernel takes a second to start, and is what there
    is where there is no sandbox."""

    def open_box(limits: Limits) -> Box:
        if request.param == "sandbox":
            with contextlib.suppress(AttnError):
                return kept_boxes.open_boxes(limits).open()
        cell, call = (BY_THE_CLOCK * n for n in (limits.cell_seconds, limits.call_seconds))
        return KernelBox(dataclasses.replace(limits, cell_seconds=cell, call_seconds=call))

    _open_box.append(open_box)
    yield
    _open_box.clear()


def graded(data: bytes, key: LessonKey, limits: Limits | None = None) -> Graded:
    return grade_submission(
        "ada", data, key, open_box=lambda _: _open_box[-1](limits or Limits()), limits=limits
    )


def points(data: bytes, key: LessonKey, limits: Limits | None = None) -> int:
    return graded(data, key, limits).result.points


def test_full_part_and_no_points(submission: Make, mini_key: LessonKey) -> None:
    assert points(raw(submission(RIGHT)), mini_key) == 4
    part = graded(raw(submission(WRONG)), mini_key).result
    assert (part.points, part.exercises[0].diagnosis) == (1, "squares")
    empty = graded(raw(submission(None)), mini_key).result
    assert (empty.points, empty.status) == (0, "graded")
    assert "not written yet" in empty.exercises[0].message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x00\xff\xfe garbage", "not UTF-8"),
        (b'{"cells": [', "not valid JSON"),
        (b"[1, 2]", "JSON, but no notebook"),
        (b'{"cells": 3}', "JSON, but no notebook"),
        (b'{"nbformat": 4, "cells": []}', "not of this lesson"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (MAX_BYTES + 1), "more than the 20 MB"),
        (b"[" + b"{}," * MAX_PARTS + b"{}]", "far more parts"),
    ],
)
def test_what_is_no_notebook_gets_a_row_with_a_reason(
    data: bytes, reason: str, mini_key: LessonKey
) -> None:
    result = graded(data, mini_key).result
    assert (result.status, result.points, result.max_points) == ("not gradable", 0, 4)
    assert reason in result.reason


def unmark(notebook: NotebookNode) -> NotebookNode:
    """As saved by a program that keeps neither metadata nor cell ids."""
    notebook.metadata = {}
    notebook.nbformat_minor = 4
    for c in notebook.cells:
        c.metadata = {}
        del c["id"]
    return notebook


def test_answers_are_found_by_content_where_marks_are_lost(
    submission: Make, mini_key: LessonKey
) -> None:
    notebook = submission(RIGHT)
    cell(notebook, "L1-why").source = "Because."
    data = json.dumps(unmark(notebook)).encode()
    result = graded(data, mini_key)
    assert result.result.points == 4
    assert cell(result.notebook, "L1-why").source == "Because."
    assert len(result.result.repairs) == 2


def duplicate(notebook: NotebookNode) -> None:
    index = notebook.cells.index(cell(notebook, "L1-1-answer"))
    wrong = nbformat.from_dict(notebook.cells[index])
    wrong.source, wrong.id = WRONG, "copy"
    notebook.cells.insert(index, wrong)


def delete_check(notebook: NotebookNode) -> None:
    notebook.cells.remove(cell(notebook, "L1-1"))


def weaken_check(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1").source = "4"


def rename(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1-answer").metadata.nbgrader.grade_id = "something"
    cell(notebook, "L1-1-answer").id = "other"


def as_raw(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1-answer").cell_type = "raw"
    del cell(notebook, "L1-1-answer")["outputs"], cell(notebook, "L1-1-answer")["execution_count"]


def reorder(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def helper_before(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1-answer").source = "def double(x_T):\n    return times(x_T, math.ceil(1.5))"
    index = notebook.cells.index(cell(notebook, "L1-1-answer"))
    helper = nbformat.v4.new_code_cell("def times(x, n):\n    return n * x", id="mine")
    notebook.cells.insert(index, helper)
    given = next(c for c in notebook.cells if c.source.startswith("import numpy"))
    given.source += "\nimport math"


def nuls(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1-answer").source += "\x00"


@pytest.mark.parametrize(
    "damage",
    [duplicate, delete_check, weaken_check, rename, as_raw, reorder, helper_before, nuls],
)
def test_a_right_answer_in_a_damaged_notebook_gets_full_marks(
    damage: Callable[[NotebookNode], None], submission: Make, mini_key: LessonKey
) -> None:
    notebook = submission(RIGHT)
    damage(notebook)
    assert points(json.dumps(notebook).encode(), mini_key) == 4


@pytest.mark.parametrize("damage", [delete_check, weaken_check, rename, reorder])
def test_a_wrong_answer_in_a_damaged_notebook_gets_no_more_than_it_earns(
    damage: Callable[[NotebookNode], None], submission: Make, mini_key: LessonKey
) -> None:
    notebook = submission(WRONG)
    damage(notebook)
    assert points(json.dumps(notebook).encode(), mini_key) == 1


def test_an_old_format_is_converted(submission: Make, mini_key: LessonKey) -> None:
    old = nbformat.convert(submission(RIGHT), 3)
    assert points(json.dumps(old).encode(), mini_key) == 4


CHEATS = {
    "always equal": (
        "class Yes:\n    def __eq__(self, o): return True\n"
        "    def __array__(self, *a, **k): import numpy; return numpy.ones(5)\n"
        "def double(x_T): return Yes()"
    ),
    "patched testing": (
        "import numpy.testing, attnkit.checking.diagnosis, attnkit.checking.compare\n"
        "numpy.testing.assert_allclose = lambda *a, **k: None\n"
        "attnkit.checking.compare.compare_call = lambda *a: None\n"
        "attnkit.checking.diagnosis.compare_call = lambda *a: None\n"
        "def double(x_T): return 0"
    ),
    "patched check": (
        "class R:\n    points = 4\ndef check(*a): return R()\ndef double(x_T): return 0"
    ),
    "emptied cells": (
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['4\\n'])\n"
        "def double(x_T): return 0"
    ),
    "false answer": (
        "import json\n_real = json.dumps\n"
        'json.dumps = lambda *a, **k: \'[{"value": 1, "changed": []}]\'\n'
        "def double(x_T): return 0"
    ),
    "published result": (
        "from IPython.display import publish_display_data\n"
        "def double(x_T):\n    publish_display_data({'text/plain': '4'})\n    return 0"
    ),
    "knows the visible": (
        "import numpy as np\n"
        "def double(x_T):\n    return np.array([0.0, 4.0]) if len(x_T) == 2 else 0 * x_T"
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_wins_no_more_than_it_earned(
    name: str, submission: Make, mini_key: LessonKey
) -> None:
    """The two given numbers are always the same, so knowing them by heart earns their point."""
    result = graded(raw(submission(CHEATS[name])), mini_key, HASTY_CALLS).result
    assert result.points <= (1 if name == "knows the visible" else 0)
    assert not result.exercises[0].passed


def test_neither_hidden_inputs_nor_expected_values_reach_notebook_or_result(
    submission: Make, mini_key: LessonKey
) -> None:
    done = graded(raw(submission(WRONG)), mini_key)
    shown = json.dumps(done.notebook) + json.dumps(done.result.to_json())
    for call in mini_key.hidden["L1.1"].checks[1].calls:
        for numbers in (call.args[0]["array"], call.expected["array"]):
            assert not all(repr(number) in shown for number in numbers)


def test_expected_values_never_enter_the_box(submission: Make, mini_key: LessonKey) -> None:
    """Everything that goes into the learner's process is looked at."""
    sent: list[str] = []

    class Listening(KernelBox):
        def run_cell(self, source: str):  # type: ignore[no-untyped-def]
            sent.append(source)
            return super().run_cell(source)

        def call(self, calls, apart=False, kept=None):  # type: ignore[no-untyped-def]
            sent.append(json.dumps(list(calls)))
            return super().call(calls, apart, kept)

    grade_submission("ada", raw(submission(RIGHT)), mini_key, open_box=lambda _: Listening())
    everything = "\n".join(sent)
    assert "expected" not in everything
    for call in mini_key.hidden["L1.1"].checks[1].calls:
        assert not all(repr(number) in everything for number in call.expected["array"])
    first_call = next(i for i, text in enumerate(sent) if text.startswith("["))
    hidden_inputs = mini_key.hidden["L1.1"].checks[1].calls[0].args[0]["array"]
    before = "\n".join(sent[:first_call])
    assert not all(repr(number) in before for number in hidden_inputs)


@pytest.mark.parametrize(
    ("blocking", "words"),
    [
        ("while True: pass", "did not finish within "),
        ("import os; os._exit(0)", "ended the Python process"),
        ("import ctypes; ctypes.string_at(0)", "ended the Python process"),
    ],
)
def test_a_cell_that_blocks_or_ends_the_kernel_costs_only_itself(
    blocking: str, words: str, submission: Make, mini_key: LessonKey
) -> None:
    notebook = submission(RIGHT, {2: blocking})
    result = graded(raw(notebook), mini_key, HASTY_CELLS).result
    assert (result.points, result.status) == (4, "partly graded")
    assert words in result.reason


def test_many_cells_that_block_cost_the_submission_its_own_time(
    submission: Make, mini_key: LessonKey
) -> None:
    """And no more: the class goes on."""
    endless = submission(RIGHT, {0: "while True: pass", 1: "while True: 1", 2: "while True: 2"})
    limits = Limits(cell_seconds=1.0, submission_seconds=2.0, patience=3.0)
    result = graded(raw(endless), mini_key, limits).result
    assert (result.points, result.status) == (0, "partly graded")
    assert "the cells take longer than 2 s altogether" in result.reason


@pytest.mark.parametrize(
    "body", ["while True: pass", "import os; os._exit(1)", "import time; time.sleep(1e6)"]
)
def test_a_function_that_never_answers_gets_nothing_and_says_so(
    body: str, submission: Make, mini_key: LessonKey
) -> None:
    source = f"def double(x_T):\n    {body}"
    result = graded(raw(submission(source)), mini_key, HASTIEST_CALLS).result
    assert (result.points, result.status) == (0, "partly graded")
    assert "L1.1: " in result.reason


def test_a_flood_of_output_is_cut_and_judged(submission: Make, mini_key: LessonKey) -> None:
    flood = "for i in range(3000): print('x' * 10_000)"
    done = graded(raw(submission(RIGHT, {2: flood})), mini_key)
    assert done.result.points == 4
    assert len(json.dumps(done.notebook)) < 3_000_000


def test_many_floods_together_are_cut_too(submission: Make, mini_key: LessonKey) -> None:
    floods = {2 + n: f"print({n}, 'x' * 900_000)" for n in range(16)}
    done = graded(raw(submission(RIGHT, floods)), mini_key)
    assert done.result.points == 4
    assert len(json.dumps(done.notebook)) < MOST_OUTPUT_BYTES + 100_000


class Unlucky:
    """A box to which something happens before it runs certain cells, or answers a call: once each.

    `places` are these cells' sources and "call"; what has happened is taken out.
    """

    def __init__(self, box: Box, happens: Callable[[], None], places: set[str]) -> None:
        self.box, self.happens, self.places, self.kind = box, happens, places, box.kind

    def _maybe(self, place: str) -> None:
        if place in self.places:
            self.places.remove(place)
            self.happens()

    def run_cell(self, source: str) -> CellResult:
        self._maybe(source)
        return self.box.run_cell(source)

    def call(
        self, calls: Sequence[Call], apart: bool = False, kept: int | None = None
    ) -> list[Answer]:
        self._maybe("call")
        return self.box.call(calls, apart, kept)

    def keep(self, number: int) -> None:
        self.box.keep(number)

    def retake(self) -> bool:
        return self.box.retake()

    def waited_seconds(self) -> float:
        return self.box.waited_seconds()

    def forget(self) -> None:
        self.box.forget()

    def close(self) -> None:
        self.box.close()

    def __enter__(self) -> Unlucky:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def lose_warm_process(sandboxes: SandboxedBoxes, box: SandboxedBox) -> None:
    """It ends, and with it, a moment later, the box."""
    process = box.process()
    sandboxes.warm_process().process.kill()
    while is_running(process):
        time.sleep(0.01)


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[SandboxedBoxes]:
    try:
        maker = open_boxes(Limits())
    except AttnError as error:
        pytest.skip(str(error))
    with maker:
        if type(maker) is not SandboxedBoxes:
            pytest.skip(f"there is only a {maker.kind} here")
        yield maker


def everywhere(notebook: NotebookNode) -> set[str]:
    return {"call"} | {c.source for c in notebook.cells if c.cell_type == "code"}


def test_a_kernel_that_somebody_else_ends_costs_nothing(
    submission: Make, mini_key: LessonKey
) -> None:
    """A machine short of memory ends what it likes. At more moments: the sandboxed box below."""
    places = {"call", RIGHT}

    def open_box(_: str) -> Unlucky:
        box = KernelBox()
        return Unlucky(box, lambda: os.killpg(box._group, signal.SIGKILL), places)

    result = grade_submission(
        "ada", raw(submission(RIGHT)), mini_key, open_box=open_box, limits=WHOLE
    ).result
    assert not places
    assert (result.points, result.status, result.reason) == (4, "graded", "")


def test_a_sandboxed_box_that_somebody_else_ends_costs_nothing(
    submission: Make, mini_key: LessonKey, sandboxes: SandboxedBoxes
) -> None:
    places = everywhere(submission(RIGHT))
    data = raw(submission(RIGHT))
    undisturbed = grade_submission("ada", data, mini_key, open_box=sandboxes.open, limits=WHOLE)

    def open_box(_: str) -> Unlucky:
        box = sandboxes.open()
        return Unlucky(box, lambda: os.kill(box.process(), signal.SIGKILL), places)

    done = grade_submission("ada", data, mini_key, open_box=open_box, limits=WHOLE)
    assert not places
    assert done.result.points == 4
    assert done.result.to_json() | {"seconds": {}} == undisturbed.result.to_json() | {"seconds": {}}
    assert done.notebook == undisturbed.notebook


@pytest.mark.parametrize("place", ["call", RIGHT])
def test_a_warm_process_that_somebody_else_ends_costs_nothing(
    place: str, submission: Make, mini_key: LessonKey, sandboxes: SandboxedBoxes
) -> None:
    """The boxes of all submissions under way end with it."""
    undisturbed = grade_submission("ada", raw(submission(RIGHT)), mini_key, open_box=sandboxes.open)
    places = {place}

    def open_box(_: str) -> Unlucky:
        box = sandboxes.open()
        return Unlucky(box, functools.partial(lose_warm_process, sandboxes, box), places)

    done = grade_submission("ada", raw(submission(RIGHT)), mini_key, open_box=open_box)
    assert not places
    assert done.result.to_json() | {"seconds": {}} == undisturbed.result.to_json() | {"seconds": {}}
    assert done.notebook == undisturbed.notebook


@pytest.mark.exhaustive  # boxes/test_makers.py: a warm process that dies is our fault
def test_boxes_that_are_lost_again_and_again_are_the_graders_fault(
    submission: Make, mini_key: LessonKey, sandboxes: SandboxedBoxes
) -> None:
    """It says so, instead of giving no points or trying for ever."""
    opened: list[SandboxedBox] = []

    def open_box(_: str) -> Unlucky:
        opened.append(sandboxes.open())
        lose = functools.partial(lose_warm_process, sandboxes, opened[-1])
        return Unlucky(opened[-1], lose, {RIGHT})

    with pytest.raises(BoxFault, match="sandbox ended"):
        grade_submission("ada", raw(submission(RIGHT)), mini_key, open_box=open_box)
    assert len(opened) == TRIES


def test_a_syntax_error_is_told_as_such(submission: Make, mini_key: LessonKey) -> None:
    result = graded(raw(submission("def double(x_T)\n    return 1")), mini_key).result
    assert result.status == "graded"
    assert "SyntaxError" in result.exercises[0].message


def test_a_second_grading_gives_the_same_result(submission: Make, mini_key: LessonKey) -> None:
    source = "import numpy as np, random\ndef double(x_T):\n    return x_T * np.random.rand()"
    first, second = (graded(raw(submission(source)), mini_key).result for _ in range(2))
    assert first.exercises == second.exercises


def test_the_box_hides_our_environment(
    submission: Make, mini_key: LessonKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TOKEN", "secret")
    source = "import os\nprint(dict(os.environ), os.listdir())\n" + RIGHT
    done = graded(raw(submission(source)), mini_key)
    text = json.dumps(cell(done.notebook, "L1-1-answer").outputs)
    assert "secret" not in text
    assert "MPLCONFIGDIR" in text


def test_extra_cells_keep_their_place(submission: Make, mini_key: LessonKey) -> None:
    rebuilt = rebuild(raw(submission(RIGHT, {0: "first = 1", 2: "third = 3"})), mini_key)
    sources = [c.source for c in rebuilt.notebook.cells]
    assert sources[0] == "first = 1"
    assert sources.index("third = 3") < sources.index(RIGHT)
