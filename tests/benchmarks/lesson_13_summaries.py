"""The part of lesson_13_table.py on summaries: what a review's verdict keeps of few sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit import earlier
from attnkit.across import summaries as of_reviews
from attnkit.across.pooled import learn_pool

SEEDS = 3
TRAIN, TEST, BUDGET = 2000, 1000, 50  # reviews, reviews, words


def summaries(own: Mapping[str, Any]) -> dict[str, Any]:
    """In percent, of each training, by how sentences are chosen: how often the verdict ``stays``
    with the summary alone and ``turns`` without it; and of how many summaries another ``judge``,
    a line on counted words of whole reviews, tells the label, beside its share for all words.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    train, test = of_reviews.load("train", TRAIN), of_reviews.load("test", TEST)
    vectors = of_reviews.vectors_from(train)
    (x_NTF, mask_NT), (new_NTF, new_NT) = vectors(train), vectors(test)
    judge = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, min_df=3), LogisticRegression(C=10, max_iter=1000)
    ).fit([" ".join(some) for some in train.sentences], train.y_N)
    long_N = [int(words_T.sum()) for words_T in test.words]
    told: dict[str, Any] = {"train": TRAIN, "tested": TEST, "budget": BUDGET}
    told["words"] = round(float(np.mean(long_N)))
    told["judge"] = percent(judge.predict(_texts(test, None)) == test.y_N)
    told["right"], told["ways"] = {"attention": [], "mean": []}, {}
    adam_step = earlier.the_courses("adam_step")
    for seed in range(SEEDS):
        for name in told["right"]:
            model = learn_pool(x_NTF, train.y_N, adam_step, mask_NT=mask_NT, seed=seed,
                               mean=name == "mean")  # fmt: skip
            told["right"][name].append(percent(model.right(new_NTF, test.y_N, new_NT)))
            if name == "attention":
                reader = model
        for name, score_NT in of_reviews.scores(reader, new_NTF, new_NT, seed).items():
            places = of_reviews.summarise(own["extract"], score_NT, test, BUDGET)
            kept_NT = of_reviews.chosen(places, new_NT)
            found = of_reviews.what_stays(reader, new_NTF, new_NT, kept_NT)
            row = told["ways"].setdefault(name, {"stays": [], "turns": [], "judge": []})
            row["stays"].append(percent(found["stays"]))
            row["turns"].append(percent(found["turns"]))
            row["judge"].append(percent(judge.predict(_texts(test, places)) == test.y_N))
        print(told["right"], told["ways"], flush=True)
    return told


def _texts(reviews: of_reviews.Reviews, places: list[list[int]] | None) -> list[str]:
    """Whole reviews, or their sentences of these places."""
    if places is None:
        return [" ".join(some) for some in reviews.sentences]
    return [" ".join(some[n] for n in kept)
            for some, kept in zip(reviews.sentences, places, strict=True)]  # fmt: skip


def percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 1)
