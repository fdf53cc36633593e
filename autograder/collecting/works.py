"""What of one student's uploads is their work on each lesson."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from autograder.collecting.answers import Answers
from autograder.collecting.layouts import Clue, Layout, lesson_in
from autograder.collecting.owners import Owned
from autograder.collecting.results import Problem
from autograder.collecting.uploads import HandedFile
from autograder.reading.notebook import UnreadableError
from autograder.reading.readers import SHARED
from autograder.text import first_line, listed, plain_text

CLOCK_SECONDS = 300.0  # for looking at all notebooks of one student


@dataclass(frozen=True)
class Work:
    """A notebook, whose and of which lesson it is; `tells` says that it tells that itself."""

    owned: Owned
    lesson: str
    file: HandedFile
    time: dt.datetime | None
    note: str = ""
    tells: bool = True

    @property
    def student(self) -> str:
        return self.owned.found.student

    @property
    def clue(self) -> Clue:
        assert self.owned.clue is not None
        return self.owned.clue

    @property
    def age(self) -> tuple[dt.datetime, int]:
        """The later it was handed in, as far as can be told, the more: by time, then attempt."""
        return (self.time or dt.datetime.min, self.clue.attempt)


@dataclass(frozen=True)
class Wish:
    """Of which lessons works are looked for, and how the source's files are named."""

    lessons: Sequence[str]
    wanted: str | None
    layout: Layout
    pages: Collection[str] = ()  # the course's notebooks without exercises: nobody's work


def works_of(
    handed: Iterable[tuple[Owned, HandedFile]],
    wish: Wish,
    when: Callable[[Owned], tuple[dt.datetime | None, str]],
    tell: Callable[[Problem], None],
) -> list[Work]:
    """The works among one student's notebooks; what is none is told."""
    found = []
    end = time.monotonic() + CLOCK_SECONDS
    times: dict[Owned, tuple[dt.datetime | None, str]] = {}
    for owned, file in handed:
        if time.monotonic() > end:
            tell(Problem(file.shown, "looking at what else they handed in took too long"))
            continue
        try:
            own = SHARED.lesson_of(file.raw, wish.lessons)
        except UnreadableError:
            own = None  # damaged: it is collected, and grading says what is wrong with it
        except Exception as error:  # nothing that one hands in may keep others' from coming in
            reason = plain_text(first_line(error), 120, keep="")
            tell(Problem(file.shown, f"it can't be read ({type(error).__name__}: {reason})"))
            continue
        if own is None and (file.inner or file.outer.parts)[-1] in wish.pages:
            continue
        lesson, reason = _lesson(own, file, owned, wish)
        if reason:
            tell(Problem(file.shown, reason))
        elif lesson is not None:
            if owned not in times:
                times[owned] = when(owned)
            found.append(Work(owned, lesson, file, *times[owned], tells=own is not None))
    return found


def _lesson(own: str | None, file: HandedFile, owned: Owned, wish: Wish) -> tuple[str | None, str]:
    """The lesson of a notebook; None without a reason if it is of another than was asked for."""
    clue = owned.clue or Clue("")
    if clue.lesson and own and own != clue.lesson:
        return None, f"it lies in {clue.lesson}, and is a notebook of {own}"
    placed = clue.lesson or own
    if placed is None and wish.layout in ("names", "tree"):
        placed = (lesson_in(file.inner[-1], wish.lessons) if file.inner else "") or clue.likely
    if not placed and wish.wanted is None:
        return None, "it does not tell which lesson it is of: name it with --lesson"
    if wish.wanted is not None and placed and placed != wish.wanted:
        return None, ""
    return placed or wish.wanted, ""


def one_each(
    works: Sequence[Work], answers: Answers, tell: Callable[[Problem], None]
) -> list[Work]:
    """For each lesson the last notebook that was handed in, if that can be told.

    One that tells its lesson itself comes before one of which that is only assumed, and one in
    which something is answered before a blank one, whenever they were handed in.
    """
    by_lesson: dict[str, list[Work]] = {}
    for work in works:
        by_lesson.setdefault(work.lesson, []).append(work)
    chosen = []
    for lesson, several in by_lesson.items():
        telling = [work for work in several if work.tells] or several
        able, blank = _answered(telling, lesson, answers)
        newest = max(work.age for work in able)
        last = [work for work in able if work.age == newest]
        if not _are_one(last):
            names = listed([work.file.shown for work in several])
            for work in several:
                reason = f"{work.student} has {len(several)} notebooks for {lesson} here ({names})"
                tell(Problem(work.file.shown, f"{reason}: keep one"))
            continue
        one = last[0]
        for work in several:
            if not any(work is other for other in telling):
                reason = f"it does not tell which lesson it is of, and {one.file.shown} does"
                tell(Problem(work.file.shown, reason))
        if blank:
            names = listed([work.file.shown for work in blank])
            said = f"nothing is answered in what {one.student} handed in besides ({names})"
            one = replace(one, note="; ".join(filter(None, (one.note, said))))
        chosen.append(one)
    return chosen


def _answered(
    works: Sequence[Work], lesson: str, answers: Answers
) -> tuple[Sequence[Work], Sequence[Work]]:
    """Those in which something is answered, and the others; all, if that tells none apart."""
    if _are_one(works):
        return works, ()
    known = {raw: answers.are_in(raw, lesson) for raw in {work.file.raw for work in works}}
    if len(set(known.values())) == 1:
        return works, ()
    return (
        [work for work in works if known[work.file.raw]],
        [work for work in works if not known[work.file.raw]],
    )


def _are_one(works: Sequence[Work]) -> bool:
    return len({work.file.raw for work in works}) == 1
