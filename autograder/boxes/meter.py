"""What a box uses, looked at again and again: what has ended between two looks is not forgotten."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.boxes.groups import Group
from autograder.boxes.usage import MOST_PROCESSES

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGESIZE") if hasattr(os, "sysconf") else 4096
_CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Usage:
    """Of all processes of a box together. `resident_bytes` counts shared memory more than once."""

    cpu_seconds: float  # from its first look on
    waited_seconds: float  # how long it stood in line for a processor
    processes: int  # and threads
    resident_bytes: int
    sockets: int


@dataclass(frozen=True)
class _Process:
    """One process as it was at a look. Times are in ticks."""

    number: int
    born: int
    runs: bool
    own: int
    buried: int  # of its children that it has waited for
    threads: int
    resident_bytes: int


class Meter:
    """The meter of one box: of `first` and all its descendants, or of its control group.

    Without a group nobody tells what a process used that its parent did not wait for. So a meter
    keeps what it saw last of such processes; and counts as if each new one that it comes upon
    running had run since the look before, which is right on the average, as looks come at random.
    """

    def __init__(self, first: int, group: Group | None = None, own_network: bool = True) -> None:
        self.first, self._group = first, group
        self._counts_sockets = own_network and not (group is not None and group.bounded)
        self._before: dict[tuple[int, int], _Process] = {}
        self._lines: dict[int, int] = {}  # task -> nanoseconds in line
        self._at = 0.0
        self._forgotten = 0  # ticks of processes that are gone and in nobody's count
        self._sampled = 0.0
        self._waited = 0.0

    def look(self, now: float) -> Usage:
        """What is used now; `now` is the time of this look by the monotonic clock."""
        tasks: list[str] = []
        found = {(p.number, p.born): p for p in _processes(self.first, tasks)}
        waited = self._group.waited_seconds() if self._group else None
        if waited is None:
            waited = self._waited = self._waited + self._in_line(tasks)
        return Usage(
            self._group.cpu_seconds() if self._group else self._cpu_seconds(found, now),
            waited,
            sum(process.threads for process in found.values()),
            sum(process.resident_bytes for process in found.values()),
            _sockets(self.first) if self._counts_sockets else 0,
        )

    def _cpu_seconds(self, found: dict[tuple[int, int], _Process], now: float) -> float:
        """The larger of two counts: of what was seen, and of what that lets expect."""
        known = found.keys() & self._before.keys()
        gone = sum(p.own + p.buried for key, p in self._before.items() if key not in known)
        buried = sum(found[key].buried - self._before[key].buried for key in known)
        self._forgotten += max(gone - buried, 0)
        seen = sum(p.own + p.buried for p in found.values()) + self._forgotten
        if self._at:
            grown = sum(found[key].own - self._before[key].own for key in known) / _TICKS
            since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
            new = (p for key, p in found.items() if key not in known and p.runs)
            ages = (since_boot - p.born / _TICKS for p in new)
            running = sorted((min(age, now - self._at) for age in ages), reverse=True)
            self._sampled += grown + sum(running[:_CORES])
        else:
            self._sampled = seen / _TICKS
        self._before, self._at = found, now
        return max(seen / _TICKS, self._sampled)

    def _in_line(self, tasks: list[str]) -> float:
        """Seconds that its tasks stood in line since the look before."""
        lines = {}
        for task in tasks:
            try:
                with open(f"{task}/schedstat", "rb") as file:
                    lines[int(task.rpartition("/")[2])] = int(file.read().split()[1])
            except (OSError, IndexError):  # it has ended, or the kernel keeps no such count
                continue
        grown = sum(max(waited - self._lines.get(task, 0), 0) for task, waited in lines.items())
        self._lines = lines
        return grown / 1e9


def _processes(first: int, tasks: list[str]) -> Iterator[_Process]:
    """`first` and its descendants; the folders of all their tasks are added to `tasks`."""
    found = [first]
    for number in found:
        folder = f"/proc/{number}/task"
        try:
            names = os.listdir(folder)
            for name in names:
                with open(f"{folder}/{name}/children", "rb") as file:
                    found.extend(map(int, file.read().split()))
            with open(f"/proc/{number}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        tasks.extend(f"{folder}/{name}" for name in names)
        user, system, waited, more = (int(field) for field in fields[11:15])
        yield _Process(
            number,
            born=int(fields[19]),
            runs=fields[0] == b"R",
            own=user + system,
            buried=waited + more,
            threads=int(fields[17]),
            resident_bytes=int(fields[21]) * _PAGE,
        )
        if len(found) > MOST_PROCESSES:
            break


def _socket_bytes() -> int:
    """What one socket may hold, sent and received, and as much again for what it takes to keep it.

    No program in a box can have more than the default.
    """
    total = 0
    for name in ("wmem_default", "rmem_default"):
        try:
            with open(f"/proc/sys/net/core/{name}", encoding="ascii") as file:
                total += int(file.read())
        except (OSError, ValueError):
            total += 212_992
    return 2 * total


SOCKET_BYTES = _socket_bytes()


def _sockets(first: int) -> int:
    """How many sockets there are in the network that a process is in."""
    try:
        with open(f"/proc/{first}/net/sockstat", "rb") as file:
            return int(file.readline().split()[2])
    except (OSError, IndexError, ValueError):
        return 0
