"""What these tests share: Keras imported quietly, made-up reviews, nothing left at home."""

from __future__ import annotations

import importlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attnkit.quiet import silence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

GOOD = ["lovely", "warm", "funny", "moving", "brilliant", "fresh"]
BAD = ["dull", "flat", "tired", "clumsy", "boring", "stale"]
OTHER = ["a", "the", "film", "plot", "with", "of", "its", "story", "and", "actor", "in", "scene"]


class Later:
    """A module that is imported when something of it is asked for.

    Keras takes seconds to import, and each process of a test run reads all files of tests.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "pytest")):  # which pytest asks of all that a file of tests has
            raise AttributeError(name)
        return getattr(importlib.import_module(self._name), name)


keras: Any = Later("keras")
kit: Any = Later("attnkit.classifier")  # of which some needs Keras


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    with silence():
        importlib.import_module("keras")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Token arrays go into a folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ATTNKIT_CACHE", str(folder))
    return folder


def reviews(many: int, seed: int = 0) -> tuple[list[str], list[int]]:
    """Sentences of 4 to 20 words, all different, praise and blame in turn."""
    rng = random.Random(seed)
    texts: list[str] = []
    while len(texts) < many:
        own = GOOD if len(texts) % 2 else BAD
        words = [rng.choice(OTHER) for _ in range(rng.randint(3, 17))]
        for _ in range(rng.randint(1, 3)):
            words.insert(rng.randrange(len(words) + 1), rng.choice(own))
        text = " ".join(words)
        if text not in texts:
            texts.append(text)
    return texts, [number % 2 for number in range(many)]


def write_csv(path: Path, many: int, seed: int = 0) -> Path:
    """Made-up reviews as a CSV file."""
    rows = [f'"{text}",{label}' for text, label in zip(*reviews(many, seed), strict=True)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


def attn(*arguments: object, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `attn` as from a shell, and expect an exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, arguments)],
        env={**os.environ, "COLUMNS": "120", **more}, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done
