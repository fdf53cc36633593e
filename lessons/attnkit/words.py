"""Words as points in a plane that a person can read.

`word_plane` places every word of the MR training sentences (`attnkit.data`) by two numbers:

praise
    Is it used in praise (right) or in blame (left)? With n₊ and n₋ the numbers of positive and
    negative training sentences that hold the word, its smoothed log-odds are
    λ = log((n₊ + 2) / (n₋ + 2)), and praise = tanh(λ/2) = (n₊ − n₋) / (n₊ + n₋ + 4), divided by its
    standard deviation. Adding 2 keeps words met once or twice near 0; tanh keeps "unfunny" (never
    met in praise) from running off the page.
rarity
    Is it everywhere (low) or seldom seen (high)? log((N + 1) / (n₊ + n₋ + 1)), with N sentences in
    all, minus its mean, divided by its standard deviation.

Mean and standard deviations are taken over running text, where "the" counts as often as it is
written. So both coordinates have a standard deviation of 1 over a typical sentence, and nearly all
of its words lie between −2.5 and 2.5. No word's neighbours matter here: these are not learned
embeddings, but they are real, and one can see what each number means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from attnkit.data import split

FloatArray = npt.NDArray[np.float64]

AXES = ("praise", "rarity")
PRIOR = 2  # sentences of each label that every word is taken to have been in already
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def words_of(sentence: str) -> list[str]:
    """The words of a sentence in order, in lower case and without punctuation.

    >>> words_of("It's a well-made film, isn’t it?")
    ["it's", 'a', 'well-made', 'film', "isn't", 'it']
    """
    return WORD.findall(sentence.lower().replace("’", "'"))


@dataclass(frozen=True)
class WordPlane:
    """Points (praise, rarity) of words. Made by `word_plane`."""

    points: Mapping[str, tuple[float, float]]
    unknown: tuple[float, float]

    def __contains__(self, word: str) -> bool:
        return word.lower() in self.points

    def __len__(self) -> int:
        return len(self.points)

    def embed(self, sentence: str | Iterable[str]) -> tuple[list[str], FloatArray]:
        """The words of a sentence and their points x_TD, float64 of shape (T, 2).

        A string is cut into words by `words_of`; a list of words is taken as it is, so that words
        can be shuffled, dropped or doubled. A word that no training sentence holds lies at praise 0
        and the greatest rarity. Raises ValueError if there is no word.
        """
        tokens = (
            words_of(sentence) if isinstance(sentence, str) else [str(word) for word in sentence]
        )
        if not tokens:
            raise ValueError("There is no word in this sentence: give at least one.")
        points = [self.points.get(token.lower(), self.unknown) for token in tokens]
        return tokens, np.array(points, dtype=np.float64)


@lru_cache(maxsize=1)
def word_plane() -> WordPlane:
    """The plane of all words in the MR training sentences. Made once, in under half a second."""
    train = split("mr").train
    sentences = [words_of(text) for text in train["text"]]
    positive: Counter[str] = Counter()
    negative: Counter[str] = Counter()
    for words, label in zip(sentences, train["label"], strict=True):
        (positive if label == 1 else negative).update(set(words))

    vocabulary = sorted(positive.keys() | negative.keys())
    n_pos = np.array([positive[word] for word in vocabulary], dtype=np.float64)
    n_neg = np.array([negative[word] for word in vocabulary], dtype=np.float64)
    praise = (n_pos - n_neg) / (n_pos + n_neg + 2 * PRIOR)
    rarity = np.log((len(sentences) + 1) / (n_pos + n_neg + 1))
    rarity_unknown = np.log(len(sentences) + 1)

    row = {word: i for i, word in enumerate(vocabulary)}
    running_text = [row[word] for words in sentences for word in words]
    praise_unit = praise[running_text].std()
    rarity_mean, rarity_unit = rarity[running_text].mean(), rarity[running_text].std()

    x = praise / praise_unit
    y = (rarity - rarity_mean) / rarity_unit
    points = dict(zip(vocabulary, zip(x.tolist(), y.tolist(), strict=True), strict=True))
    unknown = (0.0, float((rarity_unknown - rarity_mean) / rarity_unit))
    return WordPlane(MappingProxyType(points), unknown)
