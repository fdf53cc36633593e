"""Changed solutions run in a process of their own, which time and memory bound.

A mutant may never end. It runs in a child process that is ended with it and started anew; the
child knows the solutions, the visible and the hidden checks, and answers with a verdict.
This module is imported by every such child and therefore imports little.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import Verdict
from attnkit.quiet import silence

from autograder.closing import Closing
from autograder.errors import AttnError

MEMORY = 4 << 30  # bytes beyond what the child has when it is ready
SLOWER = 20  # a mutant may take this many times as long as the solution, whatever the limit
START_SECONDS = 120.0

Job = tuple[tuple[str, ...], ExerciseSpec, ExerciseSpec]


@dataclass(frozen=True)
class Outcome:
    """What became of a changed solution."""

    passed: bool
    points: int
    max_points: int
    diagnosis: str | None
    message: str


def judge_functions(
    functions: Mapping[str, Any], spec: ExerciseSpec, hidden: ExerciseSpec
) -> Verdict:
    """Judge trusted functions in this process: for the author's own variants only."""
    return judge(
        spec,
        wire.run_calls(functions, spec.wire_calls()),
        hidden,
        wire.run_calls(functions, hidden.wire_calls()),
    )


class TrialProcess(Closing):
    """Judges one source after the other, each within `seconds` of time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.solution: Outcome | None = None  # of the unchanged solution of what was prepared last
        self._limit = seconds
        self._job: Job | None = None
        self._child: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    def prepare(self, solutions: Sequence[str], spec: ExerciseSpec, hidden: ExerciseSpec) -> None:
        """Judge changes of this exercise from now on. `solutions` are the lesson's imports and
        solution cells."""
        self._job = (tuple(solutions), spec, hidden)
        if self._line is None:
            self._start()
        else:
            self._send_job()

    def judge(self, source: str) -> Outcome:
        """The verdict on a changed solution cell."""
        assert self._job is not None
        spec = self._job[1]
        if self._line is None:
            self._start()
        assert self._line is not None
        self._line.send(source)
        if not self._line.poll(self._limit):
            self.close()
            text = f"It did not end within {self._limit:.0f} seconds."
            return Outcome(False, 0, spec.points, None, text)
        try:
            return self._line.recv()
        except (EOFError, OSError):
            self.close()
            return Outcome(False, 0, spec.points, None, "It ended the process that it ran in.")

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._child = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._child.start()
        theirs.close()
        self._send_job()

    def _send_job(self) -> None:
        """The child answers with the time and the verdict of the solution itself."""
        assert self._line is not None
        self._line.send(self._job)
        exercise = self._job[1].id if self._job else ""
        if not self._line.poll(START_SECONDS):
            self.close()
            raise AttnError(
                f"The solution of {exercise} did not end within {START_SECONDS:.0f} seconds."
            )
        try:
            taken, self.solution = self._line.recv()
        except (EOFError, OSError):
            self.close()
            raise AttnError(
                f"The solution of {exercise} ended the process in which its mutants were to run."
            ) from None
        self._limit = max(self.seconds, SLOWER * taken)

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()
        if self._line is not None:
            self._line.close()
        self._child = self._line = None


def _serve(line: Connection) -> None:
    """The child: a job and then sources come in; the solution's time and outcomes go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    warnings.simplefilter("ignore")
    _limit_memory()
    namespace: dict[str, Any] = {}
    spec = hidden = None
    with contextlib.suppress(EOFError):
        while True:
            message = line.recv()
            if isinstance(message, str):
                assert spec is not None
                assert hidden is not None
                line.send(_judge_source(message, namespace, spec, hidden))
                continue
            solutions, spec, hidden = message
            namespace = {"__name__": "solutions"}
            with silence():  # TensorFlow reports on itself as it is imported
                for source in solutions:
                    exec(compile(source, "<solution>", "exec"), namespace)
                start = time.perf_counter()
                outcome = _judge_source("", namespace, spec, hidden)
                taken = time.perf_counter() - start
            line.send((taken, outcome))


def _judge_source(
    source: str, solutions: Mapping[str, Any], spec: ExerciseSpec, hidden: ExerciseSpec
) -> Outcome:
    namespace = dict(solutions)
    try:
        exec(compile(source, "<mutant>", "exec"), namespace)
    except Exception as error:
        return Outcome(False, 0, spec.points, None, f"{type(error).__name__}: {error}")
    verdict = judge_functions({n: namespace[n] for n in spec.functions}, spec, hidden)
    return Outcome(
        verdict.passed, verdict.points, verdict.max_points, verdict.diagnosis, verdict.message
    )


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + MEMORY
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
