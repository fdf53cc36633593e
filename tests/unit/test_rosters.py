"""Rosters as Excel, Canvas, Moodle and universities write them; and what they may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collecting.system_list import read_list
from autograder.errors import AttnError
from autograder.record.roster import Roster, Student, read_roster

ADA = Student("ada", "Ada", "Lovelace", "ada@example.org")
WEI = Student("wei", "Wei", "Chen", "wei@example.org")
PLAIN = (
    "id,first_name,last_name,email\nada,Ada,Lovelace,ada@example.org\nwei,Wei,Chen,wei@example.org"
)
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework (12)
    Points Possible,,,,,27
"Lovelace, Ada",88,ada,ada@example.org,A,
"Chen, Wei",0089,wei,wei@example.org,A,3
"Student, Test",90,,b1946ac92492d2347c6235b4d2611184,A,
"""


def read(folder: Path, text: str | bytes, id_column: str = "") -> Roster:
    file = folder / "roster.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_roster(file, id_column)


@pytest.mark.parametrize(
    ("text", "ids_from"),
    [
        (PLAIN, "id"),
        (PLAIN.replace("\n", "\r"), "id"),  # Excel on a Mac
        (PLAIN.replace("\n", "\r\n"), "id"),
        ("sep=;\n" + PLAIN.replace(",", ";"), "id"),  # Excel hides this line
        ('"sep=;"\r\n' + PLAIN.replace("\n", "\r\n").replace(",", ";"), "id"),
        ("\ufeffSEP=\t\n" + PLAIN.replace(",", "\t"), "id"),
        (PLAIN.replace(",", "\t").encode("utf-16"), "id"),  # Excel's "Unicode text"
        (PLAIN.replace("id", "ID", 1), "ID"),
        (CANVAS, "SIS User ID"),
        (
            "LastName;FirstName;ID;SIS User ID;SIS Login ID;Section\n"
            "    Points Possible;;;;;\nLovelace;Ada;88;ada;ada@example.org;A\n"
            "Chen;Wei;89;wei;wei@example.org;A\nStudent;Test;90;;b1946ac9;A\n",
            "SIS User ID",
        ),
        (CANVAS.replace("ada,ada@", ",ada@").replace("wei,wei@", "12,wei@"), "SIS Login ID"),
        (
            "First name,Last name,ID number,Email address,Groups\n"
            "Ada,Lovelace,ada,ada@example.org,\nWei,Chen,wei,wei@example.org,\n",
            "ID number",
        ),
        (
            "First name;Surname;ID number;Username;Email address\n"
            "Ada;Lovelace;;ada;ada@example.org\nWei;Chen;7;wei;wei@example.org\n",
            "Username",
        ),
        (
            "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\n"
            "Ada;Lovelace;ada;ada@example.org\nWei;Chen;wei;wei@example.org\n",
            "ID-Nummer",
        ),
        (
            "Nombre,Apellido(s),Numero de ID,Dirección de correo\n"
            "Ada,Lovelace,ada,ada@example.org\nWei,Chen,wei,wei@example.org\n",
            "Numero de ID",
        ),
        (
            'id,Name,E-mail,Email\nada,"Lovelace, Ada",,ada@example.org\n'
            'wei,"Chen, Wei",,wei@example.org\n',
            "id",
        ),
    ],
)
def test_whoever_wrote_it_the_students_are_the_same(
    text: str | bytes, ids_from: str, tmp_path: Path
) -> None:
    roster = read(tmp_path, text)
    assert roster.ids_from == ids_from
    by_name = {(s.first_name, s.last_name, s.email): s.id for s in roster.students}
    logins = ids_from == "SIS Login ID"
    for one in (ADA, WEI):
        assert by_name.pop((one.first_name, one.last_name, one.email)) == (
            one.email if logins else one.id
        )
    assert not by_name


WESTERN = "Vorname;Nachname;ID-Nummer\r\nJörg;Weiß;007\r\nMª José;Ñúñez;008\r\nØ;Å;009\r\n"


def test_excels_csv_of_western_europe_is_read_and_that_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, WESTERN.encode("cp1252"))
    names = [(s.id, s.first_name, s.last_name) for s in found.students]
    assert names == [("007", "Jörg", "Weiß"), ("008", "Mª José", "Ñúñez"), ("009", "Ø", "Å")]
    assert 'if names such as "Jörg" are wrong, save it as CSV UTF-8' in found.note
    assert not read(tmp_path, WESTERN).note


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1250", "Wałęsa"),
        ("cp1250", "Žižka"),
        ("cp1250", "Şerban"),
        ("cp1251", "Анна"),
        ("cp1253", "Ελένη"),
        ("cp1254", "Işık"),
        ("cp1255", "חיים"),
        ("cp1256", "محمد"),
        ("cp1258", "\u0110a\u0323t"),
        ("cp1258", "Nguyê\u0303n"),
        ("gbk", "王小明"),
        ("shift-jis", "山田太郎"),
        ("euc-kr", "김민수"),
        ("koi8-r", "Анна"),
        ("mac-roman", "Jörg"),
    ],
)
def test_letters_that_may_mean_others_are_not_guessed(
    encoding: str, name: str, tmp_path: Path
) -> None:
    with pytest.raises(AttnError, match="it is not UTF-8 text: save it as CSV UTF-8"):
        read(tmp_path, f"id,name\n1,{name}\n".encode(encoding))


def test_an_id_is_not_guessed_at_all(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match=r"line 2 .* the id 'jörg' may be misread, for it is not"):
        read(tmp_path, "id,name\njörg,Jörg\n".encode("cp1252"))


def test_a_canvas_export_without_ids_of_the_school(tmp_path: Path) -> None:
    text = 'Student,ID,Section\n"Lovelace, Ada",0088,A\n'
    assert read(tmp_path, text).students == (Student("0088", "Ada", "Lovelace"),)


def test_canvas_numbers_are_no_ids_where_the_school_has_its_own(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match=r"line 2 of the roster .* has no id"):
        read(tmp_path, 'Student,ID,SIS User ID,Section\n"Lovelace, Ada",88,,A\n')


def test_a_name_in_one_piece_is_kept_in_one(tmp_path: Path) -> None:
    assert read(tmp_path, "id\tname\nwei\t王小明\n").students == (Student("wei", "王小明"),)


def test_the_column_of_the_ids_can_be_named(tmp_path: Path) -> None:
    text = "Matrikelnummer;Vorname;Email\n007;Ada;ada@example.org\n"
    named = read(tmp_path, text, "matrikelnummer ")
    assert named == Roster((Student("007", "Ada", "", "ada@example.org"),), "Matrikelnummer")
    with pytest.raises(AttnError, match=r"no column .id.*Matrikelnummer.*--id-column"):
        read(tmp_path, text)
    with pytest.raises(AttnError, match=r"no such column for ids .found: Matrikelnummer, Vorname"):
        read(tmp_path, text, "Matrikel")


def test_an_id_is_written_in_one_form(tmp_path: Path) -> None:
    assert read(tmp_path, "id\nzoe\u0308\n").students == (Student("zoë"),)


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [
        (["ada", "wei", "ada"], "line 4 of the roster .*: the id 'ada' is there twice .line 2"),
        (["ada", "Ada"], "line 3 .*: the id 'Ada' is the same as 'ada' .line 2.*another id"),
        (["zoë", "zoe\u0308"], "the id 'zoë' is there twice"),
        (["straße", "STRASSE"], "'STRASSE' is the same as 'straße'"),
        (["1.23457E+11"], "line 2 .*'1.23457E.11' is what a spreadsheet has made of an id"),
        (["1,23457E+11"], "what a spreadsheet has made"),
        (["1E+05"], "what a spreadsheet has made"),
        (["20231234.0"], "what a spreadsheet has made"),
        (["#NAME?"], "what a spreadsheet has made"),
        (["#####"], "what a spreadsheet has made"),
    ],
)
def test_ids_that_cannot_be_meant_are_refused(
    ids: list[str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(AttnError, match=sentence):
        read(tmp_path, "id;email\n" + "".join(f"{name};\n" for name in ids))


def test_ids_that_only_look_so_are_taken(tmp_path: Path) -> None:
    ids = ["007", "52e7", "1.5", "e+5", "ada#1", "a.b", "3e10"]
    assert [s.id for s in read(tmp_path, "\n".join(["id", *ids])).students] == ids


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match="line 4 of the roster"):
        read(tmp_path, "sep=;\rid;email\rada;\rada;\r")


def test_a_text_that_is_no_list_is_not_repeated_whole(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match=r"no column .id") as caught:
        read(tmp_path, "words and words " * 1000)
    assert len(str(caught.value)) < 500 + len(str(tmp_path))


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lists_for_collecting_are_read_as_rosters_are(end: str, tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    semicolons = "sep=;\n" + CANVAS.replace('"', "").replace(", ", " ").replace(",", ";")
    for text in (CANVAS, semicolons):
        file.write_bytes(text.replace("\n", end).encode())
        people = read_list(file).people
        assert people["0089"].ids == ("wei", "wei@example.org")


def test_an_office_document_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match="it is a zip file or an office document: save it as CSV"):
        read(tmp_path, b"PK\x03\x04xlsx")
