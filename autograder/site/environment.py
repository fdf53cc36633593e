"""The environment that builds a site, JupyterLite and Sphinx, with versions that the course hasn't.

It lies in `build/site/`, is made from `.lock/requirements-site.txt` in half a minute, and stays
until that lock is another one. Two commands at once: the second waits.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import AttnError
from autograder.files import try_lock
from autograder.install import PATIENCE, explain

LOCK = Path(".lock") / "requirements-site.txt"
_ASTRAY = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_CONSTRAINT", "PIP_USER")
_BIN = "Scripts" if os.name == "nt" else "bin"


def ready(root: Path, build: Path) -> Path:
    """The Python of that environment, made if it isn't there. AttnError: what went wrong."""
    lock = root / LOCK
    try:
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    except OSError:
        raise AttnError(f"This checkout lacks {LOCK}: get it whole.") from None
    folder = build / f"environment-{digest}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / _BIN / ("python.exe" if os.name == "nt" else "python")
    whole = folder / "whole"
    if whole.is_file() and python.exists():
        return python
    with _only_one(build):
        if not (whole.is_file() and python.exists()):
            _make(folder, python, lock, build / "install.log")
            whole.touch()
    return python


def _make(folder: Path, python: Path, lock: Path, log: Path) -> None:
    for old in folder.parent.glob("environment-*"):
        shutil.rmtree(old)
    pip = ["-m", "pip", "install", "--no-deps", "--no-compile", "--no-input", "--no-color"]
    quiet = ["--disable-pip-version-check", "--progress-bar", "off", "--requirement", str(lock)]
    for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), *pip, *quiet]):
        done = subprocess.run(
            command,
            env=_clean(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        log.write_text(done.stdout, encoding="utf-8")
        if done.returncode:
            words = explain(done.stdout, "pip", done.returncode)
            words = words.replace("build/install.log", str(log))
            raise AttnError(f"The site's own environment can't be made: {words}")


def _clean() -> dict[str, str]:
    """The environment without what would lead Python or pip astray; indexes and proxies stay."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in _ASTRAY
    }


@contextlib.contextmanager
def _only_one(build: Path) -> Iterator[None]:
    handle = os.open(build / "install.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        end = time.monotonic() + PATIENCE
        while not try_lock(handle):
            if time.monotonic() > end:
                raise AttnError("Another `attn site` doesn't end: stop it, and try again.")
            time.sleep(0.5)
        yield
    finally:
        os.close(handle)
