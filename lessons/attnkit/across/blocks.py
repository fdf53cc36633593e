"""The parts that lesson 13's models are made of, in Keras 3: attention across, a norm, a network.

`Attend` is lesson 13's `cross_attention`, and its matrices are called as that function's arguments,
so that a trained model can be read with a function in NumPy.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

EPS = 1e-5


class Attend(keras.layers.Layer):  # type: ignore[misc]
    """Attention of H heads from y_BTD to x_BSD: what it reads, (B, T, D), and weights (B, H, T, S).

    mask: bool, True = keep, of a shape that broadcasts to (B, H, T, S).
    """

    def __init__(self, D: int, H: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.H, self.K = H, D // H
        for name in ("Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD"):
            matrix = self.add_weight(name=name, shape=(D, D), initializer="glorot_uniform")
            setattr(self, name, matrix)
        self.built = True

    def call(self, y_BTD: Any, x_BSD: Any, mask: Any = None) -> tuple[Any, Any]:
        q_BTHK = self._heads(y_BTD @ self.Wq_DD)
        k_BSHK, v_BSHK = self._heads(x_BSD @ self.Wk_DD), self._heads(x_BSD @ self.Wv_DD)
        e_BHTS = ops.einsum("bthk,bshk->bhts", q_BTHK, k_BSHK) / self.K**0.5
        if mask is not None:
            e_BHTS = ops.where(mask, e_BHTS, -1e9)
        w_BHTS = ops.exp(e_BHTS - ops.max(e_BHTS, axis=-1, keepdims=True))
        w_BHTS = w_BHTS / ops.sum(w_BHTS, axis=-1, keepdims=True)  # ops.softmax warns of one key
        o_BTHK = ops.einsum("bhts,bshk->bthk", w_BHTS, v_BSHK)
        T = ops.shape(y_BTD)[1]
        return ops.reshape(o_BTHK, (-1, T, self.H * self.K)) @ self.Wo_DD, w_BHTS

    def _heads(self, x_BTD: Any) -> Any:
        return ops.reshape(x_BTD, (-1, ops.shape(x_BTD)[1], self.H, self.K))

    def matrices(self) -> dict[str, Any]:
        """Its four matrices as arrays, by the names of `cross_attention`'s arguments."""
        return {
            name: ops.convert_to_numpy(getattr(self, name))
            for name in ("Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD")
        }


class Net(keras.layers.Layer):  # type: ignore[misc]
    """The second half of lesson 7's block: x + W2 · relu(W1 · norm(x))."""

    def __init__(self, D: int, F: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm = norm(D)
        self.wide = keras.layers.Dense(F, "relu")
        self.back = keras.layers.Dense(D)
        self.wide.build((None, None, D))
        self.back.build((None, None, F))
        self.built = True

    def call(self, x_BTD: Any) -> Any:
        return x_BTD + self.back(self.wide(self.norm(x_BTD)))


class Block(keras.layers.Layer):  # type: ignore[misc]
    """Lesson 7's encoder block, norms first: x attends to itself, then its network."""

    def __init__(self, D: int, H: int, F: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm, self.attend, self.net = norm(D), Attend(D, H), Net(D, F)
        self.built = True

    def call(self, x_BTD: Any, mask: Any = None) -> Any:
        n_BTD = self.norm(x_BTD)
        return self.net(x_BTD + self.attend(n_BTD, n_BTD, mask)[0])


def norm(D: int) -> Any:
    """A layer normalisation that is ready to be called."""
    layer = keras.layers.LayerNormalization(epsilon=EPS)
    layer.build((None, None, D))
    return layer
