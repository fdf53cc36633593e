"""Grading on a Dask cluster: the same function as on this machine, with bytes in and bytes out.

The scheduler and its workers are somebody else's: nothing here starts or stops them. A worker needs
this package and no shared disk. Submissions of a worker that is lost are run again on another one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import queue
import secrets
import time
import warnings
from collections.abc import Mapping
from typing import Any

from autograder.boxes.box import Limits
from autograder.closing import Closing
from autograder.errors import AttnError
from autograder.grading import remote
from autograder.grading.runner import Done, Task, described, failure_of
from autograder.judging.key import LessonKey
from autograder.log import logger

try:
    from distributed import Client, Future, KilledWorker, WorkerPlugin
except ModuleNotFoundError:
    raise AttnError(
        "Grading on a cluster needs Dask: run `python -m pip install -e '.[cluster]'` in the "
        "course's folder."
    ) from None

log = logger(__name__)
CONNECT_SECONDS = 20
WORKERS_SECONDS = 60  # to wait for the first worker
PATIENCE_SECONDS = 300  # to wait for a worker after all have gone
READY_TRIES = 10  # to get all workers ready, each time with those that are left
DASK_LOGS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")


class RunPlugin(WorkerPlugin):
    """Gives each worker, also one that joins later, what it needs for one run, and takes it away.

    It is the one thing that is pickled besides the names of two functions; it holds the name of the
    run and the keys as bytes, nothing of a submission.
    """

    def __init__(self, run: str, keys: list[bytes], limits: str) -> None:
        self.name, self.keys, self.limits = run, keys, limits

    def setup(self, worker: object) -> None:
        remote.begin_run(self.name, self.keys, self.limits)

    def teardown(self, worker: object) -> None:
        remote.end_run(self.name)


class ClusterRunner(Closing):
    """Grades on the workers of a Dask scheduler."""

    def __init__(self, address: str, keys: Mapping[str, LessonKey], limits: Limits) -> None:
        for name in DASK_LOGS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # we say it in our own words
        self._address = address
        self._run = f"attn-{secrets.token_hex(8)}"
        self._underway: dict[str, tuple[Task, Future[Any]]] = {}
        self._finished: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._number = 0
        self._workers: frozenset[str] = frozenset()
        self._threads, self._threads_asked, self._last_worker = 1, 0.0, time.monotonic()
        self._client = self._connected()
        try:
            self._meet_workers()
            packed = [remote.key_to_bytes(key) for key in keys.values()]
            plugin = RunPlugin(self._run, packed, json.dumps(dataclasses.asdict(limits)))
            self._get_ready(plugin)
        except BaseException:
            self.close()
            raise

    def _connected(self) -> Client:
        try:
            with (
                warnings.catch_warnings()
            ):  # Dask's own word on versions: we compare them ourselves
                warnings.simplefilter("ignore")
                return Client(
                    self._address, timeout=CONNECT_SECONDS, set_as_default=False, name="attn-grade"
                )
        except Exception as error:  # no address, nobody there, not Dask, another version of it
            reason = described(error).splitlines()[0]
            raise AttnError(
                f"The Dask scheduler {self._address} can't be reached ({reason}): start it with "
                "`dask scheduler`, give the address that it prints, and run the command again."
            ) from None

    def _meet_workers(self) -> None:
        """Wait for the first worker, and make sure that all are what we are. AttnError."""
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise AttnError(
                f"The Dask scheduler {self._address} has no worker: start one with `dask worker "
                f"{self._address}` and run the command again."
            ) from None
        answers = self._client.run(remote.description, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, bytes):
                self._refuse_if_different(answer, worker)
            else:
                reason = described(answer).splitlines()[0]
                raise AttnError(
                    f"The worker {worker} can't grade ({reason}): install the attention-kit there "
                    f"that is here ({remote.versions()['attention-kit']})."
                )

    def _get_ready(self, plugin: RunPlugin) -> None:
        """Give all workers what they need, but for those that are lost meanwhile. AttnError."""
        for left in reversed(range(READY_TRIES)):
            try:
                self._client.register_plugin(plugin, name=self._run)
                return
            except OSError as error:  # a connection was lost: a worker's, or the scheduler's
                if not left or self._client.status != "running":
                    raise self._gone(described(error).splitlines()[0]) from None

    def _refuse_if_different(self, answer: bytes, worker: str) -> None:
        different = remote.differences(answer)
        if different:
            raise AttnError(
                f"The worker {worker} would grade differently from this machine: {different}; "
                "install the same versions on both and run the command again."
            )

    def window(self) -> int:
        now = time.monotonic()
        if now - self._threads_asked > 5:
            self._threads_asked = now
            with contextlib.suppress(Exception):  # then the next wait finds out
                self._threads = sum(self._seen().values())
        return 2 * max(1, self._threads)

    def _seen(self) -> dict[str, int]:
        """The workers' threads by the workers' addresses; who has joined or left is logged."""
        threads: dict[str, int] = self._client.nthreads()
        for worker in sorted(self._workers ^ threads.keys()):
            if worker in threads:
                log.info("The worker %s has joined, with threads: %d.", worker, threads[worker])
            else:
                log.warning("The worker %s has left.", worker)
        self._workers = frozenset(threads)
        return threads

    def add(self, task: Task) -> None:
        submission = task.submission
        data = remote.task_to_bytes(
            self._run, submission.lesson, submission.student, submission.notes, task.raw
        )
        self._number += 1
        name = f"{self._run}-{self._number}"
        try:
            with warnings.catch_warnings():  # a submission of 10 MB is not a mistake of ours
                warnings.simplefilter("ignore", UserWarning)
                future = self._client.submit(remote.grade_bytes, data, key=name, pure=False)
        except Exception as error:
            raise self._gone(described(error)) from None
        self._underway[name] = task, future
        future.add_done_callback(self._finished.put)

    def next(self) -> Done:
        while True:
            try:
                future = self._finished.get(timeout=1)
            except queue.Empty:
                self._refuse_if_alone()
                continue
            task, _ = self._underway.pop(str(future.key))
            try:
                return self._read(task, future)
            finally:
                future.release()

    def _read(self, task: Task, future: Future[Any]) -> Done:
        try:
            failed = future.exception() if future.status == "error" else None
            data = b"" if failed else future.result()
        except BaseException as error:
            names = ("CancelledError", "FutureCancelledError", "TimeoutError")
            # a connection that ends while the answer is on its way is an OSError
            if isinstance(error, OSError) or type(error).__name__ in names:
                raise self._gone("the connection was lost") from None
            raise
        if isinstance(failed, KilledWorker):
            return Done(task, None, "each worker that began with it was lost")
        if failed is not None:
            return failure_of(task, failed)
        try:
            answer = remote.answer_from_bytes(data)
        except (ValueError, KeyError, TypeError) as error:
            log.error("A worker's answer makes no sense.", exc_info=error)
            return Done(task, None, f"a worker's answer makes no sense: {described(error)}")
        if answer.refused:
            self._refuse_if_different(answer.refused, "that has just joined")
        graded = answer.graded
        asked = (task.submission.student, task.submission.lesson)
        if graded is not None and (graded.result.student, graded.result.lesson) != asked:
            return Done(task, None, "a worker's answer is to another question")
        return Done(task, graded, answer.failure, answer.trace)

    def _refuse_if_alone(self) -> None:
        """AttnError if the scheduler is gone, or has had no worker for a long time."""
        if self._client.status not in ("running", "connecting"):
            raise self._gone("the connection was lost")
        try:
            workers = self._seen()
        except Exception as error:
            raise self._gone(described(error)) from None
        now = time.monotonic()
        if workers:
            self._last_worker = now
        elif now - self._last_worker > PATIENCE_SECONDS:
            raise AttnError(
                f"The Dask scheduler {self._address} has had no worker for "
                f"{PATIENCE_SECONDS / 60:.0f} minutes: start some and run the same command again; "
                "what is graded is recorded."
            )

    def _gone(self, reason: str) -> AttnError:
        return AttnError(
            f"The Dask scheduler {self._address} went away ({reason}): what is graded is recorded; "
            "when it is back, the same command goes on from there."
        )

    def close(self) -> None:
        """Take our work and our keys away from the workers, as far as they can be reached."""
        with contextlib.suppress(Exception):
            if self._client.status == "running":
                futures: list[Any] = [future for _, future in self._underway.values()]
                self._client.cancel(futures, force=True)
                self._client.unregister_worker_plugin(self._run)
        with contextlib.suppress(Exception):
            self._client.close(timeout=5)
