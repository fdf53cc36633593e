"""The model: words, places, perhaps encoder blocks, attention pooling with H heads, one logit."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import layers, ops

from attnkit.classifier.config import Config
from attnkit.classifier.layers import AttentionPool, Positions, Vectors, WordDropout
from attnkit.classifier.tokens import round_up
from attnkit.classifier.vocabulary import PAD

VECTORS = "vectors"  # the layer that holds the words' vectors
POOL = "pool"  # the layer whose second output is the weights


def build_model(config: Config, sizes: Sequence[int] | None = None, member: int = 0) -> Any:
    """A `keras.Model`, not compiled: ids (B, T), int32, T ≤ max_len -> **logits** (B, 1), float32.

    A logit z means the probability 1 / (1 + exp(−z)) of praise: compile with
    ``BinaryCrossentropy(from_logits=True)``. Pads (id 0) change nothing, wherever T ends.

    ``sizes`` are the vocabulary's, if they are not (config.vocabulary_size,); with n of them, ids
    are (B, T, n). All weights are drawn from ``config.seed`` and ``member``, whatever else was
    drawn before.
    """
    sizes = (config.vocabulary_size,) if sizes is None else tuple(sizes)
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    with _drawing(f"{config.seed} {member}"):
        many = len(sizes) > 1
        ids = keras.Input((None, len(sizes)) if many else (None,), dtype="int32", name="ids")
        mask_BT = ops.not_equal(ids[..., 0] if many else ids, PAD)
        mask_BT = WordDropout(config.word_dropout, name="word_dropout")(mask_BT)
        x_BTD = Vectors(sizes, config.width, dtype=dtype, name=VECTORS)(ids)
        if config.positions:
            places = round_up(config.max_len)  # batches are as long as one of `LENGTHS`
            x_BTD = Positions(places, dtype=dtype, name="places")(x_BTD)
        x_BTD = layers.Dropout(config.dropout, dtype=dtype, name="vectors_dropout")(x_BTD)
        for place in range(config.blocks):
            x_BTD = _block(x_BTD, mask_BT, config, dtype, f"block_{place + 1}")
        pool = AttentionPool(config.heads, config.score, dtype=dtype, name=POOL)
        pooled_BD, _ = pool(x_BTD, mask_BT)
        pooled_BD = layers.Dropout(config.dropout, dtype=dtype, name="pooled_dropout")(pooled_BD)
        logit_B1 = layers.Dense(1, dtype="float32", name="logit")(pooled_BD)
        return keras.Model(ids, logit_B1, name="classifier")


def _block(x_BTD: Any, mask_BT: Any, config: Config, dtype: str, name: str) -> Any:
    """Lesson 7's encoder block, normalised first: x + attention(norm(x)), then x + ffn(norm(x))."""
    D, H, mask_B1T = config.width, config.heads, mask_BT[:, None, :]

    def norm(place: int) -> Any:
        return layers.LayerNormalization(epsilon=1e-5, dtype=dtype, name=f"{name}_norm_{place}")

    attention = layers.MultiHeadAttention(H, D // H, dtype=dtype, name=f"{name}_attention")
    normed_BTD = norm(1)(x_BTD)
    told_BTD = attention(normed_BTD, normed_BTD, attention_mask=mask_B1T)
    told_BTD = layers.Dropout(config.dropout, dtype=dtype, name=f"{name}_dropout")(told_BTD)
    x_BTD = layers.Add(dtype=dtype, name=f"{name}_told")([x_BTD, told_BTD])
    h_BTF = layers.Dense(2 * D, "relu", dtype=dtype, name=f"{name}_ffn_1")(norm(2)(x_BTD))
    h_BTD = layers.Dense(D, dtype=dtype, name=f"{name}_ffn_2")(h_BTF)
    return layers.Add(dtype=dtype, name=f"{name}_out")([x_BTD, h_BTD])


def reader_of(model: Any) -> Any:
    """A model that shares this one's weights: ids (B, T) -> each head's weights w_BHT."""
    return keras.Model(model.input, model.get_layer(POOL).output[1])


@contextlib.contextmanager
def _drawing(seed: str) -> Iterator[None]:
    """Meanwhile, layers draw their weights and their dropout from a seed; then all is as before.

    Keras takes the seeds of layers that are given none from Python's `random`. One seed handed to
    a `MultiHeadAttention` would be used for each of its matrices: queries, keys and values alike.
    """
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
