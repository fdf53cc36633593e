"""What GitHub runs for this repository: each file is YAML, and each step a command that exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.install import SUPPORTED
from tests.command_lines import ROOT, TARGETS, blocks, calls, parse_attn, parse_make

FOLDER = ROOT / ".github" / "workflows"
FILES = {path.stem: path for path in sorted(FOLDER.iterdir())}
EXAMPLE = ROOT / "autograder" / "examples" / "classroom-workflow.yml"
CLASSROOM = EXAMPLE.with_name("github-classroom.yml")
EXAMPLES = sorted(EXAMPLE.parent.iterdir())
# as GitHub Classroom's own workflows have them
OF_CLASSROOM = {"checks": "write", "actions": "read", "contents": "read"}
TO_PUBLISH = {"contents": "read", "pages": "write", "id-token": "write"}
REPORTER = "classroom-resources/autograding-grading-reporter@v1"
PYTHONS = {f"{major}.{minor}" for major, minor in SUPPORTED}


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def jobs(path: Path) -> dict[str, Any]:
    return read(path)["jobs"]


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


def commands(path: Path) -> str:
    return "\n".join(step["run"] for step in steps(path) if "run" in step)


def pythons(path: Path) -> set[str]:
    """The versions that a workflow's jobs ask for."""
    asked = {step.get("with", {}).get("python-version") for step in steps(path)} - {None}
    for job in jobs(path).values():
        asked |= set(job.get("strategy", {}).get("matrix", {}).get("python", ()))
    return {version for version in asked if "${{" not in version}


def test_there_is_one_for_each_push_for_other_systems_and_for_the_night() -> None:
    assert set(FILES) == {"tests", "systems", "nightly", "pages"}
    assert {path.suffix for path in FILES.values()} == {".yml"}
    triggers = {name: set(read(path)[True]) for name, path in FILES.items()}  # YAML reads `on` so
    assert triggers["tests"] >= {"push", "pull_request"}
    assert triggers["systems"] >= {"push", "pull_request"}
    assert triggers["nightly"] >= {"schedule"}
    assert triggers["pages"] == {"release", "workflow_dispatch"}  # nobody publishes by a push


def test_the_examples_are_a_class_and_github_classroom() -> None:
    assert EXAMPLES == [EXAMPLE, CLASSROOM]
    assert read(CLASSROOM)["name"] == "Autograding Tests"  # names by which Classroom finds them
    assert list(jobs(CLASSROOM)) == ["run-autograding-tests"]
    assert {"push", "repository_dispatch"} <= set(read(CLASSROOM)[True])
    assert REPORTER in [step.get("uses") for step in steps(CLASSROOM)]
    assert "secrets." not in CLASSROOM.read_text("utf-8")  # learners can change it


@pytest.mark.parametrize("path", [*FILES.values(), *EXAMPLES], ids=lambda path: path.name)
def test_it_may_read_and_no_more_and_names_what_it_runs_on(path: Path) -> None:
    others = {CLASSROOM: OF_CLASSROOM, FILES["pages"]: TO_PUBLISH}
    allowed = others.get(path, {"contents": "read"})
    assert read(path)["permissions"] == allowed
    assert read(path)["concurrency"]
    for job in jobs(path).values():
        assert "permissions" not in job
        assert re.fullmatch(r"(ubuntu|macos|windows)-[\d.]+", job["runs-on"])
        assert 0 < job["timeout-minutes"] <= 360
    for step in steps(path):
        assert ("uses" in step) != ("run" in step), step
        if "uses" in step and (path != CLASSROOM or step["uses"] != REPORTER):
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), step
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert len({one.partition("@")[0] for one in used}) == len(set(used))  # one version of each


@pytest.mark.parametrize("path", [*FILES.values(), *EXAMPLES], ids=lambda path: path.name)
def test_each_step_is_a_command_that_exists(path: Path) -> None:
    text = commands(path)
    made, said = list(calls("make", text)), list(calls("attn", text))
    tested = list(calls("python", text))
    assert made or said
    for words in made:
        parse_make(words)
    for words in said:
        parse_attn(words)
    for words in tested:
        for word in words:
            if word.startswith("tests/"):
                assert (ROOT / word).exists(), word
    assert path == EXAMPLE or "secrets." not in path.read_text("utf-8")


def test_every_python_that_the_course_installs_on_is_tested_and_no_other() -> None:
    assert pythons(FILES["tests"]) == PYTHONS
    for path in (*FILES.values(), *EXAMPLES):
        assert pythons(path) <= PYTHONS
        for job in jobs(path).values():  # what make installs with is what was set up
            named = job.get("env", {}).get("PYTHON", "python${{ matrix.python }}")
            assert named.removeprefix("python") in PYTHONS | {"${{ matrix.python }}"}


def test_the_whole_suite_is_the_nights_and_the_fast_tests_are_each_pushs() -> None:
    targets = {
        name: {word for words in calls("make", commands(path)) for word in words} & TARGETS
        for name, path in FILES.items()
    }
    assert targets["tests"] == {"install", "lint", "test-fast", "build"}
    assert {"install", "test-all"} <= targets["nightly"]
    assert targets["systems"] == {"install"}
    assert targets["pages"] == {"install", "site"}


def test_windows_installs_as_the_readme_says() -> None:
    [readme] = blocks(ROOT / "README.md", "powershell")
    [install] = [step["run"] for step in jobs(FILES["systems"])["windows"]["steps"]
                 if step.get("name") == "Install, as the README says"]  # fmt: skip
    assert install.splitlines() == readme.splitlines()[:-1]
    assert readme.splitlines()[-1] == r".venv\Scripts\attn lab"


def test_paths_that_a_workflow_waits_for_are_there() -> None:
    for path in FILES.values():
        for trigger in read(path)[True].values():
            for name in (trigger or {}).get("paths", ()) if isinstance(trigger, dict) else ():
                assert list(ROOT.glob(name)), name


def test_a_step_that_no_longer_works_would_be_found() -> None:
    with pytest.raises(AssertionError):
        parse_make(["tset"])
    with pytest.raises(Exception, match="No such option"):
        parse_attn(next(calls("attn", r".venv\Scripts\attn doctor --jsn")))
    [words] = calls("make", 'make -C kit install && echo "$PWD" # make lab')
    assert words == ["-C", "kit", "install"]
    parse_make(words)
