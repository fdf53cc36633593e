"""From texts to numbers: which words are known, and each text as a row of their ids.

Ids: 0 is a pad, at the end of a row; 1 is any word that the training texts don't have (often
enough); words follow from 2 on, the most frequent first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from attnkit.words import words_of

IntArray = npt.NDArray[np.int32]

PAD, UNKNOWN, FIRST = 0, 1, 2


def tokenise(text: str) -> list[str]:
    """A text's words as the classifier reads them: `words_of`, without HTML's line breaks."""
    return words_of(text.replace("<br />", " ").replace("<br>", " "))


@dataclass(frozen=True)
class Vocabulary:
    """The known words; the word at place i has the id i + 2. Made by `fit_vocabulary`."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        """How many ids there are, 0 and 1 counted."""
        return len(self.words) + FIRST

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """The id of each known word."""
        return {word: number for number, word in enumerate(self.words, start=FIRST)}

    def save(self, path: Path) -> None:
        """Write the words as JSON. OSError."""
        data = {"version": 1, "words": self.words}
        path.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote. OSError, ValueError."""
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("version") != 1:
            raise ValueError(f"{path} is not a vocabulary of this version.")
        return cls(tuple(data["words"]))


def fit_vocabulary(texts: Iterable[str], size: int, min_count: int = 2) -> Vocabulary:
    """The most frequent words of the *training* texts, so that there are at most ``size`` ids.

    Words met less than ``min_count`` times stay unknown: so training meets the unknown word too.
    Words met equally often stand in alphabetical order; the order of the texts does not matter.
    """
    if size < FIRST + 1:
        raise ValueError(f"A vocabulary of {size} ids holds no word: it needs 3 at least.")
    counts = Counter(word for text in texts for word in tokenise(text))
    known = [(-count, word) for word, count in counts.items() if count >= min_count]
    return Vocabulary(tuple(word for _, word in sorted(known)[: size - FIRST]))


def encode(
    texts: Sequence[str], vocabulary: Vocabulary, max_len: int, keep: str = "head"
) -> IntArray:
    """Texts as ids_BT of shape (B, max_len), int32, padded with 0 at the end.

    ``keep`` says which end of a text is kept that has more than ``max_len`` words: "head" or
    "tail". Raises ValueError for anything else.
    """
    from attnkit.classifier.tokens import Tokens

    return Tokens.encode(texts, vocabulary, max_len, keep).rows(np.arange(len(texts)), max_len)
