"""Which of the course's own cells a submission leans on: the others cost grading nothing.

A lesson's notebook is mostly the course's own: pictures, experiments, trainings with the functions
that learners write. For a verdict they need not run. What must run is what learners wrote, and of
the course's cells those that make a name which learners' code uses, and those that these lean on in
turn. Check cells never need to run: the judge asks the questions itself.

Code that looks names up by other means than using them (`globals()`, `%run`, …) is taken to use
each word in it, also in strings. Text too large or deep for Python's parser is never parsed.
"""

from __future__ import annotations

import ast
import re
import symtable
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.judging.key import LessonKey

LARGEST, DEEPEST = 50_000, 60  # letters, and brackets or indents inside each other
# Python 3.11 counts a tree's depth for all threads together: one that parses while another waits in
# the middle of it may end in a SystemError (github.com/python/cpython/issues/106905).
_parsing = threading.Lock()
_WORD = re.compile(r"[^\W\d]\w*")
_LOOKS_UP = re.compile(
    r"(?<!\.)\b(globals|locals|vars|eval|exec|compile|getattr|builtins)\b"  # no model.compile
    r"|\b(import_module|get_ipython|__(dict|globals|builtins|import|main)__)\b"
    r"|^\s*[%!?]|^\s*[\w.]+\?+\s*$|=\s*[%!]|import\s*\*",
    re.MULTILINE,
)


def unneeded_cells(notebook: NotebookNode, key: LessonKey) -> set[int]:
    """Indices of the code cells of a rebuilt notebook that grading can leave out."""
    given = {cell.id for cell in key.release.cells}
    checks: set[int] = set()
    waiting: dict[int, _Cell] = {}
    used: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            continue
        if marks.get("solution") or cell.id not in given:
            used |= _read(cell.source).uses
        elif marks.get("grade"):
            checks.add(index)
        else:
            waiting[index] = _read(cell.source)
    while found := [i for i, cell in waiting.items() if cell.makes is None or cell.makes & used]:
        for index in found:
            used |= waiting.pop(index).uses
    return checks | waiting.keys()


@dataclass(frozen=True)
class _Cell:
    """The names that a cell uses, and those it makes or changes; None if it may make any."""

    uses: set[str]
    makes: set[str] | None


def _read(source: str) -> _Cell:
    words = set(_WORD.findall(source))
    if len(source) > LARGEST or _depth(source) > DEEPEST or _LOOKS_UP.search(source):
        return _Cell(words, None)
    try:
        with _parsing:
            tree, table = ast.parse(source), symtable.symtable(source, "cell", "exec")
    except (SystemError, SyntaxError, ValueError, RecursionError, MemoryError):
        return _Cell(words, None)
    return _Cell(set(_used(table)), set(_made(table, tree)))


def _depth(source: str) -> int:
    """No expression or block is nested deeper than this."""
    deepest = depth = 0
    for letter in source:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    indents = max((len(line) - len(line.lstrip()) for line in source.splitlines()), default=0)
    # signs of one operand, and operands of a chain, nest as well: 1+1+1…, not not not…
    chain = max(
        (len(re.findall(r"[-+*/~.]|\bnot\b", line)) for line in source.splitlines()), default=0
    )
    return max(deepest, indents // 2, chain // 4)


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that are looked up in the notebook, from inside functions too."""
    for symbol in table.get_symbols():
        in_the_open = table.get_type() == "module"
        if symbol.is_referenced() and (in_the_open or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)


def _made(table: symtable.SymbolTable, tree: ast.AST) -> Iterator[str]:
    """Names that are bound in the notebook, or whose things may be changed there."""
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            yield symbol.get_name()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield from _root(node)  # x.y = 1 changes x
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield from _root(node)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
                yield name  # and so may x.sort(); np.add.at(x, …) does not change np
            case ast.Global(names=names):
                yield from names
            case _:
                pass


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
