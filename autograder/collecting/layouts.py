"""Whose is a file? What its outer name and folders tell, in the layouts of the systems it is from.

canvas   NAME[_LATE]_USER_FILE_the-student's-name-for-it.ipynb, all in one folder. NAME is the
         sortable name in small letters without spaces; of anonymous ones there is `anon_CODE`.
moodle   NAME_PARTICIPANT_assignsubmission_file/its-name.ipynb, or the same as one long file name.
tree     STUDENT/LESSON/LESSON.ipynb, nbgrader's `submitted/`
names    STUDENT.ipynb, STUDENT_LESSON.ipynb, LESSON-STUDENT.ipynb, STUDENT/anything.ipynb,
         GitHub Classroom's ASSIGNMENT-STUDENT/…, and what `systems.py` knows
pattern  as a teacher says it (`pattern.py`)

As Canvas (`lib/content_zipper.rb`) and Moodle (`mod/assign/classes/downloader.php`) write them.
Of a place only the outermost part that has its layout's form is the system's word: what stands
behind it, in the same name or deeper, was chosen by the student. What lies in a zip that a student
handed in is no part of a place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Literal

from autograder.collecting import inside
from autograder.collecting.clues import Clue as Clue
from autograder.collecting.clues import Parts as Parts
from autograder.collecting.systems import is_blackboards, told_by, version_of
from autograder.reading.file_name import stem_of, without_number

Layout = Literal["canvas", "moodle", "tree", "names", "pattern"]

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
# Of a folder it is all, so that a name which a student has chosen can't end it.
_MOODLE_FOLDER = re.compile(
    r"(?:(?P<name>[^/]+)_)?(?P<participant>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?",
    re.DOTALL,
)
_AGAIN = re.compile(r"-\d\Z")  # of a file that was handed in again; more digits may be an id's
_ATTEMPT = re.compile(r"-(\d{1,2})\Z")
_SEPARATORS = " _-.+"
LESSONS = "lessons"  # the course's own folder of its notebooks
_FORMED: tuple[Layout, ...] = ("moodle", "tree", "canvas")


# --- the layout of a source -----------------------------------------------------------------------


def layout_of(places: Sequence[Parts], lessons: Sequence[str]) -> Layout:
    """The layout that most people's files have: one vote each, however many they handed in."""
    able = [place for place in places if inside.is_notebook(place[-1]) or inside.is_zip(place[-1])]
    told = [(place, _first_form(place, lessons)) for place in able or places]
    beside = {place[:-1] for place, _ in told}  # where files lie, a folder may be one student's
    bases = {
        place[:at]
        for place, (at, _) in told
        if at < len(place) - 1 and not any(place[:above] in beside for above in range(at))
    }
    shared = shared_folders([place for place, _ in told])
    votes: dict[object, set[Layout]] = {}
    for place, (at, forms) in told:
        base = base_of(place, bases)
        depth = len(shared if base is None else base)
        voter: object = place[: depth + 1]  # a person's folder, or a file
        if depth == len(place) - 1 and forms:  # which may be one of several
            clues = (clue_at(place, at, form, lessons) for form in ("canvas", *forms))
            voter = next(clue.who for clue in clues if clue)
        votes.setdefault(voter, set()).update(forms)
    for layout in _FORMED:
        if sum(layout in forms for forms in votes.values()) * 2 > len(votes):
            return layout
    return "names"


def _first_form(place: Parts, lessons: Sequence[str]) -> tuple[int, tuple[Layout, ...]]:
    """The outermost part that has the form of a layout, and of which ones."""
    for at in range(len(place)):
        forms = tuple(layout for layout in _FORMED if has_form(place, at, layout, lessons))
        if forms:
            return at, forms
    return len(place), ()


def shared_folders(places: Sequence[Parts]) -> Parts:
    """The folders that all files lie in."""
    shared: Parts = places[0][:-1] if places else ()
    for place in places:
        same = zip(shared, place[:-1], strict=False)
        shared = shared[: sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], same))]
    return shared


def own_folder(place: Parts, lessons: Sequence[str]) -> Parts | None:
    """The folder on the way to a file that holds one student's files only, if its name tells so."""
    for at in range(len(place) - 1):
        if has_form(place, at, "moodle", lessons) or has_form(place, at, "tree", lessons):
            return place[: at + 1]
    return None


def base_of(place: Parts, bases: Collection[Parts]) -> Parts | None:
    """The outermost of these folders that the file lies in, with a folder of its own in it.

    `bases` are where students' folders lie. All that lies there is a student's, too: in a folder
    that has not the right form, nothing deeper has a say.
    """
    around = (place[:length] for length in range(len(place) - 1))
    return next((folder for folder in around if folder in bases), None)


# --- one file -------------------------------------------------------------------------------------


def has_form(place: Parts, at: int, layout: Layout, lessons: Sequence[str]) -> bool:
    """Whether a part of a place is one by which this layout tells a student."""
    if layout == "moodle":
        return _moodle_form(place, at) is not None
    if layout == "canvas":
        return not is_blackboards(place[at]) and bool(_CANVAS.fullmatch(_stem(place, at)))
    if layout == "tree":
        in_course = place[at] == LESSONS  # somebody has handed in the whole course
        return at + 1 < len(place) and not in_course and _lesson_folder(place, at + 1, lessons)
    return False


def clue_at(place: Parts, at: int, layout: Layout, lessons: Sequence[str]) -> Clue | None:
    """What one part of a file's place tells of its owner; None if it is not of the right form."""
    told = {"canvas": _canvas, "moodle": _moodle, "tree": _tree, "names": _names}[layout]
    return told(place, at, lessons)


def lesson_in(name: str, lessons: Sequence[str]) -> str:
    """The lesson whose name a file's name begins or ends with; "" if none."""
    stems = _stems(name)
    return next((one for one in lessons for stem in stems if _beside(stem, one) is not None), "")


def _attempt_of(name: str) -> int:
    """How often it was handed in before, as Canvas writes that: `name-1`.

    `name (1)` is a browser's word for a second download, which may be the blank notebook again.
    """
    found = _ATTEMPT.search(stem_of(name))
    return int(found[1]) if found else 0


def _stem(place: Parts, at: int) -> str:
    """A part of a place; of a zip that was handed in the name without .zip, as of a folder."""
    part = place[at]
    return part[:-4] if at == len(place) - 1 and inside.is_zip(part) else part


def _canvas(place: Parts, at: int, lessons: Sequence[str]) -> Clue | None:
    found = _CANVAS.fullmatch(_stem(place, at))
    if found is None:
        return None
    return Clue(
        who=found["user"] or f"anon_{found['anon']}",
        name=found["name"] or "",
        number=found["user"] or "",
        late=found["late"] is not None,
        attempt=_attempt_of(place[-1]),
    )


def _moodle(place: Parts, at: int, lessons: Sequence[str]) -> Clue | None:
    found = _moodle_form(place, at)
    if found is None:
        return None
    number, name = found["participant"], found["name"] or ""
    hidden = name in ("", "Participant")  # marked without names
    return Clue(who=f"{name} {number}", name="" if hidden else name, number=number)


def _moodle_form(place: Parts, at: int) -> re.Match[str] | None:
    form = _MOODLE if at == len(place) - 1 else _MOODLE_FOLDER
    return form.fullmatch(_stem(place, at))


def _lesson_folder(place: Parts, at: int, lessons: Sequence[str]) -> bool:
    """Whether this part is a lesson's folder, or a zip that stands for one."""
    return _stem(place, at) in lessons and (at < len(place) - 1 or inside.is_zip(place[at]))


def _tree(place: Parts, at: int, lessons: Sequence[str]) -> Clue | None:
    who = _stem(place, at)
    if at == len(place) - 1 and inside.is_zip(place[at]):  # a student's whole folder
        return Clue(who=who, ids=(who,))
    if at + 1 < len(place) and at + 3 >= len(place) and _lesson_folder(place, at + 1, lessons):
        lesson = _stem(place, at + 1)
        return Clue(who=who, ids=(who,), lesson=lesson)
    return None


def _names(place: Parts, at: int, lessons: Sequence[str]) -> Clue | None:
    """A student's id or name in a folder's name, or in the file's."""
    part = place[at]
    if system := told_by(part):
        name = system.rest or place[-1]
        return Clue(
            who=part, ids=(part, *system.ids), ends=system.ends, name=system.name, time=system.time,
            lesson=lesson_in(name, lessons) if inside.is_notebook(name) else "",
        )  # fmt: skip
    if at < len(place) - 1:
        if part in lessons:
            return None
        lesson = lesson_in(place[-1], lessons) if inside.is_notebook(place[-1]) else ""
        besides = tuple(filter(None, (_beside(part, name) for name in lessons)))
        return Clue(
            who=part, ids=(part, *besides), ends=_ends(part), name=(*besides, part)[0],
            lesson=lesson, attempt=version_of(place[-2]) if at + 4 == len(place) else 0,
        )  # fmt: skip
    stem, plain = _stems(part)
    beside = [_beside(text, name) for name in lessons for text in (stem, plain)]
    words = [stem, plain, *filter(None, beside)]
    lesson = lesson_in(part, lessons)
    told = tuple(dict.fromkeys(word for word in words if word and word not in lessons))
    whole = inside.is_zip(part)  # a zip may hold more lessons than the one it is called after
    return Clue(
        who=told[-1] if told else stem, ids=told, name=told[-1] if told else "",
        lesson="" if whole else lesson, likely=lesson if whole else "",
    )  # fmt: skip


def _stems(name: str) -> tuple[str, str]:
    """A file's name without its ending; and without the number of an attempt."""
    stem = stem_of(name)
    return stem, _AGAIN.sub("", without_number(stem)) or stem


def _ends(folder: str) -> tuple[str, ...]:
    """What a folder's name ends with: GitHub Classroom calls one `assignment-login`.

    A mere number of one or two digits counts an assignment, or a group.
    """
    words = folder.split("-")
    ends = ("-".join(words[at:]) for at in range(1, len(words)))
    return tuple(end for end in ends if end and not re.fullmatch(r"\d{1,2}", end))


def _beside(text: str, lesson: str) -> str | None:
    """What a name says beside a lesson's name, at whose end or beginning it stands."""
    if text.casefold().startswith(lesson.casefold()):
        return text[len(lesson) :].strip(_SEPARATORS)
    if text.casefold().endswith(lesson.casefold()):
        return text[: -len(lesson)].strip(_SEPARATORS)
    return None
