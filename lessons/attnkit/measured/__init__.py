"""Trainings that were measured beforehand, for what would take too long to wait for.

`tests/benchmarks/lesson_8_runs.py`, `tests/benchmarks/lesson_8_table.py` and
`tests/benchmarks/lesson_9_table.py` measure them and write the files.
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
    about = told["about"]
    caption = f"Measured on {about['date']}: {about['machine']}, Keras {about['keras']}."
    return pd.DataFrame(rows).T.style.set_caption(caption)
