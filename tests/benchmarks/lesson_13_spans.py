"""The part of lesson_13_table.py on answers: the place a made-up story gives for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit.across import facts
from attnkit.quiet import silence

SEEDS = 3
TRAIN, TEST = 12_000, 1000


def spans(own: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that are right word for word, in percent, of each training.

    About people it has met (``known``) and about others (``held out``): by `best_span`, and with
    both ends chosen ``separately``, of which so many are ``no span``.
    """
    with silence():
        from attnkit.across.reading import Plan, learn_to_answer, point

    told: dict[str, Any] = {"train": TRAIN, "tested": TEST}
    told["names"] = [len(facts.KNOWN), len(facts.HELD_OUT)]
    stories = facts.make_stories(TRAIN, facts.KNOWN, seed=1)
    people = {"known": facts.KNOWN, "held out": facts.HELD_OUT}
    told["people"] = {name: {key: [] for key in ("right", "separately", "no span")}
                      for name in people}  # fmt: skip
    for seed in range(SEEDS):
        model = learn_to_answer(stories, Plan(seconds=3600), seed=seed)
        for name, some in people.items():
            asked = facts.make_stories(TEST, some, seed=2)
            start_NS, end_NS = point(model, asked)
            best = own["best_span"](start_NS, end_NS, asked.mask_NS, facts.ANSWER)
            hidden = np.where(asked.mask_NS, 0, -np.inf)
            alone = ((start_NS + hidden).argmax(axis=1), (end_NS + hidden).argmax(axis=1))
            long_N = alone[1] - alone[0] + 1
            row = told["people"][name]
            row["right"].append(percent(right(asked, *best)))
            row["separately"].append(percent(right(asked, *alone)))
            row["no span"].append(percent((long_N < 1) | (long_N > facts.ANSWER)))
        print(told["people"], flush=True)
    return told


def right(asked: facts.Stories, i_N: Any, j_N: Any) -> Any:
    return (i_N == asked.start_N) & (j_N == asked.end_N)


def percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 1)
