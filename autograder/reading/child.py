"""The process that reads: requests on standard input, replies on standard output, until it closes.

    python -I -S child.py

A request is a line of JSON ({"do", "frame", "raw", …}, with the lengths of what follows), then the
released notebook's frame, then the submitted file. A reply is a line of JSON and the bytes that it
announces, so that the grader has nothing to parse that a learner wrote.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

if __name__ == "__main__":  # after the standard library, so that nothing there is covered
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from autograder.reading.lift import Frame, lift
from autograder.reading.notebook import UnreadableError, lesson_told

READY = b"ready\n"
MEMORY_BYTES = 1 << 30  # above what the process has before it reads anything


def main() -> None:
    """Answer requests until there are no more."""
    replies = sys.stdout.buffer
    bound_memory()
    warnings.simplefilter("ignore")  # of Python's parser, on a learner's code: nobody reads them
    replies.write(READY)
    replies.flush()
    while head := sys.stdin.buffer.readline():
        for part in answer(json.loads(head), sys.stdin.buffer):
            replies.write(part)
        replies.flush()


def bound_memory() -> None:
    """Let this process have so much more memory, on systems where that can be said."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm") as file:
            most = int(file.read().split()[0]) * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def answer(request: dict[str, object], source: BinaryIO) -> list[bytes]:
    """The reply to one request, whose other parts are read from `source`."""
    frame, raw = (source.read(int(str(request[part]))) for part in ("frame", "raw"))
    try:
        if request["do"] == "lesson":
            return [_line(lesson_told(raw)._asdict())]
        return _lifted(raw, _frame(frame), bool(request["everything"]))
    except UnreadableError as error:
        reason = str(error)
    except MemoryError:
        reason = f"reading the file takes more than {MEMORY_BYTES >> 20} MB of memory"
    except Exception as error:  # nothing that somebody has sent stops the others
        reason = f"the file can't be read as a notebook ({type(error).__name__})"
        from autograder.log import trace  # seldom needed

        return [_line({"unreadable": reason, "trace": trace(error)})]
    return [_line({"unreadable": reason})]


def _lifted(raw: bytes, frame: Frame, everything: bool) -> list[bytes]:
    lifted = lift(raw, frame, everything)
    texts = [None if cell.text is None else cell.text.encode() for cell in lifted.cells]
    blobs = []
    for cell, text in zip(lifted.cells, texts, strict=True):
        blobs += [text or b"", *(picture.data.encode("ascii") for picture in cell.pictures)]
    head = {
        "cells": [
            [
                *(cell.given, cell.kind, None if text is None else len(text), cell.part_of),
                [[picture.name, picture.kind, len(picture.data)] for picture in cell.pictures],
            ]
            for cell, text in zip(lifted.cells, texts, strict=True)
        ],
        "repairs": lifted.repairs,
        "unneeded": lifted.unneeded,
        "standing": [[s.answer, s.cell, list(s.renewed)] for s in lifted.standing],
        "spared": [[index, text] for index, text in lifted.spared.items()],
    }
    return [_line(head), *blobs]


@lru_cache(maxsize=8)
def _frame(text: bytes) -> Frame:
    return Frame.from_json(text.decode())


def _line(data: dict[str, object]) -> bytes:
    return json.dumps(data).encode("ascii") + b"\n"


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
    os._exit(0)  # nothing to tidy: whoever started it has gone or wants no more
