"""`autograder/README.md` is the map of the grader: it names every module, and imports follow it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRADER = ROOT / "autograder"
KIT = ROOT / "lessons" / "attnkit"
MAP = (GRADER / "README.md").read_text("utf-8")
FLOORS = MAP.split("## Who may import whom")[1]


@functools.cache
def modules() -> dict[str, Path]:
    """The grader's modules by their place below autograder/, without the packages' own files."""
    files = (file for file in GRADER.rglob("*.py") if file.name != "__init__.py")
    return {file.relative_to(GRADER).as_posix(): file for file in files}


def first_sentence(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").split("\n")[0]


def on_the_map() -> dict[str, tuple[int, str]]:
    """What the map says: a module's place, its floor counted from above, and its line."""
    found: dict[str, tuple[int, str]] = {}
    floor, folder = 0, ""
    for line in FLOORS.splitlines():
        if line.startswith("### "):
            floor += 1
            package = re.fullmatch(r"### `(\w+/)`", line)
            folder = package[1] if package else ""
        if item := re.fullmatch(r"- `([^`]+)`: (.+)", line):
            assert folder + item[1] not in found, f"{folder}{item[1]} is there twice"
            found[folder + item[1]] = floor, item[2]
    return found


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports when it runs, by their dotted names."""
    tree = ast.parse(file.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_the_grader(name: str) -> str | None:
    """The place of the module that a dotted name belongs to, if it is one of the grader's."""
    parts = name.split(".")
    if parts[0] != "autograder":
        return None
    for length in (len(parts), len(parts) - 1):
        place = "/".join(parts[1:length]) + ".py"
        if place in modules():
            return place
    return None


def test_every_module_is_on_the_map_with_its_own_first_sentence() -> None:
    said = {place: line for place, (_, line) in on_the_map().items()}
    assert said == {place: first_sentence(file) for place, file in modules().items()}


def test_every_package_says_what_it_is() -> None:
    for file in GRADER.glob("*/__init__.py"):
        sentence = first_sentence(file)
        assert f"### `{file.parent.name}/`\n\n{sentence}\n" in FLOORS, file


def test_imports_go_up_the_page_only() -> None:
    floors = {place: floor for place, (floor, _) in on_the_map().items()}
    down = [
        f"{place} imports {other}"
        for place, file in modules().items()
        for other in map(of_the_grader, imported(file))
        if other is not None and floors[other] > floors[place]
    ]
    assert down == []


def test_the_toolkit_imports_nothing_of_the_grader() -> None:
    used = {name for file in KIT.rglob("*.py") for name in imported(file)}
    assert not [name for name in used if name.split(".")[0] == "autograder"]


def test_no_modules_import_each_other() -> None:
    graph = {
        place: {other for other in map(of_the_grader, imported(file)) if other not in (None, place)}
        for place, file in modules().items()
    }
    while leaves := [place for place, uses in graph.items() if not uses & graph.keys()]:
        for place in leaves:
            del graph[place]
    assert graph == {}


@pytest.mark.parametrize("module", ["errors.py", "boxes/box.py", "grading/batch.py"])
def test_the_reading_of_imports_sees_some(module: str) -> None:
    """What is held above would hold as well if nothing were found."""
    assert list(imported(GRADER / module))
    assert of_the_grader("autograder.boxes.box.Box") == "boxes/box.py"
    assert of_the_grader("autograder.boxes.box") == "boxes/box.py"


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", MAP):
        assert (GRADER / target).exists(), target
