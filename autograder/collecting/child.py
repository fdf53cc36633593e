"""The process that unpacks: started by `uploads.py`, until its input ends.

    python -I -S child.py MEMORY

A line of JSON on its input asks for one upload; the answer is lines of JSON, a notebook's bytes
behind its line. It has its memory and its processor time from the system: if it ends, `uploads.py`
starts another for the next upload. It writes no file.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import IO

if __name__ == "__main__":  # after the standard library, so that nothing there is covered
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from autograder.collecting.inside import Answer, Source, TooMuch, handed, read
from autograder.text import first_line

READY = b"ready\n"
MEMORY = 1 << 30  # bytes of this process, the packed upload included


def serve(requests: IO[bytes], out: IO[bytes]) -> None:
    """Answer one request after the other."""
    source = Source()
    for line in requests:
        request = json.loads(line)
        allow(request["most"]["seconds"])
        answer = Answer(out, request["most"], request["kind"] == "look")
        try:
            if request["kind"] == "text":
                with source.file(request) as (file, _, piece):
                    answer.notebook((), read(file, request["most"]["notebook_bytes"], piece))
            else:
                handed(request, source, answer)
            last = {"untold": answer.untold}
            answer.line(kind="done", **last, **answer.used())
        except TooMuch as error:
            answer.line(kind="too much", what=str(error), **answer.used())
        except MemoryError:
            reason = "unpacking it takes more memory than an upload is given"
            answer.line(kind="failed", reason=reason, **answer.used())
        except OSError as error:
            reason = f"it can't be read: {error.strerror or first_line(error, 120)}"
            answer.line(kind="failed", reason=reason, **answer.used())
        except Exception as error:  # damaged in one of many ways
            from autograder.log import trace  # seldom needed

            reason = f"the zip file is broken there: {first_line(error, 120)}"
            answer.line(kind="failed", reason=reason, trace=trace(error), **answer.used())
        out.flush()


def bound(memory: int) -> None:
    """Let the system bound what this process may use, where it can."""
    try:
        import resource
    except ImportError:  # Windows: there the time by the clock is all
        return
    bounds = {"RLIMIT_AS": memory, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}
    for name, value in bounds.items():
        _, hard = resource.getrlimit(getattr(resource, name))
        if hard == resource.RLIM_INFINITY or value < hard:
            with contextlib.suppress(OSError, ValueError):  # macOS knows some, and holds none
                resource.setrlimit(getattr(resource, name), (value, value))


def allow(seconds: int) -> None:
    """Let this process compute for so long from now; then the system ends it."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    end = int(time.process_time()) + 1 + seconds
    if hard == resource.RLIM_INFINITY or end < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (end, hard))


if __name__ == "__main__":
    bound(int(sys.argv[1]))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)
