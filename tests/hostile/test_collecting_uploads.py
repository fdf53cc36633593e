"""Whatever one student hands in, the others' work is collected, and theirs is a line that says why.

Each upload lies between two neighbours' honest files, in a zip file as a system gives it out and in
a folder.
"""

from __future__ import annotations

import bz2
import os
import random
import re
import signal
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.collecting import child, uploads
from autograder.collecting.outside import OuterFile
from autograder.collecting.uploads import Quota, Unpacker
from autograder.errors import AttnError
from tests.collecting.conftest import Collecting
from tests.collecting.test_layouts import problems, taken, unpacked, zipped
from tests.hostile.zips import BZIP2, DEFLATED, LZMA, Member, damaged, long_list, packed_by, zip_of

ZEROS = 20_000_000


@dataclass(frozen=True)
class Case:
    """What a student hands in, made from an honest notebook; and what is said of it."""

    make: Callable[[bytes], bytes]
    says: str  # a regular expression for one of the lines; "" for none
    collected: bool | None = False  # whether their notebook is; None: either will do
    name: str = "taro.zip"


def broken_packing(method: int) -> Callable[[bytes], bytes]:
    def make(good: bytes) -> bytes:
        return damaged(zip_of(Member("hw.ipynb", good, method)), range(60, 400))

    return make


def bomb(method: int, times: int) -> bytes:
    zeros = bytes(30_000_000)
    packed = packed_by(method, zeros)
    lies = Member("hw.ipynb", b"", method, packed, size=100)
    return zip_of(*[lies] * times)


def many_zeros(good: bytes) -> bytes:
    packed = packed_by(DEFLATED, bytes(ZEROS))
    crc = zlib.crc32(bytes(ZEROS))
    each = [Member(f"{n}.ipynb", b"", DEFLATED, packed, size=ZEROS, crc=crc) for n in range(101)]
    return zip_of(*each)


def in_zip(*members: Member) -> Callable[[bytes], bytes]:
    """A zip of these files, with an honest notebook beside."""
    return lambda good: zip_of(*members, Member("hw.ipynb", good))


def two(name: str, other: str) -> Callable[[bytes], bytes]:
    return lambda good: zip_of(Member(name, good), Member(other, good + b"\n"))


CASES = {
    "an entry called .": Case(in_zip(Member(".", b"x")), "it has no name", True),
    "an entry without a name": Case(in_zip(Member("", b"x")), "it has no name", True),
    "damaged LZMA": Case(broken_packing(LZMA), "the zip file is broken there"),
    "damaged bzip2": Case(broken_packing(BZIP2), "the zip file is broken there"),
    "damaged deflate": Case(broken_packing(DEFLATED), "the zip file is broken there"),
    "format 3 with cells: 5": Case(
        lambda good: b'{"worksheets":[{"cells":5}]}', "it does not tell which lesson",
        name="taro.ipynb",
    ),
    "format 3 in a zip": Case(
        lambda good: zip_of(Member("a.ipynb", b'{"worksheets":[{"cells":5}]}')),
        "it does not tell which lesson",
    ),
    "50,001 empty files": Case(
        lambda good: zip_of(*[Member(f"n{n}") for n in range(50_001)]), "more than 50,000 files"
    ),
    "a million files by the list": Case(
        lambda good: long_list(1_000_000), "its list of files is longer than is read"
    ),
    "101 x 20 MB of zeros": Case(many_zeros, "more than 200 MB of notebooks"),
    "a bomb of bzip2": Case(lambda good: bomb(BZIP2, 5), "the zip file is broken there"),
    "a bomb of LZMA": Case(lambda good: bomb(LZMA, 5), "the zip file is broken there"),
    "201 notebooks": Case(
        lambda good: zip_of(*[Member(f"{n}.ipynb", b"{}") for n in range(201)]),
        "more than 200 notebooks",
    ),
    "claims to be larger": Case(
        lambda good: zip_of(Member("hw.ipynb", good, size=len(good) + 9)), "", None
    ),
    "claims to be smaller": Case(
        lambda good: zip_of(Member("hw.ipynb", good, size=len(good) - 9)), "is broken there"
    ),
    "claims 4 GB": Case(
        lambda good: zip_of(Member("hw.ipynb", good, size=2**32 - 2)), "larger than 20 MB"
    ),
    "claims 16 EB in 64 bits": Case(
        lambda good: zip_of(Member("hw.ipynb", good, zip64=2**64 - 1)), "larger than 20 MB"
    ),
    "claims more packed than there is": Case(
        lambda good: zip_of(Member("hw.ipynb", good, packed_size=2**31)), "", None
    ),
    "another name before the file": Case(
        lambda good: zip_of(Member("hw.ipynb", good, local_name="xx.ipynb")), "is broken there"
    ),
    "a packing that nobody knows": Case(in_zip(Member("a.ipynb", b"x", 99)), "broken there", True),
    "an encrypted file": Case(in_zip(Member("a.ipynb", b"x", flags=1)), "it is encrypted", True),
    "a link in a zip": Case(in_zip(Member("a.ipynb", b"/etc/passwd", mode=0o120777)), "link", True),
    "an absolute name": Case(in_zip(Member("/tmp/a.ipynb", b"{}")), "leads out", True),
    "two slashes": Case(in_zip(Member("//host/a.ipynb", b"{}")), "leads out", True),
    "a drive": Case(in_zip(Member("C:\\a.ipynb", b"{}")), "leads out", True),
    "a way out": Case(in_zip(Member("a\\..\\..\\ada.ipynb", b"{}")), "leads out", True),
    "60,000 letters": Case(in_zip(Member("x" * 60_000 + ".ipynb", b"{")), "does not tell", True),
    "30,000 folders": Case(in_zip(Member("a/" * 30_000 + "a.ipynb", b"{")), "does not tell", True),
    "letters that turn the line": Case(in_zip(Member("\u202e\n.ipynb", b"{")), "u202e", True),
    "a zip in a zip": Case(in_zip(Member("a.zip", zip_of(Member("b.ipynb")))), "within", True),
    "what a Mac puts in": Case(in_zip(Member("__MACOSX/._hw.ipynb", b"\0\5\x16\7")), "", True),
    "a huge comment": Case(
        lambda good: zip_of(Member("hw.ipynb", good), comment=b"x" * 65_535), "", True
    ),
    "a comment like the end of a zip": Case(
        lambda good: zip_of(Member("hw.ipynb", good), comment=b"PK\x05\x06" * 16_000),
        "it is no zip file, or a broken one",
    ),
    "one name twice": Case(two("hw.ipynb", "hw.ipynb"), "has 2 notebooks for"),
    "names that differ in case": Case(two("hw.ipynb", "HW.ipynb"), "has 2 notebooks for"),
    "5,000 files that are none": Case(
        lambda good: zip_of(*[Member(f"../{n}.ipynb") for n in range(5_000)]), "more files"
    ),
    "nothing": Case(lambda good: b"", "it is no zip file, or a broken one"),
    "an empty zip": Case(lambda good: zip_of(), "it is an empty zip file"),
}  # fmt: skip

ROWS = (
    "an entry called .", "an entry without a name", "damaged LZMA", "format 3 with cells: 5",
    "50,001 empty files", "101 x 20 MB of zeros",
)  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
def test_one_upload_never_stops_the_others(class_: Collecting, tmp_path: Path, what: str) -> None:
    case = CASES[what]
    good = class_.notebook("taro")
    theirs = "太郎 山田_103_assignsubmission_file/" + case.name
    members = {
        "Ada Lovelace_101_assignsubmission_file/hw.ipynb": class_.notebook("ada"),
        theirs: case.make(good),
        "Wei Chen_109_assignsubmission_file/hw.ipynb": class_.notebook("wei"),
    }
    made = class_.collect(zipped(tmp_path / "moodle.zip", members))
    students = {"ada", "chen.wei"} | ({"taro"} if case.collected else set())
    assert set(taken(made)) == students
    assert class_.at("ada").read_bytes() == class_.notebook("ada")
    assert class_.at("chen.wei").read_bytes() == class_.notebook("wei")
    assert any(re.search(case.says, reason) for reason in problems(made).values())
    assert all(file.startswith("太郎") for file in problems(made))


@pytest.mark.parametrize("pack", [zipped, pytest.param(unpacked, marks=pytest.mark.exhaustive)])
def test_of_all_hostile_uploads_at_once_each_gets_its_own_line(
    class_: Collecting, tmp_path: Path, pack: Callable[[Path, dict[str, bytes]], Path]
) -> None:
    numbered = {f"s{n:02}": what for n, what in enumerate(CASES)}
    books = {who: class_.notebook(who) for who in (*numbered, "ada", "taro")}
    members = {f"{who}.ipynb": books[who] for who in ("ada", "taro")}
    for who, what in numbered.items():
        _, _, kind = CASES[what].name.rpartition(".")
        members[f"{who}.{kind}"] = CASES[what].make(books[who])
    made = class_.collect(pack(tmp_path / "source.zip", members), add=True)
    for who in ("ada", "taro"):
        assert class_.at(who).read_bytes() == books[who]
    wrong = {}
    for who, what in numbered.items():
        case = CASES[what]
        lines = [f"{one.file}: {one.reason}" for one in made.problems if one.file[:3] == who]
        collected = class_.at(who).exists() and class_.at(who).read_bytes() == books[who]
        fits = any(re.search(case.says, line) for line in lines) or not case.says
        if not fits or case.collected not in (None, collected) or len(lines) > 51:
            wrong[what] = (collected, lines[:3])
        if class_.at(who).exists():
            assert class_.at(who).read_bytes() == books[who], what
    assert not wrong
    assert all(one.file[:3] in numbered for one in made.problems)
    assert len(made.problems) < 200
    for one in made.problems:
        assert f"{one.file}: {one.reason}".isprintable()
        assert len(one.file) + len(one.reason) < 800


def test_an_id_that_no_disk_takes_is_its_own_problem(class_: Collecting, tmp_path: Path) -> None:
    members = {
        "ada.ipynb": class_.notebook("ada"),
        "x" * 300 + "/hw.ipynb": class_.notebook("long"),
        "ä" * 128 + "/hw.ipynb": class_.notebook("few letters, many bytes"),
        "zoe.ipynb": class_.notebook("zoe"),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members), add=True)
    assert set(taken(made)) == {"ada", "zoe"}
    assert len(made.problems) == 2
    assert all("too long" in reason for reason in problems(made).values())
    assert made.added == ["zoe"]
    assert not [name for name in class_.students() if len(name) > 100]


def test_a_place_that_can_not_be_written_is_its_students_problem(
    class_: Collecting, tmp_path: Path
) -> None:
    class_.at("chen.wei").mkdir(parents=True)  # a folder where a notebook belongs
    class_.folder.submitted.joinpath("taro").write_text("a file where a folder belongs")
    os.mkfifo(class_.at("4711").parent.parent.parent / "pipe")
    class_.at("4711").parent.mkdir(parents=True)
    os.mkfifo(class_.at("4711"))
    members = {f"{who}.ipynb": class_.notebook(who) for who in ("4711", "ada", "chen.wei", "taro")}
    members["zoe.ipynb"] = class_.notebook("zoe")
    made = class_.collect(zipped(tmp_path / "s.zip", members), add=True)
    assert set(taken(made)) == {"ada", "zoe"}
    assert set(problems(made)) == {"4711.ipynb", "chen.wei.ipynb", "taro.ipynb"}
    assert "can't be written to its place" in problems(made)["taro.ipynb"]


def test_of_two_uploads_the_whole_one_is_collected_and_the_damaged_one_listed(
    class_: Collecting, tmp_path: Path
) -> None:
    members = {
        "lovelaceada_88_1001_hw.zip": zip_of(Member("hw.ipynb", class_.notebook("ada"))),
        "lovelaceada_88_1002_hw-1.zip": broken_packing(LZMA)(class_.notebook("later")),
        "chenwei_89_1003_hw.zip": zip_of(Member("a.ipynb", class_.notebook("first"))),
        "chenwei_89_1004_hw-1.zip": zip_of(Member("a.ipynb", class_.notebook("second"))),
    }
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert set(taken(made)) == {"ada", "chen.wei"}
    assert class_.at("ada").read_bytes() == class_.notebook("ada")
    assert class_.at("chen.wei").read_bytes() == class_.notebook("second")
    assert list(problems(made)) == ["lovelaceada_88_1002_hw-1/hw.ipynb"]


def test_all_uploads_of_one_student_have_one_quota(class_: Collecting, tmp_path: Path) -> None:
    many = zip_of(*[Member(f"{n}.ipynb", b"{}") for n in range(120)])
    members = {f"lovelaceada_88_{n}_w{n}.zip": many for n in range(3)}
    members["chenwei_89_9_w.zip"] = zip_of(Member("hw.ipynb", class_.notebook("wei")))
    made = class_.collect(zipped(tmp_path / "s.zip", members))
    assert set(taken(made)) == {"chen.wei"}
    told = problems(made)
    assert told["lovelaceada_88_1_w1.zip"] == "with it they handed in more than 200 notebooks"
    assert all(file.startswith("lovelaceada") for file in told)
    assert len(told) <= 51


# --- the process that reads -----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.ipynb").write_bytes(b"{}")
    return tmp_path


def reads_on(unpacker: Unpacker) -> bool:
    upload = unpacker.open(OuterFile(("good.ipynb",)), Quota())
    return [one.raw for one in upload.notebooks] == [b"{}"] and not upload.refused


def test_computing_too_long_costs_that_student_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(1).randbytes(4_000_000)
    packed, crc = bz2.compress(noise, 9), zlib.crc32(noise)
    each = Member("a.ipynb", b"", BZIP2, packed, size=len(noise), crc=crc)
    (folder / "slow.zip").write_bytes(zip_of(*[each] * 40))
    monkeypatch.setattr(uploads, "MOST_SECONDS_ONCE", 1)
    quota = Quota(seconds=1)
    with Unpacker(folder) as unpacker:
        assert reads_on(unpacker)
        slow = OuterFile(("slow.zip",))
        [refused] = unpacker.open(slow, quota).refused
        assert refused.reason == "reading it took more than 1 s of computing"
        [refused] = unpacker.open(slow, quota).refused
        assert refused.reason == "what else they handed in took all of one student's time"
        assert reads_on(unpacker)


def test_memory_is_bounded_by_the_system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MEMORY", 60 << 20)
    (folder / "large.zip").write_bytes(zip_of(Member("a.ipynb", b"", 12, bz2.compress(
        bytes(80_000_000)), size=9)))  # fmt: skip
    with Unpacker(folder) as unpacker:
        assert reads_on(unpacker)
        [refused] = unpacker.open(OuterFile(("large.zip",)), Quota()).refused
        assert refused.reason == "unpacking it takes more memory than an upload is given"
        assert reads_on(unpacker)


def test_a_process_that_somebody_ended_is_replaced(folder: Path) -> None:
    with Unpacker(folder) as unpacker:
        for _ in range(2):
            assert reads_on(unpacker)
            assert unpacker._process is not None
            os.kill(unpacker._process.pid, signal.SIGKILL)
        assert reads_on(unpacker)
        process = unpacker._process
        assert process is not None
    assert process.poll() is not None


def test_an_upload_that_becomes_a_link_after_it_was_found_is_not_read(folder: Path) -> None:
    secret = folder / "secret.ipynb"
    secret.write_bytes(b"hidden")
    (folder / "in").mkdir()
    (folder / "in" / "a.ipynb").symlink_to(secret)
    (folder / "out").symlink_to(folder)
    os.mkfifo(folder / "pipe.ipynb")
    with Unpacker(folder) as unpacker:
        for parts in (("in", "a.ipynb"), ("out", "secret.ipynb"), ("pipe.ipynb",)):
            upload = unpacker.open(OuterFile(parts), Quota())
            assert not upload.notebooks
            assert "it can't be read" in upload.refused[0].reason
        assert reads_on(unpacker)


def test_a_source_that_is_broken_as_a_whole_stops_in_one_sentence(
    class_: Collecting, tmp_path: Path
) -> None:
    whole = zipped(tmp_path / "s.zip", {"ada.ipynb": class_.notebook("ada")}).read_bytes()
    outcomes = set()
    for place in range(whole.index(b"PK\x01\x02"), len(whole), 5):
        (tmp_path / "s.zip").write_bytes(damaged(whole, [place]))
        try:
            made = class_.collect(tmp_path / "s.zip")
        except AttnError as error:
            outcomes.add(str(error).replace(str(tmp_path), ""))
        else:
            outcomes.add("collected" if made.taken else made.problems[0].reason)
    assert "collected" in outcomes
    assert any("is a broken zip file" in said for said in outcomes)
    assert not [said for said in outcomes if not said.isprintable()]
