"""`attn verify` proves that two mistakes in two functions of an exercise are both named."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import Check, Exercise, call, probe
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import Row, pair_rows, verify_exercise
from tests.small_course import tiny_exercise

REFERENCE = {"f": lambda x_T: 2 * x_T, "g": lambda x_T: x_T + 1, "h": lambda x_T: x_T}


def both(f, g, x_T):  # type: ignore[no-untyped-def]
    return f(g(x_T))


def with_mistakes(exercise: Exercise) -> Exercise:
    @exercise.of("f").wrong
    def squares(x_T: np.ndarray) -> np.ndarray:
        """You squared."""
        return x_T**2

    @exercise.of("f").wrong
    def squares_below_five(x_T: np.ndarray) -> np.ndarray:
        """You squared small numbers only."""
        return np.where(x_T < 5, x_T**2, 2 * x_T)

    @exercise.of("g").wrong
    def subtracts(x_T: np.ndarray) -> np.ndarray:
        """You took one away."""
        return x_T - 1

    return exercise


def pairs_of(exercise: Exercise) -> list[Row]:
    spec = make_spec(exercise, REFERENCE, PUBLIC_SEED)
    rows = verify_exercise(exercise, REFERENCE, spec, 1)
    assert [row.ok for row in rows if row.kind == "wrong"] == [True] * len(exercise.wrongs)
    return list(pair_rows(exercise, REFERENCE, spec))


def test_each_two_functions_have_a_row() -> None:
    """Also where a call of both is among the checks."""
    exercise = with_mistakes(tiny_exercise("f", "g", "h"))

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("f", call.f(np.array([1.0, 7.0])), points=2)
        yield Check("g", call.g(np.array([1.0, 7.0])))
        yield Check("both", probe(both, says="f after g")(np.array([1.0, 7.0])))

    @exercise.of("h").wrong
    def turns_round(x_T: np.ndarray) -> np.ndarray:
        """You turned it round. Nobody calls h, so this can't be seen."""
        return x_T[::-1]

    spec = make_spec(exercise, REFERENCE, PUBLIC_SEED)
    f_and_g, *others = pair_rows(exercise, REFERENCE, spec)
    assert (f_and_g.kind, f_and_g.variant) == ("pair", "any two mistakes of f and g")
    assert (f_and_g.ok, f_and_g.message) == (True, "2 pairs, both named in each.")
    assert [row.ok for row in others] == [False, False]
    assert "squares with turns-round: " in others[0].message
    assert "subtracts with turns-round: " in others[1].explain()


def test_mistakes_that_only_a_shared_call_tells_apart_are_no_pair() -> None:
    """Each alone is known by what f and g give together; beside a wrong g that says nothing."""
    exercise = with_mistakes(tiny_exercise("f", "g"))

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("f", call.f(np.array([1.0, 3.0])))
        yield Check("g", call.g(np.array([1.0, 3.0])))
        yield Check("both", probe(both, says="f after g")(np.array([1.0, 7.0])))

    (row,) = pairs_of(exercise)
    assert not row.ok
    assert "squares with subtracts" in row.message


def test_an_exercise_of_one_function_has_no_pairs() -> None:
    exercise = tiny_exercise("f")

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("f", call(np.array([1.0, 3.0])))

    assert pairs_of(exercise) == []
