"""What a submission uses is counted, however it hides it; what its neighbours take is not its own.

Each is tried with control groups, where this machine gives some, and without.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.errors import AttnError


@pytest.fixture(scope="module")
def made() -> Iterator[SandboxedBoxes]:
    try:
        maker = open_boxes(Limits())
    except AttnError as error:
        pytest.skip(str(error))
    with maker:
        if type(maker) is not SandboxedBoxes:
            pytest.skip(f"there is only a {maker.kind} here")
        yield maker


@pytest.fixture(params=["with groups", "without groups"])
def boxes(
    request: pytest.FixtureRequest, made: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> SandboxedBoxes:
    if request.param == "without groups":
        monkeypatch.setattr(made, "groups", None)
    elif made.groups is None:
        pytest.skip("this process may make no control groups")
    return made


# One child after the other, which nobody waits for: what they compute is in no sum of the kernel's.
HIDES = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
end = time.monotonic() + 60
while time.monotonic() < end:
    if os.fork() == 0:
        stop = time.process_time() + {life}
        while time.process_time() < stop: pass
        os._exit(0)
    try: os.wait()
    except ChildProcessError: pass
"""


@pytest.mark.parametrize("life", [0.02, pytest.param(0.3, marks=pytest.mark.exhaustive)])
def test_children_that_nobody_waits_for_are_counted(boxes: SandboxedBoxes, life: float) -> None:
    limits = Limits(cell_seconds=1.0, patience=30.0)
    with boxes.open_with(limits) as box:
        result = box.run_cell(HIDES.format(life=life))
    assert result.reason == "it did not finish within 1 s of computing"


def test_children_that_are_waited_for_are_counted_once(boxes: SandboxedBoxes) -> None:
    """Half of what is allowed, in many children: nobody is stopped for it."""
    limits = Limits(cell_seconds=2.0, patience=60.0)
    source = """
import os, time
for _ in range(10):
    if os.fork() == 0:
        stop = time.process_time() + 0.1
        while time.process_time() < stop: pass
        os._exit(0)
    os.wait()
"""
    with boxes.open_with(limits) as box:
        assert box.run_cell(source).status == "ok"


# Each in a session of its own: some kernels share processors out among sessions.
HOGS = """
import os
for _ in range({count}):
    if os.fork() == 0:
        os.setsid()
        break
while True: pass
"""
COMPUTES = """
import time
stop = time.process_time() + 0.3
while time.process_time() < stop: pass
print("done")
"""


def test_a_neighbour_that_takes_all_processors_costs_nobody_a_right_answer(
    boxes: SandboxedBoxes,
) -> None:
    """Beside ten processes on each, a second of computing takes many by the clock."""
    attacker = boxes.open_with(Limits(cell_seconds=600.0))
    hogs = HOGS.format(count=min(10 * (os.cpu_count() or 1), 120))
    bad = threading.Thread(target=attacker.run_cell, args=(hogs,))
    with boxes.open_with(Limits(cell_seconds=0.5, patience=3.0)) as victim:
        bad.start()
        try:
            result = victim.run_cell(COMPUTES)
        finally:
            attacker.close()
            bad.join()
    assert (result.status, result.outputs[0]["text"]) == ("ok", "done\n"), result.reason
    assert victim.waited_seconds() > 0  # neither a cell's time nor the submission's


def test_who_sleeps_is_ended_by_the_clock(boxes: SandboxedBoxes) -> None:
    with boxes.open_with(Limits(cell_seconds=0.5, patience=2.0)) as box:
        result = box.run_cell("import time; time.sleep(600)")
    assert result.reason == "it did not finish within 1 s, though it computed for less than 0.5 s"


FILLS = """
import os, socket, time
kept = []
for _ in range(7):
    if os.fork() == 0: break
for _ in range(100):
    one, other = socket.socketpair()
    kept += [one, other]
    for end in (one, other):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
        end.setblocking(False)
        try:
            while True: end.send(bytes(4096))
        except BlockingIOError: pass
time.sleep(600)
"""


def test_what_waits_in_sockets_is_memory(boxes: SandboxedBoxes) -> None:
    with boxes.open_with(Limits(cell_seconds=60.0, memory_bytes=700 << 20)) as box:
        result = box.run_cell(FILLS)
    assert result.reason == "it needed more than 0.684 GiB of memory"


def test_a_program_can_not_let_a_socket_hold_more(boxes: SandboxedBoxes) -> None:
    source = """
import socket
def sizes(end):
    return [end.getsockopt(1, name) for name in (socket.SO_SNDBUF, socket.SO_RCVBUF)]
for family in (socket.AF_UNIX, socket.AF_INET):
    end = socket.socket(family)
    before = sizes(end)
    for name in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        end.setsockopt(socket.SOL_SOCKET, name, 1 << 20)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    print(sizes(end) == before, max(sizes(end)) <= 212_992, end.getsockopt(1, socket.SO_KEEPALIVE))
"""
    with boxes.open() as box:
        assert box.run_cell(source).outputs[0]["text"].split() == ["True", "True", "1"] * 2
