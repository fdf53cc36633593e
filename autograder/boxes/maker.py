"""Where boxes come from: one maker per grading process makes one box after another.

A maker may keep something warm between boxes; its boxes share nothing. The grader asks for boxes
here only, so it does not know which kind it gets.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from autograder.boxes.box import Box, BoxFault, Limits
from autograder.closing import Closing
from autograder.errors import AttnError
from autograder.log import logger

if TYPE_CHECKING:  # what there is on Linux only is imported where it is used
    from autograder.boxes.bubblewrap import SandboxedBoxes
    from autograder.boxes.selftest import Protection

log = logger(__name__)
UNSAFE = "--unsafe-no-sandbox"
_TRIES = 3  # a process may be ended by somebody else's hand while its sandbox is tried


class BoxMaker(Closing, Protocol):
    """Makes boxes, from several threads at once if need be."""

    kind: str  # of its boxes, stamped on every result
    limits: Limits

    def open(self, flavour: str = "numpy") -> Box:
        """A new box, ready to run cells. Raises BoxFault if there is none to be had.

        The flavour says what is imported already where something is kept warm: numpy or keras.
        """

    def close(self) -> None:
        """End what is kept warm, and every box that is still open."""


def open_boxes(
    limits: Limits,
    sandbox: bool = True,
    flavour: str = "numpy",
    with_checks: bool = False,
    once_a_boot: bool = False,
) -> BoxMaker:
    """The best boxes that this machine can make.

    Those of a sandbox, if every vital protection of it holds when tried; else of a weaker one.
    Raises AttnError, which says what to do, if no sandbox works here. Without `sandbox` they are
    ordinary kernels, and every result says so. A sandbox is tried in boxes of `flavour`: give that
    of the first box, and the warm process that it comes from is there already. `with_checks` lets
    `check` and `hint` work in the boxes of a sandbox, which then hold what visible checks expect.
    With `once_a_boot` walls that were tried since the machine was started, and held, are not tried
    again where nothing differs (`tried.py`).
    """
    if not (sandbox and limits.sandbox):
        from autograder.boxes.plain_kernel import KernelBoxes  # which takes its time to import

        log.warning("Boxes are ordinary kernels, without a sandbox.")
        return KernelBoxes(limits)
    problems = []
    for start in sandboxes():
        for _ in range(_TRIES):
            try:
                boxes = start(
                    limits,
                    flavour=flavour,
                    with_checks=with_checks,
                    once_a_boot=once_a_boot,
                )
                log.info("Boxes are a %s.", boxes.kind)
                return boxes
            except BoxFault as error:
                log.warning("A sandbox does not work here.", exc_info=error)
                problem = str(error)
        problems.append(problem)
    raise AttnError(no_sandbox(problems))


@dataclass(frozen=True)
class Survey:
    """What one kind of sandbox is worth here. `problem` says why it is none, if so."""

    kind: str
    protections: tuple[Protection, ...] = ()
    problem: str = ""

    @property
    def is_sandbox(self) -> bool:
        return not self.problem


def survey(limits: Limits) -> Iterator[Survey]:
    """Try each kind of sandbox, best first."""
    from autograder.boxes.selftest import examine

    for start in sandboxes():
        try:
            with start(limits) as boxes:
                yield Survey(boxes.kind, tuple(examine(boxes)))
        except BoxFault as error:
            yield Survey("sandbox", problem=str(error))


def sandboxes() -> list[Starter]:
    """How to start each sandbox that might work here, best first."""
    if sys.platform != "linux":
        return []
    from autograder.boxes.inside.seccomp import known_machine
    from autograder.boxes.landlock import start_landlock
    from autograder.boxes.walls import bubblewraps

    if not known_machine():
        return []
    from autograder.boxes.bubblewrap import start_bubblewrap

    found: list[Starter] = [functools.partial(start_bubblewrap, program=p) for p in bubblewraps()]
    return [*found, start_landlock]


class Starter(Protocol):
    """Starts a maker and tries its walls; raises BoxFault if it is no sandbox here."""

    def __call__(
        self,
        limits: Limits,
        *,
        flavour: str = ...,
        with_checks: bool = ...,
        once_a_boot: bool = ...,
    ) -> SandboxedBoxes: ...


def no_sandbox(problems: list[str]) -> str:
    """Why there is none, and how to have one, as one sentence."""
    if sys.platform != "linux":
        why = "there is no sandbox for this system"
        how = "grade in WSL2, or in a Linux container or virtual machine"
    else:
        why = problems[0] if problems else "bubblewrap is not installed"
        how = how_to_enable()
    return (
        f"Submissions can't be run safely here ({why}): {how}; `attn doctor` shows more, and "
        f"{UNSAFE} runs them with your user's rights all the same."
    )


def how_to_enable() -> str:
    """What to do for user namespaces, as far as the machine's settings tell."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor keeps programs from making namespaces; install the system's `bubblewrap` "
            "and its AppArmor profile (on Ubuntu: `apt install bubblewrap apparmor-profiles`)"
        )
    if _setting("user/max_user_namespaces") == "0":
        return "let users have namespaces (`sysctl user.max_user_namespaces=10000`)"
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "let users have namespaces (`sysctl kernel.unprivileged_userns_clone=1`)"
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return "start this container so that it may make namespaces, or grade outside of it"
    return "install bubblewrap, and see that users may make namespaces"


def _setting(name: str) -> str:
    try:
        with open(f"/proc/sys/{name}") as file:
            return file.read().strip()
    except OSError:
        return ""
