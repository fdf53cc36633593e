"""A sandboxed box and an ordinary kernel show and answer the same, whatever honest code runs."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from attnkit.checking.wire import Call

from autograder.authoring.build import build_lesson
from autograder.boxes.box import Box, CellResult, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.plain_kernel import KernelBox
from autograder.course import find_course
from tests.boxes.conftest import LIMITS

CELLS = {
    "prints": "print('one'); print('two', end=''); import sys; print('three', file=sys.stderr)",
    "a value": "{'a': [1, 2], 'b': 'c'}",
    "no value": "x = 3;",
    "a value of an earlier cell": "x, _",
    "an error": "def f(n):\n    return 1 / n\nf(0)",
    "a syntax error": "def f(:\n    pass",
    "an error after output": "print('so far')\nraise KeyError('gone')",
    "an exception group": "raise ExceptionGroup('both', [ValueError(1), TypeError(2)])",
    "leaves by exit": "import sys\nsys.exit(3)",
    "a warning": "import warnings\nwarnings.warn('careful')",
    "a table": "import pandas as pd\npd.DataFrame({'a': [1.5, 2], 'b': ['x', 'y']})",
    "markup": "from IPython.display import HTML, Markdown, display\ndisplay(HTML('<b>b</b>'))\n"
    "display(Markdown('*m*'), metadata={'a': 1})",
    "a formula": "from IPython.display import Math\nMath('x^2')",
    "an update": "from IPython.display import display\nh = display(1, display_id='same')\n"
    "display(2)\nh.update(3)",
    "a cleared output": "from IPython.display import clear_output\nprint('gone')\nclear_output()\n"
    "print('here')",
    "a cleared output, later": "print('gone')\nclear_output(wait=True)\nprint('here')",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.title('$x^2$');",
    "a figure shown": "figure, axes = plt.subplots()\naxes.bar([1, 2], [3, 4])\n"
    "plt.show()\nprint(1)",
    "an await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')",
    "a task": "task = asyncio.create_task(asyncio.sleep(0.01, 'done'))",
    "a task's result": "await task",
    "a command": "!echo hello && echo there 1>&2",
    "its lines": "lines = !printf 'a\\nb'\nlines",
    "a cell magic": "%%capture captured\nprint('kept')",
    "what was captured": "captured.stdout",
    "time": "%%writefile helper.py\nvalue = 7",
    "a module of its own": "import helper\nhelper.value",
    "random numbers": "import random, numpy as np\n"
    "random.random(), np.random.rand(), np.random.default_rng().random()",
    "a window's picture": "%matplotlib qt\nplt.plot([1, 3, 2]);",
    "widgets' picture": "%matplotlib widget\nplt.plot([1, 3, 2]);\nplt.show()",
    "another backend": "import matplotlib\nmatplotlib.use('TkAgg')\nplt.plot([3, 2]);",
    "what is not there": "from google.colab import drive\ndrive.mount('/content')\nhere = 1\nhere",
    "a magic that is not there": "%%wandb\n%tensorflow_version 2.x\nthere = 2",
    "an input": "input('name? ')",
    "letters of the world": "print('ñ 中文 🙂 \\x1b[1mbold\\x1b[0m')\n'é'",
    "an object": "class Thing:\n    def _repr_html_(self): return '<i>thing</i>'\n"
    "    def __repr__(self): return 'thing'\nThing()",
    "a slider": "import ipywidgets\nipywidgets.IntSlider(3)",
    "a docstring": "?len",
    "an image": "from IPython.display import Image\nimport base64\nImage(base64.b64decode("
    "'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='"
    "))",
}
#: What differs from run to run, in any kernel: numbers of models, processes and addresses.
NOISE = (
    (re.compile(r"ipykernel_\d+/\d+\.py"), "CELL"),
    (re.compile(r"<ipython-input-[0-9a-f-]+>"), "CELL"),
    (re.compile(r"0x[0-9a-f]{8,}"), "0x0"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"attnkit-static-[0-9a-f]+"), "ID"),
    (re.compile(r"/tmp/CELL"), "CELL"),
)


def plain(result: CellResult) -> tuple[str, str, list[dict[str, Any]]]:
    """A result without what differs from run to run; a stream's texts between others are one."""
    text = json.dumps(result.outputs, sort_keys=True)
    for pattern, word in NOISE:
        text = pattern.sub(word, text)
    outputs: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}  # those since the last output that is none
    for output in json.loads(text):
        if output["output_type"] != "stream":
            streams = {}
        elif output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
            continue
        else:
            streams[output["name"]] = output
        outputs.append(output)
    return result.status, result.reason, outputs


def ordinary(limits: Limits) -> KernelBox:
    """An ordinary kernel, which counts by the clock: with time enough for a busy machine."""
    box = KernelBox(dataclasses.replace(limits, cell_seconds=300.0, call_seconds=300.0))
    box._client.iopub_timeout = 60  # seconds, for outputs that come after the reply
    return box


def run(box: Box, cells: list[str]) -> list[CellResult]:
    return [box.run_cell(source) for source in cells]


def test_both_kinds_of_box_show_the_same(boxes: SandboxedBoxes) -> None:
    cells = list(CELLS.values())
    with boxes.open() as box:
        fast = run(box, cells)
    with ordinary(LIMITS) as box:
        slow = run(box, cells)
    for name, ours, theirs in zip(CELLS, fast, slow, strict=True):
        if name == "an input":  # refused by a function of each kind's own
            assert (ours.status, ours.reason) == (theirs.status, theirs.reason)
        else:
            assert plain(ours) == plain(theirs), name


def test_both_kinds_of_box_answer_the_same(boxes: SandboxedBoxes) -> None:
    source = "def double(x):\n    print(x)\n    return x + x\ndef broken(x):\n    return x / 0"
    array = {"array": [1.0, 2.5], "dtype": "float64", "shape": [2]}
    calls: list[Call] = [
        {"function": "double", "args": [array]},
        {"function": "double", "args": [{"scalar": "a", "type": "str"}]},
        {"function": "broken", "args": [{"scalar": 1, "type": "int"}]},
        {"function": "none", "args": []},
    ]
    answers, later = [], []
    with boxes.open() as fast, ordinary(LIMITS) as slow:
        for box in (fast, slow):
            box.run_cell(source)
            answers.append(box.call(calls))
            later.append(what_is_kept(box, calls[:2]))
    assert answers[0] == answers[1]
    assert answers[0][0]["value"] == {**array, "array": [2.0, 5.0]}
    assert later[0] == later[1] == ["[2.0, 5.0]", "none", "none", "[2.0, 5.0]", "none", "[]"]


def what_is_kept(box: Box, calls: list[Call]) -> list[str]:
    """What `double` gives before and after it has become something else, and what is left of that.

    Once where a process can be forked for questions, and once where a thread keeps it from that.
    """
    found: list[str] = []
    box.keep(7)
    box.run_cell("double, new = 'none', 1")
    for numbers in ((7, None, 8), (7, None)):
        for number in numbers:
            (answer, *_) = box.call(calls, kept=number)
            found.append(str(answer["value"]["array"]) if "value" in answer else "none")
        thread = "threading.Thread(target=threading.Event().wait, daemon=True)"
        box.run_cell(f"import threading\n{thread}.start()")
    result = box.run_cell("[name for name in ('double', 'new', 'broken') if name not in globals()]")
    return [*found, result.outputs[0]["data"]["text/plain"]]


def test_both_kinds_of_box_can_leave_the_courses_pictures_out_but_never_a_learners(
    boxes: SandboxedBoxes,
) -> None:
    cells = [
        "from attnkit.figures import draw_weights\ndraw_weights(['a', 'b'], [0.25, 0.75])",
        "from attnkit.panels import mask_panel\nmask_panel()",
        CELLS["a figure"],
    ]
    unseen = dataclasses.replace(LIMITS, everything=False)
    with boxes.open_with(unseen) as box:
        fast = run(box, cells)
    with ordinary(unseen) as box:
        slow = run(box, cells)
    for ours, theirs in zip(fast, slow, strict=True):
        assert plain(ours) == plain(theirs)
    kinds = [[sorted(output["data"]) for output in result.outputs] for result in fast]
    assert kinds == [[["text/plain"]], [["text/plain"]], [["image/png", "text/plain"]]]


@pytest.mark.slow
@pytest.mark.exhaustive  # test_both_kinds_of_box_show_the_same, and the pictures above
def test_both_kinds_of_box_run_lesson_1_alike(boxes: SandboxedBoxes) -> None:
    lesson = build_lesson(find_course().lesson_folders()[0])
    cells = [c.source for c in lesson.source.cells if c.cell_type == "code"]
    cells = [source for source in cells if "course_map" not in source]  # it names folders
    assert len(cells) > 20
    with SandboxedBoxes(LIMITS, boxes.program, with_checks=True) as made, made.open() as box:
        fast = run(box, cells)
    with ordinary(LIMITS) as box:
        slow = run(box, cells)
    for source, ours, theirs in zip(cells, fast, slow, strict=True):
        assert ours.status == "ok", ours.reason
        assert plain(ours) == plain(theirs), source
