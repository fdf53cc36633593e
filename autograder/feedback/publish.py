"""`attn feedback`: pages for a class, put where nbgrader's `release_feedback` looks for them.

    feedback/STUDENT/LESSON/LESSON.html
                            timestamp.txt, submission_secret.txt    as nbgrader has them there

A page carries a digest of all that went into it. One that is there already, and would come out the
same, is left as it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import AttnError
from autograder.feedback.page import feedback_page
from autograder.files import disk_error, write_durably
from autograder.log import logger
from autograder.record.class_folder import ClassFolder
from autograder.record.late import class_zone
from autograder.record.lesson_facts import LessonFacts, lesson_facts
from autograder.record.marks import LessonMarks, MarkBook
from autograder.record.records import LessonRecords, Recorded, find_class, read_records
from autograder.record.stamps import read_timestamp
from autograder.reporting.html import TEMPLATES, when

log = logger(__name__)
Policy = Literal["now", "after-deadline", "with-solutions"]
State = Literal["written", "unchanged", "held back"]
_HEAD_BYTES = 4000  # of a page, within which its digest stands


@dataclass(frozen=True)
class FeedbackOptions:
    """What `attn feedback` was asked to do."""

    lessons: tuple[str, ...] = ()  # none: all
    students: tuple[str, ...] = ()
    policy: Policy = "now"
    force: bool = False
    now: dt.datetime | None = None  # UTC without saying so, as the gradebook keeps times


@dataclass(frozen=True)
class Page:
    """What became of one student's page; `reason` says why it was held back."""

    student: str
    lesson: str
    state: State
    file: Path
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """One page done, of how many."""

    page: Page
    done: int
    total: int


def write_feedback(course: Course, path: Path, options: FeedbackOptions) -> Iterator[Step]:
    """Write the pages of a class, one at a time. AttnError; a kill leaves whole pages only."""
    folder = find_class(path)
    found = read_records(course, folder, options.lessons)
    found = [_only(one, options.students) for one in found]
    if options.students and not any(one.records for one in found):
        raise AttnError(
            f"Nothing is graded of {', '.join(options.students)} in {folder.root}: students are "
            "called as their folders in submitted/ are."
        )
    total = sum(len(one.records) + len(one.unreadable) for one in found)
    done = 0
    with MarkBook(folder) as book:
        names = book.names()
        for lesson in found:
            for page in _Lesson(folder, lesson, book, names, options).pages():
                done += 1
                yield Step(page, done, total)


def _only(found: LessonRecords, students: Sequence[str]) -> LessonRecords:
    if not students:
        return found
    records = {name: one for name, one in found.records.items() if name in students}
    return replace(found, records=records, unreadable=())


class _Lesson:
    """The pages of one lesson."""

    def __init__(
        self,
        folder: ClassFolder,
        found: LessonRecords,
        book: MarkBook,
        names: dict[str, str],
        options: FeedbackOptions,
    ) -> None:
        self._folder, self._found, self._book = folder, found, book
        self._names, self._options = names, options
        self._zone = class_zone(folder.root)
        self._name = found.lesson.name
        self._marks: LessonMarks = book.of_lesson(self._name)

    def pages(self) -> Iterator[Page]:
        reason = self._too_early()
        if reason:
            for student in (*self._found.records, *self._found.unreadable):
                yield Page(student, self._name, "held back", self._file(student), reason)
            return
        solutions = self._options.policy == "with-solutions"
        facts = lesson_facts(self._folder, self._found.lesson, solutions)
        fixed = _digest(repr(facts), *_own_code())
        for student, recorded in self._found.records.items():
            try:
                yield self._page(student, recorded, facts, fixed)
            except OSError as error:
                raise disk_error(error) from None
        for student in self._found.unreadable:
            reason = "the recorded result is damaged; grade the submission again"
            yield Page(student, self._name, "held back", self._file(student), reason)

    def _too_early(self) -> str:
        """Why no page may be given out yet; "" if it may."""
        if self._options.policy == "now":
            return ""
        due = self._marks.due
        if due is None:
            return "no deadline is set, so none has passed: set one, or use --policy now"
        now = self._options.now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        return f"the last deadline is {when(due)}" if now <= due else ""

    def _page(self, student: str, recorded: Recorded, facts: LessonFacts, fixed: str) -> Page:
        key = self._book.id_of(student)
        file = self._file(student)
        submitted = self._folder.submitted / student / self._name
        stamp = read_timestamp(submitted / f"{self._name}.ipynb", self._zone)
        if not recorded.digest:  # our fault, and nothing that its author could mend
            reason = "the grader itself failed; grade it again"
            return Page(student, self._name, "held back", file, reason)
        if _is_newer(stamp, recorded):
            reason = "a newer version was handed in than the one graded; grade it first"
            return Page(student, self._name, "held back", file, reason)
        marks = self._marks.marks.get(key)
        name = self._names.get(key, student)
        autograded = self._folder.autograded / key / self._name / f"{self._name}.ipynb"
        raw = _bytes(autograded)
        result = json.dumps(recorded.result.to_json(), sort_keys=True)
        made_from = _digest(fixed, result, repr(marks), name, hashlib.sha256(raw).hexdigest())
        _put_beside(file.parent, submitted)
        if not self._options.force and _is_made_from(file, made_from):
            return Page(student, self._name, "unchanged", file)
        notebook = _notebook(raw)
        text = feedback_page(recorded.result, name, marks, notebook, facts, made_from)
        write_durably(file, text)
        return Page(student, self._name, "written", file)

    def _file(self, student: str) -> Path:
        key = self._book.id_of(student)
        return self._folder.root / "feedback" / key / self._name / f"{self._name}.html"


def _is_newer(stamp: dt.datetime | None, recorded: Recorded) -> bool:
    """Whether the submission that lies there is a later one than the last that was graded."""
    graded = recorded.history.handed_in
    if stamp is None or not graded:
        return False
    return stamp.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" not in graded


def _put_beside(folder: Path, submitted: Path) -> None:
    """The time and the secret of the submission, by which nbgrader hands a page to its owner.

    Work that did not come through nbgrader's exchange has no secret. It gets one, which nobody
    knows, for without it `release_feedback` would stop there.
    """
    for name, default in (("timestamp.txt", ""), ("submission_secret.txt", secrets.token_hex(32))):
        text = _small_text(submitted / name)
        target = folder / name
        if text is None:
            if target.is_file():
                continue
            text = default
        if _small_text(target) != text:
            write_durably(target, text, mode=0o644 if name == "timestamp.txt" else 0o600)


def _small_text(file: Path) -> str | None:
    """A short text file that a student has handed in; None for a link, a pipe, anything else."""
    if file.is_symlink() or not file.is_file():
        return None
    try:
        with file.open("rb") as opened:
            raw = opened.read(1001)
        return raw.decode("ascii") if len(raw) <= 1000 else None
    except (OSError, UnicodeDecodeError):
        return None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # a page without answers and figures is better than none


def _notebook(raw: bytes) -> NotebookNode | None:
    try:
        return nbformat.reads(raw.decode("utf-8"), as_version=4)
    except Exception as error:  # damaged, in whatever way
        log.warning("A notebook can't be read as it ran.", exc_info=error)
        return None


def _is_made_from(file: Path, made_from: str) -> bool:
    """Whether a page is there, whole, and made from just this."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
            opened.seek(0, 2)
            opened.seek(max(0, opened.tell() - 20))
            return f'content="{made_from}"'.encode() in head and b"</html>" in opened.read()
    except OSError:
        return False


def _own_code() -> list[str]:
    """What makes the pages: when it changes, so may they."""
    own = sorted([*TEMPLATES.glob("*"), *Path(__file__).parent.glob("*.py")])
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in own]


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
