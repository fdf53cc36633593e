"""Lesson 12's functions have laws of their own: what is hidden is asked for, no future is seen."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson("12_before_labels").source).reference()
mlm_corrupt, mlm_loss = REFERENCE["mlm_corrupt"], REFERENCE["mlm_loss"]
info_nce, remap_embeddings = REFERENCE["info_nce"], REFERENCE["remap_embeddings"]
returns, reinforce_dlogits = REFERENCE["returns"], REFERENCE["reinforce_dlogits"]
policy, check_no_future = REFERENCE["policy"], REFERENCE["check_no_future"]

SEEDS, SMALL = st.integers(0, 10_000), st.integers(1, 5)
few = settings(max_examples=30, deadline=None)


@few
@given(SMALL, SMALL, st.floats(0, 1), SEEDS)
def test_what_was_hidden_can_be_put_back(B: int, T: int, p: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids_BT = rng.integers(0, 12, (B, T))
    x_BT, target_BT = mlm_corrupt(ids_BT, rng, 12, p=p)
    assert np.array_equal(np.where(target_BT == -1, x_BT, target_BT), ids_BT)
    assert (target_BT[ids_BT < 4] == -1).all()
    assert ((x_BT == 2) | (x_BT >= 4) | (x_BT == ids_BT)).all()


@few
@given(SMALL, SMALL, st.integers(2, 5), SEEDS)
def test_the_loss_is_the_mean_of_what_is_asked(B: int, T: int, C: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z_BTC, target_BT = rng.normal(size=(B, T, C)), rng.integers(-1, C, (B, T))
    asked = np.argwhere(target_BT != -1)
    right = [-log_softmax(z_BTC[b, t])[target_BT[b, t]] for b, t in asked]
    assert np.isclose(mlm_loss(z_BTC, target_BT), np.mean(right) if right else 0.0)
    shifted = mlm_loss(z_BTC + rng.normal(size=(B, T, 1)) * 1e3, target_BT)
    assert np.isclose(shifted, mlm_loss(z_BTC, target_BT))
    assert np.isclose(mlm_loss(0 * z_BTC, target_BT), np.log(C) * bool(right))


@few
@given(SMALL, st.integers(2, 5), st.floats(0.01, 5), SEEDS)
def test_contrast_looks_at_directions_of_pairs(B: int, D: int, tau: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a_BD, b_BD = rng.normal(size=(2, B, D))
    turned_DD, _ = np.linalg.qr(rng.normal(size=(D, D)))
    order_B, longer_B1 = rng.permutation(B), rng.uniform(0.1, 9, (B, 1))
    loss = info_nce(a_BD, b_BD, tau)
    for same in (
        info_nce(b_BD, a_BD, tau),
        info_nce(a_BD[order_B], b_BD[order_B], tau),
        info_nce(a_BD * longer_B1, b_BD @ np.eye(D), tau),
        info_nce(a_BD @ turned_DD, b_BD @ turned_DD, tau),
    ):
        assert np.isclose(same, loss)
    assert -1e-9 <= loss <= np.log(B) + 2 / tau
    assert np.isclose(info_nce(np.ones((B, D)), b_BD * 0 + 1, tau), np.log(B))


@few
@given(st.integers(1, 8), SMALL, SEEDS)
def test_to_the_same_vocabulary_all_rows_stay_and_there_and_back_too(
    words: int, D: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    one, other = (
        {f"word{n}": 4 + int(id) for n, id in enumerate(rng.permutation(words))} for _ in range(2)
    )
    E_ND = rng.normal(size=(4 + words, D))
    rows = [1, *range(4, 4 + words)]
    assert np.array_equal(remap_embeddings(E_ND, one, one, rng)[rows], E_ND[rows])
    there_ND = remap_embeddings(E_ND, one, other, rng)
    assert np.array_equal(remap_embeddings(there_ND, other, one, rng)[rows], E_ND[rows])


@few
@given(SMALL, st.integers(1, 6), st.floats(0, 1), SEEDS)
def test_a_return_is_the_reward_and_what_comes_next(
    B: int, T: int, gamma: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    r_BT, alive_BT = rng.normal(size=(B, T)), np.arange(T) < rng.integers(0, T + 1, (B, 1))
    G_BT = returns(r_BT, alive_BT, gamma=gamma)
    next_BT = np.concatenate([G_BT[:, 1:], np.zeros((B, 1))], axis=1)
    assert np.allclose(G_BT, np.where(alive_BT, r_BT + gamma * next_BT, 0))


@few
@given(SMALL, st.integers(1, 4), st.integers(2, 4), SEEDS)
def test_the_gradient_of_a_policy_is_that_of_its_loss(B: int, T: int, C: int, seed: int) -> None:
    """The second oracle: a central difference of the loss."""
    rng = np.random.default_rng(seed)
    z_BTC, a_BT = rng.normal(size=(B, T, C)), rng.integers(0, C, (B, T))
    adv_BT, alive_BT = rng.normal(size=(B, T)), np.arange(T) < rng.integers(0, T + 1, (B, 1))

    def loss(z: np.ndarray) -> float:
        logp_BT = np.take_along_axis(log_softmax(z, axis=2), a_BT[:, :, None], axis=2)[:, :, 0]
        return float(-(adv_BT * logp_BT)[alive_BT].sum() / B)

    p_BTC = np.exp(log_softmax(z_BTC, axis=2))
    dz_BTC = reinforce_dlogits(p_BTC, a_BT, adv_BT, alive_BT)
    for place in np.ndindex(B, T, C):
        by = np.zeros((B, T, C))
        by[place] = 1e-5
        assert np.isclose(dz_BTC[place], (loss(z_BTC + by) - loss(z_BTC - by)) / 2e-5, atol=1e-8)


@few
@given(SMALL, st.integers(2, 6), SMALL, SMALL, SEEDS)
def test_a_policy_sees_no_future(B: int, T: int, K: int, C: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(size=(6, K)) for name in ("Wq", "Wk", "Wv")}
    params["Wo"] = rng.normal(size=(K + 6, C))
    x_BTD = rng.normal(size=(B, T, 6))
    p_BTC = policy(x_BTD, params)
    assert np.allclose(p_BTC.sum(axis=2), 1)
    for t in range(1, T):
        assert np.allclose(policy(x_BTD[:, :t], params), p_BTC[:, :t])
    assert check_no_future(lambda x: policy(x, params))


@few
@given(st.floats(0.03, 1.0), st.sampled_from(["mean", "next", "rolled", "second"]), SEEDS)
def test_the_test_notices_a_part_of_the_future(part: float, way: str, seed: int) -> None:
    W_DD = np.random.default_rng(seed).normal(size=(6, 6))

    def looks_back(x_BTD: np.ndarray) -> np.ndarray:
        return np.cumsum(x_BTD @ W_DD, axis=1)

    def leaks(x_BTD: np.ndarray) -> np.ndarray:
        future_BTD = {
            "mean": x_BTD.mean(axis=1, keepdims=True),
            "next": np.concatenate([x_BTD[:, 1:], 0 * x_BTD[:, :1]], axis=1),
            "rolled": np.roll(x_BTD, 1, axis=1),
            "second": x_BTD[:, 1:2] * (np.arange(x_BTD.shape[1]) == 0)[:, None],
        }
        return looks_back(x_BTD) + part * future_BTD[way]

    assert check_no_future(looks_back)
    assert check_no_future(lambda x: looks_back(x.astype(np.float32)))
    assert not check_no_future(leaks)
