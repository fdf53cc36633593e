"""A folder that one training has to itself: what it is, whether it is finished, who runs it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attnkit.files import write_json, writing

from autograder.errors import AttnError
from autograder.files import try_lock

RECORD, KEYS, LOCK = "run.json", "known-texts.npy", ".lock"
OURS = (".part-", ".lock")  # how names begin of what a start that was killed may have left


@dataclass(frozen=True)
class Settings:
    """What makes two trainings the same: then one can go on from the other's checkpoint."""

    preset: str
    config: dict[str, Any]
    data: dict[str, Any]
    backend: str


class RunFolder:
    """The folder of ``--out``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def goes_on(self, settings: Settings) -> bool:
        """Whether a training goes on with one that was stopped; if not, the folder is free for it.

        AttnError if the folder holds a finished run, one with other settings, or anything else.
        """
        known = self.record()
        if known is None:
            strange = self._strange()
            if strange:
                raise AttnError(
                    f"{self.path} holds other files, such as {strange}: name a new folder with "
                    "--out."
                )
            return False
        if known.get("finished"):
            raise AttnError(
                f"{self.path} holds a finished model: name another folder with --out, or delete "
                "this one."
            )
        differ = _differences(known, settings)
        if differ:
            raise AttnError(
                f"{self.path} holds an unfinished training with other settings ({differ}): run "
                "that one's command to go on, or name another folder with --out."
            )
        return True

    def begin(self, settings: Settings) -> None:
        """Record what is trained here, from now on."""
        self._write(settings, finished=False)

    def finish(self, settings: Settings, facts: dict[str, Any]) -> None:
        """Record that the model is there."""
        self._write(settings, finished=True, **facts)

    def record(self) -> dict[str, Any] | None:
        """What is known of the run; None if there is none. AttnError if it can't be read."""
        try:
            data = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            raise AttnError(
                f"{self.path / RECORD} can't be read: delete the folder and train again."
            ) from None
        if not isinstance(data, dict) or data.get("version") != 1:
            raise AttnError(f"{self.path / RECORD} is of another version: train again.")
        return data

    def keep_keys(self, keys: npt.NDArray[np.uint64]) -> None:
        """Remember which texts the training has seen."""
        with writing(self.path / KEYS) as out:
            np.save(out, np.sort(keys))

    def keys(self) -> npt.NDArray[np.uint64]:
        """What `keep_keys` kept; nothing if it isn't there."""
        try:
            return np.asarray(np.load(self.path / KEYS, allow_pickle=False), np.uint64)
        except (OSError, ValueError, EOFError):
            return np.zeros(0, np.uint64)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Meanwhile, no other process trains here. AttnError if one does, or if it's read-only."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise AttnError(
                f"{self.path} can't be written to ({error.strerror}): name another folder with "
                "--out."
            ) from None
        try:
            if not try_lock(handle):
                raise AttnError(f"Another training is running in {self.path}: let it end.")
            yield
        finally:
            os.close(handle)

    def _write(self, settings: Settings, finished: bool, **facts: Any) -> None:
        write_json(
            self.path / RECORD,
            {"version": 1, "finished": finished, **vars(settings), **facts},
        )

    def _strange(self) -> str:
        for entry in sorted(self.path.iterdir()):
            if not entry.name.startswith(OURS):
                return entry.name
        return ""


def _differences(known: dict[str, Any], settings: Settings) -> str:
    """What differs between a record and the settings asked for, in words; empty if nothing does."""
    said = []
    for name in ("preset", "backend"):
        if known[name] != getattr(settings, name):
            said.append(f"{name} {known[name]}")
    before, now = known["data"], settings.data
    if before["digest"] != now["digest"]:
        there = before["full"] or before["name"]
        same = there == (now["full"] or now["name"])
        said.append(f"data {there}{', which has changed since' * same}")
    config = json.loads(json.dumps(settings.config))
    for name, value in known["config"].items():
        if config.get(name) != value:
            said.append(f"{name} {value}")
    return ", ".join(said[:4])
