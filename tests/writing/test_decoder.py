"""The decoder does what its NumPy twin does, word for word, and sees no future."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.quiet import silence
from attnkit.writing.byte_pairs import END, learn_byte_pairs
from attnkit.writing.measuring import measure, windowed
from attnkit.writing.plans import Plan
from attnkit.writing.size import Size
from attnkit.writing.stepwise import taken_apart
from scipy.special import softmax

from tests.classifier.conftest import Later

decoder: Any = Later("attnkit.writing.decoder")
training: Any = Later("attnkit.writing.training")
keras: Any = Later("keras")
Array = npt.NDArray[np.floating]

IDS = np.random.default_rng(0).integers(0, 20, (3, 11)).astype("int32")
KINDS = (("attention", "rope"), ("attention", "sinusoids"), ("mean", "rope"))


@pytest.fixture(scope="module")
def writers() -> dict[tuple[str, str], Any]:
    """Small models whose weights are large, so that each part of them shows."""
    with silence():
        size = Size(V=20, D=16, L=2, H=4, G=2, F=24)
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


def cached(q_BHK: Array, k_BGK: Array, v_BGK: Array, cache: Any) -> Any:
    """One word at a time, as lesson 15 has it."""
    k_BGSK, v_BGSK = k_BGK[:, :, None], v_BGK[:, :, None]
    if cache is not None:
        k_BGSK = np.concatenate([cache["k"], k_BGSK], axis=2)
        v_BGSK = np.concatenate([cache["v"], v_BGSK], axis=2)
    (B, H, K), G = q_BHK.shape, k_BGK.shape[1]
    q_BGRK = q_BHK.reshape(B, G, H // G, K) / K**0.5
    w_BGRS = softmax(np.einsum("bgrk,bgsk->bgrs", q_BGRK, k_BGSK), axis=-1)
    o_BHK = np.einsum("bgrs,bgsk->bgrk", w_BGRS, v_BGSK).reshape(B, H, -1)
    return o_BHK, {"k": k_BGSK, "v": v_BGSK}


@pytest.mark.parametrize("places", ["rope", "sinusoids"])
def test_word_by_word_in_numpy(writers: dict[tuple[str, str], Any], places: str) -> None:
    """The same logits in Keras, read at once in NumPy, and word by word with a cache."""
    model = taken_apart(writers["attention", places])
    right_TV, reading = logits(writers["attention", places], IDS)[2], model.read(IDS[2])
    np.testing.assert_allclose(reading.z_TV, right_TV, rtol=0, atol=2e-3)
    kept = None
    for n, word in enumerate(IDS[2]):
        step = model.step(int(word), kept, cached)
        kept = step.kept
        np.testing.assert_allclose(step.z_V, right_TV[n], rtol=0, atol=2e-3)
        w_LHS = reading.w_LHTT[:, :, n, : n + 1]
        np.testing.assert_allclose(step.weights(), w_LHS, rtol=0, atol=1e-4)
        assert model.cache_bytes(n + 1) == sum(a.nbytes for c in kept for a in c.values())
    assert model.cache_bytes(8, G=4) == 2 * model.cache_bytes(8)


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


def rhyme(ids_N: Any, T: int, B: int, rng: np.random.Generator) -> Any:
    place_BT = rng.integers(len(ids_N) - T, size=B)[:, None] + np.arange(T)
    return ids_N[place_BT], ids_N[place_BT + 1]


@pytest.mark.slow
def test_training_learns_a_rhyme(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hundred steps on a text that repeats itself bring its loss far below chance; kept, too."""
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path))
    plan = Plan(Size(V=7, D=16, L=1, H=2, G=1, F=16), T=14, B=8, steps=100, rate=3e-2)
    ids_N = np.tile([1, 2, 3, 1, 4, 5, 6], 30)

    def trained() -> tuple[list[float], Array]:
        with silence():
            keras.utils.set_random_seed(7)
            writer = decoder.Writer(plan.size)
        losses = training.train(writer, ids_N, rhyme, plan, jit=False)
        return losses, logits(writer, ids_N[None, :14].astype("int32"))

    losses, right = trained()
    assert losses[-1] < 0.5 * np.log(7)
    assert "step   100 of 100" in capsys.readouterr().out
    again, kept = trained()
    assert again == losses
    assert capsys.readouterr().out.startswith("Trained before, in")
    np.testing.assert_array_equal(kept, right)
    assert len(list(tmp_path.rglob("*.npz"))) == 1


def test_where_a_grader_runs_it_training_stops_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a plan says; nothing is compiled for it, and nothing is kept of it."""
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("ATTNKIT_TRAINING_SECONDS", "0")
    plan = Plan(Size(V=7, D=8, L=1, H=2, G=1, F=8), T=6, B=2, steps=1000)
    with silence():
        writer = decoder.Writer(plan.size)
    assert len(training.train(writer, np.tile([1, 2, 3], 30), rhyme, plan)) == 1
    assert not writer.jit_compile
    assert "The time is up" in capsys.readouterr().out
    assert list(tmp_path.rglob("*.npz")) == []
