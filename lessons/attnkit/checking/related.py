"""A relation between a wrong answer and the right one: what it says, and how one is looked for.

A relation is a claim about the learner's numbers, never about the code: "is the right answer times
√K". It is made only if it holds in every failing call of the function, to within the tolerance of
the check, and tells the answer plainly from the right one. Few numbers, or numbers that are all the
same, hold any number of relations by accident: of them nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from attnkit.checking.evidence import Array, Case, Part

Guess = tuple[str, Array]  # what would be said, and the answer it would mean
Guesses = Callable[[Case], Iterable[Guess]]


@dataclass(frozen=True)
class Relation:
    """What a wrong answer has to do with the right one."""

    kind: str
    sentence: str
    says: str  # the sentence without its subject
    guesses: Guesses | None = None  # what it was found by
    value: float = 0.0  # of a factor or a summand

    def true_of(self, case: Case) -> bool:
        """Whether it holds in this case: worked out anew, from the right answer."""
        if self.guesses is None:
            return False
        return any(case.is_like(made) for says, made in self.guesses(case) if says == self.says)


def guessed(kind: str, part: Part, guesses: Guesses, least: int = 2) -> Relation | None:
    """The first of these guesses that holds in all cases of a part with enough unlike numbers."""
    if not part.cases or part.different_numbers < least:
        return None
    first, *rest = part.cases
    left = [says for says, made in guesses(first) if first.is_like(made) and _defined(first, made)]
    for case in rest:
        if not left:
            return None
        holds = {
            says
            for says, made in guesses(case)
            if says in left and case.is_like(made) and _defined(case, made)
        }
        left = [says for says in left if says in holds]
    for says in left:
        if any(case.tells(made) for case in part.cases for s, made in guesses(case) if s == says):
            return Relation(kind, f"{part.says} {says}.", says, guesses)
    return None


def _defined(case: Case, made: Array) -> bool:
    """Whether it makes no nan of numbers: nan is like nan, whatever it comes of."""
    return not np.isnan(made).any() or bool(np.isnan(case.right).any())
