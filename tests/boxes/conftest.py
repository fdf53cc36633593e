"""One maker of sandboxed boxes for all tests here; without a sandbox they are skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.boxes.box import Limits
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.errors import AttnError

LIMITS = Limits(cell_seconds=20.0, everything=True)


@pytest.fixture(scope="session")
def boxes() -> Iterator[SandboxedBoxes]:
    try:
        maker = open_boxes(LIMITS)
    except AttnError as error:
        pytest.skip(str(error))
    with maker:
        if type(maker) is not SandboxedBoxes:
            pytest.skip(f"there is only a {maker.kind} here")
        yield maker
