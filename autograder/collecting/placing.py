"""Putting a work to where the class is graded; what was there is kept in `.attn/replaced/`."""

from __future__ import annotations

import errno
from collections.abc import Callable

from autograder.collecting.answers import Answers
from autograder.collecting.results import STAMP, Collected, Note, Problem, Taken
from autograder.collecting.times import Times
from autograder.collecting.works import Work
from autograder.files import disk_error, private_mode, write_durably
from autograder.record.class_folder import ClassFolder
from autograder.record.stamps import TIMESTAMP, read_timestamp

# what a disk says when it takes nothing more, whosever it is
_FULL = {errno.ENOSPC, errno.EROFS, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def put(
    folder: ClassFolder, work: Work, times: Times, answers: Answers, made: Collected
) -> Problem | None:
    """Write a work to its place, unless what is there is the same or newer; why not, if not.

    AttnError if the disk takes nothing more; what it refuses of this student's is their problem.
    """
    try:
        taken = _put(folder, work, times, answers, lambda text: _note(made, work, text))
    except OSError as error:
        if error.errno in _FULL:
            raise disk_error(error) from None
        reason = f"it can't be written to its place: {error.strerror or error}"
        return Problem(work.file.shown, reason)
    if isinstance(taken, Problem):
        return taken
    made.taken.append(taken)
    if work.note:
        _note(made, work, work.note)
    if work.owned.found.by == "new" and work.student not in made.added:
        made.added.append(work.student)
    return None


def _note(made: Collected, work: Work, text: str) -> None:
    made.notes.append(Note(work.file.shown, text))


def _put(
    folder: ClassFolder, work: Work, times: Times, answers: Answers, note: Callable[[str], None]
) -> Taken | Problem:
    target = folder.submitted / work.student / work.lesson / f"{work.lesson}.ipynb"
    state = "new"
    stamp = read_timestamp(target, times.zone)
    impossible = stamp is not None and times.is_to_come(stamp)
    if impossible:
        note(f"the time of what {work.student} had there, {stamp}, has not come yet: it went")
        stamp = None
    if target.exists():
        if not target.is_file():
            return Problem(work.file.shown, "what lies in its place is no ordinary file")
        before = target.read_bytes()
        if before == work.file.raw:
            state = "unchanged"
        elif stamp and work.time and stamp > work.time:
            reason = f"what {work.student} has there is newer, of {stamp}"
            return Problem(work.file.shown, reason)
        elif answers.are_in(before, work.lesson) and not answers.are_in(work.file.raw, work.lesson):
            reason = f"nothing is answered in it, and in what {work.student} has there something is"
            return Problem(work.file.shown, reason)
        else:
            state = "replaced"
            _keep(folder, work, before)
    if state != "unchanged":
        write_durably(target, work.file.raw)
    if work.time is not None and (state != "unchanged" or stamp is None):
        write_durably(target.parent / TIMESTAMP, work.time.strftime(STAMP) + "\n")
    elif state == "replaced" or impossible:  # the earlier one's time is not this one's
        (target.parent / TIMESTAMP).unlink(missing_ok=True)
    return Taken(
        work.student, work.lesson, state, work.file.shown, work.owned.found.by, work.time,
        work.clue.late,
    )  # fmt: skip


def _keep(folder: ClassFolder, work: Work, before: bytes) -> None:
    kept = folder.state / "replaced" / work.lesson / work.student
    number = 1
    while (file := kept / f"{number}.ipynb").exists():
        number += 1
    write_durably(file, before, mode=private_mode(kept))


def enrol(folder: ClassFolder, made: Collected) -> None:
    """Take the new students into the class's gradebook, each by itself."""
    with folder.open_gradebook() as gradebook:
        for student in list(made.added):
            try:
                gradebook.update_or_create_student(student)
            except Exception as error:  # the database's own word on this id
                gradebook.db.rollback()
                made.added.remove(student)
                reason = str(error).strip().partition("\n")[0][:200]
                reason = f"it can't be an id in the gradebook ({reason})"
                made.problems.append(Problem(student, reason))
