"""The whole book: lessons are run, sources written, and Sphinx and Pagefind do the rest."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.site import programs
from autograder.site.book.font import put_font
from autograder.site.book.solved import released, run_page, run_solved, solutions_of
from autograder.site.book.sources import GALLERY, Chapter, Told, put_sources
from autograder.site.contents import SiteLesson

_OPTIONS = ("-q", "-W", "--keep-going", "-j", "2")
_UNNEEDED = ("objects.inv", ".buildinfo", "genindex.html")


def make_book(
    course: Course,
    lessons: list[SiteLesson],
    out: Path,
    *,
    python: Path,
    scratch: Path,
    here: Mapping[str, str],
    say: Callable[[str], None],
    solutions: bool = False,
    run: Container[str] | None = None,
    base_url: str = "",
    source: str = "",
) -> None:
    """Write the book into a folder that isn't there yet. AttnError: what went wrong.

    python: the site's own environment. scratch: what is made on the way; logs of programs that fail
    lie beside it. here: by lesson folders' names, where each opens in the
    browser edition; "" is the start page there. say: told what is being done, a step each.
    solutions: show them, in folds.
    run: the folders' names of lessons to be run; the others are shown as they are handed out.
    base_url: the address that the site will have. source: that of the course's repository.
    """
    chapters = []
    for lesson in lessons:
        is_run = run is None or lesson.folder.name in run
        if is_run:
            say(f"lesson {lesson.folder.label} is run")
        chapters.append(
            Chapter(
                lesson,
                run_solved(lesson.folder) if is_run else released(lesson.folder),
                here.get(lesson.folder.name, ""),
                solutions_of(lesson.folder) if solutions else None,
            )
        )
    gallery_file = course.lessons / f"{GALLERY}.ipynb"
    if run is None or GALLERY in run:
        say("the gallery is run")
        gallery = run_page(gallery_file, course.released)
    else:
        gallery = nbformat.read(gallery_file, as_version=4)
    say("Sphinx writes the pages")
    read = scratch / "book"
    put_sources(course, chapters, gallery, read, Told(here.get("", ""), base_url, source))
    logs = scratch.parent
    put_font(read / "_static" / "math.woff2", python, logs / "font.log")
    programs.run(
        "Sphinx",
        [python, "-m", "sphinx", *_OPTIONS, "-d", scratch / "trees", "-b", "html", read, out],
        logs / "sphinx.log",
    )
    for name in _UNNEEDED:
        (out / name).unlink(missing_ok=True)
    for pattern in ("*.map", "*.html"):  # of the theme's scripts, and what its makers build it with
        for file in (out / "_static").rglob(pattern):
            file.unlink()
    say("its words are indexed")
    programs.run(
        "Pagefind",
        [python, "-m", "pagefind", "--site", out, "--root-selector", "article.bd-article"],
        logs / "pagefind.log",
    )
