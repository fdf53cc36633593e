"""What a warm process has imported already when a box is forked from it."""

from __future__ import annotations

import re

_KERAS = re.compile(r"^\s*(import|from)\s+(keras|tensorflow)\b", re.M)


def flavour_of(code: str) -> str:
    """What this code is served best with: "numpy", or "keras", which has TensorFlow too."""
    return "keras" if _KERAS.search(code) else "numpy"
