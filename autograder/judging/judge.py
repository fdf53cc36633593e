"""The judge: sends inputs into a box, gets plain data back, and makes the verdict outside."""

from __future__ import annotations

from attnkit.spec import ExerciseSpec
from attnkit.verdict import Verdict, judge, no_answer

from autograder.boxes.box import Box, BoxError


def judge_in_box(
    box: Box, visible: ExerciseSpec, hidden: ExerciseSpec | None
) -> tuple[Verdict, BoxError | None]:
    """The verdict on one exercise whose cells have run in `box`.

    Inputs go in, answers come out; what is expected of them stays here. If the box fails, the
    verdict gives no points and the error says whether the box can still be used: it can't.
    """
    calls = visible.wire_calls()
    try:
        answers = box.call(calls)
        hidden_answers = box.call(hidden.wire_calls()) if hidden else []
        return judge(visible, answers, hidden, hidden_answers), None
    except BoxError as error:
        sentence = str(error)
        return no_answer(visible, f"{sentence[0].upper()}{sentence[1:]}."), error
    except Exception:  # an answer that is JSON but no plain data: somebody made it up
        sentence = "the notebook kept the checks from being run"
        return no_answer(visible, f"{sentence[0].upper()}{sentence[1:]}."), BoxError(sentence)
