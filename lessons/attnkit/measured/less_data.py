"""Lesson 11's measurements, and its tables: copies, heads, attacks, other fields.

`tests/benchmarks/lesson_11_table.py` measures them and writes lesson_11.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attnkit.measured import _caption, _read

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

Rows = dict[str, dict[str, str]]

# by the name in the file: how it is shown
_COPIES = {
    "synonyms": "two words replaced by synonyms",
    "erasing": "one word in ten erased",
    "both": "both",
    "synonyms of WordNet": "two words replaced, by WordNet",
    "word dropout": "no altered copies, but word dropout",
}
_OTHERS = {
    "a line on counted words": "a line on counted words, no copies",
    "a line on MiniLM's vectors": "a line on MiniLM's vectors, no copies",
}
_KINDS = {"plain mean": "plain mean", "1 heads": "1 head"} | {
    f"{H} heads": f"{H} heads" for H in (4, 16)
}
_FIELDS = {"imdb": "film reviews", "headlines": "headlines"}
_WAYS = ("nothing", "means aligned", "CORAL")
_SHOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "counted words": {
        "imdb": (
            *_WAYS,
            "20 labels and the film sentences",
            "100 labels and the film sentences",
            "100 labels alone",
            "its own labels",
        ),
        "headlines": (*_WAYS, "16 labels and the film sentences"),
    },
    "MiniLM": {"imdb": _WAYS, "headlines": _WAYS},
}


def lesson_11_measures() -> dict[str, Any]:
    """What was measured for lesson 11's text, in percent, each with half its 95 % interval.

    ``curves``: by number of labels and by way of copying ``test``, ``gain`` over unchanged copies,
    and with all labels ``attacks``. ``heads``: the same for a plain mean and for 1 to 16 heads,
    with the ``gap`` between training and test sentences. ``shift``: film sentences to other fields.
    ``negators``: verdicts that turn without them. ``digits``. Each with ``about``.
    """
    return _read("lesson_11.json")


def lesson_11_curves() -> tuple[list[int], str, dict[str, Any], dict[str, Any]]:
    """Learning curves as `curve_panel` takes them."""
    sizes = lesson_11_measures()["curves"]["sizes"]
    base = "unchanged copies"
    whole = {size: lines for size, lines in sizes.items() if "synonyms" in lines}  # not the half
    there = {name: shown for name, shown in _COPIES.items() if name in next(iter(whole.values()))}
    values = {base: [lines["nothing"]["test"] for lines in whole.values()]}
    values |= {shown: [lines[name]["test"] for lines in whole.values()]
               for name, shown in there.items()}  # fmt: skip
    gains = {shown: [lines[name]["gain"] for lines in whole.values()]
             for name, shown in there.items()}  # fmt: skip
    return [int(size) for size in whole], base, values, gains


def lesson_11_table(which: str) -> Styler:
    """A table to be shown: "copies", "attacks", "hardened", "gap" or "fields"."""
    import pandas as pd

    told = lesson_11_measures()
    rows, part = {
        "copies": (_copies, "curves"),
        "hardened": (_hardened, "curves"),
        "attacks": (_attacks, "heads"),
        "gap": (_gap_table, "heads"),
        "fields": (_fields, "shift"),
    }[which]
    return pd.DataFrame(rows(told[part])).T.style.set_caption(_caption(told[part]["about"]))


def lesson_11_claims() -> Styler:
    """The claims of the lesson, what was measured of each, and what may be said."""
    import pandas as pd

    told = lesson_11_measures()
    rows = [{"claim": claim, "measured": measured, "may be said": said}
            for claim, measured, said in _claims(told)]  # fmt: skip
    look = {"white-space": "normal", "text-align": "left", "vertical-align": "top"}
    return pd.DataFrame(rows).style.hide(axis="index").set_properties(**look)


def _claims(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Claim, measured, may be said. That the last is true of the numbers, a test holds."""
    sizes, heads = told["curves"]["sizes"], told["heads"]
    fields, negators = told["shift"]["counted words"], told["negators"]
    reviews, money = fields["imdb"], fields["headlines"]
    sizes = {size: lines for size, lines in sizes.items() if "synonyms" in lines}  # not the half

    def gains(way: str) -> str:
        return ", ".join(_signed(lines[way]["gain"]) for lines in sizes.values())

    def more(name: str, what: str) -> str:
        return _signed(heads["attacks"][name][what]["change"])

    counts = ", ".join(f"{int(size):,}" for size in sizes)
    gaps = ", ".join(_signed(lines["4 heads"]["gap less mean's"])
                     for lines in heads["sizes"].values())  # fmt: skip
    two = "two typos, lost when attacked"
    return [
        (
            "“Altered copies make up for labels.”",
            f"Gain of synonyms and erasing over unchanged copies with {counts} labels: "
            f"{gains('both')} points; of word dropout: {gains('word dropout')}.",
            "A little at most. Hiding words anew in each step does more, and a pretrained "
            "model far more: see the table of section 5.",
        ),
        (
            "“Aligning two fields makes labels superfluous.”",
            f"Film sentences to reviews: {_share(reviews['nothing']['right'])} % right as it is; "
            f"means aligned {_signed(reviews['means aligned']['change'])} points, CORAL "
            f"{_signed(reviews['CORAL']['change'])}, labels of its own "
            f"{_signed(reviews['its own labels']['change'])}. To headlines: "
            f"{_share(money['CORAL']['right'])} % with CORAL.",
            "Where the new field lies beside the line, as reviews do, moving its middle wins "
            "back much, and CORAL no more than that. Where two fields share few words, little "
            "helps. Labels of the new field win more.",
        ),
        (
            "“Heads make it robust.”",
            f"Two typos cost 1 head {_share(heads['attacks']['1 heads'][two]['right'])} points; "
            f"4 heads {more('4 heads', two)} more, 16 heads {more('16 heads', two)}, a plain mean "
            f"{more('plain mean', two)}, all of one size.",
            "Not seen at equal size: neither a single head nor a plain mean loses more "
            "than sixteen heads do, beyond chance.",
        ),
        (
            "“Attention lowers overfitting.”",
            f"Gap of 4 heads less that of a plain mean with {counts} labels: {gaps} points.",
            "Not seen. Where the gaps differ beyond chance, attention has the larger one.",
        ),
        (
            "“A synonym keeps the label.”",
            f"Of {negators['sentences']} sentences with a negator {_share(negators['negators'])} % "
            "of the verdicts turn when it is erased, and when other words are, "
            f"{_share(negators['others'])} %.",
            "Of most words, where the meaning fits. Of a negator never: keep those. That "
            "our models hardly notice says something about our models.",
        ),
    ]


def _copies(told: Mapping[str, Any]) -> Rows:
    sizes = told["sizes"]
    rows: Rows = {"unchanged copies: right, %": _row(sizes, "nothing", "test", _share)}
    for name, shown in _COPIES.items():
        if name in next(iter(sizes.values())):
            rows[f"{shown}: gain, points"] = _row(sizes, name, "gain", _signed)
    for name, shown in _OTHERS.items():
        if name in next(iter(sizes.values())):
            rows[f"{shown}: right, %"] = _row(sizes, name, "test", _share)
    return rows


def _gap_table(told: Mapping[str, Any]) -> Rows:
    sizes, rows = told["sizes"], {}
    for name in ("plain mean", "1 heads", "4 heads"):
        rows[f"{_KINDS[name]}: right, new sentences, %"] = _row(sizes, name, "test", _share)
        rows[f"{_KINDS[name]}: gap, points"] = _row(sizes, name, "gap", _share)
    for name in ("1 heads", "4 heads"):
        what = "gap less mean's"
        rows[f"{_KINDS[name]}: gap less the mean's"] = _row(sizes, name, what, _signed)
    return rows


def _attacks(told: Mapping[str, Any]) -> Rows:
    return {
        _KINDS[name]: {
            "clean, % right": _share(lines["clean"]["right"]),
            "two typos cost": _share(lines["two typos, lost when attacked"]["right"]),
            "two typos, against 1 head": _change(lines["two typos, lost when attacked"]),
            "the worst of ten costs": _share(lines["two typos, lost when worst"]["right"]),
            "the worst, against 1 head": _change(lines["two typos, lost when worst"]),
            "a fifth erased costs": _share(lines["a fifth erased, lost when attacked"]["right"]),
            "erased, against 1 head": _change(lines["a fifth erased, lost when attacked"]),
        }
        for name, lines in told["attacks"].items()
    }


def _hardened(told: Mapping[str, Any]) -> Rows:
    lines = list(told["sizes"].values())[-1]
    rows: Rows = {}
    for name, shown in {"nothing": "unchanged copies", **_COPIES}.items():
        if name not in lines:
            continue
        tried = lines[name]["attacks"]
        rows[shown] = {"clean, % right": _share(tried["clean"]["right"])}
        for attack in ("two typos", "two synonyms", "a fifth erased"):
            lost = tried[f"{attack}, lost when worst"]
            rows[shown][f"{attack}, worst of ten: costs"] = _share(lost["right"])
            rows[shown][f"{attack}: change"] = _change(lost)
    return rows


def _fields(told: Mapping[str, Any]) -> Rows:
    rows: Rows = {}
    for kind, shown_ways in _SHOWN.items():
        if kind not in told:
            continue
        rows[f"{kind}: film sentences, at home"] = _line(told[kind]["mr"]["nothing"])
        for field, ways in shown_ways.items():
            for way in ways:
                rows[f"{kind}: {_FIELDS[field]}, {way}"] = _line(told[kind][field][way])
    return rows


def _line(line: Mapping[str, Any]) -> dict[str, str]:
    against = _signed(line["change"]) if "change" in line else ""
    return {"right, %": _share(line["right"]), "against nothing, points": against}


def _row(sizes: Mapping[str, Any], name: str, what: str, shown: Any) -> dict[str, str]:
    return {
        f"{int(size):,} labels": shown(lines[name][what]) if name in lines else ""
        for size, lines in sizes.items()
    }


def _change(line: Mapping[str, Any]) -> str:
    return _signed(line["change"]) if "change" in line else ""


def _share(value: tuple[float, float]) -> str:
    return f"{value[0]:.1f} ± {value[1]:.1f}".replace("-", "−")


def _signed(value: tuple[float, float]) -> str:
    return f"{value[0]:+.1f} ± {value[1]:.1f}".replace("-", "−")
