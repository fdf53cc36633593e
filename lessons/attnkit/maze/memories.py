"""Policies that look back in three ways, and the gradient through each of them.

All have the parameters of lesson 12's `policy`, and differ in the weights that they read what was
seen with: those of attention; equal ones, which make a mean of memory; or all of it on the present,
which is no memory at all. `policy_backward` is what the lesson gives to train the learner's own
policy: from the gradient in the logits to that in the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from attnkit.maze.episodes import Policy
from attnkit.maze.tmaze import FloatArray

Memory = Literal["attention", "mean", "none"]
NAMES = ("Wq", "Wk", "Wv", "Wo")


def start(rng: np.random.Generator, D: int, K: int, C: int, scale: float) -> dict[str, FloatArray]:
    """Parameters to begin with: normal numbers of standard deviation `scale`."""
    shapes = {"Wq": (D, K), "Wk": (D, K), "Wv": (D, K), "Wo": (K + D, C)}
    return {name: rng.normal(0.0, scale, shapes[name]) for name in NAMES}


def weights(x_BTD: FloatArray, params: Mapping[str, FloatArray], memory: Memory) -> FloatArray:
    """w_BTS: how much each step reads of each step so far, its own included."""
    B, T, _ = x_BTD.shape
    seen_TS = np.tri(T, dtype=bool)
    if memory == "none":
        return np.broadcast_to(np.eye(T), (B, T, T))
    if memory == "mean":
        return np.broadcast_to(seen_TS / seen_TS.sum(axis=1, keepdims=True), (B, T, T))
    q_BTK, k_BSK = x_BTD @ params["Wq"], x_BTD @ params["Wk"]
    e_BTS = np.einsum("btk,bsk->bts", q_BTK, k_BSK, optimize=True) / q_BTK.shape[2] ** 0.5
    return _softmax(np.where(seen_TS, e_BTS, -np.inf))


def policy_with(memory: Memory) -> Policy:
    """A policy like the learner's own, with this memory."""

    def policy(x_BTD: FloatArray, params: Mapping[str, FloatArray]) -> FloatArray:
        o_BTK = weights(x_BTD, params, memory) @ (x_BTD @ params["Wv"])
        return _softmax(np.concatenate([o_BTK, x_BTD], axis=2) @ params["Wo"])

    return policy


def policy_backward(
    x_BTD: FloatArray,
    params: Mapping[str, FloatArray],
    dz_BTC: FloatArray,
    memory: Memory = "attention",
) -> dict[str, FloatArray]:
    """The gradients of a loss in the parameters, from its gradient in the logits of the policy."""
    K = params["Wq"].shape[1]
    v_BSK, w_BTS = x_BTD @ params["Wv"], weights(x_BTD, params, memory)
    joined_BTJ = np.concatenate([w_BTS @ v_BSK, x_BTD], axis=2)
    do_BTK = dz_BTC @ params["Wo"][:K].T
    grads = {
        "Wv": _sum_of_products(x_BTD, w_BTS.swapaxes(1, 2) @ do_BTK),
        "Wo": _sum_of_products(joined_BTJ, dz_BTC),
    }
    if memory != "attention":  # the weights hang on no parameter
        return {name: grads.get(name, np.zeros_like(params[name])) for name in NAMES}
    dw_BTS = do_BTK @ v_BSK.swapaxes(1, 2)
    de_BTS = w_BTS * (dw_BTS - (w_BTS * dw_BTS).sum(axis=2, keepdims=True)) / K**0.5
    grads["Wq"] = _sum_of_products(x_BTD, de_BTS @ (x_BTD @ params["Wk"]))
    grads["Wk"] = _sum_of_products(x_BTD, de_BTS.swapaxes(1, 2) @ (x_BTD @ params["Wq"]))
    return {name: grads[name] for name in NAMES}


def _sum_of_products(x_BTD: FloatArray, dy_BTK: FloatArray) -> FloatArray:
    """The gradient in W, where y is x @ W, over all steps of all episodes."""
    return x_BTD.reshape(-1, x_BTD.shape[2]).T @ dy_BTK.reshape(-1, dy_BTK.shape[2])


def _softmax(z: FloatArray) -> FloatArray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
