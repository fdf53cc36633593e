"""What the exercises of lesson 5 share, and how their numbers are chosen.

Sizes are B sentences, H heads, T queries or words, S keys, D coordinates, all different unless a
check says otherwise. Masks have rows that differ: one with a single key, one with none, the others
with holes, so that who counts words from the left is found out. What stands under a mask is finite,
and as large as a thousand where a leak would hide otherwise.
"""

from collections.abc import Iterator

import numpy as np

from autograder.authoring import every_layout, fortran, read_only, strided

# `exps / (total + 1e-8)` is as good as exact in float64, and a leak of a pad pushed down by 10 is 4.5e-5.
CLOSE = 1e-7


def with_mask(x: np.ndarray, mask: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Numbers and their mask as arrays really come; the mask stays one of bools throughout."""
    masks = (np.array(mask), np.array(mask), strided(mask), fortran(mask), read_only(mask))
    for (laid_out,), keep in zip(every_layout(x), masks, strict=True):
        yield laid_out, keep
