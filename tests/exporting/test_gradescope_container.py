"""Gradescope's autograder: the zip file, and what its container says of whatever is uploaded.

The container is a folder laid out as Gradescope does it; what Gradescope documents is in the names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from nbformat import NotebookNode
from typer.testing import CliRunner, Result

from autograder.authoring.build import build_lesson
from autograder.boxes import maker, opening
from autograder.cli import app
from autograder.course import Course, find_course
from autograder.gradescope import settings
from autograder.gradescope.run import graded
from autograder.gradescope.settings import LEAST_MINUTES, MOST_MINUTES, Settings
from autograder.grading.remote import key_from_bytes
from autograder.install import SUPPORTED
from autograder.judging.key import LessonKey
from tests.classroom.graded_class import LESSON, RIGHT, TRIPLE, GradedClass
from tests.classroom.test_feedback import numbers_in, secret_numbers
from tests.exporting.test_result_files import RESULTS
from tests.small_course import answered, raw

OTHER = "02_another"
SCRIPTS = Path(str(settings.__file__)).parent
CHEAT = """
def triple(x_T):
    import json, os, pathlib
    root = pathlib.Path({root!r})
    for file in (root / "source" / "key.json", root / "source" / "settings.json"):
        try:
            return 3 * x_T if file.read_text() else x_T
        except OSError:
            pass
    try:
        (root / "results" / "results.json").write_text('{{"score": 100}}')
        return 3 * x_T
    except OSError:
        return 0 * x_T
"""


@dataclass(frozen=True)
class Container:
    """/autograder, somewhere else, and the lesson's key that was put into it."""

    root: Path
    key: LessonKey
    course: Course

    def notebook(self, double: str = RIGHT, triple: str = TRIPLE) -> NotebookNode:
        return answered(self.key.release, {"L1-1-answer": double, "L1-2-answer": triple})

    def upload(self, files: Mapping[str, bytes]) -> None:
        submission = self.root / "submission"
        shutil.rmtree(submission, ignore_errors=True)
        for place, data in files.items():
            file = submission / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def says(self, files: Mapping[str, bytes]) -> Any:
        """results.json for an upload, which is of the documented form whatever was uploaded."""
        self.upload(files)
        data = json.loads(json.dumps(graded(self.root)))
        jsonschema.validate(data, RESULTS)
        return data

    def script(self, **changed: str) -> Any:
        """results.json after run_autograder itself, as Gradescope starts it."""
        where = {"ATTN_GRADESCOPE": str(self.root), "ATTN_KIT": str(self.root / "kit")}
        script = self.root / "run_autograder"
        shutil.copyfile(self.root / "source" / "run_autograder", script)
        script.chmod(0o755)
        done = subprocess.run([script], cwd=self.root, env={**os.environ, **where, **changed})
        assert done.returncode == 0
        data = json.loads((self.root / "results" / "results.json").read_text("utf-8"))
        jsonschema.validate(data, RESULTS)
        return data


def attn(course: Path, *command: str) -> Result:
    arguments = ["course", "gradescope", *command]
    return CliRunner().invoke(app, arguments, env={"ATTN_ROOT": str(course)})


@pytest.fixture(scope="module")
def class_(nasty_class: GradedClass, tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    return nasty_class.copy(tmp_path_factory.mktemp("gradescope") / "autumn")


@pytest.fixture(scope="module")
def archive(class_: GradedClass, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("zip") / "autograder.zip"
    done = attn(class_.course.root, "1", "--course", str(class_.folder), "--out", str(file))
    assert done.exit_code == 0, done.output
    assert f"grades {LESSON}" in done.stdout
    assert str(class_.folder / ".attn" / "gradescope_seed") in done.stdout
    return file


@pytest.fixture(scope="module")
def container(
    archive: Path, class_: GradedClass, tmp_path_factory: pytest.TempPathFactory
) -> Container:
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(root / "source")
    file = root / "source" / "settings.json"
    data = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**data, "lessons": [*data["lessons"], OTHER]}), "utf-8")
    key = key_from_bytes((root / "source" / "key.json").read_bytes())
    return Container(root, key, class_.course)


# --- the zip file


def test_the_zip_file_is_what_gradescope_takes_and_no_more(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        files = {one.filename: one for one in opened.infolist()}
        texts = {name: opened.read(name) for name in files}
    assert {"setup.sh", "run_autograder"} <= set(files)  # in its root, by these names
    for name in ("setup.sh", "run_autograder"):
        assert files[name].external_attr >> 16 & 0o111
        assert texts[name].startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in texts[name]
        subprocess.run(["bash", "-n"], input=texts[name], check=True)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600  # it holds the hidden checks
    lock = find_course().root / ".lock" / "requirements.txt"
    assert texts["kit/.lock/requirements.txt"] == lock.read_bytes()
    assert "kit/lessons/attnkit/checking/check.py" in files
    assert not [name for name in files if re.search(r"solutions|released|__pycache__|\.pyc", name)]
    sources = b"".join(text for name, text in texts.items() if not name.startswith("kit/"))
    assert b"://" not in texts["setup.sh"] + texts["run_autograder"]
    assert b"return 2 * x_T" not in sources  # the course's own answer


def test_the_seed_is_the_classs_own_for_gradescope_and_the_same_bytes_follow_from_it(
    archive: Path, class_: GradedClass, tmp_path: Path
) -> None:
    state = class_.folder / ".attn"
    seed = (state / "gradescope_seed").read_text()
    assert int(seed) != int((state / "hidden_seed").read_text())
    assert stat.S_IMODE((state / "gradescope_seed").stat().st_mode) == 0o600
    where = ["--course", str(class_.folder), "--out"]
    assert attn(class_.course.root, LESSON, *where, str(tmp_path / "again.zip")).exit_code == 0
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    assert (state / "gradescope_seed").read_text() == seed
    (state / "gradescope_seed").unlink()  # as in another class
    assert attn(class_.course.root, LESSON, *where, str(tmp_path / "again.zip")).exit_code == 0
    assert (tmp_path / "again.zip").read_bytes() != archive.read_bytes()
    (state / "gradescope_seed").write_text(seed)
    for name, text in (("x.txt", ""), ("theirs.zip", "no zip file of ours")):
        (tmp_path / name).write_text(text)
        refused = attn(class_.course.root, LESSON, *where, str(tmp_path / name))
        assert refused.exit_code != 0
        assert (tmp_path / name).read_text() == text
    for minutes in (LEAST_MINUTES - 1, MOST_MINUTES + 1):
        assert attn(class_.course.root, LESSON, "--minutes", str(minutes)).exit_code == 2


def test_the_setup_tries_each_python_that_the_course_installs_on() -> None:
    [line] = re.findall(r'^VERSIONS="(.*)"', (SCRIPTS / "setup.sh").read_text("utf-8"), re.M)
    assert set(line.split()) == {f"{major}.{minor}" for major, minor in SUPPORTED}


def test_a_submission_that_uses_all_of_its_time_is_judged_before_gradescope_ends_it() -> None:
    for minutes in range(LEAST_MINUTES, MOST_MINUTES + 1):
        bounds = Settings(LESSON, (LESSON,), minutes=minutes)
        limits = bounds.limits
        # on half a processor, cells and checks one after the other
        assert 2 * (2 * limits.submission_seconds) < bounds.seconds < 60 * minutes
        assert limits.call_seconds < limits.cell_seconds < limits.submission_seconds


# --- what is uploaded


def test_a_notebook_by_any_name_is_graded_beside_what_else_lies_there(
    container: Container, class_: GradedClass
) -> None:
    work = raw(container.notebook())
    (container.root / "submission_metadata.json").write_text(
        '{"created_at": "2026-10-05T20:30:00-07:00", '
        '"assignment": {"due_date": "2026-10-05T18:00:00-07:00"}}'
    )
    told = container.says(
        {
            "repository/my last try (1).ipynb": work,
            "repository/copy/the same.ipynb": work,
            "blank.ipynb": raw(container.key.release),
            "notes.txt": b"that is all",
            ".ipynb_checkpoints/old.ipynb": b"{}",
        }
    )
    (container.root / "submission_metadata.json").write_text("cut")
    assert told["score"] == container.key.max_points == sum(t["score"] for t in told["tests"])
    assert {test["status"] for test in told["tests"]} == {"passed"}
    assert "blank.ipynb was not" in told["output"]
    assert told["extra_data"]["hours_late"] == 2.5
    assert "sandbox (" in told["output"]
    assert "sandbox (" in " ".join(told["extra_data"]["isolation"])


def test_a_learner_gets_at_nothing_of_the_container_and_nothing_hidden_is_said(
    container: Container, class_: GradedClass
) -> None:
    """Whoever finds the key, or where the results go, has full marks for it here."""
    (container.root / "results").mkdir(exist_ok=True)
    (container.root / "results" / "results.json").write_text("before")
    cheat = CHEAT.format(root=str(container.root))
    told = container.says({"x.ipynb": raw(container.notebook(triple=cheat))})
    assert (container.root / "results" / "results.json").read_text() == "before"
    assert {t["status"] for t in told["tests"] if t["name"].startswith("L1.1")} == {"passed"}
    assert sum(t["score"] for t in told["tests"] if t["name"].startswith("L1.2")) == 0
    assert told["extra_data"]["hours_late"] == 0  # the metadata is damaged
    seed = (class_.folder / ".attn" / "gradescope_seed").read_text().strip()
    secret = secret_numbers(build_lesson(class_.course.lesson(1), int(seed)))
    assert len(secret) > 20
    del told["execution_time"]  # could be one of them by chance
    assert not numbers_in(json.dumps(told)) & secret
    assert seed not in json.dumps(told)


def other_lesson(container: Container) -> bytes:
    notebook = container.notebook()
    text = raw(notebook).decode().replace(LESSON, OTHER)
    assert OTHER in text
    return text.encode()


def test_whatever_else_is_uploaded_there_is_a_sentence_that_says_what_to_do(
    container: Container,
) -> None:
    one, two = raw(container.notebook()), raw(container.notebook(triple="x = 3"))
    cases: dict[str, dict[str, bytes]] = {
        "nothing was handed in: upload your notebook of 01_pair": {},
        "there is no notebook (.ipynb) in what was handed in (answer.py, page.html)": {
            "answer.py": RIGHT.encode(),
            "page.html": b"<html>",
        },
        "there are 2 notebooks for 01_pair (a.ipynb, b.ipynb), and which one is meant": {
            "a.ipynb": one,
            "b.ipynb": two,
        },
        f"x.ipynb is of {OTHER}: upload your notebook of 01_pair": {
            "x.ipynb": other_lesson(container)
        },
        "big.ipynb can't be graded: it is larger than 20 MB": {"big.ipynb": b" " * 20_000_001},
        "work.zip can't be graded: it is no zip file, or a broken one": {"work.zip": b"PK"},
    }
    for said, files in cases.items():
        told = container.says(files)
        assert said in told["output"]
        assert told["score"] == 0
        assert not told["tests"]
        assert told["output"].count("\n") == 0
    container.upload({})
    (container.root / "submission").mkdir()
    (container.root / "submission" / "x.ipynb").symlink_to(container.root / "source" / "key.json")
    told = json.loads(json.dumps(graded(container.root)))
    assert told["output"] == "Not graded: x.ipynb can't be graded: it is a link."
    damaged = container.says({"x.ipynb": one[:300]})
    assert damaged["output"].startswith("Status: not gradable.")
    assert {test["status"] for test in damaged["tests"]} == {"failed"}


def test_a_fault_of_the_graders_is_a_sentence_too_and_never_a_learners(
    container: Container, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = graded(tmp_path)  # nothing of the zip file is there
    jsonschema.validate(told, RESULTS)
    assert "no fault of yours" in told["output"]
    assert "FileNotFoundError" in capsys.readouterr().out  # which teachers see alone


def test_where_no_sandbox_works_nothing_is_run_and_that_is_said(
    container: Container, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "open_boxes", maker.open_boxes)  # not the tests' own
    monkeypatch.setattr(maker, "sandboxes", list)
    told = container.says({"x.ipynb": raw(container.notebook())})
    assert (told["score"], told["tests"]) == (0, [])
    assert "no fault of yours" in told["output"]
    assert "Submissions can't be run safely here" in capsys.readouterr().out


# --- the scripts


def test_results_are_there_if_the_grader_does_not_start_or_does_not_end(
    container: Container, tmp_path: Path
) -> None:
    shutil.copytree(container.root / "source", tmp_path / "source")
    copy = Container(tmp_path, container.key, container.course)
    copy.upload({"x.ipynb": raw(container.notebook())})
    stopped = copy.script()  # no Python there
    assert "was stopped before it was done" in stopped["output"]
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / ".venv").symlink_to(sys.prefix)
    (tmp_path / "source" / "seconds").write_text("0.05\n")
    late = copy.script()
    assert "took longer than there is time for" in late["output"]
    assert stopped["score"] == late["score"] == 0


@pytest.mark.exhaustive  # twin: test_results_are_there_if_the_grader_does_not_start_or_...
def test_a_container_is_set_up_from_nothing_and_grades(
    container: Container, tmp_path: Path
) -> None:
    shutil.copytree(container.root / "source", tmp_path / "source")
    copy = Container(tmp_path, container.key, container.course)
    where = {"ATTN_GRADESCOPE": str(tmp_path), "ATTN_KIT": str(tmp_path / "kit")}
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    setup = subprocess.run(
        ["bash", tmp_path / "source" / "setup.sh"],
        env={**bare, **where},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert setup.returncode == 0, setup.stdout
    assert "Tried with the notebook as it is handed out: graded, 0 of" in setup.stdout
    assert stat.S_IMODE((tmp_path / "source" / "key.json").stat().st_mode) == 0o600
    copy.upload({"x.ipynb": raw(container.notebook())})
    told = copy.script(PYTHONPATH="")
    shutil.rmtree(tmp_path / "kit")  # gigabytes, which pytest would keep
    assert told["score"] == container.key.max_points
    assert "sandbox (" in told["output"]
