"""The part of lesson_13_table.py on pictures and names: how many names find their own picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit.across import emoji_pictures
from attnkit.quiet import silence

SEEDS = 3
AT = (1, 10)


def names(own: Mapping[str, Any]) -> dict[str, Any]:
    """R@1 and R@10 in percent, among 200 pictures, over three splits with a training for each."""
    with silence():
        from attnkit.across.naming import Plan, learn_names, letters_of, ranks, vectors

    pairs = emoji_pictures.load_pairs()
    patches = own["patchify"](pairs.img_NHWF, 8)
    counted = emoji_pictures.colours(pairs.pixels)[:, None]
    ways = {
        "patches": (patches, Plan(seconds=3600)),
        "patches, mean": (patches, Plan(mean=True, seconds=3600)),
        "colours": (counted, Plan(seconds=3600)),
    }
    told: dict[str, Any] = {"pairs": len(pairs.names), "tested": emoji_pictures.HELD_OUT}
    told["ways"] = {name: {f"R@{k}": [] for k in AT} for name in ways}
    for seed in range(SEEDS):
        train_N, test_N = emoji_pictures.held_out(pairs, seed)
        name_NV = letters_of([pairs.names[row] for row in train_N])(pairs.names)
        for name, (x_NTF, plan) in ways.items():
            model = learn_names(x_NTF[train_N], name_NV[train_N], plan, seed=seed)
            picture_NK, name_NK = vectors(model, x_NTF[test_N], name_NV[test_N])
            rank_N = ranks(name_NK, picture_NK)
            for k in AT:
                told["ways"][name][f"R@{k}"].append(round(100 * float(np.mean(rank_N < k)), 1))
        print(told["ways"], flush=True)
    return told
