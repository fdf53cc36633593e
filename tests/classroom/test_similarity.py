"""Answers that look alike: planted pairs are found, an honest class is silent."""

from __future__ import annotations

import ast
from collections.abc import Callable

import nbformat
import numpy as np
import pytest

from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.course import find_course
from autograder.reporting.fingerprints import fingerprints, imported_names
from autograder.reporting.similarity import Alike, look_alikes

Answers = dict[str, str]
LESSONS = [folder.label for folder in find_course().lesson_folders()]


class Lesson:
    """What the course knows of a lesson's answers."""

    def __init__(self, label: str) -> None:
        folder = find_course().lesson(label)
        self.exercises: dict[str, Exercise] = declared_exercises(folder)
        self.solved = {cell.name: cell.source for cell in read_lesson(folder.source).answers()}
        release = nbformat.read(folder.released_notebook, as_version=4)
        self.given = [cell.source for cell in release.cells if cell.cell_type == "code"]

    def known(self, but_first_right: bool = False) -> dict[str, list[str]]:
        return {
            name: [
                self.solved[name],
                *(v.source for v in (*e.rights[int(but_first_right) :], *e.wrongs)),
            ]
            for name, e in self.exercises.items()
        }

    def honest(self, students: int, pool: dict[str, list[str]], seed: int) -> dict[str, Answers]:
        """A class in which each chooses for each exercise, without looking at others."""
        rng = np.random.default_rng(seed)
        return {
            f"student-{i}": {name: own[int(rng.integers(len(own)))] for name, own in pool.items()}
            for i in range(students)
        }


class _Renamed(ast.NodeTransformer):
    """Other names for arguments and variables."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        return self.names.setdefault(name, f"my_{len(self.names)}")

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.new(node.arg)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """A comprehension's loops make names that stand before them, too."""
        for loop in getattr(node, "generators", ()):
            for target in ast.walk(loop.target):
                if isinstance(target, ast.Name):
                    self.new(target.id)
        return super().generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if isinstance(node.ctx, ast.Store) or node.id in self.names:
            node.id = self.new(node.id)
        return node


def disguised(source: str) -> str:
    """The same code with other names, its functions in another order, set and commented anew."""
    tree = ast.parse(source)
    _Renamed().visit(tree)
    tree.body.reverse()
    return "# all my own work\n" + ast.unparse(tree).replace("\n", "  # here\n")


@pytest.mark.parametrize("students", [9, 60])
@pytest.mark.parametrize("label", LESSONS)
def test_a_disguised_copy_is_found_and_nobody_else(label: str, students: int) -> None:
    """What was copied is right and reads like other right answers; only the course lacks it."""
    lesson = Lesson(label)
    known = lesson.known(but_first_right=True)
    answers = lesson.honest(students - 2, known, seed=1)
    own = {name: e.rights[0].source for name, e in lesson.exercises.items()}
    answers["ann"] = own
    answers["bob"] = {name: disguised(source) for name, source in own.items()}
    found = look_alikes(answers, known, lesson.given)
    assert [(one.first, one.second) for one in found] == [("ann", "bob")]
    assert found[0].share == 1.0
    assert len(found[0].exercises) > len(lesson.exercises) / 2


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("students", [60])
@pytest.mark.parametrize("label", LESSONS)
def test_an_honest_class_is_silent(label: str, students: int, seed: int) -> None:
    """Even if the course knew none of the short answers but its own, and all chose from a few."""
    lesson = Lesson(label)
    everything = lesson.known()
    solutions_only = {name: [source] for name, source in lesson.solved.items()}
    names = imported_names(lesson.given)
    few = {
        name: [code for code in own if len(fingerprints(code, names).kept) <= 20] or own[:1]
        for name, own in everything.items()
    }
    answers = lesson.honest(students, everything, seed)
    assert look_alikes(answers, everything, lesson.given) == []
    answers = lesson.honest(students, few, seed)
    assert look_alikes(answers, solutions_only, lesson.given) == []


HELPERS = '''
def shares(values):
    """Positive numbers as shares of their sum."""
    total = 0.0
    for value in values:
        total = total + float(value)
    out = []
    for value in values:
        out.append(float(value) / total if total else 0.0)
    return np.array(out)


def gather(rows, weights):
    result = [0.0] * len(rows[0])
    for index, row in enumerate(rows):
        for place, entry in enumerate(row):
            result[place] = result[place] + weights[index] * entry
    return np.array(result)


def weighted_mean(x_TD, w_T):
    ratio = shares(list(w_T))
    if ratio.ndim != 1 or len(ratio) != len(x_TD):
        ratio = ratio.reshape(-1)[: len(x_TD)]
    picked = gather([list(row) for row in x_TD], list(ratio))
    return np.asarray(picked, dtype=float)
'''


def planted(copy: Callable[[str], str]) -> list[Alike]:
    """A long passage that one wrote and another has, among honest students of lesson 1."""
    lesson = Lesson("1")
    known = lesson.known()
    answers = lesson.honest(22, known, seed=3)
    answers["ann"] = {**answers["student-0"], "L1.1": HELPERS}
    answers["bob"] = {**answers["student-1"], "L1.1": copy(HELPERS)}
    return look_alikes(answers, known, lesson.given)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(lambda code: code, id="as it is"),
        pytest.param(disguised, id="renamed, reordered, reformatted"),
        pytest.param(
            lambda code: code.replace("0.0", "0").replace('"""Positive', '"""All positive'),
            id="other numbers and docstrings",
        ),
        pytest.param(
            lambda code: code.replace(
                "ratio = shares(list(w_T))",
                "print('hm')\n    ratio: np.ndarray = shares(list(w_T))",
            ),
            id="a statement more, and annotations",
        ),
    ],
)
def test_one_long_passage_is_enough(copy: Callable[[str], str]) -> None:
    (found,) = planted(copy)
    assert (found.first, found.second, found.exercises) == ("ann", "bob", ("L1.1",))


def test_another_way_to_write_the_same_is_no_copy() -> None:
    other = "def weighted_mean(x_TD, w_T):\n    return np.average(x_TD, axis=0, weights=w_T)\n"
    assert planted(lambda _: other) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(:",
        "(" * 5000,
        "-" * 15_000 + "1",
        "a" + ".b" * 9_000,
        "x = 1\n" * 10_000,
        "\x00",
        "%timeit f()\n!ls",
        "",
    ],
)
def test_code_that_no_parser_takes_has_no_fingerprints_and_stops_nothing(source: str) -> None:
    assert not fingerprints(source).every
    assert look_alikes({"ann": {"L1.1": source}, "bob": {"L1.1": source}}, {}, []) == []
