"""What a wrong answer that shows no known mistake has to do with the right one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from attnkit.checking.about_tests import find_verdicts
from attnkit.checking.arranged import find_arrangement
from attnkit.checking.conditions import find_condition
from attnkit.checking.evidence import Part, wrong_parts
from attnkit.checking.kinds import find_kind, find_right_parts
from attnkit.checking.looser import find_order, find_truth
from attnkit.checking.near_misses import (
    Find,
    Given,
    find_mistake_and_more,
    find_mistake_of_a_question,
    find_near_miss,
    largest_share,
    mistakes_given,
)
from attnkit.checking.numbers import find_by_numbers, off_by_the_same, other_sign
from attnkit.checking.places import find_places
from attnkit.checking.related import Relation
from attnkit.checking.rows import find_rows
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.weights import find_weights
from attnkit.checking.wire import Answer
from attnkit.checking.wording import behaves_like, part_says

MOST_SAID = 3  # sentences at once: the rest is told when these things are mended


def find_relation(
    spec: ExerciseSpec,
    name: str,
    answers: Sequence[Answer],
    wrong: Sequence[bool],
    calls: Collection[int],
) -> Relation | None:
    """How one function's answers to these failing calls are related to the right ones, if it shows.

    `wrong` tells of every call of the exercise whether it fails.
    """
    with np.errstate(all="ignore"):  # whatever is made of the numbers, it is only compared
        return _of_calls(spec, name, answers, wrong, calls) or _by_question(
            spec, name, answers, wrong, calls
        )


def _of_calls(
    spec: ExerciseSpec,
    name: str,
    answers: Sequence[Answer],
    wrong: Sequence[bool],
    calls: Collection[int],
) -> Relation | None:
    """One relation of all these calls, the surest kinds first."""
    given = mistakes_given(spec, name, answers, calls)
    found = (
        find_near_miss(given, name, answers, calls)
        or find_kind(spec, answers, calls)
        or find_verdicts(spec, answers, calls)
    )
    if found:
        return found
    parts = wrong_parts(spec, answers, calls)
    return (
        _first(parts, _STRICT)
        or find_mistake_and_more(spec, given, name, answers, calls, _PLAIN)
        or _first(parts, _LOOSER)
        or find_condition(spec, wrong, calls)
        or find_right_parts(spec, answers, calls)
        or _rest(spec, given, name, answers, calls)
    )


def _by_question(
    spec: ExerciseSpec,
    name: str,
    answers: Sequence[Answer],
    wrong: Sequence[bool],
    calls: Collection[int],
) -> Relation | None:
    """What is found for each question that probes ask, if there are several that fail."""
    questions: dict[str, list[int]] = {}
    for i in calls:
        questions.setdefault(part_says(spec.calls[i], ()), []).append(i)
    if len(questions) < 2:
        return None
    found = [
        find_mistake_of_a_question(spec, name, answers, own)
        or _of_calls(spec, name, answers, wrong, own)
        for own in questions.values()
    ]
    told = [relation for relation in found if relation]
    more = [relation for relation in told if relation.kind != "parts"]
    said = list(dict.fromkeys(relation.sentence for relation in more or told[:1]))
    if not said:
        return None
    says = " ".join(said[:MOST_SAID])
    return Relation("several", says, says)


def _rest(
    spec: ExerciseSpec,
    given_by: Given,
    name: str,
    answers: Sequence[Answer],
    calls: Collection[int],
) -> Relation | None:
    """A known mistake that gives some of the failing calls, and a relation for the others."""
    mistake, given = largest_share(given_by, answers)
    others = [i for i in calls if i not in given]
    parts = wrong_parts(spec, answers, others) if mistake else []
    found = _first(parts, (*_STRICT, *_LOOSER)) or (
        find_right_parts(spec, answers, others) if parts else None
    )
    if mistake is None or found is None:
        return None
    says = (
        f"Two things come together. In {len(given)} of {len(calls)} calls that fail, "
        f"{behaves_like(name, mistake.message)} In the others it is another thing: "
        f"{found.sentence[0].lower()}{found.sentence[1:]}"
    )
    return Relation("two", says, says)


def _first(parts: Sequence[Part], finds: Sequence[Find]) -> Relation | None:
    """The first relation of any of these parts."""
    found = (find(part) for part in parts for find in finds)
    return next(filter(None, found), None)


# What numbers show beyond doubt, and what they show only if nothing else does.
_STRICT = (find_truth, find_arrangement, find_by_numbers, find_weights)
_PLAIN = (find_arrangement, other_sign, off_by_the_same)
_LOOSER = (find_rows, find_places, find_order)
