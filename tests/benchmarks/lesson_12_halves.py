"""Measures what lesson 12 says of halves of reviews: python -m tests.benchmarks.lesson_12_halves

Halves of 4,000 reviews as 100 numbers each, as they are and after contrast: how many of IMDb's
validation reviews find their second half among 64, and how well a line on the vectors of whole
reviews tells good from bad, on IMDb's test reviews, by number of labels. Writes the part "halves"
of lessons/attnkit/measured/lesson_12.json, and leaves its other parts as they are.

Differences are in pairs: the same labels, the same texts. Intervals are those of lesson_8_table.py.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit import earlier
from attnkit.data import split
from attnkit.halves import learn_to_pair, partners_found, review_halves

from tests.benchmarks.lesson_8_parts import about
from tests.benchmarks.lesson_8_table import with_interval

Floats = npt.NDArray[np.float64]

REVIEWS, WIDTH, K, TAU, AMONG = 4000, 100, 64, 0.1, 64
SIZES = (50, 200, 1000)


def unit(x_ND: Floats) -> Floats:
    long: Floats = np.maximum(np.linalg.norm(x_ND, axis=1, keepdims=True), 1e-12)
    return x_ND / long


def halves(seeds: int, draws: int) -> dict[str, Any]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    firsts, seconds = review_halves("train", REVIEWS)
    new = review_halves("validation", REVIEWS)
    counter = TfidfVectorizer(sublinear_tf=True, min_df=5).fit(firsts + seconds)
    svd = TruncatedSVD(WIDTH, random_state=0).fit(counter.transform(firsts + seconds))

    def vectors(texts: Any) -> Floats:
        found: Floats = svd.transform(counter.transform(texts))
        return found

    a_ND, b_ND, new_a, new_b = (vectors(some) for some in (firsts, seconds, *new))
    W_S = [
        learn_to_pair(a_ND, b_ND, earlier.the_courses("adam_step"), K=K, tau=TAU, seed=seed)
        for seed in range(seeds)
    ]
    counted_a, counted_b = (counter.transform(some).toarray() for some in new)
    raw_SN = np.array([partners_found(new_a, new_b, AMONG)], np.float64)
    own_SN = np.array([partners_found(new_a @ W, new_b @ W, AMONG) for W in W_S], np.float64)
    counted_SN = np.array([partners_found(counted_a, counted_b, AMONG)], np.float64)
    told: dict[str, Any] = {"seeds": seeds, "draws": draws, "pairs": len(a_ND), "among": AMONG}
    told["found"] = {
        "as they are": with_interval(raw_SN),
        "contrast": with_interval(own_SN),
        "gain": with_interval(own_SN - raw_SN),
        "all words": with_interval(counted_SN),
    }
    train, test = split("imdb").train, split("imdb").test
    rows = np.random.default_rng(7).permutation(len(train))[:REVIEWS]
    x_train, y_train = vectors(train.text.iloc[rows]), train.label.to_numpy()[rows]
    x_test, y_test = vectors(test.text), test.label.to_numpy()
    told["labels"] = {}
    for size in SIZES:
        right: dict[str, list[Floats]] = {"as they are": [], "contrast": []}
        for draw in range(draws):
            some = np.random.default_rng([size, draw]).permutation(len(y_train))[:size]
            for name, W in (("as they are", np.eye(WIDTH)), ("contrast", W_S[draw % seeds])):
                line = LogisticRegression(C=10, max_iter=2000)
                line.fit(unit(x_train[some] @ W), y_train[some])
                right[name].append((line.predict(unit(x_test @ W)) == y_test) * 1.0)
        plain, own = (np.array(each) for each in right.values())
        told["labels"][str(size)] = {
            "as they are": {"test": with_interval(plain)},
            "contrast": {"test": with_interval(own), "gain": with_interval(own - plain)},
        }
        print(size, told["labels"][str(size)], flush=True)
    print(told["found"], flush=True)
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    file = Path(attnkit.measured.__file__).with_name("lesson_12.json")
    part = {**halves(options.seeds, options.draws), "about": about()}
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    told["halves"] = part
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
