"""The maker of sandboxed boxes: keeps a warm process for each flavour, replaces it when it must."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from autograder.boxes.box import BoxFault, Limits
from autograder.boxes.flavours import starts_slowly
from autograder.boxes.functions import FunctionServer
from autograder.boxes.groups import open_groups
from autograder.boxes.sandboxed import SandboxedBox
from autograder.boxes.selftest import VITAL, Protection, examine
from autograder.boxes.tried import held_before, they_hold
from autograder.boxes.walls import plan
from autograder.boxes.warm_process import WarmProcess
from autograder.closing import Closing
from autograder.log import logger

log = logger(__name__)
SANDBOX = "sandbox (bubblewrap: own namespaces, no network)"
# Of one warm process, then a fresh one takes over. None grew by a MiB in a thousand; a start costs
# seconds.
MOST_CHILDREN = 1_000


class SandboxedBoxes(Closing):
    """Sandboxed boxes, forked from a warm process that runs inside bubblewrap."""

    kind = SANDBOX
    missing: Mapping[str, str] = {}  # protections that it does without, and why
    one_at_a_time = False

    def __init__(self, limits: Limits, program: str, with_checks: bool = False) -> None:
        self.limits, self.program, self.with_checks = limits, program, with_checks
        self._lock = threading.Lock()
        self._starting: dict[str, threading.Lock] = {}  # by flavour: two may start at once
        self._warm: dict[str, WarmProcess] = {}
        self._retired: list[WarmProcess] = []  # replaced, but boxes of theirs may be open
        self._open: weakref.WeakSet[SandboxedBox] = weakref.WeakSet()
        # A sandbox ends with the thread that started it, so threads that stay start them all.
        self._starter = ThreadPoolExecutor(2, "sandbox")
        self._functions = FunctionServer(self.open)
        self.groups = open_groups()

    def open(self, flavour: str = "numpy") -> SandboxedBox:
        """A new box. Raises BoxFault if there is none to be had, even from a fresh warm process."""
        return self.open_with(self.limits, flavour)

    def open_with(
        self, limits: Limits, flavour: str = "numpy", inner: Limits | None = None
    ) -> SandboxedBox:
        """A new box with limits of its own; `inner` are those that it sets itself, if others."""
        for last_try in (False, True):
            warm = self._warm_process(flavour)
            try:
                box = SandboxedBox(
                    warm.fork(inner or limits, groups=self.groups),
                    *(limits, self.kind, warm.is_alive),
                    afterwards=warm.child_ended,
                    functions=self._functions,
                )
            except BoxFault as fault:
                log.warning("No box from a warm process for %s.", flavour, exc_info=fault)
                self.retire(warm)
                if last_try:
                    raise
                continue
            self._open.add(box)
            return box
        raise AssertionError("unreachable")

    def warm_process(self, flavour: str = "numpy") -> WarmProcess:
        """The warm process of this flavour, started if need be."""
        return self._warm_process(flavour)

    def close(self) -> None:
        """End every box and every warm process."""
        for box in list(self._open):
            box.close()
        with self._lock:
            for warm in (*self._warm.values(), *self._retired):
                warm.close()
            self._warm.clear()
            self._retired.clear()
        self._starter.shutdown()
        if self.groups is not None:
            self.groups.close()
            self.groups = None

    def start(self, flavour: str) -> WarmProcess:
        """Start a warm process; called in a thread that stays."""
        return WarmProcess(
            lambda control: plan(self.program, flavour, control, self.with_checks), flavour
        )

    def _warm_process(self, flavour: str) -> WarmProcess:
        with self._lock:
            starting = self._starting.setdefault(flavour, threading.Lock())
        with starting:
            with self._lock:
                warm = self._warm.get(flavour)
                if warm is not None and warm.forked >= MOST_CHILDREN:
                    self._replace(warm)
                    warm = None
            if warm is None:
                warm = self._starter.submit(self.start, flavour).result()
                with self._lock:
                    self._warm[flavour] = warm
                log.info("A warm process for %s, number %d. Seconds: %s.",
                         flavour, warm.process.pid, warm.seconds)  # fmt: skip
            return warm

    def retire(self, warm: WarmProcess) -> None:
        """Take no more children from this one; those that it has may go on."""
        with self._lock:
            if self._warm.get(warm.flavour) is warm:
                self._replace(warm)

    def _replace(self, warm: WarmProcess) -> None:
        log.info("The warm process %d is replaced after %d boxes.", warm.process.pid, warm.forked)
        self._retired.append(self._warm.pop(warm.flavour))
        warm.retire()


def start_bubblewrap(
    limits: Limits,
    program: str,
    flavour: str = "numpy",
    with_checks: bool = False,
    once_a_boot: bool = False,
) -> SandboxedBoxes:
    """Fast boxes, if their walls hold. Raises BoxFault if not, and if bubblewrap does not start.

    With `once_a_boot` walls that held before, where nothing differs, are not tried again.
    """
    boxes = SandboxedBoxes(limits, program, with_checks)
    try:
        if once_a_boot:
            with ThreadPoolExecutor(1) as beside:  # looked up while the warm process starts
                known = beside.submit(held_before, program, flavour)
                boxes.warm_process(flavour)
            if known.result():
                log.info("Its walls held when they were tried before.")
                return boxes
        if once_a_boot:
            trust(examine(boxes, flavour), VITAL)
            they_hold(program, flavour)
        else:
            _try_walls(boxes, flavour)
    except BaseException:
        boxes.close()
        raise
    return boxes


def _try_walls(boxes: SandboxedBoxes, flavour: str) -> None:
    """Try the walls; where imports take long, beside them, in boxes that need none of them."""
    if not starts_slowly(flavour):
        trust(examine(boxes, flavour), VITAL)
        return
    with ThreadPoolExecutor(1) as beside:
        warming = beside.submit(boxes.warm_process, flavour)
        trust(examine(boxes, "bare"), VITAL)
        boxes.retire(boxes.warm_process("bare"))
    warming.result()


def trust(found: Iterable[Protection], vital: Collection[str]) -> None:
    """Raise BoxFault if one of the protections that must hold does not."""
    for protection in found:
        if protection.holds:
            log.info("This wall holds: %s.", protection.name)
        else:
            log.warning("This wall does not hold: %s (%s).", protection.name, protection.problem)
        if protection.name in vital and not protection.holds:
            raise BoxFault(f"a wall of the sandbox does not hold: {protection.problem}")
