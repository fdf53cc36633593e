"""Plain data between judge and learner: nothing is lost, nothing but data comes through."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.compare import compare_call, same_answer
from attnkit.checking.spec import CallSpec, CheckSpec
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.authoring.encoding import encode_input
from autograder.authoring.probes import function


def through_json(plain: wire.Plain) -> wire.Plain:
    return json.loads(json.dumps(plain))


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.int8, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_an_array_comes_back_bit_for_bit(array: np.ndarray) -> None:
    back = wire.decode(through_json(wire.encode(array)))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=8,
)


@given(plain_values)
def test_python_values_come_back_with_their_types(value: object) -> None:
    back = wire.decode(through_json(wire.encode(value)))
    assert repr(back) == repr(value)


@pytest.mark.parametrize(
    "key", [np.int64(-1), np.uint8(7), np.float32(0.5), np.longdouble(0.5), np.bool_(True)]
)
def test_a_numpy_number_is_the_key_that_python_takes_it_for(key: Any) -> None:
    given, right = {key: 2, np.str_("a"): 3}, {key.item(): 2, "a": 3}
    assert given == right
    assert wire.encode(given) == wire.encode(right)


def test_layout_and_read_only_flag_survive_the_wire() -> None:
    strided = wire.decode(
        {"array": [1.0, 2.0, 3.0], "dtype": "float64", "shape": [3], "layout": "strided"}
    )
    assert not strided.flags.c_contiguous
    np.testing.assert_array_equal(strided, [1, 2, 3])
    read_only = wire.decode({"array": [1.0], "dtype": "float64", "shape": [1], "read_only": True})
    with pytest.raises(ValueError, match="read-only"):
        read_only[0] = 2


class AlwaysEqual:
    """The object that wins full marks where tests run in the learner's process."""

    def __eq__(self, other: object) -> bool:
        return True

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return np.ones(3)


class FloatInDisguise(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize(
    "value",
    [
        AlwaysEqual(),
        FloatInDisguise(1.0),
        np.array([AlwaysEqual()], dtype=object),
        np.array(["x"]),
        lambda: 1,
        np.ma.masked_array([1.0]),
    ],
)
def test_what_has_no_plain_form_is_named_and_not_looked_into(value: object) -> None:
    assert set(wire.encode(value)) == {"other"}


def test_endless_nesting_and_huge_arrays_are_cut() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert len(json.dumps(wire.encode(endless))) < 1000
    assert wire.encode(np.zeros(wire.MAX_VALUES + 1))["other"].startswith("array with")


@pytest.mark.parametrize(
    "plain", [{"array": [1], "dtype": "object", "shape": [1]}, {"other": "x"}, {}]
)
def test_made_up_plain_data_is_refused(plain: wire.Plain) -> None:
    with pytest.raises(ValueError, match="no "):
        wire.decode(plain)


def answer(function: object, *args: object) -> wire.Answer:
    call = {"function": "f", "args": [wire.encode(arg) for arg in args]}
    return wire.run_calls({"f": function}, [call])[0]


def stub(x: object) -> None:
    raise NotImplementedError


def test_answers_tell_stub_missing_error_and_exit_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(stub, 1) == {"stub": True}
    assert wire.run_calls({}, [{"function": "f", "args": []}]) == [{"missing": True}]
    divided = answer(lambda x: 1 / x, 0)
    assert (divided["raised"], divided["text"]) == ("ZeroDivisionError", "division by zero")
    assert divided["line"] > 0
    assert answer(lambda x: (_ for _ in ()).throw(SystemExit("bye")), 0)["raised"] == "SystemExit"
    assert answer(print, "noise") == {
        "value": {"scalar": None, "type": "NoneType"},
        "changed": [],
    }
    assert capsys.readouterr().out == ""


def test_a_changed_input_is_noticed_and_does_not_reach_the_next_call() -> None:
    def doubling(x: np.ndarray) -> np.ndarray:
        x *= 2
        return x

    call = {"function": "f", "args": [wire.encode(np.array([1.0, np.nan]))]}
    first, second = wire.run_calls({"f": doubling}, [call, call])
    assert first["changed"] == [0]
    assert first == second


NOTEBOOK = """
import numpy as np

def f(x): return x.g + np.add(1, 2)  # an attribute that is called like a function
def g(x): return [f(n) for n in range(x)]
def helper(x):
    def inner(): return g(x)
    return inner()
def h(x): return helper(x) + h(x - 1)
numbers = print
def lost(x): return numbers(x)
"""


def test_an_answer_says_which_other_functions_of_the_exercise_are_used() -> None:
    """By name, in whatever is within, and through what stands beside them."""
    notebook: dict[str, object] = {}
    exec(NOTEBOOK, notebook)

    def uses(*names: str) -> list[list[str]]:
        calls: list[wire.Call] = [{"function": name, "args": []} for name in names]
        return [answer.get("uses", []) for answer in wire.run_calls(notebook, calls)]

    assert uses("f", "g", "h") == [[], ["f"], ["f", "g"]]
    assert uses("g", "h", "numbers", "missing") == [[], ["g"], [], []]
    assert uses("h") == [[]]  # an exercise of one function has no others
    assert uses("lost", "numbers") == [[], []]  # what is no function of Python's is not looked into
    probe = {"code": "def both(g, h): return 1", "name": "both", "functions": ["g", "h"]}
    asked: list[wire.Call] = [
        {"function": "g", "args": [], "probe": probe},
        {"function": "f", "args": []},
    ]
    of_both, of_f = wire.run_calls(notebook, asked)
    assert (of_both["uses"], of_f.get("uses")) == (["f"], None)


def test_a_warning_costs_nothing() -> None:
    import warnings

    def warned(x: float) -> float:
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        return float(np.log(np.array(x)))

    assert answer(warned, 0.0)["value"] == {"scalar": "-inf", "type": "float"}


@pytest.mark.parametrize("kind", ["float", "int", "function"])
def test_an_answer_that_brings_code_along_is_data_or_nothing(kind: str) -> None:
    """The judge decodes what a learner's process sends: that must never run anything."""
    code = "def f(): pass\nraise SystemExit('ran')"
    extras: tuple[dict[str, Any], ...] = ({}, {"scalar": 1.0}, {"list": []})
    for extra in extras:
        forged = {"type": kind, "code": code, "name": "f", "rng": 1, **extra}
        for value in (forged, {"list": [forged]}, {"dict": [[forged, forged]]}):
            try:
                found = wire.decode(value)
            except (ValueError, TypeError):
                continue
            assert not callable(found)


@pytest.mark.parametrize("expected", [np.float64(1), np.array([1.0]), True, {"a": 1.0}, (1.0, 2.0)])
def test_no_comparison_runs_code_of_an_answer(expected: object) -> None:
    code = "def f(): pass\nraise SystemExit('ran')"
    right = wire.encode(expected)
    call = CallSpec("f", (), {}, right, 1e-9)
    for kind in ("float", "int", "bool", "str", "array"):
        forged = {"type": kind, "code": code, "name": "f", "rng": 1}
        for value in (forged, {"tuple": [forged] * 2}, {"dict": [[wire.encode("a"), forged]]}):
            answer: wire.Answer = {"value": value, "changed": []}
            check = CheckSpec("only", 1, "", "values", (call,))
            with contextlib.suppress(ValueError, KeyError, TypeError):
                assert compare_call(call, answer, (), check) is not None
            with contextlib.suppress(ValueError, KeyError, TypeError):
                assert not same_answer(answer, {"value": right, "changed": []}, 1e-9)


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ([np.int64(1), 2], True),
        ([1, np.uint8(2)], True),
        ([1.0, 2], False),
        ([np.float64(1), np.float64(2)], False),
        ([True, 2], False),
        ([2, 1], False),
        (np.array([1, 2]), False),
    ],
)
def test_a_list_of_whole_numbers_may_hold_numpys(given: object, fits: bool) -> None:
    """Protects right answers: indices out of an array are whole numbers like Python's own."""
    right = wire.encode([1, 2])
    call = CallSpec("f", (), {}, right, 1e-9)
    check = CheckSpec("only", 1, "", "values", (call,))
    answer: wire.Answer = {"value": wire.encode(given), "changed": []}
    assert (compare_call(call, answer, (), check) is None) == fits
    assert same_answer(answer, {"value": right, "changed": []}, 1e-9) == fits


def squared(x):  # type: ignore[no-untyped-def]
    return x * x


def scaled(x, factor, bias=0):  # type: ignore[no-untyped-def]
    return factor * x + bias


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1,), {"factor": 2}), ((1,), {"bias": 2})],
)
def test_a_call_that_does_not_fit_says_nothing_of_what_is_bound(
    args: tuple[int, ...], kwargs: dict[str, int]
) -> None:
    """A test could tell right functions from wrong ones by the arguments that were drawn."""
    said = []
    for one in (
        function(squared, "squares"),
        function(scaled, "scales", factor=3.0, bias=1.0),
    ):
        given_function = wire.decode_input(encode_input(one))
        with pytest.raises(TypeError) as error:
            given_function(*args, **kwargs)
        said.append(str(error.value))
    assert said[0] == said[1]
