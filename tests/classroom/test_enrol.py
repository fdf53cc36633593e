"""`attn course roster`: a newer list adds who is new, says who is gone, and deletes nobody."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from autograder import cli
from autograder.classroom.enrol import Enrolled, enrol
from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder
from autograder.record.class_list import ClassList, newcomer_file, remember_newcomer
from autograder.record.marks import MarkBook
from autograder.record.roster import Roster, Student


@pytest.fixture
def folder(tmp_path: Path) -> ClassFolder:
    """Ada and Wei are on the list; Max has only handed in, and been graded."""
    made = ClassFolder(tmp_path / "autumn")
    made.state.mkdir(parents=True)
    with made.open_gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", email="ada@old.org")
        gradebook.add_student("wei")
        gradebook.add_student("max")
    remember_newcomer(made.state, "max")
    return made


def people(folder: ClassFolder) -> dict[str, Student]:
    with MarkBook(folder) as book:
        return book.people()


def on_list(folder: ClassFolder) -> set[str]:
    known = [(s.id, bool(s.first_name or s.email)) for s in people(folder).values()]
    return ClassList(known, folder.state).ids


def test_a_second_roster(folder: ClassFolder) -> None:
    assert on_list(folder) == {"ada", "wei"}
    newer = Roster((Student("Ada", "Ada", "Lovelace"), Student("max"), Student("zoë", "Zoë")))
    assert enrol(folder, newer) == Enrolled(("max", "zoë"), ("ada",), (), ("wei",))
    assert people(folder) == {
        "ada": Student("ada", "Ada", "Lovelace", "ada@old.org"),  # what is not told stays
        "wei": Student("wei"),
        "max": Student("max"),
        "zoë": Student("zoë", "Zoë"),
    }
    assert on_list(folder) == {"ada", "wei", "max", "zoë"}
    assert not newcomer_file(folder.state, "max").exists()
    assert enrol(folder, newer) == Enrolled((), (), ("ada", "max", "zoë"), ("wei",))


def test_a_roster_of_nobody_is_a_mistake(folder: ClassFolder) -> None:
    with pytest.raises(AttnError, match="names nobody: nothing was changed"):
        enrol(folder, Roster(()))


def test_the_command_tells_who_is_new_and_who_is_gone(
    folder: ClassFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "newer.csv"
    file.write_text("sep=;\rid;first_name\rada;Ada\rzoe;Zoë\r", encoding="utf-8")

    def run(*more: object) -> str:
        words = ["attn", "course", "roster", file, "--course", folder.root, *more]
        monkeypatch.setattr(sys, "argv", [str(word) for word in words])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert not caught.value.code
        return capsys.readouterr().out

    said = run()
    assert said.startswith("2 students of the roster; new: zoe.\n")
    assert "where they stay: wei. Who is to be deleted with everything" in said
    assert "attn course forget ID --course" in said
    assert json.loads(run("--json")) == {
        "added": [], "renewed": [], "same": ["ada", "zoe"], "gone": ["wei"],
    }  # fmt: skip
