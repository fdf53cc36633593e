"""Sandboxed kernels for stock Jupyter programs: the same outputs, marks and walls."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.authoring.build import build_lesson
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.usage import tree
from autograder.course import Course, LessonFolder, find_course
from autograder.errors import AttnError
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import make_sample_class
from autograder.kernels import provisioner, server
from autograder.kernels.provisioner import shared_boxes
from autograder.record.class_folder import ClassFolder
from tests.small_course import build_course

KERNEL = "attn-numpy"
# In seconds: of itself, nbclient drops outputs that come four after a cell's end.
PATIENT: dict[str, Any] = {"startup_timeout": 300, "iopub_timeout": 120}


@pytest.fixture(scope="module", autouse=True)
def boxes() -> SandboxedBoxes:
    """The maker that this process's kernels share."""
    try:
        return shared_boxes()
    except AttnError as error:
        pytest.skip(str(error))


def executed(sources: list[str], kernel: str = KERNEL, **settings: Any) -> NotebookNode:
    """A notebook of these cells, run by nbclient."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    NotebookClient(notebook, kernel_name=kernel, allow_errors=True, **PATIENT, **settings).execute()
    return notebook


def outputs(notebook: NotebookNode) -> list[list[Any]]:
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


CELLS = [
    "print('one')\nprint('two')\n1 + 1",
    "import sys\nprint('to stderr', file=sys.stderr)",
    "import numpy as np\nimport pandas as pd\npd.DataFrame({'a': np.arange(3)})",
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2, 4])\nplt.show()",
    "from IPython.display import HTML, clear_output, display\nprint('gone')\nclear_output()\n"
    "handle = display(HTML('<b>1</b>'), display_id=True)\nhandle.update(HTML('<b>2</b>'))",
    "def f(x):\n    return 1 / x\n\nf(0)",
    "undefined",
    "for i in range(3):\n    print(i)\n'after'",
]


def test_a_kernel_gives_the_outputs_that_a_box_gives_and_all_but_the_paths_of_a_plain_one(
    boxes: SandboxedBoxes,
) -> None:
    ours = outputs(executed(CELLS))
    plain = outputs(executed(CELLS, "python3", coalesce_streams=True))  # it flushes by the clock
    with boxes.open() as box:
        direct = [box.run_cell(source).outputs for source in CELLS]
    assert ours == direct
    for a, b in zip(ours, plain, strict=True):
        for one, other in zip(a, b, strict=True):
            if one.output_type == "error":  # its traceback names a file of the process
                assert (one.ename, one.evalue) == (other.ename, other.evalue)
            elif "image/png" in one.get("data", {}):
                assert one.data["text/plain"] == other.data["text/plain"]
            else:
                assert one == other


LESSONS = find_course().lesson_folders()


@pytest.mark.exhaustive  # the cells above
@pytest.mark.parametrize("folder", LESSONS, ids=lambda folder: f"L{folder.label}")
def test_a_whole_lesson_runs_alike_in_a_kernel_and_in_a_box(
    folder: LessonFolder, boxes: SandboxedBoxes
) -> None:
    notebook = build_lesson(folder).source
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    ours = outputs(executed(sources))
    with boxes.open() as box:
        direct = [box.run_cell(source).outputs for source in sources]
    assert len(ours) == len(direct) > 10
    # a training that a grader runs stops after a moment, wherever it is then: what it says differs
    varies = _ANYTHING if folder.number == 8 else _TIMED
    for one, other in zip(ours, direct, strict=True):
        assert _without_ids(one, varies) == _without_ids(other, varies)


def _without_ids(found: list[Any], varies: re.Pattern[str]) -> list[Any]:
    """Outputs without the names that widgets draw at random, and without measured times."""
    kept = []
    for output in found:
        data = dict(output.get("data", {}))
        data.pop("application/vnd.jupyter.widget-view+json", None)
        kind = output["output_type"]
        texts = (output.get("text"), data.get("text/plain"))
        kept.append((kind, sorted(data), *(text and varies.sub("N", text) for text in texts)))
    return kept


_ANYTHING = re.compile(r"(?s).+")
_TIMED = re.compile(r"[\d.,]+(?=[^\n]*\b(?:seconds?|minutes?|hours?|ms|s|runs)\b)")


def test_a_front_ends_time_limit_stops_one_cell_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "GRACE_SECONDS", 60.0)  # a busy machine may not wake it sooner
    endless_cell = "while True:\n    pass"
    stubborn = (
        "import time\ntry:\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('caught')"
    )
    notebook = executed(
        [endless_cell, "x = 2", stubborn, "print(x)"],
        timeout_func=lambda cell: 3 if cell.source in (endless_cell, stubborn) else 300,
        interrupt_on_timeout=True,
    )
    endless, _, caught, later = outputs(notebook)
    assert endless[0].ename == "KeyboardInterrupt"
    assert caught[0].text == "caught\n"
    assert later[0].text == "2\n"


def test_a_cell_that_ends_its_process_ends_its_kernel_only(boxes: SandboxedBoxes) -> None:
    with pytest.raises(DeadKernelError):
        executed(["import os", "os._exit(3)", "1"])
    assert outputs(executed(["1 + 1"]))[0][0].data["text/plain"] == "2"


def test_a_sandbox_that_fails_ends_its_kernels_and_the_next_one_starts_anew(
    boxes: SandboxedBoxes, caplog: pytest.LogCaptureFixture
) -> None:
    """The front end is told; it does not wait for an answer that never comes."""

    def lose(cell: NotebookNode, cell_index: int) -> None:
        if cell.source == LOST:
            boxes.warm_process().process.kill()

    with pytest.raises(DeadKernelError):
        executed(["x = 1", LOST, "x"], on_cell_execute=lose)
    assert "The box of a kernel is lost." in caplog.text
    assert outputs(executed(["1 + 1"]))[0][0].data["text/plain"] == "2"


LOST = "import time\ntime.sleep(600)"


def test_what_a_front_end_can_see_a_kernel_cannot(tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret", encoding="utf-8")
    looks = (
        f"import os, socket\nprint(os.path.exists({str(secret)!r}), os.getuid() == 0)\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error:\n    print(type(error).__name__)\n"
        f"print(os.path.exists({str(find_course().solutions)!r}))"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(looks)])
    NotebookClient(
        notebook, kernel_name=KERNEL, resources={"metadata": {"path": str(tmp_path)}}, **PATIENT
    ).execute()
    assert notebook.cells[0].outputs[0].text.split() == [
        "False",
        "False",
        "ConnectionRefusedError",
        "False",
    ]


def test_output_without_end_is_cut_before_it_reaches_the_front_end() -> None:
    notebook = executed(["print('x' * 50_000_000)", "print('later')"])
    first, later = outputs(notebook)
    assert sum(len(o.text) for o in first) < 2_000_000
    assert "cut off" in first[-1].text
    assert later[0].text == "later\n"


def test_after_a_failed_cell_what_is_queued_is_not_run() -> None:
    """As in any kernel: "run all" stops at the first error."""
    from jupyter_client.manager import start_new_async_kernel

    async def run() -> list[str]:
        manager, client = await start_new_async_kernel(kernel_name=KERNEL)
        try:
            sources = ("import time; time.sleep(2); 1 / 0", "2")
            asked = [client.execute(source) for source in sources]
            found: dict[str, str] = {}
            while len(found) < len(asked):
                reply = await client.get_shell_msg(timeout=300)
                found[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
            return [found[name] for name in asked]
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    assert asyncio.run(run()) == ["error", "aborted"]


@pytest.fixture
def adopting() -> Iterator[None]:
    """Who loses its parent below this process becomes its child: so no process left is missed, and
    none that another test at the same time has started is taken for one."""
    prctl, child_subreaper = ctypes.CDLL(None).prctl, 36
    assert prctl(child_subreaper, 1, 0, 0, 0) == 0
    yield
    prctl(child_subreaper, 0, 0, 0, 0)


@pytest.mark.usefixtures("adopting")
def test_jupyter_execute_gets_one_by_name_and_leaves_no_process(tmp_path: Path) -> None:
    file = tmp_path / "cells.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
    nbformat.write(notebook, file)
    program = Path(sys.executable).with_name("jupyter")
    before = _warm_processes()
    subprocess.run(
        [program, "execute", f"--kernel_name={KERNEL}", "--inplace", file],
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert nbformat.read(file, as_version=4).cells[0].outputs[0].text == "42\n"
    left, end = _warm_processes() - before, time.monotonic() + PATIENCE
    while left and time.monotonic() < end:
        time.sleep(0.5)
        left &= _warm_processes()
    assert not left


PATIENCE = 180  # seconds; what is left behind is left for good


def _warm_processes() -> set[int]:
    """Those below this process."""
    found = set()
    for process in tree(os.getpid()):
        with contextlib.suppress(OSError):
            if b"inside.warm" in Path(f"/proc/{process}/cmdline").read_bytes():
                found.add(process)
    return found


@pytest.fixture(scope="module")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))


@pytest.fixture
def class_of_three(mini_course: Course, tmp_path: Path) -> tuple[Path, list[str]]:
    root = tmp_path / "class"
    made = make_sample_class(mini_course, root, students=3)
    assert len({sum(student.points.values()) for student in made}) > 1
    return root, [student.student for student in made]


@pytest.mark.slow
def test_stock_nbgrader_gives_the_marks_of_attn_grade_with_sandboxed_kernels(
    mini_course: Course, class_of_three: tuple[Path, list[str]], tmp_path: Path
) -> None:
    root, students = class_of_three
    stock = ClassFolder(tmp_path / "stock")
    shutil.copytree(root, stock.root)
    list(grade_path(mini_course, root / "submitted", GradeOptions(workers=2)))
    lesson = mini_course.lesson_folders()[0].name
    program = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run(
        [
            program,
            "autograde",
            f"--Execute.kernel_name={KERNEL}",
            "--Execute.iopub_timeout=120",
            lesson,
        ],
        cwd=stock.root,
        capture_output=True,
        text=True,
        timeout=600,
        env=_environment(mini_course),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for student in students:
        scores = []
        for folder in (root, stock.root):
            with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
                scores.append(gradebook.find_submission(lesson, student).score)
        assert scores[0] == scores[1], student


def _environment(course: Course) -> dict[str, str]:
    return os.environ | {"ATTNKIT_RELEASED": str(course.released)}


def test_without_walls_there_is_no_kernel_and_a_sentence_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Weaker:
        def close(self) -> None:
            closed.append(True)

    closed: list[bool] = []
    make: Callable[..., Any] = lambda limits, **more: Weaker()  # noqa: E731
    monkeypatch.setattr(provisioner, "open_boxes", make)
    monkeypatch.setattr(provisioner, "_makers", [])
    with pytest.raises(AttnError, match="needs bubblewrap's walls"):
        shared_boxes()
    assert closed == [True]
