"""What is looked at before a commit is what `make lint` looks at, and never a generated file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.command_lines import ROOT

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
GENERATED = re.compile(CONFIG["exclude"])
REPOSITORIES = {each["repo"].rpartition("/")[2]: each for each in CONFIG["repos"]}


def hooks(repository: str) -> dict[str, list[str]]:
    """What of a repository is run, with its arguments."""
    return {hook["id"]: hook.get("args", []) for hook in REPOSITORIES[repository]["hooks"]}


def test_ruff_is_the_one_that_the_lock_installs() -> None:
    lock = (ROOT / ".lock" / "requirements.txt").read_text("utf-8")
    [version] = re.findall(r"^ruff==([\d.]+)", lock, re.M)
    assert REPOSITORIES["ruff-pre-commit"]["rev"] == f"v{version}"
    assert set(hooks("ruff-pre-commit")) == {"ruff-check", "ruff-format"}


def test_each_repository_stands_at_a_version() -> None:
    for repository in CONFIG["repos"]:
        assert repository["repo"].startswith("https://github.com/")
        assert re.fullmatch(r"v\d+\.\d+\.\d+", repository["rev"])


def test_what_attn_build_makes_is_left_as_it_is_and_nothing_else(tracked: list[Path]) -> None:
    left = {path for path in tracked if GENERATED.search(path.as_posix())}
    kinds = {".ipynb", ".json"}
    assert left
    for path in left:
        assert path.suffix in kinds or "mini_golden" in path.parts, path
    made = {path for path in tracked if path.parts[0] == "lessons" and path.suffix == ".ipynb"}
    made |= {path for path in tracked if path.parts[:3] == ("lessons", "attnkit", "released")}
    assert made <= left


def test_no_other_file_is_large(tracked: list[Path]) -> None:
    [limit] = hooks("pre-commit-hooks")["check-added-large-files"]
    most = int(limit.removeprefix("--maxkb=")) * 1024
    large = [path for path in tracked if (ROOT / path).stat().st_size > most]
    assert [path for path in large if not GENERATED.search(path.as_posix())] == []


def test_hooks_that_change_text_find_nothing_to_change(tracked: list[Path]) -> None:
    """Else whoever turns them on commits other people's lines."""
    for path in tracked:
        text = (ROOT / path).read_bytes()
        if GENERATED.search(path.as_posix()) or b"\0" in text:
            continue
        assert not re.search(rb"[ \t\r]$", text, re.M), path
        assert text == b"" or re.search(rb"[^\n]\n\Z", text), path
