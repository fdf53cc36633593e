"""Automatic mutants: every small change of a solution must be caught, or be explained.

The misconceptions of an exercise are the mistakes that its author thought of. Here libcst changes
the solution cell in every small way it knows: an operator, an axis, a constant, a transpose, a
dropped line, two arguments swapped, a result written into the input. A mutant that passes all
checks shows a mistake that a learner could make unnoticed; a few are no mistake at all (`a + b`
for `b + a`), and the exercise allows these one by one, each with its reason:

    exercise.allow_mutant(after="return x_TD.T @ s_T, s_T", reason="the same product, transposed")
"""

from __future__ import annotations

import ast
import difflib
import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import libcst as cst
from attnkit.checking.spec import ExerciseSpec
from libcst.metadata import MetadataWrapper, PositionProvider

from autograder.authoring.allowances import AllowedMutant
from autograder.authoring.blind import make_hidden
from autograder.authoring.exercise import Exercise
from autograder.authoring.lesson import BEGIN_SOLUTION, END_SOLUTION, LessonCell
from autograder.authoring.mutant_process import Outcome, TrialProcess
from autograder.authoring.mutations import Change, Changes
from autograder.authoring.verify import Row, Subject


@dataclass(frozen=True)
class Mutant:
    """A solution cell with one small change."""

    function: str
    line: int  # in the lesson's file
    description: str
    source: str  # of the whole cell
    before: tuple[str, ...]  # the lines that the change took out, stripped
    after: tuple[str, ...]  # and those it put in
    diff: str

    def is_meant_by(self, allowed: AllowedMutant) -> bool:
        if allowed.line_of_solution:
            return _plain(self.before) == _plain([allowed.line_of_solution])
        if allowed.dropped:
            left = _plain(self.after) in ("", "pass")
            return left and _plain(self.before) == _plain([allowed.dropped])
        return _plain(self.after) == _plain([allowed.after])


def _plain(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def try_mutants(
    subjects: Sequence[Subject], hidden_seed: int, *, seconds: float = 5.0
) -> Iterator[Row]:
    """Every mutant of every subject, judged on the visible and the hidden checks.

    Rows come one by one. They are `ok` if the mutant failed, or passed and is allowed; an allowance
    that no surviving mutant needs is a row that is not `ok`. A mutant that takes longer than
    `seconds` has failed.
    """
    with TrialProcess(seconds) as trial:
        for subject in subjects:
            hidden = make_hidden(subject.exercise, subject.reference, hidden_seed, subject.spec)
            lesson = subject.lesson
            solutions = [lesson.given(), *(cell.source for cell in lesson.answers())]
            trial.prepare(solutions, subject.spec, hidden)
            yield from _try_exercise(subject, trial)


def _try_exercise(subject: Subject, trial: TrialProcess) -> Iterator[Row]:
    exercise = subject.exercise
    if trial.solution is not None and not trial.solution.passed:
        # then every mutant would fall, which would prove nothing
        message = f"not in a process of its own: {trial.solution.message}"
        yield _problem(exercise, "reference", "solution cell", message)
        return
    needed: set[AllowedMutant] = set()
    matched: set[AllowedMutant] = set()
    for mutant in mutants_of_exercise(subject):
        start = time.perf_counter()
        outcome = trial.judge(mutant.source)
        seconds = round(time.perf_counter() - start, 4)
        meant = [a for a in exercise.allowed_mutants if mutant.is_meant_by(a)]
        matched.update(meant)
        if outcome.passed:
            needed.update(meant)
        yield _row(exercise, mutant, outcome, meant, seconds)
    for allowed in exercise.allowed_mutants:
        if allowed not in needed:
            yield _stale(exercise, allowed, allowed in matched)


def _row(
    exercise: Exercise,
    mutant: Mutant,
    outcome: Outcome,
    meant: Sequence[AllowedMutant],
    seconds: float,
) -> Row:
    if outcome.passed and meant:
        message = f"allowed: {meant[0].reason}"
    elif outcome.passed:
        message = mutant.diff
    else:
        message = outcome.message
    return Row(
        exercise=exercise.id,
        kind="mutant",
        variant=f"line {mutant.line}, {mutant.description}",
        function=mutant.function,
        ok=bool(meant) or not outcome.passed,
        passed=outcome.passed,
        points=outcome.points,
        max_points=outcome.max_points,
        diagnosis=outcome.diagnosis,
        message=message,
        seconds=seconds,
    )


def _stale(exercise: Exercise, allowed: AllowedMutant, matched: bool) -> Row:
    why = (
        "the checks kill the mutant that it allows"
        if matched
        else "no mutant of the solution is it"
    )
    named = {"after": allowed.after, "dropped": allowed.dropped, "line": allowed.line_of_solution}
    what = next(f"{name}={value!r}" for name, value in named.items() if value)
    message = f"{exercise.file}:{allowed.line}: {why}; remove it or bring it up to date."
    return _problem(exercise, "stale", f"allow_mutant({what})", message)


def _problem(exercise: Exercise, kind: str, variant: str, message: str) -> Row:
    return Row(
        exercise=exercise.id,
        kind=kind,
        variant=variant,
        function="",
        ok=False,
        passed=False,
        points=0,
        max_points=0,
        diagnosis=None,
        message=message,
        seconds=0.0,
    )


# --- making mutants


def mutants_of_exercise(subject: Subject) -> list[Mutant]:
    """All mutants of the exercise's solution cell, in the order of its lines.

    None of a function that those asked for don't lean on: what is copied from an earlier lesson,
    such as an optimiser, was judged there.
    """
    modules = {n for n, value in subject.reference.items() if isinstance(value, ModuleType)}
    (cell,) = [c for c in subject.lesson.answers() if c.name == subject.exercise.id]
    idle = _idle_functions(cell.source, subject.exercise.functions)
    mutants = make_mutants(cell, modules, array_parameters(subject.spec))
    return [mutant for mutant in mutants if mutant.function not in idle]


def _idle_functions(source: str, asked: Sequence[str]) -> set[str]:
    """The functions of a cell that those asked for neither are nor use, however indirectly."""
    uses = {
        node.name: {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }
    idle, waiting = set(uses), list(asked)
    while waiting:
        name = waiting.pop()
        if name in idle:
            idle.remove(name)
            waiting += uses[name]
    return idle


def array_parameters(spec: ExerciseSpec) -> dict[str, dict[str, int]]:
    """For each function the parameters that the checks give arrays to, with their dimensions."""
    found: dict[str, dict[str, int]] = {name: {} for name in spec.functions}
    for call in spec.calls:
        if call.probe:
            continue
        by_place = dict(zip(spec.functions[call.function], call.args, strict=False))
        for name, value in (by_place | call.kwargs).items():
            if "array" in value:
                axes = found[call.function].get(name, 0)
                found[call.function][name] = max(axes, len(value["shape"]))
    return found


def make_mutants(
    cell: LessonCell, modules: set[str], arrays: Mapping[str, Mapping[str, int]]
) -> Iterator[Mutant]:
    """All mutants of a cell's functions, each once.

    `modules` are the names that stand for modules (`np`), `arrays` the dimensions of the functions'
    array parameters.
    """
    wrapper = MetadataWrapper(cst.parse_module(cell.source), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    lines = {node: place.start.line for node, place in positions.items()}
    module = wrapper.module
    seen = {ast.dump(ast.parse(cell.source))}
    own = _solution_lines(cell.source)
    for function in _functions(module):
        changes = Changes(function, modules, arrays.get(function.name.value, {}), lines)
        for kind, old, new in sorted(changes.all(), key=lambda change: lines.get(change[1], 0)):
            if lines.get(old) not in own:
                continue
            changed = _replace(module, old, new)
            tree = _parse(changed)
            if tree is None or tree in seen:
                continue
            seen.add(tree)
            yield _mutant(module, cell, function.name.value, lines[old], (kind, old, new), changed)


def _solution_lines(source: str) -> set[int]:
    """The lines that are the learner's to write; what a cell gives besides them stays as it is.

    Without marks it is all of them.
    """
    own, is_own = set(), BEGIN_SOLUTION not in source
    for number, line in enumerate(source.splitlines(), 1):
        if BEGIN_SOLUTION in line or END_SOLUTION in line:
            is_own = BEGIN_SOLUTION in line
        elif is_own:
            own.add(number)
    return own


def _functions(node: cst.CSTNode) -> Iterator[cst.FunctionDef]:
    """Outermost functions, and the methods of classes."""
    if isinstance(node, cst.FunctionDef):
        yield node
    elif not isinstance(node, cst.BaseExpression):
        for child in node.children:
            yield from _functions(child)


def _replace(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode | None) -> str:
    changed = module.deep_remove(old) if new is None else module.deep_replace(old, new)
    assert isinstance(changed, cst.Module)
    return changed.code


def _parse(source: str) -> str | None:
    """The syntax tree as text, so that spaces and parentheses make no difference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<mutant>", "exec")
            return ast.dump(ast.parse(source))
        except (SyntaxError, ValueError):
            return None


def _mutant(
    module: cst.Module, cell: LessonCell, function: str, line: int, change: Change, source: str
) -> Mutant:
    kind, old, new = change
    before, after = cell.source.splitlines(), source.splitlines()
    diff = list(difflib.unified_diff(before, after, "solution", "mutant", lineterm="", n=1))
    body = [text for text in diff[2:] if not text.startswith("@@")]
    what = f"`{_one_line(module, old)}`"
    if new is not None:
        what += f" becomes `{_one_line(module, new)}`"
    place = cell.line + line
    diff[2:] = [
        re.sub(r"([-+])(\d+)", lambda number: f"{number[1]}{int(number[2]) + cell.line}", text)
        if text.startswith("@@")
        else text
        for text in diff[2:]
    ]
    return Mutant(
        function=function,
        line=place,
        description=f"{kind}: {what}",
        source=source,
        before=tuple(text[1:].strip() for text in body if text.startswith("-")),
        after=tuple(text[1:].strip() for text in body if text.startswith("+")),
        diff="\n".join(diff),
    )


def _one_line(module: cst.Module, node: cst.CSTNode) -> str:
    text = " ".join(module.code_for_node(node).split()).rstrip(",")
    return text if len(text) <= 70 else text[:69] + "…"
