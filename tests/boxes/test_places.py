"""Wherever Python lies on the machine that grades, a box finds it, and can't write to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.boxes import walls
from autograder.boxes.fast_boxes import FastBoxes, start_bubblewrap
from tests.boxes.conftest import LIMITS


def test_an_environment_below_tmp_is_seen_through_the_boxes_own_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boxes: FastBoxes
) -> None:
    """A checkout below /tmp, as continuous integration likes it."""
    tmp_path.chmod(0o755)
    (tmp_path / "package.py").write_text("value = 6 * 7", encoding="utf-8")
    place = "/tmp/attn-kept/deep"
    real = list(walls.visible())
    monkeypatch.setattr(walls, "visible", lambda: iter([*real, (str(tmp_path), place)]))
    look = f"""
import json, os, sys
sys.path.insert(0, {place!r})
import package
try:
    open({place!r} + "/new", "w")
    refused = False
except OSError:
    refused = True
open("/tmp/own", "w").close()
print(json.dumps([package.value, refused, sorted(os.listdir("/tmp"))]))
"""
    program = boxes.program
    with start_bubblewrap(LIMITS, program) as maker:
        for _ in range(2):
            with maker.open() as box:
                (output,) = box.run_cell(look).outputs
                found = json.loads(output["text"])
            assert found[:2] == [42, True]
            assert {"attn-kept", "own"} <= set(found[2])
