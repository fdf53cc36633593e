"""What lessons compare with of Keras, in NumPy: for a browser, where TensorFlow can't be.

The site's own package `keras` is made of this folder. Nowhere else has it that name, so that
whoever has Keras gets Keras. Its numbers are held to the real one's by
`tests/site/test_stand_in.py`.
"""

from __future__ import annotations

from typing import NoReturn

from . import label, layers, ops, optimizers
from .variables import Variable

__version__ = "3 (a stand-in in NumPy)"
__all__ = ["Variable", "layers", "ops", "optimizers"]

label.begin()


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"keras.{name} isn't here: in the browser, Keras is a stand-in that has only what lessons "
        "3, 5, 6 and 7 compare with. The real one comes with the course on a computer."
    )
