"""Which processes there are below another, whether they run, and what memory is theirs alone."""

from __future__ import annotations

import os

MOST_PROCESSES = 5_000  # looked at


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
        if len(found) > MOST_PROCESSES:
            break
    return found


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
