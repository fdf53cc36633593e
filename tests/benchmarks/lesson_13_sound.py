"""The part of lesson_13_table.py on sounds: a chirp in noise, by attention and by a plain mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit import earlier
from attnkit.across.chirp import LOUDNESS, frames, make_sounds
from attnkit.across.pooled import learn_pool

SEEDS = 3
TRAIN, TEST = 2000, 1000
LEVELS = (-11, -9, -7, -5, -3, -1, 1)  # dB, at which the models of one loudness are tested


def sound(_: Mapping[str, Any]) -> dict[str, Any]:
    """In percent, of each training: new sounds that are ``right``, at the loudness of the training
    and ``by loudness``; of attention how often its ``top`` frame lies in the chirp, and its
    ``weight`` there.
    """
    sounds = make_sounds(TRAIN, LOUDNESS, seed=1)
    x_NTF = frames(sounds.x_NS)
    new = {level: make_sounds(TEST, level, seed=2) for level in LEVELS}
    rows = {level: frames(each.x_NS) for level, each in new.items()}
    told: dict[str, Any] = {"loudness": LOUDNESS, "train": TRAIN, "tested": TEST, "models": {}}
    for name in ("attention", "mean"):
        about: dict[str, Any] = {"right": [], "top": [], "weight": []}
        about["by loudness"] = {str(level): [] for level in LEVELS}
        for seed in range(SEEDS):
            model = learn_pool(x_NTF, sounds.y_N, earlier.the_courses("adam_step"),
                               mean=name == "mean", seed=seed)  # fmt: skip
            for level, each in new.items():
                share = percent(model.right(rows[level], each.y_N))
                about["by loudness"][str(level)].append(share)
            there = new[int(LOUDNESS)]
            w_NT = model.read(rows[int(LOUDNESS)])[1]
            about["right"].append(about["by loudness"][str(int(LOUDNESS))][-1])
            about["top"].append(percent(there.inside_NT[np.arange(TEST), w_NT.argmax(axis=1)]))
            about["weight"].append(percent((w_NT * there.inside_NT).sum(axis=1)))
        told["models"][name] = about
        print(name, about, flush=True)
    return told


def percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 1)
