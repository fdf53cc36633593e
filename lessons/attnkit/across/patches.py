"""Pictures of digits as patches: a small Transformer that reads them, in Keras 3.

The pictures are scikit-learn's: 1,797 digits of 8 by 8 pixels (Alpaydin & Kaynak 1998). One block
of lesson 7 reads patches as it would words; what it makes of them is joined, place by place, or
averaged, and ten logits are read off it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.across.blocks import Block, norm
from attnkit.across.training import learn, schedule

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int_]
ReadOut = Literal["places", "mean"]

FORMAT = "patches 1"  # to be changed with whatever changes what a training gives


class Digits(NamedTuple):
    """Pictures (N, 8, 8, 1), from 0 to 1, and their digits: to learn from, and to test on."""

    train_NHWF: FloatArray
    train_N: IntArray
    test_NHWF: FloatArray
    test_N: IntArray


def digits() -> Digits:
    """1,347 digits to learn from and 450 to test on, each digit's share the same in both."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    found = load_digits()
    img_NHWF = (found.images[..., None] / 16).astype(np.float32)
    train_NHWF, test_NHWF, train_N, test_N = train_test_split(
        img_NHWF, found.target, test_size=450, random_state=13, stratify=found.target
    )
    return Digits(train_NHWF, train_N, test_NHWF, test_N)


@dataclass(frozen=True)
class Plan:
    """How a training goes: so many steps of B pictures, in so many seconds at most."""

    steps: int = 500
    B: int = 64
    rate: float = 3e-3
    seconds: float = 600.0


class PatchReader(keras.Model):  # type: ignore[misc]
    """From patches (B, T, P·P) to the logits of ten digits.

    places: whether each patch is told where it is. read_out: "places" joins all patches one behind
    the other before the logits are read off, "mean" takes their mean.
    """

    def __init__(
        self, T: int, features: int, *, D: int = 48, H: int = 4, places: bool = True,
        read_out: ReadOut = "places", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.read_out = read_out
        self.into = keras.layers.Dense(D)
        small = keras.initializers.RandomNormal(stddev=0.1)
        self.place_TD = (
            self.add_weight(name="place_TD", shape=(T, D), initializer=small) if places else None
        )
        self.block, self.norm = Block(D, H, 2 * D), norm(D)
        self.says = keras.layers.Dense(10)
        self(np.zeros((1, T, features), "float32"))

    def call(self, x_BTF: Any) -> Any:
        x_BTD = self.into(x_BTF)
        if self.place_TD is not None:
            x_BTD = x_BTD + self.place_TD
        x_BTD = self.norm(self.block(x_BTD))
        if self.read_out == "mean":
            return self.says(ops.mean(x_BTD, axis=1))
        return self.says(ops.reshape(x_BTD, (-1, x_BTD.shape[1] * x_BTD.shape[2])))


def train(
    model: Any, x: Any, y_N: IntArray, plan: Plan, *, seed: int = 0, jit: bool = False,
    keep: bool = True,
) -> list[float]:  # fmt: skip
    """Train a model on pictures and their labels; the mean loss of each tenth of the way.

    x: what the model is called with, an array or a list of them, N rows each. A model that was
    trained to the end is kept in the user's cache folder. Its `seconds` are what it took.
    """
    inputs = [np.asarray(each) for each in (x if isinstance(x, list) else [x])]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    adam = keras.optimizers.AdamW(schedule(plan), weight_decay=0.01, beta_2=0.98, clipnorm=1.0)
    facts = (FORMAT, type(model).__name__, getattr(model, "read_out", ""))
    return learn(
        model, inputs, y_N, plan, adam, loss,
        kind="pictures", facts=facts, seed=seed, jit=jit, keep=keep,
    )  # fmt: skip


def says(model: Any, x: Any) -> IntArray:
    """The digit that a model finds likeliest for each picture.

    The model is called, not asked to `predict`: Keras would warn of one program for each shape.
    """
    found: IntArray = np.asarray(ops.convert_to_numpy(model(x))).argmax(axis=-1)
    return found
