"""Lesson 13's measurements, and its tables: dates, names of emoji in two languages, digits, a
question, and what across_more.py has.

`tests/benchmarks/lesson_13_table.py` measures them and writes lesson_13.json.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attnkit.measured import _caption, _read
from attnkit.measured.across_more import more_claims, more_tables, span

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

Rows = dict[str, dict[str, Any]]

# by the name in the file: how it is shown
_READERS = {
    "2, mean": "patches of 2 × 2, their mean",
    "4, mean": "patches of 4 × 4, their mean",
    "8, mean": "the whole picture, 8 × 8, as one word",
    "2, mean, no places": "2 × 2, mean, not told the places",
    "4, mean, no places": "4 × 4, mean, not told the places",
    "2, joined": "2 × 2, joined one behind the other",
}


def lesson_13_measures() -> dict[str, Any]:
    """What was measured for lesson 13's text, in percent; each part with ``about``: when, on what.

    ``dates``: settings, and of each of the ``trainings`` the ``letters`` and the whole dates
    (``exact``) that are right, and of each field the share of weight on it. ``pairs``: see
    `tests/benchmarks/lesson_13_pairs.py`. ``pictures``: of each
    of the ``readers`` the digits that are right in each training, and of logistic regression
    (``line``). ``question``: see `tests/benchmarks/lesson_13_pictures.py`. Others: across_more.py.
    """
    return _read("lesson_13.json")


def lesson_13_table(which: str) -> Styler:
    """A table to be shown: "dates", "pairs", "pictures", "question", or one of across_more.py's."""
    import pandas as pd

    told = lesson_13_measures()[which]
    tables: dict[str, Callable[[Mapping[str, Any]], Rows]] = {
        "dates": _dates, "pairs": _pairs, "pictures": _pictures, "question": _question,
        **more_tables,
    }  # fmt: skip
    return pd.DataFrame(tables[which](told)).T.style.set_caption(_caption(told["about"]))


def lesson_13_claims() -> Styler:
    """The claims of the lesson, what was measured of each, and what may be said."""
    import pandas as pd

    told = lesson_13_measures()
    rows = [{"claim": claim, "measured": measured, "may be said": said}
            for claim, measured, said in [*_claims(told), *more_claims(told)]]  # fmt: skip
    look = {"white-space": "normal", "text-align": "left", "vertical-align": "top"}
    return pd.DataFrame(rows).style.hide(axis="index").set_properties(**look)


def _dates(told: Mapping[str, Any]) -> Rows:
    rows: Rows = {}
    for number, training in enumerate(told["trainings"], 1):
        name, share = training["worst"]
        rows[f"training {number}"] = {
            "letters right, %": f"{training['letters']:.2f}",
            "whole dates right, %": f"{training['exact']:.1f}",
            "worst locale": f"{name}, {share:.1f} %",
            **{f"weight on the {field}, %": f"{share:.0f}"
               for field, share in training["fields"].items()},
        }  # fmt: skip
    rows["even weights"] = {
        "letters right, %": "", "whole dates right, %": "", "worst locale": "",
        **{f"weight on the {field}, %": f"{share:.0f}" for field, share in told["chance"].items()},
    }  # fmt: skip
    return rows


def _pairs(told: Mapping[str, Any]) -> Rows:
    shown = {
        "translator": "translator, new names",
        "table": "table of words, new names",
        "learned": "translator, names it learned from",
    }
    return {
        shown[way]: {"names right, %": span(row["exact"]), "words right, %": span(row["words"])}
        for way, row in told["ways"].items()
    }


def _pictures(told: Mapping[str, Any]) -> Rows:
    rows: Rows = {
        shown: {"words": (8 // int(name[0])) ** 2, "digits right, %": span(told["readers"][name])}
        for name, shown in _READERS.items()
    }
    rows["logistic regression on 64 pixels"] = {
        "words": "–", "digits right, %": f"{told['line']:.1f}",
    }  # fmt: skip
    return rows


def _question(told: Mapping[str, Any]) -> Rows:
    names = {
        "right": "answers right, %",
        "weight": "weight on the asked half, %",
        "other": "asked the other way: the other digit, %",
        "still": "asked the other way: the first digit, %",
    }
    return {
        f"training {n + 1}": {shown: f"{told[key][n]:.1f}" for key, shown in names.items()}
        for n in range(len(told["right"]))
    }


def _claims(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Claim, measured, may be said. That the last is true of the numbers, a test holds."""
    dates, pictures, question = told["dates"], told["pictures"]["readers"], told["question"]
    trainings, pairs = dates["trainings"], told["pairs"]
    ways = pairs["ways"]
    fields = ", ".join(
        f"{name} {span([training['fields'][name] for training in trainings], 0)} % (even weights "
        f"{even:.0f})"
        for name, even in dates["chance"].items()
    )
    exact = span([training["exact"] for training in trainings])
    return [
        (
            "“It has learned to read dates.”",
            f"{exact} % of {dates['tested']:,} new dates without a mistake, three trainings.",
            "Dates such as these. With others, a stroke or two digits for the year, it writes "
            "something as well, and says nothing of doubt.",
        ),
        (
            "“So it translates.”",
            f"The same model on names of emoji, English to Spanish: "
            f"{span(ways['translator']['exact'])} % of {pairs['tested']} new names right, by a "
            f"table of words {span(ways['table']['exact'])} %; of names it learned from "
            f"{span(ways['learned']['exact'])} %.",
            "Dates, yes. Names it has mostly learned by heart, and of new ones a plain table gets "
            "more. A good number on one task says little about the next.",
        ),
        (
            "“The map shows which letter comes from where.”",
            f"Weight on a letter’s own field: {fields}.",
            "Partly. What the block before has carried elsewhere is read there. Translators that "
            "are equally good have unlike maps; what a letter is worth, changing it says.",
        ),
        (
            "“Attention sees better.”",
            f"Digits right: {span(pictures['2, joined'])} % by patches of 2 × 2, joined; "
            f"{span(pictures['2, mean'])} % by their mean, without places "
            f"{span(pictures['2, mean, no places'])} %; logistic regression on pixels "
            f"{told['pictures']['line']:.1f} %.",
            "Not by itself. The mean of small patches sees what a straight line sees, and a single "
            "word of the whole picture, without a choice, as much as any. And small patches have "
            "to be told their places.",
        ),
        (
            "“It answers what it is asked.”",
            f"{span(question['right'])} % right; {span(question['weight'], 0)} % of the weight on "
            f"the half that is asked about; asked the other way, {span(question['other'])} % say "
            "the other digit.",
            "Yes: turning the question round turns the answer round, and that is the experiment. "
            "The weight alone would not have shown it.",
        ),
    ]  # fmt: skip
