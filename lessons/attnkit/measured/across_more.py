"""Lesson 13's measurements of sounds, names, answers and summaries: their tables, their claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rows = dict[str, dict[str, Any]]

# by the name in the file: how it is shown
_HEARD = {"attention": "attention", "mean": "a plain mean"}
_SEEN = {
    "colours": "counted colours",
    "patches": "patches, pooled by queries",
    "patches, mean": "patches, their mean",
}
_CHOSEN = {
    "weight": "of most weight",
    "share": "weight × what it says",
    "first": "the first ones",
    "last": "the last ones",
    "random": "random ones",
}


def span(values: Sequence[float], digits: int = 1) -> str:
    """The lowest and the highest of some values: "96.4 to 97.1", or one number for both."""
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _sound(told: Mapping[str, Any]) -> Rows:
    models = told["models"]
    return {
        shown: {f"{level.replace('-', '−')} dB: right, %": span(shares)
                for level, shares in models[name]["by loudness"].items()}
        for name, shown in _HEARD.items()
    }  # fmt: skip


def _names(told: Mapping[str, Any]) -> Rows:
    rows = {
        shown: {f"{at}, %": span(told["ways"][name][at]) for at in ("R@1", "R@10")}
        for name, shown in _SEEN.items()
    }
    chance = {at: 100 * int(at.removeprefix("R@")) / told["tested"] for at in ("R@1", "R@10")}
    rows["by chance"] = {f"{at}, %": f"{share:.1f}" for at, share in chance.items()}
    return rows


def _spans(told: Mapping[str, Any]) -> Rows:
    shown = {"known": "people it has met", "held out": "people it hasn’t met"}
    return {
        shown[name]: {
            "right, %": span(row["right"]),
            "ends chosen by themselves, %": span(row["separately"]),
            "… of these no span, %": span(row["no span"]),
        }
        for name, row in told["people"].items()
    }


def _summaries(told: Mapping[str, Any]) -> Rows:
    rows = {
        shown: {
            "verdict stays with it alone, %": span(told["ways"][name]["stays"]),
            "turns without it, %": span(told["ways"][name]["turns"]),
            "another judge is right, %": span(told["ways"][name]["judge"]),
        }
        for name, shown in _CHOSEN.items()
    }
    whole = {"verdict stays with it alone, %": "", "turns without it, %": ""}
    rows["the whole review"] = {**whole, "another judge is right, %": f"{told['judge']:.1f}"}
    return rows


#: What makes the rows of a table, by the part of the file.
more_tables: Mapping[str, Callable[[Mapping[str, Any]], Rows]] = {
    "sound": _sound,
    "names": _names,
    "spans": _spans,
    "summaries": _summaries,
}


def more_claims(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Claim, measured, may be said. That the last is true of the numbers, a test holds."""
    models, ways = told["sound"]["models"], told["names"]["ways"]
    people, chosen = told["spans"]["people"], told["summaries"]["ways"]
    return [
        (
            "“Attention finds what matters by itself.”",
            f"A chirp at −7 dB: {span(models['attention']['right'])} % right, by a plain mean "
            f"{span(models['mean']['right'])} %; the top frame lies in the chirp in "
            f"{span(models['attention']['top'])} %, by chance in 20.",
            "Where little of the input matters and the rest is noise, yes. From −1 dB on the mean "
            "hears as well or nearly.",
        ),
        (
            "“It has learned what the pictures show.”",
            f"Of 200 new names, {span(ways['patches']['R@1'])} % find their picture first by "
            f"patches and {span(ways['colours']['R@1'])} % by counted colours; chance is 0.5 %.",
            "It has learned something that goes with names, and colours alone do that at least as "
            "well here. A plain rival belongs beside every such number.",
        ),
        (
            "“It answers questions about people it has never met.”",
            f"{span(people['held out']['right'])} % right about new names, "
            f"{span(people['known']['right'])} % about known ones, in three trainings.",
            "Mostly: where a name is drawn by chance, it has to be matched, and that carries over, "
            "not without loss. About another way to say a thing nothing is said.",
        ),
        (
            "“Sentences of high weight make a good summary.”",
            f"The verdict stays with {span(chosen['weight']['stays'])} % of them, with "
            f"{span(chosen['random']['stays'])} % of random ones; another judge is right with "
            f"{span(chosen['weight']['judge'])} and {span(chosen['random']['judge'])} %.",
            "They keep the verdict of the model that weighs. To another judge they are worth a "
            "little more than random ones, and no more than the last sentences. What people find "
            "good was not measured.",
        ),
    ]  # fmt: skip
