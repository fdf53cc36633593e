"""Days since a deadline, in every zone whose clocks have changed since 2000."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import time
import zoneinfo
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.record.days import days_begun, end_of_day, find_zone
from autograder.record.late import LatePolicy, late_penalty, read_policy
from autograder.record.stamps import stamp_of

WEEK, DAY, MOMENT = dt.timedelta(weeks=1), dt.timedelta(days=1), dt.timedelta(microseconds=1)
Change = tuple[str, dt.datetime]


@functools.cache
def changes() -> list[Change]:
    """Every zone with every week since 2000 in which its clock was changed, or will be."""
    found = []
    weeks = [dt.datetime(2000, 1, 1, tzinfo=dt.UTC) + n * WEEK for n in range(52 * 32)]
    for name in sorted(zoneinfo.available_timezones()):
        zone = zoneinfo.ZoneInfo(name)
        before = None
        for week in weeks:
            offset = week.astimezone(zone).utcoffset()
            if before not in (None, offset):
                found.append((name, week.replace(tzinfo=None) - WEEK))
            before = offset
    return found


def wall(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None)


def is_there(local: dt.datetime, zone: dt.tzinfo) -> bool:
    """Whether the clock of a zone ever shows this."""
    return wall(local.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None), zone) == local


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(-3 * 96, 10 * 96), st.integers(1, 12))
def test_a_day_ends_at_the_deadlines_own_time_of_day(
    data: st.DataObject, quarters: int, days: int
) -> None:
    name, week = data.draw(st.sampled_from(changes()))
    zone = zoneinfo.ZoneInfo(name)
    due = week + dt.timedelta(minutes=15 * quarters)
    ends = [due, *(end_of_day(due, day, zone) for day in range(1, days + 1))]
    for day, (before, end) in enumerate(itertools.pairwise(ends), start=1):
        assert before < end
        assert abs(end - due - day * DAY) <= dt.timedelta(hours=4)  # no clock has moved further
        shown, meant = wall(end, zone), wall(due, zone).time()
        assert shown.time() == meant or not is_there(dt.datetime.combine(shown, meant), zone)
        assert days_begun(due, before + MOMENT, zone) == days_begun(due, end, zone) == day
    assert days_begun(due, ends[-1] + MOMENT, zone) == days + 1
    assert days_begun(due, due, zone) == days_begun(due, due - DAY, zone) == 0


@pytest.mark.parametrize(
    ("zone", "due", "handed_in", "begun"),
    [
        ("Europe/Berlin", "2026-10-24 16:00", "2026-10-25 16:55", 1),  # 25 hours
        ("Europe/Berlin", "2026-10-24 16:00", "2026-10-25 17:00", 1),
        ("Europe/Berlin", "2026-10-24 16:00", "2026-10-25 17:01", 2),
        ("Europe/Berlin", "2026-03-28 17:00", "2026-03-29 16:00", 1),  # 23 hours
        ("Europe/Berlin", "2026-03-28 17:00", "2026-03-29 16:55", 2),
        ("Europe/Berlin", "2026-10-24 00:30", "2026-10-25 01:30", 1),  # half past two, the later
        ("Europe/Berlin", "2026-03-28 01:30", "2026-03-29 01:30", 1),  # half past two is left out
        ("Australia/Lord_Howe", "2026-04-04 06:00", "2026-04-05 06:30", 1),  # half an hour
        ("Pacific/Apia", "2011-12-30 04:00", "2011-12-31 04:00", 1),  # without the 30th
        ("Asia/Kolkata", "2026-10-24 16:00", "2026-10-25 16:00", 1),
        ("UTC", "2026-10-24 16:00", "2026-10-25 16:55", 2),
        ("Europe/Berlin", "2026-10-24 16:00", "9999-12-31 23:59", 2912147),
    ],
)
def test_days_that_are_known(zone: str, due: str, handed_in: str, begun: int) -> None:
    times = dt.datetime.fromisoformat(due), dt.datetime.fromisoformat(handed_in)
    assert days_begun(*times, find_zone(zone)) == begun


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has another way to set its zone")
def test_days_are_this_machines_or_those_of_the_zone_that_the_class_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, handed_in = dt.datetime(2026, 10, 24, 16), dt.datetime(2026, 10, 25, 16, 55)
    policy = LatePolicy(percent=10)
    for zone, wanted in (("Europe/Berlin", 1), ("UTC", 2)):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert late_penalty(due, handed_in, policy, 10, 10) == wanted
        (tmp_path / "class.toml").write_text(f'[late]\npercent = 10\nzone = "{zone}"\n')
        policies = LatePolicy(percent=10, zone="Europe/Berlin"), read_policy(tmp_path)
        assert [late_penalty(due, handed_in, p, 10, 10) for p in policies if p] == [1, wanted]
    monkeypatch.undo()
    time.tzset()


def test_hours_are_hours_whatever_the_clock_shows() -> None:
    policy = LatePolicy(percent=1, per="hour", zone="Europe/Berlin")
    due = dt.datetime(2026, 10, 24, 16)
    assert late_penalty(due, due + dt.timedelta(hours=25), policy, 100, 100) == 25


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-10-25 02:15:00.123456 UTC", None, "2026-10-25 02:15:00.123456"),
        ("2026-10-25 02:15:00", BERLIN, "2026-10-25 02:15"),  # nbgrader's own word is UTC
        ("2026-10-25T02:15Z", None, "2026-10-25 02:15"),
        ("2026-10-25 02:15:00 +0200", None, "2026-10-25 00:15"),
        ("2026-10-25 02:15:00 +01:00", BERLIN, "2026-10-25 01:15"),
        ("2026-10-25 02:15:00 CEST", None, "2026-10-25 00:15"),  # as an exchange in Berlin has it
        ("2026-10-25 02:15:00 CET", None, "2026-10-25 01:15"),  # an hour later
        ("2026-10-25 02:15:00 CET", BERLIN, "2026-10-25 01:15"),
        ("2026-07-01 02:15:00 CET", None, "2026-07-01 01:15"),
        (
            "2026-10-25 02:15:00 Europe/Berlin",
            None,
            "2026-10-25 00:15",
        ),  # nobody is late by a doubt
        ("2026-10-25 02:15:00 CST", SHANGHAI, "2026-10-24 18:15"),
        ("2026-10-25 02:15:00 CST", None, ""),  # China's, or Chicago's
        ("2026-10-25 02:15:00 XYZ", None, ""),
        ("2026-02-30 02:15:00 UTC", None, ""),
        ("soon", None, ""),
        ("", None, ""),
    ],
)
def test_the_time_beside_a_notebook_is_read_in_its_zone(
    text: str, zone: dt.tzinfo | None, moment: str
) -> None:
    read = stamp_of(f"{text}\n".encode(), zone)
    assert read == (dt.datetime.fromisoformat(moment) if moment else None)
