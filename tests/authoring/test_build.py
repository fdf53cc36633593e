"""The build: the same bytes every time, nbgrader's own release, and no work of anybody's lost."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.authoring import build as building
from autograder.authoring import build_proofs
from autograder.authoring.lesson import read_lesson
from autograder.course import Course, LessonFolder, find_course
from autograder.errors import AuthorError
from autograder.notebook_text import to_text

MINI = Path(__file__).parents[1] / "fixtures" / "mini"
GOLDEN = Path(__file__).parents[1] / "fixtures" / "mini_golden"
GENERATED = [
    "lessons/00_start_here.ipynb",
    "lessons/01_doubling/01_doubling.ipynb",
    "lessons/attnkit/released/L1.json",
    "lessons/attnkit/released/course.json",
    "solutions/01_doubling/01_doubling.ipynb",
]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(MINI, tmp_path, dirs_exist_ok=True)
    (tmp_path / "lessons").mkdir(exist_ok=True)
    return Course(tmp_path)


@pytest.mark.parametrize("name", GENERATED)
def test_a_build_gives_the_golden_files_byte_for_byte(course: Course, name: str) -> None:
    building.build(course, run=False)
    built = (course.root / name).read_bytes()
    golden = GOLDEN / name
    if os.environ.get("ATTN_WRITE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(built)
    assert built == golden.read_bytes()


def test_the_released_notebook_holds_no_solution_and_no_hidden_test(course: Course) -> None:
    building.build(course, run=False)
    text = (course.root / GENERATED[1]).read_text(encoding="utf-8")
    for secret in ("2 * x_T", "HIDDEN", "with_hidden", "MARK SCHEME", "not enough"):
        assert secret not in text
    released = (course.root / GENERATED[2]).read_text(encoding="utf-8")
    for secret in ("2 * x_T", "x_T + x_T", "return"):
        assert secret not in released


def test_the_release_is_what_nbgraders_own_command_makes(course: Course, tmp_path: Path) -> None:
    """Our release calls nbgrader's preprocessors; this calls the whole of `generate_assignment`."""
    from autograder.record.class_folder import open_class

    folder, _ = open_class(tmp_path / "class", course.lesson_folders())
    theirs = nbformat.read(
        folder.root / "release" / "01_doubling" / "01_doubling.ipynb", as_version=4
    )
    built = building.build_lesson(course.lesson_folders()[0])
    assert to_text(theirs) == to_text(built.release)


def test_check_finds_any_difference_and_writes_nothing(course: Course) -> None:
    building.build(course, run=False)
    assert not building.build(course, check=True, run=False).changed
    notebook = course.root / GENERATED[1]
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("Twice", "Thrice"))
    before = notebook.read_bytes()
    assert building.build(course, check=True, run=False).changed == [notebook]
    assert notebook.read_bytes() == before


def test_a_rebuild_keeps_a_copy_of_a_notebook_that_somebody_worked_in(course: Course) -> None:
    building.build(course, run=False)
    path = course.root / GENERATED[1]
    notebook = nbformat.read(path, as_version=4)
    answer = next(cell for cell in notebook.cells if cell.id == "L1-1-answer")
    answer.source = "def double(x_T):\n    return 2 * x_T"
    nbformat.write(notebook, path)
    work = path.read_bytes()
    report = building.build(course, run=False)
    assert [copy.read_bytes() for copy in report.backups] == [work]
    assert path.read_bytes() == (GOLDEN / GENERATED[1]).read_bytes()


def test_an_untouched_notebook_is_rebuilt_without_a_copy(course: Course) -> None:
    building.build(course, run=False)
    lesson = course.lesson_folders()[0].source
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("Why twice?", "Why two?"))
    report = building.build(course, run=False)
    assert report.changed == [course.root / GENERATED[1]]
    assert not report.backups


def test_last_digits_of_another_processor_leave_a_released_file_as_it_is(course: Course) -> None:
    building.build(course, run=False)
    released = course.root / GENERATED[2]
    other = released.read_text(encoding="utf-8").replace("-0.94,", "-0.9400000001,")
    released.write_text(other, encoding="utf-8")
    assert not building.build(course, run=False).changed
    assert released.read_text(encoding="utf-8") == other
    released.write_text(other.replace("-0.9400000001,", "-0.95,"), encoding="utf-8")
    assert building.build(course, run=False).changed == [released]


def test_the_cell_is_named_that_is_too_long(tmp_path: Path) -> None:
    lines = "\n".join(f"x = {i}" for i in range(16))
    words = "# " + "word " * 70
    file = tmp_path / "01_long.py"
    file.write_text(
        f"# %% [markdown]\n{words}\n\n# %% [markdown]\n{words}\n\n# %%\n{lines}\n\n"
        f"# %% [markdown]\n{words}\n",
        encoding="utf-8",
    )
    assert build_proofs.too_long(read_lesson(file)) == [
        f"{file}:1: 140 words of prose without code between.",
        f"{file}:7: 16 lines of code in one cell.",
    ]


def test_of_an_answers_functions_the_longest_counts(tmp_path: Path) -> None:
    """Two of ten lines are two stubs to fill in, one of sixteen is too much to read at once."""
    ten, fifteen = ("\n".join(f"    x = {i}" for i in range(n)) for n in (9, 15))
    file = tmp_path / "01_two.py"
    for second, found in [(ten, []), (fifteen, [f"{file}:1: 17 lines of code in one cell."])]:
        file.write_text(
            f'# %% answer="L1.1"\ny = 0\ndef f(x):\n    ### BEGIN SOLUTION\n{ten}\n'
            f"    ### END SOLUTION\ndef g(x):\n    ### BEGIN SOLUTION\n{second}\n"
            "    ### END SOLUTION\n",
            encoding="utf-8",
        )
        assert build_proofs.too_long(read_lesson(file)) == found


def test_an_answer_may_call_what_a_lesson_takes_out_of_an_earlier_one(tmp_path: Path) -> None:
    """The reference then calls the course's own, whatever lies in the notebooks around it."""
    file = tmp_path / "01_again.py"
    file.write_text(
        '# %%\nfrom attnkit.earlier import yours\n\n# %%\nother, rope = yours("other", "rope")\n'
        'unused = yours("unused")\n\n# %% answer="L1.1"\ndef f(x):\n    ### BEGIN SOLUTION\n'
        "    return rope(x, [0])\n    ### END SOLUTION\n",
        encoding="utf-8",
    )
    lesson = read_lesson(file)
    assert lesson.given().splitlines()[-1] == "rope = the_courses('rope')"
    assert "yours" not in lesson.given()
    x_BHTK = np.arange(4.0).reshape(1, 1, 1, 4)
    assert np.array_equal(lesson.reference()["f"](x_BHTK), x_BHTK)


def test_a_prediction_is_asked_for_once_and_before_it_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "01_guess.py"
    file.write_text(
        '# %%\npredict("L1.a", "What?")\n\n# %%\nprint(1)\npredicted("L1.a")\n\n'
        '# %%\npredicted("L1.b")\n\n# %%\npredict(\n    "L1.a",\n    "What?",\n)\n',
        encoding="utf-8",
    )
    assert build_proofs.predictions(read_lesson(file)) == [
        f"{file}:8: the prediction L1.b is shown before it is asked.",
        f"{file}:11: the prediction L1.a is asked for twice.",
    ]


def test_what_a_text_says_of_an_exercise_is_what_its_file_says(course: Course) -> None:
    """Protects learners' time: minutes changed in one place were stale in the other."""
    lesson = course.lesson_folders()[0].source
    line = '# *Difficulty {} · importance ●○○○○ · {} · 4 points\n# · `hint("{}")`*\n'
    for text in (
        line.format("●○○○○", "1 minute", "L1.1"),
        line.format("●●○○○", "12 minutes", "L1.1"),
        line.format("●○○○○", "1 minute", "L1.7"),
    ):
        before = lesson.read_text(encoding="utf-8")
        lesson.write_text(before + "\n# %% [markdown]\n" + text, encoding="utf-8")
    built = building.build_lesson(course.lesson(1))
    found = build_proofs.told_of_exercises(built.lesson, built.specs)
    assert [finding.partition(": ")[2] for finding in found] == [
        "the text gives L1.1 the difficulty ●●○○○, its exercise ●○○○○.",
        "the text gives L1.1 the minutes 12, its exercise 1.",
        "there is no exercise L1.7.",
    ]


def test_no_answer_leans_on_a_cell_that_waits_for_another(tmp_path: Path) -> None:
    file = tmp_path / "01_leaning.py"
    answer = (
        '# %% answer="L1.{0}"\ndef f{0}(x):\n    ### BEGIN SOLUTION\n    return {1}\n'
        "    ### END SOLUTION\n\n"
    )
    file.write_text(
        answer.format(1, "x")
        + "# %%\ndef later():\n    return f1(2)\n\n# %%\nsize = 2\nprint(f1(size))\n\n"
        + "# %%\nprint(f1(3))\n\n"
        + answer.format(2, "later() + size"),
        encoding="utf-8",
    )
    assert build_proofs.leaning(read_lesson(file)) == [
        f"{file}:11: answers use what this cell makes, and it stops while f1 isn't written: put "
        "what they use into a cell of its own."
    ]


def test_a_link_that_leads_nowhere_is_found(course: Course) -> None:
    building.build(course, run=False)
    (course.root / GENERATED[1]).unlink()
    assert any(
        "01_doubling.ipynb leads nowhere" in p
        for p in build_proofs.links(course.root / GENERATED[0])
    )


def test_the_proofs_notice_a_cell_that_fails_or_warns(course: Course) -> None:
    lesson = course.lesson_folders()[0].source
    text = lesson.read_text(encoding="utf-8")
    spoiled = "# %%\nimport warnings; warnings.warn('old')\n\n# %%\n1 / 0\n\n# %% [markdown]\n# Why"
    lesson.write_text(text.replace("# %% [markdown]\n# Why", spoiled), encoding="utf-8")
    findings = "\n".join(building.build(course).findings)
    assert "stops with ZeroDivisionError" in findings
    assert "warns: " in findings


def test_the_proofs_pass_on_a_sound_lesson(course: Course) -> None:
    assert building.build(course).findings == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        # the checks of these, with models and with tests of tests, take as long as all others;
        # `attn build --check` builds all of them for each change on GitHub
        pytest.param(each, id=each.name, marks=[pytest.mark.exhaustive] * (each.number in (7, 8)))
        for each in find_course().lesson_folders()
    ],
)
def test_the_repository_holds_what_a_build_gives(folder: LessonFolder) -> None:
    report = building.build(find_course(), [folder.name], check=True, run=False)
    assert not report.changed
    assert not report.findings


def test_the_repository_holds_the_pages_that_a_build_gives() -> None:
    course = find_course()
    for page in course.pages():
        kept = course.lessons / f"{page.stem}.ipynb"
        assert kept.read_text("utf-8") == to_text(building.build_page(page)), page
        assert build_proofs.links(kept) == []
    assert course.glossary.read_text("utf-8") == to_text(
        building.build_glossary(building.terms_of(course))
    )
    assert build_proofs.links(course.glossary) == []


@pytest.mark.exhaustive  # some run solved in a box in every run: lessons/test_solved.py
def test_every_lesson_of_the_course_runs_solved_and_released() -> None:
    assert building.build(find_course(), check=True, run=True).findings == []


def test_released_data_is_strict_json() -> None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    for file in find_course().released.glob("*.json"):
        json.loads(file.read_text(encoding="utf-8"), parse_constant=refuse)


@pytest.mark.exhaustive  # install/test_map.py reads the same from the sources
def test_attnkit_never_imports_autograder() -> None:
    """Dependencies point one way: the learners' toolkit works without the grader."""
    import subprocess

    code = (
        "import sys, attnkit, pkgutil, importlib\n"
        "for module in pkgutil.walk_packages(attnkit.__path__, 'attnkit.'):\n"
        "    importlib.import_module(module.name)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('autograder', 'nbgrader')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.strip() == "[]"


def test_one_lesson_is_built_without_the_others(course: Course) -> None:
    """The map keeps what it knew of the lessons that are not built now."""
    building.build(course, run=False)
    second = course.root / "solutions" / "02_broken"
    second.mkdir()
    second.joinpath("02_broken.py").write_text("# %% answer=", encoding="utf-8")
    before = json.loads((course.released / "course.json").read_text(encoding="utf-8"))
    report = building.build(course, ["1"], run=False)
    assert report.changed == []
    assert json.loads((course.released / "course.json").read_text(encoding="utf-8")) == before
    with pytest.raises(AuthorError, match="02_broken"):
        building.build(course, run=False)
