"""A folder to collect from may hold what is no file, can't be read, leads away, or is endless."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.collecting import outside
from autograder.errors import AttnError
from tests.collecting.conftest import LESSON, Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped


@pytest.fixture
def source(class_: Collecting, tmp_path: Path) -> Path:
    members = {f"{who}/hw.ipynb": class_.notebook(who) for who in ("ada", "taro")}
    return unpacked(tmp_path / "source", members)


def collected(class_: Collecting, source: Path) -> dict[str, str]:
    """What was not collected. The neighbours' work was."""
    made = class_.collect(source)
    assert set(taken(made)) == {"ada", "taro"}
    for who in ("ada", "taro"):
        assert class_.at(who).read_bytes() == class_.notebook(who)
    json.dumps(made.to_json()).encode()
    assert all(f"{one.file}: {one.reason}".isprintable() for one in made.problems)
    return problems(made)


def test_what_is_no_ordinary_file_is_listed(class_: Collecting, source: Path) -> None:
    own = source / "chen.wei"
    own.mkdir()
    os.mkfifo(own / "pipe.ipynb")
    os.mkfifo(own / "pipe.zip")
    os.mkfifo(own / "pipe.txt")
    (own / "folder.ipynb").mkdir()
    (own / "link.ipynb").symlink_to(source / "ada" / "hw.ipynb")
    (own / "home").symlink_to(Path.home())
    (own / "around").symlink_to(own)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(own / "s.ipynb"))
    link, special = "it is a link", "it is no ordinary file"
    assert collected(class_, source) == {
        "chen.wei/around": link, "chen.wei/home": link, "chen.wei/link.ipynb": link,
        "chen.wei/pipe.ipynb": special, "chen.wei/pipe.zip": special, "chen.wei/s.ipynb": special,
    }  # fmt: skip


def reads_everything(file: Path) -> bool:
    """Whether this process may read what nobody may, as root may."""
    file.write_bytes(b"")
    file.chmod(0)
    return os.access(file, os.R_OK)


def test_names_that_are_no_text_are_listed(class_: Collecting, source: Path) -> None:
    own = os.fsencode(source / "chen.wei")
    os.mkdir(own)
    for name in (b"\xff.ipynb", b"\xfe.zip", b"\x1b[2J\n.ipynb"):
        with open(os.path.join(own, name), "wb") as file:
            file.write(b"{")
    found = collected(class_, source)
    assert len(found) == 3
    assert found["chen.wei/\\udcfe.zip"] == "it is no zip file, or a broken one"


def test_what_can_not_be_read_is_listed(class_: Collecting, source: Path) -> None:
    if reads_everything(source.parent / "shut"):
        pytest.skip("whoever runs this may read everything")
    shut = unpacked(source, {"chen.wei/hw.ipynb": b"{}", "k1/hw.ipynb": b"{}", "k2/hw.zip": b"PK"})
    (shut / "chen.wei").chmod(0)
    (shut / "k1" / "hw.ipynb").chmod(0)
    (shut / "k2" / "hw.zip").chmod(0)
    try:
        assert collected(class_, source) == dict.fromkeys(
            ["chen.wei", "k1/hw.ipynb", "k2/hw.zip"], "it can't be read: Permission denied"
        )
    finally:
        (shut / "chen.wei").chmod(0o700)
    source.chmod(0)
    try:
        with pytest.raises(AttnError, match="can't be read: Permission denied"):
            class_.collect(source)
    finally:
        source.chmod(0o700)


@pytest.mark.parametrize(
    ("letters", "depth", "says"),
    [(1, 150, "it lies in too many folders"), (100, 60, "it can't be read: File name too long")],
)
def test_a_place_that_is_too_deep_is_listed(
    class_: Collecting, source: Path, letters: int, depth: int, says: str
) -> None:
    deep = source / "chen.wei"
    deep.mkdir()
    start = os.getcwd()
    os.chdir(deep)
    try:
        for _ in range(depth):
            os.mkdir("x" * letters)
            os.chdir("x" * letters)
        Path("a.ipynb").write_bytes(b"{}")
    finally:
        os.chdir(start)
    found = collected(class_, source)
    assert list(found.values()) == [says]
    assert next(iter(found)).startswith("chen.wei/x")


@pytest.mark.parametrize("moodle", [True, False])
@pytest.mark.parametrize("pack", [zipped, unpacked])
def test_too_many_files_of_one_keep_nobody_elses_from_being_found(
    class_: Collecting,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pack: Callable[[Path, dict[str, bytes]], Path],
    moodle: bool,
) -> None:
    monkeypatch.setattr(outside, "MOST_FILES_EACH", 30)
    monkeypatch.setattr(outside, "MOST_FILES", 100)
    form = "{}_100_assignsubmission_file/" if moodle else f"in/{{}}/{LESSON}/"
    names = ("Ada Lovelace", "Wei Chen", "太郎 山田") if moodle else ("ada", "chen.wei", "taro")
    ada, wei, taro = (form.format(name) for name in names)
    members = {f"{wei}{n}.txt": b"" for n in range(60)}
    members |= {f"{ada}{LESSON}.ipynb": class_.notebook("ada")}
    members |= {f"{taro}{LESSON}.ipynb": class_.notebook("taro")}
    source = pack(tmp_path / "source.zip", members)
    found = collected(class_, source)
    assert "more than 30 files lie there: the others were not looked at" in found.values()
    assert all(names[1] in file for file in found)
    monkeypatch.setattr(outside, "MOST_FILES", 20)
    with pytest.raises(AttnError, match="holds more than 20 files: collect it in parts"):
        class_.collect(source)


def test_sources_that_are_none_are_refused_at_once(class_: Collecting, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("pipe.zip", "nowhere"):
        with pytest.raises(AttnError, match="is neither a folder nor a zip file"):
            class_.collect(tmp_path / name)
    with pytest.raises(AttnError, match="There is no notebook in"):
        class_.collect(unpacked(tmp_path / "s", {"data.zip": zipped_bytes(tmp_path)}))


def zipped_bytes(tmp_path: Path) -> bytes:
    return zipped(tmp_path / "data.zip", {"a.csv": b"1,2"}).read_bytes()
