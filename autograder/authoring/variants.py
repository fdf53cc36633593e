"""Ways to write one function of an exercise, right or wrong, as a learner would write it."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograder.authoring.calls import Function
from autograder.authoring.slips import with_slip
from autograder.errors import AuthorError

if TYPE_CHECKING:
    from autograder.authoring.ways import Ways


@dataclass(frozen=True)
class Place:
    """Where an author wrote something."""

    file: str
    line: int

    def fail(self, message: str) -> NoReturn:
        raise AuthorError(message, self.file, self.line)


def caller(above: int) -> Place:
    """Where the function that calls this was called, or one that is `above` by more."""
    frame = sys._getframe(1 + above)
    return Place(frame.f_code.co_filename, frame.f_lineno)


@dataclass(eq=False)
class Variant:
    """A way to write one function of an exercise; the others come from the reference."""

    ways: Ways  # where it was declared
    name: str
    function: str
    place: Place
    write: Callable[[], str]  # its source; that of a slip needs the lesson, which is read late

    @property
    def line(self) -> int:
        return self.place.line

    @cached_property
    def source(self) -> str:
        """What a learner would have written: the function under its own name."""
        return self.write()

    def beside(self, others: Mapping[str, Any]) -> Function:
        """The function itself, in a notebook where all other names are those of `others`."""
        file = f"<{self.ways.owner.id} {self.name}>"
        lines = self.source.splitlines(keepends=True)
        linecache.cache[file] = (len(self.source), None, lines, file)  # for tracebacks
        namespace = {"np": np, **others}
        exec(compile(self.source, file, "exec"), namespace)
        function: Function = namespace[self.function]
        return function

    def slip(self, text: str) -> Misconception:
        """A wrong answer that is this one but for a line or two: see `Ways.slip`."""
        return self.ways.add_slip(text, lambda: self.source, caller(1))


@dataclass(eq=False)
class Misconception(Variant):
    """A wrong way, and what a learner who wrote it should read."""

    message: str = ""


def slipped(
    base: Callable[[], str], changes: tuple[tuple[str, str], ...], place: Place
) -> Callable[[], str]:
    """What writes the source of a slip: that of `base` with the changes in it."""

    def write() -> str:
        source = base()
        try:
            changed = with_slip(source, changes)
            ast.parse(changed)
        except SyntaxError as error:
            place.fail(f"with this slip the answer is no Python: {error.msg}.")
        except ValueError as error:
            place.fail(f"this slip can't be made of the answer: {error}.")
        return changed

    return write


def variant_source(function: Function) -> tuple[str, int]:
    """A function's source without its decorators, as a learner would have written it; its line."""
    lines, first = inspect.getsourcelines(function)
    source = textwrap.dedent("".join(lines))
    node = ast.parse(source).body[0]
    own = source.splitlines()[node.lineno - 1 :]
    return "\n".join(own) + "\n", first + node.lineno - 1


def learners_source(source: str, name: str, as_name: str) -> str:
    """The function `name` of a source: alone, called `as_name`, without its docstring.

    KeyError if there is none of this name, ValueError if nothing but a docstring is in it.
    """
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            break
    else:
        raise KeyError(name)
    itself = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
    for call in sorted(itself, key=lambda n: n.col_offset, reverse=True):
        line = lines[call.lineno - 1].encode()  # columns are counted in bytes
        start, end = call.col_offset, call.end_col_offset
        lines[call.lineno - 1] = (line[:start] + as_name.encode() + line[end:]).decode()
    head = node.lineno - 1
    lines[head] = re.sub(rf"\bdef\s+{name}\b", f"def {as_name}", lines[head], count=1)
    own = lines[head : node.end_lineno]
    if ast.get_docstring(node) is not None:
        if len(node.body) == 1:
            raise ValueError(name)
        first = node.body[0]
        del own[first.lineno - 1 - head : (first.end_lineno or first.lineno) - head]
        while not own[first.lineno - 1 - head].strip():
            del own[first.lineno - 1 - head]
    return "\n".join(own) + "\n"


def from_lesson(name: str) -> Function:
    """Stands for a function that the lesson gives, where variants call it by this name."""

    def only_there(*args: Any, **kwargs: Any) -> Any:
        raise AuthorError(f"{name}() is the lesson's: only variants can call it.")

    return only_there
