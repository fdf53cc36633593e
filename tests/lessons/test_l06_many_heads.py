"""Lesson 6's witnesses: Keras's layer, properties that need no right number, and its readers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attnkit import readers
from attnkit.checking import wire
from attnkit.data import split
from attnkit.panels import budget_panel, heads_panel
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.specs import make_spec
from autograder.course import find_course

COURSE = find_course()
FOLDER = COURSE.lesson("06_many_heads")
LESSON = read_lesson(FOLDER.source)
REFERENCE = LESSON.reference()
split_heads, merge_heads = REFERENCE["split_heads"], REFERENCE["merge_heads"]
multi_head, to_keras_weights = REFERENCE["multi_head"], REFERENCE["to_keras_weights"]

GIVEN = dict(REFERENCE)  # with what the lesson's text defines for its two questions and its readers
for cell in LESSON.cells:
    own = ("NAMES =", "def softmax", "def forward", "def backward", "def train(", "def reader_step")
    if cell.is_code and any(f"\n{name}" in f"\n{cell.source}" for name in own):
        exec(cell.source.partition("\n\n\ntokens")[0], GIVEN)

SIZES = st.tuples(*(st.integers(1, 5) for _ in range(5)))  # B, H, T, S, K


def drawn(sizes: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Words that ask, words that are asked, and four matrices."""
    B, H, T, S, K = sizes
    rng, D = np.random.default_rng(seed), H * K
    matrices = [rng.normal(size=(D, D)) / np.sqrt(D) for _ in range(4)]
    return rng.normal(size=(B, T, D)), rng.normal(size=(B, S, D)), matrices


# --- properties -----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_merging_undoes_splitting_and_a_word_stays_in_its_row(
    sizes: tuple[int, ...], seed: int
) -> None:
    x_BTD, _, _ = drawn(sizes, seed)
    B, H, T, _, K = sizes
    x_BHTK = split_heads(x_BTD, H)
    assert x_BHTK.shape == (B, H, T, K)
    assert np.array_equal(merge_heads(x_BHTK), x_BTD)
    changed = x_BTD.copy()
    changed[:, 0] += 1
    rows = (split_heads(changed, H) != x_BHTK).any(axis=(0, 1, 3))
    assert rows.tolist() == [True] + [False] * (T - 1)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_hidden_words_don_t_matter_and_shuffled_queries_are_shuffled_outputs(
    sizes: tuple[int, ...], seed: int
) -> None:
    x_q, x_kv, W = drawn(sizes, seed)
    (B, H, T, S, _), rng = sizes, np.random.default_rng([seed, 1])
    mask = rng.random((B, 1, 1, S)) < 0.6
    o, w = multi_head(x_q, x_kv, *W, H, mask)
    sums = np.broadcast_to(mask.any(axis=-1), (B, H, T))
    assert np.allclose(w.sum(axis=-1), sums)
    assert (np.where(mask, 0, w) == 0).all()
    other = np.where(mask[:, 0, 0, :, None], x_kv, 1e3 * rng.normal(size=x_kv.shape))
    assert np.allclose(multi_head(x_q, other, *W, H, mask)[0], o)
    order = rng.permutation(T)
    assert np.allclose(multi_head(x_q[:, order], x_kv, *W, H, mask)[0], o[:, order])


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_heads_may_change_places_with_their_columns_and_rows(
    sizes: tuple[int, ...], seed: int
) -> None:
    x_q, x_kv, W = drawn(sizes, seed)
    H, K = sizes[1], sizes[4]
    order = np.random.default_rng([seed, 2]).permutation(H)
    columns = (K * order[:, None] + np.arange(K)).ravel()
    moved = [W[0][:, columns], W[1][:, columns], W[2][:, columns], W[3][columns]]
    o, w = multi_head(x_q, x_kv, *W, H)
    o_moved, w_moved = multi_head(x_q, x_kv, *moved, H)
    assert np.allclose(o_moved, o)
    assert np.allclose(w_moved, w[:, order])


# --- Keras's layer --------------------------------------------------------------------------------


def layer_probe() -> Callable[..., np.ndarray]:
    """The probe that stands for Keras's layer, made from its text as a judge makes it."""
    exercise = declared_exercises(FOLDER)["L6.4"]
    probes = [call.probe for call in make_spec(exercise, REFERENCE, 5).calls]
    assert all(probes)
    assert probes[0] is not None
    function: Callable[..., np.ndarray] = wire._function(probes[0].code, probes[0].name)
    return function


SHAPES = [(3, 2, 5, 7, 6), (2, 3, 4, 6, 3), (2, 1, 5, 4, 6), (1, 6, 3, 2, 1)]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed.")
def test_the_probe_gives_what_keras_s_layer_gives_and_refuses_what_it_refuses() -> None:
    """And so does multi_head with the reference's weights: three witnesses for one layer."""
    import keras

    probe = layer_probe()
    for number, sizes in enumerate(SHAPES):
        x_q, x_kv, W = drawn(sizes, number)
        (B, H, T, S, K), D = sizes, sizes[1] * sizes[4]
        layer = keras.layers.MultiHeadAttention(H, K, use_bias=False)
        layer.build((B, T, D), (B, S, D))
        assert layer.count_params() == REFERENCE["param_count"](D, H, K, bias=False)
        exercise = declared_exercises(FOLDER)["L6.4"]
        own = [v.beside(REFERENCE) for v in (*exercise.rights, *exercise.wrongs)]
        variants = [to_keras_weights, *own]
        for give in variants:
            copies = [array.copy() for array in W]  # one of the wrong ones writes into its input
            try:
                layer.set_weights(give(*copies, H))
            except ValueError:
                with pytest.raises(ValueError, match="the layer"):
                    probe(give, x_q, x_kv, *W, H)
                continue
            theirs = keras.ops.convert_to_numpy(layer(x_q.astype("f"), x_kv.astype("f")))
            ours = probe(give, x_q, x_kv, *[array.copy() for array in W], H)
            assert abs(ours - theirs).max() < 1e-5
        layer.set_weights(to_keras_weights(*W, H))
        mask = np.random.default_rng(number).random((B, T, S)) < 0.6
        mask[:, :, 0] = True
        options = {"attention_mask": mask, "return_attention_scores": True}
        o, w = layer(x_q.astype("f"), x_kv.astype("f"), **options)
        o_own, w_own = multi_head(x_q, x_kv, *W, H, mask[:, None])
        assert abs(keras.ops.convert_to_numpy(o) - o_own).max() < 1e-5
        assert abs(keras.ops.convert_to_numpy(w) - w_own).max() < 1e-5
    for D, H, K, bias in ((12, 3, 4, True), (10, 3, 7, True), (10, 3, 7, False)):
        layer = keras.layers.MultiHeadAttention(H, K, use_bias=bias)
        layer.build((1, 5, D), (1, 5, D))
        assert layer.count_params() == REFERENCE["param_count"](D, H, K, bias)


# --- the readers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize("H", [1, 3])
def test_a_reader_learns_by_the_true_gradient(H: int, mean: bool) -> None:
    rng = np.random.default_rng(3)
    params: dict[str, Any] = {  # in double precision, for small steps
        name: array.astype(np.float64) for name, array in readers._drawn(7, 6, rng, 0.3).items()
    }
    ids_BS, y_B = np.array([[2, 3, 3, 1], [4, 5, 0, 0], [6, 0, 0, 0]]), np.array([1.0, 0.0, 1.0])
    _, grads = readers.reader_gradients(params, ids_BS, y_B, H, mean)
    for name, array in params.items():
        for place in list(np.ndindex(array.shape))[:: max(1, array.size // 10)]:
            losses = []
            for step in (1e-6, -1e-6):
                moved = {n: a.copy() for n, a in params.items()}
                moved[name][place] += step
                losses.append(readers.reader_gradients(moved, ids_BS, y_B, H, mean)[0])
            slope = (losses[0] - losses[1]) / 2e-6
            assert grads[name][place] == pytest.approx(slope, abs=1e-8), (name, place)


def test_a_reader_run_by_multi_head_has_the_weights_it_was_trained_with() -> None:
    reader = readers.train_reader(4, seed=1, epochs=1)
    texts = [
        "great story , bad idea for a movie .",
        "dull",
        "it's never dull and always looks good .",
    ]
    x_q_B1D, x_BSD, mask_B11S, words = reader.embed(texts)
    assert [len(each) for each in words] == mask_B11S.sum(axis=(1, 2, 3)).tolist()
    W = (reader.Wq_DD, reader.Wk_DD, reader.Wv_DD, reader.Wo_DD)
    o_B1D, w_BH1S = multi_head(x_q_B1D, x_BSD, *W, reader.H, mask_B11S)
    assert abs(w_BH1S[:, :, 0] - reader.weights(texts)).max() < 1e-6
    assert reader.praises(o_B1D).shape == (3,)
    sharper = multi_head(x_q_B1D, x_BSD, 3 * W[0], *W[1:], reader.H, mask_B11S)[1][:, :, 0]
    assert abs(sharper - reader.weights(texts, sharpness=3)).max() < 1e-6


def test_a_reader_learns_to_tell_praise_from_blame_and_the_same_each_time() -> None:
    validation = split("mr").validation
    reader, again = (readers.train_reader(2, seed=0) for _ in range(2))
    assert np.array_equal(reader.Wo_DD, again.Wo_DD)
    x_q_B1D, x_BSD, mask_B11S, _ = reader.embed(list(validation.text))
    W = (reader.Wq_DD, reader.Wk_DD, reader.Wv_DD, reader.Wo_DD)
    praise = reader.praises(multi_head(x_q_B1D, x_BSD, *W, 2, mask_B11S)[0])
    assert np.mean(praise == validation.label) > 0.70  # a coin: 0.50 ± 0.03


def test_a_reader_that_can_t_be_says_why() -> None:
    with pytest.raises(ValueError, match="32 numbers can't be shared out equally among 5 heads"):
        readers.train_reader(5, seed=0)
    with pytest.raises(ValueError, match="a sentence without a word"):
        readers.train_reader(1, seed=0, epochs=0).embed(["good", " . "])


def test_the_step_that_the_lesson_spells_out_is_the_kits() -> None:
    """So nothing about the readers is a black box: what is trained is what can be read there."""
    params, ids_BS, y_B = readers.practice_batch(seed=3, D=6)
    exact: dict[str, Any] = {name: array.astype(np.float64) for name, array in params.items()}
    loss, quick = readers.reader_gradients(exact, ids_BS[:9], y_B[:9], H=3)
    slow = GIVEN["reader_step"](exact, ids_BS[:9], y_B[:9], 3)
    assert loss > 0
    assert slow.keys() == quick.keys()
    for name, grad in slow.items():
        assert np.allclose(grad, quick[name], rtol=1e-6, atol=1e-9), name


# --- two questions at once ------------------------------------------------------------------------


@pytest.mark.parametrize("H", [1, 2])
def test_the_lessons_backward_pass_is_what_small_steps_find(H: int) -> None:
    forward, backward = GIVEN["forward"], GIVEN["backward"]
    rng = np.random.default_rng(H)
    W = {name: rng.normal(size=(4, 4)) for name in "qkvo"}
    x_q, x_kv, do = (rng.normal(size=(2, N, 4)) for N in (3, 5, 3))
    keep = rng.random((2, 1, 1, 5)) < 0.7
    keep[..., 0] = True
    o_BTD, kept = forward(W, x_q, x_kv, H, keep)
    assert np.allclose(o_BTD, multi_head(x_q, x_kv, *W.values(), H, keep)[0])
    dW, dx_q, dx_kv = backward(W, x_q, x_kv, kept, do)
    for array, grad in ((x_q, dx_q), (x_kv, dx_kv), *((W[name], dW[name]) for name in W)):
        for place in np.ndindex(array.shape):
            there, values = array[place], []
            for step in (1e-6, -1e-6):
                array[place] = there + step
                values.append((forward(W, x_q, x_kv, H, keep)[0] * do).sum())
            array[place] = there
            assert grad[place] == pytest.approx((values[0] - values[1]) / 2e-6, abs=1e-6)


def test_two_heads_answer_two_questions_and_one_head_answers_one() -> None:
    asked, coats, hooks = GIVEN["draw_lists"](500, np.random.default_rng(11))
    assert (hooks[:, 0] != hooks[:, 1]).all()
    for H in (1, 2):
        o_B1D, _ = multi_head(asked, coats, *GIVEN["train"](H, 12), H)
        right = o_B1D.reshape(-1, 2, 8).argmax(axis=-1) == hooks
        low, high = sorted(right.mean(axis=0))
        assert high > 0.7
        assert (low > 0.97) if H == 2 else (low < 0.5)


# --- its panels -----------------------------------------------------------------------------------


def unwritten(*args: object, **kwargs: object) -> None:
    raise NotImplementedError


def test_before_a_function_is_written_its_panel_shows_how_it_should_be() -> None:
    assert "right: (3, 4, 2)" in heads_panel(unwritten).static().alt
    assert "16,384 numbers to learn" in budget_panel(unwritten).static().alt
    merging = heads_panel(split_heads, unwritten)
    merging.set(step=3)
    assert "right: (4, 6)" in merging.static().alt
