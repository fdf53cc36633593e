"""`attn lab`: JupyterLab on the course's start page, calm enough for a first visit.

It is a plain JupyterLab with a few defaults of ours for this run: the lessons as its root, no
questions about news, nbgrader's instructor panels out of sight. They come in as an extra folder of
Jupyter configuration; the learner's own settings files are neither read by us nor written, and
whatever they (or arguments such as `--port 8899`) say counts as it always does.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import zmq

from autograder.course import find_course
from autograder.errors import AttnError

START_PAGE = "00_start_here.ipynb"

#: nbgrader's instructor tools: of no use to a learner, one click away from confusion.
NBGRADER_SERVER_EXTENSIONS = (
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
)

#: A page of text, such as the one on other ways in, is there to be read.
READ_PAGES: dict[str, dict[str, Any]] = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}}
}
#: Defaults of JupyterLab's settings, as `labconfig/default_setting_overrides.json`.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    **READ_PAGES,
}


def open_lab(args: list[str]) -> int:
    """Run JupyterLab until it is stopped; `args` are JupyterLab's own. Raises AttnError."""
    lessons = find_course().lessons
    if not (lessons / START_PAGE).is_file():
        raise AttnError(
            f"There is no {START_PAGE} in {lessons}; run `attn build` to make the lessons."
        )
    check_port(args)
    with tempfile.TemporaryDirectory(prefix="attn-lab-") as folder:
        add_configuration(Path(folder))
        return run_lab([*arguments(lessons), *args])


def check_port(args: list[str]) -> None:
    """A port that was asked for is used or refused: a silent other one is never found."""
    port = asked_port(args)
    if port is None:
        return
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
            if os.name != "nt":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((value_of(args, "ip") or "localhost", port))
    except (OSError, OverflowError) as error:
        reason = "is taken" if isinstance(error, OSError) else "does not exist"
        if isinstance(error, PermissionError):
            reason = "may not be used by you"
        raise AttnError(
            f"Port {port} {reason}; choose another, or leave --port away and a free one is found."
        ) from error


def asked_port(args: list[str]) -> int | None:
    """The port named in the arguments; None without one, and for one that JupyterLab must judge."""
    text = value_of(args, "port") or value_of(args, "ServerApp.port")
    return int(text) if text and text.isdecimal() and int(text) else None


def value_of(args: list[str], name: str) -> str | None:
    """What `--name value` or `--name=value` says; the last one counts."""
    found = None
    for arg, following in zip_longest(args, args[1:]):
        if arg == f"--{name}":
            found = following
        elif arg.startswith(f"--{name}="):
            found = arg.partition("=")[2]
    return found


def arguments(lessons: Path) -> list[str]:
    """Our own arguments, before the learner's."""
    extensions = dict.fromkeys(NBGRADER_SERVER_EXTENSIONS, False)
    ours = [
        f"--ServerApp.root_dir={lessons}",
        f"--LabApp.default_url=/lab/tree/{START_PAGE}",
        f"--ServerApp.jpserver_extensions={extensions!r}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--Application.log_level=ERROR",  # `--debug` undoes it
    ]
    if zmq.has("curve"):  # otherwise each kernel warns that others on this machine could listen
        ours.append("--KernelManager.transport_encryption=auto")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        ours.append("--allow-root")
    return ours


def add_configuration(folder: Path) -> None:
    """Let this process's Jupyter read a folder of defaults, after any the learner named."""
    labconfig = folder / "labconfig"
    labconfig.mkdir()
    (labconfig / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    (labconfig / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {"@jupyter/nbgrader": True}})
    )
    paths = [os.environ.get("JUPYTER_CONFIG_PATH"), str(folder)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path for path in paths if path)


def run_lab(args: list[str]) -> int:
    """Start JupyterLab in this process, say where it is, and serve."""
    from jupyterlab.labapp import LabApp

    if any(arg in ("-h", "--help", "--help-all", "--version") for arg in args):
        LabApp.launch_instance(args)
        return 0
    try:
        server = LabApp.initialize_server(argv=args)
        # Jupyter says the address in eight lines; ours below is one
        server.identity_provider.token_generated = False
        server.io_loop.add_callback(announce, server)  # as soon as it listens
        server.start()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    finally:
        sys.stdout.flush()
    return 0


def announce(server: Any) -> None:
    """Say where the course is, and how to leave."""
    print(f"The course is open at {address(server)}", flush=True)
    print("To stop it, press Ctrl-C here, twice.", flush=True)


def address(server: Any) -> str:
    """The start page's address, with the token that lets this user in."""
    url = f"{server.connection_url.rstrip('/')}/lab/tree/{START_PAGE}"
    token = server.identity_provider.token
    return f"{url}?token={token}" if token else url
