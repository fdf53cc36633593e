"""Notebook files as other programs save them: made here by what is known of each one's format.

VS Code keeps ids, marks and the format's version of what it opened, and names the language of cells
that aren't in the notebook's own. Colab keeps them too where the file was handed out with ids
(format 4.5), and adds its own `id`, `outputId`, `cellView` and `colab` to a cell's metadata; what
it has made anew is 4.0, without ids. Its widgets' states lack the level `state` that the format
asks for, on which nbconvert stops.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Saved = dict[str, Any]  # a notebook file, as JSON has it

VIEW = "application/vnd.jupyter.widget-view+json"
STATES = "application/vnd.jupyter.widget-state+json"
MODEL = "0123456789abcdef0123456789abcdef"


def _lines(saved: Saved) -> None:
    for cell in saved["cells"]:
        if isinstance(cell["source"], str):
            cell["source"] = cell["source"].splitlines(keepends=True)


def _slider(**metadata: Any) -> Saved:
    view = {"model_id": MODEL, "version_major": 2, "version_minor": 0}
    shown = {VIEW: view, "text/plain": ["VBox(children=())"]}
    return {"data": shown, "metadata": metadata, "output_type": "display_data"}


def as_vs_code(saved: Saved) -> None:
    """A notebook of format 4.5, run in an environment called .venv."""
    _lines(saved)
    python = {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"}
    saved["metadata"] = {
        "kernelspec": python,
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.12.1",
        },
        "orig_nbformat": 4,
        "vscode": {"interpreter": {"hash": "31f2aee4e71d21fb"}},
    }
    code = [cell for cell in saved["cells"] if cell["cell_type"] == "code"]
    code[0]["outputs"] = [_slider()]
    own: Saved = {"cell_type": "code", "execution_count": None, "outputs": []}
    own |= {"metadata": {"vscode": {"languageId": "shellscript"}}, "id": "8a1b2c3d"}
    saved["cells"].insert(2, {**own, "source": ["%%bash\n", "echo mine"]})


def as_colab(saved: Saved) -> None:
    """A notebook of format 4.5, with widgets that were shown."""
    _lines(saved)
    states = {
        MODEL: {
            "model_module": "@jupyter-widgets/controls",
            "model_name": "VBoxModel",
            "model_module_version": "1.5.0",
            "state": {"_dom_classes": [], "_view_name": "VBoxView", "children": []},
        }
    }
    saved["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True, "gpuType": "T4"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
        "widgets": {STATES: states},
    }
    for number, cell in enumerate(saved["cells"]):
        cell["metadata"] |= {"id": f"{number:012x}"}
        if cell["cell_type"] == "code":
            place = {"base_uri": "https://localhost:8080/", "height": 49}
            name = f"0a1b2c3d-0000-4000-8000-{number:012x}"
            cell["metadata"] |= {"colab": place, "outputId": name, "cellView": "form"}
            cell["outputs"] = [_slider()]
    fetches = "%pip install -q https://example.org/course/attention_kit-0.2.0-py3-none-any.whl"
    first: Saved = {"cell_type": "code", "execution_count": 1, "outputs": [], "id": "p1p1"}
    first["metadata"] = {"id": "p1p1p1p1p1p1"}
    saved["cells"].insert(0, {**first, "source": [fetches, "\n", "%load_ext attnkit.waiting"]})


def as_colab_4_0(saved: Saved) -> None:
    """What Colab has made anew: format 4.0, cells' ids are its own, in their metadata."""
    as_colab(saved)
    _without_ids(saved, minor=0)


def as_kaggle(saved: Saved) -> None:
    """Kaggle's own metadata beside the marks; format 4.4, without ids."""
    _lines(saved)
    saved["metadata"] |= {
        "kaggle": {"accelerator": "none", "dataSources": [], "language": "python"}
    }
    for number, cell in enumerate(saved["cells"]):
        cell["metadata"] |= {"_uuid": f"d629ff2d2480ee46{number:024x}", "trusted": True}
    _without_ids(saved, minor=4)


def without_marks(saved: Saved) -> None:
    """Saved by what keeps neither ids nor cells' metadata."""
    _lines(saved)
    _without_ids(saved, minor=4)
    for cell in saved["cells"]:
        cell["metadata"] = {}


def _without_ids(saved: Saved, minor: int) -> None:
    saved["nbformat_minor"] = minor
    for cell in saved["cells"]:
        cell.pop("id", None)


PROGRAMS: Mapping[str, Callable[[Saved], None]] = {
    "vs-code": as_vs_code,
    "colab": as_colab,
    "colab-4-0": as_colab_4_0,
    "kaggle": as_kaggle,
    "without-marks": without_marks,
}


def saved_by(program: str, notebook: Mapping[str, Any]) -> bytes:
    """The file that a program makes of a notebook."""
    saved = json.loads(json.dumps(notebook))
    PROGRAMS[program](saved)
    return json.dumps(saved, indent=1 if program == "vs-code" else 2, ensure_ascii=False).encode()
