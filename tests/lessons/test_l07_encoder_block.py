"""Lesson 7's witnesses: Keras's layers, lesson 6's attention, and laws that need no number."""

from __future__ import annotations

import functools
import importlib.util
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from attnkit import stacks
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from autograder.authoring.lesson import read_lesson
from autograder.authoring.load_exercises import declared_exercises
from autograder.course import find_course

COURSE = find_course()
FOLDER = COURSE.lesson("07_encoder_block")
REFERENCE = read_lesson(FOLDER.source).reference()
OF_LESSON_6 = read_lesson(COURSE.lesson("06_many_heads").source).reference()
sinusoid, layer_norm = REFERENCE["sinusoid"], REFERENCE["layer_norm"]
encoder_block, attention = REFERENCE["encoder_block"], REFERENCE["attention"]
rope = REFERENCE["rope"]

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed."
)


def drawn(B: int, T: int, H: int, K: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Sentences, and a block's weights of the width H · K."""
    rng, D, F = np.random.default_rng(seed), H * K, 2 * H * K + 1
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (D, D))
    shapes |= {f"ln{n}_{name}": (D,) for n in (1, 2) for name in ("gamma", "beta")}
    shapes |= {"W1": (D, F), "b1": (F,), "W2": (F, D), "b2": (D,)}
    params = {name: rng.normal(size=shape) / np.sqrt(D) for name, shape in shapes.items()}
    return rng.normal(size=(B, T, D)), params


SIZES = st.tuples(*(st.integers(1, 4) for _ in range(4)))


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 9))
def test_a_step_is_the_same_rotation_everywhere(T: int, pairs: int, step: int) -> None:
    D = 2 * pairs
    p_TD = sinusoid(T + step, D)
    z = p_TD[:, 1::2] + 1j * p_TD[:, 0::2]
    turned = z[: len(z) - step] * np.exp(1j * step / 10_000 ** (np.arange(pairs) / pairs))
    assert np.allclose(turned, z[step:])
    assert np.allclose((p_TD**2).sum(axis=1), pairs)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_the_given_attention_is_lesson_6s(sizes: tuple[int, int, int, int], seed: int) -> None:
    x_BTD, params = drawn(*sizes, seed)
    B, T, H, _ = sizes
    mask = np.random.default_rng([seed, 1]).random((B, H, T, T)) < 0.6
    W = [params[name] for name in ("Wq", "Wk", "Wv", "Wo")]
    for given_mask in (None, mask, mask[:, :1], mask[0, 0], mask[:, :1, :1]):
        o_BTD, _ = OF_LESSON_6["multi_head"](x_BTD, x_BTD, *W, H, given_mask)
        assert np.allclose(attention(x_BTD, params, H, given_mask), o_BTD)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 1000))
def test_a_block_is_equivariant_and_pads_and_the_future_move_nothing(
    sizes: tuple[int, int, int, int], seed: int
) -> None:
    x_BTD, params = drawn(*sizes, seed)
    (B, T, H, _), rng = sizes, np.random.default_rng([seed, 2])
    order = rng.permutation(T)
    out_BTD = encoder_block(x_BTD, params, H)
    assert np.allclose(encoder_block(x_BTD[:, order], params, H), out_BTD[:, order])
    keep_BT = np.arange(T) < rng.integers(1, T + 1, (B, 1))
    other_BTD = np.where(keep_BT[:, :, None], x_BTD, 100 * rng.normal(size=x_BTD.shape))
    one, two = (encoder_block(x, params, H, keep_BT[:, None, None]) for x in (x_BTD, other_BTD))
    assert np.allclose(one[keep_BT], two[keep_BT])
    causal = np.tril(np.ones((T, T), bool))
    changed_BTD = x_BTD.copy()
    changed_BTD[:, -1] += 1
    before, after = (encoder_block(x, params, H, causal) for x in (x_BTD, changed_BTD))
    assert np.allclose(before[:, :-1], after[:, :-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.floats(-1000, 1000), st.floats(-50, 50), st.floats(2, 1e6))
def test_rope_turns_every_pair_and_scores_know_only_differences(
    pairs: int, shift: float, step: float, base: float
) -> None:
    rng = np.random.default_rng(pairs)
    q, k = rng.normal(size=(2, 2, 3, 4, 2 * pairs))
    places = rng.integers(-50, 50, 4)

    def scores(at: np.ndarray) -> np.ndarray:
        return rope(q, at, base) @ rope(k, at, base).swapaxes(2, 3)

    assert np.allclose(scores(places), scores(places + shift), atol=1e-9)
    turned = rope(q, places, base)
    lengths = [(each.reshape(2, 3, 4, pairs, 2) ** 2).sum(axis=-1) for each in (q, turned)]
    assert np.allclose(*lengths)
    there = np.full(4, step)
    assert np.allclose(rope(rope(q, places, base), there, base), rope(q, places + step, base))
    up = np.tile([0.0, 1.0], (1, 1, 4, pairs))  # straight up, turned clockwise: lesson 7's table
    assert np.allclose(rope(up, -np.arange(4), 1e4)[0, 0], sinusoid(4, 2 * pairs))


@pytest.mark.parametrize("norm_first", [True, False])
def test_gradients_of_a_stack_are_what_small_steps_find(
    norm_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack's own way back, against finite differences through the learner's own block."""
    sizes = {"DEEPEST": 3, "SENTENCES": 2, "WORDS": 3, "WIDTH": 4, "HEADS": 2, "INNER": 5}
    for name, size in sizes.items():
        monkeypatch.setattr(stacks, name, size)
    random_stack = functools.cache(stacks.random_stack.__wrapped__)
    monkeypatch.setattr(stacks, "random_stack", random_stack)
    monkeypatch.setattr(stacks, "_forward", stacks._forward.__wrapped__)
    blocks, x_BTD, end_BTD = random_stack(3)
    plain = np.ones(4), np.zeros(4)

    def out(own: Sequence[dict[str, np.ndarray]], final_norm: bool) -> np.ndarray:
        y_BTD = x_BTD
        for p in own:
            if norm_first:
                y_BTD = encoder_block(y_BTD, p, 2)
                continue
            y_BTD = layer_norm(y_BTD + attention(y_BTD, p, 2), *plain)
            y_BTD = layer_norm(y_BTD + np.maximum(y_BTD @ p["W1"], 0) @ p["W2"], *plain)
        return layer_norm(y_BTD, *plain) if final_norm else y_BTD

    for depth in range(4):
        assert np.isclose(stacks.word_sizes(norm_first, 3)[depth], out(blocks[:depth], False).std())
    for final_norm in (True, False) if norm_first else (False,):
        found = stacks.gradient_sizes.__wrapped__(3, norm_first, final_norm, 3)
        for layer in range(3):

            def loss(flat: np.ndarray, layer: int = layer, final_norm: bool = final_norm) -> float:
                own = list(blocks)
                own[layer] = {**own[layer], "W2": flat.reshape(5, 4)}
                return float((out(own, final_norm) * end_BTD).sum())

            slopes = approx_fprime(blocks[layer]["W2"].reshape(-1), loss, 1e-7)
            assert found[layer] == pytest.approx(float(np.linalg.norm(slopes)), rel=1e-3)


@needs_keras
def test_norm_and_block_are_keras_s() -> None:
    import keras

    (B, T, H, K), seed = (3, 5, 2, 4), 7
    x_BTD, params = drawn(B, T, H, K, seed)
    D, F = H * K, params["b1"].size
    norms = [keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
    attend = keras.layers.MultiHeadAttention(H, K, use_bias=False)
    inner, outer = keras.layers.Dense(F, activation="relu"), keras.layers.Dense(D)
    keep_BT = np.arange(T) < np.array([[5], [2], [4]])

    def block(x: Any) -> Any:
        n = norms[0](x)
        y = x + attend(n, n, attention_mask=keep_BT[:, None, :])
        return y + outer(inner(norms[1](y)))

    block(x_BTD.astype("float32"))
    for n, norm in enumerate(norms, 1):
        norm.set_weights([params[f"ln{n}_gamma"], params[f"ln{n}_beta"]])
    W = [params[name] for name in ("Wq", "Wk", "Wv", "Wo")]
    attend.set_weights(OF_LESSON_6["to_keras_weights"](*W, H))
    inner.set_weights([params["W1"], params["b1"]])
    outer.set_weights([params["W2"], params["b2"]])
    theirs = keras.ops.convert_to_numpy(block(x_BTD.astype("float32")))
    ours = encoder_block(x_BTD, params, H, keep_BT[:, None, None])
    assert abs(theirs - ours)[keep_BT].max() < 1e-5
    normed = keras.ops.convert_to_numpy(norms[0](x_BTD.astype("float32")))
    assert abs(normed - layer_norm(x_BTD, params["ln1_gamma"], params["ln1_beta"])).max() < 1e-5


def test_rounding_costs_no_class_a_right_answer_for_numbers_near_a_thousand() -> None:
    exercise = declared_exercises(FOLDER)["L7.2"]
    rights = [layer_norm, *(variant.beside(REFERENCE) for variant in exercise.rights)]
    (wrong,) = (
        variant.beside(REFERENCE)
        for variant in exercise.wrongs
        if variant.name == "difference-of-squares"
    )
    for seed in range(1000, 1300):
        (check,) = (c for c in exercise.draw_checks(seed) if c.name.startswith("numbers near"))
        (call,) = check.calls
        assert call.tolerance is not None
        exact = layer_norm(*(each.astype(np.float64) for each in call.args))
        for right in rights:
            assert abs(right(*call.args) - exact).max() < call.tolerance / 2, seed
        assert abs(wrong(*call.args) - exact).max() > 2 * call.tolerance, seed


def test_the_suspects_are_what_the_checks_say_they_are() -> None:
    """Every order of a few words, and orders at random of many: no test of a learner's is asked."""
    exercise = declared_exercises(FOLDER)["L7.4"]
    blind = REFERENCE["is_order_blind"]
    given = [call.args[0] for check in exercise.draw_checks(0) for call in check.calls]
    assert len({each.run for each in given}) == 19
    rng = np.random.default_rng(1)
    for each in given:
        model = functools.partial(each.run, **each.drawn)
        moved = False
        try:
            for T in (2, 3, 4):
                x = rng.normal(size=(2, T, 3))
                for order in itertools.permutations(range(T)):
                    moved |= not np.allclose(model(x), model(x[:, order]), rtol=1e-4, atol=1e-5)
            for T in (11, 14):
                x = rng.normal(size=(2, T, 3))
                for _ in range(20):
                    y = x[:, rng.permutation(T)]
                    moved |= not np.allclose(model(x), model(y), rtol=1e-4, atol=1e-5)
        except (ValueError, IndexError, ZeroDivisionError):
            moved = True
        assert blind(model) == (not moved), each.says


def test_the_opening_tells_the_points() -> None:
    opening = FOLDER.source.read_text(encoding="utf-8").partition("# %%\nimport")[0]
    exercises = declared_exercises(FOLDER).values()
    assert f"({sum(exercise.points for exercise in exercises)} points)" in opening
