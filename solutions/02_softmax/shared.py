"""What the exercises of lesson 2 share, and how their numbers are chosen.

Most scores have a standard deviation of about 1, where every mistake in the formula shows. The
checks of large scores stand apart, with ±1e3 and tolerances that grow with the scores: there a
right formula can fail by how it is computed. Arrays have sizes that differ; the one square table is
for a lost axis, which raises no error there.
"""

import numpy as np

from autograder.authoring import Caller, CallOf, normal

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

# A tiny number under a logarithm or a fraction line is no mistake where nothing can tell.
WEIGHTS, LOGARITHMS = 2e-8, 1e-7


def shares(rng: np.random.Generator, *shape: int, axis: int = -1) -> np.ndarray:
    """Uneven probabilities of two decimals, none zero, that sum to 1 along `axis`."""
    shape = tuple(np.moveaxis(np.empty(shape), axis, -1).shape)
    rows = []
    for _ in range(int(np.prod(shape[:-1]))):
        likely = np.exp(rng.normal(0.0, 1.0, shape[-1]))
        rows.append(2 + rng.multinomial(100 - 2 * shape[-1], likely / likely.sum()))
    table = np.array(rows).reshape(shape) / 100
    return np.ascontiguousarray(np.moveaxis(table, -1, axis))


def extreme(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Scores near ±1000, both signs in every row, as if multiplied by a thousand."""
    signs = np.where(np.arange(shape[-1]) % 3, -1.0, 1.0)
    return rng.permuted(np.broadcast_to(signs, shape), axis=-1) * 1000 + normal(rng, *shape)


def close(make: Caller, *args: object, within: float = LOGARITHMS, **kwargs: object) -> CallOf:
    """A call whose answer may be off by `within`, or by what float32 allows."""
    single = any(isinstance(arg, np.ndarray) and arg.dtype == np.float32 for arg in args)
    return make(*args, tolerance=None if single else within, **kwargs)
