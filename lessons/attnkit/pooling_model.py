"""The model of lesson 8, trained and taken apart into plain arrays: lessons 9 and 10 work on it.

`pooling_model` builds it with the learner's own `build_classifier` (L8.2) where that passes its
checks and pools by learned queries, as the lesson suggests, and otherwise with the course's. It
trains it on MR's 6,530 training sentences, as lesson 8 does, and reads its weights. They are kept
in the user's cache folder, so that this happens once.

From then on NumPy does it all, and everything that happens inside can be seen and changed:

    x_BTD = words + places, and a 1 behind them, by which the biases of tanh are a part of W
    w_BHT = softmax over the words of U_HA · tanh(W_AD x)
    p_B = σ(Σ_h C_HD[h] · Σ_t w x  +  bias)
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from attnkit import budget, earlier
from attnkit.asking_reader import LENGTH, SIZE, WIDTH, encode, fit, sentences, vocabulary
from attnkit.cache import cached, digest
from attnkit.checking.report import say
from attnkit.classifier import tokenise
from attnkit.quiet import silence

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int_]

FORMAT = "pooling model 1"  # to be changed with what is kept, or with how it is trained
SEED, T, H = 8, LENGTH, 4
PAD, UNKNOWN = 0, 1


@dataclass(frozen=True)
class PoolingModel:
    """A trained classifier of reviews that pools with H learned queries. Arrays are read-only.

    E_VD: a row for each id, P_TD: one for each place; both with the 1 (E) or 0 (P) as last number,
    so that D is 33. W_AD, U_HA: what makes the scores. C_HD, bias: what reads the logit off.
    words: the word of each id from 2 on. yours: whether it was built with the learner's function.
    """

    E_VD: FloatArray
    P_TD: FloatArray
    W_AD: FloatArray
    U_HA: FloatArray
    C_HD: FloatArray
    bias: float
    words: tuple[str, ...]
    yours: bool

    @property
    def H(self) -> int:
        return len(self.U_HA)

    @property
    def T(self) -> int:
        return len(self.P_TD)

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """Word → id."""
        return _numbered(self.words)

    def tokens(self, text: str) -> list[str]:
        """The words of a text that the model reads: the first T."""
        return tokenise(text)[: self.T]

    def ids(self, texts: str | Sequence[str]) -> IntArray:
        """The ids of texts, (B, T), 0 behind each; of a single text (T,)."""
        if isinstance(texts, str):
            return self.ids([texts])[0]
        return encode(texts, self.vocabulary).astype(np.int_)

    def x(self, ids: npt.ArrayLike) -> FloatArray:
        """The words' numbers, with their places' and a 1: (…, T, D) for ids (…, T)."""
        ids_ = np.asarray(ids)
        if ids_.size and (ids_.min() < 0 or ids_.max() >= len(self.E_VD)):
            raise ValueError(f"ids go from 0 to {len(self.E_VD) - 1}")
        x: FloatArray = self.E_VD[ids_] + self.P_TD[: ids_.shape[-1]]
        return x

    def weights(self, ids: npt.ArrayLike) -> FloatArray:
        """What each head gives each word, (…, H, T) for ids (…, T); pads get 0."""
        return self._weigh(self.x(ids), np.asarray(ids))

    def predict(self, ids_BT: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The probability of praise for each of B texts, (B,)."""
        ids = np.asarray(ids_BT)
        if ids.ndim != 2:
            raise ValueError(f"ids have the shape {ids.shape}, but should have (B, T)")
        return 1 / (1 + np.exp(-self.logits(self.weights(ids), ids)))

    def logits(self, w_BHT: npt.ArrayLike, ids_BT: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The logits (…,) that weights (…, H, T), the model's or any others, give for texts."""
        value = np.einsum("...td,hd->...ht", self.x(ids_BT), self.C_HD)
        return np.einsum("...ht,...ht->...", np.asarray(w_BHT), value).astype(float) + self.bias

    def _weigh(self, x_BTD: FloatArray, ids: npt.NDArray[Any]) -> FloatArray:
        e_BHT = np.moveaxis(np.tanh(x_BTD @ self.W_AD.T) @ self.U_HA.T, -1, -2)
        keep_BHT = (ids != PAD)[..., None, :]
        top = np.max(e_BHT, axis=-1, keepdims=True, where=keep_BHT, initial=-1e30)
        exp_BHT = np.exp(np.minimum(e_BHT - top, 0)) * keep_BHT
        total = exp_BHT.sum(axis=-1, keepdims=True)
        w_BHT: FloatArray = exp_BHT / np.where(total > 0, total, 1)
        return w_BHT


@lru_cache(maxsize=8)
def _numbered(words: tuple[str, ...]) -> Mapping[str, int]:
    return MappingProxyType({word: number for number, word in enumerate(words, UNKNOWN + 1)})


# --- training it ----------------------------------------------------------------------------------


def pooling_model(seed: int = SEED) -> PoolingModel:
    """The model of lesson 8, and a sentence about whose it is. Made once, in half a minute."""
    own = earlier.own_source("build_classifier")
    model = trained(seed, own) if own else None
    if model is not None:
        say("Built with your own `build_classifier` of L8.2, and trained as in lesson 8.")
        return model
    why = (
        "yours pools in another way than by learned queries, and those are taken apart here."
        if own
        else "yours takes its place as soon as L8.2 passes its checks."
    )
    model = trained(seed)
    if model is None:
        raise AssertionError("the course's own classifier pools with learned queries")
    say(f"Built with the course's own classifier, and trained as in lesson 8: {why}")
    return model


@lru_cache(maxsize=4)
def trained(seed: int = SEED, own: str = "") -> PoolingModel | None:
    """A model trained from a seed on; None if it pools in another way than by learned queries.

    own: the text of a learner's cell that makes `build_classifier`; without one, the course's.
    """
    facts = f"{FORMAT} {seed}"
    kept = f"pooling/{digest(facts, [own or inspect.getsource(build_classifier)])}.npz"
    if budget.is_limited():
        return _train(seed, own)
    return cached(kept, lambda: _train(seed, own), _read, _write)


def _train(seed: int, own: str) -> PoolingModel | None:
    build = earlier.made_by(own, "build_classifier") if own else build_classifier
    if build is None:
        return None
    with silence():
        import keras

        keras.utils.set_random_seed(seed)
        model = build(SIZE, T, WIDTH, H)
    words, data, yours = vocabulary().words, sentences(), bool(own)
    if taken_apart(model, words, yours) is None:
        return None
    with silence():
        fit(model, data["train"], data["validation"])
    return taken_apart(model, words, yours)


def build_classifier(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """The classifier of lesson 8's text: words and places, H learned queries, one straight line."""
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    there = keras.ops.cast(keras.ops.not_equal(ids, PAD), "float32")
    places = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    place_table = keras.layers.Embedding(max_len, D, embeddings_initializer="zeros")
    x = keras.layers.Embedding(vocab_size, D)(ids) + place_table(places)
    x = keras.layers.Dropout(0.5)(x)
    seen = keras.layers.Dropout(0.5)(there) > 0
    hidden = keras.layers.Dense(D // 2, activation="tanh")(x)
    queries = keras.layers.Dense(H, use_bias=False, kernel_initializer="zeros")
    w = keras.layers.Softmax(axis=1)(queries(hidden), mask=seen[:, :, None])
    pooled = keras.layers.Dropout(0.5)(keras.ops.einsum("bth,btd->bhd", w, x))
    praise = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(pooled))
    model = keras.Model(ids, praise)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


# --- taking it apart ------------------------------------------------------------------------------


def taken_apart(model: Any, words: tuple[str, ...], yours: bool = False) -> PoolingModel | None:
    """A Keras model's weights as a `PoolingModel`; None if it says other probabilities than that.

    Its layers are told by their kinds and shapes. Whether they are put together as here is not
    guessed but tried: on random texts both have to say the same.
    """
    import keras

    found = list(getattr(model, "layers", ()))
    tables = [
        np.asarray(each.get_weights()[0])
        for each in found
        if isinstance(each, keras.layers.Embedding)
    ]
    denses = [each for each in found if isinstance(each, keras.layers.Dense)]
    try:
        (E_VD,) = (table for table in tables if len(table) == SIZE)
        P_TD = next((table for table in tables if len(table) == T), np.zeros((T, E_VD.shape[1])))
        to_hidden, queries, out = denses
        W_DA, *b_A = to_hidden.get_weights()
        u_AH = queries.get_weights()[0]
        c_F1, *bias = out.get_weights()
        ones, none = np.ones((SIZE, 1)), np.zeros((T, 1))
        arrays = {
            "E_VD": np.hstack([E_VD, ones]),
            "P_TD": np.hstack([P_TD, none]),
            "W_AD": np.vstack([W_DA, b_A[0][None] if b_A else np.zeros((1, W_DA.shape[1]))]).T,
            "U_HA": u_AH.T,
            "C_HD": np.hstack([c_F1.reshape(u_AH.shape[1], -1), np.zeros((u_AH.shape[1], 1))]),
        }
        kept = {name: _frozen(array) for name, array in arrays.items()}
        bias_ = float(bias[0][0]) if bias else 0.0
        apart = PoolingModel(**kept, bias=bias_, words=words, yours=yours)
        rng = np.random.default_rng(0)
        ids_BT = rng.integers(1, SIZE, (64, T)) * (np.arange(T) < rng.integers(1, T + 1, (64, 1)))
        p_B = np.ravel(model.predict(ids_BT.astype("int32"), verbose=0))
        return apart if np.allclose(apart.predict(ids_BT), p_B, rtol=0, atol=1e-4) else None
    except (ValueError, IndexError):
        return None


def _frozen(array: npt.NDArray[Any]) -> FloatArray:
    frozen = np.ascontiguousarray(array, dtype=np.float32)
    frozen.flags.writeable = False
    return frozen


# --- keeping it -----------------------------------------------------------------------------------

_ARRAYS = ("E_VD", "P_TD", "W_AD", "U_HA", "C_HD")


def _write(model: PoolingModel | None, out: IO[bytes]) -> None:
    """A model as an .npz file; an empty one says that there is none."""
    if model is None:
        np.savez(out)
        return
    plain = {field.name: getattr(model, field.name) for field in fields(model)}
    np.savez(out, **plain | {"words": np.array("\n".join(model.words))})


def _read(file: Path) -> PoolingModel | None:
    with np.load(file, allow_pickle=False) as kept:
        if not kept.files:
            return None
        arrays = {name: _frozen(kept[name]) for name in _ARRAYS}
        words = tuple(str(kept["words"]).split("\n"))
        return PoolingModel(
            **arrays, bias=float(kept["bias"]), words=words, yours=bool(kept["yours"])
        )
