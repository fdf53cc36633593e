"""Fingerprints of code by its syntax tree: what stays when names, layout and comments change.

Each function is read as the sequence of its tree's nodes. Names that its author chose, numbers and
texts lose their value; docstrings, comments, annotations and decorators are not there at all. Of
all runs of `RUN` nodes, winnowing keeps some by their hash alone, so that equal passages of
`RUN + WINDOW - 1` nodes always share one, wherever they stand (Schleimer, Wilkerson and Aiken,
"Winnowing: local algorithms for document fingerprinting", SIGMOD 2003).

Code is parsed here and never run. It is short, and a parser that gives up costs that code its
fingerprints, no more.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

RUN = 7  # nodes of a tree in one fingerprint: about one short statement
WINDOW = 4
MOST_LETTERS = 20_000  # of one cell: more is no answer, and may overthrow a parser
_BUILTIN = frozenset(dir(builtins))
_OPERATORS = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Prints:
    """The fingerprints of a piece of code: those that winnowing keeps, and every one there is."""

    kept: frozenset[int]
    every: frozenset[int]


NONE = Prints(frozenset(), frozenset())


def fingerprints(source: str, known_names: frozenset[str] = frozenset()) -> Prints:
    """The fingerprints of a cell's code; none if it can't be parsed.

    `known_names` are names that say what is done, as `np` does: they keep their value,
    unless the code itself gives them to something else.
    """
    tree = _parsed(source)
    if tree is None:
        return NONE
    known = (known_names | _BUILTIN) - _chosen(tree)
    kept: set[int] = set()
    every: set[int] = set()
    for unit in _units(tree):
        hashes = _hashes(list(_nodes(unit, known)))
        every.update(hashes)
        kept.update(_winnowed(hashes))
    return Prints(frozenset(kept), frozenset(every))


def imported_names(sources: Iterable[str]) -> frozenset[str]:
    """What these cells import, by the names it is used under."""
    found = set()
    for source in sources:
        for node in ast.walk(_parsed(source) or ast.Module([], [])):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return frozenset(found)


def _parsed(source: str) -> ast.Module | None:
    """A cell's tree without its magics; None if there is none to be had."""
    if len(source) > MOST_LETTERS:
        return None
    lines = ("" if line.lstrip()[:1] in ("%", "!") else line for line in source.split("\n"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the author's "\d"
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _chosen(tree: ast.Module) -> set[str]:
    """Names that the code gives to its own arguments and variables, whatever else they name."""
    nodes = list(ast.walk(tree))
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    names = (node for node in nodes if isinstance(node, ast.Name))
    return arguments | {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _units(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """The bodies of all functions, each on its own, wherever it stands; then what is left."""
    waiting: list[ast.AST] = [tree]
    rest: list[ast.stmt] = []
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            waiting.append(child)
        if isinstance(node, _Function):
            yield node.body
        elif isinstance(node, ast.Module):
            rest = [s for s in node.body if not isinstance(s, _Function | ast.ClassDef)]
    yield rest


def _nodes(body: list[ast.stmt], known: frozenset[str]) -> Iterator[str]:
    """The nodes of some statements in the order in which they are read, each as a short text."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr_context | _Function | ast.ClassDef):
            continue  # a function within a function is read on its own
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring, or another text that does nothing
        yield _sign(node, known)
        if isinstance(node, ast.AnnAssign):
            children: list[ast.AST] = [node.target, *([node.value] if node.value else [])]
        else:
            children = list(ast.iter_child_nodes(node))
        waiting += reversed(children)


def _sign(node: ast.AST, known: frozenset[str]) -> str:
    kind = type(node).__name__
    if isinstance(node, _OPERATORS):
        return kind
    if isinstance(node, ast.AnnAssign):
        return "Assign"
    if isinstance(node, ast.Name):
        return f"Name {node.id}" if node.id in known else "Name"
    if isinstance(node, ast.Attribute):
        return f"Attribute {node.attr}"
    if isinstance(node, ast.keyword):
        return f"keyword {node.arg}"
    if isinstance(node, ast.Constant):
        return f"Constant {type(node.value).__name__}"
    return kind


def _hashes(nodes: list[str]) -> list[int]:
    """A hash for each run of nodes; a text shorter than a run has none: it says too little."""
    texts = (" ".join(nodes[i : i + RUN]) for i in range(len(nodes) - RUN + 1))
    return [
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        for text in texts
    ]


def _winnowed(hashes: list[int]) -> set[int]:
    """The least hash of every window; the whole, if it is shorter than a window."""
    if not hashes:
        return set()
    windows = max(1, len(hashes) - WINDOW + 1)
    return {min(hashes[i : i + WINDOW]) for i in range(windows)}
