"""Measures what lesson 11's text says: python -m tests.benchmarks.lesson_11_table [--seeds 5]

Lesson 6's reader, trained on 50, 200, 1,000, half and all of MR's training sentences (`train_on`,
always in 255 steps), with copies that are unchanged, altered or erased; with one head and with
many, and with a plain mean, at the same number of parameters; what attacks make of them. How well a
line learned on film sentences reads whole film reviews and headlines: lesson_11_shift.py. All with
the lesson's own functions. Writes lessons/attnkit/measured/lesson_11.json.

Everything is compared in pairs: the same sentences were drawn, the same numbers to begin with, on
MR's 1,000 test sentences, from so many seeds. Intervals are those of lesson_8_table.py. `--only
curves --labels 50 200 --seeds 10` measures these anew and leaves all else as it was: with up to
1,000 labels the course's file has ten seeds, above five, and 20 draws of labels and digits. WordNet
and MiniLM are measured where they are installed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit.data import split
from attnkit.optional import MINILM, NotInstalledError, missing
from attnkit.readers import LOST, Reader, train_on
from attnkit.sentence_vectors import sentence_vectors
from attnkit.synonyms import NEGATORS, SYNONYMS
from attnkit.wordnet import wordnet_synonyms

from tests.benchmarks.lesson_8_parts import about, functions_of
from tests.benchmarks.lesson_8_table import with_interval
from tests.benchmarks.lesson_11_shift import digits, shift

Floats = npt.NDArray[np.float64]
Augment = Callable[[str, np.random.Generator], str]

SIZES, COPIES, HEADS = (50, 200, 1000, 3265, 6530), 4, 4  # the last but one is half of all
KINDS = {"plain mean": (1, True)} | {f"{H} heads": (H, False) for H in (1, 4, 16)}
DRAWS = 10  # of each attack
OF_MINILM = 5  # of every fifth sentence it makes a vector
HALF = SIZES[-2]  # where only these ways are looked at
AT_HALF = ("nothing", "both")


def lesson_11() -> dict[str, Any]:
    """The lesson's answers, and its given functions."""
    given = {"NEGATORS": NEGATORS, "SYNONYMS": SYNONYMS}
    return functions_of("11_less_data", {"typos", "by_synonyms", "by_erasing", "by_both"}, **given)


def drawn(size: int, seed: int, step: int = 1) -> tuple[list[str], npt.NDArray[np.int_]]:
    """So many of MR's training sentences (of each ``step``-th), half of them praise, and labels."""
    train = split("mr").train[::step]
    y_N = train.label.to_numpy()
    if size >= len(train):
        return list(train.text), y_N
    rng = np.random.default_rng([seed, size])
    rows = np.concatenate([rng.permutation(np.flatnonzero(y_N == y))[: size // 2] for y in (0, 1)])
    return [train.text.iloc[row] for row in rows], y_N[rows]


def test_part() -> tuple[list[str], npt.NDArray[np.int_]]:
    test = split("mr").test
    return list(test.text), test.label.to_numpy()


def right(reader: Reader, texts: Sequence[str], y_N: npt.NDArray[Any]) -> Floats:
    return ((reader.logits(texts) > 0) == (y_N == 1)).astype(np.float64)


def measured(values: Any, than: Any = None) -> list[float]:
    """Mean in percent over seeds (rows) and sentences, and half its 95 % interval.

    than: what the values are compared with, one by one.
    """
    values_SN = np.array(values, float) - (0 if than is None else np.array(than, float))
    return list(with_interval(values_SN))


# --- attacks --------------------------------------------------------------------------------------


def attacked(own: dict[str, Any], texts: Sequence[str]) -> dict[str, list[list[str]]]:
    """By kind of attack, ten altered versions of all texts."""
    kinds: dict[str, Callable[[list[str], np.random.Generator], list[str]]] = {
        "two typos": lambda tokens, rng: own["typos"](tokens, 2, rng),
        "two synonyms": lambda tokens, rng: own["synonym_replace"](
            tokens, SYNONYMS, 2, rng, keep=NEGATORS
        ),
        "a fifth erased": lambda tokens, rng: own["random_erase"](tokens, 0.2, rng),
    }
    versions = {}
    for number, (name, attack) in enumerate(kinds.items()):
        rngs = [np.random.default_rng([11, number, draw]) for draw in range(DRAWS)]
        versions[name] = [[" ".join(attack(text.split(), rng)) for text in texts] for rng in rngs]
    return versions


def under_attack(
    own: dict[str, Any], reader: Reader, texts: Sequence[str], versions: Any, y_N: Any
) -> dict[str, Floats]:
    """By kind of attack, for each sentence: right on average, right in all ten, what is lost."""
    clean_N = right(reader, texts, y_N)
    found: dict[str, Floats] = {"clean": clean_N}
    for name, draws in versions.items():
        right_AN = np.array([right(reader, draw, y_N) for draw in draws])
        told = own["robustness"](clean_N == 1, right_AN.T == 1)
        found[f"{name}, attacked"] = right_AN.mean(axis=0)
        found[f"{name}, worst"] = np.minimum(clean_N, right_AN.min(axis=0))
        for how in ("attacked", "worst"):
            found[f"{name}, lost when {how}"] = clean_N - found[f"{name}, {how}"]
        assert np.isclose(told["attacked"], right_AN.mean())
        assert np.isclose(told["worst"], found[f"{name}, worst"].mean())
    return found


# --- learning curves ------------------------------------------------------------------------------


def arms(own: dict[str, Any]) -> dict[str, tuple[Augment | None, float]]:
    """By name: what makes a copy (None: it stays as it is), and how often words are hidden."""
    found: dict[str, tuple[Augment | None, float]] = {
        "nothing": (None, 0.0),
        "synonyms": (own["by_synonyms"], 0.0),
        "erasing": (own["by_erasing"], 0.0),
        "both": (own["by_both"], 0.0),
        "word dropout": (None, LOST),
    }
    try:
        table = wordnet_synonyms()
    except NotInstalledError:
        return found

    def by_wordnet(text: str, rng: np.random.Generator) -> str:
        return " ".join(own["synonym_replace"](text.split(), table, 2, rng, keep=NEGATORS))

    return found | {"synonyms of WordNet": (by_wordnet, 0.0)}


def with_copies(
    texts: list[str], y_N: Any, augment: Augment | None, seed: int
) -> tuple[list[str], Any]:
    """The texts, and four copies of each behind them."""
    rng = np.random.default_rng([seed, 4])
    copies = [augment(text, rng) if augment else text for _ in range(COPIES) for text in texts]
    return texts + copies, np.tile(y_N, COPIES + 1)


def linear(texts: list[str], y_N: Any, test: list[str]) -> Floats:
    """What lesson 8's rival says: TF-IDF of words and pairs of words, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    counter = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True)
    line = LogisticRegression(C=5, max_iter=1000).fit(counter.fit_transform(texts), y_N)
    said: Floats = line.predict(counter.transform(test))
    return said


def of_minilm(texts: list[str], y_N: Any, test: list[str], every: dict[str, Any]) -> Floats:
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=10, max_iter=1000).fit(np.array([every[t] for t in texts]), y_N)
    said: Floats = line.predict(np.array([every[text] for text in test]))
    return said


def curves(own: dict[str, Any], seeds: int, sizes: Sequence[int]) -> dict[str, Any]:
    """For each number of labels and each way: right on test and training sentences, and gains."""
    test, y_test = test_part()
    versions = attacked(own, test)
    vectors: dict[str, Any] = {}
    if not missing(MINILM):
        for part in (test, list(split("mr").train.text)[::OF_MINILM]):
            vectors |= dict(zip(part, sentence_vectors(part), strict=True))
    told: dict[str, Any] = {}
    for size in sizes:
        runs: dict[str, list[Floats]] = {}
        trained_on: dict[str, list[float]] = {}
        tried: dict[str, list[dict[str, Floats]]] = {}
        for seed in range(seeds):
            texts, y_N = drawn(size, seed)
            for name, (augment, lost) in arms(own).items():
                if size == HALF and name not in AT_HALF:
                    continue
                more, labels = with_copies(texts, y_N, augment, seed)
                reader = train_on(more, labels, HEADS, seed, lost=lost)
                runs.setdefault(name, []).append(right(reader, test, y_test))
                trained_on.setdefault(name, []).append(float(right(reader, texts, y_N).mean()))
                if size == SIZES[-1]:
                    found = under_attack(own, reader, test, versions, y_test)
                    tried.setdefault(name, []).append(found)
            if size == HALF:
                continue
            with_synonyms = with_copies(texts, y_N, own["by_synonyms"], seed)
            ways = {"a line on counted words": (texts, y_N), "… with synonyms": with_synonyms}
            for name, learned in ways.items():
                said = linear(*learned, test)
                runs.setdefault(name, []).append((said == y_test) * 1.0)
            if vectors and size <= len(vectors) - len(test):
                texts, y_N = drawn(size, seed, OF_MINILM)
                said = of_minilm(texts, y_N, test, vectors)
                runs.setdefault("a line on MiniLM's vectors", []).append((said == y_test) * 1.0)
        lines: dict[str, dict[str, Any]] = {}
        told[str(size)] = lines
        for name, some in runs.items():
            base = "a line on counted words" if name == "… with synonyms" else "nothing"
            lines[name] = {"test": measured(some)}
            if name != base and (name in trained_on or name == "… with synonyms"):
                lines[name]["gain"] = measured(some, runs[base])
            if name in trained_on:
                lines[name]["train"] = round(100 * float(np.mean(trained_on[name])), 1)
            if name in tried:
                lines[name]["attacks"] = compared(tried[name], tried["nothing"])
            print(size, name, lines[name], flush=True)
    return {"seeds": {str(n): seeds for n in sizes}, "copies": COPIES, "sizes": told}


def compared(runs: list[dict[str, Floats]], than: list[dict[str, Floats]]) -> dict[str, Any]:
    """Each measure of some models, and its difference from other models' in the same place."""
    found = {}
    for name in runs[0]:
        values, others = ([run[name] for run in some] for some in (runs, than))
        found[name] = {"right": measured(values)}
        if runs is not than:
            found[name]["change"] = measured(values, others)
    return found


# --- heads ----------------------------------------------------------------------------------------


def heads(own: dict[str, Any], seeds: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Plain mean and 1, 4, 16 heads: right of training and test sentences, and under attack."""
    test, y_test = test_part()
    versions = attacked(own, test)
    told: dict[str, Any] = {"seeds": {str(n): seeds for n in sizes}, "sizes": {}, "attacks": {}}
    for size in (size for size in sizes if size != HALF):
        right_: dict[str, dict[str, list[Any]]] = {name: {} for name in KINDS}
        tried: dict[str, list[dict[str, Floats]]] = {name: [] for name in KINDS}
        for seed in range(seeds):
            texts, y_N = drawn(size, seed)
            for name, (H, mean) in KINDS.items():
                reader = train_on(texts, y_N, H, seed, mean=mean)
                on_test, on_train = right(reader, test, y_test), right(reader, texts, y_N)
                kept = right_[name]
                kept.setdefault("test", []).append(on_test)
                kept.setdefault("train", []).append(on_train.mean())
                kept.setdefault("gap", []).append(on_train.mean() - on_test)
                if size == SIZES[-1]:
                    tried[name].append(under_attack(own, reader, test, versions, y_test))
        lines: dict[str, dict[str, Any]] = {}
        told["sizes"][str(size)] = lines
        for name, kept in right_.items():
            lines[name] = {what: measured(kept[what]) for what in ("test", "gap")}
            lines[name]["train"] = round(100 * float(np.mean(kept["train"])), 1)
            base = right_["plain mean"]
            if kept is not base:
                for what in ("test", "gap"):
                    lines[name][f"{what} less mean's"] = measured(kept[what], base[what])
            print(size, name, lines[name], flush=True)
        if size == SIZES[-1]:
            for name, some in tried.items():
                told["attacks"][name] = compared(some, tried["1 heads"])
                print(name, told["attacks"][name], flush=True)
    return told


def negators(own: dict[str, Any], seeds: int) -> dict[str, Any]:
    """What erasing the negators does to verdicts, beside erasing as many other words."""
    test, y_test = test_part()
    some = [(text, y) for text, y in zip(test, y_test, strict=True) if NEGATORS & set(text.split())]
    texts, y_N = [text for text, _ in some], np.array([y for _, y in some])
    texts_all, y_all = drawn(SIZES[-1], 0)
    turned: dict[str, list[Floats]] = {"negators": [], "others": []}
    for seed in range(seeds):
        reader = train_on(texts_all, y_all, HEADS, seed)
        rng = np.random.default_rng([seed, 5])
        said = reader.logits(texts) > 0
        for what, found in turned.items():
            without = []
            for text in texts:
                tokens = text.split()
                at = [t for t, word in enumerate(tokens) if word in NEGATORS]
                words = [t for t, word in enumerate(tokens)
                         if word not in NEGATORS and word[0].isalpha()]  # fmt: skip
                gone = set(at if what == "negators" else rng.permutation(words)[: len(at)])
                without.append(" ".join(word for t, word in enumerate(tokens) if t not in gone))
            found.append(((reader.logits(without) > 0) != said) * 1.0)
    told = {name: measured(values) for name, values in turned.items()}
    told["difference"] = measured(turned["negators"], turned["others"])
    print(len(texts), told, flush=True)
    return {"seeds": seeds, "sentences": len(texts), "praise": round(float(y_N.mean()), 3), **told}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="leave the others as they were")
    parser.add_argument("--labels", nargs="*", type=int, default=SIZES, help="the same, of sizes")
    parser.add_argument("--out", type=Path, help="another file than the course's own")
    options = parser.parse_args()
    own = lesson_11()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "digits": lambda: digits(own, 4 * options.seeds),
        "negators": lambda: negators(own, options.seeds),
        "shift": lambda: shift(own, 4 * options.seeds),
        "heads": lambda: heads(own, options.seeds, options.labels),
        "curves": lambda: curves(own, options.seeds, options.labels),
    }
    file = options.out or Path(attnkit.measured.__file__).with_name("lesson_11.json")
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for name, measure in parts.items():
        if not options.only or name in options.only:
            start = time.perf_counter()
            new, old = measure(), told.get(name, {})
            if "attacks" in old and not new.get("attacks"):
                new["attacks"] = old["attacks"]
            if name in ("heads", "curves"):
                for what in ("sizes", "seeds"):
                    both = old.get(what, {}) | new[what]
                    new[what] = {key: both[key] for key in map(str, SIZES) if key in both}
            told[name] = new
            told[name]["about"] = {**about(), "seconds": round(time.perf_counter() - start)}
            file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
