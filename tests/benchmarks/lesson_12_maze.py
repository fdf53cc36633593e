"""The part of lesson_12_table.py that trains agents in the maze: with memory and without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit import earlier
from attnkit.maze import learning
from attnkit.maze.learning import STEPS, Training, train, weight_on_the_sign
from attnkit.maze.memories import Memory, policy_with
from attnkit.maze.tmaze import CELLS, SEEN

Floats = npt.NDArray[np.float64]

MEMORIES: tuple[Memory, ...] = ("attention", "mean", "none")
ENOUGH, SMOOTH = 0.95, 20  # what a mean over so many steps has to reach, and keep
PLACES, LAST = 20, 50  # of a curve; the last steps of a training, in which actions are drawn
SIGNS = [SEEN.index("sign: left"), SEEN.index("sign: right")]


def maze(own: Mapping[str, Any], seeds: int) -> dict[str, Any]:
    """What agents have learned that attend, that take a mean, and that remember nothing."""
    told: dict[str, Any] = {"steps": STEPS, "seeds": seeds, "agents": {}}
    told["best of a mean"] = round(best_of_a_mean(CELLS), 4)
    for memory in MEMORIES:
        trainings = [trained(own, memory, seed) for seed in range(seeds)]
        told["agents"][memory] = about_agents(trainings)
        print(memory, told["agents"][memory], flush=True)
    curiosity, learning.CURIOSITY = learning.CURIOSITY, 0.0
    without = [trained(own, "attention", seed).test().success for seed in range(seeds)]
    learning.CURIOSITY = curiosity
    told["without the bonus"] = {"success": without}
    print("without the bonus", without, flush=True)
    return told


def trained(own: Mapping[str, Any], memory: Memory, seed: int) -> Training:
    policy, returns, dlogits = (own[n] for n in ("policy", "returns", "reinforce_dlogits"))
    adam_step = earlier.the_courses("adam_step")
    return train(policy, returns, dlogits, adam_step, memory=memory, seed=seed)


def about_agents(trainings: list[Training]) -> dict[str, Any]:
    """For each agent, what it does once trained, by its likeliest actions, and how it got there."""
    told: dict[str, Any] = {"success": [], "sampled": [], "from": [], "weight": [], "turned": []}
    for each in trainings:
        episodes = each.test()
        told["success"].append(episodes.success)
        told["sampled"].append(round(float(np.mean(each.success[-LAST:])), 3))
        told["from"].append(succeeds_from(each.success))
        if each.memory == "attention":
            weight = float(weight_on_the_sign(each.params, episodes).mean())
            told["weight"].append(round(weight, 3))
        told["turned"].append(turned(each))
    curves = np.array([each.success for each in trainings])
    blocks = curves.reshape(len(curves), PLACES, -1).mean(axis=2)
    told["curve"] = {"step": [(n + 1) * curves.shape[1] // PLACES for n in range(PLACES)]}
    for name, of in (("mean", np.mean), ("low", np.min), ("high", np.max)):
        told["curve"][name] = [round(float(value), 3) for value in of(blocks, axis=0)]
    return {name: value for name, value in told.items() if value}


def succeeds_from(success: list[float]) -> int | None:
    """The first step from which on each mean of so many steps is enough; None if there is none."""
    means = np.convolve(success, np.ones(SMOOTH) / SMOOTH, mode="valid")
    low = np.flatnonzero(means < ENOUGH)
    first = int(low[-1]) + 1 if len(low) else 0
    return first if first < len(means) else None


def turned(training: Training) -> list[float]:
    """By cell, how often in percent the last action is another if the sign there is turned round.

    Of the episodes that reach the junction at once, and have a sign in that cell.
    """
    episodes = training.test()
    whole = episodes.alive_BT.sum(axis=1) == CELLS
    x_BTD = episodes.x_BTD[whole, :CELLS]
    policy = policy_with(training.memory)
    a_B = policy(x_BTD, training.params)[:, -1].argmax(axis=1)
    shares = []
    for cell in range(CELLS - 1):
        there = x_BTD[:, cell, SIGNS].any(axis=1)
        other_BTD = x_BTD[there].copy()
        other_BTD[:, cell, SIGNS] = other_BTD[:, cell, SIGNS[::-1]]
        other_B = policy(other_BTD, training.params)[:, -1].argmax(axis=1)
        shares.append(round(100 * float((other_B != a_B[there]).mean()), 1))
    return shares


def best_of_a_mean(cells: int) -> float:
    """The best that can be done by counting: knowing how many signs said left, and how many right.

    The false signs add up to some number s, each of them −1, 0 or 1 with a third's chance, and the
    true one adds 1 or takes 1 away: of both cases the likelier one is guessed. Their numbers one by
    one tell no more than their difference does.
    """
    chance = np.ones(1)
    for _ in range(cells - 2):
        chance = np.convolve(chance, np.ones(3) / 3)
    none = np.zeros(2)
    one_less, one_more = np.concatenate([chance, none]), np.concatenate([none, chance])
    return float(np.maximum(one_less, one_more).sum() / 2)
