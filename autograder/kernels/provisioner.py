"""Jupyter's extension point for where kernels run: ours run in sandboxed boxes.

Any front end gets one by a kernelspec's name, `attn-numpy` or `attn-keras`:

    nbgrader autograde --Execute.kernel_name=attn-numpy LESSON
    jupyter execute --kernel_name=attn-numpy notebook.ipynb

One front end's kernels are forked from one warm process, which is started with the first of them.
They see none of its files and no network, and their limits are those of `attn grade`; a front
end's own time limit comes first if it is shorter.
"""

from __future__ import annotations

import asyncio
import atexit
import dataclasses
import signal
import threading
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Float, Unicode

from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.errors import AttnError
from autograder.kernels.server import KernelServer

_WAIT_SECONDS = 0.05
_lock = threading.Lock()
_makers: list[SandboxedBoxes] = []


def shared_boxes(flavour: str = "numpy") -> SandboxedBoxes:
    """This process's maker of boxes, tried in that flavour if it is new.

    AttnError says what to do if no sandbox works here.
    """
    with _lock:
        if not _makers:
            # nbgrader's cells call `check` in the kernel, which knows what is expected
            maker = open_boxes(Limits(everything=True), flavour=flavour, with_checks=True)
            if not isinstance(maker, SandboxedBoxes):
                maker.close()
                raise AttnError(
                    "A sandboxed kernel needs bubblewrap's walls, and they don't hold here: "
                    "`attn doctor` tells why, and `attn grade` may work all the same."
                )
            _makers.append(maker)
            atexit.register(maker.close)
        return _makers[0]


class BoxProvisioner(LocalProvisioner):
    """Makes a kernel of a sandboxed box. Ports and connection file are as for a local kernel."""

    flavour = Unicode("numpy", help="What is imported already: numpy or keras.").tag(config=True)
    cell_seconds = Float(600.0, help="Processor seconds for one cell, at most.").tag(config=True)

    server: KernelServer | None = None

    @property
    def has_process(self) -> bool:
        return self.server is not None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Open a box and serve it on the sockets of the connection file."""
        self.server = await asyncio.to_thread(self._start)
        return self.connection_info

    def _start(self) -> KernelServer:
        boxes = shared_boxes(self.flavour)
        limits = dataclasses.replace(boxes.limits, cell_seconds=self.cell_seconds)
        box = boxes.open_with(limits, self.flavour)
        try:
            return KernelServer(box, self.connection_info)
        except BaseException:
            box.close()
            raise

    async def poll(self) -> int | None:
        if self.server is None:
            return 0
        return None if self.server.is_alive else self.server.exit_code or 0

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(_WAIT_SECONDS)
        code = await self.poll()
        self.server = None
        return code

    async def send_signal(self, signum: int) -> None:
        if self.server is None or signum == 0:
            return
        if signum == signal.SIGINT:
            self.server.interrupt()
        else:
            await asyncio.to_thread(self.server.close, -signum)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        if self.server is not None:
            await asyncio.to_thread(self.server.close)
            self.server = None
        await super().cleanup(restart)
