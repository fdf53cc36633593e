"""Lesson 14b's functions under their laws: directions, half-lives, ranks, a split at one time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score
from sklearn.neighbors import NearestNeighbors

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

FOLDER = find_course().lesson("14b")
REFERENCE = read_lesson(FOLDER.source).reference()
route: Callable[..., Any] = REFERENCE["route"]
fit_threshold: Callable[..., Any] = REFERENCE["fit_threshold"]
daily_index: Callable[..., Any] = REFERENCE["daily_index"]
hit_ndcg: Callable[..., Any] = REFERENCE["hit_ndcg"]
check_split: Callable[..., bool] = REFERENCE["check_split"]

SEEDS, SMALL = st.integers(0, 10_000), st.integers(1, 6)
HALFLIVES = st.floats(0.4, 40)
few = settings(max_examples=40, deadline=None)

Rows = npt.NDArray[np.int_]


# --- L14.4 ----------------------------------------------------------------------------------------


@few
@given(SMALL, SMALL, st.integers(2, 5), SEEDS)
def test_a_route_goes_by_direction_and_a_lower_tau_only_takes_from_humans(
    B: int, N: int, D: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    q_BD, bank_ND = rng.normal(size=(B, D)), rng.normal(size=(N, D))
    labels = [f"entry {n}" for n in range(N)]
    longer_B1, longer_N1 = rng.uniform(0.1, 9, (B, 1)), rng.uniform(0.1, 9, (N, 1))
    always = route(q_BD, bank_ND, labels, -2.0)
    assert route(q_BD * longer_B1, bank_ND * longer_N1, labels, -2.0) == always
    known = NearestNeighbors(n_neighbors=1, metric="cosine").fit(bank_ND)
    assert always == [labels[n] for (n,) in known.kneighbors(q_BD, return_distance=False)]
    for lower, higher in ((-0.3, 0.4), (0.4, 0.9)):
        pairs = zip(
            route(q_BD, bank_ND, labels, lower), route(q_BD, bank_ND, labels, higher), strict=True
        )
        assert all(strict in (mild, "human") for mild, strict in pairs)
    assert route(q_BD, bank_ND, labels, 1.1) == ["human"] * B


@few
@given(st.lists(st.integers(0, 8), min_size=1, max_size=30), st.floats(0.01, 0.99))
def test_a_threshold_keeps_the_bound_and_the_next_score_breaks_it(
    given_N: list[int], share: float
) -> None:
    s_N = np.array(given_N) / 8
    if abs(share * len(s_N) - round(share * len(s_N))) < 1e-6:
        return
    tau = fit_threshold(s_N, share)
    assert tau in s_N
    assert (s_N < tau).sum() <= share * len(s_N)
    assert (s_N <= tau).sum() > share * len(s_N)  # what a hair more would send away


# --- L14.5 ----------------------------------------------------------------------------------------


@few
@given(st.integers(1, 20), st.integers(2, 15), HALFLIVES, SEEDS)
def test_no_index_looks_ahead_and_each_lies_between_the_scores(
    N: int, T: int, halflife: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    day_N, score_N = rng.integers(0, T, N), rng.normal(size=N)
    index_T = daily_index(day_N, score_N, T, halflife)
    assert index_T.shape == (T,)
    for t in range(T):
        known = day_N < t
        changed = np.where(known, score_N, 99.0)
        assert daily_index(day_N, changed, T, halflife)[: t + 1] == pytest.approx(index_T[: t + 1])
        if known.any():
            low, high = score_N[known].min(), score_N[known].max()
            assert low - 1e-9 <= index_T[t] <= high + 1e-9
        else:
            assert index_T[t] == 0
    order = rng.permutation(N)
    assert daily_index(day_N[order], score_N[order], T, halflife) == pytest.approx(index_T)
    later = daily_index(day_N + 3, score_N, T + 3, halflife)
    assert later[3:] == pytest.approx(index_T)
    twice = daily_index(np.tile(day_N, 2), np.tile(score_N, 2), T, halflife)
    assert twice == pytest.approx(index_T)
    quiet = daily_index(day_N, score_N, T + 9, halflife)[day_N.max() + 1 :]
    assert quiet == pytest.approx(np.full(len(quiet), quiet[0]))  # where nothing newer comes


@few
@given(st.integers(2, 30), HALFLIVES, SEEDS)
def test_one_piece_a_day_is_the_exponentially_weighted_mean_of_pandas(
    T: int, halflife: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    score_T = rng.normal(size=T)
    known = pd.Series(score_T).ewm(halflife=halflife, adjust=True).mean()
    index_T = daily_index(np.arange(T), score_T, T + 1, halflife)
    assert index_T[1:] == pytest.approx(known.to_numpy())


# --- L14.6 ----------------------------------------------------------------------------------------


@few
@given(SMALL, st.integers(3, 12), st.integers(1, 5), SEEDS)
def test_ranks_hang_on_the_order_of_candidates_alone(B: int, N: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores_BN = rng.permuted(np.tile(np.arange(N) - 3.0, (B, 1)), axis=1)
    target_B = rng.integers(1, N, B)
    seen = [rng.integers(0, N, rng.integers(0, 4)).tolist() for _ in range(B)]
    hr, ndcg = hit_ndcg(scores_BN, seen, target_B, k)
    assert 0 <= ndcg <= hr <= 1
    assert hit_ndcg(np.exp(scores_BN / 5), seen, target_B, k) == pytest.approx((hr, ndcg))
    other_BN = scores_BN.copy()
    other_BN[:, 0] = 99.0
    for b, had in enumerate(seen):
        other_BN[b, [item for item in had if item != target_B[b]]] = 99.0
    assert hit_ndcg(other_BN, seen, target_B, k) == pytest.approx((hr, ndcg))
    assert hit_ndcg(scores_BN, seen, target_B, k + 1)[1] >= ndcg
    assert hit_ndcg(scores_BN, seen, target_B, N)[0] == 1
    nothing = [list[int]()] * B
    if N > 3:
        wanted_BN = np.eye(N)[target_B][:, 1:]
        known = ndcg_score(wanted_BN, scores_BN[:, 1:], k=k)
        assert hit_ndcg(scores_BN, nothing, target_B, k)[1] == pytest.approx(known)


@pytest.mark.parametrize("k", [1, 3, 7])
def test_whoever_scores_all_alike_hits_as_often_as_chance_does(k: int) -> None:
    """Protects against a flattering tie: 11 candidates, of which the middle one has rank 5."""
    alike = hit_ndcg(np.zeros((4, 12)), [[]] * 4, np.array([1, 4, 7, 11]), k)
    assert alike == pytest.approx((float(k > 5), (k > 5) / np.log2(7)))


def _half_of_those_at_the_cut(
    user_N: Rows, item_N: Rows, time_N: Rows, cut: int
) -> tuple[Rows, Rows]:
    late_N = time_N >= cut
    late_N[np.flatnonzero(time_N == cut)[::2]] = False
    return np.flatnonzero(~late_N), np.flatnonzero(late_N)


def _each_users_own_past(user_N: Rows, item_N: Rows, time_N: Rows, cut: int) -> tuple[Rows, Rows]:
    order = np.lexsort((time_N, user_N))
    last = np.append(user_N[order][1:] != user_N[order][:-1], True)
    return order[~last], order[last]


@pytest.mark.parametrize(
    ("split", "is_right"),
    [
        (lambda u, i, t, cut: (np.flatnonzero(t < cut), np.flatnonzero(t >= cut)), True),
        (lambda u, i, t, cut: tuple(np.split(np.argsort(t), [int((t < cut).sum())])), True),
        (lambda u, i, t, cut: (np.flatnonzero(t <= cut), np.flatnonzero(t > cut)), False),
        (lambda u, i, t, cut: (np.flatnonzero(t < cut), np.arange(len(t))), False),
        (lambda u, i, t, cut: (t < cut, t >= cut), False),
        (lambda u, i, t, cut: ([], range(len(t))), False),
        (lambda u, i, t, cut: None, False),
        (lambda u, i, t, cut: 1 / 0, False),
        (_half_of_those_at_the_cut, False),
        (_each_users_own_past, False),
    ],
)
def test_a_split_is_right_if_time_alone_parts_the_rows(
    split: Callable[..., Any], is_right: bool
) -> None:
    assert check_split(split) is is_right


def test_whoever_marks_a_report_sees_above_it_what_each_point_is_for() -> None:
    """Formgrader shows the released text and the answer, but no mark scheme."""
    cells = nbformat.read(FOLDER.released_notebook, as_version=4).cells
    (place,) = (n for n, cell in enumerate(cells) if cell.id == "L14-report")
    assert cells[place].metadata.nbgrader.points == 12
    above = cells[place - 1].source
    assert "2 for each, 1 for half" in above
    assert re.findall(r"^(\d)\. ", above, re.MULTILINE) == list("123456")
    assert "MARK SCHEME" not in "".join(cell.source for cell in cells)
