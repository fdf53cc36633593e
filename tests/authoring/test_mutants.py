"""Automatic mutants of a solution: made, judged within bounds, allowed with a reason."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder import views
from autograder.authoring import Check, call, normal
from autograder.authoring.lesson import Lesson, LessonCell
from autograder.authoring.mutants import (
    Mutant,
    make_mutants,
    mutants_of_exercise,
    try_mutants,
)
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import Row, Subject
from autograder.errors import AuthorError
from tests.small_course import tiny_exercise

Checks = Callable[[np.random.Generator], Iterator[Check]]
LINE = 40  # where the cell begins in its file


def cell(source: str) -> LessonCell:
    return LessonCell("answer", textwrap.dedent(source).lstrip("\n"), LINE, "L9.1")


def subject(source: str, checks: Checks) -> Subject:
    """An exercise whose one function is `f`."""
    exercise = tiny_exercise("f")
    exercise.checks(checks)
    lesson = Lesson(Path("lesson.py"), (cell(source),))
    reference = lesson.reference()
    return Subject(exercise, lesson, reference, make_spec(exercise, reference, PUBLIC_SEED))


def tried(subjects: list[Subject]) -> list[Row]:
    """All mutants, tried with time enough for a busy machine: none of them is endless."""
    return list(try_mutants(subjects, 1, seconds=120.0))


def changes(source: str, **arrays: int) -> list[Mutant]:
    return list(make_mutants(cell(source), {"np"}, {"f": arrays}))


def lines_of(source: str, **arrays: int) -> set[str]:
    """The changed lines of all mutants."""
    return {" ".join(mutant.after) for mutant in changes(source, **arrays)}


SCALED = """
def f(x_T):
    \"\"\"Twice the numbers, and 1.\"\"\"
    return 2 * x_T + 1
"""


def strong(rng: np.random.Generator) -> Iterator[Check]:
    yield Check("numbers", call(normal(rng, 5)))
    yield Check("left alone", call(normal(rng, 5)), judges="inputs untouched")


def weak(rng: np.random.Generator) -> Iterator[Check]:
    yield Check("a zero", call(np.zeros(3)))


@pytest.fixture(scope="module")
def strong_rows() -> list[Row]:
    return tried([subject(SCALED, strong)])


@pytest.fixture(scope="module")
def weak_rows() -> list[Row]:
    return tried([subject(SCALED, weak)])


def test_checks_that_look_closely_kill_every_mutant(strong_rows: list[Row]) -> None:
    assert len(strong_rows) > 8
    assert all(row.ok and not row.passed for row in strong_rows)
    assert {row.kind for row in strong_rows} == {"mutant"}


def test_a_weak_check_lets_mutants_survive_and_they_come_with_their_diff(
    weak_rows: list[Row],
) -> None:
    survivors = {row.variant: row for row in weak_rows if not row.ok}
    row = survivors[f"line {LINE + 3}, constant: `2` becomes `3`"]
    assert row.passed
    assert row.message.splitlines() == [
        "--- solution",
        "+++ mutant",
        f"@@ -{LINE + 2},2 +{LINE + 2},2 @@",
        '     """Twice the numbers, and 1."""',
        "-    return 2 * x_T + 1",
        "+    return 3 * x_T + 1",
    ]
    killed = {row.variant for row in weak_rows if not row.passed}
    assert f"line {LINE + 3}, constant: `1` becomes `2`" in killed


def test_the_report_shows_a_survivors_diff(
    weak_rows: list[Row], capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    views.mutant_report(weak_rows, Console(width=100))
    out = capsys.readouterr().out
    assert "+    return 3 * x_T + 1" in out
    assert f"{len(weak_rows)} mutants of the solutions tried" in out


def test_an_endless_mutant_is_killed_and_the_rest_are_tried() -> None:
    endless = """
    def f(n):
        total = 0
        while n > 0:
            total += n
            n -= 1
        return total
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("sums", call(4), call(1), call(0))

    rows = list(try_mutants([subject(endless, checks)], 1, seconds=0.3))
    dropped = next(row for row in rows if row.variant.endswith("dropped: `n -= 1`"))
    assert dropped.ok
    assert not dropped.passed
    # a moment, or more where the solution itself was slow
    assert re.fullmatch(r"It did not end within \d+ seconds\.", dropped.message)
    after = rows[rows.index(dropped) + 1 :]
    assert any("did not end" not in row.message for row in after)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_a_mutant_that_wants_too_much_memory_is_killed() -> None:
    source = """
    def f(n):
        return len(bytearray(n**1))
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("length", call(100_000))

    rows = {row.variant: row for row in tried([subject(source, checks)])}
    row = rows[f"line {LINE + 2}, constant: `1` becomes `2`"]  # 10 GB
    assert not row.passed
    assert "MemoryError" in row.message


def test_a_mutant_that_ends_its_process_is_killed() -> None:
    source = """
    def f(x):
        if x < 0:
            import os
            os._exit(0)
        return x + 1
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("one more", call(4.0))

    rows = tried([subject(source, checks)])
    assert "It ended the process that it ran in." in {row.message for row in rows if row.ok}


def test_a_solution_that_fails_proves_nothing_by_its_mutants() -> None:
    it = subject(SCALED, strong)
    broken = Lesson(Path("lesson.py"), (cell(SCALED.replace("2 *", "5 *")),))
    (row,) = tried([Subject(it.exercise, broken, it.reference, it.spec)])
    assert not row.ok
    assert (row.kind, row.passed) == ("reference", False)
    assert "not in a process of its own: What `f` returns is the right answer times" in row.message


def test_an_equivalent_mutant_is_allowed_by_the_line_that_it_makes() -> None:
    source = """
    def f(x_T):
        e_T = np.exp(x_T)
        return e_T / e_T.sum()
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        x_T = normal(rng, 5)
        yield Check("softmax", call(x_T), judges="inputs untouched")

    it = subject(source, checks)
    (survivor,) = [row for row in tried([it]) if not row.ok]
    assert "+    e_T = -np.exp(x_T)" in survivor.message
    it.exercise.allow_mutant(after="e_T = -np.exp(x_T)", reason="It cancels.")
    rows = tried([it])
    assert all(row.ok for row in rows)
    assert [row.message for row in rows if row.passed] == ["allowed: It cancels."]


def test_a_dropped_line_is_allowed_by_itself() -> None:
    source = """
    def f(x):
        y = 2 * x
        y = abs(y)
        return y
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("positive", call(4.0))

    it = subject(source, checks)
    survivors = [row.variant for row in tried([it]) if not row.ok]
    assert f"line {LINE + 3}, line dropped: `y = abs(y)`" in survivors
    it.exercise.allow_mutant(dropped="y = abs(y)", reason="It is only called with positive x.")
    left = [row.variant for row in tried([it]) if not row.ok]
    assert set(survivors) - set(left) == {f"line {LINE + 3}, line dropped: `y = abs(y)`"}


MARKED = """
def f(x_T, steps=3):
    x_T = np.array(x_T)
    ### BEGIN SOLUTION
    tried = (0.5, 2.0)
    return [bool((x_T < t).any()) for t in tried]
    ### END SOLUTION
"""


def far_off(rng: np.random.Generator) -> Iterator[Check]:
    yield Check("far off", call(np.array([-9.0])), call(np.array([9.0])))


def test_only_the_learners_lines_are_changed() -> None:
    """A default value or a line that the cell gives can't be got wrong."""
    changed = [row.variant for row in tried([subject(MARKED, far_off)])]
    assert changed
    assert not [text for text in changed if "steps" in text or "np.array" in text]


def test_what_no_asked_for_function_uses_is_left_alone() -> None:
    """Protects an answer that is copied from an earlier lesson, beside what is asked for."""
    source = """
    def helper(x):
        return 2 * x


    def copied(x):
        return 3 * x


    def f(x):
        return helper(x) + 1
    """

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("doubles", call(normal(rng, 3)))

    mutants = mutants_of_exercise(subject(source, checks))
    assert {mutant.function for mutant in mutants} == {"helper", "f"}


def test_every_change_of_a_line_is_allowed_at_once() -> None:
    """The example numbers of a test that learners write may be others."""
    it = subject(MARKED, far_off)
    survivors = [row for row in tried([it]) if not row.ok]
    assert len([row for row in survivors if "constant: `" in row.variant]) > 2
    it.exercise.allow_mutant(line="tried = (0.5, 2.0)", reason="Any thresholds will do.")
    left = [row for row in tried([it]) if not row.ok]
    assert not [row for row in left if "-    tried" in row.message]
    assert not [row for row in left if row.kind == "stale"]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("return 7 * x_T + 1", "no mutant of the solution is it"),
        ("return 3 * x_T + 1", "the checks kill the mutant that it allows"),
    ],
)
def test_an_allowance_that_nothing_needs_is_an_error(after: str, why: str) -> None:
    it = subject(SCALED, strong)
    it.exercise.allow_mutant(after=after, reason="None that holds.")
    (bad,) = [row for row in tried([it]) if not row.ok]
    assert bad.kind == "stale"
    assert why in bad.message
    assert after in bad.variant


@pytest.mark.parametrize(
    "given",
    [
        {"after": "x", "reason": " "},
        {"reason": "Neither."},
        {"after": "x", "dropped": "y", "reason": "Both."},
    ],
)
def test_an_allowance_needs_a_reason_and_one_line(given: dict[str, str]) -> None:
    with pytest.raises(AuthorError, match=r"test_mutants\.py:\d+: L9\.1 allows a mutant"):
        subject(SCALED, strong).exercise.allow_mutant(**given)


def test_the_changes_that_learners_make_are_among_them() -> None:
    source = """
    def f(s, x_TD, axis=-1):
        s = s - s.max(axis=axis, keepdims=True)
        e_T, r_T = np.exp(s), s[:, None]
        for i in range(1, 3):
            e_T[i] += r_T[i, 0] if i > 1 else -1.0
        return e_T @ x_TD.T, np.maximum(r_T, e_T)
    """
    made = lines_of(source, s=2, x_TD=2)
    assert made >= {
        "def f(s, x_TD, axis=1):",  # a default
        "s = np.subtract(s, s.max(axis=axis, keepdims=True), out=s)",  # in place
        "s = s + s.max(axis=axis, keepdims=True)",
        "s = s.max(axis=axis, keepdims=True) - s",
        "s = s - s.max(keepdims=True)",
        "s = s - s.max(axis=0, keepdims=True)",
        "s = s - s.max(axis=axis)",
        "s = s - s.min(axis=axis, keepdims=True)",
        "s = s",
        "",  # a line dropped
        "e_T, r_T = s, s[:, None]",
        "e_T, r_T = np.exp(s), s[None, :]",
        "for i in range(3, 1):",
        "for i in range(2, 3):",
        "e_T[i] -= r_T[i, 0] if i > 1 else -1.0",
        "e_T[i] = r_T[i, 0] if i > 1 else -1.0",
        "e_T[i] += r_T[0, i] if i > 1 else -1.0",
        "e_T[i] += r_T[i, 0] if (i >= 1) else -1.0",
        "e_T[i] += r_T[i, 0] if i > 1 else 1.0",
        "e_T[i - 1] += r_T[i, 0] if i > 1 else -1.0",
        "return e_T @ x_TD, np.maximum(r_T, e_T)",
        "return r_T @ x_TD.T, np.maximum(r_T, e_T)",
        "return x_TD.T @ e_T, np.maximum(r_T, e_T)",
        "return np.maximum(r_T, e_T), e_T @ x_TD.T",
        "return e_T @ x_TD.T, np.minimum(r_T, e_T)",
    }


def test_what_changes_nothing_is_not_tried() -> None:
    source = """
    def f(x_T, y_T):
        \"\"\"Adds 1.\"\"\"
        z_T = np.zeros(3)
        x_T = x_T + 0
        return np.maximum(x_T * 2, z_T)
    """
    made = lines_of(source, x_T=1, y_T=1)
    assert not made & {
        '"""Adds 2."""',
        "z_T = -np.zeros(3)",
        "return np.maximum(z_T, x_T * 2)",
        "return np.maximum(np.multiply(x_T, 2, out=x_T), z_T)",  # no longer the caller's
        "return np.maximum(x_T.T * 2, z_T)",
    }
    dropped = [m.description for m in changes(source, x_T=1) if m.description.startswith("line")]
    assert dropped == ["line dropped: `x_T = x_T + 0`"]  # without z_T's line there is no z_T


def test_every_mutant_is_one_change_and_stands_once() -> None:
    mutants = changes(SCALED, x_T=1)
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        assert len(mutant.before) == len(mutant.after) == 1
        assert "\n" not in mutant.description
        compile(mutant.source, "<mutant>", "exec")
