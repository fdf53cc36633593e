"""Learning in the maze by reward alone, with the learner's own functions of lesson 12.

Each step plays some episodes, asks what came of every action, and moves the parameters so that
actions which went better than usual become more probable (REINFORCE, Williams 1992). What is usual
is a running mean of the returns. A small bonus for entropy, whose gradient stands here as well,
keeps the agent trying: without it, two in twenty end with turning always the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnkit.maze.episodes import Episodes, Policy, play
from attnkit.maze.memories import Memory, policy_backward, policy_with, start, weights
from attnkit.maze.tmaze import ACTIONS, CELLS, SEEN, BoolArray, FloatArray, IntArray

#: Lesson 12's `returns` and `reinforce_dlogits`, and lesson 3's `adam_step`.
Returns = Callable[..., FloatArray]
Dlogits = Callable[[FloatArray, IntArray, FloatArray, BoolArray], FloatArray]
Adam = Callable[..., tuple[dict[str, FloatArray], dict[str, Any]]]

K, B, RATE, SCALE, KEPT = 8, 64, 0.02, 0.5, 0.9
CURIOSITY = 0.01  # how much entropy counts, beside reward
STEPS = 600


@dataclass(frozen=True)
class Training:
    """What came of it: the parameters, and the share of right turns in each step's episodes."""

    params: dict[str, FloatArray]
    success: list[float]
    memory: Memory
    cells: int

    def test(self, seed: int = 10_000, episodes: int = 1000) -> Episodes:
        """New episodes in which the likeliest action is taken each time."""
        rng = np.random.default_rng(seed)
        return play(
            policy_with(self.memory), self.params, episodes, rng, greedy=True, cells=self.cells
        )


def train(
    policy: Policy,
    returns: Returns,
    reinforce_dlogits: Dlogits,
    adam_step: Adam,
    *,
    memory: Memory = "attention",
    steps: int = STEPS,
    seed: int = 0,
    cells: int = CELLS,
) -> Training:
    """Train a policy by reward. With another memory than attention, the policy is the kit's own."""
    rng = np.random.default_rng(seed)
    params = start(rng, len(SEEN), K, len(ACTIONS), SCALE)
    if memory != "attention":
        policy = policy_with(memory)
    zeros = {name: np.zeros_like(value) for name, value in params.items()}
    state: dict[str, Any] = {"m": dict(zeros), "v": dict(zeros), "t": 0}
    usual = 0.0
    success: list[float] = []
    for _ in range(steps):
        episodes = play(policy, params, B, rng, cells=cells)
        G_BT = returns(episodes.r_BT, episodes.alive_BT)
        mean = float(G_BT[episodes.alive_BT].mean())
        usual = KEPT * usual + (1 - KEPT) * mean if success else mean
        adv_BT = np.where(episodes.alive_BT, G_BT - usual, 0.0)
        p_BTC = policy(episodes.x_BTD, params)
        dz_BTC = reinforce_dlogits(p_BTC, episodes.a_BT, adv_BT, episodes.alive_BT)
        dz_BTC = dz_BTC - CURIOSITY * entropy_dlogits(p_BTC, episodes.alive_BT)
        grads = policy_backward(episodes.x_BTD, params, dz_BTC, memory)
        params, state = adam_step(params, grads, state, lr=RATE)
        success.append(episodes.success)
    return Training(dict(params), success, memory, cells)


def weight_on_the_sign(params: Mapping[str, FloatArray], episodes: Episodes) -> FloatArray:
    """For each episode, how much its last step reads of the steps at the entrance."""
    last_B = episodes.alive_BT.sum(axis=1) - 1
    w_BTS = weights(episodes.x_BTD, params, "attention")
    w_BS = w_BTS[np.arange(len(last_B)), last_B]
    return (w_BS * (episodes.alive_BT & (episodes.place_BT == 0))).sum(axis=1)


def entropy_dlogits(p_BTC: FloatArray, alive_BT: BoolArray) -> FloatArray:
    """The gradient, in the logits, of the entropy of the policy: its sum over living steps, over B.

    With h_C = −p log p, and the entropy H their sum, it is h − p H.
    """
    h_BTC = -p_BTC * np.log(np.maximum(p_BTC, 1e-300))
    dz_BTC = h_BTC - p_BTC * h_BTC.sum(axis=2, keepdims=True)
    return dz_BTC * alive_BT[:, :, None] / len(p_BTC)
