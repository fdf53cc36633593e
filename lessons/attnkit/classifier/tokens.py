"""Many texts as ids, without pads, and kept on disk so that a second start need not make them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import platformdirs

from attnkit.classifier.vocabulary import PAD, UNKNOWN, Vocabulary

IntArray = npt.NDArray[np.int32]

FORMAT = b"tokens 1"  # to be changed with what `tokenise` or `Tokens.encode` gives
MOST_FILES = 12  # kept; the one not used for longest goes first

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
    """`Tokens.encode`, or what it gave the last time for the very same texts and words.

    Kept in the user's cache folder; ``ATTNKIT_CACHE`` names another folder, ``ATTNKIT_CACHE=off``
    keeps nothing. If it can't be kept or read, it is made anew: nothing is lost but time.
    """
    folder = cache_folder()
    if folder is None:
        return Tokens.encode(texts, vocabulary, max_len, keep)
    file = folder / f"{_digest(texts, vocabulary, max_len, keep)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        with np.load(file, allow_pickle=False) as kept:
            found = Tokens(kept["flat"], kept["starts"])
        if len(found) == len(texts) and found.starts[-1] == len(found.flat):
            os.utime(file)
            return found
    made = Tokens.encode(texts, vocabulary, max_len, keep)
    with contextlib.suppress(OSError):
        _keep(made, file)
    return made


def cache_folder() -> Path | None:
    """Where token arrays are kept; None if that is switched off."""
    named = os.environ.get("ATTNKIT_CACHE", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_cache_dir("attention-kit", appauthor=False)) / "tokens"


def _digest(texts: Sequence[str], vocabulary: Vocabulary, max_len: int, keep: str) -> str:
    """A name for all that the ids depend on."""
    sha = hashlib.sha256(FORMAT + f" {max_len} {keep} {vocabulary.marks}".encode())
    for keys in vocabulary.runs:
        sha.update(b"%d " % len(keys) + keys.tobytes())
    for part in (vocabulary.words, texts):
        sha.update(b"%d" % len(part))
        for text in part:
            raw = text.encode("utf-8", "surrogatepass")
            sha.update(b" %d " % len(raw) + raw)
    return sha.hexdigest()[:32]


def _keep(tokens: Tokens, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            np.savez(out, flat=tokens.flat, starts=tokens.starts)
        os.replace(part, file)
    finally:
        Path(part).unlink(missing_ok=True)
    files = sorted(file.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime)
    for old in files[:-MOST_FILES]:
        old.unlink(missing_ok=True)
