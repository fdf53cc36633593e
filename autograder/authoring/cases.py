"""Inputs for checks: numbers a learner can read, sizes and masks that tell mistakes apart.

What a case needs to catch a wrong axis, a wrong root or a forgotten row is built in here, so that
an author gets it without thinking of it:

    axes = Axes(B=3, T=5, S=7, K=6)        # sizes that differ, no square of another among them
    q_BTK = axes.normal(rng, "BTK")
    mask_BS = axes.ragged_mask(rng, "BS")  # rows that differ: one key, no key, and holes
    calls = every_layout(call(q_BTK, k_BSK, v_BSV))
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, overload

import numpy as np

from autograder.authoring.calls import CallOf
from autograder.errors import AuthorError

# The letters of the whole course; every two differ and none is the square of another.
SIZES = {"B": 3, "H": 2, "T": 5, "S": 7, "K": 6, "V": 8, "D": 10, "A": 11, "F": 12, "N": 13}


class Axes:
    """Sizes by the letter of their axis: those of the course, or as given.

    Raises AuthorError for sizes that would let one axis, or its root, pass for another.
    """

    def __init__(self, **sizes: int) -> None:
        self.sizes = SIZES | sizes
        for letter, size in sizes.items():
            if size < 2:
                raise AuthorError(f"Axes({letter}={size}): along an axis of 1 nothing is noticed.")
        for a, b in itertools.permutations(sizes, 2):
            if sizes[a] in (sizes[b], sizes[b] ** 2):
                how = "equal" if sizes[a] == sizes[b] else "the square of the other"
                raise AuthorError(
                    f"Axes({a}={sizes[a]}, {b}={sizes[b]}): one is {how}, so that one taken for "
                    "the other, or for its root, would go unseen."
                )

    def shape(self, letters: str) -> tuple[int, ...]:
        """The shape of an array with these axes: `shape("BTD")`; a 1 stands for itself."""
        return tuple(1 if letter == "1" else self.sizes[letter] for letter in letters)

    def normal(
        self, rng: np.random.Generator, letters: str, scale: float = 1.0, decimals: int = 2
    ) -> np.ndarray:
        """Normal numbers, rounded: `axes.normal(rng, "BTD")`.

        With the standard scale, scores made of them do not saturate a softmax.
        """
        return normal(rng, *self.shape(letters), scale=scale, decimals=decimals)

    def extreme(self, rng: np.random.Generator, letters: str, size: float = 1e3) -> np.ndarray:
        """Scores of ±`size` in each row, for checks of numerical stability."""
        shape = self.shape(letters)
        signs = np.where(np.arange(shape[-1]) % 2, -1.0, 1.0)
        return rng.permuted(np.broadcast_to(signs, shape), axis=-1) * size + normal(rng, *shape)

    def ragged_mask(
        self, rng: np.random.Generator, letters: str, empty_row: bool = True
    ) -> np.ndarray:
        """A bool mask, True = keep, over keys (the last letter), each of its rows another.

        One row keeps a single key, one (with `empty_row`) none, the others have holes.
        """
        shape = self.shape(letters)
        rows, keys = int(np.prod(shape[:-1])), shape[-1]
        special = 1 + empty_row
        if rows <= special or rows - special > 2**keys - 2 * keys:
            raise AuthorError(
                f'ragged_mask("{letters}"): {rows} rows of {keys} keys can\'t all differ and hold '
                f"a row with holes beside {special} special ones; choose other sizes."
            )
        chosen = {tuple(k < length for k in range(keys)) for length in range(keys + 1)}
        chosen |= {tuple(k == one for k in range(keys)) for one in range(keys)}
        mask = np.zeros((rows, keys), bool)
        mask[0, rng.integers(keys)] = True
        for row in range(special, rows):
            while tuple(mask[row].tolist()) in chosen:
                mask[row] = rng.random(keys) < 0.6
            chosen.add(tuple(mask[row].tolist()))
        return mask[rng.permutation(rows)].reshape(shape)


def normal(
    rng: np.random.Generator, *shape: int, scale: float = 1.0, decimals: int = 2
) -> np.ndarray:
    """Normal numbers of the given shape and standard deviation, rounded to `decimals` digits."""
    return np.round(rng.normal(0.0, scale, shape), decimals)


def uniform(
    rng: np.random.Generator, low: float, high: float, *shape: int, decimals: int = 2
) -> np.ndarray:
    """Uniform numbers between `low` and `high`, rounded to `decimals` digits."""
    return np.round(rng.uniform(low, high, shape), decimals)


def float32(array: np.ndarray) -> np.ndarray:
    """The same numbers in single precision; masks and counts stay what they are."""
    return array.astype(np.float32) if array.dtype.kind == "f" else array.copy()


def read_only(array: np.ndarray) -> np.ndarray:
    """The same numbers, lying as they lie, in an array that refuses to be written to."""
    locked = array.view()
    locked.flags.writeable = False
    return locked


def strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every other element of a larger array: not contiguous in memory."""
    block = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    block[..., ::2] = array
    return block[..., ::2]


def fortran(array: np.ndarray) -> np.ndarray:
    """The same numbers, columns first in memory: what a transpose leaves behind."""
    return np.asfortranarray(array)


@overload
def every_layout(first: CallOf, /) -> list[CallOf]: ...
@overload
def every_layout(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]: ...
def every_layout(
    *given: CallOf | np.ndarray,
) -> list[CallOf] | Iterator[tuple[np.ndarray, ...]]:
    """The same numbers as arrays really come: plain, float32, with gaps, columns first, locked.

    `every_layout(call(x, w))` makes the call five times, with all of its arrays laid out so;
    `every_layout(x, w)` gives the arrays alone.
    """
    if isinstance(given[0], CallOf):
        wanted = given[0]
        return [
            replace(wanted, args=_laid_out(wanted.args, how), kwargs=_laid_out(wanted.kwargs, how))
            for how in _LAYOUTS
        ]
    return (_laid_out(given, how) for how in _LAYOUTS)


_LAYOUTS: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    np.array,
    float32,
    strided,
    fortran,
    read_only,
)


def _laid_out(value: Any, how: Callable[[np.ndarray], np.ndarray]) -> Any:
    """The value with all arrays in it laid out anew."""
    if isinstance(value, np.ndarray):
        return how(value)
    if isinstance(value, tuple | list):
        return type(value)(_laid_out(item, how) for item in value)
    if isinstance(value, dict):
        return {name: _laid_out(item, how) for name, item in value.items()}
    return value


def axis_both_ways(axis: int, dimensions: int) -> tuple[int, int]:
    """One axis counted from the front and from the back: (1, -2) for axis 1 of three."""
    return axis % dimensions, axis % dimensions - dimensions
