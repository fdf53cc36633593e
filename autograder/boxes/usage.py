"""What a box uses: processor time, memory and processes of everything below its first process."""

from __future__ import annotations

import os
from dataclasses import dataclass

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_MOST = 5_000  # processes looked at


@dataclass(frozen=True)
class Usage:
    """Of all processes together. `resident_bytes` counts shared memory more than once."""

    cpu_seconds: float
    processes: int
    resident_bytes: int


def tree(first: int) -> list[int]:
    """The process `first` and all its descendants, by number."""
    found = [first]
    for process in found:
        try:
            threads = os.listdir(f"/proc/{process}/task")
            for thread in threads:
                with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                    found.extend(int(child) for child in file.read().split())
        except OSError:  # it has ended meanwhile
            continue
        if len(found) > _MOST:
            break
    return found


def usage(first: int) -> Usage:
    """What `first` and its descendants use now, and the processor time of those that have ended."""
    ticks = count = resident = 0
    for process in tree(first):
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            with open(f"/proc/{process}/statm", "rb") as file:
                pages = [int(number) for number in file.read().split()]
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
        count += int(fields[17])  # its threads: the limit of processes counts them too
        resident += pages[1] * os.sysconf("SC_PAGESIZE")
    return Usage(ticks / _TICKS, count, resident)


def proportional_bytes(first: int) -> int:
    """The memory of `first` and its descendants; what n processes share counts 1/n for each."""
    total = 0
    for process in tree(first):
        try:
            with open(f"/proc/{process}/smaps_rollup", "rb") as file:
                for line in file:
                    if line.startswith((b"Pss:", b"SwapPss:")):
                        total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


def is_running(process: int) -> bool:
    """Is there such a process, other than one that has ended and is not buried yet?"""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def number_of(pidfd: int) -> int:
    """The process that a pidfd means, as this process sees it; 0 if it has ended."""
    with open(f"/proc/self/fdinfo/{pidfd}") as file:
        for line in file:
            if line.startswith("Pid:"):
                return max(int(line.split()[1]), 0)
    return 0
