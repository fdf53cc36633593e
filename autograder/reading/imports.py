"""Imports of the course's own cells whose names nobody uses: a box need not wait for them.

A lesson begins with all that its pictures and panels need, and they are what takes time: pandas,
Matplotlib, widgets. A learner's answers use NumPy. Only imports at a cell's top are left out, and
only of names that no code uses which is run; see `dependencies.py` for what counts as a use.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Mapping
from functools import lru_cache

from autograder.reading.dependencies import names_of, names_of_given


def spared_cells(own: Mapping[int, str], given: Mapping[int, str]) -> dict[int, str]:
    """What is to run of given cells that import names which none of all these cells uses."""
    used: set[str] = set()
    for texts, names in ((own, names_of), (given, names_of_given)):
        for text in texts.values():
            used |= names(text).uses
    return {
        index: without_imports(source, frozenset(used & imported_names(source)))
        for index, source in given.items()
        if not imported_names(source) <= used
    }


@lru_cache(maxsize=2_000)
def imported_names(source: str) -> frozenset[str]:
    """The names that a cell of the course's binds by imports at its top."""
    aliases = ((node, alias) for node in _imports(source) for alias in node.names)
    return frozenset(_bound(node, alias) for node, alias in aliases if alias.name != "*")


@lru_cache(maxsize=2_000)
def without_imports(source: str, used: frozenset[str]) -> str:
    """The cell with imports of these names only, each other line where it was."""
    lines = source.split("\n")
    for node in _imports(source):
        kept = [alias for alias in node.names if _bound(node, alias) in used or alias.name == "*"]
        if len(kept) == len(node.names):
            continue
        assert node.end_lineno is not None
        length = node.end_lineno - node.lineno + 1
        node.names = kept
        text = ast.unparse(node) if kept else ""
        lines[node.lineno - 1 : node.end_lineno] = [text, *[""] * (length - 1)]
    return "\n".join(lines)


def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    """Those that have their lines for themselves; none of a cell that is no plain Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    last, found = 0, []  # the last line before it
    for node, following in itertools.pairwise([*body, None]):
        assert node is not None
        end = node.end_lineno or node.lineno
        alone = last < node.lineno and (following is None or following.lineno > end)
        last = end
        if alone and isinstance(node, ast.Import | ast.ImportFrom) and not _is_future(node):
            found.append(node)
    return found


def _is_future(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _bound(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(node, ast.Import):
        return alias.asname or alias.name.partition(".")[0]
    return alias.asname or alias.name
