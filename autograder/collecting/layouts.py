"""Whose is a file? What its name and folders tell, in the layouts of the systems it may come from.

canvas   NAME[_LATE]_USER_FILE_the-student's-name-for-it.ipynb, all in one folder. NAME is the
         sortable name in small letters without spaces; of anonymous ones there is `anon_CODE`.
moodle   NAME_PARTICIPANT_assignsubmission_file/its-name.ipynb, or the same as one long file name.
tree     STUDENT/LESSON/LESSON.ipynb, nbgrader's `submitted/`
names    STUDENT.ipynb, STUDENT_LESSON.ipynb, LESSON-STUDENT.ipynb, STUDENT/anything.ipynb

As Canvas (`lib/content_zipper.rb`) and Moodle (`mod/assign/classes/downloader.php`) write them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Layout = Literal["canvas", "moodle", "tree", "names"]
LAYOUTS: tuple[Layout, ...] = ("canvas", "moodle", "tree", "names")

_CANVAS = re.compile(
    r"(?:(?P<name>[^/]+?)_)?(?:(?P<late>LATE)_)?(?:(?P<user>\d+)|anon_(?P<anon>[^\W_]+))_"
    r"(?P<file>\d+)_(?P<rest>[^/]+)",
    re.DOTALL,
)
_MOODLE = re.compile(
    r"(?:(?P<name>[^/]+?)_)?(?P<participant>\d+)_assignsubmission_(?P<kind>file|onlinetext)"
    r"(?:_(?P<rest>[^/]*))?",
    re.DOTALL,
)
_ATTEMPT = re.compile(r"(?:-(\d{1,2})| \((\d{1,2})\))?\.ipynb$", re.IGNORECASE)
_SEPARATORS = " _-.+"


@dataclass(frozen=True)
class Clue:
    """What a file's place tells of its owner and its lesson. Empty is what it doesn't tell.

    `ids` may be a student's id, `name` a person's name, `number` the system's own number of them.
    `attempt` is how many files of that name the student had handed in before this one.
    """

    who: str  # the same for all files of one person
    ids: tuple[str, ...] = ()
    name: str = ""
    number: str = ""
    lesson: str = ""
    late: bool = False
    attempt: int = 0


def layout_of(places: Sequence[tuple[str, ...]], lessons: Sequence[str]) -> Layout:
    """The layout that most of these files have."""
    notebooks = [place for place in places if place[-1].lower().endswith(".ipynb")] or places
    counts = {
        "moodle": sum(_moodle_part(place) is not None for place in notebooks),
        "tree": sum(_lesson_part(place, lessons) is not None for place in notebooks),
        "canvas": sum(_canvas_part(place) is not None for place in notebooks),
    }
    for layout in ("moodle", "tree", "canvas"):
        if counts[layout] * 2 > len(notebooks):
            return layout
    return "names"


def clue_of(place: tuple[str, ...], layout: Layout, lessons: Sequence[str]) -> Clue | None:
    """What a file's place tells; None if it is not where this layout has students' files."""
    return {"canvas": _canvas, "moodle": _moodle, "tree": _tree, "names": _names}[layout](
        place, lessons
    )


def _attempt(name: str) -> int:
    """How often it was handed in before: Canvas and browsers write `name-1`, `name (1)`."""
    found = _ATTEMPT.search(name)
    return int(found[1] or found[2] or 0) if found else 0


def _canvas_part(place: tuple[str, ...]) -> int | None:
    """Which part of the place has Canvas's form: the file's name, or a zip that was handed in."""
    return next((i for i, part in enumerate(place) if _CANVAS.fullmatch(part)), None)


def _canvas(place: tuple[str, ...], lessons: Sequence[str]) -> Clue | None:
    at = _canvas_part(place)
    found = _CANVAS.fullmatch(place[at]) if at is not None else None
    if found is None:
        return None
    return Clue(
        who=found["user"] or f"anon_{found['anon']}",
        name=found["name"] or "",
        number=found["user"] or "",
        late=found["late"] is not None,
        attempt=_attempt(place[-1]),
    )


def _moodle_part(place: tuple[str, ...]) -> int | None:
    return next((i for i, part in enumerate(place) if _MOODLE.fullmatch(part)), None)


def _moodle(place: tuple[str, ...], lessons: Sequence[str]) -> Clue | None:
    at = _moodle_part(place)
    found = _MOODLE.fullmatch(place[at]) if at is not None else None
    if found is None:
        return None
    number, name = found["participant"], found["name"] or ""
    hidden = name in ("", "Participant")  # marked without names
    return Clue(
        who=f"{name} {number}", name="" if hidden else name, number=number,
        attempt=_attempt(place[-1]),
    )  # fmt: skip


def _lesson_part(place: tuple[str, ...], lessons: Sequence[str]) -> int | None:
    """Which folder of the place is a lesson's, with a student's above it."""
    return next((i for i in range(1, len(place) - 1) if place[i] in lessons), None)


def _tree(place: tuple[str, ...], lessons: Sequence[str]) -> Clue | None:
    at = _lesson_part(place, lessons)
    if at is None or at != len(place) - 2:
        return None
    return Clue(who=place[at - 1], ids=(place[at - 1],), lesson=place[at])


def _names(place: tuple[str, ...], lessons: Sequence[str]) -> Clue | None:
    """A student's id or name in the file's name, or in the folder above it."""
    stem = place[-1].rpartition(".")[0] or place[-1]
    attempt = _attempt(place[-1])
    plain = stem
    if attempt:
        plain = re.sub(r"-\d{1,2}$| \(\d{1,2}\)$", "", stem)
    ids = [stem, plain, *(place[-2:-1])]
    lesson = ""
    for name in lessons:
        for text in (stem, plain):
            if text.casefold().startswith(name.casefold()):
                ids.append(text[len(name) :].strip(_SEPARATORS))
                lesson = name
            elif text.casefold().endswith(name.casefold()):
                ids.append(text[: -len(name)].strip(_SEPARATORS))
                lesson = name
    told = tuple(dict.fromkeys(word for word in ids if word and word not in lessons))
    return Clue(
        who=told[-1] if told else stem, ids=told, name=told[-1] if told else "", lesson=lesson,
        attempt=attempt,
    )  # fmt: skip
