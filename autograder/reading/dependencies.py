"""Which of the course's own cells a submission leans on: the others cost grading nothing.

A lesson's notebook is mostly the course's own: pictures, experiments, trainings with the functions
that learners write. For a verdict they need not run. What must run is what learners wrote, and of
the course's cells those that make a name which learners' code uses, and those that these lean on in
turn. Check cells never need to run: the judge asks the questions itself.

Code that looks names up by other means than using them (`globals()`, `%run`, …) is taken to use
each word in it, also in strings. Text too large or deep for Python's parser is never parsed.

Each regular expression here takes time in proportion to the text, whatever the text is.
"""

from __future__ import annotations

import ast
import functools
import re
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LARGEST, DEEPEST = 50_000, 60  # letters, and brackets or indents inside each other
_WORD = re.compile(r"[^\W\d]\w*")
_LOOKS_UP = re.compile(
    r"(?<!\.)\b(globals|locals|vars|eval|exec|compile|getattr|builtins)\b"  # no model.compile
    r"|\b(import_module|get_ipython|__(dict|globals|builtins|import|main)__)\b"
    # A line's beginning may be followed by blanks, but not by the next line's.
    r"|^[^\S\n]*[%!?]|^[^\S\n]*[\w.]+\?+[^\S\n]*$|=\s*[%!]|import\s*\*",
    re.MULTILINE,
)
_OPERATOR = re.compile(r"[-+*/~.]|\bnot\b")
_BRACKET = re.compile(r"[][(){}]")
EXPRESSIONS = (_WORD, _LOOKS_UP, _OPERATOR, _BRACKET)


def unneeded_cells(own: Mapping[int, str], given: Mapping[int, str]) -> set[int]:
    """Which of the given code cells grading can leave out beside the learner's own code.

    `own` are the texts of all the learner's code cells by index, `given` those of the course's.
    """
    used: set[str] = set()
    for source in own.values():
        used |= names_of(source).uses
    waiting = {index: names_of_given(source) for index, source in given.items()}
    while found := [i for i, cell in waiting.items() if cell.makes is None or cell.makes & used]:
        for index in found:
            used |= waiting.pop(index).uses
    return set(waiting)


@dataclass(frozen=True)
class Names:
    """The names that a cell uses, those it makes or changes, and those it gives something new.

    None if these may be any.
    """

    uses: frozenset[str]
    makes: frozenset[str] | None
    binds: frozenset[str] | None


def names_of(source: str) -> Names:
    """The names of one cell, by its text."""
    return _looked_at(source) if len(source) > LARGEST else _known(source)


@functools.lru_cache(maxsize=256)  # a learner's cells are asked about twice
def _known(source: str) -> Names:
    return _looked_at(source)


def _looked_at(source: str) -> Names:
    if len(source) > LARGEST or depth_of(source) > DEEPEST or _LOOKS_UP.search(source):
        return _all_words(source)
    try:
        tree, table = ast.parse(source), symtable.symtable(source, "cell", "exec")
        used, made = frozenset(_used(table)), frozenset(_made(table, tree))
        return Names(used, made, made & frozenset(_bound(table, tree)))
    except (SystemError, SyntaxError, ValueError, RecursionError):
        return _all_words(source)


@functools.lru_cache(maxsize=2_000)
def names_of_given(source: str) -> Names:
    """The same of the course's own cells, which come with each submission."""
    return _looked_at(source)


def _all_words(source: str) -> Names:
    return Names(frozenset(match[0] for match in _WORD.finditer(source)), None, None)


def depth_of(source: str) -> int:
    """No expression or block is nested deeper than this."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(source):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    lines = source.splitlines()
    indents = max((len(line) - len(line.lstrip()) for line in lines), default=0)
    # signs of one operand, and operands of a chain, nest as well: 1+1+1…, not not not…
    chain = max((len(_OPERATOR.findall(line)) for line in lines), default=0)
    return max(deepest, indents // 2, chain // 4)


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that are looked up in the notebook, from inside functions too."""
    tables = [table]
    while tables:  # functions inside functions can be nested deeper than we could call ourselves
        table = tables.pop()
        in_the_open = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (in_the_open or symbol.is_global()):
                yield symbol.get_name()
        tables += table.get_children()


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


def _bound(table: symtable.SymbolTable, tree: ast.AST) -> Iterator[str]:
    """Names that stand for something new then: to import a module once more changes nothing."""
    for symbol in table.get_symbols():
        if symbol.is_assigned():
            yield symbol.get_name()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)
            case ast.Global(names=names):
                yield from names
            case _:
                pass


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
