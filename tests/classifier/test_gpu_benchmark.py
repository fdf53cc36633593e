"""`make bench-gpu` works before there is a GPU to run it on; its table says what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.exhaustive
def test_it_measures_a_training_on_a_cpu(tmp_path: Path) -> None:
    figures = tmp_path / "gpu.json"
    options = ["--data", "mr", "--preset", "small", "--reviews", "400", "--device", "cpu"]
    settings = ["--set", json.dumps({"epochs": 3, "members": 2, "linear": True})]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu", *options, *settings, "--json", str(figures)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(figures.read_text())
    assert told["trained"] == 400
    assert "CPU core" in told["device"]
    parts = ("vocabulary_seconds", "encode_seconds", "fit_seconds", "after_seconds")
    assert sum(told[part] for part in parts) == pytest.approx(told["seconds"], rel=1e-6)
    assert told["later_epoch_seconds"] < told["first_epoch_seconds"]  # which compiles
    assert 0 < told["input_share"] < 1
    assert told["words_per_second"] < told["words_with_pads_per_second"]
    assert told["ratio"] == pytest.approx(told["example_seconds"] / told["seconds"])
    assert told["date"] in done.stdout
    assert f"| {told['accuracy']:.2f} % |" in done.stdout
