"""Accuracy of the preset `best`, beside what it has to beat: the table of its README.

    python -m tests.benchmarks.accuracy --data imdb --seeds 5
    python -m tests.benchmarks.accuracy --data imdb --seeds 5 --by-film
    python -m tests.benchmarks.accuracy --data imdb --fixed-part
    python -m tests.benchmarks.accuracy --data mr --folds 10
    python -m tests.benchmarks.accuracy --data imdb --ingredients

Each result is a line of FILE (`--results`, build/accuracy.jsonl) as soon as it is there: a second
call goes on where the first one stopped, and prints the table as Markdown. Minutes a line.

Reviews that are held out are seen by nothing before they are judged once: not by the vocabulary,
not by naive Bayes, not by the choice of the epoch, for which some more reviews are set aside.
What doesn't train either: `held_out`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit.classifier import PRESETS, Config, tokenise
from attnkit.quiet import silence

from tests.benchmarks.held_out import Bools, Data, held_out, load, training_of

SET_ASIDE = {"imdb": 500, "mr": 400}  # reviews that choose the epoch


# --- what is measured -----------------------------------------------------------------------------


def baseline(data: Data, train: Bools, held: Bools, kind: str) -> dict[str, float]:
    """TF-IDF or naive-Bayes features, and a linear classifier on them.

    ``nbsvm``: Wang and Manning 2012, with logistic regression (C = 1) in the place of the SVM.
    """
    from scipy.sparse import diags
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    what, n = kind.split("-")
    grams = (1, {"uni": 1, "bi": 2, "tri": 3}[n])
    y = data.labels[train]
    if what == "tfidf":
        tfidf = TfidfVectorizer(ngram_range=grams)
        x, z = tfidf.fit_transform(data.texts[train]), tfidf.transform(data.texts[held])
    else:

        def words(text: str) -> list[str]:
            return tokenise(text, marks=True)

        count = CountVectorizer(
            tokenizer=words, token_pattern=None, ngram_range=grams, binary=True, dtype=np.float32
        )
        x, z = count.fit_transform(data.texts[train]), count.transform(data.texts[held])
        n_pos, n_neg = (np.asarray(x[y == label].sum(axis=0)).ravel() + 1 for label in (1, 0))
        odds = diags(np.log((n_pos / n_pos.sum()) / (n_neg / n_neg.sum())).astype(np.float32))
        x, z = x @ odds, z @ odds
    model = LogisticRegression(
        solver="liblinear", dual=what == "nbsvm", max_iter=100, random_state=0
    )
    right = model.fit(x, y).predict(z) == data.labels[held]
    return {"accuracy": 100 * float(right.mean())}


def attention(name: str, data: Data, train: Bools, held: Bools, config: Config) -> dict[str, float]:
    """The classifier as `attn train` makes it; also how good its members are on their own."""
    with silence():
        from attnkit.classifier import train as fit
        from attnkit.classifier.tokens import Tokens

    rows = np.random.default_rng(config.seed).permutation(np.flatnonzero(train))
    some, rest = rows[: SET_ASIDE[name]], rows[SET_ASIDE[name] :]
    x, y = data.texts, data.labels
    classifier, history = fit(list(x[rest]), y[rest], list(x[some]), y[some], config)

    tokens = Tokens.encode(
        list(x[held]), classifier.vocabulary, classifier.config.max_len, classifier.config.keep
    )
    logits_NM = classifier.logits(tokens)

    def right(z_N: npt.NDArray[np.float32]) -> float:
        return 100 * float(((z_N > 0) == y[held]).mean())

    heads_NM = logits_NM[:, : config.members]
    alone = [right(z_N) for z_N in heads_NM.T]
    found = {
        "accuracy": right(logits_NM.mean(axis=1)),
        "alone": statistics.mean(alone),
        "alone_spread": statistics.stdev(alone) if len(alone) > 1 else 0.0,
        "heads": right(heads_NM.mean(axis=1)),
        "epochs": len(history["loss"]),
    }
    return found | ({"linear": right(logits_NM[:, -1])} if config.linear else {})


# --- rows of the table ----------------------------------------------------------------------------

BASELINES = ("tfidf-uni", "tfidf-bi", "nbsvm-bi", "nbsvm-tri")


def ingredients(best: Config) -> dict[str, Config]:
    """The preset with one ingredient left out or changed at a time, each as a single model."""
    one = best.replace(members=1, linear=False)
    return {
        "one model, all ingredients": one,
        "words alone": one.replace(run_counts=()),
        "words and runs of two": one.replace(run_counts=one.run_counts[:1]),
        "vectors begin at random": one.replace(prior=0.0),
        "no words hidden": one.replace(word_dropout=0.0),
        "half of the words hidden": one.replace(word_dropout=0.5),
        "200 words": one.replace(max_len=200),
        "800 words": one.replace(max_len=800),
        "no places": one.replace(positions=False),
        "one head": one.replace(heads=1),
        "eight heads": one.replace(heads=8),
        "! and ? not read": one.replace(marks=False),
        "the rate stays": one.replace(decay=False),
    }


def results(file: Path) -> list[dict[str, Any]]:
    """What is there already. A line that a kill cut short is taken out of the file."""
    if not file.exists():
        return []
    whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
    file.write_text(whole + "\n" if whole else "", encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


def jobs(
    arguments: argparse.Namespace, data: Data
) -> Iterator[tuple[dict[str, Any], Callable[[Bools, Bools], dict[str, float]]]]:
    """All that is asked for: what names a line, and what measures it."""
    name, best = arguments.data, PRESETS["best"].replace(**arguments.set)
    what: dict[str, Any] = {"data": name, "by_film": arguments.by_film}
    if arguments.folds:
        places: list[tuple[int | None, int]] = [(fold, 0) for fold in range(arguments.folds)]
    elif arguments.fixed_part:
        places = [(None, seed) for seed in range(arguments.seeds)]
    else:
        places = [(seed, seed) for seed in range(arguments.seeds)]
    what["of"] = 0 if arguments.fixed_part else 10
    for place, (fold, seed) in enumerate(places):
        if arguments.only is not None and place not in arguments.only:
            continue
        where = {**what, "fold": fold}
        baselines = not (arguments.ingredients or arguments.without_baselines)
        if baselines and (seed == 0 or fold is not None):
            for kind in BASELINES:
                yield (
                    {**where, "row": kind, "seed": 0, "config": ""},
                    lambda train, held, kind=kind: baseline(data, train, held, kind),  # type: ignore[misc]
                )
        rows = ingredients(best) if arguments.ingredients else {arguments.row: best}
        for row, config in rows.items():
            config = config.replace(seed=seed)
            yield (
                {**where, "row": row, "seed": seed, "config": config.digest()},
                lambda train, held, config=config: attention(name, data, train, held, config),  # type: ignore[misc]
            )


def table(lines: list[dict[str, Any]]) -> str:
    """Means and spreads, as Markdown. An accuracy of 92.00 is 92.00 % right."""
    text = "| | accuracy, % | ± | one model's | all models with heads | the linear one's "
    text += "| runs | reviews | seconds a run |\n|---|---|---|---|---|---|---|---|---|\n"

    def mean(some: list[dict[str, Any]], key: str) -> str:
        values = [line[key] for line in some if key in line]
        return f"{statistics.mean(values):.2f}" if values else ""

    for row in dict.fromkeys(line["row"] for line in lines):
        some = [line for line in lines if line["row"] == row]
        right = [line["accuracy"] for line in some]
        spread = f"{statistics.stdev(right):.2f}" if len(right) > 1 else ""
        reviews = sum({line["fold"]: line["held"] for line in some}.values())
        parts = " | ".join(mean(some, key) for key in ("alone", "heads", "linear"))
        text += f"| {row} | {mean(some, 'accuracy')} | {spread} | {parts} | {len(some)} "
        text += f"| {reviews:,} | {statistics.mean(line['seconds'] for line in some):.0f} |\n"
    return text


def main() -> None:
    """Measure what is asked for and is not there yet; print it all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", choices=("imdb", "mr"), default="imdb")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seeds", type=int, default=1, help="each with a fold of its own, of ten")
    how.add_argument("--folds", type=int, help="the first so many of ten folds, all with one seed")
    parser.add_argument("--only", type=int, nargs="+", help="of these runs those, from 0")
    parser.add_argument("--without-baselines", action="store_true")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--by-film", action="store_true", help="folds that keep a film together")
    where.add_argument("--fixed-part", action="store_true", help="hold out split()'s validation")
    parser.add_argument("--ingredients", action="store_true", help="leave out one at a time")
    parser.add_argument("--row", default="best", help="a name for the row of the preset")
    parser.add_argument("--set", type=json.loads, default={}, help="other settings, as JSON")
    parser.add_argument("--results", type=Path, default=Path("build/accuracy.jsonl"))
    arguments = parser.parse_args()

    data = load(arguments.data)
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    found, shown = results(arguments.results), []
    for what, measure in jobs(arguments, data):
        old = [line for line in found if what.items() <= line.items()]
        if not old:
            held = held_out(what["data"], data, what["fold"], what["of"], what["by_film"])
            train = training_of(data, held, what["by_film"])
            started = time.perf_counter()
            line = {**what, **measure(train, held), "held": int(held.sum())}
            line |= {"trained": int(train.sum()), "seconds": time.perf_counter() - started}
            with arguments.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)
            old = [line]
        shown.append(old[-1])
    print(table(shown))


if __name__ == "__main__":
    main()
