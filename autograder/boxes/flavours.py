"""What a warm process has imported already when a box is forked from it."""

from __future__ import annotations

import re

_KERAS = re.compile(r"^\s*(import|from)\s+(keras|tensorflow)\b", re.M)


def flavour_of(code: str) -> str:
    """What a notebook with this code is served best with: "numpy", or "keras", TensorFlow too."""
    return "keras" if _KERAS.search(code) else "numpy"


def flavour_of_answer(code: str) -> str:
    """The same for an answer in a file, to a lesson with this code: "answer" is there sooner."""
    flavour = flavour_of(code)
    return "answer" if flavour == "numpy" else flavour


def draws(flavour: str) -> bool:
    """Whether Matplotlib is among what is imported."""
    return flavour in ("numpy", "keras")
