"""The generators of cases keep their promises for every seed and size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring import Axes, axis_both_ways, every_layout
from autograder.authoring.cases import SIZES
from autograder.errors import AuthorError

seeds = st.integers(0, 2**32 - 1)


def test_the_courses_sizes_tell_every_two_axes_apart() -> None:
    assert min(SIZES.values()) >= 2
    for a, b in itertools.permutations(SIZES.values(), 2):
        assert a not in (b, b * b)


@pytest.mark.parametrize("sizes", [{"T": 5, "S": 5}, {"K": 4, "H": 2}, {"T": 1}])
def test_sizes_that_hide_a_mistake_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(AuthorError, match="Axes"):
        Axes(**sizes)


@given(seeds, st.integers(3, 6), st.integers(3, 8), st.booleans())
def test_rows_of_a_mask_all_differ_and_hold_the_telling_ones(
    seed: int, rows: int, keys: int, empty_row: bool
) -> None:
    axes = Axes()
    axes.sizes |= {"B": rows, "S": keys}
    rng = np.random.default_rng(seed)
    if rows - 1 - empty_row > 2**keys - 2 * keys:
        with pytest.raises(AuthorError, match="choose other sizes"):
            axes.ragged_mask(rng, "BS", empty_row)
        return
    mask_BS = axes.ragged_mask(rng, "BS", empty_row)
    assert mask_BS.shape == (rows, keys)
    assert mask_BS.dtype == bool
    patterns = {tuple(row) for row in mask_BS.tolist()}
    assert len(patterns) == rows
    kept_B = mask_BS.sum(axis=1)
    assert (kept_B == 1).sum() == 1
    assert (kept_B == 0).sum() == empty_row
    has_hole = [any(b > a for a, b in itertools.pairwise(row)) for row in mask_BS.astype(int)]
    assert sum(has_hole) >= rows - 1 - empty_row


@given(seeds)
def test_extreme_scores_go_both_ways_in_each_row(seed: int) -> None:
    s_BTS = Axes().extreme(np.random.default_rng(seed), "BTS")
    assert (s_BTS.max(axis=-1) > 900).all()
    assert (s_BTS.min(axis=-1) < -900).all()


@given(seeds)
def test_layouts_hold_the_same_numbers(seed: int) -> None:
    x_BTD = Axes().normal(np.random.default_rng(seed), "BTD")
    forms = [form for (form,) in every_layout(x_BTD)]
    assert {str(form.dtype) for form in forms} == {"float64", "float32"}
    assert not all(form.flags.c_contiguous for form in forms)
    assert any(form.flags.f_contiguous for form in forms)
    assert any(not form.flags.writeable for form in forms)
    for form in forms:
        np.testing.assert_allclose(form, x_BTD, rtol=1e-6)


def test_a_mask_stays_a_mask_in_every_layout() -> None:
    mask_BS = Axes().ragged_mask(np.random.default_rng(1), "BS")
    for x_BS, keep_BS in every_layout(Axes().normal(np.random.default_rng(2), "BS"), mask_BS):
        assert keep_BS.dtype == bool
        np.testing.assert_array_equal(keep_BS, mask_BS)
        assert x_BS.dtype.kind == "f"


@given(st.integers(1, 5), st.data())
def test_both_ways_to_count_an_axis_meet(dimensions: int, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-dimensions, dimensions - 1))
    front, back = axis_both_ways(axis, dimensions)
    assert 0 <= front < dimensions
    assert front - back == dimensions
    shape = tuple(range(2, 2 + dimensions))
    assert np.zeros(shape).sum(axis=axis).shape == np.zeros(shape).sum(axis=back).shape
