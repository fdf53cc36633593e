"""What tests of the checkout itself share: the files that git keeps."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file that git keeps, relative to the checkout."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of tracked files to look at")
    list_command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(list_command, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\0") if name]
