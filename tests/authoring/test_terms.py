"""The field's words: marked once in a lesson, explained in a glossary that a build gathers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.authoring import build as building
from autograder.authoring import build_proofs
from autograder.authoring.lesson import prose_words, read_lesson
from autograder.course import Course
from autograder.errors import AuthorError

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
HEAD = "\n# %% [markdown]\n"
TWO = HEAD + (
    "# # A lesson\n#\n# Learned by heart: {{overfitting (learning by heart): a model does well"
    '\n# on "seen" examples, and worse (or much worse) on new ones.}} Braces: $\\frac{{a}}{b}$ '
    "`{{x}}`.\n\n# %%\nbraces = {1: {2: 3}}\n"
)
SHOWN = HEAD + "# It {{attends|attention: a mean whose weights depend on what is read}}.\n"
WORDS = HEAD + "# [Words](98_glossary.ipynb)\n"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of a page and a lesson, with a word of the field in each."""
    shutil.copytree(MINI, tmp_path, dirs_exist_ok=True)
    course = Course(tmp_path)
    course.lessons.mkdir(exist_ok=True)
    for file, more in ((course.lesson(1).source, TWO), (course.pages()[0], SHOWN + WORDS)):
        file.write_text(file.read_text("utf-8") + more, encoding="utf-8")
    return course


def test_a_lesson_links_its_words_and_the_glossary_explains_them(course: Course) -> None:
    """Protects both ways: from a word to its meaning, from there to where it comes first."""
    assert building.build(course, run=False).findings == []
    lesson = course.lesson(1)
    cell = next(c for c in read_lesson(lesson.source).cells if "by heart" in c.source)
    title = "a model does well on ”seen” examples, and worse (or much worse) on new ones"
    assert (
        f'**[overfitting](../98_glossary.ipynb#cell-id=overfitting "{title}")** Braces:'
        in cell.source
    )
    assert "$\\frac{{a}}{b}$ `{{x}}`" in cell.source
    assert prose_words(cell.source) == 7
    page = read_lesson(course.pages()[0]).cells[-2].source
    assert page.startswith("It **[attends](98_glossary.ipynb#cell-id=attention ")
    glossary = course.glossary.read_text("utf-8")
    assert glossary.index("### attention") < glossary.index("### overfitting")
    for words in (
        "A mean whose weights depend on what is read. First in [start here](00_start_here.ipynb).",
        "new ones. In everyday words: *learning by heart*. First in [lesson 1](01_doubling/01_dou",
    ):
        assert words in glossary
    assert build_proofs.links(lesson.released_notebook) == []
    course.glossary.unlink()
    assert build_proofs.links(lesson.released_notebook) != []
    building.build(course, ["1"], run=False)  # of all there is, whatever is built
    assert course.glossary.read_text("utf-8") == glossary


@pytest.mark.parametrize(
    ("marked", "line", "words"),
    [
        ("{{Overfitting: x}}", 3, "is marked already in 01_doubling.py, line "),
        ("{{pooling}}", 3, 'the term "pooling" has no meaning'),
        ("\n# and\n# {{pooling: }}", 5, 'the term "pooling" has no meaning'),
        ("{{: a meaning}}", 3, "is no term"),
        ("{{pooling: a meaning", 3, 'is never closed by "}}"'),
    ],
)
def test_a_wrong_mark_is_refused_with_its_line(
    course: Course, marked: str, line: int, words: str
) -> None:
    file = course.solutions / "03_three.py"
    file.write_text(f"{HEAD.lstrip()}#\n# Words: {marked}\n")
    course.lesson(1).source.rename(course.solutions / "01_doubling.py")  # read before it
    (course.solutions / "01_doubling").rename(course.solutions / "else")
    with pytest.raises(AuthorError) as refused:
        building.terms_of(course)
    assert f"03_three.py:{line}: " in str(refused.value)
    assert words in str(refused.value)
