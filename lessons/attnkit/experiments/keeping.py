"""A learner's raw trials: a CSV file for each experiment, on their machine, for them alone.

The files lie beside the learner's progress, and may be deleted at any time; with
`ATTNKIT_PROGRESS=off` nothing is kept. Each answer is a line, written at once: who stops in the
middle keeps what is done.
"""

from __future__ import annotations

import csv
import importlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnkit.files import append_line
from attnkit.progress import progress_file

NAMES = ("search", "cueing", "n_back", "recall")
ALWAYS: Mapping[str, type] = {"session": str, "frame": float}  # when; milliseconds of a frame
SEED = 14  # of the people who are made up


def experiment(name: str) -> Any:
    """The module of an experiment. ValueError for a name that is none."""
    if name not in NAMES:
        raise ValueError(f"there is no experiment {name!r}: {', '.join(NAMES)}")
    return importlib.import_module(f"attnkit.experiments.{name}")


def trials_file(name: str) -> Path | None:
    """Where an experiment's trials are kept; None if nothing is."""
    recorded = progress_file()
    return None if recorded is None else recorded.parent / "experiments" / f"{name}.csv"


def trials_of(name: str, seed: int = SEED) -> pd.DataFrame:
    """The learner's own trials if there are enough, else those of a made-up person; says which."""
    module, own = experiment(name), own_trials(name)
    if len(own) and module.enough(own):
        days = own.session.str[:10].nunique()
        print(f"Your own trials: {len(own)} rows, of {days} day{'s' * (days != 1)}.")
        return own
    few = f" (There are {len(own)} rows of your own, too few to say anything.)" if len(own) else ""
    print(f"Trials of a made-up person, as you haven't taken part.{few}")
    return module.simulate(module.Params(), np.random.default_rng(seed))


def own_trials(name: str) -> pd.DataFrame:
    """All of the learner's own trials that can be read."""
    columns = {**ALWAYS, **experiment(name).COLUMNS}
    file = trials_file(name)
    try:
        text = "" if file is None else file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        text = ""
    rows = []
    for line in text.splitlines():
        row = _read(line, columns)
        if row is not None:
            rows.append(row)
    return pd.DataFrame(rows, columns=list(columns))


def keep_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Add rows to an experiment's file. Whether they are kept; never raises."""
    columns, file = [*ALWAYS, *experiment(name).COLUMNS], trials_file(name)
    if file is None:
        return False
    try:
        lines = [] if file.is_file() else [_line(columns)]
        for line in (*lines, *(_line([row.get(column) for column in columns]) for row in rows)):
            append_line(file, line)
    except OSError:
        return False
    return True


def delete_trials(name: str = "") -> None:
    """Delete the learner's own trials of one experiment, or of all."""
    for each in [name] if name else NAMES:
        experiment(each)
        file = trials_file(each)
        if file is not None:
            file.unlink(missing_ok=True)


def _line(values: Sequence[Any]) -> str:
    out = io.StringIO()
    texts = ["" if value is None else " ".join(str(value).split()) for value in values]
    csv.writer(out, lineterminator="").writerow(texts)
    return out.getvalue()


def _read(line: str, columns: Mapping[str, type]) -> list[Any] | None:
    """One line's values; None for the names of the columns, and for a torn or foreign line."""
    try:
        texts = next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration):
        return None
    if len(texts) != len(columns):
        return None
    try:
        return [_value(text, kind) for text, kind in zip(texts, columns.values(), strict=True)]
    except ValueError:
        return None


def _value(text: str, kind: type) -> Any:
    if kind is bool:
        return {"True": True, "False": False}[text] if text in ("True", "False") else _refuse(text)
    if kind is float:
        number = float(text) if text else math.nan
        return number if math.isnan(number) or math.isfinite(number) else _refuse(text)
    return kind(text)


def _refuse(text: str) -> Any:
    raise ValueError(text)
