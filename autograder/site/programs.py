"""Other programs that make a site: their words go into a log, a failure is one sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import AttnError

MINUTES = 30  # longer than any of them takes on a busy machine


def run(
    name: str,
    command: Sequence[object],
    log: Path,
    *,
    folder: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end. AttnError with its first words and where all of them are.

    name: what a person calls it. folder: where it runs. settings: what its environment has besides.
    """
    try:
        with open(log, "w", encoding="utf-8") as out:
            code = subprocess.run(
                [str(word) for word in command],
                cwd=folder,
                env={**os.environ, **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=60 * MINUTES,
                check=False,
            ).returncode
    except subprocess.TimeoutExpired:
        raise AttnError(f"{name} didn't end in {MINUTES} minutes; {log} has its words.") from None
    if code:
        words = log.read_text("utf-8", "replace").strip().splitlines() or ["nothing"]
        raise AttnError(f"{name} stopped, saying '{_telling(words)}'; {log} has all its words.")


def _telling(words: Sequence[str]) -> str:
    """The line that says what is wrong: Sphinx's first warning, or a program's last error."""
    warnings = [line for line in words if "WARNING:" in line]
    wrong = [line for line in words if "rror:" in line]
    return [*warnings[:1], *wrong[-1:], words[-1]][0].strip()[:300]
