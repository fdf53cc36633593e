"""Which tests share a process, where `make test` runs in several: those that start the same thing.

By itself, pytest-xdist gives each file to whichever process is free.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

#: Folders and files of one group run in one process, one after the other.
GROUPS = {
    "tests/authoring/test_build.py": "each lesson's checks worked out once, and kept",
    "tests/grading/test_strong_checks.py": "each lesson's checks worked out once, and kept",
    "tests/browser/": "one Chromium and one JupyterLab",
    "tests/classroom/": "one graded class",
    "tests/classifier/": "one import of TensorFlow",
    "tests/lessons/": "one import of TensorFlow",
    "tests/site/": "one site and one folder of Pyodide's files",
    "tests/grading/test_three_views.py": "one import of TensorFlow",
}


def group_of(nodeid: str) -> str:
    """The group of a test by its id; without one, its file."""
    file = nodeid.split("::", 1)[0]
    return next((group for begin, group in GROUPS.items() if file.startswith(begin)), file)


class GroupScheduling(LoadFileScheduling):  # type: ignore[misc]
    """Hands out groups of files, and all other tests by their files."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
