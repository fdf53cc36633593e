"""What of a cell is more than its look: the same whatever editors and formatters make of it.

Editors write other line ends, a newline or blanks at a line's or a cell's end; formatters wrap and
indent otherwise, quote otherwise, and set commas, brackets and empty lines where they like them.
"""

from __future__ import annotations

import ast

from autograder.reading.dependencies import DEEPEST, LARGEST, depth_of


def essence(kind: str, source: str) -> str:
    """A text that is equal for two cells of this kind if they differ in their look only.

    Of code, it is what Python reads, without comments; where Python reads nothing, or stumbles over
    a magic, its lines. Of prose, its words.
    """
    if kind != "code":
        return " ".join(source.split())
    lines = "\n".join(map(str.rstrip, source.strip().split("\n")))
    return _read(lines) or lines


def _read(source: str) -> str:
    if len(source) > LARGEST or depth_of(source) > DEEPEST:
        return ""
    try:
        tree = ast.parse(source)
    except (SystemError, SyntaxError, ValueError, RecursionError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None  # whether a string has a u before it
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _plain_docstring(node.body)
    try:
        return ast.dump(tree) if tree.body else ""
    except RecursionError:  # functions in functions can be nested deeper than brackets
        return ""


def _plain_docstring(body: list[ast.stmt]) -> None:
    """A docstring's words only: a formatter indents its lines anew."""
    match body[:1]:
        case [ast.Expr(value=ast.Constant(value=str() as text) as constant)]:
            constant.value = " ".join(text.split())
        case _:
            pass
