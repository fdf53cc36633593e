"""A right answer counts wherever tools and people put it: one class, a way for each student.

Protects marks: each of these cost a learner points whose functions had passed their checks.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.authoring.build import build_lesson
from autograder.boxes.box import Limits
from autograder.course import Course
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.judging.results import SubmissionResult
from tests.small_course import answered, build_course, cell

LESSON = "01_pair"
DOUBLE = "def double(x_T):\n    return x_T + x_T"
TRIPLE = "def triple(x_T):\n    return 3 * x_T"
SQUARES = "def double(x_T):\n    return x_T**2"
OPTIONS = GradeOptions(workers=2, limits=Limits(call_seconds=0.5))
Edit = Callable[[NotebookNode], None]


@dataclass(frozen=True)
class Student:
    """What somebody's tools made of a notebook with right answers, and what they must get."""

    name: str
    edit: Edit
    points: tuple[int, int] = (4, 2)
    says: str = ""  # in a note on the row


def marked(notebook: NotebookNode, source: str) -> NotebookNode:
    """Another cell with the mark of the first answer."""
    copy = nbformat.from_dict(cell(notebook, "L1-1-answer"))
    copy.source, copy.id = source, f"copy-{len(notebook.cells)}"
    return copy


def place(notebook: NotebookNode, behind: str) -> int:
    return notebook.cells.index(cell(notebook, behind)) + 1


def own(behind: str, source: str) -> Edit:
    """The first answer is left as it was handed out; an own cell behind another has the source."""

    def edit(notebook: NotebookNode) -> None:
        cell(notebook, "L1-1-answer").source = STUB
        notebook.cells.insert(place(notebook, behind), new_code_cell(source, id="mine"))

    return edit


def split(*parts: str) -> Edit:
    """The first answer's cell is these, one after the other, all with its mark."""

    def edit(notebook: NotebookNode) -> None:
        cell(notebook, "L1-1-answer").source = parts[0]
        for n, part in enumerate(parts[1:]):
            at = place(notebook, "L1-1-answer") + n
            notebook.cells.insert(at, marked(notebook, part))

    return edit


def unmarked(*sources: str) -> Edit:
    """Saved by a tool that keeps neither metadata nor ids, with these cells for the answers."""

    def edit(notebook: NotebookNode) -> None:
        at = place(notebook, "L1-1-answer")
        gone = {"L1-1-answer", "L1-2-answer"}
        notebook.cells[at:at] = [new_code_cell(source) for source in sources]
        notebook.cells = [c for c in notebook.cells if c.get("id") not in gone]
        for c in notebook.cells:
            c.metadata = {}
            c.pop("id", None)
        notebook.nbformat_minor = 4

    return edit


def moved_between(notebook: NotebookNode) -> None:
    """Split in two, with an own cell between the halves on which the second leans at once."""
    split("two = 2", "def double(x_T, by=factor):\n    return by * x_T")(notebook)
    at = place(notebook, "L1-1-answer")
    notebook.cells.insert(at, new_code_cell("factor = two", id="mine"))


def later(source: str, answer: str = DOUBLE, behind: str = "L1-1", check: str = "") -> Edit:
    """An own cell further down; with `check` for an own check cell in place of the released one."""

    def edit(notebook: NotebookNode) -> None:
        cell(notebook, "L1-1-answer").source = answer
        notebook.cells.insert(place(notebook, behind), new_code_cell(source, id="mine"))
        if check:
            at = notebook.cells.index(cell(notebook, "L1-1"))
            notebook.cells[at] = new_code_cell(check, id="my-check")

    return edit


def in_its_check(source: str) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        cell(notebook, "L1-1-answer").source = STUB
        cell(notebook, "L1-1").source = source + "\n" + cell(notebook, "L1-1").source

    return edit


def in_a_text(source: str, answer: str = "") -> Edit:
    """The course's own text at the top was made a code cell."""

    def edit(notebook: NotebookNode) -> None:
        cell(notebook, "L1-1-answer").source = answer or STUB
        given = next(c for c in notebook.cells if c.cell_type == "markdown")
        at = notebook.cells.index(given)
        notebook.cells[at] = new_code_cell(source, id=given.id, metadata=given.metadata)

    return edit


RESULT = "double = double(np.ones(2))"
STUB = "def double(x_T):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
CLASS = (
    Student("split-helper-first", split("def twice(x):\n    return 2 * x",
            "def double(x_T):\n    return twice(x_T)"), says="is written in them counts"),
    Student("split-def-first", split(DOUBLE, "# mine\nprint(double(np.ones(2)))")),
    Student("split-broken-scratch", split("print(double(", DOUBLE, "1 / 0")),
    Student("split-with-a-cell-between", moved_between),
    Student("copied-below-as-a-stub", split(DOUBLE, STUB)),
    Student("copied-below-as-a-stub-without-comments", split(
            DOUBLE, 'def double(x_T):\n    """Mine."""\n    raise NotImplementedError()')),
    Student("copied-below-and-empty", split(DOUBLE, "", " \n")),
    Student("copied-above-as-a-stub", split(STUB, DOUBLE)),
    Student("copied-and-mended-below", split(SQUARES, DOUBLE)),
    Student("both-in-one-cell", unmarked(f"{DOUBLE}\n\n\n{TRIPLE}")),
    Student("own-cell-above-the-stub", own("import", DOUBLE), says="its stub was left out"),
    Student("own-cell-below-the-stub", own("L1-1-answer", DOUBLE)),
    Student("own-cell-below-the-check", own("L1-1", DOUBLE)),
    Student("lambda-above-the-stub", own("import", "double = lambda x_T: 2 * x_T")),
    Student("partial-above-the-stub", own("import",
            "from functools import partial\ndouble = partial(np.multiply, 2)")),
    Student("unmarked-lambda", unmarked("double = lambda x_T: 2 * x_T", TRIPLE)),
    Student("unmarked-indented", unmarked(
            "if True:\n    def double(x_T):\n        return 2 * x_T", TRIPLE)),
    Student("unmarked-in-try", unmarked("try:\n    import numpy\n" + "    " +
            DOUBLE.replace("\n", "\n    ") + "\nexcept ImportError:\n    pass", TRIPLE)),
    Student("unmarked-mac", unmarked("# mine\r" + DOUBLE.replace("\n", "\r"), TRIPLE)),
    Student("unmarked-windows", unmarked("# mine\r\n" + DOUBLE.replace("\n", "\r\n"), TRIPLE)),
    Student("unmarked-timed", unmarked("%%time\n" + DOUBLE, "%time 1\n" + TRIPLE)),
    Student("unmarked-class", unmarked("class Twice:\n    def __call__(self, x):\n"
            "        return 2 * x\n\ndouble = Twice()", TRIPLE)),
    Student("name-for-a-result", later(RESULT), says="double became something else"),
    Student("name-for-a-result-at-the-end", later(RESULT, behind="L1-2")),
    Student("a-wrong-try-further-down", later(SQUARES), says="double became something else"),
    Student("a-wrong-try-after-an-own-check", later(SQUARES, check='check("L1.1", double)')),
    Student("checked-in-the-answer-cell", later(SQUARES, DOUBLE + "\ncheck('L1.1', double)",
            check="1")),
    Student("a-wrong-try-checked-too", later(SQUARES + "\ncheck('L1.1', double)")),
    Student("name-by-a-loop", later("for double in (1, 2):\n    print(double)")),
    Student("name-by-other-means", later("globals()['double'] = None")),
    Student("name-deleted", later("%reset -f")),
    Student("helper-means-something-else", later("factor = 3",
            "factor = 2\n\ndef double(x_T):\n    return factor * x_T")),
    Student("helper-comes-later", later("factor = 2", "def double(x_T):\n    return factor * x_T")),
    Student("mended-further-down", later(DOUBLE, SQUARES)),
    Student("mended-and-checked-further-down", later(
            DOUBLE + "\ncheck('L1.1', double)\n", SQUARES)),
    Student("one-name-for-both", later("triple, double = double, None", behind="L1-2")),
    Student("never-checked", later(DOUBLE, SQUARES, behind="L1-2", check="print('no check')")),
    Student("never-checked-and-spoilt", later(SQUARES, check="1"), points=(1, 2)),
    Student("by-heart-and-a-wrong-end", later(SQUARES, "def double(x_T):\n"
            "    return np.array([0.0, 4.0]) if len(x_T) == 2 else 0 * x_T"), points=(1, 2)),
    Student("endless-where-checked", later(DOUBLE, "def double(x_T):\n    while True:\n"
            "        pass")),
    Student("endless-in-the-end", later("def double(x_T):\n    while True:\n        pass")),
    Student("a-text-made-code", in_a_text(DOUBLE)),
    Student("a-helper-in-a-text-made-code", in_a_text("def twice(x):\n    return 2 * x",
            "def double(x_T):\n    return twice(x_T)")),
    Student("written-into-its-check", in_its_check(DOUBLE), says="check cell had been changed"),
    Student("check-pasted-over", split(DOUBLE, "import math")),
    Student("beside-a-tower-of-functions", own("import", DOUBLE + "\n\n\ndef tower():\n    g = "
            + "lambda: " * 990 + "1\n    raise NotImplementedError()")),
    Student("nothing-written", own("L1-1-answer", "print('later')"), points=(0, 2)),
    Student("made-of-itself", own("import", "try:\n    double = double(3)\nexcept NameError:\n"
            "    pass"), points=(0, 2)),
)  # fmt: skip


@dataclass(frozen=True)
class Writer:
    """Somebody who answered the question in words, and all of it that a person must get to read."""

    name: str
    edit: Edit
    words: tuple[str, ...] = ("Because twice", "is less.")
    pictures: int = 0


def words(text: str, kind: str = "markdown", behind: str = "L1-why") -> Edit:
    """In a new cell behind another one; the one for the answer is left as it was."""

    def edit(notebook: NotebookNode) -> None:
        new = new_code_cell(text) if kind == "code" else new_markdown_cell(text)
        new.cell_type, new.id = kind, "words"
        notebook.cells.insert(place(notebook, behind), new)

    return edit


def in_the_question(text: str, kind: str = "markdown") -> Edit:
    def edit(notebook: NotebookNode) -> None:
        at = notebook.cells.index(cell(notebook, "question"))
        if kind == "code":  # with the id that the course gave it
            notebook.cells[at] = new_code_cell(text, id=notebook.metadata["question"])
        else:
            notebook.cells[at].source = text

    return edit


def in_two_cells(notebook: NotebookNode) -> None:
    half = cell(notebook, "L1-why")
    first = nbformat.from_dict(half)
    first.source, first.id, half.source = "Because twice", "first-half", "is less."
    notebook.cells.insert(notebook.cells.index(half), first)


def with_a_picture(notebook: NotebookNode) -> None:
    half = cell(notebook, "L1-why")
    half.source = "Because twice ![a.png](attachment:a.png)"
    half.attachments = {"a.png": {"image/png": PIXEL}, "b": {"text/html": "<script>"}}
    more = new_markdown_cell("is less. ![c.png](attachment:c.png)", id="more")
    more.attachments = {"c.png": {"image/png": [PIXEL[:20], "\n" + PIXEL[20:]], "image/x": "<b>"}}
    notebook.cells.append(more)


def only_a_picture(notebook: NotebookNode) -> None:
    cell(notebook, "L1-why").source = ""
    cell(notebook, "L1-why").attachments = {"a.png": {"image/png": PIXEL}}


def without_marks(change: Edit) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        change(notebook)
        for c in notebook.cells:
            c.metadata, c.id = {}, f"new-{c.id}"

    return edit


def answer_deleted(notebook: NotebookNode) -> None:
    words("Because twice\nis less.", behind="question")(notebook)
    notebook.cells.remove(cell(notebook, "L1-why"))


def elsewhere(notebook: NotebookNode) -> None:
    words("Because twice\nis less.", behind="L1-1")(notebook)


PIXEL = base64.b64encode(b"no picture, but written as one is" * 3).decode()
BOTH = "Because twice\n\nis less."
WRITERS = (
    Writer("words-in-their-cell", lambda notebook: cell(notebook, "L1-why").update(source=BOTH)),
    Writer("words-in-a-new-cell", words(BOTH)),
    Writer("words-in-a-new-cell-above", words(BOTH, behind="question")),
    Writer("words-in-a-code-cell", words("# Because twice\n# is less.", "code")),
    Writer("words-bare-in-a-code-cell", words("Because twice\nis less.", "code")),
    Writer("words-in-a-raw-cell", words(BOTH, "raw")),
    Writer("words-below-the-question", in_the_question("Why three times?\n\n" + BOTH)),
    Writer("words-above-the-question", in_the_question(BOTH + "\n\nWhy three times?")),
    Writer("words-over-the-question", in_the_question(BOTH)),
    Writer("words-in-two-cells", in_two_cells),
    Writer("words-with-pictures", with_a_picture, pictures=2),
    Writer("only-a-picture", only_a_picture, words=(), pictures=1),
    Writer("words-elsewhere", elsewhere),
    Writer("words-without-their-cell", answer_deleted),
    Writer(
        "words-in-the-question-made-code",
        in_the_question("# Why three times?\n# Because twice\n# is less.", "code"),
    ),
    Writer("words-unmarked", without_marks(words(BOTH, behind="question"))),
    Writer("words-unmarked-in-two-cells", without_marks(in_two_cells)),
)
SILENT = (
    Writer("silent", lambda notebook: None),
    Writer("silent-emptied", lambda notebook: cell(notebook, "L1-why").update(source=" \n")),
    Writer("silent-reformatted", in_the_question("Why  three\ntimes?\n")),
    Writer("silent-with-an-experiment", words("double(np.ones(2))", "code", behind="L1-1")),
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("pair", tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def folder(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, handed in."""
    folder = tmp_path_factory.mktemp("where") / "class"
    release = build_lesson(course.lesson(LESSON)).release
    for student in (*CLASS, *WRITERS, *SILENT):
        notebook = answered(release, {"L1-1-answer": DOUBLE, "L1-2-answer": TRIPLE})
        next(c for c in notebook.cells if c.source.startswith("import")).id = "import"
        question = next(c for c in notebook.cells if c.source.startswith("Why three"))
        notebook.metadata["question"], question.id = question.id, "question"
        student.edit(notebook)
        file = folder / "submitted" / student.name / LESSON / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="module")
def rows(course: Course, folder: Path) -> dict[str, SubmissionResult]:
    with grade_path(
        course, folder, GradeOptions(workers=2, limits=Limits(call_seconds=0.5))
    ) as steps:
        return {step.result.student: step.result for step in steps}


@pytest.mark.parametrize("student", CLASS, ids=lambda student: student.name)
def test_each_gets_what_the_answers_earn(
    student: Student, rows: dict[str, SubmissionResult]
) -> None:
    row = rows[student.name]
    said = "\n".join([row.reason, *row.repairs, *(v.message for v in row.exercises)])
    assert (row.exercises[0].points, row.exercises[1].points) == student.points, said
    assert row.status == "graded"
    assert student.says in said


def test_an_unwritten_answer_is_called_so(rows: dict[str, SubmissionResult]) -> None:
    for name in ("nothing-written", "made-of-itself"):
        assert "not written yet" in rows[name].exercises[0].message


def graded_copy(folder: Path, student: str) -> NotebookNode:
    return nbformat.read(folder / "autograded" / student / LESSON / f"{LESSON}.ipynb", as_version=4)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_words_are_shown_whole_and_wait_for_a_person(
    writer: Writer, rows: dict[str, SubmissionResult], folder: Path
) -> None:
    row, copy = rows[writer.name], graded_copy(folder, writer.name)
    assert row.manual == {"L1-why": True}
    assert (row.points, row.status) == (6, "graded"), row.reason
    shown = "\n".join(c.source for c in copy.cells if c.cell_type in ("markdown", "code"))
    places = [shown.index(part) for part in writer.words]
    assert places == sorted(places)
    bundles = [b for c in copy.cells for b in c.get("attachments", {}).values()]
    assert bundles == [{"image/png": PIXEL}] * writer.pictures


@pytest.mark.parametrize("writer", SILENT, ids=lambda writer: writer.name)
def test_who_wrote_nothing_waits_for_nobody(
    writer: Writer, rows: dict[str, SubmissionResult]
) -> None:
    assert rows[writer.name].manual == {"L1-why": False}


def test_feedback_shows_the_words_and_tells_only_the_silent_that_there_are_none(
    rows: dict[str, SubmissionResult], course: Course, folder: Path
) -> None:
    list(write_feedback(course, folder, FeedbackOptions()))
    for writer in (*WRITERS, *SILENT):
        is_silent = writer in SILENT
        page = folder / "feedback" / writer.name / LESSON / f"{LESSON}.html"
        said = page.read_text("utf-8")
        assert ("You left this question without an answer" in said) == is_silent, writer.name
        assert (f"With {writer.pictures} picture" in said) == bool(writer.pictures)
        for part in () if is_silent else writer.words:
            assert part in said, writer.name
