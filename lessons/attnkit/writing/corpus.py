"""The texts that a small language model learns from, and those that it is measured by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from attnkit.data import split

CHARACTERS = 3_000_000  # of training texts
MEASURED = 60  # texts that a model is measured by
ENOUGH = 1_000_000  # characters from which pairs are learned


class Reviews(NamedTuple):
    """Texts to learn from, and others to be measured by."""

    train: list[str]
    validation: list[str]

    @property
    def some(self) -> list[str]:
        """As many of the training texts as byte pairs are learned from: about a million letters."""
        ends = np.cumsum([len(text) for text in self.train])
        return self.train[: int(np.searchsorted(ends, ENOUGH)) + 1]


def reviews(characters: int = CHARACTERS, measured: int = MEASURED) -> Reviews:
    """IMDb's reviews in a drawn order, always the same: as many as make so many characters.

    The training part's to learn from; some of the validation part's to be measured by. Their
    writers pressed Enter where the data set has "<br />".
    """
    parts = split("imdb")
    drawn = [
        [str(texts.iloc[place]) for place in np.random.default_rng(seed).permutation(len(texts))]
        for seed, texts in enumerate((parts.train.text, parts.validation.text))
    ]
    ends = np.cumsum([len(text) for text in drawn[0]])
    count = int(np.searchsorted(ends, characters)) + 1
    train, validation = drawn[0][:count], drawn[1][:measured]
    return Reviews([_with_lines(text) for text in train], [_with_lines(t) for t in validation])


def _with_lines(text: str) -> str:
    return text.replace("<br /><br />", "\n").replace("<br />", "\n")
