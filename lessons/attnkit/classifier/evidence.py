"""A linear member beside the attention models: naive-Bayes evidence, weighed (Wang, Manning 2012).

Each word, and each known run of words, has one number, and a text's logit is their sum over what
the text holds, however often. The numbers are the naive-Bayes log-odds r of a word, times a weight
that logistic regression learns: Wang and Manning's NBSVM, *Baselines and Bigrams*, ACL 2012, with
the logistic loss in the place of the SVM's. It errs elsewhere than attention does: rare words
count in full, and there is no mean over the text that would thin them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.classifier.layers import register
from attnkit.classifier.tokens import Tokens
from attnkit.classifier.vocabulary import FIRST

FloatArray = npt.NDArray[np.float32]

C = 1.0  # the inverse of the penalty on the weights, as in scikit-learn


@register
class Evidence(keras.layers.Layer):  # type: ignore[misc]
    """ids_BT, or ids_BTn for n sizes -> logit_B1: the sum of the numbers of the ids that occur."""

    def __init__(self, sizes: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)

    def build(self, ids_shape: Any) -> None:
        self.tables = [
            self.add_weight(name=f"z_{n + 1}_V", shape=(V,), initializer="zeros", trainable=False)
            for n, V in enumerate(self.sizes)
        ]
        self.bias = self.add_weight(name="bias", shape=(), initializer="zeros", trainable=False)

    def call(self, ids: Any) -> Any:
        columns_BTn = ids if len(self.sizes) > 1 else ids[..., None]
        logit_B = self.bias
        for n, table in enumerate(self.tables):
            sorted_BT = ops.sort(columns_BTn[..., n], axis=1)  # so that equal ids stand together
            before_BT = ops.pad(sorted_BT[:, :-1], [[0, 0], [1, 0]])  # pad, id 0, has no evidence
            first_BT = ops.cast(ops.not_equal(sorted_BT, before_BT), table.dtype)
            logit_B = logit_B + ops.sum(first_BT * ops.take(table, sorted_BT, axis=0), axis=1)
        return logit_B[:, None]

    def compute_output_spec(self, ids: Any) -> Any:
        return keras.KerasTensor((ids.shape[0], 1), "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": list(self.sizes)}


class Evident(NamedTuple):
    """What training texts say of each id, tables one after another."""

    held_NV: Any  # sparse, float32: 1 where the text holds the id, however often
    odds_V: FloatArray  # r = log((n₊ + 1) / (n₋ + 1)); 0 below `FIRST` of each table


def gather(tokens: Tokens, labels_N: FloatArray, sizes: Sequence[int]) -> Evident:
    """Count the positive and the negative texts that hold an id, for each of n tables' ids."""
    from scipy.sparse import csr_matrix

    N, V = len(tokens), sum(sizes)
    offsets_n = np.cumsum([0, *sizes[:-1]])
    texts_M = np.repeat(np.arange(N), tokens.lengths)
    columns_Mn = tokens.flat.reshape(len(texts_M), -1) + offsets_n
    places = np.repeat(texts_M, len(sizes)), columns_Mn.reshape(-1)
    held_NV = csr_matrix((np.ones(columns_Mn.size, np.float32), places), shape=(N, V))
    held_NV.data[:] = 1
    n_pos_V, n_neg_V = (held_NV.T @ np.float64(labels_N == label) for label in (1, 0))
    odds_V = np.log((n_pos_V + 1) / (n_neg_V + 1)).astype(np.float32)
    for offset in offsets_n:
        odds_V[offset : offset + FIRST] = 0
    return Evident(held_NV, odds_V)


class Fitted(NamedTuple):
    """What the linear member knows."""

    z_V: FloatArray  # the evidence of each id, tables one after another
    bias: float


def fit_evidence(evident: Evident, labels_N: FloatArray) -> Fitted:
    """Fit the linear member to training texts: a regression, some seconds on one core."""
    from scipy.sparse import diags
    from sklearn.linear_model import LogisticRegression

    r_V = evident.odds_V
    model = LogisticRegression(C=C, solver="liblinear", dual=True, max_iter=100, random_state=0)
    fitted = model.fit(evident.held_NV @ diags(r_V), labels_N)
    return Fitted((r_V * fitted.coef_[0]).astype(np.float32), float(fitted.intercept_[0]))


def evidence_model(fitted: Fitted, sizes: Sequence[int]) -> Any:
    """The linear member as a `keras.Model` from ids to logits."""
    many = len(sizes) > 1
    ids_in = keras.Input((None, len(sizes)) if many else (None,), dtype="int32", name="ids")
    layer = Evidence(sizes, dtype="float32", name="evidence")
    made = keras.Model(ids_in, layer(ids_in), name="linear")
    for table, z in zip(layer.tables, np.split(fitted.z_V, np.cumsum(sizes)[:-1]), strict=True):
        table.assign(z)
    layer.bias.assign(fitted.bias)
    return made


def weigh(
    models: Sequence[Any], linear: Any, logits_NM: FloatArray, labels_N: FloatArray,
    share: float | None = None,
) -> None:  # fmt: skip
    """Scale the logits of M attention models, and of the linear one, so that their mean is right.

    ``logits_NM`` has the linear model's logits of validation texts in its last column. How much
    each counts: `weights`.
    """
    a, f = weights(logits_NM, labels_N, share)
    M = len(models)
    for model in models:
        for weight in model.get_layer("logit").weights:
            weight.assign(weight * (a * (M + 1) / M))
    layer = linear.get_layer("evidence")
    for weight in layer.weights:
        weight.assign(weight * (f * (M + 1)))


def weights(
    logits_NM: FloatArray, labels_N: FloatArray, share: float | None = None
) -> tuple[float, float]:
    """a and f of the whole's logit, a · mean(attention) + f · linear, for logits as in `weigh`.

    Fitted to validation texts, of which the whole then has the least loss. With a ``share`` the
    linear model's part of the logit has that share of the spread, and one number is fitted, by
    which all is multiplied: where a validation text's film is in training too, attention models
    know it by its names, and two numbers would trust them too far. Either way the mean is
    calibrated (temperature scaling: Guo and others, ICML 2017).
    """
    from sklearn.linear_model import LogisticRegression

    x_N2 = np.stack([logits_NM[:, :-1].mean(axis=1), logits_NM[:, -1]], axis=1)
    spread_2 = np.maximum(x_N2.std(axis=0), 1e-6)
    parts_2 = np.eye(2) if share is None else np.array([[1 - share, share]])
    fitted = LogisticRegression(C=10.0, fit_intercept=False)
    fitted.fit(x_N2 / spread_2 @ parts_2.T, labels_N)
    # a negative part would turn a model's word into its opposite
    a, f = np.maximum(fitted.coef_[0], 0.0) @ parts_2 / spread_2
    return float(a), float(f)
