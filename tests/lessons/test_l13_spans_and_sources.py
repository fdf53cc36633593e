"""Laws of lesson 13's spans, summaries and patches, and of its test of what reads a source."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

FOLDER = find_course().lesson("13_across")
REFERENCE = read_lesson(FOLDER.source).reference()
best_span, extract = REFERENCE["best_span"], REFERENCE["extract"]
patchify, unpatchify = REFERENCE["patchify"], REFERENCE["unpatchify"]
check_source = REFERENCE["check_source"]

SEEDS, SMALL = st.integers(0, 10_000), st.integers(1, 4)
few = settings(max_examples=30, deadline=None)


def texts(B: int, S: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits and masks of one block; single rows may keep nothing."""
    rng = np.random.default_rng(seed)
    ends_B2 = np.sort(rng.integers(0, S + 1, (B, 2)), axis=1)
    mask_BS = (np.arange(S) >= ends_B2[:, :1]) & (np.arange(S) < ends_B2[:, 1:])
    return rng.normal(size=(B, S)), rng.normal(size=(B, S)), mask_BS


# --- spans ----------------------------------------------------------------------------------------


@few
@given(SMALL, st.integers(1, 9), st.integers(1, 11), SEEDS)
def test_no_allowed_span_is_better(B: int, S: int, max_len: int, seed: int) -> None:
    start_BS, end_BS, mask_BS = texts(B, S, seed)
    for b, (i, j) in enumerate(zip(*best_span(start_BS, end_BS, mask_BS, max_len), strict=True)):
        spans = [
            (start_BS[b, first] + end_BS[b, last], first, last)
            for first, last in itertools.combinations_with_replacement(range(S), 2)
            if mask_BS[b, first : last + 1].all() and last - first < max_len
        ]
        assert (i, j) == (max(spans)[1:] if spans else (-1, -1))


@few
@given(SMALL, st.integers(2, 9), st.integers(1, 6), SEEDS)
def test_a_span_read_from_behind_is_the_same_span(B: int, S: int, max_len: int, seed: int) -> None:
    """Turned round, the last word is the first one; a number added to all logits changes none."""
    start_BS, end_BS, mask_BS = texts(B, S, seed)
    i_B, j_B = best_span(start_BS, end_BS, mask_BS, max_len)
    kept_B = mask_BS.any(axis=1)
    turned = best_span(end_BS[:, ::-1], start_BS[:, ::-1], mask_BS[:, ::-1], max_len)
    assert np.array_equal((S - 1 - np.array(turned))[::-1, kept_B], np.array([i_B, j_B])[:, kept_B])
    assert np.array_equal(best_span(start_BS + 7, end_BS - 90, mask_BS, max_len), (i_B, j_B))


# --- summaries ------------------------------------------------------------------------------------


@few
@given(st.integers(1, 12), st.integers(0, 90), SEEDS)
def test_a_summary_fits_and_nothing_left_out_had_room(N: int, budget: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    score_N, words_N = rng.integers(-3, 4, N) / 2, rng.integers(1, 20, N)
    taken = extract(score_N, words_N, budget)
    assert taken == sorted(set(taken))
    assert words_N[taken].sum() <= budget
    for n in set(range(N)) - set(taken):
        before = [m for m in taken if (-score_N[m], m) < (-score_N[n], n)]
        assert words_N[before].sum() + words_N[n] > budget
    # neither a larger scale of scores nor sentences that can't fit change what is taken
    assert extract(3 * score_N + 1, words_N, budget) == taken
    longer = np.append(score_N, 99.0), np.append(words_N, budget + 1)
    assert extract(*longer, budget) == taken


def test_the_highest_total_is_another_problem() -> None:
    """Protects the text's honesty: taking by score is no knapsack."""
    score_N, words_N = np.array([3.0, 2.0, 2.0]), np.array([10, 5, 5])
    assert extract(score_N, words_N, 10) == [0]


# --- patches --------------------------------------------------------------------------------------


@few
@given(SMALL, SMALL, SMALL, SMALL, SMALL, SEEDS)
def test_patches_are_pieces_of_the_picture_and_go_back(
    B: int, rows: int, columns: int, P: int, F: int, seed: int
) -> None:
    img_BHWF = np.random.default_rng(seed).normal(size=(B, rows * P, columns * P, F))
    x_BTD = patchify(img_BHWF, P)
    assert x_BTD.shape == (B, rows * columns, P * P * F)
    for t, (i, j) in enumerate(np.ndindex(rows, columns)):
        piece = img_BHWF[:, i * P : (i + 1) * P, j * P : (j + 1) * P]
        assert np.array_equal(x_BTD[:, t].reshape(piece.shape), piece)
    assert np.array_equal(unpatchify(x_BTD, P, img_BHWF.shape), img_BHWF)
    # one band of patches is the picture of one band
    band = patchify(img_BHWF[:, :P], P)
    assert np.array_equal(band, x_BTD[:, :columns])


@few
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5))
def test_a_border_is_never_dropped(H: int, W: int, P: int) -> None:
    img_BHWF = np.ones((1, H, W, 2))
    if H % P or W % P:
        with pytest.raises(ValueError, match=f"{H} × {W}"):
            patchify(img_BHWF, P)
    else:
        assert patchify(img_BHWF, P).sum() == img_BHWF.sum()


# --- the test of what reads a source --------------------------------------------------------------


def attention(y: Any, x: Any, mask: Any) -> Any:
    e_BTS = np.where(mask[:, None], y @ x.swapaxes(1, 2) / y.shape[2] ** 0.5, -np.inf)
    w_BTS = np.exp(e_BTS - e_BTS.max(axis=2, keepdims=True))
    return w_BTS / w_BTS.sum(axis=2, keepdims=True) @ x


def test_the_lessons_own_attention_across_passes_its_test() -> None:
    W_4DD = np.random.default_rng(0).normal(size=(4, 6, 6)) / 2

    def across(y: Any, x: Any, mask: Any) -> Any:
        o_BTD, _ = REFERENCE["cross_attention"](y, x, *W_4DD, H=2, x_mask_BS=mask)
        return o_BTD

    assert check_source(across)
    assert check_source(attention)
    assert not check_source(lambda y, x, mask: across(y, x, None))
    assert not check_source(lambda y, x, mask: across(y, x, ~mask))
    assert not check_source(lambda y, x, mask: across(x, y, mask))  # the two sides exchanged
    assert not check_source(lambda y, x, mask: across(y, y, None))  # attention within


@few
@given(
    st.floats(0.02, 1.0),
    st.sampled_from(
        ["pads", "their number", "places", "first row", "mean target", "target before"]
    ),
    SEEDS,
)
def test_the_test_notices_a_little_of_what_must_not_count(
    part: float, what: str, seed: int
) -> None:
    W_DD = np.random.default_rng(seed).normal(size=(6, 6))

    def leaks(y: Any, x: Any, mask: Any) -> Any:
        ramp_S = np.arange(x.shape[1])[:, None] % 5
        extra = {
            "pads": (x * ~mask[:, :, None]).sum(axis=1, keepdims=True),
            "their number": 0 * y + (~mask).sum(axis=1)[:, None, None],
            "places": (x * mask[:, :, None] * ramp_S).sum(axis=1, keepdims=True),
            "first row": (x * mask[:, :, None]).sum(axis=1, keepdims=True)[:1],
            "mean target": y.mean(axis=1, keepdims=True),
            "target before": np.concatenate([0 * y[:, :1], y[:, :-1]], axis=1),
        }
        return attention(y @ W_DD, x, mask) + part * extra[what]

    assert check_source(lambda y, x, mask: attention(y @ W_DD, x, mask))
    assert check_source(lambda y, x, mask: attention(y, x, mask).astype(np.float32))
    assert not check_source(leaks)


def test_whatever_fn_does_the_answer_is_a_bool() -> None:
    def stops(y: Any, x: Any, mask: Any) -> Any:
        raise ZeroDivisionError

    answers = {
        "nothing": lambda y, x, mask: None,
        "a list": lambda y, x, mask: attention(y, x, mask).tolist(),
        "of x's shape": lambda y, x, mask: x,
        "nan": lambda y, x, mask: attention(y, x, mask) * np.nan,
        "nan for others": lambda y, x, mask: np.where(len(y) > 1, np.nan, attention(y, x, mask)),
        "an error": stops,
        "right": attention,
    }
    assert {name: check_source(fn) for name, fn in answers.items()} == {
        name: name == "right" for name in answers
    }
