"""`keras.layers`: those that lessons 5, 6 and 7 compare with, in float32 as Keras has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .attention import MultiHeadAttention as MultiHeadAttention
from .base import Layer, float32, masked_softmax
from .variables import Array, glorot_uniform


class Softmax(Layer):
    """softmax along an axis; what a mask hides gets 0, also where it hides everything."""

    def __init__(self, axis: int = -1, name: str | None = None) -> None:
        super().__init__(name)
        self.axis = axis

    def __call__(self, inputs: npt.ArrayLike, mask: npt.ArrayLike | None = None) -> Array:
        shown = None if mask is None else np.asarray(mask) > 0.5
        return masked_softmax(float32(inputs), shown, self.axis, zeros=True)


class GlobalAveragePooling1D(Layer):
    """The mean over the words (B, T, D) that a mask (B, T) shows: of no word it is nan."""

    def __call__(self, inputs: npt.ArrayLike, mask: npt.ArrayLike | None = None) -> Array:
        x_BTD = float32(inputs)
        if mask is None:
            return x_BTD.mean(axis=1)
        shown_BT1 = np.asarray(mask, bool)[..., None]
        with np.errstate(invalid="ignore"):
            total_BD = np.where(shown_BT1, x_BTD, 0).sum(axis=1)
            return total_BD / shown_BT1.sum(axis=1).astype("float32")


class GlobalMaxPooling1D(Layer):
    """The largest number of each column over all words, those too that are padding."""

    def __call__(self, inputs: npt.ArrayLike) -> Array:
        return float32(inputs).max(axis=1)


class LayerNormalization(Layer):
    """Each word minus its mean, divided by its spread; then stretched and moved."""

    def __init__(self, epsilon: float = 1e-3, name: str | None = None) -> None:
        super().__init__(name)
        self.epsilon = np.float32(epsilon)

    def make(self, input_shape: Sequence[int]) -> None:
        self.add("gamma", np.ones(input_shape[-1]))
        self.add("beta", np.zeros(input_shape[-1]))

    def __call__(self, inputs: npt.ArrayLike) -> Array:
        x = float32(inputs)
        if not self.built:
            self.build(x.shape)
        gamma, beta = (variable.value for variable in self.weights)
        mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
        stretch = gamma / np.sqrt(variance + self.epsilon)
        return float32(x * stretch + (beta - mean * stretch))  # rounded where Keras rounds


class Dense(Layer):
    """x W + b, and perhaps what is below 0 made 0."""

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        if activation not in (None, "linear", "relu"):
            raise ValueError(f"Keras's stand-in knows no activation {activation!r}, only 'relu'.")
        self.units, self.activation, self.use_bias = units, activation, use_bias

    def make(self, input_shape: Sequence[int]) -> None:
        self.add("kernel", glorot_uniform((input_shape[-1],), (self.units,)))
        if self.use_bias:
            self.add("bias", np.zeros(self.units))

    def __call__(self, inputs: npt.ArrayLike) -> Array:
        x = float32(inputs)
        if not self.built:
            self.build(x.shape)
        kernel, *bias = (variable.value for variable in self.weights)
        y = x @ kernel + (bias[0] if bias else np.float32(0))
        return np.maximum(y, 0) if self.activation == "relu" else y


class Dropout(Layer):
    """While training, a share of the numbers is 0, and the others make up for it. Else nothing.

    Which ones that are is drawn by chance: here by other dice than Keras's.
    """

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name)
        if not 0 <= rate <= 1:
            raise ValueError(f"rate should be from 0 to 1, and not {rate}.")
        self.rate = rate
        self._dice = np.random.default_rng(seed)

    def __call__(self, inputs: npt.ArrayLike, training: bool = False) -> Array:
        x = float32(inputs)
        if not training or self.rate == 0:
            return x
        if self.rate == 1:
            return np.zeros_like(x)
        kept = self._dice.random(x.shape) >= self.rate
        return float32(np.where(kept, x / np.float32(1 - self.rate), 0))


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"keras.layers.{name} isn't here: in the browser, Keras is a stand-in that has only what "
        "lessons 5, 6 and 7 compare with. The real one comes with the course on a computer."
    )
