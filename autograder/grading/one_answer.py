"""One answer in a Python file, judged by itself: `attn judge`.

A verdict should come at once, so the sandbox starts while the exercise's checks are looked up, and
nothing is imported that takes its time and is not needed.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.boxes.box import Limits
from autograder.boxes.flavours import flavour_of, plain
from autograder.boxes.opening import BoxesAhead
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.submissions import read_file
from autograder.reading.file_text import FileText, UnreadableError, settled, text_of
from autograder.reading.look import essence

if TYPE_CHECKING:
    from attnkit.checking.verdict import Verdict


def judge_file(course: Course, exercise_id: str, answer: Path, sandbox: bool = True) -> Verdict:
    """Judge a Python file that defines one exercise's functions, hidden cases included.

    AttnError if there is no such exercise or file, or no sandbox here.
    """
    exercise_id = exercise_id.upper()
    folder = course.lesson_of_exercise(exercise_id)
    read = _read(answer)
    flavour = plain(flavour_of(folder.source.read_text("utf-8")))
    with BoxesAhead(Limits(sandbox=sandbox), flavour, once_a_boot=True) as ahead:
        ahead.start()
        from attnkit.checking.judge import no_answer

        from autograder.judging.judge import judge_in_box
        from autograder.record.kept_key import exercise_key

        key = exercise_key(folder, exercise_id)
        with ahead.maker().open(flavour) as box:
            box.run_cell(key.given)
            ran = box.run_cell(read.text)
            if ran.status in ("timeout", "dead"):
                return no_answer(key.visible, f"{answer.name} was stopped: {ran.reason}.")
            verdict, _ = judge_in_box(box, key.visible, key.hidden)
    if ran.status == "error" and not ran.went_on and not verdict.passed:
        verdict = verdict.stopped_by(f"{answer.name} stops with {ran.reason}.")
    elif ran.left_out and not verdict.passed:
        verdict = verdict.stopped_by(f"In {answer.name} {ran.left_out}.")
    elif ran.left_out:
        read = dataclasses.replace(read, notes=(*read.notes, f"In {answer.name} {ran.left_out}"))
    notes = (f"{note[0].upper()}{note[1:]}." for note in read.notes)
    return dataclasses.replace(verdict, advice=(*verdict.advice, *notes))


def _read(answer: Path) -> FileText:
    """The text in an answer's file. AttnError says what it is if it is no code."""
    try:
        read = text_of(read_file(answer), or_latin=True)
        text = settled(read.text, lambda one, other: essence("code", one) == essence("code", other))
    except UnreadableError as error:
        raise AttnError(f"{answer} can't be judged: {error}.") from None
    if text.text.lstrip().startswith("{") and '"nbformat"' in text.text:
        raise AttnError(f"{answer} is a notebook: `attn check` judges what is in one.")
    return FileText(text.text, (*read.notes, *text.notes))
