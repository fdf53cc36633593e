"""What comes in may be broken, doubled, hostile or old. Nothing is lost, and each is told."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.collecting import one_student, outside, placing
from autograder.collecting.works import Work
from autograder.errors import AttnError
from autograder.grading.submissions import MAX_BYTES
from autograder.log import kept_in
from autograder.record.class_folder import only_grader
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped

OTHER = "99_other"


def test_no_name_in_a_zip_leads_out_of_it(class_: Collecting, tmp_path: Path) -> None:
    root = class_.folder.root
    members = {
        f"../../{LESSON}/../ada.ipynb": class_.notebook("up"),
        "/tmp/ada.ipynb": class_.notebook("absolute"),
        "C:\\homes\\ada.ipynb": class_.notebook("a drive"),
        "..\\ada.ipynb": class_.notebook("up, in Windows"),
        f"../x/{LESSON}/{LESSON}.ipynb": class_.notebook("in a tree"),
        "chen.wei.ipynb": class_.notebook("honest"),
    }
    before = {path for path in tmp_path.rglob("*") if root not in path.parents}
    source = zipped(tmp_path / "evil.zip", members)
    made = class_.collect(source, add=True)
    assert taken(made) == {"chen.wei": "id"}
    assert set(problems(made).values()) == {"its name leads out of the zip file"}
    assert len(made.problems) == 5
    after = {path for path in tmp_path.rglob("*") if root not in path.parents}
    assert after - before == {source}


def test_a_zip_bomb_is_read_to_its_limit_only(
    class_: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = bytes(MAX_BYTES * 3)
    inner = zipped(tmp_path / "inner.zip", {f"{n}.ipynb": zeros for n in range(3)}).read_bytes()
    members = {"ada.ipynb": zeros, "taro.zip": inner, "chen.wei.ipynb": class_.notebook()}
    source = zipped(tmp_path / "bomb.zip", members)
    made = class_.collect(source)
    assert taken(made) == {"chen.wei": "id"}
    assert set(problems(made).values()) == {"it is larger than 20 MB"}
    monkeypatch.setattr(outside, "MOST_FILES", 2)
    with pytest.raises(AttnError, match="holds more than 2 files"):
        class_.collect(source)
    assert not list(class_.folder.submitted.glob("ada*"))


def test_a_fault_of_ours_costs_one_student_and_its_traceback_is_kept(
    class_: Collecting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(folder: object, work: Work, *more: Any) -> Any:
        if work.student == "ada":
            raise KeyError("an answer")
        return placing.put(class_.folder, work, *more)

    monkeypatch.setattr(one_student, "put", put)
    members = {"ada.ipynb": class_.notebook("ada"), "taro.ipynb": class_.notebook("taro")}
    with kept_in(tmp_path / "log", "collecting"):
        made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert taken(made) == {"taro": "id"}
    assert problems(made) == {"ada.ipynb": "it can't be collected (KeyError: 'an answer')"}
    log = (tmp_path / "log").read_text()
    assert "ERROR autograder.collecting.one_student" in log
    assert "in put\n" in log
    assert "    KeyError\n" in log


def test_zips_within_the_zip_are_opened_once(class_: Collecting, tmp_path: Path) -> None:
    def packed(members: dict[str, bytes]) -> bytes:
        return zipped(tmp_path / "inner.zip", members).read_bytes()

    members = {
        "lovelaceada_88_1001_homework.zip": packed({"work/01.ipynb": class_.notebook("ada")}),
        "chenwei_89_1002_deep.zip": packed({"more.zip": packed({"x.ipynb": b"{}"})}),
        "山田太郎_93_1003_x.zip": b"PK no zip at all",
        "łukaszöztürkjosé_94_1004_x.zip": packed({}),
    }
    made = class_.collect(zipped(tmp_path / "canvas.zip", members))
    assert taken(made) == {"ada": "name"}
    assert class_.at("ada").read_bytes() == class_.notebook("ada")
    assert problems(made) == {
        "chenwei_89_1002_deep/more.zip": "it is a zip file within a zip file within a zip file",
        "山田太郎_93_1003_x.zip": "it is no zip file, or a broken one",
        "łukaszöztürkjosé_94_1004_x.zip": "it is an empty zip file",
    }


def test_what_is_damaged_in_a_zip_costs_nobody_else(class_: Collecting, tmp_path: Path) -> None:
    members = {"ada.ipynb": class_.notebook("ada"), "taro.ipynb": class_.notebook("taro" * 500)}
    source = zipped(tmp_path / "s.zip", members)
    raw = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        start = archive.getinfo("taro.ipynb").header_offset + 60
    raw[start : start + 20] = bytes(20)
    source.write_bytes(raw)
    with kept_in(tmp_path / "log", "collecting"):
        made = class_.collect(source)
    assert taken(made) == {"ada": "id"}
    assert problems(made)["taro.ipynb"].startswith("the zip file is broken there: ")
    log = (tmp_path / "log").read_text()
    assert "taro.ipynb can't be unpacked.\n" in log
    assert "in serve\n" in log

    encrypted = bytearray(zipped(tmp_path / "e.zip", members).read_bytes())
    for sign, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # the first member's flags
        struct.pack_into("<H", encrypted, encrypted.index(sign) + place, 1)
    (tmp_path / "e.zip").write_bytes(encrypted)
    assert problems(class_.collect(tmp_path / "e.zip")) == {"ada.ipynb": "it is encrypted"}

    source.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(AttnError, match="is neither a folder nor a zip file"):
        class_.collect(source)


def test_of_two_notebooks_the_last_handed_in_counts_if_that_can_be_told(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {
        "lovelaceada_88_1001_01_doubling.ipynb": class_.notebook("first"),
        "lovelaceada_88_1009_01_doubling-2.ipynb": class_.notebook("third"),
        "lovelaceada_88_1005_01_doubling-1.ipynb": class_.notebook("second"),
        "chenwei_89_1002_a.ipynb": class_.notebook("a"),
        "chenwei_89_1003_b.ipynb": class_.notebook("b"),
        "山田太郎_93_1010_a.ipynb": class_.notebook("the same"),
        "山田太郎_93_1011_b.ipynb": class_.notebook("the same"),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert set(taken(made)) == {"ada", "taro"}
    assert class_.at("ada").read_bytes() == class_.notebook("third")
    assert set(problems(made)) == {"chenwei_89_1002_a.ipynb", "chenwei_89_1003_b.ipynb"}
    assert "chen.wei has 2 notebooks for 01_doubling here" in made.problems[0].reason


def test_collecting_again_replaces_what_is_older_and_keeps_it(
    class_: Collecting, tmp_path: Path
) -> None:
    def tree(name: str, words: str, time: str) -> Path:
        place = f"ada/{LESSON}"
        return unpacked(
            tmp_path / name,
            {f"{place}/{LESSON}.ipynb": class_.notebook(words),
             f"{place}/timestamp.txt": time.encode()},
        )  # fmt: skip

    second = tree("second", "second", "2026-10-05 12:00:00 UTC")
    first = tree("first", "first", "2026-10-05 09:00:00 UTC")
    states = []
    for source in (first, first, second, first):
        made = class_.collect(source)
        states.append([one.state for one in made.taken] or made.problems[0].reason)
    assert states == [
        ["new"], ["unchanged"], ["replaced"],
        "what ada has there is newer, of 2026-10-05 12:00:00",
    ]  # fmt: skip
    assert class_.at("ada").read_bytes() == class_.notebook("second")
    kept = list((class_.folder.state / "replaced").rglob("*.ipynb"))
    assert [file.read_bytes() for file in kept] == [class_.notebook("first")]


def test_a_time_can_be_given_to_what_tells_none_and_is_not_moved_by_the_next_time(
    class_: Collecting, tmp_path: Path
) -> None:
    source = unpacked(tmp_path / "s", {"ada.ipynb": class_.notebook()})
    stamp = class_.at("ada").parent / "timestamp.txt"
    class_.collect(source, time=dt.datetime(2026, 10, 5, 18, 0))
    class_.collect(source, time=dt.datetime(2026, 10, 9, 18, 0))
    assert stamp.read_text() == "2026-10-05 18:00:00 UTC\n"
    (source / "ada.ipynb").write_bytes(class_.notebook("again"))
    class_.collect(source)
    assert not stamp.exists()  # nobody knows when this one came


def test_newcomers_are_listed_or_taken_in_as_is_asked_for(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {"zoe.ipynb": class_.notebook("zoe"), "bad\tid.ipynb": class_.notebook("bad")}
    source = unpacked(tmp_path / "s", members)
    before = class_.students()
    assert set(problems(class_.collect(source))) == {"zoe.ipynb", "bad\\tid.ipynb"}
    assert class_.students() == before
    made = class_.collect(source, add=True)
    assert made.added == ["zoe"]
    assert class_.students() == before | {"zoe"}
    assert list(problems(made)) == ["bad\\tid.ipynb"]


def test_the_lesson_is_what_the_notebook_or_its_folder_says(
    class_: Collecting, tmp_path: Path
) -> None:
    strange = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    source = unpacked(tmp_path / "s", {"ada.ipynb": strange, "taro.ipynb": b"{half a noteb"})
    assert set(problems(class_.collect(source)).values()) == {
        "it does not tell which lesson it is of: name it with --lesson"
    }
    made = class_.collect(source, lesson="1")  # grading will say what is wrong with them
    assert set(taken(made)) == {"ada", "taro"}
    assert class_.at("taro").read_bytes() == b"{half a noteb"


def test_sources_that_will_not_do_are_refused_in_one_sentence(
    class_: Collecting, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.ipynb").write_bytes(class_.notebook())
    for name, says in (("gone", "There is nothing at"), ("empty", "There is no notebook in"),
                       ("a.ipynb", "is neither a folder nor a zip file")):  # fmt: skip
        with pytest.raises(AttnError, match=says):
            class_.collect(tmp_path / name)
    source = unpacked(tmp_path / "s", {"ada.ipynb": class_.notebook()})
    (source / "linked.ipynb").symlink_to(source / "ada.ipynb")
    for text, says in (("a,b\n1,2\n", "neither a gradebook exported from Canvas"),
                       ("", "neither a gradebook exported from Canvas")):  # fmt: skip
        (tmp_path / "list.csv").write_text(text)
        with pytest.raises(AttnError, match=says):
            class_.collect(source, people=tmp_path / "list.csv")
    with only_grader(class_.folder.root), pytest.raises(AttnError, match="let it finish"):
        class_.collect(source)
    assert problems(class_.collect(source)) == {"linked.ipynb": "it is a link"}
