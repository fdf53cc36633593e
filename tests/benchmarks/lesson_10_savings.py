"""Measures what lesson 10's savings cost: python -m tests.benchmarks.lesson_10_savings [--seeds 5]

The lesson's reader (`attnkit.asking_reader`) on MR, trained from several seeds, and what is left of
it with a window, with fewer heads, with fewer bits; and smaller readers, trained on labels or by
teachers. Whatever is chosen is chosen by the validation sentences; then the 1,000 test sentences
are asked. The savings are made by the lesson's own functions. Writes
lessons/attnkit/measured/lesson_10_savings.json. Intervals are those of lesson_8_table.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import Any

import attnkit.measured
import numpy as np
import numpy.typing as npt
from attnkit import asking_reader as readers
from attnkit.asking_reader import HEADS, LENGTH, WIDTH, Params, Sentences
from attnkit.data import split

from tests.benchmarks.lesson_8_parts import about, functions_of
from tests.benchmarks.lesson_8_table import with_interval

Floats = npt.NDArray[np.float64]
Right = list[Floats]  # for each seed, the share of right verdicts on each test sentence

WINDOWS = (0, 1, 2, 4, 8, 16)
BITS = (8, 6, 5, 4, 3, 2)
TIED = ("Wq", "Wk", "Wv", "Wo", "words", "places")  # what is made of whole numbers
PUPIL, TAU, UNLABELLED = 4, 2.0, 20_000
BATCH = 100


def lesson_10() -> dict[str, Any]:
    """The lesson's functions: its answers and its given forward pass."""
    return functions_of("10_paying_less", {"logits", "multi_head", "split_heads"})


def said(own: dict[str, Any], part: Sentences, params: Params, H: int, near: Any = True) -> Floats:
    """The reader's logits for all sentences of a part."""
    rows = range(0, len(part.ids), BATCH)
    some = [own["logits"](part.ids[row : row + BATCH], params, H, near) for row in rows]
    return np.concatenate(some).astype(np.float64)


def right(z_N: Floats, y_N: npt.NDArray[Any]) -> Floats:
    return ((z_N > 0) == (y_N == 1)).astype(np.float64)


def loss(z_N: Floats, y_N: npt.NDArray[Any]) -> float:
    return float(np.mean(np.logaddexp(0, np.where(y_N == 1, -z_N, z_N))))


# --- fewer heads ----------------------------------------------------------------------------------


def by_head(own: dict[str, Any], part: Sentences, params: Params) -> tuple[Floats, Floats]:
    """What each head adds to the logits, (N, H), and what stands there without any, (N,).

    The reader's logit is a sum over heads, so those of one head at a time say all.
    """
    alone = [
        said(own, part, own["prune_heads"](params, [h], HEADS), 1) for h in range(HEADS)
    ]
    base_N = (np.sum(alone, axis=0) - said(own, part, params, HEADS)) / (HEADS - 1)
    return np.stack(alone, axis=1) - base_N[:, None], base_N


def pruned(own: dict[str, Any], data: dict[str, Sentences], params: Params) -> dict[str, Any]:
    """For each number of heads kept: right by validation loss, and on average over all choices."""
    found: dict[str, Any] = {}
    parts = {name: by_head(own, data[name], params) for name in ("validation", "test")}
    y, test = data["validation"].y, data["test"].y
    gone_NH, base_N = parts["validation"]
    left = list(range(HEADS))
    order: list[int] = []  # the first to go first: each time the one whose going costs least
    while len(left) > 1:
        costs = {h: loss(base_N + gone_NH[:, [g for g in left if g != h]].sum(axis=1), y)
                 for h in left}  # fmt: skip
        order.append(min(costs, key=lambda h: costs[h]))
        left.remove(order[-1])
    gone_NH, base_N = parts["test"]
    for kept in range(HEADS):
        chosen = [h for h in range(HEADS) if h not in order[: HEADS - kept]] if kept else []
        z_N = base_N + gone_NH[:, chosen].sum(axis=1)
        every = [base_N + gone_NH[:, list(some)].sum(axis=1)
                 for some in itertools.combinations(range(HEADS), kept)]  # fmt: skip
        found[f"loss {kept}"] = right(z_N, test)
        found[f"random {kept}"] = np.mean([right(each, test) for each in every], axis=0)
        found[f"log loss {kept}"] = loss(z_N, test)
        found[f"log random {kept}"] = float(np.mean([loss(each, test) for each in every]))
    return found


# --- fewer bits -----------------------------------------------------------------------------------


def rounded(own: dict[str, Any], params: Params, bits: int) -> Params:
    """The parameters as they come back from whole numbers of so many bits; see `quantise`."""
    from attnkit.figures.bits import quantise

    back = dict(params)
    for name in TIED:
        q, scale = own["quantize_int8"](params[name]) if bits == 8 else quantise(params[name], bits)
        back[name] = (q * scale).astype(np.float32)
    return back


def in_whole_numbers(own: dict[str, Any], part: Sentences, params: Params) -> Floats:
    """Logits where all matrix products of attention are those of `int8_matmul`."""

    class Whole:
        """A matrix that is multiplied in whole numbers: `x @ Whole(W)`."""

        __array_ufunc__ = None

        def __init__(self, W: npt.NDArray[Any]) -> None:
            self.q, self.scale = own["quantize_int8"](W)

        def __rmatmul__(self, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
            rows = own["int8_matmul"](x.reshape(-1, x.shape[-1]), self.q, self.scale)
            return np.asarray(rows.reshape(*x.shape[:-1], -1), np.float32)

    whole: Any = dict(rounded(own, params, 8))
    whole |= {name: Whole(params[name]) for name in ("Wq", "Wk", "Wv", "Wo")}
    return said(own, part, whole, HEADS)


# --- a smaller pupil ------------------------------------------------------------------------------


def unlabelled(count: int) -> npt.NDArray[np.int32]:
    """Sentences out of IMDb's training reviews, of 5 to 40 words, as ids."""
    found = []
    for text in split("imdb").train.text:
        found += [piece for piece in text.split(". ") if 5 <= len(piece.split()) <= LENGTH]
    rng = np.random.default_rng(10)
    return readers.encode([found[i] for i in rng.permutation(len(found))[:count]])


def pupil(seed: int, ids: Any, z: Any, data: dict[str, Sentences]) -> Any:
    """A small reader, taught by logits z with the loss of L10.6 at τ = 2."""
    import keras

    def taught(z_B1: Any, p_B1: Any) -> Any:
        clipped = keras.ops.clip(p_B1, 1e-6, 1 - 1e-6)
        s = keras.ops.log(clipped / (1 - clipped)) / TAU
        t = keras.ops.sigmoid(z_B1 / TAU)
        cross = keras.ops.softplus(s) - t * s
        return TAU**2 * keras.ops.mean(cross)  # less the teacher's entropy, which has no gradient

    keras.utils.set_random_seed(seed)
    model = readers.plain(PUPIL)
    own = data["validation"]
    if z is not None:
        model.compile("adam", taught, metrics=[keras.metrics.MeanMetricWrapper(agrees, "accuracy")])
        readers.fit(model, (ids, z), (own.ids, 2 * own.y - 1))
    else:
        readers.fit(model, (ids, data["train"].y), tuple(own))
    return model.predict(data["test"].ids, batch_size=250, verbose=0)[:, 0] - 0.5


def agrees(z_B1: Any, p_B1: Any) -> Any:
    """Whether a pupil says what its teacher says (or a label, given as ±1)."""
    import keras

    p = keras.ops.reshape(p_B1, (-1,))
    z = keras.ops.reshape(z_B1, (-1,))
    return keras.ops.cast(keras.ops.equal(p > 0.5, z > 0), "float32")


# --- the table ------------------------------------------------------------------------------------


def size_of(params: Params, bits: int = 32) -> int:
    """Bytes of the parameters, those of `TIED` with so many bits, and their scales."""
    whole = 0
    for name, array in params.items():
        small = name in TIED and bits < 32
        whole += array.size * bits // 8 + array.shape[-1] * 4 if small else array.size * 4
    return whole


def row(name: str, runs: Right, full: Right, size: int, seconds: float | None) -> dict[str, Any]:
    """One line of the table."""
    test, half = with_interval(np.array(runs))
    line: dict[str, Any] = {"name": name, "seeds": len(runs), "test": test, "half": half}
    if runs is not full:
        line["gap"], line["gap_half"] = with_interval(np.array(runs) - np.array(full))
    line["bytes"] = size
    if seconds is not None:
        line["ms"] = round(1000 * seconds, 2)
    return line


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    own, data, start = lesson_10(), readers.sentences(), time.perf_counter()
    test = data["test"]
    runs: dict[str, Right] = {}
    losses: dict[str, list[float]] = {}

    def note(name: str, values: Floats) -> None:
        runs.setdefault(name, []).append(values)

    teachers = []
    for seed in seeds:
        params = readers.trained(seed)
        teachers.append(params)
        note("full", right(said(own, test, params, HEADS), test.y))
        for w in WINDOWS:
            z_N = said(own, test, params, HEADS, own["window_mask"](LENGTH, w))
            note(f"window {w}", right(z_N, test.y))
        for name, value in pruned(own, data, params).items():
            if name.startswith("log "):
                losses.setdefault(name.removeprefix("log "), []).append(value)
            else:
                note(name, value)
        for bits in BITS:
            note(f"bits {bits}", right(said(own, test, rounded(own, params, bits), HEADS), test.y))
        note("int8", right(in_whole_numbers(own, test, params), test.y))
        print(seed, {name: round(100 * float(some[-1].mean()), 1) for name, some in runs.items()},
              round(time.perf_counter() - start), flush=True)  # fmt: skip

    more = np.concatenate([data["train"].ids, unlabelled(UNLABELLED)])
    taught_by = [
        np.concatenate([own["logits"](more[i : i + BATCH], params, HEADS)
                        for i in range(0, len(more), BATCH)]) for params in teachers
    ]  # fmt: skip
    few = len(data["train"].ids)
    for seed in seeds:
        z_N = taught_by[seed].astype(np.float32)
        all_N = np.mean(taught_by, axis=0).astype(np.float32)
        for name, ids, z in (
            ("pupil, labels", more[:few], None),
            ("pupil, its teacher", more[:few], z_N[:few]),
            ("pupil, five teachers", more[:few], all_N[:few]),
            ("pupil, its teacher, more sentences", more, z_N),
            ("pupil, five teachers, more sentences", more, all_N),
        ):
            note(name, right(pupil(seed, ids, z, data), test.y))
            print(seed, name, round(100 * float(runs[name][-1].mean()), 1), flush=True)
    together = np.mean([said(own, test, params, HEADS) for params in teachers], axis=0)
    runs["five teachers' mean"] = [right(together, test.y)]

    some = data["test"].ids[:BATCH]
    params = teachers[0]
    timed = {
        "full": (params, HEADS),
        **{f"loss {kept}": (own["prune_heads"](params, list(range(kept)), HEADS), kept)
           for kept in range(1, HEADS)},
    }  # fmt: skip
    small = {"words": params["words"][:, :PUPIL].copy(), "w": params["w"][:PUPIL], "b": params["b"]}
    keep_BT = (some != 0) / (some != 0).sum(axis=1, keepdims=True)

    def mean_of_words() -> Any:
        return np.einsum("btd,bt,d->b", small["words"][some], keep_BT, small["w"], optimize=True)

    seconds = {
        name: readers.fastest(lambda given=given: own["logits"](some, *given), 30)
        for name, given in timed.items()
    }
    seconds["pupil, labels"] = readers.fastest(mean_of_words, 30)
    full = runs["full"]
    lines = []
    for name, every in runs.items():
        kind, _, rest = name.partition(" ")
        size = size_of(params)
        if kind == "bits" or name == "int8":
            size = size_of(params, int(rest) if rest else 8)
        elif name in timed and name != "full":
            size = size_of(timed[name][0])
        elif kind == "random" and rest != "0":
            size = size_of(timed[f"loss {rest}"][0])
        elif kind == "pupil,":
            size = size_of(small)
        elif kind == "five":
            size *= len(teachers)
        wide = every if len(every) == len(full) else every * len(full)
        lines.append(row(name, wide, full, size, seconds.get(name)))
    told = {
        "about": {**about(), "seconds": round(time.perf_counter() - start)},
        "width": WIDTH,
        "rows": lines,
        "losses": {name: [round(value, 4) for value in some] for name, some in losses.items()},
    }
    for line in lines:
        print(line)
    file = Path(attnkit.measured.__file__).with_name("lesson_10_savings.json")
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
