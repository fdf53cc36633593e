"""Measures what lesson 15's text says: python -m tests.benchmarks.lesson_15_table [--seeds 3]

How well the lesson's small language model predicts reviews it has not seen, beside smoothed
trigrams and a model of its size without attention, all of the same texts and the same subwords;
what its loss does beyond the places that it was trained on, with RoPE and with sinusoids; how long
a word takes with a cache and without; and what the cache takes. The models are trained as the
lesson trains its own, from several seeds. Writes lessons/attnkit/measured/lesson_15.json.

An interval is of the mean over seeds and texts: 1.96 √(σ² + τ²/S), with σ² the variance that 2,000
draws of as many texts have, of the seeds' mean, and τ² the variance over S seeds.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit.writing.byte_pairs import END, BytePairs, learn_byte_pairs
from attnkit.writing.corpus import Reviews, reviews
from attnkit.writing.measuring import Measured, measure, windowed
from attnkit.writing.plans import PLANS, Plan
from attnkit.writing.stepwise import Stepwise, taken_apart, untrained
from attnkit.writing.trigrams import learn_trigrams

from tests.benchmarks.lesson_8_parts import about, functions_of

Floats = npt.NDArray[np.float64]
Told = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Kind:
    """What is trained: how words mix, how places are known, in how many groups, for how long."""

    mixing: Any = "attention"
    places: Any = "rope"
    G: int = 0  # groups; 0: the plan's
    times: int = 1  # as many steps as the plan has
    more: bool = False  # whether it learns from more text, and is compared with trigrams of that
    seeds: int = 1  # the most that are trained

    def plan(self, plan: Plan) -> Plan:
        size = dataclasses.replace(plan.size, G=self.G or plan.size.G)
        characters = MORE if self.more else plan.characters
        return dataclasses.replace(
            plan, size=size, steps=plan.steps * self.times, seconds=1e6, characters=characters
        )


KINDS = {
    "decoder": Kind(seeds=9),
    "mean": Kind(mixing="mean", seeds=9),
    "sinusoids": Kind(places="sinusoids"),
    "decoder, longer": Kind(times=4, more=True),
    "G = 8": Kind(G=8),
    "G = 1": Kind(G=1),
}
LENGTHS = (16, 32, 64, 128, 256, 512, 1024)
READ, WIDE, TEXTS = 256, 16, 300  # words of a window beyond the trained one; of a bin; texts
TURNS = 15  # of each length; the quickest is told, for others may be at work
MORE = 3_000_000  # characters of more text
WORDS = 1024  # of which the cache's bytes are told


# --- how well it predicts -------------------------------------------------------------------------


def mean_and_half(nats_SN: Floats, per_N: Floats) -> tuple[float, float]:
    """Nats for each of `per_N` (ids, or bytes): mean over seeds and texts, half its interval."""
    S, N = nats_SN.shape
    drawn = np.random.default_rng(0).integers(N, size=(2000, N))
    texts = (nats_SN.mean(axis=0)[drawn].sum(axis=1) / per_N[drawn].sum(axis=1)).var(ddof=1)
    by_seed = nats_SN.sum(axis=1) / per_N.sum()
    seeds = by_seed.var(ddof=1) / S if S > 1 else 0.0
    return float(by_seed.mean()), float(1.96 * np.sqrt(texts + seeds))


def row(name: str, runs: Sequence[Measured], trigrams: Measured) -> Told:
    """One line of the table."""
    nats_SN = np.stack([run.nats for run in runs])
    nats, half = mean_and_half(nats_SN, trigrams.ids)
    bits, bits_half = mean_and_half(nats_SN / np.log(2), trigrams.bytes)
    line = {
        "name": name,
        "seeds": len(runs),
        "perplexity": round(float(np.exp(nats)), 2),
        "perplexity_low": round(float(np.exp(nats - half)), 2),
        "perplexity_high": round(float(np.exp(nats + half)), 2),
        "bits": round(bits, 4),
        "bits_half": round(bits_half, 4),
    }
    if name != "trigram":
        gap, gap_half = mean_and_half((nats_SN - trigrams.nats) / np.log(2), trigrams.bytes)
        line |= {"gap": round(gap, 4), "gap_half": round(gap_half, 4)}
    return line


@dataclasses.dataclass
class Trained:
    """A trained model: what it says of the texts, how long it took, and its arrays if it has any.

    apart is None for a model without attention.
    """

    measured: Measured
    seconds: float
    losses: list[float]
    parameters: int
    apart: Stepwise | None


def trained(kind: Kind, seed: int, plan: Plan, ids_N: Any, pairs: BytePairs, texts: Any) -> Trained:
    """Train a model of a kind from a seed, as the lesson does, and measure it."""
    import keras
    from attnkit.writing.decoder import Writer
    from attnkit.writing.training import train

    own = functions_of("15_writing", set())
    plan = kind.plan(plan)
    keras.utils.set_random_seed(seed)
    writer = Writer(plan.size, mixing=kind.mixing, places=kind.places)
    losses = train(writer, ids_N, own["next_word_batch"], plan, seed)
    found = measure(windowed(writer.predict_on_batch, plan.T), pairs, texts)
    apart = taken_apart(writer) if kind.mixing == "attention" else None
    return Trained(found, writer.seconds, losses, writer.count_params(), apart)


class Counted:
    """Texts of a length as ids, and what trigrams of them say of the texts to be measured by."""

    def __init__(self, characters: int, pairs: BytePairs) -> None:
        texts = reviews(characters)
        self.bytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts.train)
        self.ids_N = pairs.encode_all(texts.train)
        logp = learn_trigrams(self.ids_N, pairs.size).logp
        self.measured = measure(logp, pairs, texts.validation)


def on_what(plan: Plan, texts: Reviews, pairs: BytePairs, own: Counted, more: Counted) -> Told:
    """What was measured on, and the trigrams' rows: of the same texts, and of more."""
    rows = [row("trigram", [own.measured], own.measured),
            row("trigram, more text", [more.measured], own.measured)]  # fmt: skip
    for line, some in zip(rows, (own, more), strict=True):
        line["training bytes"] = some.bytes
    print(*rows, sep="\n", flush=True)
    sizes = dataclasses.asdict(plan.size)
    return {
        "data": {
            "training texts": len(texts.train),
            "training bytes": own.bytes,
            "training words": len(own.ids_N),
            "bytes a word": round(own.bytes / len(own.ids_N), 2),
            "vocabulary": pairs.size,
            "validation texts": len(texts.validation),
            "validation bytes": int(own.measured.bytes.sum()),
        },
        "plan": {**sizes, "T": plan.T, "B": plan.B, "steps": plan.steps, "rate": plan.rate},
        "rows": rows,
    }


def of_kind(
    name: str, seeds: int, plan: Plan, pairs: BytePairs, texts: Reviews, counted: Counted
) -> tuple[Told, list[Stepwise]]:  # fmt: skip
    """A kind's row of the table, and the arrays of its models if they have attention."""
    kind, runs = KINDS[name], []
    for seed in range(min(seeds, kind.seeds)):
        run = trained(kind, seed, plan, counted.ids_N, pairs, texts.validation)
        runs.append(run)
        print(name, seed, f"{run.measured.perplexity:.2f} {run.measured.bits_per_byte:.3f}",
              f"{run.seconds:.0f} s", np.round(run.losses, 3), flush=True)  # fmt: skip
    line = row(name, [run.measured for run in runs], counted.measured)
    line["seconds"] = round(float(np.median([run.seconds for run in runs])), 1)
    line |= {"parameters": runs[0].parameters, "steps": kind.plan(plan).steps}
    line["training bytes"] = counted.bytes
    return line, [run.apart for run in runs if run.apart is not None]


# --- beyond the trained places --------------------------------------------------------------------


def beyond(apart: dict[str, list[Stepwise]], plan: Plan, pairs: BytePairs) -> Told:
    """The loss by place in windows longer than those that the models were trained on."""
    ids_N = pairs.encode_all(reviews(0, TEXTS).validation)
    windows_WT = ids_N[: (len(ids_N) - 1) // READ * READ + 1]
    x_WT, y_WT = windows_WT[:-1].reshape(-1, READ), windows_WT[1:].reshape(-1, READ)
    told: Told = {"T": plan.T, "windows": len(x_WT), "wide": WIDE,
                            "place": list(range(1, READ + 1, WIDE))}  # fmt: skip
    for kind, name in (("decoder", "rope"), ("sinusoids", "sinusoids")):
        nats_SWT = np.stack(
            [[_nats(model, x_T, y_T) for x_T, y_T in zip(x_WT, y_WT, strict=True)]
             for model in apart[kind]]
        )  # fmt: skip
        bins_SWN = nats_SWT.reshape(*nats_SWT.shape[:2], -1, WIDE).mean(axis=-1)
        S, W = bins_SWN.shape[:2]
        windows = bins_SWN.mean(axis=0).var(axis=0, ddof=1) / W
        by_seed = bins_SWN.mean(axis=1).var(axis=0, ddof=1) / S if S > 1 else 0.0
        told[name] = bins_SWN.mean(axis=(0, 1)).round(3).tolist()
        told[f"{name}, half"] = (1.96 * np.sqrt(windows + by_seed)).round(3).tolist()
        print(name, told[name], flush=True)
    return told


def _nats(model: Stepwise, x_T: Any, y_T: Any) -> Floats:
    z_TV = model.read(x_T).z_TV.astype(np.float64)
    top_T = z_TV.max(axis=1)
    all_T = top_T + np.log(np.exp(z_TV - top_T[:, None]).sum(axis=1))
    nats: Floats = all_T - z_TV[np.arange(len(y_T)), y_T]
    return nats


# --- time and memory ------------------------------------------------------------------------------


def speed(model: Stepwise) -> Told:
    """Milliseconds for the last word of a text: read with a cache, and all read again without."""
    own = functions_of("15_writing", set())
    rng = np.random.default_rng(15)
    told: Told = {"lengths": list(LENGTHS), "with": [], "without": []}
    ids = rng.integers(1, model.size.V, max(LENGTHS))
    kept, before = None, dict[int, Any]()
    for n, word in enumerate(ids, 1):
        if n in LENGTHS:
            before[n] = kept
        kept = model.step(int(word), kept, own["cached_step"]).kept
    ways = {
        "with": lambda n: model.step(int(ids[n - 1]), before[n], own["cached_step"]),
        "without": lambda n: model.read(ids[:n], own["grouped_attention"]),
    }
    for n in LENGTHS:
        for name, way in ways.items():
            took = []
            for _ in range(TURNS):
                start = time.perf_counter()
                way(n)
                took.append(1000 * (time.perf_counter() - start))
            told[name].append(round(min(took), 2))
        print(n, told["with"][-1], told["without"][-1], flush=True)
    return told


def caches(model: Stepwise) -> Told:
    """What the cache takes, by the number of groups."""
    H = model.size.H
    rows = [
        {"G": G, "a word": model.cache_bytes(1, G), "all": model.cache_bytes(WORDS, G)}
        for G in (H, H // 4, 1)
    ]
    kept = model.step(END, None, functions_of("15_writing", set())["cached_step"]).kept
    held = sum(np.asarray(cache[name]).nbytes for cache in kept for name in ("k", "v"))
    if held != model.cache_bytes(1):
        raise AssertionError(f"a word takes {held} bytes, not {model.cache_bytes(1)}")
    return {"words": WORDS, "own groups": model.size.G, "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="+", choices=(*KINDS, "speed"), default=[*KINDS, "speed"],
        help="leave all else as it was; what was trained before is kept, and need not be again",
    )  # fmt: skip
    options = parser.parse_args()
    file = Path(attnkit.measured.__file__).with_name("lesson_15.json")

    def there() -> Told:  # another run may have written meanwhile
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def keep(name: str, found: Told, start: float) -> None:
        told = there()
        seconds = round(time.perf_counter() - start)
        told[name] = {**found, "about": {**about(), "seconds": seconds}}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        file.write_text(text, encoding="utf-8")

    plan, start = PLANS["cpu"], time.perf_counter()
    names = [name for name in KINDS if name in options.only]
    if names:
        texts = reviews(plan.characters)
        pairs = learn_byte_pairs(texts.some, plan.size.V)
        own, more = Counted(plan.characters, pairs), Counted(MORE, pairs)
        found, apart = on_what(plan, texts, pairs, own, more), dict[str, list[Stepwise]]()
        for name in names:
            counted = more if KINDS[name].more else own
            line, apart[name] = of_kind(name, options.seeds, plan, pairs, texts, counted)
            print(line, flush=True)
            others = [old for old in there().get("quality", {}).get("rows", [])
                      if old["name"] in KINDS and old["name"] != name]  # fmt: skip
            keep("quality", {**found, "rows": [*found["rows"], *others, line]}, start)
            if name == "sinusoids" and "decoder" in apart:
                begun = time.perf_counter()
                keep("places", beyond(apart, plan, pairs), begun)
    if "speed" in options.only:
        start, model = time.perf_counter(), untrained(plan.size)
        keep("speed", speed(model), start)
        keep("cache", caches(model), start)


if __name__ == "__main__":
    main()
