"""The sandboxed box: one walled-off child of a warm process, cells and calls over one socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from autograder.boxes.box import BoxDiedError, BoxError, BoxFault, CellResult, CellStatus, Limits
from autograder.boxes.functions import FunctionServer, taken_out
from autograder.boxes.link import ENDED, Link, StoppedError
from autograder.boxes.outputs import OutputList, errors_in
from autograder.boxes.questions import WIRE, Questions
from autograder.boxes.warm_process import Child
from autograder.closing import Closing
from autograder.text import plain_text

if TYPE_CHECKING:
    from attnkit.checking.wire import Answer, Call, Plain

_SMALL = 1 << 16  # bytes of what comes with every message


class SandboxedBox(Closing):
    """One submission's box. `alive` tells whether the warm process that it came from still is.

    Where a box's processes can't be told by their first one, those below `watched` are its own, and
    `afterwards` cleans up. Functions that are given to a learner's test run where `functions` has
    them run; without it beside the test.
    """

    def __init__(
        self,
        child: Child,
        limits: Limits,
        kind: str,
        alive: Callable[[], bool],
        watched: int = 0,
        afterwards: Callable[[], None] = lambda: None,
        functions: FunctionServer | None = None,
    ) -> None:
        self.kind, self.limits = kind, limits
        self._alive, self._functions = alive, functions
        self._busy = threading.RLock()
        self._link = Link(child, limits, watched)
        self._questions = Questions(self._link, limits)
        self._afterwards = afterwards
        started = time.monotonic()
        try:
            message = self._link.receive(self._link.time_limit(limits.start_seconds), _SMALL)
        except StoppedError as error:
            message = {"failed": str(error)}
        if "ready" not in message:
            self.close()
            reason = plain_text(str(message.get("failed", message)), 300)
            raise BoxFault(f"the sandbox gives no child: {reason}")
        self.seconds = {**child.seconds, "confine": time.monotonic() - started}

    def waited_seconds(self) -> float:
        return self._link.waited_seconds

    def run_cell(self, source: str, goes_on: bool = True) -> CellResult:
        """Run one cell; see `Box.run_cell`. Raises BoxFault if it was lost, but not by its doing.

        Whether cells go on where something is not there, a box's first one says for all.
        """
        with self._busy:
            return self._run_cell(source, goes_on)

    def _run_cell(self, source: str, goes_on: bool) -> CellResult:
        limits = self.limits
        outputs = OutputList(limits.output_bytes)
        status: CellStatus = "ok"
        reason, truncated = "", False
        most_bytes = 6 * limits.output_bytes + _SMALL  # JSON may write a letter as six
        try:
            self._questions.forget()
            self._link.send({"cell": source, "most": limits.output_bytes, "goes_on": goes_on})
            limit = self._link.time_limit(limits.cell_seconds)
            while True:
                message = self._link.receive(limit, most_bytes, outputs)
                if "done" in message:
                    truncated = bool(message["done"])
                    break
                if "output" in message:
                    outputs.add(message["output"], message["content"])
        except StoppedError as stopped:
            status, reason = stopped.status, self._blame(str(stopped))
        self._link.drain(outputs)
        found = outputs.result()
        error, skipped, went_on = errors_in(found)
        if status == "ok" and error:
            status, reason = "error", error
        truncated = truncated or outputs.truncated
        return CellResult(status, found, plain_text(reason), truncated, skipped, went_on)

    def keep(self, number: int) -> None:
        """See `Box.keep`. A box that has ended says so when it is asked for something next."""
        with self._busy:
            try:
                self._questions.forget()
                self._link.send({"keep": number})
            except StoppedError as error:
                self._blame(str(error))

    def call(
        self, calls: Sequence[Call], apart: bool = False, kept: int | None = None
    ) -> list[Answer]:
        """Ask the learner's functions; see `Box.call`. Raises BoxFault as `run_cell` does."""
        with self._busy:
            return self._call_apart(calls, kept) if apart else self._call(calls, kept)

    def serve(self, functions: Sequence[Plain], line: socket.socket) -> None:
        """Let these functions of the judge's be called on a line. Raises StoppedError."""
        with self._busy:
            self._link.send({"source": WIRE, "serve": list(functions)}, [line.fileno()])

    def _call(self, calls: Sequence[Call], kept: int | None) -> list[Answer]:
        with self._stopped():
            return self._questions.ask(calls, kept)

    def _call_apart(self, calls: Sequence[Call], kept: int | None) -> list[Answer]:
        """With functions taken out of the calls, if they can run elsewhere."""
        asked, functions = taken_out(calls)
        if self._functions is None or not functions:
            return self._call(calls, kept)
        with self._stopped(), self._functions.serve(functions) as served:
            line = [served.line.fileno()]
            answers = self._questions.ask(asked, kept, len(functions), line)
        if not served.were_there():
            raise BoxFault("the functions that a test was to be tried on have ended")
        return answers

    def retake(self) -> bool:
        """See `Box.retake`."""
        with self._busy, self._stopped():
            return self._questions.retake()

    def forget(self) -> None:
        """See `Box.forget`."""
        with self._busy, self._stopped():
            self._questions.forget()

    @contextlib.contextmanager
    def _stopped(self) -> Iterator[None]:
        """What stops a box while its functions are called is said of the exercise's checks."""
        try:
            yield
        except StoppedError as error:
            reason = self._blame(str(error))
            kind = BoxDiedError if reason == ENDED else BoxError
            raise kind(_of_checks(reason)) from None
        except BoxDiedError as error:
            raise BoxDiedError(_of_checks(str(error)), error.usable) from None

    def process(self) -> int:
        """The number of the process that holds all others of the box; 0 if it has ended."""
        return self._link.process

    def close(self) -> None:
        """End everything in the box, also in the middle of a cell that another thread runs."""
        self._link.kill()
        with self._busy:
            if self._link.close():
                self._afterwards()

    def _blame(self, reason: str) -> str:
        """The reason, if it is the submission's; BoxFault if the warm process is gone too."""
        if reason == ENDED and not self._alive():
            raise BoxFault("the sandbox ended while a submission ran in it")
        return reason


def _of_checks(reason: str) -> str:
    """Why a cell was stopped, said of an exercise's checks."""
    if reason == ENDED:
        return "calling the function ended the Python process it ran in"
    return reason.replace("it ", "the checks of this exercise ", 1)
