"""The weaker walls, for machines that refuse namespaces: Landlock, and a stricter call filter.

Landlock lets a process give up files for ever. What it does not cover is refused by the filter:
sockets, changes of files' attributes, signals to others. No own file system, so disk space is
bounded for each file only; no own process numbers, so the grader ends what a box leaves behind.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from . import confine, seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # landlock_*: the same numbers on every machine
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _READ_FOLDER, _TRUNCATE, _DEVICE_CALLS = 1, 2, 4, 8, 0x4000, 0x8000
_OF_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _DEVICE_CALLS
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_SET_SUBREAPER = 36
stands = False  # whether this process, or one that it was forked from, is fenced off


def version() -> int:
    """Which version of Landlock this kernel has; 0 if none."""
    return max(int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)), 0)


def adopt_orphans() -> None:
    """Let what a child leaves behind become ours, so that it can be found."""
    _libc.prctl(_SET_SUBREAPER, *(ctypes.c_ulong(n) for n in (1, 0, 0, 0)))


def fence_off(
    limits: Mapping[str, Any], readable: Iterable[str], listed: Iterable[str], folder: str
) -> None:
    """Leave this process only `readable` to read and `folder` to write to. Raises OSError.

    Of the folders `listed` it learns the names of what is in them, and no more.
    """
    global stands
    confine.set_dumpable(True)
    os.setsid()
    number = version()
    if number < 1:
        raise OSError("this kernel has no Landlock")
    every = (1 << 13) - 1
    every |= 0x2000 * (number >= 2) | _TRUNCATE * (number >= 3) | _DEVICE_CALLS * (number >= 5)
    attributes = struct.pack("QQQ", every, 0x3 if number >= 4 else 0, 0x3 if number >= 6 else 0)
    attributes = attributes[: 8 if number < 4 else 16 if number < 6 else 24]
    rules = _libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    own = (f"/proc/{os.getpid()}", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
    for path in (*readable, *own):
        _allow(rules, path, every & (_EXECUTE | _READ | _READ_FOLDER))
    for path in listed:
        _allow(rules, path, every & _READ_FOLDER)
    for path in _DEVICES:
        _allow(rules, path, every & (_READ | _WRITE))
    _allow(rules, folder, every)
    # the limit of processes would count all of this user's, so the grader counts instead
    confine.set_limits({name: most for name, most in limits.items() if name != "processes"})
    _libc.prctl(38, *(ctypes.c_ulong(n) for n in (1, 0, 0, 0)))  # PR_SET_NO_NEW_PRIVS
    if _libc.syscall(_RESTRICT, rules, 0):
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(rules)
    seccomp.load(seccomp.program(alone=False, scoped=number >= 6))
    stands = True


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH)
    except OSError:  # what is not there need not be allowed
        return
    if not os.path.isdir(path):
        rights &= _OF_FILES
    rule = struct.pack("=Qi", rights, opened)
    result = _libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0)
    os.close(opened)
    if result:
        raise OSError(ctypes.get_errno(), f"landlock_add_rule for {path}")
