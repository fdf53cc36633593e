"""A box made of an ordinary Jupyter kernel: own process and folder, bare environment."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import glob
import inspect
import logging
import math
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import nbformat
import zmq
import zmq.asyncio
from attnkit.checking import wire
from attnkit.checking.wire import Answer, Call
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionComplete,
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)

from autograder.boxes.answers import call_expression, keep_expression, read_answers
from autograder.boxes.box import (
    OFFLINE,
    SPOILT,
    TRAINING_SECONDS,
    BoxDiedError,
    BoxError,
    CellResult,
    CellStatus,
    Limits,
)
from autograder.boxes.inside import backends, going_on, seeds
from autograder.boxes.inside import kept as kept_names
from autograder.boxes.outputs import LEAST_BYTES, OutputList, errors_in
from autograder.closing import Closing
from autograder.log import logger
from autograder.text import plain_text

log = logger(__name__)
# The same random numbers each time; a cell that closes its output closes it for itself only; and
# what `_MODULES` have of a sandboxed box's shell holds here, too.
_PREPARE = """
def _prepare(modules):
    import sys, types
    for name, source in modules.items():
        module = types.ModuleType(name)
        exec(source, vars(module))
        getattr(module, name)(get_ipython())
    streams = sys.stdout, sys.stderr
    for stream in streams:
        stream.close = lambda: None
    def restore(result):
        sys.stdout, sys.stderr = streams
    get_ipython().events.register("post_run_cell", restore)
_prepare(MODULES)
seed_everything()
del _prepare, seed_everything
"""
_MODULES = {"keep_inline": backends, "go_on": going_on}  # a function in each, which takes a shell
MOST_BYTES = 20_000_000  # of one message
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


class _BoundedKernelClient(AsyncKernelClient):
    """The channels to a kernel; what is too large for a message is never taken in."""

    def _context_default(self) -> zmq.asyncio.Context:
        context: zmq.asyncio.Context = super()._context_default()
        context.setsockopt(zmq.MAXMSGSIZE, MOST_BYTES)
        return context


class _BoundedClient(NotebookClient):
    """nbclient that drops a cell's output once it is longer than allowed."""

    max_bytes = 0
    seen_bytes = 0
    finished = False  # whether the kernel said so; a message too large takes others with it

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        try:
            if msg["msg_type"] not in ("status", "execute_input"):
                self.seen_bytes += max(len(str(msg["content"])), LEAST_BYTES)
                if self.seen_bytes > self.max_bytes:
                    return None
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            self.finished = True
            raise
        except Exception:  # no message of a kernel's: the submission made it
            return None


class KernelBox(Closing):
    """One kernel in an empty folder of its own, with nothing of our environment but PATH.

    It keeps honest mistakes apart. It is no sandbox: files that the grader may read, the learner's
    code may read.
    """

    kind = "plain kernel, no sandbox"

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory(prefix="attn-box-", ignore_cleanup_errors=True)
        self._notebook = nbformat.v4.new_notebook()
        manager = AsyncKernelManager(kernel_name="python3")
        # The interpreter we run in, whatever kernels the user has installed under that name.
        manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])
        manager.client_factory = _BoundedKernelClient
        self._client = _BoundedClient(
            self._notebook,
            km=manager,
            timeout=math.ceil(self.limits.cell_seconds),
            startup_timeout=int(self.limits.start_seconds),
            iopub_timeout=2,
            allow_errors=True,
            store_widget_state=False,
            log=_quiet_log(),
        )
        self._client.max_bytes = self.limits.output_bytes
        self._group = 0  # the kernel's process group
        try:
            self._loop.run_until_complete(self._start())
        except BaseException:
            self.close()
            raise

    async def _start(self) -> None:
        home = self._folder.name
        env = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        env |= {
            "HOME": home,
            "IPYTHONDIR": os.path.join(home, ".ipython"),
            "MPLCONFIGDIR": _font_folder(home),
            "ATTNKIT_PROGRESS": "off",
            "ATTNKIT_TRAINING_SECONDS": TRAINING_SECONDS,
            "ATTNKIT_WAITING": "off",  # here an error is an error
            "ATTNKIT_PICTURES": "on" if self.limits.everything else "off",
            **OFFLINE,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), env.get("PATH", "")]),
        }
        await self._client.async_start_new_kernel(
            cwd=home, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        km: Any = self._client.km
        self._group = getattr(km.provisioner, "pgid", None) or 0
        await self._client.async_start_new_kernel_client()
        kc: Any = self._client.kc
        prepare = inspect.getsource(seeds.seed_everything) + _PREPARE.replace(
            "MODULES", repr({name: inspect.getsource(module) for name, module in _MODULES.items()})
        )
        await kc._async_execute_interactive(prepare, silent=True, timeout=30)

    def run_cell(self, source: str) -> CellResult:
        cell = nbformat.v4.new_code_cell(source)
        self._notebook.cells.append(cell)
        self._client.seen_bytes, self._client.finished = 0, False
        index = len(self._notebook.cells) - 1
        status, reason = self._execute(cell, index)
        kept = OutputList(self.limits.output_bytes)
        for output in cell.outputs:
            kept.add(output.get("output_type"), output)
        outputs = kept.result()
        truncated = self._client.seen_bytes > self._client.max_bytes or kept.truncated
        if status == "ok" and source.strip() and not self._client.finished:
            truncated = True
            with contextlib.suppress(Exception):  # then the next cells have no output either
                self._loop.run_until_complete(self._listen_again())
        error, skipped, went_on = errors_in(outputs)
        if status == "ok" and error:
            status, reason = "error", error
        return CellResult(status, outputs, plain_text(reason), truncated, skipped, went_on)

    async def _listen_again(self) -> None:
        """A message that was too large has closed the channel on which outputs come."""
        kc: Any = self._client.kc
        kc.iopub_channel.stop()
        kc._iopub_channel = None
        kc.iopub_channel.start()
        await asyncio.wait_for(kc._async_wait_for_ready(timeout=5), 5)

    def _execute(self, cell: Any, index: int) -> tuple[CellStatus, str]:
        try:
            self._loop.run_until_complete(self._client.async_execute_cell(cell, index))
        except CellTimeoutError:
            return "timeout", f"it did not finish within {self._client.timeout} s"
        except DeadKernelError:
            return "dead", "it ended the Python process it ran in"
        except CellExecutionError as error:
            return "error", f"{error.ename}: {error.evalue}"
        except Exception as error:  # the kernel sent what nbclient can't make sense of
            log.warning("nbclient can't make sense of what a kernel sent.", exc_info=error)
            return "error", f"{type(error).__name__}: {error}"
        return "ok", ""

    def keep(self, number: int) -> None:
        code = keep_expression(inspect.getsource(kept_names), number)
        with contextlib.suppress(TimeoutError):  # then the next cell or call has none left, either
            self._loop.run_until_complete(self._request(code))

    def call(
        self, calls: Sequence[Call], apart: bool = False, kept: int | None = None
    ) -> list[Answer]:
        nonce = secrets.token_hex(16)  # an answer made before the question can't have it
        code = call_expression(inspect.getsource(wire), calls, nonce, kept)
        try:
            reply = self._loop.run_until_complete(self._request(code))
        except TimeoutError:
            raise BoxError(
                f"the checks of this exercise did not finish within {self.limits.call_seconds:g} s"
            ) from None
        if reply is None:
            raise BoxDiedError("calling the function ended the Python process it ran in")
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
        except (KeyError, TypeError):
            raise BoxError(SPOILT) from None
        return read_answers(text, nonce, len(calls), self.limits.answer_bytes)

    def retake(self) -> bool:
        return False  # there is one process for all calls

    def forget(self) -> None:
        """There is one process for all calls."""

    async def _request(self, code: str) -> dict[str, Any] | None:
        """The reply's content, None if the kernel died; TimeoutError if it doesn't answer."""
        kc: Any = self._client.kc
        km: Any = self._client.km
        message = kc.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"answer": code},
            allow_stdin=False,
        )
        deadline = self._loop.time() + self.limits.call_seconds
        while self._loop.time() < deadline:
            try:
                reply = await kc.shell_channel.get_msg(timeout=0.5)
            except Exception:  # queue.Empty: nothing yet
                if not await km.is_alive():
                    return None
                continue
            if reply["parent_header"].get("msg_id") == message:
                content: dict[str, Any] = reply["content"]
                return content
        raise TimeoutError

    def waited_seconds(self) -> float:
        return 0.0  # nobody counts

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._loop.run_until_complete(self._stop())
        if self._group and hasattr(os, "killpg"):  # children that outlive their kernel
            with contextlib.suppress(OSError):
                os.killpg(self._group, signal.SIGKILL)
        with contextlib.suppress(Exception):
            self._loop.close()
        self._folder.cleanup()

    async def _stop(self) -> None:
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        km: Any = self._client.km
        await km.shutdown_kernel(now=True)


class KernelBoxes(Closing):
    """Boxes that are ordinary Jupyter kernels: each starts cold, none is a sandbox."""

    kind = KernelBox.kind

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def open(self, flavour: str = "numpy") -> KernelBox:
        return KernelBox(self.limits)

    def close(self) -> None:
        """Nothing is kept warm; whoever opened a box closes it."""


def _font_folder(home: str) -> str:
    """Matplotlib's own folder in a box: not shared, but with a list of this machine's fonts."""
    folder = os.path.join(home, ".matplotlib")
    os.mkdir(folder)
    for file in _font_lists():
        shutil.copy(file, folder)
    return folder


@functools.cache
def _font_lists() -> list[str]:
    """Making the list takes seconds, so it is made once, by us."""
    try:
        import matplotlib.font_manager

        return glob.glob(os.path.join(matplotlib.get_cachedir(), "fontlist-*.json"))
    except Exception:  # then each plot makes its own
        return []


def _quiet_log() -> logging.Logger:
    """nbclient logs what happens to a submission; that goes into its result, not the terminal."""
    nbclients = logging.getLogger("autograder.boxes.plain_kernel.nbclient")
    nbclients.addHandler(logging.NullHandler())
    nbclients.propagate = False
    return nbclients
