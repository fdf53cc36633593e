"""Which notebook of a student's is their work, and of which lesson? By what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.errors import AttnError
from autograder.grading.one_notebook import check_notebook
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped
from tests.small_course import raw

SCRATCH = b'{"cells": [{"cell_type": "code", "source": "1 + 1"}], "metadata": {}, "nbformat": 4}'


def without(book: bytes, *lost: str) -> bytes:
    """A notebook after tools that drop what it says of itself, its cells' marks, or their ids."""
    read = json.loads(book)
    read["metadata"] = {"colab": {"provenance": []}}
    for cell in read["cells"]:
        if "marks" in lost:
            cell["metadata"] = {}
        if "ids" in lost:
            cell.pop("id", None)
    return json.dumps(read).encode()


@pytest.mark.parametrize("blank", ["lovelaceada_88_1002_01_doubling (1).ipynb",
                                   "lovelaceada_88_1000_01_doubling-3.ipynb"])  # fmt: skip
def test_a_blank_notebook_never_beats_an_answered_one(
    class_: Collecting, tmp_path: Path, blank: str
) -> None:
    answered = "lovelaceada_88_1001_01_doubling.ipynb"
    members = {answered: class_.notebook("ada"), blank: raw(class_.released)}
    made = class_.collect(unpacked(tmp_path / "a", members))
    assert class_.at("ada").read_bytes() == members[answered]
    assert not made.problems
    assert blank in made.notes[0].text
    # nor when it comes later
    made = class_.collect(unpacked(tmp_path / "b", {blank: members[blank]}))
    assert class_.at("ada").read_bytes() == members[answered]
    assert "nothing is answered in it" in problems(made)[blank]
    # but alone it is what was handed in, and an answered one takes its place
    made = class_.collect(unpacked(tmp_path / "c", {"chenwei_89_1_x.ipynb": members[blank]}))
    assert taken(made) == {"chen.wei": "name"}
    made = class_.collect(unpacked(tmp_path / "d", {"chenwei_89_2_x.ipynb": members[answered]}))
    assert [one.state for one in made.taken] == ["replaced"]


def test_a_browsers_number_is_no_order(class_: Collecting, tmp_path: Path) -> None:
    members = {f"ada{number}.ipynb": class_.notebook(number) for number in ("", " (1)")}
    made = class_.collect(unpacked(tmp_path / "s", members))
    assert not made.taken
    assert all("has 2 notebooks" in reason for reason in problems(made).values())


def test_a_lesson_that_is_named_is_for_who_has_none_that_tells(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {
        "lovelaceada_88_1002_scratch.ipynb": SCRATCH,
        "lovelaceada_88_1001_x.ipynb": class_.notebook("ada"),
        "chenwei_89_1003_scratch.ipynb": SCRATCH,
        "chenwei_89_1004_x.ipynb": without(class_.notebook("wei"), "marks", "ids"),
    }
    for lesson in ("1", None):
        made = class_.collect(unpacked(tmp_path / "s", members), lesson=lesson)
        assert class_.at("ada").read_bytes() == members["lovelaceada_88_1001_x.ipynb"]
        assert class_.at("chen.wei").read_bytes() == members["chenwei_89_1004_x.ipynb"]
        assert set(problems(made)) == {name for name in members if "scratch" in name}


@pytest.mark.parametrize("lost", [(), ("ids",), ("marks",), ("ids", "marks")])
def test_what_is_in_its_cells_tells_a_notebooks_lesson(
    class_: Collecting, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    book = without(class_.notebook("ada"), *lost)
    other = without(class_.notebook("ada").replace(b"L1", b"L9"), *lost)
    made = class_.collect(unpacked(tmp_path / "s", {"ada/x.ipynb": book, "ada/y.ipynb": other}))
    assert class_.at("ada").read_bytes() == book
    assert list(problems(made)) == ["ada/y.ipynb"]


def test_a_notebook_that_tells_no_lesson_is_checked_as_one_that_is_named(
    class_: Collecting, tmp_path: Path
) -> None:
    file = tmp_path / "x.ipynb"
    file.write_bytes(SCRATCH)
    with pytest.raises(AttnError, match="name it with --lesson"):
        check_notebook(class_.course, file)
    assert "not of this lesson" in check_notebook(class_.course, file, lesson="1").reason


@pytest.mark.parametrize(
    "name",
    ["x.ipynb.txt", "x.ipynb.json", "X.IPYNB", "x.ipynb (1).txt", "x.ipynb-1.txt",
     f"{LESSON}.ipynb(2).json", "ada.zip"],
)  # fmt: skip
def test_notebooks_by_other_names(class_: Collecting, tmp_path: Path, name: str) -> None:
    book = class_.notebook("ada")
    inner = zipped(tmp_path / "i.zip", {"work/01.ipynb.txt": book}).read_bytes()
    members = {f"ada/{name}": inner if name.endswith(".zip") else book, "ada/notes.txt": b"?"}
    made = class_.collect(unpacked(tmp_path / "s", members))
    assert taken(made) == {"ada": "id"}
    assert class_.at("ada").read_bytes() == book
    assert not made.problems
