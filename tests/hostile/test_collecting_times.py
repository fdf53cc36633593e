"""Nobody tells their own time of handing in: the system does, or who collects."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.errors import AttnError
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import zipped
from tests.hostile.zips import Member, zip_of

EARLY, LATE, NEVER = b"2025-01-01 00:00:00 UTC", dt.datetime(2025, 3, 10, 10), b"2090-01-01 00:00"
SHEET = """Identifier,Full name,Email address,Status,Last modified (submission)
Participant 103,Ada Lovelace,ada@example.org,Submitted,"Monday, 10 March 2025, 10:00 AM"
"""
MOODLE = "Ada Lovelace_103_assignsubmission_file/"
TREE = f"ada/{LESSON}/"


def stamp(class_: Collecting) -> str:
    file = class_.at("ada").parent / "timestamp.txt"
    return file.read_text().strip() if file.exists() else ""


@pytest.mark.parametrize("told", [EARLY, NEVER])
@pytest.mark.parametrize("where", ["beside", "in a zip", "in a tree in a zip", "in a folder"])
def test_a_students_own_time_counts_for_nothing(
    class_: Collecting, tmp_path: Path, where: str, told: bytes
) -> None:
    good = class_.notebook("ada")
    inner = TREE if where == "in a tree in a zip" else ""
    members = {
        "beside": {MOODLE + "hw.ipynb": good, MOODLE + "timestamp.txt": told},
        "in a folder": {MOODLE + TREE + "hw.ipynb": good, MOODLE + TREE + "timestamp.txt": told},
    }.get(where) or {
        MOODLE + "w.zip": zip_of(Member(inner + "a.ipynb", good),
                                 Member(inner + "timestamp.txt", told))
    }  # fmt: skip
    people = tmp_path / "sheet.csv"
    people.write_text(SHEET)
    by_list = LATE.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    class_.collect(zipped(tmp_path / "s.zip", members), people=people)
    assert stamp(class_) == by_list
    # without a list nobody knows when it came
    class_.at("ada").unlink()
    (class_.at("ada").parent / "timestamp.txt").unlink()
    class_.collect(zipped(tmp_path / "s.zip", members))
    assert stamp(class_) == ""


ZONE = '[late]\nzone = "Europe/Berlin"\n'
OF_LISTS = {  # what a clock in Berlin shows, and what that is: on the night in which it is put back
    "Sunday, 25 October 2026, 1:59 AM": ("2026-10-24 23:59:00 UTC", ""),
    "Sunday, 25 October 2026, 2:30 AM": ("2026-10-25 00:30:00 UTC", "comes twice"),
    "Sunday, 25 October 2026, 3:00 AM": ("2026-10-25 02:00:00 UTC", ""),
    "2026-10-25T02:30:00+01:00": ("2026-10-25 01:30:00 UTC", ""),
}


@pytest.mark.parametrize("shown", OF_LISTS)
def test_a_list_goes_by_the_clock_of_the_class(
    class_: Collecting, tmp_path: Path, shown: str
) -> None:
    """Whatever zone this machine is in. Of a time that comes twice nobody is late by a doubt."""
    moment, noted = OF_LISTS[shown]
    (class_.folder.root / "class.toml").write_text(ZONE)
    people = tmp_path / "sheet.csv"
    people.write_text(SHEET.replace("Monday, 10 March 2025, 10:00 AM", shown))
    source = zipped(tmp_path / "s.zip", {MOODLE + "hw.ipynb": class_.notebook("ada")})
    made = class_.collect(source, people=people)
    assert stamp(class_) == moment
    assert noted in "".join(note.text for note in made.notes)
    assert bool(made.notes) == bool(noted)


def test_a_name_goes_by_the_clock_of_the_class(class_: Collecting, tmp_path: Path) -> None:
    (class_.folder.root / "class.toml").write_text(ZONE)
    place = "gradebook_CS101_Lesson1_ada_attempt_2026-10-25-02-30-00_x.ipynb"
    made = class_.collect(zipped(tmp_path / "s.zip", {place: class_.notebook("ada")}))
    assert [one.time for one in made.taken] == [dt.datetime(2026, 10, 25, 0, 30)]
    [note] = made.notes
    assert "2026-10-25 02:30, comes twice" in note.text


def test_a_time_that_is_given_is_that_of_work_which_canvas_marks_as_late(
    class_: Collecting, tmp_path: Path
) -> None:
    """Where it marks some, the others came in time: they are given none that could cost marks."""
    members = {
        "lovelaceada_88_1001_x.ipynb": class_.notebook("ada"),
        "chenwei_LATE_89_1002_x.ipynb": class_.notebook("wei"),
    }
    source = zipped(tmp_path / "s.zip", members)
    class_.collect(source)
    made = class_.collect(source, time=LATE)  # as the first call's last line says
    assert {one.student: one.time for one in made.taken} == {"ada": None, "chen.wei": LATE}
    assert stamp(class_) == ""
    del members["chenwei_LATE_89_1002_x.ipynb"]
    made = class_.collect(zipped(tmp_path / "t.zip", members), time=LATE)
    assert [one.time for one in made.taken] == [LATE]  # it marks none: all is as it was said


@pytest.mark.parametrize("place", [TREE + "deeper/", "ada/", "", f"chen.wei/{LESSON}/"])
def test_in_nbgraders_tree_only_its_own_place_tells_a_time(
    class_: Collecting, tmp_path: Path, place: str
) -> None:
    members = {TREE + f"{LESSON}.ipynb": class_.notebook("ada"), place + "timestamp.txt": EARLY}
    class_.collect(zipped(tmp_path / "s.zip", members))
    assert stamp(class_) == ""
    members[TREE + "timestamp.txt"] = EARLY
    class_.collect(zipped(tmp_path / "s.zip", members))
    assert stamp(class_) == EARLY.decode()


def test_a_time_that_has_not_come_yet_is_none_and_is_noted(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {TREE + f"{LESSON}.ipynb": class_.notebook("ada"), TREE + "timestamp.txt": NEVER}
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert [one.time for one in made.taken] == [None]
    assert stamp(class_) == ""
    [note] = made.notes
    assert note.text.startswith("its time in timestamp.txt, 2090-01-01 00:00:00, has not come yet")
    # what the person says who collects is the next word
    made = class_.collect(zipped(tmp_path / "s.zip", members), time=LATE)
    assert [one.time for one in made.taken] == [LATE]
    with pytest.raises(AttnError, match="has not come yet, so nothing was handed in then"):
        class_.collect(tmp_path / "s.zip", time=dt.datetime(2090, 1, 1))


def test_a_list_with_a_time_to_come_tells_none(class_: Collecting, tmp_path: Path) -> None:
    people = tmp_path / "sheet.csv"
    people.write_text(SHEET.replace("2025", "2090"))
    source = zipped(tmp_path / "s.zip", {MOODLE + "hw.ipynb": class_.notebook("ada")})
    made = class_.collect(source, people=people)
    assert stamp(class_) == ""
    assert "in the system's list" in made.notes[0].text


@pytest.mark.parametrize(("minutes", "counts"), [(-1, True), (5, True), (30, False)])
def test_clocks_may_differ_by_some_minutes(
    class_: Collecting, tmp_path: Path, minutes: int, counts: bool
) -> None:
    now = dt.datetime(2025, 6, 1, 12)
    told = now + dt.timedelta(minutes=minutes)
    members = {
        TREE + f"{LESSON}.ipynb": class_.notebook("ada"),
        TREE + "timestamp.txt": f"{told} UTC".encode(),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members), now=now)
    assert [one.time for one in made.taken] == [told if counts else None]
    assert len(made.notes) == (not counts)


def test_what_comes_later_never_loses_to_a_planted_time(class_: Collecting, tmp_path: Path) -> None:
    place = class_.at("ada")
    place.parent.mkdir(parents=True)
    place.write_bytes(class_.notebook("planted"))
    (place.parent / "timestamp.txt").write_bytes(NEVER)
    members = {TREE + f"{LESSON}.ipynb": class_.notebook("ada"), TREE + "timestamp.txt": EARLY}
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert [one.state for one in made.taken] == ["replaced"]
    assert place.read_bytes() == class_.notebook("ada")
    assert stamp(class_) == EARLY.decode()
    assert "has not come yet" in made.notes[0].text


def test_the_command_tells_and_says_by_its_exit_code(
    class_: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(class_.course.root))
    members = {TREE + f"{LESSON}.ipynb": class_.notebook("ada"), TREE + "timestamp.txt": NEVER}
    source = zipped(tmp_path / "s.zip", members)
    words = ["course", "collect", str(source), "--course", str(class_.folder.root)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "has not come yet and counts as none" in done.output
    members[f"taro/{LESSON}/work.zip"] = zip_of(Member(".", b"x"))
    zipped(source, members)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert f"taro/{LESSON}/work/.: it has no name." in done.output
