"""How a fork of the warm process walls itself off before a submission's code runs in it.

Three processes result, as everywhere where there is a process namespace:

    warm process ── A, makes the namespaces and ends
                      └─ B, number 1 inside: mounts, then waits for C and ends with it
                           └─ C, the payload: no rights, with limits, behind a system call filter

When B ends, for whatever reason, the kernel ends everything inside with it. What C goes on to run
is not this module's business.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
from collections.abc import Mapping
from typing import Any

from . import seccomp

TERMINALS = "/dev/pts"
HOME = "/home/learner"  # the only place, with /tmp and /dev/shm, that can be written to
_libc = ctypes.CDLL(None, use_errno=True)

_NEW_NS, _NEW_UTS, _NEW_IPC = 0x00020000, 0x04000000, 0x08000000
_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND = 1, 2, 4, 8, 32, 4096
_REC, _PRIVATE = 0x4000, 0x40000
_SET_DUMPABLE, _CAPBSET_DROP = 4, 24
_SIOCSIFFLAGS, _IFF_UP_RUNNING = 0x8914, 0x1 | 0x40


def wall_off(limits: Mapping[str, Any], tell_pid: int) -> None:
    """Called in a fresh fork; returns in the payload only.

    The number of the process that holds all others is written to the file `tell_pid`, as text.
    Raises OSError in whichever process a step fails.
    """
    set_dumpable(True)  # or its own files below /proc would not be its own
    _make_namespaces()
    holder = os.fork()
    if holder:
        os.write(tell_pid, b"%d\n" % holder)
        os._exit(0)
    os.close(tell_pid)
    os.setsid()  # or a signal to "my group" would reach all other boxes, whatever their namespace
    _make_mounts(limits)
    _start_loopback()
    payload = os.fork()
    if payload:
        _hold(payload)
    drop_rights()
    set_limits(limits)
    seccomp.load(seccomp.program())


def set_dumpable(yes: bool) -> None:
    """Whether others of the same user may look into this process and its files below /proc."""
    _check(_libc.prctl(_SET_DUMPABLE, *_longs(int(yes), 0, 0, 0)), "dumpable")


def threads() -> int:
    """How many threads this process has; to be forked safely it must have one."""
    return len(os.listdir("/proc/self/task"))


def drop_rights() -> None:
    """No capability is left, none can be won back, and what is executed gains none."""
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, *_longs(capability, 0, 0, 0))  # unknown numbers are refused
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc.capset(header, bytes(24)), "capset")


def set_limits(limits: Mapping[str, Any]) -> None:
    """Limits of each process; the whole is bounded by the tmpfs sizes and the watchdog outside."""
    wanted = {
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_NPROC: limits.get("processes", resource.RLIM_INFINITY),
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_FSIZE: limits["disk_bytes"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 1 << 20,
    }
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        bounds = [int(n) for n in (most, hard) if n != resource.RLIM_INFINITY]
        value = min(bounds, default=resource.RLIM_INFINITY)
        resource.setrlimit(which, (value, value))


def _make_namespaces() -> None:
    user, group = os.getuid(), os.getgid()
    kinds = _NEW_USER | _NEW_NS | _NEW_PID | _NEW_IPC | _NEW_NET | _NEW_UTS
    _check(_libc.unshare(kinds), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def _make_mounts(limits: Mapping[str, Any]) -> None:
    """Empty, bounded folders to write to, and a /proc that shows this box only."""
    _mount(None, "/", None, _REC | _PRIVATE)
    kept = [(path, os.open(path, os.O_PATH)) for path in limits.get("kept", ())]
    size, files = int(limits["disk_bytes"]), int(limits["disk_files"])
    for folder in (HOME, "/tmp", "/dev/shm"):
        options = f"size={size},nr_inodes={files},mode=0700"
        _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, options)
    _mount_terminals()
    for path, number in kept:  # what of Python lies below those folders, read-only as it was
        _make_place(path, os.path.isdir(f"/proc/self/fd/{number}"))
        _mount(f"/proc/self/fd/{number}", path, None, _BIND | _REC)
        os.close(number)
    for around in {os.path.dirname(path) for path, _ in kept} - {HOME, "/tmp"}:
        _mount(around, around, None, _BIND | _REC)  # nothing is to be put beside them
        _mount(None, around, None, _BIND | _REMOUNT | _RDONLY | _NOSUID | _NODEV)
    flags = _NOSUID | _NODEV | _NOEXEC
    _mount("proc", "/proc", "proc", flags)
    for name in ("tcp_rmem", "tcp_wmem"):  # or one connection could hold tens of megabytes
        with contextlib.suppress(OSError):
            _write(f"/proc/sys/net/ipv4/{name}", "4096 65536 212992")
    _mount("/proc/sys", "/proc/sys", None, _BIND)
    _mount(None, "/proc/sys", None, _BIND | _REMOUNT | _RDONLY | flags)
    # or a session could say in `/proc/self/autogroup` that others are served before it
    _mount(None, "/proc", None, _BIND | _REMOUNT | _RDONLY | flags)


def _mount_terminals() -> None:
    """Terminals of this box's own, few of them; where a kernel gives none, there are none.

    `/dev/ptmx` is a link to `pts/ptmx`, so it makes terminals of these.
    """
    try:
        _mount("devpts", TERMINALS, "devpts", _NOSUID | _NOEXEC, "newinstance,max=16,ptmxmode=0666")
    except OSError:  # kernels that want a root user for it
        _mount("tmpfs", TERMINALS, "tmpfs", _NOSUID | _NODEV | _RDONLY, "size=4096,mode=0755")


def _make_place(path: str, for_folder: bool) -> None:
    """An empty folder, or an empty file, to put another one on."""
    os.makedirs(path if for_folder else os.path.dirname(path), exist_ok=True)
    if not (for_folder or os.path.exists(path)):
        os.close(os.open(path, os.O_CREAT, 0o644))


def _start_loopback() -> None:
    """The only network: this box's own 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", _IFF_UP_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def _hold(payload: int) -> None:
    """Number 1's work: bury the dead; end, and all inside with it, when the payload ends."""
    try:
        set_dumpable(False)
        os.closerange(0, 1 << 16)  # the payload's end must close what the payload had open
        drop_rights()
        seccomp.load(seccomp.program())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            dead, status = os.wait()
            if dead == payload:
                os._exit(0 if status == 0 else 1)
    finally:
        os._exit(1)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    result = _libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None)
    _check(result, f"mount on {target}")


def _write(file: str, text: str) -> None:
    with open(file, "w") as opened:
        opened.write(text)


def _longs(*numbers: int) -> list[ctypes.c_ulong]:
    return [ctypes.c_ulong(number) for number in numbers]


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
