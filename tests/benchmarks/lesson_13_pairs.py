"""The part of lesson_13_table.py on a second pair: names of emoji, from English into Spanish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from attnkit.across import dates, emoji_names
from attnkit.quiet import silence

SEEDS = 3
SHOWN = 8  # of the names that it writes, right ones and wrong ones
LEARNED = 200  # training names of which is counted how many it knows


def pairs(own: Mapping[str, Any]) -> dict[str, Any]:
    """Over three splits with a training for each, what is right of 200 new names, in percent.

    ``ways``: of the "translator" and of the "table" of words the whole names (``exact``) and the
    words (``words``, see `emoji_names.words_right`); of the translator on 200 names that it learned
    from as well ("learned"). ``unseen``: test names with a word that no training name has, and
    whose Spanish has one. ``once``: of the English words those in a single training name.
    ``shown``: some names that it wrote. ``seconds``: of each training.
    """
    with silence():
        import keras
        from attnkit.across.translator import Plan, Reader, Translator, train_on

    names = emoji_names.load_names()
    plan = Plan()
    told: dict[str, Any] = {"names": len(names), "tested": emoji_names.HELD_OUT, **asdict(plan)}
    ways = told["ways"] = {
        way: {"exact": [], "words": []} for way in ("translator", "table", "learned")
    }
    told |= {"unseen": {"english": [], "spanish": []}, "once": [], "seconds": [], "shown": []}
    for seed in range(SEEDS):
        train, test = emoji_names.split(names, seed)
        ids, out = emoji_names.alphabets(train)
        keras.utils.set_random_seed(seed)
        model = Translator(**emoji_names.sizes(ids, out))
        x_NS = dates.encode(train.english, ids, emoji_names.S)
        y_NT = emoji_names.encode_answers(train.spanish, out)
        train_on(model, x_NS, y_NT, own["teacher_forcing"], plan, seed=seed)
        learned = train.rows(range(LEARNED))
        table = emoji_names.word_table(train)
        said = {
            way: Reader(model, ids, some.english, out).translated(own["greedy_decode"])
            for way, some in (("translator", test), ("learned", learned))
        }
        said["table"] = emoji_names.word_for_word(table, test.english)
        for way, written in said.items():
            right = (learned if way == "learned" else test).spanish
            exact_N = np.array([mine == true for mine, true in zip(written, right, strict=True)])
            ways[way]["exact"].append(round(100 * float(exact_N.mean()), 1))
            words = emoji_names.words_right(written, right)
            ways[way]["words"].append(round(100 * words, 1))
            print(seed, way, ways[way], flush=True)
        told["unseen"]["english"].append(unseen(train.english, test.english))
        told["unseen"]["spanish"].append(unseen(train.spanish, test.spanish))
        told["once"].append(once(train.english))
        told["seconds"].append(round(model.seconds))
        lines = list(zip(test.english, said["translator"], test.spanish, strict=True))
        told["shown"].append(
            {
                "right": [line[:2] for line in lines if line[1] == line[2]][:SHOWN],
                "wrong": [line for line in lines if line[1] != line[2]][:SHOWN],
            }
        )
    return told


def unseen(train: Sequence[str], test: Sequence[str]) -> float:
    """The test names that have a word which no training name has, in percent."""
    known = {word for name in train for word in name.split()}
    return round(100 * float(np.mean([not known.issuperset(name.split()) for name in test])), 1)


def once(train: Sequence[str]) -> float:
    """The words that occur in one training name only, of all different words, in percent."""
    counts = np.unique([word for name in train for word in set(name.split())], return_counts=True)
    return round(100 * float(np.mean(counts[1] == 1)), 1)
