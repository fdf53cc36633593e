"""The judge's own functions, given to learners' tests: they run in a box where no learner is.

A test is judged by whether it tells right functions from wrong ones. What it is given in its own
box are proxies (`inside/given.py`); what they stand for runs here, in one box for all submissions.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.boxes.box import BoxFault
from autograder.boxes.link import StoppedError
from autograder.boxes.usage import is_running
from autograder.closing import Closing
from autograder.log import logger

if TYPE_CHECKING:
    from attnkit.checking.wire import Call, Plain

if TYPE_CHECKING:
    from autograder.boxes.sandboxed import SandboxedBox

log = logger(__name__)


@dataclass(frozen=True)
class Served(Closing):
    """The end of a line on which functions can be called; closed when a `with` block ends."""

    line: socket.socket
    process: int  # that of the box that they run in

    def were_there(self) -> bool:
        """Whether that box is still there: if not, its end may have lost somebody's call.

        Another one may have taken its place meanwhile, for somebody else.
        """
        return is_running(self.process)

    def close(self) -> None:
        self.line.close()


class FunctionServer:
    """Serves functions out of a box that it opens when it is first asked."""

    def __init__(self, open_box: Callable[[], SandboxedBox]) -> None:
        self._open_box = open_box
        self._box: SandboxedBox | None = None
        self._lock = threading.Lock()

    def serve(self, functions: Sequence[Plain]) -> Served:
        """A line on which these can be called. Raises BoxFault if there can't be one."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            for last_try in (False, True):
                try:
                    if self._box is None:
                        self._box = self._open_box()
                    self._box.serve(functions, theirs)
                    return Served(ours, self._box.process())
                except (StoppedError, BoxFault) as error:
                    log.warning("The box of functions for tests is lost.", exc_info=error)
                    if self._box is not None:
                        self._box.close()
                        self._box = None
                    if last_try:
                        ours.close()
                        raise BoxFault(f"functions for a test can't be served: {error}") from None
        raise AssertionError("unreachable")


def taken_out(calls: Sequence[Call]) -> tuple[list[Call], list[Plain]]:
    """The calls, with numbers in place of the functions among their inputs, and the functions."""
    functions: list[Plain] = []

    def without(plain: Any) -> Any:
        if isinstance(plain, dict):
            if "code" in plain:
                functions.append(plain)
                return {"given": len(functions) - 1}
            return {key: without(value) for key, value in plain.items()}
        if isinstance(plain, list) and plain and isinstance(plain[0], dict | list):
            return [without(item) for item in plain]
        return plain

    kept: list[Call] = [
        {
            **call,
            "args": [without(arg) for arg in call["args"]],
            "kwargs": {name: without(arg) for name, arg in call.get("kwargs", {}).items()},
        }
        for call in calls
    ]
    return kept, functions
