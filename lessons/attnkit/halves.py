"""Lesson 12's pairs that belong together: the two halves of a review, and learning by contrast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from attnkit.data import split

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
#: Lesson 3's `adam_step`.
Adam = Callable[..., tuple[dict[str, FloatArray], dict[str, Any]]]

FEWEST = 60  # words of a review that is cut in two
STEPS, B, RATE = 300, 128, 3e-3


def review_halves(
    part: Literal["train", "validation"], reviews: int
) -> tuple[list[str], list[str]]:
    """First and second halves of IMDb's reviews, of so many that are drawn with a fixed seed.

    Very short reviews are left out.
    """
    texts = split("imdb").train.text if part == "train" else split("imdb").validation.text
    firsts, seconds = [], []
    for place in np.random.default_rng(12).permutation(len(texts))[:reviews]:
        words = texts.iloc[place].split()
        if len(words) >= FEWEST:
            firsts.append(" ".join(words[: len(words) // 2]))
            seconds.append(" ".join(words[len(words) // 2 :]))
    return firsts, seconds


def learn_to_pair(
    a_ND: FloatArray, b_ND: FloatArray, adam_step: Adam, *, K: int, tau: float, steps: int = STEPS,
    seed: int = 0,
) -> FloatArray:  # fmt: skip
    """A matrix W (D, K) for which rows of a @ W and of b @ W that belong together are alike.

    It descends the gradient of lesson 12's `info_nce`, in batches drawn by chance.
    """
    rng, D = np.random.default_rng(seed), a_ND.shape[1]
    params = {"W": rng.normal(0.0, D**-0.5, (D, K))}
    state: dict[str, Any] = {"m": {"W": 0 * params["W"]}, "v": {"W": 0 * params["W"]}, "t": 0}
    for _ in range(steps):
        rows = rng.integers(len(a_ND), size=min(B, len(a_ND)))
        grads = {"W": slope_of_contrast(a_ND[rows], b_ND[rows], params["W"], tau)}
        params, state = adam_step(params, grads, state, lr=RATE)
    return params["W"]


def slope_of_contrast(
    a_BD: FloatArray, b_BD: FloatArray, W_DK: FloatArray, tau: float
) -> FloatArray:
    """The gradient in W of `info_nce(a @ W, b @ W, tau)`."""
    (u_BK, long_B), (v_BK, wide_B) = _unit(a_BD @ W_DK), _unit(b_BD @ W_DK)
    e_BB = np.exp((u_BK @ v_BK.T - 1) / tau)  # a cosine is 1 at most
    rows_BB = e_BB / e_BB.sum(axis=1, keepdims=True)
    columns_BB = e_BB / e_BB.sum(axis=0, keepdims=True)
    dz_BB = ((rows_BB + columns_BB) / 2 - np.eye(len(a_BD))) / len(a_BD) / tau
    da_BK = _through_unit(dz_BB @ v_BK, u_BK, long_B)
    db_BK = _through_unit(dz_BB.T @ u_BK, v_BK, wide_B)
    slope: FloatArray = a_BD.T @ da_BK + b_BD.T @ db_BK
    return slope


def partners_found(a_ND: FloatArray, b_ND: FloatArray, among: int) -> BoolArray:
    """Whether each row of a is most like its own row of b, in batches of so many rows.

    A batch that isn't full is left out.
    """
    (u_ND, _), (v_ND, _) = _unit(a_ND), _unit(b_ND)
    whole = len(u_ND) // among * among
    batches = [slice(start, start + among) for start in range(0, whole, among)]
    found = [(u_ND[some] @ v_ND[some].T).argmax(axis=1) == np.arange(among) for some in batches]
    return np.concatenate(found)


def _unit(x_ND: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows of length 1, and how long they were."""
    long_N = np.maximum(np.linalg.norm(x_ND, axis=1, keepdims=True), 1e-12)
    return x_ND / long_N, long_N


def _through_unit(du_BK: FloatArray, u_BK: FloatArray, long_B: FloatArray) -> FloatArray:
    """The gradient in rows, from the gradient in the same rows made to length 1."""
    return (du_BK - u_BK * (du_BK * u_BK).sum(axis=1, keepdims=True)) / long_B
