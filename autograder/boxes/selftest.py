"""Which protections hold on this machine: each is tried from inside a box, none is inferred."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.boxes.box import Box, BoxFault, Limits
from autograder.boxes.private import files_to_look_for
from autograder.boxes.usage import is_running, tree
from autograder.boxes.walls import OWN, environment
from autograder.boxes.warm_process import WarmProcess

_INSIDE = Path(__file__).parent / "inside"
WALL_CHECK = (_INSIDE / "wall_check.py").read_text(encoding="utf-8")
NEIGHBOUR = (_INSIDE / "neighbour.py").read_text(encoding="utf-8")
RELEASED = ("L1.json", "course.json")  # what checks expect, and a list of the exercises
#: Limits small enough to be reached in an instant.
SMALL: dict[str, Any] = {
    "processes": 12,
    "open_files": 64,
    "disk_bytes": 1 << 20,
    "disk_files": 100,
}
#: What a name in the wall check means to a person.
MEANING = {
    "files": "the grader's files can't be read",
    "writing": "nothing of the system can be written to",
    "network": "neither this machine nor another can be reached",
    "rights": "no rights of root, and none to be won",
    "kernel": "the kernel's settings can't be changed",
    "calls": "dangerous system calls are refused",
    "processes": "other processes can't be seen",
    "environment": "nothing of the grader's environment is there",
    "process limit": "processes are counted",
    "memory": "memory is bounded",
    "disk": "disk space is bounded",
    "disk files": "the number of files is bounded",
    "open files": "the number of open files is bounded",
    "daemons": "no process outlives its submission",
    "neighbours": "two submissions at once can't find each other",
}
#: Without these it is no sandbox at all.
VITAL = frozenset(
    (
        *("files", "writing", "network", "rights", "kernel", "calls", "environment", "daemons"),
        "neighbours",
    )
)
#: Names that Python, IPython and shells put into an environment.
_SHELLS = frozenset(
    ("TERM", "PAGER", "GIT_PAGER", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "LC_CTYPE", "PWD")
)
_DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: __import__("time").sleep(60)
    os._exit(0)
os.wait()
"""


@dataclass(frozen=True)
class Protection:
    """One protection: does it hold here, and if not, what went wrong?"""

    name: str
    problem: str = ""

    @property
    def holds(self) -> bool:
        return not self.problem


class _Maker(Protocol):
    limits: Limits
    missing: Mapping[str, str]
    one_at_a_time: bool
    with_checks: bool

    def warm_process(self, flavour: str = ...) -> WarmProcess: ...

    def open_with(self, limits: Limits, flavour: str = ..., inner: Limits | None = ...) -> Box: ...


def examine(maker: _Maker, flavour: str = "numpy") -> list[Protection]:
    """Try every protection in boxes of this maker's. Raises BoxFault if there is no box."""
    limits = dataclasses.replace(maker.limits, cell_seconds=30.0)
    small = dataclasses.replace(limits, **SMALL)
    with tempfile.TemporaryDirectory(prefix="attn-canary-") as folder, socket.socket() as server:
        os.chmod(folder, 0o755)
        canary = Path(folder) / "canary"
        canary.write_text("to be read by nobody", encoding="utf-8")
        own = [str(canary), str(Path(__file__)), str(Path.home() / ".profile")]
        if not maker.with_checks:
            own += [f"{OWN}/attnkit/released/{file}" for file in RELEASED]
        server.bind(("127.0.0.1", 0))
        server.listen()
        facts = {
            **SMALL,
            "memory_bytes": limits.memory_bytes,
            "port": server.getsockname()[1],
            "missing": sorted(maker.missing),
            "hidden": [*own, *files_to_look_for(maker.with_checks)],
        }
        with maker.open_with(limits, flavour, small) as box:
            set_there = maker.warm_process(flavour).own_environment
            meant = {*environment(maker.with_checks), *_SHELLS, *set_there}
            facts["environment"] = sorted(set(os.environ) - meant)
            found = _walls_checked(box, facts)
            if maker.one_at_a_time:  # then there is never a neighbour
                found.append(Protection("neighbours"))
            else:
                with maker.open_with(limits, flavour) as other:
                    found.append(_try_neighbours(box, other))
    with maker.open_with(maker.limits, flavour) as box:
        found.append(_try_daemon(box))
    return [*found, *(Protection(name, why) for name, why in maker.missing.items())]


def _walls_checked(box: Box, facts: dict[str, Any]) -> list[Protection]:
    answers = _told(box, WALL_CHECK, f"check_walls(json.loads({json.dumps(facts)!r}))")
    return [Protection(str(name), str(problem)) for name, problem in answers.items()]


def _try_neighbours(box: Box, other: Box) -> Protection:
    """One box looks for what another that runs at the same time has left for it."""
    left = _told(box, NEIGHBOUR, "leave()")
    problem = _told(other, NEIGHBOUR, f"look(json.loads({json.dumps(left)!r}))")
    return Protection("neighbours", str(problem))


def _told(box: Box, code: str, expression: str) -> Any:
    """What an expression after this code gives in the box, as JSON."""
    result = box.run_cell(f"{code}\nimport json; print(json.dumps({expression}))")
    try:
        texts = [o["text"] for o in result.outputs if o["output_type"] == "stream"]
        return json.loads("".join(texts))
    except ValueError:
        raise BoxFault(f"its self-test fails: {result.reason or result.status}") from None


def _try_daemon(box: Any) -> Protection:
    """A process in a session of its own must end when its box does."""
    box.run_cell(_DAEMON)
    everything = tree(box.process())[1:]
    box.close()
    end = time.monotonic() + 20  # more than a busy machine takes
    while any(map(is_running, everything)) and time.monotonic() < end:
        time.sleep(0.01)
    left = [process for process in everything if is_running(process)]
    if not everything:
        return Protection("daemons", "its processes can't be found")
    return Protection("daemons", f"{len(left)} of its processes live on" if left else "")
