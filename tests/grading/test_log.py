"""The operator's log: the tracebacks behind the grader's sentences, and nothing of a submission."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from autograder.boxes.box import BoxFault
from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading import judged_answers, one_submission, remote
from autograder.log import kept_in, logger, trace
from autograder.reading import readers
from autograder.record.class_folder import ClassFolder, open_class
from tests.grading.conftest import Attn
from tests.small_course import RIGHT, raw

LESSON = "01_doubling"
MARK = "m4rk_0f_a_learner"
MORE = "the log has the details"
ENTRY = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (INFO|WARNING|ERROR|CRITICAL) autograder"
)


@pytest.fixture
def handed_in(tmp_path: Path, submission: Callable[..., NotebookNode]) -> Path:
    """A class where ada has handed in."""
    return hand_in(tmp_path / "class", "ada", raw(submission()))


def hand_in(folder: Path, student: str, data: bytes) -> Path:
    file = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    return folder


def results(folder: Path) -> dict[str, Any]:
    rows = json.loads((folder / "results.json").read_text())
    return {row["student"]: row for row in rows}


def assert_entries(text: str) -> None:
    """Each line begins an entry, or is set in."""
    assert text
    for line in text.splitlines():
        assert ENTRY.match(line) or line.startswith("    "), line


# --- the grader fails


def broken(*_: object, **__: object) -> None:
    raise KeyError(MARK)


def test_a_broken_grader_leaves_its_traceback(
    attn: Attn, handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_submission, "assemble", broken)
    log = handed_in / "log"
    grade = ("grade", handed_in, "--unsafe-no-sandbox", "--json", handed_in / "results.json")
    code, _, err = attn("--log", log, *grade)
    assert code == 1
    assert "Traceback" not in err
    reason = results(handed_in)["ada"]["reason"]
    assert reason.startswith("the grader itself failed (KeyError")
    assert MORE in reason
    text = log.read_text()
    assert_entries(text)
    assert f"ERROR autograder.grading.batch [{os.getpid()} MainThread] The grader itself" in text
    assert f"ada, {LESSON}" in text
    assert "in grade_submission" in text
    assert f'File "{__file__}", line ' in text
    assert "in broken" in text
    assert "    KeyError\n" in text
    assert MARK not in text

    # without a log the sentence says how to have one, and stderr has no more than that
    code, _, err = attn(*grade, "--force")
    assert code == 1
    assert "`attn --log FILE …` keeps the details" in results(handed_in)["ada"]["reason"]
    assert err.splitlines() == ["1 submission, 1 not or only partly gradable."]
    assert log.read_text() == text


def test_a_broken_judge_leaves_its_traceback(
    attn: Attn, handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who can't tell it from a submission that confuses the judge reads where it was."""
    monkeypatch.setattr(judged_answers, "judge_visible_calls", broken)
    log, file = handed_in / "log", handed_in / "results.json"
    attn("--log", log, "grade", handed_in, "--workers", 1, "--unsafe-no-sandbox", "--json", file)
    assert "KeyError in test_log.py" in results(handed_in)["ada"]["reason"]
    text = log.read_text()
    assert_entries(text)
    assert "in judged" in text
    assert "in broken" in text
    assert MARK not in text


def test_an_error_that_nothing_expects(
    attn: Attn, handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.grade.make_plan", broken)
    with pytest.raises(KeyError):
        attn("--log", handed_in / "log", "grade", handed_in)
    text = (handed_in / "log").read_text()
    assert "CRITICAL autograder.log" in text
    assert "in broken" in text


def test_a_sentence_has_its_cause_in_the_log(attn: Attn, tmp_path: Path) -> None:
    """Even where the sentence has taken the cause's place."""
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text("1 / 0\n")
    code, _, err = attn("--log", tmp_path / "log", "report", folder)
    assert (code, err.startswith("attn: ")) == (2, True)
    text = (tmp_path / "log").read_text()
    assert_entries(text)
    assert "    ZeroDivisionError\n    and so:\n" in text
    assert "exit code 2" in text
    assert "autograder.errors.AttnError: " in text


def test_a_worker_tells_where_it_failed() -> None:
    task = remote.task_to_bytes("a run that it does not know", LESSON, "ada", (), b"{}")
    answer = remote.answer_from_bytes(remote.grade_bytes(task))
    assert answer.failure.startswith("KeyError")
    assert "in grade_bytes\n" in answer.trace
    assert answer.trace.endswith("KeyError")  # its text may quote what somebody sent


def test_the_process_that_reads_tells_where_it_failed(
    attn: Attn, handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "broken_child.py"
    program.write_text(
        f"import sys; sys.path.append({str(Path(readers.__file__).parents[2])!r})\n"
        "from autograder.reading import child\n"
        f"def broken(*_, **__): raise KeyError({MARK!r})\n"
        "child.lift = broken\n"
        "child.main()\n"
    )
    monkeypatch.setattr(readers, "_CHILD", program)
    log = handed_in / "log"
    grade = ("grade", handed_in, "--unsafe-no-sandbox")
    attn("--log", log, *grade, "--json", handed_in / "results.json")
    assert "can't be read as a notebook (KeyError)" in results(handed_in)["ada"]["reason"]
    text = log.read_text()
    assert_entries(text)
    assert "ERROR autograder.reading.readers" in text
    assert "in _lifted" in text
    assert f'File "{program}", line 3, in broken' in text
    assert "    KeyError\n" in text


# --- what is in it


def test_the_log_tells_what_is_done(attn: Attn, handed_in: Path) -> None:
    log = handed_in / "log"
    for _ in range(2):
        assert attn("--log", log, "grade", handed_in, "--workers", 1)[0] == 0
    text = log.read_text()
    assert_entries(text)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    # appended to, with what was asked and how it ended
    assert text.count("This begins: attn ") == 2
    assert text.count("It ends with exit code 0.") == 2
    assert f"grade {handed_in} --workers 1\n" in text
    assert f"ada, {LESSON}: graded. Seconds: " in text
    assert f"ada, {LESSON}: graded before and unchanged." in text


def test_nothing_of_a_submission_and_nothing_hidden(
    attn: Attn,
    mini_course: Course,
    tmp_path: Path,
    submission: Callable[..., NotebookNode],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is wrong with it, in a sandbox and in a kernel, and if the grader fails on it."""
    folder = tmp_path / "class"
    cells = {
        1: f"raise ValueError('{MARK}')",
        2: f"def {MARK}(): '{MARK}'",
        3: f"import warnings; warnings.warn('{MARK}'); print('{MARK}')",
    }
    hand_in(folder, "ada", raw(submission(f"{RIGHT}  # {MARK}", cells)))
    hand_in(folder, "bob", raw(submission(f"{MARK} = {MARK}")))
    hand_in(folder, "cem", raw(submission(f"def double(x_T):\n    raise KeyError('{MARK}')")))
    hand_in(folder, "dan", f'{{"{MARK}": "{MARK}'.encode())
    hand_in(folder, "eve", json.dumps({"cells": MARK, "nbformat": MARK}).encode())
    hand_in(folder, "fay", raw(submission(f"def double({MARK}:\n  {MARK}")))
    log = tmp_path / "log"
    attn("--log", log, "grade", folder)
    attn("--log", log, "grade", folder, "--force", "--unsafe-no-sandbox")

    def confused(notebook: NotebookNode, release: NotebookNode) -> dict[str, bool]:
        raise ValueError("".join(cell.source for cell in notebook.cells))

    monkeypatch.setattr(one_submission, "answered_by_hand", confused)
    attn("--log", log, "grade", folder, "--force")
    text = log.read_text()
    assert "in confused" in text
    for student in ("ada", "bob", "cem", "dan", "eve", "fay"):
        assert f"{student}, {LESSON}" in text
    assert MARK not in text

    made = ClassFolder(folder)
    assert str(made.hidden_seed()) not in text
    _, keys = open_class(folder, mini_course.lesson_folders())
    specs = json.dumps([spec.to_json() for spec in keys[LESSON].hidden.values()])
    numbers = re.findall(r"\d\.\d{5,}", specs)
    assert numbers
    assert [number for number in numbers if number in text] == []


def test_passwords_and_forged_entries_are_kept_out(tmp_path: Path) -> None:
    log = logger("autograder.tests")
    with kept_in(tmp_path / "log", "grade --gradebook postgresql://ada:pa:ss@w0rd@db/autumn"):
        log.info("%s", "ada\n2026-01-01T00:00:00.000+00:00 INFO autograder \x1b[31m\u202e\r")
        log.info("?user=ada&password=s3cret&x=1")
    text = (tmp_path / "log").read_text()
    assert_entries(text)
    assert len(re.findall(f"^{ENTRY.pattern}", text, re.MULTILINE)) == 4
    assert "postgresql://ada:***@db/autumn" in text
    assert "password=***&x=1" in text
    assert "s3cret" not in text
    assert r"\x1b[31m\u202e\r" in text


def test_what_is_said_of_an_error_is_ours_or_the_systems() -> None:
    def told(error: Exception) -> str:
        return trace(error).splitlines()[-1]

    assert told(ValueError(MARK)) == "ValueError"
    assert told(BoxFault("no child")) == "autograder.boxes.box.BoxFault: no child"
    assert told(AttnError("no lesson")) == "autograder.errors.AttnError: no lesson"
    assert told(OSError(28, "No space left", "/a/b")) == "OSError: No space left (/a/b)"
    assert told(OSError(MARK)) == "OSError"


# --- the file


def test_a_log_that_cant_be_written(attn: Attn, tmp_path: Path) -> None:
    for file in (tmp_path / "nowhere" / "log", tmp_path):
        code, out, err = attn("--log", file, "grade", tmp_path)
        assert (code, out) == (2, "")
        assert err.startswith(f"attn: The log {file} can't be written (")
        assert err.count("\n") == 1


def test_a_log_that_breaks_off_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = []
    with kept_in(Path("/dev/full"), "a command"):
        logger("autograder.tests").info("one")
        done.append("it goes on")
    assert done
    assert capsys.readouterr().err == (
        "attn: The log /dev/full is not whole: No space left on device.\n"
    )


def test_the_variable_does_what_the_option_does(
    attn: Attn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTN_LOG", str(tmp_path / "log"))
    attn("grade", tmp_path / "nothing")
    assert "There is nothing at" in (tmp_path / "log").read_text()


def test_threads_and_processes_dont_tear_entries_apart(tmp_path: Path) -> None:
    file, long = tmp_path / "log", "x" * 15_000

    def write() -> None:
        for _ in range(20):
            logger("autograder.tests").info(long)

    code = (
        "from pathlib import Path; from autograder.log import kept_in, logger\n"
        f"with kept_in(Path({str(file)!r}), 'another'):\n"
        f"    for _ in range(20): logger('autograder.tests').info({long!r})\n"
    )
    with kept_in(file, "this one"):
        other = subprocess.Popen([sys.executable, "-c", code])
        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert other.wait(300) == 0
    text = file.read_text()
    assert_entries(text)
    assert len(re.findall(rf"\] {long}$", text, re.MULTILINE)) == 80


def test_without_a_log_nobody_hears_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even of an error; and a program of one's own may listen."""
    code = (
        "import logging\n"
        "from autograder.log import logger\n"
        "logger('autograder.boxes').error('a fault')\n"
        "assert logging.getLogger().handlers == []\n"
        "logging.basicConfig(format='%(message)s')\n"
        "logger('autograder.boxes').error('another')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "another\n")


def test_help_is_had_without_the_log() -> None:
    code = "import sys, autograder.cli; print({'autograder.log', 'logging'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_log_is_let_go(attn: Attn, tmp_path: Path) -> None:
    attn("--log", tmp_path / "log", "grade", tmp_path / "nothing")
    before = (tmp_path / "log").read_text()
    attn("grade", tmp_path / "nothing")
    assert (tmp_path / "log").read_text() == before
    assert [type(h) for h in logging.getLogger("autograder").handlers] == [logging.NullHandler]
