"""A Jupyter server of a test's own: in a process group of its own, with no trace left at home."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

START_SECONDS = 300
URL = re.compile(r"https?://\S+")


class Server:
    """A running server: where it is, and what it has said so far."""

    def __init__(self, environment: dict[str, str], log: list[str]) -> None:
        self.environment, self.log = environment, log
        self.url = ""  # as printed, with the token

    @property
    def token(self) -> str:
        return self.url.partition("?token=")[2]

    @property
    def root(self) -> str:
        """The server's address up to the port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def free_port() -> int:
    """A port on which nobody listens just now.

    It is none of those that systems give away by themselves, for a kernel or a connection: it would
    be gone before the server that is to have it has started.
    """
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("localhost", port))
            return port


def private_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment whose Jupyter settings, workspaces and progress lie in `home`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "ATTN")) or name == "JUPYTER_PREFER_ENV_PATH"
    }
    folders = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    private = {f"JUPYTER_{name}": str(home / name.lower()) for name in folders}
    private |= {
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "ATTNKIT_PROGRESS": str(home / "progress.jsonl"),
        "PYTHONUNBUFFERED": "1",
    }
    return {**kept, **private, **more}


@contextlib.contextmanager
def serving(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    """Run a command that starts a server, wait for the address it prints, and end all of it."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    log: list[str] = []
    server = Server(environment, log)
    reader = threading.Thread(target=_read, args=(process, log), daemon=True)
    reader.start()
    try:
        server.url = _printed_address(process, log)
        yield server
    finally:
        end_group(process)
        reader.join(timeout=60)


def _read(process: subprocess.Popen[str], log: list[str]) -> None:
    assert process.stdout is not None
    with contextlib.suppress(ValueError):  # closed while we read
        log.extend(process.stdout)


def _printed_address(process: subprocess.Popen[str], log: list[str]) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        for line in list(log):
            found = URL.search(line)
            if found and "token=" in found[0]:
                return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"The server printed no address with a token. It said:\n{''.join(log)}")


def end_group(process: subprocess.Popen[Any]) -> None:
    """End the server and its kernels: kindly, then for certain."""
    for number, patience in ((signal.SIGTERM, 30), (signal.SIGKILL, 60)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
            if number is signal.SIGTERM:
                continue  # kernels may outlive it for a moment: the second signal is for them
