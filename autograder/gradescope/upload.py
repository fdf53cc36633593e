"""Which notebook of an upload is graded, however it is called and whatever lies beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting.answers import Answers
from autograder.collecting.clues import Clue
from autograder.collecting.layouts import lesson_in
from autograder.collecting.outside import OuterFile, outer_files
from autograder.collecting.owners import Owned
from autograder.collecting.people import Found
from autograder.collecting.results import Problem
from autograder.collecting.uploads import HandedFile, Quota, Refused, Unpacker
from autograder.collecting.works import Wish, Work, one_each, works_of
from autograder.errors import AttnError
from autograder.gradescope.settings import Settings
from autograder.judging.key import LessonKey
from autograder.reading.notebook import UnreadableError
from autograder.reading.readers import SHARED
from autograder.text import listed, plain_text

_WHO = "this upload"  # all files are one's own, or one group's
_MOST_NAMES = 10


@dataclass(frozen=True)
class Chosen:
    """The notebook to grade and what is to be said of it; or why there is none."""

    name: str = ""
    raw: bytes = b""
    notes: tuple[str, ...] = ()
    reason: str = ""


def chosen_of(folder: Path, settings: Settings, key: LessonKey) -> Chosen:
    """The one notebook of the lesson that lies in a folder, in whatever folders or zip files.

    One in which something is answered comes before blank ones, and one that tells its lesson before
    one that doesn't; between two that are answered nobody chooses.
    """
    wanted = f"upload your notebook of {settings.lesson} ({settings.lesson}.ipynb)"
    try:
        files = outer_files(folder, lambda place: ())
    except AttnError:
        files = []
    if not files:
        return Chosen(reason=f"nothing was handed in: {wanted}")
    handed, refused = _notebooks(folder, files, settings.lessons)
    if not handed:
        return Chosen(reason=_no_notebook(files, refused, wanted))
    problems: list[Problem] = []
    wish = Wish(settings.lessons, settings.lesson, "names", settings.pages)
    works = works_of(handed, wish, lambda _: (None, ""), problems.append)
    for work in one_each(works, Answers(lambda _: key), lambda _: None):
        return Chosen(work.file.shown, work.file.raw, _notes(work, works))
    if works:
        names = listed([work.file.shown for work in works], _MOST_NAMES)
        return Chosen(
            reason=f"there are {len(works)} notebooks for {settings.lesson} ({names}), and which "
            "one is meant nobody can tell: upload one"
        )
    if problems:
        return Chosen(reason=f"{problems[0].file} can't be graded: {problems[0].reason}")
    return Chosen(reason=_other_lessons(handed, settings, wanted))


def _notebooks(
    folder: Path, files: Sequence[OuterFile], lessons: Sequence[str]
) -> tuple[list[tuple[Owned, HandedFile]], list[Refused]]:
    """All that is called a notebook, also in zip files, and what can't be taken."""
    handed: list[tuple[Owned, HandedFile]] = []
    refused: list[Refused] = []
    quota = Quota()
    with Unpacker(folder) as unpacker:
        for file in files:
            upload = unpacker.open(file, quota)
            clue = Clue(_WHO, likely=lesson_in(file.parts[-1], lessons))
            owned = Owned(file, clue, Found(_WHO))
            handed += [(owned, found) for found in upload.notebooks]
            refused += upload.refused
    return handed, refused


def _no_notebook(files: Sequence[OuterFile], refused: Sequence[Refused], wanted: str) -> str:
    told = [one for one in refused if not one.other]
    if told:
        return f"{told[0].shown} can't be graded: {told[0].reason}"
    names = listed([file.shown for file in files], _MOST_NAMES)
    return f"there is no notebook (.ipynb) in what was handed in ({names}): {wanted}"


def _other_lessons(
    handed: Sequence[tuple[Owned, HandedFile]], settings: Settings, wanted: str
) -> str:
    """Notebooks were handed in, and none of them is of this lesson."""
    told = []
    for _, file in handed:
        try:
            own = SHARED.lesson_of(file.raw, settings.lessons)
        except UnreadableError:
            own = None
        told.append(f"{file.shown} is of {own}" if own else f"{file.shown} is of no lesson")
    return f"{plain_text('; '.join(told), keep='')}: {wanted}"


def _notes(work: Work, works: Sequence[Work]) -> tuple[str, ...]:
    """What a learner should know: which file it was, if it could have been another one."""
    others = [other.file.shown for other in works if other.file.raw != work.file.raw]
    if not others:
        return ()
    return (f"{work.file.shown} was graded, and {listed(others, _MOST_NAMES)} was not.",)
