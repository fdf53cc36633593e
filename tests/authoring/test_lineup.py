"""What stands where in a line-up can't be known: numbers, order and parts come from the seed."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.authoring import CallOf, kind, lineup


def straight(x: float, scale: float) -> float:
    return scale * x


def bent(x: float, scale: float) -> float:
    return scale * x**2


def broken(x: float) -> float:
    raise ValueError


SCALES = (1.1, 1.2, 1.3, 1.4)
RIGHTS = (kind(straight, "{scale} times x", scale=SCALES),)
WRONGS = (kind(bent, "{scale} times x²", scale=SCALES), kind(broken, "an error"))


def drawn(seed: int, wrongs: tuple[Any, ...] = WRONGS) -> list[CallOf]:
    return lineup(np.random.default_rng(seed), RIGHTS, wrongs)


def verdicts(calls: list[CallOf]) -> tuple[bool, ...]:
    return tuple(call.args[0].run is straight for call in calls)


def test_one_seed_gives_one_line_up() -> None:
    assert drawn(3) == drawn(3)


def test_each_kind_comes_and_each_side_comes_several_times() -> None:
    for seed in range(50):
        calls = drawn(seed)
        assert {call.args[0].run for call in calls} == {straight, bent, broken}
        assert 4 <= sum(verdicts(calls)) <= 7
        assert 4 <= len(calls) - sum(verdicts(calls)) <= 7


def test_more_kinds_than_places_all_come() -> None:
    many = tuple(kind(bent, f"number {n}") for n in range(9))
    for seed in range(20):
        said = [call.args[0].says for call in drawn(seed, many)]
        assert {each.says for each in many} <= set(said)


def test_no_place_numbers_or_length_tell_who_is_right() -> None:
    lines = [verdicts(drawn(seed)) for seed in range(400)]
    assert {(sum(line), len(line) - sum(line)) for line in lines} == set(
        itertools.product(range(4, 8), repeat=2)
    )
    for place in range(8):
        share = np.mean([line[place] for line in lines])
        assert 0.4 < share < 0.6
    assert len(set(lines)) > 380


def test_what_is_drawn_is_said_and_bound() -> None:
    for call in drawn(1):
        given = call.args[0]
        if given.run is not broken:
            assert given.drawn["scale"] in SCALES
            assert str(given.drawn["scale"]) in given.says
    assert len({given.args[0].drawn.get("scale") for given in drawn(1)}) > 2
