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
LESSON, EXERCISE = "01_doubling.py", "l1_1_double.py"
SLIP = 'exercise.slip("""one-more\n- {old}\n+ 2 * x_T + 1\nYou added one.""")\n'


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
        (
            LESSON,
            'check="L1.1"',
            'check="L1.2"',
            "no file of the folder declares L1.2",
            'check="L1.2"',
        ),
        (LESSON, '# %% check="L1.1"', "# %%", "has no check cell", 'answer="L1.1"'),
        (LESSON, 'answer="L1.1"', 'answr="L1.1"', '"answr" is not a cell option', "answr"),
        (LESSON, "return 2 * x_T", "return 2 *", "does not run: SyntaxError", 'answer="L1.1"'),
        (LESSON, "# %% [markdown]\n# # Doubling", "# # Doubling", "begin every cell", None),
        (EXERCISE, "def squares(", "def halves(", "two variants called", "def halves("),
        (EXERCISE, "Twice.\n\n", "Twice.\n", "three of rising strength", "exercise = "),
        (EXERCISE, "import numpy as np", "import nunpy as np", "ModuleNotFoundError", "nunpy"),
        (EXERCISE, "def squares(x_T):", "def squares(x_T:", "SyntaxError", "def squares"),
        (EXERCISE, '    """You added two."""\n', "", "what does a learner read", "adds_two"),
        (EXERCISE, "    return x_T + 2\n", "", "without any code", "adds_two"),
        (
            EXERCISE,
            "call(x_T),",
            "call.triple(x_T),",
            "calls triple(): write call.double",
            "exercise.checks",
        ),
        (
            EXERCISE,
            "exercise.right\n",
            'exercise.of("x").right\n',
            'Write exercise.of("dou',
            "def ",
        ),
        (EXERCISE, "", SLIP.format(old="3 * x_T"), "does not occur", "slip("),
        (EXERCISE, "", SLIP.format(old="2") + SLIP.format(old="2"), "two variants", "slip("),
        (EXERCISE, "", 'exercise.slip("one-more")\n', "it needs its id, then what goes", "slip("),
        (EXERCISE, "", SLIP.format(old="return"), "is no Python", "slip("),
    ],
)
def test_the_mistake_is_named_with_file_and_line(
    course: Course, file: str, old: str, new: str, sentence: str, at: str | None
) -> None:
    path = course.solutions / "01_doubling" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1) if old else f"{text}\n\n{new}"
    path.write_text(text, encoding="utf-8")
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
    """The exercise's file with only the first `keep` variants of a kind."""
    blocks = re.split(r"(?=^@exercise\.)", text, flags=re.M)
    ours = [block for block in blocks if block.startswith(f"@exercise.{kind}")]
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
    path = course.solutions / "01_doubling" / EXERCISE
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


@pytest.mark.parametrize("mark", ["### BEGIN MARK SCHEME", "### END MARK SCHEME"])
def test_a_mark_beside_other_text_is_refused(course: Course, mark: str) -> None:
    """A reflowed paragraph takes it in, and what is to be cut out may reach learners."""
    path = course.solutions / "01_doubling" / LESSON
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mark, f"Half a point. {mark}"), encoding="utf-8")
    with pytest.raises(AuthorError, match="give it a line of its own"):
        build_lesson(course.lesson_folders()[0])


def test_a_test_cell_without_points_is_refused(course: Course) -> None:
    path = course.solutions / "01_doubling" / EXERCISE
    text = path.read_text(encoding="utf-8")
    free = "def free(*calls, **rest):\n    return Check(*calls, **{**rest, 'points': 0})\n\n\n"
    text = text.replace("yield Check(", "yield free(").replace(
        "@exercise.checks", free + "@exercise.checks"
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AuthorError, match="test cell without points"):
        build_lesson(course.lesson_folders()[0])


def test_a_reference_that_fails_its_own_checks_is_refused(course: Course) -> None:
    path = course.solutions / "01_doubling" / LESSON
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("return 2 * x_T", "return 2 * y_T"), encoding="utf-8")
    with pytest.raises(AuthorError, match=r"reference of L1\.1 fails.*NameError"):
        build_lesson(course.lesson_folders()[0])


def test_a_folder_whose_files_are_called_for_other_exercises_is_refused(course: Course) -> None:
    folder = course.lesson_folders()[0]
    file = folder.path / EXERCISE
    elsewhere = file.rename(folder.path / "l2_1_double.py")
    with pytest.raises(AuthorError, match=r"l2_1_double\.py:5: L2\.1 stands in a file or a folder"):
        build_lesson(folder)
    file = elsewhere.rename(file)
    twice = Path(shutil.copy(file, folder.path / "l1_1_twice.py"))
    with pytest.raises(
        AuthorError, match=r"l1_1_twice\.py:5: L1\.1 is declared in l1_1_double\.py"
    ):
        build_lesson(folder)
    twice.unlink()
    file.write_text("other = 1\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"l1_1_double\.py: an exercise's file says exercise = "):
        build_lesson(folder)
    file.rename(folder.path / "double.py")
    with pytest.raises(AuthorError, match=r"01_doubling: no exercise here: a file l1_1_….py"):
        build_lesson(folder)


def test_a_mistake_in_what_exercises_share_is_named_there(course: Course) -> None:
    folder = course.lesson_folders()[0]
    file = folder.path / EXERCISE
    text = file.read_text(encoding="utf-8")
    file.write_text(f"from .shared import SIZE\n{text}", encoding="utf-8")
    (folder.path / "shared.py").write_text("SIZE = 1\nOTHER = SIZE / 0\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"shared\.py:2: ZeroDivisionError"):
        build_lesson(folder)
