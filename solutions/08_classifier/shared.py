"""What the exercises of lesson 8 share, and how their numbers are chosen.

Models are judged by what they do. A probe builds a small one, gives every weight a random value and
looks at which outputs move: other pads must move nothing, two words that change places must. What a
probe gives is coarse (truth values, counts), so that two models with the same mistake give the same
answer, whatever else they are made of; facts that only serve to name a mistake stand behind the one
that is judged (`part=0`). Each probe looks at several cases, some of which must move something and
some not, in a drawn order, or counts what is there in a drawn number: nobody knows the right answer
who doesn't look.
"""

import numpy as np


def mixed(rng: np.random.Generator, low: int, high: int) -> list[bool]:
    """From `low` to `high` truth values in a drawn order; two to four of them are True."""
    n = int(rng.integers(low, high + 1))
    return [bool(i < 0) for i in rng.permutation(n) - int(rng.integers(2, 5))]


def rows_to_change(rng: np.random.Generator, there: np.ndarray, elsewhere: np.ndarray) -> list[int]:
    """Rows of a table in a drawn order: 0, the pads', words that are there, and some that aren't."""
    rows = [0 if is_pad else int(rng.choice(there)) for is_pad in mixed(rng, 7, 9)]
    words = rng.permutation(np.flatnonzero(rows))
    for place in words[: rng.integers(1, 3)]:
        rows[place] = int(rng.choice(elsewhere))
    return rows


def ragged_ids(rng: np.random.Generator, B: int, T: int, vocab_size: int) -> np.ndarray:
    """Reviews of different lengths; the first is full, all others have zeros behind."""
    ids_BT = rng.integers(2, vocab_size, (B, T))
    for b, length in enumerate(rng.permutation(np.arange(2, T - 1))[: B - 1], 1):
        ids_BT[b, length:] = 0
    return ids_BT
