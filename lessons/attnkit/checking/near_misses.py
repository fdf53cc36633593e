"""Answers near those of known mistakes: two of them at once, one of them and something more.

A declared mistake is recognised where it gives all of a function's answers. Here it gives some of
them, or all of them but for a change that numbers show. What is said is what was compared: in how
many of the failing calls, and what is left.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from attnkit.checking.compare import same_answer
from attnkit.checking.evidence import Part, wrong_parts
from attnkit.checking.kinds import find_kind
from attnkit.checking.related import Relation
from attnkit.checking.spec import ExerciseSpec, MisconceptionSpec
from attnkit.checking.wire import Answer, Plain, leaves
from attnkit.checking.wording import behaves_like

Find = Callable[[Part], Relation | None]
Given = Sequence[tuple[MisconceptionSpec, set[int]]]  # mistakes, and the calls that they give
ENOUGH = 4  # unlike numbers that a mistake has to give: fewer are alike by accident
MANY = 1000  # numbers of an answer are enough to see how many are unlike
COARSE = 0.005  # a tolerance, as of random draws, with which many answers are alike
MOST = 0.6  # of the failing calls have to be those of one mistake, if the others tell nothing


def mistakes_given(
    spec: ExerciseSpec, name: str, answers: Sequence[Answer], calls: Collection[int]
) -> Given:
    """For each known mistake of a function which of these calls it gives, most of them first."""
    known = (m for m in spec.misconceptions if m.function == name)
    given = [(m, _same_calls(spec, m, answers, calls)) for m in known]
    return sorted(given, key=lambda each: -len(each[1]))


def find_near_miss(
    given: Given, name: str, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """One known mistake that gives all failing calls of a function, or two of them that do."""
    whole = [m for m, same in given if same == set(calls) and _tells(answers, same)]
    if len(whole) == 1:
        return _all_calls(name, whole[0], answers, calls)
    return None if whole else _two(name, given, answers, calls)


def find_mistake_of_a_question(
    spec: ExerciseSpec, name: str, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """The one known mistake that gives all failing answers to one probe's question.

    A probe is made to tell mistakes apart, so that little is enough: but one mistake only may fit.
    """
    given = mistakes_given(spec, name, answers, calls)
    known = [mistake for mistake, same in given if same == set(calls)]
    if len(known) != 1 or not all(spec.calls[i].probe for i in calls):
        return None
    numbers = {n for i in calls for n in _numbers(answers[i].get("value", {}))}
    if len(numbers) < 2 and not any("raised" in answers[i] for i in calls):
        return None
    says = behaves_like(name, known[0].message)
    return Relation("mistake", says, says)


def find_mistake_and_more(
    spec: ExerciseSpec,
    given: Given,
    name: str,
    answers: Sequence[Answer],
    calls: Collection[int],
    finds: Sequence[Find],
) -> Relation | None:
    """A known mistake that gives all failing calls but for a plain change, or most of them."""
    changed = _changed(spec, name, [m for m, _ in given], answers, calls, finds)
    return changed or _most(name, given, answers, calls)


def _same_calls(
    spec: ExerciseSpec,
    mistake: MisconceptionSpec,
    answers: Sequence[Answer],
    calls: Collection[int],
) -> set[int]:
    """The calls whose values are those of a mistake, whatever became of the inputs."""
    return {
        i
        for i in calls
        if (theirs := mistake.answers[i]) is not None
        and spec.calls[i].tolerance < COARSE
        and same_answer(_value(answers[i]), _value(theirs), spec.calls[i].tolerance)
    }


def _value(answer: Answer) -> Answer:
    return {**answer, "changed": []} if "value" in answer else answer


def _tells(answers: Sequence[Answer], calls: Collection[int]) -> bool:
    """Whether there are enough unlike numbers in the answers to these calls."""
    numbers = {n for i in calls for n in _numbers(answers[i].get("value", {}))}
    return len(numbers) >= ENOUGH


def _numbers(value: Plain) -> Iterator[float]:
    """Numbers in a value: the first of very many."""
    all_of_it = (n for leaf in leaves(value) for n in leaf.get("array", [leaf.get("scalar")]))
    for n in itertools.islice(all_of_it if value else (), MANY):
        if isinstance(n, (int, float)) and math.isfinite(n):
            yield round(float(n), 9)


def _all_calls(
    name: str, mistake: MisconceptionSpec, answers: Sequence[Answer], calls: Collection[int]
) -> Relation:
    """In every call that fails it gives what the mistake gives; the others are right."""
    changed = any(answers[i].get("changed") for i in calls)
    said = behaves_like(name, mistake.message)
    if changed and not any((mistake.answers[i] or {}).get("changed") for i in calls):
        says = f"{said} Besides, it changes an input, which whoever called it still needs."
    else:
        says = f"In the {_calls(len(calls))} fail, {said}"
    return Relation("mistake", says, says)


def _calls(count: int) -> str:
    return "one call that does" if count == 1 else f"{count} calls that"


def _two(
    name: str, given: Given, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """Two mistakes that together give all failing calls, each some that the other doesn't."""
    pairs = [
        (one, other)
        for one, other in itertools.combinations([each for each in given if each[1]], 2)
        if one[1] | other[1] == set(calls)
        and one[1] - other[1]
        and other[1] - one[1]
        and _tells(answers, one[1])
        and _tells(answers, other[1])
    ]
    if len(pairs) != 1:
        return None
    (one, same), (other, _) = pairs[0]
    says = (
        f"Two things come together. In {len(same)} of {len(calls)} calls that fail, "
        f"{behaves_like(name, one.message)} In the others, {behaves_like(name, other.message)}"
    )
    return Relation("two mistakes", says, says)


def _most(
    name: str, given: Given, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """A mistake that gives most of the failing calls, and no other one gives as many."""
    mistake, same = largest_share(given, answers, least=3)
    if mistake is None or len(same) < MOST * len(calls):
        return None
    says = (
        f"In {len(same)} of {len(calls)} calls that fail, {behaves_like(name, mistake.message)} "
        "The others show something else."
    )
    return Relation("mostly a mistake", says, says)


def largest_share(
    given: Given, answers: Sequence[Answer], least: int = 2
) -> tuple[MisconceptionSpec | None, set[int]]:
    """The one known mistake that gives the most failing calls, if it gives enough to be sure."""
    first, second = [*given, *[(None, set[int]())] * 2][:2]
    if len(first[1]) < least or len(first[1]) == len(second[1]) or not _tells(answers, first[1]):
        return None, set()
    return first


def _changed(
    spec: ExerciseSpec,
    name: str,
    known: Sequence[MisconceptionSpec],
    answers: Sequence[Answer],
    calls: Collection[int],
    finds: Sequence[Find],
) -> Relation | None:
    """A known mistake and a plain change of its numbers, such as the other sign."""
    found = []
    one = _most_telling(answers, calls)
    for mistake in known:
        theirs = {i: mistake.answers[i] for i in calls}
        if not all(answer and "value" in answer for answer in theirs.values()):
            continue
        beside = _with_expected(spec, {i: a["value"] for i, a in theirs.items() if a})
        if not (find_kind(beside, answers, one) or _any(wrong_parts(beside, answers, one), finds)):
            continue  # soon seen, and so it is with nearly all of them
        whole = find_kind(beside, answers, calls)
        if not whole and any(_between_bounds(spec, i) for i in calls):
            continue  # what a mistake gives by chance has no numbers that a relation could hold of
        parts = [] if whole else wrong_parts(beside, answers, calls)
        if not all(part.tells_enough(ENOUGH) for part in parts):
            continue
        relations = [next(filter(None, (find(part) for find in finds)), None) for part in parts]
        first = relations[0] if relations else whole
        if first and all(relation and relation.says == first.says for relation in relations):
            found.append((mistake, first))
    if len(found) != 1:
        return None
    mistake, relation = found[0]
    says = (
        f"Two things come together: {behaves_like(name, mistake.message)} Compared with what that "
        f"gives, {_beside(relation.sentence)}"
    )
    return Relation("mistake changed", says, says)


def _between_bounds(spec: ExerciseSpec, i: int) -> bool:
    """Whether any number between two bounds is right in this call, since it comes of chance."""
    expected = spec.calls[i].expected
    return isinstance(expected, dict) and "between" in expected


def _any(parts: Sequence[Part], finds: Sequence[Find]) -> bool:
    return any(find(part) for part in parts for find in finds)


def _most_telling(answers: Sequence[Answer], calls: Collection[int]) -> Collection[int]:
    """A call whose answer has enough unlike numbers, but no more than that; else all of them."""
    count = {i: len(set(_numbers(answers[i].get("value", {})))) for i in calls}
    enough = [i for i in calls if count[i] >= 2 * ENOUGH]
    return [min(enough, key=lambda i: count[i])] if enough else calls


def _beside(sentence: str) -> str:
    """The relation's sentence, about what the mistake gives in place of what is right."""
    said = sentence.replace("the right answer", "that").replace(
        "the right numbers", "those numbers"
    )
    return said[0].lower() + said[1:]


def _with_expected(spec: ExerciseSpec, expected: Mapping[int, Plain]) -> ExerciseSpec:
    """The same exercise, where what a mistake gives is taken for right."""
    checks, i = [], 0
    for check in spec.checks:
        own = []
        for call in check.calls:
            own.append(dataclasses.replace(call, expected=expected[i]) if i in expected else call)
            i += 1
        checks.append(dataclasses.replace(check, calls=tuple(own)))
    return dataclasses.replace(spec, checks=tuple(checks))
