"""hub.toml: what is wrong with it is said in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.errors import AttnError
from autograder.hub.settings import read_settings
from tests.hub.machine import ROOT

EXAMPLE = (ROOT / "autograder" / "hub" / "hub.toml").read_text("utf-8")


def written(folder: Path, text: str) -> Path:
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    (folder / "students.csv").write_text("id\nada\nnoether\n", encoding="utf-8")
    return folder / "hub.toml"


def test_the_example_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Protects the example, its meaning, and paths that start at the file's folder."""
    file = written(tmp_path, EXAMPLE.replace("/srv/autumn/", ""))
    monkeypatch.setenv("ATTN_HUB", str(file))
    hub = read_settings()
    assert (hub.course, hub.account, hub.instructors) == ("autumn", "grader-autumn", ("ada",))
    assert (hub.folder, hub.exchange) == (tmp_path / "autumn", tmp_path / "exchange")
    assert hub.learners == ["ada", "noether"]
    assert hub.group == "instructors-autumn"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("course =", "curse =", 'says "curse", which is no setting of a hub.'),
        ('"autumn" ', "7 ", 'needs a text as "course".'),
        ('["ada"]', '"ada"', 'needs a list of accounts as "instructors".'),
        ("port = 9999", "", 'needs a number as "port".'),
        ("port = 9999", "port = true", 'needs a number as "port".'),
        ("port = 9999", "port = 99999", "port 99999 is none: give one from 1024 to 65535."),
        ('["ada"]', "[1]", 'needs a list of accounts as "instructors".'),
        ('course = "autumn"', 'course = "aut/umn"', "letters, digits, - and _ only."),
        ('course = "autumn"', 'course = "spring"', "give both the same name."),
        ("course =", "course", "are no TOML:"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in EXAMPLE
    file = written(tmp_path, EXAMPLE.replace(old, new, 1))
    with pytest.raises(AttnError, match=re.escape(sentence)) as caught:
        read_settings(file)
    assert str(file) in str(caught.value)


def test_no_file_or_no_roster(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match="let ATTN_HUB name the file"):
        read_settings(tmp_path / "hub.toml")
    file = written(tmp_path, EXAMPLE.replace("/srv/autumn/", ""))
    (tmp_path / "students.csv").unlink()
    with pytest.raises(AttnError, match=r"roster .* can't be read"):
        _ = read_settings(file).learners


def test_a_hub_that_cannot_start_says_why_and_nothing_else(tmp_path: Path) -> None:
    """Protects whoever starts it from a traceback."""
    config = ROOT / "autograder" / "hub" / "jupyterhub_config.py"
    done = subprocess.run(
        [sys.executable, "-m", "jupyterhub", "--config", str(config)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "hub.toml can't be read" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
