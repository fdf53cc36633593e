"""What Sphinx reads: lessons that have been run, pages, the first page, and what these lead to."""

from __future__ import annotations

import html
import json
import posixpath
import re
import shutil
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from attnkit import style
from nbformat import NotebookNode

from autograder.course import GLOSSARY, Course
from autograder.lab import START_PAGE
from autograder.site.book.pages import OTHER_WAYS, PAGES, put_pages
from autograder.site.contents import SiteLesson
from autograder.site.texts import filled
from autograder.site.wheels import KIT_VERSION

GALLERY = "99_gallery"
NOTEBOOKS = "_static/notebooks"
_HERE = Path(__file__).parent
_FOR_SPHINX = ("conf.py", "formulas.py")
_TERM_LINK = re.compile(r"\((?:\.\./)*" + GLOSSARY + r"\.ipynb#cell-id=")
_START_LINK = re.compile(r"\((?:\.\./)*" + re.escape(START_PAGE) + r"\)")
_NOTEBOOK_LINK = re.compile(r"\[([^\[\]]*)\]\((?!\w+:)([^)\s#]+\.ipynb)[^)]*\)")
_HTML_LINK = re.compile(r'(href="(?!\w+:)[^"?]+)\.ipynb')  # in the course's map, below a lesson
_INVITATION = re.compile(r"<em>Run this cell to ([^<.]*)\.</em>")


@dataclass(frozen=True)
class Chapter:
    """A lesson of the book: how it looks run, and where a learner can work on it."""

    lesson: SiteLesson
    notebook: NotebookNode
    here: str = ""  # where it opens in the browser edition, from the book's root; or nowhere
    solutions: Mapping[str, str] | None = None  # by cells, if they may be shown

    @property
    def document(self) -> str:
        """Its name for Sphinx: "01_attention_scores/01_attention_scores"."""
        return self.lesson.path.removesuffix(".ipynb")


@dataclass(frozen=True)
class Told:
    """What the book says of the site around it."""

    start: str = ""  # where the browser edition's start page is, from the book's root; or nowhere
    base_url: str = ""  # the address that the site will have
    source: str = ""  # that of the course's repository


def put_sources(
    course: Course,
    chapters: Sequence[Chapter],
    gallery: NotebookNode,
    folder: Path,
    told: Told,
) -> None:
    """Write the folder that Sphinx reads."""
    course_title = json.loads((course.released / "course.json").read_text("utf-8"))["title"]
    static = folder / "_static"
    static.mkdir(parents=True)
    for name in _FOR_SPHINX:
        shutil.copyfile(_HERE / name, folder / name)
    look = (_HERE / "kit.css").read_text(encoding="utf-8")
    (static / "kit.css").write_text(f"{look}\n{style.sheet()}\n", encoding="utf-8")
    for name in ("favicon.svg", "print.js"):
        shutil.copyfile(_HERE / name, static / name)
    shutil.copytree(_HERE / "templates", folder / "_templates")
    facts = {
        "title": course_title,
        "author": "The Attention Kit developers",
        "version": KIT_VERSION,
        "terms": "The Attention Kit developers; text CC BY 4.0, code MIT",
        "base_url": told.base_url,
    }
    (folder / "book.json").write_text(json.dumps(facts), encoding="utf-8")
    there = {GLOSSARY, GALLERY, *(chapter.document for chapter in chapters)}
    for chapter in chapters:
        _put_notebook(folder, f"{chapter.document}.ipynb", _as_chapter(chapter), there)
        notebook = chapter.lesson.folder.released_notebook
        (folder / NOTEBOOKS).mkdir(exist_ok=True)
        shutil.copyfile(notebook, folder / NOTEBOOKS / notebook.name)
    glossary = nbformat.read(course.glossary, as_version=4)
    for cell in glossary.cells:
        cell.source = cell.source.replace("### ", f"(term-{cell.id})=\n### ", 1)
    _put_notebook(folder, f"{GLOSSARY}.ipynb", glossary, there)
    _put_notebook(folder, f"{GALLERY}.ipynb", gallery, there)
    put_pages(course.root, folder, told.source, told.base_url)
    first = filled(
        "first_page.md",
        title=course_title,
        start=told.start,
        chapters=chapters,
        glossary=GLOSSARY,
        gallery=GALLERY,
        pages=PAGES,
        other_ways=OTHER_WAYS,
    )
    (folder / "index.md").write_text(first, encoding="utf-8")


def _put_notebook(folder: Path, name: str, notebook: NotebookNode, there: Container[str]) -> None:
    """Write it, with links as Sphinx follows them; of one that isn't there the words stay."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * name.count("/")

    def kept(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[2]))
        return link[0] if target.removesuffix(".ipynb") in there else link[1]

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = _START_LINK.sub(f"({up}index.md)", _TERM_LINK.sub("(#term-", cell.source))
            cell.source = _NOTEBOOK_LINK.sub(kept, text)
    nbformat.write(notebook, file)


def _as_chapter(chapter: Chapter) -> NotebookNode:
    """A lesson's notebook with what its page offers, and solutions in a fold if there are any."""
    notebook = nbformat.from_dict(chapter.notebook)
    cells = []
    for place, cell in enumerate(notebook.cells):
        if place == 0:
            cell.source = _offered(cell.source, chapter)
        if cell.cell_type == "code":
            for output in cell.outputs:
                _bring_to_life(output, chapter)
        cells.append(cell)
        solution = (chapter.solutions or {}).get(cell.id)
        if solution is not None:
            folded = nbformat.v4.new_code_cell(solution, id=f"{cell.id}-solution")
            folded.metadata["tags"] = ["hide-input"]
            cells.append(folded)
    notebook.cells = cells
    return notebook


def _offered(text: str, chapter: Chapter) -> str:
    """The lesson's first cell with links below its title."""
    title, _, rest = text.partition("\n")
    offers = []
    if chapter.here:
        offers.append(f'<a href="../{html.escape(chapter.here)}">Work on this lesson here</a>')
    notebook = f"../{NOTEBOOKS}/{chapter.lesson.folder.released_notebook.name}"
    offers.append(f'<a href="{notebook}" download>Download the notebook</a>')
    offers.append(f'<a href="../{OTHER_WAYS}.html">Other ways in</a>')
    return f'{title}\n\n<div class="offers">{"".join(offers)}</div>\n{rest}'


def _bring_to_life(output: NotebookNode, chapter: Chapter) -> None:
    """Where a panel says "Run this cell to …", say where that can be done; link to pages."""
    data = output.get("data", {})
    where = f'<a href="../{html.escape(chapter.here)}">Open this lesson here</a>'
    line = f"<em>{where} to \\1.</em>" if chapter.here else r"<em>In its notebook, \1.</em>"
    if "text/html" in data:
        text = _INVITATION.sub(line, data["text/html"])
        data["text/html"] = _HTML_LINK.sub(r"\1.html", text)
