"""The installer's parts: what it can say, and what must stay in step with it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder import install

ROOT = Path(install.ROOT)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHOLE = ["keras", "lab", "grader", "dev"]  # what `make install` brings, among others


def test_an_old_python_can_read_it() -> None:
    ast.parse(Path(install.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_wants_the_pythons_that_the_project_wants() -> None:
    wanted = SpecifierSet(PYPROJECT["project"]["requires-python"])
    for minor in range(6, 20):
        assert ((3, minor) in install.SUPPORTED) == wanted.contains(f"3.{minor}.5")


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-gpu.txt"])
def test_a_lock_holds_exact_versions_and_no_address(lock: str) -> None:
    lines = (ROOT / ".lock" / lock).read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    for line in lines:
        assert re.fullmatch(r"[a-z0-9.\-]+==[a-z0-9.+\-]+( ; .+)?", line), line
        Requirement(line)


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.txt", WHOLE), ("requirements-gpu.txt", [*WHOLE, "gpu"])]
)
def test_a_lock_satisfies_the_project(lock: str, extras: list[str]) -> None:
    pinned: dict[str, list[str]] = {}
    for line in (ROOT / ".lock" / lock).read_text(encoding="utf-8").splitlines():
        requirement = Requirement(line)
        version = next(iter(requirement.specifier)).version
        pinned.setdefault(requirement.name, []).append(version)
    wanted = list(PYPROJECT["project"]["dependencies"])
    for extra in extras:
        wanted += PYPROJECT["project"]["optional-dependencies"][extra]
    for line in wanted:
        requirement = Requirement(line)
        assert requirement.name in pinned, f"{line}: run `make lock`"
        for version in pinned[requirement.name]:
            assert requirement.specifier.contains(version), f"{line}: run `make lock`"


def test_only_what_matters_to_an_install_counts() -> None:
    text = (
        '[project]\nname = "x"\n# why\ndependencies = [\n "numpy",\n]\n'
        "[tool.ruff]\nline-length = 100\n[tool.hatch.build]\ndev-mode-dirs = []\n"
    )
    kept = install.metadata_lines(text)
    assert kept == install.metadata_lines(text.replace("100", "99").replace("# why", "# because"))
    assert kept != install.metadata_lines(text.replace("numpy", "scipy"))
    assert kept != install.metadata_lines(text.replace("dirs = []", 'dirs = ["."]'))


# Words that pip 23 and 25 really said, shortened in the middle.
OFFLINE = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object \
at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'
ERROR: Could not find a version that satisfies the requirement absl-py==2.5.1 (from versions: none)
ERROR: No matching distribution found for absl-py==2.5.1
"""
BAD_PROXY = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'ProxyError('Cannot connect to \
proxy.', NewConnectionError('Failed to establish a new connection: [Errno 111] Connection \
refused'))'
ERROR: Could not find a version that satisfies the requirement absl-py==2.5.1 (from versions: none)
"""
CERTIFICATE = """\
Could not fetch URL: There was a problem confirming the ssl certificate: SSLError(1, '[SSL: \
CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)')
ERROR: No matching distribution found for absl-py==2.5.1
"""
NO_WHEEL = """\
ERROR: Could not find a version that satisfies the requirement tensorflow==2.21.0 (from versions: \
none)
ERROR: No matching distribution found for tensorflow==2.21.0
"""
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
FORBIDDEN = (
    "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x.py'\n"
)
ELSE = "Collecting a\n  Downloading a.whl\nERROR: Something that nobody has seen before\n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (OFFLINE, 1, "can't reach a package index"),
        (BAD_PROXY, 1, "HTTPS_PROXY"),
        (CERTIFICATE, 1, "PIP_CERT"),
        (NO_WHEEL, 1, "found no tensorflow==2.21.0 for this machine"),
        (FULL, 1, "the disk is full"),
        (FORBIDDEN, 1, "can't be written to"),
        ("Collecting a\n", -9, "signal 9"),
        (ELSE, 1, "'ERROR: Something that nobody has seen before'"),
        ("", 1, "pip failed"),
    ],
)
def test_each_failure_has_one_sentence(words: str, code: int, told: str) -> None:
    sentence = install.explain(words, "pip", code)
    assert told in sentence
    assert "\n" not in sentence
    assert len(sentence) < 300
    assert "http" not in sentence.replace("HTTPS_PROXY", "")


def test_a_network_that_came_back_is_not_blamed() -> None:
    old_trouble = OFFLINE.splitlines()[0] + "\n"
    lines = [old_trouble, *(f"Collecting p{i}\n" for i in range(61)), ELSE]
    tail: list[str] = []
    for line in "".join(lines).splitlines(keepends=True):
        tail = [*tail[-60:], line]
    assert "nobody has seen" in install.explain("".join(tail), "pip")


def test_progress_counts_what_this_system_needs(capsys: pytest.CaptureFixture[str]) -> None:
    progress = install.Progress(3)
    progress.told -= 60
    progress.see("Ignoring appnope: markers 'sys_platform == \"darwin\"' don't match\n")
    progress.see("Requirement already satisfied: absl-py==2.5.1 in ./.venv (from -r x) (2.5.1)\n")
    assert capsys.readouterr().out == "  fetching 1 of 2 packages: absl-py ...\n"
    progress.see("Collecting attrs==26.1.0 (from -r .lock/requirements.txt (line 18))\n")
    progress.see("  Downloading attrs-26.1.0-py3-none-any.whl (67 kB)\n")
    progress.see("Installing collected packages: attrs\n")
    assert capsys.readouterr().out == "  unpacking them ...\n"
    assert (progress.seen, progress.total) == (2, 2)
