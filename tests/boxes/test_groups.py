"""Control groups: each box has one while it runs, and none is left, however the grader ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.boxes import groups
from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.groups import Group, Groups, open_groups
from autograder.boxes.inside import fence
from autograder.boxes.landlock import start_landlock
from autograder.boxes.usage import is_running, tree
from tests.boxes.conftest import LIMITS


@pytest.fixture
def made() -> Iterator[Groups]:
    found = open_groups()
    if found is None:
        pytest.skip("this process may make no control groups")
    yield found
    found.close()


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"])


def new(made: Groups) -> Group:
    group = made.new(Limits())
    assert group is not None
    return group


def is_empty(folder: Path) -> bool:
    return not (folder / "cgroup.procs").read_text(encoding="ascii").split()


def test_what_is_in_a_group_ends_with_it(made: Groups) -> None:
    group, inside, beside = new(made), sleeper(), sleeper()
    try:
        group.add(inside.pid)
        group.close()
        assert inside.wait(60) == -signal.SIGKILL
        assert beside.poll() is None
        assert not group._folder.exists()
        group.close()  # a second time does nothing
    finally:
        beside.kill()
        beside.wait()


def test_the_time_of_who_has_ended_stays_in_the_count(made: Groups) -> None:
    group = new(made)
    spin = "import sys, time\nsys.stdin.read()\nwhile time.process_time() < 0.5: pass"
    worker = subprocess.Popen([sys.executable, "-S", "-c", spin], stdin=subprocess.PIPE)
    group.add(worker.pid)
    before = group.cpu_seconds()
    worker.communicate()
    assert group.cpu_seconds() - before > 0.3


def test_a_process_that_is_gone_is_never_taken_for_the_grader(made: Groups) -> None:
    """To the kernel, 0 is whoever asks."""
    with pytest.raises(ProcessLookupError):
        new(made).add(0)


def test_all_of_a_box_is_in_its_group_and_nothing_is_left(boxes: SandboxedBoxes) -> None:
    if boxes.groups is None:
        pytest.skip("this process may make no control groups")
    with boxes.open() as box:
        box.run_cell("import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(600)")
        group = box._link._child.group
        assert group is not None
        counted = (group._folder / "cgroup.procs").read_text(encoding="ascii").split()
        assert sorted(map(int, counted)) == sorted(tree(box.process()))
        assert box.run_cell("import os; os.path.exists('/sys/fs')").outputs[0]["data"] == {
            "text/plain": "False"
        }
    assert not group._folder.exists()


def test_the_weaker_sandbox_has_groups_too() -> None:
    if fence.version() < 1:
        pytest.skip("this kernel has no Landlock")
    with start_landlock(LIMITS, "bare") as weaker:
        if weaker.groups is None:
            pytest.skip("this process may make no control groups")
        with weaker.open("bare") as box:
            group = box._link._child.group
            assert group is not None
            before = group.cpu_seconds()
            box.run_cell("import time\nwhile time.process_time() < 1: pass")
            assert group.cpu_seconds() - before > 0.3
            for file in ("cgroup.procs", "cgroup.kill"):
                assert "Error" in box.run_cell(f"open('{group._folder}/{file}', 'r+')").reason
        assert not group._folder.exists()


GRADER = """
import sys, time
from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
boxes = SandboxedBoxes(Limits(), sys.argv[1])
box = boxes.open("bare")
print(boxes.groups._folder, flush=True)
box.run_cell("import time; time.sleep(600)")
"""


def test_what_a_killed_grader_leaves_the_next_one_removes(boxes: SandboxedBoxes) -> None:
    if boxes.groups is None:
        pytest.skip("this process may make no control groups")
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, boxes.program], stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    left = Path(grader.stdout.readline().strip())
    assert left.is_dir()
    living = open_groups()  # it is at work, so its groups stay
    assert living is not None
    living.close()
    assert list(left.iterdir())
    grader.kill()
    grader.communicate()
    again = open_groups()
    assert again is not None
    again.close()
    end = time.monotonic() + 60
    while left.exists() and time.monotonic() < end:  # its processes take a moment to end
        time.sleep(0.05)
        groups._sweep(left.parent)
    assert not left.exists()


def test_without_the_right_to_make_groups_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "own_folder", lambda: tmp_path)  # no control group
    assert open_groups() is None
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(groups, "own_folder", lambda: None)
    assert open_groups() is None


def test_boxes_work_without_groups(boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "groups", None)
    with boxes.open() as box:
        assert box.run_cell("1 + 1").status == "ok"
        process = box.process()
    assert not is_running(process)
