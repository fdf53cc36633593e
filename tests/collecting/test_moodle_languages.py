"""Moodle's worksheets in a teacher's language: its headings, and its times."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path

import pytest

from autograder.collecting.moodle_words import time_of
from autograder.collecting.system_list import read_list
from autograder.errors import AttnError
from tests.collecting.conftest import Collecting
from tests.collecting.test_layouts import taken, zipped
from tests.collecting.test_whose_work import unflagged

# number, full name and time as Moodle's language packs have them; an address is known by what it is
SHEETS = {
    "ar": ("المُعرَّف,الاسم كاملا,بريد,آخر تعديل (التسليم)", "الإثنين, 5 أكتوبر 2026, 06:03 م"),
    "de": (
        "ID,Vollständiger Name,E-Mail-Adresse,Zuletzt geändert (Abgabe)",
        "Montag, 5. Oktober 2026, 18:03",
    ),
    "en": (
        "Identifier,Full name,Email address,Last modified (submission)",
        "Monday, 5 October 2026, 6:03 PM",
    ),
    "es": (
        "Identificador,Nombre completo,Dirección de correo,Última modificación (entrega)",
        "lunes, 5 de octubre de 2026, 06:03 PM",
    ),
    "fr": (
        "Identifiant,Nom complet,Adresse de courriel,Dernière modification (travail remis)",
        "lundi 5 octobre 2026, 18:03",
    ),
    "it": (
        "Identificativo,Nome,Indirizzo email,Ultima modifica (consegna)",
        "lunedì, 5 ottobre 2026, 18:03",
    ),
    "ja": ("ID,フルネーム,メールアドレス,最終更新日時 (提出)", "2026年 10月 5日(月曜日) 18:03"),
    "nl": (
        "Identificatie,Volledige naam,E-mailadres,Laatst gewijzigd (inzending)",
        "maandag, 5 oktober 2026, 18:03 PM",
    ),
    "pt_br": (
        "Identificador,Nome completo,Endereço de email,Última modificação (envio)",
        "segunda-feira, 5 de outubro de 2026, 18:03",
    ),
    "ru": (
        "Идентификатор,Полное имя,Адрес электронной почты,Последнее изменение (ответ)",
        "понедельник, 5 октября 2026, 18:03",
    ),
    "zh_cn": ("标识符,全名,Email地址,上次修改（作业）", "2026年10月05日 星期一 18:03"),
}


@pytest.mark.parametrize("language", SHEETS)
def test_a_worksheet_in_the_teachers_language(tmp_path: Path, language: str) -> None:
    head, time = SHEETS[language]
    file = tmp_path / "sheet.csv"
    rows = f'"X/in 2201","Ada Lovelace",ada@example.org,"{time}"\n"X/in 2202",Wei Chen,w@x.org,-\n'
    file.write_text(f"\ufeff{head}\n{rows}", encoding="utf-8")
    found = read_list(file)
    ada = found.people["2201"]
    assert (ada.ids, ada.name, ada.stands_for) == (("ada@example.org",), "Ada Lovelace", "X/in")
    assert ada.time == dt.datetime(2026, 10, 5, 18, 3)
    assert found.people["2202"].time is None
    assert not found.note


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("lundi 1 août 2026, 00:05", 0),
        ("суббота, 1 августа 2026, 09:05", 9),
        ("السبت, 1 أغسطس 2026, 12:05 ص", 0),
        ("sábado, 1 de agosto de 2026, 12:05 p. m.", 12),
        ("2026年8月1日 下午3:05", 15),
        ("01/08/2026 09:05", None),  # of January, or the first of August?
        ("lauantai, 1. elokuuta 2026, 09:05", None),
        ("31 febbraio 2026, 09:05", None),
        ("-", None),
    ],
)
def test_a_time_is_read_or_is_none(text: str, hour: int | None) -> None:
    assert time_of(text) == (dt.datetime(2026, 8, 1, hour, 5) if hour is not None else None)


def test_a_list_of_which_only_numbers_are_understood_is_refused(
    class_: Collecting, tmp_path: Path
) -> None:
    file = tmp_path / "fi.csv"
    file.write_text(
        "Tunniste,Koko nimi,Tunnus,Muokattu\n"
        'Osallistuja2201,Ada Lovelace,ada,"maanantai, 5. lokakuuta 2026, 18.03"\n',
        encoding="utf-8",
    )
    place = "Osallistuja_2201_assignsubmission_file/x.ipynb"
    source = zipped(tmp_path / "s.zip", {place: class_.notebook("ada")})
    with pytest.raises(AttnError, match="--list-column number="):
        class_.collect(source, people=file)
    with pytest.raises(AttnError, match=r"nothing but the number .* --list-column email="):
        class_.collect(source, people=file, columns={"number": "Tunniste"})
    with pytest.raises(AttnError, match="there are number, id"):
        class_.collect(source, people=file, columns={"nummer": "Tunniste"})
    with pytest.raises(AttnError, match='no column "Nimi"'):
        class_.collect(source, people=file, columns={"name": "Nimi"})
    columns = {"number": "Tunniste", "id": "Tunnus", "time": "Muokattu"}
    made = class_.collect(source, people=file, columns=columns)
    assert taken(made) == {"ada": "list"}
    assert "times are not understood" in made.notes[0].text


NAMES = (
    ("小明", "王"), ("丽", "欧阳"), ("Đức Anh", "Nguyễn"), ("Thị Ánh", "Trần"), ("Ngọc", "Lê"),
    ("مُحمَّد", "الهاشمي"), ("فاطمة", "بن علي"), ("Señor", "Ñúñez-Peña"), ("Jörg", "Weiß"),
    ("Zoë", "O'Brien"),
)  # fmt: skip
SEEN = {
    "de": ("Teilnehmer/in {}", "Montag, {}. Oktober 2026, 18:03"),
    "es": ("Participante {}", "lunes, {} de octubre de 2026, 06:03 PM"),
}


@pytest.mark.parametrize("language", SEEN)
def test_a_class_of_many_writings_comes_in_whole(
    class_: Collecting, tmp_path: Path, language: str
) -> None:
    """Sixty students: Moodle in the teacher's language, a zip as macOS makes it, names by name."""
    number, time = SEEN[language]
    rows, members, days = [SHEETS[language][0]], {}, {}
    with class_.folder.open_gradebook() as gradebook:
        for n in range(60):
            (first, last), student, day = NAMES[n % 10], f"s{n:03}", 1 + n % 28
            first = f"{first} {chr(ord('A') + n // 10)}"  # six of each name
            mail = f"{student}@example.org" if n % 2 else ""
            gradebook.add_student(student, first_name=first, last_name=last, email=mail)
            full = f"{first} {last}"
            place = f"{full.replace(chr(39), '')}_{9000 + n}_assignsubmission_file/x.ipynb"
            members[unicodedata.normalize("NFD", place)] = class_.notebook(student)
            rows.append(f'"{number.format(9000 + n)}","{full}",{mail},"{time.format(day)}"')
            days[student] = dt.datetime(2026, 10, day, 18, 3).astimezone(dt.UTC).day
    file = tmp_path / "sheet.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    made = class_.collect(unflagged(tmp_path / "s.zip", members), people=file)
    assert not made.problems
    assert {one.student: one.time.day for one in made.taken if one.time} == days
    for student in days:
        assert class_.at(student).read_bytes() == class_.notebook(student)
