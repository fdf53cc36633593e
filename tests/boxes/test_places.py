"""Wherever Python lies on the machine that grades, a box finds it, and can't write to it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.boxes import private, walls
from autograder.boxes.box import BoxFault
from autograder.boxes.bubblewrap import SandboxedBoxes, start_bubblewrap
from autograder.boxes.inside import fence
from autograder.boxes.landlock import start_landlock
from tests.boxes.conftest import LIMITS


def test_an_environment_below_tmp_is_seen_through_the_boxes_own_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boxes: SandboxedBoxes
) -> None:
    """A checkout below /tmp, as continuous integration likes it."""
    tmp_path.chmod(0o755)
    (tmp_path / "package.py").write_text("value = 6 * 7", encoding="utf-8")
    place = "/tmp/attn-kept/deep"
    real = list(walls.visible())
    monkeypatch.setattr(walls, "visible", lambda *asked: iter([*real, (str(tmp_path), place)]))
    look = f"""
import json, os, sys
sys.path.insert(0, {place!r})
import package
try:
    open({place!r} + "/new", "w")
    refused = False
except OSError:
    refused = True
open("/tmp/own", "w").close()
print(json.dumps([package.value, refused, sorted(os.listdir("/tmp"))]))
"""
    program = boxes.program
    with start_bubblewrap(LIMITS, program) as maker:
        for _ in range(2):
            with maker.open() as box:
                (output,) = box.run_cell(look).outputs
                found = json.loads(output["text"])
            assert found[:2] == [42, True]
            assert {"attn-kept", "own"} <= set(found[2])


@pytest.fixture
def in_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder below the one that Python is installed in, as a class or a checkout may lie."""
    monkeypatch.setattr(private, "_kept", {})
    folder = Path(sys.prefix) / f"attn-test-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def told(maker: SandboxedBoxes, *files: Path) -> list[bool]:
    """Which of these files a box can open."""
    source = f"""
import json
def opens(file):
    try: open(file).close()
    except OSError: return False
    return True
print(json.dumps([opens(file) for file in {list(map(str, files))}]))"""
    with maker.open("bare") as box:
        return json.loads(box.run_cell(source).outputs[0]["text"])


def start(kind: str, boxes: SandboxedBoxes) -> SandboxedBoxes:
    if kind == "weaker sandbox":
        if fence.version() < 1:
            pytest.skip("this kernel has no Landlock")
        return start_landlock(LIMITS, flavour="bare")
    return start_bubblewrap(LIMITS, boxes.program, "bare")


@pytest.mark.parametrize("kind", ["sandbox", "weaker sandbox"])
def test_a_class_below_pythons_folder_is_not_shown(
    kind: str, boxes: SandboxedBoxes, in_python: Path
) -> None:
    (in_python / "class" / ".attn").mkdir(parents=True)
    seed, other = in_python / "class" / ".attn" / "hidden_seed", in_python / "module.py"
    for file in (seed, other):
        file.write_text("7\n", encoding="utf-8")
    with start(kind, boxes) as maker:
        assert told(maker, seed, other) == [True, True]
    private.keep_private(in_python / "class")
    assert str(seed) in private.files_to_look_for()
    with start(kind, boxes) as maker:
        assert told(maker, seed, other) == [False, True]


@pytest.mark.parametrize("kind", ["sandbox", "weaker sandbox"])
def test_an_environment_in_the_checkouts_own_folder_shows_python_only(
    kind: str, boxes: SandboxedBoxes, in_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `python -m venv .` makes it."""
    root = Path(sys.prefix)
    solution, package = in_python / "solutions" / "answer.py", Path(pytest.__file__)
    solution.parent.mkdir()
    solution.write_text("answer = 42", encoding="utf-8")
    private.keep_private(root)
    assert os.path.realpath(root) in private.private_folders()
    with start(kind, boxes) as maker:
        assert told(maker, solution, package) == [False, True]


def test_an_environment_in_a_covered_checkout_is_shown(
    boxes: SandboxedBoxes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout with its environment, below a folder that is shown: `/usr/local/course/.venv`."""
    tmp_path.chmod(0o755)
    environment = tmp_path / "course" / ".venv"
    environment.mkdir(parents=True)
    for file in (tmp_path / "top", tmp_path / "course" / "solution", environment / "package"):
        file.write_text("x", encoding="utf-8")
    monkeypatch.setattr(private, "_kept", {})
    private.keep_private(tmp_path / "course")
    real, place = list(walls.visible()), Path("/srv/attn-place")
    own = [(str(tmp_path), str(place)), (str(environment), str(place / "course" / ".venv"))]
    monkeypatch.setattr(walls, "visible", lambda *asked: iter([*real, *own]))
    with start_bubblewrap(LIMITS, boxes.program, "bare") as maker:
        files = ("top", "course/solution", "course/.venv/package")
        assert told(maker, *(place / file for file in files)) == [True, False, True]


def test_a_box_that_shows_what_is_private_is_no_sandbox(
    boxes: SandboxedBoxes, in_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The self-test looks for a file of each such folder."""
    (in_python / "gradebook.db").write_text("marks", encoding="utf-8")
    private.keep_private(in_python)
    real = list(walls.visible())
    shown = ((source, target) for source, target in real)
    monkeypatch.setattr(walls, "layers", lambda *asked: shown)
    with pytest.raises(BoxFault, match="can be read"):
        start_bubblewrap(LIMITS, boxes.program, "bare")
