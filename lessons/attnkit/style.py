"""One look for every figure of the course: few colours, one set of sizes, a white page.

The colours are Okabe and Ito's, which stay apart for colour-blind eyes and in grey. Colour is never
the only sign: what a hue says, a shape, a dash or a number says too.

A picture that is printed or kept stands on white paper. A live one follows the page: its SVG names
each colour as a CSS variable (`css`), and `sheet` gives these their values on a dark page. Where no
such sheet is, the variable's fallback is the colour on white paper.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from IPython.display import display
from matplotlib.figure import Figure

INK = "#1f2933"  # text and axes
QUIET = "#6b7785"  # what may be overlooked: ticks, secondary text
FAINT = "#d5dbe1"  # grids and guide lines
PAPER = "#ffffff"

BLUE = "#0072b2"  # attention: weights, and words sized by weight
ORANGE = "#d55e00"  # the result: z, the fact
GREEN = "#007a5a"  # what is searched for: the query u
SKY = "#56b4e9"  # raw scores
YELLOW = "#e69f00"  # a guess: what a learner predicted

ON_LIGHT, ON_DARK = "#0b1520", "#f4f6f8"  # text on colours that are the same on every page
GREY = "#aab3bc"  # what was true a moment ago

# The same on a dark page: light enough to be read on its paper, in the same order of loudness.
DARK: Mapping[str, str] = {
    INK: "#e8edf2",
    QUIET: "#a3b0bd",
    FAINT: "#3a444f",
    PAPER: "#171c22",
    BLUE: "#4fa8e0",
    ORANGE: "#f5894a",
    GREEN: "#35b98f",
    SKY: "#7a9fb8",
    YELLOW: "#edb440",
    GREY: "#56616c",
}
_VARIABLES = {colour: f"--attnkit-{place}" for place, colour in enumerate(DARK)}
_ON_DARK_PAGES = (
    '[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    "html[theme=dark]",
    "html[data-theme=dark]",  # the web book
)
_HEX = re.compile("|".join(DARK), re.IGNORECASE)

SMALL, MEDIUM, LARGE = 8.5, 10.0, 11.5  # font sizes in points
PNG_DPI = 144  # sharp on a dense screen, still light to send
CSS_DPI = 96  # CSS pixels in an inch

RC: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",  # ships with Matplotlib, so labels are as wide everywhere
    "font.size": MEDIUM,
    "text.color": INK,
    "text.parse_math": False,  # a learner's "$" is a dollar
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "axes.labelsize": SMALL,
    "axes.titlesize": LARGE,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": MEDIUM,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "svg.fonttype": "none",  # words stay words: a quarter of the size, sharp, quick to write
    "svg.hashsalt": "attnkit",  # the same figure gives the same SVG; see also figures/live.py
}


def css(colour: str) -> str:
    """A colour of the palette as a CSS variable with itself as fallback; others as they are."""
    variable = _VARIABLES.get(colour)
    return colour if variable is None else f"var({variable},{colour})"


def follow_theme(svg: str) -> str:
    """An SVG whose styles name every colour of the palette as a CSS variable."""
    return _HEX.sub(lambda found: css(found[0].lower()), svg)


def sheet() -> str:
    """The style sheet that gives the palette its values on dark pages."""
    values = ";".join(f"{_VARIABLES[colour]}:{dark}" for colour, dark in DARK.items())
    where = ",".join(f"{page} .attnkit-card" for page in _ON_DARK_PAGES)
    return f"{where}{{{values}}}"


def look() -> Any:
    """The Matplotlib context in which every figure of the course is made and drawn."""
    settings: Any = dict(RC)
    return mpl.rc_context(settings)


def drawing() -> bool:
    """Whether the course's pictures are drawn: not where nobody looks, as while a class is graded.

    There, `ATTNKIT_PICTURES=off` has them say in words what they would show. What learners draw
    themselves, with pyplot, is not concerned.
    """
    return os.environ.get("ATTNKIT_PICTURES") != "off"


def themed() -> bool:
    """Whether kept pictures follow the page's theme, as on the pages of the web book.

    `ATTNKIT_PICTURES=themed` asks for it. Such a page brings `sheet` along.
    """
    return os.environ.get("ATTNKIT_PICTURES") == "themed"


def say_instead(words: str) -> None:
    """Show a picture's words in its place; IPython goes on to the picture where it is drawn."""
    if drawing():
        raise NotImplementedError  # IPython's way of asking for the next representation
    display({"text/plain": words or "A picture, not drawn here."}, raw=True)


class CourseFigure(Figure):
    """A Matplotlib figure that shows itself in a notebook, without pyplot, and can be read aloud.

    ``alt`` is its text alternative, one or two sentences.
    """

    alt: str = ""

    def png(self) -> bytes:
        """The figure as a PNG image."""
        image = io.BytesIO()
        with look():
            self.savefig(image, format="png", dpi=PNG_DPI)
        return image.getvalue()

    def svg(self) -> str:
        """The figure as an ``<svg>`` element in the colours of the page's theme."""
        from attnkit.figures.live import LiveSvg

        return f'<div class="attnkit-card">{LiveSvg(self, ()).svg()}</div>'

    def img(self, png: bytes | None = None) -> str:
        """The figure as an HTML ``<img>`` that carries its text alternative."""
        data = base64.b64encode(self.png() if png is None else png).decode()
        width = round(self.get_figwidth() * CSS_DPI)
        return (
            f'<img alt="{html.escape(self.alt)}" width="{width}" style="max-width:100%" '
            f'src="data:image/png;base64,{data}">'
        )

    def _ipython_display_(self) -> None:
        say_instead(self.alt)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        png = self.png()
        return {
            "text/html": self.svg() if themed() else self.img(png),
            "image/png": base64.b64encode(png).decode(),
            "text/plain": self.alt,
        }
