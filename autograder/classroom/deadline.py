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
        is_date = len(words) == 10
        if is_date:
            moment = moment.replace(hour=23, minute=59)
        first, second = (moment.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise wrong from None
    if is_date:  # its last minute, should there be two
        return max(first, second).replace(tzinfo=None)
    if moment.tzinfo is None and first != second:
        raise _at_a_change(moment, first, second, f'{what} "{text}"')
    return first.replace(tzinfo=None)


def _at_a_change(
    moment: dt.datetime, first: dt.datetime, second: dt.datetime, named: str
) -> AttnError:
    """What is wrong with a time of the night in which this machine's clock is changed."""
    if first.astimezone().replace(tzinfo=None) == moment:
        written = " or ".join(f"{one.astimezone():%Y-%m-%d %H:%M%z}" for one in (first, second))
        return AttnError(
            f"{named} comes twice, because the clock is put back that night: write {written}."
        )
    return AttnError(
        f"{named} is left out, because the clock is put forward that night: write another time."
    )


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
