"""Lesson 12's measurements, and its tables: hidden words, halves, few labels, the maze.

`tests/benchmarks/lesson_12_table.py` and `lesson_12_halves.py` measure them and write
lesson_12.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from attnkit.measured import _caption, _read

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

Rows = dict[str, dict[str, Any]]

# by the name in the file: how it is shown
_STARTS = {
    "scratch": "from scratch",
    "pretrained": "pretrained by hidden words",
    "frozen": "a line on our encoder's frozen vectors",
    "minilm": "a line on frozen MiniLM's vectors",
    "counted": "a line on counted words",
}
_MEMORIES = {
    "attention": "attention",
    "mean": "the mean of all that was seen",
    "none": "none",
}
_HALVES = {"as they are": "100 numbers, as they are", "contrast": "64 numbers, after contrast"}


def lesson_12_measures() -> dict[str, Any]:
    """What was measured for lesson 12's text; each part with ``about``: when, and on what.

    Pairs are a mean in percent and half its 95 % interval. ``pretraining``: its settings, and on
    hidden words of held-out sentences the ``loss`` and the share guessed ``right``, beside those of
    ``counting``. ``labels``: by number of labels and by how a classifier begins its ``test``
    accuracy, and the ``gain`` over beginning from scratch. ``halves``: the shares of halves of
    reviews that are ``found``, and ``labels`` as above. ``maze``: by memory, of each seed, the
    ``success`` of the trained agent, ``from`` which training step on it succeeds, the ``weight`` on
    the entrance at the junction, and how often its last turn is ``turned`` by the sign in a cell.
    """
    return _read("lesson_12.json")


def lesson_12_curves() -> tuple[list[int], str, dict[str, Any], dict[str, Any]]:
    """Learning curves as `curve_panel` takes them, of all numbers of labels that every way has."""
    told = lesson_12_measures()["labels"]["sizes"]
    there = [name for name in _STARTS if name in next(iter(told.values()))]
    sizes = {size: lines for size, lines in told.items() if all(name in lines for name in there)}
    values = {_STARTS[name]: [lines[name]["test"] for lines in sizes.values()] for name in there}
    base, *others = there
    gains = {_STARTS[name]: [lines[name]["gain"] for lines in sizes.values()] for name in others}
    return [int(size) for size in sizes], _STARTS[base], values, gains


def lesson_12_table(which: str) -> Styler:
    """A table to be shown: "halves", "labels" or "maze"."""
    import pandas as pd

    told = lesson_12_measures()[which]
    rows = {"halves": _halves, "labels": _labels, "maze": _maze}[which](told)
    return pd.DataFrame(rows).T.style.set_caption(_caption(told["about"]))


def lesson_12_claims() -> Styler:
    """The claims of the lesson, what was measured of each, and what may be said."""
    import pandas as pd

    rows = [{"claim": claim, "measured": measured, "may be said": said}
            for claim, measured, said in _claims(lesson_12_measures())]  # fmt: skip
    look = {"white-space": "normal", "text-align": "left", "vertical-align": "top"}
    return pd.DataFrame(rows).style.hide(axis="index").set_properties(**look)


def _halves(told: Mapping[str, Any]) -> Rows:
    rows = {
        shown: {
            "partner found among 64, %": _share(told["found"][name]),
            **{f"{int(size):,} labels: right, %": _share(lines[name]["test"])
               for size, lines in told["labels"].items()},
        }
        for name, shown in _HALVES.items()
    }  # fmt: skip
    rows["gain, points"] = {
        "partner found among 64, %": _signed(told["found"]["gain"]),
        **{f"{int(size):,} labels: right, %": _signed(lines["contrast"]["gain"])
           for size, lines in told["labels"].items()},
    }  # fmt: skip
    return rows


def _labels(told: Mapping[str, Any]) -> Rows:
    rows: Rows = {}
    for name, shown in _STARTS.items():
        for what, unit, form in (("test", "right, %", _share), ("gain", "gain, points", _signed)):
            found = {f"{int(size):,} labels": form(lines[name][what])
                     for size, lines in told["sizes"].items()
                     if what in lines.get(name, {})}  # fmt: skip
            if found:
                rows[f"{shown}: {unit}"] = found
    return {name: {f"{int(size):,} labels": row.get(f"{int(size):,} labels", "")
                   for size in told["sizes"]} for name, row in rows.items()}  # fmt: skip


def _maze(told: Mapping[str, Any]) -> Rows:
    rows: Rows = {}
    for name, shown in _MEMORIES.items():
        agents = told["agents"][name]
        success = np.array(agents["success"])
        began = [step for step in agents.get("from", []) if step is not None]
        rows[shown] = {
            "agents": len(success),
            "right turns, mean": f"{100 * success.mean():.1f} %",
            "worst and best agent": f"{100 * success.min():.1f} to {100 * success.max():.1f} %",
            "95 % from step": f"{min(began)} to {max(began)}" if began else "never",
        }
    return rows


def _share(value: tuple[float, float]) -> str:
    return f"{value[0]:.1f} ± {value[1]:.1f}".replace("-", "−")


def _signed(value: tuple[float, float]) -> str:
    return f"{value[0]:+.1f} ± {value[1]:.1f}".replace("-", "−")


def _claims(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Claim, measured, may be said. That the last is true of the numbers, a test holds."""
    words, sizes, halves = told["pretraining"], told["labels"]["sizes"], told["halves"]
    agents = told["maze"]["agents"]
    attention = agents["attention"]

    def gains(lines: Mapping[str, Any], name: str) -> str:
        return ", ".join(f"{int(size):,} labels {_signed(line[name]['gain'])}"
                         for size, line in lines.items() if name in line)  # fmt: skip

    def right(memory: str) -> str:
        return f"{100 * float(np.mean(agents[memory]['success'])):.1f} %"

    elsewhere = max(max(shares[1:]) for shares in attention["turned"])
    low, high = min(attention["weight"]), max(attention["weight"])
    return [
        (
            "“It learns language by itself.”",
            f"{_share(words['right'])} % of hidden words guessed, by frequency alone "
            f"{_share(words['counting right'])} %.",
            "Without labels it learns which words go with which, and that is a good part of "
            "grammar. Whether a film was good is no such thing: what fits a hole equally well "
            "becomes alike.",
        ),
        (
            "“Pretraining saves labels.”",
            "Gain over beginning from scratch, in points: by our hidden words "
            f"{gains(sizes, 'pretrained')}; by MiniLM, frozen, {gains(sizes, 'minilm')}.",
            "It depends on what was read, how much of it, and by which question. A million words "
            "and hidden ones saved no label here. MiniLM has read far more, and pairs, and does.",
        ),
        (
            "“Pairs that belong together teach what labels would.”",
            "Halves of reviews, gain in points for good or bad: "
            f"{gains(halves['labels'], 'contrast')}.",
            "A little, where labels are few: halves have the writer's opinion in common, among "
            "other things. With many labels nothing is seen of it.",
        ),
        (
            "“Attention is a memory.”",
            f"Right turns in new mazes: attention {right('attention')}, a plain mean "
            f"{right('mean')}, no memory {right('none')}, {len(attention['success'])} agents each.",
            "Yes: it finds the one thing that matters among others like it. A mean keeps all of "
            "them and can't tell which.",
        ),
        (
            "“The map shows what the agent goes by.”",
            f"Weight on the entrance {low:.2f} to {high:.2f} in agents that are all right. The "
            "first sign turned round changes 100 % of their turns, any other at most "
            f"{elsewhere:.1f} %.",
            "No. Equal behaviour, unlike maps. An experiment tells what it goes by.",
        ),
    ]
