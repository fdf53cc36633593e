"""Days since a deadline: each ends at the deadline's own time of day, also when the clock changes.

The night in which summer time ends has 25 hours: who hands in at five to six on Sunday was due at
six on Saturday, and is not yet a day late.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

DAY = dt.timedelta(days=1)
_HALF = DAY / 2


def find_zone(name: str) -> dt.tzinfo | None:
    """A zone by its name, such as "Europe/Berlin"; None if there is none of that name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def days_begun(due: dt.datetime, moment: dt.datetime, zone: dt.tzinfo | None = None) -> int:
    """How many days have begun since a deadline: 0 until then, 1 in the 24 hours or so after it.

    Both times are UTC without a zone. Without a zone, days are this machine's.
    """
    if moment <= due:
        return 0
    begun = max(1, -(-(moment - due) // DAY))  # right but for an hour or so
    while begun > 1 and moment <= end_of_day(due, begun - 1, zone):
        begun -= 1
    while moment > end_of_day(due, begun, zone):
        begun += 1
    return begun


def end_of_day(due: dt.datetime, day: int, zone: dt.tzinfo | None = None) -> dt.datetime:
    """When the day of that number since a deadline ends, UTC without a zone.

    A time of day that is left out that night is taken as if the clock had not changed yet; one that
    comes twice is the later one. A date that a zone has left out, at the date line, is no day.
    """
    try:
        start = _local(due, zone)
        near = _local(due + day * DAY, zone)
        moved = near - start - day * DAY  # by which the clock has been changed since
        moved -= (moved + _HALF) // DAY * DAY
        wall = near - moved
        return max(moments(wall, zone))
    except (OverflowError, ValueError, OSError):  # a year that is none, or none to this machine
        return due + day * DAY if due <= dt.datetime.max - day * DAY else dt.datetime.max


def moments(wall: dt.datetime, zone: dt.tzinfo | None = None) -> tuple[dt.datetime, dt.datetime]:
    """When a clock on the wall shows this, for the first time and for the last; UTC without a zone.

    That is one moment, but for a night in which the clock is put back. A time that is left out when
    it is put forward is the later one first. What has a zone of its own goes by that; where none is
    named, the clock is this machine's.
    """
    if wall.tzinfo is not None:
        moment = wall.astimezone(dt.UTC).replace(tzinfo=None)
        return moment, moment
    first, last = sorted(_utc(wall.replace(fold=fold), zone) for fold in (0, 1))
    is_shown = first == last or _local(first, zone) == wall.replace(fold=0)
    return (first, last) if is_shown else (last, first)


def _local(moment: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None)


def _utc(wall: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    # a time without a zone is this machine's
    return wall.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)
