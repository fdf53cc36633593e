"""A cell goes on with its next statement where one fails for want of what is not there.

A package, a file, a network, a display, somebody to answer `input`: where a notebook is graded it
may lack what it had where it was written, and the functions below such a statement are no worse
for that. What else fails ends its cell, as it does in Jupyter.

What is wanting:

- an import fails (ImportError);
- the system refuses something: no such file, no network, no right (OSError), or a program that was
  started fails (SubprocessError), or there is no display (TclError and the like);
- nobody is there to type (StdinNotImplementedError), or a variable of `os.environ` is not set;
- a magic command is unknown, or IPython itself refuses one;
- a name is missing which such a statement would have made;
- and whatever is raised because of one of these.

Of an `if`, a `with` or a `try` in which such a statement stands, what follows in its block is tried
likewise; so is what stands in a `with` that can't be entered. Should that fail for any reason, the
cell goes on behind the block: it may have failed for what was left out.

This text also goes into ordinary kernels as it stands, so it leans on nothing beside it.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

#: The last line of the traceback of a statement after which its cell went on.
WENT_ON = "What this statement needs is not there while grading, so it was left out."
_NO_DISPLAY = (("_tkinter", "TclError"), ("pygame", "error"), ("turtle", "TurtleGraphicsError"))
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_DEFINITIONS, ast.Lambda)
_WITH = (ast.With, ast.AsyncWith)
_BLOCKS = (ast.If, *_WITH, ast.Try, ast.TryStar)


def go_on(shell: Any) -> None:
    """Have this shell's cells go on from now on."""
    going = _Going(shell)
    vars(shell).update(
        run_ast_nodes=going.run_ast_nodes,
        run_cell_magic=going.run_cell_magic,
        show_usage_error=going.show_usage_error,
        _showtraceback=going.show,
    )


class _Going:
    """What takes the place of a shell's own methods, and what the shell lacks so far."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._run, self._run_magic = shell.run_ast_nodes, shell.run_cell_magic
        self._show = shell._showtraceback
        self._lost: set[str] = set()  # names that statements would have made; "*" stands for any
        self._depth = 0  # of the blocks in which the statement stood that is run

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> Any:
        """As IPython's own, statement by statement. True if the cell has stopped."""
        before = self._depth  # of a cell in which this one is run, by a magic command
        try:
            return await self._run_each(nodelist, cell_name, interactivity, compiler, result)
        finally:
            self._depth = before

    async def _run_each(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str,
        compiler: Any,
        result: Any,
    ) -> bool:
        waiting = [(node, 0) for node in reversed(nodelist)]
        while waiting:
            node, depth = waiting.pop()
            self._depth = depth
            is_shown = interactivity == "all" or not (waiting or depth)
            kind = interactivity if is_shown else "none"
            if not await self._run([node], cell_name, kind, compiler, result):
                continue
            error = result.error_in_exec if result is not None else None
            if not self._goes_on_after(error):
                return True
            result.error_in_exec = None
            if self._is_wanting(error):
                parts = self._less(node, error, _line_of(error, cell_name))
                inner = depth + isinstance(node, _BLOCKS)
                waiting += [(part, inner) for part in reversed(parts)]
                continue
            while waiting and waiting[-1][1] >= depth:
                waiting.pop()
        return False

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """As IPython's own; of an unknown magic, what it stands above is run if it is Python."""
        if self._shell.find_cell_magic(magic_name) is None and self._is_python(cell):
            self._shell.show_usage_error(f"There is no cell magic %%{magic_name} here.")
            self._shell.run_cell(cell, store_history=False)
            return None
        try:
            return self._run_magic(magic_name, line, cell)
        except Exception as error:
            if magic_name not in ("time", "prun") or not self._is_wanting(error):
                raise
        self._shell.run_cell(cell, store_history=False)  # which shows the error, and goes on
        return None

    def show_usage_error(self, error: Any) -> None:
        """Shown as other errors are, so that it is known that there was one."""
        from IPython.core.error import UsageError

        self._show(UsageError, error, [f"UsageError: {error}", WENT_ON])

    def show(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        """As the shell's own, with a last line if the cell goes on."""
        self._show(etype, evalue, [*stb, WENT_ON] if self._goes_on_after(evalue) else stb)

    def _goes_on_after(self, error: BaseException | None) -> bool:
        in_block = self._depth > 0 and isinstance(error, Exception)
        return in_block or self._is_wanting(error)

    def _is_wanting(self, error: BaseException | None) -> bool:
        """Whether something isn't there, and that is all that is wrong."""
        seen: list[BaseException] = []
        while error is not None and error not in seen and isinstance(error, Exception):
            if _tells_of_want(error) or self._misses(error):
                return True
            seen.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return False

    def _misses(self, error: Exception) -> bool:
        is_lost = isinstance(error, NameError) and not isinstance(error, UnboundLocalError)
        return is_lost and bool({"*", getattr(error, "name", "")} & self._lost)

    def _less(self, node: ast.stmt, error: BaseException | None, line: int) -> Sequence[ast.stmt]:
        """What can be tried of a statement that failed in a line: nothing, or less than it is."""
        parts = list(self._parts(node, error)) or self._behind(node, error, line)
        if not parts:
            self._lost.update(_names(node))
        return parts

    def _behind(self, node: ast.stmt, error: BaseException | None, line: int) -> Sequence[ast.stmt]:
        """What stands in a block behind the line in which it failed, and has not been run."""
        if not isinstance(node, _BLOCKS):
            return ()
        if isinstance(node, _WITH):
            self._lost.update(name for item in node.items for name in _names(item))
        for block in _blocks(node):
            for at, inner in enumerate(block):
                if _first_line(inner) <= line <= (inner.end_lineno or 0):
                    return [*self._less(inner, error, line), *block[at + 1 :]]
        return node.body if isinstance(node, _WITH) else ()

    def _parts(self, node: ast.stmt, error: BaseException | None) -> Iterator[ast.stmt]:
        """The pieces of which a statement consists, or what is left of a definition."""
        if isinstance(node, ast.Import | ast.ImportFrom) and len(node.names) > 1:
            if isinstance(node, ast.ImportFrom) and isinstance(error, ModuleNotFoundError):
                return  # there is nothing to take any of them from
            for alias in node.names:
                one = (
                    ast.Import([alias])
                    if isinstance(node, ast.Import)
                    else ast.ImportFrom(node.module, [alias], node.level)
                )
                yield ast.copy_location(one, node)
        elif isinstance(node, _DEFINITIONS) and isinstance(error, NameError):
            yield from [node] if _strip(node, self._lost | {str(error.name)}) else []

    def _is_python(self, source: str) -> bool:
        try:
            ast.parse(self._shell.transform_cell(source))
        except Exception:
            return False
        return True


def _tells_of_want(error: Exception) -> bool:
    from IPython.core.error import StdinNotImplementedError, UsageError

    kinds = (ImportError, OSError, subprocess.SubprocessError, StdinNotImplementedError, UsageError)
    if isinstance(error, kinds):
        return True
    if (type(error).__module__, type(error).__name__) in _NO_DISPLAY:
        return True
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    raised_in = str(step.tb_frame.f_globals.get("__name__", "")) if step is not None else ""
    if isinstance(error, KeyError):
        return raised_in == "os"
    return raised_in.partition(".")[0] in ("IPython", "ipykernel")


def _line_of(error: BaseException | None, cell_name: str) -> int:
    """The line of a cell in which it failed, 0 if that isn't known."""
    step = error.__traceback__ if error is not None else None
    while step is not None:
        code = step.tb_frame.f_code
        if (code.co_filename, code.co_name) == (cell_name, "<module>"):
            return step.tb_lineno
        step = step.tb_next
    return 0


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for part in (node, *getattr(node, "handlers", ())):
        for name in ("body", "orelse", "finalbody"):
            yield getattr(part, name, [])


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(part.lineno for part in decorators)])


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a statement would make where it stands; "*" for `import *`."""
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _DEFINITIONS):
            yield part.name
        elif isinstance(part, ast.alias):
            yield part.asname or part.name.partition(".")[0]
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        if not isinstance(part, _SCOPES):
            waiting += ast.iter_child_nodes(part)


def _strip(definition: ast.AST, missing: set[str]) -> bool:
    """Take away decorators and annotations that use a missing name. Whether there were any."""

    def keeps(part: ast.AST | None) -> bool:
        names = {name.id for name in ast.walk(part or ast.Pass()) if isinstance(name, ast.Name)}
        return not names & missing

    changed = False
    for node in ast.walk(definition):
        if isinstance(node, _DEFINITIONS) and not all(map(keeps, node.decorator_list)):
            node.decorator_list = [part for part in node.decorator_list if keeps(part)]
            changed = True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not keeps(node.returns):
            node.returns, changed = None, True
        if isinstance(node, ast.arg) and not keeps(node.annotation):
            node.annotation, changed = None, True
        if isinstance(node, ast.AnnAssign) and not keeps(node.annotation):
            node.annotation = ast.copy_location(ast.Constant(None), node.annotation)
            changed = True
    return changed
