"""Settings of the classifier compared where whole films are held out, on one core.

    python -m tests.benchmarks.settings --folds 0 1 2 3 4 --rows '{"half": {"word_dropout": 0.5}}'
    python -m tests.benchmarks.settings --folds 5 6 7 8 9 --rows '{"five": {"members": 5}}'

Models are trained by `tests.benchmarks.quick`, some ten seconds each: a row's first member has
seed 0, the second seed 1, and so on, so that more members, or another weight of the linear one,
train nothing anew. Their logits are kept in a folder (`--results`, build/settings): a second call
trains what is missing, and prints the table. Each row is compared with the preset's on the same
reviews: choose on some folds, report on others.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attnkit.classifier import PRESETS, Config
from attnkit.quiet import silence

from tests.benchmarks.held_out import RUN_OF_FILM, Data, held_out, load, training_of
from tests.benchmarks.quick.member import FloatArray, Labelled, fit

SET_ASIDE = 500  # reviews that choose the epoch, and how much the linear member counts
FOLDS = 10
PRESET = "preset `best`"


class Source(NamedTuple):
    """Reviews, and how a fold of them is held out."""

    name: str
    data: Data
    by_film: bool

    @property
    def way(self) -> str:
        """A word for it, of which names of files are made."""
        return "film" if self.by_film else f"{self.name}-review"


class Parts(NamedTuple):
    """The rows that train, that are set aside and that are held out."""

    rest: npt.NDArray[np.int64]
    aside: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]


class Fold(NamedTuple):
    """What one fold trains on, chooses by and is judged by; and the linear member's logits."""

    train: Labelled
    aside: Labelled
    test: Labelled
    sizes: tuple[int, ...]
    odds_V: FloatArray
    linear: tuple[FloatArray, FloatArray]  # aside, test


class Words(NamedTuple):
    """Logits of M models and, in the last column, of the linear one; and the true labels."""

    aside_NM: FloatArray
    aside_labels: FloatArray
    test_NM: FloatArray
    test_labels: FloatArray
    rows: npt.NDArray[np.int64]  # where in the file the test's reviews stand


# --- training -------------------------------------------------------------------------------------


def encoded(data: Data, parts: Parts, config: Config) -> Fold:
    """A fold's reviews as ids, with the linear member's word on them."""
    with silence():
        from attnkit.classifier.classifier import Classifier
        from attnkit.classifier.evidence import evidence_model, fit_evidence, gather
        from attnkit.classifier.tokens import cached_tokens, cached_vocabulary
    rest, aside, test = parts
    vocabulary = cached_vocabulary(list(data.texts[rest]), config)

    def of(some: npt.NDArray[np.int64]) -> Labelled:
        texts = list(data.texts[some])
        tokens = cached_tokens(texts, vocabulary, config.max_len, config.keep)
        return Labelled(tokens, data.labels[some].astype(np.float32))

    train, heard, judged = of(rest), of(aside), of(test)
    evident = gather(train.tokens, train.labels, vocabulary.sizes)
    linear = evidence_model(fit_evidence(evident, train.labels), vocabulary.sizes)
    member = Classifier(config, vocabulary, (linear,))
    word = (member.logits(heard.tokens)[:, 0], member.logits(judged.tokens)[:, 0])
    return Fold(train, heard, judged, vocabulary.sizes, evident.odds_V, word)


def parts_of(source: Source, fold: int) -> Parts:
    """The rows of a fold."""
    name, data, by_film = source
    held = held_out(name, data, fold, FOLDS, by_film)
    train = np.flatnonzero(training_of(data, held, by_film))
    rows = np.random.default_rng(fold).permutation(train)
    return Parts(rows[SET_ASIDE:], rows[:SET_ASIDE], np.flatnonzero(held))


def logits(file: Path, prepared: Callable[[], Fold], config: Config, seed: int) -> dict[str, Any]:
    """A model's logits and the linear one's, from the file, or after training."""
    if not file.exists():
        fold, started = prepared(), time.perf_counter()
        found = fit(fold.train, fold.aside, (fold.test,), config, fold.sizes, fold.odds_V, seed)
        aside, test = (
            np.stack(both, axis=1) for both in zip(found.logits, fold.linear, strict=True)
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.npz")
        np.savez(part, aside=aside, test=test)
        part.rename(file)
        seconds = time.perf_counter() - started
        print(f"{file.stem}: epoch {found.epoch + 1}, {seconds:.0f} s", flush=True)
    with np.load(file) as kept:
        return {name: kept[name] for name in kept.files}


def measured(
    source: Source, folds: list[int], rows: Mapping[str, Config], results: Path
) -> dict[str, dict[int, Words]]:
    """For each row and fold what its models say, trained one after another."""

    @functools.lru_cache(1)
    def prepared(fold: int, config: Config) -> Fold:
        return encoded(source.data, parts[fold], config)

    labels = source.data.labels.astype(np.float32)
    parts = {fold: parts_of(source, fold) for fold in folds}
    found: dict[str, dict[int, Words]] = {name: {} for name in rows}
    for fold in folds:
        _, aside, test = parts[fold]
        # rows that read alike come one after another: their reviews are encoded once
        for name, config in sorted(rows.items(), key=lambda row: str(reading(row[1]))):
            alone = config.replace(members=1, linear=False, linear_share=None)
            start = f"{source.way}-{fold}-{alone.digest()}"

            def ready(alone: Config = alone, fold: int = fold) -> Fold:
                return prepared(fold, reading(alone))

            each = [
                logits(results / f"{start}-{seed}.npz", ready, alone, seed)
                for seed in range(config.members)
            ]

            def together(which: str, each: list[dict[str, Any]] = each) -> FloatArray:
                columns = [*(one[which][:, 0] for one in each), each[0][which][:, 1]]
                return np.stack(columns, axis=1)

            found[name][fold] = Words(
                together("aside"), labels[aside],
                together("test"), labels[test], test,
            )  # fmt: skip
    return found


def reading(config: Config) -> Config:
    """The preset, but for the settings that decide how texts become ids."""
    names = ("vocabulary_size", "min_count", "marks", "run_counts", "max_len", "keep")
    return PRESETS["best"].replace(**{name: getattr(config, name) for name in names})


# --- the table ------------------------------------------------------------------------------------


def right(words: Words, share: float | None) -> dict[str, FloatArray]:
    """For each review how often it is judged rightly: by one model, by their mean, by all."""
    from attnkit.classifier.evidence import weights

    def judged(z: FloatArray) -> FloatArray:
        truth = words.test_labels > 0.5
        return ((z > 0) == (truth[:, None] if z.ndim > 1 else truth)).astype(np.float32)

    a, f = weights(words.aside_NM, words.aside_labels, share)
    mean_N, linear_N = words.test_NM[:, :-1].mean(axis=1), words.test_NM[:, -1]
    return {
        "one model": judged(words.test_NM[:, :-1]).mean(axis=1),
        "models with heads": judged(mean_N),
        "linear": judged(linear_N),
        "all": judged(a * mean_N + f * linear_N),
    }


def interval(found_N: FloatArray, rows_N: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The mean in %, and half of its 95 % interval; reviews of a film don't err independently."""
    apart_N = found_N - found_N.mean()
    of_run = np.bincount(rows_N // RUN_OF_FILM, weights=apart_N)
    return 100 * float(found_N.mean()), 196 * float(np.sqrt((of_run**2).sum())) / len(found_N)


def table(found: Mapping[str, Mapping[int, Words]], rows: Mapping[str, Config]) -> str:
    """As Markdown: each row's accuracies, and what it has over the preset's row."""
    kinds = ("one model", "models with heads", "linear", "all")
    text = "| | " + " | ".join(kinds) + " | one model, to the preset | all, to the preset |\n"
    text += "|---" * (len(kinds) + 3) + "|\n"

    def pooled(name: str) -> dict[str, FloatArray]:
        each = [right(one, rows[name].linear_share) for one in found[name].values()]
        return {kind: np.concatenate([one[kind] for one in each]) for kind in kinds}

    def shown(over: FloatArray, rows_N: npt.NDArray[np.int64]) -> str:
        mean, half = interval(over, rows_N)
        return f"{mean:+.2f} ± {half:.2f}"

    before = pooled(PRESET)
    for name, words in found.items():
        rows_N = np.concatenate([one.rows for one in words.values()])
        now = pooled(name)
        cells = [f"{100 * now[kind].mean():.2f}" for kind in kinds]
        cells += [shown(now[kind] - before[kind], rows_N) for kind in ("one model", "all")]
        text += f"| {name} | " + " | ".join(cells) + " |\n"
    mean, half = interval(before["all"], rows_N)
    return text + f"\n{len(rows_N):,} reviews; all of {PRESET}: {mean:.2f} ± {half:.2f}\n"


def main() -> None:
    """Train what is missing, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", choices=("imdb", "mr"), default="imdb")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="of ten")
    parser.add_argument("--rows", type=json.loads, default={}, help="changed settings, as JSON")
    parser.add_argument("--by-review", action="store_true", help="films stand on both sides")
    parser.add_argument("--results", type=Path, default=Path("build/settings"))
    arguments = parser.parse_args()
    best = PRESETS["best"]
    rows = {PRESET: best} | {name: best.replace(**set_) for name, set_ in arguments.rows.items()}
    by_film = arguments.data == "imdb" and not arguments.by_review  # MR has no films
    source = Source(arguments.data, load(arguments.data), by_film)
    print(table(measured(source, sorted(arguments.folds), rows, arguments.results), rows))


if __name__ == "__main__":
    main()
