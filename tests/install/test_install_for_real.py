"""The installer at work: fresh, again, killed, moved, two at once, and everything that can fail."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .checkout import answer, environment, make, make_checkout

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="needs make and a POSIX system"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that was installed; tests copy it, which is like moving it."""
    folder = make_checkout(tmp_path_factory.mktemp("real") / "the kit")
    done = make(folder, "install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("Installing the course into .venv, with Python 3.")
    assert re.search(r"Ready, after \d+ min \d\d s\.", done.stdout)
    assert answer(folder) == "42"
    return folder


@pytest.fixture
def copy(installed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(installed, tmp_path / "the kit", symlinks=True))


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that a failure shows (make adds a line of its own)."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("attention-kit: ")
    return lines[0]


def test_the_second_time_is_quick_and_silent(installed: Path) -> None:
    before = os.times()
    done = make(installed, "install")
    after = os.times()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # of a processor's time, about 0.3 s: by the clock, a busy machine may take any
    user, system = (a - b for a, b in zip(after[2:4], before[2:4], strict=True))  # of children
    assert user + system < 3


def test_a_copied_checkout_gets_an_environment_of_its_own(copy: Path, installed: Path) -> None:
    before = subprocess.check_output([copy / ".venv" / "bin" / "kit"], text=True)
    assert before.strip() == str(installed / "kit_cli.py")
    done = make(copy, "install")
    assert done.returncode == 0, done.stderr
    assert "This folder has moved" in done.stdout
    after = subprocess.check_output([copy / ".venv" / "bin" / "kit"], text=True)
    assert after.strip() == str(copy / "kit_cli.py")
    assert make(copy, "install").stdout == ""


@pytest.mark.exhaustive  # below, what another kill left
def test_killed_while_it_makes_the_environment_it_starts_over(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit")
    process = subprocess.Popen(
        ["make", "install"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not (folder / ".venv" / "pyvenv.cfg").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (folder / ".venv" / "attention-kit.json").exists()
    assert make(folder, "install").returncode == 0
    assert answer(folder) == "42"


def test_killed_while_a_package_is_unpacked_that_package_is_laid_anew(copy: Path) -> None:
    assert make(copy, "install").returncode == 0
    (site,) = (copy / ".venv" / "lib").glob("python3.*/site-packages")
    (site / "tinything-1.0.dist-info" / "RECORD").unlink()  # pip writes it last
    (site / "tinything.py").write_text("answ")
    (site / "~inything").mkdir()
    (copy / ".venv" / "attention-kit.json").write_text('{"complete": fal')
    done = make(copy, "install")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Finishing the half-made .venv")
    assert answer(copy) == "42"
    assert not (site / "~inything").exists()


@pytest.mark.exhaustive  # below, a lock is changed twice
def test_a_changed_lock_is_installed(copy: Path) -> None:
    (copy / ".lock" / "requirements.txt").write_text("tinything==1.0 # the same\n")
    done = make(copy, "install")
    assert done.returncode == 0, done.stderr
    assert make(copy, "install").stdout == ""


def test_a_second_install_waits_for_the_first(copy: Path) -> None:
    import fcntl

    (copy / "build").mkdir(exist_ok=True)
    with open(copy / "build" / "install.lock", "w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            ["make", "install"],
            cwd=copy,
            env=environment(copy),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert second.stdout is not None
        assert "waiting for it to finish" in second.stdout.readline()
        assert second.poll() is None
    out, _ = second.communicate(timeout=300)
    assert second.returncode == 0
    assert "Ready" in out


@pytest.mark.exhaustive  # unit/test_install.py: the sentence for what pip says then
def test_no_network(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit", lock="elsewhere==1.0\n")
    env = environment(folder, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="1")
    del env["PIP_NO_INDEX"]
    done = make(folder, "install", env=env)
    told = sentence(done)
    assert "can't reach a package index" in told
    assert "127.0.0.1" not in told
    assert "build/install.log" in told
    assert "elsewhere" in (folder / "build" / "install.log").read_text()


def test_a_package_that_no_index_has(copy: Path) -> None:
    (copy / ".lock" / "requirements.txt").write_text("elsewhere==1.0\n")
    assert "found no elsewhere==1.0 for this machine" in sentence(make(copy, "install"))
    # and once it can be had, the next run carries on
    (copy / ".lock" / "requirements.txt").write_text("tinything==1.0\n")
    assert make(copy, "install").returncode == 0


def test_no_python_at_all(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit")
    make_program = shutil.which("make")
    assert make_program
    done = subprocess.run(
        [make_program, "install"],
        cwd=folder,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert "there is no Python here; install Python 3.11, 3.12 or 3.13" in sentence(done)


def test_a_named_python_that_is_none(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit")
    env = environment(folder, PYTHON=str(tmp_path / "python3.12"))
    assert "is not a Python that runs here" in sentence(make(folder, "install", env=env))


@pytest.mark.parametrize(
    "minor", [10, *(pytest.param(minor, marks=pytest.mark.exhaustive) for minor in (6, 8, 14))]
)
def test_a_python_that_is_too_old_or_too_new(minor: int, tmp_path: Path) -> None:
    python = real_python(minor)
    folder = make_checkout(tmp_path / "kit")
    alone = tmp_path / "bin"
    alone.mkdir()
    done = subprocess.run(
        [python, "-I", folder / "autograder" / "install.py"],
        env={"PATH": str(alone)},
        capture_output=True,
        text=True,
    )
    told = sentence(done)
    assert f"needs Python 3.11, 3.12 or 3.13, and here there is only Python 3.{minor}." in told
    named = make(folder, "install", env=environment(folder, PYTHON=python))
    assert f"is Python 3.{minor}." in sentence(named)


@pytest.mark.exhaustive  # unit/test_install.py: which Python is taken
def test_an_unsuitable_python_finds_a_suitable_one(copy: Path, tmp_path: Path) -> None:
    old = real_python(8)
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "python3.13"  # a pyenv shim that knows no such version
    broken.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
    broken.chmod(0o755)
    suitable = f"python3.{sys.version_info[1]}"
    if suitable != "python3.13":
        (tmp_path / "bin" / suitable).symlink_to(os.path.realpath(sys.executable))
    else:
        broken.unlink()
        broken.symlink_to(os.path.realpath(sys.executable))
    env = environment(copy)
    env["PATH"] = str(tmp_path / "bin")
    done = subprocess.run(
        [old, "-I", copy / "autograder" / "install.py"],
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "repairing .venv" in done.stdout


def test_a_read_only_checkout() -> None:
    with shared_folder() as place:
        folder = make_checkout(place / "kit")
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        nobody = 65534 if os.geteuid() == 0 else None
        python = next((p for p in ("/usr/bin/python3", sys.executable) if usable_by(p, nobody)), "")
        if not python:
            pytest.skip("another user can run no Python here")
        done = subprocess.run(
            ["make", "install"],
            cwd=folder,
            env=environment(folder, PYTHON=python),
            user=nobody,
            capture_output=True,
            text=True,
        )
        assert "this checkout can't be written to" in sentence(done)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small disk")
def test_a_disk_that_is_too_small(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    source = make_checkout(tmp_path / "kit")
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c",
         f"mount -t tmpfs -o size=50m small '{disk}' || exit 77; "
         f"cp -r '{source}' '{disk}/kit' && cd '{disk}/kit' && make install"],
        env=environment(source),
        capture_output=True,
        text=True,
    )  # fmt: skip
    if done.returncode in (1, 77):
        pytest.skip("no small disk can be mounted here")
    assert "the disk has 0.1 GB free, and the install needs about 5 GB" in sentence(done)


def test_an_incomplete_checkout(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit")
    (folder / ".lock" / "requirements.txt").unlink()
    assert "this checkout lacks .lock/requirements.txt" in sentence(make(folder, "install"))


def test_a_venv_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = make_checkout(tmp_path / "kit")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "thesis.txt").write_text("years of work")
    told = sentence(make(folder, "install"))
    assert ".venv is not a virtual environment (it holds thesis.txt)" in told
    assert (folder / ".venv" / "thesis.txt").read_text() == "years of work"


def test_make_alone_lists_the_commands(tmp_path: Path) -> None:
    done = make(make_checkout(tmp_path / "kit"))
    assert done.returncode == 0
    for command in ("lab", "test", "build", "verify", "grade-demo", "doctor", "lock", "clean"):
        assert f"make {command} " in done.stdout


def test_clean_takes_the_environment_and_leaves_the_work(copy: Path) -> None:
    work = copy / "lessons" / "01" / "01.ipynb"
    work.parent.mkdir()
    work.write_text("work")
    book = copy / "gradebook.db"
    book.write_text("grades")
    assert make(copy, "clean").returncode == 0
    assert not (copy / ".venv").exists()
    assert (work.read_text(), book.read_text()) == ("work", "grades")


def real_python(minor: int) -> str:
    """A Python 3.`minor` that really runs here; skips the test without one."""
    versions = Path(os.environ.get("PYENV_ROOT", "/nowhere")) / "versions"
    names = [f"python3.{minor}", *map(str, versions.glob(f"3.{minor}.*/bin/python3"))]
    for name in names:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            told = subprocess.check_output(
                [name, "-c", "import sys; print(sys.version_info[1])"], stderr=subprocess.DEVNULL
            )
            if told.split() == [str(minor).encode()]:
                return name
    pytest.skip(f"no Python 3.{minor} here")


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def usable_by(python: str, user: int | None) -> bool:
    code = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        return subprocess.run([python, "-c", code], user=user, cwd="/").returncode == 0
    except OSError:
        return False
