"""`check`, `hint` and `attempt`: what a learner calls in a lesson."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from IPython import get_ipython

from attnkit import progress, waiting
from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.report import Report, say
from attnkit.checking.spec import ExerciseSpec, UnknownExerciseError, released_exercise

T = TypeVar("T")
_hints_given: dict[str, int] = {}
waiting.install(get_ipython())  # a lesson's cells may call what is not written yet


def check(exercise: str, *functions: Callable[..., Any]) -> Report:
    """Check your functions for one exercise and show which named checks pass.

    exercise: its number, such as "L1.3".
    functions: the exercise's functions, in the order in which the lesson names them.

    Returns the report: `.points`, `.max_points`, `.passed`, `.diagnosis`. It never raises because
    of your code. What it prints is shown once, and what it warns about doesn't count.
    """
    try:
        spec = released_exercise(exercise)
    except UnknownExerciseError as error:
        return Report.refused(str(error))
    refusal = _wrong_arguments(spec, functions)
    if refusal:
        return Report.refused(refusal, spec)
    named = dict(zip(spec.functions, functions, strict=True))
    printed: list[str] = []
    verdict = judge(spec, wire.run_calls(named, spec.wire_calls(), printed=printed))
    report = Report(spec, verdict, named, printed)
    progress.record(spec.id, verdict.points, verdict.max_points, verdict.passed)
    report.show()
    return report


def _wrong_arguments(spec: ExerciseSpec, functions: tuple[Any, ...]) -> str | None:
    call = f'check("{spec.id}", {", ".join(spec.functions)})'
    if len(functions) != len(spec.functions):
        return f"{spec.id} checks {len(spec.functions)} function(s): write `{call}`."
    for name, function in zip(spec.functions, functions, strict=True):
        if not callable(function):
            return (
                f"`{name}` should be a function, but a {type(function).__name__} was given: write "
                f"`{call}`, without calling it."
            )
    return None


def hint(exercise: str) -> None:
    """Show the next hint for an exercise: three in all, each stronger than the one before."""
    try:
        spec = released_exercise(exercise)
    except UnknownExerciseError as error:
        say(str(error))
        return
    given = _hints_given.get(spec.id, 0)
    number = min(given, len(spec.hints) - 1)
    _hints_given[spec.id] = given + 1
    more = "" if number + 1 < len(spec.hints) else " That was the last one."
    say(f"**Hint {number + 1} of {len(spec.hints)}.** {spec.hints[number]}{more}")


def attempt(function: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
    """Call a function of yours that may not be written yet. Older notebooks use it.

    Returns its value; or shows one sentence and returns None if it is still a stub or fails.
    """
    name = getattr(function, "__name__", "the function")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = function(*args, **kwargs)
    except NotImplementedError:
        say(f"*`{name}` is not written yet: come back to this cell when it is.*")
        return None
    except Exception as error:
        say(f"*`{name}` stopped with {type(error).__name__}: {error}.*")
        return None
    if value is None:
        say(f"*`{name}` returned None: is there a `return` at its end?*")
    return value
