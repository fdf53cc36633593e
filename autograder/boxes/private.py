"""Folders that no box may show, wherever they lie: the grader, the course, the class.

Usually they are outside of all that a box sees. But an environment can be made in the course's own
folder, and a course or a class can lie below the folder that Python is installed in.
"""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path

import attnkit

from autograder.course import find_course
from autograder.errors import AttnError
from autograder.files import user_folder

#: What of a Python environment is shown if it is such a folder itself.
OF_PYTHON = ("bin", "include", "lib", "lib32", "lib64", "libexec", "pyvenv.cfg", "share", "ssl")
_MOST_FILES = 3  # of each folder that a box is asked to look for
_kept: dict[str, None] = {}


def keep_private(*folders: Path | None) -> None:
    """From now on no new sandbox of this process shows these folders."""
    for folder in folders:
        if folder is not None and folder.is_dir():
            _kept[os.path.realpath(folder)] = None


def private_folders(with_checks: bool = False) -> list[str]:
    """The real path of each such folder.

    That of the visible checks' data, with what is expected, is among them unless `with_checks`.
    """
    grader = Path(__file__).parents[1]
    found = [str(grader), *_kept, str(user_folder())]
    try:
        course = find_course()
        found += [str(course.root), str(course.solutions)]
    except AttnError:  # there is none around: what is graded belongs to one that was kept private
        pass
    for prefix in (sys.prefix, sys.base_prefix):  # installed, perhaps more than once
        found += glob.glob(f"{prefix}/lib*/python*/site-packages/autograder")
        if not with_checks:
            found += glob.glob(f"{prefix}/lib*/python*/site-packages/attnkit/released")
    if not with_checks:
        found.append(str(Path(attnkit.__file__).with_name("released")))
        found.append(os.environ.get("ATTNKIT_RELEASED", ""))
    real = (os.path.realpath(folder) for folder in found if folder and os.path.isdir(folder))
    return list(dict.fromkeys(real))


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, at whatever depth."""
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def files_to_look_for(with_checks: bool = False) -> list[str]:
    """Some files of each such folder: a box that can open one of them is no sandbox."""
    found: list[str] = []
    for folder in private_folders(with_checks):
        own = os.path.realpath(sys.prefix)
        count = len(found)
        for where, below, names in os.walk(folder):
            shown = OF_PYTHON if where == own else ()
            below[:] = sorted(
                name for name in below if name not in shown and os.path.join(where, name) != own
            )
            found += [os.path.join(where, name) for name in sorted(names) if name not in shown]
            if len(found) >= count + _MOST_FILES:
                break
        del found[count + _MOST_FILES :]
    return found
