"""Lesson 14's baselines as tables: the help desk, the headlines, the simulated people, MovieLens.

`tests/benchmarks/lesson_14_table.py` measures them and writes lesson_14.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnkit.measured import _read

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_OF_THE_DESK = {
    "first": "the right answer comes first",
    "among five": "is among the first five",
    "answered": "answered, where 10 % may go to a human",
    "of them right": "of them rightly",
    "near let through": "near ones let through",
    "far let through": "far ones let through",
}


def lesson_14_measures() -> dict[str, Any]:
    """What was measured: "desk", "news", "films", and "movielens" where it has been."""
    return _read("lesson_14.json")


def lesson_14_table(which: str) -> Styler:
    """A table to be shown: "desk", "news", "films" or "movielens", on the test half."""
    import pandas as pd

    told = lesson_14_measures()[which]
    about = told["about"]
    if which == "desk":
        ways = [way for way in told if way != "about"]
        rows = {
            way: {says: _span(told[way][name]) for name, says in _OF_THE_DESK.items()}
            | {f"AUROC, {kind}": f"{told[way][f'{kind} AUROC']:.3f}" for kind in ("near", "far")}
            for way in ways
        }
    elif which == "news":
        rows = {
            way: {
                "right, of 120 new headlines": _span(told["test"][way]),
                "five folds, by triple": f"{told['within'][way]['by triple']:.0f} %",
                "five folds, by chance": f"{told['within'][way]['by chance']:.0f} %",
            }
            for way in told["test"]
        }
    else:
        rows = {
            way: {"hit among ten": _span(values["hit"]), "NDCG": _gain(values["ndcg"])}
            for way, values in told["ways"].items()
        }
    caption = f"Measured on the test half, {about['date']}; in brackets the 95 % interval."
    return pd.DataFrame(rows).T.style.set_caption(caption)


def _span(three: list[float]) -> str:
    mean, low, high = three
    return f"{mean:.1f} % [{low:.1f}, {high:.1f}]"


def _gain(three: list[float]) -> str:
    mean, low, high = (value / 100 for value in three)
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"
