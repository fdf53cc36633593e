"""The layers that Keras doesn't have. Masks are arguments: bool, True = a word, never implied.

A mask that travels along silently with a tensor is also lost silently, for instance by a bare
``+``. Here each layer that needs one is given it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

LOWEST = -1e9  # what a score becomes under a mask; finite, so that a text without a word is too


def register(layer: Any) -> Any:
    """So that Keras finds the layer again when it loads a model."""
    return keras.saving.register_keras_serializable(package="attnkit")(layer)


@register
class WordDropout(keras.layers.Layer):  # type: ignore[misc]
    """While training, hide each word with a probability, as if it were a pad."""

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, mask_BT: Any, training: bool = False) -> Any:
        """mask_BT -> mask_BT"""
        if not training or self.rate == 0:
            return mask_BT
        u_BT = keras.random.uniform(ops.shape(mask_BT), seed=self.seed_generator)
        return ops.logical_and(mask_BT, u_BT >= self.rate)

    def compute_output_spec(self, mask_BT: Any, training: bool = False) -> Any:
        return keras.KerasTensor(mask_BT.shape, "bool")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


@register
class Vectors(keras.layers.Layer):  # type: ignore[misc]
    """A vector for each word: its own, and added to it those of the runs of words it begins.

    sizes: how many ids there are of words, of runs of two words, and so on. ``call`` takes ids_BT
    for one size, else ids_BTn for n sizes. A run that isn't known (id 0) adds nothing.
    """

    def __init__(self, sizes: Sequence[int], width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes, self.width = tuple(sizes), width

    def build(self, ids_shape: Any) -> None:
        near_0 = keras.initializers.RandomNormal
        self.tables = [
            self.add_weight(
                name=f"x_{n + 1}_VD", shape=(V, self.width), initializer=near_0(0.0, 0.1)
            )
            for n, V in enumerate(self.sizes)
        ]

    def call(self, ids: Any) -> Any:
        """ids_BT or ids_BTn -> x_BTD"""
        if len(self.sizes) == 1:
            return ops.cast(ops.take(self.tables[0], ids, axis=0), self.compute_dtype)
        x_BTD = ops.take(self.tables[0], ids[..., 0], axis=0)
        for n, table in enumerate(self.tables[1:], start=1):
            known_BT1 = ops.cast(ids[..., n, None] > 0, table.dtype)
            x_BTD = x_BTD + known_BT1 * ops.take(table, ids[..., n], axis=0)
        return ops.cast(x_BTD, self.compute_dtype)

    def compute_output_spec(self, ids: Any) -> Any:
        return keras.KerasTensor((*ids.shape[:2], self.width), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": list(self.sizes), "width": self.width}


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

    def compute_output_spec(self, x_BTD: Any) -> Any:
        return keras.KerasTensor(x_BTD.shape, self.compute_dtype)

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

    def compute_output_spec(self, x_BTD: Any, mask_BT: Any) -> Any:
        B, T, D = x_BTD.shape
        pooled_BD = keras.KerasTensor((B, D), self.compute_dtype)
        return pooled_BD, keras.KerasTensor((B, self.heads, T), "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads, "score": self.score}
