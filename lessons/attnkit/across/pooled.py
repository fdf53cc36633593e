"""Many rows, one verdict: rows pooled by attention, or by a plain mean to be compared with.

A row is a moment of a sound or a sentence of a review, F numbers each. It becomes h = tanh(x W + b)
of K numbers; a learned query u scores it, e = h·u; the softmax of the scores weighs the rows; and
the verdict's logit is the weighted mean of h, read off by one more vector: lesson 1's pooling with
lesson 3's training, in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Params = dict[str, FloatArray]
#: Lesson 3's `adam_step`.
Adam = Callable[..., tuple[dict[str, Any], dict[str, Any]]]

B, RATE, DECAY = 64, 1e-2, 3e-3


@dataclass(frozen=True)
class Pooled:
    """A trained model. Where ``mean`` is True all rows weigh the same, and u is of no use.

    params: W (F, K), b, u and c (K,), bias (1,). middle_F, spread_F: of the training rows, by which
    all rows are scaled first.
    """

    params: Params
    middle_F: FloatArray
    spread_F: FloatArray
    mean: bool

    def read(
        self, x_NTF: npt.ArrayLike, mask_NT: npt.ArrayLike | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The logits (N,), the weights of the rows (N, T), and what each row says, h·c (N, T).

        mask_NT: True where there is a row; each of the N has at least one. The logit is the sum of
        weight times what is said, plus the bias.
        """
        x_NTF = np.asarray(x_NTF, np.float64)
        mask_NT = _mask(x_NTF, mask_NT)
        h_NTK, w_NT = _forward(self.params, self._scaled(x_NTF), mask_NT, self.mean)
        says_NT = h_NTK @ self.params["c"]
        return (w_NT * says_NT).sum(axis=1) + self.params["bias"][0], w_NT, says_NT

    def right(
        self, x_NTF: npt.ArrayLike, y_N: npt.ArrayLike, mask_NT: npt.ArrayLike | None = None
    ) -> BoolArray:
        """Which of N it gets right; labels are 0 and 1."""
        found: BoolArray = (self.read(x_NTF, mask_NT)[0] > 0) == (np.asarray(y_N) == 1)
        return found

    def _scaled(self, x_NTF: FloatArray) -> FloatArray:
        scaled: FloatArray = (x_NTF - self.middle_F) / self.spread_F
        return scaled


def learn_pool(
    x_NTF: npt.ArrayLike, y_N: npt.ArrayLike, adam_step: Adam, *,
    mask_NT: npt.ArrayLike | None = None, mean: bool = False, K: int = 32, steps: int = 500,
    seed: int = 0,
) -> Pooled:  # fmt: skip
    """A model trained on N examples of T rows each, and their labels 0 and 1, by cross-entropy.

    mask_NT: True where there is a row. Each step draws 64 examples. With the same seed both kinds
    of model see the same batches and begin with the same numbers.
    """
    x_NTF, y_N = np.asarray(x_NTF, np.float64), np.asarray(y_N, np.float64)
    mask_NT = _mask(x_NTF, mask_NT)
    rows_RF = x_NTF[mask_NT]
    model = Pooled(
        _drawn(x_NTF.shape[2], K, np.random.default_rng([seed, 0])),
        rows_RF.mean(axis=0), rows_RF.std(axis=0) + 1e-6, mean,
    )  # fmt: skip
    x_NTF, params, rng = model._scaled(x_NTF), model.params, np.random.default_rng([seed, 1])
    nought = {name: np.zeros_like(p) for name, p in params.items()}
    state: dict[str, Any] = {"m": nought, "v": dict(nought), "t": 0}
    for step in range(steps):
        rows = rng.integers(len(y_N), size=B)
        grads = pool_gradients(params, x_NTF[rows], y_N[rows], mask_NT[rows], mean)[1]
        grads = {name: grad + DECAY * params[name] for name, grad in grads.items()}
        params, state = adam_step(params, grads, state, lr=RATE * (1 - step / steps))
    return Pooled(dict(params), model.middle_F, model.spread_F, mean)


def pool_gradients(
    params: Params, x_BTF: FloatArray, y_B: FloatArray, mask_BT: BoolArray, mean: bool
) -> tuple[float, Params]:
    """The mean cross-entropy of a batch, and its gradient in every parameter."""
    u_K, c_K = params["u"], params["c"]
    h_BTK, w_BT = _forward(params, x_BTF, mask_BT, mean)
    pooled_BK = np.einsum("bt,btk->bk", w_BT, h_BTK)
    z_B = pooled_BK @ c_K + params["bias"][0]
    loss = float(np.mean(np.logaddexp(0, z_B) - y_B * z_B))

    dz_B = (0.5 * (1 + np.tanh(z_B / 2)) - y_B) / len(y_B)
    dw_BT = dz_B[:, None] * (h_BTK @ c_K)
    de_BT = w_BT * (dw_BT - (w_BT * dw_BT).sum(axis=1, keepdims=True)) * (not mean)
    dh_BTK = (w_BT * dz_B[:, None])[:, :, None] * c_K + de_BT[:, :, None] * u_K
    da_BTK = dh_BTK * (1 - h_BTK**2)
    return loss, {
        "W": np.einsum("btf,btk->fk", x_BTF, da_BTK, optimize=True),
        "b": da_BTK.sum(axis=(0, 1)),
        "u": np.einsum("bt,btk->k", de_BT, h_BTK),
        "c": dz_B @ pooled_BK,
        "bias": dz_B.sum(keepdims=True),
    }


def _forward(
    params: Params, x_BTF: FloatArray, mask_BT: BoolArray, mean: bool
) -> tuple[FloatArray, FloatArray]:
    h_BTK: FloatArray = np.tanh(x_BTF @ params["W"] + params["b"])
    e_BT = np.where(mask_BT, 0.0 if mean else h_BTK @ params["u"], -np.inf)
    w_BT = np.exp(e_BT - e_BT.max(axis=1, keepdims=True))
    return h_BTK, w_BT / w_BT.sum(axis=1, keepdims=True)


def _drawn(F: int, K: int, rng: np.random.Generator) -> Params:
    return {
        "W": rng.normal(0.0, F**-0.5, (F, K)),
        "b": np.zeros(K),
        "u": rng.normal(0.0, 0.1, K),
        "c": rng.normal(0.0, K**-0.5, K),
        "bias": np.zeros(1),
    }


def _mask(x_NTF: FloatArray, mask_NT: npt.ArrayLike | None) -> BoolArray:
    return np.ones(x_NTF.shape[:2], bool) if mask_NT is None else np.asarray(mask_NT, bool)
