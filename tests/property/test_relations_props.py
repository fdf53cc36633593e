"""Whatever an answer is, a verdict is made of it: looking for relations stops at nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import released_exercise
from attnkit.checking.wire import Answer, Plain, map_leaves
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judging.canonical import canonical_answers

EXERCISES = ["L1.2", "L1.3", "L1.5", "L2.5", "L3.2", "L3.4", "L4.3", "L5.1", "L5.5", "L6.5", "L8.4"]
numbers = st.sampled_from(
    [0.0, -0.0, 1.0, 2.0, 5e-324, 1e-300, 1e300, 1.8e308, -1e308, np.nan, np.inf, -np.inf, 10**290]
)
shapes = st.sampled_from([(), (0,), (1,), (3,), (2, 3), (3, 2), (1, 3, 1), (2, 2, 2), (0, 4)])
others: st.SearchStrategy[Any] = st.recursive(
    numbers
    | st.none()
    | st.booleans()
    | st.integers(-(2**990), 2**990)
    | st.text(max_size=4)
    | st.builds(lambda shape, n: np.full(shape, float(n)), shapes, numbers),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.integers(0, 3), inner, max_size=3)
    ),
    max_leaves=5,
)


def bent(right: Plain, draw: Any) -> Plain:
    """The right answer with other numbers in it, or in another shape."""

    def leaf(plain: Plain) -> Plain:
        if "array" not in plain:
            return wire.encode(draw(numbers)) if draw(st.booleans()) else plain
        array = np.asarray(wire.decode(plain)).astype(float)
        how = draw(st.sampled_from(["as it is", "times", "one", "turned", "more", "less", "all"]))
        with np.errstate(all="ignore"):
            if how == "times":
                array = array * float(draw(numbers))
            elif how == "one" and array.size:
                array.flat[0] = draw(numbers)
            elif how == "turned":
                array = array.T
            elif how == "more":
                array = array[..., None]
            elif how == "less":
                array = array[..., :1].sum(axis=-1) if array.ndim else array
            elif how == "all":
                array = np.full(array.shape, float(draw(numbers)))
        return wire.encode(array)

    return map_leaves(leaf, right)


def some_right(expected: Plain) -> Plain:
    """A right answer, also where several are right."""
    return expected["between"][0] if "between" in expected else expected


@settings(max_examples=40, deadline=None)
@given(exercise=st.sampled_from(EXERCISES), data=st.data())
def test_whatever_is_answered_there_is_a_verdict_and_no_warning(exercise: str, data: Any) -> None:
    spec = released_exercise(exercise)
    few = data.draw(
        st.lists(st.integers(0, len(spec.calls) - 1), min_size=1, max_size=4, unique=True)
    )
    answers: list[Answer] = [{"value": some_right(c.expected), "changed": []} for c in spec.calls]
    if data.draw(st.booleans()):  # nothing else right either
        few = list(range(len(spec.calls)))
    change = data.draw(st.sampled_from(["bent", "other", "error"]))
    for i in few:
        if change == "bent":
            answers[i] = {"value": bent(answers[i]["value"], data.draw), "changed": []}
        elif change == "other":
            answers[i] = {"value": wire.encode(data.draw(others)), "changed": []}
        else:
            text = data.draw(st.sampled_from(["shapes (3,) (99999999999999999999,)", "(1,2", ""]))
            answers[i] = {"raised": "ValueError", "text": text}
    answers = canonical_answers(answers, [len(call.args) for call in spec.calls])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = judge(spec, answers)
    assert verdict.points <= verdict.max_points
    assert all(one.message for one in verdict.functions if not one.passed)
