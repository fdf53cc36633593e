"""`attn grade`: many submissions at once, each on its own, recorded by one writer."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import sqlalchemy.exc

from autograder.boxes.ahead import BoxesAhead
from autograder.boxes.box import Limits
from autograder.classroom.late import penalty_rule, update_penalties
from autograder.course import Course, LessonFolder
from autograder.errors import AttnError
from autograder.grading.class_folder import (
    ClassFolder,
    gradebook_error,
    only_grader,
    open_class,
    read_or_draw_seed,
)
from autograder.grading.gradebook import Record, digest_of, is_recorded, read_timestamp
from autograder.grading.repair import MAX_BYTES, UnreadableError, lesson_of
from autograder.grading.run import Graded, not_gradable
from autograder.grading.runner import Done, LocalRunner, Runner, Task
from autograder.grading.submissions import Submission, find_submissions
from autograder.judging.key import LessonKey, flavour_of, make_key
from autograder.judging.results import SubmissionResult


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
class Progress:
    """One submission done: its result, whether it had been graded before, how late it came.

    `strays` names what lies among the students' folders and is none.
    """

    result: SubmissionResult
    done: int
    total: int
    known: bool
    seconds_late: float = 0.0
    strays: tuple[str, ...] = ()


def grade_path(
    course: Course, path: Path, options: GradeOptions
) -> Generator[Progress, None, None]:
    """Grade everything at `path`, yielding each result as soon as it is recorded.

    A tree of submissions is recorded in the gradebook of its class's folder; a single notebook
    outside such a tree is graded and recorded nowhere, unless a class's folder is named.
    """
    names = [folder.name for folder in course.lesson_folders()]
    lesson = course.lesson(options.lesson).name if options.lesson else None
    listing = find_submissions(path, names, lesson)
    found = listing.submissions
    if path.is_file():
        found = [_with_lesson(found[0], course, lesson)]
    class_root = options.class_folder or _class_around(path)
    wanted = [course.lesson(name) for name in names if any(s.lesson == name for s in found)]
    if not wanted:
        raise AttnError(
            f"Nothing in {path} belongs to a lesson of this course (there are: {', '.join(names)})."
        )
    if class_root is None:
        with _boxes_for(wanted[0], options) as boxes:
            if options.scheduler is None:
                boxes.start()
            keys = _keys_without_class(wanted)
            yield from _Batch(found, listing.strays, keys, None, options, boxes).run()
        return
    with only_grader(class_root), _boxes_for(wanted[0], options) as boxes:
        if options.scheduler is None and _has_work(ClassFolder(class_root), found, options):
            boxes.start()
        folder, keys = open_class(class_root, wanted, options.gradebook)
        penalty_rule(folder)  # what is wrong with it is said before the work
        record = Record(folder)
        try:
            yield from _Batch(found, listing.strays, keys, record, options, boxes).run()
            # of all students: a deadline may have moved for work that is graded already
            update_penalties(folder, list(keys))
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise gradebook_error(folder.gradebook_url, error) from None
        finally:
            record.close()


def _has_work(folder: ClassFolder, found: list[Submission], options: GradeOptions) -> bool:
    """Whether something is sure to be graded, though the lessons' keys are not made yet."""
    return options.force or not all(is_recorded(folder, s.student, s.lesson) for s in found)


def _boxes_for(lesson: LessonFolder, options: GradeOptions) -> BoxesAhead:
    return BoxesAhead(options.limits, flavour_of(lesson.source.read_text(encoding="utf-8")))


class _Batch:
    """Submissions on their way: read late, graded by a runner, recorded by this one writer."""

    def __init__(
        self,
        found: Sequence[Submission],
        strays: Sequence[str],
        keys: dict[str, LessonKey],
        record: Record | None,
        options: GradeOptions,
        boxes: BoxesAhead,
    ) -> None:
        self._boxes = boxes
        self._found, self._strays, self._keys = found, tuple(strays), keys
        self._record, self._options = record, options
        self._digests = {name: key.digest() for name, key in keys.items()}
        self._done = 0

    def run(self) -> Generator[Progress, None, None]:
        with contextlib.ExitStack() as stack:
            runner: Runner | None = None
            underway = 0
            for submission in self._found:
                task = self._prepared(submission)
                if isinstance(task, Progress):
                    yield task
                    continue
                if runner is None:  # a class that is graded already needs none
                    runner = stack.enter_context(self._open_runner())
                while underway >= runner.window():
                    yield self._finished(runner.next())
                    underway -= 1
                runner.add(task)
                underway += 1
            while runner is not None and underway:
                yield self._finished(runner.next())
                underway -= 1

    def _open_runner(self) -> Runner:
        options = self._options
        if options.scheduler is None:
            return LocalRunner(self._keys, self._boxes.maker(), options.limits, options.workers)
        from autograder.grading.cluster import ClusterRunner

        return ClusterRunner(options.scheduler, self._keys, options.limits)

    def _prepared(self, submission: Submission) -> Task | Progress:
        """The submission as a task, or what came of it if there is nothing to run."""
        key = self._keys.get(submission.lesson)
        if key is None:  # a lesson that this course does not have: nothing to show or record
            return self._step(_without_lesson(submission), known=False)
        raw, reason = _read(submission)
        if reason:
            graded = not_gradable(submission.student, key, reason, submission.notes)
            return self._kept(graded, submission, digest_of(raw, ""))
        digest = digest_of(raw, self._digests[submission.lesson])
        if self._record is not None and not self._options.force:
            known = self._record.known(submission.student, submission.lesson, digest)
            if known is not None:
                return self._step(known, known=True)
        return Task(submission, raw, digest)

    def _finished(self, done: Done) -> Progress:
        """A fault of ours costs a row its grade, not the batch its run."""
        submission = done.task.submission
        if done.graded is not None:
            return self._kept(done.graded, submission, done.task.digest)
        reason = f"the grader itself failed ({done.failure}); grade it again"
        graded = not_gradable(submission.student, self._keys[submission.lesson], reason)
        # recorded as the result of nothing, so the next run grades it
        return self._kept(graded, submission, "")

    def _kept(self, graded: Graded, submission: Submission, digest: str) -> Progress:
        if self._record is not None:
            stamp = read_timestamp(submission.path) if submission.path else None
            self._record.keep(graded, digest, stamp)
        return self._step(graded.result, known=False)

    def _step(self, result: SubmissionResult, known: bool) -> Progress:
        self._done += 1
        late = 0.0
        if self._record is not None and result.lesson in self._keys:
            late = self._record.late_by(result.student, result.lesson)
        return Progress(result, self._done, len(self._found), known, late, self._strays)


def _read(submission: Submission) -> tuple[bytes, str]:
    if submission.path is None:
        return b"", submission.reason
    try:
        with submission.path.open("rb") as file:
            return file.read(MAX_BYTES + 1), ""
    except OSError as error:
        return b"", f"the file can't be read: {error.strerror}"


def _without_lesson(submission: Submission) -> SubmissionResult:
    return SubmissionResult(
        student=submission.student,
        lesson=submission.lesson,
        status="not gradable",
        reason=submission.reason,
        exercises=(),
    )


def _with_lesson(submission: Submission, course: Course, lesson: str | None) -> Submission:
    """A single notebook says itself which lesson it is of."""
    folders = course.lesson_folders()
    assert submission.path is not None
    if lesson is None:
        raw, reason = _read(submission)
        try:
            lesson = None if reason else lesson_of(raw, [folder.name for folder in folders])
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
    absolute = path.resolve()
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


def _keys_without_class(lessons: list[LessonFolder]) -> dict[str, LessonKey]:
    seed = user_seed()
    return {lesson.name: make_key(lesson, seed) for lesson in lessons}


def user_seed() -> int:
    """The hidden seed for judging outside a class: this user's own, drawn at its first use."""
    return read_or_draw_seed(Path(platformdirs.user_data_dir("attention-kit")) / "hidden_seed")
