"""Functions that a learner's test is tried on: they run elsewhere, and look all the same from here.

Who writes a test gets functions to tell apart by what they do. In one process with the test their
names, their code and what is bound to them would tell. So they run in another box; what the test
gets are proxies with one code for all, which send arguments there and bring values back. Both ends
of that line are here. On it go messages of a length, a JSON head and the arrays' own bytes; never
pickle.
"""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import struct
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MOST_BYTES = 4 << 20  # of one message
MOST_MEMORY = 512 << 20  # that all calls of one line may take, beyond what is there
MOST_SECONDS = 20  # of processor time, for all calls of one line
_NUMBERS = "biuf"
_BITS = {
    kind.__name__: kind
    for kind in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.Philox,
        np.random.SFC64,
    )
}
_CHANGEABLE = (np.ndarray, list, dict, np.random.Generator)
_encode, _decode = json.JSONEncoder().encode, json.JSONDecoder().decode

Given = Callable[..., Any]


def proxies(connected: socket.socket, count: int) -> list[Given]:
    """`count` functions that run at the other end of the line."""
    return [_proxy(connected, number) for number in range(count)]


def _proxy(connected: socket.socket, number: int) -> Given:
    def given(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(OSError):  # nobody listens any more: nothing will come, either
            _send(connected, [number, list(args), kwargs])
        message = _receive(connected)
        if message is None:
            raise RuntimeError("the function took too much time or memory")
        kind, value, changed = message
        for index, now in changed:
            _write_back(args[index], now)
        if kind == "raised":
            raise GivenFunctionError
        return value

    return given


class GivenFunctionError(
    ValueError,
    IndexError,
    ZeroDivisionError,
    OverflowError,
    FloatingPointError,
    TypeError,
    RuntimeError,
    AssertionError,
    MemoryError,
):
    """The one error for all that a function may stop with, whatever a test is ready to catch.

    Which error it was, and its words, would tell what the function is made of: it would do to call
    it with a text, and compare what Python says.
    """

    def __str__(self) -> str:
        return "the function stopped with an error"


def serve(connected: socket.socket, functions: Sequence[Given]) -> None:
    """Answer calls until the other end is closed."""
    set_bounds()
    while (message := _receive(connected)) is not None:
        number, args, kwargs = message
        before = [_written(arg) for arg in args]
        kind, value = _called(functions[number], args, kwargs)
        now = [_written(arg) for arg in args]
        changed = [[i, args[i]] for i, new in enumerate(now) if new not in (None, before[i])]
        try:
            _send(connected, [kind, value, changed])
        except (TypeError, ValueError):  # nothing that can be sent
            _send(connected, ["raised", None, changed])


def _written(value: Any) -> tuple[Any, bytes] | None:
    """A value as it goes on the line, to find out whether a call changed it.

    None for what can't be changed, and for what a call has put something into that can't be sent.
    """
    if not isinstance(value, (*_CHANGEABLE, tuple)):
        return None
    arrays: list[bytes] = []
    try:
        return _flat(value, arrays), b"".join(arrays)
    except TypeError:
        return None


def _write_back(held: Any, now: Any) -> None:
    """Let what a caller holds become what a function made of it, in its own place."""
    if isinstance(held, np.random.Generator):
        held.bit_generator.state = now.bit_generator.state
    elif isinstance(held, np.ndarray):
        held[...] = now
    elif isinstance(held, tuple):
        for old, new in zip(held, now, strict=True):
            _write_back(old, new)
    elif isinstance(held, list):
        held[:] = [_taken_over(old, new) for old, new in zip(held, now, strict=False)] + (
            now[len(held) :]
        )
    elif isinstance(held, dict):
        new = {key: _taken_over(held.get(key), value) for key, value in now.items()}
        held.clear()
        held.update(new)


def _taken_over(old: Any, new: Any) -> Any:
    """The same object with its new contents, where it could have been changed in its place."""
    if type(old) is not type(new) or not isinstance(old, _CHANGEABLE):
        return new
    if isinstance(old, np.ndarray) and (old.shape, old.dtype) != (new.shape, new.dtype):
        return new
    _write_back(old, new)
    return old


def set_bounds() -> None:
    """What all calls of this process may take."""
    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    for which, most in (
        (resource.RLIMIT_AS, now + MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
    ):
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def _called(function: Given, args: list[Any], kwargs: dict[str, Any]) -> tuple[str, Any]:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return "value", function(*args, **kwargs)
    except Exception:
        return "raised", None


def _send(connected: socket.socket, message: Any) -> None:
    """Raises TypeError or ValueError for what has no plain form, OSError if nobody listens."""
    arrays: list[bytes] = []
    head = _encode(_flat(message, arrays)).encode("utf-8", "surrogatepass")
    body = b"".join(arrays)
    if len(head) + len(body) > MOST_BYTES:
        raise ValueError("more numbers than can be given to a function here")
    connected.sendall(struct.pack("!II", len(head), len(body)) + head + body)


def _receive(connected: socket.socket) -> Any:
    """The next message; None if there is none any more, or it is none."""
    sizes = _exactly(connected, 8)
    if sizes is None:
        return None
    head_size, body_size = struct.unpack("!II", sizes)
    if head_size + body_size > MOST_BYTES:
        return None
    head, body = _exactly(connected, head_size), _exactly(connected, body_size)
    if head is None or body is None:
        return None
    return _full(_decode(head.decode("utf-8", "surrogatepass")), memoryview(body))


def _exactly(connected: socket.socket, size: int) -> bytes | None:
    parts = []
    while size > 0:
        try:
            part = connected.recv(size)
        except OSError:
            return None
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _flat(value: Any, arrays: list[bytes]) -> Any:
    """JSON for a value: what JSON has no form for is a dict with one key."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind not in _NUMBERS:
            raise TypeError(f"an array of {array.dtype} can't be given to a function here")
        start = sum(map(len, arrays))
        arrays.append(array.tobytes())
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return {kind: [array.dtype.str, list(array.shape), start]}
    if isinstance(value, np.random.Generator):
        return {"generator": _flat(value.bit_generator.state, arrays)}
    if type(value) is list:
        return [_flat(item, arrays) for item in value]
    if type(value) is tuple:
        return {"tuple": [_flat(item, arrays) for item in value]}
    if type(value) is dict:
        return {"dict": [[_flat(k, arrays), _flat(v, arrays)] for k, v in value.items()]}
    raise TypeError(f"{type(value).__name__} can't be given to a function here")


def _full(value: Any, body: memoryview) -> Any:
    """The value that `_flat` has made JSON of; its arrays are its own."""
    if isinstance(value, list):
        return [_full(item, body) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind in ("array", "number"):
        name, shape, start = held
        dtype = np.dtype(name)
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(body, dtype, count, start) if count else np.empty(0, dtype)
        array = array.reshape(shape).copy()
        return array if kind == "array" else array[()]
    if kind == "generator":
        state = _full(held, body)
        bits = _BITS[state["bit_generator"]]()
        bits.state = state
        return np.random.Generator(bits)
    if kind == "tuple":
        return tuple(_full(item, body) for item in held)
    return {_full(k, body): _full(v, body) for k, v in held}
