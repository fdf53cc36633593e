"""Answers that somebody made up are refused, and never equal a right one by being empty."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.compare import compare_values
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.judging.canonical import (
    SpoiltAnswerError,
    canonical_answers,
    canonical_value,
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["nan", "inf", "-inf", "int", "float", "bool", "str", "float64", "(2,)f8", ""]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["array", "scalar", "dict", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
names = st.sampled_from(
    ["float64", "float32", "float16", "int64", "uint8", "bool", "object", "<U3", "(2,)f8", ">f8"]
)
kinds = st.sampled_from(["int", "float", "bool", "str", "NoneType"])
hostile = st.recursive(
    st.fixed_dictionaries({"scalar": anything, "type": kinds | anything})
    | st.fixed_dictionaries(
        {"array": anything, "dtype": names | anything, "shape": anything},
        optional={"layout": anything, "read_only": anything},
    )
    | st.fixed_dictionaries({"other": anything})
    | st.fixed_dictionaries({"between": anything})
    | anything,
    lambda inner: (
        st.fixed_dictionaries({"tuple": st.lists(inner, max_size=2)})
        | st.fixed_dictionaries({"list": st.lists(inner, max_size=2)})
        | st.fixed_dictionaries(
            {"dict": st.lists(st.lists(inner, min_size=1, max_size=3), max_size=2)}
        )
    ),
    max_leaves=4,
)
honest: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | hnp.arrays(
        st.sampled_from([np.dtype(name) for name in ("f8", "f4", "f2", "i1", "u8", "?", ">f4")]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)
RIGHT: tuple[wire.Plain, ...] = (
    {"scalar": 3, "type": "int"},
    {"scalar": True, "type": "bool"},
    {"scalar": 0.5, "type": "float"},
    {"scalar": None, "type": "NoneType"},
    {"scalar": "word", "type": "str"},
    {"array": [1.0, 2.0], "dtype": "float64", "shape": [2]},
    {"array": [], "dtype": "float64", "shape": [0, 3]},
    {"tuple": [{"scalar": 3, "type": "int"}, {"array": [True], "dtype": "bool", "shape": [1]}]},
    {"dict": [[{"scalar": "a", "type": "str"}, {"scalar": 1.0, "type": "float"}]]},
    {"between": [wire.encode(np.array(0.0)), wire.encode(np.array(9.0))]},
    {"matches": wire.encode(np.array([1, 0, 1])), "share": 0.5},
)


@given(honest)
@example({np.int64(3): 1.0, np.float64(0.5): 2.0, (np.int64(1), "a"): 3.0})
@example({np.str_("the"): 1.0, (np.str_("a"), 2): [np.str_("b")]})
def test_what_an_honest_process_sends_comes_through_unchanged(value: object) -> None:
    plain = json.loads(json.dumps(wire.encode(value)))
    assert canonical_value(plain) == plain
    if "other" not in json.dumps(plain):
        assert wire.encode(wire.decode(plain)) == plain


@given(hostile)
@example({"dict": [[{"list": []}, {"tuple": []}]]})
@example({"dict": [[{"tuple": [{"dict": []}]}, {"tuple": []}]]})
@example({"dict": [[{"array": [1.0], "dtype": "float64", "shape": [1]}, {"tuple": []}]]})
@example({"dict": [[{"array": [1.0], "dtype": "float64", "shape": []}, {"tuple": []}]]})
def test_what_comes_through_is_what_encode_gives_for_the_value_that_it_means(value: Any) -> None:
    try:
        plain = canonical_value(value)
    except SpoiltAnswerError:
        return
    if "other" in json.dumps(plain):
        return
    back = wire.decode(plain)
    assert json.dumps(wire.encode(back)) == json.dumps(plain)


@given(hostile, st.sampled_from(RIGHT))
def test_what_equals_a_right_answer_has_its_size_and_is_not_empty(
    value: Any, right: wire.Plain
) -> None:
    """Whatever is sent, past the canonical form or not, is called equal only as the same thing."""
    try:
        found = compare_values(right, value, 1e-9, "It is")
    except Exception:  # the judge takes that for a spoilt answer
        return
    if found is not None:
        return
    for key in ("array", "scalar"):
        wanted = right.get("between", [right])[0] if "matches" not in right else right["matches"]
        if key in wanted:
            got = np.asarray(wire.decode(value))
            assert (
                got.size
                == math.prod(wanted.get("shape", []))
                == np.asarray(wire.decode(wanted)).size
            )
            assert got.shape == tuple(wanted.get("shape", ()))
    if "tuple" in right:
        assert len(value.get("tuple", value.get("list"))) == len(right["tuple"])


FORGED: tuple[Any, ...] = (
    {"scalar": [], "type": "int"},
    {"scalar": [], "type": "float"},
    {"scalar": [[]], "type": "bool"},
    {"scalar": "3", "type": "int"},
    {"scalar": "3.0", "type": "float"},
    {"scalar": 3, "type": "float"},
    {"scalar": 1, "type": "bool"},
    {"scalar": 3, "type": ["int"]},
    {"scalar": 3, "type": "int", "shape": []},
    {"array": [], "dtype": "float64", "shape": []},
    {"array": [1.0, 2.0], "dtype": "float64", "shape": [-1]},
    {"array": [], "dtype": "float64", "shape": [0, 2**60]},
    {"array": [], "dtype": "bool", "shape": [2**40, 0, 2**40]},
    {"array": [1.0, 2.0], "dtype": "float64", "shape": [2, True]},
    {"array": ["1.0", 2.0], "dtype": "float64", "shape": [2]},
    {"array": [True, 2.0], "dtype": "float64", "shape": [2]},
    {"array": [[1.0, 2.0]], "dtype": "float64", "shape": [2]},
    {"array": [300], "dtype": "int8", "shape": [1]},
    {"array": [1e300], "dtype": "float32", "shape": [1]},
    {"array": [float("nan")], "dtype": "float64", "shape": [1]},
    {"array": [1.0], "dtype": "(1,)f8", "shape": [1]},
    {"array": [1.0], "dtype": "f8", "shape": [1]},
    {"array": [], "dtype": "(2,)f8," * 1_000_000, "shape": [0]},  # NumPy reads it for minutes
    {"array": ["x"], "dtype": "<U1", "shape": [1]},
    {"array": [1.0], "dtype": "float64", "shape": [1], "layout": "strided"},
    {"dict": [[{"scalar": 1, "type": "int"}]]},
    {"dict": [[{"scalar": 1, "type": "int"}, {"scalar": 1, "type": "int"}]] * 2},
    {"tuple": {"scalar": 1, "type": "int"}},
    {"tuple": [], "list": []},
    {"rng": 3},
    {"code": "raise SystemExit", "name": "f"},
    {"between": [0, 9]},
    {"other": "x" * 10_000},
    {},
    None,
    [],
)


@pytest.mark.parametrize("value", FORGED, ids=lambda value: json.dumps(value)[:60])
def test_forms_that_no_process_sends_are_refused(value: Any) -> None:
    with pytest.raises(SpoiltAnswerError):
        canonical_value(value)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"value": {"scalar": 1, "type": "int"}},
        {"value": {"scalar": 1, "type": "int"}, "changed": [0, 0]},
        {"value": {"scalar": 1, "type": "int"}, "changed": [2]},
        {"value": {"scalar": 1, "type": "int"}, "changed": [True]},
        {"value": {"scalar": 1, "type": "int"}, "changed": [], "stub": True},
        {"raised": "ValueError"},
        {"raised": "V" * 1000, "text": ""},
        {"raised": "ValueError", "text": "", "line": "3", "code": ""},
        {"stub": False},
        {"missing": 1},
        {"stub": True, "uses": []},
        {"stub": True, "uses": "f"},
        {"stub": True, "uses": [1]},
        {"stub": True, "uses": ["g", "f"]},
        {"stub": True, "uses": ["f", "f"]},
        {"stub": True, "uses": ["f" * 1000]},
        {"stub": True, "uses": [f"f{i:02}" for i in range(50)]},
        {"uses": ["f"]},
    ],
    ids=lambda answer: str(answer)[:60],
)
def test_answers_of_no_known_form_are_refused(answer: Any) -> None:
    with pytest.raises(SpoiltAnswerError):
        canonical_answers([answer], [2])


def test_an_answer_that_names_the_functions_used_comes_through_unchanged() -> None:
    for answer in ({"stub": True}, {"value": {"scalar": 1, "type": "int"}, "changed": [0]}):
        used = {**answer, "uses": ["f", "g"]}
        assert canonical_answers([used], [1]) == [used]
