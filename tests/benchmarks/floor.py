"""The floor of grading: the cells of each notebook in a child of a warm process, and nothing else.

    python -m tests.benchmarks.floor keras FOLDER

prints the seconds of each notebook as JSON: no walls, no limits, no judge, no gradebook.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path

WARM = {
    "numpy": ("numpy", "matplotlib.pyplot", "IPython", "ipywidgets", "attnkit", "pandas"),
    "keras": ("numpy", "matplotlib.pyplot", "IPython", "attnkit", "tensorflow", "keras"),
}


def main(flavour: str, folder: Path) -> None:
    """Run every notebook under `folder`, one after the other."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg"}
    os.environ |= {"ATTNKIT_PROGRESS": "off", "ATTNKIT_PICTURES": "off"}
    for name in WARM[flavour]:
        importlib.import_module(name)
    importlib.import_module("attnkit.words").word_plane()
    seconds = []
    for file in sorted(folder.rglob("*.ipynb")):
        try:
            cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        except ValueError:  # a damaged submission has no cells to run
            continue
        sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        start = time.perf_counter()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                run(sources)
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"the cells of {file.parent.parent.name} could not be run")
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds))


def run(sources: list[str]) -> None:
    """Run cells as a notebook does, figures drawn and output thrown away."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """As in a kernel, pictures open no window."""

    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    with capture_output():
        shell.enable_matplotlib("inline")
        for source in sources:
            shell.run_cell(source, store_history=False)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
