"""Where submissions are graded: here, in threads that each drive a box, or elsewhere on a cluster.

Whoever grades a class hands tasks to a runner, no more than its window at once, and takes what is
done in whatever order it comes. So memory does not grow with the class.
"""

from __future__ import annotations

import concurrent.futures as cf
import contextlib
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from autograder.boxes.box import Box, Limits
from autograder.boxes.maker import BoxMaker
from autograder.closing import Closing
from autograder.grading.one_submission import grade_submission
from autograder.grading.submissions import Submission
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded
from autograder.log import trace
from autograder.reading.readers import Readers
from autograder.text import plain_text


@dataclass(frozen=True)
class Task:
    """One submission to grade: where it comes from, and what it holds."""

    submission: Submission
    raw: bytes
    digest: str  # of the bytes and the lesson's key


@dataclass(frozen=True)
class Done:
    """A task that is through, with its result, or without one and the reason in `failure`."""

    task: Task
    graded: Graded | None
    failure: str = ""  # what went wrong on our side
    trace: str = ""  # and where, for the log


class Runner(Closing, Protocol):
    """A place where submissions are graded."""

    def window(self) -> int:
        """How many tasks may be in it at once, so that nobody idles and memory stays bounded."""

    def add(self, task: Task) -> None:
        """Begin with a task. It must fit into the window."""

    def next(self) -> Done:
        """Wait for a task to be done. There must be one that has been added."""

    def close(self) -> None:
        """End everything; if because of an error, at once, in the middle of a cell."""


class LocalRunner(Closing):
    """Grades in this process's threads, each driving one box: a process of its own."""

    def __init__(
        self, keys: Mapping[str, LessonKey], boxes: BoxMaker, limits: Limits, workers: int
    ) -> None:
        self._keys, self._limits, self._workers = keys, limits, workers
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._boxes = OpenBoxes(boxes)
        self._readers = Readers()
        self._pool = cf.ThreadPoolExecutor(workers, "grader")

    def window(self) -> int:
        return self._workers + 1  # one is read while the others run

    def add(self, task: Task) -> None:
        self._pool.submit(self._work, task)

    def next(self) -> Done:
        return self._done.get()

    def _work(self, task: Task) -> None:
        try:
            key = self._keys[task.submission.lesson]
            graded = grade_submission(
                task.submission.student,
                task.raw,
                key,
                task.submission.notes,
                open_box=self._boxes.open,
                limits=self._limits,
                readers=self._readers,
            )
            self._done.put(Done(task, graded))
        except Exception as error:
            self._done.put(failure_of(task, error))

    def __enter__(self) -> LocalRunner:
        self._readers.start(self._workers)
        return self

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._boxes.close()
        self._readers.close()
        self._pool.shutdown()


class OpenBoxes:
    """A maker's boxes, of which those still open can be ended from another thread."""

    def __init__(self, maker: BoxMaker) -> None:
        self._maker = maker
        self._open: set[_Watched] = set()
        self._lock = threading.Lock()
        self._closed = False

    def open(self, flavour: str = "numpy") -> Box:
        self._refuse_if_closed()
        box = _Watched(self._maker.open(flavour), self)
        with self._lock:
            self._open.add(box)
        try:
            self._refuse_if_closed()  # it may have been meanwhile
        except BaseException:
            box.close()
            raise
        return box

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("grading was stopped")

    def forget(self, box: _Watched) -> None:
        with self._lock:
            self._open.discard(box)

    def close(self) -> None:
        """End all boxes, also those in the middle of a cell, and let no new ones be opened."""
        with self._lock:
            self._closed = True
            left = list(self._open)
        for box in left:
            with contextlib.suppress(Exception):
                box.close()
        self._maker.close()


class _Watched(Closing):
    """A box that says when it is closed."""

    def __init__(self, box: Box, among: OpenBoxes) -> None:
        self._box, self._among = box, among
        self.kind, self.run_cell, self.call = box.kind, box.run_cell, box.call
        self.keep, self.retake, self.forget = box.keep, box.retake, box.forget
        self.waited_seconds = box.waited_seconds

    def close(self) -> None:
        self._among.forget(self)
        self._box.close()


def failure_of(task: Task, error: BaseException) -> Done:
    """A task that has no result because of an error of ours."""
    return Done(task, None, described(error), trace(error))


def described(error: BaseException) -> str:
    """An error of ours in a few words that a person may read."""
    return plain_text(f"{type(error).__name__}: {error}")
