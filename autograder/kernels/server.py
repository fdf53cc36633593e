"""A box that speaks Jupyter's messaging protocol, so that any front end takes it for a kernel.

Cells go into the box and their outputs come back as they do for `attn grade`: within limits, and as
data. The sockets stay on this side of the wall; in the box there is nothing but the notebook.

Protocol: https://jupyter-client.readthedocs.io/en/stable/messaging.html (version 5.3).
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

from autograder.boxes.box import BoxFault, CellResult
from autograder.boxes.sandboxed import SandboxedBox
from autograder.log import logger

log = logger(__name__)
PROTOCOL = "5.3"
GRACE_SECONDS = 5.0  # a cell that an interrupt does not end by then is ended with its box
_POLL_MS = 100
_SHELL, _CONTROL, _STDIN, _IOPUB, _HEART = "shell", "control", "stdin", "iopub", "hb"

Content = dict[str, Any]


class KernelServer:
    """Serves one box on the sockets of a connection file until it is shut down or the box ends."""

    def __init__(self, box: SandboxedBox, connection: Mapping[str, Any]) -> None:
        self.box = box
        self.exit_code: int | None = None
        self._count = 0  # cells run
        self._running = threading.Lock()
        self._stopped = threading.Event()
        # each thread signs with a session of its own; they are told apart by nothing else
        self._session, self._control_session = (_session(connection) for _ in range(2))
        self._context = zmq.Context()
        kinds = {_SHELL: zmq.ROUTER, _CONTROL: zmq.ROUTER, _STDIN: zmq.ROUTER, _IOPUB: zmq.PUB}
        self._sockets = {
            name: self._bind(connection, name, kind)
            for name, kind in (*kinds.items(), (_HEART, zmq.REP))
        }
        self._threads = [
            threading.Thread(target=self._serve_shell, daemon=True),
            threading.Thread(target=self._serve_control, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def interrupt(self) -> None:
        """Stop the running cell, if there is one, as Ctrl-C would."""
        if not self._running.locked():
            return
        running = self._count
        for payload in _children(self.box.process()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(payload, signal.SIGINT)
        timer = threading.Timer(GRACE_SECONDS, self._end_cell, [running])
        timer.daemon = True
        timer.start()

    def close(self, code: int = 0) -> None:
        """End the box and the service; may be called from any thread, and twice."""
        if self.exit_code is None:
            self.exit_code = code
        self._stopped.set()
        self.box.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(GRACE_SECONDS)
        if not any(thread.is_alive() for thread in self._threads):
            self._context.term()

    @property
    def is_alive(self) -> bool:
        return not self._stopped.is_set()

    def _bind(self, connection: Mapping[str, Any], name: str, kind: int) -> zmq.Socket[bytes]:
        made: zmq.Socket[bytes] = self._context.socket(kind)
        made.linger = 1000
        port, transport = connection[f"{name}_port"], connection["transport"]
        separator = ":" if transport == "tcp" else "-"
        made.bind(f"{transport}://{connection['ip']}{separator}{port}")
        return made

    # --- the thread that runs cells: shell, iopub, stdin

    def _serve_shell(self) -> None:
        shell = self._sockets[_SHELL]
        self._tell("status", {"execution_state": "starting"}, {})
        while self.is_alive:
            if shell.poll(_POLL_MS):
                self._answer(shell, self._session, self._handle_shell)
        for name in (_SHELL, _IOPUB, _STDIN):
            self._sockets[name].close()

    def _handle_shell(self, kind: str, content: Content, parent: Content) -> Content | None:
        if kind == "execute_request":
            return self._execute(content, parent)
        return _STANDARD.get(kind, lambda _: None)(content)

    def _execute(self, content: Content, parent: Content) -> Content:
        silent = bool(content.get("silent"))
        source = str(content.get("code", ""))
        with self._running:
            self._count += not silent
            if not silent:
                shown = {"code": source, "execution_count": self._count}
                self._tell("execute_input", shown, parent)
            try:
                result = self.box.run_cell(source, goes_on=False)  # as in any kernel
            except BoxFault as fault:
                log.error("The box of a kernel is lost.", exc_info=fault)
                result = CellResult("dead", reason=f"the sandbox itself failed ({fault})")
        error = _error_of(result)
        if not silent:
            for output in result.outputs:
                self._tell(*_message_of(output, self._count), parent)
            if result.status in ("timeout", "dead"):
                self._tell("error", error, parent)
            if result.truncated:
                cut = {"name": "stderr", "text": "(the rest of the output was cut off)\n"}
                self._tell("stream", cut, parent)
        if result.status in ("timeout", "dead"):
            self.exit_code = 1
            self._stopped.set()
        if result.status == "ok":
            return {
                "status": "ok",
                "execution_count": self._count,
                "user_expressions": dict.fromkeys(content.get("user_expressions") or (), _NOT_OURS),
                "payload": [],
            }
        if content.get("stop_on_error", True):
            self._abort_queue()
        return {"status": "error", "execution_count": self._count, **error}

    def _abort_queue(self) -> None:
        """What was sent to be run after a cell that failed is not run."""
        shell = self._sockets[_SHELL]

        def abort(kind: str, content: Content, parent: Content) -> Content | None:
            if kind == "execute_request":
                return {"status": "aborted", "execution_count": self._count}
            return self._handle_shell(kind, content, parent)

        while shell.poll(0):
            self._answer(shell, self._session, abort)

    def _tell(self, kind: str, content: Content, parent: Content) -> None:
        self._session.send(self._sockets[_IOPUB], kind, content, parent=parent, ident=kind.encode())

    def _end_cell(self, number: int) -> None:
        if self._running.locked() and self._count == number:
            self.close(code=1)

    # --- the thread that is never busy: control, heartbeat

    def _serve_control(self) -> None:
        control, heart = self._sockets[_CONTROL], self._sockets[_HEART]
        poller = zmq.Poller()
        poller.register(control, zmq.POLLIN)
        poller.register(heart, zmq.POLLIN)
        while self.is_alive:
            ready = dict(poller.poll(_POLL_MS))
            if heart in ready:
                heart.send(heart.recv())
            if control in ready:
                self._answer(control, self._control_session, self._handle_control)
        control.close()
        heart.close()

    def _handle_control(self, kind: str, content: Content, parent: Content) -> Content | None:
        if kind == "shutdown_request":
            threading.Thread(target=self.close, daemon=True).start()
            return {"status": "ok", "restart": bool(content.get("restart"))}
        if kind == "interrupt_request":
            self.interrupt()
            return {"status": "ok"}
        return _STANDARD.get(kind, lambda _: None)(content)

    def _answer(
        self,
        socket: zmq.Socket[bytes],
        session: Session,
        handle: Callable[[str, Content, Content], Content | None],
    ) -> None:
        """Take one request, handle it, reply."""
        try:
            identities, parts = session.feed_identities(socket.recv_multipart())
            request = session.deserialize(parts)
        except Exception as error:  # nobody who knows the key sent this
            log.warning("A message to a kernel is left unread.", exc_info=error)
            return
        kind = request["header"]["msg_type"]
        is_shell = session is self._session
        if is_shell:
            self._tell("status", {"execution_state": "busy"}, request)
        reply = handle(kind, request["content"], request)
        if reply is not None:
            name = kind.removesuffix("_request") + "_reply"
            session.send(socket, name, reply, parent=request, ident=identities)
        if is_shell:
            self._tell("status", {"execution_state": "idle"}, request)


def _session(connection: Mapping[str, Any]) -> Session:
    key = connection["key"]
    return Session(
        key=key if isinstance(key, bytes) else str(key).encode(),
        signature_scheme=connection.get("signature_scheme", "hmac-sha256"),
    )


def _children(process: int) -> list[int]:
    """The processes that a process has started."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(number) for number in text.split()]


def _message_of(output: Mapping[str, Any], count: int) -> tuple[str, Content]:
    """The message by which a kernel would have sent this output."""
    content = {name: value for name, value in output.items() if name != "output_type"}
    if output["output_type"] == "execute_result":
        content["execution_count"] = count
    if output["output_type"] == "display_data":
        content.setdefault("transient", {})
    return output["output_type"], content


def _error_of(result: CellResult) -> Content:
    if result.status == "ok":
        return {}
    for output in result.outputs:
        if output["output_type"] == "error":
            return {name: output[name] for name in ("ename", "evalue", "traceback")}
    name = "TimeoutError" if result.status == "timeout" else "DeadKernelError"
    reason = f"This cell was stopped: {result.reason}."
    return {"ename": name, "evalue": reason, "traceback": [reason]}


_NOT_OURS = {
    "status": "error",
    "ename": "NotImplementedError",
    "evalue": "a sandboxed kernel evaluates no expressions",
    "traceback": [],
}
_INFO = {
    "status": "ok",
    "protocol_version": PROTOCOL,
    "implementation": "attention-kit",
    "implementation_version": "1",
    "language_info": {
        "name": "python",
        "version": platform.python_version(),
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    },
    "banner": "Python in a sandbox",
    "help_links": [],
}
_STANDARD: dict[str, Callable[[Content], Content]] = {
    "kernel_info_request": lambda content: _INFO,
    "comm_info_request": lambda content: {"status": "ok", "comms": {}},
    "history_request": lambda content: {"status": "ok", "history": []},
    "is_complete_request": lambda content: {"status": "unknown"},
    "inspect_request": lambda content: {"status": "ok", "found": False, "data": {}, "metadata": {}},
    "complete_request": lambda content: {
        "status": "ok",
        "matches": [],
        "cursor_start": content.get("cursor_pos", 0),
        "cursor_end": content.get("cursor_pos", 0),
        "metadata": {},
    },
}
