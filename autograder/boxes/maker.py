"""Where boxes come from: one maker per grading process makes one box after another.

A maker may keep something warm between boxes; its boxes share nothing. The grader asks for boxes
here only, so it does not know which kind it gets.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from autograder.boxes.box import Box, Limits
from autograder.boxes.kernel import KernelBox


class BoxMaker(Protocol):
    """Makes boxes, from several threads at once if need be."""

    kind: str  # of its boxes, stamped on every result
    limits: Limits

    def open(self) -> Box:
        """A new box, ready to run cells."""

    def close(self) -> None:
        """End what is kept warm, and every box that is still open."""

    def __enter__(self) -> BoxMaker: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class KernelBoxes:
    """Boxes that are ordinary Jupyter kernels: each starts cold, none is a sandbox."""

    kind = KernelBox.kind

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def open(self) -> Box:
        return KernelBox(self.limits)

    def close(self) -> None:
        """Nothing is kept warm; whoever opened a box closes it."""

    def __enter__(self) -> KernelBoxes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_boxes(limits: Limits) -> BoxMaker:
    """The best boxes that this machine can make."""
    return KernelBoxes(limits)
