"""Many submissions at once, each graded on its own, recorded by one writer."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import sqlalchemy.exc

from autograder.boxes.opening import BoxesAhead
from autograder.course import LessonFolder
from autograder.errors import AttnError
from autograder.grading.one_submission import not_gradable, place_of
from autograder.grading.plan import GradeOptions, Plan
from autograder.grading.runner import Done, LocalRunner, Runner, Task
from autograder.grading.submissions import Submission, read
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded, SubmissionResult
from autograder.log import logger, where_details_are
from autograder.record.class_folder import (
    gradebook_error,
    only_grader,
    open_class,
)
from autograder.record.gradebook import Record, digest_of
from autograder.record.kept_key import class_lesson
from autograder.record.late import class_zone, penalty_rule, update_penalties
from autograder.record.seed import user_seed
from autograder.record.stamps import read_timestamp

log = logger(__name__)


@dataclass(frozen=True)
class Progress:
    """One submission done: its result, whether it had been graded before, how late it came.

    on_list: whether the student is on the class's list; None if there is none. may_be: who of the
    list that may be who is not on it.
    """

    result: SubmissionResult
    done: int
    total: int
    known: bool
    seconds_late: float = 0.0
    on_list: bool | None = None
    may_be: tuple[str, ...] = ()


def grade_plan(
    plan: Plan, options: GradeOptions, boxes: BoxesAhead
) -> Generator[Progress, None, None]:
    """Grade what is planned in those boxes, yielding each result as soon as it is recorded."""
    log.info("Submissions: %d. Workers: %d%s.", len(plan.submissions), options.workers,
             f" or {options.scheduler}" if options.scheduler else "")  # fmt: skip
    if plan.class_root is None:
        keys = _keys_without_class(plan.lessons)
        yield from _Batch(plan, keys, None, options, boxes).run()
        return
    with only_grader(plan.class_root):
        folder, keys = open_class(plan.class_root, plan.lessons, options.gradebook)
        penalty_rule(folder)  # what is wrong with it is said before the work
        record = Record(folder)
        try:
            yield from _Batch(plan, keys, record, options, boxes).run()
            # of all students: a deadline may have moved for work that is graded already
            update_penalties(folder, list(keys))
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise gradebook_error(folder.gradebook_url, error) from None
        finally:
            record.close()


class _Batch:
    """Submissions on their way: read late, graded by a runner, recorded by this one writer."""

    def __init__(
        self,
        plan: Plan,
        keys: dict[str, LessonKey],
        record: Record | None,
        options: GradeOptions,
        boxes: BoxesAhead,
    ) -> None:
        self._boxes = boxes
        self._found, self._keys = plan.submissions, keys
        self._record, self._options = record, options
        self._zone = class_zone(record.folder.root) if record else None
        self._digests = {name: key.digest() for name, key in keys.items()}
        self._handed_in: set[str] | None = None  # the students' ids, once they are asked for
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
        raw, reason = read(submission)
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
        log.error("The grader itself failed on %s, %s.\n%s",
                  submission.student, submission.lesson, done.trace)  # fmt: skip
        reason = (
            f"the grader itself failed ({done.failure}); grade it again ({where_details_are()})"
        )
        graded = not_gradable(submission.student, self._keys[submission.lesson], reason)
        # recorded as the result of nothing, so the next run grades it
        return self._kept(graded, submission, "")

    def _kept(self, graded: Graded, submission: Submission, digest: str) -> Progress:
        if self._record is None:
            return self._step(graded.result, known=False)
        stamp = read_timestamp(submission.path, self._zone) if submission.path else None
        try:
            self._record.keep(graded, digest, stamp)
        except AttnError:  # of the gradebook or the disk, and so of all
            raise
        except Exception as error:  # whatever it has brought about costs its row, not the batch
            name = submission.student, submission.lesson
            log.error("What came of %s, %s can't be recorded.", *name, exc_info=error)
            reason = f"what came of it can't be recorded ({place_of(error)})"
            graded = not_gradable(
                submission.student, self._keys[submission.lesson], reason, submission.notes
            )
            try:
                self._record.keep(graded, digest, stamp)  # of the learner's there is only the name
            except AttnError:
                raise
            except Exception as again:
                log.error("Nor can that be recorded.", exc_info=again)
                return self._step(graded.result, known=False, recorded=False)
        return self._step(graded.result, known=False)

    def _step(self, result: SubmissionResult, known: bool, recorded: bool = True) -> Progress:
        self._done += 1
        if known:
            log.info("%s, %s: graded before and unchanged.", result.student, result.lesson)
        else:
            log.info("%s, %s: %s. Seconds: %s. Repairs: %d.", result.student, result.lesson,
                     result.status, result.seconds, len(result.repairs))  # fmt: skip
        late = 0.0
        if self._record is not None and result.lesson in self._keys and recorded:
            late = self._record.late_by(result.student, result.lesson)
        on_list, may_be = self._on_list(result.student)
        return Progress(result, self._done, len(self._found), known, late, on_list, may_be)

    def _on_list(self, student: str) -> tuple[bool | None, tuple[str, ...]]:
        if self._record is None:
            return None, ()
        record, name = self._record, self._record.name_of(student)
        on_list = record.class_list.has(name)
        if on_list is not False:
            return on_list, ()
        if self._handed_in is None:
            self._handed_in = {record.name_of(s.student) for s in self._found}
        return False, tuple(record.class_list.may_be(name, self._handed_in))


def _without_lesson(submission: Submission) -> SubmissionResult:
    return SubmissionResult(
        student=submission.student,
        lesson=submission.lesson,
        status="not gradable",
        reason=submission.reason,
        exercises=(),
    )


def _keys_without_class(lessons: list[LessonFolder]) -> dict[str, LessonKey]:
    seed = user_seed()
    return {lesson.name: class_lesson(lesson, seed).key for lesson in lessons}
