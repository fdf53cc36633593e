"""The judge's questions are answered here, each in a process of its own.

That process is forked from what the notebook's cells have left behind, and ends with its answer: so
nothing that one question brings along is there when the next one is asked, their order does not
matter, and a function that ends its process ends no other. Where the cells have left threads, which
no fork takes along (TensorFlow's, once it has computed), the notebook's own process answers.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from .channel import Channel
from .confine import threads

# kept: a notebook may give these names away
_fork, _wait, _exit = os.fork, os.waitpid, os._exit
_compile, _exec, _str = compile, exec, str.__str__
_compiled: dict[str, CodeType] = {}


def make_ready(source: str) -> None:
    """Compile what reads questions, once for all processes that are forked from this one."""
    _compiled[source] = _compile(source, "<judge>", "exec")


def reply(request: dict[str, Any], names: dict[str, Any], channel: Channel) -> None:
    """Send the answer to a question, then say that it is over.

    The request is {"source": of `attnkit.wire`, "calls": JSON, "nonce": text, "over": text};
    `names` are those of the notebook.
    """
    if request["source"] not in _compiled:
        make_ready(request["source"])

    def answer() -> None:
        channel.send({"answer": _answer(request, names)})

    if threads() != 1 or not _in_a_fork(answer, channel):
        answer()
    channel.send({"over": request["over"]})


def _in_a_fork(answer: Callable[[], None], channel: Channel) -> bool:
    """Let a child of this process answer, and wait for its end; False if there can be none."""
    try:
        child = _fork()
    except OSError:  # too many processes
        return False
    if child == 0:
        try:
            channel.adopt()
            answer()
        finally:
            _exit(0)
    with contextlib.suppress(ChildProcessError):  # a notebook that ignores its children's end
        _wait(child, 0)
    return True


def _answer(request: dict[str, Any], names: dict[str, Any]) -> str | None:
    """The answers as JSON; None if they can't be made, whatever a notebook has done to that."""
    own: dict[str, Any] = {}
    try:
        _exec(_compiled[request["source"]], own)
        return _str(own["answer_json"](names, request["calls"], request["nonce"]))
    except BaseException:
        return None
    finally:
        sys.stdout.flush()
