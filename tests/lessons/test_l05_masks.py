"""Lesson 5's answers: what a mask promises, on random inputs and beside Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson(5).source).reference()
causal_mask: Callable[..., Any] = REFERENCE["causal_mask"]
masked_softmax: Callable[..., Any] = REFERENCE["masked_softmax"]
masked_mean: Callable[..., Any] = REFERENCE["masked_mean"]
masked_max: Callable[..., Any] = REFERENCE["masked_max"]
check_pad_invariance: Callable[..., Any] = REFERENCE["check_pad_invariance"]

sizes = st.integers(1, 8)
seeds = st.integers(0, 10_000)
kinds = st.sampled_from([np.float16, np.float32, np.float64])
ON_PURPOSE = (ValueError, IndexError, ZeroDivisionError)  # of functions that are given to a test


@settings(max_examples=60, deadline=None)
@given(T=sizes, S=sizes, seed=seeds, kind=kinds, under=st.sampled_from([0.0, 1e3, -1e3]))
def test_masked_scores_count_as_if_they_had_never_been_there(
    T: int, S: int, seed: int, kind: type[np.floating[Any]], under: float
) -> None:
    rng = np.random.default_rng(seed)
    s_TS, keep_TS = rng.normal(size=(T, S)), rng.random((T, S)) < 0.5
    s_TS = np.where(keep_TS, s_TS, s_TS + under).astype(kind)
    w_TS = masked_softmax(s_TS, keep_TS)
    assert w_TS.dtype == kind
    for s_S, keep_S, w_S in zip(s_TS, keep_TS, w_TS, strict=True):
        alone = softmax(s_S[keep_S].astype(float)) if keep_S.any() else []
        np.testing.assert_allclose(w_S[keep_S], alone, atol=2e-3 if kind is np.float16 else 1e-6)
        assert not w_S[~keep_S].any()


@settings(max_examples=30, deadline=None)
@given(T=sizes, more=st.integers(0, 8))
def test_words_written_one_by_one_see_what_they_see_all_at_once(T: int, more: int) -> None:
    S = T + more
    np.testing.assert_array_equal(causal_mask(T, S), causal_mask(S, S)[more:])


@settings(max_examples=30, deadline=None)
@given(T=st.integers(2, 8), seed=seeds, data=st.data())
def test_a_prefix_does_not_see_its_future(T: int, seed: int, data: st.DataObject) -> None:
    t = data.draw(st.integers(1, T - 1))
    rng = np.random.default_rng(seed)
    s_TT = rng.normal(size=(T, T))
    other_TT = s_TT.copy()
    other_TT[:, t:] = 1000 * rng.normal(size=(T, T - t))
    before, after = (masked_softmax(s, causal_mask(T, T)) for s in (s_TT, other_TT))
    np.testing.assert_array_equal(before[:t], after[:t])


def test_a_masked_key_has_no_gradient_by_finite_differences() -> None:
    rng = np.random.default_rng(3)
    s_S, v_S, keep_S = rng.normal(size=6), rng.normal(size=6), np.array([1, 0, 1, 1, 0, 1], bool)
    slopes = []
    for place in range(6):
        up, down = s_S.copy(), s_S.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        z_up, z_down = (masked_softmax(s, keep_S) @ v_S for s in (up, down))
        slopes.append((z_up - z_down) / 2e-5)
    assert [slope != 0 for slope in slopes] == keep_S.tolist()


@settings(max_examples=40, deadline=None)
@given(pads=st.integers(0, 40), size=st.sampled_from([0.0, 1.0, 1e6]), seed=seeds)
def test_no_pad_moves_a_pooled_sentence(pads: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x_BTD, junk_BTD = rng.normal(size=(2, 5, 3)), size * rng.normal(size=(2, pads, 3))
    keep_BT = np.arange(5 + pads) < np.array([[5], [2]])
    padded_BTD = np.concatenate([x_BTD, junk_BTD], axis=1)
    for pool in (masked_mean, masked_max):
        got = pool(padded_BTD, keep_BT)
        np.testing.assert_allclose(got, pool(x_BTD, keep_BT[:, :5]), atol=1e-12)
        np.testing.assert_allclose(got[1:], pool(x_BTD[1:, :2], keep_BT[1:, :2]), atol=1e-12)


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_masked_softmax_is_that_of_keras_empty_rows_included(axis: int) -> None:
    layers = pytest.importorskip("keras").layers
    rng = np.random.default_rng(4)
    s_BTS = rng.normal(size=(30, 5, 4)).astype(np.float32)
    keep_BTS = rng.random((30, 5, 4)) < 0.5
    keep_BTS[0, 0] = keep_BTS[0, :, 0] = keep_BTS[:, 0, 0] = False  # an empty row along each axis
    theirs = np.array(layers.Softmax(axis=axis)(s_BTS, mask=keep_BTS))
    np.testing.assert_allclose(masked_softmax(s_BTS, keep_BTS, axis=axis), theirs, atol=1e-6)


def test_the_test_passes_keras_mean_and_catches_its_maximum() -> None:
    layers = pytest.importorskip("keras").layers
    average, maximum = layers.GlobalAveragePooling1D(), layers.GlobalMaxPooling1D()
    assert check_pad_invariance(lambda x, keep: np.array(average(x, mask=keep)))
    assert not check_pad_invariance(lambda x, keep: np.array(maximum(x)))


def given_functions() -> list[functools.partial[Any]]:
    checks = declared_exercises(find_course().lesson(5))["L5.5"].draw_checks(0)
    given = [call.args[0] for check in checks for call in check.calls]
    return [functools.partial(each.run, **each.drawn) for each in given]


def test_no_function_given_to_the_test_is_an_answer_to_the_exercise_before_it() -> None:
    rng = np.random.default_rng(6)
    x_BTD, keep_BT = rng.normal(size=(3, 6, 4)), np.arange(6) < np.array([[6], [2], [3]])
    functions = given_functions()
    assert len({run.func for run in functions}) == 21
    for run in functions:
        try:
            got = np.squeeze(run(x_BTD, keep_BT))
        except ON_PURPOSE:
            continue
        for answer in (masked_mean, masked_max):
            assert not np.allclose(got, answer(x_BTD, keep_BT))


def test_the_functions_given_to_the_test_take_any_sizes() -> None:
    for run in given_functions():
        for B, T, D in ((1, 1, 1), (2, 3, 1), (1, 60, 7), (5, 2, 2)):
            keep_BT = np.arange(T) < np.arange(1, B + 1)[:, None]
            problem = ""
            try:
                assert np.isfinite(run(np.ones((B, T, D)), keep_BT)).all()
            except ON_PURPOSE as error:
                problem = str(error)
            assert problem in ("", "there is a pad", "the words can't be pooled")
