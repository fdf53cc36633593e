"""Control groups: the kernel's own count of what all processes of a box use together.

Each box gets a group of Linux's "cgroup v2", below that of the grader, where the grader may make
some: as root, or where systemd has given its user that right. What ends is still counted there,
whoever started it. Memory and the number of processes are bounded too where the grader's group was
given to it for good, as `systemd-run --user --scope -p Delegate=yes attn grade ...` does; there the
graders themselves move into a group beside, as the kernel wants it.

No process inside a sandbox sees the groups' files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.boxes.box import Limits

_OWN, _LEAF = "attn-run-", "attn-graders"
_BOUNDED = frozenset(("memory", "pids"))
_MORE_PROCESSES = 4  # those that hold a box, and what is on its way
_REMOVE_SECONDS = 2.0


class Group:
    """One box's group. It is there until `close`."""

    def __init__(self, folder: Path, bounded: bool) -> None:
        self._folder, self.bounded = folder, bounded
        self._has_pressure = (folder / "cpu.pressure").exists()

    def add(self, process: int) -> None:
        """Move a process here; what it starts from then on is here too. Raises OSError."""
        if process <= 0:  # that would be this one
            raise ProcessLookupError
        _write(self._folder / "cgroup.procs", str(process))

    def cpu_seconds(self) -> float:
        """Processor time of all processes that are or were here."""
        return _counted(self._folder / "cpu.stat", "usage_usec") / 1e6

    def waited_seconds(self) -> float | None:
        """How long one of its processes at least stood in line for a processor; None: not known."""
        if self._has_pressure:
            with contextlib.suppress(OSError, IndexError, ValueError):  # switched off: an error
                some = (self._folder / "cpu.pressure").read_text(encoding="ascii").split("\n")[0]
                return int(some.rpartition("total=")[2]) / 1e6
            self._has_pressure = False
        return None

    def ran_out_of_memory(self) -> bool:
        """Has the kernel ended it because it needed more than it may have?"""
        with contextlib.suppress(OSError):
            return _counted(self._folder / "memory.events", "oom_kill") > 0
        return False

    def close(self) -> None:
        """End what is left in it, and remove it."""
        _remove(self._folder)


class Groups:
    """The groups of one maker of boxes, all below one folder that is held by a lock."""

    def __init__(self, folder: Path, held: int, bounded: bool) -> None:
        self._folder, self._held = folder, held
        self.bounded = bounded  # memory and number of processes, too
        self._count = 0

    def new(self, limits: Limits) -> Group | None:
        """A new group for a box with these limits; None if there can't be one any more."""
        self._count += 1
        folder = self._folder / f"box-{self._count}-{secrets.token_hex(2)}"
        try:
            folder.mkdir()
            if self.bounded:
                most = limits.memory_bytes + 3 * limits.disk_bytes
                _write(folder / "memory.max", str(most))
                _write(folder / "memory.oom.group", "1")
                _write(folder / "pids.max", str(limits.processes + _MORE_PROCESSES))
                with contextlib.suppress(OSError):  # a kernel without swap
                    _write(folder / "memory.swap.max", "0")
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return None
        return Group(folder, self.bounded)

    def close(self) -> None:
        """Remove all, with what is left in it."""
        _remove(self._folder)
        os.close(self._held)


def open_groups() -> Groups | None:
    """A place for groups of boxes, or None if this process may make none."""
    own = own_folder()
    if own is None:
        return None
    _sweep(own)
    try:
        bounded = _bound(own)
        folder = own / f"{_OWN}{secrets.token_hex(4)}"
        folder.mkdir()
        held = _hold(folder)
        if held is None or not (folder / "cpu.stat").exists():
            folder.rmdir()
            return None
        if bounded:
            _write(folder / "cgroup.subtree_control", "+memory +pids")
    except OSError:
        return None
    return Groups(folder, held, bounded)


def own_folder() -> Path | None:
    """The folder of the group that this process is in, if there is one that it may write to."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        own = next(line[3:] for line in lines if line.startswith("0::"))
        found = next(_mounts())
    except (OSError, StopIteration):
        return None
    root, place = found
    inside = os.path.relpath(own, root)
    folder = Path(place) if inside == "." else Path(place, inside)
    if ".." in Path(inside).parts or not folder.is_dir():
        return None
    if folder.name == _LEAF:
        folder = folder.parent
    return folder if os.access(folder, os.W_OK) else None


def _mounts() -> Iterator[tuple[str, str]]:
    """Where groups of version 2 are mounted: which group, and at what place."""
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        for line in lines:
            left, _, right = line.partition(" - ")
            if right.split()[0] == "cgroup2":
                yield left.split()[3], left.split()[4]


def _bound(own: Path) -> bool:
    """Have memory and processes bounded in groups below `own`; whether they are now."""
    if _words(own / "cgroup.subtree_control") >= _BOUNDED:
        return True
    if not _words(own / "cgroup.controllers") >= _BOUNDED or not _is_ours(own):
        return False
    leaf = own / _LEAF
    try:
        leaf.mkdir(exist_ok=True)
        for process in (own / "cgroup.procs").read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError):
                _write(leaf / "cgroup.procs", process)
        _write(own / "cgroup.subtree_control", "+memory +pids")
    except OSError:
        return False
    return True


def _is_ours(own: Path) -> bool:
    """Whether systemd has left all below this group to whoever is in it."""
    try:
        return os.getxattr(own, "user.delegate") == b"1"
    except OSError:
        return False


def _hold(folder: Path) -> int | None:
    """A lock that ends with this process; None if somebody else has swept the folder away."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fstat(held).st_ino == os.stat(folder).st_ino:
            return held
    except OSError:
        pass
    os.close(held)
    return None


def _sweep(own: Path) -> None:
    """Remove what graders have left that were ended before they could."""
    for folder in own.glob(f"{_OWN}*"):
        with contextlib.suppress(OSError):
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
            finally:
                os.close(held)


def _remove(folder: Path) -> None:
    """End all in a group and in those below it, and remove them."""
    end = time.monotonic() + _REMOVE_SECONDS
    with contextlib.suppress(OSError):
        (folder / "cgroup.kill").write_text("1", encoding="ascii")
    with contextlib.suppress(OSError):
        for below in folder.iterdir():
            if below.is_dir():
                _remove(below)
    while True:
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:  # what was in it is still ending
            if time.monotonic() > end:
                return
            time.sleep(0.002)


def _counted(file: Path, name: str) -> int:
    for line in file.read_text(encoding="ascii").splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _words(file: Path) -> frozenset[str]:
    try:
        return frozenset(file.read_text(encoding="ascii").split())
    except OSError:
        return frozenset()


def _write(file: Path, text: str) -> None:
    number = os.open(file, os.O_WRONLY)
    try:
        os.write(number, text.encode("ascii"))
    finally:
        os.close(number)
