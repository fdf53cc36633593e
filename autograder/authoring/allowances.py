"""What an exercise lets stand although it looks like a fault, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AllowedMutant:
    """A change of the solution that is no mistake: the line that it makes, or the one it drops.

    Or any change of a line, where no change of it is one.
    """

    after: str
    dropped: str
    line_of_solution: str
    reason: str
    line: int


@dataclass(frozen=True)
class Waiver:
    """A finding of the linter that is meant to be so."""

    rule: str
    about: str
    reason: str
    line: int
