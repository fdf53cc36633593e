"""Messages to and from the grader: JSON with its length before it, over one inherited socket."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Mapping
from typing import Any

_encode = json.JSONEncoder(default=repr).encode  # kept: a notebook may patch the module
_decode = json.JSONDecoder().decode
_ROOM_FOR_ERROR = 100_000
LEAST_BYTES = 200  # what an output counts at least, so that there can't be too many
_PART_BYTES = 64  # what each value in it counts besides its letters


class Channel:
    """One end of the socket. Safe to send from several threads, silent in forked children."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._numbers: list[int] = []  # file descriptors that have come along
        self._lock = threading.RLock()
        self._owner = os.getpid()

    def is_mine(self) -> bool:
        """Whether this is the process that talks to the grader, not a child that a cell forked."""
        return os.getpid() == self._owner

    def adopt(self) -> None:
        """From now on it is this process, a fork, that talks to the grader."""
        self._owner = os.getpid()

    def send(self, message: Mapping[str, Any]) -> int:
        """Send one message; the number of its bytes. Raises OSError if nobody listens."""
        data = _encode(message).encode("ascii")
        with self._lock:
            if self.is_mine():
                self.socket.sendall(struct.pack("!I", len(data)) + data)
        return len(data)

    def taken(self) -> list[int]:
        """The file descriptors that have come with messages since the last time."""
        numbers, self._numbers = self._numbers, []
        return numbers

    def receive(self) -> Any:
        """The next message; None once the other side has closed. Waits for it."""
        head = self._exactly(4)
        if len(head) < 4:
            return None
        (length,) = struct.unpack("!I", head)
        data = self._exactly(length)
        return _decode(data.decode("ascii")) if len(data) == length else None

    def _exactly(self, length: int) -> bytes:
        parts = []
        while length > 0:
            part, numbers, _, _ = socket.recv_fds(self.socket, min(length, 1 << 20), 1)
            for number in numbers:
                os.set_inheritable(number, False)
            self._numbers += numbers
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


class Outputs:
    """The way of a cell's outputs to the grader: in order, and no more than it wants to have."""

    def __init__(self) -> None:
        self.channel: Channel | None = None  # without one, as while warming up, all is dropped
        self.most_bytes = 0
        self.sent_bytes = 0
        self.truncated = False

    def begin(self, most_bytes: int) -> None:
        """A new cell, with so many bytes of output."""
        self.most_bytes, self.sent_bytes, self.truncated = most_bytes, 0, False

    def send(self, kind: str, content: Mapping[str, Any]) -> None:
        """One output, unless there are too many already."""
        if self.channel is None or not self.channel.is_mine():
            return
        size = _length(content)
        if kind == "error" and size < _ROOM_FOR_ERROR:  # that there was one must be known
            self.channel.send({"output": kind, "content": content})
            return
        if self.sent_bytes > self.most_bytes:
            self.truncated = True
            return
        self.sent_bytes += max(size, LEAST_BYTES)
        if self.sent_bytes > self.most_bytes:
            self.truncated = True
        else:
            self.channel.send({"output": kind, "content": content})


def _length(content: Any) -> int:
    """About how many bytes it takes to keep this, as the grader counts; cheap for a giant one."""
    if isinstance(content, str):
        return _PART_BYTES + len(content)
    if isinstance(content, Mapping):
        return _PART_BYTES + sum(len(str(key)) + _length(item) for key, item in content.items())
    if isinstance(content, (list, tuple)):
        return _PART_BYTES + sum(map(_length, content))
    return _PART_BYTES
