"""Measures what lesson 8's attention brings: python -m tests.benchmarks.lesson_8_table [--seeds 5]

The lesson's model on MR, and the same without one of its parts; beside it what earlier lessons
had, and a linear model. Each is trained from several seeds, its epoch chosen by the validation
sentences, and then asked for the 1,000 test sentences. Writes
lessons/attnkit/measured/lesson_8_table.json.

An interval is of the mean over seeds and sentences: 1.96 √(σ²/N + τ²/S), with σ² the variance over
N sentences of the share of seeds that are right, and τ² the variance over S seeds of their
accuracies. Differences from the lesson's model are taken sentence by sentence.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit.data import split
from attnkit.inside import pooling_weights
from attnkit.words import word_plane

from tests.benchmarks.lesson_8_parts import Parts, about, built, functions_of, lesson_8, tokenised

Bools = npt.NDArray[np.bool_]
Right = dict[str, Bools]  # which sentences of "validation" and "test" a model gets right
PARTS = ("validation", "test")

POOLED = """keras.ops.einsum("bth,btd->bhd", w, x)"""
# (of a review whose words are all hidden there is no mean: it keeps its first one)
AVERAGE = "keras.layers.GlobalAveragePooling1D()(x, mask=keras.ops.logical_or(shown, place < 1))"
HEADS = "keras.layers.Dense(H, "
PLACES = "Embedding(vocab_size, D)(ids) + x_place)"
NO_PLACES = "Embedding(vocab_size, D)(ids))"
SHOWN = """shown = keras.layers.Dropout(0.5)(keras.ops.cast(keep, "float32")) > 0"""
MODELS: dict[str, tuple[tuple[str, str], ...]] = {
    "the lesson's model": (),
    "… without attention: a mean": ((POOLED, AVERAGE),),
    "… without places": ((PLACES, NO_PLACES),),
    "… without either": ((POOLED, AVERAGE), (PLACES, NO_PLACES)),
    "… with one head for four": ((HEADS, HEADS.replace("H", "1")),),
    "… without dropout of any kind": (
        (SHOWN, "shown = keep"),
        ("x = keras.layers.Dropout(0.5)(", "x = 1.0 * ("),
        ("z = keras.layers.Dropout(0.5)(", "z = 1.0 * ("),
    ),
}


# --- the models -----------------------------------------------------------------------------------


def of_lesson_8(parts: Parts, build: Callable[..., Any], seed: int) -> tuple[Right, Any]:
    """Train one of lesson 8's models as the lesson does."""
    import keras

    keras.utils.set_random_seed(seed)
    plan = parts.plan
    model = build(plan["size"], plan["T"], plan["D"], plan["H"])
    own = {name: parts.data[name] for name in ("train", "validation")}
    parts.own["train"](model, own, seconds=3600)
    right = {}
    for name in PARTS:
        ids_NT, y_N = parts.data[name]
        right[name] = (model.predict(ids_NT, batch_size=250, verbose=0)[:, 0] > 0.5) == (y_N == 1)
    return right, model


def unevenness(model: Any, ids_NT: npt.NDArray[Any]) -> list[float]:
    """For each head, the median over 300 reviews of (largest weight × number of words)."""
    some = ids_NT[np.linspace(0, len(ids_NT) - 1, 300).astype(int)]
    w_NHT = pooling_weights(model, some)
    largest_NH = w_NHT.max(axis=-1) * (some > 0).sum(axis=1)[:, None]
    return [round(float(m), 2) for m in np.median(largest_NH, axis=0)]


def of_lesson_3(seed: int) -> Right:
    """Lesson 3's pooling with one query, in NumPy, trained as lesson 3 does."""
    names = {"pool", "new_params", "fresh_state", "gradients", "scores", "accuracy"}
    own = functions_of("03_learning", names, functools=functools)
    vocab = own["fit_vocab"](list(split("mr").train.text), 10_000)
    data = {
        name: (own["encode"](list(part.text), vocab, 40), part.label.to_numpy())
        for name, part in split("mr")._asdict().items()
    }
    params, rng = own["new_params"](seed), np.random.default_rng(seed)
    epoch = 0

    def one_epoch(params: Any, state: Any, ids_NT: Any, y_N: Any) -> Any:
        nonlocal epoch
        step = functools.partial(own["adam_step"], lr=0.004 * 0.6**epoch)
        epoch += 1
        kept = rng.random(ids_NT.shape) < 0.7
        kept[:, 0] = True
        return own["train_epoch"](
            params, state, ids_NT * kept, y_N, own["gradients"], step, 32, rng
        )

    state = own["fresh_state"](params)
    best, _, _ = own["train"](params, state, data, one_epoch, own["accuracy"], 6)
    return {name: (own["scores"](best, data[name][0]) > 0) == data[name][1] for name in PARTS}


def of_lesson_1() -> Right:
    """The mean of the words' counted praise: is it above 0?"""
    plane = word_plane()
    return {
        name: np.array([plane.embed(text)[1].mean(axis=0)[0] > 0 for text in part.text])
        == part.label.to_numpy()
        for name, part in split("mr")._asdict().items()
        if name in PARTS
    }


def linear() -> Right:
    """TF-IDF of words and pairs of words, and logistic regression, as lesson 8's rival."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    parts, texts = split("mr")._asdict(), tokenised()
    counter = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True, min_df=2)
    x = counter.fit_transform(texts["train"])
    model = LogisticRegression(C=5, max_iter=1000).fit(x, parts["train"].label)
    return {
        name: model.predict(counter.transform(texts[name])) == parts[name].label.to_numpy()
        for name in PARTS
    }


# --- the table ------------------------------------------------------------------------------------


def with_interval(values_SN: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Mean over seeds and sentences, and half its 95 % interval, in percent."""
    S, N = values_SN.shape
    sentences = values_SN.mean(axis=0).var(ddof=1) / N
    seeds = values_SN.mean(axis=1).var(ddof=1) / S if S > 1 else 0.0
    half = 1.96 * np.sqrt(sentences + seeds)
    return round(100 * float(values_SN.mean()), 2), round(100 * float(half), 2)


def row(name: str, runs: list[Right], model: list[Right]) -> dict[str, Any]:
    """One line of the table."""
    right_SN, own_SN = (np.array([each["test"] for each in some], float) for some in (runs, model))
    test, half = with_interval(right_SN)
    validation = 100 * float(np.mean([each["validation"].mean() for each in runs]))
    line = {"name": name, "seeds": len(runs), "validation": round(validation, 2)}
    line |= {"test": test, "half": half}
    if runs is not model:
        if len(right_SN) == 1:
            right_SN = np.repeat(right_SN, len(own_SN), axis=0)
        line["gap"], line["gap_half"] = with_interval(right_SN - own_SN)
    return line


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    parts, start = lesson_8(), time.perf_counter()
    runs: dict[str, list[Right]] = {}
    uneven: dict[str, list[list[float]]] = {}
    for name, changes in MODELS.items():
        build, runs[name] = built(parts.own, *changes), []
        for seed in seeds:
            right, model = of_lesson_8(parts, build, seed)
            runs[name].append(right)
            print(name, seed, *(f"{right[p].mean():.3f}" for p in PARTS), flush=True)
            if (POOLED, AVERAGE) not in changes:
                by_head = unevenness(model, parts.data["validation"][0])
                uneven.setdefault(name, []).append(by_head)
                print("   largest weight × words, by head:", by_head, flush=True)
    runs["lesson 3's pooling, one query"] = [of_lesson_3(seed) for seed in seeds]
    runs["lesson 1's counting"] = [of_lesson_1()]
    runs["TF-IDF + logistic regression"] = [linear()]
    own = runs["the lesson's model"]
    lines = [row(name, some, own) for name, some in runs.items()]
    for line in lines:
        print(line)
    measured = {**about(), "seconds": round(time.perf_counter() - start)}
    told = {"about": measured, "rows": lines, "uneven": uneven}
    file = Path(attnkit.measured.__file__).with_name("lesson_8_table.json")
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
