"""A trigram model, what a language model has to beat: the next word from the two before it.

Counted, not trained: how often was each word met behind these two? What was never met would have
the probability 0, so a share of each count is set aside for the shorter context, and again for the
word alone, and for any word at all: interpolated Kneser-Ney smoothing (Kneser, Ney 1995; in this
form Chen, Goodman 1999). A shorter context counts in how many different company a word was met, not
how often: "Francisco" is frequent, but only behind "San".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer]


@dataclass(frozen=True)
class _Level:
    """Counts of words behind one length of context; keys are numbers, context · V + word."""

    keys: IntArray  # ascending
    counts: IntArray
    contexts: IntArray  # ascending
    totals: IntArray  # of all counts behind each context
    kinds: IntArray  # how many different words were met behind each context
    discount: float

    def mixed(self, context: IntArray, word: IntArray, V: int, lower: FloatArray) -> FloatArray:
        """The probability of each word behind its context; `lower` is what a shorter one says."""
        count = _found(self.keys, self.counts, context * V + word)
        total = _found(self.contexts, self.totals, context)
        kinds = _found(self.contexts, self.kinds, context)
        known = np.maximum(total, 1)
        mixed = np.maximum(count - self.discount, 0) / known + self.discount * kinds / known * lower
        return np.where(total > 0, mixed, lower)


@dataclass(frozen=True)
class Trigrams:
    """A model of ids 0 … V − 1: see `learn_trigrams`."""

    V: int
    levels: tuple[_Level, _Level, _Level]  # the word alone, behind one word, behind two

    def probability(self, first: IntArray, second: IntArray, word: IntArray) -> FloatArray:
        """Of each word, where `first` and `second` stand before it: arrays of one shape.

        −1 for a word before the beginning of the text.
        """
        first, second, word = (np.asarray(each, dtype=np.int64) for each in (first, second, word))
        p = np.full(np.broadcast(first, second, word).shape, 1 / self.V)
        contexts = (np.zeros_like(second), second, np.where(first < 0, -1, first * self.V + second))
        for level, context in zip(self.levels, contexts, strict=True):
            p = level.mixed(context, word, self.V, p)
        return p

    def logp(self, ids_N: IntArray) -> FloatArray:
        """The natural logarithm of the probability of each word of a text."""
        ids_N = np.asarray(ids_N, dtype=np.int64)
        before = np.concatenate([[-1, -1], ids_N])
        return np.log(self.probability(before[:-2], before[1:-1], ids_N))

    def next_word(self, ids: IntArray) -> FloatArray:
        """The probabilities of all words to come behind a text."""
        first, second = np.concatenate([[-1, -1], np.asarray(ids, dtype=np.int64)])[-2:]
        words = np.arange(self.V)
        return self.probability(np.full(self.V, first), np.full(self.V, second), words)


def learn_trigrams(ids_N: IntArray, V: int) -> Trigrams:
    """Count a text of N ids below V, N ≥ 3."""
    ids_N = np.asarray(ids_N, dtype=np.int64)
    threes, counts = np.unique((ids_N[:-2] * V + ids_N[1:-1]) * V + ids_N[2:], return_counts=True)
    twos, behind = np.unique(threes % V**2, return_counts=True)  # behind how many different words
    ones, company = np.unique(twos % V, return_counts=True)
    return Trigrams(
        V, (_level(ones, company, V), _level(twos, behind, V), _level(threes, counts, V))
    )


def _level(keys: IntArray, counts: IntArray, V: int) -> _Level:
    contexts, first = np.unique(keys // V, return_index=True)
    kinds = np.diff(np.append(first, len(keys)))
    once, twice = ((counts == n).sum() for n in (1, 2))
    discount = float(once / (once + 2 * twice)) if once else 0.5
    return _Level(keys, counts, contexts, np.add.reduceat(counts, first), kinds, discount)


def _found(keys: IntArray, values: IntArray, wanted: IntArray) -> IntArray:
    """The value of each key wanted, 0 where there is none."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
