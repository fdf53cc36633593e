"""Cells that wait: for a function not written yet, or for a cell above that has not run.

A lesson's given cells call the learner's functions as anybody would. Where such a function is still
a stub, its cell shows one sentence (which function, which exercise, what to do) instead of a
traceback, and counts as done, so that *Run All* goes on. What such a cell would have made is
remembered: a later cell that misses it says what it waits for.

Just so with what needs a package that isn't installed (`optional.py`): its sentence says which.

A name that a cell further up makes, and that is not there because that cell hasn't run or has
stopped, is still an error; it only says in a sentence what to run. Any other error is left alone.

What must not happen is that a cell which grades counts as done. So nothing here is installed while
nbgrader runs a notebook or the grader does, and a cell that checks or asserts always fails as ever.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from attnkit.optional import NotInstalledError

#: A cell that has one of these grades, or might.
_GRADES = re.compile(r"\bcheck\s*\(|\bassert|\.points\b|HIDDEN TESTS|with_hidden")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)
RUN_UP_TO_HERE = "*Kernel ▸ Restart Kernel and Run up to Selected Cell*"


def install(shell: Any) -> None:
    """Have a notebook's kernel say what its cells wait for. Doing it twice changes nothing.

    shell: IPython's, or None. A shell without a kernel is a terminal's, or a grader's box.
    """
    graded = os.environ.get("NBGRADER_EXECUTION") or os.environ.get("ATTNKIT_WAITING") == "off"
    if graded or getattr(shell, "kernel", None) is None or shell.custom_exceptions:
        return
    waiting = Waiting(shell)
    shell.set_custom_exc((NotImplementedError, NotInstalledError, NameError), waiting.meets)
    shell.events.register("pre_run_cell", waiting.begins)
    shell.events.register("post_run_cell", waiting.ends)


load_ipython_extension = install  # `attnkit.waiting` is an IPython extension


class Waiting:
    """What one kernel's cells wait for."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._source, self._cell_id = "", ""  # of the cell that runs
        self._excused: BaseException | None = None  # an error for which a sentence stands
        # names that are not there -> the function waited for, or what isn't installed
        self._waits: dict[str, str | NotInstalledError] = {}
        self._stopped: set[str] = set()  # names that are not there because a cell has stopped
        self._made: set[str] = set()  # names that cells made which have run to their end

    def begins(self, info: Any) -> None:
        """A cell begins."""
        self._source, self._cell_id = info.raw_cell or "", getattr(info, "cell_id", None) or ""
        self._excused = None

    def ends(self, result: Any) -> None:
        """A cell has ended: one that waits counts as done."""
        if result is None:
            return
        made = set(names_made(self._shell, self._source))
        if self._excused is not None and result.error_in_exec is self._excused:
            result.error_in_exec = None
        elif result.success:
            self._made |= made
            self._stopped -= made
            for name in made:
                self._waits.pop(name, None)
        else:
            self._stopped |= made
        self._excused = None

    def meets(
        self,
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        """A cell meets an error: IPython's custom exception handler."""
        try:
            what = self._waited_for(error, trace)
            sentence = self._about(error, what) if what else self._not_run(error, trace)
        except Exception:  # whatever a learner's namespace holds: then it is an ordinary error
            what, sentence = "", ""
        if what and not _GRADES.search(self._source):
            self._excused = error
            for name in names_made(shell, self._source):
                self._waits[name] = what
            _say(sentence)
            return
        if sentence:
            plain = sentence.replace("*", "").replace("`", "")
            error._render_traceback_ = lambda: [plain]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)

    def _waited_for(self, error: BaseException, trace: TracebackType) -> str | NotInstalledError:
        """The exercise's function for which a cell waits, or what isn't installed, or ""."""
        if isinstance(error, NotInstalledError):
            return error
        last = _innermost(trace)
        own = last.tb_frame.f_globals is self._shell.user_ns
        if isinstance(error, NotImplementedError):
            code = last.tb_frame.f_code
            stub = own and not error.args and _exercise(code.co_name)
            return code.co_name if stub and last.tb_lineno in _lines_to_write(code) else ""
        return self._waits.get(_missing(error), "") if own and not _in_answer(last) else ""

    def _about(self, error: BaseException, what: str | NotInstalledError) -> str:
        """What is said of what is waited for."""
        if isinstance(what, NotInstalledError):
            return str(what) if what is error else _also_needs(_missing(error))
        return self._about_function(error, what)

    def _about_function(self, error: BaseException, function: str) -> str:
        """What is said of a function that is waited for."""
        exercise = _exercise(function)
        code = getattr(self._shell.user_ns.get(function), "__code__", None)
        if isinstance(error, NotImplementedError):
            if _is_begun(code):
                return (
                    f"`{function}` still holds its line `raise NotImplementedError()` (exercise "
                    f"{exercise}): delete it, run that cell, and then this one again."
                )
            return (
                f"`{function}` isn't written yet: it is exercise {exercise}. Run this cell again "
                "when you've written it."
            )
        name = _missing(error)
        if isinstance(code, CodeType) and not _lines_to_write(code):
            return (
                f"`{name}` comes from a cell above that was still waiting for `{function}`: run "
                "that cell again, and then this one."
            )
        return (
            f"This cell needs `{name}`, which waits for `{function}` (exercise {exercise}): when "
            "you've written that, run the cells from there to here again."
        )

    def _not_run(self, error: BaseException, trace: TracebackType) -> str:
        """What is said of a name that a cell further up makes, or ""."""
        last, name = _innermost(trace), _missing(error)
        if not name or last.tb_frame.f_globals is not self._shell.user_ns or _in_answer(last):
            return ""
        if name in self._stopped:
            return (
                f"`{name}` comes from a cell above that stopped with an error: put that right "
                "first, then run that cell and this one."
            )
        if name in self._made or name not in self._made_above():
            return ""
        return (
            f"`{name}` comes from a cell above that hasn't run since this notebook's kernel was "
            f"started: choose {RUN_UP_TO_HERE}, and go on from here."
        )

    def _made_above(self) -> set[str]:
        """The names that cells above the running one make, as the notebook's file has them."""
        made: set[str] = set()
        for file in _notebooks(self._shell):
            for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] != "code":
                    continue
                if cell.get("id") == self._cell_id or source.strip() == self._source.strip():
                    break
                made |= set(names_made(self._shell, source))
        return made


def names_made(shell: Any, source: str) -> Iterator[str]:
    """The names that a cell gives something: variables, functions, classes, imports."""
    try:
        waiting: list[ast.AST] = [ast.parse(shell.transform_cell(source))]
    except Exception:
        return
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield part.name
        elif isinstance(part, ast.alias):
            yield part.asname or part.name.partition(".")[0]
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        if not isinstance(part, _SCOPES + _COMPREHENSIONS):
            waiting += ast.iter_child_nodes(part)


def _also_needs(name: str) -> str:
    return (
        f"This cell needs `{name}`, and with it what isn't installed here: a cell above says what "
        "to do."
    )


def _missing(error: BaseException) -> str:
    """The name that a NameError is about; "" for a local variable without a value."""
    return (getattr(error, "name", "") or "") if type(error) is NameError else ""


def _innermost(trace: TracebackType) -> TracebackType:
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _in_answer(step: TracebackType) -> bool:
    """Whether it is an exercise's function that fails: then it is for the learner to see where."""
    return bool(_exercise(step.tb_frame.f_code.co_name))


def _exercise(function: str) -> str:
    """The exercise that asks for a function of this name, or ""."""
    from attnkit.checking.spec import released_folder

    try:
        text = (released_folder() / "course.json").read_text(encoding="utf-8")
        for lesson in json.loads(text)["lessons"]:
            for exercise in lesson["exercises"]:
                if function in exercise.get("functions", ()):
                    return str(exercise["id"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return ""


def _body(code: Any) -> tuple[list[ast.stmt], int]:
    """A function's statements without its docstring, and the line above its first one."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return [], 0
    if not isinstance(tree, ast.FunctionDef):
        return [], 0
    statements = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    return statements, code.co_firstlineno - 1


def _raises(statement: ast.stmt) -> bool:
    """Whether it is a stub's line, `raise NotImplementedError()`."""
    return isinstance(statement, ast.Raise) and ast.unparse(statement).rstrip("()") == (
        "raise NotImplementedError"
    )


def _lines_to_write(code: CodeType) -> list[int]:
    """The lines of a function's own `raise NotImplementedError()`: none where it is written."""
    statements, above = _body(code)
    return [above + statement.lineno for statement in statements if _raises(statement)]


def _is_begun(code: Any) -> bool:
    """Whether something else than the stub's line is there already."""
    return any(not _raises(statement) for statement in _body(code)[0])


def _notebooks(shell: Any) -> list[Path]:
    """The notebook that runs here, or those that may be it."""
    told = (os.environ.get("JPY_SESSION_NAME"), shell.user_ns.get("__vsc_ipynb_file__"))
    found = [Path(path) for path in told if isinstance(path, str) and Path(path).is_file()]
    return found[:1] or sorted(Path.cwd().glob("*.ipynb"))


def _say(sentence: str) -> None:
    from IPython.display import Markdown, display

    display(Markdown(f"*{sentence}*"))
