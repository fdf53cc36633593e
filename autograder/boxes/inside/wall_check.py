"""Tries the walls from inside, as a submission would: a cell of a box that ends after it."""

from __future__ import annotations

from typing import Any


def check_walls(facts: dict[str, Any]) -> dict[str, str]:
    """Each protection's name -> what went wrong with it, "" if it holds.

    `facts`: "hidden" files of the grader's, a "port" on which it listens, and the box's own
    "memory_bytes", "processes", "open_files", "disk_bytes" and "disk_files"; "missing" names the
    protections that it does without.
    """
    import contextlib
    import ctypes
    import os
    import signal
    import socket
    import sys
    import threading

    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/status") as lines:
        status = dict(line.split(":", 1) for line in lines)

    def files() -> str:
        for file in facts["hidden"]:
            with contextlib.suppress(OSError):
                os.listdir(file) if os.path.isdir(file) else open(file).close()
                return f"{file} can be read"
        return ""

    def writing() -> str:
        places = (
            "/",
            "/attn",
            "/etc",
            "/usr",
            "/dev",
            "/home",
            sys.prefix,
            os.path.dirname(os.__file__),
        )
        for folder in places:
            with contextlib.suppress(OSError):
                open(os.path.join(folder, "attn-probe"), "w").close()
                return f"{folder} can be written to"
        return ""

    def network() -> str:
        for where in (("127.0.0.1", facts["port"]), ("192.0.2.1", 80), ("169.254.169.254", 80)):
            with contextlib.suppress(OSError):
                socket.create_connection(where, timeout=0.5).close()
                return f"{where[0]} was reached"
        for family in (16, 40):  # netlink, and the machine that this one runs on
            with contextlib.suppress(OSError):
                socket.socket(family, socket.SOCK_STREAM).close()
                return f"sockets of family {family} can be made"
        return ""

    def rights() -> str:
        if 0 in os.getresuid() + os.getresgid():
            return "it runs as root"
        if any(int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")):
            return "it has capabilities"
        return "" if status["NoNewPrivs"].strip() == "1" else "it may gain rights"

    def kernel() -> str:
        for file in ("core_pattern", "hostname", "pid_max"):
            with contextlib.suppress(OSError):
                os.close(os.open(f"/proc/sys/kernel/{file}", os.O_WRONLY))
                return f"/proc/sys/kernel/{file} can be written to"
        return ""

    def calls() -> str:
        if status["Seccomp"].strip() != "2":
            return "no filter"
        for name, arguments in (
            ("unshare", (0x10000000,)),
            ("ptrace", (16, os.getppid(), 0, 0)),
            ("memfd_create", (b"x", 0)),
            ("shmget", (0, 4096, 0o1600)),
            ("mount", (b"none", b"/tmp", b"tmpfs", 0, None)),
        ):
            if getattr(libc, name)(*arguments) != -1:
                return f"{name} is allowed"
        return ""

    def processes() -> str:
        others: list[int] = []
        with contextlib.suppress(OSError):
            others = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
        if set(others) - {1, os.getpid()}:
            return "processes of others can be seen"
        with contextlib.suppress(OSError):
            os.close(os.open("/proc/1/environ", os.O_RDONLY))
            return "the environment of its first process can be read"
        return ""

    def process_limit() -> str:
        children = []
        try:
            for _ in range(facts["processes"]):
                child = os.fork()
                if child == 0:
                    signal.pause()
                    os._exit(0)
                children.append(child)
        except OSError:
            return ""
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        return f"it could start {len(children)} processes"

    def memory() -> str:
        try:
            bytearray(facts["memory_bytes"])
        except MemoryError:
            return ""
        return "a process could have as much memory as it wants"

    def disk() -> str:
        for folder in (".", "/tmp", "/dev/shm"):
            file = os.path.join(folder, "big")
            try:
                with open(file, "wb") as opened:
                    for _ in range(2):
                        opened.write(bytes(facts["disk_bytes"] - 1000))
                return f"{folder} took more than it may hold"
            except OSError:
                pass
            finally:
                with contextlib.suppress(OSError):
                    os.remove(file)
        return ""

    def disk_files() -> str:
        os.mkdir("many")
        try:
            for number in range(facts["disk_files"] + 1):
                open(f"many/{number}", "w").close()
        except OSError:
            return ""
        return "it could make any number of files"

    def open_files() -> str:
        opened = []
        try:
            for _ in range(facts["open_files"] + 1):
                opened.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            return ""
        finally:
            for number in opened:
                os.close(number)
        return "it could open any number of files"

    def environment() -> str:
        secret = [name for name in os.environ if name in facts["environment"]]
        return f"{secret[0]} of the grader's environment is seen" if secret else ""

    tries = (
        *(files, writing, network, rights, kernel, calls, processes, environment),
        *(process_limit, memory, disk, disk_files, open_files),
    )
    assert threading.active_count() == 1
    named = {trial.__name__.replace("_", " "): trial for trial in tries}
    return {name: trial() for name, trial in named.items() if name not in facts["missing"]}
