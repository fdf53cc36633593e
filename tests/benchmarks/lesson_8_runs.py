"""Measures the trainings that lesson 8's panel shows: python -m tests.benchmarks.lesson_8_runs

Twelve trainings of the lesson's own model on MR, one after another, each as the lesson trains it:
at most six epochs, until the validation loss has not fallen for two. Takes some minutes on one
core, and writes lessons/attnkit/measured/lesson_8.json.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import platform
import time
from collections import Counter
from pathlib import Path
from typing import Any

import attnkit.measured
from attnkit.classifier import tokenise
from attnkit.data import split

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

LENGTHS, WIDTHS, HEADS = (10, 20, 40), (8, 32), (1, 4)
SIZE, SEED = 10_000, 8


def main() -> None:
    import keras

    own: dict[str, Any] = dict(
        read_lesson(find_course().lesson("08_classifier").source).reference()
    )
    parts = split("mr")
    texts = [[" ".join(tokenise(t)) for t in part.text] for part in (parts.train, parts.validation)]
    counts = Counter(word for text in texts[0] for word in text.split())
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[: SIZE - 2]
    vocab = {word: i for i, word in enumerate(ranked, 2)}
    runs = []
    for length, width, heads in itertools.product(LENGTHS, WIDTHS, HEADS):
        train, validation = (
            own["make_dataset"](some, list(part.label), vocab, length)
            for some, part in zip(texts, (parts.train, parts.validation), strict=True)
        )
        keras.utils.set_random_seed(SEED)
        model = own["build_classifier"](SIZE, length, width, heads)
        stop = keras.callbacks.EarlyStopping("val_loss", patience=2)
        start = time.perf_counter()
        history = model.fit(
            *train, validation_data=validation, batch_size=64, epochs=6, callbacks=[stop], verbose=0
        ).history
        rounded = {name: [round(float(v), 4) for v in values] for name, values in history.items()}
        seconds = round(time.perf_counter() - start, 1)
        settings = {"length": length, "width": width, "heads": heads}
        runs.append({**settings, "seconds": seconds, "history": rounded})
        print(
            settings, f"{seconds} s, least validation loss {min(rounded['val_loss'])}", flush=True
        )
    about = {
        "date": dt.date.today().isoformat(),
        "keras": f"{keras.__version__} on {keras.backend.backend()}",
        "machine": f"one core, {platform.machine()}, {platform.system()}",
    }
    file = Path(attnkit.measured.__file__).with_name("lesson_8.json")
    rows = ",\n".join(json.dumps(run) for run in runs)
    file.write_text(f'{{"about": {json.dumps(about)}, "runs": [\n{rows}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
