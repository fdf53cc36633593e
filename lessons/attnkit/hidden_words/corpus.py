"""Sentences without labels: MR's training sentences, and those of IMDb's training reviews.

Ids are lesson 12's: 0 is a pad, 1 an unknown word, 2 the mask, 3 the end of a sentence, and words
follow from 4 on, the most frequent first.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from attnkit.classifier.vocabulary import BREAK, tokenise
from attnkit.data import split

IntArray = npt.NDArray[np.int32]

PAD, UNKNOWN, MASK, END, FIRST = range(5)
FEWEST = 4  # words of a sentence
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def vocabulary(texts: Iterable[Sequence[str]], size: int) -> dict[str, int]:
    """The ids, below `size`, of the most frequent words; equally frequent ones by the alphabet."""
    counts = Counter(itertools.chain.from_iterable(texts))
    known = sorted(counts, key=lambda word: (-counts[word], word))[: size - FIRST]
    return {word: id for id, word in enumerate(known, start=FIRST)}


def encode(texts: Sequence[Sequence[str]], ids: Mapping[str, int], T: int) -> IntArray:
    """ids_NT: the first T − 1 words of each text, and its end; pads behind."""
    ids_NT = np.zeros((len(texts), T), np.int32)
    for row, words in zip(ids_NT, texts, strict=True):
        known = [ids.get(word, UNKNOWN) for word in words[: T - 1]]
        row[: len(known) + 1] = [*known, END]
    return ids_NT


@lru_cache(maxsize=2)
def sentences(reviews: int) -> list[tuple[str, ...]]:
    """The words of all of MR's training sentences, and of those of so many reviews of IMDb.

    The reviews are drawn with a fixed seed. No label is read, and nothing of any test part.
    """
    imdb = split("imdb").train["text"]
    drawn = np.random.default_rng(0).permutation(len(imdb))[:reviews]
    texts = list(split("mr").train["text"])
    for place in drawn:
        texts += _SENTENCE.split(BREAK.sub(" ", imdb.iloc[place]))
    found = (tuple(tokenise(text)) for text in texts)
    return [words for words in found if len(words) >= FEWEST]
