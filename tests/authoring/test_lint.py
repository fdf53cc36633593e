"""The case linter: every rule finds its fault and is silent on good cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder import views
from autograder.authoring import (
    Axes,
    CallOf,
    Check,
    call,
    every_layout,
    float32,
    normal,
    read_only,
    strided,
)
from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import Lesson
from autograder.authoring.lint import lint, lint_spec
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import Row, Subject
from autograder.errors import AuthorError
from tests.small_course import tiny_exercise

Calls = Callable[[np.random.Generator], list[CallOf]]
Function = Callable[..., object]


def scores(x_TD: np.ndarray, W_AD: np.ndarray) -> np.ndarray:
    return np.tanh(x_TD @ W_AD.T)


def softmax(s: np.ndarray, axis: int = -1) -> np.ndarray:
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def layouts(x: np.ndarray, *rest: object) -> list[CallOf]:
    """Calls of f that keep every rule about types, memory and inputs left alone."""
    return [call(make(x), *rest) for make in (np.array, float32, strided, read_only)]


def findings(
    function: Function, calls: Calls, *, judges: str = "inputs untouched", seed: int = 1
) -> list[Row]:
    """What is found on an exercise whose one check makes these calls of `f`."""
    exercise = tiny_exercise("f")

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("only", *calls(rng), judges=judges)  # type: ignore[arg-type]

    exercise.checks(checks)
    reference = {"f": function}
    spec = make_spec(exercise, reference, PUBLIC_SEED)
    lesson = Lesson(None, ())  # type: ignore[arg-type]
    return list(lint([Subject(exercise, lesson, reference, spec)], seed))


def good(rng: np.random.Generator) -> list[CallOf]:
    return layouts(normal(rng, 5, 6), normal(rng, 3, 6))


def sized(T: int, D: int, A: int) -> Calls:
    return lambda rng: layouts(normal(rng, T, D), normal(rng, A, D))


def test_good_cases_are_met_with_silence() -> None:
    assert findings(scores, good) == []
    assert findings(softmax, lambda rng: layouts(normal(rng, 5, 6))) == []


@pytest.mark.parametrize(
    ("calls", "sentence"),
    [
        (sized(5, 5, 3), "D and T are of equal size in every call of f()"),
        (sized(5, 6, 6), "A and D are of equal size in every call of f()"),
        (sized(2, 4, 3), "none the square of another"),  # √D is T
        (sized(1, 5, 3), "sizes of at least 2"),
    ],
)
def test_sizes_that_hide_a_wrong_axis_or_root(calls: Calls, sentence: str) -> None:
    (row,) = findings(scores, calls)
    assert sentence in row.message
    assert (row.exercise, row.kind, row.ok, row.function) == ("L9.1", "lint", False, "f")
    assert row.variant.startswith("only: f(x_TD: (")


def test_axes_without_letters_are_compared_within_their_array() -> None:
    (row,) = findings(softmax, lambda rng: layouts(normal(rng, 5, 5)))
    assert "s.0 and s.1 are of equal size" in row.message

    def dot(p: np.ndarray, g: np.ndarray) -> np.ndarray:
        return p * g

    assert findings(dot, lambda rng: layouts(normal(rng, 5, 6), normal(rng, 5, 6))) == []


def test_one_telling_call_is_enough() -> None:
    """A sentence of one word, or a square array, is welcome beside others."""
    assert findings(scores, lambda rng: sized(1, 5, 3)(rng) + good(rng)) == []
    assert findings(scores, lambda rng: sized(5, 5, 5)(rng) + good(rng)) == []


@pytest.mark.parametrize(
    ("fault", "x"),
    [
        ("constant", np.ones((5, 6))),
        ("constant", np.full((5, 6), 2.5)),
        ("symmetric", np.add.outer(np.arange(5.0), np.arange(5.0))),
    ],
)
def test_inputs_without_a_pattern(fault: str, x: np.ndarray) -> None:
    def flawed(rng: np.random.Generator) -> list[CallOf]:
        return layouts(x, normal(rng, 3, x.shape[1]))

    sentence = f"x_TD is {fault} in every call of f()"
    assert any(sentence in row.message for row in findings(scores, flawed))
    assert findings(scores, lambda rng: flawed(rng) + good(rng)) == []


def test_a_vector_that_reads_the_same_backwards() -> None:
    (row,) = findings(np.sort, lambda rng: layouts(np.array([0.2, 0.6, 0.2])))
    assert "symmetric" in row.message


def test_a_saturated_softmax() -> None:
    def saturated(rng: np.random.Generator) -> list[CallOf]:
        return layouts(1e3 * normal(rng, 5, 6))

    (row,) = findings(softmax, saturated)
    assert "one-hot" in row.message
    assert findings(softmax, lambda rng: saturated(rng) + layouts(normal(rng, 5, 6))) == []


def test_a_saturated_softmax_among_several_values() -> None:
    def pool(x_TD: np.ndarray, u_D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s_T = softmax(x_TD @ u_D)
        return s_T @ x_TD, s_T

    (row,) = findings(pool, lambda rng: layouts(normal(rng, 5, 6), 1e3 * normal(rng, 6)))
    assert "one-hot" in row.message
    assert findings(pool, lambda rng: layouts(normal(rng, 5, 6), normal(rng, 6, scale=0.3))) == []


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (0, None),  # strided and read-only arrays are in double precision too
        (1, "no call of L9.1 gets a float32 array"),
        (2, "not contiguous"),
        (3, "a read-only array"),
    ],
)
def test_types_and_layouts(left_out: int, sentence: str | None) -> None:
    def some(rng: np.random.Generator) -> list[CallOf]:
        calls = good(rng)
        del calls[left_out]
        return [
            call(c.args[0], read_only(c.args[1]) if left_out != 3 else c.args[1]) for c in calls
        ]

    rows = findings(scores, some)
    said = [row.message for row in rows]
    if sentence is None:
        assert said == []
    else:
        assert [sentence in each for each in said] == [True]


def test_single_precision_only() -> None:
    rows = findings(
        softmax,
        lambda rng: [call(make(float32(normal(rng, 5, 6)))) for make in (strided, read_only)],
    )
    assert ["no call of L9.1 gets a float64 array." in row.message for row in rows] == [True]


def test_an_array_may_be_both_strided_and_read_only() -> None:
    x = read_only(strided(np.arange(6.0)))
    assert not x.flags.c_contiguous
    assert not x.flags.writeable


def test_inputs_must_be_said_to_stay_untouched() -> None:
    (row,) = findings(scores, good, judges="values")
    assert 'judges="inputs untouched"' in row.message


def test_numbers_alone_need_no_arrays() -> None:
    def add(a: float, b: float) -> float:
        return a + b

    assert findings(add, lambda rng: [call(1.5, 2.0)], judges="values") == []


def test_a_function_that_no_check_calls() -> None:
    exercise = tiny_exercise("f", "g")

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        calls = [call.f(*each.args) for each in layouts(normal(rng, 5, 6))]
        yield Check("only", *calls, judges="inputs untouched")

    spec = make_spec(exercise, {"f": softmax, "g": softmax}, PUBLIC_SEED)
    assert [finding.message for finding in lint_spec(spec)] == ["no check ever calls g()."]


def twins(exercise: Exercise) -> None:
    @exercise.wrong
    def adds_itself(x_T: Any) -> Any:
        """You added."""
        return x_T + x_T

    @exercise.wrong
    def doubles(x_T: Any) -> Any:
        """You doubled."""
        return 2 * x_T

    @exercise.wrong
    def adds_two(x_T: Any) -> Any:
        """You added two."""
        return x_T + 2


def test_two_misconceptions_that_the_visible_calls_cannot_tell_apart() -> None:
    exercise = tiny_exercise("f")

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("only", *layouts(normal(rng, 5)), judges="inputs untouched")

    twins(exercise)
    spec = make_spec(exercise, {"f": lambda x_T: x_T**2}, PUBLIC_SEED)
    (finding,) = lint_spec(spec)
    assert '"adds-itself" and "doubles" give equal answers' in finding.message


def test_hidden_cases_are_looked_at_too() -> None:
    """Sizes that only the hidden seed makes equal."""

    def drawn(rng: np.random.Generator) -> list[CallOf]:
        public = np.random.default_rng([PUBLIC_SEED, *b"L9.1"]).integers(10**6)
        T = 5 if rng.integers(10**6) == public else 6
        return layouts(normal(rng, T, 6), normal(rng, 3, 6))

    (row,) = findings(scores, drawn)
    assert "D and T are of equal size" in row.message


def test_the_report_names_rule_check_and_call(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    views.lint_report(findings(scores, sized(5, 5, 3)), Console(width=200))
    out = capsys.readouterr().out
    assert "✗ L9.1: D and T are of equal size in every call of f()" in out
    assert "only: f(x_TD: (5, 5), W_AD: (3, 5))" in out


def test_a_finding_that_is_meant_is_waived_once_and_for_a_reason() -> None:
    exercise = tiny_exercise("f")
    reference = {"f": lambda params: {k: v @ v for k, v in params.items()}}

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        calls = every_layout(call({"W": normal(rng, 5, 5)}))
        yield Check("only", *calls, judges="inputs untouched")

    def rows() -> list[Row]:
        spec = make_spec(exercise, reference, PUBLIC_SEED)
        return list(lint([Subject(exercise, Lesson(None, ()), reference, spec)], 1))  # type: ignore[arg-type]

    exercise.checks(checks)
    (row,) = rows()  # arrays inside of a dict are looked at too
    assert "params['W'].0 and params['W'].1 are of equal size" in row.message
    assert row.message.endswith("[equal sizes]")
    exercise.waive("equal sizes", about="params['W']", reason="W is square by definition.")
    assert rows() == []
    exercise.waive("saturated", about="f()", reason="There is no such finding.")
    (row,) = rows()
    assert "waives what is not found" in row.message
    with pytest.raises(AuthorError, match="say what it is about, and why"):
        exercise.waive("saturated", about="f()", reason=" ")


def test_a_check_that_a_constant_answer_passes() -> None:
    """Who always says True must not pass a check of a function that says True or False."""
    (row,) = findings(lambda n: n > 0, lambda rng: [call(3), call(5)])
    assert "who always returns True would pass it" in row.message
    assert findings(lambda n: n > 0, lambda rng: [call(3), call(-5)]) == []


def test_masks_and_scores_of_the_generators_meet_with_silence() -> None:
    def masked(s_BS: np.ndarray, mask_BS: np.ndarray) -> np.ndarray:
        e_BS = np.exp(s_BS) * mask_BS
        total_B1 = e_BS.sum(axis=-1, keepdims=True)
        return np.divide(e_BS, total_B1, out=np.zeros(e_BS.shape), where=total_B1 > 0)

    def drawn(rng: np.random.Generator) -> list[CallOf]:
        axes = Axes()
        mask_BS = axes.ragged_mask(rng, "BS")
        return [call(s, mask_BS) for (s,) in every_layout(axes.normal(rng, "BS"))]

    assert findings(masked, drawn) == []
