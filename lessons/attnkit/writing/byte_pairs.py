"""Subwords: a byte-pair encoder that learns its pieces from texts and loses no letter of any text.

A text is bytes (UTF-8), so 256 pieces are enough to write anything. From there on the pair of
pieces that stands side by side most often becomes a piece of its own, again and again, until there
are as many as wanted: "h" + "e", then "t" + "he", then " " + "the". Pieces never reach over the end
of a word. After Sennrich, Haddow, Birch (2016), who took letters; bytes instead of letters are from
Radford et al. (2019), whose way to cut texts into words this one resembles.

Ids: 0 is the end of a text, 1 to 256 are the bytes 0 to 255, and the learned pieces follow in the
order in which they were learned.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

END, FIRST_BYTE, FIRST_LEARNED = 0, 1, 257

# A word with the space before it, a number's digit, a run of signs, or space of another kind.
WORD = re.compile(r" ?[^\W\d_]+(?:'[^\W\d_]+)?| ?\d| ?[^\w\s]+|\s+(?!\S)|\s|.", flags=re.DOTALL)

Pair = tuple[int, int]


@dataclass(frozen=True)
class BytePairs:
    """An encoder: the pairs that become one piece, in the order in which they were learned."""

    pairs: tuple[Pair, ...]
    _words: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """How many ids there are."""
        return FIRST_LEARNED + len(self.pairs)

    @cached_property
    def pieces(self) -> tuple[bytes, ...]:
        """What each id stands for; nothing for the end of a text."""
        found = [b"", *(bytes([byte]) for byte in range(256))]
        for left, right in self.pairs:
            found.append(found[left] + found[right])
        return tuple(found)

    @cached_property
    def _rank(self) -> dict[Pair, int]:
        return {pair: rank for rank, pair in enumerate(self.pairs)}

    def encode(self, text: str) -> list[int]:
        """The ids of a text, without an end."""
        return [piece for word in WORD.findall(text) for piece in self._pieces_of(word)]

    def encode_all(self, texts: Iterable[str]) -> npt.NDArray[np.int32]:
        """One long row of ids: all texts, each with an end behind it."""
        ids = [piece for text in texts for piece in (*self.encode(text), END)]
        return np.array(ids, dtype=np.int32)

    def decode(self, ids: Iterable[int]) -> str:
        """The text that ids stand for, up to the first end, or all of it.

        Of a text that is still being written the last letter may be half there: it becomes �.
        """
        written = bytearray()
        for piece in ids:
            if piece == END:
                break
            written += self.pieces[piece]
        try:
            return written.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return written.decode("utf-8", "replace")

    def _pieces_of(self, word: str) -> tuple[int, ...]:
        """A word's pieces: of all pairs in it, the one learned first is joined first."""
        known = self._words.get(word)
        if known is not None:
            return known
        pieces = _bytes_of(word)
        while len(pieces) > 1:
            pair = min(itertools.pairwise(pieces), key=self._rank_of)
            if pair not in self._rank:
                break
            pieces = _joined(pieces, pair, FIRST_LEARNED + self._rank[pair])
        self._words[word] = tuple(pieces)
        return self._words[word]

    def _rank_of(self, pair: Pair) -> int:
        return self._rank.get(pair, len(self.pairs))


def learn_byte_pairs(texts: Iterable[str], size: int) -> BytePairs:
    """An encoder of `size` ids at most, learned from these texts.

    Of pairs met equally often the one with the lower ids is joined first, so that the same texts,
    in whatever order, give the same encoder. Learning stops early when no pair is met twice.
    """
    counts = Counter(word for text in texts for word in WORD.findall(text))
    words = [_bytes_of(word) for word in counts]
    times = list(counts.values())
    met: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for n, word in enumerate(words):
        for pair in itertools.pairwise(word):
            met[pair] += times[n]
            where[pair].add(n)
    queue = [(-count, pair) for pair, count in met.items()]
    heapq.heapify(queue)
    learned: list[Pair] = []
    while queue and FIRST_LEARNED + len(learned) < size:
        count, pair = heapq.heappop(queue)
        if met[pair] != -count:  # it has been joined to others since; its new count is queued
            continue
        if count > -2:
            break
        changed = set()
        for n in where.pop(pair):
            old = words[n]
            words[n] = _joined(old, pair, FIRST_LEARNED + len(learned))
            for sign, pieces in ((-1, old), (1, words[n])):
                for each in itertools.pairwise(pieces):
                    met[each] += sign * times[n]
                    changed.add(each)
            for each in itertools.pairwise(words[n]):
                where[each].add(n)
        for each in changed:
            if met[each]:
                heapq.heappush(queue, (-met[each], each))
        learned.append(pair)
    return BytePairs(tuple(learned))


def _bytes_of(word: str) -> list[int]:
    return [FIRST_BYTE + byte for byte in word.encode("utf-8", "surrogatepass")]


def _joined(pieces: Sequence[int], pair: Pair, piece: int) -> list[int]:
    """The pieces with each occurrence of the pair, from the left, as one piece."""
    found: list[int] = []
    place = 0
    while place < len(pieces):
        if pieces[place : place + 2] == list(pair):
            found.append(piece)
            place += 2
        else:
            found.append(pieces[place])
            place += 1
    return found
