"""Learners made up, whose forgetting is known: what a review looks like without a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from attnkit.reviewing.cards import Card, all_cards
from attnkit.reviewing.history import FORGOTTEN, KNOWN, Review
from attnkit.reviewing.schedule import Deck, Expected

BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)
DECAY = 0.1542
KNOWN_AT_FIRST = 0.6  # the share of cards that are known when they first come


def simulate(
    rng: np.random.Generator,
    days: int = 150,
    speed: float = 1.0,
    present: float = 0.7,
    cards: Mapping[str, Card] | None = None,
) -> list[Expected]:
    """The reviews of a learner who comes on some days and is asked whatever is due then.

    speed: how fast this learner forgets; at 2, a day does what two days do to the people to whom
        the schedule was fitted. present: the share of days on which the learner comes.

    Each answer is drawn: the card is recalled with the probability that the forgetting curve gives.
    What was asked a moment ago is known.
    """
    deck = Deck(zone=UTC)
    cards = all_cards() if cards is None else cards
    lessons = {card.lesson for card in cards.values()}
    for day in np.flatnonzero(rng.random(days) < present):
        today = BEGIN + timedelta(days=int(day))
        for card in deck.queue(today, lessons, cards):
            now: datetime | None = today
            while now is not None and now.date() <= today.date():
                recalled = rng.random() < _chance(deck, card.id, now, speed)
                deck.add(Review(card.id, KNOWN if recalled else FORGOTTEN, now))
                now = deck.due(card.id)
    return deck.log


def _chance(deck: Deck, card: str, now: datetime, speed: float) -> float:
    """The probability that this learner knows a card now: the power curve of lesson 14."""
    last = deck.asked(card)
    if last is None:
        return KNOWN_AT_FIRST
    days = (now.date() - last.date()).days
    factor = 0.9 ** (-1 / DECAY) - 1
    return float((1 + factor * speed * days / deck.stability(card)) ** -DECAY)
