"""What lesson 11 says of other fields and of digits; measured by lesson_11_table.py.

A line (logistic regression) is learned on MR's film sentences, whose vectors are standardised, and
asked for MR's test sentences, for IMDb's whole reviews and for the course's 48 headlines: as it is,
with the fields' means aligned, with CORAL, and beside a few labels of the new field.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit.data import split
from attnkit.headlines import load_headlines
from attnkit.optional import MINILM, missing
from attnkit.sentence_vectors import sentence_vectors

from tests.benchmarks.lesson_8_table import with_interval

Floats = npt.NDArray[np.float64]

WIDTH = 100  # numbers a text, of counted words
FEW = {"imdb": (20, 100, 200), "headlines": (4, 8, 16)}
REVIEWS = 250  # of IMDb, of which MiniLM makes vectors


def line(x_ND: Floats, y_N: Any, weight_N: Any = None) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.1, max_iter=2000).fit(x_ND, y_N, sample_weight=weight_N)


# --- texts as vectors -----------------------------------------------------------------------------


def texts_of() -> dict[str, tuple[list[str], npt.NDArray[Any]]]:
    """By name: texts and labels. IMDb's "free" part serves without its labels, and for a few."""
    mr, imdb, headlines = split("mr"), split("imdb"), load_headlines()
    rows = np.random.default_rng(11).permutation(len(imdb.train))[: len(mr.train)]
    parts = {"mr train": mr.train, "mr": mr.test, "imdb": imdb.test}
    parts |= {"imdb free": imdb.train.iloc[rows], "headlines": headlines}
    return {name: (list(part.text), part.label.to_numpy()) for name, part in parts.items()}


def by_counting(texts: dict[str, tuple[list[str], Any]]) -> dict[str, Floats]:
    """TF-IDF of all words of both fields' unlabelled texts, brought down to 100 numbers."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(sublinear_tf=True, min_df=3)
    known = [*texts["mr train"][0], *texts["imdb free"][0], *texts["headlines"][0]]
    svd = TruncatedSVD(WIDTH, random_state=0).fit(counter.fit_transform(known))
    return {name: svd.transform(counter.transform(some)) for name, (some, _) in texts.items()}


def by_minilm(texts: dict[str, tuple[list[str], Any]]) -> dict[str, Floats]:
    return {name: sentence_vectors(some).astype(float) for name, (some, _) in texts.items()}


# --- from field to field --------------------------------------------------------------------------


def shift(own: dict[str, Any], draws: int) -> dict[str, Any]:
    """Right in each field, by vectors and by way, with intervals, and changes against no way."""
    told: dict[str, Any] = {"draws": draws}
    texts = texts_of()
    kinds = {"counted words": by_counting(texts)}
    if not missing(MINILM):
        kinds["MiniLM"] = by_minilm({name: fewer(name, *both) for name, both in texts.items()})
    for kind, vectors in kinds.items():
        some = {name: fewer(name, *both) if kind == "MiniLM" else both
                for name, both in texts.items()}  # fmt: skip
        told[kind] = of_vectors(own, vectors, {name: y for name, (_, y) in some.items()}, draws)
    return told


def fewer(name: str, texts: list[str], y_N: Any) -> tuple[list[str], Any]:
    """What MiniLM makes vectors of: fewer texts, since it is slow."""
    step = {"mr train": 5, "imdb": len(texts) // REVIEWS, "imdb free": len(texts) // REVIEWS}
    return texts[:: step.get(name, 1)], y_N[:: step.get(name, 1)]


def of_vectors(own: dict[str, Any], raw: Any, y: dict[str, Any], draws: int) -> dict[str, Any]:
    middle_D = raw["mr train"].mean(axis=0)
    spread_D = np.maximum(raw["mr train"].std(axis=0), 1e-6)  # one of MiniLM's is always 0
    x = {name: (some - middle_D) / spread_D for name, some in raw.items()}
    source, y_source = x["mr train"], y["mr train"]
    plain = line(source, y_source)
    told: dict[str, Any] = {"mr": {"nothing": field_of(plain, x["mr"], y["mr"], "mr")}}
    for name, free in (("imdb", "imdb free"), ("headlines", "headlines")):
        target, y_target = x[name], y[name]
        ways = {
            "nothing": plain,
            "means aligned": line(source - source.mean(axis=0) + x[free].mean(axis=0), y_source),
            "CORAL": line(own["coral"](source, x[free]), y_source),
        }
        told[name] = {way: field_of(made, target, y_target, name, plain)
                      for way, made in ways.items()}  # fmt: skip
        if name == "imdb":
            ceiling = line(x[free], y[free])
            told[name]["its own labels"] = field_of(ceiling, target, y_target, name, plain)
        for count in FEW[name]:
            both = few_labels(x, y, name, count, draws, plain)
            for way, (found, base) in both.items():
                told[name][f"{count} labels{way}"] = {
                    "right": over_draws(found),
                    "change": over_draws(found - base),
                }
        for way, made in told[name].items():
            print(name, way, made, flush=True)
    print("mr", told["mr"], flush=True)
    return told


def by_group(values_N: Floats, name: str) -> Floats:
    """Headlines: the mean of each pair, since the two are not independent."""
    return values_N.reshape(-1, 2).mean(axis=1) if name == "headlines" else values_N


def over_draws(values_SN: Floats) -> list[float]:
    """Mean over draws and texts (nan: not asked in this draw), and half its 95 % interval."""
    asked = np.isfinite(values_SN)
    if asked.all():
        return list(with_interval(values_SN))
    of_texts, of_draws = np.nanmean(values_SN, axis=0), np.nanmean(values_SN, axis=1)
    spread = of_texts.var(ddof=1) / len(of_texts) + of_draws.var(ddof=1) / len(of_draws)
    return [round(100 * float(of_texts.mean()), 2), round(196 * float(np.sqrt(spread)), 2)]


def field_of(
    made: Any, x_ND: Floats, y_N: Any, name: str, plain: Any = None
) -> dict[str, Any]:  # fmt: skip
    from sklearn.metrics import roc_auc_score

    z_N = made.decision_function(x_ND)
    right_N = by_group(((z_N > 0) == (y_N == 1)).astype(float), name)
    told: dict[str, Any] = {"right": list(with_interval(right_N[None]))}
    told["auc"] = round(float(roc_auc_score(y_N, z_N)), 3)
    told["called praise"] = round(100 * float((z_N > 0).mean()), 1)
    if name == "headlines":
        good, bad = z_N[y_N == 1], z_N[y_N == 0]
        told["pairs in order"] = list(with_interval((good > bad).astype(float)[None]))
    if plain is not None and made is not plain:
        base_N = ((plain.decision_function(x_ND) > 0) == (y_N == 1)).astype(float)
        told["change"] = list(with_interval((right_N - by_group(base_N, name))[None]))
    return told


def few_labels(
    x: dict[str, Floats], y: dict[str, Any], name: str, count: int, draws: int, plain: Any
) -> dict[str, tuple[Floats, Floats]]:
    """Right with so many labels of the new field, alone and with the old field's, and without."""
    found: dict[str, list[Floats]] = {" alone": [], " and the film sentences": []}
    bases: list[Floats] = []
    source, y_source = x["mr train"], y["mr train"]
    for draw in range(draws):
        rng = np.random.default_rng([11, count, draw])
        if name == "headlines":
            order = rng.permutation(len(y[name]) // 2)
            rows = np.concatenate([[2 * pair, 2 * pair + 1] for pair in order[: count // 2]])
            x_few, y_few = x[name][rows], y[name][rows]
            asked = np.zeros(len(order), bool)
            asked[order[max(FEW[name]) // 2 :]] = True  # as many pairs, whatever the count
        else:
            y_free = y["imdb free"]
            rows = np.concatenate(
                [rng.permutation(np.flatnonzero(y_free == one))[: count // 2] for one in (0, 1)]
            )
            x_few, y_few = x["imdb free"][rows], y_free[rows]
            asked = np.ones(len(y[name]), bool)
        weight = np.concatenate([np.ones(len(y_source)), np.full(count, len(y_source) / count)])
        models = {
            " alone": line(x_few, y_few),
            " and the film sentences": line(
                np.concatenate([source, x_few]), np.concatenate([y_source, y_few]), weight / 2
            ),
        }
        bases.append(right_where(plain, x[name], y[name], name, asked))
        for way, made in models.items():
            found[way].append(right_where(made, x[name], y[name], name, asked))
    return {way: (np.array(values), np.array(bases)) for way, values in found.items()}


def right_where(
    made: Any, x_ND: Floats, y_N: Any, name: str, asked: npt.NDArray[np.bool_]
) -> Floats:
    """Right of each text, or pair of headlines; nan where it isn't asked."""
    return np.where(asked, by_group((made.predict(x_ND) == y_N) * 1.0, name), np.nan)


# --- digits ---------------------------------------------------------------------------------------


def digits(own: dict[str, Any], seeds: int) -> dict[str, Any]:
    """A line that reads digits, with and without copies of which a patch was erased."""
    from sklearn.datasets import load_digits

    images, y = load_digits(return_X_y=True)
    images, told = images.reshape(-1, 8, 8) / 16, {}
    for size in (50, 200, 1000):
        runs: dict[str, list[Floats]] = {}
        for seed in range(seeds):
            rng = np.random.default_rng([seed, size])
            rows = rng.permutation(len(y))
            train, test = images[rows[:size]], images[rows[-500:]]
            covered = own["erase_patch"](test, 3, 3, rng)
            copies = [own["erase_patch"](train, 3, 3, rng) for _ in range(4)]
            labels = y[rows[:size]]
            models = {
                "as they are": line(train.reshape(size, -1), labels, np.full(size, 50.0)),
                "with erased copies": line(
                    np.concatenate([train, *copies]).reshape(5 * size, -1),
                    np.tile(labels, 5),
                    np.full(5 * size, 10.0),
                ),
            }
            for name, made in models.items():
                for what, some in (("clean", test), ("a patch erased", covered)):
                    said = made.predict(some.reshape(len(some), -1)) == y[rows[-500:]]
                    runs.setdefault(f"{name}, {what}", []).append(said * 1.0)
        told[str(size)] = {name: {"right": list(with_interval(np.array(some)))}
                           for name, some in runs.items()}  # fmt: skip
        for what in ("clean", "a patch erased"):
            gain = np.array(runs[f"with erased copies, {what}"]) - runs[f"as they are, {what}"]
            told[str(size)][f"with erased copies, {what}"]["gain"] = list(with_interval(gain))
        print(size, told[str(size)], flush=True)
    return {"seeds": seeds, "sizes": told}
