"""What a warm process has imported already when a box is forked from it.

"numpy" and "keras" hold what a lesson's notebook may import, pictures and tables too, which takes
two seconds: many submissions share them. What most answers need is there sooner, in the plain ones.
"""

from __future__ import annotations

import re

PLAIN = {"numpy": "answer", "keras": "keras answer"}
_KERAS = re.compile(r"^\s*(import|from)\s+(keras|tensorflow)\b", re.MULTILINE)
_MORE = re.compile(
    r"^\s*(import|from)\s[^#\n]*\b(matplotlib|pandas|scipy|seaborn|ipywidgets|attnkit|IPython)\b"
    r"|^\s*%\s*(matplotlib|pylab)\b|\b(import_module|__import__)\b",
    re.MULTILINE,
)


def flavour_of(code: str) -> str:
    """What a notebook with this code is served best with: "numpy", or "keras", TensorFlow too."""
    return "keras" if _KERAS.search(code) else "numpy"


def plain(flavour: str) -> str:
    """The same without what only pictures, tables and panels need."""
    return PLAIN.get(flavour, flavour)


def fitting(flavour: str, code: str) -> str:
    """What serves this code of a submission best, in a lesson of that flavour."""
    return flavour if _MORE.search(code) else plain(flavour)


def starts_slowly(flavour: str) -> bool:
    """Whether what is imported takes so long that the walls can be tried meanwhile."""
    return "keras" in flavour


def draws(flavour: str) -> bool:
    """Whether Matplotlib is among what is imported."""
    return flavour in PLAIN
