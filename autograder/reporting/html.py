"""Pages that stand alone: one file, no script, nothing fetched, every text escaped.

A page's Content-Security-Policy says so to the browser, too: even if a text slipped through
unescaped, nothing in it could run, and nothing could be loaded.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import jinja2
from attnkit import style
from markupsafe import Markup, escape

TEMPLATES = Path(__file__).with_name("templates")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_CODE = re.compile(r"`([^`]+)`")
_STRESSED = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*]+?)(?<=[^\s*])\1(?![\w*])")
_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
_BROKEN_LINE = re.compile(r"(?<!\n)\n(?!\n| *[-*>|] | *\d+\. ) *")


def render(template: str, **context: Any) -> str:
    """A page from a template of this folder."""
    return str(_environment().get_template(template).render(policy=POLICY, **context))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["say"] = say
    environment.filters["prose"] = prose
    environment.filters["points"] = points
    environment.filters["when"] = when
    environment.globals["palette"] = palette()
    return environment


def say(text: str) -> Markup:
    """A sentence as HTML: escaped; `code` in backticks becomes <code>, *stressed* words <em>."""
    parts = _CODE.split(str(escape(text)))  # every second one is code
    shown = (
        f"<code>{part}</code>" if place % 2 else _STRESSED.sub(r"<em>\2</em>", part)
        for place, part in enumerate(parts)
    )
    return Markup("".join(shown))


def prose(markdown: str) -> Markup:
    """A few paragraphs of a lesson as HTML, without headings and the ends of its lines."""
    text = _HEADING.sub("", markdown).strip()
    return say(_BROKEN_LINE.sub(" ", text))


def points(number: float) -> str:
    """A number of points as a person writes it: 3, 2.5."""
    return f"{round(float(number), 2) + 0.0:g}"


def when(time: dt.datetime) -> str:
    """A time, kept in UTC, as a person writes it: 5 October 2026, 09:30 UTC."""
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def palette() -> Markup:
    """The course's colours as CSS variables, for light pages and for dark ones.

    "bad" is orange where it is the colour of words: dark enough to be read on white.
    """
    names = {
        "ink": style.INK, "quiet": style.QUIET, "faint": style.FAINT, "paper": style.PAPER,
        "blue": style.BLUE, "orange": style.ORANGE, "green": style.GREEN, "sky": style.SKY,
        "yellow": style.YELLOW, "grey": style.GREY,
    }  # fmt: skip
    light = ";".join(f"--{name}:{colour}" for name, colour in names.items()) + ";--bad:#b84d00"
    dark = ";".join(f"--{name}:{style.DARK[colour]}" for name, colour in names.items())
    dark += f";--bad:{style.DARK[style.ORANGE]}"
    # what the figures' own variables are called: see style.follow_theme
    dark += ";" + ";".join(
        f"{style.css(colour)[4:].partition(',')[0]}:{style.DARK[colour]}"
        for colour in names.values()
    )
    return Markup(
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    )
