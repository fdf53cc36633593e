"""From an exercise and its reference to the numbers a check needs, for one seed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit import wire
from attnkit.spec import CallSpec, CheckSpec, ExerciseSpec, MisconceptionSpec

from autograder.authoring.exercise import CallOf, Exercise
from autograder.errors import AuthorError

PUBLIC_SEED = 2017  # of the visible checks: printed in the notebook's data, secret to nobody
DIGITS = 10  # significant digits of released numbers; tolerances are 1e-9 at the tightest
RELATIVE_TOLERANCE = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-9}

Namespace = Mapping[str, Any]


def make_spec(
    exercise: Exercise, reference: Namespace, seed: int, misconceptions: bool = True
) -> ExerciseSpec:
    """Draw the exercise's checks from `seed` and work out the right answers with `reference`.

    `reference` holds the functions of the lesson's solution cells. Misconceptions' answers are
    only needed for the visible checks, where diagnoses are made.
    """
    missing = [name for name in exercise.functions if name not in reference]
    if missing:
        raise AuthorError(
            f"{exercise.id} declares {missing[0]}(), which its solution cell does not define.",
            exercise.file,
            exercise.line,
        )
    checks = tuple(
        CheckSpec(
            name=check.name,
            points=check.points,
            says=check.says,
            judges=check.judges,
            calls=tuple(_call_spec(exercise, c, reference) for c in check.calls),
            part=check.part,
        )
        for check in exercise.draw_checks(seed)
    )
    parameters = {
        name: tuple(inspect.signature(reference[name]).parameters) for name in exercise.functions
    }
    spec = ExerciseSpec(
        id=exercise.id,
        title=exercise.title,
        functions=parameters,
        difficulty=exercise.difficulty,
        importance=exercise.importance,
        minutes=exercise.minutes,
        hints=exercise.hints,
        checks=checks,
    )
    if not misconceptions:
        return spec
    known = tuple(
        MisconceptionSpec(m.name, m.function, m.message, _answers_of(m.function, m.run, spec))
        for m in exercise.wrongs
    )
    return ExerciseSpec(**{**spec.__dict__, "misconceptions": known})


def _call_spec(exercise: Exercise, wanted: CallOf, reference: Namespace) -> CallSpec:
    args = tuple(_encode_input(arg) for arg in wanted.args)
    kwargs = {name: _encode_input(arg) for name, arg in wanted.kwargs.items()}
    # The right answer is worked out in double precision whatever the inputs' type: the last
    # digits of a float32 sum differ between processors.
    call = {
        "function": wanted.function,
        "args": [_widen(arg) for arg in args],
        "kwargs": {name: _widen(arg) for name, arg in kwargs.items()},
    }
    (answer,) = wire.run_calls(reference, [call])
    if "value" not in answer:
        raise AuthorError(
            f"the reference of {exercise.id} fails on its own checks: {wanted.function}() gives "
            f"{answer.get('raised', answer)} {answer.get('text', '')}".rstrip()
            + ".",
            exercise.file,
            exercise.line,
        )
    dtypes = {arg["dtype"] for arg in (*args, *kwargs.values()) if "array" in arg}
    relative = max((RELATIVE_TOLERANCE.get(t, 1e-9) for t in dtypes), default=1e-9)
    tolerance = wanted.tolerance or relative * max(1.0, _largest(answer["value"]))
    return CallSpec(wanted.function, args, kwargs, shorten(answer["value"]), tolerance)


def _answers_of(function: str, run: Any, spec: ExerciseSpec) -> tuple[wire.Answer | None, ...]:
    answers: list[wire.Answer | None] = []
    for call in spec.wire_calls():
        if call["function"] != function:
            answers.append(None)
            continue
        (answer,) = wire.run_calls({function: run}, [call])
        # where in the author's file it stopped is nothing to a learner
        kept = {key: answer[key] for key in answer if key not in ("line", "code")}
        answers.append({**kept, "value": shorten(kept["value"])} if "value" in kept else kept)
    return tuple(answers)


def _encode_input(value: Any) -> wire.Plain:
    plain = wire.encode(value)
    if isinstance(value, np.ndarray):
        if not value.flags.writeable:
            plain["read_only"] = True
        if not (value.flags.c_contiguous or value.ndim == 0):
            plain["layout"] = "fortran" if value.flags.f_contiguous else "strided"
    return plain


def _widen(plain: wire.Plain) -> wire.Plain:
    if plain.get("dtype") in ("float16", "float32"):
        return {**plain, "dtype": "float64"}
    return plain


def shorten(plain: wire.Plain) -> wire.Plain:
    """The same value with floats cut to `DIGITS` significant digits."""
    if "array" in plain and plain["dtype"].startswith("float"):
        return {**plain, "array": [_shorten_number(v) for v in plain["array"]]}
    if plain.get("type") == "float":
        return {**plain, "scalar": _shorten_number(plain["scalar"])}
    for kind in ("tuple", "list"):
        if kind in plain:
            return {kind: [shorten(item) for item in plain[kind]]}
    if "dict" in plain:
        return {"dict": [[key, shorten(value)] for key, value in plain["dict"]]}
    return plain


def _shorten_number(value: Any) -> Any:
    return value if isinstance(value, str) else float(f"{value:.{DIGITS}g}")


def _largest(plain: wire.Plain) -> float:
    if "array" in plain:
        return max((abs(float(v)) for v in plain["array"]), default=0.0)
    if plain.get("type") in ("float", "int"):
        return abs(float(plain["scalar"]))
    items = plain.get("tuple") or plain.get("list") or [v for _, v in plain.get("dict", [])]
    return max((_largest(item) for item in items), default=0.0)
