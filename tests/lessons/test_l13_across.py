"""Lesson 13's attention across, teacher forcing and greedy decoding, beside other witnesses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attnkit.earlier import the_courses
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson("13_across").source).reference()
cross_attention: Callable[..., Any] = REFERENCE["cross_attention"]
teacher_forcing: Callable[..., Any] = REFERENCE["teacher_forcing"]
seq_loss: Callable[..., Any] = REFERENCE["seq_loss"]
greedy_decode: Callable[..., Any] = REFERENCE["greedy_decode"]
multi_head: Callable[..., Any] = the_courses("multi_head")
mlm_loss = read_lesson(find_course().lesson("12_before_labels").source).reference()["mlm_loss"]

SEEDS, SMALL = st.integers(0, 10_000), st.integers(1, 5)
few = settings(max_examples=30, deadline=None)


def two_sides(B: int, T: int, S: int, D: int, seed: int) -> tuple[Any, Any, Any, Any]:
    """y, x, four projections, and a mask of which each row keeps something."""
    rng = np.random.default_rng(seed)
    mask_BS = rng.random((B, S)) < 0.6
    mask_BS[np.arange(B), rng.integers(S, size=B)] = True
    W_4DD = rng.normal(size=(4, D, D)) / D**0.5
    return rng.normal(size=(B, T, D)), rng.normal(size=(B, S, D)), W_4DD, mask_BS


# --- attention across -----------------------------------------------------------------------------


@few
@given(SMALL, SMALL, SMALL, st.sampled_from([1, 2, 3, 6]), SEEDS)
def test_to_ask_another_text_is_to_ask_oneself_and_hear_only_the_other(
    B: int, T: int, S: int, H: int, seed: int
) -> None:
    """Self-attention over both texts, in which nobody of y may be heard, gives the same."""
    y_BTD, x_BSD, W_4DD, mask_BS = two_sides(B, T, S, 6, seed)
    o_BTD, w_BHTS = cross_attention(y_BTD, x_BSD, *W_4DD, H, mask_BS)
    both_BND = np.concatenate([y_BTD, x_BSD], axis=1)
    keep_BN = np.concatenate([np.zeros((B, T), bool), mask_BS], axis=1)
    all_BND, all_BHNN = multi_head(both_BND, both_BND, *W_4DD, H, keep_BN[:, None, None])
    np.testing.assert_allclose(o_BTD, all_BND[:, :T], atol=1e-12)
    np.testing.assert_allclose(w_BHTS, all_BHNN[:, :, :T, T:], atol=1e-12)


@few
@given(SMALL, SMALL, SMALL, SEEDS)
def test_pads_and_the_order_of_the_source_change_nothing(B: int, T: int, S: int, seed: int) -> None:
    y_BTD, x_BSD, W_4DD, mask_BS = two_sides(B, T, S, 4, seed)
    rng = np.random.default_rng(seed + 1)
    o_BTD, w_BHTS = cross_attention(y_BTD, x_BSD, *W_4DD, 2, mask_BS)
    noisy_BSD = np.where(mask_BS[:, :, None], x_BSD, 50 * rng.normal(size=x_BSD.shape))
    order_S, order_T = rng.permutation(S), rng.permutation(T)
    moved_BTD, moved_BHTS = cross_attention(
        y_BTD[:, order_T], noisy_BSD[:, order_S], *W_4DD, 2, mask_BS[:, order_S]
    )
    np.testing.assert_allclose(moved_BTD, o_BTD[:, order_T], atol=1e-10)
    np.testing.assert_allclose(moved_BHTS, w_BHTS[:, :, order_T][..., order_S], atol=1e-10)
    np.testing.assert_allclose(w_BHTS.sum(axis=-1), 1)


def test_keras_asks_another_text_in_the_same_way() -> None:
    """The second witness, for the attention and for the loss."""
    from attnkit.quiet import silence

    with silence():
        import keras

        y_BTD, x_BSD, W_4DD, mask_BS = two_sides(3, 4, 5, 6, seed=1)
        layer = keras.layers.MultiHeadAttention(2, 3, use_bias=False)
        layer.build((3, 4, 6), (3, 5, 6))
        cut = [W_DD.reshape(6, 2, 3) for W_DD in W_4DD[:3]]
        layer.set_weights([*cut, W_4DD[3].reshape(2, 3, 6)])
        whole_BTS = np.repeat(mask_BS[:, None], 4, axis=1)
        o_BTD, w_BHTS = layer(y_BTD, x_BSD, attention_mask=whole_BTS, return_attention_scores=True)
        rng = np.random.default_rng(2)
        z_BTC, ids_BT = rng.normal(size=(3, 5, 7)), rng.integers(0, 7, (3, 5))
        each_BT = keras.losses.SparseCategoricalCrossentropy(True, reduction=None)(ids_BT, z_BTC)
    mine_BTD, mine_BHTS = cross_attention(y_BTD, x_BSD, *W_4DD, 2, mask_BS)
    np.testing.assert_allclose(np.asarray(o_BTD), mine_BTD, atol=1e-5)
    np.testing.assert_allclose(np.asarray(w_BHTS), mine_BHTS, atol=1e-5)
    for pad_id in (0, 4):
        mean = np.asarray(each_BT)[ids_BT != pad_id].mean()
        assert seq_loss(z_BTC, ids_BT, pad_id=pad_id) == pytest.approx(mean, abs=1e-5)


# --- learning from what is right so far -----------------------------------------------------------


@few
@given(SMALL, st.integers(1, 7), st.integers(0, 9), SEEDS)
def test_what_is_read_tells_all_that_was_right_before_and_nothing_more(
    B: int, T: int, start_id: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    ids_BT, others_BT = rng.integers(0, 9, (2, B, T))
    read_BT = teacher_forcing(ids_BT, start_id=start_id)
    assert (read_BT[:, 0] == start_id).all()
    assert np.array_equal(read_BT[:, 1:], ids_BT[:, :-1])
    for t in range(T):  # the answers from place t on are hidden from place t
        mixed_BT = np.concatenate([ids_BT[:, :t], others_BT[:, t:]], axis=1)
        assert np.array_equal(teacher_forcing(mixed_BT, start_id)[:, : t + 1], read_BT[:, : t + 1])


@few
@given(SMALL, SMALL, st.integers(2, 6), SEEDS)
def test_the_loss_is_lesson_12s_with_pads_for_what_isnt_asked(
    B: int, T: int, C: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    z_BTC, ids_BT = rng.normal(size=(B, T, C)), rng.integers(0, C, (B, T))
    for pad_id in (0, C - 1):
        loss = seq_loss(z_BTC, ids_BT, pad_id=pad_id)
        assert np.isclose(loss, mlm_loss(z_BTC, np.where(ids_BT == pad_id, -1, ids_BT)))
        assert np.isclose(seq_loss(0 * z_BTC, ids_BT, pad_id), np.log(C) * (ids_BT != pad_id).any())


@few
@given(SMALL, st.integers(1, 6), SEEDS)
def test_more_pads_change_no_loss(B: int, T: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z_BTC, ids_BT = rng.normal(size=(B, T + 3, 5)), rng.integers(1, 5, (B, T + 3))
    ids_BT[:, T:] = 0
    order_B = rng.permutation(B)
    assert np.isclose(seq_loss(z_BTC, ids_BT), seq_loss(z_BTC[:, :T], ids_BT[:, :T]))
    assert np.isclose(seq_loss(z_BTC, ids_BT), seq_loss(z_BTC[order_B], ids_BT[order_B]))


# --- writing it out -------------------------------------------------------------------------------


class Speaker:
    """A step whose logits are drawn from a row's source and all that it has written."""

    def __init__(self, B: int, seed: int, ends: float) -> None:
        self.source_B = np.random.default_rng(seed).integers(1_000_000, size=B)
        self.ends, self.calls = ends, 0

    def __call__(self, ids_BS: np.ndarray) -> np.ndarray:
        assert len(ids_BS) == len(self.source_B)
        self.calls += 1
        return np.array([self.row(b, ids_S) for b, ids_S in enumerate(ids_BS)])

    def row(self, b: int, ids_S: np.ndarray) -> np.ndarray:
        z_C = np.random.default_rng([self.source_B[b], *ids_S]).normal(size=8)
        z_C[0], z_C[3] = -9, z_C[3] + self.ends
        return np.asarray(z_C)


@few
@given(SMALL, st.integers(1, 8), st.sampled_from([-9.0, 0.0, 1.0, 3.0]), SEEDS)
def test_every_token_is_the_likeliest_behind_what_was_written(
    B: int, max_len: int, ends: float, seed: int
) -> None:
    """What teacher forcing makes of the result is what the decoder has read as it wrote."""
    step = Speaker(B, seed, ends)
    out_BT = greedy_decode(step, B, max_len)
    assert out_BT.shape == (B, max_len)
    assert step.calls <= max_len
    read_BT = teacher_forcing(out_BT)
    for b in range(B):
        ended = np.flatnonzero(out_BT[b] == 3)
        length = ended[0] + 1 if len(ended) else max_len
        assert (out_BT[b, length:] == 0).all()
        for t in range(length):
            assert out_BT[b, t] == step.row(b, read_BT[b, : t + 1]).argmax()


@few
@given(st.integers(1, 7), st.integers(1, 7), SEEDS)
def test_to_write_less_is_to_write_the_same_and_stop(short: int, more: int, seed: int) -> None:
    step = Speaker(3, seed, 0.5)
    long_BT = greedy_decode(step, 3, short + more)
    assert np.array_equal(greedy_decode(step, 3, short), long_BT[:, :short])
