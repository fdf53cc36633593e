"""The T-maze keeps its rules, whatever an agent does in it."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit.maze.episodes import draw, play
from attnkit.maze.tmaze import BUMP, FORWARD, LEFT, REWARD, RIGHT, SEEN, TMaze

from tests.maze.agents import ahead, remembering


def test_forward_to_the_junction_and_the_turn_that_the_first_sign_said() -> None:
    maze = TMaze(np.random.default_rng(1), 200)
    for cell in range(7):
        assert (maze.place_B == cell).all()
        assert (maze.step(np.full(200, FORWARD)) == 0).all()
    turns = np.where(np.arange(200) % 2, LEFT, RIGHT)
    assert np.array_equal(maze.step(turns), np.where(turns == maze.sign_B, REWARD, 0.0))
    assert not maze.alive_B.any()
    assert (maze.step(np.full(200, LEFT)) == 0).all()  # nothing more happens


def test_bumping_costs_a_little_and_takes_a_step_at_the_junction_only() -> None:
    maze = TMaze(np.random.default_rng(2), 3, cells=3)
    assert maze.step(np.array([LEFT, RIGHT, FORWARD])).tolist() == [BUMP, BUMP, 0]
    assert maze.place_B.tolist() == [1, 1, 1]  # the floor has carried them on
    assert maze.step(np.array([FORWARD, LEFT, FORWARD])).tolist() == [0, BUMP, 0]
    assert maze.step(np.full(3, FORWARD)).tolist() == [BUMP] * 3
    assert maze.alive_B.all()
    assert maze.place_B.tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match="three"):
        TMaze(np.random.default_rng(2), 3, cells=2)


def test_no_action_changes_what_is_seen_on_the_way() -> None:
    """Else an agent could tie a knot in its handkerchief, and the mean would remember the sign."""
    seen = []
    for action in (FORWARD, LEFT, RIGHT):
        maze = TMaze(np.random.default_rng(8), 50)
        sights = [maze.look()]
        for _ in range(7):
            maze.step(np.full(50, action))
            sights.append(maze.look())
        seen.append(np.stack(sights))
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])


def test_what_is_seen_tells_the_cell_and_its_sign_and_no_more() -> None:
    maze = TMaze(np.random.default_rng(3), 6000)
    shown = []
    for cell in range(8):
        x_BD = maze.look()
        assert x_BD.shape == (6000, len(SEEN))
        kind = 0 if cell == 0 else 2 if cell == 7 else 1
        assert (x_BD[:, :3] == np.eye(3)[kind]).all()
        assert (x_BD[:, 5] == 1).all()
        shown.append(x_BD[:, 3] - x_BD[:, 4])
        maze.step(np.full(6000, FORWARD))
    first, *others, last = shown
    assert np.array_equal(first, np.where(maze.sign_B == LEFT, 1.0, -1.0))
    assert (last == 0).all()
    for signs in others:  # a third each, and nothing to do with the first one
        shares = np.array([(signs == way).mean() for way in (-1, 0, 1)])
        assert np.allclose(shares, 1 / 3, atol=0.04)
        assert abs((signs * first).mean()) < 0.06


def test_who_remembers_always_turns_right_and_who_does_not_half_of_the_time() -> None:
    rng = np.random.default_rng(4)
    assert play(remembering, {}, 300, rng).success == 1
    blind = play(ahead, {}, 2000, rng)
    assert blind.success == pytest.approx(0.5, abs=0.06)


def test_episodes_are_filled_up_with_nothing() -> None:
    def hesitating(x_BTD: np.ndarray, params: object) -> np.ndarray:
        sure = remembering(x_BTD, params)
        return 0.5 * sure + 0.5 / 3

    episodes = play(hesitating, {}, 400, np.random.default_rng(5))
    dead = ~episodes.alive_BT
    assert dead.any()
    assert (np.diff(episodes.alive_BT.astype(int), axis=1) <= 0).all()  # alive first, then dead
    for each in (episodes.a_BT, episodes.r_BT, episodes.place_BT):
        assert (each[dead] == 0).all()
    assert (episodes.x_BTD[dead] == 0).all()
    assert episodes.alive_BT.shape[1] <= 16
    assert ((episodes.r_BT == REWARD).sum(axis=1) <= 1).all()


def test_actions_are_drawn_with_their_probabilities() -> None:
    p_BC = np.tile([0.2, 0.5, 0.3], (20_000, 1))
    shares = np.bincount(draw(p_BC, np.random.default_rng(6)), minlength=3) / 20_000
    assert np.allclose(shares, p_BC[0], atol=0.02)
    assert (draw(np.tile([0.0, 1.0, 0.0], (50, 1)), np.random.default_rng(7)) == 1).all()
