"""Trainings that were measured beforehand, for panels that would take too long to wait for.

`tests/benchmarks/lesson_8_runs.py` measures lesson 8's and writes the file.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def lesson_8_runs() -> list[dict[str, Any]]:
    """Runs of lesson 8's classifier on MR, as `training_panel` takes them.

    Each has the settings ``length``, ``width`` and ``heads``, its ``history`` as Keras gives it,
    and the ``seconds`` that it took on one CPU core.
    """
    text = files(__name__).joinpath("lesson_8.json").read_text(encoding="utf-8")
    runs: list[dict[str, Any]] = json.loads(text)["runs"]
    return runs
