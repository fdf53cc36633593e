"""Lesson 9's functions have laws of their own: nothing is lost, nothing hangs on order or pads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

COURSE = find_course()
REFERENCE = read_lesson(COURSE.lesson("09_looking_inside").source).reference()
OF_LESSON_3 = read_lesson(COURSE.lesson("03_learning").source).reference()
head_offset, rollout = REFERENCE["head_offset"], REFERENCE["rollout"]
saliency, leave_one_out = REFERENCE["saliency"], REFERENCE["leave_one_out"]
deletion_curve, random_curve = REFERENCE["deletion_curve"], REFERENCE["random_curve"]
check_attribution = REFERENCE["check_attribution"]

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=30, deadline=None)


def maps(rng: np.random.Generator, L: int, H: int, T: int) -> np.ndarray:
    return rng.dirichlet(np.ones(T), size=(L, H, T))


@few
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 6), SEEDS)
def test_the_offsets_of_a_head_take_all_weight_there_is(L: int, H: int, T: int, seed: int) -> None:
    A_LHTT = maps(np.random.default_rng(seed), L, H, T)
    offsets = range(1 - T, T)
    total_LH = sum((T - abs(o)) * head_offset(A_LHTT, o) for o in offsets)
    assert np.allclose(total_LH, T)
    for o in offsets:  # who looks at whom, seen from the other side
        assert np.allclose(head_offset(A_LHTT.swapaxes(2, 3), o), head_offset(A_LHTT, -o))


@few
@given(st.integers(1, 5), st.integers(1, 3), st.integers(1, 6), SEEDS)
def test_rollout_is_a_product_of_shares(L: int, H: int, T: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    A_LHTT, order_T = maps(rng, L, H, T), rng.permutation(T)
    R_TT = rollout(A_LHTT)
    assert np.allclose(R_TT.sum(axis=1), 1)
    assert (R_TT >= 0).all()
    for cut in range(1, L):
        assert np.allclose(rollout(A_LHTT[cut:]) @ rollout(A_LHTT[:cut]), R_TT)
    shuffled = A_LHTT[:, :, order_T][..., order_T]
    assert np.allclose(rollout(shuffled), R_TT[order_T][:, order_T])
    own_words = np.broadcast_to(np.eye(T), A_LHTT.shape)
    assert np.allclose(rollout(own_words), np.eye(T))


@few
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 5), SEEDS)
def test_saliency_is_how_the_logit_grows_with_a_word(T: int, A: int, D: int, seed: int) -> None:
    """With lesson 3's pool: a word made longer by a little, and shorter."""
    rng = np.random.default_rng(seed)
    x_TD, W_AD, u_A, c_D = (rng.normal(size=s) for s in ((T, D), (A, D), A, D))

    def logit(t: int, by: float) -> float:
        longer_TD = x_TD.copy()
        longer_TD[t] *= 1 + by
        z_D, _ = OF_LESSON_3["pool"](longer_TD, W_AD, u_A)
        return float(c_D @ z_D)

    slopes = [(logit(t, 1e-5) - logit(t, -1e-5)) / 2e-5 for t in range(T)]
    assert np.allclose(saliency(x_TD, W_AD, u_A, c_D), slopes, rtol=1e-6, atol=1e-7)


def additive(worth_V: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A `predict` to which each word adds what it is worth; a pad adds nothing."""

    def predict(ids_BT: np.ndarray) -> np.ndarray:
        assert ids_BT.ndim == 2
        assert ids_BT.dtype.kind == "i"
        return np.where(ids_BT == 0, 0, worth_V[ids_BT]).sum(axis=1)

    return predict


@few
@given(st.integers(1, 7), st.integers(0, 3), SEEDS)
def test_where_words_add_up_every_method_says_the_same(words: int, pads: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    worth_V = rng.normal(size=12)
    predict, ids_T = additive(worth_V), np.pad(rng.integers(4, 12, words), (0, pads))
    p, e_T = predict(ids_T[None])[0], leave_one_out(predict, ids_T)
    assert np.allclose(e_T, np.where(ids_T == 0, 0, worth_V[ids_T] - worth_V[1]))
    ks = range(words + 1)
    falls = np.append(0, np.sort(e_T[:words])[::-1].cumsum())
    assert np.allclose(deletion_curve(predict, ids_T, e_T, ks), p - falls)
    lowest = deletion_curve(predict, ids_T, -e_T, ks)
    by_chance = random_curve(predict, ids_T, ks, 5, rng)
    assert (by_chance >= p - falls - 1e-9).all(), "no order falls faster"
    assert (by_chance <= lowest + 1e-9).all(), "and none more slowly"
    assert np.allclose(by_chance[[0, -1]], [p, p - falls[-1]])


def test_the_control_falls_as_the_mean_word_does() -> None:
    """2000 orders: within five standard deviations of a straight line."""
    rng = np.random.default_rng(5)
    worth_V, ids_T = rng.normal(size=12), np.array([4, 9, 5, 11, 7, 6, 0, 0])
    predict, ks = additive(worth_V), np.arange(7)
    e_N = leave_one_out(predict, ids_T)[:6]
    line = predict(ids_T[None])[0] - ks * e_N.mean()
    far = 5 * e_N.std() * (ks * (6 - ks) / 5 / 2000) ** 0.5
    assert (abs(random_curve(predict, ids_T, ks, 2000, rng) - line) <= far + 1e-9).all()


@few
@given(st.floats(0.02, 1.0), st.sampled_from(["weight", "even", "next", "longer"]), SEEDS)
def test_the_test_of_shares_notices_a_mixture(part: float, other: str, seed: int) -> None:
    """Right shares with a part of wrong ones that add up as well, in a change of scale or not."""

    def right(w_T: np.ndarray, x_TD: np.ndarray, c_D: np.ndarray) -> np.ndarray:
        return w_T * (x_TD @ c_D)

    def mixed(w_T: np.ndarray, x_TD: np.ndarray, c_D: np.ndarray) -> np.ndarray:
        e_T = right(w_T, x_TD, c_D)
        wrong = {
            "weight": w_T / (w_T.sum() or 1) * e_T.sum(),
            "even": np.full(len(e_T), e_T.mean()),
            "next": np.roll(e_T, 1),
            "longer": e_T if len(e_T) < 6 else e_T[::-1],
        }
        return (1 - part) * e_T + part * wrong[other]

    assert check_attribution(right)
    assert check_attribution(lambda *given: right(*(each.astype(np.float32) for each in given)))
    assert not check_attribution(mixed)
