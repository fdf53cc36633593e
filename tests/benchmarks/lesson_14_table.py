"""Measures the baselines of lesson 14's projects: python -m tests.benchmarks.lesson_14_table

Each project's table on its test half, after everything was fitted on the other half. Writes
lessons/attnkit/measured/lesson_14.json. `--only desk`, `news`, `stream`, `films` or `movielens`
measures these anew and leaves the rest as it was. Intervals are of 95 %: by drawing questions,
whole triples, years or people anew. The attention models of project C are trained from three seeds;
the tables have the mean of the three for each person.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
import pandas as pd
from attnkit.headlines import load_triples
from attnkit.projects import (
    load_help_desk,
    simulate_news,
    simulate_tastes,
    split_at_a_date,
    split_triples,
)
from attnkit.projects.help_desk import Asked, HelpDesk
from attnkit.projects.movielens import load_movielens
from attnkit.projects.news_stream import correlation
from attnkit.projects.next_item import (
    Events,
    Histories,
    by_person,
    interval,
    neighbours,
    popularity,
    ranks,
)
from attnkit.projects.recommender import EPOCHS, recommend, train_recommender
from attnkit.sentence_vectors import sentence_vectors
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, KFold

from tests.benchmarks.lesson_8_parts import about

Floats = npt.NDArray[np.float64]
Vectors = Callable[[Sequence[str]], Any]

SHARE = 0.1  # of the questions with an answer that may go to a human
SEEDS, SHUFFLES, K = 3, 5, 10
YEARS, HALFLIFE = 40, 5.0  # simulated years of news, and the half-life of their index in days


def with_interval(values: Sequence[float] | Floats) -> list[float]:
    """Mean and interval, in percent."""
    return [round(100 * each, 1) for each in (float(np.mean(values)), *interval(values))]


# --- the help desk --------------------------------------------------------------------------------


def desk() -> dict[str, Any]:
    found = load_help_desk()
    tfidf = TfidfVectorizer(sublinear_tf=True).fit(found.answers)
    ways: dict[str, Vectors] = {
        "TF-IDF": lambda texts: tfidf.transform(texts).toarray(),
        "MiniLM": sentence_vectors,
    }
    return {name: _desk_by(found, vectors) for name, vectors in ways.items()}


def _desk_by(found: HelpDesk, vectors: Vectors) -> dict[str, Any]:
    bank_ND = vectors(found.answers)

    def cosines(texts: Sequence[str]) -> Any:
        return vectors(texts) @ bank_ND.T

    tau = np.sort(cosines(found.work.inside).max(axis=1))[int(SHARE * len(found.work.inside))]
    test: Asked = found.test.read()
    inside_BN = cosines(test.inside)
    rows_B = np.array(test.rows)
    own_B = inside_BN[np.arange(len(rows_B)), rows_B]
    rank_B = (inside_BN > own_B[:, None]).sum(axis=1)
    best = {name: cosines(texts).max(axis=1) for name, texts in _outside(test).items()}
    most_B = inside_BN.max(axis=1)
    answered = most_B >= tau
    told: dict[str, Any] = {
        "first": with_interval(rank_B == 0),
        "among five": with_interval(rank_B < 5),
        "tau": round(float(tau), 3),
        "answered": with_interval(answered),
        "of them right": with_interval((rank_B == 0)[answered]),
    }
    for name, most in best.items():
        labels = np.repeat([1, 0], [len(most_B), len(most)])
        told[f"{name} let through"] = with_interval(most >= tau)
        told[f"{name} AUROC"] = round(float(roc_auc_score(labels, [*most_B, *most])), 3)
    return told


def _outside(asked: Asked) -> dict[str, tuple[str, ...]]:
    return {"near": asked.near, "far": asked.far}


# --- the headlines --------------------------------------------------------------------------------


def news() -> dict[str, Any]:
    work, half = split_triples()
    test = half.read()
    told: dict[str, Any] = {"test": {}, "within": {}}
    for name, model in MODELS.items():
        right = model(work.text, work.label, test.text) == test.label.to_numpy()
        by_triple = pd.Series(right).groupby(test.triple.to_numpy()).mean()
        told["test"][name] = with_interval(by_triple.to_numpy())
        told["within"][name] = {
            way: round(100 * float(np.mean(_folds(work, model, way))), 1)
            for way in ("by triple", "by chance")
        }
    return told


def _folds(work: pd.DataFrame, model: Any, way: str) -> list[float]:
    """The share right in five folds of the work half, over several shuffles."""
    shares = []
    for seed in range(SHUFFLES):
        folds = (
            GroupKFold(5, shuffle=True, random_state=seed).split(work, groups=work.triple)
            if way == "by triple"
            else KFold(5, shuffle=True, random_state=seed).split(work)
        )
        for train, other in folds:
            a, b = work.iloc[train], work.iloc[other]
            shares.append(float(np.mean(model(a.text, a.label, b.text) == b.label.to_numpy())))
    return shares


def _tfidf_chances(texts: Any, labels: Any, others: Any) -> Any:
    """The chances of bad, neutral and good, by a line on counted words."""
    counted = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(texts)
    line = LogisticRegression(C=10, max_iter=1000).fit(counted.transform(texts), labels)
    return line.predict_proba(counted.transform(others))


def _minilm_chances(texts: Any, labels: Any, others: Any) -> Any:
    """The same by a line on MiniLM's vectors."""
    z_ND = sentence_vectors(EVERY)
    row = {text: n for n, text in enumerate(EVERY)}
    own, new = ([row[text] for text in some] for some in (texts, others))
    return LogisticRegression(C=10, max_iter=1000).fit(z_ND[own], labels).predict_proba(z_ND[new])


def _likeliest(chances: Any) -> Any:
    return lambda *data: chances(*data).argmax(axis=1) - 1


CHANCES: dict[str, Any] = {"TF-IDF": _tfidf_chances, "MiniLM": _minilm_chances}
MODELS: dict[str, Any] = {name: _likeliest(chances) for name, chances in CHANCES.items()}
EVERY = [str(text) for text in load_triples().text]


def stream() -> dict[str, Any]:
    """How an index of the news goes with the mood, by true labels and by what models say.

    The correlation of both in years of the work half's headlines, which each model has scored in
    five folds by triple: the chance of good less that of bad.
    """
    work, _ = split_triples()
    scores = {"labels": work.label.to_numpy(float)}
    for name, model in CHANCES.items():
        scores[name] = np.zeros(len(work))
        folds = GroupKFold(5, shuffle=True, random_state=0).split(work, groups=work.triple)
        for train, other in folds:
            a, b = work.iloc[train], work.iloc[other]
            p_NC = model(a.text, a.label, b.text)
            scores[name][other] = p_NC[:, 2] - p_NC[:, 0]
    row = {text: n for n, text in enumerate(work.text)}
    triples = tuple(int(each) for each in work.triple.unique())
    told: dict[str, list[float]] = {name: [] for name in scores}
    for seed in range(YEARS):
        year = simulate_news(seed, triples=triples)
        rows = [row[text] for text in year.news.text]
        age_TN = np.arange(year.T)[:, None] - 1 - year.news.day.to_numpy()
        w_TN = np.where(age_TN >= 0, 0.5 ** (np.maximum(age_TN, 0) / HALFLIFE), 0)
        for name, each in scores.items():
            index_T = w_TN @ each[rows] / np.maximum(w_TN.sum(axis=1), 1e-9)
            told[name].append(correlation(index_T, year.mood_T))
    found = {
        name: [round(v, 3) for v in (float(np.mean(r)), *interval(r))] for name, r in told.items()
    }
    return {"years": YEARS, "halflife": HALFLIFE, "mood": found}


# --- films ----------------------------------------------------------------------------------------


def films(events: Events, name: str, truth: Any = None, epochs: int = EPOCHS) -> dict[str, Any]:
    train, half = split_at_a_date(events, name)
    asked = half.read()
    ways: dict[str, list[Any]] = {
        "attention": [
            recommend(train_recommender(train, seed, epochs, seconds=float("inf")), asked)
            for seed in range(SEEDS)
        ],
        "last ten, neighbours": [neighbours(train, asked)],
        "all, neighbours": [neighbours(train, asked, None)],
        "popular of late": [popularity(train, asked, 0.2)],
        "popular": [popularity(train, asked)],
    }
    if truth is not None:
        ways["whoever sees the taste"] = [truth(asked)]
    told = {way: _measured([ranks(z, asked) for z in runs], asked) for way, runs in ways.items()}
    people = len(np.unique(asked.user_B))
    return {"people": people, "events": len(asked), "ways": told}


def _measured(runs: Sequence[Floats], asked: Histories) -> dict[str, list[float]]:
    hits = np.mean([by_person(rank < K, asked) for rank in runs], axis=0)
    gains = np.mean([by_person((rank < K) / np.log2(rank + 2), asked) for rank in runs], axis=0)
    return {"hit": with_interval(hits), "ndcg": with_interval(gains)}


def simulated() -> dict[str, Any]:
    tastes = simulate_tastes()
    return films(tastes.events, "the simulated people", tastes.scores)


def movielens() -> dict[str, Any]:
    return films(load_movielens(), "MovieLens", epochs=15)


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "desk": desk,
    "news": news,
    "stream": stream,
    "films": simulated,
    "movielens": movielens,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    wanted = parser.parse_args().only
    file = Path(attnkit.measured.__file__).with_name("lesson_14.json")
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for name in wanted:
        told[name] = PARTS[name]() | {"about": about()}
        print(name, json.dumps(told[name], indent=1))
        file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
