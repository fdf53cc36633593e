"""The parts of lesson_13_table.py on digits: read as patches, and asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
from attnkit.quiet import silence

SEEDS, ASKED = 2, 3  # trainings of each reader, and of what is asked
# by name: the side of a patch, whether places are told, and how the answer is read off
READERS: dict[str, tuple[int, bool, Literal["places", "mean"]]] = {
    "2, mean": (2, True, "mean"),
    "4, mean": (4, True, "mean"),
    "8, mean": (8, True, "mean"),
    "2, mean, no places": (2, False, "mean"),
    "4, mean, no places": (4, False, "mean"),
    "2, joined": (2, True, "places"),
}


def pictures(own: Mapping[str, Any]) -> dict[str, Any]:
    """The share of new digits that are right, in percent, of each training of each reader.

    ``line``: the same of logistic regression on pixels.
    """
    with silence():
        import keras
        from attnkit.across import patches
    from sklearn.linear_model import LogisticRegression

    found = patches.digits()
    line = LogisticRegression(max_iter=2000).fit(
        found.train_NHWF.reshape(len(found.train_N), -1), found.train_N
    )
    score = line.score(found.test_NHWF.reshape(len(found.test_N), -1), found.test_N)
    readers: dict[str, list[float]] = {}
    for name, (P, places, read_out) in READERS.items():
        x_NTD, new_NTD = (own["patchify"](each, P) for each in (found.train_NHWF, found.test_NHWF))
        readers[name] = []
        for seed in range(SEEDS):
            keras.utils.set_random_seed(seed)
            reader = patches.PatchReader(*x_NTD.shape[1:], places=places, read_out=read_out)
            patches.train(reader, x_NTD, found.train_N, patches.Plan(), seed=seed)
            right = np.mean(patches.says(reader, new_NTD) == found.test_N)
            readers[name].append(round(100 * float(right), 1))
    return {
        **asdict(patches.Plan()), "train": len(found.train_N), "tested": len(found.test_N),
        "readers": readers, "line": round(100 * float(score), 1),
    }  # fmt: skip


def question(own: Mapping[str, Any]) -> dict[str, Any]:
    """Of each training, in percent: ``right`` answers, ``weight`` on the half that is asked about.

    And when the same pictures are asked the other way: ``other``, the other digit is said, and
    ``still``, the first one is; ``same``: pictures that show one digit twice.
    """
    with silence():
        import keras
        from attnkit.across import patches
        from attnkit.across import question as of_two

    found = patches.digits()
    asked, new = of_two.pairs(found, "train", 6000, 1), of_two.pairs(found, "test", 1500, 2)
    x_BSF, new_BSF = (own["patchify"](each.img_NHWF, 4) for each in (asked, new))
    trainings: dict[str, list[float]] = {key: [] for key in ("right", "weight", "other", "still")}
    for seed in range(ASKED):
        keras.utils.set_random_seed(seed)
        model = of_two.Asker(*x_BSF.shape[1:])
        patches.train(model, [x_BSF, asked.side_N], asked.asked_N, of_two.PLAN, seed=seed)
        said_N = patches.says(model, [new_BSF, new.side_N])
        turned_N = patches.says(model, [new_BSF, 1 - new.side_N])
        y_BTD, x_BSD, matrices = model.read(new_BSF, new.side_N)
        _, w_BHTS = own["cross_attention"](y_BTD, x_BSD, *matrices.values(), model.across.H)
        shares = {
            "right": said_N == new.asked_N,
            "weight": of_two.on_asked_half(w_BHTS, new.side_N, 4),
            "other": turned_N == new.other_N,
            "still": turned_N == new.asked_N,
        }
        for key, share in shares.items():
            trainings[key].append(round(100 * float(np.mean(share)), 1))
    same = np.mean(new.digit_N2[:, 0] == new.digit_N2[:, 1])
    return {
        **asdict(of_two.PLAN), "train": 6000, "tested": 1500, **trainings,
        "same": round(100 * float(same), 1),
    }  # fmt: skip
