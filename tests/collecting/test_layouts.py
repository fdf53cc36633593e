"""Whose file is it? In the layouts that Canvas and Moodle write, nbgrader's, and by mail."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from autograder.collecting.results import Collected
from tests.collecting.conftest import LESSON, Collecting


def zipped(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def unpacked(folder: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def taken(made: Collected) -> dict[str, str]:
    return {one.student: one.by for one in made.taken}


def problems(made: Collected) -> dict[str, str]:
    return {problem.file: problem.reason for problem in made.problems}


@pytest.mark.parametrize("packed", [True, False])
def test_canvas_names_files_by_sorted_name_its_own_number_and_the_students_name_for_it(
    class_: Collecting, tmp_path: Path, packed: bool
) -> None:
    book = class_.notebook
    members = {
        "lovelaceada_88_1001_01_doubling.ipynb": book("ada"),
        "łukaszöztürkjosé_LATE_89_1002_My Homework FINAL (2).ipynb": book("jose"),
        "leekim_90_1003_01_doubling-1.ipynb": book("a Kim"),
        "anon_x7Yz2_1004_01_doubling.ipynb": book("nameless"),
        "nobodyhere_92_1005_01_doubling.ipynb": book("not on the roster"),
        "山田太郎_93_1006_essay.pdf": b"%PDF-1.7",
        "chenwei_94_text.html": b"<p>I did it",
    }
    make = zipped if packed else unpacked
    made = class_.collect(make(tmp_path / ("source.zip" if packed else "source"), members))
    assert made.layout == "canvas"
    assert taken(made) == {"ada": "name", "4711": "name"}
    assert class_.at("ada").read_bytes() == members["lovelaceada_88_1001_01_doubling.ipynb"]
    assert [one.student for one in made.taken if one.late] == ["4711"]
    assert problems(made) == {
        "leekim_90_1003_01_doubling-1.ipynb": "it could be k1 or k2",
        "anon_x7Yz2_1004_01_doubling.ipynb": "no student of the class is called so",
        "nobodyhere_92_1005_01_doubling.ipynb": "no student of the class is called so",
        "山田太郎_93_1006_essay.pdf": "it is no notebook (.ipynb)",
    }


CANVAS_LIST = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Lovelace, Ada",88,ada,al17,A
"Lee, Kim",90,,kim.two@example.org,A
"Lee, Kim",91,k1,,A
"""


def test_canvas_gradebook_tells_namesakes_apart(class_: Collecting, tmp_path: Path) -> None:
    people = tmp_path / "grades.csv"
    people.write_text(CANVAS_LIST, encoding="utf-8")
    members = {
        "lovelaceada_88_1001_x.ipynb": class_.notebook("ada"),
        "leekim_90_1003_x.ipynb": class_.notebook("two"),
        "leekim_91_1004_x.ipynb": class_.notebook("one"),
        "chenwei_95_1005_x.ipynb": class_.notebook("wei"),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members), people=people)
    assert taken(made) == {"ada": "list", "k1": "list", "k2": "list"}
    assert class_.at("k2").read_bytes() == members["leekim_90_1003_x.ipynb"]
    assert problems(made) == {"chenwei_95_1005_x.ipynb": "the list has nobody with the number 95"}


@pytest.mark.parametrize("form", ["{}_assignsubmission_file/", "{}_assignsubmission_file_/",
                                  "{}_assignsubmission_file_"])  # fmt: skip
def test_moodle_has_a_folder_or_a_long_name_for_each_participant(
    class_: Collecting, tmp_path: Path, form: str
) -> None:
    def place(who: str) -> str:
        return form.format(who) + f"{LESSON}.ipynb"

    members = {
        place("Ada Lovelace_2201"): class_.notebook("ada"),
        place("José Łukasz-Öztürk_2202"): class_.notebook("jose"),
        place("Kim Lee_2203"): class_.notebook("a Kim"),
        place("Participant_2204"): class_.notebook("marked without names"),
        "Wei Chen_2205_assignsubmission_onlinetext/onlinetext.html": b"<p>see file",
    }
    made = class_.collect(zipped(tmp_path / "moodle.zip", members))
    assert made.layout == "moodle"
    assert taken(made) == {"ada": "name", "4711": "name"}
    assert problems(made) == {
        place("Kim Lee_2203"): "it could be k1 or k2",
        place("Participant_2204"): "no student of the class is called so",
        "Wei Chen_2205_assignsubmission_onlinetext/onlinetext.html": "it is no notebook (.ipynb)",
    }


WORKSHEET = """Identifier,"Full name","Email address",Status,Grade,"Last modified (submission)"
"Participant 2203","Kim Lee",kim.two@example.org,Submitted,,"Monday, 5 October 2026, 11:59 PM"
"Participant 2204",,wei@example.org,Submitted,,-
"""


def test_moodle_grading_worksheet_tells_who_and_when(
    class_: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "worksheet.csv"
    people.write_text("\ufeff" + WORKSHEET, encoding="utf-8")
    members = {
        "Kim Lee_2203_assignsubmission_file/x.ipynb": class_.notebook("kim"),
        "Participant_2204_assignsubmission_file/x.ipynb": class_.notebook("wei"),
    }
    made = class_.collect(zipped(tmp_path / "m.zip", members), people=people)
    assert taken(made) == {"k2": "list", "chen.wei": "list"}
    times = {one.student: one.time for one in made.taken}
    assert times["chen.wei"] is None
    assert times["k2"] is not None
    assert times["k2"].astimezone().tzinfo is not None
    stamp = (class_.at("k2").parent / "timestamp.txt").read_text()
    assert stamp == times["k2"].strftime("%Y-%m-%d %H:%M:%S UTC\n")
    assert not (class_.at("chen.wei").parent / "timestamp.txt").exists()


def test_nbgraders_tree_keeps_its_times_even_some_folders_down(
    class_: Collecting, tmp_path: Path
) -> None:
    tree = f"copy of/submitted/chen.wei/{LESSON}"
    members = {
        f"{tree}/{LESSON}.ipynb": class_.notebook("wei"),
        f"{tree}/timestamp.txt": b"2026-10-05 10:00:00 UTC\n",
        f"{tree}/.ipynb_checkpoints/{LESSON}-checkpoint.ipynb": class_.notebook("old"),
        f"copy of/submitted/stranger/{LESSON}/{LESSON}.ipynb": class_.notebook("who?"),
    }
    made = class_.collect(zipped(tmp_path / "tree.zip", members))
    assert made.layout == "tree"
    assert taken(made) == {"chen.wei": "id"}
    assert (class_.at("chen.wei").parent / "timestamp.txt").read_text() == (
        "2026-10-05 10:00:00 UTC\n"
    )
    assert list(problems(made).values()) == ["no student of the class is called so"]


def test_files_by_mail_are_told_by_their_names(class_: Collecting, tmp_path: Path) -> None:
    members = {
        "Ada.ipynb": class_.notebook("ada"),
        f"4711_{LESSON}.ipynb": class_.notebook("jose"),
        f"{LESSON} - Chen Wei.ipynb": class_.notebook("wei"),
        "Kim Lee.ipynb": class_.notebook("a Kim"),
        "taro@example.org/homework.ipynb": class_.notebook("taro"),
        "marks.csv": b"a,b",
        f"{LESSON}.ipynb": class_.notebook("nameless"),
    }
    made = class_.collect(unpacked(tmp_path / "mail", members))
    assert made.layout == "names"
    assert taken(made) == {"ada": "id", "4711": "id", "taro": "id", "chen.wei": "name"}
    assert set(problems(made)) == {"Kim Lee.ipynb", f"{LESSON}.ipynb"}


def test_a_layout_can_be_named_and_an_unfitting_file_is_told(
    class_: Collecting, tmp_path: Path
) -> None:
    source = unpacked(tmp_path / "s", {"ada.ipynb": class_.notebook()})
    made = class_.collect(source, layout="canvas")
    assert not made.taken
    assert problems(made) == {"ada.ipynb": "it is not in the layout 'canvas'"}
