"""A kept figure as a stream of SVG pictures, fast enough to follow a slider.

Matplotlib takes about 80 ms to write a whole figure as SVG, nearly all of it for axes, ticks and
labels that never change. Here those are written once, and each picture adds only the artists that
move: about 10 ms, with the same drawing code as the static figure, sharp at any size. Its colours
follow the page's theme.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterable

from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import RendererSVG

from attnkit import style
from attnkit.style import CourseFigure

POINTS = 72  # SVG units in an inch
_HEAD = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_NAME = re.compile(r'(?<=<g) id="[^"]*"')
_FONT = f"'{style.RC['font.family']}'"  # where it is not installed, Verdana is as wide
_SPACE = re.compile(r">\s+<")
_REFERENCE = re.compile(r'(?<= id=")[\w-]+|(?<=url\(#)[\w-]+|(?<=href="#)[\w-]+')


class LiveSvg:
    """The pictures of one figure: ``moving`` artists on a fixed ground.

    The artists ``over`` them stay as well, and only moving artists of a higher z-order lie above
    those. From now on the figure is kept at 72 dots per inch, and its moving artists are left out
    when it is drawn on a screen; saving it draws all of it, as ever.

    A page finds what a picture clips its lines by under a name, the first of it on the page, and
    clips nothing by one in a hidden picture. So no other picture on a page may have these names:
    ``name`` is put to all of them. Without one it is made of what the picture shows.
    """

    def __init__(
        self,
        figure: CourseFigure,
        moving: Iterable[Artist],
        over: Iterable[Artist] = (),
        name: str = "",
    ) -> None:
        self.figure = figure
        figure.set_dpi(POINTS)
        over = list(over)
        moving = sorted(moving, key=Artist.get_zorder)
        border = max((artist.get_zorder() for artist in over), default=float("inf"))
        self._low = [artist for artist in moving if artist.get_zorder() <= border]
        self._high = [artist for artist in moving if artist.get_zorder() > border]
        for artist in [*moving, *over]:
            artist.set_animated(True)
        with style.look():
            ground = self._write([figure])
            self._name = name or hashlib.sha256(ground.encode()).hexdigest()[:8]
            self._ground, self._over = self._named(ground), self._named(self._write(over))

    def svg(self) -> str:
        """The figure as it is now, as an ``<svg>`` element that carries its text alternative."""
        width, height = self.figure.get_size_inches()
        with style.look():
            low, high = self._write(self._low), self._write(self._high)
        low, high = self._named(low), self._named(high)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {width * POINTS:g} {height * POINTS:g}" role="img" '
            f'aria-label="{html.escape(self.figure.alt)}" style="display:block;width:100%;'
            f'max-width:{width * style.CSS_DPI:.0f}px;height:auto;stroke-linejoin:round">'
            f"{self._ground}{low}{self._over}{high}</svg>"
        )

    def _named(self, svg: str) -> str:
        """With names of this picture's own for what its parts refer to."""
        return _REFERENCE.sub(lambda found: f"{found[0]}-{self._name}", svg)

    def _write(self, artists: Iterable[Artist]) -> str:
        """Some artists as SVG elements, without the head that would make a document of them.

        Matplotlib's own style element goes too: inside a page it would apply to all of the page.
        So do the groups' names, which would be there twice when a page has two figures.
        """
        width, height = self.figure.get_size_inches() * POINTS
        text = io.StringIO()
        renderer = RendererSVG(width, height, text, image_dpi=style.PNG_DPI)
        for artist in artists:
            artist.draw(renderer)
        renderer.finalize()
        inside = text.getvalue().partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
        inside = _SPACE.sub("><", _NAME.sub("", _HEAD.sub("", inside))).strip()
        return style.follow_theme(inside).replace(_FONT, f"{_FONT}, Verdana, sans-serif")
