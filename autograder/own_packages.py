"""The course's own packages come first, whatever PYTHONPATH leads to.

ROS, the modules of computing centres and many a guide set PYTHONPATH, and then another NumPy, made
for another Python, stands before the one that was installed with the course. Nothing but the
standard library may be imported here: others' packages are what this is about.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_VARIABLE = "PYTHONPATH"
_OURS = ("autograder", "attnkit")
_set_to = os.environ.get(_VARIABLE, "")  # before it was changed here


def put_first() -> None:
    """Look for packages in others' folders last, and start programs without them."""
    if sys.flags.ignore_environment:
        return
    others = set(_others())
    if not others:
        return
    sys.path[:] = [place for place in sys.path if place not in others] + sorted(
        others & set(sys.path), key=sys.path.index
    )
    ours = [place for place in _set_to.split(os.pathsep) if os.path.abspath(place) not in others]
    if ours:
        os.environ[_VARIABLE] = os.pathsep.join(ours)
    else:
        del os.environ[_VARIABLE]


def _others() -> list[str]:
    """The folders that PYTHONPATH names, but for a checkout of ours."""
    named = map(os.path.abspath, _set_to.split(os.pathsep)) if _set_to else ()
    return [
        place
        for place in dict.fromkeys(named)
        if not any(os.path.isfile(os.path.join(place, own, "__init__.py")) for own in _OURS)
    ]


def hidden_by_others() -> dict[str, list[str]]:
    """Which packages of the course a folder of PYTHONPATH would hide, by folder."""
    own: set[str] = set()
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        own |= _importable(place)
    found = {place: sorted(_importable(place) & own) for place in _others()}
    return {place: names for place, names in found.items() if names}


def _importable(place: str) -> set[str]:
    """The names of what can be imported from a folder."""
    try:
        inside = list(Path(place).iterdir())
    except OSError:
        return set()
    names = set()
    for path in inside:
        if path.suffix in (".py", ".so", ".pyd") and path.is_file():
            names.add(path.name.partition(".")[0])
        elif path.name.isidentifier() and path.name != "__pycache__" and path.is_dir():
            names.add(path.name)
    return names
