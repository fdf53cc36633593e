"""Boxes that start while something else goes on: they are used, and none is left behind."""

from __future__ import annotations

import os
import sys

import pytest

from autograder.boxes import maker, opening
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.opening import BoxesAhead
from autograder.boxes.usage import is_running, tree
from autograder.errors import AttnError
from tests.boxes.conftest import LIMITS


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "open_boxes", maker.open_boxes)


def test_the_sandbox_is_tried_in_the_flavour_that_is_wanted(boxes: SandboxedBoxes) -> None:
    """Protects the start: a Keras class would wait for a warm process that it has no use for."""
    with BoxesAhead(LIMITS, "bare") as ahead:
        ahead.start()
        made = ahead.maker()
        assert isinstance(made, SandboxedBoxes)
        assert ahead.maker() is made
        assert list(made._warm) == ["bare"]
        with made.open("bare") as box:
            assert box.run_cell("print(1 + 1)").outputs[0]["text"] == "2\n"


def test_boxes_that_nobody_took_end_as_well(boxes: SandboxedBoxes) -> None:
    before = set(tree(os.getpid()))
    with BoxesAhead(LIMITS, "bare") as ahead:
        ahead.start()
    left = [process for process in set(tree(os.getpid())) - before if is_running(process)]
    assert left == []


def test_what_is_not_started_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")  # where opening would fail
    with BoxesAhead(LIMITS, "bare"):
        pass


def test_who_asks_for_them_is_told_that_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with BoxesAhead(LIMITS, "bare") as ahead:
        ahead.start()
        with pytest.raises(AttnError, match="virtual machine"):
            ahead.maker()
