"""Grading on a Dask cluster gives what grading here gives, whoever is lost on the way."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import attnkit
import psutil
import pytest

from autograder.course import Course
from autograder.errors import AttnError
from autograder.grading import remote
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import make_sample_class
from autograder.judging.make_key import make_key
from autograder.record.class_folder import ClassFolder
from tests.cluster.conftest import Cluster
from tests.grading.test_interruptions import LESSON, finish, hand_in, recorded
from tests.small_course import HIDDEN_SEED, RIGHT, answered

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
STUDENTS = 10


@pytest.fixture(scope="module")
def handed_in(mini_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that nobody has graded yet."""
    folder = tmp_path_factory.mktemp("handed-in") / "class"
    make_sample_class(mini_course, folder, students=STUDENTS)
    return folder


@pytest.fixture(scope="module")
def graded_here(
    mini_course: Course, handed_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = shutil.copytree(handed_in, tmp_path_factory.mktemp("here") / "class")
    list(grade_path(mini_course, folder, GradeOptions(workers=2)))
    return folder


@pytest.fixture
def fresh(handed_in: Path, tmp_path: Path) -> Path:
    return shutil.copytree(handed_in, tmp_path / "class")


def start(course: Course, folder: Path, address: str, *before: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder)]
    return subprocess.Popen(
        [*before, *command, "--scheduler", address],
        env={**os.environ, "ATTN_ROOT": str(course.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_results(folder: Path, wanted: int, run: subprocess.Popen[str]) -> None:
    results = folder / ".attn" / "results" / LESSON
    while len(list(results.glob("*.json"))) < wanted:
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)


def hand_in_late(course: Course, folder: Path) -> None:
    """The class's last submission, from zoe: right, and so slow that a run is in the middle."""
    key = make_key(course.lesson_folders()[0], HIDDEN_SEED)
    sleeps = "import subprocess\nsubprocess.run(['sleep', '5'])"
    hand_in(folder, zoe=answered(key.release, {"L1-1-answer": RIGHT}, {2: sleeps}))


def test_a_worker_killed_in_the_middle_costs_nothing(
    mini_course: Course,
    fresh: Path,
    graded_here: Path,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a nanny, so that it stays dead. The other one does its work."""
    cluster.scheduler()
    first, second = cluster.worker((), "--no-nanny"), cluster.worker((), "--no-nanny")
    monkeypatch.setenv("ATTN_LOG", str(tmp_path / "log"))
    run = start(mini_course, fresh, cluster.address)
    wait_for_results(fresh, 2, run)
    boxes = first.children(recursive=True)
    first.kill()
    code, err = finish(run)
    assert code == 0, err
    assert recorded(fresh) == recorded(graded_here)
    assert (tmp_path / "log").read_text().count("has joined, with threads: 1.") == 2
    _, alive = psutil.wait_procs(boxes, timeout=120)
    assert alive == []
    # and the one that is left has given back what it was lent
    end = time.monotonic() + 60
    while second.children(recursive=True) and time.monotonic() < end:
        time.sleep(0.2)
    assert second.children(recursive=True) == []


@pytest.mark.exhaustive
def test_what_kills_every_worker_gets_a_row_and_is_graded_by_the_next_run(
    mini_course: Course,
    fresh: Path,
    graded_here: Path,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each worker is killed as soon as it runs a certain cell; its nanny starts another."""
    hand_in_late(mini_course, fresh)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
    cluster.scheduler()
    nanny = cluster.worker()
    run = start(mini_course, fresh, cluster.address)
    kills = 0
    while kills < 2:
        assert run.poll() is None, run.communicate()
        for worker in nanny.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "sleep" in (process.name() for process in worker.children(recursive=True)):
                    worker.kill()
                    kills += 1
        time.sleep(0.05)
    code, err = finish(run)
    assert code == 1, err
    results = list((fresh / ".attn" / "results" / LESSON).glob("*.json"))
    reasons = {f.stem: json.loads(f.read_text())["result"]["reason"] for f in results}
    assert len(reasons) == STUDENTS + 1
    assert "each worker that began with it was lost" in reasons["zoe"]
    assert finish(start(mini_course, fresh, cluster.address))[0] == 0
    after = recorded(fresh)
    assert after.pop("zoe")[1][0] == ("L1-1", 4.0, None, False)
    assert after == recorded(graded_here)


@pytest.mark.exhaustive  # a worker that goes away is the same loss, and tried in every run
def test_a_scheduler_that_goes_away_loses_nothing(
    mini_course: Course, fresh: Path, graded_here: Path, cluster: Cluster
) -> None:
    scheduler = cluster.scheduler()
    cluster.worker()
    hand_in_late(mini_course, fresh)
    run = start(mini_course, fresh, cluster.address)
    wait_for_results(fresh, 2, run)
    scheduler.kill()
    code, err = finish(run)
    assert code == 2
    assert err.startswith(f"attn: The Dask scheduler {cluster.address} went away")
    assert "what is graded is recorded" in err
    assert err.strip().count("\n") == 0
    list(grade_path(mini_course, fresh, GradeOptions(workers=2)))
    after = recorded(fresh)
    assert after.pop("zoe")[1][0] == ("L1-1", 4.0, None, False)
    assert after == recorded(graded_here)


@pytest.mark.exhaustive  # a stop at all: grading/test_interruptions.py
def test_a_stop_takes_the_work_back_from_the_workers(
    mini_course: Course, fresh: Path, cluster: Cluster
) -> None:
    cluster.scheduler()
    worker = cluster.worker((), "--no-nanny")
    hand_in_late(mini_course, fresh)
    run = start(mini_course, fresh, cluster.address)
    wait_for_results(fresh, 1, run)
    boxes = worker.children(recursive=True)
    run.terminate()
    code, err = finish(run)
    assert code == 143
    assert "the same command goes on" in err
    _, alive = psutil.wait_procs(boxes, timeout=120)
    assert alive == []
    assert finish(start(mini_course, fresh, cluster.address))[0] == 0


@pytest.mark.exhaustive  # below, a worker of other code is refused by the same comparison
def test_a_worker_of_another_version_is_named_with_what_differs(
    mini_course: Course, fresh: Path, cluster: Cluster, tmp_path: Path
) -> None:
    cluster.scheduler()
    # another version as pip would leave it: found first, and read by importlib.metadata
    other = tmp_path / "site" / "numpy-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    cluster.worker((), "--no-nanny", env={"PYTHONPATH": str(other.parent)})
    code, err = finish(start(mini_course, fresh, cluster.address))
    assert code == 2
    ours = remote.versions()["numpy"]
    assert f"numpy is 1.0 there and {ours} here" in err
    assert err.strip().count("\n") == 0
    assert not list((fresh / ".attn").glob("results/**/*.json"))


def test_a_worker_whose_sentences_are_others_is_refused(
    mini_course: Course, fresh: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """All of `attnkit.checking` makes the verdict that a learner reads, its wording included."""
    other = tmp_path / "site" / "attnkit"
    kit = Path(attnkit.__file__).parent
    shutil.copytree(kit, other, ignore=shutil.ignore_patterns("released", "__pycache__"))
    with (other / "checking" / "wording.py").open("a", encoding="utf-8") as wording:
        wording.write("# a word that the others don't have\n")
    cluster.scheduler()
    before = os.environ.get("PYTHONPATH", "")
    path = f"{other.parent}{os.pathsep}{before}"
    cluster.worker((), "--no-nanny", env={"PYTHONPATH": path})
    ours = remote.versions()["grader's code"]
    with pytest.raises(AttnError, match=rf"grader's code is [0-9a-f]{{12}} there and {ours} here"):
        list(grade_path(mini_course, fresh, GradeOptions(scheduler=cluster.address)))
    assert not list((fresh / ".attn").glob("results/**/*.json"))


def test_addresses_where_nobody_is_are_refused_with_one_sentence(
    mini_course: Course, fresh: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.grading import cluster as client

    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1", "tcp://no.such.host.:8786"):
        with pytest.raises(AttnError, match="can't be reached") as caught:
            list(grade_path(mini_course, fresh, GradeOptions(scheduler=address)))
        assert address in str(caught.value)
        assert "\n" not in str(caught.value)
    cluster.scheduler()
    monkeypatch.setattr(client, "CONNECT_SECONDS", 120)
    monkeypatch.setattr(client, "WORKERS_SECONDS", 0.5)
    with pytest.raises(AttnError, match="has no worker"):
        list(grade_path(mini_course, fresh, GradeOptions(scheduler=cluster.address)))


def test_only_bytes_that_are_json_and_the_submission_cross_the_wire(mini_course: Course) -> None:
    key = make_key(mini_course.lesson_folders()[0], HIDDEN_SEED)
    packed = remote.key_to_bytes(key)
    again = remote.key_from_bytes(packed)
    assert again == key
    assert again.digest() == key.digest()
    assert isinstance(json.loads(packed), dict)
    data = remote.task_to_bytes("run", LESSON, "ada", ("a note",), b"\x00\nanything")
    head, _, raw = data.partition(b"\n")
    assert json.loads(head)["student"] == "ada"
    assert raw == b"\x00\nanything"
    answer = remote.answer_from_bytes(remote.grade_bytes(data))
    assert answer.graded is None  # that run has not begun here
    assert "KeyError" in answer.failure


# --- two hosts

NEAR, FAR = (f"attn-test-{where}-{os.getpid()}" for where in ("near", "far"))


@pytest.fixture
def two_hosts() -> object:
    """Two network namespaces joined by a wire: 10.77.0.1 and 10.77.0.2."""

    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        ip("netns", "add", NEAR)
        ip("netns", "add", FAR)
        ip("link", "add", "attn-near", "netns", NEAR, "type", "veth",
           "peer", "name", "attn-far", "netns", FAR)  # fmt: skip
        for host, device, address in ((NEAR, "attn-near", 1), (FAR, "attn-far", 2)):
            ip("-n", host, "address", "add", f"10.77.0.{address}/24", "dev", device)
            ip("-n", host, "link", "set", device, "up")
            ip("-n", host, "link", "set", "lo", "up")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"network namespaces can't be made here (root and iproute2 needed): {error}")
    else:
        yield None
    finally:
        for host in (NEAR, FAR):
            subprocess.run(["ip", "netns", "del", host], check=False, capture_output=True)


@pytest.mark.exhaustive  # what crosses the wire is looked at in every run
@pytest.mark.usefixtures("two_hosts")
def test_two_hosts_with_no_disk_in_common_but_the_installed_package(
    mini_course: Course, fresh: Path, graded_here: Path, cluster: Cluster
) -> None:
    """The far host can't see the class or the course: both are covered there by an empty disk."""
    near = ("ip", "netns", "exec", NEAR)
    cluster.scheduler(near, host="10.77.0.1")
    address = f"tcp://10.77.0.1:{cluster.port}"
    hide = f"mount -t tmpfs none {fresh} && mount -t tmpfs none {mini_course.root} && exec"
    far = ("ip", "netns", "exec", FAR, "unshare", "--mount", "sh", "-c", f'{hide} "$@"', "sh")
    for _ in range(2):
        cluster.worker(far, scheduler=address)
    code, err = finish(start(mini_course, fresh, address, *near))
    assert code == 0, err
    assert recorded(fresh) == recorded(graded_here)
    assert ClassFolder(fresh).gradebook_url.startswith("sqlite:")
