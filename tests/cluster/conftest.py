"""A real Dask scheduler and real workers, each a process of its own in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil
import pytest

from autograder.course import Course
from tests.browser.server import free_port
from tests.quick_start import QUICK_START
from tests.small_course import build_course

SECONDS = 300.0  # more than anything here takes on a busy machine


class Cluster:
    """Starts schedulers and workers, and ends them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._number = folder, 0
        self._processes: list[psutil.Popen] = []
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"

    def scheduler(self, before: Sequence[str] = (), host: str = "127.0.0.1") -> psutil.Popen:
        command = [*before, *DASK, "scheduler", "--host", host, "--port", str(self.port)]
        process = self._start([*command, "--no-dashboard"])
        self.wait_for(process, "Scheduler at:")
        return process

    def worker(
        self,
        before: Sequence[str] = (),
        *options: str,
        env: Mapping[str, str] | None = None,
        scheduler: str = "",
    ) -> psutil.Popen:
        command = [*before, *DASK, "worker", scheduler or self.address, "--nthreads", "1"]
        process = self._start([*command, "--no-dashboard", *options], env)
        self.wait_for(process, "Registered to:")
        return process

    def _start(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> psutil.Popen:
        self._number += 1
        place = self.folder / f"{self._number}"
        place.mkdir(parents=True)
        with (place / "log").open("wb") as log:
            process = psutil.Popen(
                command,
                cwd=place,
                env={**os.environ, **QUICK_START, "HOME": str(place), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        process.log = place / "log"
        self._processes.append(process)
        return process

    def wait_for(self, process: psutil.Popen, words: str) -> None:
        until = time.monotonic() + SECONDS
        while words not in process.log.read_text():
            assert process.poll() is None, process.log.read_text()
            assert time.monotonic() < until, process.log.read_text()
            time.sleep(0.1)

    def close(self) -> None:
        for process in reversed(self._processes):
            everybody = [process]
            if process.poll() is None:
                everybody += process.children(recursive=True)
                process.terminate()
            _, alive = psutil.wait_procs(everybody, timeout=30)
            for left in alive:
                left.kill()


DASK = (sys.executable, "-m", "dask")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "hosts")
    yield made
    made.close()


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))
