"""A hub on Kubernetes: the values file and the accounts. No cluster is started here."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from autograder.errors import AttnError
from autograder.hub import accounts
from autograder.hub.settings import read_settings
from tests.hub.machine import ROOT

HUB = ROOT / "autograder" / "hub"
VALUES = yaml.safe_load((HUB / "kubernetes.yaml").read_text("utf-8"))


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    text = (HUB / "hub.toml").read_text("utf-8").replace("/srv/autumn/students", "students")
    (tmp_path / "students.csv").write_text("id\nnoether\nchen.wei\n", encoding="utf-8")
    (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
    return tmp_path / "hub.toml"


def lines(text: str) -> dict[str, list[str]]:
    return {line.split(":")[0]: line.split(":") for line in text.splitlines()}


def test_each_account_has_a_number_that_stays(settings: Path, tmp_path: Path) -> None:
    """Protects files of a learner from another one, and from themselves in a later week."""
    assert accounts.main(str(settings), str(tmp_path)) == 0
    before = lines((tmp_path / "passwd").read_text("utf-8"))
    assert {"root", "grader-autumn", "noether", "chen.wei", "ada"} <= set(before)
    assert len({entry[2] for entry in before.values()}) == len(before)
    assert min(int(before[name][2]) for name in ("ada", "noether", "chen.wei")) >= accounts.FIRST
    groups = lines((tmp_path / "group").read_text("utf-8"))
    assert all(groups[name][2] == before[name][3] for name in ("ada", "noether", "chen.wei"))
    (tmp_path / "students.csv").write_text("id\nlate.comer\nchen.wei\n", encoding="utf-8")
    after = lines(accounts.account_files(read_settings(settings))["passwd"])
    assert after["chen.wei"] == before["chen.wei"]
    assert "noether" not in after


def test_two_accounts_are_never_one(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(accounts, "SPAN", 1)
    with pytest.raises(AttnError, match="can't be an account on Kubernetes"):
        accounts.account_files(read_settings(settings))
    assert accounts.main(str(settings), str(settings.parent)) == 2
    assert "give it another id" in capsys.readouterr().err


@pytest.mark.parametrize("named", [True, False])
def test_only_who_teaches_has_the_class(settings: Path, tmp_path: Path, named: bool) -> None:
    """Protects the class's folder, under both forms in which the chart hands volumes on."""
    accounts.main(str(settings), str(tmp_path))
    code = VALUES["hub"]["extraConfig"]["accounts"]
    config = SimpleNamespace(KubeSpawner=SimpleNamespace())
    exec(code.replace("/etc/attention-kit/passwd", str(tmp_path / "passwd")), {"c": config})
    numbers = lines((tmp_path / "passwd").read_text("utf-8"))
    for name, account in (("ada", "grader-autumn"), ("noether", "noether")):
        empty: Any = {} if named else []
        spawner = SimpleNamespace(
            user=SimpleNamespace(name=name), environment={"A": "b"}, volumes=empty,
            volume_mounts=empty, notebook_dir=None,
        )  # fmt: skip
        config.KubeSpawner.pre_spawn_hook(spawner)
        assert spawner.uid == spawner.gid == int(numbers[account][2])
        assert ("class" in str(spawner.volumes)) == (name == "ada")
        assert ("class" in str(spawner.volume_mounts)) == (name == "ada")
        assert spawner.environment["A"] == "b"
        folders = spawner.environment["JUPYTER_CONFIG_PATH"].split(":")
        assert [Path(folder).name for folder in folders] == [
            "instructor" if name == "ada" else "learner", "jupyter"
        ]  # fmt: skip
        assert all((HUB / Path(folder).name).is_dir() for folder in folders)


def test_every_file_that_the_page_names_is_in_the_values() -> None:
    page = (HUB / "KUBERNETES.md").read_text("utf-8")
    named = set(re.findall(r"--set-file (\S+)=", page))
    wanted = {f"hub.extraFiles.{name}.stringData" for name in VALUES["hub"]["extraFiles"]}
    wanted |= {
        f"singleuser.extraFiles.{name}.stringData" for name in VALUES["singleuser"]["extraFiles"]
    }
    assert named == wanted
