"""What an author writes in an exercise's file becomes what checks, graders and learners get."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from attnkit.checking.spec import released_lesson

from autograder.authoring import Check, call, every_layout, from_lesson, normal, probe
from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import verify_exercise
from autograder.course import Course, LessonFolder, find_course
from autograder.errors import AuthorError
from tests.small_course import FIXTURES, tiny_exercise

REFERENCE = {"f": lambda x_T: 2 * x_T, "g": lambda x_T: x_T + 1, "twice": lambda x: 2 * x}
SOLUTION = '''def f(x_T):
    """Twice."""

    y_T = 2 * x_T  # both
    return y_T


def g(x_T):
    return x_T + 1
'''
twice = from_lesson("twice")


def test_a_variant_is_called_by_its_name_and_says_what_its_docstring_says() -> None:
    exercise = tiny_exercise("f")

    @exercise.right
    def a_plain_loop(x_T: Any) -> Any:
        return np.array([2 * x for x in x_T])

    @exercise.right("einsum, in one go")
    def with_einsum(x_T: Any) -> Any:
        return np.einsum(",t->t", 2, x_T)

    @exercise.wrong
    def divides_by_T(x_T: Any) -> Any:
        """You divided by the number of
        words   T."""

        return x_T / len(x_T)

    @exercise.wrong
    def float_(x_T: Any) -> Any:
        """You made a float of it."""
        return float(x_T.sum())

    assert [v.name for v in exercise.rights] == ["a plain loop", "einsum, in one go"]
    assert [v.name for v in exercise.wrongs] == ["divides-by-T", "float"]
    assert divides_by_T.message == "You divided by the number of words T."
    assert divides_by_T.source == "def f(x_T: Any) -> Any:\n    return x_T / len(x_T)\n"
    assert divides_by_T.function == "f"
    assert float_.beside(REFERENCE)(np.ones(3)) == 3.0


def test_a_variant_is_the_learners_function_beside_the_lessons_other_ones() -> None:
    """It calls itself by its own name, and the rest is the reference's."""
    exercise = tiny_exercise("f", "g")

    @exercise.of("f").right
    def recursion(n: int) -> int:
        return recursion(n - 1) + recursion(0) if n > 1 else n  # type: ignore[operator]

    @exercise.of("f").wrong
    def by_the_lesson(x: Any) -> Any:
        """You took g."""
        return twice(g(x))  # type: ignore[name-defined]  # noqa: F821

    @exercise.of("f").wrong
    def stops(x: Any) -> NoReturn:
        """You stop."""
        raise ValueError(x)

    assert recursion.source.count("f(") == 3
    assert recursion.beside(REFERENCE)(1) == 1
    assert by_the_lesson.beside(REFERENCE)(3) == 8
    with pytest.raises(AuthorError, match=r"twice\(\) is the lesson's"):
        twice(3)
    with pytest.raises(ValueError, match="7") as caught:
        stops.beside(REFERENCE)(7)
    assert 'File "<L9.1 stops>", line 2, in f\n    raise ValueError(x)\n' in "".join(
        traceback.format_exception(caught.value)
    )


def test_a_slip_starts_from_the_solution_or_from_a_right_answer() -> None:
    exercise = tiny_exercise("f")
    exercise.solution_cell = lambda: SOLUTION

    @exercise.plain
    def plain(x_T: Any) -> Any:
        return x_T + x_T

    exercise.slip("thrice\n- 2 * x_T\n+ 3 * x_T\nYou tripled.")
    plain.slip("nothing\n- x_T + x_T\n+ x_T - x_T\nYou subtracted.")
    tripled, nothing = exercise.wrongs
    assert tripled.source == "def f(x_T):\n    y_T = 3 * x_T  # both\n    return y_T\n"
    assert nothing.source == "def f(x_T: Any) -> Any:\n    return x_T - x_T\n"
    assert [w.function for w in exercise.wrongs] == ["f", "f"]
    assert exercise.rights == []


def test_of_several_functions_everything_says_which_one_it_means() -> None:
    exercise = tiny_exercise("f", "g")
    exercise.solution_cell = lambda: SOLUTION
    exercise.of("g").slip("more\n- + 1\n+ + 2\nYou added two.")
    assert exercise.wrongs[0].source == "def g(x_T):\n    return x_T + 2\n"
    for wrong in (
        lambda: exercise.slip("more\n- + 1\n+ + 2\nYou added two."),
        lambda: exercise.of("h").slip("more\n- + 1\n+ + 2\nYou added two."),
    ):
        with pytest.raises(
            AuthorError, match=r'which function\? Write exercise\.of\("f"\) or exercise'
        ):
            wrong()
    exercise.of("g").slip("none\n- * 7\n+ * 2\nYou multiplied.")
    with pytest.raises(
        AuthorError, match=r"test_exercise_form\.py:\d+: this slip .*`\* 7` does not"
    ):
        _ = exercise.wrongs[1].source


def drawn(*calls: Any, functions: tuple[str, ...] = ("f",)) -> list[Any]:
    exercise = tiny_exercise(*functions)

    @exercise.checks
    def checks(rng: np.random.Generator) -> Any:
        yield Check("only", *calls, says="one\n   two")

    (check,) = exercise.draw_checks(1)
    assert (check.says, check.points, check.judges) == ("one two", 1, "values")
    return list(check.calls)


def test_a_call_names_its_function_only_where_there_are_several() -> None:
    assert [c.function for c in drawn(call(1), call.f(2))] == ["f", "f"]
    both = drawn(call.f(1, axis=0), call.g(2, tolerance=1e-3), functions=("f", "g"))
    assert [(c.function, c.args, c.kwargs, c.tolerance) for c in both] == [
        ("f", (1,), {"axis": 0}, None),
        ("g", (2,), {}, 1e-3),
    ]
    with pytest.raises(AuthorError, match=r'check "only" that does not say what it calls: write'):
        drawn(call(1), functions=("f", "g"))
    with pytest.raises(AuthorError, match=r"calls h\(\): write call\.f\(…\)\."):
        drawn(call.h(1))
    (asked,) = drawn(probe(lambda f: f(1), says="What  it\ngives")(), functions=("f", "g"))
    assert (asked.function, asked.says) == ("", "What it gives")


def test_a_call_in_every_layout_keeps_all_but_the_layout() -> None:
    x, mask = np.arange(6.0).reshape(2, 3), np.array([True, False, True])
    wanted = call({"x": x}, [mask, 2], tolerance=1e-3)
    calls = every_layout(wanted)
    assert [c.args[0]["x"].dtype.name for c in calls] == ["float64", "float32", *["float64"] * 3]
    assert [c.args[0]["x"].flags.writeable for c in calls] == [True] * 4 + [False]
    assert [c.args[0]["x"].flags.c_contiguous for c in calls] == [True, True, False, False, True]
    for made, (alone,) in zip(calls, every_layout(x), strict=True):
        np.testing.assert_array_equal(made.args[0]["x"], x)
        assert made.args[0]["x"].strides == alone.strides
        assert made.args[1][0].dtype == bool
        assert (made.args[1][1], made.tolerance) == (2, 1e-3)


def test_a_plain_answer_is_seen_only_if_it_is_wrong() -> None:
    exercise = tiny_exercise("f")

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("only", call(normal(rng, 5)))

    @exercise.plain
    def plain(x_T: Any) -> Any:
        return x_T + x_T

    def right_rows() -> list[tuple[str, bool]]:
        spec = make_spec(exercise, REFERENCE, PUBLIC_SEED)
        rows = verify_exercise(exercise, REFERENCE, spec, 1)
        return [(row.variant, row.ok) for row in rows if row.kind == "right"]

    assert right_rows() == []

    @exercise.plain
    def not_plain(x_T: Any) -> Any:
        return x_T

    assert right_rows() == [("not plain", False)]


def test_files_are_one_lessons_own_and_read_anew_when_they_change(tmp_path: Path) -> None:
    """Two lessons may hold the same files, and each of them a module that its exercises share."""
    folders = []
    for place in ("one", "other"):
        shutil.copytree(FIXTURES / "mini", tmp_path / place)
        folders.append(Course(tmp_path / place).lesson_folders()[0])
        file = folders[-1].path / "l1_1_double.py"
        text = file.read_text("utf-8").replace('"Double it"', "TITLE")
        file.write_text(f"from .shared import TITLE\n\n{text}", "utf-8")
        (folders[-1].path / "shared.py").write_text('TITLE = "Twice"\n', "utf-8")
    one, other = (declared_exercises(folder)["L1.1"] for folder in folders)
    assert (one.title, other.title) == ("Twice", "Twice")
    assert [Path(e.file).parents[2].name for e in (one, other)] == ["one", "other"]
    assert declared_exercises(folders[0])["L1.1"] is one
    (folders[0].path / "shared.py").write_text('TITLE = "Two times"\n', "utf-8")
    assert declared_exercises(folders[0])["L1.1"].title == "Two times"
    assert declared_exercises(folders[1])["L1.1"] is other


def test_exercises_come_in_the_order_of_the_text_whatever_their_numbers(tmp_path: Path) -> None:
    folder = find_course().lesson(3)
    asked = [cell.name for cell in read_lesson(folder.source).answers()]
    assert asked[:3] == ["L3.6", "L3.7", "L3.1"]  # two steps that came later, and stand before
    assert list(declared_exercises(folder)) == asked == list(released_lesson(3))
    unasked = LessonFolder(Course(tmp_path), "01_order")
    unasked.path.mkdir(parents=True)
    for name in ("l1_1_a", "l1_2_b", "l1_10_c"):
        (unasked.path / f"{name}.py").touch()
    unasked.source.write_text('# %% answer="L1.10"\n', "utf-8")
    assert [file.stem for file in unasked.exercise_files()] == ["l1_10_c", "l1_1_a", "l1_2_b"]


def test_an_exercise_of_the_course_can_be_read_in_one_sitting() -> None:
    files = [file for folder in find_course().lesson_folders() for file in folder.exercise_files()]
    assert files
    lengths = {file.name: len(file.read_text("utf-8").splitlines()) for file in files}
    assert [name for name, lines in lengths.items() if lines > 600] == []
