"""Exports read back as their readers read them: nothing lost, nothing run, nothing hidden told."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AttnError
from autograder.exporting import canvas, moodle
from autograder.exporting.cells import BOM, FORMULA, number, text, to_csv
from autograder.exporting.table import MISSING, WAITS, ClassTable
from autograder.exporting.write import ExportOptions, compare_with_moodle, export_class
from tests.classroom.graded_class import EVIL_ID, LESSON, GradedClass
from tests.exporting.conftest import NAMES

NUMBER = re.compile(r"-?\d+(\.\d{1,2})?")


def exported(made: GradedClass, **options: Any) -> tuple[Path, str]:
    done = export_class(made.course, made.folder, ExportOptions(**options))
    return done.target, done.target.read_text("utf-8")


def read(text_: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_, newline=""), strict=True))


def totals(table: ClassTable) -> dict[str, float]:
    return {s: e.score for s, e in table.lessons[0].entries.items() if e.handed_in}


@given(st.text(max_size=40))
def test_no_text_in_a_cell_is_a_formula_and_csv_gives_it_back(value: str) -> None:
    cell = text(value)
    assert not cell.startswith(FORMULA)
    [row] = csv.reader(io.StringIO(to_csv([[cell, 1.5, cell]]), newline=""), strict=True)
    assert row == [cell, "1.5", cell]
    cell.encode("utf-8")  # can be written


def test_numbers_stay_numbers() -> None:
    assert [number(x) for x in (3.0, 8 / 3, -1.5, 0)] == [3, 2.67, -1.5, 0]
    assert to_csv([[number(-1.5), text("-1.5")]]) == "-1.5,'-1.5\n"


def test_the_table_has_marks_by_hand_penalties_and_who_is_missing(table: ClassTable) -> None:
    entries = table.lessons[0].entries
    assert entries["ada"].penalty == pytest.approx(0.1 * (entries["ada"].score / 0.9))
    assert entries["ada"].hours_late == 3
    assert entries["ada"].score == pytest.approx(0.9 * (entries["ada"].max_score - 0.5))
    assert entries["max"].status == MISSING
    assert entries["ben"].status == WAITS
    assert entries["dot"].status == "not gradable"
    assert set(entries) == {student.id for student in table.students}
    assert table.waiting >= 1


def test_csv_by_student(nasty_class: GradedClass, table: ClassTable) -> None:
    _, raw = exported(nasty_class)
    rows = {row["id"]: row for row in read(raw)}
    assert set(rows) == {"ada", "ben", "cy", "dot", "max", "zoe", EVIL_ID}
    assert rows["ada"]["last_name"] == NAMES["ada"][1]
    assert rows["ben"]["first_name"] == "'" + NAMES["ben"][0]
    assert rows["ben"]["last_name"] == NAMES["ben"][1]
    assert rows["ben"]["email"] == "'+ben@example.org"
    for student, score in totals(table).items():
        assert float(rows[student][f"{LESSON}_score"]) == pytest.approx(score, abs=0.006)
    assert rows["ada"][f"{LESSON}_hours_late"] == "3"
    assert rows["max"][f"{LESSON}_score"] == ""
    assert rows["max"][f"{LESSON}_status"] == MISSING
    for row in rows.values():
        assert all(not cell.startswith(FORMULA) or NUMBER.fullmatch(cell) for cell in row.values())


def test_csv_by_exercise_adds_up(nasty_class: GradedClass, table: ClassTable) -> None:
    _, raw = exported(nasty_class, detail=True)
    rows = read(raw)
    for student, entry in table.lessons[0].entries.items():
        own = [row for row in rows if row["id"] == student]
        assert bool(own) == entry.handed_in
        scores = sum(float(row["score"] or 0) for row in own)
        assert scores == pytest.approx(entry.score + entry.penalty)
    why = next(row for row in rows if row["id"] == "ada" and row["exercise"] == "L1.why")
    assert (why["score"], why["by_hand"], why["status"]) == ("0.5", "yes", "marked")
    assert any(row["misconception"] for row in rows if row["id"] == "ben")


def test_excels_mark_is_there_when_asked_for(nasty_class: GradedClass) -> None:
    assert not exported(nasty_class)[1].startswith(BOM)
    assert exported(nasty_class, excel=True)[1].startswith(BOM + "id,")


def test_canvas_without_a_template(nasty_class: GradedClass, table: ClassTable) -> None:
    _, raw = exported(nasty_class, format="canvas")
    rows = list(csv.reader(io.StringIO(raw, newline=""), strict=True))
    # as Canvas's importer asks: Student and ID first, both school's ids, then Section
    assert rows[0] == [*canvas.PERSON, table.lessons[0].title]
    assert "Points Possible" in rows[1][0]
    assert float(rows[1][5]) == table.lessons[0].max_score
    people = {row[3]: row for row in rows[2:]}
    assert people["ada"][0] == "Łukasz-Öztürk, Ada"
    assert people["ada"][1] == ""  # Canvas's own id, which nobody here knows
    assert people["max"][5] == ""
    for student, score in totals(table).items():
        assert float(people[student][5]) == pytest.approx(score, abs=0.006)


def template(title: str, points: str = "3.00", delimiter: str = ",") -> str:
    """As Canvas exports it, with a row on posting, another assignment, and totals."""
    rows = [
        [*canvas.PERSON, "Notes", "Essay (12)", f"{title} (4711)", "Final Score"],
        ["", "", "", "", "", "", "", "Manual Posting", ""],
        ["    Points Possible", "", "", "", "", "", "10.00", points, "(read only)"],
        ["Müller, Max", "903", "", "max@example.org", "S1", "-", "7.00", "1.25", "70"],
        ["Łukasz, Ada", "901", "ada", "a1", "S1", "=note", "9.50", "", "95"],
        [NAMES["ben"][0], "902", "x77", "ben", "S1 and S2", "", "", "", ""],
        ["Student, Test", "999", "", "f00", "S1", "", "", "", ""],
        ["Twin, One", "904", "cy", "t1", "S1", "", "", "", ""],
        ["Twin, Two", "905", "", "cy", "S1", "", "", "", ""],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return BOM + out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_file_of_canvas_is_filled_in_and_else_kept(
    nasty_class: GradedClass, table: ClassTable, tmp_path: Path, delimiter: str
) -> None:
    given_ = tmp_path / "grades.csv"
    raw = template(table.lessons[0].title, delimiter=delimiter)
    given_.write_text(raw, encoding="utf-8", newline="")
    options = ExportOptions(format="canvas", template=given_, out=tmp_path / "filled.csv")
    done = export_class(nasty_class.course, nasty_class.folder, options)
    filled = done.target.read_text("utf-8")
    assert filled.startswith(BOM)

    def rows(text_: str) -> list[list[str]]:
        lines = io.StringIO(text_.removeprefix(BOM), newline="")
        return list(csv.reader(lines, delimiter=delimiter, strict=True))

    changed = {
        (before[1], place): after[place]
        for before, after in zip(rows(raw), rows(filled), strict=True)
        for place, cell in enumerate(before)
        if cell != after[place]
    }
    scores = totals(table)
    assert changed == {
        ("901", 7): str(number(scores["ada"])),
        ("902", 7): str(number(scores["ben"])),
        ("902", 0): "'" + NAMES["ben"][0],
    }
    said = "\n".join(done.notes)
    for name in ("cy", "dot", "zoe"):  # two rows are cy's, so none is filled in
        assert name in said
    assert "Student, Test" not in said  # Canvas's own, always there
    assert '"Twin, One", "Twin, Two"' in said
    assert "another number of points" in said  # 3 there


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "no gradebook exported from Canvas"),
        ("id,name\n1,2\n", "no gradebook exported from Canvas"),
        (template("Something else"), "no column for"),
        (template("X").replace("Essay (12)", "X (9)"), "no column for"),
        ('Student,ID,Section\n"a', "is no CSV"),
    ],
)
def test_a_template_that_does_not_fit_is_refused(
    nasty_class: GradedClass, tmp_path: Path, raw: str, said: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(raw, encoding="utf-8")
    with pytest.raises(AttnError, match=said):
        exported(nasty_class, format="canvas", template=file, out=tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_a_column_may_be_named(nasty_class: GradedClass, tmp_path: Path) -> None:
    file, out = tmp_path / "t.csv", tmp_path / "o.csv"
    file.write_text(template("Week one"), encoding="utf-8")
    for heading in ("Week one (4711)", "week one", "4711"):
        exported(nasty_class, format="canvas", template=file, out=out, columns={"1": heading})
    with pytest.raises(AttnError, match="the template itself"):
        exported(nasty_class, format="canvas", template=file, out=file, columns={"1": "4711"})


def test_moodle_reads_back_what_was_exported(nasty_class: GradedClass, table: ClassTable) -> None:
    target, raw = exported(nasty_class, format="moodle")
    back = moodle.read_back(target, table.lessons)
    for student, entry in table.lessons[0].entries.items():
        wanted = pytest.approx(entry.score, abs=0.006) if entry.handed_in else None
        assert back[student] == {LESSON: wanted}
    rows = {row["ID number"]: row for row in read(raw)}
    title = table.lessons[0].title
    assert rows["max"][title] == moodle.NO_GRADE
    assert "handed in late" in rows["ada"][f"{title} (Feedback)"]
    assert compare_with_moodle(nasty_class.course, nasty_class.folder, target) == []


def test_moodles_own_export_is_compared(
    nasty_class: GradedClass, table: ClassTable, tmp_path: Path
) -> None:
    scores, title = totals(table), table.lessons[0].title
    head = f'"First name","Last name","Email address","Assignment: {title} (Real)"\n'
    file = tmp_path / "moodle.csv"
    file.write_text(
        BOM + head + f"Ada,L,ADA@example.org,{scores['ada']:.2f}\nBen,N,+ben@example.org,99.00\n",
        encoding="utf-8",
    )
    found = compare_with_moodle(nasty_class.course, nasty_class.folder, file)
    differing = {one.student: (one.here, one.there) for one in found}
    assert "ada" not in differing
    assert "max" not in differing  # no grade there, none here
    assert differing["ben"] == (float(number(scores["ben"])), 99.0)
    assert differing["zoe"][1] is None
    for raw, said in (("a,b\n1,2\n", "no list of grades"), ("ID number,Essay\n1,2\n", "no column")):
        file.write_text(raw, encoding="utf-8")
        with pytest.raises(AttnError, match=said):
            compare_with_moodle(nasty_class.course, nasty_class.folder, file)


def test_logins_fit_in_any_case_and_form_and_zeros_count(
    nasty_class: GradedClass, table: ClassTable, tmp_path: Path
) -> None:
    head = f"Student,ID,SIS User ID,SIS Login ID,Section,{table.lessons[0].title} (4711)\n"
    file, out = tmp_path / "t.csv", tmp_path / "o.csv"
    rows = '"L, Ada",88,,ADA,A,\n"N, Ben",0088,, Ben ,A,\n"Student, Test",91,s7,ffff,,\n'
    file.write_text(head + rows, encoding="utf-8")
    options = ExportOptions(format="canvas", template=file, out=out)
    done = export_class(nasty_class.course, nasty_class.folder, options)
    filled = list(csv.reader(io.StringIO(out.read_text("utf-8"), newline="")))
    scores = totals(table)
    assert [row[5] for row in filled[1:]] == [*(str(number(scores[s])) for s in ("ada", "ben")), ""]
    assert [row[1] for row in filled[1:]] == ["88", "0088", "91"]
    assert '"Student, Test"' in "\n".join(done.notes)  # somebody of the school's is called so


def test_moodles_export_in_german_is_compared(
    nasty_class: GradedClass, table: ClassTable, tmp_path: Path
) -> None:
    score, title = totals(table)["ada"], table.lessons[0].title
    file = tmp_path / "bewertungen.csv"
    own = [f"Aufgabe: {title} ({kind})" for kind in ("Punkte", "Prozentwert", "Feedback")]
    cells = ["Ada", "L", "ada", f"{score:.2f}".replace(".", ","), "90,00 %", "3"]

    def written(head: list[str]) -> Path:
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head, cells, ["Max", "M", "max", "-", "-", "gut"]])
        return file

    written(["Vorname", "Nachname", "ID-Nummer", *own])
    found = compare_with_moodle(nasty_class.course, nasty_class.folder, file)
    assert not {"ada", "max"} & {one.student for one in found}
    written(["Etunimi", "Sukunimi", "Tunniste", *own])
    with pytest.raises(AttnError, match="--column"):
        compare_with_moodle(nasty_class.course, nasty_class.folder, file)
    named = {"id": "Tunniste", "1": own[0]}
    again = compare_with_moodle(nasty_class.course, nasty_class.folder, file, (), named)
    assert again == found
