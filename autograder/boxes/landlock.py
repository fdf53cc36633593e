"""The weaker sandbox: Landlock, a call filter and limits, without namespaces. One box at a time."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping

from autograder.boxes.box import BoxFault, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes, trust
from autograder.boxes.sandboxed import SandboxedBox
from autograder.boxes.selftest import examine
from autograder.boxes.usage import is_running, tree
from autograder.boxes.walls import USER, weak_plan
from autograder.boxes.warm_process import WarmProcess

WEAKER = "weaker sandbox (Landlock: no network, no files; no namespaces)"
VITAL = frozenset(("files", "network", "rights", "kernel", "calls", "environment", "daemons"))
_KILL_SECONDS = 5.0


class LandlockBoxes(SandboxedBoxes):
    """Boxes that are forked from a warm process outside of any namespace."""

    kind = WEAKER
    one_at_a_time = True
    missing: Mapping[str, str] = {
        "process limit": "processes are counted ten times a second, not limited",
        "disk": "disk space is bounded for each file only",
        "disk files": "it could make any number of files",
    }

    def __init__(self, limits: Limits, with_checks: bool = False) -> None:
        super().__init__(limits, "", with_checks)
        self._folder = tempfile.mkdtemp(prefix="attn-weak-")
        os.chmod(self._folder, 0o711)
        self._one = threading.Lock()  # boxes of one user could see each other's processes

    def open_with(
        self, limits: Limits, flavour: str = "numpy", inner: Limits | None = None
    ) -> SandboxedBox:
        """A new box, once the one before has ended."""
        self._one.acquire()
        folder = tempfile.mkdtemp(dir=self._folder)
        if os.getuid() == 0:
            os.chown(folder, USER, USER)
        try:
            warm = self.warm_process(flavour)
            child = warm.fork(inner or limits, folder, self.groups)
            return SandboxedBox(
                *(child, limits, self.kind, warm.is_alive),
                watched=warm.process.pid,
                afterwards=lambda: self._clean(warm, folder),
            )
        except BaseException:
            if self._one.locked():
                shutil.rmtree(folder, ignore_errors=True)
                self._one.release()
            raise

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self, flavour: str) -> WarmProcess:
        home = tempfile.mkdtemp(dir=self._folder)
        if os.getuid() == 0:
            os.chown(home, USER, USER)
        return WarmProcess(
            lambda control: weak_plan(flavour, control, home, self.with_checks), flavour
        )

    def _clean(self, warm: WarmProcess, folder: str) -> None:
        """End what the box left behind, and remove its folder, however deep."""
        try:
            if not end_descendants(warm.process.pid):
                self.retire(warm)
            subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)
        finally:
            warm.child_ended()
            self._one.release()


def end_descendants(first: int) -> bool:
    """Kill all that `first` has started, again and again until nothing is left; did that work?"""
    end = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < end:
        left = [process for process in tree(first)[1:] if is_running(process)]
        if not left:
            return True
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
    return False


def start_landlock(
    limits: Limits, flavour: str = "numpy", with_checks: bool = False, once_a_boot: bool = False
) -> LandlockBoxes:
    """The weaker boxes, if their walls hold: they are tried each time. Raises BoxFault if not."""
    boxes = LandlockBoxes(limits, with_checks)
    try:
        trust(examine(boxes, flavour), VITAL)
    except BaseException as error:
        boxes.close()
        if isinstance(error, OSError):
            raise BoxFault(f"{error}") from None
        raise
    return boxes
