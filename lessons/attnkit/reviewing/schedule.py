"""When a card is due: `fsrs` decides, from all that its learner knew so far.

A card comes back when the chance that it is still known has fallen to 90 %. `fsrs` (MIT) computes
the days until then by a model with the weights that it comes with, which were fitted to many
people's reviews; lesson 14 writes its forgetting curve.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from attnkit.optional import INSTALL_PEOPLE, NotInstalledError, how_to_get
from attnkit.reviewing.cards import Card, all_cards
from attnkit.reviewing.history import Review

NEW_A_DAY = 8  # cards never asked before: each comes again soon, and often at first
AHEAD = timedelta(minutes=20)  # what is due so soon is asked within the same sitting


@dataclass(frozen=True)
class Expected:
    """A review beside what the schedule expected of it."""

    review: Review
    days: int  # since the card was asked before; 0 also the first time
    stability: float  # days until recall falls to 90 %, before this review; 0 the first time
    recall: float  # the chance of recall that was foreseen; 1 the first time


class Deck:
    """Cards as they stand after some reviews."""

    def __init__(self, reviews: Iterable[Review] = (), zone: tzinfo | None = None) -> None:
        """zone: whose days are counted; None for this machine's."""
        self._zone = zone
        self._fsrs = _fsrs()
        self._scheduler = self._fsrs.Scheduler(enable_fuzzing=False)
        self._cards: dict[str, Any] = {}  # by id, as fsrs has them
        self._last: dict[str, datetime] = {}  # when each was asked
        self._begun: dict[str, datetime] = {}
        self.log: list[Expected] = []
        for review in reviews:
            self.add(review)

    def add(self, review: Review) -> None:
        """Take in one more review.

        fsrs counts whole days by the hour, and would take yesterday evening and this noon for the
        same day. So it is told a time that lies as many days after the last as the calendar says.
        """
        card = self._cards.get(review.card) or self._fsrs.Card(card_id=len(self._cards))
        days, at, recall = 0, review.at, 1.0
        if card.last_review is not None:
            days = max(0, (self._day(at) - self._day(self._last[review.card])).days)
            at = max(at, card.last_review + timedelta(days=days))
            recall = float(self._scheduler.get_card_retrievability(card, at))
        self.log.append(Expected(review, days, float(card.stability or 0), recall))
        rating = self._fsrs.Rating(review.rating)
        self._cards[review.card], _ = self._scheduler.review_card(card, rating, at)
        self._last[review.card] = review.at
        self._begun.setdefault(review.card, review.at)

    def due(self, card: str) -> datetime | None:
        """When a card is due; None if it was never asked."""
        return self._cards[card].due if card in self._cards else None

    def stability(self, card: str) -> float:
        """The days after which recall has fallen to 90 %; 0 if it was never asked."""
        return float(self._cards[card].stability) if card in self._cards else 0.0

    def asked(self, card: str) -> datetime | None:
        """When a card was asked last."""
        return self._last.get(card)

    def queue(
        self, now: datetime, lessons: Iterable[int], cards: Mapping[str, Card] | None = None
    ) -> list[Card]:
        """What to ask today, in this order.

        First what is due by now, the longest due first; then new cards of these lessons, some a
        day; then what comes up again before the day ends.
        """
        cards, begun = all_cards() if cards is None else cards, set(lessons)
        night = max(now + AHEAD, self._day(now) + timedelta(days=1))
        due = sorted((self._cards[id_].due, id_) for id_ in cards if id_ in self._cards)
        waiting = [cards[id_] for when, id_ in due if when <= now]
        later = [cards[id_] for when, id_ in due if now < when < night]
        today = sum(self._day(first) == self._day(now) for first in self._begun.values())
        new = [
            each for each in cards.values() if each.lesson in begun and each.id not in self._cards
        ]
        return [*waiting, *new[: max(0, NEW_A_DAY - today)], *later]

    def _day(self, moment: datetime) -> datetime:
        """The beginning of a moment's day, as if all days had 24 hours."""
        here = moment.astimezone(self._zone)
        return datetime(here.year, here.month, here.day, tzinfo=here.tzinfo)


def utc_now() -> datetime:
    return datetime.now(UTC)


def _fsrs() -> Any:
    try:
        return importlib.import_module("fsrs")
    except ImportError:
        raise NotInstalledError(
            "The review of the course needs the package fsrs, which isn't installed here; it is "
            "part of the extra `people`: "
            f"{how_to_get(INSTALL_PEOPLE, '12 MB', 'then come back to this')}."
        ) from None
