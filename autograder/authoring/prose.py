"""Text as an author writes it, wrapped and indented, and as a learner reads it: in one piece."""

from __future__ import annotations

import re

_WHITE = " \t\r\n"  # a narrow space that an author puts in on purpose stays


def flowing(text: str) -> str:
    """The text with each line break, and the indentation behind it, as one space."""
    return re.sub(f"[{_WHITE}]+", " ", text).strip(_WHITE)


def paragraphs(text: str) -> tuple[str, ...]:
    """What stands between blank lines, each in one piece."""
    found = (flowing(part) for part in re.split(r"\n[ \t\r]*\n", text))
    return tuple(part for part in found if part)
