"""What stands for sys.stdout and sys.stderr in a box: print goes to the grader as outputs."""

from __future__ import annotations

import io
import os
import time
from typing import Any

from .channel import Outputs

_SECONDS = 0.1  # text is held back no longer than this, if more is written
_LETTERS = 1 << 16


class OutputStream(io.TextIOBase):
    """A text stream whose text becomes `stream` outputs. A child that a cell forks writes raw."""

    def __init__(self, name: str, number: int, outputs: Outputs) -> None:
        self._name, self._number, self._outputs = name, number, outputs
        self._held: list[str] = []
        self._letters = 0
        self._sent = self._since = 0.0

    name = property(lambda self: f"<{self._name}>")
    encoding = "UTF-8"
    errors = "replace"

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """A cell that closes its output closes nothing."""

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        outputs = self._outputs
        if outputs.channel is not None and not outputs.channel.is_mine():
            os.write(self._number, text.encode("utf-8", "replace"))
            return len(text)
        room = outputs.most_bytes - outputs.sent_bytes - self._letters
        if len(text) > room:
            outputs.truncated = True
        self._held.append(text[: max(room, 0)])
        self._letters += len(self._held[-1])
        now = time.monotonic()
        if len(self._held) == 1:
            self._since = now
        # print writes a line's end apart from the rest
        due = now - self._sent > _SECONDS if text.endswith("\n") else now - self._since > _SECONDS
        if due or self._letters >= _LETTERS:
            self.flush()
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        text, self._held, self._letters = "".join(self._held), [], 0
        if text:
            self._sent = time.monotonic()
            self._outputs.send("stream", {"name": self._name, "text": text})
