"""A web server for a site on this machine: to look at it, and for its tests.

It asks browsers to come back for nothing that they have and that hasn't changed.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import AttnError

TYPES = {
    ".wasm": "application/wasm",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".whl": "application/zip",
    ".ipynb": "application/json",
    ".webmanifest": "application/manifest+json",
}


class Server(http.server.ThreadingHTTPServer):
    """A site, served; and how many bytes of it."""

    daemon_threads = True
    sent = 0
    asked: list[str]

    def __init__(
        self, folder: Path, port: int = 0, handler: type[Handler] | None = None
    ) -> None:  # fmt: skip
        self.asked, self._lock = [], threading.Lock()
        answers = functools.partial(handler or Handler, directory=str(folder))
        super().__init__(("127.0.0.1", port), answers)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def wait(self) -> None:
        """Until somebody presses Ctrl-C."""
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()

    def count(self, what: str, size: int) -> None:
        with self._lock:
            self.sent += size
            self.asked.append(what)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has gone away in the middle of a file is no news."""


class Handler(http.server.SimpleHTTPRequestHandler):
    """One request: a file, or that it hasn't changed."""

    server: Server
    protocol_version = "HTTP/1.1"
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, **TYPES}  # noqa: RUF012

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")  # keep it, and ask whether it has changed
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        data = source.read()
        outputfile.write(data)
        self.server.count(self.path, len(data))

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@contextlib.contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Server]:
    """The site, served on this machine alone while a block runs. AttnError if the port is taken."""
    try:
        server = Server(folder, port)
    except OSError as error:
        reason = "may not be used by you" if isinstance(error, PermissionError) else "is taken"
        raise AttnError(
            f"Port {port} {reason}; choose another, or leave --port away and a free one is found."
        ) from None
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
