"""From texts to numbers: which words are known, and each text as a row of their ids.

Ids of words: 0 is a pad, at the end of a row; 1 is any word that the training texts don't have
(often enough); words follow from 2 on, the most frequent first.

Runs of two or three known words ("not good", "waste of time") may have ids of their own, in tables
of their own: there 0 is a run that isn't known, and 1 is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from attnkit.files import writing
from attnkit.words import words_of

IntArray = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]

PAD, UNKNOWN, FIRST = 0, 1, 2
BREAK = re.compile(r"<br ?/?>")
WORD_OR_MARK = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[!?]|\*+")


def tokenise(text: str, marks: bool = False) -> list[str]:
    """A text's words as the classifier reads them: `words_of`, without HTML's line breaks.

    With ``marks``, exclamation marks, question marks and stars in a row count as words too.
    """
    text = BREAK.sub(" ", text)
    return WORD_OR_MARK.findall(text.lower().replace("’", "'")) if marks else words_of(text)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The known words; the word at place i has the id i + 2. Made by `fit_vocabulary`.

    runs: for runs of 2 words (and 3), the sorted keys of those that are known, int64; the run at
    place i has the id i + 2. A run's key is (id of the run without its last word) · V + (id of that
    word), with V = ``len(self)``.
    """

    words: tuple[str, ...]
    runs: tuple[Keys, ...] = ()
    marks: bool = False

    def __len__(self) -> int:
        """How many ids of words there are, 0 and 1 counted."""
        return len(self.words) + FIRST

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many ids there are of words, of runs of two words, and so on."""
        return (len(self), *(len(keys) + FIRST for keys in self.runs))

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """The id of each known word."""
        return {word: number for number, word in enumerate(self.words, start=FIRST)}

    def tokenise(self, text: str) -> list[str]:
        """A text's words, known or not."""
        return tokenise(text, self.marks)

    def run_ids(self, order: int, shorter: IntArray, last: IntArray) -> IntArray:
        """Ids of runs of ``order`` words, from those of their first order − 1 words and their last.

        0 where the run isn't known. Arrays of one shape.
        """
        keys = run_keys(shorter, last, len(self))
        known = self.runs[order - 2]
        place = np.searchsorted(known, keys)
        found = np.minimum(place, max(len(known) - 1, 0))
        there = known[found] == keys if len(known) else np.zeros(len(keys), bool)
        return np.where(there & (keys > 0), found + FIRST, PAD).astype(np.int32)

    def save(self, path: Path) -> None:
        """Write it as JSON, whole or not at all. OSError."""
        with writing(path) as out:
            self.write(out)

    def write(self, out: IO[bytes]) -> None:
        """Write it as JSON into an open file. OSError."""
        runs = [keys.tolist() for keys in self.runs]
        data = {"version": 1, "marks": self.marks, "words": self.words, "runs": runs}
        out.write((json.dumps(data, ensure_ascii=False) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote. OSError, ValueError."""
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("version") != 1:
            raise ValueError(f"{path.name} is not a vocabulary of this version")
        runs = tuple(np.array(keys, np.int64) for keys in data["runs"])
        return cls(tuple(data["words"]), runs, bool(data["marks"]))


def run_keys(shorter: IntArray, last: IntArray, V: int) -> Keys:
    """Keys of runs, 0 where a part of one is a pad, unknown, or not known as a run."""
    keys = shorter.astype(np.int64) * V + last
    return np.where((shorter >= FIRST) & (last >= FIRST), keys, 0)


def fit_vocabulary(
    texts: Iterable[str], size: int, min_count: int = 2, *, run_counts: Sequence[int] = (),
    marks: bool = False,
) -> Vocabulary:  # fmt: skip
    """The most frequent words of the *training* texts, so that there are at most ``size`` ids.

    Words in less than ``min_count`` places stay unknown: so training meets the unknown word too.
    Words met equally often stand in alphabetical order; the order of the texts does not matter.

    ``run_counts``: in how many places a run of two words must be met to be known; then of three.
    """
    if size < FIRST + 1:
        raise ValueError(f"A vocabulary of {size} ids holds no word: it needs 3 at least.")
    # each word by a number of its own until it is known which words have ids
    numbers: dict[str, int] = {}
    flat, ends = [], [0]
    for text in texts:
        flat += [numbers.setdefault(word, len(numbers)) for word in tokenise(text, marks)]
        ends.append(len(flat))
    counts = np.bincount(np.array(flat, np.int64), minlength=len(numbers)).tolist()
    known = [(-count, word) for word, count in zip(numbers, counts, strict=True)
             if count >= min_count]  # fmt: skip
    found = Vocabulary(tuple(word for _, word in sorted(known)[: size - FIRST]), (), marks)
    if not run_counts or not flat:
        return found
    ids = np.array([found.ids.get(word, UNKNOWN) for word in numbers], np.int32)
    # all texts one after another, with a pad between, so that no run goes from one to the next
    last = shorter = np.insert(ids[flat], ends[1:], PAD)
    for order, least in enumerate(run_counts, start=2):
        shorter, last = shorter[:-1], last[1:]
        keys, met = np.unique(run_keys(shorter, last, len(found)), return_counts=True)
        keys = keys[(met >= least) & (keys > 0)]
        found = Vocabulary(found.words, (*found.runs, keys), marks)
        if order <= len(run_counts):
            shorter = found.run_ids(order, shorter, last)
    return found


def encode(
    texts: Sequence[str], vocabulary: Vocabulary, max_len: int, keep: str = "head"
) -> IntArray:
    """Texts as ids_BT of shape (B, max_len), int32, padded with 0 at the end.

    ``keep`` says which end of a text is kept that has more than ``max_len`` words: "head" or
    "tail". Raises ValueError for anything else. A vocabulary with runs of words gives (B, max_len,
    n): at each place the word's id, then the ids of the runs that begin there.
    """
    from attnkit.classifier.tokens import Tokens

    return Tokens.encode(texts, vocabulary, max_len, keep).rows(np.arange(len(texts)), max_len)
