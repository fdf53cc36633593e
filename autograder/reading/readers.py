"""The grader's side of the processes that read what learners hand in: started, asked, watched.

Such a process has little memory and little time, and only tells what it found as a few lengths and
texts. Whatever becomes of it with a file is that file's own reason, an UnreadableError; but before
a process that ended is taken for the file's doing, the file is read once more by another one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.closing import Closing
from autograder.course import lesson_number
from autograder.log import logger
from autograder.reading.child import READY
from autograder.reading.lift import Frame, Lifted, LiftedCell, Standing
from autograder.reading.notebook import (
    MAX_BYTES,
    LessonTold,
    Picture,
    UnreadableError,
    refuse_large,
)

log = logger(__name__)
SECONDS = 10.0  # of processor time for one file; the largest that are read take about three
_START_SECONDS = 20.0
PATIENCE = 6  # times as long by the clock, on a machine that is busy
_LOOK = 0.05  # seconds between looks at the time
_LARGE = 2_000_000  # bytes of a file after which a process has grown for good
_LONGEST_HEAD = 1_000_000  # bytes: 2,000 cells, and what was repaired
_CHILD = Path(__file__).with_name("child.py")
# what a Python may need to start; nothing else of ours is there
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
ENDED = "the file ends the program that reads notebooks"


class _LostError(Exception):
    """The process has ended, or was ended; the text is the reason that the file gets."""

    def __init__(self, reason: str, is_sure: bool = False) -> None:
        super().__init__(reason)
        self.is_sure = is_sure  # that it was the file's doing


class Readers(Closing):
    """Reading processes, each used by one thread at a time. They are started when needed."""

    def __init__(self, most_idle: int = 64) -> None:
        self._most_idle = most_idle
        self._lock = threading.Lock()
        self._idle: list[_Reader] = []
        self._all: set[_Reader] = set()
        self._closed = False

    def start(self, number: int = 1) -> None:
        """Have so many on their way, so that who comes first need not wait."""
        for _ in range(number):
            reader = self._opened()
            with self._lock:
                self._idle.append(reader)

    def lift(self, raw: bytes, frame: Frame, everything: bool = False) -> Lifted:
        """The answers and own cells in a submitted file; see `lift.lift`. UnreadableError."""
        head, rest = self._ask({"do": "lift", "everything": everything}, frame.to_json(), raw)
        cells = []
        try:
            for given, kind, length, part_of, named in head["cells"]:
                text = None if length is None else rest[:length].tobytes().decode()
                rest = rest[length or 0 :]
                pictures = []
                for name, image, size in named:
                    pictures.append(Picture(name, image, rest[:size].tobytes().decode("ascii")))
                    rest = rest[size:]
                cells.append(LiftedCell(given, kind, text, part_of, tuple(pictures)))
            standing = [Standing(name, at, tuple(names)) for name, at, names in head["standing"]]
            spared = {int(index): str(text) for index, text in head["spared"]}
            repairs = list(map(str, head["repairs"]))
            lifted = Lifted(cells, repairs, head["unneeded"], standing, spared)
            if _fits(lifted, frame):
                return lifted
        except (LookupError, TypeError, ValueError):
            pass
        raise UnreadableError(ENDED)  # so much has it been confused

    def lesson_told(self, raw: bytes) -> LessonTold:
        """What a notebook tells of its lesson. UnreadableError."""
        head, _ = self._ask({"do": "lesson"}, "", raw)
        try:
            return LessonTold(str(head["name"]), int(head["number"]))
        except (LookupError, TypeError, ValueError):
            raise UnreadableError(ENDED) from None

    def lesson_of(self, raw: bytes, lessons: Sequence[str]) -> str | None:
        """Which of these lessons a notebook is of, None if it doesn't tell. UnreadableError."""
        told = self.lesson_told(raw)
        if told.name:
            return told.name if told.name in lessons else None
        found = [name for name in lessons if lesson_number(name) == told.number]
        return found[0] if len(found) == 1 else None  # of a lesson's two notebooks, which?

    def close(self) -> None:
        """End all, also in the middle of a file; whoever waits for it gets a RuntimeError."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = [reader for reader in self._all if reader not in idle]
        for reader in busy:
            reader.kill()
        for reader in idle:
            self._end(reader)

    def _ask(
        self, request: dict[str, Any], frame: str, raw: bytes
    ) -> tuple[dict[str, Any], memoryview]:
        refuse_large(raw)
        try:
            return self._ask_once(request, frame.encode(), raw)
        except _LostError as lost:
            if lost.is_sure:
                raise UnreadableError(str(lost)) from None
            log.warning("A process that reads notebooks is lost (%s); once more.", lost)
        try:  # somebody else may have ended it: a machine short of memory ends what it likes
            return self._ask_once(request, frame.encode(), raw)
        except _LostError as lost:
            raise UnreadableError(str(lost)) from None

    def _ask_once(
        self, request: dict[str, Any], frame: bytes, raw: bytes
    ) -> tuple[dict[str, Any], memoryview]:
        reader = self._taken()
        try:
            reply = reader.ask(request, frame, raw)
        except BaseException as error:
            self._end(reader)
            if self._closed and isinstance(error, _LostError):
                raise RuntimeError("grading was stopped") from None
            raise
        with self._lock:
            keep = len(raw) <= _LARGE and len(self._idle) < self._most_idle and not self._closed
            if keep:
                self._idle.append(reader)
        if not keep:
            self._end(reader)
        if "unreadable" in reply[0]:
            if "trace" in reply[0]:
                log.error("The reading of a notebook failed.\n%s", reply[0]["trace"])
            raise UnreadableError(str(reply[0]["unreadable"]))
        return reply

    def _taken(self) -> _Reader:
        while True:
            with self._lock:
                if not self._idle:
                    break
                reader = self._idle.pop()
                if not reader.is_ours():
                    self._all.discard(reader)
                    continue
            return reader
        return self._opened()

    def _opened(self) -> _Reader:
        reader = _Reader()
        with self._lock:
            self._all.add(reader)
        if self._closed:
            self._end(reader)
            raise RuntimeError("grading was stopped")
        return reader

    def _end(self, reader: _Reader) -> None:
        reader.close()
        with self._lock:
            self._all.discard(reader)


def _fits(lifted: Lifted, frame: Frame) -> bool:
    """Whether these are the released cells in their order, with texts where a learner may write."""
    given = [frame.by_id[cell.given] for cell in lifted.cells if cell.given]
    own = [cell for cell in lifted.cells if not cell.given]
    return (
        given == list(frame.cells)
        and all(frame.by_id[c.given].is_answer for c in lifted.cells if c.given and c.text)
        and all(cell.kind in ("code", "markdown") for cell in own)
        and all(not c.part_of or frame.by_id[c.part_of].is_answer for c in lifted.cells)
        and all(lifted.cells[i].kind == "code" for i in (*lifted.unneeded, *lifted.spared))
        and all(c.kind == "markdown" for c in lifted.cells if c.pictures)
        and all(picture.is_sound() for c in lifted.cells for picture in c.pictures)
        and all(
            s.cell in range(len(lifted.cells))
            and {*s.renewed} <= {*frame.by_id[s.answer].functions}
            for s in lifted.standing
        )
    )


class _Reader:
    """One process. It inherits nothing of ours but the two pipes on which we talk."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).anchor,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,  # an interrupt at the terminal is ours, not its
        )

    def is_ours(self) -> bool:
        """Whether it was started by this process, not by one that it was forked from."""
        return self._owner == os.getpid()

    def ask(
        self, request: dict[str, Any], frame: bytes, raw: bytes
    ) -> tuple[dict[str, Any], memoryview]:
        """The reply's first line, and the bytes after it. _LostError if there is none."""
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None
        assert received is not None
        if not self._ready:
            with self._watched(_START_SECONDS):
                self._ready = received.readline() == READY
            if not self._ready:
                raise RuntimeError("the process that reads notebooks does not start")
        with self._watched(SECONDS) as stopped:
            head = {**request, "frame": len(frame), "raw": len(raw)}
            try:
                for part in (json.dumps(head).encode() + b"\n", frame, raw):
                    sent.write(part)
                sent.flush()
                reply = dict(json.loads(received.readline(_LONGEST_HEAD)))
                cells = reply.get("cells", ())
                length = sum((c[2] or 0) + sum(size for *_, size in c[4]) for c in cells)
                rest = received.read(length) if 0 < length <= 2 * MAX_BYTES else b""
                if len(rest) != length:
                    raise EOFError
            except (
                OSError,
                LookupError,
                ValueError,
                TypeError,
                EOFError,
            ):  # it has ended in the middle of it
                raise stopped[0] if stopped else _LostError(ENDED) from None
        return reply, memoryview(rest)

    @contextlib.contextmanager
    def _watched(self, seconds: float) -> Iterator[list[_LostError]]:
        """Ends the process when its time is up. The list has the reason then."""
        stopped: list[_LostError] = []
        done = threading.Event()

        def watch() -> None:
            end = time.monotonic() + seconds * PATIENCE
            most = self._seconds() + seconds
            while not done.wait(_LOOK):
                if self._seconds() > most:
                    reason = f"reading the file takes more than {seconds:g} s of computing"
                    stopped.append(_LostError(reason, is_sure=True))
                elif time.monotonic() > end:
                    reason = f"the file could not be read within {seconds * PATIENCE:g} s"
                    stopped.append(_LostError(reason))
                if stopped:
                    self.kill()
                    return

        watcher = threading.Thread(target=watch, name="reader's watch", daemon=True)
        watcher.start()
        try:
            yield stopped
        finally:
            done.set()
            watcher.join()

    def _seconds(self) -> float:
        """Processor time used so far; 0 where the system does not tell it."""
        try:
            with open(f"/proc/{self._process.pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it. Any thread may do that."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and wait until it has ended."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


SHARED = Readers(most_idle=2)  # for whoever reads a file now and then
atexit.register(SHARED.close)
