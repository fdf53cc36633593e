"""Lesson 10's answers: what is saved changes nothing, or a step at most. And memory is watched."""

from __future__ import annotations

import functools
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.course import find_course

FOLDER = find_course().lesson(10)
REFERENCE = read_lesson(FOLDER.source).reference()
plain_attention: Callable[..., Any] = REFERENCE["plain_attention"]
chunked_attention: Callable[..., Any] = REFERENCE["chunked_attention"]
prune_heads: Callable[..., Any] = REFERENCE["prune_heads"]
quantize_int8: Callable[..., Any] = REFERENCE["quantize_int8"]
int8_matmul: Callable[..., Any] = REFERENCE["int8_matmul"]
distill_loss: Callable[..., Any] = REFERENCE["distill_loss"]

sizes = st.integers(1, 9)
seeds = st.integers(0, 10_000)
ON_PURPOSE = (ValueError, IndexError, ZeroDivisionError)  # of functions that are given to a test
TABLE = "as much memory as a table of all scores"


@settings(max_examples=60, deadline=None)
@given(T=sizes, S=sizes, chunk=st.integers(1, 11), seed=seeds, size=st.sampled_from([1.0, 400.0]))
def test_chunks_of_any_size_in_any_order_give_the_plain_softmax(
    T: int, S: int, chunk: int, seed: int, size: float
) -> None:
    rng = np.random.default_rng(seed)
    q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((T, 6), (S, 6), (S, 2)))
    order_S = rng.permutation(S)
    for mask_TS in (None, rng.random((T, S)) < 0.4):
        right_TV = plain_attention(size * q_TK, k_SK, v_SV, mask_TS)
        ordered_TS = None if mask_TS is None else mask_TS[:, order_S]
        got_TV = chunked_attention(size * q_TK, k_SK[order_S], v_SV[order_S], chunk, ordered_TS)
        np.testing.assert_allclose(got_TV, right_TV, rtol=1e-9, atol=1e-9)


@given(T=st.integers(1, 12), w=st.integers(0, 14))
def test_a_window_has_as_many_pairs_as_a_band(T: int, w: int) -> None:
    keep_TT = REFERENCE["window_mask"](T, w)
    wide = min(w, T - 1)
    assert keep_TT.sum() == T * (2 * wide + 1) - wide * (wide + 1)
    assert (keep_TT == keep_TT.T).all()


@settings(max_examples=30, deadline=None)
@given(D=st.integers(1, 6), H=st.integers(1, 5), K=st.integers(1, 4), seed=seeds, data=st.data())
def test_pruned_heads_leave_what_the_others_give(
    D: int, H: int, K: int, seed: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    keep = data.draw(st.lists(st.integers(0, H - 1), min_size=1, unique=True))
    params = {name: rng.normal(size=(D, H * K)) for name in ("Wq", "Wk", "Wv")}
    params["Wo"] = rng.normal(size=(H * K, D))
    x_TD = rng.normal(size=(4, D))

    def head(of: dict[str, Any], h: int) -> Any:
        part = slice(h * K, (h + 1) * K)
        q, k, v = (x_TD @ of[name][:, part] for name in ("Wq", "Wk", "Wv"))
        return plain_attention(q, k, v) @ of["Wo"][part]

    small = prune_heads(params, keep, H)
    for place, h in enumerate(keep):
        np.testing.assert_allclose(head(small, place), head(params, h))
    assert {name: array.size for name, array in small.items()} == dict.fromkeys(
        params, D * len(keep) * K
    )


@settings(max_examples=40, deadline=None)
@given(seed=seeds, scale=st.sampled_from([1e-6, 1.0, 1e4]), zero=st.booleans())
def test_a_code_is_half_a_step_off_at_most_and_products_add_that_up(
    seed: int, scale: float, zero: bool
) -> None:
    rng = np.random.default_rng(seed)
    w_IO, x_BI = scale * rng.normal(size=(7, 5)), rng.normal(size=(3, 7))
    w_IO[:, 2] *= not zero
    x_BI[1] *= not zero
    q_IO, scale_O = quantize_int8(w_IO)
    assert q_IO.dtype == np.int8
    assert (abs(w_IO - q_IO * scale_O) <= scale_O * 0.500001).all()
    assert (abs(q_IO.astype(int)).max(axis=0) == np.where(abs(w_IO).max(axis=0) > 0, 127, 0)).all()
    step_B1 = abs(x_BI).max(axis=1, keepdims=True) / 127
    most_BO = (abs(x_BI) + step_B1 / 2) @ np.tile(scale_O / 2, (7, 1))
    most_BO = most_BO + np.tile(step_B1 / 2, (1, 7)) @ abs(w_IO)
    assert (abs(int8_matmul(x_BI, q_IO, scale_O) - x_BI @ w_IO) <= most_BO * 1.000001).all()


@settings(max_examples=40, deadline=None)
@given(seed=seeds, tau=st.sampled_from([0.5, 1, 2.0, 20.0]), more=st.sampled_from([0.0, 700.0]))
def test_a_pupil_has_something_to_learn_unless_it_is_its_teacher(
    seed: int, tau: float, more: float
) -> None:
    rng = np.random.default_rng(seed)
    teacher_BC, student_BC = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    assert abs(distill_loss(teacher_BC + more, teacher_BC, tau)) < 1e-9
    assert distill_loss(student_BC + more, teacher_BC, tau) > 1e-6


def test_what_a_wide_softmax_pulls_does_not_hang_on_the_temperature() -> None:
    """Protects the lesson's reason for τ²: for large τ it is half the differences' variance."""
    rng = np.random.default_rng(3)
    teacher_BC, student_BC = rng.normal(size=(50, 6)), rng.normal(size=(50, 6))
    limit = (teacher_BC - student_BC).var(axis=1).mean() / 2
    assert abs(distill_loss(student_BC, teacher_BC, 1000.0) / limit - 1) < 0.01


# -- who is watched --------------------------------------------------------------------------------


def watched(fn: Callable[..., Any]) -> list[bool]:
    """What L10.2's probe says of a function's memory: without a mask, and with one."""
    checks = declared_exercises(FOLDER)["L10.2"].draw_checks(0)
    calls = [call for check in checks for call in check.calls if call.probe]
    return [call.probe(fn, *call.args)[TABLE] for call in calls if call.probe]


def given_functions() -> list[functools.partial[Any]]:
    checks = declared_exercises(FOLDER)["L10.3"].draw_checks(0)
    given = [call.args[0] for check in checks for call in check.calls]
    return [functools.partial(each.run, **each.drawn) for each in given]


def test_a_table_of_scores_is_noticed_and_a_copy_of_the_mask_is_not() -> None:
    def with_a_copy(q: Any, k: Any, v: Any, chunk: int, mask: Any = None) -> Any:
        return chunked_attention(q, k, v, chunk, None if mask is None else mask.copy())

    def keeps_its_scores(q: Any, k: Any, v: Any, chunk: int, mask: Any = None) -> Any:
        kept = [q.astype(np.float32) @ k[i : i + chunk].T for i in range(0, len(k), chunk)]
        return chunked_attention(q, k, v, chunk, mask) + 0 * len(kept)

    def in_float64(q: Any, k: Any, v: Any, chunk: int, mask: Any = None) -> Any:
        return plain_attention(q, k, v, mask)

    def in_float32(q: Any, k: Any, v: Any, chunk: int, mask: Any = None) -> Any:
        return plain_attention(*(a.astype(np.float32) for a in (q, k, v)), mask)

    for fn in (chunked_attention, with_a_copy):
        assert watched(fn) == [False, False]
    for fn in (plain_attention, keeps_its_scores, in_float32):
        assert watched(
            lambda q, k, v, chunk, mask, fn=fn: fn(q, k, v, *_rest(fn, chunk, mask))
        ) == [
            True,
            True,
        ]
    assert not tracemalloc.is_tracing()


def _rest(fn: Callable[..., Any], chunk: int, mask: Any) -> tuple[Any, ...]:
    return (mask,) if fn is plain_attention else (chunk, mask)


def test_who_traces_memory_already_goes_on_tracing() -> None:
    tracemalloc.start()
    try:
        assert watched(chunked_attention) == [False, False]
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


RIGHT = {"table_of_chunks", "padded_blocks", "query_by_query", "rounded"}


def test_no_function_given_to_the_test_is_an_answer_to_the_exercise_before_it() -> None:
    """They stand in released data: who copies a right one has made a table of scores."""
    functions = {run.func.__name__: run for run in given_functions()}
    assert len(functions) == 17
    for name in RIGHT:
        assert watched(functions[name]) == [True, True], name


def test_the_functions_given_to_the_test_take_any_sizes() -> None:
    rng = np.random.default_rng(1)
    for run in given_functions():
        for T, S, K, V, chunk in ((1, 1, 1, 1, 1), (3, 5, 2, 4, 2), (2, 7, 6, 1, 9)):
            q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((T, K), (S, K), (S, V)))
            mask_TS = rng.random((T, S)) < 0.5
            problem = ""
            try:
                outputs = [run(q_TK, k_SK, v_SV, chunk), run(q_TK, k_SK, v_SV, chunk, mask_TS)]
            except ON_PURPOSE as error:
                problem = str(error)
            assert problem in ("", "the keys can't be read", "the keys can't be cut")
            if run.func.__name__ in RIGHT:
                right_TV = plain_attention(q_TK, k_SK, v_SV, mask_TS)
                np.testing.assert_allclose(outputs[1], right_TV, rtol=1e-4, atol=1e-5)
