"""Who asks to be forgotten is: nothing of theirs is left, and nothing of anybody else is lost."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import sqlalchemy

from autograder import cli
from autograder.classroom.forget import forget, traces
from autograder.errors import AttnError
from autograder.exporting.write import ExportOptions, export_class
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.record.class_folder import ClassFolder
from autograder.reporting.report import class_report
from tests.classroom.graded_class import LESSON, GradedClass, graded_class


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> GradedClass:
    """With everything a class may hold of a student: pages, a report, exports, a replaced file."""
    made = graded_class(tmp_path_factory).copy(tmp_path / "autumn")
    list(write_feedback(made.course, made.folder, FeedbackOptions()))
    export_class(made.course, made.folder, ExportOptions())
    page = class_report(made.course, made.folder, ()).to_html()
    (made.folder / "report.html").write_text(page, encoding="utf-8")
    kept = made.folder / ".attn" / "replaced" / LESSON / "ada"
    kept.mkdir(parents=True)
    (kept / "1.ipynb").write_text("{}")
    return made


def gradebook_rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    engine = sqlalchemy.create_engine(f"sqlite:///{folder / 'gradebook.db'}")
    tables = sqlalchemy.inspect(engine).get_table_names()
    found = {}
    with engine.connect() as connection:
        for name in tables:
            rows = connection.execute(sqlalchemy.text(f"SELECT * FROM {name}"))
            found[name] = [tuple(row) for row in rows]
    return found


def test_nothing_of_a_student_is_left_and_everything_of_the_others(made: GradedClass) -> None:
    folder = ClassFolder(made.folder)
    surname = "Łukasz".encode()
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    rows = gradebook_rows(made.folder)
    found = forget(made.course, folder, "ada")
    assert found.in_gradebook
    for path in made.folder.rglob("*"):
        assert path.name not in ("ada", "ada.json")
        if path.is_file() and path.name != "gradebook.db":
            raw = path.read_bytes()
            # of nobody else is a file touched
            assert raw == before[path], path
            assert surname not in raw, path
    after = gradebook_rows(made.folder)
    for name, old in rows.items():
        gone = [row for row in old if row not in after[name]]
        assert all(row in old for row in after[name])
        if name == "student":
            assert [row[0] for row in gone] == ["ada"]
    raw = (made.folder / "gradebook.db").read_bytes()
    assert surname not in raw  # not in the file's free pages either

    # the class goes on without her
    assert {step.result.student for step in grade_path(made.course, made.submitted, GradeOptions())}
    assert "Łukasz" not in class_report(made.course, made.folder, ()).to_html()
    with pytest.raises(AttnError, match='holds nothing of a student "ada"'):
        forget(made.course, folder, "ada")


def test_who_only_is_on_the_roster_or_only_has_files_is_forgotten_too(made: GradedClass) -> None:
    folder = ClassFolder(made.folder)
    assert forget(made.course, folder, "max").own == ()
    stray = folder.submitted / "stray" / LESSON / f"{LESSON}.ipynb"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}")
    assert not forget(made.course, folder, "stray").in_gradebook
    assert not stray.parent.parent.exists()


def test_no_name_leads_elsewhere(made: GradedClass) -> None:
    before = sorted(made.folder.rglob("*"))
    for name in ("", "..", ".", "../autumn", "a/b", "nobody"):
        with pytest.raises(AttnError):
            traces(made.course, ClassFolder(made.folder), name)
    assert sorted(made.folder.rglob("*")) == before


def test_the_command_lists_and_asks_before_it_deletes(
    made: GradedClass, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(made.course.root))

    def attn(*more: str) -> tuple[int, str]:
        command = ["attn", "course", "forget", "ada", "--course", str(made.folder), *more]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return int(stopped.value.code or 0), "".join(capsys.readouterr())

    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, text = attn()
    assert code == 1
    assert str(made.submitted / "ada") in text
    assert (made.submitted / "ada").is_dir()
    code, text = attn("--yes")
    assert code == 0
    assert "holds nothing of ada any more; make the report and exports anew" in text
    assert not (made.submitted / "ada").exists()
