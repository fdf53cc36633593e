"""What an experiment shows: trials made of screens, plain data for `lab.js`."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

WIDE, HIGH = 480, 360  # of a picture, in its own units
ORANGE, BLUE = "#d55e00", "#0072b2"  # Okabe and Ito's, on white in either theme


@dataclass(frozen=True)
class Screen:
    """One picture: how long it stands, and what may be answered to it.

    ms: how long; None until a key is pressed. keys: what each key says. asks: whether the answer is
    what the trial is for. text: words may be typed, each ended with Enter. stays: a key doesn't end
    the screen before its time.
    """

    picture: str = ""  # SVG, or a sentence in HTML
    ms: int | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    asks: bool = False
    text: bool = False
    stays: bool = False

    def plain(self) -> dict[str, Any]:
        return {**vars(self), "keys": dict(self.keys)}


@dataclass(frozen=True)
class Trial:
    """Screens in a row, and what is known of them: columns of the row that comes of it."""

    screens: tuple[Screen, ...]
    known: Mapping[str, Any]

    def plain(self) -> list[dict[str, Any]]:
        return [screen.plain() for screen in self.screens]


@dataclass(frozen=True)
class Answer:
    """What came of a screen that asks, as the browser tells it."""

    said: str  # what the key says; "" for none in time
    seconds: float | None  # from the picture to the key
    words: tuple[tuple[str, float], ...] = ()  # typed, with their seconds


def svg(parts: Iterable[str], label: str = "") -> str:
    """A picture on white. label: what a screen reader says; "" where that would be the answer."""
    said = f'role="img" aria-label="{html.escape(label, quote=True)}"' if label else 'role="img"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" {said} '
        f'style="background:#fff;width:100%;max-width:{WIDE}px;display:block;margin:auto">'
        f"{''.join(parts)}</svg>"
    )


def word(text: str, size: int = 44) -> str:
    """A word in the middle of a picture."""
    middle = 'text-anchor="middle" dominant-baseline="central" font-family="sans-serif"'
    return (
        f'<text x="{WIDE / 2}" y="{HIGH / 2}" font-size="{size}" fill="#1f2933" {middle}>'
        f"{html.escape(text)}</text>"
    )


CROSS = svg([word("+", 30)], "a cross in the middle")
EMPTY = svg([], "an empty field")
