"""Sentences as MiniLM's vectors of 384 numbers, in NumPy: lesson 9's thirty lines, many at a time.

A vector is the mean over the tokens of what the last layer gives, of length 1. Like MiniLM itself
it needs the extra `explain`. What has been computed once is kept on disk (`attnkit.cache`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from attnkit.cache import cached, digest
from attnkit.minilm import HEADS, MiniLM, load_minilm

FloatArray = npt.NDArray[np.float32]

FORMAT = "sentence vectors 1"  # to be changed with what a vector is
BATCH = 16  # sentences of about the same length that are computed together
EPS = 1e-12


def sentence_vectors(texts: Sequence[str]) -> FloatArray:
    """A vector for each text, (N, 384), float32; some thirty sentences a second.

    Raises NotInstalledError, with a sentence on what to install, where MiniLM isn't.
    """
    minilm = load_minilm()
    name = f"sentences/{digest(FORMAT, list(texts))}.npy"
    return cached(name, lambda: _vectors(minilm, texts), _read, _write, least_seconds=1)


def _vectors(minilm: MiniLM, texts: Sequence[str]) -> FloatArray:
    found = [minilm.tokens(text)[1] for text in texts]
    z_ND = np.empty((len(texts), minilm.words_VD.shape[1]), np.float32)
    order = np.argsort([len(ids) for ids in found], kind="stable")
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        ids_BT = np.zeros((len(rows), max(len(found[row]) for row in rows)), np.int_)
        keep_BT = np.zeros(ids_BT.shape, bool)
        for place, row in enumerate(rows):
            ids_BT[place, : len(found[row])] = found[row]
            keep_BT[place, : len(found[row])] = True
        z_BD = np.einsum("btd,bt->bd", _run(minilm, ids_BT, keep_BT), keep_BT.astype(np.float32))
        z_ND[rows] = z_BD / np.linalg.norm(z_BD, axis=1, keepdims=True)
    return z_ND


def _run(minilm: MiniLM, ids_BT: npt.NDArray[np.int_], keep_BT: npt.NDArray[np.bool_]) -> Any:
    x_BTD = minilm.words_VD[ids_BT] + minilm.places_PD[: ids_BT.shape[1]] + minilm.kind_D
    x_BTD = _norm(x_BTD, minilm.gamma_D, minilm.beta_D)
    for p in minilm.layers:
        x_BTD = _norm(x_BTD + _attention(x_BTD, p, keep_BT), p["ln1_gamma"], p["ln1_beta"])
        h_BTF = x_BTD @ p["W1"] + p["b1"]
        h_BTF = h_BTF * (1 + erf(h_BTF * np.float32(2**-0.5))) / 2
        x_BTD = _norm(x_BTD + h_BTF @ p["W2"] + p["b2"], p["ln2_gamma"], p["ln2_beta"])
    return x_BTD


def _attention(x_BTD: Any, p: Mapping[str, FloatArray], keep_BT: npt.NDArray[np.bool_]) -> Any:
    B, T, D = x_BTD.shape
    q, k, v = ((x_BTD @ p[f"W{n}"] + p[f"b{n}"]).reshape(B, T, HEADS, -1) for n in "qkv")
    e_BHTS = np.einsum("bthk,bshk->bhts", q, k, optimize=True) * np.float32((D // HEADS) ** -0.5)
    e_BHTS = np.where(keep_BT[:, None, None], e_BHTS, np.float32(-np.inf))
    w_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    w_BHTS /= w_BHTS.sum(axis=-1, keepdims=True)
    o_BTD = np.einsum("bhts,bshv->bthv", w_BHTS, v, optimize=True).reshape(B, T, D)
    return o_BTD @ p["Wo"] + p["bo"]


def _norm(x_BTD: Any, gamma_D: FloatArray, beta_D: FloatArray) -> Any:
    centred = x_BTD - x_BTD.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + np.float32(EPS))
    return centred / spread * gamma_D + beta_D


def _read(file: Path) -> FloatArray:
    found: FloatArray = np.load(file, allow_pickle=False)
    return found


def _write(z_ND: FloatArray, out: IO[bytes]) -> None:
    np.save(out, z_ND)
