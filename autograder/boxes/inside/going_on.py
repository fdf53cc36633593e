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

This text also goes into ordinary kernels as it stands, so it leans on nothing beside it.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from typing import Any

#: The last line of the traceback of a statement after which its cell went on.
WENT_ON = "What this statement needs is not there while grading, so it was left out."
_NO_DISPLAY = (("_tkinter", "TclError"), ("pygame", "error"), ("turtle", "TurtleGraphicsError"))
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_DEFINITIONS, ast.Lambda)


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

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> Any:
        """As IPython's own, statement by statement. True if the cell has stopped."""
        waiting = list(reversed(nodelist))
        while waiting:
            node = waiting.pop()
            kind = interactivity if interactivity == "all" or not waiting else "none"
            if not await self._run([node], cell_name, kind, compiler, result):
                continue
            error = result.error_in_exec if result is not None else None
            if not self._is_wanting(error):
                return True
            result.error_in_exec = None
            parts = list(self._parts(node, error))
            waiting += reversed(parts)
            self._lost |= set() if parts else set(_names(node))
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
        self._show(etype, evalue, [*stb, WENT_ON] if self._is_wanting(evalue) else stb)

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

    def _parts(self, node: ast.stmt, error: BaseException | None) -> Iterator[ast.stmt]:
        """What can be tried of a statement that failed: nothing, or less than was tried."""
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


def _names(node: ast.stmt) -> Iterator[str]:
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
