"""What one student handed in is unpacked in a process of its own, which memory and time bound.

The process reads one upload after another. One that is too much for it costs that upload: the
process ends, or is ended, and the next upload is read by a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from autograder.closing import Closing
from autograder.collecting import child
from autograder.collecting.outside import OuterFile, shown
from autograder.errors import AttnError
from autograder.grading.submissions import MAX_BYTES
from autograder.log import logger
from autograder.text import plain_text

log = logger(__name__)
# of one student, all their uploads together
MOST_BYTES = 200_000_000  # of notebooks
MOST_NOTEBOOKS = 200
MOST_FILES = 50_000  # in zip files
MOST_SECONDS = 60  # of computing
# of one upload
MOST_ZIP_BYTES = 200_000_000  # packed
MOST_SECONDS_ONCE = 20
CLOCK_SECONDS = 300.0  # a disk, or a machine that is busy otherwise, may take its time
_LONGEST_LINE = 200_000
_MOST_TEXT = 100  # bytes of a small file


@dataclass(frozen=True)
class HandedFile:
    """A notebook that was handed in: as the file `outer` of the source, or `inner` in that zip."""

    outer: OuterFile
    inner: tuple[str, ...]
    raw: bytes

    @property
    def shown(self) -> str:
        return shown_within(self.outer, self.inner)


@dataclass(frozen=True)
class Refused:
    """A file that can't be taken, and why. `other`: it is not even called a notebook."""

    shown: str
    reason: str
    other: bool = False


@dataclass
class Upload:
    """What came out of one file of the source."""

    notebooks: list[HandedFile] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass
class Quota:
    """What may still be read of one student's."""

    bytes: int = field(default_factory=lambda: MOST_BYTES)
    notebooks: int = field(default_factory=lambda: MOST_NOTEBOOKS)
    files: int = field(default_factory=lambda: MOST_FILES)
    seconds: int = field(default_factory=lambda: MOST_SECONDS)

    def why_too_much(self, what: str) -> str:
        """Why an upload is more than what is left; to be asked before that is taken off."""
        most, held = {
            "bytes": (MOST_BYTES, f"{MOST_BYTES / 1e6:.0f} MB of notebooks"),
            "notebooks": (MOST_NOTEBOOKS, f"{MOST_NOTEBOOKS} notebooks"),
            "files": (MOST_FILES, f"{MOST_FILES:,} files"),
        }.get(what, (None, ""))
        if most is None:
            return "its list of files is longer than is read"
        alone = getattr(self, what) == most
        return f"{'it holds' if alone else 'with it they handed in'} more than {held}"

    def take(self, used: dict[str, Any]) -> None:
        self.bytes = max(0, self.bytes - int(used["bytes"]))
        self.notebooks = max(0, self.notebooks - int(used["notebooks"]))
        self.files = max(0, self.files - int(used["files"]))
        self.seconds = max(0, self.seconds - int(used["seconds"]))


class _EndedError(Exception):
    """The process that reads is gone, or talks nonsense; the text is why, as far as it is known."""

    def __init__(self, reason: str = "", is_sure: bool = False) -> None:
        super().__init__(reason)
        self.is_sure = is_sure  # that it was the upload's doing


def shown_within(outer: OuterFile, inner: tuple[str, ...]) -> str:
    """A file's place as a person may read it; a zip that was handed in looks like a folder."""
    if not inner:
        return outer.shown
    return shown((*outer.parts[:-1], outer.parts[-1][:-4], *inner))


class Unpacker(Closing):
    """Reads the uploads of one source, each within its student's quota."""

    def __init__(self, source: Path) -> None:
        self._source = os.path.abspath(source)
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, file: OuterFile, quota: Quota, look: bool = False) -> Upload:
        """The notebooks of one upload. What is wrong with it is told in `refused`, never raised.

        Who only wants to `look` gets them without what they hold.
        """
        if file.problem:
            return _whole(file, file.problem)
        if not (file.is_notebook or file.is_zip):
            return Upload(refused=[Refused(file.shown, "it is no notebook (.ipynb)", other=True)])
        if look and file.is_notebook:
            return Upload([HandedFile(file, (), b"")])
        seconds = min(MOST_SECONDS_ONCE, quota.seconds)
        if seconds <= 0:
            return _whole(file, "what else they handed in took all of one student's time")
        kind = "look" if look else "read"
        try:
            return self._ask(file, kind, quota, seconds, MAX_BYTES)
        except _EndedError as error:
            quota.seconds -= seconds
            if error.is_sure:
                return _whole(file, str(error))
        try:  # somebody else may have ended it: a machine short of memory ends what it likes
            return self._ask(file, kind, quota, seconds, MAX_BYTES)
        except _EndedError as error:
            quota.seconds -= seconds
            return _whole(file, str(error))

    def text(self, file: OuterFile) -> bytes:
        """How a small file of the source begins; nothing if it can't be read."""
        try:
            got = self._ask(file, "text", Quota(), MOST_SECONDS_ONCE, _MOST_TEXT)
        except _EndedError:
            return b""
        return got.notebooks[0].raw if got.notebooks else b""

    def _ask(
        self, file: OuterFile, kind: str, quota: Quota, seconds: int, notebook_bytes: int
    ) -> Upload:
        process = self._running()
        request = {
            "kind": kind, "source": self._source, "parts": file.parts,
            "member": file.member, "name": file.name,
            "most": {
                "bytes": quota.bytes, "notebooks": quota.notebooks, "files": quota.files,
                "seconds": seconds, "notebook_bytes": notebook_bytes, "zip_bytes": MOST_ZIP_BYTES,
            },
        }  # fmt: skip
        began = time.monotonic()
        watch = threading.Timer(CLOCK_SECONDS, process.kill)
        watch.daemon = True
        watch.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            return _answer(process.stdout, file, quota, notebook_bytes + 1)
        except (OSError, ValueError, KeyError, TypeError, _EndedError):
            process.kill()
            out_of_time = process.wait() == -getattr(signal, "SIGXCPU", 1_000)
            self.close()
            if out_of_time:
                reason = f"reading it took more than {seconds} s of computing"
                raise _EndedError(reason, is_sure=True) from None
            reason = "reading it ended the process that reads, or took far too long"
            raise _EndedError(reason, is_sure=time.monotonic() - began > CLOCK_SECONDS) from None
        except BaseException:  # it is in the middle of an answer that nobody waits for
            self.close()
            raise
        finally:
            watch.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-I", "-S", child.__file__, str(child.MEMORY)]
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    start_new_session=True,  # an interrupt at the terminal is ours, not its
                )  # fmt: skip
            except OSError as error:
                raise AttnError(
                    f"The program that unpacks can't be started ({error.strerror}): nothing more "
                    "is collected; run the command again when the machine has room."
                ) from None
            self._process = process
            assert process.stdout is not None
            if process.stdout.readline(_LONGEST_LINE) != child.READY:
                self.close()
                raise AttnError(
                    "The program that unpacks does not run here: nothing more is collected; run "
                    f"it by hand to see why: {' '.join(command)}"
                )
        return self._process

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent yet can't be now
                    pipe.close()


def _whole(file: OuterFile, reason: str) -> Upload:
    return Upload(refused=[Refused(file.shown, plain_text(reason, 200, keep=""))])


def _answer(out: IO[bytes], file: OuterFile, quota: Quota, largest: int) -> Upload:
    """Take in what the process says of an upload."""
    upload = Upload()
    while True:
        line = out.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise _EndedError
        told = json.loads(line)
        kind = told["kind"]
        if kind == "notebook":
            size = int(told["size"])
            raw = out.read(size) if 0 <= size <= largest else b""
            if len(raw) != size:
                raise _EndedError
            upload.notebooks.append(HandedFile(file, tuple(told["parts"]), raw))
        elif kind == "refused":
            place = shown_within(file, tuple(told["parts"]))
            reason = plain_text(told["reason"], 200, keep="")
            upload.refused.append(Refused(place, reason, bool(told["other"])))
        elif kind == "too much":
            reason = quota.why_too_much(told["what"])
            quota.take(told)
            return _whole(file, reason)
        elif kind == "failed":
            quota.take(told)
            if "trace" in told:
                log.warning("%s can't be unpacked.\n%s", file.shown, told["trace"])
            return _whole(file, told["reason"])
        else:
            quota.take(told)
            if told["untold"]:
                reason = f"{told['untold']} more files in it can't be taken"
                upload.refused.append(Refused(file.shown, reason))
            return upload
