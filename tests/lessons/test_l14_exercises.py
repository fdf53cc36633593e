"""Lesson 14a's answers: slopes, d′, places, leaps and forgetting, under their laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

FOLDER = find_course().lesson("14a")
REFERENCE = read_lesson(FOLDER.source).reference()
search_slope: Callable[..., Any] = REFERENCE["search_slope"]
d_prime: Callable[..., Any] = REFERENCE["d_prime"]
serial_position: Callable[..., Any] = REFERENCE["serial_position"]
lag_crp: Callable[..., Any] = REFERENCE["lag_crp"]
retrievability: Callable[..., Any] = REFERENCE["retrievability"]
next_interval: Callable[..., Any] = REFERENCE["next_interval"]

counts = st.integers(0, 60)
decays = st.floats(0.1, 0.9)
stabilities = st.floats(0.05, 400)
lists = st.lists(st.lists(st.integers(0, 8), max_size=10), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(
    start=st.floats(0.2, 1),
    slope=st.floats(-5, 60),
    later=st.floats(0, 2),
    seed=st.integers(0, 10_000),
)
def test_a_delay_of_all_times_moves_the_line_and_leaves_its_slope(
    start: float, slope: float, later: float, seed: int
) -> None:
    """Protects what the lesson says of slow keyboards; and a line is found again."""
    rng = np.random.default_rng(seed)
    n_N = rng.permutation(np.repeat([4, 8, 16, 32], 3))
    rt_N, correct_N = start + slope / 1000 * n_N, np.arange(12) < 9
    rt_N[~correct_N] = 77.0
    found = search_slope(n_N, rt_N, correct_N)
    assert found == pytest.approx((start, slope), abs=1e-9)
    assert search_slope(n_N, rt_N + later, correct_N) == pytest.approx((start + later, slope))


@settings(max_examples=80, deadline=None)
@given(counts, counts, counts, counts)
def test_d_prime_is_finite_turns_its_sign_and_is_0_for_who_guesses(
    hits: int, misses: int, false_alarms: int, rejections: int
) -> None:
    apart = d_prime(hits, misses, false_alarms, rejections)
    assert np.isfinite(apart)
    assert d_prime(false_alarms, rejections, hits, misses) == pytest.approx(-apart)
    assert d_prime(misses, hits, rejections, false_alarms) == pytest.approx(-apart)
    assert d_prime(hits, misses, hits, misses) == 0
    assert d_prime(hits + 5, misses, false_alarms, rejections) > apart


@settings(max_examples=80, deadline=None)
@given(lists)
def test_places_and_lags_are_shares_and_turn_round_with_the_list(recalls: list[list[int]]) -> None:
    p_T, shares = serial_position(recalls, 8), lag_crp(recalls, 8)
    assert ((p_T >= 0) & (p_T <= 1)).all()
    assert p_T.sum() * len(recalls) == pytest.approx(sum(len(set(r) - {0}) for r in recalls))
    assert all(0 <= share <= 1 for share in shares.values())
    assert 0 not in shares
    turned = [[9 - place if place else 0 for place in recall] for recall in recalls]
    assert serial_position(turned, 8) == pytest.approx(p_T[::-1])
    assert lag_crp(turned, 8) == pytest.approx({-lag: share for lag, share in shares.items()})
    twice = lag_crp([*recalls, *recalls], 8)
    assert twice == pytest.approx(shares)  # counts are pooled


def test_who_leaps_by_chance_has_flat_lags() -> None:
    """Protects the denominator: without it, near leaps would look preferred."""
    rng = np.random.default_rng(0)
    recalls = [(rng.permutation(7) + 1)[:5].tolist() for _ in range(8000)]
    shares = lag_crp(recalls, 7)
    assert sorted(shares) == [lag for lag in range(-6, 7) if lag]
    assert max(shares.values()) - min(shares.values()) < 0.05


@settings(max_examples=80, deadline=None)
@given(S=stabilities, target=st.floats(0.3, 0.99), decay=decays)
def test_recall_after_the_interval_is_the_target_and_after_S_days_90_percent(
    S: float, target: float, decay: float
) -> None:
    assert retrievability(S, S, decay) == pytest.approx(0.9)
    assert next_interval(S, 0.9, decay) == pytest.approx(S)
    assert retrievability(0, S, decay) == 1
    days = next_interval(S, target, decay)
    assert retrievability(days, S, decay) == pytest.approx(target)
    assert retrievability(days * 1.1, S, decay) < target


def test_the_schedule_foresees_by_the_same_curve() -> None:
    """Protects the lesson's claim: the course's cards are planned by what a learner writes."""
    fsrs = pytest.importorskip("fsrs")
    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    decay = scheduler.parameters[20]
    assert decay == 0.1542  # the exercise's default
    for days, S in ((3, 2.3), (11, 11.0), (200, 46.3)):
        card = fsrs.Card(card_id=1, stability=S, difficulty=5.0)
        from datetime import UTC, datetime, timedelta

        card.last_review = datetime(2026, 1, 1, tzinfo=UTC)
        then = card.last_review + timedelta(days=days)
        known = scheduler.get_card_retrievability(card, then)
        assert known == pytest.approx(retrievability(days, S))


def test_what_the_text_says_of_other_people_is_in_their_data() -> None:
    """Protects numbers told of published recall; the data come from an extra."""
    from attnkit.experiments.others import recalls_of_others
    from attnkit.optional import NotInstalledError

    try:
        peers, morton = recalls_of_others("PEERS"), recalls_of_others("Morton 2013")
    except NotInstalledError as missing:
        pytest.skip(str(missing))
    text = " ".join(FOLDER.source.read_text("utf-8").replace("\n# ", " ").split())
    p_T, near, mixed = serial_position(*peers), lag_crp(*peers), lag_crp(*morton)
    assert f"{p_T[-1]:.2f} for the last of all" in text
    assert f"{p_T[0]:.2f} against {p_T.min():.2f}" in text
    assert f"+1 {near[1]:.2f}, −1 {near[-1]:.2f}" in text
    assert f"{mixed[1]:.2f} and {mixed[-1]:.2f}" in text
    assert len(peers[0]) == 126 * 28
    assert "recalled 28 lists each" in text
