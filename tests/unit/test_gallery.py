"""Every panel's picture: whole, readable, spoken, quick, and the same live as in print."""

import re
import time
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
from attnkit import style
from attnkit.panels import PicturePanel
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from tests.unit.gallery import GALLERY

EVERY = pytest.mark.parametrize("name", GALLERY)


@cache
def states(name: str) -> list[PicturePanel]:
    """The panel in each of its settings, one after the other."""
    make, settings = GALLERY[name]
    panels = []
    for setting in settings:
        panel = make()
        panel.set(**setting)
        panels.append(panel)
    return panels


@cache
def printed(name: str) -> list[tuple[PicturePanel, style.CourseFigure]]:
    """The same panels, each with its figure for print."""
    return [(panel, panel.static()) for panel in states(name)]


def svg_of(panel: PicturePanel) -> ElementTree.Element:
    [drawn] = re.findall(r"<svg.*</svg>", panel._picture.value)
    return ElementTree.fromstring(drawn)


def texts_of(figure: style.CourseFigure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


@EVERY
def test_no_text_is_cut_off_and_hardly_any_overlaps(name: str) -> None:
    for panel, figure in printed(name):
        renderer = FigureCanvasAgg(figure).get_renderer()
        with style.look():
            figure.draw(renderer)
            texts = [text for text in texts_of(figure) if not text.get_rotation()]
            boxes = [Text.get_window_extent(text, renderer) for text in texts]
            slanted = [t for t in texts_of(figure) if t.get_rotation()]
            all_boxes = boxes + [Text.get_window_extent(t, renderer) for t in slanted]
        wide, high = figure.bbox.size
        for text, box in zip(texts + slanted, all_boxes, strict=True):
            inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= wide and box.y1 <= high
            assert inside, (panel.params, text.get_text(), box)
        overlapping = [(texts[i].get_text(), texts[j].get_text()) for i, j in overlaps(boxes)]
        assert overlapping == [], panel.params


def overlaps(boxes: list[Bbox]) -> list[tuple[int, int]]:
    """Which two of the boxes have a quarter of the smaller one, or more, in common."""
    low, high = (np.array([getattr(box, end) for box in boxes]) for end in ("min", "max"))
    if len(boxes) < 2:
        return []
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    shared_area = shared.clip(min=0).prod(axis=-1)
    area = (high - low).prod(axis=-1)
    found = np.argwhere(np.tril(shared_area >= 0.25 * np.minimum.outer(area, area), -1))
    return [(int(i), int(j)) for i, j in found]


def test_two_boxes_overlap_by_what_they_have_in_common() -> None:
    wide, inside, beside = (
        Bbox.from_bounds(*place) for place in ((0, 0, 10, 2), (8, 0, 2, 1), (9.6, 0, 2, 2))
    )
    assert overlaps([wide, inside, beside]) == [(1, 0)]
    assert overlaps([wide]) == []


@EVERY
def test_the_live_picture_and_the_printed_one_say_the_same(name: str) -> None:
    for panel, figure in printed(name):
        svg = svg_of(panel)
        live = ["".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")]
        in_print = [text.get_text() for text in texts_of(figure)]
        assert sorted(filter(str.strip, live)) == sorted(in_print)


@EVERY
def test_the_picture_is_spoken_and_has_a_table(name: str) -> None:
    spoken = set()
    for panel in states(name):
        svg = svg_of(panel)
        assert svg.get("role") == "img"
        sentence = svg.attrib["aria-label"]
        assert sentence.endswith(".")
        assert "nan" not in sentence.replace("nan (", "").lower().split()
        spoken.add(sentence)
        panel._as_table.value = True
        table = ElementTree.fromstring(panel._numbers.value)
        rows = list(table.iter("tr"))
        assert len(rows) >= 2
        assert len({len(list(row)) for row in rows}) == 1
    assert len(spoken) == len(GALLERY[name][1])  # each setting is told apart


@EVERY
def test_colours_follow_the_theme(name: str) -> None:
    """On a dark page ink must be light: no colour of the palette may be written out."""
    for panel in states(name):
        bare = re.sub(r"var\(--attnkit-\d+,#[0-9a-f]{6}\)", "", panel._picture.value)
        for colour in style.DARK:
            if colour != style.INK:  # on pastels and heat maps, which are the same on every page
                assert colour not in bare, colour


@EVERY
def test_a_change_costs_little(name: str) -> None:
    """Guards against a slow path coming back, such as a Matplotlib figure for each change."""
    (panel, *_) = states(name)
    seconds = []
    for _ in range(8):
        start = time.process_time()
        panel._show()
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.05


@EVERY
def test_nothing_wrong_is_drawn(name: str) -> None:
    """A coordinate that is not a number would make a browser drop the mark, or worse the rest."""
    for panel in states(name):
        marks = re.findall(r'(?:[xyr]|cx|cy|width|height|d)="([^"]*)"', panel._picture.value)
        assert not any(re.search("nan|inf", mark) for mark in marks)
        sizes = re.findall(r'(?:width|height|r)="(-[^"]*)"', panel._picture.value)
        assert sizes == []


# --- the palette ---


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_and_marks_can_be_seen(dark: bool) -> None:
    def shown(colour: str) -> str:
        return style.DARK[colour] if dark else colour

    paper = shown(style.PAPER)
    assert contrast(shown(style.INK), paper) > 10
    assert contrast(shown(style.QUIET), paper) > 4.5
    for mark in (style.BLUE, style.ORANGE, style.GREEN):
        assert contrast(shown(mark), paper) > 3.5
    assert contrast(shown(style.SKY), paper) > 2.2


def test_the_sheet_names_every_colour_and_each_page_that_is_dark() -> None:
    sheet = style.sheet()
    for colour, dark in style.DARK.items():
        assert f"{style.css(colour)[4:-9]}:{dark}" in sheet
    assert '[data-jp-theme-light="false"] .attnkit-card' in sheet
