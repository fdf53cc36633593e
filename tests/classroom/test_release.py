"""Handing out: what students get, until when, and that nobody's work is written over."""

from __future__ import annotations

import datetime as dt
import re
import sys
import time
import zipfile
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import cli
from autograder.classroom.deadline import read_time, said
from autograder.classroom.new_class import new_class
from autograder.classroom.release import ReleaseOptions, release
from autograder.course import Course
from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder
from tests.small_course import build_course

LESSON = "01_doubling"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, ClassFolder]:
    root = tmp_path_factory.mktemp("release")
    course = build_course("mini", root / "course")
    return course, new_class(course, root / "autumn", [], None).folder


def test_students_get_the_released_notebook_and_nothing_else(
    made: tuple[Course, ClassFolder], tmp_path: Path
) -> None:
    course, folder = made
    (folder.root / "release" / LESSON / ".DS_Store").write_text("noise")
    due = dt.datetime(2026, 10, 5, 16, 0)
    for to in ("handout", "handout.zip"):
        assert release(course, folder, ["1", LESSON], ReleaseOptions(due, tmp_path / to)) == [
            LESSON
        ]
    place = f"{LESSON}/{LESSON}.ipynb"
    inside = sorted(p for p in (tmp_path / "handout").rglob("*") if p.is_file())
    assert inside == [tmp_path / "handout" / place]
    raw = inside[0].read_bytes()
    with zipfile.ZipFile(tmp_path / "handout.zip") as archive:
        assert archive.namelist() == [place]
        assert archive.read(place) == raw
    assert b"BEGIN HIDDEN" not in raw
    assert b"x_T + x_T" not in raw
    handed_out = nbformat.reads(raw.decode(), as_version=4)
    ours = nbformat.read(course.lesson_folders()[0].released_notebook, as_version=4)
    assert [c.source for c in handed_out.cells] == [c.source for c in ours.cells]
    with folder.open_gradebook() as gradebook:
        assert gradebook.find_assignment(LESSON).duedate == due


def test_what_was_handed_out_in_another_version_is_replaced_only_if_asked(
    made: tuple[Course, ClassFolder], tmp_path: Path
) -> None:
    course, folder = made
    notebook = tmp_path / LESSON / f"{LESSON}.ipynb"
    for to, file in ((tmp_path, notebook), (tmp_path / "h.zip", tmp_path / "h.zip")):
        release(course, folder, ["1"], ReleaseOptions(to=to))
        release(course, folder, ["1"], ReleaseOptions(to=to))  # the same again is nothing new
        whole = file.read_bytes()
        file.write_bytes(b"somebody's work")
        with pytest.raises(AttnError, match="is there already"):
            release(course, folder, ["1"], ReleaseOptions(dt.datetime(2030, 1, 1), to))
        assert file.read_bytes() == b"somebody's work"
        release(course, folder, ["1"], ReleaseOptions(to=to, force=True))
        assert file.read_bytes() == whole
    with folder.open_gradebook() as gradebook:  # a refused release moves no deadline
        assert gradebook.find_assignment(LESSON).duedate != dt.datetime(2030, 1, 1)


def test_a_command_says_where_and_until_when(
    made: tuple[Course, ClassFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    course, folder = made
    monkeypatch.setenv("ATTN_ROOT", str(course.root))
    monkeypatch.chdir(folder.root)  # the class is where one is

    def attn(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["attn", "course", "release", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return int(stopped.value.code or 0), "".join(capsys.readouterr())

    out = str(tmp_path / "h.zip")
    code, text = attn("1", "--due", "2026-10-05 16:00 UTC", "--to", out)
    assert (code, text.strip()) == (
        0, f"{LESSON} can be had in {out}, due {said(dt.datetime(2026, 10, 5, 16))}.",
    )  # fmt: skip
    code, text = attn("1", "--due", "next Monday")
    assert code == 2
    assert 'The deadline "next Monday" is not understood' in text
    code, text = attn("7")
    assert code == 2
    assert text.startswith("attn: ")
    monkeypatch.chdir(tmp_path)
    code, text = attn("1")
    assert code == 2
    assert "is no class's folder" in text


# --- times ----------------------------------------------------------------------------------------


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has another way to set its zone")
def test_a_time_without_a_zone_is_this_machines(in_berlin: None) -> None:
    summer, winter = dt.datetime(2026, 10, 5, 16, 0), dt.datetime(2026, 11, 5, 17, 0)
    assert read_time("2026-10-05 18:00", "It") == summer
    assert read_time("2026-11-05 18:00", "It") == winter
    assert read_time("2026-10-05", "It") == dt.datetime(2026, 10, 5, 21, 59)
    for text in ("2026-10-05 16:00 UTC", "2026-10-05T18:00+02:00", "2026-10-05 16:00Z"):
        assert read_time(text, "It") == summer
    assert said(summer) == "2026-10-05 18:00 CEST"
    with pytest.raises(AttnError, match=r"comes twice.*2026-10-25 02:30\+0200 or .*02:30\+0100"):
        read_time("2026-10-25 02:30", "The deadline")
    assert read_time("2026-10-25 02:30+0100", "It") == dt.datetime(2026, 10, 25, 1, 30)
    with pytest.raises(AttnError, match="is left out, because the clock is put forward"):
        read_time("2026-03-29 02:30", "The deadline")


def test_a_class_that_names_its_zone_goes_by_its_clock() -> None:
    rome = zoneinfo.ZoneInfo("Europe/Rome")
    winter = dt.datetime(2026, 11, 5, 17, 0)
    assert read_time("2026-11-05 18:00", "It", rome) == winter
    assert read_time("2026-11-05 17:00 UTC", "It", rome) == winter
    assert read_time("2026-10-24", "It", rome) == dt.datetime(2026, 10, 24, 21, 59)
    assert said(winter, rome) == "2026-11-05 18:00 CET"
    with pytest.raises(AttnError, match=r"comes twice.*2026-10-25 02:30\+0200 or .*02:30\+0100"):
        read_time("2026-10-25 02:30", "The deadline", rome)
    with pytest.raises(AttnError, match="is left out"):
        read_time("2026-03-29 02:30", "The deadline", rome)
    with pytest.raises(AttnError, match="a zone other than the class's"):
        read_time("soon", "The deadline", rome)


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)), st.integers(-12, 14))
def test_a_moment_is_the_same_in_every_zone(moment: dt.datetime, hours: int) -> None:
    moment = moment.replace(second=0, microsecond=0)
    zone = dt.timezone(dt.timedelta(hours=hours))
    written = moment.replace(tzinfo=dt.UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M%z")
    assert read_time(written, "It") == moment


@pytest.mark.parametrize("text", ["", "5.10.2026", "10/05/2026 18:00", "18:00", "tomorrow",
                                  "2026-13-01", "2026-10-05 25:00", "2026-10-05 18:00 EST",
                                  "2026-10-05 18:00 CET"])  # fmt: skip
def test_what_could_be_two_times_is_none(text: str) -> None:
    with pytest.raises(AttnError, match=re.escape("is not understood: write it like")):
        read_time(text, "It")
