"""What decides about results, in words that can be compared: versions of packages, code of ours."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable
from pathlib import Path


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
