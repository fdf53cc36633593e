"""What a layer learns: an array with a path, which keeps its type and its shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Variable:
    """An array that can be given other numbers, but no other shape."""

    def __init__(self, value: npt.ArrayLike, dtype: npt.DTypeLike = "float32", path: str = ""):
        self.value: Array = np.array(value, dtype=dtype)
        self.path = path

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    @property
    def dtype(self) -> str:
        return self.value.dtype.name

    def numpy(self) -> Array:
        return self.value.copy()

    def assign(self, value: npt.ArrayLike) -> None:
        """Other numbers of the same shape. Raises ValueError for another one."""
        given = np.asarray(value)
        if given.shape != self.shape:
            raise ValueError(f"{self.path} has the shape {self.shape}, and not {given.shape}.")
        self.value = given.astype(self.value.dtype)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.value, dtype=dtype)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}>"


_dice = np.random.default_rng(0)


def glorot_uniform(into: tuple[int, ...], out: tuple[int, ...]) -> Array:
    """Random numbers as Keras draws a kernel's first weights, by its axes of inputs and outputs."""
    limit = (6 / (np.prod(into) + np.prod(out))) ** 0.5
    return _dice.uniform(-limit, limit, (*into, *out))
