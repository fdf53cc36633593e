"""Cells that wait for what isn't written or hasn't run say so; what grades still fails."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.application import ENV_CONFIG_DIRS
from jupyter_client.manager import start_new_kernel

from autograder.course import find_course
from autograder.notebook_text import to_text

CONFIG = "autograder/kernels/ipython_kernel_config.json"
STUB = "def weighted_mean(x_TD, w_T):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
WRITTEN = "def weighted_mean(x_TD, w_T):\n    return w_T @ x_TD / w_T.sum()"
ABOVE = ["import numpy as np\nfrom attnkit import check\nx_TD, w_T = np.eye(2), np.ones(2)", STUB]

NOT_HERE = """from attnkit.optional import NotInstalledError
class NotHere:
    def load(self):
        raise NotInstalledError("This needs a package: install it.")"""
NOT_HERE_IN_SHORT = "NotHere().load()"


class Ran:
    """What a cell's run has shown: the reply's status, what was said, and the errors."""

    def __init__(self) -> None:
        self.status, self.said, self.errors = "", "", ""

    def see(self, message: Any) -> None:
        content = message["content"]
        if message["msg_type"] == "error":
            self.errors += "\n".join(content["traceback"])
        elif message["msg_type"] in ("display_data", "execute_result"):
            data = content["data"]
            self.said += data.get("text/markdown", data["text/plain"])


class Kernel:
    """A notebook's kernel, asked as JupyterLab asks it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, source: str) -> Ran:
        ran = Ran()
        reply = self._client.execute_interactive(source, output_hook=ran.see, timeout=300)
        ran.status = reply["content"]["status"]
        return ran


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel with the environment's configuration, just started, in a lesson's folder."""
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    shutil.copy(find_course().root / CONFIG, profile)
    lesson = tmp_path / "lesson"
    lesson.mkdir()
    cells = [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(ABOVE)]
    cells.append(nbformat.v4.new_code_cell("%matplotlib inline\nlate = 1", id="last"))
    (lesson / "lesson.ipynb").write_text(to_text(nbformat.v4.new_notebook(cells=cells)))
    manager, client = start_new_kernel(
        kernel_name="python3",
        cwd=str(lesson),
        env={**os.environ, "IPYTHONDIR": str(profile.parent), "ATTNKIT_PROGRESS": "off"},
    )
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_cells_say_what_they_wait_for_and_those_that_grade_fail(kernel: Kernel) -> None:
    """Protects *Run All* of an unfilled notebook, and that nothing counts as done that grades."""
    # after a restart: the environment's own configuration knows, before attnkit is imported
    for cell in ("print(w_T)", 'check("L1.1", print)'):
        ran = kernel.run(cell)
        assert ran.status == "error"
        assert "Run up to Selected Cell" in ran.errors
        assert "Traceback" not in ran.errors
    assert "Traceback" in kernel.run("nobody_makes_this").errors
    for cell in ABOVE:
        assert kernel.run(cell).status == "ok"

    # given cells go on, one after the other
    ran = kernel.run("before = 1\nz_D = weighted_mean(x_TD, w_T)\nafter = 2")
    assert (ran.status, ran.errors) == ("ok", "")
    assert "`weighted_mean` isn't written yet: it is exercise L1.1." in ran.said
    ran = kernel.run("longer = 2 * z_D")
    assert (ran.status, ran.errors) == ("ok", "")
    assert "`z_D`, which waits for `weighted_mean` (exercise L1.1)" in ran.said
    assert "`longer`, which waits for `weighted_mean`" in kernel.run("print(longer, after)").said
    assert kernel.run("before").status == "ok"

    # so do those that need a package which isn't there
    ran = kernel.run(f"{NOT_HERE}\nmodel = NotHere().load()")
    assert (ran.status, ran.errors, ran.said) == ("ok", "", "*This needs a package: install it.*")
    ran = kernel.run("print(model)")
    assert (ran.status, ran.errors) == ("ok", "")
    assert "`model`, and with it what isn't installed here" in ran.said
    assert kernel.run(f"assert {NOT_HERE_IN_SHORT}").status == "error"

    # cells that grade, or may, fail as ever: a teacher's own among them
    for cell in (
        'report = check("L1.1", z_D)\nreport.points',
        "assert weighted_mean(x_TD, w_T).shape == (2,)",
        "np.testing.assert_allclose(weighted_mean(x_TD, w_T), x_TD[0])",
        "assert z_D.shape == (2,)",
    ):
        ran = kernel.run(cell)
        assert (ran.status, ran.said) == ("error", ""), cell
        assert ran.errors, cell
    assert "0" in kernel.run('check("L1.1", weighted_mean).points').said

    # a learner's own errors are theirs
    for cell in (
        "def later():\n    raise NotImplementedError()\nlater()",
        "def weighted_mean(x_TD, w_T):\n    if len(w_T) > 1:\n        raise NotImplementedError()\n"
        "weighted_mean(x_TD, w_T)",
        f"{WRITTEN.replace('x_TD / ', 'z_D / ')}\nweighted_mean(x_TD, w_T)",
        "def own():\n    print(value)\n    value = 1\nown()",
        "spelt_wrongly = weighted_maen(x_TD, w_T)",
    ):
        ran = kernel.run(cell)
        assert (ran.status, ran.said) == ("error", ""), cell
        assert "Traceback" in ran.errors, cell
    begun = WRITTEN.replace("return", "z_D =") + "\n    raise NotImplementedError()"
    assert "still holds its line" in kernel.run(f"{begun}\nweighted_mean(x_TD, w_T)").said

    # written at last: what was skipped is to be run again, and is there then
    kernel.run(WRITTEN)
    assert "run that cell again, and then this one" in kernel.run("2 * z_D").said
    kernel.run("z_D = weighted_mean(x_TD, w_T)")
    assert kernel.run("2 * z_D").said == "array([1., 1.])"
    kernel.run("broken = 1 / 0")
    ran = kernel.run("broken + 1")
    assert ran.status == "error"
    assert "a cell above that stopped with an error" in ran.errors


def test_where_notebooks_are_graded_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Protects stock nbgrader, which gives a cell without an error its points."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    profile = tmp_path / "profile_default"
    profile.mkdir()
    shutil.copy(find_course().root / CONFIG, profile)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        kernel = Kernel(client)
        assert kernel.run(f"from attnkit import check\n{STUB}").status == "ok"
        ran = kernel.run("z_D = weighted_mean(1, 2)")
        assert (ran.status, ran.said) == ("error", "")
        assert "Traceback" in ran.errors
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_environment_brings_the_configuration() -> None:
    """Protects the sentence after a restart: the package puts its file where IPython looks."""
    assert Path(ENV_CONFIG_DIRS[-1]).parts[-2:] == ("etc", "ipython")
    root = find_course().root
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared[CONFIG] == f"etc/ipython/{Path(CONFIG).name}"
    config = json.loads((root / CONFIG).read_text(encoding="utf-8"))
    assert config["InteractiveShellApp"]["extensions"] == ["attnkit.waiting"]
