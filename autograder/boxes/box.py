"""What a box is: the place where one submission runs. It runs code and answers calls, and ends.

The judge talks to this interface only. A box made of an ordinary Jupyter kernel is in
`plain_kernel.py`;
sandboxed ones take its place without a change elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from autograder.closing import Closing

if TYPE_CHECKING:
    from attnkit.checking.wire import Answer, Call

TRAINING_SECONDS = "3"  # for each training that a lesson itself makes: nothing it gives is judged
#: Told beforehand that there is no network, so that none of these tries for long.
OFFLINE = {
    "CONDA_OFFLINE": "true",
    "HF_HUB_OFFLINE": "1",
    "MAMBA_OFFLINE": "true",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "0",
    "TENSORBOARD_BINARY": "false",  # nobody would look at the server that it waits for
    "UV_OFFLINE": "1",
}
SPOILT = "the notebook kept the checks from being run"
CellStatus = Literal["ok", "error", "timeout", "dead"]


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission. Bytes are counted as they arrive.

    In a sandbox seconds are processor time, so that a loaded machine changes no score, and each
    may take `patience` times as long by the clock; elsewhere they are by the clock.
    """

    start_seconds: float = 60.0
    cell_seconds: float = 60.0
    call_seconds: float = 20.0  # all calls of one exercise together
    submission_seconds: float = 600.0  # all cells together, and once more for all checks together
    output_bytes: int = 1_000_000  # of one cell; more is dropped
    answer_bytes: int = 10_000_000  # of all answers of one exercise
    # False: of the course's own cells only those run that the learner's code leans on, and its
    # pictures are said in words, not drawn
    everything: bool = False
    sandbox: bool = True  # False: an ordinary kernel, with the grader's own rights
    # what follows holds in a sandbox only
    patience: float = 5.0
    memory_bytes: int = 4 << 30  # of each process's addresses, and of all processes together
    processes: int = 128  # threads included
    open_files: int = 512
    disk_bytes: int = 128 << 20  # of each folder that can be written to, and of each file
    disk_files: int = 8_000  # in each such folder


@dataclass(frozen=True)
class CellResult:
    """What running one cell gave: nbformat outputs, and how it went."""

    status: CellStatus
    outputs: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""  # one sentence for timeout and dead, "Name: text" for error
    truncated: bool = False
    # errors, "Name: text", after which it went on: what they needed was not there
    skipped: tuple[str, ...] = ()
    went_on: bool = False  # after all of its errors, to its end

    @property
    def left_out(self) -> str:
        """What is said of a cell that went on: the first error that is no other's doing."""
        if not self.skipped:
            return ""
        first, *others = [
            reason for reason in self.skipped if not reason.startswith("NameError")
        ] or self.skipped
        more = f", and {len(others)} more" if others else ""
        return f"what needs something that is not there while grading was left out ({first}{more})"


class BoxError(Exception):
    """The box did not answer: it timed out, died, or sent something that is no answer.

    `usable` says that what its cells have left is still there: it can be asked other things.
    """

    def __init__(self, reason: str, usable: bool = False) -> None:
        super().__init__(reason)
        self.usable = usable


class BoxDiedError(BoxError):
    """What runs the submission is gone. It may not have been the submission's own doing."""


class BoxFault(Exception):  # noqa: N818 - no error of the submission's
    """The grader itself failed, through no fault of the submission's: it is to be graded again."""

    may_be_logged = True


class Box(Closing, Protocol):
    """A place where a submission runs, isolated as far as the kind of box can."""

    kind: str  # stamped on every result: "plain kernel, no sandbox"

    def waited_seconds(self) -> float:
        """How long it has stood in line for a processor, as far as that is known: not its time."""

    def run_cell(self, source: str) -> CellResult:
        """Run one cell. Never raises because of the cell.

        Where a statement fails for want of what is not there, the next one is run all the same:
        see `inside/going_on.py`.
        """

    def keep(self, number: int) -> None:
        """Remember, under a number, what the notebook's names stand for now."""

    def call(
        self, calls: Sequence[Call], apart: bool = False, kept: int | None = None
    ) -> list[Answer]:
        """Call functions that the cells defined; plain data in, plain data out.

        With `kept`, the notebook's names stand for what they did when that number was kept.
        Functions among the inputs run beside those of the cells or, if the box can do that and it
        is asked for, `apart`, where no learner's code is.
        Raises BoxError if the box times out, dies or answers with something else.
        """

    def retake(self) -> bool:
        """Whether the last calls may answer otherwise if they are made where no others have been.

        If so, the next ones are. Where a box can't do that: no.
        """

    def forget(self) -> None:
        """Make the next calls where no others have been, if the box can do that."""

    def close(self) -> None:
        """End everything that runs in the box."""
