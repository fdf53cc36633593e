"""How well a language model predicts texts it has not seen: bits per byte and perplexity.

Each text counts by itself: its end belongs to it, and what stands before it is the end of the text
before. A long text is read in overlapping windows, so that each word but the first few has at least
half a window before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnkit.writing.byte_pairs import END, BytePairs

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.integer]
#: The logarithm of the probability of each of a text's ids, its end included.
LogP = Callable[[IntArray], FloatArray]


@dataclass(frozen=True)
class Measured:
    """What a model says of some texts: nats, ids and bytes of each."""

    nats: FloatArray
    ids: FloatArray
    bytes: FloatArray

    @property
    def perplexity(self) -> float:
        """Among how many ids the model hesitates. Depends on the vocabulary."""
        return float(np.exp(self.nats.sum() / self.ids.sum()))

    @property
    def bits_per_byte(self) -> float:
        """Bits for each byte of the texts. Doesn't depend on the vocabulary."""
        return float(self.nats.sum() / np.log(2) / self.bytes.sum())

    def interval(self, other: Measured | None = None, times: int = 2000) -> tuple[float, float]:
        """95 % of its bits per byte, or of those less another model's, over texts drawn anew."""
        rng = np.random.default_rng(0)
        nats_N = self.nats - (other.nats if other else 0)
        drawn = rng.integers(len(nats_N), size=(times, len(nats_N)))
        found = nats_N[drawn].sum(axis=1) / np.log(2) / self.bytes[drawn].sum(axis=1)
        low, high = np.quantile(found, [0.025, 0.975])
        return float(low), float(high)


def measure(logp: LogP, pairs: BytePairs, texts: Sequence[str]) -> Measured:
    """What a model says of each text."""
    rows = []
    for text in texts:
        ids = np.array([*pairs.encode(text), END])
        rows.append((-float(logp(ids).sum()), len(ids), len(text.encode("utf-8", "surrogatepass"))))
    return Measured(*np.array(rows, dtype=float).T)


def windowed(logits: Callable[[IntArray], npt.ArrayLike], T: int, B: int = 64) -> LogP:
    """A model that reads T ids at a time, as a judge of texts of any length.

    logits: from ids (B, T) to logits (B, T, V).
    """

    def logp(ids_N: IntArray) -> FloatArray:
        N = len(ids_N)
        before_N = np.concatenate([[END], ids_N[:-1]])
        starts = np.array([0, *range(T // 2, max(N - T // 2, 1), T // 2)])
        place_WT = starts[:, None] + np.arange(T)
        inside_WT = np.minimum(place_WT, N - 1)
        new_WT = (place_WT < N) & ((np.arange(T) >= T // 2) | (starts == 0)[:, None])
        found = np.full(N, np.nan)
        for first in range(0, len(starts), B):
            rows = slice(first, first + B)
            padded = np.zeros((B, T), dtype="int32")  # one shape, so that a graph is traced once
            padded[: len(starts[rows])] = before_N[inside_WT[rows]]
            z_WTV = np.asarray(logits(padded), dtype=float)[: len(starts[rows])]
            top = z_WTV.max(axis=2, keepdims=True)
            all_WT = top[..., 0] + np.log(np.exp(z_WTV - top).sum(axis=2))
            asked_WT1 = ids_N[inside_WT[rows]][..., None]
            logp_WT = np.take_along_axis(z_WTV, asked_WT1, axis=2)[..., 0] - all_WT
            found[place_WT[rows][new_WT[rows]]] = logp_WT[new_WT[rows]]
        return found

    return logp


def log_probabilities(
    logp: LogP, pairs: BytePairs, texts: Sequence[str]
) -> tuple[FloatArray, npt.NDArray[np.bool_], IntArray]:
    """What a model says of each word of each text: (B, T), the longest text's length, and a mask.

    Behind a shorter text stands nan, and False in the mask. The third array: bytes of each text.
    """
    rows = [logp(np.array([*pairs.encode(text), END])) for text in texts]
    logp_BT = np.full((len(rows), max(map(len, rows))), np.nan)
    for b, row in enumerate(rows):
        logp_BT[b, : len(row)] = row
    n_bytes = np.array([len(text.encode("utf-8", "surrogatepass")) for text in texts])
    return logp_BT, np.isfinite(logp_BT), n_bytes
