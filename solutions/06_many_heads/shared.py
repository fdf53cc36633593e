"""What the exercises of lesson 6 share, and how their numbers are chosen.

Sizes are B sentences, T queries, S keys, width D cut into H heads of K = D / H numbers. They
differ, and none is the square of another, unless a check says otherwise: what a wrong reshape does
is seen best where no two axes are alike, and what it hides where they are. Inputs are standard
normal and the projections keep that spread, so that scores divided by √K have a standard deviation
of about 1.
"""

import numpy as np

from autograder.authoring import normal


def matrices(rng: np.random.Generator, D: int, count: int = 4) -> list[np.ndarray]:
    """Square projections that keep the spread of what they are applied to."""
    return [normal(rng, D, D, scale=1 / D**0.5) for _ in range(count)]
