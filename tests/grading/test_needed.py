"""What grading leaves out of a notebook changes no verdict; what answers lean on is run."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import nbformat
import pytest
from attnkit.checking.spec import released_lesson
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.boxes.box import Limits
from autograder.boxes.plain_kernel import KernelBoxes
from autograder.course import LessonFolder, find_course
from autograder.grading.cell_run import LEFT_OUT
from autograder.grading.one_submission import grade_submission
from autograder.grading.repair import frame_of
from autograder.judging.key import LessonKey
from autograder.notebook_text import to_text
from autograder.reading.dependencies import DEEPEST, unneeded_cells
from autograder.reading.imports import imported_names, without_imports
from autograder.reading.lift import Frame, FrameCell, lift
from autograder.reading.readers import Readers
from autograder.record.lesson_facts import solutions
from tests.small_course import RIGHT, answered, raw

GIVEN = {
    "imports": "import numpy as np\nfrom math import *",
    "constants": "half = 0.5\nlist_of_things = [1]",
    "helper": "def helper(x):\n    return half * x",
    "changes": "list_of_things.append(2)",
    "rebinds": "for half in (0.25, 0.5):\n    print(half)",
    "experiment": "result = helper(3)\nprint(result)",
    "picture": "draw(result)",
}


def left_out(answer: str, given: dict[str, str] = GIVEN) -> set[str]:
    """Names of the given cells that are left out beside one answer."""
    names = list(given)
    return {names[i] for i in unneeded_cells({-1: answer}, dict(enumerate(given.values())))}


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        ("def f(x):\n    return x", set()),
        ("def f(x):\n    return helper(x)", {"helper", "constants", "rebinds"}),
        ("def f(half):\n    return half", set()),
        ("def f(x):\n    '''by half of the result'''\n    return x", set()),
        ("print(list_of_things)", {"constants", "changes"}),
        ("y = result", {"experiment", "helper", "constants", "rebinds"}),
        ("f = lambda x: half * x", {"constants", "rebinds"}),
        ("def f(x):\n    return globals()['result']", {"experiment", "helper", "constants"}),
        ("%time y = result", {"experiment", "helper", "constants"}),
        ("def f(x:\n    return result", {"experiment", "helper", "constants"}),
    ],
)
def test_what_an_answer_leans_on_is_run(answer: str, runs: set[str]) -> None:
    out = left_out(answer)
    assert not runs & out
    assert "imports" not in out  # it may make any name
    if runs == set():
        assert out == set(GIVEN) - {"imports"}


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_text_of_a_learner_stops_it(answer: str) -> None:
    assert left_out(answer) <= set(GIVEN)


@pytest.mark.parametrize(
    "answer",
    [
        "x = " + "(" * 100_000 + ")" * 100_000,
        "x = " + "-" * 50_000 + "1",
        "x = " + "+".join(["1"] * 20_000),
        "x = " + ".a" * 20_000,
        "\n".join(" " * i + "if x:" for i in range(300)),
        "half = 1\n" * 100_000,
        "x = '\ud800'",
        "x = 1\x00",
    ],
)
def test_text_that_would_overthrow_a_parser_is_not_parsed(answer: str) -> None:
    assert "helper" in left_out(answer) or "half" in answer


def test_the_deepest_text_that_is_parsed_is_harmless() -> None:
    deep = "x = " + "[" * DEEPEST + "half" + "]" * DEEPEST
    assert "constants" not in left_out(deep)


@pytest.mark.parametrize("folder", find_course().lesson_folders(), ids=lambda each: each.name)
def test_every_lesson_leaves_most_of_itself_out_and_keeps_its_imports(folder: LessonFolder) -> None:
    """With the authors' answers in what is released."""
    release = nbformat.read(folder.released_notebook, as_version=4)
    key = LessonKey(folder.name, release, released_lesson(folder.number), {}, {})
    found = lift(to_text(answered(release, solutions(folder))).encode(), frame_of(key))
    code = [i for i, c in enumerate(found.cells) if c.kind == "code"]
    assert code[0] not in found.unneeded
    assert len(found.unneeded) > len(code) / 3


IMPORTS = """import numpy as np
import pandas as pd, math
from attnkit import (
    check,
    hint,  # for those who are stuck
)
from attnkit.figures import *
import os; import re
np.set_printoptions(precision=3)
"""


def test_imports_that_nobody_uses_are_left_out_and_each_line_stays_where_it_was() -> None:
    assert imported_names(IMPORTS) == {"np", "pd", "math", "check", "hint"}
    left = without_imports(IMPORTS, frozenset({"np", "math", "hint"})).split("\n")
    assert len(left) == IMPORTS.count("\n") + 1
    assert left[:3] == ["import numpy as np", "import math", "from attnkit import hint"]
    assert left[6:] == IMPORTS.split("\n")[6:]
    assert without_imports("%matplotlib inline\nimport a", frozenset()).endswith("import a")


@pytest.mark.parametrize(
    ("answer", "spared"),
    [
        ("def double(x_T):\n    return np.add(x_T, x_T)", ["import numpy as np", ""]),
        ("def double(x_T):\n    return pd.Series(x_T) * 2", ["", "import pandas as pd"]),
        ("double = lambda x_T: eval('2 * np.asarray(pd.Series(x_T))')", None),
    ],
)
def test_what_an_answer_uses_is_imported(answer: str, spared: list[str] | None) -> None:
    given = FrameCell("imports", "code", "import numpy as np\nimport pandas as pd", "imports")
    frame = Frame((given, FrameCell("answer", "code", "", "L1.1", "answer", True)))
    own = {"cell_type": "code", "source": answer, "metadata": {"nbgrader": {"grade_id": "answer"}}}
    found = lift(json.dumps({"cells": [own]}).encode(), frame)
    assert found.spared == ({} if spared is None else {0: "\n".join(spared)})
    assert lift(json.dumps({"cells": [own]}).encode(), frame, everything=True).spared == {}


def test_leaving_out_changes_no_verdict_and_is_said(submission: Any, mini_key: LessonKey) -> None:
    data = raw(submission(RIGHT))
    graded = [
        grade_submission("ada", data, mini_key, open_box=KernelBoxes(limits).open, limits=limits)
        for limits in (Limits(), Limits(everything=True))
    ]
    assert graded[0].result.exercises == graded[1].result.exercises
    texts = [
        [o.get("text", "") for c in g.notebook.cells if c.cell_type == "code" for o in c.outputs]
        for g in graded
    ]
    assert LEFT_OUT in texts[0]
    assert LEFT_OUT not in texts[1]


def test_many_threads_read_cells_at_once() -> None:
    """Protects a grade: Python 3.11's parser fails now and then when threads take turns in it."""
    long = "\n".join(f"def f{n}(x): return [half * {n}, {{x: (x,)}}]" for n in range(100))
    given = [FrameCell(name, "code", source, name) for name, source in GIVEN.items()]
    frame = Frame((*given, FrameCell("answer", "code", "", "L1.1", "answer", True)))
    own = {"cell_type": "code", "source": long, "metadata": {"nbgrader": {"grade_id": "answer"}}}
    raw = json.dumps({"cells": [own]}).encode()
    wanted = lift(raw, frame).unneeded
    assert list(GIVEN).index("helper") in wanted
    with Readers(4) as readers, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: readers.lift(raw, frame).unneeded, range(60)))
    assert found == [wanted] * 60
