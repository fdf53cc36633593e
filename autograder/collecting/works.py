"""What of one student's uploads is their work on each lesson."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from autograder.collecting.layouts import Clue, Layout, attempt_of, lesson_in
from autograder.collecting.owners import Owned
from autograder.collecting.results import Problem
from autograder.collecting.uploads import HandedFile
from autograder.grading.repair import UnreadableError, lesson_of
from autograder.text import first_line, plain_text

CLOCK_SECONDS = 300.0  # for looking at all notebooks of one student


@dataclass(frozen=True)
class Work:
    """A notebook, whose and of which lesson it is."""

    owned: Owned
    lesson: str
    file: HandedFile
    time: dt.datetime | None
    note: str = ""

    @property
    def student(self) -> str:
        return self.owned.found.student

    @property
    def clue(self) -> Clue:
        assert self.owned.clue is not None
        return self.owned.clue


@dataclass(frozen=True)
class Wish:
    """Of which lessons works are looked for, and how the source's files are named."""

    lessons: Sequence[str]
    wanted: str | None
    layout: Layout


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
        lesson, reason = _lesson(file, owned, wish)
        if reason:
            tell(Problem(file.shown, reason))
        elif lesson is not None:
            if owned not in times:
                times[owned] = when(owned)
            found.append(Work(owned, lesson, file, *times[owned]))
    return found


def _lesson(file: HandedFile, owned: Owned, wish: Wish) -> tuple[str | None, str]:
    """The lesson of a notebook; None without a reason if it is of another than was asked for."""
    clue = owned.clue or Clue("")
    try:
        own = lesson_of(file.raw, wish.lessons)
    except UnreadableError:
        own = None  # damaged: it is collected, and grading says what is wrong with it
    except Exception as error:  # nothing that one hands in may keep others' work from coming in
        reason = plain_text(first_line(error), 120, keep="")
        return None, f"it can't be read ({type(error).__name__}: {reason})"
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


def one_each(works: Sequence[Work], tell: Callable[[Problem], None]) -> list[Work]:
    """For each lesson the last notebook that was handed in, if that can be told."""
    by_lesson: dict[str, list[Work]] = {}
    for work in works:
        by_lesson.setdefault(work.lesson, []).append(work)
    chosen = []
    for lesson, several in by_lesson.items():
        last = _last(several)
        if len({work.file.raw for work in last}) == 1:
            chosen.append(last[0])
            continue
        names = plain_text(", ".join(work.file.shown for work in several[:5]), 400, keep="")
        for work in several:
            reason = f"{work.student} has {len(several)} notebooks for {lesson} here ({names})"
            tell(Problem(work.file.shown, f"{reason}: keep one"))
    return chosen


def _last(several: Sequence[Work]) -> list[Work]:
    """The notebooks of which none was handed in before another, as far as can be told.

    The time counts first, then the number of the attempt in the outer name. What was handed in
    together is told apart by the students' own numbers, as browsers write them.
    """
    if len({work.file.raw for work in several}) == 1:
        return list(several[:1])
    newest = max(_age(work) for work in several)
    last = [work for work in several if _age(work) == newest]
    if len({work.file.outer for work in last}) == 1:
        attempt = max(_inner_attempt(work) for work in last)
        last = [work for work in last if _inner_attempt(work) == attempt]
    return last


def _age(work: Work) -> tuple[dt.datetime, int]:
    return (work.time or dt.datetime.min, work.clue.attempt)


def _inner_attempt(work: Work) -> int:
    return attempt_of(work.file.inner[-1]) if work.file.inner else 0
