"""The kit as a wheel that pip installs: for Colab, Kaggle, and any Python that is there already."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from autograder.errors import AttnError
from autograder.site.wheels import KIT_VERSION

WHEEL = f"attention_kit-{KIT_VERSION}-py3-none-any.whl"


def put_wheel(root: Path, folder: Path) -> None:
    """Build the wheel of a checkout into a folder: the same bytes for the same files. AttnError."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode or not (folder / WHEEL).is_file():
        last = (done.stdout.strip().splitlines() or ["nothing"])[-1][:200]
        raise AttnError(
            f"The kit's wheel wasn't built: hatchling said '{last}'. Run `make install`, which "
            "brings hatchling, and try again."
        )
