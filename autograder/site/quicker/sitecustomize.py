"""Runs as Python starts in a browser: a folder of notebooks is listed once in a second at most.

Python looks for each module beside the notebook first. There every look is a message to the page
and back, and before the first cell has ended it was a hundred of them, for files that aren't there.
"""

from __future__ import annotations

import os
import sys
import time
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

DRIVE = "/drive"  # where JupyterLite has what the page's storage holds
SECONDS = 1.0


class Folder(FileFinder):
    """Modules in a folder whose names are known for a moment: what isn't listed isn't asked for."""

    until = 0.0
    names: frozenset[str] = frozenset()

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        if time.monotonic() >= self.until:
            try:
                listed = os.listdir(self.path)
            except OSError:
                listed = []
            self.names = frozenset(name.removesuffix(".py") for name in listed)
            self.until = time.monotonic() + SECONDS
        if fullname.rpartition(".")[2] not in self.names:
            return None
        return super().find_spec(fullname, target)

    def invalidate_caches(self) -> None:
        self.until = 0.0
        super().invalidate_caches()


def folder_of_the_drive(path: str) -> Folder:
    """A path hook: `Folder` for what lies on the drive. ImportError for all else."""
    if path != DRIVE and not path.startswith(f"{DRIVE}/"):
        raise ImportError(path)
    return Folder(path, (SourceFileLoader, [".py"]))


sys.path_hooks.insert(0, folder_of_the_drive)
