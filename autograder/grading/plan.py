"""What there is to grade at a path, found out before anything that takes a second to import."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from autograder.boxes.box import Limits
from autograder.boxes.flavours import flavour_of, plain
from autograder.boxes.opening import BoxesAhead
from autograder.boxes.private import keep_private
from autograder.course import Course, LessonFolder
from autograder.errors import AttnError
from autograder.grading.submissions import Submission, find_submissions, read, told
from autograder.record.history import record_file


@dataclass(frozen=True)
class GradeOptions:
    """What `attn grade` was asked to do."""

    class_folder: Path | None = None
    lesson: str | None = None
    workers: int = 1  # submissions at once on this machine
    force: bool = False
    scheduler: str | None = None  # a Dask scheduler's address; None grades on this machine
    gradebook: str | None = None  # a new class's gradebook; None is nbgrader's default
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Plan:
    """Submissions to look at, what lies among them and is left out, their lessons, their class."""

    submissions: list[Submission]
    strays: tuple[str, ...]  # what is left out, and why
    lessons: list[LessonFolder]
    class_root: Path | None  # None records nothing

    def boxes(self, options: GradeOptions) -> BoxesAhead:
        """Boxes for the first lesson; on their way already if something is sure to be run here."""
        code = self.lessons[0].source.read_text(encoding="utf-8")
        boxes = BoxesAhead(options.limits, plain(flavour_of(code)))
        if options.scheduler is None and (options.force or self._has_new()):
            boxes.start()
        return boxes

    def _has_new(self) -> bool:
        if self.class_root is None:
            return True
        state = self.class_root / ".attn"
        return not all(record_file(state, s.student, s.lesson).is_file() for s in self.submissions)


def make_plan(course: Course, path: Path, options: GradeOptions) -> Plan:
    """What there is to grade at `path`. AttnError if that is nothing.

    A tree of submissions belongs to its class's folder; a single notebook outside such a tree to
    none, unless one is named.
    """
    names = [folder.name for folder in course.lesson_folders()]
    lesson = course.lesson(options.lesson).name if options.lesson else None
    listing = find_submissions(path, names, lesson)
    found = listing.submissions
    if path.is_file():
        found = [_with_lesson(found[0], course, lesson)]
    class_root = options.class_folder or _class_around(path)
    keep_private(course.root, class_root, path)
    wanted = [course.lesson(name) for name in names if any(s.lesson == name for s in found)]
    if not wanted:
        raise AttnError(
            f"Nothing in {path} belongs to a lesson of this course (there are: {', '.join(names)})."
        )
    return Plan(found, tuple(told(listing.strays)), wanted, class_root)


def _with_lesson(submission: Submission, course: Course, lesson: str | None) -> Submission:
    """A single notebook says itself which lesson it is of."""
    from autograder.reading.notebook import UnreadableError
    from autograder.reading.readers import SHARED

    folders = course.lesson_folders()
    assert submission.path is not None
    if lesson is None:
        raw, reason = read(submission)
        try:
            lesson = None if reason else SHARED.lesson_of(raw, [folder.name for folder in folders])
        except UnreadableError as error:
            reason = str(error)
        if lesson is None:
            why = reason or "it is not a notebook of this course"
            raise AttnError(
                f"{submission.path} can't be graded: {why}. If it is an answer to a lesson, name "
                "the lesson with --lesson."
            )
    return Submission(submission.student, lesson, submission.path, "", submission.notes)


def _class_around(path: Path) -> Path | None:
    """The class's folder that a path lies in: the one that holds `submitted/`."""
    absolute = Path(os.path.abspath(path))  # where it was named, wherever a link in it leads
    for folder in (absolute, *absolute.parents):
        if folder.name == "submitted":
            return folder.parent
    if (absolute / "submitted").is_dir():
        return absolute
    if absolute.is_dir():
        raise AttnError(
            f"{path} is no class's submitted/ folder: say with --course where its gradebook is to "
            "be kept."
        )
    return None
