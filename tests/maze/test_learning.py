"""Agents that learn by reward: with a memory they find out the way, without one they can't."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit.maze.episodes import play
from attnkit.maze.learning import Training, train, weight_on_the_sign
from attnkit.maze.memories import Memory, policy_with, start, weights

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course
from tests.maze.agents import remembering

COURSE = find_course()
OF_LESSON = read_lesson(COURSE.lesson("12_before_labels").source).reference()
ADAM = read_lesson(COURSE.lesson("03_learning").source).reference()["adam_step"]


def trained(memory: Memory, steps: int, cells: int, seed: int = 1) -> Training:
    policy, returns, dlogits = (
        OF_LESSON[name] for name in ("policy", "returns", "reinforce_dlogits")
    )
    return train(policy, returns, dlogits, ADAM, memory=memory, steps=steps, seed=seed, cells=cells)


def test_only_who_remembers_learns_the_way() -> None:
    with_memory, without = trained("attention", 90, 4), trained("none", 90, 4)
    assert with_memory.test(episodes=400).success > 0.95
    assert without.test(episodes=400).success < 0.65
    assert np.mean(with_memory.success[-10:]) > np.mean(with_memory.success[:10])


def test_a_training_is_repeated_by_its_seed() -> None:
    one, again, other = trained("mean", 3, 4), trained("mean", 3, 4), trained("mean", 3, 4, seed=2)
    for name, value in one.params.items():
        assert np.array_equal(value, again.params[name])
    assert any(not np.array_equal(one.params[name], other.params[name]) for name in one.params)


def test_the_kits_policy_with_attention_is_the_learners() -> None:
    rng = np.random.default_rng(3)
    params, x_BTD = start(rng, 6, 8, 3, 1.0), rng.normal(size=(4, 7, 6))
    mine, theirs = (each(x_BTD, params) for each in (policy_with("attention"), OF_LESSON["policy"]))
    assert mine == pytest.approx(theirs, abs=1e-12)


def test_the_weight_on_the_sign_is_that_of_the_last_step_on_the_entrance() -> None:
    rng = np.random.default_rng(4)
    episodes = play(remembering, {}, 5, rng, cells=4)
    params = start(rng, 6, 8, 3, 1.0)
    w_BTS = weights(episodes.x_BTD, params, "attention")
    assert weight_on_the_sign(params, episodes) == pytest.approx(w_BTS[:, 3, 0])
