"""A deadline as a person writes it: `2026-10-05 18:00`, in this machine's zone or the one named."""

from __future__ import annotations

import datetime as dt

from dateutil import parser

from autograder.errors import AttnError

ZONES = {"UTC": dt.UTC, "GMT": dt.UTC}


def read_time(text: str, what: str) -> dt.datetime:
    """A moment, in UTC without a zone as nbgrader keeps it. A date alone means its last minute.

    Only unambiguous forms are understood: year, month, day, in this order. AttnError.
    """
    wrong = AttnError(
        f'{what} "{text}" is not understood: write it like 2026-10-05 18:00, and a zone other than '
        "this machine's like 2026-10-05 18:00+02:00 or 2026-10-05 18:00 UTC."
    )
    words = text.strip()
    if len(words) < 10 or not (words[:4].isdigit() and words[4] == "-"):
        raise wrong
    try:
        moment = parser.parse(words, yearfirst=True, tzinfos=_zone)
        if len(words) == 10:
            moment = moment.replace(hour=23, minute=59)
        return moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise wrong from None


def _zone(name: str | None, offset: int | None) -> dt.tzinfo | None:
    if offset is not None:
        return dt.timezone(dt.timedelta(seconds=offset))
    if name is None:
        return None
    if name not in ZONES:
        raise ValueError(name)  # "EST" is several
    return ZONES[name]


def said(moment: dt.datetime) -> str:
    """A moment that is UTC without a zone, in this machine's zone, with the zone's name."""
    return moment.replace(tzinfo=dt.UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")
