"""Talking with one box's child, with an eye on what it uses: time, memory, what it writes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

from autograder.boxes.box import CellStatus, Limits
from autograder.boxes.messages import NoMessageError, parse
from autograder.boxes.meter import SOCKET_BYTES, Meter, Usage
from autograder.boxes.outputs import LEAST_BYTES, OutputList
from autograder.boxes.time_limit import TimeLimit
from autograder.boxes.usage import number_of, proportional_bytes
from autograder.boxes.warm_process import Child

ENDED = "it ended the Python process it ran in"
_SEND_SECONDS = 30.0  # it may get no processor for a while
_MESSAGES = 4  # times the largest message: what all for one cell or exercise may come to
_DRAINED = 32  # times 64 kB: more than waits in a pipe


class StoppedError(Exception):
    """The box has ended, by our doing or its own; the text says why."""

    def __init__(self, reason: str, status: CellStatus) -> None:
        super().__init__(reason)
        self.status: CellStatus = status


class Link:
    """The grader's end of one child's socket and raw output."""

    def __init__(self, child: Child, limits: Limits, watched: int = 0) -> None:
        self._child, self._limits = child, limits
        self.process = watched or number_of(child.holder)
        self._meter = Meter(self.process, child.group, own_network=not watched)
        self._used = self._meter.look(time.monotonic())
        self._inherited = self._used.resident_bytes // max(self._used.processes, 1)
        self._next_count = 0.0
        self.waited_seconds = 0.0
        self._buffer = bytearray()
        self._raw = {child.out: "stdout", child.error: "stderr"}
        self._open = True
        child.connected.setblocking(False)
        for number in self._raw:
            os.set_blocking(number, False)

    def send(self, message: dict[str, Any], numbers: Sequence[int] = ()) -> None:
        """Ask the child for something, and hand it files. Raises StoppedError if it has ended."""
        data = json.dumps(message).encode("ascii")
        try:
            self._child.connected.settimeout(_SEND_SECONDS)
            head = struct.pack("!I", len(data))
            if numbers:
                socket.send_fds(self._child.connected, [head], numbers)
            else:
                data = head + data
            self._child.connected.sendall(data)
        except OSError:
            raise self._has_ended() from None
        self._child.connected.setblocking(False)

    def time_limit(self, seconds: float) -> TimeLimit:
        """So much processor time from now on, and `patience` times as much by the clock."""
        return TimeLimit(seconds, self._limits.patience, time.monotonic(), self._used)

    def receive(
        self, limit: TimeLimit, most_bytes: int, outputs: OutputList | None = None
    ) -> dict[str, Any]:
        """The next message of at most so many bytes, in the time for it and those before.

        What the child writes past IPython goes to `outputs`. Raises StoppedError.
        """
        while True:
            message = self._next_message(most_bytes, limit)
            now = time.monotonic()
            if message is not None and now < limit.next_look:
                return message
            if now >= min(limit.next_look, limit.end):
                self.waited_seconds += limit.looked(self._look(now), now)
                if limit.used > limit.seconds:
                    raise self.stop(limit.too_long(), "timeout")
            if message is not None:  # if late, then because we were: it has computed no longer
                return message
            if now >= limit.end:
                raise self.stop(limit.too_slow(), "timeout")
            self._wait(max(min(limit.next_look, limit.end) - now, 0.001), outputs)

    def drain(self, outputs: OutputList) -> None:
        """Take in what is left of the raw output."""
        for number in list(self._raw):
            for _ in range(_DRAINED):  # what it left running may write for ever
                if not self._read_raw(number, outputs):
                    break

    def stop(self, reason: str, status: CellStatus) -> StoppedError:
        """End all of the child's processes; the error to raise."""
        self.kill()
        return StoppedError(reason, status)

    def close(self) -> bool:
        """End everything in the box, which has ended when this returns; False if it had before."""
        if not self._open:
            return False
        self.kill()
        self._open = False
        ended = select.poll()  # not select(), which knows no file descriptor above 1,023
        ended.register(self._child.holder, select.POLLIN)  # readable once all have ended
        ended.poll(10_000)
        if self._child.group is not None:
            self._child.group.close()
        self._child.connected.close()
        for number in (self._child.holder, self._child.out, self._child.error):
            os.close(number)
        return True

    def kill(self) -> None:
        """End all of the child's processes. Any thread may do that."""
        with contextlib.suppress(OSError):
            if self._open:
                signal.pidfd_send_signal(self._child.holder, signal.SIGKILL)

    def _has_ended(self) -> StoppedError:
        """The error to raise where the box has ended by itself, or by the kernel's hand."""
        group = self._child.group
        too_large = group is not None and group.ran_out_of_memory()
        return self.stop(self._too_large() if too_large else ENDED, "dead")

    def _too_large(self) -> str:
        return f"it needed more than {self._limits.memory_bytes / 2**30:.3g} GiB of memory"

    def _look(self, now: float) -> Usage:
        """What it has used so far. Ends a box that uses too much of what is no time."""
        self._used = used = self._meter.look(now)
        if used.processes >= self._limits.processes:
            text = f"it started {self._limits.processes} processes and threads, the most allowed"
            raise self.stop(text, "dead")
        if self._is_too_large(used):
            raise self.stop(self._too_large(), "dead")
        return used

    def _is_too_large(self, used: Usage) -> bool:
        """Whether it has too much memory: what its processes share counts once, sockets as full.

        Most of what they share they have from the warm process. Between "surely too much" and
        "surely not" a look at every page decides, which is slow, so it is made once a second.
        """
        most = self._limits.memory_bytes - used.sockets * SOCKET_BYTES
        if used.resident_bytes <= most:
            return False
        if most < 0 or used.resident_bytes - used.processes * self._inherited > most:
            return True
        if time.monotonic() < self._next_count:
            return False
        counted = proportional_bytes(self.process)
        self._next_count = time.monotonic() + 1
        return counted > most

    def _wait(self, seconds: float, outputs: OutputList | None) -> None:
        numbers = [self._child.connected.fileno(), *self._raw]
        poll = select.poll()
        for number in numbers:
            poll.register(number, select.POLLIN)
        for number, _ in poll.poll(seconds * 1000):
            if number in self._raw:
                self._read_raw(number, outputs)

    def _read_raw(self, number: int, outputs: OutputList | None) -> bool:
        """Take in what was written to a file descriptor; whether there may be more."""
        try:
            data = os.read(number, 1 << 16)
        except OSError:  # nothing there
            return False
        if not data:
            del self._raw[number]
        elif outputs is not None and not outputs.truncated:
            outputs.add_text(self._raw[number], data.decode("utf-8", "replace"))
        return bool(data)

    def _next_message(self, most_bytes: int, limit: TimeLimit) -> dict[str, Any] | None:
        """A message if a whole one has come, else None."""
        while True:
            if len(self._buffer) >= 4:
                (length,) = struct.unpack("!I", self._buffer[:4])
                if max(length, (limit.received_bytes + length) / _MESSAGES) > most_bytes:
                    raise self.stop("it sent more than the grader reads", "dead")
                if len(self._buffer) >= 4 + length:
                    limit.received_bytes += max(length, LEAST_BYTES)
                    return self._take(length, most_bytes)
            try:
                data = self._child.connected.recv(1 << 18)
            except BlockingIOError:
                return None
            except OSError:
                data = b""
            if not data:
                raise self._has_ended()
            self._buffer += data

    def _take(self, length: int, most_bytes: int) -> dict[str, Any]:
        data = bytes(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        try:
            return parse(data, most_bytes)
        except NoMessageError:
            raise self.stop("it sent the grader something that is no message", "dead") from None
