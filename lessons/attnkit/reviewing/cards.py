"""The course's question cards: a file for each lesson, `cards/L1.toml` and so on."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).with_name("cards")


@dataclass(frozen=True)
class Card:
    """A question and its answer."""

    id: str  # "L4.scale": what a learner knows is kept under it
    lesson: int
    question: str
    answer: str


@functools.cache
def all_cards() -> Mapping[str, Card]:
    """Every card of the course by its id, in the order of the lessons."""
    files = sorted(FOLDER.glob("L*.toml"), key=lambda file: int(file.stem[1:]))
    found = {}
    for file in files:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        for name, card in told.items():
            id_ = f"{file.stem}.{name}"
            found[id_] = Card(id_, int(file.stem[1:]), card["asks"], card["answer"])
    return MappingProxyType(found)
