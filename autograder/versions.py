"""What decides about results, in words that can be compared: versions of packages, code of ours."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable
from pathlib import Path

import attnkit

_COMPUTE = ("numpy", "scipy", "scikit-learn", "keras", "tensorflow", "jax", "torch")
_OURS = Path(__file__).parent


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """The versions of packages; "missing" for one that is not here."""
    found = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def digest_of(files: Iterable[Path]) -> str:
    """A name for what files hold, in their order: another one if a letter is another one."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def what_decides(sources: Path) -> str:
    """All that a lesson's checks come from, in words: libraries, our own code, its sources.

    sources: the lesson's folder, with its authored files.
    """
    return f"{libraries()} {code()} {digest_of(python_files(sources))}"


@functools.cache
def libraries() -> str:
    """What computes here: other versions give other last digits."""
    found = [platform.python_version(), platform.machine(), os.environ.get("KERAS_BACKEND", "")]
    return f"{found} {versions_of(_COMPUTE)}"


@functools.cache
def code() -> str:
    """Our own code that has a part in making checks."""
    own = [*python_files(Path(attnkit.__file__).parent), *python_files(_OURS / "authoring")]
    return digest_of([*own, *python_files(_OURS / "judging")])


def python_files(folder: Path) -> list[Path]:
    """All of them, at whatever depth, in one order."""
    return sorted(folder.rglob("*.py"))
