"""The browser edition's notebooks: as released, and a page in the place of one that can't run."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.course import Course, LessonFolder
from autograder.lab import START_PAGE
from autograder.notebook_text import to_text
from autograder.site.fitness import in_words, lacking
from autograder.site.texts import filled

OTHER_WAYS = "OTHER_WAYS.md"


@dataclass(frozen=True)
class SiteLesson:
    """A lesson as the site shows it."""

    folder: LessonFolder
    title: str
    summary: str
    minutes: int
    lacks: tuple[str, ...]  # what it needs that no browser has

    @property
    def path(self) -> str:
        """Its notebook's place in the folder of the lessons."""
        return f"{self.folder.name}/{self.folder.name}.ipynb"

    @property
    def runs_here(self) -> bool:
        return not self.lacks

    @property
    def time(self) -> str:
        """How long it takes, as a person says it: "about 2½ hours"."""
        halves = max(1, round(self.minutes / 30))
        whole, half = divmod(halves, 2)
        return f"about {whole or ''}{'½' if half else ''} hour{'s' if halves > 2 else ''}"

    @property
    def needs(self) -> str:
        return in_words(self.lacks)


def lessons_of(course: Course) -> list[SiteLesson]:
    """The lessons that have been built, with what the course says of them."""
    told = json.loads((course.released / "course.json").read_text(encoding="utf-8"))["lessons"]
    by_path = {entry.get("path"): entry for entry in told}
    found = []
    for folder in course.lesson_folders():
        entry = by_path.get(f"{folder.name}/{folder.name}.ipynb")
        if entry is None or not folder.released_notebook.is_file():
            continue
        found.append(
            SiteLesson(
                folder,
                str(entry["title"]),
                str(entry.get("summary", "")),
                int(entry.get("minutes") or 0),
                tuple(lacking(folder.released_notebook)),
            )
        )
    return found


def put(course: Course, lessons: list[SiteLesson], folder: Path, source: str = "") -> None:
    """Write all notebooks of the browser edition into a folder. source: where the course is had."""
    folder.mkdir(parents=True)
    for page in sorted(course.lessons.glob("[0-9][0-9]_*.ipynb")):
        if page.name == START_PAGE:
            (folder / page.name).write_text(_start_page(page, lessons), encoding="utf-8")
        else:
            shutil.copyfile(page, folder / page.name)
    shutil.copyfile(course.lessons / OTHER_WAYS, folder / OTHER_WAYS)
    (folder / "progress").mkdir()
    (folder / "progress" / "about.md").write_text(filled("progress.md"), encoding="utf-8")
    for lesson in lessons:
        target = folder / lesson.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if lesson.runs_here:
            shutil.copyfile(lesson.folder.released_notebook, target)
        else:
            target.write_text(_elsewhere(lesson, source), encoding="utf-8")


def _start_page(page: Path, lessons: list[SiteLesson]) -> str:
    """The start page, with a few words below its heading on where one is."""
    notebook = json.loads(page.read_text(encoding="utf-8"))
    elsewhere = [lesson.folder.label for lesson in lessons if not lesson.runs_here]
    numbers = in_words(elsewhere).replace(", and", " and")
    about = filled("about.md", elsewhere=elsewhere, numbers=numbers)
    heading, _, text = "".join(notebook["cells"][0]["source"]).partition("\n\n")
    notebook["cells"][0]["source"] = f"{heading}\n\n{about}\n{text}"
    return to_text(nbformat.from_dict(notebook))


def _elsewhere(lesson: SiteLesson, source: str) -> str:
    """A notebook of one page in the place of a lesson that can't run here."""
    text = filled("elsewhere.md", lesson=lesson, start=START_PAGE, source=source)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    cell = nbformat.v4.new_markdown_cell(text.strip(), id="elsewhere")
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    return to_text(notebook)
