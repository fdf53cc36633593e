"""Lesson 3's witnesses: felt slopes, Keras's optimiser, and the training of its own notebook."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attnkit.quiet import silence
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import Lesson, read_lesson
from autograder.course import find_course

LESSON: Lesson = read_lesson(find_course().lesson(3).source)
REFERENCE = LESSON.reference()
pool_backward: Callable[..., Any] = REFERENCE["pool_backward"]
sgd_step: Callable[..., Any] = REFERENCE["sgd_step"]
adam_step: Callable[..., Any] = REFERENCE["adam_step"]
fit_vocab: Callable[..., Any] = REFERENCE["fit_vocab"]
encode: Callable[..., Any] = REFERENCE["encode"]

SIZES = st.tuples(*(st.integers(1, 6) for _ in range(3)))  # T, A, D
SEEDS = st.integers(0, 10_000)
WORDS = st.lists(st.sampled_from(["a", "bad", "dull", "even", "film"]), min_size=1)


def loss(x_TD: np.ndarray, W_AD: np.ndarray, u_A: np.ndarray, dz_D: np.ndarray) -> float:
    """dz · z of attention pooling, written apart from the lesson."""
    e_T = [float(u_A @ np.tanh(W_AD @ x_D)) for x_D in x_TD]
    s_T = np.exp(np.array(e_T) - max(e_T))
    return float(sum(s * (x_D @ dz_D) for s, x_D in zip(s_T, x_TD, strict=True)) / s_T.sum())


# --- the way back ---------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SIZES, SEEDS)
def test_the_gradients_are_the_slopes_that_one_feels(
    sizes: tuple[int, int, int], seed: int
) -> None:
    (T, A, D), rng, h = sizes, np.random.default_rng(seed), 1e-6
    inputs = [rng.normal(size=shape) for shape in ((T, D), (A, D), A, D)]
    dW_AD, du_A, dx_TD = pool_backward(*inputs)
    for place, walked in ((0, dx_TD), (1, dW_AD), (2, du_A)):
        assert walked.shape == inputs[place].shape
        for index in np.ndindex(walked.shape):
            moved = [[array.copy() for array in inputs] for _ in range(2)]
            moved[0][place][index] += h
            moved[1][place][index] -= h
            felt = (loss(*moved[0]) - loss(*moved[1])) / (2 * h)
            assert abs(felt - walked[index]) < 1e-7


@settings(max_examples=40, deadline=None)
@given(SIZES, SEEDS)
def test_the_gradient_follows_a_shuffle_and_a_common_shift_of_words_moves_z_as_far(
    sizes: tuple[int, int, int], seed: int
) -> None:
    (T, A, D), rng = sizes, np.random.default_rng(seed)
    x_TD, W_AD, u_A, dz_D = (rng.normal(size=shape) for shape in ((T, D), (A, D), A, D))
    order = rng.permutation(T)
    dW_AD, du_A, dx_TD = pool_backward(x_TD, W_AD, u_A, dz_D)
    again = pool_backward(x_TD[order], W_AD, u_A, dz_D)
    for one, other in zip((dW_AD, du_A, dx_TD[order]), again, strict=True):
        assert np.allclose(one, other, rtol=1e-9, atol=1e-12)
    blind = pool_backward(x_TD, 0 * W_AD, u_A, dz_D)[2]
    assert np.allclose(blind.sum(axis=0), dz_D)


# --- steps ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.0, 0.99))
def test_momentum_is_the_sum_of_all_gradients_each_forgotten_a_little_more(
    seed: int, momentum: float
) -> None:
    rng = np.random.default_rng(seed)
    grads = rng.normal(size=(6, 3))
    params, velocity = {"p": np.zeros(3)}, {"p": np.zeros(3)}
    for g in grads:
        params, velocity = sgd_step(params, {"p": g}, velocity, lr=0.1, momentum=momentum)
    kept = momentum ** np.arange(6)[::-1]
    assert np.allclose(velocity["p"], kept @ grads)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(1e-3, 1e3))
def test_adam_takes_no_notice_of_the_size_of_gradients(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    grads = rng.choice([-1, 1], (5, 3)) * rng.uniform(0.5, 2, (5, 3))
    ends = []
    for scale in (1.0, factor):
        params = {"p": np.ones(3)}
        state: Any = {"m": {"p": np.zeros(3)}, "v": {"p": np.zeros(3)}, "t": 0}
        for g in grads:
            params, state = adam_step(params, {"p": scale * g}, state, lr=0.1, eps=1e-12)
        ends.append(params["p"])
    one, other = ends
    assert np.allclose(one, other, atol=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed.")
@pytest.mark.parametrize("eps", [1e-7, 1e-3, 0.1])
def test_adam_is_keras_s_step_by_step_once_eps_stands_in_the_same_place(eps: float) -> None:
    with silence():
        import keras

        rng = np.random.default_rng(0)
        start, grads = rng.normal(size=(3, 4)), rng.normal(size=(30, 3, 4))
        theirs = keras.Variable(start, dtype="float32")
        optimizer = keras.optimizers.Adam(learning_rate=0.05, epsilon=eps)
        params = {"p": start}
        state: Any = {"m": {"p": 0 * start}, "v": {"p": 0 * start}, "t": 0}
        for t, g in enumerate(grads, 1):
            optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float32")], [theirs])
            theirs_eps = eps / np.sqrt(1 - 0.999**t)
            params, state = adam_step(params, {"p": g}, state, lr=0.05, eps=theirs_eps)
            gap = abs(np.array(keras.ops.convert_to_numpy(theirs)) - params["p"]).max()
            assert gap < 1e-5  # of paths of 30 steps of 0.05; Keras keeps its betas in float32


# --- words ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS.map(" ".join), min_size=1), st.integers(2, 12), st.integers(1, 6), SEEDS)
def test_a_vocabulary_does_not_depend_on_the_order_of_texts_and_its_ids_fit_a_table(
    texts: list[str], size: int, max_len: int, seed: int
) -> None:
    vocab = fit_vocab(texts, size)
    order = np.random.default_rng(seed).permutation(len(texts))
    assert fit_vocab([texts[i] for i in order], size) == vocab
    ids_BT = encode(texts, vocab, max_len)
    assert ids_BT.shape == (len(texts), max_len)
    assert ids_BT.max() < size
    names = {i: word for word, i in vocab.items()}
    for text, ids_T in zip(texts, ids_BT, strict=True):
        words = text.split()[:max_len]
        assert (ids_T[: len(words)] > 0).all()
        assert (ids_T[len(words) :] == 0).all()
        known = [(names[i], word) for i, word in zip(ids_T, words, strict=False) if i > 1]
        assert all(name == word for name, word in known)


# --- the training ---------------------------------------------------------------------------------


class NoPicture:
    """Stands where a notebook's picture is renewed."""

    def update(self, picture: Any) -> None:
        self.last = picture


@pytest.mark.slow
@pytest.mark.exhaustive  # test_solved.py runs the same cells, nightly too
def test_attention_pooling_learns_reviews_to_the_lesson_s_aim() -> None:
    """The notebook's own cells, up to the training with its own seed."""
    namespace: dict[str, Any] = {"__name__": "lesson 3"}
    left_out = ("descent_panel(", "keras", "show_gaps(")
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in LESSON.cells:
            if cell.is_code and cell.role != "check":
                if "tested = run(" in cell.source:
                    break
                if "import numpy" in cell.source or not any(w in cell.source for w in left_out):
                    exec(cell.source, namespace)
    pictures = [NoPicture()]
    namespace["display"] = lambda **_: pictures[0]
    _, curve, tested = namespace["run"](namespace["gradients"], 0)
    assert max(curve) >= 0.74
    assert tested >= 0.70
    assert len(pictures[0].last.table.rows) == 6
