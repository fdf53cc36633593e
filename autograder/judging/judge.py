"""The judge: sends inputs into a box, gets plain data back, and makes the verdict outside."""

from __future__ import annotations

import dataclasses

from attnkit import wire
from attnkit.spec import ExerciseSpec
from attnkit.verdict import Verdict, judge, no_answer

from autograder.boxes.box import SPOILT, Box, BoxError, plain_text

MOST_LETTERS = 1500  # of one message


def judge_in_box(
    box: Box, visible: ExerciseSpec, hidden: ExerciseSpec | None
) -> tuple[Verdict, BoxError | None]:
    """The verdict on one exercise whose cells have run in `box`.

    Inputs go in, answers come out; what is expected of them stays here. If the box fails, the
    verdict gives no points and the error says whether the box can still be used: it can't.
    BoxFault, which is no doing of the submission's, is the caller's to handle.
    """
    calls = visible.wire_calls()
    try:
        answers = box.call(calls)
        hidden_answers = box.call(hidden.wire_calls()) if hidden else []
    except BoxError as error:
        return no_answer(visible, _sentence(str(error))), error
    try:
        for answer in (*answers, *hidden_answers):
            _refuse_nonsense(answer.get("value", {"other": ""}))
        return _readable(judge(visible, answers, hidden, hidden_answers)), None
    except Exception:  # an answer that is JSON but no plain data: somebody made it up
        return no_answer(visible, _sentence(SPOILT)), BoxError(SPOILT)


def _refuse_nonsense(value: wire.Plain) -> None:
    """Raise if a value is no plain data. Who sends such a thing has the process in hand."""
    for kind in ("tuple", "list"):
        for item in value.get(kind, ()):
            _refuse_nonsense(item)
    for key, item in value.get("dict", ()):
        _refuse_nonsense(key)
        _refuse_nonsense(item)
    if not value.keys() & {"tuple", "list", "dict", "other"}:
        wire.decode(value)


def _readable(verdict: Verdict) -> Verdict:
    """Messages quote names and texts of the submission's: as a person may read them."""
    checks = (
        dataclasses.replace(check, message=plain_text(check.message, MOST_LETTERS))
        for check in verdict.checks
    )
    message = plain_text(verdict.message, MOST_LETTERS)
    return dataclasses.replace(verdict, message=message, checks=tuple(checks))


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."
