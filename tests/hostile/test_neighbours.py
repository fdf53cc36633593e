"""Two submissions that run at once: they can't meet, and neither can take anything from the other.

Each attack is what somebody would write who has read how boxes are made.
"""

from __future__ import annotations

import json
import os
import resource
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.boxes.box import Box, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.boxes.selftest import NEIGHBOUR
from autograder.boxes.warm_process import MOST_FILES
from autograder.errors import AttnError

LIMITS = Limits(cell_seconds=10.0, call_seconds=10.0)


@pytest.fixture(scope="module")
def boxes() -> Iterator[SandboxedBoxes]:
    try:
        maker = open_boxes(LIMITS)
    except AttnError as error:
        pytest.skip(str(error))
    with maker:
        if type(maker) is not SandboxedBoxes:
            pytest.skip(f"there is only a {maker.kind} here")
        yield maker


def said(box: Box, source: str) -> str:
    """All that a cell prints, or the error that it ends with."""
    result = box.run_cell(source)
    return "".join(str(o.get("text", o.get("evalue", ""))) for o in result.outputs) + result.reason


def told(box: Box, code: str, expression: str) -> Any:
    return json.loads(said(box, f"{code}\nimport json; print(json.dumps({expression}))"))


def test_a_terminal_is_seen_by_its_own_box_only(boxes: SandboxedBoxes) -> None:
    """One box could read what another's `!command` is told, and write into what it prints."""
    with boxes.open() as one, boxes.open() as other:
        said(one, "import os\nours, theirs = os.openpty(); os.set_blocking(ours, False)")
        seen = said(
            other,
            "import os\n"
            "for number in range(20):\n"
            "    try: os.write(os.open(f'/dev/pts/{number}', os.O_RDWR | os.O_NOCTTY), b'me')\n"
            "    except OSError: pass\n"
            "print(sorted(os.listdir('/dev/pts')))",
        )
        assert seen == "['ptmx']\n"
        assert "Resource temporarily unavailable" in said(one, "os.read(ours, 100)")


STOP = """
import os, termios, time
end = time.monotonic() + 60
print("begun", flush=True)
while not os.path.exists("stop") and time.monotonic() < end:
    for number in range(40):
        try:
            terminal = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            termios.tcflow(terminal, termios.TCOOFF)
            os.close(terminal)
        except OSError: pass
    time.sleep(0.002)
"""


def test_who_stops_all_terminals_stops_nobody_elses(boxes: SandboxedBoxes) -> None:
    """A stopped terminal took its box's time until that ran out: a right answer was lost."""
    attacker = boxes.open()
    bad = threading.Thread(target=attacker.run_cell, args=(STOP,))
    with boxes.open() as victim:
        bad.start()
        try:
            spoken = said(victim, "for _ in range(20):\n    !sleep 0.05; echo hello")
        finally:
            attacker.close()
            bad.join()
    assert spoken.split() == ["hello"] * 20


def test_a_box_can_not_take_the_machines_terminals(boxes: SandboxedBoxes) -> None:
    with boxes.open() as box:
        took = told(
            box,
            "import os\ndef took():\n    kept = []\n"
            "    try:\n        for _ in range(100): kept.append(os.openpty())\n"
            "    except OSError: pass\n    return len(kept)",
            "took()",
        )
        assert 0 < took <= 16


def test_nothing_that_one_leaves_is_found_by_another(boxes: SandboxedBoxes) -> None:
    """Letters, sockets, terminals, locks on files that both see."""
    with boxes.open() as one, boxes.open() as other:
        left = told(one, NEIGHBOUR, "leave()")
        assert told(other, NEIGHBOUR, f"look({left!r})") == ""


@pytest.mark.parametrize(
    ("name", "attempt"),
    [
        ("a lock", "fcntl.flock(shared, fcntl.LOCK_SH)"),
        ("a lock of one's own", "fcntl.flock(own, fcntl.LOCK_EX)"),
        ("asking for locks", "fcntl.fcntl(shared, fcntl.F_GETLK, bytes(32))"),
        ("a lock of an open file", "fcntl.fcntl(shared, fcntl.F_OFD_SETLK, bytes(32))"),
        ("a lease", "fcntl.fcntl(own, fcntl.F_SETLEASE, fcntl.F_WRLCK)"),
        ("a notice", "fcntl.fcntl(os.open('/', os.O_RDONLY), fcntl.F_NOTIFY, 2)"),
        ("a hint that stays", "fcntl.fcntl(own, 1036, bytes(8))"),
        ("a watch", "answer(libc.inotify_init())"),
        ("a watch with flags", "answer(libc.inotify_init1(0))"),
        ("a watch of what can be read", "__import__('select').epoll()"),
        ("a request to a disk", "answer(libc.syscall({'x86_64': 206}.get(os.uname().machine, 0)))"),
    ],
)
def test_what_would_be_a_letter_box_or_is_counted_for_all_is_refused(
    boxes: SandboxedBoxes, name: str, attempt: str
) -> None:
    """A lock is seen, a lease stops whoever opens the file, watches are counted for all boxes.

    One that took all watches of a user left the others' asyncio without any: their boxes ended.
    """
    code = f"""
import ctypes, errno, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
def answer(result):
    if result < 0: raise OSError(ctypes.get_errno(), "refused")
def tried():
    shared, own = open(os.__file__), open("own", "w")
    try: {attempt}
    except OSError as error: return errno.errorcode[error.errno]
"""
    with boxes.open() as box:
        assert told(box, code, "tried()") in ("EINVAL", "ENOSYS"), name


def test_libraries_that_lock_their_own_files_still_work(boxes: SandboxedBoxes) -> None:
    code = """
import dbm, fcntl, mailbox, multiprocessing, sqlite3
def works():
    with sqlite3.connect("table.db") as table:
        table.execute("create table t (a)")
        table.execute("insert into t values (6)")
    with open("own", "w") as file: fcntl.lockf(file, fcntl.LOCK_EX)
    lock, box = multiprocessing.Lock(), mailbox.mbox("mail")
    box.lock(); box.add("From: me"); box.unlock()
    with lock, multiprocessing.Pool(2) as pool: numbers = pool.map(abs, [-7])
    return [sqlite3.connect("table.db").execute("select a from t").fetchall(), numbers]
"""
    with boxes.open() as box:
        assert told(box, code, "works()") == [[[6]], [7]]


def test_asyncio_and_what_is_made_with_it_do_without(boxes: SandboxedBoxes) -> None:
    code = """
import asyncio, subprocess, sys, threading
SOURCE = "import asyncio; print(asyncio.run(asyncio.sleep(0, 5)))"
async def spoken():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SOURCE, stdout=subprocess.PIPE)
    return (await process.communicate())[0].decode()
def works():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(asyncio.run(spoken())))
    thread.start()
    thread.join()
    return seen
"""
    with boxes.open() as box:
        assert told(box, code, "works()") == ["5\n"]
        assert said(box, "await asyncio.sleep(0.01); print(await spoken())") == "5\n\n"


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP"])
def test_a_signal_to_everybody_reaches_the_own_box_only(boxes: SandboxedBoxes, signal: str) -> None:
    """All boxes were in one process group, which a signal finds across all namespaces."""
    attacker = boxes.open()
    ask = f"import os, signal\nfor group in (0, -1, -os.getpgrp()):\n    os.kill(group, {signal})"
    bad = threading.Thread(target=attacker.run_cell, args=(ask.replace("SIG", "signal.SIG"),))
    with boxes.open() as victim:
        before = boxes.warm_process()
        bad.start()
        try:
            assert said(victim, "for _ in range(5):\n    !sleep 0.1; echo hello") == "hello\r\n" * 5
        finally:
            attacker.close()
            bad.join()
    assert boxes.warm_process() is before
    with boxes.open() as box:
        assert said(box, "print(1)") == "1\n"


def test_nobody_waits_for_a_processor_by_choice(boxes: SandboxedBoxes) -> None:
    """The clock stands still while a box waits for one."""
    code = """
import os
def lowered():
    tries = (lambda: os.nice(5), lambda: os.setpriority(os.PRIO_PGRP, 0, 5),
             lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)),
             lambda: open("/proc/self/autogroup", "w").write("19"))
    done = []
    for number, attempt in enumerate(tries):
        try: attempt()
        except OSError: continue
        done.append(number)
    return done, os.getpriority(os.PRIO_PROCESS, 0)
"""
    with boxes.open() as box:
        done, priority = told(box, code, "lowered()")
    assert done == []
    assert priority == os.getpriority(os.PRIO_PROCESS, 0)


def test_who_sends_files_keeps_nobody_else_from_it(boxes: SandboxedBoxes) -> None:
    """What is on its way counts for a user; the warm process may have more than any box sends."""
    code = """
import array, os, socket
def sent():
    kept, files = [], array.array("i", [0] * 250)
    try:
        while True:
            kept.append(socket.socketpair())
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)]
            kept[-1][0].sendmsg([b"x"], control)
    except OSError: return 250 * len(kept)
"""
    with open(f"/proc/{boxes.warm_process().process.pid}/limits") as file:
        [most] = [int(line.split()[3]) for line in file if line.startswith("Max open files")]
    assert most == min(MOST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    with boxes.open() as one:
        assert told(one, code, "sent()") < most / 2
        with boxes.open() as other:
            assert said(other, "print(1)") == "1\n"
