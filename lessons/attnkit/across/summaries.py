"""Reviews cut into sentences, for summaries: a few sentences that should stand for all of them.

A sentence is 100 numbers: its words are counted, and the 100 directions in which sentences differ
most are kept (lessons 11 and 12). What pools them to a verdict is in pooled.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from attnkit.across.pooled import Pooled
from attnkit.data import split

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]
BoolArray = npt.NDArray[np.bool_]
#: Lesson 13's `extract(score_N, words_N, budget) -> places`.
Extract = Callable[..., Sequence[int]]

FEWEST, MOST = 8, 30  # sentences of the reviews that are taken
SHORTEST = 3  # words of a sentence; a shorter one joins the one before
WIDTH = 100
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\s*<br\s*/?>\s*")


@dataclass(frozen=True)
class Reviews:
    """Reviews as lists of sentences, and their labels, 1 for praise."""

    sentences: tuple[tuple[str, ...], ...]
    y_N: IntArray

    @property
    def words(self) -> list[IntArray]:
        """How many words each sentence of each review has."""
        return [np.array([len(text.split()) for text in some]) for some in self.sentences]


def sentences_of(review: str) -> list[str]:
    """A review cut behind full stops, exclamation and question marks, and at line breaks."""
    found: list[str] = []
    for piece in filter(None, map(str.strip, _END.split(review))):
        if found and len(piece.split()) < SHORTEST:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


def load(part: Literal["train", "validation", "test"], n: int) -> Reviews:
    """n of IMDb's reviews of 8 to 30 sentences, drawn with a fixed seed."""
    frame = getattr(split("imdb"), part)
    taken, labels = [], []
    for row in np.random.default_rng(13).permutation(len(frame)):
        some = sentences_of(frame.text.iloc[row])
        if FEWEST <= len(some) <= MOST:
            taken.append(tuple(some))
            labels.append(int(frame.label.iloc[row]))
        if len(taken) == n:
            break
    return Reviews(tuple(taken), np.array(labels))


def vectors_from(reviews: Reviews) -> Callable[[Reviews], tuple[FloatArray, BoolArray]]:
    """What makes x_NTF, (N, 30, 100), and mask_NT of reviews; it has counted in these ones."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    counted = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, min_df=5),
        TruncatedSVD(WIDTH, n_iter=2, random_state=0),
    )
    counted.fit([text for some in reviews.sentences for text in some])

    def vectors(reviews: Reviews) -> tuple[FloatArray, BoolArray]:
        mask_NT = np.arange(MOST) < np.array([[len(some)] for some in reviews.sentences])
        x_NTF = np.zeros((*mask_NT.shape, WIDTH))
        x_NTF[mask_NT] = counted.transform([text for some in reviews.sentences for text in some])
        return x_NTF, mask_NT

    return vectors


def scores(
    model: Pooled, x_NTF: FloatArray, mask_NT: BoolArray, seed: int = 0
) -> dict[str, FloatArray]:
    """Scores of sentences, (N, T) each, by which a summary can be made.

    "weight": the attention. "share": weight times what the sentence says, for the verdict that the
    model gives. "first" and "last": by place. "random": drawn by the seed.
    """
    z_N, w_NT, says_NT = model.read(x_NTF, mask_NT)
    place_NT = np.broadcast_to(np.arange(float(mask_NT.shape[1])), mask_NT.shape)
    return {
        "weight": w_NT,
        "share": w_NT * says_NT * np.where(z_N > 0, 1.0, -1.0)[:, None],
        "first": -place_NT,
        "last": place_NT,
        "random": np.random.default_rng([seed, 13]).random(mask_NT.shape),
    }


def summarise(
    extract: Extract, score_NT: FloatArray, reviews: Reviews, budget: int
) -> list[list[int]]:
    """The places of the sentences that `extract` keeps of each review, within so many words."""
    return [
        [int(place) for place in extract(score_T[: len(words_T)], words_T, budget)]
        for score_T, words_T in zip(score_NT, reviews.words, strict=True)
    ]


def chosen(places: Sequence[Sequence[int]], mask_NT: BoolArray) -> BoolArray:
    """The places as a mask (N, T)."""
    found = np.zeros_like(mask_NT)
    for row, some in zip(found, places, strict=True):
        row[list(some)] = True
    return found


def what_stays(
    model: Pooled, x_NTF: FloatArray, mask_NT: BoolArray, kept_NT: BoolArray
) -> Mapping[str, BoolArray]:
    """Of each review whether its verdict "stays" with the kept sentences alone, and whether it
    "turns" without them. Where nothing is left to read, the bias speaks.
    """

    def verdict(some_NT: BoolArray) -> Any:
        any_N = some_NT.any(axis=1)
        z_N = np.full(len(some_NT), model.params["bias"][0])
        if any_N.any():
            z_N[any_N] = model.read(x_NTF[any_N], some_NT[any_N])[0]
        return z_N > 0

    whole = verdict(mask_NT)
    return {"stays": verdict(kept_NT) == whole, "turns": verdict(mask_NT & ~kept_NT) != whole}
