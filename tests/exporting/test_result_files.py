"""Gradescope's results.json and JUnit XML: documented fields, legal characters, nothing hidden."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import jsonschema
import pytest

from autograder.errors import AttnError
from autograder.exporting import gradescope, junit
from autograder.exporting.table import ClassTable
from autograder.exporting.write import ExportOptions, Format, export_class
from autograder.record.roster import Student
from tests.classroom.graded_class import EVIL_ID, LESSON, GradedClass
from tests.classroom.test_feedback import numbers_in, secret_numbers

FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
# the fields of Gradescope's autograder specification, "Output format"; no others
RESULTS = {
    "type": "object",
    "required": ["tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "output": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                },
            },
        },
    },
}


def test_gradescopes_files(nasty_class: GradedClass, table: ClassTable) -> None:
    made = export_class(nasty_class.course, nasty_class.folder, ExportOptions("gradescope"))
    files = sorted(made.target.rglob("results.json"))
    entries = {s: e for s, e in table.lessons[0].entries.items() if e.handed_in}
    assert {file.parts[-3] for file in files} == set(entries)
    for file in files:
        data = json.loads(file.read_text("utf-8"))
        jsonschema.validate(data, RESULTS)
        entry = entries[file.parts[-3]]
        assert data["score"] == pytest.approx(entry.score, abs=0.006)
        tests = data["tests"]
        assert sum(t["score"] for t in tests) == pytest.approx(entry.score + entry.penalty)
        assert sum(t["max_score"] for t in tests) == pytest.approx(entry.max_score)
    ben = json.loads((made.target / "ben" / LESSON / "results.json").read_text("utf-8"))
    failed = [test for test in ben["tests"] if test.get("status") == "failed"]
    assert failed
    assert all(test["output"] for test in failed)


def student_of(suite: ET.Element) -> str:
    [found] = suite.findall("properties/property[@name='student']")
    return found.attrib["value"]


def count(suite: ET.Element, name: str) -> int:
    return int(suite.attrib[name])


def test_junits_suites_and_cases(nasty_class: GradedClass, table: ClassTable) -> None:
    made = export_class(nasty_class.course, nasty_class.folder, ExportOptions("junit"))
    root = ET.parse(made.target).getroot()
    suites = {student_of(suite): suite for suite in root}
    entries = {s: e for s, e in table.lessons[0].entries.items() if e.handed_in}
    assert set(suites) == set(entries)
    for student, suite in suites.items():
        cases = suite.findall("testcase")
        assert suite.get("name") == f"{LESSON}.{student}"
        assert count(suite, "tests") == len(cases) > 0
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert count(suite, name) == sum(case.find(tag) is not None for case in cases)
        result = entries[student].result
        assert result is not None
        if result.status == "graded":
            wrong = sum(not c.passed for v in result.exercises for c in v.checks)
            assert count(suite, "failures") == wrong
            assert all(f.get("message") and f.text for f in suite.iter("failure"))
    assert count(suites["dot"], "errors") > 0
    assert suites["dot"].findall("testcase/error")[0].get("message")
    assert count(suites["ada"], "failures") == 0
    for name in ("tests", "failures", "errors", "skipped"):
        assert count(root, name) == sum(count(suite, name) for suite in root)


@pytest.mark.parametrize(
    "evil", ["\x00\x08\x0b\x1b[31m", "\ud800", "\ufffe\uffff", "]]>&<\"'", "é山"]
)
def test_what_xml_forbids_is_written_out(table: ClassTable, evil: str) -> None:
    lesson = table.lessons[0]
    entry = lesson.entries["ben"]
    assert entry.result is not None
    verdicts = [
        replace(verdict, checks=tuple(replace(c, name=evil, message=evil) for c in verdict.checks))
        for verdict in entry.result.exercises
    ]
    result = replace(entry.result, exercises=tuple(verdicts))
    entries = {evil: replace(entry, result=result)}
    nasty = ClassTable((Student(evil),), (replace(lesson, entries=entries),))
    raw = junit.to_xml(nasty).encode("utf-8")  # a half character can't be encoded
    cases = ET.fromstring(raw).findall("testsuite/testcase")
    shown = evil if evil.isprintable() else repr(evil)[1:-1]
    assert {f"L1.1: {shown}", f"L1.2: {shown}"} <= {case.get("name") for case in cases}


def test_nothing_hidden_is_in_any_export(nasty_class: GradedClass) -> None:
    secret = secret_numbers(nasty_class.built)
    assert len(secret) > 20
    seed = (nasty_class.folder / ".attn" / "hidden_seed").read_text().strip()
    formats: list[Format] = ["csv", "canvas", "moodle", "gradescope", "junit"]
    options = [ExportOptions(one) for one in formats] + [ExportOptions("csv", detail=True)]
    said = ""
    for one in options:
        target = export_class(nasty_class.course, nasty_class.folder, one).target
        files = [file for file in target.rglob("*") if file.is_file()] or [target]
        said += "".join(file.read_text("utf-8") for file in files)
    assert "It holds for the inputs you can see, but not for fresh ones" in said  # Cy's
    # a time could be one of them by chance
    said = re.sub(r'execution_time": [\d.]+|time="[\d.]+"', "", said)
    assert seed not in said
    assert not numbers_in(said) & secret
    assert "return 2 * x_T" not in said
    assert "One point for any reason" not in said


def test_an_id_that_leads_elsewhere_makes_no_folder() -> None:
    for student in ("../up", "..", ".hidden", "a/b", "a\\b", ""):
        with pytest.raises(AttnError, match="can't be the name of a folder"):
            gradescope._folder(student)
    assert gradescope._folder(EVIL_ID) == EVIL_ID
