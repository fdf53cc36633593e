"""`attn export --format junit`: JUnit XML, which CI systems and test reporters read.

A suite for each lesson and student, a case for each check. A wrong answer is a failure, a
submission that could not be graded an error, an answer that waits for a person is skipped.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.exporting.lines import Line, lines_of
from autograder.exporting.table import ClassTable, Entry
from autograder.text import plain_text


@dataclass(frozen=True)
class _Suite:
    lesson: str
    student: str
    entry: Entry


def to_xml(table: ClassTable) -> str:
    """The whole class as one XML document; who handed in nothing is not in it."""
    suites = [
        _Suite(lesson.name, student.id, lesson.entries[student.id])
        for lesson in table.lessons
        for student in table.students
        if lesson.entries[student.id].handed_in
    ]
    return _document([_suite(suite) for suite in suites])


def _document(suites: Sequence[ET.Element]) -> str:
    root = ET.Element("testsuites", name="Attention Kit")
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(suite: _Suite) -> ET.Element:
    entry, result = suite.entry, suite.entry.result
    element = ET.Element("testsuite", name=_attribute(f"{suite.lesson}.{suite.student}"))
    properties = ET.SubElement(element, "properties")
    facts = {
        "lesson": suite.lesson,
        "student": suite.student,
        "status": entry.status,
        "score": f"{entry.score:g}",
        "max_score": f"{entry.max_score:g}",
        "penalty": f"{entry.penalty:g}",
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=_attribute(value))
    reason = result.reason if result else f"{entry.status}: grade it again"
    broken = result is None or result.status == "not gradable"
    cases = [_case(suite, line, reason if broken else "") for line in lines_of(entry)]
    if broken and not cases:
        line = Line(suite.lesson, "submission", "failed", 0.0, entry.max_score, "")
        cases = [_case(suite, line, reason)]
    counted = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    element.set("tests", str(len(cases)))
    for tag, name in counted.items():
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{result.seconds.get('total', 0.0) if result else 0.0:.3f}")
    element.extend(cases)
    return element


def _case(suite: _Suite, line: Line, broken: str) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=_attribute(f"{suite.lesson}.{suite.student}"),
        name=_attribute(f"{line.exercise}: {line.name}"),
    )
    if broken:
        ET.SubElement(case, "error", message=_attribute(broken), type="NotGradable")
    elif line.outcome == "failed":
        kind = " ".join(line.misconceptions) or "WrongAnswer"
        first = line.message.partition("\n")[0]
        failure = ET.SubElement(case, "failure", message=_attribute(first), type=_attribute(kind))
        failure.text = line.said
    elif line.outcome == "waits":
        ET.SubElement(case, "skipped", message=_attribute(line.message))
    return case


def _attribute(value: str) -> str:
    """A text as an attribute: one line, no character that XML 1.0 forbids."""
    return plain_text(value, 2000, keep="")
