"""How large a language model is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How large a model is: V ids, L blocks of width D, H heads in G groups, F hidden units."""

    V: int
    D: int = 128
    L: int = 3
    H: int = 4
    G: int = 2
    F: int = 512
    dropout: float = 0.0

    @property
    def K(self) -> int:
        """The width of a head."""
        return self.D // self.H
