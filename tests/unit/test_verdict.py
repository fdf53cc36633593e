"""Verdicts: the right points, the right sentence, and nothing of the hidden inputs."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec, MisconceptionSpec
from attnkit.checking.verdict import Verdict


def call_spec(x: np.ndarray, tolerance: float = 1e-9) -> CallSpec:
    """A call of `twice`, whose right answer doubles."""
    return CallSpec("twice", (wire.encode(x),), {}, wire.encode(2 * x), tolerance)


def exercise(
    *arrays: np.ndarray, misconceptions: tuple[MisconceptionSpec, ...] = ()
) -> ExerciseSpec:
    checks = tuple(
        CheckSpec(f"check {i}", i + 1, "Each number is doubled.", "values", (call_spec(x),))
        for i, x in enumerate(arrays)
    )
    return ExerciseSpec(
        "L9.1", "Twice", {"twice": ("x_T",)}, 1, 1, 1, ("a", "b", "c"), checks, misconceptions
    )


def verdict_on(function: object, spec: ExerciseSpec, hidden: ExerciseSpec | None = None) -> Verdict:
    functions = {"twice": function}
    hidden_answers = wire.run_calls(functions, hidden.wire_calls()) if hidden else ()
    return judge(spec, wire.run_calls(functions, spec.wire_calls()), hidden, hidden_answers)


SMALL, LARGE = np.array([1.0, 3.0]), np.arange(40.0)


def test_each_check_gives_its_own_points() -> None:
    right_when_small = verdict_on(lambda x: 2 * x if len(x) < 10 else x, exercise(SMALL, LARGE))
    assert (right_when_small.points, right_when_small.max_points) == (1, 3)
    assert [c.passed for c in right_when_small.checks] == [True, False]
    assert verdict_on(lambda x: x + x, exercise(SMALL, LARGE)).points == 3


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: None, "returned None: is there a `return`"),
        (lambda x: list(2 * x), "a list of 2; an array of shape (2,)"),
        (lambda x: "four", "a string"),
        (lambda x: 2 * x[:, None], "shape (2, 1); it should have shape (2,)"),
        (lambda x: (2 * x, x), "a tuple of 2"),
        (lambda x: x / 0, "inf at [0]; it should be 2"),
        (lambda x: x + 1, "4 at [1]; it should be 6"),
        (lambda x: x @ np.ones(3), "stopped"),
        (lambda x: unknown, "NameError"),  # type: ignore[name-defined]  # noqa: F821
    ],
)
def test_each_kind_of_mistake_has_its_own_sentence(function: object, words: str) -> None:
    verdict = verdict_on(function, exercise(SMALL))
    assert verdict.points == 0
    assert words in verdict.checks[0].message


def test_a_small_example_is_shown_in_full_and_a_large_one_by_its_shape() -> None:
    assert "x_T = [1., 3.]" in verdict_on(lambda x: x, exercise(SMALL)).checks[0].message
    shown = verdict_on(lambda x: x, exercise(LARGE)).checks[0].message
    assert "x_T: shape (40,)" in shown
    assert "39" in shown  # the largest error, at the largest number


def test_a_failure_on_hidden_inputs_costs_points_and_shows_none_of_them() -> None:
    hidden = exercise(np.array([123.456, 654.321]))
    known_by_heart = verdict_on(
        lambda x: np.array([2.0, 6.0]), exercise(SMALL), exercise(np.array([123.456, 654.321]))
    )
    assert known_by_heart.points == 0
    assert "fresh" in known_by_heart.message
    assert "123" not in str(known_by_heart)
    assert "246" not in str(known_by_heart)
    assert verdict_on(lambda x: 2 * x, exercise(SMALL), hidden).passed


def test_float64_for_float32_is_advice_and_lost_digits_are_a_failure() -> None:
    spec = exercise(SMALL.astype(np.float32))
    upcast = verdict_on(lambda x: 2 * x.astype(np.float64), spec)
    assert upcast.passed
    assert "float64" in upcast.advice[0]
    thirds = exercise(np.array([1 / 3, 2 / 3]))
    narrow = verdict_on(lambda x: (2 * x).astype(np.float32), thirds)
    assert not narrow.passed
    assert "digits lost" in narrow.message


def misconception(name: str, function: object, spec: ExerciseSpec) -> MisconceptionSpec:
    answers = tuple(wire.run_calls({"twice": function}, spec.wire_calls()))
    return MisconceptionSpec(name, "twice", f"You did: {name}.", answers)


def test_a_misconception_is_named_only_if_it_alone_fits() -> None:
    plain = exercise(SMALL, LARGE)
    squares = misconception("squares", lambda x: x**2, plain)
    also = misconception("also-squares", lambda x: x * x, plain)
    one = exercise(SMALL, LARGE, misconceptions=(squares,))
    assert verdict_on(lambda x: np.power(x, 2), one).diagnosis == "squares"
    assert verdict_on(lambda x: x**3, one).diagnosis is None
    both = exercise(SMALL, LARGE, misconceptions=(squares, also))
    assert verdict_on(lambda x: x**2, both).diagnosis is None


def test_a_mistake_in_one_function_is_not_named_after_the_other_one_which_is_right() -> None:
    """Where a check calls two functions, a misconception of the right one may fit by accident."""
    of_twice = call_spec(SMALL)
    of_thrice = CallSpec("thrice", (wire.encode(SMALL),), {}, wire.encode(3 * SMALL), 1e-9)
    both = CheckSpec("both", 1, "Doubled, and tripled.", "values", (of_twice, of_thrice))
    names: dict[str, tuple[str, ...]] = {"twice": ("x_T",), "thrice": ("x_T",)}
    plain = ExerciseSpec("L9.1", "Both", names, 1, 1, 1, ("a", "b", "c"), (both,), ())
    small_only = {"twice": lambda x: np.minimum(2 * x, 9)}  # right on the numbers of this check
    answers = (wire.run_calls(small_only, plain.wire_calls())[0], None)
    misread = MisconceptionSpec("small-only", "twice", "You did: small only.", answers)
    spec = ExerciseSpec("L9.1", "Both", names, 1, 1, 1, ("a", "b", "c"), (both,), (misread,))
    functions = {"twice": lambda x: 2 * x, "thrice": lambda x: x}
    verdict = judge(spec, wire.run_calls(functions, spec.wire_calls()), None, ())
    assert not verdict.passed
    assert verdict.diagnosis is None
    assert "thrice" in verdict.message


def test_an_error_is_a_misconception_only_with_the_same_text() -> None:
    plain = exercise(SMALL)
    mismatch = misconception("wrong-shape", lambda x: x @ np.ones(5), plain)
    spec = exercise(SMALL, misconceptions=(mismatch,))
    assert verdict_on(lambda x: x @ np.ones(5), spec).diagnosis == "wrong-shape"
    assert verdict_on(lambda x: int("x"), spec).diagnosis is None  # a ValueError too


@pytest.mark.parametrize(
    "made_up",
    [
        [],
        [{"value": {"scalar": 1, "type": "int"}, "changed": []}] * 2,
        [{"stub": True}, {"missing": True}],
    ],
)
def test_too_few_or_odd_answers_win_nothing(made_up: list[wire.Answer]) -> None:
    assert judge(exercise(SMALL, LARGE), made_up).points == 0


def test_in_a_large_example_the_row_of_the_wrong_number_is_shown() -> None:
    """Which row, which mask: three numbers instead of three thousand."""
    s_BS = np.arange(60.0).reshape(20, 3) / 10
    mask_BS = np.ones((20, 3), bool)
    mask_BS[7, 1] = False
    right = np.where(mask_BS, s_BS, 0.0)
    call = CallSpec("keep", (wire.encode(s_BS), wire.encode(mask_BS)), {}, wire.encode(right), 1e-9)
    checks = (CheckSpec("only", 1, "Masked scores count nothing.", "values", (call,)),)
    spec = ExerciseSpec("L9.1", "", {"keep": ("s_BS", "mask_BS")}, 1, 1, 1, (), checks)
    answers = wire.run_calls({"keep": lambda s_BS, mask_BS: s_BS}, spec.wire_calls())
    message = judge(spec, answers).checks[0].message
    assert "`keep` returned 2.2 at [7, 1]; it should be 0." in message
    assert "`s_BS[7] = [2.1, 2.2, 2.3]` and `mask_BS[7] = [ True, False, True]`" in message
    assert len(message) < 400


def one_call(right: np.ndarray, given: object) -> str:
    """What is said of an answer to a call for which `right` is right; "" if it is."""
    call = CallSpec("f", (), {}, wire.encode(right), 1e-9)
    checks = (CheckSpec("only", 1, "", "values", (call,)),)
    spec = ExerciseSpec("L9.1", "", {"f": ()}, 1, 1, 1, (), checks)
    verdict = judge(spec, wire.run_calls({"f": lambda: given}, spec.wire_calls()))
    return "" if verdict.passed else verdict.message


def test_infinities_are_right_where_they_belong_and_wrong_elsewhere() -> None:
    """The logarithm of a softmax is -inf where a score is."""
    right = np.array([-1.0, -np.inf, -0.5])
    assert one_call(right, right.copy()) == ""
    assert "returned nan at [1]; it should be -inf" in one_call(right, np.array([-1, np.nan, -0.5]))
    assert "returned inf at [1]; it should be -inf" in one_call(right, np.array([-1, np.inf, -0.5]))
    assert "returned -9 at [1]; it should be -inf" in one_call(right, np.array([-1, -9.0, -0.5]))
    assert "returned -inf at [0]; it should be -1" in one_call(right, np.full(3, -np.inf))


def test_numbers_that_differ_are_shown_to_differ() -> None:
    said = one_call(np.array([0.6931471805]), np.array([0.6931470]))
    assert "returned 0.693147 at [0]; it should be 0.6931471805" not in said
    shown = said.split("returned ")[1].split(" at")[0], said.split("should be ")[1].split(". ")[0]
    assert shown[0] != shown[1]
    assert shown[1].startswith("0.693147")
