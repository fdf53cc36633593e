"""The page at the site's address: each lesson on a card, to be worked on or downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from attnkit import style
from markupsafe import Markup

from autograder.course import Course
from autograder.lab import START_PAGE
from autograder.site.contents import SiteLesson
from autograder.site.kit_wheel import WHEEL
from autograder.site.texts import filled

NOTEBOOKS = "notebooks"  # the folder of the notebooks that are downloaded
LAB = "lab/lab/index.html?path="
SITE = ".nojekyll"  # marks a site; GitHub's pages would leave out what begins with "_"


def places(lessons: Sequence[SiteLesson]) -> dict[str, str]:
    """Where lessons that run in a browser open, by their folders' names; "" is the start page."""
    runs = {lesson.folder.name: LAB + lesson.path for lesson in lessons if lesson.runs_here}
    return {"": LAB + START_PAGE, **runs}


def write(
    course: Course,
    lessons: Sequence[SiteLesson],
    out: Path,
    *,
    lite: bool,
    base_url: str = "",
    source: str = "",
) -> None:
    """Write the page and the notebooks that it offers. lite: is the browser edition beside it?"""
    folder = out / NOTEBOOKS
    folder.mkdir(parents=True)
    for lesson in lessons:
        notebook = lesson.folder.released_notebook
        shutil.copyfile(notebook, folder / notebook.name)
    text = filled(
        "start.html",
        lessons=lessons,
        lite=lite,
        lab=LAB,
        notebooks=NOTEBOOKS,
        start=LAB + START_PAGE,
        gallery=LAB + "99_gallery.ipynb",
        base_url=base_url,
        source=source,
        wheel=WHEEL,
        light=_colours(dark=False),
        dark=_colours(dark=True),
    )
    (out / "index.html").write_text(text, encoding="utf-8")
    (out / SITE).write_text("")


def _colours(*, dark: bool) -> Markup:
    """The course's colours as CSS variables."""
    names = {"ink": style.INK, "quiet": style.QUIET, "faint": style.FAINT, "paper": style.PAPER,
             "blue": style.BLUE, "green": style.GREEN}  # fmt: skip
    values = {name: style.DARK[colour] if dark else colour for name, colour in names.items()}
    return Markup("".join(f"--{name}:{value};" for name, value in values.items()))
