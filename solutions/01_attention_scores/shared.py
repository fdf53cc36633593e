"""What the exercises of lesson 1 share, and how their numbers are chosen.

Sizes are T words, D coordinates, A rows of W, all different unless a check says otherwise: with T =
D or A = D some mistakes run without an error, and those are worth meeting on purpose. Scores keep a
standard deviation of about 1, so that no weight is rounded to 0 or 1. Who cuts scores off at a limit
is found out by some that lie far from 0, all alike; scores that overflow belong to lesson 2.
"""

import numpy as np

from autograder.authoring import normal


def weights(rng: np.random.Generator, T: int) -> np.ndarray:
    """T uneven weights of two decimals, none of them zero, that sum to 1."""
    likely = np.exp(rng.normal(0.0, 1.0, T))
    parts = 2 + rng.multinomial(100 - 2 * T, likely / likely.sum())
    return parts / 100


def score_weights(rng: np.random.Generator, A: int, D: int) -> tuple[np.ndarray, np.ndarray]:
    """W_AD and u_A that give words with N(0, 1) coordinates scores of standard deviation near 1."""
    return normal(rng, A, D, scale=1 / D**0.5), normal(rng, A, scale=1 / A**0.5)
