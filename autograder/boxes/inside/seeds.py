"""The same random numbers each time a submission is graded."""

from __future__ import annotations


def seed_everything(seed: int = 0) -> None:
    """Seed Python's and NumPy's generators, those made without a seed included, and Keras's.

    A generator made without a seed is as random to a notebook as before: two of them differ.
    """
    import random
    import sys

    import numpy
    import numpy.random.bit_generator

    random.seed(seed)
    numpy.random.seed(seed)
    source = random.Random(seed)
    vars(numpy.random.bit_generator)["randbits"] = source.getrandbits  # NumPy's entropy
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
