"""Two digits side by side, and a question: which is the left one, or which is the right one?

The question is one query, which asks all patches of the picture. Patches are read by one block
first, so that each knows what stands around it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.across.blocks import Attend, Block, Net, norm
from attnkit.across.patches import Digits, Plan

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int_]

LEFT, RIGHT = 0, 1
QUESTIONS = ("left", "right")
PLAN = Plan(steps=800)


class Pairs(NamedTuple):
    """Pictures of two digits (N, 8, 16, 1), which side is asked for, and both digits, (N, 2)."""

    img_NHWF: FloatArray
    side_N: IntArray
    digit_N2: IntArray

    @property
    def asked_N(self) -> IntArray:
        """The digit that is asked for."""
        return self.digit_N2[np.arange(len(self.side_N)), self.side_N]

    @property
    def other_N(self) -> IntArray:
        """The digit that isn't."""
        return self.digit_N2[np.arange(len(self.side_N)), 1 - self.side_N]


def pairs(found: Digits, part: str, count: int, seed: int) -> Pairs:
    """So many pictures of two digits, both drawn from one part of the digits ("train", "test")."""
    img_NHWF = found.train_NHWF if part == "train" else found.test_NHWF
    digit_N = found.train_N if part == "train" else found.test_N
    rng = np.random.default_rng(seed)
    which_N2 = rng.integers(len(digit_N), size=(count, 2))
    both_NHWF = np.concatenate([img_NHWF[which_N2[:, 0]], img_NHWF[which_N2[:, 1]]], axis=2)
    return Pairs(both_NHWF, rng.integers(2, size=count), digit_N[which_N2])


class Asker(keras.Model):  # type: ignore[misc]
    """Patches (B, S, P·P) and a side (B,) in, the logits of ten digits out."""

    def __init__(self, S: int, features: int, D: int = 48, H: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        small = keras.initializers.RandomNormal(stddev=0.1)
        self.into = keras.layers.Dense(D)
        self.place_SD = self.add_weight(name="place_SD", shape=(S, D), initializer=small)
        self.side_2D = self.add_weight(name="side_2D", shape=(2, D), initializer=small)
        self.block, self.norm = Block(D, H, 2 * D), norm(D)
        self.across, self.net = Attend(D, H), Net(D, 2 * D)
        self.says = keras.layers.Dense(10)
        self([np.zeros((1, S, features), "float32"), np.zeros((1,), "int32")])

    def call(self, x_side: tuple[Any, Any]) -> Any:
        x_BSF, side_B = x_side
        y_B1D, x_BSD = self.sides(x_BSF, side_B)
        read_B1D, _ = self.across(y_B1D, x_BSD)
        return self.says(self.net(y_B1D + read_B1D)[:, 0])

    def sides(self, x_BSF: Any, side_B: Any) -> tuple[Any, Any]:
        """The question as one query, (B, 1, D), and what the block made of the patches."""
        x_BSD = self.norm(self.block(self.into(x_BSF) + self.place_SD))
        return ops.take(self.side_2D, side_B, axis=0)[:, None], x_BSD

    def read(self, x_BSF: Any, side_B: Any) -> tuple[Any, Any, dict[str, Any]]:
        """What `cross_attention` gets here: y_B1D, x_BSD, and its four matrices by their names."""
        y, x = (np.asarray(ops.convert_to_numpy(each)) for each in self.sides(x_BSF, side_B))
        return y, x, self.across.matrices()


def on_asked_half(w_BHTS: Any, side_B: IntArray, columns: int) -> FloatArray:
    """How much of a question's weight, a mean over heads, lies on the half it asks about, (B,).

    columns: of patches in a row of the picture, an even number.
    """
    w_BS = np.asarray(w_BHTS)[:, :, 0].mean(axis=1)
    half_S = np.arange(w_BS.shape[1]) % columns >= columns // 2
    on_right_B = w_BS[:, half_S].sum(axis=1)
    share: FloatArray = np.where(side_B == RIGHT, on_right_B, 1 - on_right_B)
    return share
