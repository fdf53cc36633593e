"""An author's mistakes are named with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from autograder.authoring.build import build_lesson
from autograder.course import Course
from autograder.errors import AuthorError

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
LESSON, EXERCISES = "01_doubling.py", "exercises.py"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(MINI, tmp_path, dirs_exist_ok=True)
    return Course(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence", "at"),
    [
        (LESSON, "    ### END SOLUTION\n", "", "never closed", "### BEGIN SOLUTION"),
        (LESSON, "    ### BEGIN SOLUTION\n", "", "without its beginning", "### END SOLUTION"),
        (LESSON, " points=2\n", "\n", "has no points", 'manual="L1-why"'),
        (LESSON, 'check="L1.1"', 'check="L1.2"', "declares no L1.2", 'check="L1.2"'),
        (LESSON, '# %% check="L1.1"', "# %%", "has no check cell", 'answer="L1.1"'),
        (LESSON, 'answer="L1.1"', 'answr="L1.1"', '"answr" is not a cell option', "answr"),
        (LESSON, "return 2 * x_T", "return 2 *", "does not run: SyntaxError", 'answer="L1.1"'),
        (LESSON, "# %% [markdown]\n# # Doubling", "# # Doubling", "begin every cell", None),
        (EXERCISES, '"squares"', '"halves"', "two variants called", "def double(x_T):"),
        (EXERCISES, "    hints=(", "    hints=() and (", "three of rising strength", "l1_1 = "),
        (EXERCISES, "EXERCISES = (l1_1,)", "EXERCISES = (l1_1, l1_1)", "declared twice", "l1_1 = "),
        (EXERCISES, "import numpy as np", "import nunpy as np", "ModuleNotFoundError", "nunpy"),
    ],
)
def test_the_mistake_is_named_with_file_and_line(
    course: Course, file: str, old: str, new: str, sentence: str, at: str | None
) -> None:
    path = course.solutions / "01_doubling" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        build_lesson(course.lesson_folders()[0])
    message = str(caught.value)
    assert sentence in message
    assert "\n" not in message
    place = re.match(r"(.+?\.py)(?::(\d+))?: ", message)
    assert place
    assert Path(place[1]).name == file
    if at is not None:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert at in lines[int(place[2]) - 1]


def remove_variants(text: str, kind: str, keep: int) -> str:
    """The exercises file with only the first `keep` variants of a kind."""
    blocks = re.split(r"(?=^@l1_1\.|^EXERCISES)", text, flags=re.M)
    ours = [block for block in blocks if block.startswith(f"@l1_1.{kind}")]
    return "".join(block for block in blocks if block not in ours[keep:])


@pytest.mark.parametrize(
    ("kind", "keep", "sentence"),
    [
        ("wrong", 0, "has 0 misconceptions"),
        ("wrong", 3, "3 misconceptions; at least 4"),
        ("right", 1, "1 right variants; at least 2"),
    ],
)
def test_an_exercise_without_enough_variants_is_refused(
    course: Course, kind: str, keep: int, sentence: str
) -> None:
    path = course.solutions / "01_doubling" / EXERCISES
    path.write_text(remove_variants(path.read_text(encoding="utf-8"), kind, keep), encoding="utf-8")
    with pytest.raises(AuthorError, match=sentence):
        build_lesson(course.lesson_folders()[0])


def test_a_duplicate_id_names_both_lines(course: Course) -> None:
    path = course.solutions / "01_doubling" / LESSON
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + '\n# %% [markdown] manual="L1-why" points=1\n# ### BEGIN MARK SCHEME\n'
        "# ### END MARK SCHEME\n",
        encoding="utf-8",
    )
    first = text.splitlines().index('# %% [markdown] manual="L1-why" points=2') + 1
    with pytest.raises(AuthorError, match=f"duplicate: line {first} has it already"):
        build_lesson(course.lesson_folders()[0])


def test_a_test_cell_without_points_is_refused(course: Course) -> None:
    path = course.solutions / "01_doubling" / EXERCISES
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'(Check\(\s*"[^"]*",)\s*\d+,', r"\1 0,", text)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuthorError, match="test cell without points"):
        build_lesson(course.lesson_folders()[0])


def test_a_reference_that_fails_its_own_checks_is_refused(course: Course) -> None:
    path = course.solutions / "01_doubling" / LESSON
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("return 2 * x_T", "return 2 * y_T"), encoding="utf-8")
    with pytest.raises(AuthorError, match=r"reference of L1\.1 fails.*NameError"):
        build_lesson(course.lesson_folders()[0])
