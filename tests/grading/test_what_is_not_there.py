"""What is there where an answer is written, and not where it is graded, costs no point itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.grading.one_answer import judge_file
from autograder.grading.one_submission import grade_submission
from autograder.judging.key import LessonKey
from autograder.judging.results import SubmissionResult
from tests.kept_boxes import Keeper
from tests.small_course import RIGHT, WRONG, answered, raw

COLAB = "from google.colab import drive\ndrive.mount('/content/drive')\n"
LEFT_OUT = "what needs something that is not there while grading was left out (ModuleNotFoundError"
ANNOTATED = (
    "import torch, math\n"
    "@torch.no_grad()\n"
    "def double(x_T: torch.Tensor) -> torch.Tensor:\n    return math.ceil(1.5) * x_T"
)

Grade = Callable[..., SubmissionResult]


@pytest.fixture
def grade(mini_key: LessonKey, kept_boxes: Keeper) -> Grade:
    """Grades an answer, with cells of the learner's own by their places."""

    def run(answer: str, extra: dict[int, str] | None = None) -> SubmissionResult:
        data = raw(answered(mini_key.release, {"L1-1-answer": answer}, extra))
        return grade_submission(
            "ada", data, mini_key, open_box=lambda _: kept_boxes.open_box()
        ).result

    return run


@pytest.mark.parametrize("answer", [COLAB + RIGHT, f"{COLAB}!echo hello\n{RIGHT}", ANNOTATED])
def test_what_stands_below_it_counts_and_it_is_noted(grade: Grade, answer: str) -> None:
    result = grade(answer)
    assert (result.points, result.status) == (4, "graded")
    (note,) = result.repairs
    assert note.startswith(f"L1.1: {LEFT_OUT}")


def test_so_does_a_helper_in_a_cell_of_the_learners_own(grade: Grade) -> None:
    helper = f"{COLAB}import os\nos.chdir('/content/drive')\ndef twice(x):\n    return x + x"
    result = grade("def double(x_T):\n    return twice(x_T)", {1: helper})
    assert result.points == 4
    assert result.repairs[0].startswith("cell 2: what needs something")
    assert result.repairs[0].endswith(", and 1 more)")


def block(head: str, *lines: str) -> str:
    return "\n    ".join([head, *lines, *RIGHT.split("\n")])


BLOCKS = (
    block("if True:", "import torch"),
    block("if False:", "pass\nelif 1:", "import torch"),
    block("with open('/content/words.txt') as file:", "words = file.read()", "size = len(words)"),
    "import torch\n" + block("with torch.no_grad():", "sample = torch.rand(3)"),
    block("try:", "from google.colab import drive", "drive.mount('/content')")
    + "\nfinally:\n    print('mounted')",
    block("try:", "1 / 0\nexcept ZeroDivisionError:", "import torch"),
    block(
        "if True:", "with open('/content/words.txt') as file:", "    words = file.read()", "pass"
    ),
    "if True:\n    import torch\n    @torch.no_grad()\n    " + RIGHT.replace("\n", "\n    "),
    "if True:\n    import torch\n    1 / 0\n    double = 3\n" + RIGHT,
)


@pytest.mark.parametrize("answer", BLOCKS)
def test_so_does_what_stands_in_the_same_block(grade: Grade, answer: str) -> None:
    result = grade(answer)
    assert (result.points, result.status) == (4, "graded"), result.exercises[0].message
    assert "what needs something that is not there while grading was left out" in result.repairs[0]


def test_of_a_branch_that_nobody_can_choose_nothing_is_taken(grade: Grade) -> None:
    """Of two definitions, which one counts depends on what is not there."""
    answer = "import torch\n" + block("if torch.cuda.is_available():") + "\nelse:\n    double = {}"
    assert grade(answer).points == 0


def test_a_wrong_answer_stays_wrong_and_is_told_both(grade: Grade) -> None:
    (verdict,) = grade(COLAB + WRONG).exercises
    assert (verdict.points, verdict.diagnosis) == (1, "squares")
    assert verdict.message.startswith(f"In the answer cell {LEFT_OUT}")


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("no_such_name", "NameError: name 'no_such_name' is not defined"),
        (COLAB + "assert drives", "NameError: name 'drives' is not defined"),
    ],
)
def test_an_answer_that_fails_by_itself_still_fails(grade: Grade, own: str, reason: str) -> None:
    (verdict,) = grade(f"{own}\n{RIGHT}").exercises
    assert verdict.points == 0
    assert verdict.message.startswith(f"The answer cell stops with {reason}.")


def test_what_an_answer_itself_lacks_is_not_made_up_for(grade: Grade) -> None:
    answer = "import torch\ndef double(x_T):\n    return torch.add(x_T, x_T)"
    (verdict,) = grade(answer).exercises
    assert verdict.points == 0
    assert "NameError: name 'torch' is not defined" in verdict.message


def test_an_answer_file_goes_on_likewise(mini_course: Course, tmp_path: Path) -> None:
    file = tmp_path / "answer.py"
    file.write_text(COLAB + RIGHT, encoding="utf-8")
    verdict = judge_file(mini_course, "L1.1", file)
    assert verdict.points == 4
    assert verdict.advice[-1].startswith(f"In answer.py {LEFT_OUT}")
    file.write_text(COLAB + WRONG, encoding="utf-8")
    assert judge_file(mini_course, "L1.1", file).stopped.startswith(f"In answer.py {LEFT_OUT}")
