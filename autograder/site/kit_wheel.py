"""The kit as a wheel that pip installs: for Colab, Kaggle, and any Python that is there already."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.site import programs
from autograder.site.wheels import KIT_VERSION

WHEEL = f"attention_kit-{KIT_VERSION}-py3-none-any.whl"


def put_wheel(root: Path, folder: Path, scratch: Path) -> None:
    """Build the wheel of a checkout into a folder: the same bytes for the same files. AttnError."""
    programs.run(
        "Hatchling, which builds the kit's wheel,",
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        scratch / "wheel.log",
        folder=root,
        settings={"PYTHONPATH": ""},
    )
