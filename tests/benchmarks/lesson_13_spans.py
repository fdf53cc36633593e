"""The part of lesson_13_table.py on answers: the place a made-up story gives for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit.across import facts
from attnkit.quiet import silence

SEEDS = 3
TRAIN, TEST, FEW = 6000, 1000, 16


def spans(own: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that are right word for word, in percent, of each training.

    About people it has met (``known``) and about others (``held out``): by `best_span`, and with
    both ends chosen ``separately``, of which so many are ``no span``. ``few names``: the same after
    a training in which all stories are about 16 people.
    """
    with silence():
        from attnkit.across.reading import Plan, learn_to_answer, point

    told: dict[str, Any] = {"train": TRAIN, "tested": TEST}
    told["names"] = [len(facts.KNOWN), len(facts.HELD_OUT)]
    for part, met in (("people", facts.KNOWN), ("few names", facts.KNOWN[:FEW])):
        stories = facts.make_stories(TRAIN, met, seed=1)
        people = {"known": met, "held out": facts.HELD_OUT}
        told[part] = {name: {key: [] for key in ("right", "separately", "no span")}
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
                row = told[part][name]
                row["right"].append(percent(right(asked, *best)))
                row["separately"].append(percent(right(asked, *alone)))
                row["no span"].append(percent((long_N < 1) | (long_N > facts.ANSWER)))
            print(part, told[part], flush=True)
    return told


def right(asked: facts.Stories, i_N: Any, j_N: Any) -> Any:
    return (i_N == asked.start_N) & (j_N == asked.end_N)


def percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 1)
