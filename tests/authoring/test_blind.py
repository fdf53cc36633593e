"""Checks that somebody wins without looking are found, by name; drawn ones are not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring import CallOf, Check, between, call, function, matching, normal
from autograder.authoring.blind import STRATEGIES, blind_wins, make_hidden
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import subjects, verify
from tests.small_course import build_course, tiny_exercise

ECHO = "an echo of its inputs"
REPLAYED = {"each answer in the visible order", "a counter of calls"}


def calls_of(rng: np.random.Generator, name: str) -> list[CallOf]:
    """The calls of one check, some of them nothing but drawn, some not drawn at all."""
    x = normal(rng, 3)
    share = float(rng.uniform(0.2, 5))
    truths = [bool(b) for b in rng.permutation([True] * 4 + [False] * 4)]
    fives = [function(five, "five") if truth else function(six, "six") for truth in truths]
    return {
        "fixed": [call.twice(np.ones(2))],
        "drawn": [call.twice(np.ones(2)), call.twice(x)],
        "sizes of nothing": [call.twice(np.zeros(int(rng.integers(1, 9))))],
        "an input itself": [call.first(x, 2), call.first(normal(rng, 4), 7)],
        "a row": [call.row(normal(rng, 3, 2)), call.row(normal(rng, 4, 5))],
        "five times its size": [
            call.five_sizes(normal(rng, int(n))) for n in rng.integers(2, 99, 2)
        ],
        "where it isn't 0": [call.words(rng.integers(0, 2, 9).tolist())],
        "an input and what is always so": [call.with_one(x), call.with_one(normal(rng, 4))],
        "an input and more": [call.with_sum(x), call.with_sum(normal(rng, 4))],
        "wide bounds": [call.twice(x, expect=between(-100, 100))],
        "drawn bounds": [call.twice(np.array([share]), expect=between(1.9 * share, 2.1 * share))],
        "one label": [call.labels(x, expect=matching(np.ones(3, int), 0.6))],
        "a test in order": [
            call.is_five(function(five, "five")),
            call.is_five(function(six, "six")),
        ],
        "a test in a drawn order": [call.is_five(one) for one in fives],
    }[name]


def five() -> int:
    return 5


def six() -> int:
    return 6


REFERENCE = {
    "twice": lambda x: 2 * x,
    "labels": lambda x: np.ones(len(x), int),
    "first": lambda x, n: x,
    "row": lambda x: x[0],
    "five_sizes": lambda x: 5 * len(x),
    "words": lambda ids: np.array(ids) != 0,
    "with_one": lambda x: (x, 1.0),
    "with_sum": lambda x: (x, float(x.sum())),
    "is_five": lambda fn: fn() == 5,
}


@pytest.mark.parametrize(
    ("name", "won_by"),
    [
        ("fixed", REPLAYED | {"always the same visible answer", "the commonest answer", ECHO}),
        ("drawn", set()),
        ("sizes of nothing", {"a constant", ECHO}),
        ("an input itself", {ECHO}),
        ("a row", {ECHO}),
        ("five times its size", {ECHO}),
        ("where it isn't 0", {ECHO}),
        ("an input and what is always so", {ECHO}),
        ("an input and more", set()),
        ("wide bounds", set(STRATEGIES) - {"the opposite of the visible answers"}),
        ("drawn bounds", set()),
        ("one label", set(STRATEGIES) - {"the opposite of the visible answers"}),
        ("a test in order", REPLAYED),
        ("a test in a drawn order", set()),
    ],
)
def test_each_strategy_wins_what_is_not_drawn(name: str, won_by: set[str]) -> None:
    exercise = tiny_exercise(*REFERENCE)
    exercise.checks(lambda rng: iter([Check(name, *calls_of(rng, name), points=3)]))
    visible = make_spec(exercise, REFERENCE, PUBLIC_SEED)
    hidden = make_hidden(exercise, REFERENCE, 5, visible)
    wins = blind_wins(visible, hidden)
    assert {win.strategy for win in wins} == won_by
    assert all((win.check, win.points) == (name, 3) for win in wins)


def test_another_draw_is_taken_where_luck_would_let_somebody_win() -> None:
    """Of two orders one is the visible one: who replays wins at half of all seeds, but for that."""
    exercise = tiny_exercise("is_five")

    @exercise.checks
    def checks(rng: np.random.Generator) -> Iterator[Check]:
        given = [function(five, "five"), function(six, "six"), function(six, "six")]
        yield Check("a", *(call(given[i]) for i in rng.permutation(3)))

    visible = make_spec(exercise, REFERENCE, PUBLIC_SEED)
    in_order = [c.expected for c in visible.calls]
    lost = {"first draws": 0, "draws taken": 0}
    for seed in range(30):
        first = make_spec(exercise, REFERENCE, seed, misconceptions=False)
        lost["first draws"] += [c.expected for c in first.calls] == in_order
        taken = make_hidden(exercise, REFERENCE, seed, visible)
        lost["draws taken"] += [c.expected for c in taken.calls] == in_order
    assert lost["first draws"] > lost["draws taken"]


def test_the_kill_table_names_who_wins_what(tmp_path: Path) -> None:
    course = build_course("probed", tmp_path)
    rows = {(r.exercise, r.variant): r for r in verify(course, ["L1.1"], 1) if r.kind == "blind"}
    assert {variant for _, variant in rows} == set(STRATEGIES)
    constant = rows["L1.1", "a constant"]
    assert (constant.ok, constant.points) == (False, 2)
    assert constant.message == "grows like the root of the width"
    assert rows["L1.1", "the opposite of the visible answers"].ok


def test_more_hidden_calls_than_visible_ones_are_no_way_out(tmp_path: Path) -> None:
    """A check whose number of calls is drawn still falls if its answers are all the same."""
    [subject] = subjects(build_course("mini", tmp_path), [])
    check = subject.spec.checks[0]
    fixed = dataclasses.replace(
        subject.spec, checks=(dataclasses.replace(check, calls=check.calls[:1]),)
    )
    longer = dataclasses.replace(check, calls=check.calls[:1] * 5)
    wins = blind_wins(fixed, dataclasses.replace(subject.spec, checks=(longer,)))
    assert {win.strategy for win in wins} >= {"always the same visible answer"}
