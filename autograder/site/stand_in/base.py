"""What the layers have in common: weights with paths, made when they are first needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .variables import Array, Variable

# the score of what is hidden: Keras's layers have one, its faster way through attention another
LOW, LOWEST = np.float32(-1e9), np.float32(-0.7 * 3.38953e38)
_named: Counter[str] = Counter()


def float32(x: Any) -> Array:
    """Whatever it is, as Keras's layers take it."""
    return np.asarray(x, dtype="float32")


def masked_softmax(x: Array, shown: Array | None, axis: int, *, zeros: bool) -> Array:
    """softmax of float32 scores. Where all are hidden: `zeros`, or the same share for each."""
    scores = x if shown is None else np.where(shown, x, LOW if zeros else LOWEST)
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    shares = powers / powers.sum(axis=axis, keepdims=True)
    return float32(shares if shown is None or not zeros else np.where(shown, shares, 0))


class Layer:
    """A layer: called like a function; its weights are there from its first call or `build` on."""

    def __init__(self, name: str | None = None) -> None:
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        number = _named[kind] if name is None else 0
        _named[kind] += name is None
        self.name = name or (f"{kind}_{number}" if number else kind)
        self.weights: list[Variable] = []
        self.built = False

    def build(self, *shapes: Sequence[int]) -> None:
        """Make the weights for inputs of these shapes."""
        self.make(*shapes)
        self.built = True

    def make(self, *shapes: Any) -> None:
        """Add a layer's own weights: none, unless it has some."""

    def add(self, name: str, value: npt.ArrayLike) -> None:
        """One more array to learn."""
        self.weights.append(Variable(value, path=f"{self.name}/{name}"))

    def get_weights(self) -> list[Array]:
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Give each weight other numbers. Raises ValueError unless number and shapes are right."""
        if len(weights) != len(self.weights):
            raise ValueError(
                f"{self.name} has {len(self.weights)} arrays of weights, and {len(weights)} were "
                "given."
            )
        for variable, given in zip(self.weights, weights, strict=True):
            variable.assign(given)

    def count_params(self) -> int:
        """How many numbers it learns. Raises ValueError before there are any."""
        if not self.built:
            raise ValueError(f"{self.name} has no weights yet: call it, or build it, first.")
        return sum(int(np.prod(variable.shape)) for variable in self.weights)
