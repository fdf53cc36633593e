"""nbgrader's `timestamp.txt`: when work was handed in, in whatever zone that is written.

nbgrader writes UTC, unless an exchange is told another zone; then it writes that zone's letters,
which it reads wrongly itself, as it does an offset such as +0200.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.record.days import find_zone, moments

TIMESTAMP = "timestamp.txt"
_FORM = re.compile(
    r"(?P<wall>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*(?P<zone>[^\s\d][^\s]*)?"
)
_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_UTC = ("UTC", "GMT", "Z")


def read_timestamp(notebook: Path, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """When a submission was handed in, UTC without a zone, by the file beside it; None if unknown.

    `zone` is the class's, if it names one.
    """
    file = notebook.parent / TIMESTAMP
    try:
        if file.is_symlink() or not file.is_file():  # a pipe would keep us waiting
            return None
        with file.open("rb") as opened:
            return stamp_of(opened.read(100), zone)
    except OSError:
        return None


def stamp_of(raw: bytes, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """The time in such a file, UTC without a zone; None if there is none, or several it may be."""
    try:
        text = raw.decode("utf-8").strip()
        found = _FORM.fullmatch(text)
        if found is not None:
            return _moment(found["wall"], found["zone"] or "UTC", zone)
        time: dt.datetime | None = parse_utc(text) if text else None
    except Exception:  # a parser of dates stumbles in many ways over what is none
        return None
    return time


def _moment(wall_text: str, name: str, zone: dt.tzinfo | None) -> dt.datetime | None:
    if name in _UTC:
        return dt.datetime.fromisoformat(wall_text)
    if _OFFSET.fullmatch(name):
        return moments(dt.datetime.fromisoformat(wall_text + name))[0]
    wall = dt.datetime.fromisoformat(wall_text)
    named = find_zone(name) if "/" in name else None
    if named is not None:
        return min(moments(wall, named))
    # the class's own zone, this machine's, then all
    found = set(_called(name, wall, zone)) or set(_called(name, wall, None))
    found = found or set(_anywhere(name, wall))
    return found.pop() if len(found) == 1 else None


def _called(letters: str, wall: dt.datetime, zone: dt.tzinfo | None) -> Iterator[dt.datetime]:
    """The moments at which a clock of that zone shows a time, and the zone is called so then."""
    for moment in moments(wall, zone):
        if moment.replace(tzinfo=dt.UTC).astimezone(zone).tzname() == letters:
            yield moment


@functools.lru_cache(maxsize=1000)
def _anywhere(letters: str, wall: dt.datetime) -> frozenset[dt.datetime]:
    """The same for all zones that there are: "CEST" is one time everywhere, "CST" is several."""
    zones = map(find_zone, zoneinfo.available_timezones())
    return frozenset(moment for zone in zones if zone for moment in _called(letters, wall, zone))
