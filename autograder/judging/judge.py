"""The judge: sends inputs into a box, gets plain data back, and makes the verdict outside.

In two steps, so that no hidden input is in any process before all that is shown has been said: a
submission's exercises are first asked their visible calls, all of them, and then the hidden ones.
"""

from __future__ import annotations

import dataclasses

from attnkit.checking.judge import judge, judge_hidden, no_answer
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import Verdict
from attnkit.checking.wire import Answer

from autograder.boxes.box import SPOILT, Box, BoxError
from autograder.judging.canonical import SpoiltAnswerError, canonical_answers
from autograder.text import plain_text

MOST_LETTERS = 1500  # of one message
Judged = tuple[Verdict, BoxError | None]


def judge_in_box(box: Box, visible: ExerciseSpec, hidden: ExerciseSpec | None) -> Judged:
    """The verdict on one exercise whose cells have run in `box`, when there is no other to judge.

    If the box fails, the verdict gives no points and the error says whether the box can still be
    used. BoxFault, which is no doing of the submission's, is the caller's to handle.
    """
    verdict, error = judge_visible_calls(box, visible)
    return (verdict, error) if error else judge_hidden_calls(box, verdict, visible, hidden)


def judge_visible_calls(box: Box, visible: ExerciseSpec, kept: int | None = None) -> Judged:
    """The verdict on the published calls: all that a learner may read comes from these.

    With `kept`, on what stood when the box was told to keep that number.
    """
    try:
        verdict = judge(visible, _ask(box, visible, kept=kept))
        if not verdict.passed and box.retake():  # what other exercises left behind is no fault
            verdict = judge(visible, _ask(box, visible, kept=kept))
        return _readable(verdict), None
    except BoxError as error:
        return no_answer(visible, _sentence(str(error))), error


def judge_hidden_calls(
    box: Box,
    verdict: Verdict,
    visible: ExerciseSpec,
    hidden: ExerciseSpec | None,
    kept: int | None = None,
) -> Judged:
    """The same verdict, less what the hidden calls show; they are asked where it can lose by them.

    Nothing is said of them but that a check fails.
    """
    passed = {check.name for check in verdict.checks if check.passed}
    if hidden is None or not passed:
        return verdict, None
    checks = tuple(check for check in hidden.checks if check.name in passed)
    asked = dataclasses.replace(hidden, checks=checks)
    try:
        rest = judge_hidden(verdict, asked, _ask(box, asked, True, kept))
        if rest.points < verdict.points and box.retake():
            rest = judge_hidden(verdict, asked, _ask(box, asked, True, kept))
        return _readable(rest), None
    except BoxError as error:
        return no_answer(visible, _sentence(str(error))), error


def _ask(
    box: Box, spec: ExerciseSpec, apart: bool = False, kept: int | None = None
) -> list[Answer]:
    """Inputs go in, answers come out; what is expected of them stays here. Raises BoxError."""
    calls = spec.wire_calls()
    answers = box.call(calls, apart, kept)
    try:
        return canonical_answers(answers, [len(call["args"]) for call in calls])
    except (SpoiltAnswerError, RecursionError):  # JSON, but nothing that an honest process sends
        raise BoxError(SPOILT) from None


def _readable(verdict: Verdict) -> Verdict:
    """Messages quote names and texts of the submission's: as a person may read them."""
    checks = (
        dataclasses.replace(check, message=plain_text(check.message, MOST_LETTERS))
        for check in verdict.checks
    )
    functions = (
        dataclasses.replace(
            one,
            message=plain_text(one.message, MOST_LETTERS),
            seen=plain_text(one.seen, MOST_LETTERS),
        )
        for one in verdict.functions
    )
    message = plain_text(verdict.message, MOST_LETTERS)
    return dataclasses.replace(
        verdict, message=message, checks=tuple(checks), functions=tuple(functions)
    )


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."
