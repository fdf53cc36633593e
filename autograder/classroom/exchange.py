"""nbgrader's exchange, through nbgrader's own commands, so that the class's configuration holds."""

from __future__ import annotations

import re
import subprocess
import sys

from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder

_SECONDS = 600
_LEVEL = re.compile(r"^\[\w+ \| (?P<level>\w+)\] (?P<said>.*)$")
_DRESS = re.compile(r"\x1b\[[0-9;]*m")


def release_to_exchange(folder: ClassFolder, lesson: str, force: bool) -> None:
    """Put a lesson where students fetch it. AttnError in nbgrader's words."""
    _nbgrader(folder, "release_assignment", lesson, *(["--force"] if force else []))


def collect_from_exchange(folder: ClassFolder, lesson: str) -> list[str]:
    """Bring what was submitted, newer versions over older ones; what nbgrader warns of."""
    return _nbgrader(folder, "collect", lesson, "--update")


def _nbgrader(folder: ClassFolder, command: str, *arguments: str) -> list[str]:
    """Run one of nbgrader's commands in the class's folder; its warnings. AttnError."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, *arguments],
            cwd=folder.root, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise AttnError(
            f"nbgrader {command} did not end in {_SECONDS} seconds in {folder.root}: look at the "
            "exchange, and try again."
        ) from None
    lines = [_DRESS.sub("", line) for line in done.stderr.splitlines()]
    told = [found for found in map(_LEVEL.match, lines) if found]
    wrong = [found["said"] for found in told if found["level"] in ("ERROR", "CRITICAL")]
    if done.returncode != 0:
        last = wrong[0] if wrong else (lines[-1] if lines else "no reason given")
        raise AttnError(f"nbgrader {command} {arguments[0]}: {last.rstrip('.')}.")
    return [found["said"] for found in told if found["level"] == "WARNING" and found["said"]]
