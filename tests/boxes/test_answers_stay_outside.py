"""While a submission is graded, nothing in its box tells what is expected, or what a hint says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attnkit
import pytest
from attnkit.checking.spec import GRADED

from autograder.boxes.box import Box
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.inside import fence
from autograder.boxes.landlock import start_landlock
from autograder.boxes.maker import open_boxes
from autograder.kernels import provisioner
from tests.boxes.conftest import LIMITS

RELEASED = Path(attnkit.__file__).with_name("released")
LESSONS = sorted(RELEASED.glob("L*.json"))


@pytest.fixture(
    scope="module",
    params=["sandbox", pytest.param("weaker sandbox", marks=pytest.mark.exhaustive)],
)
def box(request: pytest.FixtureRequest, boxes: SandboxedBoxes) -> Iterator[Box]:
    if request.param == "sandbox":
        with boxes.open_with(dataclasses.replace(LIMITS, cell_seconds=120.0)) as opened:
            yield opened
    elif fence.version() < 1:
        pytest.skip("this kernel has no Landlock")
    else:
        limits = dataclasses.replace(LIMITS, cell_seconds=120.0)
        with start_landlock(limits) as weaker, weaker.open() as opened:
            yield opened


def told(box: Box, source: str) -> Any:
    result = box.run_cell(f"import json\n{source}")
    assert result.status == "ok", result.reason
    return json.loads("".join(o["text"] for o in result.outputs if o["output_type"] == "stream"))


def secrets(file: Path) -> Iterator[str]:
    """Of one lesson: what hints and recognised mistakes say, and numbers that are expected."""
    for exercise in json.loads(file.read_text(encoding="utf-8"))["exercises"]:
        yield from (text[:60] for text in exercise["hints"])
        yield from (item["message"][:60] for item in exercise["misconceptions"])
        for check in exercise["checks"]:
            yield from (number for call in check["calls"] for number in numbers(call["expected"]))


def numbers(value: Any) -> Iterator[str]:
    """The numbers in a plain answer that nobody would write by chance."""
    if isinstance(value, float) and len(repr(value)) > 9:
        yield repr(value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)


def test_there_is_something_to_look_for() -> None:
    for file in LESSONS:
        found = set(secrets(file))
        assert sum(text.replace(".", "").lstrip("-").isdigit() for text in found) > 10
        assert sum(" " in text for text in found) > 20


# Nothing that is looked for may be in the process because it is looked for: so what is sent, and
# what it is compared with, has each byte changed.
LOOK = """
import os, sys
change = bytes(255 - n for n in range(256))
wanted = [bytes.fromhex(text) for text in {wanted}]
def holds(data):
    data = data.translate(change)
    return any(text in data for text in wanted)
def search(tops, most):
    for top in tops:
        for folder, below, names in os.walk(top):  # an environment may lie in there
            below[:] = [name for name in below if os.path.join(folder, name) != sys.prefix]
            for name in names:
                file = os.path.join(folder, name)
                try:
                    if os.path.getsize(file) < most and holds(open(file, "rb").read()):
                        yield file
                except OSError: pass
"""


def look_for(each: int) -> str:
    """The code that looks, for so many sentences and so many numbers of each lesson."""
    wanted: list[str] = []
    for file in LESSONS:
        found = sorted(text for text in set(secrets(file)) if text.isascii() and '"' not in text)
        for kind in ([t for t in found if " " in t], [t for t in found if " " not in t]):
            wanted += kind[:: max(len(kind) // each, 1)]
    return LOOK.format(wanted=[bytes(255 - n for n in text.encode()).hex() for text in wanted])


def test_no_file_of_the_toolkit_tells(box: Box) -> None:
    tops = "[os.path.dirname(__import__('attnkit').__file__), '/attn', '/home', '/tmp']"
    assert told(box, f"{look_for(30)}\nprint(json.dumps([*search({tops}, 1 << 30)]))") == []


@pytest.mark.exhaustive
def test_no_other_file_tells(box: Box) -> None:
    """Python and all packages, as far as a text is in them as it is."""
    tops = "[sys.prefix, sys.base_prefix, '/usr/share', '/etc']"
    look = f"import sys\n{look_for(3)}\nprint(json.dumps([*search({tops}, 1 << 20)]))"
    assert told(box, look) == []


def test_nothing_in_the_process_tells(box: Box) -> None:
    """The warm process, of which it is a copy, has never read what is expected."""
    source = f"""{look_for(1)}
import attnkit, attnkit.panels, attnkit.figures
seen = hits = 0
with open("/proc/self/maps") as lines, open("/proc/self/mem", "rb", 0) as memory:
    for line in lines.read().splitlines():
        place, rights, *_, inode = line.split()[:5]
        if "rw" not in rights or inode != "0": continue
        start, end = (int(n, 16) for n in place.split("-"))
        for at in range(start, min(end, start + (1 << 28)), 1 << 22):
            try:
                memory.seek(at)
                data = memory.read(min((1 << 22) + 200, end - at))
            except OSError: continue
            seen += len(data)
            hits += holds(data)
print(json.dumps([seen, hits]))"""
    seen, hits = told(box, source)
    assert seen > 1 << 24
    assert hits == 0


def test_neither_course_nor_grader_is_found_by_name(box: Box) -> None:
    source = """
import os, re
found = []
for folder, below, names in os.walk("/"):
    if folder in ("/proc", "/sys", "/dev"):
        below[:] = []
    found += [os.path.join(folder, name) for name in names
              if name in ("hidden_seed", "course.json")
              or re.fullmatch("l[0-9]+_[0-9]+_.*[.]py", name)
              or name.startswith("L") and name[1:].removesuffix(".json").isdigit()]
readable = []
for name in found:
    try: open(name).close(); readable.append(name)
    except OSError: pass
print(json.dumps(readable))"""
    assert told(box, source) == []


def test_a_learners_own_check_says_that_grading_does_it(box: Box) -> None:
    source = """
from attnkit import check, hint
report = check("L1.1", lambda x_TD, w_T: x_TD)
hint("L1.1")
nothing = check("L99.1")
"""
    result = box.run_cell(source)
    assert result.status == "ok", result.reason
    texts = [output["data"]["text/plain"] for output in result.outputs]
    words = "self.data" if not texts else " ".join(texts)
    assert words.count(GRADED[:40]) >= 2
    said = told(box, "print(json.dumps([report.points, report.max_points, report.passed]))")
    assert said == [0, 0, False]


def test_in_a_kernel_for_nbgrader_checks_work_and_are_found(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There marks are made inside; and what is looked for above is found where it is."""
    monkeypatch.setattr(provisioner, "_makers", [])
    maker = provisioner.shared_boxes("bare")
    with maker, maker.open("bare") as kernel:
        points = told(kernel, "from attnkit import check\nprint(check('L1.1').points)")
        full = kernel.run_cell(
            "from attnkit.checking.spec import released_exercise as r\nr('L1.1').points"
        )
        found = told(kernel, f"{look_for(1)}\nprint(json.dumps([*search(['/attn'], 1 << 30)]))")
    assert points == 0
    assert int(full.outputs[-1]["data"]["text/plain"]) > 0
    assert {Path(file).name for file in found} == {file.name for file in LESSONS}


def test_open_boxes_keeps_answers_outside_unless_told_otherwise() -> None:
    with open_boxes(LIMITS, flavour="bare") as maker:
        assert getattr(maker, "with_checks", False) is False
