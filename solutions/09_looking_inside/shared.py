"""What the exercises of lesson 9 share, and how their numbers are chosen.

Maps of attention have two decimals and rows that add up to 1 exactly. The models that explain
themselves here read words in their places and in pairs, so that a word which moves, goes missing or
stays hidden for too long shows in the probability.
"""

import numpy as np

from autograder.authoring import function, normal
from autograder.authoring.probes import GivenFunction


def attention_maps(
    rng: np.random.Generator, L: int, H: int, T: int, causal: bool = False
) -> np.ndarray:
    """A_LHTT: uneven weights of two decimals; if `causal`, none for a later word."""
    counts = np.zeros((L, H, T, T), int)
    for layer, h, t in np.ndindex(L, H, T):
        seen = t + 1 if causal else T
        counts[layer, h, t, :seen] = 2 + rng.multinomial(
            100 - 2 * seen, rng.dirichlet(np.ones(seen))
        )
    return counts / 100


def reader(ids_BT, table_V, fade, pull):
    if getattr(ids_BT, "ndim", 0) != 2 or ids_BT.dtype.kind not in "iu" or not len(ids_BT):
        raise ValueError("predict takes a NumPy array of ids, of shape (B, T) with B at least 1")
    if ids_BT.min(initial=0) < 0 or ids_BT.max(initial=0) >= len(table_V):
        raise IndexError("predict was given an id that is not in the vocabulary")
    value_BT = table_V[ids_BT]
    score_B = value_BT @ fade ** np.arange(ids_BT.shape[1])
    score_B = score_B + pull * (value_BT[:, 1:] * value_BT[:, :-1]).sum(axis=1)
    return 1 / (1 + np.exp(-score_B))


def model(rng: np.random.Generator, V: int) -> GivenFunction:
    """A `predict` for ids below V: a probability out of words, their places and their neighbours.

    All ids have values far from 0, pads and the unknown word as well.
    """
    table_V = rng.permutation(np.linspace(0.4, 1.0, V).round(2)) * rng.permuted(
        np.where(np.arange(V) % 2, -1.0, 1.0)
    )
    fade, pull = float(rng.choice([0.85, 0.9, 0.95])), float(rng.choice([-0.5, 0.4, 0.6]))
    return function(
        reader,
        f"a model of {V} words that counts a word {fade} times as much for each place before it, "
        "and neighbours together",
        table_V=table_V,
        fade=fade,
        pull=pull,
    )


def text(
    rng: np.random.Generator, V: int, words: int, pads: int = 0, pad_id: int = 0
) -> np.ndarray:
    """ids_T: words from 4 to V − 1, neighbours never alike, with pads behind them."""
    ids = rng.integers(4, V, words)
    for t in range(1, words):
        while ids[t] == ids[t - 1]:
            ids[t] = rng.integers(4, V)
    return np.concatenate([ids, np.full(pads, pad_id)])


def uneven(rng: np.random.Generator, T: int) -> np.ndarray:
    """e_T: a number of either sign for each word, no two of equal size."""
    sizes = rng.permutation(np.arange(1, T + 1)) / 10
    return np.where(rng.permutation(T) % 2, -sizes, sizes) + normal(rng, T, scale=0.005, decimals=3)
