"""Small readers of reviews with any number of heads, trained in seconds, to be looked into.

A reader has a vector x of D numbers for each word and one learned query. Every head asks all words
of a sentence; what the heads give, side by side and through Wo, is read off by one more vector u:
the sentence is praise if o·u + bias is above 0. That is `multi_head` with T = 1.

`train_reader` learns all of it from the MR training sentences (`attnkit.data`), in NumPy. Lesson 6
spells one of its steps out, for what `practice_batch` draws, and finds the same gradients. With one
query there is a short way to the scores: head h's score of a word is x·a with a = W_k q_h / √K, one
vector for each head. So training never makes keys, and no head is ever cut off or merged; what a
reader holds in the end are the four plain matrices (D, D) that `multi_head` takes.

`train_on` learns from any texts, few or many, in the same number of steps: lesson 11 compares what
becomes of it with fewer labels and with altered copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from attnkit.data import split
from attnkit.words import words_of

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int_]
Parameters = dict[str, FloatArray]

PAD, UNKNOWN = 0, 1
LONGEST = 32  # words of a sentence that are read; MR's longest sentence has 51
BATCH, RATE = 128, 3e-3
STEPS = 255  # of `train_on`: five times through MR's training sentences
SOME = 500  # texts that `logits` takes at a time
# Against learning by heart: words hidden, each with this probability, and a pull towards zero.
LOST, DECAY = 0.3, 3e-4


@dataclass(frozen=True)
class Reader:
    """A trained reader. Its arrays are float32 and read-only.

    vectors: (V, D), one for each word. query: (D,). Wq_DD, Wk_DD, Wv_DD, Wo_DD: (D, D), used as
    `x @ W`, head h owning columns hK to hK + K − 1 of the first three. readout: (D,), and its bias.
    """

    H: int
    vocabulary: Mapping[str, int]
    vectors: FloatArray
    query: FloatArray
    Wq_DD: FloatArray
    Wk_DD: FloatArray
    Wv_DD: FloatArray
    Wo_DD: FloatArray
    readout: FloatArray
    bias: float

    def embed(
        self, sentences: Sequence[str]
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_], list[list[str]]]:
        """What multi-head attention needs of B sentences, the longest of which has S words.

        Returns x_q_B1D, the query for each sentence; x_BSD, the words; mask_B11S, True = a word;
        and the words themselves. Raises ValueError for a sentence without a word.
        """
        words = [words_of(sentence)[:LONGEST] for sentence in sentences]
        if not all(words):
            raise ValueError("There is a sentence without a word: give each at least one.")
        ids_BS = _ids(words, self.vocabulary, max(map(len, words)))
        x_q_B1D = np.broadcast_to(self.query, (len(words), 1, len(self.query)))
        return x_q_B1D, self.vectors[ids_BS], (ids_BS != PAD)[:, None, None], words

    def weights(self, sentences: Sequence[str], sharpness: float = 1.0) -> FloatArray:
        """Each head's weights w_BHS, by the short way that training takes: see above.

        ``sharpness`` multiplies the scores. Words that aren't there have the weight 0.
        """
        _, x_BSD, mask_B11S, _ = self.embed(sentences)
        a_HD = _askers(self.query, self.Wq_DD, self.Wk_DD, self.H)[0]
        return _attend(sharpness * a_HD, x_BSD, mask_B11S[:, 0])

    def logits(self, texts: Sequence[str]) -> FloatArray:
        """What it says of each text, above 0 for praise, by the short way. (N,).

        Of a text without a word it says what it would say of nothing: its bias.
        """
        D, z_N = len(self.query), np.full(len(texts), self.bias, np.float32)
        Wv_DHK = self.Wv_DD.reshape(D, self.H, D // self.H)
        there = [row for row, text in enumerate(texts) if words_of(text)]
        for rows in (there[start : start + SOME] for start in range(0, len(there), SOME)):
            _, x_BSD, mask_B11S, _ = self.embed([texts[row] for row in rows])
            a_HD = _askers(self.query, self.Wq_DD, self.Wk_DD, self.H)[0]
            mix_BHD = _attend(a_HD, x_BSD, mask_B11S[:, 0]) @ x_BSD
            merged_BD = np.einsum("bhd,dhk->bhk", mix_BHD, Wv_DHK, optimize=True).reshape(-1, D)
            z_N[rows] += merged_BD @ (self.Wo_DD @ self.readout)
        return z_N

    def praises(self, o_B1D: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which sentences are called praise, from attention's outputs (B, 1, D)."""
        return np.asarray(o_B1D)[:, 0] @ self.readout + self.bias > 0


def train_reader(
    H: int, seed: int, D: int = 32, epochs: int = 5, mean: bool = False, spread: float = 0.3
) -> Reader:
    """A reader with H heads, trained on MR's 6,530 training sentences from `seed` on.

    ``spread`` is the standard deviation of the word vectors' numbers before training.

    With ``mean`` all words weigh the same, and only the rest is learned: a reader without attention
    to be compared with. With ``epochs`` of 0 nothing is learned: a reader as it was drawn. Raises
    ValueError if D is no multiple of H.
    """
    _check_heads(H, D)
    vocabulary, ids_NS, y_N = _training()
    rng = np.random.default_rng([seed, 6])
    params = _drawn(len(vocabulary) + 2, D, rng, spread)
    moments = {name: (np.zeros_like(p), np.zeros_like(p)) for name, p in params.items()}
    step = 0
    for _ in range(epochs):
        for rows in _batches(len(y_N), rng):
            ids_BS = ids_NS[rows]
            ids_BS = ids_BS[:, : int((ids_BS != PAD).sum(axis=1).max())]
            lost = (rng.random(ids_BS.shape) < LOST) & (ids_BS != PAD)
            _, grads = reader_gradients(params, np.where(lost, UNKNOWN, ids_BS), y_N[rows], H, mean)
            step += 1
            _adam(params, grads, moments, step)
    return _finished(params, vocabulary, H)


def train_on(
    texts: Sequence[str],
    labels: npt.ArrayLike,
    H: int,
    seed: int,
    *,
    steps: int = STEPS,
    D: int = 32,
    mean: bool = False,
    lost: float = LOST,
) -> Reader:
    """A reader with H heads, trained on texts and their labels (1 praise, 0 blame) from `seed` on.

    It knows the words of these texts, and takes so many ``steps`` whether they are few or many. In
    each step words are hidden with the probability ``lost``. With ``mean`` all words weigh the
    same: the reader has as many numbers, of which query, Wq and Wk are of no use.

    What is drawn for the first texts is the same whatever stands behind them, so that trainings
    with and without further ones can be compared in pairs. Texts without a word are left out.
    """
    _check_heads(H, D)
    sentences = [words_of(text)[:LONGEST] for text in texts]
    there = np.array([bool(words) for words in sentences])
    numbers = dict.fromkeys(word for words in sentences for word in words)
    vocabulary = {word: number for number, word in enumerate(numbers, UNKNOWN + 1)}
    ids_NS = _ids(sentences, vocabulary, LONGEST)[there]
    y_N = np.asarray(labels, np.float32)[there]
    order, hiding, drawing = (np.random.default_rng([seed, 11, what]) for what in range(3))
    params = _drawn(2, D, order, spread=0.0)
    vectors_VD = drawing.normal(0, 0.3, (len(vocabulary), D)).astype(np.float32)
    params["vectors"] = np.concatenate([params["vectors"], vectors_VD])
    params["query"] *= not mean
    moments = {name: (np.zeros_like(p), np.zeros_like(p)) for name, p in params.items()}
    step = 0
    while step < steps:
        for rows in list(_batches(len(y_N), order))[: steps - step]:
            ids_BS = ids_NS[rows]
            gone = (hiding.random(ids_BS.shape) < lost) & (ids_BS != PAD)
            ids_BS = np.where(gone, UNKNOWN, ids_BS)[:, : int((ids_BS != PAD).sum(axis=1).max())]
            _, grads = reader_gradients(params, ids_BS, y_N[rows], H, mean)
            step += 1
            _adam(params, grads, moments, step)
    return _finished(params, MappingProxyType(vocabulary), H)


def _check_heads(H: int, D: int) -> None:
    if H < 1 or D % H:
        raise ValueError(f"{D} numbers can't be shared out equally among {H} heads.")


def _finished(params: Parameters, vocabulary: Mapping[str, int], H: int) -> Reader:
    """A reader with these parameters, which nobody changes any more."""
    for array in params.values():
        array.flags.writeable = False
    bias = float(params["bias"][0])
    return Reader(H, vocabulary, bias=bias, **{n: p for n, p in params.items() if n != "bias"})


def practice_batch(seed: int = 0, D: int = 32) -> tuple[Parameters, IntArray, FloatArray]:
    """What one step of training begins with: a reader's parameters as they are drawn, the numbers
    of the words of 128 sentences, ids_BS (0 = no word), and their labels y_B.
    """
    vocabulary, ids_NS, y_N = _training()
    rng = np.random.default_rng([seed, 6])
    params = _drawn(len(vocabulary) + 2, D, rng, spread=0.3)
    rows = next(_batches(len(y_N), rng))
    return params, ids_NS[rows], y_N[rows]


def _drawn(V: int, D: int, rng: np.random.Generator, spread: float) -> Parameters:
    """Parameters as they are before learning: outputs of a moderate spread."""
    spreads = {"vectors": ((V, D), spread), "query": ((D,), 1.0), "readout": ((D,), D**-0.5)}
    spreads |= dict.fromkeys(("Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD"), ((D, D), D**-0.5))
    params = {
        name: rng.normal(0, width, shape).astype(np.float32)
        for name, (shape, width) in spreads.items()
    }
    return params | {"bias": np.zeros(1, np.float32)}


def _batches(N: int, rng: np.random.Generator) -> Iterator[IntArray]:
    order = rng.permutation(N)
    return (order[start : start + BATCH] for start in range(0, N, BATCH))


def reader_gradients(
    params: Parameters, ids_BS: IntArray, y_B: FloatArray, H: int, mean: bool = False
) -> tuple[float, Parameters]:
    """The mean cross-entropy of sentences with labels y, and its gradient in every parameter."""
    x_VD, q_D, u_D = params["vectors"], params["query"], params["readout"]
    Wq_DD, Wk_DD, Wv_DD, Wo_DD = (params[name] for name in ("Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD"))
    (V, D), B, K = x_VD.shape, len(y_B), len(q_D) // H

    # forward: one vector a for each head, weights, the words' mixes, the heads' outputs
    x_BSD, keep_B1S = x_VD[ids_BS], (ids_BS != PAD)[:, None]
    scale = 0.0 if mean else 1.0
    a_HD, asked_HK = _askers(q_D, Wq_DD, Wk_DD, H)
    w_BHS = _attend(scale * a_HD, x_BSD, keep_B1S)
    Wk_DHK, Wv_DHK = Wk_DD.reshape(D, H, K), Wv_DD.reshape(D, H, K)
    mix_BHD = w_BHS @ x_BSD
    merged_BD = np.einsum("bhd,dhk->bhk", mix_BHD, Wv_DHK, optimize=True).reshape(B, D)
    o_BD = merged_BD @ Wo_DD
    z_B = o_BD @ u_D + params["bias"][0]
    loss = float(np.mean(np.maximum(z_B, 0) - z_B * y_B + np.log1p(np.exp(-np.abs(z_B)))))

    # backward, in the opposite order
    dz_B = (0.5 * (1 + np.tanh(z_B / 2)) - y_B) / B
    do_BD = dz_B[:, None] * u_D
    dmerged_BHK = (do_BD @ Wo_DD.T).reshape(B, H, K)
    dmix_BHD = np.einsum("bhk,dhk->bhd", dmerged_BHK, Wv_DHK, optimize=True)
    dw_BHS = dmix_BHD @ x_BSD.swapaxes(1, 2)
    de_BHS = w_BHS * (dw_BHS - (w_BHS * dw_BHS).sum(axis=-1, keepdims=True))
    dx_BSD = w_BHS.swapaxes(1, 2) @ dmix_BHD + de_BHS.swapaxes(1, 2) @ (scale * a_HD)
    da_HD = scale * K**-0.5 * (de_BHS @ x_BSD).sum(axis=0)
    dasked_D = np.einsum("hd,dhk->hk", da_HD, Wk_DHK).reshape(D)
    # each word's gradient to its own vector: what one-hot vectors times dx would give
    places = (np.ones(ids_BS.size, np.float32), ids_BS.ravel(), np.arange(ids_BS.size + 1))
    one_hot = csr_array(places, shape=(ids_BS.size, V))
    return loss, {
        "vectors": np.asarray(one_hot.T @ dx_BSD.reshape(-1, D)),
        "query": Wq_DD @ dasked_D,
        "readout": o_BD.T @ dz_B,
        "Wq_DD": np.outer(q_D, dasked_D),
        "Wk_DD": np.einsum("hd,hk->dhk", da_HD, asked_HK).reshape(D, D),
        "Wv_DD": np.einsum("bhd,bhk->dhk", mix_BHD, dmerged_BHK, optimize=True).reshape(D, D),
        "Wo_DD": merged_BD.T @ do_BD,
        "bias": dz_B.sum(keepdims=True),
    }


def _askers(
    q_D: FloatArray, Wq_DD: FloatArray, Wk_DD: FloatArray, H: int
) -> tuple[FloatArray, FloatArray]:
    """For each head the vector a_D with x·a = (q W_q)·(x W_k) / √K, and its query q W_q, of K."""
    D, K = len(q_D), len(q_D) // H
    asked_HK = (q_D @ Wq_DD).reshape(H, K)
    return np.einsum("hk,dhk->hd", asked_HK, Wk_DD.reshape(D, H, K)) * K**-0.5, asked_HK


def _attend(a_HD: FloatArray, x_BSD: FloatArray, keep_B1S: npt.NDArray[np.bool_]) -> FloatArray:
    """Weights w_BHS of words with scores x·a; every sentence has a word that is kept."""
    e_BHS = np.where(keep_B1S, a_HD @ x_BSD.swapaxes(1, 2), -np.inf)
    exp_BHS = np.exp(e_BHS - e_BHS.max(axis=-1, keepdims=True))
    w_BHS: FloatArray = exp_BHS / exp_BHS.sum(axis=-1, keepdims=True)
    return w_BHS


def _adam(
    params: Parameters,
    grads: Parameters,
    moments: Mapping[str, tuple[FloatArray, FloatArray]],
    step: int,
) -> None:
    """One step of Adam, in place."""
    for name, p in params.items():
        m, v = moments[name]
        grad = grads[name] + DECAY * p
        m += 0.1 * (grad - m)
        v += 0.001 * (grad**2 - v)
        p -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


@lru_cache(maxsize=1)
def _training() -> tuple[Mapping[str, int], IntArray, FloatArray]:
    """Every word met twice or more, by its number; the training sentences; their labels."""
    train = split("mr").train
    sentences = [words_of(text)[:LONGEST] for text in train["text"]]
    counts = Counter(word for words in sentences for word in words)
    known = sorted(word for word, count in counts.items() if count > 1)
    vocabulary = {word: number for number, word in enumerate(known, start=UNKNOWN + 1)}
    labels = train["label"].to_numpy(np.float32)
    return MappingProxyType(vocabulary), _ids(sentences, vocabulary, LONGEST), labels


def _ids(sentences: Sequence[Sequence[str]], vocabulary: Mapping[str, int], S: int) -> IntArray:
    """Sentences as numbers of words, (B, S), filled up with PAD at the end."""
    ids_BS = np.full((len(sentences), S), PAD)
    for row, words in zip(ids_BS, sentences, strict=True):
        row[: len(words)] = [vocabulary.get(word, UNKNOWN) for word in words]
    return ids_BS
