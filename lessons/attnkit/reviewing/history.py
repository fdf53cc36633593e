"""What a learner knew, and when: one file on their machine, a line for each answer.

Nothing is sent anywhere. The file lies beside the learner's progress; with `ATTNKIT_PROGRESS=off`
nothing is kept. When a card is due is worked out from these lines each time, so a line that a power
cut has torn, or two terminals at once, cost nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from attnkit.files import append_line
from attnkit.progress import progress_file

FORGOTTEN, HARD, KNOWN, EASY = 1, 2, 3, 4  # how well it was known: what `fsrs` calls Again to Easy


@dataclass(frozen=True)
class Review:
    """One card, asked once."""

    card: str
    rating: int
    at: datetime  # UTC

    @property
    def recalled(self) -> bool:
        return self.rating > FORGOTTEN


def reviews_file() -> Path | None:
    """Where reviews are kept; None if nothing is."""
    recorded = progress_file()
    return None if recorded is None else recorded.parent / "reviews.jsonl"


def keep(review: Review) -> bool:
    """Remember a review. Whether it is kept; never raises."""
    file = reviews_file()
    if file is None:
        return False
    line = {
        "card": review.card,
        "rating": review.rating,
        "at": review.at.isoformat(timespec="seconds"),
    }
    try:
        append_line(file, json.dumps(line))
    except OSError:
        return False
    return True


def kept_reviews() -> list[Review]:
    """All reviews that can be read, in the order of their times."""
    file = reviews_file()
    if file is None:
        return []
    try:
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return []
    found = (_read(line) for line in text.splitlines())
    return sorted((review for review in found if review), key=lambda review: review.at)


def _read(line: str) -> Review | None:
    """One line of the file; None for a torn or foreign one."""
    try:
        told = json.loads(line)
        at = datetime.fromisoformat(told["at"]).astimezone(UTC)
        rating = told["rating"]
        fits = type(rating) is int and FORGOTTEN <= rating <= EASY and at.year >= 2000
        return Review(str(told["card"]), rating, at) if fits else None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
