"""The judge's questions are answered here, in a process forked from what the cells have left.

It answers questions until the judge wants a new one, which begins where the cells ended: so nothing
that came with earlier questions is there for later ones, and a function that ends its process ends
no other. Where the cells have left threads, which no fork takes along (TensorFlow's, once it has
computed), the notebook's own process answers. So it does behind a fence if TensorFlow is there,
which reads /proc/self when it computes first and ends a process that may not, as a fork may not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from types import CodeType
from typing import Any

from . import fence, given, kept
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
    """Answer a question, and those that follow it for the same process; say when that is over.

    The request is {"source": of `attnkit.checking.wire`, "calls": JSON, "nonce": text, "process": a
    word, "given": number of functions that are served at the other end of the socket that came
    along, "kept": number}; `names` are those of the notebook, or what they were when that number
    was kept, by {"keep": number}. {"end": word} ends that word's process.
    """
    if "keep" in request:
        kept.keep(request["keep"], names)
        return
    if "end" in request:  # it has ended by itself
        return
    _compile_once(request)
    if _can_fork() and _in_a_fork(request, names, channel):
        channel.send({"over": request["process"]})
        return
    answer = _answer(request, names, channel.taken())
    channel.send({"answer": answer, "nonce": request["nonce"], "over": request["process"]})


def offer(request: dict[str, Any], channel: Channel) -> None:
    """Let a child of this process serve functions of the judge's on the socket that came along.

    The request is {"source": of `attnkit.checking.wire`, "serve": [functions as plain data]}. The
    child ends when the other end of the socket is closed.
    """
    (line,) = channel.taken()
    _compile_once(request)
    with contextlib.suppress(ChildProcessError):  # those that have ended
        while _wait(-1, os.WNOHANG)[0]:
            pass
    if _fork() == 0:
        try:
            channel.socket.close()
            decode = _read(request)["decode_input"]
            functions = [decode(plain) for plain in request["serve"]]
            given.serve(socket.socket(fileno=line), functions)
        finally:
            _exit(0)
    _close([line])


def _compile_once(request: dict[str, Any]) -> None:
    if request["source"] not in _compiled:
        make_ready(request["source"])


def _read(request: dict[str, Any]) -> dict[str, Any]:
    """What reads a request's plain data: the names of the source that came with it."""
    names: dict[str, Any] = {}
    _exec(_compiled[request["source"]], names)
    return names


def _can_fork() -> bool:
    """Whether a fork takes along all that there is: no other threads, and what may be read."""
    try:
        return threads() == 1 and not (fence.stands and "tensorflow" in sys.modules)
    except OSError:  # no file can be opened any more, so nobody can tell
        return False


def _in_a_fork(request: dict[str, Any], names: dict[str, Any], channel: Channel) -> bool:
    """Let a child of this process answer, and wait for its end; False if there can be none."""
    try:
        child = _fork()
    except OSError:  # too many processes
        return False
    if child == 0:
        try:
            channel.adopt()
            _converse(request, names, channel)
        finally:
            _exit(0)
    _close(channel.taken())
    with contextlib.suppress(ChildProcessError):  # a notebook that ignores its children's end
        _wait(child, 0)
    return True


def _converse(request: dict[str, Any], names: dict[str, Any], channel: Channel) -> None:
    """Answer this question and the next ones, until the judge ends it."""
    while request is not None and "calls" in request:
        answer = _answer(request, names, channel.taken())
        channel.send({"answer": answer, "nonce": request["nonce"]})
        request = channel.receive()


def _answer(request: dict[str, Any], names: dict[str, Any], lines: list[int]) -> str | None:
    """The answers as JSON; None if they can't be made, whatever a notebook has done to that."""
    try:
        functions = []
        if request["given"]:
            functions = given.proxies(socket.socket(fileno=lines[0]), request["given"])
        make = _read(request)["answer_json"]
        calls, nonce = request["calls"], request["nonce"]
        return _str(
            kept.asked(request["kept"], names, lambda: make(names, calls, nonce, functions))
        )
    except BaseException:
        return None


def _close(numbers: list[int]) -> None:
    for number in numbers:
        os.close(number)
