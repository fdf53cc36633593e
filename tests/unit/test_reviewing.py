"""The course's question cards: kept whatever happens, due in time, honestly foreseen."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit import style
from attnkit.optional import NotInstalledError
from attnkit.progress import record
from attnkit.reviewing import asking
from attnkit.reviewing.calibration import ENOUGH, calibration, counted
from attnkit.reviewing.cards import all_cards
from attnkit.reviewing.history import Review, keep, kept_reviews, reviews_file
from attnkit.reviewing.learners import simulate
from attnkit.reviewing.schedule import NEW_A_DAY, Deck, Expected
from attnkit.reviewing.sitting import NONE_YET, Sitting
from hypothesis import given
from hypothesis import strategies as st

from autograder import cli
from autograder.course import find_course

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DECAY = 0.1542
CARD = "L4.scale"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("fsrs")
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(tmp_path / "own" / "progress.jsonl"))
    return tmp_path / "own" / "reviews.jsonl"


def curve(days: Any, stability: Any) -> Any:
    """The published forgetting curve, written once more."""
    return (1 + (0.9 ** (-1 / DECAY) - 1) * np.asarray(days) / stability) ** -DECAY


def test_each_lesson_has_its_cards() -> None:
    cards = all_cards()
    by_lesson = {n: [c for c in cards.values() if c.lesson == n] for n in range(1, 16)}
    assert all(5 <= len(some) <= 7 for some in by_lesson.values())
    assert {folder.number for folder in find_course().lesson_folders()} <= by_lesson.keys()
    assert len({card.question for card in cards.values()}) == len(cards)
    for card in cards.values():
        assert card.question.endswith("?"), card.id
        assert len(card.answer.split()) <= 32, card.id  # to be compared with what one has in mind
        assert "'" not in card.question + card.answer, card.id  # as the lessons' texts set them


# --- what is kept -------------------------------------------------------------------------------


def test_what_was_known_is_kept_and_a_torn_line_costs_itself_only(file: Path) -> None:
    first, last = Review(CARD, 3, NOON), Review(CARD, 1, NOON + timedelta(days=2))
    assert keep(first)
    assert keep(Review("L1.order", 4, NOON))
    file.write_bytes(file.read_bytes()[:-9])  # the power went
    assert keep(last)
    assert kept_reviews() == [first, last]


@given(st.binary(max_size=200))
def test_any_bytes_in_the_file_are_survived(junk: bytes) -> None:
    named = reviews_file()
    assert named is not None
    named.parent.mkdir(exist_ok=True)
    named.write_bytes(junk)
    assert keep(Review(CARD, 2, NOON))
    assert Review(CARD, 2, NOON) in kept_reviews()


def test_lines_that_are_no_review_are_skipped(file: Path) -> None:
    file.parent.mkdir()
    good = '"card": "L4.scale", "at": "2026-03-02T12:00:00+00:00"'
    lines = ["null", "[]", "{}", f'{{{good}, "rating": 5}}', f'{{{good}, "rating": true}}']
    lines += ['{"card": "x", "rating": 1, "at": "0001-01-01T00:00:00+05:00"}', "[" * 9999]
    file.write_text("\n".join([*lines, f'{{{good}, "rating": 3}}']))
    assert kept_reviews() == [Review(CARD, 3, NOON)]


def test_where_nothing_can_be_kept_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTNKIT_PROGRESS", "off")
    sitting = Sitting([4])
    sitting.rate(sitting.left()[0], 3)
    assert not sitting.kept
    assert kept_reviews() == []


# --- when a card is due ---------------------------------------------------------------------------


def test_the_published_intervals() -> None:
    """Good each time when due: 10 minutes, 2, 11, 46 days; forgotten, it begins nearly anew."""
    deck, now, waits = Deck(zone=UTC), NOON, []
    for _ in range(4):
        deck.add(Review(CARD, 3, now))
        due = deck.due(CARD)
        assert due is not None
        waits.append(due - now)
        now = due
    assert [waits[0], *(wait.days for wait in waits[1:])] == [timedelta(minutes=10), 2, 11, 46]
    before = deck.stability(CARD)
    deck.add(Review(CARD, 1, now))
    assert (round(before, 1), round(deck.stability(CARD), 1)) == (46.3, 2.9)


def test_yesterday_evening_and_this_noon_are_a_day_apart() -> None:
    """Protects who comes earlier than the day before: for fsrs no day would have passed."""
    deck, evening = Deck(zone=UTC), NOON.replace(hour=21)
    deck.add(Review(CARD, 4, evening))  # known at once
    stability = deck.stability(CARD)
    noon = evening + timedelta(days=8) - timedelta(hours=9)
    assert [card.id for card in deck.queue(noon, ())] == [CARD]  # due this evening
    deck.add(Review(CARD, 3, noon))
    last = deck.log[-1]
    assert last.days == 8
    assert last.recall == pytest.approx(curve(8, stability))
    assert deck.stability(CARD) > 2 * stability
    due = deck.due(CARD)
    assert due is not None
    assert 0 <= (due - noon).total_seconds() / 86_400 - round(deck.stability(CARD)) < 1


def test_days_are_the_learners_own() -> None:
    west = timezone(timedelta(hours=-8))
    late = datetime(2026, 3, 2, 23, tzinfo=west)
    for zone, days in ((west, 1), (UTC, 0)):
        deck = Deck(zone=zone)
        deck.add(Review(CARD, 3, late.astimezone(UTC)))
        deck.add(Review(CARD, 3, (late + timedelta(hours=2)).astimezone(UTC)))
        assert deck.log[-1].days == days


def test_what_is_due_comes_first_then_some_new_cards_of_begun_lessons() -> None:
    deck = Deck([Review("L9.slope", 3, NOON), Review("L2.log", 1, NOON)], UTC)
    later = NOON + timedelta(minutes=5)
    asked = [card.id for card in deck.queue(later, [1, 2])]
    assert asked[0] == "L2.log"  # due by now, after a minute
    assert asked[-1] == "L9.slope"  # due in five more, whatever lesson it is of
    new = asked[1:-1]
    assert len(new) == NEW_A_DAY - 2
    assert {name.partition(".")[0] for name in new} == {"L1", "L2"}
    assert deck.queue(NOON, ())[-1].id == "L9.slope"


def test_cards_wait_until_their_lesson_is_begun() -> None:
    assert Sitting().sentence() == NONE_YET
    record("L3.2", 0, 5, False)
    assert {card.lesson for card in Sitting().left()} == {3}
    assert Sitting().sentence() == "5 cards to recall today, all of them new."


# --- learners made up, and the published curve ----------------------------------------------------


@pytest.fixture(scope="module")
def as_foreseen() -> list[Expected]:
    pytest.importorskip("fsrs")
    return [e for seed in range(8) for e in simulate(np.random.default_rng([14, seed]))]


def test_simulated_learners_reproduce_the_published_forgetting_curve(
    as_foreseen: list[Expected],
) -> None:
    """By the time since the last review, in stabilities, recall falls as the formula says."""
    told = counted(as_foreseen)
    foreseen = np.array([each.recall for each in told])
    assert np.allclose(foreseen, curve([e.days for e in told], [e.stability for e in told]))
    recalled = np.array([each.review.recalled for each in told])
    ratio = np.array([each.days / each.stability for each in told])
    for low, high in ((0, 0.9), (0.9, 1.1), (1.1, 2), (2, 4), (4, 40)):
        here = (ratio >= low) & (ratio < high)
        p, n = curve(ratio[here], 1.0).mean(), here.sum()
        assert n > 100
        assert abs(recalled[here].mean() - p) < 4 * np.sqrt(p * (1 - p) / n), (low, high)
    early, late = (recalled[part].mean() for part in (ratio < 1.1, ratio > 4))
    assert early - late > 0.1  # the curve falls at all


def test_the_same_seed_gives_the_same_learner() -> None:
    one, two = (simulate(np.random.default_rng(3), days=30) for _ in range(2))
    assert one == two
    assert one != simulate(np.random.default_rng(4), days=30)


def test_calibration_tells_a_fast_forgetter_from_one_who_is_foreseen(
    as_foreseen: list[Expected],
) -> None:
    fast = simulate(np.random.default_rng(5), speed=5)
    assert all(abs(g.middle - g.predicted) < 2 * g.half for g in calibration(as_foreseen))
    assert all(g.predicted - g.recalled > 0.05 for g in calibration(fast))
    few = counted(fast)[: ENOUGH - 1]
    assert calibration(few) == []
    assert sum(group.reviews for group in calibration([*few, *few])) == 2 * len(few)


# --- asked in a terminal, and in a notebook -------------------------------------------------------


def answering(monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """A person at the terminal who types these lines; what they were asked."""
    asked: list[str] = []
    waiting = iter(lines)

    def typed(question: str) -> str:
        asked.append(question)
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    return asked


def test_review_in_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answering(monkeypatch, "", "what?", "3", "", "1", "q")
    monkeypatch.setattr("sys.argv", ["attn", "review", "--lesson", "4"])
    with pytest.raises(SystemExit):
        cli.app()
    out = " ".join(capsys.readouterr().out.split())
    first, second, *_ = (card for card in all_cards().values() if card.lesson == 4)
    assert out.startswith(f"5 cards to recall today, all of them new. Lesson 4. {first.question}")
    assert first.answer in out
    assert "It comes again in 10 minutes." in out
    assert out.endswith("5 cards to recall today, 3 of them new.")
    assert len(asked) == 6  # what was no answer was asked again
    assert [(r.card, r.rating) for r in kept_reviews()] == [(first.id, 3), (second.id, 1)]


def test_review_says_in_a_sentence_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "fsrs", None)  # as if it weren't there
    with pytest.raises(NotInstalledError, match="extra `people`"):
        Deck()
    monkeypatch.setattr("sys.argv", ["attn", "review"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "package fsrs" in capsys.readouterr().err


def test_due_today_asks_and_goes_on_to_the_next_card() -> None:
    sitting = Sitting([1])
    box = asking.asking_box(sitting)
    said, card, buttons = box.children
    first, second, *_ = sitting.left()
    assert first.question in card.value
    assert first.answer not in card.value
    buttons.children[0].click()
    assert first.answer in card.value
    assert [b.description for b in buttons.children] == [
        "forgotten", "with effort", "known", "at once",
    ]  # fmt: skip
    buttons.children[3].click()
    assert "It comes again in 8 days. 4 cards" in said.value
    assert second.question in card.value
    assert [review.rating for review in kept_reviews()] == [4]
    for _ in range(4):
        buttons.children[0].click()
        buttons.children[3].click()
    assert "Nothing more today." in said.value
    assert buttons.children == ()


def test_without_a_kernel_or_a_picture_due_today_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asking.due_today()
    assert capsys.readouterr().out.strip() == NONE_YET
    still, live = asking.bundles(Sitting([2]))
    assert "5 cards to recall today" in still["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in live
    monkeypatch.setitem(os.environ, "ATTNKIT_PICTURES", "off")
    assert not style.drawing()
    (plain,) = asking.bundles(Sitting([2]))
    assert plain["text/plain"] == "5 cards to recall today, all of them new."
