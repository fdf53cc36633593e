"""The grader's side of a warm process: start it in the sandbox, ask it for children, replace it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.boxes.box import BoxFault, Limits
from autograder.boxes.groups import Group, Groups
from autograder.boxes.usage import number_of, tree
from autograder.text import plain_text

_LAUNCHER = Path(__file__).parent / "launch.py"
_START_SECONDS = 120.0  # TensorFlow from a cold disk takes its time
_ANSWER_SECONDS = 60.0
MOST_FILES = 1 << 16  # a message over a socket takes 253: more than a box's processes send at once


@dataclass
class Child:
    """A submission's own processes: the socket to talk on, its raw output, and a hold on it."""

    connected: socket.socket
    out: int
    error: int
    holder: int  # a pidfd: when that process ends, the kernel ends all others of the child
    seconds: dict[str, float]
    group: Group | None = None  # where all of its processes are counted


class WarmProcess:
    """One warm process in its sandbox. Its methods may be called from several threads.

    It must be started in a thread that lives as long as it: when that thread ends, so does it.
    """

    def __init__(self, make_plan: Callable[[int], dict[str, Any]], flavour: str) -> None:
        started = time.monotonic()
        _open_many_files()
        self.flavour = flavour
        self.forked = 0
        self._lock = threading.Lock()
        self._ended, self._retired = 0, False
        self._counting = threading.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        plan = make_plan(theirs.fileno())
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(plan)],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            ready, _ = self._receive(_START_SECONDS)
        except BoxFault:
            self.close()
            raise BoxFault(f"the sandbox does not start: {self._last_words()}") from None
        self.threads = int(ready["ready"]["threads"])
        #: names in its environment that were not given to it: what it imported has set them
        self.own_environment = frozenset(map(str, ready["own"]))
        self.seconds = {
            "start": time.monotonic() - started - ready["ready"]["seconds"],
            "warm": float(ready["ready"]["seconds"]),
        }
        if self.threads != 1:
            self.close()
            raise BoxFault("the warm process has threads, so it can't be forked")

    def is_alive(self) -> bool:
        """Does it answer? If so, whatever ended in a child of its was the child's own doing."""
        try:
            with self._lock:
                return bool(self._ask({"do": "ping"}, [])[0].get("alive"))
        except BoxFault:
            return False

    def fork(self, limits: Limits, folder: str = "", groups: Groups | None = None) -> Child:
        """A new child behind walls of its own. Raises BoxFault if there can't be one.

        `folder` is what it may write to, where it can have no file system of its own.
        It gets one of the `groups`, if there are some.
        """
        started = time.monotonic()
        ours, theirs = socket.socketpair()
        out, out_end = os.pipe()
        error, error_end = os.pipe()
        given = [theirs.fileno(), out_end, error_end]
        try:
            with self._lock:
                request = {"do": "fork", "limits": inner_limits(limits), "folder": folder}
                answer, numbers = self._ask(request, given)
            if len(numbers) == 1:
                self.own_environment = frozenset(map(str, answer["own"]))
                with self._counting:
                    self.forked += 1
        except BaseException:
            _close(ours, out, error)
            raise
        finally:
            _close(theirs, out_end, error_end)
        if len(numbers) != 1:
            reason = _reason(ours, answer)
            _close(ours, out, error, *numbers)
            raise BoxFault(f"the sandbox gives no child: {reason}")
        group = _counted(numbers[0], groups.new(limits) if groups else None)
        forked = time.monotonic() - started
        return Child(ours, out, error, numbers[0], {"fork": forked}, group)

    def child_ended(self) -> None:
        """A child that it forked has ended."""
        with self._counting:
            self._ended += 1
        self._close_if_unused()

    def retire(self) -> None:
        """It is asked for no more children, and ends with the last of those that it has."""
        self._retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        with self._counting:
            unused = self._retired and self._ended >= self.forked
        if unused:
            self.close()

    def close(self) -> None:
        """End it, and everything inside with it. A second time does nothing."""
        self._control.close()
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()

    def _ask(self, request: dict[str, Any], numbers: list[int]) -> tuple[dict[str, Any], list[int]]:
        try:
            data = json.dumps(request).encode()
            if numbers:
                socket.send_fds(self._control, [data], numbers)
            else:
                self._control.sendall(data)
        except OSError:
            raise BoxFault("the warm process has ended") from None
        return self._receive(_ANSWER_SECONDS)

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        try:
            self._control.settimeout(seconds)
            data, numbers, _, _ = socket.recv_fds(self._control, 1 << 16, 4)
        except OSError:  # a timeout is one too
            raise BoxFault("the warm process does not answer") from None
        if not data:
            raise BoxFault("the warm process has ended")
        return json.loads(data), list(numbers)

    def _last_words(self) -> str:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            lines = stream.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return plain_text(lines[-1], 300) if lines else "it ends without a word"


def _open_many_files() -> None:
    """Let this process, and the warm one, have more files than any box.

    Files on their way over sockets are counted for a user: who has less room than a box could be
    kept by it from sending any, and a warm process sends one for each child.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _counted(holder: int, group: Group | None) -> Group | None:
    """Put a child into its group while it puts up its walls; the group that it is in now, if any.

    Nothing of a learner's runs in it before it is asked to, and that is later. What its holder has
    started before it was in the group is there to be seen then; what it starts after is in it.
    """
    if group is not None:
        try:
            first = number_of(holder)
            group.add(first)
            for process in tree(first)[1:]:
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                    group.add(process)
        except OSError:
            group.close()
            return None
    return group


def inner_limits(limits: Limits) -> dict[str, int]:
    """The limits that the child sets itself, and whether it draws the course's pictures."""
    return {
        "pictures": limits.everything,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": int(3 * limits.submission_seconds) + 10,
        "processes": limits.processes,
        "open_files": limits.open_files,
        "disk_bytes": limits.disk_bytes,
        "disk_files": limits.disk_files,
    }


def _reason(connected: socket.socket, answer: dict[str, Any]) -> str:
    """Why a child could not wall itself off: it may have said so on its own socket."""
    with contextlib.suppress(OSError, ValueError):
        connected.settimeout(1)
        data = connected.recv(4096)
        return plain_text(str(json.loads(data[4:])["failed"]), 300)
    return plain_text(str(answer.get("failed", "no reason")), 300)


def _close(*things: socket.socket | int) -> None:
    for thing in things:
        with contextlib.suppress(OSError):
            if isinstance(thing, int):
                os.close(thing)
            else:
                thing.close()
