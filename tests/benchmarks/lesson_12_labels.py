"""The part of lesson_12_table.py on hidden words: how well they are guessed, and what it is worth.

An encoder learns from 52,783 sentences without labels, three times over. Then classifiers learn
from few labels: from scratch; from the encoder; by a line on the means of its vectors, or MiniLM's;
by a line on counted words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit.classifier import tokenise
from attnkit.data import split
from attnkit.hidden_words import corpus
from attnkit.optional import MINILM, missing
from attnkit.quiet import silence
from attnkit.sentence_vectors import sentence_vectors

from tests.benchmarks.lesson_8_table import with_interval
from tests.benchmarks.lesson_11_table import OF_MINILM, drawn, linear, of_minilm, test_part

Floats = npt.NDArray[np.float64]
Ids = corpus.IntArray

REVIEWS, V = 4000, 3000  # of IMDb, beside MR's training sentences; ids
PRETRAINED = 3  # encoders, from different seeds
MR_V, MR_T = 8000, 40  # of the labelled sentences
SIZES = {50: 100, 200: 100, 1000: 300, 6530: 600}  # labels, and how many steps from them
B, RATE = 32, 1e-3
MASKS, CHUNK = 3, 250  # how often words of the test sentences are hidden; sentences at a time


@lru_cache(maxsize=1)
def learned(own_corrupt: Any) -> tuple[Ids, dict[str, int], list[tuple[Any, list[float]]]]:
    """The texts as ids, the words' ids, and each encoder's model with its losses."""
    from attnkit.hidden_words.encoder import Size
    from attnkit.hidden_words.learning import pretrain

    ids = corpus.vocabulary(corpus.sentences(REVIEWS), V)
    ids_NT = corpus.encode(corpus.sentences(REVIEWS), ids, Size(V).T)
    models = [pretrain(ids_NT, Size(V), own_corrupt, seed=seed) for seed in range(PRETRAINED)]
    return ids_NT, ids, models


def pretraining(own: Mapping[str, Any]) -> dict[str, Any]:
    """How the loss fell, and how well hidden words of MR's test sentences are guessed."""
    with silence():
        from attnkit.hidden_words.learning import Plan, asked, most_asked

    ids_NT, ids, models = learned(own["mlm_corrupt"])
    T = ids_NT.shape[1]
    test_NT = corpus.encode([tuple(tokenise(text)) for text in test_part()[0]], ids, T)
    rng = np.random.default_rng(12)
    x_NT, target_NT = own["mlm_corrupt"](np.tile(test_NT, (MASKS, 1)), rng, V)
    place_NM, word_NM = asked(target_NT, most_asked(T, 0.15))
    counts_V = np.bincount(ids_NT[ids_NT >= corpus.FIRST], minlength=V) + 0.5
    counts_V[: corpus.FIRST] = 1e-9
    counting_V = np.log(counts_V / counts_V.sum()).astype(np.float32)
    told: dict[str, Any] = {
        "reviews": REVIEWS, "sentences": len(ids_NT), "words": words_of(REVIEWS), "V": V,
        **asdict(Plan()), "seeds": PRETRAINED, "hidden words": int((word_NM >= 0).sum()),
        "seconds": min(round(model.seconds) for model, _ in models),
        "losses": [[round(loss, 3) for loss in losses] for _, losses in models],
    }  # fmt: skip

    def by_counting(rows: slice) -> Any:
        return np.broadcast_to(counting_V, (*word_NM[rows].shape, V))

    loss, right = scores(by_counting, word_NM)
    told |= {"counting": loss, "counting right": percent([right], word_NM)}
    found = []
    for model, _ in models:

        def guessed(rows: slice, model: Any = model) -> Any:
            return model.predict_on_batch([x_NT[rows], place_NM[rows]])

        found.append(scores(guessed, word_NM))
    told |= {"loss": round(float(np.mean([loss for loss, _ in found])), 3),
             "each loss": [loss for loss, _ in found],
             "right": percent([right for _, right in found], word_NM)}  # fmt: skip
    print(told, flush=True)
    return told


def words_of(reviews: int) -> int:
    return sum(map(len, corpus.sentences(reviews)))


def scores(guess: Callable[[slice], Any], word_NM: Ids) -> tuple[float, Floats]:
    """The mean loss of the words asked for, and which of them are the likeliest."""
    loss, right_NM = 0.0, np.zeros(word_NM.shape)
    for start in range(0, len(word_NM), CHUNK):
        rows = slice(start, start + CHUNK)
        z_NMV, asked_NM = np.asarray(guess(rows)), word_NM[rows] >= 0
        z_NMV = z_NMV - z_NMV.max(axis=-1, keepdims=True)
        own_NM = np.take_along_axis(z_NMV, np.maximum(word_NM[rows], 0)[..., None], axis=-1)
        loss += float((np.log(np.exp(z_NMV).sum(axis=-1)) - own_NM[..., 0])[asked_NM].sum())
        right_NM[rows] = (z_NMV.argmax(axis=-1) == word_NM[rows]) & asked_NM
    return round(loss / float((word_NM >= 0).sum()), 3), right_NM


def percent(right: list[Floats], word_NM: Ids) -> list[float]:
    """The share of words that are right, and half its 95 % interval, over seeds and sentences.

    A sentence's words stand or fall together: what is independent are sentences and seeds.
    """
    asked_N = (word_NM >= 0).reshape(MASKS, -1, word_NM.shape[1]).sum(axis=(0, 2))
    right_SN = np.array([each.reshape(MASKS, -1, each.shape[1]).sum(axis=(0, 2)) for each in right])
    shares_S = right_SN.sum(axis=1) / asked_N.sum()
    off_N = right_SN.mean(axis=0) - shares_S.mean() * asked_N
    of_sentences = float((off_N**2).sum()) / float(asked_N.sum()) ** 2
    of_seeds = float(shares_S.var(ddof=1)) / len(shares_S) if len(shares_S) > 1 else 0.0
    half = 1.96 * (of_sentences + of_seeds) ** 0.5
    return [round(100 * float(shares_S.mean()), 2), round(100 * half, 2)]


# --- few labels -----------------------------------------------------------------------------------


def labels(own: Mapping[str, Any], draws: int) -> dict[str, Any]:
    """By number of labels, and by how a classifier begins: right on MR's test sentences."""
    with silence():
        from attnkit.hidden_words.learning import FewLabels, Plan, encoder_of, fresh, moved

    _, ids, models = learned(own["mlm_corrupt"])
    tokens = [tuple(tokenise(text)) for text in split("mr").train.text]
    mr_ids = corpus.vocabulary(tokens, MR_V)
    test, y_test = test_part()
    inner = [encoder_of(model) for model, _ in models]
    size = replace(inner[0].size, V=max(mr_ids.values()) + 1, T=MR_T)

    def encoded(texts: list[str]) -> Ids:
        return corpus.encode([tuple(tokenise(text)) for text in texts], mr_ids, MR_T)

    def pretrained(draw: int) -> Any:
        return moved(inner[draw % PRETRAINED], ids, mr_ids, own["remap_embeddings"], draw)

    vectors: dict[str, Any] = {}
    if not missing(MINILM):
        for part in (test, list(split("mr").train.text)[::OF_MINILM]):
            vectors |= dict(zip(part, sentence_vectors(part), strict=True))
    few = {steps: FewLabels(size, Plan(steps, B, RATE)) for steps in set(SIZES.values())}
    told: dict[str, Any] = {}
    for size_, steps in SIZES.items():
        runs: dict[str, list[Floats]] = {}
        all_there = size_ == max(SIZES)
        for draw in range(PRETRAINED if all_there else draws):
            texts, y_N = drawn(size_, draw, 1 if all_there else OF_MINILM)
            for name, start in (("scratch", fresh(size, draw)), ("pretrained", pretrained(draw))):
                few[steps].learn(start, encoded(texts), y_N.astype(np.int32), draw)
                right_N = few[steps].right(encoded(test), y_test.astype(np.int32))
                runs.setdefault(name, []).append(right_N.astype(np.float64))
            lines = {"counted": linear(texts, y_N, test)}
            lines["frozen"] = of_vectors(pretrained(draw), encoded(texts), y_N, encoded(test))
            if vectors and not all_there:
                lines["minilm"] = of_minilm(texts, y_N, test, vectors)
            for name, said_N in lines.items():
                runs.setdefault(name, []).append((said_N == y_test) * 1.0)
        told[str(size_)] = {
            name: {"test": list(with_interval(np.array(some)))}
            | ({} if name == "scratch" else {"gain": gain(some, runs["scratch"])})
            for name, some in runs.items()
        }
        print(size_, told[str(size_)], flush=True)
    return {
        "draws": draws, "encoders": PRETRAINED, "steps": {str(n): s for n, s in SIZES.items()},
        "words in both": len(set(ids) & set(mr_ids)), "words": len(mr_ids), "sizes": told,
    }  # fmt: skip


def gain(runs: list[Floats], than: list[Floats]) -> list[float]:
    return list(with_interval(np.array(runs) - np.array(than)))


def of_vectors(encoder: Any, ids_NT: Ids, y_N: Any, test_NT: Ids) -> Floats:
    """What a line says that is learned on the means of the encoder's vectors, left as they are."""
    from sklearn.linear_model import LogisticRegression

    def means(some_NT: Ids) -> Floats:
        import keras

        h_NTD = keras.ops.convert_to_numpy(encoder(some_NT))
        kept_NT1 = (some_NT > 0)[..., None]
        found: Floats = (h_NTD * kept_NT1).sum(axis=1) / kept_NT1.sum(axis=1)
        return found

    line = LogisticRegression(C=1, max_iter=2000).fit(means(ids_NT), y_N)
    said: Floats = line.predict(means(test_NT))
    return said
