"""A lesson's text file, read into cells that know their role and their line.

The file is jupytext's percent format. Beside prose and code there are three marked kinds of cell:

    # %% answer="L1.1"                             the learner's function, with a solution region
    # %% check="L1.1"                              the graded cell of that exercise
    # %% [markdown] manual="L1-order" points=3     a free-text answer, graded by a person
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeGuard

import jupytext
from attnkit.quiet import silence

from autograder.authoring.exercise import Exercise
from autograder.authoring.terms import Term, read_terms
from autograder.course import answer_cell, cell_name
from autograder.errors import AuthorError

Role = Literal["prose", "code", "answer", "check", "manual"]
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_MARKS, END_MARKS = "### BEGIN MARK SCHEME", "### END MARK SCHEME"


@dataclass(frozen=True)
class LessonCell:
    """One cell: its text, what it is for, and where it begins in the file."""

    role: Role
    source: str
    line: int
    name: str = ""  # an exercise's id for answer and check cells, a grade id for manual ones
    points: int = 0  # of manual cells; an exercise's points are declared with its checks

    @property
    def grade_id(self) -> str:
        """nbgrader's id for the cell; formgrader wants it without dots."""
        return answer_cell(self.name) if self.role == "answer" else cell_name(self.name)

    @property
    def is_code(self) -> bool:
        return self.role in ("code", "answer", "check")


@dataclass(frozen=True)
class Lesson:
    """A lesson or page as authored."""

    file: Path
    cells: tuple[LessonCell, ...]
    terms: tuple[Term, ...] = ()  # of the field, that it uses first

    def answers(self) -> Iterator[LessonCell]:
        return (cell for cell in self.cells if cell.role == "answer")

    def given(self) -> str:
        """NumPy, and what the solution cells use of other cells: imports, functions, earlier ones.

        What the lesson takes out of the learner's earlier notebooks (`yours`) is the course's here.
        """
        trees = [_tree(cell.source) for cell in self.answers()]
        used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used -= {node.name for tree in trees for node in ast.walk(tree) if _is_function(node)}
        found = {"import numpy as np": None}
        for cell in self.cells:
            if cell.role == "code":
                for node in ast.walk(_tree(cell.source)):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        names = {alias.asname or alias.name.split(".")[0] for alias in node.names}
                    else:
                        names = {node.name} if _is_function(node) else set()
                    if names & used:
                        found[ast.unparse(node)] = None
                    for name in sorted(used.intersection(_taken_up(node))):
                        found["from attnkit.earlier import the_courses"] = None
                        found[f"{name} = the_courses({name!r})"] = None
        return "\n".join(found)

    def reference(self) -> dict[str, Any]:
        """The functions of the solution cells: the answers that are right by definition."""
        namespace: dict[str, Any] = {"__name__": f"reference of {self.file.stem}"}
        with silence():  # TensorFlow reports on itself as it is imported
            exec(self.given(), namespace)
        for cell in self.answers():
            try:
                exec(compile("\n" * cell.line + cell.source, str(self.file), "exec"), namespace)
            except Exception as error:
                raise AuthorError(
                    f"the solution of {cell.name} does not run: {type(error).__name__}: {error}.",
                    self.file,
                    cell.line,
                ) from error
        return namespace


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef)


def _taken_up(node: ast.AST) -> list[str]:
    """The names of `one, other = yours("one", "other")`; none of any other statement."""
    match node:
        case ast.Assign(value=ast.Call(func=ast.Name(id="yours"), args=names)):
            texts = (name.value for name in names if isinstance(name, ast.Constant))
            return [text for text in texts if isinstance(text, str)]
    return []


def _tree(source: str) -> ast.AST:
    """A cell's syntax tree; an empty one for a cell that is no plain Python, such as a magic."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def read_lesson(file: Path) -> Lesson:
    """Read a percent-format file. AuthorError names file and line of what is wrong with it."""
    if not file.is_file():
        raise AuthorError("there is no such lesson source.", file)
    text = file.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    if len(lines) != len(notebook.cells):
        raise AuthorError(
            f"{len(notebook.cells)} cells but {len(lines)} `# %%` lines: begin every cell, the "
            "first too, with `# %%`.",
            file,
            1,
        )
    cells, terms = [], list[Term]()
    for raw, line in zip(notebook.cells, lines, strict=True):
        cell = _read_cell(raw, line, file)
        if cell.role == "prose":
            source, marked = read_terms(cell.source, file, line + 1)
            cell, terms = replace(cell, source=source), [*terms, *marked]
        cells.append(cell)
    _check_ids(cells, file)
    return Lesson(file, tuple(cells), tuple(terms))


def _read_cell(cell: object, line: int, file: Path) -> LessonCell:
    metadata = cell.metadata  # type: ignore[attr-defined]
    options = {k: v for k, v in metadata.items() if not k.startswith("lines_to_")}  # jupytext's
    source: str = cell.source  # type: ignore[attr-defined]
    is_markdown = cell.cell_type == "markdown"  # type: ignore[attr-defined]
    marks = [role for role in ("answer", "check", "manual") if role in options]
    if len(marks) > 1:
        raise AuthorError(f"a cell can't be both {marks[0]} and {marks[1]}.", file, line)
    unknown = set(options) - {"answer", "check", "manual", "points"}
    if unknown:
        raise AuthorError(f'"{min(unknown)}" is not a cell option.', file, line)
    if not marks:
        return LessonCell("prose" if is_markdown else "code", source, line)
    role: Role = marks[0]  # type: ignore[assignment]
    name = str(options[role])
    if is_markdown != (role == "manual"):
        wanted = "a [markdown] cell" if role == "manual" else "a code cell"
        raise AuthorError(f'{role}="{name}" must be {wanted}.', file, line)
    if role == "answer":
        _check_region(source, BEGIN_SOLUTION, END_SOLUTION, name, file, line, required=True)
    points = 0
    if role == "manual":
        _check_region(source, BEGIN_MARKS, END_MARKS, name, file, line, required=True)
        if not isinstance(options.get("points"), int) or options["points"] <= 0:
            raise AuthorError(
                f'manual="{name}" has no points: write points=3 behind it.', file, line
            )
        points = options["points"]
    return LessonCell(role, source, line, name, points)


def _check_region(
    source: str, begin: str, end: str, name: str, file: Path, line: int, required: bool
) -> None:
    open_line = None
    found = False
    for offset, text in enumerate(source.splitlines(), 1):
        for mark in (begin, end):
            if mark in text and text.strip() != mark:
                raise AuthorError(
                    f'{name}: "{mark}" stands beside other text; give it a line of its own.',
                    file,
                    line + offset,
                )
        if begin in text:
            if open_line is not None:
                raise AuthorError(f'{name}: "{begin}" twice in a row.', file, line + offset)
            open_line, found = line + offset, True
        elif end in text:
            if open_line is None:
                raise AuthorError(f'{name}: "{end}" without its beginning.', file, line + offset)
            open_line = None
    if open_line is not None:
        raise AuthorError(f'{name}: "{begin}" is never closed by "{end}".', file, open_line)
    if required and not found:
        raise AuthorError(f'{name}: the cell has no "{begin}".', file, line)


def _check_ids(cells: Sequence[LessonCell], file: Path) -> None:
    seen: dict[tuple[str, str], int] = {}
    for cell in cells:
        if not cell.name:
            continue
        key = ("manual" if cell.role == "manual" else cell.role, cell.name)
        if key in seen:
            raise AuthorError(
                f'{cell.role}="{cell.name}" is a duplicate: line {seen[key]} has it already.',
                file,
                cell.line,
            )
        seen[key] = cell.line


def check_against_exercises(lesson: Lesson, exercises: dict[str, Exercise]) -> None:
    """A lesson's text and its exercises' files must have the same exercises, each complete."""
    answers = {c.name: c for c in lesson.cells if c.role == "answer"}
    graded = {c.name: c for c in lesson.cells if c.role == "check"}
    for name, cell in (*answers.items(), *graded.items()):
        if name not in exercises:
            raise AuthorError(
                f'{cell.role}="{name}", but no file of the folder declares {name}.',
                lesson.file,
                cell.line,
            )
    for name, cell in (*answers.items(), *graded.items()):
        if name not in answers:
            raise AuthorError(f'check="{name}" has no answer cell.', lesson.file, cell.line)
        if name not in graded:
            raise AuthorError(f'answer="{name}" has no check cell.', lesson.file, cell.line)
        if graded[name].line < answers[name].line:
            raise AuthorError(f'check="{name}" stands before its answer.', lesson.file, cell.line)
        if f'check("{name}"' not in graded[name].source:
            raise AuthorError(
                f'the check cell of {name} never calls check("{name}", …).', lesson.file, cell.line
            )
    for exercise in exercises.values():
        if exercise.id not in answers:
            raise AuthorError(
                f"{exercise.id} has no answer cell in {lesson.file.name}.",
                exercise.file,
                exercise.line,
            )
        _check_exercise(exercise)
        if exercise.points <= 0:
            raise AuthorError(
                f'check="{exercise.id}" is a test cell without points: none of the exercise\'s '
                "checks has any.",
                lesson.file,
                graded[exercise.id].line,
            )


def _check_exercise(exercise: Exercise) -> None:
    def fail(message: str, line: int | None = None) -> AuthorError:
        return AuthorError(f"{exercise.id} {message}", exercise.file, line or exercise.line)

    if len(exercise.wrongs) < 4:
        raise fail(f"has {len(exercise.wrongs)} misconceptions; at least 4 are asked for.")
    if len(exercise.rights) < 2:
        raise fail(f"has {len(exercise.rights)} right variants; at least 2 are asked for.")
    if len(exercise.hints) != 3:
        raise fail(f"has {len(exercise.hints)} hints; three of rising strength are asked for.")
    seen: set[str] = set()
    for variant in (*exercise.rights, *exercise.plains, *exercise.wrongs):
        assert variant.source  # a slip that can't be made says so
        if variant.name in seen:
            raise fail(f'has two variants called "{variant.name}".', variant.line)
        seen.add(variant.name)
    names = [check.name for check in exercise.draw_checks(0)]
    if len(set(names)) < len(names):
        raise fail("has two checks of the same name.")
    again = [(c.name, c.points) for c in exercise.draw_checks(1)]
    if again != [(c.name, c.points) for c in exercise.draw_checks(0)]:
        raise fail("has checks whose names or points depend on the seed.")


def prose_words(source: str) -> int:
    """Words of a prose cell that a reader reads: formulas, links' addresses, HTML not counted."""
    no_words = r'\$\$.*?\$\$|\$[^$]*\$|<[^>]+>|\]\([^)"]*(?:"[^"]*")?\)|`[^`]*`'
    text = re.sub(no_words, " ", source, flags=re.S)
    return len(re.findall(r"[^\W\d_]{1,}(?:[’'-][^\W\d_]+)*", text))
