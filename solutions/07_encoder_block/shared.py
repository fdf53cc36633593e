"""What the exercises of lesson 7 share, and how their numbers are chosen.

Sizes differ, and none is the square of another. Gains and shifts of the norms are never 1 and 0,
and the two norms of a block never agree: what is dropped or exchanged shows. The norm's variances
are near 1, but for the check whose eps is large beside them.
"""

import numpy as np

from autograder.authoring import normal, uniform


def gain_and_shift(rng: np.random.Generator, D: int) -> tuple[np.ndarray, np.ndarray]:
    """gamma, of either sign and far from 1, and beta, far from 0."""
    gamma = uniform(rng, 0.5, 2.0, D) * np.where(np.arange(D) % 3 == 1, -1, 1)
    return gamma, normal(rng, D) + 0.5
