"""The charts of a class report: inline SVG with a text alternative, in the course's look.

They follow the page's light or dark scheme, and are drawn as wide as a phone's screen needs.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence

import numpy as np
from attnkit import style
from attnkit.style import CourseFigure
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator, PercentFormatter

from autograder.reporting.summary import ExerciseCount

WIDE = 4.7  # inches: 450 CSS pixels, which a phone shrinks by a quarter
KINDS = (  # what becomes of an answer: colour, hatch, name
    (style.BLUE, "", "all checks pass"),
    (style.YELLOW, "//", "a known mistake"),
    (style.ORANGE, "xx", "something else"),
    (style.FAINT, "", "left empty"),
)


def totals_chart(shares: Sequence[float], name: str) -> Markup:
    """How many students have which share of the points, in tenths."""
    counts, edges = np.histogram(np.clip(shares, 0.0, 1.0), bins=np.linspace(0, 1, 11))
    with style.look():
        figure = CourseFigure(figsize=(WIDE, 2.5), layout="constrained")
        axes = figure.add_subplot()
        axes.bar(edges[:-1] + 0.05, counts, width=0.088, color=style.BLUE, edgecolor=style.PAPER)
        for x, count in zip(edges[:-1] + 0.05, counts, strict=True):
            if count:
                axes.annotate(
                    str(count), (x, count), (0, 2), textcoords="offset points", ha="center",
                    fontsize=style.SMALL, color=style.QUIET,
                )  # fmt: skip
        middle = float(np.median(shares))
        axes.axvline(middle, color=style.ORANGE, linewidth=1.6, linestyle=(0, (4, 2)))
        axes.annotate(
            f"median {100 * middle:.0f} %", (middle, 1.0), (4 if middle < 0.7 else -4, -2),
            xycoords=("data", "axes fraction"), textcoords="offset points", va="top",
            ha="left" if middle < 0.7 else "right", fontsize=style.SMALL, color=style.ORANGE,
        )  # fmt: skip
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(1, counts.max()) * 1.28)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.set_xticks(np.linspace(0, 1, 6))
        axes.set_xlabel("share of all points")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    said = ", ".join(
        f"{count} between {low:.0%} and {high:.0%}"
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        if count
    )
    alt = f"Distribution of totals: of {len(shares)} students, {said}; the median is {middle:.0%}."
    return _svg(figure, alt, f"{name}-totals")


def outcomes_chart(exercises: Sequence[ExerciseCount], name: str) -> Markup:
    """For each exercise, what became of the answers."""
    parts = [(e.passed, e.named, e.other, e.empty) for e in exercises]
    most = max(1, *(sum(own) for own in parts))
    with style.look():
        height = 0.85 + 0.36 * len(exercises)
        figure = CourseFigure(figsize=(WIDE, height), layout="constrained")
        axes = figure.add_subplot()
        places = np.arange(len(exercises))
        left = np.zeros(len(exercises))
        for kind, (colour, hatch, label) in enumerate(KINDS):
            widths = np.array([own[kind] for own in parts], dtype=float)
            axes.barh(
                places, widths, left=left, height=0.66, color=colour, hatch=hatch, label=label,
                edgecolor=style.PAPER, linewidth=0.8,
            )  # fmt: skip
            ink = style.PAPER if kind == 0 else style.INK
            for y, (start, width) in enumerate(zip(left, widths, strict=True)):
                if width >= most * 0.06:
                    paper = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.2}
                    axes.text(
                        start + width / 2, y, f"{width:.0f}", ha="center", va="center",
                        fontsize=style.SMALL, color=ink, bbox=paper if hatch else None,
                    )  # fmt: skip
            left += widths
        axes.set_yticks(places, [e.id for e in exercises])
        axes.invert_yaxis()
        axes.set_xlim(0, most)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel("students")
        figure.legend(
            loc="outside upper left", ncols=4, handlelength=1.1, handletextpad=0.4,
            columnspacing=0.9, borderpad=0, fontsize=style.SMALL - 0.5,
        )  # fmt: skip
    alt = "What became of the answers. " + " ".join(
        f"{e.id}: {e.passed} pass all checks, {e.named} show a known mistake, {e.other} fail "
        f"otherwise, {e.empty} are empty."
        for e in exercises
    )
    return _svg(figure, alt, f"{name}-outcomes")


def times_chart(hours: Sequence[float], name: str) -> Markup:
    """When work was handed in, before the deadline and after it, in days or in hours."""
    before = np.asarray(hours, dtype=float)
    unit = "days" if before.max() - before.min() > 48 else "hours"
    if unit == "days":
        before = before / 24
    low, high = min(-1.0, -before.max()), max(1.0, -before.min())
    step = max(0.25, (high - low) / 24)
    edges = np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
    counts, _ = np.histogram(-before, bins=edges)
    late = int((before < 0).sum())
    with style.look():
        figure = CourseFigure(figsize=(WIDE, 1.9), layout="constrained")
        axes = figure.add_subplot()
        for start, count in zip(edges[:-1], counts, strict=True):
            after = start >= -1e-9
            axes.bar(
                start + step / 2, count, width=step * 0.88, edgecolor=style.PAPER,
                color=style.ORANGE if after else style.BLUE, hatch="//" if after else "",
            )  # fmt: skip
        axes.axvline(0, color=style.INK, linewidth=1.2)
        axes.annotate(
            "deadline", (0, 1), (-4, -1), xycoords=("data", "axes fraction"),
            textcoords="offset points", va="top", ha="right", fontsize=style.SMALL,
        )  # fmt: skip
        axes.set_ylim(0, max(1, counts.max()) * 1.35)
        axes.set_xlabel(f"{unit} after the deadline")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    alt = f"When work was handed in: {len(before) - late} in time, {late} after the deadline."
    return _svg(figure, alt, f"{name}-times")


def _svg(figure: CourseFigure, alt: str, prefix: str) -> Markup:
    """The figure as inline SVG, its ids its own, its colours the page's."""
    out = io.StringIO()
    with style.look():
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.DOTALL)
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", text)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text).replace("xlink:href", "href")
    label = html.escape(alt, quote=True)
    text = text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    return Markup(style.follow_theme(text))
