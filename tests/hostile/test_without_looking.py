"""Somebody who has read this code and the released checks, but has not written an answer: no point.

Each cheat is handed in and graded as any submission is. What they know is given to them outright:
what is expected of every visible call, and the means to put it in place of what their process says.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import nbformat
import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode

from autograder.boxes.box import Limits
from autograder.boxes.maker import BoxMaker
from autograder.course import answer_cell, find_course
from autograder.grading.one_submission import grade_submission
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from autograder.judging.results import SubmissionResult
from autograder.record.lesson_facts import solutions
from tests.kept_boxes import Keeper

SEED = 24_680
LESSONS = [folder.number for folder in find_course().lesson_folders()]

# Replaces what its process says to the judge: KNOWN has, for each exercise, its functions and what
# each of its visible calls is answered with.
FORGER = """
import base64, itertools, json, zlib
KNOWN = json.loads(zlib.decompress(base64.b64decode("{known}")))
real_loads, real_dumps = json.loads, json.dumps
now = []
def loads(text, *a, **k):
    thing = real_loads(text, *a, **k)
    if isinstance(thing, list) and thing and isinstance(thing[0], dict) and "function" in thing[0]:
        asked = {{c["function"] for c in thing if not c.get("probe")}}
        asked |= {{n for c in thing if c.get("probe") for n in c["probe"]["functions"]}}
        now[:] = [(one["answers"], len(thing)) for one in KNOWN if asked <= set(one["functions"])]
    return thing
def dumps(thing, *a, **k):
    if isinstance(thing, dict) and "nonce" in thing and now:
        answers, wanted = now[0]
        chosen = itertools.islice({choose}, wanted)
        thing = dict(thing, answers=[dict(value=v, changed=[]) for v in chosen])
    return real_dumps(thing, *a, **k)
json.loads, json.dumps = loads, dumps
"""
CHOICES = {
    "each visible answer in its place": "itertools.cycle(answers)",
    "the commonest visible answer": "itertools.repeat(max(answers, key=answers.count))",
    "an empty number": "itertools.repeat(dict(scalar=[], type='int'))",
    "an empty array": "itertools.repeat(dict(array=[], dtype='float64', shape=[]))",
}


@pytest.fixture(scope="module")
def keys() -> dict[int, LessonKey]:
    return {}


@pytest.fixture(scope="module")
def boxes(kept_boxes: Keeper) -> BoxMaker:
    """What is imported ahead, such as Keras, decides about seconds alone: NumPy will do."""
    return kept_boxes.sandbox(Limits())


def key_of(keys: dict[int, LessonKey], lesson: int) -> LessonKey:
    if lesson not in keys:
        keys[lesson] = make_key(find_course().lesson(lesson), SEED)
    return keys[lesson]


def notebook(
    key: LessonKey, answers: dict[str, str], first: str = "", last: str = ""
) -> NotebookNode:
    """The released notebook with these answers, and own cells before and after everything."""
    made: NotebookNode = nbformat.from_dict(key.release)
    for cell in made.cells:
        if cell.cell_type == "code" and cell.id in answers:
            cell.source = answers[cell.id]
    if first:
        made.cells.insert(0, nbformat.v4.new_code_cell(first, id="own-first"))
    if last:
        made.cells.append(nbformat.v4.new_code_cell(last, id="own-last"))
    return made


def graded(key: LessonKey, boxes: BoxMaker, submitted: NotebookNode) -> SubmissionResult:
    return grade_submission(
        "eve",
        json.dumps(submitted).encode(),
        key,
        open_box=boxes.open,
        limits=Limits(),
    ).result


def known(key: LessonKey) -> str:
    """What the released checks say is right for each visible call, as a cheat carries it along."""
    facts = [
        {"functions": list(spec.functions), "answers": [_taken(c.expected) for c in spec.calls]}
        for spec in key.visible.values()
    ]
    return base64.b64encode(zlib.compress(json.dumps(facts).encode())).decode()


def _taken(expected: wire.Plain) -> wire.Plain:
    """An answer that passes for what is expected."""
    if "between" in expected:
        low, high = (np.asarray(wire.decode(bound), float) for bound in expected["between"])
        middle = (low + high) / 2
        return wire.encode(float(middle) if middle.ndim == 0 else middle)
    if "matches" in expected:
        return dict(expected["matches"])
    if "tuple" in expected:
        return {"tuple": [_taken(item) for item in expected["tuple"]]}
    return expected


def empty_functions(key: LessonKey) -> dict[str, str]:
    """An answer cell for each exercise that defines its functions, and nothing in them."""
    return {
        answer_cell(name): "\n".join(f"def {f}(*a, **k): return None" for f in spec.functions)
        for name, spec in key.visible.items()
    }


IN_EVERY_RUN = (1,)  # the kill table tries the same answers of all lessons, without a box
TRIED = [
    pytest.param(
        *(lesson, choice),
        marks=[pytest.mark.exhaustive] * (lesson not in IN_EVERY_RUN),
    )
    for lesson in LESSONS
    for choice in CHOICES
]


@pytest.mark.parametrize(("lesson", "choice"), TRIED)
def test_a_forger_who_knows_all_that_is_released_wins_nothing(
    lesson: int, choice: str, keys: dict[int, LessonKey], boxes: BoxMaker
) -> None:
    key = key_of(keys, lesson)
    cheat = FORGER.format(known=known(key), choose=CHOICES[choice])
    result = graded(key, boxes, notebook(key, empty_functions(key), cheat))
    won = {v.exercise: [c.name for c in v.checks if c.passed] for v in result.exercises if v.points}
    assert won == {}
    assert result.points == 0


each_test_of_tests = pytest.mark.parametrize(
    ("lesson", "exercise"),
    [
        (5, "L5.5"),
        pytest.param(7, "L7.4", marks=pytest.mark.exhaustive),
        pytest.param(9, "L9.6", marks=pytest.mark.exhaustive),
    ],
)


def visible_answers(spec: ExerciseSpec) -> list[bool]:
    return [call.expected["scalar"] for call in spec.calls]


@each_test_of_tests
def test_a_test_that_counts_its_calls_wins_nothing(
    lesson: int, exercise: str, keys: dict[int, LessonKey], boxes: BoxMaker
) -> None:
    """Nothing is forged: it gives what was right for the visible call of the same number."""
    key = key_of(keys, lesson)
    right = visible_answers(key.visible[exercise])
    [name] = key.visible[exercise].functions
    source = (
        f"N = [0]\ndef {name}(fn):\n    N[0] += 1\n"
        f"    return {right!r}[(N[0] - 1) % {len(right)}]\n"
    )
    result = graded(key, boxes, notebook(key, {answer_cell(exercise): source}))
    assert {v.exercise: v.points for v in result.exercises}[exercise] == 0


@each_test_of_tests
def test_a_test_that_looks_at_code_and_names_wins_nothing(
    lesson: int, exercise: str, keys: dict[int, LessonKey], boxes: BoxMaker
) -> None:
    """It knows of each visible function what it is, and knows functions again by all that shows."""
    key = key_of(keys, lesson)
    spec = key.visible[exercise]
    codes = [call.args[0]["code"] for call in spec.calls]
    [name] = spec.functions
    source = f"""
import hashlib, inspect
CODES = {codes!r}
RIGHT = {visible_answers(spec)!r}
def shown(fn):
    try: return inspect.getsource(fn)
    except Exception: pass
    c = fn.__code__
    return (c.co_consts, c.co_names, c.co_varnames, c.co_code, fn.__name__)
def compiled(text):
    names = dict(np=np)
    exec(text, names)
    c = names[text.split("(")[0].removeprefix("def ").strip()].__code__
    return (c.co_consts, c.co_names, c.co_varnames, c.co_code, "given")
import numpy as np
TABLE = {{}}
for text, right in zip(CODES, RIGHT):
    TABLE[repr(compiled(text))] = right
def {name}(fn):
    return TABLE.get(repr(shown(fn)), False)
"""
    result = graded(key, boxes, notebook(key, {answer_cell(exercise): source}))
    assert {v.exercise: v.points for v in result.exercises}[exercise] == 0


KEEPS = """SEEN = []
import mmap, os
SHARED = mmap.mmap(-1, 1 << 20)  # survives a fork
def weighted_mean(x_TD, w_T):
    SEEN.append((x_TD.copy(), w_T.copy()))
    text = ";".join(",".join(f"{v:g}" for v in [*x.ravel(), *w]) for x, w in SEEN[-1:])
    SHARED.write((text + "|").encode())
    with open("/tmp/seen", "a") as file: file.write(text + "|")
    return (w_T / w_T.sum()) @ x_TD
"""
TELLS = """N = [0]
def {name}(*args, **kwargs):
    text = SHARED[:].rstrip(b"\\0").decode()
    try: text += open("/tmp/seen").read()
    except OSError: pass
    N[0] += 1
    raise ValueError(text[290 * (N[0] - 1):290 * N[0]] or "nothing")
"""


def test_hidden_inputs_are_told_to_nobody(keys: dict[int, LessonKey], boxes: BoxMaker) -> None:
    """One exercise keeps what it is called with, in memory and in files; the others tell."""
    key = key_of(keys, 1)
    answers = solutions(find_course().lesson(1))
    answers[answer_cell("L1.1")] = KEEPS
    for exercise in list(key.visible)[1:]:
        answers[answer_cell(exercise)] = "\n".join(
            TELLS.format(name=name) for name in key.visible[exercise].functions
        )
    result = graded(key, boxes, notebook(key, answers))
    assert result.exercises[0].passed, "it does answer the hidden calls"
    shown = json.dumps(result.to_json())
    for call in key.hidden["L1.1"].calls:
        numbers = ",".join(f"{v:g}" for arg in call.args for v in arg["array"])
        if call.args not in [c.args for c in key.visible["L1.1"].calls]:
            assert numbers not in shown


COUNTED = """
{solution}
STATE = globals().setdefault("STATE", dict(calls=0, inside=False))
def _counted(real):
    def run(*args, **kwargs):
        if STATE["inside"]: return real(*args, **kwargs)
        STATE["calls"] += 1
        if STATE["calls"] > {most}: raise RuntimeError("called too often")
        STATE["inside"] = True
        try: return real(*args, **kwargs)
        finally: STATE["inside"] = False
    return run
for _name in {names!r}: globals()[_name] = _counted(globals()[_name])
"""


def test_the_order_of_exercises_does_not_matter(
    keys: dict[int, LessonKey], boxes: BoxMaker
) -> None:
    """All exercises share one count of calls, and stop when it is higher than one alone needs."""
    key = key_of(keys, 1)
    parts = [spec for part in (key.visible, key.hidden) for spec in part.values()]
    most = 2 * max(len(spec.calls) for spec in parts)  # a probe may call twice
    assert most < sum(len(spec.calls) for spec in parts)
    answers = solutions(find_course().lesson(1))
    for exercise, spec in key.visible.items():
        answers[answer_cell(exercise)] = COUNTED.format(
            solution=answers[answer_cell(exercise)], names=list(spec.functions), most=most
        )
    submitted = notebook(key, answers, last="STATE['calls'] = 0")  # the lesson calls them, too
    points: list[dict[str, Any]] = []
    for order in (list(key.visible), list(key.visible)[::-1]):
        turned = LessonKey(
            key.lesson, key.release, {name: key.visible[name] for name in order}, key.hidden, {}
        )
        result = graded(turned, boxes, submitted)
        points.append({v.exercise: (v.points, v.max_points) for v in result.exercises})
    assert points[0] == points[1]
    assert all(won == possible for won, possible in points[0].values()), points
