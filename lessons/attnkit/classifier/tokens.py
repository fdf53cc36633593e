"""Many texts as ids, without pads; made once for the same texts and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from attnkit.cache import cached, digest
from attnkit.classifier.config import Config
from attnkit.classifier.vocabulary import PAD, UNKNOWN, Vocabulary, fit_vocabulary

IntArray = npt.NDArray[np.int32]

# to be changed with what `tokenise`, `fit_vocabulary` or `Tokens.encode` gives
FORMAT = "tokens 2"

# Batches are as long as their longest text, rounded up to one of these: a compiler that makes a
# program for each length (XLA) then makes a few, and on the CPU little time goes to pads.
LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)


@dataclass(frozen=True)
class Tokens:
    """N texts as ids: text i has ``flat[starts[i]:starts[i + 1]]``.

    flat: int32, all ids one after another; of shape (…, n) if the vocabulary knows runs of up to n
    words. starts: int64 of shape (N + 1,).
    """

    flat: IntArray
    starts: npt.NDArray[np.int64]

    @classmethod
    def encode(
        cls, texts: Sequence[str], vocabulary: Vocabulary, max_len: int, keep: str = "head"
    ) -> Tokens:
        """Ids of each text's first or last ``max_len`` words. ValueError for another ``keep``."""
        if keep not in ("head", "tail"):
            raise ValueError(f'keep is {keep!r}: it must be "head" or "tail".')
        known, made, starts = vocabulary.ids, [], [0]
        for text in texts:
            words = vocabulary.tokenise(text)
            words = words[:max_len] if keep == "head" else words[-max_len:]
            made.extend([known.get(word, UNKNOWN) for word in words])
            starts.append(len(made))
        flat, ends = np.array(made, np.int32), np.array(starts, np.int64)
        return cls(_with_runs(flat, ends, vocabulary) if vocabulary.runs else flat, ends)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """The number of ids of each text."""
        return np.diff(self.starts)

    @property
    def longest(self) -> int:
        """The length of the longest text, rounded up to one of `LENGTHS`."""
        return round_up(int(self.lengths.max(initial=1)))

    @cached_property
    def padded(self) -> IntArray:
        """All texts as ids_NT (or ids_NTn), int32, each as long as the longest."""
        return self.rows(np.arange(len(self)), self.longest)

    def rows(self, which_B: npt.NDArray[np.int_], T: int | None = None) -> IntArray:
        """Some of the texts as ids_BT (or ids_BTn), int32, padded at the end.

        T is their common length; without one, that of the longest, rounded up to one of `LENGTHS`.
        """
        first_B = self.starts[which_B]
        lengths_B = self.starts[which_B + 1] - first_B
        if T is None:
            T = round_up(int(lengths_B.max(initial=1)))
        place_T = np.arange(T)
        there_BT = place_T < lengths_B[:, None]
        ids_BT = np.full((len(which_B), T, *self.flat.shape[1:]), PAD, np.int32)
        ids_BT[there_BT] = self.flat[(first_B[:, None] + place_T)[there_BT]]
        return ids_BT


def _with_runs(flat: IntArray, starts: npt.NDArray[np.int64], vocabulary: Vocabulary) -> IntArray:
    """To each word's id, the ids of the runs of 2 words, 3 words … that begin with it."""
    left = np.repeat(starts[1:], np.diff(starts)) - np.arange(len(flat))  # words to the text's end
    columns = [flat]
    for order in range(2, len(vocabulary.runs) + 2):
        last = np.concatenate([flat[order - 1 :], np.full(order - 1, PAD, np.int32)])[: len(flat)]
        last = np.where(left >= order, last, PAD)
        columns.append(vocabulary.run_ids(order, columns[-1], last))
    return np.stack(columns, axis=-1)


def round_up(length: int) -> int:
    """The least of `LENGTHS` that is no less than a length, or else the length itself."""
    return next((at_least for at_least in LENGTHS if at_least >= length), length)


def cached_tokens(
    texts: Sequence[str], vocabulary: Vocabulary, max_len: int, keep: str = "head"
) -> Tokens:
    """`Tokens.encode`, or what it gave before for the very same texts and words (`cache`)."""

    def read(file: Path) -> Tokens:
        with np.load(file, allow_pickle=False) as kept:
            found = Tokens(kept["flat"], kept["starts"])
        if len(found) != len(texts) or found.starts[-1] != len(found.flat):
            raise ValueError("it isn't whole")
        return found

    def write(made: Tokens, out: IO[bytes]) -> None:
        np.savez(out, flat=made.flat, starts=made.starts)

    runs = [keys.tobytes() for keys in vocabulary.runs]
    facts = f"{FORMAT} {max_len} {keep} {vocabulary.marks}"
    name = f"tokens/{digest(facts, *runs, vocabulary.words, texts)}.npz"
    return cached(name, lambda: Tokens.encode(texts, vocabulary, max_len, keep), read, write)


def cached_vocabulary(texts: Sequence[str], config: Config) -> Vocabulary:
    """`fit_vocabulary` with the settings of a configuration, or what it gave for them before."""
    settings = (config.vocabulary_size, config.min_count, config.run_counts, config.marks)

    def make() -> Vocabulary:
        size, least, runs, marks = settings
        return fit_vocabulary(texts, size, least, run_counts=runs, marks=marks)

    name = f"vocabularies/{digest(f'{FORMAT} {settings}', texts)}.json"
    return cached(name, make, Vocabulary.load, Vocabulary.write)
