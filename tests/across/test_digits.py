"""Lesson 13's digits: read as patches, and two of them with a question."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit.across.patches import Digits, PatchReader, Plan, digits, says, train
from attnkit.across.question import Asker, Pairs, on_asked_half, pairs
from attnkit.quiet import silence

with silence():
    import keras


def cut(img_BHWF: np.ndarray, P: int) -> np.ndarray:
    B, H, W, F = img_BHWF.shape
    img_BIPJPF = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    return img_BIPJPF.swapaxes(2, 3).reshape(B, -1, P * P * F)


@pytest.fixture(scope="module")
def some() -> Digits:
    return digits()


def test_the_digits_are_split_alike(some: Digits) -> None:
    assert some.train_NHWF.shape == (1347, 8, 8, 1)
    assert some.test_NHWF.shape == (450, 8, 8, 1)
    assert (some.train_NHWF.min(), some.train_NHWF.max()) == (0, 1)
    shares = [np.bincount(part) / len(part) for part in (some.train_N, some.test_N)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.01)


@pytest.mark.parametrize("places", [True, False])
def test_only_a_reader_that_is_told_places_knows_an_order(some: Digits, places: bool) -> None:
    keras.utils.set_random_seed(0)
    x_BTF = cut(some.train_NHWF[:5], 2)
    reader = PatchReader(*x_BTF.shape[1:], places=places, read_out="mean")
    order_T = np.random.default_rng(0).permutation(x_BTF.shape[1])
    there, shuffled = (np.asarray(reader(x)) for x in (x_BTF, x_BTF[:, order_T]))
    assert np.allclose(there, shuffled, atol=1e-5) is not places


def test_a_reader_learns(some: Digits) -> None:
    keras.utils.set_random_seed(0)
    x_NTF, y_N = cut(some.train_NHWF[:64], 4), some.train_N[:64]
    reader = PatchReader(*x_NTF.shape[1:], D=16)
    losses = train(reader, x_NTF, y_N, Plan(steps=100, B=32, rate=1e-2), keep=False)
    assert losses[-1] < 0.3 < losses[0]
    assert (says(reader, x_NTF) == y_N).mean() > 0.9


def test_a_pair_shows_what_it_says(some: Digits) -> None:
    found = pairs(some, "test", 40, seed=3)
    assert found.img_NHWF.shape == (40, 8, 16, 1)
    for n in range(40):
        for side in (0, 1):
            half_HWF = found.img_NHWF[n, :, 8 * side : 8 * side + 8]
            where = (some.test_NHWF == half_HWF).all(axis=(1, 2, 3))
            assert found.digit_N2[n, side] in some.test_N[where]
    assert set(found.side_N.tolist()) == {0, 1}
    assert (found.asked_N + found.other_N == found.digit_N2.sum(axis=1)).all()


def test_the_answer_depends_on_the_question(some: Digits) -> None:
    keras.utils.set_random_seed(0)
    found: Pairs = pairs(some, "train", 64, seed=1)
    x_BSF = cut(found.img_NHWF, 4)
    asker = Asker(x_BSF.shape[1], x_BSF.shape[2], D=32)
    model_in = [x_BSF, found.side_N]
    losses = train(asker, model_in, found.asked_N, Plan(steps=150, B=32, rate=1e-2), keep=False)
    assert losses[-1] < losses[0] / 2
    y_BTD, _, matrices = asker.read(*model_in)
    assert y_BTD.shape == (64, 1, 32)
    assert {matrix.shape for matrix in matrices.values()} == {(32, 32)}
    turned = np.asarray(asker([x_BSF, 1 - found.side_N]))
    assert not np.allclose(turned, np.asarray(asker(model_in)), atol=0.1)


def test_the_weight_on_the_asked_half() -> None:
    w_BHTS = np.zeros((2, 2, 1, 8))
    w_BHTS[:, :, 0, [0, 5]] = 0.25  # left half: columns 0 and 1
    w_BHTS[:, :, 0, 7] = 0.5
    np.testing.assert_allclose(on_asked_half(w_BHTS, np.array([0, 1]), 4), [0.5, 0.5])
    w_BHTS[:, 1] = np.eye(8)[2]
    np.testing.assert_allclose(on_asked_half(w_BHTS, np.array([0, 1]), 4), [0.25, 0.75])
