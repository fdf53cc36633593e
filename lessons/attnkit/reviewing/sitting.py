"""One sitting over the cards: which is asked now, what becomes of the answer, what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from attnkit.progress import latest
from attnkit.reviewing.calibration import ENOUGH, counted
from attnkit.reviewing.cards import Card, all_cards
from attnkit.reviewing.history import Review, keep, kept_reviews
from attnkit.reviewing.schedule import Deck, utc_now

RATINGS = {1: "forgotten", 2: "with effort", 3: "known", 4: "at once"}
NOT_KEPT = "What you know can't be kept here, so all of this is forgotten when you stop."
NONE_YET = (
    "No cards yet: a lesson’s cards come up, a few each day, once you have checked one of its "
    "exercises."
)


def begun_lessons() -> set[int]:
    """The lessons of which the learner has checked an exercise."""
    numbers = (id_.removeprefix("L").partition(".")[0] for id_ in latest())
    return {int(number) for number in numbers if number.isdecimal()}


class Sitting:
    """Cards asked one after the other. Raises NotInstalledError without fsrs."""

    def __init__(
        self, lessons: Iterable[int] = (), clock: Callable[[], datetime] = utc_now
    ) -> None:  # fmt: skip
        """lessons: whose new cards are asked; those that are begun if none are named."""
        self.deck = Deck(kept_reviews())
        self._lessons = set(lessons) or begun_lessons()
        self._named = bool(set(lessons))
        self._clock = clock
        self.kept, self.done = True, 0

    def left(self) -> list[Card]:
        """The cards still to be asked today, the next one first."""
        cards = self.deck.queue(self._clock(), self._lessons)
        return [c for c in cards if c.lesson in self._lessons] if self._named else cards

    def rate(self, card: Card, rating: int) -> str:
        """Take down how well a card was known. When it comes again, in words."""
        review = Review(card.id, rating, self._clock())
        self.kept = keep(review) and self.kept
        self.deck.add(review)
        self.done += 1
        due = self.deck.due(card.id)
        assert due is not None
        return f"It comes again {_in_words(due - review.at)}."

    def sentence(self) -> str:
        """What there is to do today, or when there will be."""
        left = self.left()
        if left:
            new = sum(self.deck.due(card.id) is None for card in left)
            told = f", {'all' if new == len(left) else new} of them new" if new else ""
            return f"{_count(len(left), 'card')} to recall today{told}."
        dues = [due for id_ in all_cards() if (due := self.deck.due(id_))]
        if not dues:
            return NONE_YET
        return f"Nothing more today. The next card comes {_in_words(min(dues) - self._clock())}."

    def foresight(self) -> str:
        """How often cards were known and how often that was expected; "" while it is too early."""
        told = counted(self.deck.log)
        if len(told) < ENOUGH:
            return ""
        expected = sum(each.recall for each in told) / len(told)
        recalled = sum(each.review.recalled for each in told) / len(told)
        return (
            f"In {len(told)} reviews after a day or more you knew {recalled:.0%}; {expected:.0%} "
            "were expected."
        )


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'s' * (n != 1)}"


def _in_words(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    if minutes < 60:
        return f"in {_count(minutes, 'minute')}"
    if minutes < 24 * 60:
        return f"in {_count(round(minutes / 60), 'hour')}"
    return f"in {_count(round(minutes / 60 / 24), 'day')}"
