"""Lesson 15's answers: windows, shared heads, a cache, likely words and bits, under their laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson(15).source).reference()
next_word_batch: Callable[..., Any] = REFERENCE["next_word_batch"]
grouped_attention: Callable[..., Any] = REFERENCE["grouped_attention"]
cached_step: Callable[..., Any] = REFERENCE["cached_step"]
top_p: Callable[..., Any] = REFERENCE["top_p"]

seeds = st.integers(0, 10_000)


@settings(max_examples=40, deadline=None)
@given(T=st.integers(1, 6), more=st.integers(1, 5), seed=seeds)
def test_windows_begin_wherever_a_word_more_is_to_come(T: int, more: int, seed: int) -> None:
    ids_N = 10 * np.arange(T + more)
    x_BT, y_BT = next_word_batch(ids_N, T, 200, np.random.default_rng(seed))
    assert (y_BT - x_BT == 10).all()
    assert (np.diff(y_BT, axis=1) == 10).all()
    assert set(x_BT[:, 0] // 10) == set(range(more))


@settings(max_examples=20, deadline=None)
@given(
    T=st.integers(1, 7),
    G=st.integers(1, 3),
    R=st.integers(1, 3),
    kind=st.sampled_from([np.float32, np.float64]),
    seed=seeds,
)
def test_word_by_word_gives_what_all_at_once_gives(
    T: int, G: int, R: int, kind: type, seed: int
) -> None:
    """Protects what a cache is for: nothing changes but the time, in either precision."""
    rng = np.random.default_rng(seed)
    q_BHTK: Any = rng.normal(size=(2, G * R, T, 6)).astype(kind)
    k_BGSK: Any = rng.normal(size=(2, G, T, 6)).astype(kind)
    v_BGSV: Any = rng.normal(size=(2, G, T, 4)).astype(kind)
    o_BHTV, w_BHTS = grouped_attention(q_BHTK, k_BGSK, v_BGSV, np.tri(T, dtype=bool))
    repeated = (np.repeat(each, R, axis=1) for each in (k_BGSK, v_BGSV))
    many_BHTV, _ = grouped_attention(q_BHTK, *repeated, np.tri(T, dtype=bool))
    np.testing.assert_allclose(o_BHTV, many_BHTV, atol=1e-5)
    np.testing.assert_allclose(w_BHTS.sum(axis=-1), 1, atol=1e-5)
    cache: Any = None
    for t in range(T):
        o_BHV, cache = cached_step(q_BHTK[:, :, t], k_BGSK[:, :, t], v_BGSV[:, :, t], cache)
        np.testing.assert_allclose(o_BHV, o_BHTV[:, :, t], atol=1e-5)
    assert np.array_equal(cache["k"], k_BGSK)
    assert np.array_equal(cache["v"], v_BGSV)


@settings(max_examples=60, deadline=None)
@given(
    C=st.integers(1, 12), p=st.floats(0.01, 1), tau=st.floats(0.2, 5), seed=seeds
)  # fmt: skip
def test_the_fewest_words_that_reach_p_stay_and_keep_their_proportions(
    C: int, p: float, tau: float, seed: int
) -> None:
    z_C = np.random.default_rng(seed).normal(size=C)
    all_C, p_C = top_p(z_C, 1.0, tau), top_p(z_C, p, tau)
    np.testing.assert_allclose(np.log(all_C[0] / all_C), (z_C[0] - z_C) / tau, atol=1e-9)
    kept = p_C > 0
    assert p_C.sum() == pytest.approx(1)
    np.testing.assert_allclose(p_C[kept], all_C[kept] / all_C[kept].sum())
    assert all_C[kept].sum() >= p - 1e-9
    assert all_C[kept].sum() - all_C[kept].min() < p + 1e-9  # without the last one: too few
    assert all_C[kept].min() >= all_C[~kept].max(initial=0)


@given(seed=seeds)
def test_perplexity_and_bits_tell_of_the_same_nats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logp_BT, mask_BT = np.log(rng.random((3, 5))), rng.random((3, 5)) < 0.6
    mask_BT[0, 0] = True
    bits = REFERENCE["bits_per_byte"](logp_BT, mask_BT, 17)
    told = REFERENCE["perplexity"](np.where(mask_BT, logp_BT, -np.inf), mask_BT)
    assert np.log2(told) * mask_BT.sum() == pytest.approx(17 * bits)


def test_the_lessons_own_test_of_a_cache_tells_its_two_layers_apart() -> None:
    from attnkit import earlier

    from tests.benchmarks.lesson_8_parts import functions_of

    own = functions_of("15_writing", {"layer"}, rope=earlier.the_courses("rope"))
    assert own["check_cache"](own["layer"])
    assert not own["check_cache"](lambda x, cache: own["layer"](x, cache, forgets=True))
