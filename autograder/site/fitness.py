"""Which lessons a browser can run, and what the others need that no browser has.

Nobody keeps a list: it is read off a lesson's notebook, from what its cells import and which parts
of Keras they name.
"""

from __future__ import annotations

import ast
import functools
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import attnkit

from autograder.site import stand_in
from autograder.site.pyodide import release

KERAS = "Keras and TensorFlow"
_KIT = Path(attnkit.__file__).parent


def lacking(notebook: Path) -> list[str]:
    """What a notebook needs and no browser has: "Keras and TensorFlow", "the package mlxtend"."""
    found = dict.fromkeys(
        need for source in sources(notebook) for need in needs(ast.parse(source)) if need
    )
    return list(found)


def sources(notebook: Path) -> Iterator[str]:
    """The code of its cells; a cell that is no Python, of a magic for instance, is left out."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            try:
                ast.parse(source)
            except SyntaxError:
                continue
            yield source


def needs(tree: ast.AST) -> Iterator[str]:
    """What of a cell's code no browser can do, or ""."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (_of_module(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield _of_module(node.module)
            for alias in node.names:
                yield _of_module(f"{node.module}.{alias.name}")
        elif isinstance(node, ast.Attribute) and not _stands_in(ast.unparse(node)):
            yield KERAS


@functools.cache
def _of_module(name: str) -> str:
    """What has to be there for a module to be imported that a browser has not, or ""."""
    first = name.partition(".")[0]
    if first == "attnkit":
        return KERAS if _trains(name) else ""
    there = {one for entry in release().packages.values() for one in entry["imports"]}
    if first in sys.stdlib_module_names or first in there | {"keras", "ipywidgets"}:
        return ""
    return KERAS if first == "tensorflow" else f"the package {first}"


def _trains(name: str) -> bool:
    """Whether a module of the kit needs Keras for its own work, the real one."""
    files: list[Path] = []
    place = _KIT
    for part in name.split(".")[1:]:
        place /= part
        files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        if place.with_suffix(".py").is_file():
            break
    # `earlier` runs functions of earlier lessons, and only where these are written in Keras
    return any(_imports_keras(file) for file in files if file.is_file() and file.stem != "earlier")


@functools.cache
def _imports_keras(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "keras" in text else ():
        if isinstance(node, ast.Import) and any(a.name.startswith("keras") for a in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("keras"):
            return True
    return False


def _stands_in(dotted: str) -> bool:
    """Whether the stand-in has what is written as `keras.layers.Softmax`; true of other names."""
    first, *parts = dotted.split(".")
    if first != "keras" or not all(part.isidentifier() for part in parts):
        return True
    here: object = stand_in
    for part in parts:
        if not hasattr(here, part):
            return False
        here = getattr(here, part)
    return True


def in_words(needed: Iterable[str]) -> str:
    """What is needed, as part of a sentence: "Keras and TensorFlow, and the package mlxtend"."""
    names = list(needed)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
