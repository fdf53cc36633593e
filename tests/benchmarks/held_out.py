"""Which reviews are held out, and which of the others then may not train.

Near-copies of what is held out (half the shorter text's runs of three words) never train. Whole
films are held out by two means. The file of IMDb's reviews has a film's praise in one place, and
its blame in another: runs of neighbours are held out, of each label by itself. And what shares
three rare words with a held-out review, names mostly, doesn't train: without that, the praise of a
film is held out while its blame trains, which makes its hero's name a word of blame. In IMDb's
official test half, no film was trained on with either label.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attnkit.classifier.vocabulary import tokenise
from attnkit.data import load_reviews, split

Bools = npt.NDArray[np.bool_]
RUN_OF_FILM = (
    60  # neighbours in the file, which keeps the reviews of a film with one label together
)
RARE = 40  # a word that more reviews hold says nothing about the film
NAMES_OF_FILM = 3  # so many rare words are hardly shared by chance


class Data(NamedTuple):
    """All reviews of a set, and groups of near-copies: equal numbers, same group."""

    texts: npt.NDArray[np.object_]
    labels: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]


def load(name: str) -> Data:
    """The reviews of a set, "imdb" or "mr"."""
    frame = load_reviews(name)
    texts = frame["text"].to_numpy(object)
    return Data(texts, frame["label"].to_numpy(np.int64), near_copies(texts))


def near_copies(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """A number for each text, the same for texts one of which is half within the other.

    Compared are the sets of runs of three words: pairs that share a few rare ones are candidates,
    and a pair counts if it shares at least half of the shorter one's runs, and four at least.
    """
    from scipy.sparse import csr_matrix, triu
    from scipy.sparse.csgraph import connected_components

    ids: dict[tuple[str, ...], int] = {}
    runs = []
    for text in texts:
        words = tokenise(text)
        held = {ids.setdefault(run, len(ids)) for run in zip(words, words[1:], words[2:])}  # noqa: B905
        runs.append(sorted(held))
    sizes = np.array([len(held) for held in runs])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    flat = np.concatenate([np.array(held, np.int64) for held in runs])
    has_NR = csr_matrix((np.ones(len(flat), np.int32), flat, starts), (len(runs), len(ids)))
    met_R = np.bincount(flat, minlength=len(ids))
    rare_NR = has_NR[:, (met_R > 1) & (met_R <= 8)]
    pairs = triu(rare_NR @ rare_NR.T, k=1).tocoo()
    several = pairs.data >= 3
    left, right = pairs.row[several], pairs.col[several]
    shared = np.array(
        [has_NR[i].multiply(has_NR[j]).sum() for i, j in zip(left, right, strict=True)]
    )
    copies = (shared >= 4) & (shared >= 0.5 * np.minimum(sizes[left], sizes[right]))
    ones = np.ones(int(copies.sum()))
    graph = csr_matrix((ones, (left[copies], right[copies])), (len(runs), len(runs)))
    group: npt.NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return group


def folds(labels: npt.NDArray[np.int64], count: int, together: int = 1) -> npt.NDArray[np.int64]:
    """The fold of each review, equally many of each label in each; neighbours can stay together."""
    rng, fold = np.random.default_rng(0), np.empty(len(labels), np.int64)
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)
        blocks = len(rows) // together
        of_block = rng.permutation(blocks) % count
        fold[rows] = of_block[np.arange(len(rows)) * blocks // len(rows)]
    return fold


def held_out(name: str, data: Data, fold: int | None, count: int, by_film: bool) -> Bools:
    """Which reviews are held out: a fold, or without one the fixed validation part."""
    if fold is None:
        chosen: Bools = np.isin(data.texts, split(name).validation["text"].to_numpy())
        return chosen
    return folds(data.labels, count, RUN_OF_FILM if by_film else 1) == fold


def training_of(data: Data, held: Bools, by_film: bool) -> Bools:
    """Which reviews may train if some are held out; with ``by_film``, none of a held-out film."""
    train: Bools = ~np.isin(data.group, data.group[held])
    return train & ~same_film(data.texts, held) if by_film else train


def same_film(texts: npt.NDArray[np.object_], held: Bools) -> Bools:
    """Which texts share three rare words with one that is held out."""
    rare_NV, found = _rare_words(texts), np.zeros(len(texts), bool)
    shared = (rare_NV @ rare_NV[np.flatnonzero(held)].T).tocoo()
    found[shared.row[shared.data >= NAMES_OF_FILM]] = True
    return found


def _rare_words(texts: npt.NDArray[np.object_]) -> Any:
    """Sparse, float32: 1 where a text holds a word that 2 to 40 texts hold."""
    from scipy.sparse import csr_matrix

    ids: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        for word in set(tokenise(text)):
            rows.append(row)
            columns.append(ids.setdefault(word, len(ids)))
    held_NV = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)))
    texts_V = np.bincount(columns, minlength=len(ids))
    return held_NV[:, (texts_V >= 2) & (texts_V <= RARE)]
