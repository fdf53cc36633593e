"""Functions for a learner's test to judge: nobody knows where in the line the wrong ones stand.

A test that is given the same functions in the same order for every seed need not look at them: it
can count. So each check gets several right and several wrong ones, made of drawn numbers; how many
of each is drawn, and so is their order:

    summed = kind(sum_of_words, "{scale} times the sum of the words", scale=(1.2, 1.5, 1.8))
    leaking = kind(sum_of_all, "{scale} times the sum of everything", scale=(1.2, 1.5, 1.8))
    yield Check("any content", *lineup(rng, [summed], [leaking]))

Let the two sides share what they are made of: where only right functions bend with a tanh, it is
the tanh that gives them away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.authoring.calls import CallOf, call
from autograder.authoring.probes import GivenFunction, function
from autograder.authoring.prose import flowing

FEWEST = 4  # functions of each side, or as many as there are kinds of them
SPARE = 3  # as many more, at most


@dataclass(frozen=True)
class Kind:
    """A function whose last arguments are drawn, each from the values that it may have."""

    run: Callable[..., Any]
    says: str
    choices: Mapping[str, Sequence[Any]]

    def draw(self, rng: np.random.Generator) -> GivenFunction:
        """One function of this kind."""
        drawn = {name: _one_of(rng, values) for name, values in self.choices.items()}
        return function(self.run, self.says.format(**drawn), **drawn)


def kind(run: Callable[..., Any], says: str, **choices: Sequence[Any]) -> Kind:
    """A kind of function. `says` completes "The call was `check(fn = …)`"; {names} are drawn."""
    return Kind(run, flowing(says), choices)


def lineup(
    rng: np.random.Generator, rights: Sequence[Kind], wrongs: Sequence[Kind]
) -> list[CallOf]:
    """Calls of the learner's test with functions of both sides, in a drawn order.

    Each kind comes at least once, and each side with four to seven, or more if it has more kinds.
    """
    chosen = [each.draw(rng) for side in (rights, wrongs) for each in _several(rng, side)]
    return [call(chosen[place]) for place in rng.permutation(len(chosen))]


def _several(rng: np.random.Generator, kinds: Sequence[Kind]) -> list[Kind]:
    fewest = max(FEWEST, len(kinds))
    wanted = int(rng.integers(fewest, fewest + SPARE + 1))
    return [*kinds, *(_one_of(rng, kinds) for _ in range(wanted - len(kinds)))]


def _one_of(rng: np.random.Generator, values: Sequence[Any]) -> Any:
    return values[int(rng.integers(len(values)))]
