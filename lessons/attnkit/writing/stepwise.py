"""A trained decoder in plain NumPy: it reads a text word by word, and shows what its heads read.

`taken_apart` copies a Keras `Writer` into arrays. From then on a word costs a few products of a
vector with a matrix, so a slider can be followed; and how attention is computed is left to whoever
calls: `Stepwise.step` takes lesson 15's `cached_step`, `Stepwise.read` its `grouped_attention`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from attnkit.writing.size import Size

Array = npt.NDArray[Any]
Cache = Mapping[str, Array]  # {"k": (B, G, S, K), "v": (B, G, S, V)}, as in lesson 15
Caches = tuple[Cache, ...]  # one for each block
CachedStep = Callable[[Array, Array, Array, Any], tuple[Array, Any]]
Attention = Callable[[Array, Array, Array, Array], tuple[Array, Array]]

EPS, BASE = 1e-5, 10_000.0
FLOAT = 4  # bytes


class Step(NamedTuple):
    """What is known when a word has been read.

    z_V: the logits of the word to come. kept: a cache for each block. q_LHK: what its heads asked.
    """

    z_V: Array
    kept: Caches
    q_LHK: Array

    def weights(self) -> Array:
        """What each head of each block gave each word up to this one, (L, H, S)."""
        k_LGSK = np.stack([cache["k"][0] for cache in self.kept])
        (L, H, K), G = self.q_LHK.shape, k_LGSK.shape[1]
        q_LGRK = self.q_LHK.reshape(L, G, H // G, K) / K**0.5
        return _softmax(np.einsum("lgrk,lgsk->lgrs", q_LGRK, k_LGSK)).reshape(L, H, -1)


@dataclass(frozen=True, eq=False)
class Stepwise:
    """A decoder's weights, and how they are used. Matrices are used as `x @ W`.

    table_VD: a row for each word, which reads words and writes them. blocks: for each block its
    arrays by the names of lesson 7. gamma_D, beta_D: the last norm. places: "rope" or "sinusoids".
    """

    size: Size
    table_VD: Array
    blocks: tuple[Mapping[str, Array], ...]
    gamma_D: Array
    beta_D: Array
    places: str = "rope"

    def step(self, word: int, kept: Caches | None, attend: CachedStep) -> Step:
        """Read one more word behind those that `kept` remembers; None before the first.

        attend: ``cached_step(q_BHK, k_BGK, v_BGV, cache) -> (o_BHV, cache)``.
        """
        place = 0 if kept is None else kept[0]["k"].shape[2]
        x_D = self._embedded(np.array([word]), place)[0]
        new, asked = [], []
        for n, block in enumerate(self.blocks):
            q_HK, k_GK, v_GK = (part[:, 0] for part in self._parts(block, x_D[None], place))
            cache = None if kept is None else kept[n]
            o_BHK, cache = attend(q_HK[None], k_GK[None], v_GK[None], cache)
            x_D = _block_end(block, x_D, np.asarray(o_BHK)[0].reshape(-1))
            new.append(cache)
            asked.append(q_HK)
        return Step(self._logits(x_D), tuple(new), np.stack(asked))

    def read(self, words: Sequence[int] | Array, attend: Attention | None = None) -> Reading:
        """Read a whole text at once, without a cache.

        attend: ``grouped_attention(q_BHTK, k_BGSK, v_BGSK, mask) -> (o_BHTK, w_BHTS)``; the kit's
        own if it isn't given.
        """
        T = len(words)
        attend = _grouped if attend is None else attend
        seen_TT = np.tri(T, dtype=bool)
        x_TD, read = self._embedded(np.asarray(words), 0), []
        for block in self.blocks:
            q_HTK, k_GTK, v_GTK = self._parts(block, x_TD, 0)
            o_BHTK, w_BHTT = attend(q_HTK[None], k_GTK[None], v_GTK[None], seen_TT)
            x_TD = _block_end(block, x_TD, np.moveaxis(o_BHTK[0], 0, 1).reshape(T, -1))
            read.append(w_BHTT[0])
        return Reading(self._logits(x_TD), np.stack(read))

    def cache_bytes(self, words: int, G: int | None = None) -> int:
        """What the caches of all blocks take, in float32, for one text of so many words.

        G: another number of groups than the model's own.
        """
        groups = self.size.G if G is None else G
        return 2 * self.size.L * groups * self.size.K * words * FLOAT

    def _embedded(self, words: Array, place: int) -> Array:
        x_TD = self.table_VD[words] * np.float32(self.size.D**0.5)
        if self.places == "sinusoids":
            turn_TJ = _turns(place, len(words), self.size.D)
            x_TD = x_TD + np.stack([turn_TJ.imag, turn_TJ.real], axis=-1).reshape(x_TD.shape)
        return x_TD

    def _parts(self, block: Mapping[str, Array], x_TD: Array, place: int) -> tuple[Array, ...]:
        """Queries (H, T, K), keys and values (G, T, K) of words from this place on."""
        T, K = len(x_TD), self.size.K
        n_TD = _norm(x_TD, block["ln1_gamma"], block["ln1_beta"])
        q_HTK, k_GTK, v_GTK = (
            np.moveaxis((n_TD @ block[name]).reshape(T, -1, K), 0, 1) for name in ("Wq", "Wk", "Wv")
        )
        if self.places == "rope":
            turn_TJ = _turns(place, T, K)
            q_HTK, k_GTK = _turned(q_HTK, turn_TJ), _turned(k_GTK, turn_TJ)
        return q_HTK, k_GTK, v_GTK

    def _logits(self, x_TD: Array) -> Array:
        z_TV: Array = _norm(x_TD, self.gamma_D, self.beta_D) @ self.table_VD.T
        return z_TV


class Reading(NamedTuple):
    """A text read at once: the logits of the word behind each, (T, V), and weights (L, H, T, T)."""

    z_TV: Array
    w_LHTT: Array


def taken_apart(writer: Any) -> Stepwise:
    """The weights of a `decoder.Writer`, which mixes by attention, as plain arrays."""
    import keras

    names = ("ln1_gamma", "ln1_beta", "Wq", "Wk", "Wv", "Wo",
             "ln2_gamma", "ln2_beta", "W1", "b1", "W2", "b2")  # fmt: skip
    plain = keras.ops.convert_to_numpy
    blocks = tuple(
        {name: plain(getattr(block, name)) for name in names} for block in writer.blocks
    )  # fmt: skip
    norm = writer.norm
    return Stepwise(
        writer.size, plain(writer.embedding.embeddings), blocks, plain(norm.gamma),
        plain(norm.beta), writer.places,
    )  # fmt: skip


def untrained(size: Size, seed: int = 0) -> Stepwise:
    """A decoder whose numbers are drawn: as fast as a trained one, but it knows nothing."""
    rng, (D, K, F) = np.random.default_rng(seed), (size.D, size.K, size.F)
    forms = {"Wq": (D, size.H * K), "Wk": (D, size.G * K), "Wv": (D, size.G * K),
             "Wo": (size.H * K, D), "W1": (D, F), "W2": (F, D)}  # fmt: skip

    def drawn(form: tuple[int, ...]) -> Array:
        return (rng.normal(size=form) / form[0] ** 0.5).astype(np.float32)

    ones, zeros = np.ones(D, np.float32), np.zeros(D, np.float32)
    plain = {"ln1_gamma": ones, "ln1_beta": zeros, "ln2_gamma": ones, "ln2_beta": zeros,
             "b1": np.zeros(F, np.float32), "b2": zeros}  # fmt: skip
    blocks = [{**{n: drawn(form) for n, form in forms.items()}, **plain} for _ in range(size.L)]
    return Stepwise(size, drawn((D, size.V)).T.copy(), tuple(blocks), ones, zeros)


def _norm(x: Array, gamma: Array, beta: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(EPS))
    normed: Array = centred / spread * gamma + beta
    return normed


def _block_end(block: Mapping[str, Array], x: Array, mixed: Array) -> Array:
    """What comes behind attention: its last matrix, and the network."""
    x = x + mixed @ block["Wo"]
    n = _norm(x, block["ln2_gamma"], block["ln2_beta"])
    out: Array = x + np.maximum(n @ block["W1"] + block["b1"], 0) @ block["W2"] + block["b2"]
    return out


def _turns(place: int, T: int, K: int) -> Array:
    """Turns by lesson 7's angles, as complex numbers (T, K/2): place times base^(−2j/K)."""
    angle_TJ = (place + np.arange(T))[:, None] * BASE ** (-np.arange(0, K, 2) / K)
    return np.exp(1j * angle_TJ).astype(np.complex64)


def _turned(x_HTK: Array, turn_TJ: Array) -> Array:
    """RoPE: two numbers side by side are one complex number, and turn together."""
    turned = np.ascontiguousarray(x_HTK, dtype=np.float32).view(np.complex64) * turn_TJ
    return turned.view(np.float32)


def _softmax(e: Array) -> Array:
    exp = np.exp(e - e.max(axis=-1, keepdims=True))
    w: Array = exp / exp.sum(axis=-1, keepdims=True)
    return w


def _grouped(q_BHTK: Array, k_BGSK: Array, v_BGSK: Array, seen_TT: Array) -> tuple[Array, Array]:
    (B, H, T, K), G = q_BHTK.shape, k_BGSK.shape[1]
    q_BGRTK = q_BHTK.reshape(B, G, H // G, T, K) / np.float32(K**0.5)
    e_BGRTS = q_BGRTK @ np.swapaxes(k_BGSK, -1, -2)[:, :, None]
    w_BGRTS = _softmax(np.where(seen_TT, e_BGRTS, np.float32(-1e9)))
    o_BHTK = (w_BGRTS @ v_BGSK[:, :, None]).reshape(B, H, T, K)
    return o_BHTK, w_BGRTS.reshape(B, H, T, -1)
