"""A box made of an ordinary Jupyter kernel: own process and folder, bare environment."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import nbformat
from attnkit import wire
from attnkit.wire import Answer, Call
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from autograder.boxes.box import BoxError, CellResult, Limits

# Run in the learner's process. Its answer is data, so whatever is done to it there can only spoil
# the learner's own answer.
_CALL = """
_attn_wire = {{}}
exec({source!r}, _attn_wire)
_attn_answer = _attn_wire["answer_json"](globals(), {calls!r})
"""
_SEED = "import random as _r, numpy as _n; _r.seed(0); _n.random.seed(0); del _r, _n"
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


class _BoundedClient(NotebookClient):
    """nbclient that drops a cell's output once it is longer than allowed."""

    max_bytes = 0
    seen_bytes = 0

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            self.seen_bytes += len(str(msg["content"]))
            if self.seen_bytes > self.max_bytes:
                return None
        return super().process_message(msg, cell, cell_index)


class KernelBox:
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
        self._client = _BoundedClient(
            self._notebook,
            km=manager,
            timeout=self.limits.cell_seconds,
            startup_timeout=int(self.limits.start_seconds),
            allow_errors=True,
            store_widget_state=False,
            log=_quiet_log(),
        )
        self._client.max_bytes = self.limits.output_bytes
        self._loop.run_until_complete(self._start())

    async def _start(self) -> None:
        home = self._folder.name
        env = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        env |= {
            "HOME": home,
            "IPYTHONDIR": os.path.join(home, ".ipython"),
            "MPLCONFIGDIR": os.path.join(tempfile.gettempdir(), f"attn-mpl-{os.getuid()}")
            if hasattr(os, "getuid")
            else home,
            "ATTNKIT_PROGRESS": "off",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), env.get("PATH", "")]),
        }
        await self._client.async_start_new_kernel(
            cwd=home, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await self._client.async_start_new_kernel_client()
        kc: Any = self._client.kc
        await kc._async_execute_interactive(_SEED, silent=True, timeout=30)

    def run_cell(self, source: str) -> CellResult:
        cell = nbformat.v4.new_code_cell(source)
        self._notebook.cells.append(cell)
        self._client.seen_bytes = 0
        index = len(self._notebook.cells) - 1
        seconds = self.limits.cell_seconds
        try:
            self._loop.run_until_complete(self._client.async_execute_cell(cell, index))
        except CellTimeoutError:
            return CellResult("timeout", cell.outputs, f"it did not finish within {seconds:g} s")
        except DeadKernelError:
            return CellResult("dead", cell.outputs, "it ended the Python process it ran in")
        except CellExecutionError as error:
            return CellResult("error", cell.outputs, f"{error.ename}: {error.evalue}")
        except Exception as error:  # the kernel sent what nbclient can't make sense of
            return CellResult("error", cell.outputs, f"{type(error).__name__}: {error}")
        truncated = self._client.seen_bytes > self._client.max_bytes
        for output in cell.outputs:
            if output.output_type == "error":
                reason = f"{output.ename}: {output.evalue}"
                return CellResult("error", cell.outputs, reason, truncated)
        return CellResult("ok", cell.outputs, "", truncated)

    def call(self, calls: Sequence[Call]) -> list[Answer]:
        code = _CALL.format(source=inspect.getsource(wire), calls=json.dumps(list(calls)))
        try:
            reply = self._loop.run_until_complete(self._request(code))
        except TimeoutError:
            raise BoxError(
                f"the checks of this exercise did not finish within {self.limits.call_seconds:g} s"
            ) from None
        if reply is None:
            raise BoxError("calling the function ended the Python process it ran in")
        return self._read_answers(reply, len(calls))

    async def _request(self, code: str) -> dict[str, Any] | None:
        """The reply's content, None if the kernel died; TimeoutError if it doesn't answer."""
        kc: Any = self._client.kc
        km: Any = self._client.km
        message = kc.execute(
            code,
            silent=True,
            store_history=False,
            user_expressions={"answer": "_attn_answer"},
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

    def _read_answers(self, reply: dict[str, Any], wanted: int) -> list[Answer]:
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
            if len(text) > self.limits.answer_bytes:
                raise BoxError("the answer is larger than a judge reads")
            answers = json.loads(ast.literal_eval(text))
        except (KeyError, TypeError, ValueError, SyntaxError, MemoryError, RecursionError):
            raise BoxError("the notebook kept the checks from being run") from None
        if not isinstance(answers, list) or len(answers) != wanted:
            raise BoxError("the notebook kept the checks from being run")
        return answers

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._loop.run_until_complete(self._stop())
        with contextlib.suppress(Exception):
            self._loop.close()
        self._folder.cleanup()

    async def _stop(self) -> None:
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        km: Any = self._client.km
        await km.shutdown_kernel(now=True)

    def __enter__(self) -> KernelBox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _quiet_log() -> logging.Logger:
    """nbclient logs what happens to a submission; that goes into its result, not the terminal."""
    log = logging.getLogger("autograder.boxes.kernel")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log
