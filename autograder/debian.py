"""Debian's packages, for what tests need besides Python: a browser, a database, npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def can_install() -> bool:
    """May we install packages? Only as root, and only on Debian and its relatives."""
    return (
        shutil.which("apt-get") is not None
        and Path("/etc/debian_version").exists()
        and hasattr(os, "geteuid")
        and os.geteuid() == 0
    )


def install(*packages: str) -> str | None:
    """Install packages; no question is asked. Returns a sentence if that didn't work, else None.

    The lists of packages are brought up to date only if it doesn't work with those that are there.
    """
    command = ["install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    done = _apt_get(*command, *packages)
    if done.returncode:
        _apt_get("update")  # one dead mirror can still be followed by an install that works
        done = _apt_get(*command, *packages)
    if done.returncode == 0:
        return None
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"'apt-get install {packages[0]}' failed: {last}"


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["apt-get", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
