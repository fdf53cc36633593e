"""A learner's function that has found the line on which the judge asks: it wins and tells nothing.

What answers visible calls can leave a process behind that hears the hidden questions, too. It may
take them away, say that it has ended, or never end: that costs the submission's own points.
"""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.boxes.box import Limits
from autograder.boxes.maker import BoxMaker
from autograder.course import exercise_of_cell, find_course
from autograder.grading.one_submission import grade_submission
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from autograder.judging.results import Graded
from autograder.record.lesson_facts import solutions
from tests.kept_boxes import Keeper

LIMITS = Limits(call_seconds=1.0, patience=3.0)
# Wraps each function that is judged; `act` gets the channel and the question as it is asked.
FINDER = """
import os, socket, sys, time
def found():
    frame = sys._getframe()
    while frame and not {{"channel", "request"}} <= frame.f_locals.keys():
        frame = frame.f_back
    if frame and "process" in frame.f_locals["request"]:  # no cell, but a question
        return frame.f_locals["channel"], frame.f_locals["request"]
def wrapped(real):
    def inner(*args, **kwargs):
        line = found()
        if line and not hasattr(line[0], "seen"):
            line[0].seen = True
            act(*line)
        return real(*args, **kwargs)
    return inner
{act}
for name in {names!r}:
    globals()[name] = wrapped(globals()[name])
"""
LISTENS = """
def act(channel, request):
    if os.fork() == 0:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try: heard = channel.socket.recv(1 << 20, {how})
            except BlockingIOError: continue
            os.write(1, heard)
        os._exit(0)
"""
PEEKS = LISTENS.format(how="socket.MSG_PEEK | socket.MSG_DONTWAIT")
STEALS = LISTENS.format(how="socket.MSG_DONTWAIT")
STAYS = """
def act(channel, request):
    real = channel.receive
    def receive():
        message = real()
        return time.sleep(1000) if "end" in message else message
    channel.receive = receive
"""
ENDS = """
def act(channel, request):
    channel.send({"over": request["process"]})
"""


@pytest.fixture(scope="module")
def key() -> LessonKey:
    return make_key(find_course().lesson(1), 97_531)


@pytest.fixture(scope="module")
def boxes(kept_boxes: Keeper) -> BoxMaker:
    return kept_boxes.sandbox(LIMITS)


def graded(key: LessonKey, boxes: BoxMaker, act: str) -> Graded:
    """A right submission of the lesson's, the functions of its last exercise with this around them.

    In the answer's own cell: what stands where an exercise is checked is what is asked.
    """
    attacked = list(key.visible)[-1]
    submitted = nbformat.from_dict(key.release)
    answers = solutions(find_course().lesson(1))
    for cell in submitted.cells:
        if cell.cell_type == "code" and cell.id in answers:
            cell.source = answers[cell.id]
            if act and exercise_of_cell(cell.id) == attacked:
                cell.source += "\n" + FINDER.format(act=act, names=key.visible[attacked].functions)
    raw = json.dumps(submitted).encode()
    return grade_submission("eve", raw, key, open_box=boxes.open, limits=LIMITS)


def hidden_numbers(key: LessonKey) -> set[str]:
    """Numbers of hidden inputs, as they are written in a question."""
    arrays = [a for spec in key.hidden.values() for call in spec.calls for a in call.args]
    drawn = {json.dumps(v) for a in arrays for v in a.get("array", ()) if isinstance(v, float)}
    return {number for number in drawn if len(number) > 12}


@pytest.mark.parametrize(
    ("act", "keeps_all"),
    [
        ("", True),
        (PEEKS, True),
        (STEALS, False),
        pytest.param(STAYS, False, marks=pytest.mark.exhaustive),
        (ENDS, False),
    ],
    ids=["is right", "peeks", "steals", "stays", "says it has ended"],
)
def test_who_hears_the_hidden_questions_can_tell_nobody(
    key: LessonKey, boxes: BoxMaker, act: str, keeps_all: bool
) -> None:
    found = graded(key, boxes, act)
    result = found.result
    assert (result.points == result.max_points) == keeps_all, result.reason
    assert (result.status == "graded") == keeps_all
    outputs = [cell.get("outputs", []) for cell in found.notebook.cells]
    shown = json.dumps([outputs, result.to_json()])
    secret = hidden_numbers(key)
    assert len(secret) > 20
    assert [number for number in secret if number in shown] == []
