"""A learner's own figures, made safe to show: pictures only, re-encoded or shut in, few and small.

What a notebook's outputs hold was written by the learner's code. A PNG is decoded and encoded anew,
so that what reaches a reader was written by us. An SVG is shown as an `<img>`, in which browsers
run no script and load nothing. HTML is never shown.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from PIL import Image

from autograder.text import plain_text

MOST_FIGURES = 16
MOST_BYTES = 300_000  # of one picture as it is shown
MOST_BYTES_READ = 4_000_000
MOST_PIXELS = 8_000_000
WIDEST = 1400  # pixels
MOST_LETTERS = 400  # of a text alternative
# what could draw on other files or grow without end when it is read
_REFUSED_IN_SVG = re.compile(r"<!ENTITY|<!DOCTYPE|<\?xml-stylesheet", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """One picture for a page: where it was drawn, its data as a URI, its text alternative."""

    place: str
    source: str
    alt: str
    width: int  # CSS pixels; 0 leaves it to the picture


def own_figures(notebook: NotebookNode, places: Mapping[str, str]) -> tuple[list[Picture], int]:
    """The figures in a graded notebook's outputs, and how many more there are that aren't shown.

    `places` names the part of the lesson in which each of its cells stands, by cell id.
    """
    shown: list[Picture] = []
    seen: set[str] = set()
    left_out = 0
    place = ""
    for cell in notebook.cells:
        place = places.get(cell.get("id", ""), place)
        for data in _bundles(cell):
            key = hashlib.sha256(repr(sorted(data.items())).encode("utf-8", "replace")).hexdigest()
            if key in seen:
                continue
            seen.add(key)
            if len(shown) == MOST_FIGURES:
                left_out += 1
                continue
            picture = _picture(data, place)
            if picture is None:
                left_out += 1
            else:
                shown.append(picture)
    return shown, left_out


def _bundles(cell: NotebookNode) -> Iterator[dict[str, str]]:
    """The outputs of a cell that hold a picture: its data by kind, and the text beside it."""
    for output in cell.get("outputs", ()):
        data = output.get("data") if isinstance(output, Mapping) else None
        if not isinstance(data, Mapping):
            continue
        kinds = ("image/png", "image/svg+xml", "text/plain")
        texts = {kind: _text(data[kind]) for kind in kinds if kind in data}
        if texts.get("image/png") or texts.get("image/svg+xml"):
            yield texts


def _text(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _picture(data: Mapping[str, str], place: str) -> Picture | None:
    said = " ".join(plain_text(data.get("text/plain", ""), MOST_LETTERS, keep="").split())
    is_object = said.startswith("<") or not said  # "<Figure size 640x480 with 1 Axes>"
    alt = f"A figure that your notebook drew{f' in “{place}”' if place else ''}."
    png = _png(data.get("image/png", ""))
    if png is not None:
        encoded, width = png
        return Picture(place, encoded, alt if is_object else said, width)
    svg = _svg(data.get("image/svg+xml", ""))
    return None if svg is None else Picture(place, svg, alt if is_object else said, 0)


def _png(text: str) -> tuple[str, int] | None:
    """A PNG decoded and encoded anew, and how wide it is to be shown; None if it won't do."""
    if not text or len(text) > MOST_BYTES_READ * 4 // 3:
        return None
    try:
        raw = base64.b64decode(text)
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as image:
            if image.width * image.height > MOST_PIXELS or not image.width * image.height:
                return None
            dpi = image.info.get("dpi", (96, 96))[0]
            flat = image.convert("RGBA")
        paper = Image.new("RGBA", flat.size, "white")  # what is clear is paper on dark pages, too
        flat = Image.alpha_composite(paper, flat).convert("RGB")
    except (OSError, ValueError, SyntaxError, TypeError, ArithmeticError, binascii.Error):
        return None  # no PNG, or a damaged one: Pillow reports it in these ways
    except (Image.DecompressionBombError, MemoryError):
        return None
    width = round(flat.width * 96 / dpi) if 50 <= dpi <= 600 else flat.width
    if flat.width > WIDEST:
        flat = flat.resize((WIDEST, max(1, round(flat.height * WIDEST / flat.width))))
    encoded = _encoded(flat)
    while len(encoded) > MOST_BYTES and min(flat.size) > 50:
        flat = flat.resize((flat.width * 2 // 3, flat.height * 2 // 3))
        encoded = _encoded(flat)
    return "data:image/png;base64," + base64.b64encode(encoded).decode(), min(width, WIDEST)


def _encoded(image: Image.Image) -> bytes:
    """Few colours are enough for a plot, the rarest among them, and make it a third of the size."""
    out = io.BytesIO()
    few = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _svg(text: str) -> str | None:
    is_svg = re.search(r"<svg[\s>]", text[:5000]) is not None
    if not is_svg or len(text) > MOST_BYTES or _REFUSED_IN_SVG.search(text):
        return None
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return f"data:image/svg+xml;base64,{encoded}"
