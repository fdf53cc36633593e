"""Cells run here: IPython's own shell, whose outputs go to the grader over a channel.

What it sends for a cell is what a Jupyter kernel would send: streams, results, displays, errors.
"""

from __future__ import annotations

import asyncio
import base64
import builtins
import contextlib
import getpass
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from IPython.core.async_helpers import _asyncio_runner
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from . import asking
from .backends import keep_inline
from .channel import Channel, Outputs
from .going_on import go_on
from .streams import OutputStream


class _Publisher(DisplayPublisher):
    shell: BoxShell

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *args: Any,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **other: Any,
    ) -> None:
        self._validate_data(data, metadata)
        content = {
            "data": _as_json(data),
            "metadata": metadata or {},
            "transient": transient or {},
        }
        self.shell.tell("update_display_data" if update else "display_data", content)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.tell("clear_output", {"wait": bool(wait)})


class _Hook(DisplayHook):
    """Shows the value of a cell's last expression."""

    shell: BoxShell
    content: dict[str, Any]

    def start_displayhook(self) -> None:
        self.content = {}

    def write_output_prompt(self) -> None:
        self.content["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.content |= {"data": _as_json(format_dict), "metadata": md_dict or {}}

    def finish_displayhook(self) -> None:
        if self.content.get("data"):
            self.shell.tell("execute_result", self.content)


def _kernel_compiler() -> Any:
    """ipykernel's compiler, without its package: what a kernel talks with is slow to import."""
    package = importlib.util.find_spec("ipykernel")
    assert package is not None
    assert package.submodule_search_locations
    file = os.path.join(package.submodule_search_locations[0], "compiler.py")
    spec = importlib.util.spec_from_file_location("kernel_compiler", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.XCachingCompiler


class BoxShell(InteractiveShell):
    """IPython without a terminal, a history file, a prompt or a thread.

    What a kernel's shell does otherwise than IPython's this one does too, or needs not:
    `tests/boxes/test_habits.py` goes through it.
    """

    compiler_class = _kernel_compiler()  # names cells as a kernel does
    displayhook_class = _Hook
    display_pub_class = _Publisher

    outputs: Outputs  # set once, by `make_shell`
    goes_on = False  # whether cells go on where something is not there, see `going_on`
    kernel = None  # a kernel's shell has one; who asks for it is told that there is none

    def tell(self, kind: str, content: Mapping[str, Any]) -> None:
        """An output, after whatever was printed before it."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, OutputStream):
                stream.flush()
        self.outputs.send(kind, content)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        content = {"ename": etype.__name__, "evalue": str(evalue), "traceback": stb}
        self.tell("error", content)

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """IPython would keep all that is printed for a history file."""
        yield

    def ask_exit(self) -> None:
        self.exit_now = True

    def init_virtualenv(self) -> None:
        """The interpreter is the right one already."""

    def init_magics(self) -> None:
        """IPython's own magics, and those that a kernel adds, which need a front end."""
        super().init_magics()
        for name in FOR_FRONT_ENDS:
            self.magics_manager.register_function(_nothing, "line", name)


#: Magics by which a kernel has a front end do something: here there is none, so they do nothing.
FOR_FRONT_ENDS = (
    *("autosave", "clear", "connect_info", "ed", "edit", "less", "man", "more", "qtconsole"),
    "subshell",
)
# pandas, rich, tqdm and many a notebook know by these two that they are in a notebook
BoxShell.__name__ = "ZMQInteractiveShell"
_KNOWN_BY = "IPKernelApp"


def _nothing(line: str) -> None:
    """Stands for a magic that has nothing to do here."""


def make_shell() -> BoxShell:
    """The one shell of this process; it can be made before the process is forked."""
    os.environ.update(TERM="xterm-color", CLICOLOR="1", FORCE_COLOR="1", CLICOLOR_FORCE="1")
    os.environ.update(PAGER="cat", GIT_PAGER="cat")
    config = Config()
    config.HistoryManager.enabled = False
    config[_KNOWN_BY].parent_appname = "box"
    shell: BoxShell = BoxShell.instance(config=config)
    shell.outputs = Outputs()
    shell.set_hook(
        "show_in_pager", lambda *arguments, **named: None, 0
    )  # as in a notebook that is only run
    keep_inline(shell)
    return shell


def serve(shell: BoxShell, channel: Channel) -> None:
    """Answer requests until the grader closes the channel, or the notebook ends the process.

    A request is {"cell": source, "most": bytes, "goes_on": whether it does where something is not
    there}, or one of those in `asking`.
    """
    sys.breakpointhook = lambda *arguments, **named: None  # no debugger is there
    shell.outputs.channel = channel
    streams = OutputStream("stdout", 1, shell.outputs), OutputStream("stderr", 2, shell.outputs)
    sys.stdout, sys.stderr = streams
    asyncio.run(_serve(shell, channel, streams))


async def _serve(
    shell: BoxShell, channel: Channel, streams: tuple[OutputStream, OutputStream]
) -> None:
    while True:
        await _readable(channel.socket.fileno())
        request = channel.receive()
        if request is None:
            return
        if "cell" in request:
            shell.outputs.begin(int(request["most"]))
            if request["goes_on"] and not shell.goes_on:
                shell.goes_on = True
                go_on(shell)
            asks = builtins.input, getpass.getpass
            builtins.input = getpass.getpass = _no_input
            signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio's waits for an await
            await _run(shell, request["cell"])
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # one that comes late stops nothing
            builtins.input, getpass.getpass = asks
            if not channel.is_mine():
                os._exit(0)  # a child that the cell forked has come to the cell's end
            sys.stdout, sys.stderr = streams
            for stream in streams:
                stream.flush()
            if shell.exit_now:
                os._exit(0)
            channel.send({"done": shell.outputs.truncated})
        elif "serve" in request:
            asking.offer(request, channel)
        else:
            asking.reply(request, shell.user_global_ns, channel)


async def _readable(number: int) -> None:
    """Wait for a request; tasks that the notebook started go on meanwhile."""
    loop = asyncio.get_running_loop()
    arrived = loop.create_future()
    loop.add_reader(number, lambda: None if arrived.done() else arrived.set_result(None))
    try:
        await arrived
    finally:
        loop.remove_reader(number)


async def _run(shell: BoxShell, source: str) -> None:
    """One cell, as a kernel runs it: in the running loop if it has an `await` of its own."""
    problem = None
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        transformed, problem = source, sys.exc_info()
    if shell.loop_runner is not _asyncio_runner or not shell.should_run_async(
        source, transformed_cell=transformed, preprocessing_exc_tuple=problem
    ):
        shell.run_cell(source, store_history=True)
        return
    result = None
    try:
        result = await shell.run_cell_async(
            source,
            store_history=True,
            transformed_cell=transformed,
            preprocessing_exc_tuple=problem,
        )
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)


def _no_input(prompt: object = "", stream: object = None) -> str:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _as_json(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle of formats, with pictures as text."""
    return {
        str(kind): base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for kind, value in bundle.items()
    }
