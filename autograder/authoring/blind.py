"""What somebody wins who answers hidden calls without looking at them: it must be nothing.

The visible checks are published, with what is expected of them, and so is this code. Who knows all
of it but the class's seed can hand in a visible answer where a hidden one is asked for, count
calls, answer always the same, or give an input back. Each such strategy is tried against each
check's hidden calls. A check that falls to one gives points to people who know nothing; its hidden
calls must then hold more that is drawn from the seed: other numbers, other sizes, right and wrong
things in a drawn order.
"""

from __future__ import annotations

import collections
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.compare import compare_call
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec

from autograder.authoring.echoes import echoes
from autograder.authoring.exercise import Exercise
from autograder.authoring.specs import make_spec

DRAWS = 3  # of hidden calls from one seed, where luck would let somebody win without looking
_CONSTANTS: tuple[Any, ...] = (0.0, 1.0, -1.0, 0.5, True, False, None, "")

#: Answers for one check's hidden calls.
Answers = list[wire.Plain]


@dataclass(frozen=True)
class Win:
    """A check whose hidden calls all take what a strategy gives."""

    strategy: str
    check: str
    points: int


def blind_wins(visible: ExerciseSpec, hidden: ExerciseSpec) -> list[Win]:
    """Every check that a strategy wins without looking, at most once for each strategy."""
    wins = []
    places = itertools.accumulate((len(check.calls) for check in hidden.checks), initial=0)
    for seen, asked, first in zip(visible.checks, hidden.checks, places, strict=False):
        for strategy, answer in STRATEGIES.items():
            tries = answer(visible, seen, asked, first)
            if any(_all_right(hidden, asked, answers) for answers in tries):
                wins.append(Win(strategy, asked.name, asked.points))
    return wins


def make_hidden(
    exercise: Exercise, reference: Mapping[str, Any], seed: int, visible: ExerciseSpec
) -> ExerciseSpec:
    """An exercise's hidden checks: drawn from the seed, and anew where luck would let one be won.

    If no draw is safe, it is the one that loses least: `attn verify` says so to the author.
    """
    best, fewest = None, float("inf")
    for draw in range(DRAWS):
        hidden = make_spec(exercise, reference, seed, misconceptions=False, draw=draw)
        lost = sum(win.points for win in blind_wins(visible, hidden))
        if lost < fewest:
            best, fewest = hidden, lost
        if not lost:
            break
    assert best is not None
    return best


def _all_right(hidden: ExerciseSpec, check: CheckSpec, answers: Answers) -> bool:
    if len(answers) < len(check.calls):
        return False
    return all(
        compare_call(call, {"value": value, "changed": []}, hidden.parameters(call), check) is None
        for call, value in zip(check.calls, answers, strict=False)
    )


def _right(call: CallSpec) -> wire.Plain:
    """An answer that a visible call takes."""
    return _middle(call.expected)


def _middle(expected: wire.Plain) -> wire.Plain:
    if "between" in expected:
        low, high = (np.asarray(wire.decode(bound), float) for bound in expected["between"])
        middle = np.clip((low + high) / 2, -1e300, 1e300)
        return wire.encode(float(middle) if middle.ndim == 0 else middle)
    if "matches" in expected:
        return dict(expected["matches"])
    for kind in ("tuple", "list"):
        if kind in expected:
            return {kind: [_middle(item) for item in expected[kind]]}
    return expected


def _in_order(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    """The check's visible answers in their order, from any of them on, and backwards."""
    answers = [_right(call) for call in seen.calls]
    for order in (answers, answers[::-1]):
        for start in range(len(order)):
            yield list(
                itertools.islice(itertools.cycle(order[start:] + order[:start]), len(asked.calls))
            )


def _by_count(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    """The n-th visible answer of the exercise to the n-th call."""
    answers = [_right(call) for call in visible.calls]
    yield answers[first : first + len(asked.calls)]


def _one_for_all(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    for answer in _distinct([_right(call) for call in seen.calls]):
        yield [answer] * len(asked.calls)


def _commonest(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    texts = collections.Counter(json.dumps(_right(call)) for call in visible.calls)
    yield [json.loads(texts.most_common(1)[0][0])] * len(asked.calls)


def _constant(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    """One number everywhere, in arrays of whatever shape is asked for."""
    for value in _CONSTANTS:
        yield [_filled(_right(call), value) for call in asked.calls]


def _opposite(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    """Yes for each visible no, and no for each yes."""
    answers = [_right(call) for call in seen.calls]
    if all(answer.get("type") == "bool" for answer in answers):
        yield [{**answer, "scalar": not answer["scalar"]} for answer in answers]


def _echo(
    visible: ExerciseSpec, seen: CheckSpec, asked: CheckSpec, first: int
) -> Iterator[Answers]:
    """What a call's own inputs hold, or what is told by their sizes."""
    found = echoes(seen, asked)
    if found is not None:
        yield found


def _filled(like: wire.Plain, value: Any) -> wire.Plain:
    def filled(leaf: wire.Plain) -> wire.Plain:
        is_array = "array" in leaf and isinstance(value, (bool, float))
        return wire.encode(np.full(leaf["shape"], value) if is_array else value)

    return wire.map_leaves(filled, like)


def _distinct(answers: Sequence[wire.Plain]) -> Iterator[wire.Plain]:
    for text in dict.fromkeys(json.dumps(answer) for answer in answers):
        yield json.loads(text)


#: By name, in words that complete "who answers the hidden calls with …".
STRATEGIES: dict[str, Callable[[ExerciseSpec, CheckSpec, CheckSpec, int], Iterator[Answers]]] = {
    "always the same visible answer": _one_for_all,
    "each answer in the visible order": _in_order,
    "a constant": _constant,
    "the commonest answer": _commonest,
    "a counter of calls": _by_count,
    "the opposite of the visible answers": _opposite,
    "an echo of its inputs": _echo,
}
