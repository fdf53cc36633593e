"""A small encoder in Keras 3: a block of lesson 7 over words, with two heads to put on it.

`Encoder` turns ids into a vector for each word. `guesser` puts on it what guesses hidden words,
`classifier` what reads a label off the mean of all words. Only `keras.layers` and `keras.ops` are
used, so that it runs on TensorFlow, JAX and PyTorch alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops


@dataclass(frozen=True)
class Size:
    """V ids, texts of T words, D numbers a word, L blocks of H heads, F hidden units in each."""

    V: int
    T: int = 24
    D: int = 64
    L: int = 1
    H: int = 4
    F: int = 128


class Attend(keras.layers.Layer):  # type: ignore[misc]
    """Attention of H heads, each to one side, which prefer what is near (ALiBi, lesson 7).

    Even heads look back, odd ones ahead, and each at its own word; for every word further away the
    first two take 1 off a score, the next two ¼, and so on. So order is seen without a place's
    vector, and neighbours needn't be found first: that alone takes longer than all of lesson 12.
    """

    def __init__(self, size: Size, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.H, self.K = size.H, size.D // size.H
        self.into = keras.layers.Dense(3 * size.D)
        self.out = keras.layers.Dense(size.D)
        head_H = np.arange(size.H, dtype=np.float32)
        self.way_H11 = np.where(head_H % 2, -1.0, 1.0).astype(np.float32)[:, None, None]
        self.slope_H11 = (0.25 ** (head_H // 2)).astype(np.float32)[:, None, None]

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.into.build(shape)
        self.out.build(shape)

    def call(self, x_BTD: Any, mask_BT: Any) -> Any:
        T = ops.shape(x_BTD)[1]
        q_BTHK, k_BTHK, v_BTHK = (
            ops.reshape(part, (-1, T, self.H, self.K))
            for part in ops.split(self.into(x_BTD), 3, axis=-1)
        )
        place_T = ops.cast(ops.arange(T), "float32")
        back_HTS = (place_T[:, None] - place_T) * self.way_H11
        e_BHTS = ops.einsum("bthk,bshk->bhts", q_BTHK, k_BTHK) / self.K**0.5
        e_BHTS = e_BHTS - back_HTS * self.slope_H11
        keep_BHTS = ops.logical_and(back_HTS >= 0, mask_BT[:, None, None])
        w_BHTS = ops.softmax(ops.where(keep_BHTS, e_BHTS, -1e9), axis=-1)
        o_BTHK = ops.einsum("bhts,bshk->bthk", w_BHTS, v_BTHK)
        return self.out(ops.reshape(o_BTHK, (-1, T, self.H * self.K)))


class Block(keras.layers.Layer):  # type: ignore[misc]
    """x + attend(norm(x)), then x + net(norm(x)); pads are not attended to."""

    def __init__(self, size: Size, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
        self.attend = Attend(size)
        self.net = [keras.layers.Dense(size.F, "gelu"), keras.layers.Dense(size.D)]

    def build(self, shape: tuple[int | None, ...]) -> None:
        for norm in self.norms:
            norm.build(shape)
        self.attend.build(shape)
        self.net[0].build(shape)
        self.net[1].build((*shape[:-1], self.net[0].units))

    def call(self, x_BTD: Any, mask_BT: Any) -> Any:
        x_BTD = x_BTD + self.attend(self.norms[0](x_BTD), mask_BT)
        return x_BTD + self.net[1](self.net[0](self.norms[1](x_BTD)))


class Encoder(keras.layers.Layer):  # type: ignore[misc]
    """From ids_BT to a vector for each word, (B, T, D)."""

    def __init__(self, size: Size, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.words = keras.layers.Embedding(size.V, size.D, embeddings_initializer=small)
        self.start = keras.layers.LayerNormalization(epsilon=1e-5)
        self.blocks = [Block(size) for _ in range(size.L)]
        self.end = keras.layers.LayerNormalization(epsilon=1e-5)

    def build(self, shape: tuple[int | None, ...]) -> None:
        inner = (*shape, self.size.D)
        self.words.build()
        for layer in (self.start, *self.blocks, self.end):
            layer.build(inner)

    def call(self, ids_BT: Any) -> Any:
        mask_BT = ops.not_equal(ids_BT, 0)
        x_BTD = self.start(self.words(ids_BT))
        for block in self.blocks:
            x_BTD = block(x_BTD, mask_BT)
        return self.end(x_BTD)


class Guess(keras.layers.Layer):  # type: ignore[misc]
    """The logits of all words at some places: each word's vector is asked how well it would fit."""

    def __init__(self, encoder: Encoder, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words, size = encoder.words, encoder.size
        self.turn = keras.layers.Dense(size.D, "gelu")
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.bias = self.add_weight(name="bias", shape=(size.V,), initializer="zeros")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.turn.build(shape)
        self.norm.build(shape)

    def call(self, h_BMD: Any) -> Any:
        table_DV = ops.transpose(self.words.embeddings)
        return ops.matmul(self.norm(self.turn(h_BMD)), table_DV) + self.bias


def guesser(encoder: Encoder) -> Any:
    """A model from ids_BT and the places of M words in each text, (B, M), to logits (B, M, V)."""
    ids_BT = keras.Input((None,), dtype="int32")
    place_BM = keras.Input((None,), dtype="int32")
    h_BMD = ops.take_along_axis(encoder(ids_BT), place_BM[:, :, None], axis=1)
    return keras.Model([ids_BT, place_BM], Guess(encoder)(h_BMD))


def classifier(encoder: Encoder) -> Any:
    """A model from ids_BT to a logit for each text, (B, 1), read off the mean of its words."""
    ids_BT = keras.Input((None,), dtype="int32")
    mask_BT1 = ops.cast(ops.not_equal(ids_BT, 0), "float32")[:, :, None]
    mean_BD = ops.sum(encoder(ids_BT) * mask_BT1, axis=1) / (ops.sum(mask_BT1, axis=1) + 1e-9)
    mean_BD = keras.layers.Dropout(0.3)(mean_BD)
    return keras.Model(ids_BT, keras.layers.Dense(1)(mean_BD))
