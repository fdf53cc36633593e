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
ENOUGH = 4  # unlike numbers that a mistake has to give: fewer are alike by accident
MANY = 1000  # numbers of an answer are enough to see how many are unlike
COARSE = 0.005  # a tolerance, as of random draws, with which many answers are alike
MOST = 0.6  # of the failing calls have to be those of one mistake, if the others tell nothing


def find_near_miss(
    spec: ExerciseSpec,
    name: str,
    answers: Sequence[Answer],
    calls: Collection[int],
) -> Relation | None:
    """One known mistake that gives all failing calls of a function, or two of them that do."""
    known = [m for m in spec.misconceptions if m.function == name]
    fits = {m.id: _same_calls(spec, m, answers, calls) for m in known}
    by_id = {m.id: m for m in known}
    whole = [m for m, same in fits.items() if same == set(calls) and _tells(answers, same)]
    if len(whole) == 1:
        return _all_calls(name, by_id[whole[0]], answers, calls)
    if len(whole) > 1:
        return None
    return _two(name, by_id, fits, answers, calls)


def find_mistake_of_a_question(
    spec: ExerciseSpec, name: str, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """The one known mistake that gives all failing answers to one probe's question.

    A probe is made to tell mistakes apart, so that little is enough: but one mistake only may fit.
    """
    known = [
        m
        for m in spec.misconceptions
        if m.function == name and _same_calls(spec, m, answers, calls) == set(calls)
    ]
    if len(known) != 1 or not all(spec.calls[i].probe for i in calls):
        return None
    numbers = {n for i in calls for n in _numbers(answers[i].get("value", {}))}
    if len(numbers) < 2 and not any("raised" in answers[i] for i in calls):
        return None
    says = behaves_like(name, known[0].message)
    return Relation("mistake", says, says)


def find_mistake_and_more(
    spec: ExerciseSpec,
    name: str,
    answers: Sequence[Answer],
    calls: Collection[int],
    finds: Sequence[Find],
) -> Relation | None:
    """A known mistake that gives all failing calls but for a plain change, or most of them."""
    known = [m for m in spec.misconceptions if m.function == name]
    fits = {m.id: _same_calls(spec, m, answers, calls) for m in known}
    changed = _changed(spec, name, known, answers, calls, finds)
    return changed or _most(name, {m.id: m for m in known}, fits, answers, calls)


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
    name: str,
    known: Mapping[str, MisconceptionSpec],
    fits: Mapping[str, set[int]],
    answers: Sequence[Answer],
    calls: Collection[int],
) -> Relation | None:
    """Two mistakes that together give all failing calls, each some that the other doesn't."""
    pairs = []
    names = [m for m, same in fits.items() if same]
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = fits[one], fits[other]
            alone = a - b, b - a
            if a | b == set(calls) and all(alone) and _tells(answers, a) and _tells(answers, b):
                pairs.append((one, other) if len(a) >= len(b) else (other, one))
    if len(pairs) != 1:
        return None
    one, other = pairs[0]
    says = (
        f"Two things come together. In {len(fits[one])} of {len(calls)} calls that fail, "
        f"{behaves_like(name, known[one].message)} In the others, "
        f"{behaves_like(name, known[other].message)}"
    )
    return Relation("two mistakes", says, says)


def _most(
    name: str,
    known: Mapping[str, MisconceptionSpec],
    fits: Mapping[str, set[int]],
    answers: Sequence[Answer],
    calls: Collection[int],
) -> Relation | None:
    """A mistake that gives most of the failing calls, and no other one gives as many."""
    order = sorted(fits, key=lambda m: -len(fits[m]))
    if not order:
        return None
    best, count = order[0], len(fits[order[0]])
    second = len(fits[order[1]]) if len(order) > 1 else 0
    if count < 3 or count < MOST * len(calls) or count == second:
        return None
    if not _tells(answers, fits[best]):
        return None
    says = (
        f"In {count} of {len(calls)} calls that fail, {behaves_like(name, known[best].message)} In "
        "the others there is something else as well."
    )
    return Relation("mostly a mistake", says, says)


def largest_share(
    spec: ExerciseSpec, name: str, answers: Sequence[Answer], calls: Collection[int]
) -> tuple[MisconceptionSpec | None, set[int]]:
    """The one known mistake that gives the most failing calls, if it gives enough to be sure."""
    known = [m for m in spec.misconceptions if m.function == name]
    fits = [(m, _same_calls(spec, m, answers, calls)) for m in known]
    fits.sort(key=lambda fit: -len(fit[1]))
    alone = len(fits) < 2 or (fits and len(fits[0][1]) > len(fits[1][1]))
    if not fits or not alone or len(fits[0][1]) < 2 or not _tells(answers, fits[0][1]):
        return None, set()
    return fits[0]


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
