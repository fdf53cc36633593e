"""A class's whole way where names, systems and clocks are of many lands.

Nine students in every run, sixty in `test-all`: on lists of a German Moodle and a Spanish Canvas,
as Excel keeps them; with names in Chinese, Vietnamese, Arabic and others; due in the hour that the
clock shows twice. At each step everybody has what is theirs, and nobody else's.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.authoring import build as building
from autograder.course import Course
from autograder.exporting.moodle import read_back
from autograder.exporting.table import class_table
from autograder.record.class_folder import ClassFolder
from tests.classroom.graded_class import LESSON, RIGHT, SQUARES, TRIPLE
from tests.collecting.test_layouts import zipped
from tests.collecting.test_whose_work import unflagged
from tests.small_course import FIXTURES, answered, raw

TITLE = "Lesson 1: score, normalise, mix"  # as the course's own: with what separates columns
ZONE = '[late]\npercent = 10\nzone = "Europe/Berlin"\n'
DUE = dt.datetime(2026, 10, 25, 0, 30)  # half past two, for the first time
MOST = 7
ANSWERS = (  # what stands in the two answer cells, and the points for it
    ((RIGHT, TRIPLE), 6),
    ((SQUARES, TRIPLE), 3),
    (("", TRIPLE), 2),
    ((RIGHT, ""), 4),
)
# who hands in by Moodle and Canvas; two of them differ in a tone, and some are of one name
FAR = (
    ("Ngọc", "Lê"), ("小明", "王"), ("مُحمَّد", "الهاشمي"), ("Ngóc", "Lê"), ("丽", "欧阳"),
    ("Đức Anh", "Nguyễn"), ("فاطمة الزهراء", "بن علي"), ("Thị Ánh", "Trần"), ("小明", "王"),
)  # fmt: skip
# who hands in by nbgrader's exchange; a Windows of Western Europe has all their letters
NEAR = (("Jörg", "Weiß"), ("Mª José", "Ñúñez-Peña"), ("Zoë", "O'Brien"), ("François", "Lefèvre"))
# what each way tells of when it was handed in, the moment that counts, and the days begun since
IN_MOODLE = (
    ("Sonntag, 25. Oktober 2026, 01:59", "2026-10-24 23:59", 0),
    ("Sonntag, 25. Oktober 2026, 02:45", "2026-10-25 00:45", 1),  # comes twice
    ("Sonntag, 25. Oktober 2026, 02:29", "2026-10-25 00:29", 0),  # comes twice
    ("Sonntag, 25. Oktober 2026, 03:00", "2026-10-25 02:00", 1),
    ("Montag, 26. Oktober 2026, 02:30", "2026-10-26 01:30", 1),  # after 25 hours
    ("Montag, 26. Oktober 2026, 02:31", "2026-10-26 01:31", 2),
)
IN_CANVAS = (("", "", 0), ("LATE_", "2026-10-26 01:31", 2))
IN_EXCHANGE = (
    ("2026-10-25 02:15:00 +0200", "2026-10-25 00:15", 0),
    ("2026-10-25 02:15:00 +0100", "2026-10-25 01:15", 1),  # the same by the clock, an hour later
    ("2026-10-26 01:30:01 UTC", "2026-10-26 01:30:01", 2),
)
WAYS = ("moodle", "canvas", "exchange")
Attn = Callable[..., str]


@dataclass(frozen=True)
class Person:
    """A student, what they hand in and how, and what must come of it."""

    number: int  # the system's own
    id: str
    first: str
    last: str
    way: str  # "moodle", "canvas" or "exchange"
    sources: tuple[str, str]
    points: int
    told: str
    moment: str
    days: int

    @property
    def mail(self) -> str:
        return f"{self.id.casefold()}@example.org"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def total(self) -> float:
        return self.points * (1 - 0.1 * self.days)

    @property
    def hours_late(self) -> float:
        if not self.moment:
            return 0.0
        late = dt.datetime.fromisoformat(self.moment) - DUE
        return max(0.0, late.total_seconds() / 3600)


def people(count: int) -> Iterator[Person]:
    """A third of them by each way; answers and times come in all pairs."""
    for n in range(count):
        turn, way = n // 3, WAYS[n % 3]
        names, times = {
            "moodle": (FAR, IN_MOODLE), "canvas": (FAR, IN_CANVAS), "exchange": (NEAR, IN_EXCHANGE),
        }[way]  # fmt: skip
        sources, points = ANSWERS[(turn + turn // 4) % 4]
        # leading zeros, and logins in capitals that Canvas has in small letters
        own = {"moodle": f"00{n:03}", "canvas": f"ALU{n:03}", "exchange": f"stud.{n:03}"}[way]
        again, place = divmod(turn, len(names))
        first, last = names[place]
        first += f" {chr(ord('A') + again)}" * bool(again)
        last += " García" * (way == "canvas")
        yield Person(
            9000 + n, own, first, last, way, sources, points, *times[turn % len(times)]
        )  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course(tmp_path_factory.mktemp("pair"))
    shutil.copytree(FIXTURES / "pair", course.root, dirs_exist_ok=True)
    (course.root / "lessons").mkdir()
    source = course.lesson_folders()[0].source
    text = source.read_text("utf-8").replace("# # Doubling and tripling", f"# # {TITLE}")
    source.write_text(text, "utf-8")
    building.build(course, run=False)
    return course


@pytest.fixture
def attn(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Attn:
    """Runs a command in this process: what it says; `code` is how it ends."""
    monkeypatch.setenv("ATTN_ROOT", str(course.root))

    def run(*words: object, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["attn", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = "".join(capsys.readouterr())
        assert int(stopped.value.code or 0) == code, said
        return said

    return run


@pytest.mark.parametrize(
    "students",
    [9, pytest.param(60, marks=pytest.mark.exhaustive)],  # twin: the class of nine
)
def test_everybody_has_what_is_theirs_from_the_list_to_the_list(
    students: int, course: Course, attn: Attn, tmp_path: Path
) -> None:
    class_, folder = list(people(students)), tmp_path / "¿Qué es la atención? (Otoño)"
    nothing = (("", ""), 0, "", "", 0)
    absent = [
        Person(8000, "00999", "Nie", "Da", "moodle", *nothing),
        Person(8001, "ALU999", "Nadie", "Falta", "canvas", *nothing),
    ]
    ways = {way: [o for o in class_ + absent if o.way == way] for way in WAYS}

    # three lists, each as its system and Excel write it
    said = attn("course", "new", folder, "--roster", excels_unicode(tmp_path, ways["moodle"]))
    assert f"then: attn grade '{folder}/submitted'." in said  # as a shell takes it
    (folder / "class.toml").write_text(ZONE)
    said = attn("course", "roster", excels_western(tmp_path, ways["exchange"]), "--course", folder)
    assert 'if names such as "' in said
    roster = canvas_list(tmp_path / "roster.csv", ways["canvas"], "SIS User ID")
    attn("course", "roster", roster, "--course", folder)
    with ClassFolder(folder).open_gradebook() as gradebook:
        known = {s.id: f"{s.first_name} {s.last_name}" for s in gradebook.students}
    assert {key: composed(name) for key, name in known.items()} == {
        one.id: composed(one.name) for one in class_ + absent
    }

    # the hour that comes twice is asked about
    release = ("course", "release", "1", "--course", folder, "--due")
    assert "2026-10-25 02:30+0200 or 2026-10-25 02:30+0100" in attn(
        *release, "2026-10-25 02:30", code=2
    )
    assert "due 2026-10-25 02:30 CEST" in attn(*release, "2026-10-25 02:30+0200")

    template = canvas_list(tmp_path / "grades.csv", ways["canvas"], "SIS Login ID")
    downloads = {way: [one for one in ways[way] if one not in absent] for way in ways}
    from_moodle(attn, folder, tmp_path, downloads["moodle"])
    from_canvas(attn, folder, tmp_path, downloads["canvas"], template)
    from_exchange(attn, folder, tmp_path, downloads["exchange"])
    for one in class_:
        place = folder / "submitted" / one.id / LESSON
        assert (place / f"{LESSON}.ipynb").read_bytes() == notebook(folder, one)
        stamp = place / "timestamp.txt"
        assert stamp.exists() == bool(one.moment)
    assert len(list((folder / "submitted").iterdir())) == len(class_)

    file = tmp_path / "rows.json"
    attn("grade", folder, "--json", file, "--workers", 2)
    rows = json.loads(file.read_text("utf-8"))
    assert {row["student"]: row["points"] for row in rows} == {o.id: o.points for o in class_}
    assert all(row["on_roster"] for row in rows)

    attn("feedback", folder)
    for one in class_:
        page = (folder / "feedback" / one.id / LESSON / f"{LESSON}.html").read_text("utf-8")
        assert composed(f"Feedback for {one.name}<") in composed(html.unescape(page))
        assert f"<b>{one.total:g}</b> <span>of {MOST} points" in page
        assert ("For being late" in page) == bool(one.days)
    [lesson] = json.loads(attn("report", folder, "--json"))["lessons"]
    by_id = {row["student"]: row for row in lesson["rows"]}
    for one in class_:
        assert by_id[one.id]["total"] == pytest.approx(one.total)
        assert by_id[one.id]["hours_late"] == pytest.approx(one.hours_late)
    assert {by_id[one.id]["status"] for one in absent} == {"not handed in"}
    assert lesson["strangers"] == lesson["alike"] == []

    exported_as_csv(attn, folder, class_)
    read_by_canvas(attn, folder, template, ways["canvas"])
    read_by_moodle(attn, course, folder, class_ + absent, tmp_path)


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def notebook(folder: Path, one: Person) -> bytes:
    """What they hand in: nobody else's is the same."""
    release = folder / "release" / LESSON / f"{LESSON}.ipynb"
    cells = zip(("L1-1-answer", "L1-2-answer"), one.sources, strict=True)
    answers = {cell: f"{source}  # {one.id}" for cell, source in cells if source}
    return raw(answered(nbformat.read(release, as_version=4), answers))


# --- what comes from the systems ------------------------------------------------------------------


def excels_unicode(folder: Path, class_: Sequence[Person]) -> Path:
    """A German Moodle's list, saved as "Unicode text" on a Mac: in UTF-16, accents taken apart."""
    rows = ["Vorname\tNachname\tID-Nummer\tE-Mail-Adresse\tGruppen"]
    rows += [f"{one.first}\t{one.last}\t{one.id}\t{one.mail}\t" for one in class_]
    text = unicodedata.normalize("NFD", "\r\n".join([*rows, ""]))
    file = folder / "teilnehmer.csv"
    file.write_bytes(text.encode("utf-16"))
    return file


def excels_western(folder: Path, class_: Sequence[Person]) -> Path:
    """A Spanish Moodle's list, saved as CSV by Excel in Western Europe."""
    rows = ["Nombre;Apellido(s);Número de ID;Dirección de correo"]
    rows += [f"{one.first};{one.last};{one.id};{one.mail}" for one in class_]
    file = folder / "participantes.csv"
    file.write_bytes("\r\n".join([*rows, ""]).encode("cp1252"))
    return file


def canvas_list(file: Path, class_: Sequence[Person], told: str) -> Path:
    """A Canvas's gradebook where the language is Spanish: semicolons, and commas in numbers."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{TITLE} (4711)"]
    rows = [head, ["    Points Possible", "", "", "", "", f"{MOST},00"]]
    for one in class_:
        row = [f"{one.last}, {one.first}", str(one.number), "", "", "Grupo A", "1,25"]
        row[head.index(told)] = one.id if told == "SIS User ID" else one.id.casefold()
        rows.append(row)
    rows.append(["Student, Test", "91", "", "b1946ac92492d2347c6235b4d2611184", "", ""])
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=";").writerows(rows)
    return file


def from_moodle(attn: Attn, folder: Path, tmp_path: Path, class_: Sequence[Person]) -> None:
    """As a German Moodle packs what was handed in, packed once more on a Mac; and its worksheet."""
    rows = [["ID", "Vollständiger Name", "E-Mail-Adresse", "Zuletzt geändert (Abgabe)"]]
    members = {}
    for turn, one in enumerate(class_):
        mail = "" if turn % len(FAR) in (2, 5) else one.mail  # who hides it is known by name
        rows.append([f"Teilnehmer/in{one.number}", one.name, mail, one.told])
        place = f"{one.name}_{one.number}_assignsubmission_file/Übung 1.ipynb"
        members[unicodedata.normalize("NFD", place)] = notebook(folder, one)
    sheet = tmp_path / "bewertungen.csv"
    with sheet.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)
    source = unflagged(tmp_path / "moodle.zip", members)
    said = attn("course", "collect", source, "--course", folder, "--people", sheet)
    assert f"{len(class_)} submissions in the layout moodle: {len(class_)} new." in said
    twice = sum(one.told.endswith(("02:29", "02:45")) for one in class_)
    assert said.count("comes twice, because the clock is put back that night") == twice


def from_canvas(
    attn: Attn, folder: Path, tmp_path: Path, class_: Sequence[Person], people: Path
) -> None:
    """Canvas tells who was late, and not how late: who collects does."""
    members = {}
    for one in class_:
        name = re.sub(r"[^\w]", "", f"{one.last}, {one.first}".lower())
        place = f"{name}_{one.told}{one.number}_{one.number + 50_000}_Práctica.ipynb"
        members[place] = notebook(folder, one)
    command = ("course", "collect", zipped(tmp_path / "canvas.zip", members), "--course", folder)
    said = attn(*command, "--people", people)
    assert f"{len(class_)} submissions in the layout canvas: {len(class_)} new." in said
    late = [one.id for one in class_ if one.told]
    assert f"not how late: {', '.join(late[:10])}" in said
    said = attn(*command, "--people", people, "--time", "2026-10-26 02:31")
    assert f"{len(class_)} unchanged" in said


def from_exchange(attn: Attn, folder: Path, tmp_path: Path, class_: Sequence[Person]) -> None:
    members = {}
    for one in class_:
        place = f"submitted/{one.id}/{LESSON}"
        members[f"{place}/{LESSON}.ipynb"] = notebook(folder, one)
        members[f"{place}/timestamp.txt"] = one.told.encode()
    source = zipped(tmp_path / "exchange.zip", members)
    said = attn("course", "collect", source, "--course", folder)
    assert f"{len(class_)} submissions in the layout tree: {len(class_)} new." in said


# --- what the systems read ------------------------------------------------------------------------


def exported_as_csv(attn: Attn, folder: Path, class_: Sequence[Person]) -> None:
    attn("export", folder)
    text = (folder / "export" / "marks.csv").read_text("utf-8")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)}
    for one in class_:
        row = rows[one.id]
        assert float(row[f"{LESSON}_score"]) == pytest.approx(one.total)
        assert float(row[f"{LESSON}_hours_late"]) == pytest.approx(one.hours_late, abs=0.006)
        assert composed(row["last_name"]) == composed(one.last)


def as_canvas_reads(cell: str) -> str:
    """What Canvas's import makes of a number: the last comma or point is that before decimals."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *whole, last = re.split("[,.]", cell)
    return f"{''.join(whole)}.{last}" if whole else last


def read_by_canvas(attn: Attn, folder: Path, template: Path, class_: Sequence[Person]) -> None:
    """Filled in for its own students, found by their logins in small letters."""
    filled = template.with_name("filled.csv")
    said = attn("export", folder, "--format", "canvas", "--template", template, "--out", filled)
    assert "Student, Test" not in said
    assert "another number of points" not in said  # 7,00 is 7
    rows = list(csv.reader(io.StringIO(filled.read_text("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0][-1] == f"{TITLE} (4711)"
    marks = {row[3]: as_canvas_reads(row[-1]) for row in rows[2:]}
    assert marks.pop("b1946ac92492d2347c6235b4d2611184") == ""
    for one in class_:
        kept = one.total if any(one.sources) else 1.25  # who handed in nothing keeps what was there
        assert float(marks.pop(one.id.casefold())) == pytest.approx(kept)
    assert not marks


def read_by_moodle(
    attn: Attn, course: Course, folder: Path, class_: Sequence[Person], tmp_path: Path
) -> None:
    """Read back as Moodle's import does, then as a German Moodle exports it again."""
    file = tmp_path / "moodle.csv"
    attn("export", folder, "--format", "moodle", "--out", file)
    lessons = class_table(course, ClassFolder(folder)).lessons
    marks = {one.id: one.total if any(one.sources) else None for one in class_}
    back = read_back(file, lessons)
    for one in class_:
        wanted = marks[one.id]
        assert back[one.id.casefold()] == {LESSON: wanted and pytest.approx(wanted)}
    rows = [["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse", f"Aufgabe: {TITLE} (Punkte)"]]
    for one in class_:
        mark = marks[one.id]
        shown = "-" if mark is None else f"{mark:.2f}".replace(".", ",")
        rows.append([one.first, one.last, one.id.upper(), one.mail, shown])
    grades = tmp_path / "noten.csv"
    compare = ("export", folder, "--format", "moodle", "--compare", grades)
    for changed, code in ((0, 0), (1, 1)):
        rows[1][-1] = "0,50" if changed else rows[1][-1]
        with grades.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        said = attn(*compare, code=code)
        assert said.endswith(f"{changed} difference{'s' * (not changed)}.\n")
    assert f"{class_[0].id}, {LESSON}: {class_[0].total:g} here, 0.5 in noten.csv" in said
