"""What the exercises of lesson 8 share, and how their numbers are chosen.

Models are judged by what they do. A probe builds a small one, gives every weight a random value and
looks at which outputs move: other pads must move nothing, two words that change places must. What a
probe gives is coarse (truth values, shapes), so that two models with the same mistake give the same
answer, whatever else they are made of; facts that only serve to name a mistake stand behind the one
that is judged (`part=0`).
"""

import numpy as np


def ragged_ids(rng: np.random.Generator, B: int, T: int, vocab_size: int) -> np.ndarray:
    """Reviews of different lengths; the first is full, all others have zeros behind."""
    ids_BT = rng.integers(2, vocab_size, (B, T))
    for b, length in enumerate(rng.permutation(np.arange(2, T - 1))[: B - 1], 1):
        ids_BT[b, length:] = 0
    return ids_BT
