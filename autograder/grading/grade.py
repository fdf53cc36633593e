"""`attn grade`: many submissions at once, each on its own, recorded by one writer."""

from __future__ import annotations

import concurrent.futures as cf
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import sqlalchemy.exc

from autograder.boxes.box import Limits, plain_text
from autograder.boxes.maker import open_boxes
from autograder.course import Course, LessonFolder
from autograder.errors import AttnError
from autograder.grading.class_folder import open_class, read_or_draw_seed
from autograder.grading.gradebook import Record, digest_of, gradebook_error, read_timestamp
from autograder.grading.repair import MAX_BYTES, UnreadableError, lesson_of
from autograder.grading.run import Graded, grade_submission, not_gradable
from autograder.grading.submissions import Submission, find_submissions
from autograder.judging.key import LessonKey, make_key
from autograder.judging.results import SubmissionResult


@dataclass(frozen=True)
class GradeOptions:
    """What `attn grade` was asked to do."""

    class_folder: Path | None = None
    lesson: str | None = None
    workers: int = 1
    force: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Progress:
    """One submission done: its result, whether it had been graded before, how late it came."""

    result: SubmissionResult
    done: int
    total: int
    known: bool
    seconds_late: float = 0.0


def grade_path(course: Course, path: Path, options: GradeOptions) -> Iterator[Progress]:
    """Grade everything at `path`, yielding each result as soon as it is recorded.

    A tree of submissions is recorded in the gradebook of its class's folder; a single notebook
    outside such a tree is graded and recorded nowhere, unless a class's folder is named.
    """
    names = [folder.name for folder in course.lesson_folders()]
    lesson = course.lesson(options.lesson).name if options.lesson else None
    found = find_submissions(path, names, lesson)
    if path.is_file():
        found = [_with_lesson(found[0], course, lesson)]
    class_root = options.class_folder or _class_around(path)
    wanted = [course.lesson(name) for name in names if any(s.lesson == name for s in found)]
    if not wanted:
        raise AttnError(
            f"Nothing in {path} belongs to a lesson of this course (there are: {', '.join(names)})."
        )
    if class_root is None:
        keys = _keys_without_class(wanted)
        yield from _grade_all(found, keys, None, options)
        return
    record = None
    try:
        folder, keys = open_class(class_root, wanted)
        record = Record(folder)
        yield from _grade_all(found, keys, record, options)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise gradebook_error(class_root, error) from None
    finally:
        if record is not None:
            record.close()


def _grade_all(
    found: list[Submission],
    keys: dict[str, LessonKey],
    record: Record | None,
    options: GradeOptions,
) -> Iterator[Progress]:
    digests = {name: key.digest() for name, key in keys.items()}
    anyone = next(iter(keys.values()))
    todo: list[tuple[Submission, bytes, str]] = []
    done = 0

    def finish(graded: Graded, submission: Submission, digest: str) -> Progress:
        if record is not None and submission.lesson in keys:
            stamp = read_timestamp(submission.path) if submission.path else None
            record.keep(graded, digest, stamp)
        return step(graded.result, known=False)

    def step(result: SubmissionResult, known: bool) -> Progress:
        nonlocal done
        done += 1
        recorded = record is not None and result.lesson in keys
        late = record.late_by(result.student, result.lesson) if record and recorded else 0.0
        return Progress(result, done, len(found), known, late)

    for submission in found:
        raw, reason = _read(submission)
        key = keys.get(submission.lesson)
        if reason or key is None:
            graded = not_gradable(submission.student, key or anyone, reason, submission.notes)
            if key is None:  # a lesson that this course does not have: nothing to show or record
                graded = _without_lesson(graded, submission)
            yield finish(graded, submission, digest_of(raw, ""))
            continue
        digest = digest_of(raw, digests[submission.lesson])
        known = record.known(submission.student, submission.lesson, digest) if record else None
        if known is not None and not options.force:
            yield step(known, known=True)
        else:
            todo.append((submission, raw, digest))

    boxes = open_boxes(options.limits)

    def work(submission: Submission, raw: bytes) -> Graded:
        key = keys[submission.lesson]
        seconds = options.limits.submission_seconds
        return grade_submission(submission.student, raw, key, submission.notes, boxes.open, seconds)

    with boxes, cf.ThreadPoolExecutor(max(1, options.workers)) as pool:
        jobs = {pool.submit(work, s, raw): (s, raw, digest) for s, raw, digest in todo}
        try:
            for job in cf.as_completed(jobs):
                submission, _, digest = jobs[job]
                graded, ours = _outcome(job, submission, keys)
                # a fault of ours is recorded as the result of nothing, so the next run grades it
                yield finish(graded, submission, "" if ours else digest)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _outcome(
    job: cf.Future[Graded], submission: Submission, keys: dict[str, LessonKey]
) -> tuple[Graded, bool]:
    """A job's result, and whether we failed: that costs a row its grade, not the batch its run."""
    try:
        return job.result(), False
    except Exception as error:
        what = plain_text(f"{type(error).__name__}: {error}")
        reason = f"the grader itself failed ({what}); grade it again"
        return not_gradable(submission.student, keys[submission.lesson], reason), True


def _read(submission: Submission) -> tuple[bytes, str]:
    if submission.path is None:
        return b"", submission.reason
    try:
        with submission.path.open("rb") as file:
            return file.read(MAX_BYTES + 1), ""
    except OSError as error:
        return b"", f"the file can't be read: {error.strerror}"


def _without_lesson(graded: Graded, submission: Submission) -> Graded:
    result = SubmissionResult(
        student=submission.student,
        lesson=submission.lesson,
        status="not gradable",
        reason=graded.result.reason,
        exercises=(),
    )
    return Graded(result, graded.notebook)


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
