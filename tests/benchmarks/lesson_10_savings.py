"""Measures what lesson 10's savings cost: python -m tests.benchmarks.lesson_10_savings [--seeds 5]

The lesson's reader (`attnkit.asking_reader`) on MR, trained from several seeds, and what is left of
it with a window, with fewer heads, with fewer bits; and smaller readers, trained on labels or by
teachers. Whatever is chosen is chosen by the validation sentences; then the 1,000 test sentences
are asked. The savings are made by the lesson's own functions. Writes
lessons/attnkit/measured/lesson_10_savings.json. Intervals are those of lesson_8_table.py.

OMP_NUM_THREADS=1 python -m tests.benchmarks.lesson_10_savings --times measures only the
milliseconds anew.
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
from attnkit import asking_reader as readers
from attnkit import pooling_model
from attnkit.asking_reader import HEADS, LENGTH, PUPIL, WIDTH, Params, Sentences

from tests.benchmarks.lesson_8_parts import about, functions_of
from tests.benchmarks.lesson_8_table import with_interval

Floats = npt.NDArray[np.float64]
Right = list[Floats]  # for each seed, the share of right verdicts on each test sentence

WINDOWS = (0, 1, 2, 4, 8, 16)
BITS = (8, 6, 5, 4, 3, 2)
TIED = ("Wq", "Wk", "Wv", "Wo", "words", "places")  # what is made of whole numbers
BATCH = 100


def lesson_10() -> dict[str, Any]:
    """The lesson's functions: answers, the forward pass, and the loss that a pupil learns by."""
    import keras

    names = {"logits", "multi_head", "split_heads", "taught", "TAU"}
    return functions_of("10_paying_less", names, keras=keras)


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
    alone = [said(own, part, own["prune_heads"](params, [h], HEADS), 1) for h in range(HEADS)]
    base_N = (np.sum(alone, axis=0) - said(own, part, params, HEADS)) / (HEADS - 1)
    return np.stack(alone, axis=1) - base_N[:, None], base_N


def pruned(own: dict[str, Any], data: dict[str, Sentences], params: Params) -> dict[str, Any]:
    """For each number of heads kept: right by validation loss, and on average over all choices."""
    found: dict[str, Any] = {}
    parts = {name: by_head(own, data[name], params) for name in ("validation", "test")}
    y, test = data["validation"].y, data["test"].y
    each_NH, base_N = parts["validation"]
    left = list(range(HEADS))
    order: list[int] = []  # the first to go first: each time the one whose going costs least
    while len(left) > 1:
        costs = {h: loss(base_N + each_NH[:, [g for g in left if g != h]].sum(axis=1), y)
                 for h in left}  # fmt: skip
        order.append(min(costs, key=lambda h: costs[h]))
        left.remove(order[-1])
    each_NH, base_N = parts["test"]
    for kept in range(HEADS):
        chosen = [h for h in range(HEADS) if h not in order[: HEADS - kept]] if kept else []
        z_N = base_N + each_NH[:, chosen].sum(axis=1)
        every = [base_N + each_NH[:, list(some)].sum(axis=1)
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


def pupil(own: dict[str, Any], seed: int, ids: Any, z: Any, data: dict[str, Sentences]) -> Floats:
    """What a small reader says of the test sentences: taught by logits z, or by labels if None."""
    import keras

    if z is None:
        keras.utils.set_random_seed(seed)
        model = readers.plain(PUPIL)
        own_part = data["validation"]
        readers.fit(model, (ids, data["train"].y), (own_part.ids, own_part.y))
    else:
        model = readers.teach(own["taught"], ids, z, PUPIL, seed)
    p_N = model.predict(data["test"].ids, batch_size=250, verbose=0)[:, 0]
    return np.asarray(p_N, np.float64) - 0.5


# --- the table ------------------------------------------------------------------------------------


def size_of(params: Params, bits: int = 32) -> int:
    """Bytes of the parameters, those of `TIED` with so many bits, and their scales."""
    whole = 0
    for name, array in params.items():
        small = name in TIED and bits < 32
        whole += array.size * bits // 8 + array.shape[-1] * 4 if small else array.size * 4
    return whole


def row(name: str, runs: Right, full: Right, size: int, ms: float | None) -> dict[str, Any]:
    """One line of the table."""
    test, half = with_interval(np.array(runs))
    line: dict[str, Any] = {"name": name, "seeds": len(runs), "test": test, "half": half}
    if runs is not full:
        line["gap"], line["gap_half"] = with_interval(np.array(runs) - np.array(full))
    line["bytes"] = size
    if ms is not None:
        line["ms"] = ms
    return line


def processor_ms(own: dict[str, Any], params: Params, ids: Any) -> dict[str, float]:
    """Milliseconds of one core's time that some sentences take, the least of 60 tries."""
    pooling = pooling_model.trained(0)
    assert pooling is not None
    small = {name: np.array(params[name][..., :PUPIL]) for name in ("words", "w")}
    keep_BT = (ids != 0) / (ids != 0).sum(axis=1, keepdims=True)

    def heads(count: int) -> Callable[[], Any]:
        kept = own["prune_heads"](params, list(range(count)), HEADS)
        return lambda: own["logits"](ids, kept, count)

    ways: dict[str, Callable[[], Any]] = {f"loss {n}": heads(n) for n in range(1, HEADS)}
    ways |= {
        "full": heads(HEADS),
        "four queries": lambda: pooling.predict(ids),
        "pupil, labels": lambda: np.einsum("btd,bt->bd", small["words"][ids], keep_BT) @ small["w"],
    }
    least: dict[str, float] = dict.fromkeys(ways, np.inf)
    for _ in range(60):
        for name, way in ways.items():
            start = time.process_time()
            way()
            least[name] = min(least[name], 1000 * (time.process_time() - start))
    return {name: round(ms, 2) for name, ms in least.items()}


def only_times(file: Path) -> None:
    """Measure the milliseconds anew, and leave all else in the file as it is."""
    told = json.loads(file.read_text(encoding="utf-8"))
    took = processor_ms(lesson_10(), readers.trained(0), readers.sentences()["test"].ids[:BATCH])
    for line in told["rows"]:
        if line["name"] in took:
            line["ms"] = took[line["name"]]
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--times", action="store_true", help="only the milliseconds")
    options = parser.parse_args()
    file = Path(attnkit.measured.__file__).with_name("lesson_10_savings.json")
    if options.times:
        return only_times(file)
    seeds = range(options.seeds)
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

    pooling = None
    for seed in seeds:
        pooling = pooling_model.trained(seed)
        assert pooling is not None
        z_N = pooling.logits(pooling.weights(test.ids), test.ids)
        note("four queries", right(z_N, test.y))
        print(seed, "four queries", runs["four queries"][-1].mean(), flush=True)
    more = np.concatenate([data["train"].ids, readers.more_sentences()])
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
            note(name, right(pupil(own, seed, ids, z, data), test.y))
            print(seed, name, round(100 * float(runs[name][-1].mean()), 1), flush=True)
    together = np.mean([said(own, test, params, HEADS) for params in teachers], axis=0)
    runs["five teachers' mean"] = [right(together, test.y)]

    params = teachers[0]
    small = {name: params[name][..., :PUPIL] for name in ("words", "w")}
    took = processor_ms(own, params, data["test"].ids[:BATCH])
    full = runs["full"]
    lines = []
    for name, every in runs.items():
        kind, _, rest = name.partition(" ")
        size = size_of(params)
        if kind == "bits" or name == "int8":
            size = size_of(params, int(rest) if rest else 8)
        elif kind in ("loss", "random") and rest != "0":
            size = size_of(own["prune_heads"](params, list(range(int(rest))), HEADS))
        elif kind == "pupil,":
            size = size_of(small) + 4
        elif kind == "four":
            assert pooling is not None
            size = sum(array.nbytes for array in vars(pooling).values() if hasattr(array, "nbytes"))
        elif kind == "five":
            size *= len(teachers)
        wide = every if len(every) == len(full) else every * len(full)
        lines.append(row(name, wide, full, size, took.get(name)))
    told = {
        "about": {**about(), "seconds": round(time.perf_counter() - start)},
        "width": WIDTH,
        "rows": lines,
        "losses": {name: [round(value, 4) for value in some] for name, some in losses.items()},
    }
    for line in lines:
        print(line)
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
