"""Boxes opened ahead: while a lesson's key is made, a sandbox starts and is tried beside it."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor

from autograder.boxes.box import Limits
from autograder.boxes.maker import BoxMaker, open_boxes, sandboxes
from autograder.closing import Closing


class BoxesAhead(Closing):
    """A maker of boxes, opened in a thread of its own once it is sure that it will be wanted."""

    def __init__(self, limits: Limits, flavour: str, once_a_boot: bool = False) -> None:
        self._limits, self._flavour, self._once_a_boot = limits, flavour, once_a_boot
        self._opening: Future[BoxMaker] | None = None

    def start(self) -> None:
        """Begin opening it. A second time does nothing."""
        if self._opening is None:
            sandboxes()  # imported in one piece: beside other imports they would wait
            opener = ThreadPoolExecutor(1, "boxes ahead")
            self._opening = opener.submit(
                open_boxes,
                self._limits,
                flavour=self._flavour,
                once_a_boot=self._once_a_boot,
            )
            opener.shutdown(wait=False)  # it ends with its one piece of work

    def maker(self) -> BoxMaker:
        """The maker, as soon as it is open. Raises AttnError if there is no sandbox here."""
        self.start()
        assert self._opening is not None
        return self._opening.result()

    def close(self) -> None:
        """End what was opened, as soon as it is there."""
        if self._opening is not None:
            with contextlib.suppress(Exception):  # then there is nothing to end
                self._opening.result().close()
