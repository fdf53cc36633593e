"""One warm sandbox for all that is graded inside a test process, instead of one for each call.

A sandbox takes seconds to start and to be tried. The real command pays that once a run; the tests
call the code behind it hundreds of times. What starts `attn` as a process, and what tests sandboxes
themselves, still starts its own.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from autograder.boxes.box import Box, Limits
from autograder.boxes.flavours import PLAIN
from autograder.boxes.maker import BoxMaker, open_boxes
from autograder.closing import Closing
from autograder.errors import AttnError

if TYPE_CHECKING:  # which there is on Linux only
    from autograder.boxes.bubblewrap import SandboxedBoxes

USERS = ("autograder.boxes.opening",)


class Lent(Closing):
    """The kept maker as one grader has it: with this grader's limits, and not ended by it."""

    def __init__(self, kept: SandboxedBoxes, limits: Limits) -> None:
        self._kept, self.kind, self.limits = kept, kept.kind, limits

    def open(self, flavour: str = "numpy") -> Box:
        full = {plain: flavour for flavour, plain in PLAIN.items()}
        kept = full.get(flavour, flavour)  # what is warm has all that it needs
        return self._kept.open_with(self.limits, kept)

    def close(self) -> None:
        """Its boxes are closed by whoever opened them."""


class Keeper:
    """Opens a sandbox when it is wanted first, and lends it from then on."""

    def __init__(self) -> None:
        self._kept: SandboxedBoxes | None = None
        self._lock = threading.Lock()

    def open_boxes(
        self,
        limits: Limits,
        sandbox: bool = True,
        flavour: str = "numpy",
        with_checks: bool = False,
        once_a_boot: bool = False,
    ) -> BoxMaker:
        """As the real one. Keras is not kept: it takes a gigabyte."""
        if not sandbox or not limits.sandbox or "keras" in flavour or with_checks:
            return open_boxes(limits, sandbox, flavour, with_checks, once_a_boot)
        with self._lock:
            if self._kept is None:
                made = open_boxes(limits)
                from autograder.boxes.bubblewrap import SandboxedBoxes

                if type(made) is not SandboxedBoxes:  # a weaker one has one box at a time
                    return made
                self._kept = made
            return Lent(self._kept, limits)

    def sandbox(self, limits: Limits) -> BoxMaker:
        """As one grader has it who leaves it as it is; without it the test is skipped."""
        try:
            made = self.open_boxes(limits)
        except AttnError as error:
            pytest.skip(str(error))
        if not isinstance(made, Lent):
            with made:
                pytest.skip(f"there is only a {made.kind} here")
        return made

    def open_box(self, limits: Limits | None = None) -> Box:
        """One box of it; a plain kernel where there is no sandbox."""
        limits = limits or Limits()
        try:
            return self.open_boxes(limits).open()
        except AttnError:
            from autograder.boxes.plain_kernel import KernelBox  # which takes its time to import

            return KernelBox(limits)

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()


@contextlib.contextmanager
def keeping() -> Iterator[Keeper]:
    """Grading in this process takes its boxes from a kept sandbox.

    The tests are collected by now, so what they grade with is imported; nothing else need be.
    """
    keeper = Keeper()
    with contextlib.closing(keeper), pytest.MonkeyPatch.context() as patch:
        for name in USERS:
            if name in sys.modules:
                patch.setattr(sys.modules[name], "open_boxes", keeper.open_boxes)
        yield keeper
