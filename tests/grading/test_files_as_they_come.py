"""Files as Windows, editors, browsers and Git leave them: read where that is safe, or named.

Protects marks that an encoding would cost, and people from reading "damaged" where the file is of
another kind: `attn judge`, `attn check` and `attn grade` say the same.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading.one_answer import judge_file
from autograder.grading.one_submission import grade_submission
from autograder.grading.submissions import find_submissions
from autograder.judging.key import LessonKey
from autograder.judging.results import SubmissionResult
from autograder.reading.file_text import UnreadableError, text_of
from autograder.reading.notebook import read_notebook
from tests.grading.conftest import Attn
from tests.kept_boxes import Keeper
from tests.small_course import RIGHT, WRONG, raw

CONFLICT = "<<<<<<< HEAD\n{}\n||||||| base\nold\n=======\n{}\n>>>>>>> theirs\n"
READ_AS = "The file is not UTF-8 text: it was read as {}."
ALIKE = "Git's conflict marks were passed over: both sides are alike."
DIFFER = "Git's conflict marks stand in it, the first in line 1, and the two sides differ"

Grade = Callable[[bytes], SubmissionResult]


@pytest.fixture
def grade(mini_key: LessonKey, kept_boxes: Keeper) -> Grade:
    """Grades what a file holds."""
    return lambda data: (
        grade_submission("a", data, mini_key, open_box=lambda _: kept_boxes.open_box()).result
    )


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (codecs.BOM_UTF8 + RIGHT.encode(), ""),
        (RIGHT.encode("utf-16"), READ_AS.format("UTF-16")),
        (codecs.BOM_UTF16_BE + RIGHT.encode("utf-16-be"), READ_AS.format("UTF-16")),
        (f"# größer\n{RIGHT}".encode("cp1252"), READ_AS.format("Latin-1")),
        (CONFLICT.format(RIGHT, RIGHT.replace("    ", "  ") + "  # mine").encode(), ALIKE),
    ],
    ids=["mark", "UTF-16", "UTF-16 the other way", "cp1252", "both sides"],
)
def test_an_answer_counts_whatever_wrote_it(
    data: bytes, note: str, mini_course: Course, tmp_path: Path
) -> None:
    file = tmp_path / "answer.py"
    file.write_bytes(data)
    verdict = judge_file(mini_course, "L1.1", file)
    assert verdict.points == 4
    assert list(verdict.advice) == ([note] if note else [])


def test_what_cannot_be_read_for_sure_is_named(mini_course: Course, tmp_path: Path) -> None:
    file = tmp_path / "answer.py"
    for data, reason in (
        (RIGHT.encode("utf-16-le"), "the file is UTF-16 text without its mark: save it as UTF-8"),
        (b"%PDF-1.7", "the file is a PDF"),
        (b"PK\x03\x04", "the file is a zip file or an office document"),
        (b"\n<!DOCTYPE html>", "the file is a web page"),
        (CONFLICT.format(RIGHT, WRONG).encode(), DIFFER),
        (b'{"nbformat": 4}', "is a notebook: `attn check`"),
    ):
        file.write_bytes(data)
        with pytest.raises(AttnError, match=r"answer\.py (can't be judged|is a)") as caught:
            judge_file(mini_course, "L1.1", file)
        assert reason in str(caught.value)


def merged(notebook: NotebookNode, answer: str) -> bytes:
    """A notebook as a merge leaves it: two sides of its outputs, and of an answer."""
    theirs = json.loads(raw(notebook))
    cell = next(c for c in theirs["cells"] if c["id"] == "L1-1-answer")
    cell["source"] = answer
    for other in theirs["cells"]:
        if other["cell_type"] == "code":
            other["execution_count"] = 7
    return CONFLICT.format(raw(notebook).decode(), json.dumps(theirs)).encode()


def test_a_notebook_counts_whatever_wrote_it(
    submission: Callable[..., NotebookNode], grade: Grade
) -> None:
    data = raw(submission(RIGHT))
    in_a_cell = raw(submission(CONFLICT.format(RIGHT, f"{RIGHT}\n")))
    for handed_in, notes in (
        (codecs.BOM_UTF8 + data, ()),
        (data.decode().encode("utf-16"), (READ_AS.format("UTF-16"),)),
        (merged(submission(RIGHT), f"# mine\n{RIGHT}"), (ALIKE,)),
        (in_a_cell, (ALIKE,)),
    ):
        graded = grade(handed_in)
        assert graded.points == 4, graded.reason
        assert [f"{note[0].upper()}{note[1:]}." for note in graded.repairs] == list(notes)


def test_check_and_grade_name_what_is_no_notebook_alike(
    submission: Callable[..., NotebookNode], grade: Grade, attn: Attn, tmp_path: Path
) -> None:
    file = tmp_path / "01_mini.ipynb.txt"
    for data, reason in (
        (merged(submission(RIGHT), WRONG), DIFFER),
        (RIGHT.encode(), "the file is Python code, no notebook"),
        (b"<html>", "the file is a web page"),
        (raw(submission(RIGHT)).decode().encode("utf-16-le"), "the file is UTF-16 text without"),
    ):
        file.write_bytes(data)
        for command, verb in (("check", "checked"), ("grade", "graded")):
            code, _, said = attn(command, file)
            assert code
            assert f"can't be {verb}: {reason}" in " ".join(said.split())
        graded = grade(data)
        assert graded.status == "not gradable"
        assert graded.reason.startswith(reason)


def test_a_side_with_broken_marks_is_no_side() -> None:
    for text in (
        "<<<<<<< HEAD\na = 1\n",
        "<<<<<<< HEAD\na = 1\n>>>>>>> theirs\n",
        "<<<<<<< HEAD\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n",
    ):
        with pytest.raises(UnreadableError):
            read_notebook(text.encode())
    assert text_of(b"=======\nx = 1").text == "=======\nx = 1"


@pytest.mark.parametrize("name", ["{}.IPYNB", "{}.ipynb.txt", "{}.ipynb.json"])
def test_other_names_of_a_notebook_are_known(name: str, tmp_path: Path) -> None:
    lesson = "01_mini"
    for folder in (tmp_path / "ada" / lesson, tmp_path / "bob"):
        folder.mkdir(parents=True)
        (folder / name.format(lesson)).write_text("{}")
    found = find_submissions(tmp_path, [lesson], None).submissions
    assert [(s.student, s.lesson, bool(s.path)) for s in found] == [
        ("ada", lesson, True),
        ("bob", lesson, True),
    ]
    assert find_submissions(found[0].path or tmp_path, [lesson], None).submissions
