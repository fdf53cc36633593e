"""Lesson 12's panels: hidden words and a model's guesses, and what an agent in a maze looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.classifier.vocabulary import tokenise
from attnkit.figures.canvas import Canvas
from attnkit.figures.hidden import Guess, draw_hidden
from attnkit.figures.maze import Look, draw_maze
from attnkit.hidden_words.corpus import FIRST, MASK, UNKNOWN
from attnkit.maze.episodes import Episodes, play
from attnkit.maze.learning import Training
from attnkit.maze.memories import policy_with, weights
from attnkit.maze.tmaze import ACTIONS, SEEN
from attnkit.panels.base import AnyKnob, Choice, Entry, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of, newest, same

Function = Callable[..., Any]
IntArray = npt.NDArray[np.int_]
FloatArray = npt.NDArray[np.float64]
#: The probability of each of V words in some places of a text: (ids_T, place_M) -> p_MV.
Guesses = Callable[[IntArray, IntArray], FloatArray]

MOST_WORDS = 30  # of a typed text
LIKELIEST = 3
BLOCK = 20  # training steps that make one point of a curve


def hiding_panel(
    mlm_corrupt: Function, guesses: Guesses, ids: Mapping[str, int], text: str
) -> PicturePanel:
    """A text that can be typed, how many of its words are hidden, and a model's guesses.

    mlm_corrupt: the learner's own. guesses(ids_T, place_M) -> (M, V), a model's probabilities.
    ids: the model's vocabulary, word -> id.
    """
    names = {number: word for word, number in ids.items()}
    V = max(names) + 1

    @lru_cache(maxsize=64)
    def guessed(x_T: tuple[int, ...], place_M: tuple[int, ...]) -> FloatArray:
        return np.asarray(guesses(np.array(x_T), np.array(place_M)), np.float64)

    def picture(text: str, p: float, draw: int) -> Canvas:
        words = tokenise(text)[:MOST_WORDS]
        if not words:
            raise NoPictureError("There is no word to hide: type some.")
        ids_T = np.array([ids.get(word, UNKNOWN) for word in words])
        rng = np.random.default_rng(draw)
        x_T, asked_T = _corrupted(mlm_corrupt, ids_T, rng, V, p)
        place_M = np.flatnonzero(asked_T)
        found: dict[int, Guess] = {}
        if len(place_M):
            p_MV = guessed(tuple(x_T.tolist()), tuple(place_M.tolist()))
            for place, p_V in zip(place_M.tolist(), p_MV, strict=True):
                best = np.argsort(-p_V, kind="stable")[:LIKELIEST]
                stands = "[mask]" if x_T[place] == MASK else names.get(int(x_T[place]), "?")
                likely = [(names.get(int(n), "?"), float(p_V[n])) for n in best]
                found[place] = Guess(stands, likely, float(p_V[ids_T[place]]))
        return draw_hidden(words, found, np.flatnonzero(ids_T == UNKNOWN).tolist())

    knobs: list[AnyKnob] = [
        Entry("text", "sentence", text),
        Knob("p", "hidden with p", 0, 1, 0.0625, 0.1875),
        Knob("draw", "draw", 0, 50, 1, 0),
    ]
    return PicturePanel(knobs, picture)


def _corrupted(
    function: Function, ids_T: IntArray, rng: np.random.Generator, V: int, p: float
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """What the learner's function makes of a text: what is read, and which places are asked."""
    given = call(function, ids_T[None], rng, V, p=p, mask_id=MASK, n_special=FIRST)
    name = name_of(function)
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise NoPictureError(f"{name} should return two arrays.")
    x_T, target_T = (np.asarray(each).reshape(-1) for each in given)
    if x_T.shape != ids_T.shape or target_T.shape != ids_T.shape or x_T.dtype.kind not in "iu":
        raise NoPictureError(f"{name} should return two arrays of whole numbers of the ids’ shape.")
    if ((x_T < 0) | (x_T >= V)).any():
        raise NoPictureError(f"{name} puts in an id that no word has.")
    asked_T = target_T != -1
    if (asked_T & (ids_T < FIRST)).any():
        raise NoPictureError(f"{name} asks for what is no word: the ids below {FIRST}.")
    return x_T, asked_T


def maze_panel(policy: Function, trainings: Mapping[str, Sequence[Training]]) -> PicturePanel:
    """Agents in the maze: what each looks back at, what it does, and how it came to do so.

    policy: the learner's own, which agents with attention act by. trainings: by memory, "attention"
    among them, one or more.
    """
    most = max(len(some) for some in trainings.values())
    curves = {
        (memory, agent): _in_blocks(training.success)
        for memory, some in trainings.items()
        for agent, training in enumerate(some)
    }

    @lru_cache(maxsize=128)
    def walk(memory: str, agent: int, draw: int) -> Episodes:
        training = trainings[memory][agent]
        rng = np.random.default_rng(draw)
        act = policy_with(training.memory)
        return play(act, training.params, 1, rng, greedy=True, cells=training.cells)

    def picture(memory: str, agent: int, draw: int, step: int) -> Canvas | tuple[Canvas, str]:
        agent = min(agent, len(trainings[memory])) - 1
        training, episode = trainings[memory][agent], walk(memory, agent, draw)
        x_TD = episode.x_BTD[0, : int(episode.alive_BT[0].sum())]
        t = min(step, len(x_TD)) - 1
        p_TC = policy_with(training.memory)(x_TD[None], training.params)[0]
        said = ""
        if training.memory == "attention":
            own = np.asarray(call(policy, x_TD[None], training.params), np.float64)
            right = own.shape == (1, *p_TC.shape) and same(own[0], p_TC)
            name = name_of(newest(policy))
            said = f"✓ {name} is right." if right else (
                f"▲ {name} gives other probabilities: until it is right, the kit acts."
            )  # fmt: skip
        look = _look(episode, weights(x_TD[None], training.params, training.memory)[0, t],
                     p_TC[t], t, training.cells)  # fmt: skip
        shown = {name: curves[name, min(agent, len(some) - 1)] for name, some in trainings.items()}
        canvas = draw_maze(look, shown, memory, BLOCK)
        return (canvas, said) if said else canvas

    cells = next(iter(trainings.values()))[0].cells
    knobs: list[AnyKnob] = [
        Choice("memory", "memory", {name: name for name in trainings}, next(iter(trainings))),
        *([Knob("agent", "which agent", 1, most, 1, 1)] if most > 1 else []),
        Knob("draw", "which maze", 1, 20, 1, 1),
        Knob("step", "step", 1, cells, 1, cells),
    ]
    if most > 1:
        return PicturePanel(knobs, picture)
    return PicturePanel(knobs, lambda **params: picture(agent=1, **params))


def _look(episode: Episodes, w_S: FloatArray, p_C: FloatArray, t: int, cells: int) -> Look:
    """A step of the first episode, its weights summed by the cells that the agent stood in."""
    place_T = episode.place_BT[0, : t + 1]
    signs = [""] * (int(place_T.max()) + 1)
    left, right = SEEN.index("sign: left"), SEEN.index("sign: right")
    for place, seen_D in zip(place_T.tolist(), episode.x_BTD[0], strict=False):
        signs[place] = "left" if seen_D[left] else "right" if seen_D[right] else ""
    w_N: FloatArray = np.zeros(len(signs))
    np.add.at(w_N, place_T, w_S[: t + 1])
    actions = dict(zip(ACTIONS, p_C.tolist(), strict=True))
    steps = int(episode.alive_BT[0].sum())
    done = ACTIONS[int(episode.a_BT[0, t])]
    return Look(signs, int(place_T[-1]), w_N, actions, done, t + 1, steps, cells)


def _in_blocks(success: Sequence[float]) -> FloatArray:
    """The mean of each `BLOCK` training steps; a few steps that are left over are left out."""
    whole = max(1, len(success) // BLOCK)
    found: FloatArray = np.array([part.mean() for part in np.array_split(
        np.array(success[: whole * BLOCK]), whole)])  # fmt: skip
    return found
