"""Training on a GPU: how long it takes, where the time goes, and Keras's own example beside it.

    make bench-gpu
    make bench-gpu ARGS="--data imdb --preset best --deterministic"
    KERAS_BACKEND=jax python -m tests.benchmarks.gpu --json build/gpu.json

The table is Markdown, for the README of `attnkit.classifier`; the date and the device stand above
it. It runs on TensorFlow or, where a GPU machine has only that, on JAX, and on a CPU as well.
Measured are:

* the whole training as `attn train` does it, from texts to a classifier, with an empty cache;
* an epoch of one member after another one, when all is compiled: words per second, and what share
  of it goes into making batches (at most: TensorFlow makes them beside the training);
* the model of Keras's example *Text classification with Transformer* (Nandan, 2020: an encoder
  block on 200 words, two epochs), built after its description and trained on the same reviews.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from attnkit.data import Split, split
from attnkit.quiet import silence

EXAMPLE_WORDS, EXAMPLE_LENGTH, EXAMPLE_BATCH, EXAMPLE_EPOCHS = 20_000, 200, 32, 2


def main() -> None:
    """Measure, print the table, and keep the figures as JSON if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", choices=("imdb", "mr"), default="imdb")
    parser.add_argument("--preset", choices=("best", "small"), default="best")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto")
    parser.add_argument(
        "--deterministic", action="store_true", help="as attn train does by default"
    )
    parser.add_argument("--mixed-precision", action="store_true", help="products in bfloat16")
    parser.add_argument(
        "--reviews", type=int, help="the first so many after shuffling; a quick look"
    )
    parser.add_argument("--set", type=json.loads, default={}, help="other settings, as JSON")
    parser.add_argument("--json", type=Path, help="keep the figures in this file")
    arguments = parser.parse_args()

    with silence():
        from attnkit.classifier import PRESETS, device_report
        from attnkit.classifier.devices import same_every_time

        if arguments.deterministic:
            same_every_time()
        report = device_report(arguments.device)
    config = PRESETS[arguments.preset].replace(
        mixed_precision=arguments.mixed_precision, **arguments.set
    )
    parts = some(split(arguments.data), arguments.reviews)
    figures: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": ", ".join(report.gpus) if report.uses == "gpu" else f"{report.cores} CPU cores",
        "backend": f"Keras {report.keras} on {report.backend} {report.version}",
        "data": arguments.data,
        "preset": arguments.preset,
        "deterministic": arguments.deterministic,
        "mixed_precision": arguments.mixed_precision,
        "trained": len(parts.train),
        "validated": len(parts.validation),
    }
    with tempfile.TemporaryDirectory() as cache:
        os.environ["ATTNKIT_CACHE"] = cache
        for measure in (whole_training, one_epoch, example):
            measured = measure(parts, config)
            # should the rest not be reached
            print(json.dumps(measured), file=sys.stderr, flush=True)
            figures |= measured
    figures["ratio"] = figures["example_seconds"] / figures["seconds"]
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(table(figures))


def some(parts: Split, count: int | None) -> Split:
    """Shuffled training reviews, as many as asked for, and as large a share of the others."""
    if count is None:
        return parts
    share = min(count / len(parts.train), 1.0)
    return Split(*(part.sample(frac=share, random_state=0) for part in parts))


def whole_training(parts: Split, config: Any) -> dict[str, Any]:
    """From texts to a classifier: seconds, in all and by phase, and validation accuracy, in %."""
    from attnkit.classifier import train
    from attnkit.classifier.tokens import cached_tokens, cached_vocabulary

    texts, validation = [*parts.train["text"]], [*parts.validation["text"]]
    labels, wanted = parts.train["label"].to_numpy(), parts.validation["label"].to_numpy()
    epoch_ends: list[float] = []

    def watch(step: Any) -> None:
        if step.logs:
            epoch_ends.append(time.perf_counter())

    started = time.perf_counter()
    with silence():
        classifier, _ = train(texts, labels, validation, wanted, config, watch=watch)
    ended = time.perf_counter()

    def prepare() -> tuple[float, float]:
        started = time.perf_counter()
        vocabulary = cached_vocabulary(texts, config)
        fitted = time.perf_counter()
        for part in (texts, validation):
            cached_tokens(part, vocabulary, config.max_len, config.keep)
        return fitted - started, time.perf_counter() - fitted

    again = sum(prepare())
    os.environ["ATTNKIT_CACHE"] = "off"
    fitting, encoding = prepare()
    epochs = [after - before for before, after in pairwise([started, *epoch_ends])]
    right = (classifier.predict(validation) > 0.5) == (wanted == 1)
    return {
        "seconds": ended - started,
        "vocabulary_seconds": fitting,
        "encode_seconds": encoding,
        "prepare_again_seconds": again,
        "fit_seconds": epoch_ends[-1] - started - fitting - encoding,
        "after_seconds": ended - epoch_ends[-1],
        "first_epoch_seconds": epochs[0] - fitting - encoding,
        "later_epoch_seconds": statistics.median(epochs[1:]),
        "each_epoch_seconds": [round(seconds, 2) for seconds in epochs],
        "accuracy": 100 * float(right.mean()),
    }


def one_epoch(parts: Split, config: Any) -> dict[str, float]:
    """One member's first epoch, which compiles, and the same batches once more, which does not."""
    with silence():
        from attnkit.classifier import build_model
        from attnkit.classifier.batches import Batches, feed, training_order
        from attnkit.classifier.tokens import Tokens, cached_vocabulary
        from attnkit.classifier.training import compile_model

    texts = [*parts.train["text"]]
    vocabulary = cached_vocabulary(texts, config)
    tokens = Tokens.encode(texts, vocabulary, config.max_len, config.keep)
    order = training_order(tokens.lengths, config.batch, config.seed, epoch=0)
    batches = Batches(tokens, order, parts.train["label"].to_numpy())
    model = build_model(config, vocabulary.sizes)
    compile_model(model, config, len(order) * 2)
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        model.fit(feed(batches), verbose=0, shuffle=False)
        seconds.append(time.perf_counter() - started)
    started = time.perf_counter()
    padded = sum(batches[place][0].shape[1] * config.batch for place in range(len(order)))
    making = time.perf_counter() - started
    words = int(tokens.lengths[np.concatenate(order)].sum())
    return {
        "epoch_seconds": seconds[1],
        "steps": len(order),
        "words": words,
        "words_per_second": words / seconds[1],
        "words_with_pads_per_second": padded / seconds[1],
        "input_share": making / seconds[1],
    }


def example(parts: Split, config: Any) -> dict[str, float]:
    """Keras's example on the same reviews: seconds from ids to a model, and its accuracy."""
    import keras
    from attnkit.classifier import fit_vocabulary
    from attnkit.classifier.tokens import Tokens

    keras.utils.set_random_seed(0)
    texts = [*parts.train["text"]]
    vocabulary = fit_vocabulary(texts, EXAMPLE_WORDS)

    def padded(some_texts: list[str]) -> Any:
        tokens = Tokens.encode(some_texts, vocabulary, EXAMPLE_LENGTH, "tail")
        return tokens.rows(np.arange(len(tokens)), EXAMPLE_LENGTH)

    ids_NT = padded(texts)
    rows = np.random.default_rng(0).permutation(len(ids_NT))
    labels_N = parts.train["label"].to_numpy()
    model = example_model()
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    started = time.perf_counter()
    model.fit(
        ids_NT[rows],
        labels_N[rows],
        batch_size=EXAMPLE_BATCH,
        epochs=EXAMPLE_EPOCHS,
        validation_data=(padded([*parts.validation["text"]]), parts.validation["label"].to_numpy()),
        verbose=0,
    )
    seconds = time.perf_counter() - started
    right = model.history.history["val_accuracy"][-1]
    return {"example_seconds": seconds, "example_accuracy": 100 * float(right)}


def example_model() -> Any:
    """The example's model: word and place vectors, an encoder block, the mean, two dense layers."""
    from keras import Input, Model, layers, ops

    D, H, F = 32, 2, 32
    ids = Input((EXAMPLE_LENGTH,), dtype="int32")
    places = layers.Embedding(EXAMPLE_LENGTH, D)(ops.arange(EXAMPLE_LENGTH)[None])
    x = layers.Embedding(EXAMPLE_WORDS, D)(ids) + places
    told = layers.Dropout(0.1)(layers.MultiHeadAttention(H, D)(x, x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + told)
    thought = layers.Dense(D)(layers.Dense(F, "relu")(x))
    x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(0.1)(thought))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling1D()(x))
    x = layers.Dropout(0.1)(layers.Dense(20, "relu")(x))
    return Model(ids, layers.Dense(2, "softmax")(x))


def table(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    how = [name for name in ("deterministic", "mixed_precision") if figures[name]]
    lines = [
        f"{figures['date']}, {figures['device']}, {figures['backend']}; preset "
        f"`{figures['preset']}` on `{figures['data']}`, {figures['trained']:,} reviews"
        + "".join(f", {name.replace('_', ' ')}" for name in how),
        "",
        "| | |",
        "|---|---|",
    ]
    rows = {
        "the whole training": f"{figures['seconds']:.1f} s",
        "of it: the vocabulary": f"{figures['vocabulary_seconds']:.1f} s",
        "of it: texts to ids": f"{figures['encode_seconds']:.1f} s",
        "of it: compiling, training, validating": f"{figures['fit_seconds']:.1f} s",
        "of it: the linear member, and weighing": f"{figures['after_seconds']:.1f} s",
        "vocabulary and ids at a second start": f"{figures['prepare_again_seconds']:.2f} s",
        "validation accuracy": f"{figures['accuracy']:.2f} %",
        "the first epoch, compiling": f"{figures['first_epoch_seconds']:.1f} s",
        "a later epoch, validating": f"{figures['later_epoch_seconds']:.2f} s",
        "a later epoch alone": f"{figures['epoch_seconds']:.2f} s, {figures['steps']} steps",
        "words a second": f"{figures['words_per_second']:,.0f}",
        "words and pads a second": f"{figures['words_with_pads_per_second']:,.0f}",
        "share of making batches": f"{100 * figures['input_share']:.1f} %",
        "Keras's Transformer example, two epochs": f"{figures['example_seconds']:.1f} s",
        "its validation accuracy": f"{figures['example_accuracy']:.2f} %",
        "its time ÷ ours": f"{figures['ratio']:.2f}",
    }
    return "\n".join(lines + [f"| {what} | {value} |" for what, value in rows.items()])


if __name__ == "__main__":
    main()
