"""What the exercises of lesson 10 share, and how their numbers are chosen.

Sizes are T queries, S keys and values, K wide keys, V wide values, all different. Queries and keys
are standard normal, so that scores divided by √K have a standard deviation of about 1, but for the
keys that `with_rising_scores` puts in order: what a running maximum gets wrong shows only where a
later chunk holds the larger score.
"""

import numpy as np

from autograder.authoring import normal

# Of answers in float32 to scores of about ±1e3, whose own last digits are that much coarser.
LARGE_32 = 5e-3

LAST = "The array has two axes: axis 1 is the last one."


def with_rising_scores(
    rng: np.random.Generator, T: int, S: int, K: int
) -> tuple[np.ndarray, np.ndarray]:
    """Queries that are much alike, and keys whose scores grow from the first to the last."""
    along_K = rng.choice([-1.0, 1.0], K)
    q_TK = normal(rng, T, K, scale=0.4) + along_K
    rise_S = np.linspace(-1.2, 1.2, S) * 2 / K**0.5
    return np.round(q_TK, 2), np.round(normal(rng, S, K, scale=0.3) + rise_S[:, None] * along_K, 2)
