"""Gradients of lesson 12's given code are those of the loss, whatever the sizes: by differences."""

from __future__ import annotations

from typing import get_args

import numpy as np
from attnkit.maze.learning import entropy_dlogits
from attnkit.maze.memories import NAMES, Memory, policy_backward, policy_with, start
from hypothesis import given, settings
from hypothesis import strategies as st

SMALL = st.integers(1, 4)
STEP = 1e-5


@settings(max_examples=25, deadline=None)
@given(
    B=SMALL, T=SMALL, D=SMALL, K=SMALL, C=st.integers(2, 4), seed=st.integers(0, 999),
    memory=st.sampled_from(get_args(Memory)),
)  # fmt: skip
def test_policy_backward_is_the_gradient_of_a_loss(
    B: int, T: int, D: int, K: int, C: int, seed: int, memory: Memory
) -> None:
    rng = np.random.default_rng(seed)
    params = start(rng, D, K, C, scale=1.0)
    x_BTD, g_BTC = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, C))
    policy = policy_with(memory)

    def loss(changed: dict[str, np.ndarray]) -> float:
        return float((g_BTC * np.log(policy(x_BTD, changed))).sum())

    p_BTC = policy(x_BTD, params)
    dz_BTC = g_BTC - p_BTC * g_BTC.sum(axis=2, keepdims=True)
    grads = policy_backward(x_BTD, params, dz_BTC, memory)
    assert list(grads) == list(NAMES)
    for name in NAMES:
        for place in np.ndindex(*params[name].shape):
            either = []
            for by in (STEP, -STEP):
                moved = params[name].copy()
                moved[place] += by
                either.append(loss({**params, name: moved}))
            slope = (either[0] - either[1]) / (2 * STEP)
            assert abs(grads[name][place] - slope) < 1e-6 * max(1, abs(slope)), (name, place)


@settings(max_examples=25, deadline=None)
@given(B=SMALL, T=SMALL, C=st.integers(2, 4), seed=st.integers(0, 999))
def test_entropy_dlogits_is_the_gradient_of_the_entropy(B: int, T: int, C: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z_BTC, alive_BT = 2 * rng.normal(size=(B, T, C)), rng.random((B, T)) < 0.7

    def softmax(z: np.ndarray) -> np.ndarray:
        return np.exp(z) / np.exp(z).sum(axis=2, keepdims=True)

    def entropy(z: np.ndarray) -> float:
        p = softmax(z)
        return float(-(p * np.log(p)).sum(axis=2)[alive_BT].sum() / B)

    grad_BTC = entropy_dlogits(softmax(z_BTC), alive_BT)
    for place in np.ndindex(B, T, C):
        ahead, back = z_BTC.copy(), z_BTC.copy()
        ahead[place] += STEP
        back[place] -= STEP
        slope = (entropy(ahead) - entropy(back)) / (2 * STEP)
        assert abs(grad_BTC[place] - slope) < 1e-6
