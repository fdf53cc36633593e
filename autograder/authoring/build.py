"""`attn build`: lessons/ from solutions/, the same bytes every time, with proofs."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from attnkit.checking.spec import ExerciseSpec
from nbformat import NotebookNode

from autograder.authoring import build_proofs
from autograder.authoring.blind import make_hidden
from autograder.authoring.lesson import (
    Lesson,
    LessonCell,
    check_against_exercises,
    read_lesson,
)
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.notebooks import (
    has_learner_work,
    released_notebook,
    source_notebook,
)
from autograder.authoring.same_numbers import same_numbers
from autograder.authoring.spec_cache import kept_specs
from autograder.authoring.terms import Term, glossary_cells, refuse_twice
from autograder.course import GLOSSARY, Course, LessonFolder
from autograder.errors import AuthorError
from autograder.files import write_durably
from autograder.notebook_text import to_text

# Without a class's own seed the hidden tests of a source notebook come from this one. It stands
# in a public file: a class that grades with stock nbgrader draws its own (`make_course`).
AUTHOR_SEED = 1


@dataclass
class BuiltLesson:
    """One lesson, built in memory."""

    folder: LessonFolder
    lesson: Lesson
    specs: dict[str, ExerciseSpec]  # of the visible checks
    hidden: dict[str, ExerciseSpec]  # of the hidden ones, from the seed it was built with
    source: NotebookNode
    release: NotebookNode


@dataclass
class BuildReport:
    """Which files a build wrote, or would write; what it found; where old work was kept."""

    changed: list[Path] = field(default_factory=list)
    unchanged: list[Path] = field(default_factory=list)
    backups: list[Path] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def build_lesson(
    folder: LessonFolder, hidden_seed: int = AUTHOR_SEED, *, anew: bool = False
) -> BuiltLesson:
    """Read, check and build one lesson in memory. AuthorError names file and line.

    Visible checks that took long may come from the user's cache (`kept`), unless `anew`.
    """
    lesson = read_lesson(folder.source)
    exercises = declared_exercises(folder)
    check_against_exercises(lesson, exercises)
    reference = lesson.reference()
    specs = kept_specs(folder, exercises, reference, anew=anew)
    hidden = {e.id: make_hidden(e, reference, hidden_seed, specs[e.id]) for e in exercises.values()}
    source = source_notebook(lesson, {i: s.points for i, s in specs.items()}, hidden)
    release = released_notebook(source, folder.name)
    return BuiltLesson(folder, lesson, specs, hidden, source, release)


def build_page(file: Path) -> NotebookNode:
    """A page is a notebook without exercises."""
    lesson = read_lesson(file)
    for cell in lesson.cells:
        if cell.role not in ("prose", "code"):
            raise AuthorError("a page has no exercises; make it a lesson.", file, cell.line)
    return released_notebook(source_notebook(lesson, {}, {}), file.stem)


def terms_of(
    course: Course, lessons: Sequence[Lesson] = (), *, all_readable: bool = True
) -> list[Term]:
    """The field's words that pages and lessons mark, in their order; AuthorError for one twice.

    lessons: those that have been read already. Without `all_readable` there are none while another
    can't be read: somebody is at work on it.
    """
    read = {lesson.file: lesson for lesson in lessons}
    files = [*course.pages(), *(folder.source for folder in course.lesson_folders())]
    try:
        terms = [term for file in files for term in (read.get(file) or read_lesson(file)).terms]
    except AuthorError:
        if all_readable:
            raise
        return []
    refuse_twice(terms)
    return terms


def build_glossary(terms: Sequence[Term]) -> NotebookNode:
    """The notebook that explains these words."""
    cells = (LessonCell("prose", text, 0, name) for name, text in glossary_cells(terms).items())
    lesson = Lesson(Path(f"{GLOSSARY}.py"), tuple(cells))
    return released_notebook(source_notebook(lesson, {}, {}), GLOSSARY)


def build(
    course: Course, wanted: Sequence[str] = (), *, check: bool = False, run: bool = True
) -> BuildReport:
    """Build every page and lesson, or the lessons wanted, into `lessons/`.

    With `check` nothing is written: the report's `changed` lists what differs from a build.
    With `run` the solved and the released notebooks are executed in fresh kernels.
    """
    report = BuildReport()
    folders = [course.lesson(name) for name in wanted] or course.lesson_folders()
    lessons = [build_lesson(folder, anew=True) for folder in folders]
    sources = [] if wanted else course.pages()
    pages = {course.lessons / f"{p.stem}.ipynb": build_page(p) for p in sources}
    terms = terms_of(course, [built.lesson for built in lessons], all_readable=not wanted)
    if terms:
        pages[course.glossary] = build_glossary(terms)
    for target, text in _outputs(course, lessons, pages):
        _put(target, text, report, check)
    for built in lessons:
        if not check:
            built.folder.source.with_suffix(".ipynb").write_text(
                to_text(built.source), encoding="utf-8"
            )
        report.findings += build_proofs.too_long(built.lesson)
        report.findings += build_proofs.predictions(built.lesson)
        report.findings += build_proofs.leaning(built.lesson)
        report.findings += build_proofs.told_of_exercises(built.lesson, built.specs)
        report.findings += build_proofs.stubs(built.lesson, built.release)
    for file in [*pages, *(b.folder.released_notebook for b in lessons)]:
        if file.is_file():
            report.findings += build_proofs.links(file)
    if run:
        for built in lessons:
            report.findings += build_proofs.solved_runs(built.source, built.folder)
            report.findings += build_proofs.release_runs(built.release, built.folder)
        for file, notebook in pages.items() if not wanted else ():
            report.findings += build_proofs.page_runs(notebook, file, course.released)
    return report


def _outputs(
    course: Course, lessons: list[BuiltLesson], pages: dict[Path, NotebookNode]
) -> Iterator[tuple[Path, str]]:
    for file, notebook in pages.items():
        yield file, to_text(notebook)
    for built in lessons:
        yield built.folder.released_notebook, to_text(built.release)
        exercises = [spec.to_json() for spec in built.specs.values()]
        data = {"lesson": built.folder.name, "exercises": exercises}
        yield built.folder.released_data, _compact(data)
    outline = course_json(course, lessons)
    yield course.released / "course.json", json.dumps(outline, indent=1) + "\n"


def course_json(course: Course, lessons: list[BuiltLesson]) -> dict[str, Any]:
    """The map of the course: titles from `course.toml`, exercises from the lessons there are."""
    file = course.solutions / "course.toml"
    try:
        outline = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AuthorError(f"the course's outline can't be read: {error}.", file) from error
    built = {b.folder.label: b for b in lessons}
    folders = {folder.label for folder in course.lesson_folders()}
    known = _known_entries(course)
    entries = []
    for entry in outline["lessons"]:
        label = _label(entry)
        lesson = built.get(label)
        if lesson is None and label in folders and label in known:
            entries.append({**known[label], **entry})  # it is there, but not built now
            continue
        exercises = lesson.specs.values() if lesson else ()
        name = lesson.folder.name if lesson else None
        entries.append(
            {
                **entry,
                "path": f"{name}/{name}.ipynb" if name else None,
                "exercises": [
                    {
                        "id": s.id,
                        "title": s.title,
                        "points": s.points,
                        "functions": list(s.functions),
                    }
                    for s in exercises
                ],
            }
        )
    return {"title": outline["title"], "lessons": entries}


def _label(entry: dict[str, Any]) -> str:
    """What an entry's lesson is called for short; `part` is the letter of one of its notebooks."""
    return f"{entry['number']}{entry.get('part', '')}"


def _known_entries(course: Course) -> dict[str, dict[str, Any]]:
    """The lessons as the last build described them."""
    try:
        text = (course.released / "course.json").read_text(encoding="utf-8")
        return {_label(entry): entry for entry in json.loads(text)["lessons"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _compact(data: dict[str, Any]) -> str:
    """JSON with one line per value: small, and a diff shows which check changed."""
    lines: list[str] = []

    def line(value: Any) -> str:
        lines.append(json.dumps(value, separators=(",", ":")))
        return f"\x00{len(lines) - 1}\x00"

    def fold(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() & {"array", "scalar"}:
            return line(value)
        if isinstance(value, dict):
            return {
                key: [line(each) for each in item] if key == "arrays" else fold(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [fold(item) for item in value]
        return value

    text = json.dumps(fold(data), indent=1, ensure_ascii=False)
    return re.sub(r'"\\u0000(\d+)\\u0000"', lambda held: lines[int(held[1])], text) + "\n"


def _put(target: Path, text: str, report: BuildReport, check: bool) -> None:
    old = target.read_text(encoding="utf-8") if target.is_file() else None
    if old == text or (old and target.suffix == ".json" and same_numbers(old, text, lenient=check)):
        report.unchanged.append(target)
        return
    report.changed.append(target)
    if check:
        return
    if old is not None and target.suffix == ".ipynb":
        backup = keep_learner_work(target)
        if backup:
            report.backups.append(backup)
    write_durably(target, text)


def keep_learner_work(notebook: Path) -> Path | None:
    """Copy a notebook that somebody has worked in to a dated folder beside it, before a rebuild."""
    try:
        if not has_learner_work(nbformat.read(notebook, as_version=4)):
            return None
    except Exception:  # damaged: keep it all the more
        pass
    stamp = dt.datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = notebook.parent / f"backup-{stamp}"
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy2(notebook, folder / notebook.name))
