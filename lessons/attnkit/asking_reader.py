"""Lesson 8's classifier in the shape that costs most: every word asks every other (lesson 10).

Lesson 8 pools with H learned queries, so its scores are H for each word. Here its words attend to
each other with lesson 6's H heads, H · T scores for each word, and a masked mean and one straight
line come behind. All else is lesson 8's: the sentences of MR, the words that are known, places,
dropout, and how the training goes.

`trained` gives its weights as plain arrays, so that everything a lesson does with them can be done
in NumPy. A training of half a minute is kept on disk (`attnkit.cache`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.cache import cached, digest
from attnkit.classifier.vocabulary import Vocabulary, fit_vocabulary, tokenise
from attnkit.data import split

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]
Params = dict[str, Floats]

SIZE, LENGTH, WIDTH, HEADS = 10_000, 40, 32, 8
PUPIL = 4  # numbers a word of the small reader
BATCH, EPOCHS, RATE, SHRINK = 32, 6, 0.004, 0.7
SECONDS = 120.0  # the longest that a training may take
FORMAT = "asking reader 1"  # to be changed with whatever changes what a training gives


class Sentences(NamedTuple):
    """One part of MR as a model takes it: ids (N, 40), 0-padded at the end, and labels (N,)."""

    ids: Ids
    y: Floats


# --- the sentences --------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words that are known: those of MR's training sentences, the most frequent first."""
    return fit_vocabulary(list(split("mr").train.text), SIZE, min_count=1)


def encode(texts: Sequence[str], known: Mapping[str, int] | None = None) -> Ids:
    """Texts as ids, (N, 40): their first 40 words, 0-padded at the end; unknown words are 1.

    known: the id of each known word; that of `vocabulary` if it isn't given.
    """
    known = vocabulary().ids if known is None else known
    ids_NT = np.zeros((len(texts), LENGTH), dtype=np.int32)
    for row, text in enumerate(texts):
        ids = [known.get(word, 1) for word in tokenise(text)[:LENGTH]]
        ids_NT[row, : len(ids)] = ids
    return ids_NT


def sentences() -> dict[str, Sentences]:
    """MR's "train", "validation" and "test" sentences, as ids and labels."""
    return {
        name: Sentences(encode(list(part.text)), part.label.to_numpy(np.float32))
        for name, part in split("mr")._asdict().items()
    }


# --- the models -----------------------------------------------------------------------------------


def asking(D: int = WIDTH, H: int = HEADS) -> Any:
    """The reader, untrained: a compiled `keras.Model` from ids (B, 40) to probabilities (B, 1)."""
    import keras

    layers = keras.layers
    ids = keras.Input((LENGTH,), dtype="int32")
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x_place = layers.Embedding(LENGTH, D, embeddings_initializer="zeros", name="places")(place)
    x = layers.Dropout(0.5)(layers.Embedding(SIZE, D, name="words")(ids) + x_place)
    shown = _shown(ids, place)
    attention = layers.MultiHeadAttention(H, D // H, use_bias=False, name="attention")
    x = x + attention(x, x, attention_mask=shown[:, None, :])
    z = layers.Dropout(0.5)(layers.GlobalAveragePooling1D()(x, mask=shown))
    return _compiled(ids, layers.Dense(1, activation="sigmoid", name="line")(z))


def plain(D: int) -> Any:
    """A reader without attention and places: the mean of words of D numbers, and one line."""
    import keras

    layers = keras.layers
    ids = keras.Input((LENGTH,), dtype="int32")
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = layers.Dropout(0.5)(layers.Embedding(SIZE, D, name="words")(ids))
    z = layers.GlobalAveragePooling1D()(x, mask=_shown(ids, place))
    return _compiled(ids, layers.Dense(1, activation="sigmoid", name="line")(z))


def _shown(ids: Any, place: Any) -> Any:
    """The words that are read: all; in training half of them, the first always."""
    import keras

    real = keras.ops.cast(keras.ops.not_equal(ids, 0), "float32")
    return keras.ops.logical_or(keras.layers.Dropout(0.5)(real) > 0, place < 1)


def _compiled(ids: Any, p: Any) -> Any:
    import keras

    model = keras.Model(ids, p)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def fit(model: Any, train: tuple[Any, Any], validation: tuple[Any, Any]) -> dict[str, list[float]]:
    """Train as lesson 8 does: a shrinking rate, the epoch chosen by validation. The history."""
    import keras

    patient = keras.callbacks.EarlyStopping(
        "val_accuracy", mode="max", patience=3, restore_best_weights=True
    )
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: RATE * SHRINK**epoch)
    fitted = model.fit(
        *train,
        validation_data=validation,
        batch_size=BATCH,
        epochs=EPOCHS,
        callbacks=[slower, patient, budget.stop_after(SECONDS)],
        verbose=0,
    )
    history: dict[str, list[float]] = fitted.history
    return history


def teach(
    loss: Callable[..., Any], ids_NT: Ids, z_N: Floats, D: int = PUPIL, seed: int = 10
) -> Any:
    """A `plain` reader of D numbers a word, taught by a teacher's logits z_N with a Keras loss.

    ``loss`` takes the teacher's logits and the pupil's, both (B, 1). The epoch is chosen by the
    labels of the validation sentences.
    """
    import keras

    def of_logits(z_B1: Any, p_B1: Any) -> Any:
        p_B1 = keras.ops.clip(p_B1, 1e-6, 1 - 1e-6)
        return loss(z_B1, keras.ops.log(p_B1 / (1 - p_B1)))

    def agrees(z_B1: Any, p_B1: Any) -> Any:
        same = keras.ops.equal(keras.ops.ravel(p_B1) > 0.5, keras.ops.ravel(z_B1) > 0)
        return keras.ops.cast(same, "float32")

    keras.utils.set_random_seed(seed)
    pupil = plain(D)
    accuracy = keras.metrics.MeanMetricWrapper(agrees, "accuracy")
    pupil.compile("adam", of_logits, metrics=[accuracy])
    own = sentences()["validation"]
    fit(pupil, (ids_NT, z_N[:, None]), (own.ids, 2 * own.y[:, None] - 1))
    return pupil


def more_sentences(count: int = 20_000) -> Ids:
    """Sentences without labels, as ids: 5 to 40 words each, out of IMDb's training reviews."""
    found = []
    for text in split("imdb").train.text:
        found += [piece for piece in text.split(". ") if 5 <= len(piece.split()) <= LENGTH]
    rng = np.random.default_rng(10)
    return encode([found[i] for i in rng.permutation(len(found))[:count]])


# --- its weights as arrays ------------------------------------------------------------------------


def arrays_of(model: Any) -> Params:
    """The weights of an `asking` model by name, as lesson 6 has them.

    words (10000, D), places (40, D); Wq, Wk, Wv (D, D) and Wo (D, D), used as `x @ W`, head h
    owning the columns (of Wo the rows) from h·K to (h + 1)·K; w (D,) and b (1,), the last line.
    """
    import keras

    def of(name: str) -> list[Floats]:
        return [keras.ops.convert_to_numpy(weight) for weight in model.get_layer(name).weights]

    Wq, Wk, Wv, Wo = of("attention")
    D = len(Wq)
    w, b = of("line")
    arrays = {
        "words": of("words")[0],
        "places": of("places")[0],
        **{name: W.reshape(D, -1) for name, W in (("Wq", Wq), ("Wk", Wk), ("Wv", Wv))},
        "Wo": Wo.reshape(-1, D),
        "w": w[:, 0],
        "b": b,
    }
    return {name: np.array(array, dtype=np.float32) for name, array in arrays.items()}


def trained(seed: int = 10) -> Params:
    """A trained reader's arrays: see `arrays_of`. Takes half a minute, or a moment the next time.

    Where a grader runs it, it is trained for a moment only, and that is not kept.
    """
    if budget.is_limited():
        return _train(seed)
    name = f"asking-reader/{digest(FORMAT, [str(seed), *_facts()])}.npz"
    return cached(name, lambda: _train(seed), _read, _write)


def _facts() -> list[str]:
    import keras

    return [keras.__version__, keras.backend.backend()]


def _train(seed: int) -> Params:
    import keras

    keras.utils.set_random_seed(seed)
    data, model = sentences(), asking()
    fit(model, data["train"], data["validation"])
    return arrays_of(model)


def _read(path: Path) -> Params:
    with np.load(path) as found:
        return {name: found[name] for name in found.files}


def _write(params: Params, out: IO[bytes]) -> None:
    np.savez(out, **params)  # type: ignore[arg-type]


# --- what is measured the same way in a lesson and beforehand -------------------------------------


def fastest(run: Callable[[], Any], tries: int = 5) -> float:
    """The seconds of the fastest of some tries; one more before them is not counted."""
    run()
    seconds = []
    for _ in range(tries):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
