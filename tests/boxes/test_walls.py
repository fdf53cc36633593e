"""The holes that sandboxes of this kind are known to have, each tried again from inside."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import threading
from pathlib import Path
from typing import Any

import pytest

from autograder.boxes import walls
from autograder.boxes.box import BoxError, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.selftest import MEANING, examine
from autograder.boxes.usage import is_running, tree
from tests.boxes.conftest import LIMITS

REFUSED = """
def refused(attempt, *arguments):
    try:
        result = attempt(*arguments)
    except OSError as error:
        return error.strerror
    return None if result != -1 else "refused"
def system_call(number, *arguments):
    import ctypes
    return ctypes.CDLL(None).syscall(number, *map(ctypes.c_long, arguments))
"""


def told(boxes: SandboxedBoxes, source: str, limits: Limits = LIMITS) -> Any:
    """What a cell prints as JSON, in a box of its own."""
    with boxes.open_with(limits) as box:
        result = box.run_cell(f"import json, os, sys\n{REFUSED}\n{source}")
    assert result.status == "ok", result.reason
    return json.loads("".join(o["text"] for o in result.outputs if o["output_type"] == "stream"))


def test_every_protection_holds_when_tried(boxes: SandboxedBoxes) -> None:
    found = examine(boxes)
    assert [p for p in found if not p.holds] == []
    assert {p.name for p in found} == MEANING.keys()


@pytest.mark.exhaustive  # below, nothing does come in
def test_a_name_of_the_graders_environment_that_comes_in_is_found(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = walls.environment()
    monkeypatch.setattr(
        walls, "environment", lambda with_checks: {**given, "ATTN_SECRET": "a word"}
    )
    monkeypatch.setenv("ATTN_SECRET", "a word")
    with SandboxedBoxes(LIMITS, boxes.program) as leaking:
        broken = [p for p in examine(leaking) if not p.holds]
    assert [p.name for p in broken] == ["environment"]
    assert "ATTN_SECRET" in broken[0].problem


def test_the_settings_of_the_kernel_stay_closed_whoever_grades(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
files = [os.path.join(d, f) for d, _, names in os.walk("/proc/sys") for f in names]
opened = [f for f in files if not refused(os.open, f, os.O_WRONLY)]
print(json.dumps([len(files), opened, os.getresuid()]))""",
    )
    assert said[0] > 100
    assert said[1] == []
    assert 0 not in said[2]


def test_nothing_of_the_graders_environment_comes_in(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTN_SECRET", "a-word-that-nobody-may-know")
    with SandboxedBoxes(LIMITS, boxes.program) as fresh:
        said = told(
            fresh,
            """
texts = [str(dict(os.environ))]
for process in os.listdir("/proc"):
    for name in ("environ", "cmdline"):
        try: texts.append(open(f"/proc/{process}/{name}").read())
        except OSError: pass
print(json.dumps([texts, refused(open, "/proc/1/environ")]))""",
        )
    assert "a-word-that-nobody-may-know" not in str(said)
    assert len(said[0]) > 1
    assert said[1]


def test_the_first_process_can_be_neither_traced_nor_stopped(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
import ctypes, signal
traced = ctypes.CDLL(None).ptrace(16, 1, 0, 0)
for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM):
    os.kill(1, number)
print(json.dumps(traced))""",
    )
    assert said == -1


def test_the_programs_outside_can_not_be_changed_through_proc(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
places = ["/proc/1/exe", "/proc/self/exe", sys.executable, os.path.realpath(sys.executable)]
print(json.dumps([refused(os.chmod, place, 0) for place in places]))""",
    )
    assert None not in said
    assert os.access(boxes.program, os.X_OK)


def test_the_root_and_dev_can_not_be_filled(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
folders = ["/", "/dev", "/home", "/attn", "/etc", "/proc", sys.prefix]
print(json.dumps([refused(open, os.path.join(f, "big"), "w") for f in folders]))""",
    )
    assert None not in said


def test_files_are_counted(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
made = 0
try:
    for made in range(10_000): open(f"/tmp/{made}", "w").close()
except OSError as error: print(json.dumps([made, error.strerror]))""",
        dataclasses.replace(LIMITS, disk_files=300),
    )
    assert said[0] < 300
    assert "space" in said[1]


def test_each_box_has_its_own_number_of_processes(boxes: SandboxedBoxes) -> None:
    """Two boxes with 20 each: twelve more in both at once are fine, thirty in one are not.

    Who comes to the limit is refused the next one, or is ended, whichever is noticed first.
    """
    limits = dataclasses.replace(LIMITS, processes=20)
    source = """
import os, signal
for made in range({children}):
    if not os.fork():
        signal.pause()
"""
    with boxes.open_with(limits) as first, boxes.open_with(limits) as second:
        few = [box.run_cell(source.format(children=12)) for box in (first, second)]
        many = first.run_cell(source.format(children=30))
        after = second.run_cell("print(made)")
    assert [cell.status for cell in few] == ["ok", "ok"], few
    refused = many.status == "dead" and "20 processes" in many.reason
    assert refused or many.outputs[0]["ename"] in ("BlockingIOError", "OSError"), many
    assert after.outputs[0]["text"] == "11\n"


def test_memory_counts_wherever_it_is(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
import mmap
def fill(folder):
    with open(folder + "/big", "wb") as file:
        for _ in range(100): file.write(bytes(1 << 20))
def take(): bytearray(800 << 20)
def share(): mmap.mmap(-1, 800 << 20)
def memory(attempt):
    try: attempt()
    except MemoryError: return "MemoryError"
    except OSError as error: return error.strerror
print(json.dumps([refused(fill, f) for f in ("/dev/shm", "/tmp", ".")]
                 + [memory(take), memory(share), refused(os.memfd_create, "x")]))""",
        dataclasses.replace(LIMITS, memory_bytes=800 << 20, disk_bytes=20 << 20),
    )
    assert None not in said


def test_processes_together_have_no_more_memory_than_one(boxes: SandboxedBoxes) -> None:
    limits = dataclasses.replace(LIMITS, memory_bytes=600 << 20)
    with boxes.open_with(limits) as box:
        result = box.run_cell(
            "import os, time\nfor _ in range(3): os.fork()\na = b'x' * 200_000_000\ntime.sleep(60)"
        )
    assert result.status == "dead"
    assert "memory" in result.reason


def test_a_sandbox_outlives_the_thread_that_asked_for_it(boxes: SandboxedBoxes) -> None:
    with SandboxedBoxes(LIMITS, boxes.program) as fresh:
        opened = []
        thread = threading.Thread(target=lambda: opened.append(fresh.open("bare")))
        thread.start()
        thread.join()
        assert opened[0].run_cell("1 + 1").status == "ok"


def test_a_flood_of_output_is_cut_and_never_reaches_the_terminal(
    boxes: SandboxedBoxes, capfd: pytest.CaptureFixture[str]
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood = "import os\nprint('x' * 10**8)\n"
    flood += "for _ in range(300): os.write(1, bytes(10**5)); os.write(2, b'y' * 10**5)"
    with boxes.open() as box:
        result = box.run_cell(flood)
        again = box.run_cell("print('still here')")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert result.truncated
    assert sum(len(o["text"]) for o in result.outputs) <= LIMITS.output_bytes
    assert grown < 50
    assert again.outputs[0]["text"] == "still here\n"
    assert capfd.readouterr() == ("", "")


def test_a_process_that_ends_is_noticed(boxes: SandboxedBoxes) -> None:
    with boxes.open() as box:
        result = box.run_cell("import os\nprint('so far')\nos._exit(0)")
        assert result.status == "dead"
        assert result.outputs[0]["text"] == "so far\n"
        with pytest.raises(BoxError, match="ended"):
            box.call([{"function": "f", "args": []}])


def test_a_daemon_ends_with_its_box_though_it_holds_every_file(boxes: SandboxedBoxes) -> None:
    box = boxes.open()
    result = box.run_cell(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: time.sleep(1000)\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    everything = tree(box.process())
    assert result.status == "ok"
    assert len(everything) == 3
    box.close()
    assert not any(map(is_running, everything))


def test_random_numbers_are_the_same_in_every_box(boxes: SandboxedBoxes) -> None:
    source = """
import random
import numpy as np
rngs = [np.random.default_rng().random(), np.random.Generator(np.random.PCG64()).random()]
print(json.dumps([random.random(), np.random.rand(), rngs, hash("attention")]))"""
    first, second = told(boxes, source), told(boxes, source)
    assert first == second
    assert first[2][0] != first[2][1]


def test_calls_that_no_notebook_needs_are_refused(boxes: SandboxedBoxes) -> None:
    said = told(
        boxes,
        """
import platform, socket
numbers = {"io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "pidfd_getfd": 438}
numbers |= ({"userfaultfd": 323, "keyctl": 250, "unshare": 272, "bpf": 321}
            if platform.machine() == "x86_64"
            else {"userfaultfd": 282, "keyctl": 219, "unshare": 97, "bpf": 280})
answers = {name: system_call(number, 0, 0, 0, 0, 0) for name, number in numbers.items()}
families = [refused(socket.socket, family, socket.SOCK_DGRAM) for family in (16, 17, 38, 40)]
print(json.dumps([answers, families]))""",
    )
    assert set(said[0].values()) == {-1}
    assert None not in said[1]


def test_nothing_of_the_course_or_the_home_is_there(boxes: SandboxedBoxes) -> None:
    root = Path(__file__).parents[2]
    hidden = [root / name for name in ("autograder", "solutions", "tests", ".git")]
    hidden += [Path.home() / name for name in (".ssh", ".local", ".bashrc", ".cache")]
    said = told(
        boxes, f"print(json.dumps([p for p in {list(map(str, hidden))} if os.path.exists(p)]))"
    )
    assert said == []


def test_two_boxes_at_once_do_not_meet(boxes: SandboxedBoxes) -> None:
    with boxes.open() as first, boxes.open() as second:
        first.run_cell("for d in ('.', '/tmp', '/dev/shm'): open(d + '/letter', 'w').write('x')")
        first.run_cell(
            "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 5005))\ns.listen()\n"
            "u = socket.socket(socket.AF_UNIX)\nu.bind('\\0attn')\nu.listen()"
        )
        result = second.run_cell(
            "import os, socket\n"
            "found = [d for d in ('.', '/tmp', '/dev/shm') if os.path.exists(d + '/letter')]\n"
            "for family, where in ((socket.AF_INET, ('127.0.0.1', 5005)),\n"
            "                      (socket.AF_UNIX, '\\0attn')):\n"
            "    try: socket.socket(family).connect(where); found.append(where)\n"
            "    except OSError: pass\n"
            "print(found, len([p for p in os.listdir('/proc') if p.isdecimal()]))"
        )
    assert result.outputs[0]["text"] == "[] 2\n"
