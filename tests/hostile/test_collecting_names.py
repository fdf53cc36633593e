"""Nobody hands in for somebody else: the outermost part of a file's place tells whose it is.

What a student may choose is all that is behind it: the rest of a file's name, folders below theirs,
and everything in a zip. Names in a zip tell neither an owner nor the layout.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.collecting.layouts import layout_of
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped
from tests.hostile.zips import Member, zip_of

Pack = Callable[[Path, dict[str, bytes]], Path]
LATER = b"2030-01-01 00:00:00 UTC"
PACKS = pytest.mark.parametrize("pack", [zipped, unpacked])


def theirs(planted: bytes, good: bytes) -> bytes:
    """A zip that says in every way that a part of it is Ada's, of a later time."""
    names = [
        "ada/hw.ipynb", f"ada/{LESSON}/{LESSON}.ipynb", "ada.ipynb", f"{LESSON}_ada.ipynb",
        "Ada Lovelace_101_assignsubmission_file/hw.ipynb", "lovelaceada_88_1009_hw.ipynb",
    ]  # fmt: skip
    stamps = ["timestamp.txt", "ada/timestamp.txt", f"ada/{LESSON}/timestamp.txt"]
    planted_files = [Member(name, planted) for name in names]
    return zip_of(*planted_files, *[Member(name, LATER) for name in stamps])


SOURCES = {
    "names": {"ada.ipynb": "ada", "chen.wei.ipynb": "chen.wei", "taro.zip": "zip"},
    "names, in folders": {
        "Ada Lovelace/hw.ipynb": "ada", "Wei Chen/hw.ipynb": "chen.wei", "taro/x.zip": "zip",
    },
    "tree": {
        f"ada/{LESSON}/{LESSON}.ipynb": "ada", f"chen.wei/{LESSON}/{LESSON}.ipynb": "chen.wei",
        "taro.zip": "zip",
    },
    "tree, some folders down": {
        f"a/b/ada/{LESSON}/{LESSON}.ipynb": "ada",
        f"a/b/chen.wei/{LESSON}/{LESSON}.ipynb": "chen.wei",
        f"a/b/taro/{LESSON}/work.zip": "zip",
    },
    "canvas": {
        "lovelaceada_88_1001_hw.ipynb": "ada", "chenwei_89_1002_hw.ipynb": "chen.wei",
        "山田太郎_93_1003_hw.zip": "zip",
    },
    "moodle": {
        "Ada Lovelace_101_assignsubmission_file/hw.ipynb": "ada",
        "Wei Chen_102_assignsubmission_file/hw.ipynb": "chen.wei",
        "太郎 山田_103_assignsubmission_file/ada/hw.zip": "zip",
    },
    "moodle, long names": {
        "Ada Lovelace_101_assignsubmission_file_hw.ipynb": "ada",
        "Wei Chen_102_assignsubmission_file_hw.ipynb": "chen.wei",
        "太郎 山田_103_assignsubmission_file_Ada Lovelace_101_assignsubmission_file_hw.zip": "zip",
    },
}  # fmt: skip


@PACKS
@pytest.mark.parametrize("what", SOURCES)
def test_a_zip_is_the_work_of_who_handed_it_in(
    class_: Collecting, tmp_path: Path, pack: Pack, what: str
) -> None:
    books = {who: class_.notebook(who) for who in ("ada", "chen.wei", "planted")}
    books["zip"] = theirs(books["planted"], class_.notebook("taro"))
    members = {place: books[who] for place, who in SOURCES[what].items()}
    made = class_.collect(pack(tmp_path / "source.zip", members))
    assert made.layout == what.partition(",")[0]
    assert set(taken(made)) == {"ada", "chen.wei", "taro"}
    for who in ("ada", "chen.wei"):
        assert class_.at(who).read_bytes() == books[who]
    assert class_.at("taro").read_bytes() == books["planted"]
    assert {one.time for one in made.taken} == {None}
    # and what Ada hands in next is newer than anything that was planted
    again = next(place for place, who in SOURCES[what].items() if who == "ada")
    members[again] = class_.notebook("ada, later")
    class_.collect(pack(tmp_path / "later.zip", members))
    assert class_.at("ada").read_bytes() == class_.notebook("ada, later")


FOLDERS = {
    "names": {"ada.ipynb": "ada", "chen.wei/hw.ipynb": "chen.wei", "taro/ada.ipynb": "taro"},
    "names by name": {
        "Ada Lovelace/hw.ipynb": "ada", "Wei Chen/hw.ipynb": "chen.wei",
        "太郎 山田/ada/ada.ipynb": "taro",
    },
    "names, who is not known": {
        "Ada Lovelace/hw.ipynb": "ada", "Wei Chen/hw.ipynb": "chen.wei", "Evi/ada.ipynb": "",
    },
    "names, flat, who is not known": {
        "ada.ipynb": "ada", "chen.wei.ipynb": "chen.wei", "Evi/taro.ipynb": "",
    },
    "names, by lesson and group": {
        f"{LESSON}/a/ada.ipynb": "ada", f"{LESSON}/b/chen.wei.ipynb": "chen.wei",
        f"{LESSON}/b/taro.ipynb": "taro",
    },
    "tree, a tree below": {
        f"in/ada/{LESSON}/{LESSON}.ipynb": "ada",
        f"in/chen.wei/{LESSON}/{LESSON}.ipynb": "chen.wei",
        f"in/taro/x/ada/{LESSON}/{LESSON}.ipynb": "", f"in/taro/{LESSON}/ada/{LESSON}/x.ipynb": "",
    },
    "moodle, a folder below": {
        "Ada Lovelace_101_assignsubmission_file/hw.ipynb": "ada",
        "Wei Chen_102_assignsubmission_file/hw.ipynb": "chen.wei",
        "太郎 山田_103_assignsubmission_file/Ada Lovelace_101_assignsubmission_file/a.ipynb": (
            "taro"
        ),
    },
    "moodle, a name that a student gave themselves": {
        "Ada Lovelace_101_assignsubmission_file/hw.ipynb": "ada",
        "Wei Chen_102_assignsubmission_file_/hw.ipynb": "chen.wei",
        "Ada Lovelace_101_assignsubmission_file_103_assignsubmission_file/hw.ipynb": "",
        "Wei Chen_102_assignsubmission_file_x_104_assignsubmission_file_/hw.ipynb": "",
    },
    "canvas, a name behind": {
        "lovelaceada_88_1001_hw.ipynb": "ada", "chenwei_89_1002_hw.ipynb": "chen.wei",
        "山田太郎_93_1003_lovelaceada_88_1009_hw.ipynb": "taro",
    },
}  # fmt: skip


@PACKS
@pytest.mark.parametrize("what", FOLDERS)
def test_a_file_is_the_work_of_whom_the_outermost_folder_names(
    class_: Collecting, tmp_path: Path, pack: Pack, what: str
) -> None:
    members = {place: class_.notebook(place) for place in FOLDERS[what]}
    made = class_.collect(pack(tmp_path / "source.zip", members))
    assert made.layout == what.replace(",", " ").split()[0]
    owners = {who: place for place, who in FOLDERS[what].items() if who}
    assert {one.student: one.file for one in made.taken} == owners
    assert set(problems(made)) == {place for place, who in FOLDERS[what].items() if not who}


def test_newcomers_are_named_by_the_outermost_part_and_each_once(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {
        "in/zoe/hw.ipynb": class_.notebook("zoe"),
        "in/eve/nina/hw.ipynb": class_.notebook("eve"),
        "in/mia/mia.zip": zip_of(Member("lea/hw.ipynb", class_.notebook("mia"))),
        "in/Ada/hw.ipynb": class_.notebook("ada"),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members), add=True)
    assert set(taken(made)) == {"zoe", "eve", "mia", "ada"}
    assert sorted(made.added) == ["eve", "mia", "zoe"]

    one = unpacked(tmp_path / "two", {"Noa.ipynb": class_.notebook("one")})
    (one / "noa.ipynb").write_bytes(class_.notebook("two"))
    made = class_.collect(one, add=True)
    if len(list(one.iterdir())) == 2:  # a disk that tells them apart
        assert all("has 2 notebooks" in reason for reason in problems(made).values())
        assert not (class_.students() & {"Noa", "noa"})


# --- the layout, by one vote each -----------------------------------------------------------------

HONEST = {
    "canvas": [f"student{n}_{n}_{n + 1_000}_hw.ipynb" for n in range(5)],
    "moodle": [f"Student {n}_{n}_assignsubmission_file/hw.ipynb" for n in range(5)],
    "tree": [f"in/s{n}/{LESSON}/{LESSON}.ipynb" for n in range(5)],
    "names": [f"s{n}.ipynb" for n in range(5)],
}
OWN = {  # what the system puts before whatever a student chooses
    "canvas": "eve_77_{}_",
    "moodle": "Eve E_77_assignsubmission_file/",
    "tree": "in/eve/",
    "names": "eve/",
}
CHOSEN = {
    "canvas": "x{}_{}_1_hw.ipynb",
    "moodle": "X {}_{}_assignsubmission_file_/hw.ipynb",
    "tree": "x{}/" + LESSON + "/" + LESSON + "{}.ipynb",
    "names": "x{}{}.ipynb",
}


@pytest.mark.parametrize("layout", HONEST)
@given(st.lists(st.tuples(st.sampled_from(sorted(CHOSEN)), st.integers(1, 99)), max_size=60))
@example([("moodle", 1)] * 20)
@example([("tree", 1)] * 20)
@example([("canvas", 1)] * 20)
def test_no_number_of_files_of_one_student_changes_the_layout(
    layout: str, chosen: list[tuple[str, int]]
) -> None:
    files = []
    for n, (form, number) in enumerate(chosen):
        name = CHOSEN[form].format(n, number)
        if layout == "canvas":  # which writes no folders
            name = name.replace("/", "_")
        files.append(OWN[layout].format(n) + name)
    places = [tuple(file.split("/")) for file in [*HONEST[layout], *files]]
    assert layout_of(places, [LESSON]) == layout


def test_names_in_zips_have_no_vote(class_: Collecting, tmp_path: Path) -> None:
    good = class_.notebook("taro")
    inner = [Member(f"x{n}/{LESSON}/{LESSON}.ipynb", good) for n in range(50)]
    members = {
        "lovelaceada_88_1001_hw.ipynb": class_.notebook("ada"),
        "chenwei_89_1002_hw.ipynb": class_.notebook("wei"),
        "山田太郎_93_1003_hw.zip": zip_of(*inner),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert made.layout == "canvas"
    assert set(taken(made)) == {"ada", "chen.wei", "taro"}
    assert not made.problems
