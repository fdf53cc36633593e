"""What a learner's code cell defines, and which of the course's stubs still stand in it.

A stub is a function of an exercise as it is handed out: it raises NotImplementedError. It says
that nobody has written the function yet, so it must not be run over one that somebody has written,
wherever they wrote it: in a cell that a tool has split or copied, or that has lost its mark.

Each regular expression here takes time in proportion to the text, whatever the text is.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.reading.dependencies import DEEPEST, LARGEST, depth_of

# IPython's own lines, and those magics of a whole cell under which the cell is Python
_MAGIC_LINE = re.compile(r"^([^\S\n]*)(?:[%!?][^\n]*|[\w.]+\?+[^\S\n]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"=[^\S\n]*[%!][^\n]*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\A\s*%%(\w+)")
_OF_PYTHON = ("time", "timeit", "capture", "prun", "python", "python3")
# where Python's parser makes nothing of a cell
_DEFINES = re.compile(
    r"^[^\S\n]*(?:async[^\S\n]+)?def[^\S\n]+(\w+)|^(\w+)[^\S\n]*=(?!=)", re.MULTILINE
)
EXPRESSIONS = (_MAGIC_LINE, _MAGIC_VALUE, _CELL_MAGIC, _DEFINES)
_LEFT_OUT = "# {name}: its stub is left out while grading, for it is written further up"
_MARK = "NotImplementedError"  # that stands in every stub
Stubs = Mapping[str, str]  # a function's name -> what is in it while nobody has written it


def defined(source: str) -> frozenset[str]:
    """The names to which a cell gives something new, also inside `if`, `try`, `for` and `with`.

    A name that is made of itself (`f = f(x)`) is not given anything new: what it was must be there.
    """
    return _facts(source).defined


def stubs_of(source: str, names: Container[str]) -> dict[str, str]:
    """What is in those functions of a released answer cell."""
    return {name: inside for name, inside in _facts(source).unwritten.items() if name in names}


def stubs_in(source: str, stubs: Stubs) -> frozenset[str]:
    """Those of some functions that a cell still has as they were handed out."""
    if _MARK not in source:
        return frozenset()
    unwritten = _facts(source).unwritten
    return frozenset(name for name, inside in unwritten.items() if stubs.get(name) == inside)


def is_unwritten(source: str, released: str, stubs: Stubs) -> bool:
    """Whether a cell is the released one, but for comments and the look of it; or is empty."""
    if source.split() in ([], released.split()):
        return True
    if not stubs or not (source.lstrip().startswith("#") or _MARK in source):
        return False
    facts = _facts(source)
    return facts.is_parsed and facts.statements == len(stubs_in(source, stubs))


def without_stubs(source: str, names: Container[str], stubs: Stubs) -> str:
    """A cell's text without the stubs of those functions."""
    source = _lines_as_here(source)
    tree = _parsed(source)
    lines = source.split("\n")
    left = stubs_in(source, stubs)
    for node in reversed(_functions(tree) if tree else []):
        if node.name in names and node.name in left:
            first = min([node.lineno, *(part.lineno for part in node.decorator_list)]) - 1
            lines[first : node.end_lineno] = [_LEFT_OUT.format(name=node.name)]
    return "\n".join(lines)


@dataclass(frozen=True)
class _Facts:
    """What is known of a cell: is_parsed says whether Python's parser made something of it."""

    defined: frozenset[str]
    unwritten: Mapping[str, str] = field(default_factory=dict)  # what is in functions with `_MARK`
    statements: int = 0
    is_parsed: bool = False


def _facts(source: str) -> _Facts:
    return _looked_at(source) if len(source) > LARGEST else _known(source)


@functools.lru_cache(maxsize=256)  # a learner's cells are asked about several times
def _known(source: str) -> _Facts:
    return _looked_at(source)


def _looked_at(source: str) -> _Facts:
    source = _lines_as_here(source)
    magic = _CELL_MAGIC.match(source)
    if magic and magic[1] not in _OF_PYTHON:
        return _Facts(frozenset())
    tree = _parsed(source)
    if tree is None:
        return _Facts(frozenset(match[1] or match[2] for match in _DEFINES.finditer(source)))
    functions = _functions(tree) if _MARK in source else []
    try:
        unwritten = {function.name: _inside(function) for function in functions}
    except RecursionError:  # functions in functions can be nested deeper than brackets
        unwritten = {}
    names = (name for statement in _statements(tree) for name in _given(statement))
    return _Facts(frozenset(names), unwritten, len(tree.body), True)


def _parsed(source: str) -> ast.Module | None:
    """The cell as Python reads it when IPython's own lines are passed over; None if it can't."""
    plain = _MAGIC_VALUE.sub("= None", _MAGIC_LINE.sub(r"\1pass", _lines_as_here(source)))
    if len(plain) > LARGEST or depth_of(plain) > DEEPEST:
        return None
    try:
        return ast.parse(plain)
    except (SystemError, SyntaxError, ValueError, RecursionError):
        return None


def _lines_as_here(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _inside(function: ast.FunctionDef) -> str:
    """What a function does, without what it says of itself."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    return "\n".join(ast.dump(statement) for statement in body)


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements but those inside functions and classes."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.stmt):
                yield node
            if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                waiting.append(node)


def _given(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from (alias.asname or alias.name for alias in statement.names)
        case ast.Assign() | ast.AnnAssign(value=ast.expr()):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            value = statement.value
            assert value is not None
            used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
            if isinstance(value, ast.Lambda):  # it may well call itself
                used = set()
            named = (node for target in targets for node in ast.walk(target))
            stored = (n for n in named if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            yield from (node.id for node in stored if node.id not in used)
        case _:
            pass
