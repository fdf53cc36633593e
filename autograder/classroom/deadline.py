"""A deadline as a person writes it: `2026-10-05 18:00`, by the class's clock or in a zone named."""

from __future__ import annotations

import datetime as dt

from dateutil import parser

from autograder.errors import AttnError
from autograder.record.days import moments

ZONES = {"UTC": dt.UTC, "GMT": dt.UTC}


def read_time(text: str, what: str, zone: dt.tzinfo | None = None) -> dt.datetime:
    """A moment, in UTC without a zone as nbgrader keeps it. A date alone means its last minute.

    `zone` is the class's, if it names one; without it a clock is this machine's. Only unambiguous
    forms are understood: year, month, day, in this order. AttnError.
    """
    whose = "this machine's" if zone is None else "the class's"
    wrong = AttnError(
        f'{what} "{text}" is not understood: write it like 2026-10-05 18:00, and a zone other than '
        f"{whose} like 2026-10-05 18:00+02:00 or 2026-10-05 18:00 UTC."
    )
    words = text.strip()
    if len(words) < 10 or not (words[:4].isdigit() and words[4] == "-"):
        raise wrong
    try:
        moment = parser.parse(words, yearfirst=True, tzinfos=_zone)
        is_date = len(words) == 10
        if is_date:
            moment = moment.replace(hour=23, minute=59)
        first, second = moments(moment, zone)
    except (ValueError, OverflowError):
        raise wrong from None
    if is_date:  # its last minute, should there be two
        return max(first, second)
    if first < second:
        written = " or ".join(f"{_shown(one, zone):%Y-%m-%d %H:%M%z}" for one in (first, second))
        raise AttnError(
            f'{what} "{text}" comes twice, because the clock is put back that night: write '
            f"{written}."
        )
    if first > second:
        raise AttnError(
            f'{what} "{text}" is left out, because the clock is put forward that night: write '
            "another time."
        )
    return first


def _zone(name: str | None, offset: int | None) -> dt.tzinfo | None:
    if offset is not None:
        return dt.timezone(dt.timedelta(seconds=offset))
    if name is None:
        return None
    if name not in ZONES:
        raise ValueError(name)  # "EST" is several
    return ZONES[name]


def said(moment: dt.datetime, zone: dt.tzinfo | None = None) -> str:
    """A moment that is UTC without a zone, by the class's clock, with its zone's name."""
    return _shown(moment, zone).strftime("%Y-%m-%d %H:%M %Z")


def _shown(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(zone)
