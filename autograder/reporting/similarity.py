"""Answers that look alike: pairs of students whose code shares more than chance explains.

Short exercises have few right answers, and honest ones are often the same. So what counts is
rarity. What stands in the released notebook, in the solution or in a known right or wrong variant
counts nothing, nor does what many in the class wrote. What is left and shared in one exercise
counts as one coincidence, of log₂(N / n) bits if n of N students have it, and more the longer it
is. A pair is named if its coincidences together say more than a class of that size, with
its N (N − 1) / 2 pairs, would show by chance once in a hundred such classes.

It finds copies with other names, other comments, another order of functions. It can't find a copy
of an answer that is known to the course, and it proves nothing: it says where to look.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.reporting.fingerprints import Prints, fingerprints, imported_names

CLEAR_BITS = math.log2(100)  # above what the number of pairs would give by chance
LEAST_SHARE = 0.6  # of what is rare in the one who has less of it, in an exercise
LEAST_PRINTS = 3  # that an exercise must share to count
# Longer is less likely to be chance: bits for each fingerprint more than so many. Twenty are some
# 80 nodes of a tree, about as long as answers get that two might write alike.
LENGTHS = ((6, 0.1), (20, 0.4))
MOST_OFTEN = 0.15  # of the class: what more of them wrote is common


@dataclass(frozen=True)
class Alike:
    """Two students whose answers look alike, in which exercises, and how much that says."""

    first: str
    second: str
    exercises: tuple[str, ...]
    bits: float
    share: float  # of what is rare in both, 0 to 1


@dataclass(frozen=True)
class Shared:
    """What two students share in one exercise: how much it says, and how much of theirs it is."""

    bits: float
    share: float


def look_alikes(
    answers: Mapping[str, Mapping[str, str]],
    known: Mapping[str, Sequence[str]],
    given: Sequence[str],
) -> list[Alike]:
    """The pairs of students whose answers look alike, the clearest first.

    answers: the code of each student by exercise. known: by exercise the code of the solution and
    of the right and wrong variants. given: the code cells of the released notebook.
    """
    names = imported_names(given)
    of_all = _every(given, names)
    found: dict[str, dict[str, Prints]] = {
        student: {exercise: fingerprints(code, names) for exercise, code in own.items()}
        for student, own in answers.items()
    }
    shared: dict[tuple[str, str], dict[str, Shared]] = defaultdict(dict)
    for exercise in sorted({name for own in found.values() for name in own}):
        common = of_all | _every(known.get(exercise, ()), names)
        prints = {
            student: own[exercise].kept - common
            for student, own in found.items()
            if exercise in own
        }
        every = {student: own[exercise].every for student, own in found.items() if exercise in own}
        for pair, sharing in _in_one_exercise(prints, every).items():
            shared[pair][exercise] = sharing
    pairs_in_class = len(answers) * (len(answers) - 1) / 2
    least = CLEAR_BITS + math.log2(max(1.0, pairs_in_class))
    alike = [
        Alike(*pair, tuple(sharing), round(bits, 1), _share(sharing))
        for pair, sharing in shared.items()
        if (bits := sum(one.bits for one in sharing.values())) >= least
    ]
    return sorted(alike, key=lambda one: (-one.bits, one.first, one.second))


def _share(sharing: Mapping[str, Shared]) -> float:
    return round(sum(one.share for one in sharing.values()) / len(sharing), 2)


def _every(sources: Sequence[str], names: frozenset[str]) -> frozenset[int]:
    return frozenset().union(*(fingerprints(source, names).every for source in sources))


def _in_one_exercise(
    prints: Mapping[str, frozenset[int]], every: Mapping[str, frozenset[int]]
) -> dict[tuple[str, str], Shared]:
    """For each pair that shares most of what is rare in both, what that says."""
    students = len(prints)
    often = Counter(one for all_of_them in every.values() for one in all_of_them)
    most = max(2, math.floor(MOST_OFTEN * students))
    rare = {name: {one for one in own if often[one] <= most} for name, own in prints.items()}
    owners: dict[int, list[str]] = defaultdict(list)
    for name in sorted(every):
        for one in every[name]:
            if often[one] <= most:
                owners[one].append(name)
    pairs = {pair for names in owners.values() for pair in itertools.combinations(names, 2)}
    found = {}
    for first, second in pairs:
        of_first, of_second = rare[first] & every[second], rare[second] & every[first]
        both = of_first | of_second
        shares = [
            len(part) / len(whole)
            for part, whole in ((of_first, rare[first]), (of_second, rare[second]))
            if whole
        ]
        if len(both) < LEAST_PRINTS or max(shares) < LEAST_SHARE:
            continue
        have_it = statistics.median(often[one] for one in both)
        for_length = sum(bits * max(0, len(both) - above) for above, bits in LENGTHS)
        bits = math.log2(students / have_it) + for_length
        found[first, second] = Shared(bits, max(shares))
    return found
