"""The corpus's code in both kinds of sandboxed box: `attn grade`'s, and a kernel of Jupyter's.

What a cheat or an accident does must not depend on who runs it: the same cells run, with the same
outputs, and the process ends in the same cell or in none.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.maker import open_boxes
from autograder.errors import AttnError
from autograder.kernels import provisioner
from tests.hostile.case import DOUBLE, TRIPLE, Case
from tests.hostile.test_corpus import CASES, LIMITS

WITH_CODE = [
    case
    for case in CASES
    if not case.file and (case.first or case.last or (case.double, case.triple) != (DOUBLE, TRIPLE))
]
VARIES = re.compile(r"\d+(\.\d+)?|\b[0-9a-f]{8,}\b|/tmp/\S+")  # times, addresses, processes
STOPPED = "This cell was stopped: "
CUT = "(the rest of the output was cut off)\n"

Outputs = list[tuple[str, str]]


@pytest.fixture(scope="module")
def boxes() -> Iterator[SandboxedBoxes]:
    """The maker of both kinds of box, with the corpus's limits."""
    try:
        made = open_boxes(dataclasses.replace(LIMITS, everything=True))
    except AttnError as error:
        pytest.skip(str(error))
    with made:
        if not isinstance(made, SandboxedBoxes):
            pytest.skip("sandboxed kernels need bubblewrap's walls")
        before, provisioner._makers[:] = provisioner._makers[:], [made]
        yield made
        provisioner._makers[:] = before


def cells_of(case: Case) -> list[str]:
    """A submission's cells, as `test_corpus.hand_in` puts them."""
    own = [source for source in case.first.split("#split\n") if source]
    return [*own, case.double.strip(), case.triple, *([case.last] if case.last else []), "print(1)"]


def in_a_box(boxes: SandboxedBoxes, sources: list[str]) -> tuple[list[Outputs], bool]:
    """The outputs of each cell that ran, and whether the last of them ended the process."""
    found = []
    with boxes.open() as box:
        for source in sources:
            result = box.run_cell(source)
            cut = [{"output_type": "stream", "text": CUT}] if result.truncated else []
            found.append(plain([*result.outputs, *cut]))
            if result.status in ("timeout", "dead"):
                return found, True
    return found, False


def in_a_kernel(sources: list[str]) -> tuple[list[Outputs], bool]:
    """The same, asked for as nbgrader and nbconvert do."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    config = Config({"BoxProvisioner": {"cell_seconds": LIMITS.cell_seconds}})
    client = NotebookClient(
        notebook,
        kernel_name="attn-numpy",
        allow_errors=True,
        store_widget_state=False,
        shutdown_kernel="immediate",
        config=config,
    )
    died = False
    try:
        client.execute()
    except DeadKernelError:
        died = True
    ran = [cell for cell in notebook.cells if cell.execution_count or cell.outputs]
    return [plain(cell.outputs) for cell in ran], died


def plain(outputs: list[dict[str, Any]]) -> Outputs:
    """Kinds and texts of outputs; streams as one, without what differs from run to run."""
    found: Outputs = []
    for output in outputs:
        kind, text = output["output_type"], str(output.get("text", ""))
        if kind == "error":
            if output["evalue"].startswith(STOPPED):
                continue  # a kernel's own word on what a box tells by its result
            text = f"{output['ename']}: {output['evalue']}"
        elif kind != "stream":
            text = json.dumps({k: v for k, v in output["data"].items() if k == "text/plain"})
        if found and kind == "stream" == found[-1][0]:
            text = found.pop()[1] + text
        found.append((kind, text))
    return [(kind, VARIES.sub("N", text)) for kind, text in found]


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", WITH_CODE, ids=lambda case: case.name)
def test_a_kernel_does_what_a_box_does(case: Case, boxes: SandboxedBoxes) -> None:
    ours, ended = in_a_box(boxes, cells_of(case))
    theirs, died = in_a_kernel(cells_of(case))
    assert died == ended
    assert theirs == ours


def test_most_of_the_corpus_is_code() -> None:
    assert len(WITH_CODE) > 80
