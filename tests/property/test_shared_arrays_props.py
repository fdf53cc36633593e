"""A released file that writes repeated arrays once says what it said before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attnkit.checking.shared_arrays import restore_arrays, share_arrays
from attnkit.checking.spec import released_exercise
from hypothesis import given
from hypothesis import strategies as st

# repeats are likely, and so are arrays that Python calls equal: 1, 1.0 and true
numbers = st.one_of(st.booleans(), st.integers(0, 1), st.sampled_from([0.0, 1.0, 0.5, "nan"]))
arrays = st.builds(
    lambda number, n, more: {"array": [number] * n + more, "dtype": "float64", "shape": [n]},
    numbers,
    st.integers(0, 12),
    st.lists(numbers, max_size=2),
)
values = st.recursive(
    arrays | st.builds(lambda x: {"scalar": x, "type": "int"}, st.integers(0, 20)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(values)
def test_what_was_shared_is_restored(data: Any) -> None:
    shared, kept = share_arrays(data)
    restored = restore_arrays(json.loads(json.dumps(shared)), json.loads(json.dumps(kept)))
    assert json.dumps(restored) == json.dumps(data)  # == alone takes 1 for true
    assert len({json.dumps(each) for each in kept}) == len(kept)


def test_an_exercise_comes_back_whole_and_from_files_written_before() -> None:
    spec = released_exercise("L6.3")
    written = spec.to_json()
    assert type(spec).from_json(json.loads(json.dumps(written))) == spec
    whole = restore_arrays(written, written.pop("arrays"))
    assert type(spec).from_json(whole) == spec
    assert len(json.dumps(spec.to_json())) < 0.6 * len(json.dumps(whole))


def test_a_file_that_names_an_array_too_many_is_damaged() -> None:
    with pytest.raises(ValueError, match="no number 3"):
        restore_arrays({"array": 3, "dtype": "float64", "shape": [9]}, [[0.0] * 9])
