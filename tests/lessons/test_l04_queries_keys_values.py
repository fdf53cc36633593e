"""Lesson 4's answers against other witnesses, and its own pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attnkit.figures.digits import draw_digits
from attnkit.figures.kernel import draw_kernel, grid_of, nadaraya_watson
from attnkit.panels.kernel import kernel_panel
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson(4).source).reference()
attend: Callable[..., Any] = REFERENCE["scaled_dot_attention"]
batched: Callable[..., Any] = REFERENCE["batched_attention"]
regress: Callable[..., Any] = REFERENCE["kernel_regression"]
recall: Callable[..., Any] = REFERENCE["hopfield_recall"]

sizes = st.integers(1, 6)
seeds = st.integers(0, 10_000)


# --- properties of attention ---


@settings(max_examples=40, deadline=None)
@given(T=sizes, S=sizes, K=sizes, V=sizes, seed=seeds, size=st.sampled_from([1.0, 1e3]))
def test_outputs_are_means_of_the_values(
    T: int, S: int, K: int, V: int, seed: int, size: float
) -> None:
    rng = np.random.default_rng(seed)
    q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((T, K), (S, K), (S, V)))
    o_TV, w_TS = attend(size * q_TK, k_SK, v_SV)
    np.testing.assert_allclose(w_TS.sum(axis=1), 1)
    assert (w_TS >= 0).all()
    assert (o_TV <= v_SV.max(axis=0) + 1e-9).all()
    assert (o_TV >= v_SV.min(axis=0) - 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(S=sizes, K=sizes, seed=seeds)
def test_keys_may_come_in_any_order_and_be_shifted_together(S: int, K: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((3, K), (S, K), (S, 2)))
    order = rng.permutation(S)
    o_TV, w_TS = attend(q_TK, k_SK, v_SV)
    mixed_TV, mixed_TS = attend(q_TK, k_SK[order], v_SV[order])
    np.testing.assert_allclose(mixed_TV, o_TV, atol=1e-12)
    np.testing.assert_allclose(mixed_TS, w_TS[:, order], atol=1e-12)
    np.testing.assert_allclose(attend(q_TK, k_SK + rng.normal(size=K), v_SV)[1], w_TS, atol=1e-12)


def test_batched_attention_is_that_of_keras() -> None:
    ops = pytest.importorskip("keras").ops
    rng = np.random.default_rng(4)
    shapes = ((3, 2, 5, 6), (3, 2, 7, 6), (3, 2, 7, 6))
    q, k, v = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    theirs = ops.dot_product_attention(*(a.transpose(0, 2, 1, 3) for a in (q, k, v)))
    ours = batched(q, k, v)[0].transpose(0, 2, 1, 3)
    np.testing.assert_allclose(ours, ops.convert_to_numpy(theirs), atol=1e-5)


# --- the three lives of one formula ---


@settings(max_examples=40, deadline=None)
@given(T=sizes, S=sizes, seed=seeds, h=st.floats(0.2, 3))
def test_regression_is_attention_with_one_more_coordinate(
    T: int, S: int, seed: int, h: float
) -> None:
    rng = np.random.default_rng(seed)
    xq_T, x_S, y_S = rng.normal(size=T), rng.normal(size=S), rng.normal(size=S)
    q_T2 = 2**0.5 * np.stack([xq_T, np.ones(T)], axis=1) / h**2
    by_attention = attend(q_T2, np.stack([x_S, -(x_S**2) / 2], axis=1), y_S[:, None])[0][:, 0]
    np.testing.assert_allclose(regress(xq_T, x_S, y_S, h), by_attention, atol=1e-9)
    np.testing.assert_allclose(nadaraya_watson(xq_T, x_S, y_S, h), by_attention, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(N=sizes, D=sizes, seed=seeds)
def test_one_step_of_recall_is_one_query(N: int, D: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    patterns_ND, probe_D = rng.normal(size=(N, D)), rng.normal(size=D)
    step = recall(patterns_ND, probe_D, D**-0.5, 1)
    np.testing.assert_allclose(step, attend(probe_D[None], patterns_ND, patterns_ND)[0][0])
    twice = recall(patterns_ND, step, D**-0.5, 1)
    np.testing.assert_allclose(recall(patterns_ND, probe_D, D**-0.5, 2), twice)


# --- pictures ---

X, Y = np.array([-1.0, -0.2, 0.1, 0.7, 1.3]), np.array([0.0, 0.0, 1.0, 1.0, 1.0])


def flat(xq_T: Any, x_S: Any, y_S: Any, h: float) -> Any:
    return np.full(len(xq_T), 0.25)


def unwritten(xq_T: Any, x_S: Any, y_S: Any, h: float) -> Any:
    raise NotImplementedError


def too_few(xq_T: Any, x_S: Any, y_S: Any, h: float) -> Any:
    return np.zeros(3)


def test_the_panel_draws_the_learners_curve_and_says_so() -> None:
    panel = kernel_panel(X, Y, regress)
    assert "✓ kernel_regression does it" in panel._picture.value
    before = panel._picture.value
    panel.set(h=0.05, query=0.7)
    assert panel._picture.value != before
    assert "h = 0.05, the query at 0.70 gets 1.00" in panel._describe()


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (flat, "compare the dashed line"),
        (unwritten, "unwritten is not written yet"),
        (too_few, "returns the shape (3,) for 162 queries"),
    ],
)
def test_a_wrong_curve_or_none_leaves_the_right_one_dashed(
    function: Callable[..., Any], sentence: str
) -> None:
    panel = kernel_panel(X, Y, function)
    assert sentence in panel._picture.value
    assert "as it should be" in panel._picture.value
    assert "stroke-dasharray" in panel._picture.value


def test_the_curve_runs_between_the_labels_from_end_to_end() -> None:
    curve = nadaraya_watson(grid_of(X), X, Y, 0.3)
    assert curve[0] < 0.1
    assert curve[-1] > 0.9
    assert (np.diff(curve) > -1e-9).all()
    canvas = draw_kernel(X, Y, 0.3, 0.0)
    table = canvas.as_table()
    assert table is not None
    assert table.rows[0][1] == f"{curve[0]:.3f}"
    assert "h = 0.3" in canvas.alt


def test_digits_hide_what_is_not_shown_and_refuse_other_shapes() -> None:
    whole = np.arange(128.0).reshape(2, 64)
    half = np.where(np.arange(64) < 32, whole, np.nan)
    plain, hatched = draw_digits({"stored": whole}), draw_digits({"the cue": half})
    assert hatched.svg().count("<path") > plain.svg().count("<path")
    assert "2 small pictures in each of 1 rows: the cue" in hatched.alt
    with pytest.raises(ValueError, match=r"shape \(N, 64\)"):
        draw_digits({"stored": np.zeros((2, 8, 8))})
