"""Whose work is it? What a group hands in, ids in any form, and the ways of other systems."""

from __future__ import annotations

import datetime as dt
import unicodedata
import zipfile
import zlib
from pathlib import Path
from typing import Literal

import pytest

from autograder.collecting.inside import name_of
from autograder.collecting.pattern import Pattern
from autograder.collecting.systems import told_by
from autograder.errors import AttnError
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped

Form = Literal["NFC", "NFD"]
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Lovelace, Ada",88,ada,ada@example.org,A
"Chen, Wei",89,chen.wei,,A
"""
MOODLE = """Identifier,"Full name","Email address"
"Participant 2201","Ada Lovelace",ada@example.org
"Participant 2202","Wei Chen",wei@example.org
"Participant 2203",,taro@example.org
"""


@pytest.mark.parametrize(
    ("people", "groups", "own"),
    [
        (CANVAS, "projectgroup1_88_1001_x.ipynb", "weichen_89_1002_x.ipynb"),
        (
            MOODLE,
            "Team 7_2201_assignsubmission_file/x.ipynb",
            "Group 1-Wei Chen_2202_assignsubmission_file/x.ipynb",
        ),
    ],
)
def test_a_groups_work_is_nobodys_by_a_number(
    class_: Collecting, tmp_path: Path, people: str, groups: str, own: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(people, encoding="utf-8")
    members = {groups: class_.notebook("theirs"), own: class_.notebook("wei")}
    made = class_.collect(zipped(tmp_path / "s.zip", members), people=file)
    assert taken(made) == {"chen.wei": "list"}
    assert "it may be a group's work" in problems(made)[groups]
    assert not class_.at("ada").exists()


def test_a_hidden_name_contradicts_nobody(class_: Collecting, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(MOODLE.replace("Participant", "Участник"), encoding="utf-8")
    places = ["Участник_2201_assignsubmission_file/x.ipynb", "2203_assignsubmission_file/x.ipynb"]
    members = {place: class_.notebook(place) for place in places}
    made = class_.collect(zipped(tmp_path / "s.zip", members), people=file)
    assert taken(made) == {"ada": "list", "taro": "list"}


def unflagged(file: Path, members: dict[str, bytes]) -> Path:
    """A zip whose names are UTF-8 but don't say so, as macOS and many others write it."""
    zipped(file, members)
    raw = bytearray(file.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(mark)
        while place >= 0:
            raw[place + at + 1] &= ~0x08
            place = raw.find(mark, place + 4)
    file.write_bytes(raw)
    return file


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_read_as_they_were_written(
    class_: Collecting, tmp_path: Path, form: Form
) -> None:
    def place(name: str) -> str:
        return unicodedata.normalize(form, f"{name}_2203_assignsubmission_file/{LESSON}.ipynb")

    names = ["José Łukasz-Öztürk", "太郎 山田"]
    inner = unflagged(tmp_path / "i.zip", {unicodedata.normalize(form, "Übung/a.ipynb"): b"{"})
    members = {place(name): class_.notebook(name) for name in names}
    members[place("Ada Lovelace").replace(".ipynb", ".zip")] = inner.read_bytes()
    made = class_.collect(unflagged(tmp_path / "mac.zip", members))
    assert {"4711", "taro"} <= set(taken(made))
    with zipfile.ZipFile(tmp_path / "mac.zip") as archive:
        assert {name_of(member) for member in archive.infolist()} == set(members)
    shown = " ".join(file for file in problems(made))
    assert unicodedata.normalize("NFC", shown).count("Übung") == 1


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_that_differ_in_accents_are_told_apart_by_these(
    class_: Collecting, tmp_path: Path, form: Form
) -> None:
    with class_.folder.open_gradebook() as gradebook:
        for student, first in (("v1", "Ngọc"), ("v2", "Ngóc"), ("v3", "Ngoc")):
            gradebook.add_student(student, first_name=first, last_name="Lê")
    places = {
        unicodedata.normalize(form, f"{name}_{number}_assignsubmission_file/x.ipynb"): name
        for number, name in enumerate(("Ngọc Lê", "Ngóc Lê", "Ngoc Le", "Ngòc Lê"), start=2301)
    }
    members = {place: class_.notebook(name) for place, name in places.items()}
    made = class_.collect(unflagged(tmp_path / "s.zip", members))
    assert taken(made) == {"v1": "name", "v2": "name"}
    # of the others a system may have taken an accent away, or written another
    assert set(problems(made).values()) == {"it could be v1 or v2 or v3"}
    assert len(made.problems) == 2


def test_a_name_that_a_zip_tells_a_second_time_counts() -> None:
    member = zipfile.ZipInfo("Zo\x82.ipynb")  # as Windows wrote it in Greek letters, say
    member.filename = "Zo?.ipynb"
    raw = member.filename.encode("cp437")
    told = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + "Zoë.ipynb".encode()
    member.extra = b"\x75\x70" + len(told).to_bytes(2, "little") + told
    assert name_of(member) == "Zoë.ipynb"
    member.extra = member.extra.replace(told[1:5], b"\0\0\0\0")  # it belongs to another name
    assert name_of(member) == "Zo?.ipynb"


def test_a_newcomers_id_is_one_whatever_form_its_letters_have(
    class_: Collecting, tmp_path: Path
) -> None:
    apart = unicodedata.normalize("NFD", "zoë")
    made = class_.collect(
        zipped(tmp_path / "a.zip", {f"{apart}.ipynb": class_.notebook()}), add=True
    )
    assert made.added == ["zoë"]
    later = {"ZOË.ipynb": class_.notebook("later")}
    made = class_.collect(zipped(tmp_path / "b.zip", later), add=True)
    assert not made.added
    assert [one.student for one in made.taken] == ["zoë"]


WAYS = {  # of other systems, and who and when that is
    "lesson-1-ada/lessons/{0}/{0}.ipynb": ("ada", None),  # GitHub Classroom
    "{0}-ada/{0}.ipynb": ("ada", None),
    "lesson-1-chen.wei/{0}.ipynb": ("chen.wei", None),
    "gradebook_CS101_Lesson1_ada_attempt_2026-10-05-18-03-22_mine.ipynb": (
        "ada", dt.datetime(2026, 10, 5, 18, 3, 22),
    ),
    "gradebook_41672_12_4711_attempt_2026-10-05-18-03-22_{0}.ipynb": (
        "4711", dt.datetime(2026, 10, 5, 18, 3, 22),
    ),
    "12345-67890 - Ada Lovelace - Oct 5, 2026 603 PM/mine.ipynb": (
        "ada", dt.datetime(2026, 10, 5, 18, 3),
    ),
    "12345-67890 - 4711 - Jos L- Oct 5, 2026 1103 AM - mine.ipynb": (
        "4711", dt.datetime(2026, 10, 5, 11, 3),
    ),
    "Abgaben/Lovelace_Ada_ada_2211/mine.ipynb": ("ada", None),  # ILIAS
    "Abgaben/Lovelace Ada ada@example.org 2211/mine.ipynb": ("ada", None),
    "Submitted files/Ada Lovelace/Lesson 1/Version 2/mine.ipynb": ("ada", None),  # Teams
}  # fmt: skip


@pytest.mark.parametrize("place", WAYS)
def test_the_ways_of_other_systems(class_: Collecting, tmp_path: Path, place: str) -> None:
    student, local = WAYS[place]
    members = {place.format(LESSON): class_.notebook("theirs"), "read me.txt": b"?"}
    made = class_.collect(unpacked(tmp_path / "s", members))
    assert not made.problems
    [one] = made.taken
    assert one.student == student
    assert one.time == (local and local.astimezone(dt.UTC).replace(tzinfo=None))


def test_the_courses_own_pages_are_nobodys_work(class_: Collecting, tmp_path: Path) -> None:
    """Who hands in a clone of the whole course hands in its pages, too."""
    page = class_.course.solutions / "00_start.py"
    page.touch()
    try:
        members = {
            f"hw-ada/lessons/{LESSON}/{LESSON}.ipynb": class_.notebook("ada"),
            "hw-ada/lessons/00_start.ipynb": b'{"cells": []}',
            "hw-ada/lessons/mine.ipynb": b'{"cells": []}',
        }
        made = class_.collect(zipped(tmp_path / "s.zip", members))
    finally:
        page.unlink()
    assert taken(made) == {"ada": "id"}
    assert list(problems(made)) == ["hw-ada/lessons/mine.ipynb"]


def test_github_classrooms_roster_tells_whose_login_it_is(
    class_: Collecting, tmp_path: Path
) -> None:
    roster = tmp_path / "classroom_roster.csv"
    roster.write_text(
        '"identifier","github_username","github_id","name"\n"ada","countess","17",""\n'
        '"wei@example.org","ada","18",""\n"Kim Lee","kimlee","19",""\n"taro","","",""\n'
    )
    logins = ("countess", "kimlee", "ada")
    members = {f"hw-{login}/{LESSON}.ipynb": class_.notebook(login) for login in logins}
    made = class_.collect(zipped(tmp_path / "s.zip", members), people=roster)
    assert taken(made) == {"ada": "id"}
    reasons = problems(made)
    assert reasons[f"hw-kimlee/{LESSON}.ipynb"] == "it could be k1 or k2"
    assert reasons[f"hw-ada/{LESSON}.ipynb"] == "it could be ada or chen.wei"  # an id, and a login


def test_teams_newest_version_counts(class_: Collecting, tmp_path: Path) -> None:
    place = "Submitted files/Ada Lovelace/Lesson 1/Version {}/mine.ipynb"
    members = {place.format(n): class_.notebook(f"{n}") for n in (2, 10, 9)}
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert not made.problems
    assert class_.at("ada").read_bytes() == class_.notebook("10")


def test_an_id_that_fits_whole_comes_before_one_that_it_begins_with(
    class_: Collecting, tmp_path: Path
) -> None:
    with class_.folder.open_gradebook() as gradebook:
        for student in ("li", "li-12", "12-li"):
            gradebook.add_student(student)
    members = {f"{who}.ipynb": class_.notebook(who) for who in ("li", "li-12")}
    members["hw-12-li/x.ipynb"] = class_.notebook("of whom?")
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert taken(made) == {"li": "id", "li-12": "id"}
    assert problems(made) == {"hw-12-li/x.ipynb": "it could be 12-li or li"}


FITS = {
    "{id}_{anything}/{lesson}.ipynb": ("ada_2026-x/01_doubling.ipynb", "ada"),
    "{lesson}/group {anything}/{name}": ("1/group A/Ada Lovelace.ipynb", "ada"),
    "{folders}/Lesson {lesson} ({id})": ("a/b/lesson 01 (ADA).ipynb.txt", "ada"),
    "{anything}-{id}.ipynb": ("Übung-4711 (1).ipynb", "4711"),
    "hand-in {id}": ("HAND-IN taro@example.org.zip", "taro"),
}


@pytest.mark.parametrize("pattern", FITS)
def test_a_pattern_tells_whose_it_is(class_: Collecting, tmp_path: Path, pattern: str) -> None:
    place, student = FITS[pattern]
    book = class_.notebook("theirs")
    inner = zipped(tmp_path / "inner.zip", {"x.ipynb": book}).read_bytes()
    members = {place: inner if place.endswith(".zip") else book, "x/ada/other.ipynb": book}
    made = class_.collect(zipped(tmp_path / "s.zip", members), pattern=pattern)
    assert made.layout == "pattern"
    assert set(taken(made)) == {student}
    assert list(problems(made)) == ["x/ada/other.ipynb"]


def test_a_pattern_that_fits_two_students_fits_nobody(class_: Collecting, tmp_path: Path) -> None:
    with class_.folder.open_gradebook() as gradebook:
        for student in ("li", "li_12"):
            gradebook.add_student(student)
    source = zipped(tmp_path / "s.zip", {"li_12_hw.ipynb": class_.notebook()})
    made = class_.collect(source, pattern="{id}_{anything}")
    assert problems(made) == {"li_12_hw.ipynb": "it could be li or li_12"}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{student}.ipynb", "{student}: there are {id}, {name}"),
        ("{lesson}.ipynb", "where the student stands"),
        ("{id}/{id}", "{id} twice"),
        ("{id}{lesson}", "something must stand between"),
        ("{id", "single brace"),
        ("{id}_{anything}_{anything}_{anything}_{anything}", "more than 4 words"),
        ("nothing/{id}.ipynb", 'No file in .* fits the pattern .*: one is called "ada.ipynb"'),
    ],
)
def test_a_pattern_that_says_nothing_is_refused(
    class_: Collecting, tmp_path: Path, pattern: str, said: str
) -> None:
    source = zipped(tmp_path / "s.zip", {"ada.ipynb": class_.notebook()})
    with pytest.raises(AttnError, match=said):
        class_.collect(source, pattern=pattern)


def test_a_long_name_keeps_no_pattern_busy() -> None:
    pattern = Pattern("{id}_{anything}_{anything}_{name}x", [LESSON])
    assert pattern.clue(("_" * 100 + ".ipynb",)) is None
    assert pattern.clue(("_" * 60_000 + ".ipynb",)) is None
    for name in ("1-1 - " + "- 2026 " * 9_000, "a_b_" + "_1" * 30_000, "@ " * 30_000 + "1"):
        assert told_by(name) is None
