"""The author's guide is true: its example builds, and its checks prove themselves."""

from __future__ import annotations

import re
from pathlib import Path

import autograder.authoring
from autograder.authoring.build import build
from autograder.authoring.lint import lint
from autograder.authoring.mutants import try_mutants
from autograder.authoring.verify import subjects, verify
from autograder.course import Course

GUIDE = Path(autograder.authoring.__file__).with_name("README.md")
OUTLINE = """title = "A course"

[[lessons]]
number = 2
title = "Centring"
summary = "Take away the middle."
minutes = 10
"""


def test_the_guides_example_builds_and_is_proven(tmp_path: Path) -> None:
    blocks = dict(
        re.findall(r"^```python (\w+)\n(.*?)^```", GUIDE.read_text("utf-8"), flags=re.M | re.S)
    )
    lesson = tmp_path / "solutions" / "02_centring"
    lesson.mkdir(parents=True)
    (tmp_path / "lessons").mkdir()
    (lesson / "02_centring.py").write_text(blocks["lesson"], encoding="utf-8")
    (lesson / "l2_1_centre.py").write_text(blocks["exercise"], encoding="utf-8")
    (tmp_path / "solutions" / "course.toml").write_text(OUTLINE, encoding="utf-8")
    course = Course(tmp_path)
    assert build(course).findings == []
    rows = verify(course, ["L2.1"], hidden_seed=3)
    tried = subjects(course, ["L2.1"])
    rows += [*lint(tried, 3), *try_mutants(tried, 3)]
    assert [row for row in rows if not row.ok] == []
