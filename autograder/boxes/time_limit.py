"""The time for a cell or an exercise's checks: processor seconds, and an end by the clock."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from autograder.boxes.meter import Usage

FIRST_LOOK, _MOST_WAIT = 0.02, 0.1  # seconds between looks at what a box uses, about
_MOST_EXTENDED = 10.0  # times the time by the clock; then it ends, however busy the machine is


@dataclass
class TimeLimit:
    """So much processor time from `start` on, and `patience` times as much by the clock.

    The clock stands still while the box stands in line for a processor: what others take is not
    its own. The grader's own processor seconds count too: they go to what the box sends.
    """

    seconds: float
    patience: float
    start: float
    before: Usage  # what it had used by then
    used: float = 0.0
    received_bytes: int = 0
    _own_before: float = field(default_factory=time.thread_time)
    _wait: float = FIRST_LOOK

    def __post_init__(self) -> None:
        self.next_look = self.start + FIRST_LOOK
        self.end = self.start + self.seconds * self.patience
        self._latest = self.start + _MOST_EXTENDED * (self.end - self.start)
        self._looked, self._waited = self.start, self.before.waited_seconds

    def looked(self, usage: Usage, now: float) -> float:
        """Note what the box has used since it began to be; how long the clock has stood still."""
        own = time.thread_time() - self._own_before
        self.used = usage.cpu_seconds - self.before.cpu_seconds + own
        waited = min(usage.waited_seconds - self._waited, now - self._looked)
        before, self.end = self.end, min(self.end + waited, self._latest)
        self._looked, self._waited = now, usage.waited_seconds
        self._wait = min(2 * self._wait, _MOST_WAIT)
        self.next_look = now + self._wait * random.uniform(0.7, 1.3)  # nobody shall know when
        return self.end - before

    def too_long(self) -> str:
        """Why it ends when its processor time is used up."""
        return f"it did not finish within {self.seconds:g} s of computing"

    def too_slow(self) -> str:
        """Why it ends when the clock says so."""
        waited = self.seconds * self.patience
        return (
            f"it did not finish within {waited:g} s, though it computed for less than "
            f"{self.seconds:g} s"
        )
