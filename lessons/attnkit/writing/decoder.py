"""A small language model in Keras 3: lesson 7's block as a decoder, in `keras.ops` only.

A block is pre-norm: x + attend(norm(x)), then x + net(norm(x)). Attention sees no future, has H
heads of queries that share G groups of keys and values, and knows places by RoPE. Every matrix is
used as `x @ W` and is called as in lesson 7 (`ln1_gamma`, `Wq`, …, `b2`), so that a model can be
copied into NumPy functions. The output shares its table with the embedding.
At first a block adds nothing: Wo and W2 are 0.

Two models to compare with differ in one thing each: `mixing="mean"` gives each word the mean of
what came before (itself included) in place of attention, with a network so much wider that the size
is the same; `places="sinusoids"` adds lesson 7's sines to the words instead of turning queries and
keys.
"""

from __future__ import annotations

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from attnkit.writing.size import Size as Size

EPS, BASE = 1e-5, 10_000.0


Mixing = Literal["attention", "mean"]
Places = Literal["rope", "sinusoids"]


class Block(keras.layers.Layer):  # type: ignore[misc]
    """One block of a decoder."""

    def __init__(self, size: Size, mixing: Mixing, places: Places, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size, self.mixing, self.places = size, mixing, places
        self.dropout = keras.layers.Dropout(size.dropout)

    def build(self, shape: tuple[int | None, ...]) -> None:
        D, K, H, G, F = self.size.D, self.size.K, self.size.H, self.size.G, self.size.F
        matrices = {"Wq": (D, H * K), "Wk": (D, G * K), "Wv": (D, G * K), "Wo": (H * K, D)}
        if self.mixing == "mean":  # as many numbers as with attention
            matrices = {"Wv": (D, H * K), "Wo": (H * K, D)}
            F += G * K
        matrices |= {"W1": (D, F), "W2": (F, D)}
        for name, form in matrices.items():
            first = "zeros" if name in ("Wo", "W2") else "glorot_uniform"
            setattr(self, name, self.add_weight(name=name, shape=form, initializer=first))
        for name, start, width in (
            ("ln1_gamma", "ones", D),
            ("ln1_beta", "zeros", D),
            ("ln2_gamma", "ones", D),
            ("ln2_beta", "zeros", D),
            ("b1", "zeros", F),
            ("b2", "zeros", D),
        ):
            setattr(self, name, self.add_weight(name=name, shape=(width,), initializer=start))

    def call(self, x_BTD: Any, training: bool = False) -> Any:
        n_BTD = _norm(x_BTD, self.ln1_gamma, self.ln1_beta)
        mixed_BTD = self._mean(n_BTD) if self.mixing == "mean" else self._attention(n_BTD)
        x_BTD = x_BTD + self.dropout(mixed_BTD @ self.Wo, training=training)
        n_BTD = _norm(x_BTD, self.ln2_gamma, self.ln2_beta)
        hidden_BTF = ops.relu(n_BTD @ self.W1 + self.b1)
        return x_BTD + self.dropout(hidden_BTF @ self.W2 + self.b2, training=training)

    def _attention(self, n_BTD: Any) -> Any:
        T, K, H, G = ops.shape(n_BTD)[1], self.size.K, self.size.H, self.size.G

        def heads(W: Any, count: int) -> Any:
            y_BTNK = ops.reshape(n_BTD @ W, (-1, T, count, K))
            return ops.transpose(y_BTNK, (0, 2, 1, 3))

        q_BHTK, k_BGSK, v_BGSK = heads(self.Wq, H), heads(self.Wk, G), heads(self.Wv, G)
        if self.places == "rope":
            cos_TJ, sin_TJ = _turns(T, K)
            q_BHTK, k_BGSK = _turned(q_BHTK, cos_TJ, sin_TJ), _turned(k_BGSK, cos_TJ, sin_TJ)
        q_BGRTK = ops.reshape(q_BHTK, (-1, G, H // G, T, K)) / K**0.5
        e_BGRTS = ops.einsum("bgrtk,bgsk->bgrts", q_BGRTK, k_BGSK)
        place_T = ops.arange(T)
        e_BGRTS = ops.where(place_T[:, None] >= place_T[None, :], e_BGRTS, -1e9)
        o_BGRTK = ops.einsum("bgrts,bgsk->bgrtk", ops.softmax(e_BGRTS), v_BGSK)
        o_BTHK = ops.transpose(ops.reshape(o_BGRTK, (-1, H, T, K)), (0, 2, 1, 3))
        return ops.reshape(o_BTHK, (-1, T, H * K))

    def _mean(self, n_BTD: Any) -> Any:
        v_BTD = n_BTD @ self.Wv
        count_T1 = ops.cast(ops.arange(ops.shape(v_BTD)[1]) + 1, v_BTD.dtype)[:, None]
        return ops.cumsum(v_BTD, axis=1) / count_T1


class Writer(keras.Model):  # type: ignore[misc]
    """A language model: ids (B, T) in, logits (B, T, V) of the id behind each of them out."""

    def __init__(
        self, size: Size, mixing: Mixing = "attention", places: Places = "rope", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size, self.places = size, places
        spread = keras.initializers.RandomNormal(stddev=size.D**-0.5)
        self.embedding = keras.layers.Embedding(size.V, size.D, embeddings_initializer=spread)
        self.blocks = [Block(size, mixing, places, name=f"block{n}") for n in range(size.L)]
        self.norm = keras.layers.LayerNormalization(epsilon=EPS)

    def call(self, ids_BT: Any, training: bool = False) -> Any:
        x_BTD = self.embedding(ids_BT) * self.size.D**0.5
        if self.places == "sinusoids":
            cos_TJ, sin_TJ = _turns(ops.shape(ids_BT)[1], self.size.D)
            pairs = ops.stack([sin_TJ, cos_TJ], axis=-1)
            x_BTD = x_BTD + ops.reshape(pairs, (-1, self.size.D))
        for block in self.blocks:
            x_BTD = block(x_BTD, training=training)
        return self.norm(x_BTD) @ ops.transpose(self.embedding.embeddings)


def _norm(x_BTD: Any, gamma_D: Any, beta_D: Any) -> Any:
    mean, variance = ops.moments(x_BTD, axes=-1, keepdims=True)
    return (x_BTD - mean) * ops.rsqrt(variance + EPS) * gamma_D + beta_D


def _turns(T: Any, K: int) -> tuple[Any, Any]:
    """Cosines and sines of lesson 7's angles: place times base^(−2j/K)."""
    rate_J = np.array(BASE ** (-np.arange(0, K, 2) / K), dtype="float32")
    angle_TJ = ops.cast(ops.arange(T), "float32")[:, None] * rate_J
    return ops.cos(angle_TJ), ops.sin(angle_TJ)


def _turned(x_BHTK: Any, cos_TJ: Any, sin_TJ: Any) -> Any:
    a, b = x_BHTK[..., 0::2], x_BHTK[..., 1::2]
    pairs = ops.stack([a * cos_TJ - b * sin_TJ, a * sin_TJ + b * cos_TJ], axis=-1)
    return ops.reshape(pairs, ops.shape(x_BHTK))
