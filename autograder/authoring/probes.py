"""Checks of what plain numbers in and plain numbers out don't reach.

A model has no plain form, a random function no single right value, and who writes a test must be
given functions to test. A probe is a function of the author's that is run beside the learner's
own, with these as its first arguments, and gives plain data back:

    def spread(score_std, widths, seed):
        return score_std(widths, 4000, np.random.default_rng(seed)) / np.sqrt(widths)

    probe(spread, says="The spread over √width")([16, 64, 256], 7, expect=between(0.9, 1.1))

    call(function(mean_of_all, "a mean that counts the pads"))

The code of a probe and of a given function stands alone but for `np`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.authoring.prose import flowing


@dataclass(frozen=True)
class GivenFunction:
    """A function as an input, and what it does: said to the learner, not to the learner's code.

    `drawn` are keyword arguments of its own that it is called with: numbers drawn for it.
    """

    run: Callable[..., Any]
    says: str
    drawn: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seeded:
    """`np.random.default_rng(seed)` as an input, made anew for each call."""

    seed: int


@dataclass(frozen=True)
class Between:
    """Every number of the answer lies in these bounds: numbers, or arrays of its shape."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Matching:
    """At least this share of the answer, an array of predictions, equals the labels."""

    labels: np.ndarray
    share: float


def function(run: Callable[..., Any], says: str, **drawn: Any) -> GivenFunction:
    """A function as an input. `says` completes "The call was `check(fn = …)`".

    `drawn` are bound to it: so one piece of source is many functions, no two of them alike.
    """
    return GivenFunction(run, flowing(says), drawn)


def seeded(seed: int) -> Seeded:
    """A random generator as an input; draw the seed from the checks' own generator."""
    return Seeded(int(seed))


def between(low: Any, high: Any) -> Between:
    """Bounds of the answer, where more than one value is right."""
    return Between(low, high)


def matching(labels: np.ndarray, share: float) -> Matching:
    """Predictions of which at least `share` (of 1) must be right."""
    return Matching(labels, share)
