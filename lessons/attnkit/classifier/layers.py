"""The layers that Keras doesn't have. Masks are arguments: bool, True = a word, never implied.

A mask that travels along silently with a tensor is also lost silently, for instance by a bare
``+``. Here each layer that needs one is given it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from attnkit.classifier.vocabulary import PAD, UNKNOWN

LOWEST = -1e9  # what a score becomes under a mask; finite, so that a text without a word is too


def register(layer: Any) -> Any:
    """So that Keras finds the layer again when it loads a model."""
    return keras.saving.register_keras_serializable(package="attnkit")(layer)


@register
class WordDropout(keras.layers.Layer):  # type: ignore[misc]
    """While training, read each word as unknown with a probability. Pads stay pads."""

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, ids_BT: Any, training: bool = False) -> Any:
        """ids_BT -> ids_BT"""
        if not training or self.rate == 0:
            return ids_BT
        lost_BT = keras.random.uniform(ops.shape(ids_BT), seed=self.seed_generator) < self.rate
        unknown = ops.full_like(ids_BT, UNKNOWN)
        return ops.where(ops.logical_and(lost_BT, ids_BT != PAD), unknown, ids_BT)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


@register
class Positions(keras.layers.Layer):  # type: ignore[misc]
    """Add to each word's vector a learned vector of its place in the text."""

    def __init__(self, max_len: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_len = max_len

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.place_TD = self.add_weight(
            name="place_TD",
            shape=(self.max_len, shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
        )

    def call(self, x_BTD: Any) -> Any:
        """x_BTD -> x_BTD, for T up to max_len"""
        return x_BTD + self.place_TD[: ops.shape(x_BTD)[1]]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_len": self.max_len}


@register
class AttentionPool(keras.layers.Layer):  # type: ignore[misc]
    """One vector for a text: H heads, each with a learned query, ask all its words.

    ``"dot"``: e = q·k / √K with k = x W_k, lesson 4's attention with one query that is learned.
    ``"additive"``: e = v·tanh(x W_k + b) (Bahdanau, Cho, Bengio 2015; Yang and others 2016).
    Each head mixes its own values x W_v, as in lesson 6; D = H·K.
    """

    def __init__(self, heads: int, score: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.score = heads, score

    def build(self, x_BTD_shape: Any, mask_BT_shape: Any) -> None:
        D, H = x_BTD_shape[-1], self.heads
        self.Wk_DD = self.add_weight(name="Wk_DD", shape=(D, D))
        self.Wv_DD = self.add_weight(name="Wv_DD", shape=(D, D))
        self.query_HK = self.add_weight(name="query_HK", shape=(H, D // H))
        self.bias_D = self.add_weight(name="bias_D", shape=(D,), initializer="zeros")

    def call(self, x_BTD: Any, mask_BT: Any) -> Any:
        """x_BTD, mask_BT -> pooled_BD, w_BHT. Weights are 0 on pads and sum to 1 over the words.

        A text without a word gets weights of 0 and a pooled vector of 0.
        """
        B, T, D = ops.shape(x_BTD)[0], ops.shape(x_BTD)[1], x_BTD.shape[-1]
        H, K = self.heads, D // self.heads
        k_BTD = ops.matmul(x_BTD, self.Wk_DD) + self.bias_D
        if self.score == "additive":
            k_BTD = ops.tanh(k_BTD)
        k_BTHK = ops.reshape(k_BTD, (B, T, H, K))
        v_BTHK = ops.reshape(ops.matmul(x_BTD, self.Wv_DD), (B, T, H, K))
        e_BHT = ops.einsum("hk,bthk->bht", self.query_HK, k_BTHK)
        if self.score == "dot":
            e_BHT = e_BHT / K**0.5
        # in float32 whatever the products are in: weights that sum to 1 need the digits
        e_BHT = ops.cast(e_BHT, "float32")
        mask_B1T = ops.cast(mask_BT[:, None, :], "float32")
        e_BHT = ops.where(mask_BT[:, None, :], e_BHT, LOWEST)
        w_BHT = ops.softmax(e_BHT, axis=-1) * mask_B1T
        pooled_BHK = ops.einsum("bht,bthk->bhk", ops.cast(w_BHT, v_BTHK.dtype), v_BTHK)
        return ops.reshape(pooled_BHK, (B, D)), w_BHT

    def compute_output_shape(self, x_BTD_shape: Any, mask_BT_shape: Any) -> Any:
        B, T, D = x_BTD_shape
        return (B, D), (B, self.heads, T)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads, "score": self.score}
