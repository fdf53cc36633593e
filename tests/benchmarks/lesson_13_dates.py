"""The part of lesson_13_table.py on dates: three translators, and where each letter was read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit.across import dates as written_dates
from attnkit.quiet import silence

SEEDS = 3
FIELDS = {"year": [0, 1, 2, 3], "month": [5, 6], "day": [8, 9]}  # letters of 1987-03-03
CHUNK = 250  # dates at a time
SHORT = ("3/4/87", "4/3/87")


def dates(own: Mapping[str, Any]) -> dict[str, Any]:
    """Letters and whole dates that are right, and the weight on a letter's own field.

    ``trainings``: of each seed, in percent, ``letters`` (with the right beginning) and ``exact``
    (on its own), both of the test dates; ``fields``: of the letters of each field the share of
    weight on that field in the date as it was written; ``before``: of the year's third digit the
    share on the sign before the year; ``short``: what becomes of American short dates; ``seconds``.
    ``chance``: those shares of fields for even weights.
    """
    with silence():
        import keras
        from attnkit.across.translator import Plan, Reader, Translator, right, train

    parts = written_dates.made()
    ids = written_dates.letters(parts.train.written)
    x_NS, y_NT = (
        written_dates.encode(parts.test.written, ids),
        written_dates.encode_iso(parts.test.iso),
    )
    trainings = []
    for seed in range(SEEDS):
        keras.utils.set_random_seed(seed)
        model = Translator(V=4 + len(ids))
        train(model, parts.train, ids, own["teacher_forcing"], seed=seed)
        z_NTC = keras.ops.convert_to_numpy(model([x_NS, own["teacher_forcing"](y_NT)]))
        exact_N = right(model, ids, parts.test, own["greedy_decode"])
        found = {
            "letters": round(100 * float((z_NTC.argmax(axis=-1) == y_NT).mean()), 2),
            "exact": round(100 * float(exact_N.mean()), 1),
            "loss": round(float(own["seq_loss"](z_NTC, y_NT)), 4),
            **on_own_field(model, ids, parts.test, own["cross_attention"]),
            "short": {text: Reader(model, ids, [text]).translated()[0] for text in SHORT},
            "worst": worst(parts.test, exact_N),
            "seconds": round(model.seconds),
        }
        trainings.append(found)
    return {
        "dates": len(parts.train), "tested": len(parts.test), "letters known": len(ids),
        "parameters": int(model.count_params()), **asdict(Plan()), "trainings": trainings,
        "chance": even(parts.test),
    }  # fmt: skip


def worst(test: written_dates.Dates, exact_N: npt.NDArray[np.bool_]) -> tuple[str, float]:
    """The locale with the fewest dates right, and how many are, in percent."""
    locale_N = np.array(test.locale)
    shares = {name: float(exact_N[locale_N == name].mean()) for name in written_dates.LOCALES}
    name = min(shares, key=lambda each: shares[each])
    return name, round(100 * shares[name], 1)


def fields(written: str) -> list[str]:
    """Of each letter, which field it belongs to: "year", "month", "day", or "" for none.

    The year has four digits. A number before it is the day, a second one the month; without that
    the month is the word beside the year and the day that names no weekday: words before the first
    comma, or before the day where no comma stands, are weekdays.
    """
    field = [""] * len(written)

    def mark(span: tuple[int, int], name: str) -> None:
        field[span[0] : span[1]] = [name] * (span[1] - span[0])

    numbers = [match.span() for match in re.finditer(r"\d+", written)]
    short = [span for span in numbers if span[1] - span[0] < 4]
    year = next(span for span in numbers if span[1] - span[0] == 4)
    mark(year, "year")
    mark(short[0], "day")
    if len(short) > 1:
        mark(short[1], "month")
        return field
    words = [match.span() for match in re.finditer(r"[^\W\d_]{3,}", written)]
    behind = [span for span in words if span[0] > short[0][0]]
    before = [span for span in words if span[0] < short[0][0]]
    mark(behind[0] if behind else before[-1], "month")  # March 3, 1987: the word before the day
    return field


def on_own_field(
    model: Any, ids: Mapping[str, int], test: written_dates.Dates, cross_attention: Any
) -> dict[str, Any]:
    """``fields`` and ``before``, see `dates`, in percent."""
    from attnkit.across.translator import Reader

    shares: dict[str, list[float]] = {name: [] for name in FIELDS}
    before: list[float] = []
    for start in range(0, len(test), CHUNK):
        some = test.rows(slice(start, start + CHUNK))
        reader = Reader(model, ids, some.written)
        y_BTD, x_BSD, matrices = reader.sides(some.iso)
        _, w_BHTS = cross_attention(y_BTD, x_BSD, *matrices.values(), 1, reader.mask_BS)
        for w_TS, written in zip(w_BHTS[:, 0], some.written, strict=True):
            field_S = np.array(fields(written))
            for name, rows in FIELDS.items():
                own_S = np.flatnonzero(field_S == name)
                shares[name] += w_TS[rows][:, own_S].sum(axis=1).tolist()
            before.append(float(w_TS[2, np.flatnonzero(field_S == "year")[0] - 1]))
    return {
        "fields": {name: round(100 * float(np.mean(some)), 1) for name, some in shares.items()},
        "before": round(100 * float(np.mean(before)), 1),
    }


def even(test: written_dates.Dates) -> dict[str, float]:
    """The same shares for weights that are all alike."""
    marked = [fields(written) for written in test.written]
    return {
        name: round(100 * float(np.mean([each.count(name) / len(each) for each in marked])), 1)
        for name in FIELDS
    }
