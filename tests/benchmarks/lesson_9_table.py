"""Measures what lesson 9's text says: python -m tests.benchmarks.lesson_9_table [--seeds 3]

Lesson 8's model, trained from several seeds, on MR's 1,000 validation sentences: what hiding the
words does that each method names first, beside words drawn by chance; what permuted and equal
weights do; how weights agree with counted words. And MiniLM's heads on some of these sentences:
where they look, and what the sentence's vector loses without each. All with the lesson's own
functions. Writes lessons/attnkit/measured/lesson_9.json.

Effects are those on the probability of what the model says, praise or blame. Intervals are those of
lesson_8_table.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit.data import split
from attnkit.earlier import the_courses
from attnkit.minilm import load_minilm
from attnkit.pooling_model import PoolingModel, trained
from scipy.special import erf
from scipy.stats import spearmanr

from tests.benchmarks.lesson_8_parts import about, functions_of
from tests.benchmarks.lesson_8_table import with_interval

Floats = npt.NDArray[np.float64]
KS, DRAWS = [0, 1, 2, 3], 20
SENTENCES, OF_MINILM = 1000, 100


def measured(values_SN: Floats) -> list[float]:
    """Mean over seeds and sentences, and half its 95 % interval."""
    return [round(percent / 100, 4) for percent in with_interval(values_SN)]


def log_ratios(model: PoolingModel) -> Floats:
    """Naive Bayes's evidence of each id: log (n₊ + 1)/(n₋ + 1), by training sentences."""
    train = split("mr").train
    ids_NT, y_N = model.ids(list(train.text)), train.label.to_numpy()
    n_2V = np.ones((2, len(model.E_VD)))
    for ids_T, y in zip(ids_NT, y_N, strict=True):
        n_2V[y, np.unique(ids_T)] += 1
    ratios: Floats = np.log(n_2V[1] / n_2V[0])
    return ratios


def agreement(a_T: Floats, b_T: Floats) -> float:
    """Spearman's rank correlation; 0 if one of the two is constant."""
    if len(np.unique(a_T)) < 2 or len(np.unique(b_T)) < 2:
        return 0.0
    return float(spearmanr(a_T, b_T).statistic)


def of_model(model: PoolingModel, own: dict[str, Any], seed: int) -> dict[str, list[float]]:
    """Each measure of one model, a value for each sentence."""
    rng = np.random.default_rng([9, seed])
    validation = split("mr").validation
    ratio_V = log_ratios(model)
    kept: dict[str, list[float]] = {}

    def keep(name: str, value: Any) -> None:
        kept.setdefault(name, []).append(float(value))

    for text, y in list(zip(validation.text, validation.label, strict=True))[:SENTENCES]:
        ids_T = model.ids(text)
        T = int((ids_T > 0).sum())
        if T < 5:
            continue
        w_HT, x_TD = model.weights(ids_T)[:, :T].astype(float), model.x(ids_T[:T]).astype(float)
        value_HT = model.C_HD @ x_TD.T
        p = float(model.predict(ids_T[None])[0])
        sign = 1 if p > 0.5 else -1  # towards what the model says

        def says(ids_BT: Any, sign: int = sign) -> Floats:
            p_B = model.predict(ids_BT)
            return p_B if sign > 0 else 1 - p_B

        gradient_T = sum(
            own["saliency"](x_TD, model.W_AD.astype(float), u_A.astype(float), c_D.astype(float))
            for u_A, c_D in zip(model.U_HA, model.C_HD, strict=True)
        )
        methods = {
            "weights": w_HT.mean(axis=0),
            "gradient × input": sign * gradient_T,
            "leave one out": own["leave_one_out"](says, ids_T)[:T],
            "shares": sign * (w_HT * value_HT).sum(axis=0),
        }
        chance_K = own["random_curve"](says, ids_T, KS, DRAWS, rng)
        for k in KS[1:]:
            keep(f"fall, by chance, k = {k}", says(ids_T[None])[0] - chance_K[k])
        one = own["random_curve"](says, ids_T, [1], 1, rng)[0]
        keep("turned, by chance, k = 1", one < 0.5)
        for name, e_T in methods.items():
            p_K = own["deletion_curve"](says, ids_T, np.pad(e_T, (0, len(ids_T) - T)), KS)
            for k in KS[1:]:
                keep(f"fall, {name}, k = {k}", p_K[0] - p_K[k])
            keep(f"turned, {name}, k = 1", p_K[1] < 0.5)
            keep(f"same top word as leaving out, {name}",
                 np.argmax(e_T) == np.argmax(methods["leave one out"]))  # fmt: skip
            keep(f"agreement with leaving out, {name}",
                 agreement(e_T, methods["leave one out"]))  # fmt: skip
        ratio_T = ratio_V[ids_T[:T]]
        keep("agreement, weights and |log ratio|", agreement(methods["weights"], np.abs(ratio_T)))
        keep("agreement, shares and log ratio", agreement(methods["shares"], sign * ratio_T))
        others = {"equal": np.full_like(w_HT, 1 / T), "permuted": w_HT[:, rng.permutation(T)]}
        for name, other_HT in others.items():
            logit = float((other_HT * value_HT).sum()) + model.bias
            p_other = 1 / (1 + np.exp(-logit))
            keep(f"moved, {name}", abs(p_other - p))
            keep(f"turned, {name}", (p_other > 0.5) != (p > 0.5))
            keep(f"right, {name}", (p_other > 0.5) == (y == 1))
            keep(f"right, {name} less own",
                 float((p_other > 0.5) == (y == 1)) - float((p > 0.5) == (y == 1)))  # fmt: skip
        keep("right, own", (p > 0.5) == (y == 1))
        keep("largest weight × words", w_HT.mean(axis=0).max() * T)
    return kept


def of_minilm(own: dict[str, Any]) -> dict[str, Any]:
    """Where MiniLM's 72 heads look, and what a sentence's vector loses without each."""
    texts = list(split("mr").validation.text)[:: 1000 // OF_MINILM][:OF_MINILM]
    run: Callable[..., Any] = own["run"]
    before, after, ends, cls, sep, sharp = [], [], [], [], [], []
    took = []
    for text in texts:
        start = time.perf_counter()
        A_LHTT = run(text)[2]
        took.append(1000 * (time.perf_counter() - start))
        before.append(own["head_offset"](A_LHTT, -1))
        after.append(own["head_offset"](A_LHTT, 1))
        cls.append(A_LHTT[..., 0].mean(axis=(1, 2)))
        sep.append(A_LHTT[..., -1].mean(axis=(1, 2)))
        ends.append(A_LHTT[..., [0, -1]].sum(axis=-1).mean(axis=(1, 2)))
        sharp.append(A_LHTT.max(axis=-1).mean(axis=-1))
    before_LH, after_LH = np.mean(before, axis=0), np.mean(after, axis=0)
    sharp_LH, lost_LH = np.mean(sharp, axis=0), np.zeros((6, 12))
    some = texts[::4]
    whole = [own["vector"](text) for text in some]
    lost_LHN = np.zeros((6, 12, len(some)))
    for layer, (n, text) in itertools.product(range(6), enumerate(some)):
        lost_LHN[layer, :, n] = 1 - own["vectors_without"](text, layer) @ whole[n]
    lost_LH = lost_LHN.mean(axis=-1)
    order = np.argsort(-lost_LH, axis=None)
    sharpest = np.unravel_index(np.argmax(sharp_LH), (6, 12))
    tokens_of = [len(own["run"](text)[0]) for text in texts]
    fifteen = [ms for ms, T in zip(took, tokens_of, strict=True) if 12 <= T <= 18]
    return {
        "sentences": len(texts),
        "tokens": [int(min(tokens_of)), float(np.median(tokens_of)), int(max(tokens_of))],
        "milliseconds, 12 to 18 tokens": round(float(np.median(fifteen)), 1),
        "milliseconds, all": round(float(np.median(took)), 1),
        "to the word before": before_LH.round(4).tolist(),
        "to the next": after_LH.round(4).tolist(),
        "to [CLS], by layer": np.mean(cls, axis=0).round(3).tolist(),
        "to [SEP], by layer": np.mean(sep, axis=0).round(3).tolist(),
        "to both, by layer": np.mean(ends, axis=0).round(3).tolist(),
        "largest weight": sharp_LH.round(4).tolist(),
        "lost without, sentences": len(some),
        "lost without": lost_LH.round(5).tolist(),
        "lost without, half intervals": (1.96 * lost_LHN.std(axis=-1, ddof=1) / len(some) ** 0.5)
        .round(5)
        .tolist(),
        "sharpest": [int(i) for i in sharpest],
        "place of the sharpest by what is lost, of 72": int(
            np.flatnonzero(order == np.ravel_multi_index(sharpest, (6, 12)))[0] + 1
        ),
        "agreement, largest weight and what is lost": round(
            agreement(sharp_LH.ravel(), lost_LH.ravel()), 3
        ),
    }


def of_models(own: dict[str, Any], seeds: int) -> dict[str, Any]:
    """All measures of lesson 8's model, trained from so many seeds."""
    runs = []
    for seed in range(seeds):
        model = trained(seed)
        assert model is not None
        runs.append(of_model(model, own, seed))
    told = {name: measured(np.array([run[name] for run in runs])) for name in runs[0]}
    for name, (mean, half) in told.items():
        print(f"{name:50} {mean:7.3f} ± {half:.3f}")
    return {"seeds": seeds, "sentences": len(runs[0]["right, own"]), "measures": told}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=("model", "minilm"), help="leave the other as it was")
    options = parser.parse_args()
    names = {"gelu", "embed", "attention", "block", "run", "vector", "vectors_without"}
    given: dict[str, Any] = {
        name: the_courses(name)
        for name in ("split_heads", "merge_heads", "batched_attention", "layer_norm")
    }
    given |= {"erf": erf, "minilm": load_minilm()}
    own = functions_of("09_looking_inside", names, **given)
    file = Path(attnkit.measured.__file__).with_name("lesson_9.json")
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    parts = {"model": lambda: of_models(own, options.seeds), "minilm": lambda: of_minilm(own)}
    for name, measure in parts.items():
        if options.only in (None, name):
            start = time.perf_counter()
            told[name] = measure()
            told[name] |= {"about": {**about(), "seconds": round(time.perf_counter() - start)}}
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(told.get("minilm", {}), indent=1))


if __name__ == "__main__":
    main()
