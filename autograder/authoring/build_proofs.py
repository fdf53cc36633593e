"""Proofs that a build gives of a lesson: lengths, links, stubs, and that its notebooks run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from attnkit.checking.spec import ExerciseSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.authoring.lesson import (
    BEGIN_SOLUTION,
    END_SOLUTION,
    Lesson,
    LessonCell,
    prose_words,
)
from autograder.course import LessonFolder
from autograder.reading.dependencies import unneeded_cells

MAX_CODE_LINES = 15
MAX_PROSE_WORDS = 120  # between two code cells
PREDICTION = re.compile(r"^\s*(predict|predicted)\(\s*\"([^\"]*)\"", re.MULTILINE)
# *Difficulty ●●○○○ · importance ●●●●● · 20 minutes · 9 points · `hint("L2.1")`*
TOLD = re.compile(
    r"ifficulty ([●○]+) · importance ([●○]+) · (\d+) minutes? · (\d+) points? · "
    r"`hint\(\"([^\"]+)\"\)`"
)
CELL_TIMEOUT = 300  # seconds, when a whole notebook is run: some cells train


def too_long(lesson: Lesson) -> list[str]:
    """Cells that are longer than a learner should have to read at once."""
    found = []
    words, start = 0, 0
    for cell in lesson.cells:
        if cell.is_code:
            lines = _code_lines(cell)
            if lines > MAX_CODE_LINES:
                found.append(f"{lesson.file}:{cell.line}: {lines} lines of code in one cell.")
        if cell.role != "prose" or words == 0:
            start = cell.line
        words = words + prose_words(cell.source) if cell.role == "prose" else 0
        if words > MAX_PROSE_WORDS:
            found.append(f"{lesson.file}:{start}: {words} words of prose without code between.")
            words = 0
    return found


def _code_lines(cell: LessonCell) -> int:
    """Lines of code without blank lines, docstrings and the markers of a solution region.

    Of an answer's functions the longest counts: they are written one by one, from their stubs.
    """
    lines = {
        n
        for n, line in enumerate(cell.source.splitlines(), 1)
        if line.strip() and not line.strip().startswith("#")
    }
    tree = ast.parse(_without_magics(cell.source))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            doc = node.body[0]
            lines -= set(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    if cell.role != "answer":
        return len(lines)
    functions = [
        lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    ]
    return len(lines.difference(*functions)) + max(map(len, functions), default=0)


def _without_magics(source: str) -> str:
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.M)


def predictions(lesson: Lesson) -> list[str]:
    """Predictions asked for twice by one name, or shown without having been asked for."""
    found, asked = [], set[str]()
    for cell in lesson.cells:
        for call, name in PREDICTION.findall(cell.source) if cell.is_code else ():
            if (call == "predict") == (name in asked):
                fault = "is asked for twice" if call == "predict" else "is shown before it is asked"
                found.append(f"{lesson.file}:{cell.line}: the prediction {name} {fault}.")
            asked.add(name)
    return found


def told_of_exercises(lesson: Lesson, specs: Mapping[str, ExerciseSpec]) -> list[str]:
    """Lines of the text that say of an exercise what its own file says otherwise.

    How hard it is, how much it matters, how long it takes and what it counts stands in the file;
    a lesson repeats it above the answer cell.
    """
    found = []
    for cell in lesson.cells:
        for told in TOLD.finditer(" ".join(cell.source.split())) if cell.role == "prose" else ():
            *line, name = told.groups()
            spec = specs.get(name)
            if spec is None:
                found.append(f"{lesson.file}:{cell.line}: there is no exercise {name}.")
                continue
            dots = ["●" * n + "○" * (5 - n) for n in (spec.difficulty, spec.importance)]
            own = [*dots, str(spec.minutes), str(spec.points)]
            found += [
                f"{lesson.file}:{cell.line}: the text gives {name} the {what} {said}, its exercise "
                f"{truly}."
                for what, said, truly in zip(
                    ("difficulty", "importance", "minutes", "points"), line, own, strict=True
                )
                if said != truly
            ]
    return found


def leaning(lesson: Lesson) -> list[str]:
    """Given cells that answers lean on and that call a function which may not be written yet.

    Such a cell stops there, also while it is graded, and another exercise's answer with it.
    """
    answers = {n: cell for n, cell in enumerate(lesson.cells) if cell.role == "answer"}
    written = {node.name for cell in answers.values() for node in _functions(cell.source)}
    given = {n: cell.source for n, cell in enumerate(lesson.cells) if cell.role == "code"}
    spared = unneeded_cells({n: cell.source for n, cell in answers.items()}, given)
    found = []
    for n in sorted(given.keys() - spared):
        cell = lesson.cells[n]
        called = sorted(_called_at_once(cell.source) & written)
        if called:
            found.append(
                f"{lesson.file}:{cell.line}: answers use what this cell makes, and it stops while "
                f"{called[0]} isn't written: put what they use into a cell of its own."
            )
    return found


def _functions(source: str) -> list[ast.FunctionDef]:
    tree = ast.parse(_without_magics(source))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _called_at_once(source: str) -> set[str]:
    """The names of functions that a cell calls as it runs, not later in functions of its own."""
    waiting: list[ast.AST] = list(ast.parse(_without_magics(source)).body)
    called = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            called.add(part.func.id)
        waiting += ast.iter_child_nodes(part)
    return called


def stubs(lesson: Lesson, release: NotebookNode) -> list[str]:
    """A released answer cell must be its solution cell minus the marked lines, plus the stub."""
    found = []
    released = {cell.id: cell.source for cell in release.cells}
    for cell in lesson.answers():
        kept, inside = [], False
        for line in cell.source.splitlines():
            if BEGIN_SOLUTION in line:
                indent = line[: len(line) - len(line.lstrip())]
                kept += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
                inside = True
            elif END_SOLUTION in line:
                inside = False
            elif not inside:
                kept.append(line)
        if released[cell.grade_id] != "\n".join(kept):
            found.append(
                f"{lesson.file}:{cell.line}: the stub of {cell.name} is not its solution "
                "minus the marked lines."
            )
    return found


def links(notebook: Path) -> list[str]:
    """Relative links and pictures that lead nowhere."""
    found = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "markdown":
            continue
        for target in re.findall(r'\]\(([^)\s]+)(?: "[^"]*")?\)', cell.source):
            path = target.partition("#")[0]
            if re.match(r"[a-z]+:", target) or not path:
                continue
            if not (notebook.parent / path).exists():
                found.append(f"{notebook}: the link to {target} leads nowhere.")
    return found


def solved_runs(source: NotebookNode, folder: LessonFolder) -> list[str]:
    """A fresh kernel must run the solved notebook, with every exercise at full marks, unwarned."""
    return problems_of_solved(_run_lesson(source, folder), folder)


def problems_of_solved(notebook: NotebookNode, folder: LessonFolder) -> list[str]:
    """What is wrong in the outputs of a solved notebook that has been run."""
    found = []
    for cell in notebook.cells:
        found += [f"{folder.source}: {problem}" for problem in _problems(cell)]
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("grade"):
            results = [o for o in cell.outputs if o.output_type == "execute_result"]
            got = results[-1]["data"]["text/plain"] if results else "nothing"
            if got != str(marks["points"]):
                found.append(
                    f"{folder.source}: the solution of {marks['grade_id']} gets {got} of "
                    f"{marks['points']} points."
                )
    return found


def release_runs(release: NotebookNode, folder: LessonFolder) -> list[str]:
    """The released notebook must run with its stubs empty: no cell of ours may raise or warn."""
    notebook = _run_lesson(release, folder)
    return [f"{folder.released_notebook}: {problem}" for problem in problems_of_run(notebook)]


def _run_lesson(notebook: NotebookNode, folder: LessonFolder) -> NotebookNode:
    where = folder.released_notebook.parent
    return run_notebook(nbformat.from_dict(notebook), where, folder.course.released)


def page_runs(page: NotebookNode, file: Path, released: Path) -> list[str]:
    """A page must run before any lesson is done."""
    notebook = run_notebook(nbformat.from_dict(page), file.parent, released)
    return [f"{file}: {problem}" for problem in problems_of_run(notebook)]


def problems_of_run(notebook: NotebookNode) -> list[str]:
    """Cells of a notebook that has been run which stop or warn."""
    return [problem for cell in notebook.cells for problem in _problems(cell)]


def run_notebook(
    notebook: NotebookNode, folder: Path, released: Path, more: Mapping[str, str] | None = None
) -> NotebookNode:
    """Run all cells in a fresh kernel in `folder`, errors and all, checking with `released` data.

    Progress is not recorded. more: further variables of the kernel's environment.
    """
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "ATTNKIT_PROGRESS": "off", "IPYTHONDIR": scratch}
        env = {**env, "ATTNKIT_RELEASED": str(released), **(more or {})}
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(env=env, stderr=subprocess.DEVNULL)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            message = str(error).splitlines()[0]
            notebook.cells.append(
                nbformat.v4.new_code_cell(
                    "", outputs=[nbformat.v4.new_output("error", ename="Stopped", evalue=message)]
                )
            )
    return notebook


def _problems(cell: NotebookNode) -> list[str]:
    if cell.cell_type != "code":
        return []
    first = cell.source.strip().splitlines()[0] if cell.source.strip() else ""
    found = []
    for output in cell.outputs:
        if output.output_type == "error":
            found.append(f"the cell `{first}` stops with {output.ename}: {output.evalue}")
        elif output.output_type == "stream" and output.name == "stderr":
            found.append(f"the cell `{first}` warns: {output.text.strip().splitlines()[-1]}")
    return found
