"""The decoder does what its NumPy twin does, word for word, and sees no future."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.quiet import silence
from attnkit.writing.byte_pairs import END, learn_byte_pairs
from attnkit.writing.measuring import measure, windowed

from tests.classifier.conftest import Later

decoder: Any = Later("attnkit.writing.decoder")
training: Any = Later("attnkit.writing.training")
Array = npt.NDArray[np.floating]

IDS = np.random.default_rng(0).integers(0, 20, (3, 11)).astype("int32")
KINDS = (("attention", "rope"), ("attention", "sinusoids"), ("mean", "rope"))


@pytest.fixture(scope="module")
def writers() -> dict[tuple[str, str], Any]:
    """Small models whose weights are large, so that each part of them shows."""
    with silence():
        size = decoder.Size(V=20, D=16, L=2, H=4, G=2, F=24)
        found = {kind: decoder.Writer(size, *kind) for kind in KINDS}
    rng = np.random.default_rng(1)
    for writer in found.values():
        writer(IDS)
        for weight in writer.weights:
            weight.assign(rng.normal(size=weight.shape) / 3 + ("gamma" in weight.name))
    return found


def logits(writer: Any, ids_BT: npt.NDArray[np.int32]) -> Array:
    return np.asarray(writer(ids_BT))


def by_hand(writer: Any, ids_T: npt.NDArray[np.int32]) -> Array:
    """The logits of one text: a plain loop over heads and words, places turned by RoPE."""
    size, T = writer.size, len(ids_T)
    table_VD = np.asarray(writer.embedding.embeddings, dtype=float)
    x_TD = table_VD[ids_T] * size.D**0.5

    def norm(y_TD: Array, gamma: Any, beta: Any) -> Array:
        centred = y_TD - y_TD.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return centred / spread * np.asarray(gamma) + np.asarray(beta)

    def turned(y_K: Array, place: int) -> Array:
        z_J = (y_K[0::2] + 1j * y_K[1::2]) * np.exp(
            1j * place * 10_000.0 ** (-np.arange(0, size.K, 2) / size.K)
        )
        return np.stack([z_J.real, z_J.imag], axis=1).ravel()

    for block in writer.blocks:
        n_TD = norm(x_TD, block.ln1_gamma, block.ln1_beta)
        q, k, v = (n_TD @ np.asarray(W) for W in (block.Wq, block.Wk, block.Wv))
        o_TD = np.zeros((T, size.D))
        for h in range(size.H):
            own = slice(h * size.K, (h + 1) * size.K)
            g = h // (size.H // size.G)
            shared = slice(g * size.K, (g + 1) * size.K)
            for t in range(T):
                keys = [turned(k[s, shared], s) for s in range(t + 1)]
                e_S = np.array([turned(q[t, own], t) @ key for key in keys]) / size.K**0.5
                w_S = np.exp(e_S - e_S.max())
                o_TD[t, own] = w_S / w_S.sum() @ v[: t + 1, shared]
        x_TD = x_TD + o_TD @ np.asarray(block.Wo)
        n_TD = norm(x_TD, block.ln2_gamma, block.ln2_beta)
        hidden = np.maximum(n_TD @ np.asarray(block.W1) + np.asarray(block.b1), 0)
        x_TD = x_TD + hidden @ np.asarray(block.W2) + np.asarray(block.b2)
    return norm(x_TD, writer.norm.gamma, writer.norm.beta) @ table_VD.T


def test_the_same_by_hand(writers: dict[tuple[str, str], Any]) -> None:
    """RoPE, groups, the causal mask and the norms, against a plain loop."""
    writer = writers["attention", "rope"]
    np.testing.assert_allclose(logits(writer, IDS)[1], by_hand(writer, IDS[1]), rtol=0, atol=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_sees_its_future(writers: dict[tuple[str, str], Any], kind: Any) -> None:
    """A later word changes nothing before it and something from it on."""
    other = IDS.copy()
    other[:, 6] = (other[:, 6] + 1) % 20
    before, after = logits(writers[kind], IDS), logits(writers[kind], other)
    np.testing.assert_allclose(before[:, :6], after[:, :6], rtol=0, atol=1e-4)
    assert (abs(before - after)[:, 6:].max(axis=2) > 1e-3).all()


def test_models_to_compare_are_of_one_size(writers: dict[tuple[str, str], Any]) -> None:
    """A mean in place of attention has as many weights, but for the hidden units' biases."""
    counts = [writer.count_params() for writer in writers.values()]
    assert counts[0] == counts[1]
    assert abs(counts[2] - counts[0]) == 2 * 8  # G · K biases in each of two blocks


def test_long_texts_in_windows() -> None:
    """Windows side by side say what one reading of the whole says, where places don't matter."""
    pairs = learn_byte_pairs(["a film of the year, the film of a life"] * 2, 270)
    rng = np.random.default_rng(2)
    table = rng.normal(size=(pairs.size, pairs.size))
    texts = ["a", "the year of the film", "life " * 30, "film"]
    found = measure(windowed(lambda ids: table[ids], T=8, B=4), pairs, texts)
    for n, text in enumerate(texts):
        ids = np.array([*pairs.encode(text), END])
        z = table[np.concatenate([[END], ids[:-1]])]
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        assert found.nats[n] == pytest.approx(-logp[np.arange(len(ids)), ids].sum())
        assert (found.ids[n], found.bytes[n]) == (len(ids), len(text))
    low, high = found.interval()
    assert low < found.bits_per_byte < high
    assert found.interval(found) == (0, 0)


def test_training_learns_a_rhyme() -> None:
    """Forty steps on a text that repeats itself bring the loss far below chance."""

    def batch(ids_N: Any, T: int, B: int, rng: np.random.Generator) -> Any:
        place_BT = rng.integers(len(ids_N) - T, size=B)[:, None] + np.arange(T)
        return ids_N[place_BT], ids_N[place_BT + 1]

    with silence():
        writer = decoder.Writer(decoder.Size(V=7, D=16, L=1, H=2, G=1, F=16))
        ids_N = np.tile([1, 2, 3, 1, 4, 5, 6], 30)
        losses = training.train(writer, ids_N, batch, steps=40, B=8, T=14, rate=2e-2, jit=False)
    assert losses[-1] < 0.5 * np.log(7)
