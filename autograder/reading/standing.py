"""Where an exercise was checked, if a later cell changes what its functions are or lean on.

A learner checks a function, is content, and goes on: the name is given to its result, or to a wrong
try of something else. What counts is what stood when it was checked, so the box is told to remember
it there. Where no later cell gives any of these names anything new, there is nothing to remember.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from autograder.reading.definitions import defined, stubs_in
from autograder.reading.dependencies import Names, names_of, names_of_given
from autograder.reading.frame import Frame, FrameCell

CHECKS = re.compile(r"\bcheck\(\s*[\"'](L\d{1,2}\.\d{1,2})[\"']", re.IGNORECASE)
_MOST = 4  # such places of one exercise


@dataclass(frozen=True)
class Standing:
    """A cell after which what stands is to be remembered, for the exercise of an answer cell."""

    answer: str  # the released answer cell's id
    cell: int  # its index among all cells
    renewed: tuple[str, ...] = ()  # functions of the exercise that a later cell surely replaces


def exercises_checked(source: str) -> set[str]:
    """The exercises that a cell checks by itself: "L1.1"."""
    return {match[1].upper() for match in CHECKS.finditer(source)}


def standings(
    own: Mapping[int, str], given: Mapping[int, str], checks: Mapping[int, str], frame: Frame
) -> list[Standing]:
    """What is to be remembered.

    `own` and `given` are the code cells that are run, by their index: the learner's text and the
    course's. `checks` are the course's check cells that the learner still had, by index: the id of
    the answer cell that each of them checks.
    """
    names = {i: names_of(text) for i, text in own.items()}
    names |= {i: names_of_given(text) for i, text in given.items()}
    called = {i: exercises_checked(text) for i, text in own.items()}
    found: list[Standing] = []
    for answer in frame.cells:
        if not answer.functions:
            continue
        places = {i for i, where in checks.items() if where == answer.id}
        places |= {i for i, exercises in called.items() if answer.name in exercises}
        if places:
            found += islice(_of_exercise(answer, places, own, names, frame), _MOST)
    return found


def _of_exercise(
    answer: FrameCell,
    places: Collection[int],
    own: Mapping[int, str],
    names: Mapping[int, Names],
    frame: Frame,
) -> Iterator[Standing]:
    leans_on = _leaning_on({*answer.functions}, names)
    last = None  # the place where it was checked last, once it was written
    is_written = False
    for i in sorted({*places, *names}):
        if i in names:
            bound = names[i].binds
            if last is not None and (bound is None or bound & leans_on):
                later = (names[j].binds or frozenset() for j in names if j > last)
                renewed = frozenset[str]().union(*later) & {*answer.functions}
                yield Standing(answer.id, last, tuple(sorted(renewed)))
                last = None
        is_written = is_written or (i in own and _writes(own[i], answer, frame))
        if i in places and is_written:
            last = i


def _writes(source: str, answer: FrameCell, frame: Frame) -> bool:
    if not any(name in source for name in answer.functions):
        return False
    return bool((defined(source) - stubs_in(source, frame.stubs)) & {*answer.functions})


def _leaning_on(functions: set[str], names: Mapping[int, Names]) -> set[str]:
    """These names, and all those that the cells which make them use, and so on."""
    makers: dict[str, list[int]] = {}
    looked_at = {i for i, known in names.items() if known.makes is None}
    for i, known in names.items():
        for name in known.makes or ():
            makers.setdefault(name, []).append(i)
    waiting = functions.union(*(names[i].uses for i in looked_at))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        for i in makers.get(name, ()):
            if i not in looked_at:
                looked_at.add(i)
                waiting |= names[i].uses - found
    return found
