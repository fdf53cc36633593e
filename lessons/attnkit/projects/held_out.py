"""A test half that counts how often it is read.

Whoever looks at the test half, changes something and looks again has begun to learn from it, and
its number flatters. Nothing can forbid a second look on a machine of one's own. What helps is that
each look is counted, and that the count stands beside the number in the report.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from attnkit import budget
from attnkit.cache import cache_folder
from attnkit.checking.report import say
from attnkit.files import writing

T = TypeVar("T")

_FILE = "test_halves_read.json"
_counts: dict[str, int] = {}


@dataclass(frozen=True)
class HeldOut(Generic[T]):
    """The test half of a project's data. `read` gives it, and counts."""

    project: str
    _content: T

    def read(self) -> T:
        """The test half. Says how often it has been read on this computer, this time included."""
        count = times_read(self.project) + 1
        _counts[self.project] = count
        if not budget.is_limited():
            _keep()
        often = "for the first time" if count == 1 else f"{count} times by now"
        say(f"The test half of {self.project} has been read {often}: say so in your report.")
        return self._content

    def __repr__(self) -> str:
        return f"<the test half of {self.project}: read() gives it, and counts>"


def times_read(project: str) -> int:
    """How often a project's test half has been read on this computer, as far as it is known."""
    return max(_counts.get(project, 0), _kept().get(project, 0))


def _kept() -> dict[str, int]:
    folder = cache_folder()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if folder is not None and not budget.is_limited():
            told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return {str(name): int(count) for name, count in told.items()}
    return {}


def _keep() -> None:
    folder = cache_folder()
    if folder is None:
        return
    counts = _kept()
    counts |= {name: max(count, counts.get(name, 0)) for name, count in _counts.items()}
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with writing(folder / _FILE) as out:
            out.write(json.dumps(counts).encode())
