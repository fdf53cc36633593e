"""Grading as a function of bytes: what goes to a machine of a cluster, and what comes back.

Both ways go JSON and the submission's own bytes, nothing else: no pickle, no path, no shared disk.
A worker's process keeps, for each run that it works for, the lessons' keys and a warm box maker.
"""

from __future__ import annotations

import functools
import json
import platform
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from attnkit import checking
from attnkit.checking.spec import ExerciseSpec

from autograder import boxes, grading, judging, reading
from autograder.boxes.box import Limits
from autograder.boxes.flavours import plain
from autograder.boxes.maker import open_boxes
from autograder.grading.one_submission import grade_submission
from autograder.grading.runner import OpenBoxes, described
from autograder.judging.key import LessonKey
from autograder.judging.results import Graded, SubmissionResult
from autograder.log import trace
from autograder.reading.readers import Readers
from autograder.versions import digest_of, versions_of

# What may change a verdict or a notebook's outputs if two machines have it in different versions.
PACKAGES = ("attention-kit", "numpy", "ipython", "matplotlib", "keras", "tensorflow", "nbformat")
CODE = (boxes, grading, judging, reading, checking)


# --- what both sides must have alike


def description() -> bytes:
    """This machine's versions, as JSON: package -> version, and the grader's own code."""
    return json.dumps(versions(), sort_keys=True).encode()


@functools.cache
def versions() -> Mapping[str, str]:
    """The versions of what decides about results; "missing" for a package that is not here."""
    python = {"Python": ".".join(platform.python_version_tuple()[:2])}
    folders = [Path(str(package.__file__)).parent for package in CODE]
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    return {**python, **versions_of(PACKAGES), "grader's code": digest_of(files)}


def differences(theirs: bytes) -> str:
    """How another machine's versions differ from ours, "" if they don't: "numpy is 2.3 there …"."""
    ours, other = versions(), json.loads(theirs)
    return ", ".join(
        f"{name} is {other.get(name, 'missing')} there and {ours.get(name, 'missing')} here"
        for name in {**ours, **other}
        if ours.get(name) != other.get(name)
    )


# --- what is sent


def key_to_bytes(key: LessonKey) -> bytes:
    """A lesson's key as JSON."""
    return json.dumps(
        {
            "lesson": key.lesson,
            "release": key.release,
            "visible": [spec.to_json() for spec in key.visible.values()],
            "hidden": [spec.to_json() for spec in key.hidden.values()],
            "manual": key.manual,
            "given": key.given,
        }
    ).encode()


def key_from_bytes(data: bytes) -> LessonKey:
    """The key that `key_to_bytes` wrote."""
    read = json.loads(data)
    visible, hidden = (
        {item["id"]: ExerciseSpec.from_json(item) for item in read[part]}
        for part in ("visible", "hidden")
    )
    release = nbformat.from_dict(read["release"])
    return LessonKey(read["lesson"], release, visible, hidden, read["manual"], read["given"])


def task_to_bytes(run: str, lesson: str, student: str, notes: Sequence[str], raw: bytes) -> bytes:
    """One submission to grade: a line of JSON, then the submitted file as it is."""
    head = {
        "run": run,
        "versions": description().decode(),
        "lesson": lesson,
        "student": student,
        "notes": list(notes),
    }
    return json.dumps(head).encode() + b"\n" + raw


@dataclass(frozen=True)
class Answer:
    """What came back for one task: a result, or why there is none."""

    graded: Graded | None = None
    failure: str = ""  # the grader failed over there
    trace: str = ""  # where that was, for the log
    refused: bytes = b""  # that machine's versions, which are not ours


def answer_from_bytes(data: bytes) -> Answer:
    """Read what `grade_bytes` gave. ValueError, KeyError or TypeError if it is nothing of that."""
    read = json.loads(data)
    if "result" in read:
        result = SubmissionResult.from_json(read["result"])
        return Answer(graded=Graded(result, nbformat.from_dict(read["notebook"])))
    failure, told = str(read.get("failure", "")), str(read.get("trace", ""))
    return Answer(failure=failure, trace=told, refused=read.get("refused", "").encode())


# --- what a worker does


@dataclass(frozen=True)
class _Run:
    """What a worker's process keeps for one run of `attn grade`."""

    keys: Mapping[str, LessonKey]
    boxes: OpenBoxes
    limits: Limits
    readers: Readers


_runs: dict[str, _Run] = {}
_runs_lock = threading.Lock()


def begin_run(run: str, keys: Sequence[bytes], limits: str) -> None:
    """Get ready to grade for a run; `limits` is the JSON of its limits."""
    bounds = Limits(**json.loads(limits))
    read = [key_from_bytes(key) for key in keys]
    with _runs_lock:
        if run not in _runs:
            boxes = open_boxes(bounds, flavour=plain(read[0].flavour))
            own = {key.lesson: key for key in read}
            _runs[run] = _Run(own, OpenBoxes(boxes), bounds, Readers())


def end_run(run: str) -> None:
    """End what is still being graded for a run, and what was kept warm for it."""
    with _runs_lock:
        ended = _runs.pop(run, None)
    if ended is not None:
        ended.boxes.close()
        ended.readers.close()


def grade_bytes(task: bytes) -> bytes:
    """Grade what `task_to_bytes` made. Never raises: what goes wrong is told in the answer."""
    head_line, _, raw = task.partition(b"\n")
    head: dict[str, Any] = json.loads(head_line)
    if differences(head["versions"].encode()):
        return json.dumps({"refused": description().decode()}).encode()
    try:
        run = _runs[head["run"]]
        key = run.keys[head["lesson"]]
        graded = grade_submission(
            head["student"],
            raw,
            key,
            tuple(head["notes"]),
            open_box=run.boxes.open,
            limits=run.limits,
            readers=run.readers,
        )
    except Exception as error:
        return json.dumps({"failure": described(error), "trace": trace(error)}).encode()
    return json.dumps({"result": graded.result.to_json(), "notebook": graded.notebook}).encode()
