"""`keras.optimizers`: Adam, in float32 as Keras counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .variables import Variable


class Adam:
    """Adam with bias correction; ε stands outside the root."""

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        self.learning_rate, self.epsilon = np.float32(learning_rate), np.float32(epsilon)
        self.beta_1, self.beta_2 = np.float32(beta_1), np.float32(beta_2)
        self.iterations = 0
        self._moments: dict[int, tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {}

    def apply(self, grads: Iterable[npt.ArrayLike], variables: Sequence[Variable]) -> None:
        """One step of each variable against its gradient."""
        self.iterations += 1
        one, t = np.float32(1), np.float32(self.iterations)
        rate = self.learning_rate * np.sqrt(one - self.beta_2**t) / (one - self.beta_1**t)
        for given, variable in zip(grads, variables, strict=True):
            g = np.asarray(given, variable.value.dtype)
            zeros = np.zeros_like(variable.value)
            m, v = self._moments.get(id(variable), (zeros, zeros))
            m = m + (g - m) * (one - self.beta_1)
            v = v + (g * g - v) * (one - self.beta_2)
            self._moments[id(variable)] = m, v
            variable.assign(variable.value - m * rate / (np.sqrt(v) + self.epsilon))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[npt.ArrayLike, Variable]]) -> None:
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [variable for _, variable in pairs])
