"""The names of emoji in English and Spanish: a second pair of languages for lesson 13's translator.

The names are Unicode's and come with the package ``emoji``. They have thousands of words and little
grammar, where dates have few words and all of their grammar in every example. `word_table` is the
plain rival: a word becomes the word that it most often stands with.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit.across import emoji_pictures
from attnkit.across.dates import END, FIRST, encode, letters
from attnkit.optional import INSTALL_ACROSS, NotInstalledError, file_of, how_to_get, missing

IntArray = npt.NDArray[np.int32]

SPANISH = "emoji/unicode_codes/emoji_es.json"
HELD_OUT = emoji_pictures.HELD_OUT
S, T = 32, 33  # letters of a name at most, in both languages; in Spanish also the end


@dataclass(frozen=True)
class Names:
    """N emoji and what they are called in English and in Spanish, in small letters."""

    emoji: tuple[str, ...]
    english: tuple[str, ...]
    spanish: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.emoji)

    def rows(self, some: Sequence[int] | npt.NDArray[np.int_]) -> Names:
        """Some of them."""
        return Names(*(tuple(column[n] for n in some)
                       for column in (self.emoji, self.english, self.spanish)))  # fmt: skip


def load_names() -> Names:
    """All emoji without skin tones and countries' flags whose names have at most 32 letters.

    Raises NotInstalledError without the package emoji.
    """
    files = ([] if missing(["emoji"]) else
             [file_of("emoji", file) for file in (emoji_pictures.NAMES, SPANISH)])  # fmt: skip
    if not files or not all(file.is_file() for file in files):
        raise NotInstalledError(
            "This needs the names of emoji, which aren't installed here; they are part of the "
            f"extra `across`: {how_to_get(INSTALL_ACROSS, '80 MB')}."
        )
    english, spanish = files
    other = json.loads(spanish.read_text(encoding="utf-8"))
    rows = [(emoji, name, emoji_pictures.plain(other[emoji]))
            for emoji, name in emoji_pictures.named(english).items() if emoji in other]  # fmt: skip
    short = [row for row in rows if max(map(len, row[1:])) <= S]
    return Names(*zip(*short, strict=True))


def split(names: Names, seed: int, n: int = HELD_OUT) -> tuple[Names, Names]:
    """Names to train on, and n others to test: whatever has the same base is on the same side."""
    train_N, test_N = emoji_pictures.apart(names.emoji, seed, n)
    return names.rows(train_N), names.rows(test_N)


def encode_answers(spanish: Sequence[str], ids: Mapping[str, int]) -> IntArray:
    """Names as ids, (N, T), each with the end and then pads."""
    y_NT = np.zeros((len(spanish), T), np.int32)
    y_NT[:, :-1] = encode(spanish, ids, T - 1)
    y_NT[np.arange(len(y_NT)), (y_NT != 0).sum(axis=1)] = END
    return y_NT


def alphabets(train: Names) -> tuple[dict[str, int], dict[str, int]]:
    """The ids of English letters and of Spanish ones."""
    return letters(train.english), letters(train.spanish)


def sizes(ids: Mapping[str, int], out: Mapping[str, int]) -> dict[str, int]:
    """What the translator is made for: arguments of `Translator`."""
    return {"V": FIRST + len(ids), "S": S, "T": T, "C": FIRST + len(out)}


def word_table(train: Names) -> dict[str, str]:
    """For each English word the Spanish one that goes with it, by how often they stand together.

    Twice the names that have both, divided by the names that have the one plus those that have the
    other (Dice 1945); of equal shares the first in the alphabet.
    """
    both: Counter[tuple[str, str]] = Counter()
    one: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for english, spanish in zip(train.english, train.spanish, strict=True):
        words, theirs = set(english.split()), set(spanish.split())
        one.update(words)
        other.update(theirs)
        both.update((a, b) for a in words for b in theirs)
    best: dict[str, tuple[float, str]] = {}
    for (a, b), n in sorted(both.items()):
        share = 2 * n / (one[a] + other[b])
        if share > best.get(a, (0.0, ""))[0]:
            best[a] = share, b
    return {a: b for a, (_, b) in best.items()}


def word_for_word(table: Mapping[str, str], english: Sequence[str]) -> list[str]:
    """Names with each word replaced, in the English order; a word that isn't known stays."""
    return [" ".join(table.get(word, word) for word in name.split()) for name in english]


def words_right(said: Sequence[str], right: Sequence[str]) -> float:
    """The share of words that are right, in any order: words in common, by those of the longer."""
    common = longer = 0
    for mine, true in zip(said, right, strict=True):
        common += (Counter(mine.split()) & Counter(true.split())).total()
        longer += max(len(mine.split()), len(true.split()))
    return common / max(1, longer)
