"""Trainings that were measured beforehand, for what would take too long to wait for.

`tests/benchmarks/lesson_8_runs.py`, `lesson_8_table.py`, `lesson_9_table.py`,
`lesson_10_savings.py`, `lesson_11_table.py`, `lesson_12_table.py`, `lesson_12_halves.py`,
`lesson_13_table.py` and `lesson_15_table.py` measure them and write the files. Lesson 11's tables
are in less_data.py, lesson 12's in before_labels.py, lesson 13's in across.py and across_more.py.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler


def _read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files(__name__).joinpath(name).read_text(encoding="utf-8"))
    return told


def lesson_8_runs() -> list[dict[str, Any]]:
    """Runs of lesson 8's classifier on MR, as `training_panel` takes them.

    Each has the settings ``length``, ``width`` and ``heads``, its ``history`` as Keras gives it,
    and the ``seconds`` that it took.
    """
    runs: list[dict[str, Any]] = _read("lesson_8.json")["runs"]
    return runs


def lesson_8_comparison() -> dict[str, Any]:
    """What attention brings to lesson 8's classifier on MR, as it was measured.

    ``rows``: for each model its ``name``, how many ``seeds``, the accuracy in percent on the
    ``validation`` sentences, by which its epoch was chosen, and on the ``test`` sentences, with
    ``half`` the 95 % interval; and the ``gap`` to the lesson's model on the same sentences, with
    ``gap_half``. ``uneven``: for some of these models, for each seed and head, the median over 300
    validation sentences of (largest weight × number of words). ``about``: when, and on what.
    """
    return _read("lesson_8_table.json")


def lesson_9_measures() -> dict[str, Any]:
    """What was measured for lesson 9's text.

    ``model``: of lesson 8's classifier, over ``seeds`` trainings and ``sentences`` of MR's
    validation part, each of ``measures`` with half its 95 % interval. ``minilm``: of MiniLM's
    heads. Both with ``about``: when, and on what.
    """
    return _read("lesson_9.json")


def lesson_8_table() -> Styler:
    """`lesson_8_comparison`'s rows as a table to be shown."""
    import pandas as pd

    told = lesson_8_comparison()
    rows = {
        row["name"]: {
            "test, % right": f"{row['test']:.1f} ± {row['half']:.1f}",
            "against the lesson's model": (
                f"{row['gap']:+.1f} ± {row['gap_half']:.1f}".replace("-", "−")
                if "gap" in row
                else ""
            ),
            "validation, %": f"{row['validation']:.1f}",
            "seeds": row["seeds"],
        }
        for row in told["rows"]
    }
    return pd.DataFrame(rows).T.style.set_caption(_caption(told["about"]))


def lesson_10_savings() -> dict[str, Any]:
    """What lesson 10's savings cost, as it was measured on MR's 1,000 test sentences.

    ``rows``: for each saving its ``name``, how many ``seeds``, the accuracy ``test`` in percent and
    ``half`` its 95 % interval; the ``gap`` to the same reader without the saving, sentence by
    sentence, with ``gap_half``; the ``bytes`` of its weights, and where it differs the ``ms`` of
    one core that 100 sentences take. ``losses``: the test loss of each training by how heads were
    chosen and how many are kept. ``about``: when, and on what.
    """
    return _read("lesson_10_savings.json")


_BILL = {
    "full": "the reader: all words ask, 8 heads",
    "four queries": "lesson 8's own: 4 learned queries ask",
    "window 4": "a window of 4",
    "window 0": "a window of 0: no other word",
    "loss 4": "4 heads of 8, by the validation loss",
    "loss 1": "1 head of 8, by the validation loss",
    "int8": "8 bits, products in whole numbers",
    "bits 4": "4 bits",
    "bits 3": "3 bits",
    "bits 2": "2 bits",
    "pupil, labels": "pupil of width 4, taught by labels",
    "pupil, its teacher, more sentences": "… by the reader, with 20,000 more sentences",
}
_PUPILS = {
    "full": "the teacher",
    "pupil, labels": "taught by labels, 6,530 sentences",
    "pupil, its teacher": "taught by the teacher, the same sentences",
    "pupil, its teacher, more sentences": "… and 20,000 more without labels",
    "pupil, five teachers, more sentences": "… by five teachers' mean",
    "five teachers' mean": "five teachers together",
}


def lesson_10_table(which: str = "bill") -> Styler:
    """`lesson_10_savings` as a table to be shown: the "bill" of all savings, or the "pupils"."""
    import pandas as pd

    told = lesson_10_savings()
    found = {row["name"]: row for row in told["rows"]}
    names = {"bill": _BILL, "pupils": _PUPILS}[which]
    rows = {
        shown: {
            "test, % right": f"{found[name]['test']:.1f} ± {found[name]['half']:.1f}",
            "change, points": _gap(found[name]),
            "weights, kB": f"{found[name]['bytes'] / 1000:,.0f}",
            **({"ms for 100": _ms(found, name)} if which == "bill" else {}),
        }
        for name, shown in names.items()
    }
    return pd.DataFrame(rows).T.style.set_caption(_caption(told["about"]))


def lesson_10_heads() -> Styler:
    """What is left with 1 to 8 heads, by the validation loss and by lot: accuracy and loss."""
    import numpy as np
    import pandas as pd

    told = lesson_10_savings()
    found = {row["name"]: row for row in told["rows"]}
    rows = {}
    for kept in range(1, 8):
        line = {}
        for how, shown in (("loss", "by the loss"), ("random", "by lot")):
            line[f"{shown}, change"] = _gap(found[f"{how} {kept}"])
            line[f"{shown}, test loss"] = f"{np.mean(told['losses'][f'{how} {kept}']):.3f}"
        rows[f"{kept} of 8"] = line
    return pd.DataFrame(rows).T.style.set_caption(_caption(told["about"]))


def lesson_15_measures() -> dict[str, Any]:
    """What was measured for lesson 15's text; each part with ``about``: when, and on what.

    ``quality``: its ``data`` and ``plan``, and ``rows``: for each model its ``name``, how many
    ``seeds``, on texts that it has not seen its ``perplexity`` (its interval goes from
    ``perplexity_low`` to ``perplexity_high``) and its ``bits`` a byte with ``bits_half``, half of
    the interval; the ``gap`` in bits to trigrams of the same ``training bytes``, with ``gap_half``;
    its ``parameters``, ``steps``, and the ``seconds`` of a training. ``places``: the loss in nats
    by ``place`` in windows longer than T, in bins ``wide`` places wide, with "rope" and "sinusoids"
    and "…, half". ``speed``: at ``lengths``, milliseconds for one more word ``with`` a cache and
    ``without``. ``cache``: its bytes for so many ``words``, by G.
    """
    return _read("lesson_15.json")


_WRITERS = {
    "decoder": "the decoder",
    "decoder, longer": "… {times} times the steps, {megabytes:.0f} MB of text",
    "mean": "… without attention: a mean",
    "sinusoids": "… with sinusoids for RoPE",
    "G = 8": "… a group for each head, G = 8",
    "G = 1": "… one group for all, G = 1",
    "trigram": "smoothed trigrams",
    "trigram, more text": "… of {megabytes:.0f} MB of text",
}


def lesson_15_table() -> Styler:
    """The models of `lesson_15_measures` as a table to be shown."""
    import pandas as pd

    told = lesson_15_measures()["quality"]
    found = {row["name"]: row for row in told["rows"]}
    rows = {}
    for name, shown in _WRITERS.items():
        if name not in found:
            continue
        row = found[name]
        times = round(row.get("steps", 0) / told["plan"]["steps"])
        low, high = (f"{row[f'perplexity_{end}']:.1f}" for end in ("low", "high"))
        gap = f"{row['gap']:+.3f} ± {row['gap_half']:.3f}" if "gap" in row else ""
        megabytes = row.get("training bytes", 0) / 1e6
        rows[shown.format(times=times, megabytes=megabytes)] = {
            "perplexity": f"{row['perplexity']:.1f} ({low} to {high})",
            "bits a byte": f"{row['bits']:.3f} ± {row['bits_half']:.3f}",
            "against trigrams": gap.replace("-", "−"),
            "numbers": f"{row['parameters']:,}" if "parameters" in row else "",
            "seeds": row["seeds"],
        }
    return pd.DataFrame(rows).T.style.set_caption(_caption(told["about"]))


def _gap(row: dict[str, Any]) -> str:
    return f"{row['gap']:+.1f} ± {row['gap_half']:.1f}".replace("-", "−") if "gap" in row else ""


def _ms(found: dict[str, dict[str, Any]], name: str) -> str:
    """Milliseconds for 100 sentences; where nothing is computed less, those of the reader."""
    named = name if "ms" in found[name] or not name.startswith("pupil") else "pupil, labels"
    return f"{found[named]['ms']:.1f}" if "ms" in found[named] else "as before"


def _caption(about: dict[str, Any]) -> str:
    return f"Measured on {about['date']}: {about['machine']}, Keras {about['keras']}."
