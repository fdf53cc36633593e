"""Measures the trainings that lesson 8's panel shows: python -m tests.benchmarks.lesson_8_runs

Twelve trainings of the lesson's own model on MR, one after another, each as the lesson trains it:
at most eight epochs, until the validation accuracy has not risen for three. Takes some minutes, and
writes lessons/attnkit/measured/lesson_8.json.
"""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import attnkit.measured

from tests.benchmarks.lesson_8_parts import about, lesson_8

LENGTHS, WIDTHS, HEADS = (10, 20, 40), (8, 32), (1, 4)
SEED = 8
SHOWN = ("accuracy", "loss", "val_accuracy", "val_loss")


def main() -> None:
    import keras

    runs = []
    for length, width, heads in itertools.product(LENGTHS, WIDTHS, HEADS):
        parts = lesson_8(length)
        keras.utils.set_random_seed(SEED)
        model = parts.own["build_classifier"](parts.plan["size"], length, width, heads)
        own = {name: parts.data[name] for name in ("train", "validation")}
        start = time.perf_counter()
        history = parts.own["train"](model, own, seconds=3600)
        rounded = {name: [round(float(v), 4) for v in history[name]] for name in SHOWN}
        seconds = round(time.perf_counter() - start, 1)
        settings = {"length": length, "width": width, "heads": heads}
        runs.append({**settings, "seconds": seconds, "history": rounded})
        print(settings, f"{seconds} s, best accuracy {max(rounded['val_accuracy'])}", flush=True)
    file = Path(attnkit.measured.__file__).with_name("lesson_8.json")
    rows = ",\n".join(json.dumps(run) for run in runs)
    file.write_text(f'{{"about": {json.dumps(about())}, "runs": [\n{rows}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
