"""Pictures and their names in one space: two encoders that learn by contrast which belong together.

A picture is rows of numbers, its patches, or a single row that counts its colours. Each row becomes
a vector, learned queries pool them (lesson 8), and the result is made as long as a name's. A name
is its letters: sequences of two to four of them, counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.across.blocks import norm
from attnkit.across.training import learn, schedule
from attnkit.quiet import silence

FloatArray = npt.NDArray[np.floating]
IntArray = npt.NDArray[np.int_]

FORMAT = "names 1"  # to be changed with whatever changes what a training gives
EPS = 1e-6


@dataclass(frozen=True)
class Plan:
    """How a training goes. D: numbers of a row's vector; K: of the space that both share.

    tau: by which cosines are divided. ``mean``: rows weigh all the same.
    """

    steps: int = 300
    B: int = 128
    rate: float = 3e-3
    D: int = 64
    H: int = 4
    K: int = 64
    tau: float = 0.1
    mean: bool = False
    lost: float = 0.2
    seconds: float = 180.0


class Towers(keras.Model):  # type: ignore[misc]
    """From [pictures (B, T, F), names (B, V)] to their vectors, (B, 2, K), each of length 1."""

    def __init__(self, plan: Plan, shape: tuple[int, int], V: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        T, F = shape
        self.plan, self.T = plan, T
        self.rows = keras.layers.Dense(plan.D)
        self.places = keras.layers.Embedding(T, plan.D)
        self.norm = norm(plan.D)
        self.wide = keras.layers.Dense(2 * plan.D, "gelu")
        self.queries = keras.layers.Dense(plan.H, use_bias=False)
        self.lost = keras.layers.Dropout(plan.lost)
        self.picture, self.name_ = keras.layers.Dense(plan.K), keras.layers.Dense(plan.K)
        with silence():
            self([np.zeros((1, T, F), np.float32), np.zeros((1, V), np.float32)])

    def call(self, inputs: Any, training: bool = False) -> Any:
        x_BTF, name_BV = inputs
        h_BTD, w_BTH = self.look(x_BTF)
        pooled_BHD = ops.einsum("bth,btd->bhd", w_BTH, h_BTD)
        flat_BD = ops.reshape(pooled_BHD, (-1, self.plan.H * 2 * self.plan.D))
        picture_BK = self.picture(self.lost(flat_BD, training=training))
        name_BK = self.name_(self.lost(name_BV, training=training))
        return ops.stack([_unit(picture_BK), _unit(name_BK)], axis=1)

    def look(self, x_BTF: Any) -> tuple[Any, Any]:
        """The rows' vectors, (B, T, 2 D), and the queries' weights for them, (B, T, H)."""
        h_BTD = self.wide(self.norm(self.rows(x_BTF) + self.places(ops.arange(self.T))))
        e_BTH = self.queries(h_BTD) * (0.0 if self.plan.mean else 1.0)
        w_BTH = ops.exp(e_BTH - ops.max(e_BTH, axis=1, keepdims=True))
        return h_BTD, w_BTH / ops.sum(w_BTH, axis=1, keepdims=True)


def letters_of(names: Sequence[str]) -> Callable[[Sequence[str]], FloatArray]:
    """What makes a row of counts of a name; it knows the sequences of letters of these names."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True)
    counter.fit(list(names))

    def counted(names: Sequence[str]) -> FloatArray:
        found: FloatArray = counter.transform(list(names)).toarray().astype(np.float32)
        return found

    return counted


def learn_names(
    x_NTF: FloatArray, name_NV: FloatArray, plan: Plan | None = None, *, seed: int = 0
) -> Towers:
    """Both encoders, trained on pairs by contrast, or before: a whole training is kept on disk."""
    plan = plan or Plan()
    keras.utils.set_random_seed(seed)
    x_NTF, name_NV = x_NTF.astype(np.float32), name_NV.astype(np.float32)
    with silence():
        model = Towers(plan, (x_NTF.shape[1], x_NTF.shape[2]), name_NV.shape[1])

    adam, nothing_N = keras.optimizers.Adam(schedule(plan)), np.zeros(len(x_NTF), np.float32)
    learn(
        model, [x_NTF, name_NV], nothing_N, plan, adam, _contrast(plan.tau),
        kind="names", facts=(FORMAT,), seed=seed,
    )  # fmt: skip
    return model


def vectors(model: Towers, x_NTF: FloatArray, name_NV: FloatArray) -> tuple[Any, Any]:
    """The vectors of pictures and of names, (N, K) each, of length 1."""
    inputs = [x_NTF.astype(np.float32), name_NV.astype(np.float32)]
    both_N2K = model.predict(inputs, batch_size=256, verbose=0)
    return both_N2K[:, 0], both_N2K[:, 1]


def ranks(a_NK: FloatArray, b_NK: FloatArray) -> IntArray:
    """For each row of a, how many rows of b are more like it than its own one, (N,)."""
    cosine_NN = a_NK @ b_NK.T
    found: IntArray = (cosine_NN > np.diag(cosine_NN)[:, None]).sum(axis=1)
    return found


def _unit(x_BK: Any) -> Any:
    return x_BK / ops.sqrt(ops.sum(x_BK**2, axis=-1, keepdims=True) + EPS)


def _contrast(tau: float) -> Callable[[Any, Any], Any]:
    """Lesson 12's `info_nce` as Keras wants a loss."""

    def loss(_: Any, both_B2K: Any) -> Any:
        z_BB = both_B2K[:, 0] @ ops.transpose(both_B2K[:, 1]) / tau
        found = ops.diag(ops.log_softmax(z_BB, axis=1)) + ops.diag(ops.log_softmax(z_BB, axis=0))
        return -found / 2

    return loss
