"""Which walls held when they were tried: for a single verdict, once since the machine was started.

A verdict on one's own answer should come at once, and trying the walls takes a third of its time.
What was found is kept for this boot of the machine, this user, these namespaces and security
settings, these programs and these folders; with one of them another one, all are tried again. It
lies in the folder of the user's hidden seed, which no box shows. Who grades a class tries them
before each run, whatever was found before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path

from autograder.boxes.flavours import draws
from autograder.boxes.walls import environment, layers
from autograder.files import user_folder, write_durably

_OURS = Path(__file__).parent
_SETTINGS = (
    *("/proc/sys/kernel/random/boot_id", "/proc/sys/kernel/osrelease", "/proc/self/attr/current"),
    *("/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces"),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
)


def held_before(program: str, flavour: str) -> bool:
    """Whether the walls of this bubblewrap's boxes were tried, and held, where nothing differs."""
    try:
        return _file().read_text("ascii") == _facts(program, flavour)
    except (OSError, ValueError):
        return False


def they_hold(program: str, flavour: str) -> None:
    """Note that they do, now that all have been tried."""
    with contextlib.suppress(OSError):  # then they are tried the next time, too
        write_durably(_file(), _facts(program, flavour), mode=0o600)


def _file() -> Path:
    return user_folder() / "walls_that_held"


def _facts(program: str, flavour: str) -> str:
    """A name for all that the walls depend on."""
    facts = [
        *(_text(file) for file in _SETTINGS),
        *(f"{name} {os.readlink(f'/proc/self/ns/{name}')}" for name in os.listdir("/proc/self/ns")),
        f"{os.getuid()} {os.getgid()} {sorted(os.getgroups())}",
        *(_version(Path(file)) for file in (program, sys.executable)),
        *(_version(file) for file in sorted(_OURS.rglob("*.py"))),
        json.dumps([list(layers(fonts=draws(flavour))), environment(), flavour]),
    ]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _text(file: str) -> str:
    try:
        return Path(file).read_text("utf-8", errors="replace")
    except OSError:
        return "none"


def _version(file: Path) -> str:
    """Which file that is, as long as nobody writes to it."""
    facts = file.stat()
    return f"{file} {facts.st_dev} {facts.st_ino} {facts.st_size} {facts.st_mtime_ns}"
