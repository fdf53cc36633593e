"""From an exercise and its reference to the numbers a check needs, for one seed."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.compare import compare_values
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec, MisconceptionSpec, ProbeSpec

from autograder.authoring.calls import CallOf
from autograder.authoring.encoding import dtypes_of, encode_input, largest, shorten, widen
from autograder.authoring.exercise import Exercise
from autograder.authoring.probes import Between, Matching
from autograder.authoring.variants import Variant, variant_source
from autograder.errors import AuthorError

PUBLIC_SEED = 2017  # of the visible checks: printed in the notebook's data, secret to nobody
RELATIVE_TOLERANCE = {"float16": 1e-2, "float32": 1e-5, "float64": 1e-9}

Namespace = Mapping[str, Any]


def make_spec(
    exercise: Exercise,
    reference: Namespace,
    seed: int,
    misconceptions: bool = True,
    draw: int = 0,
) -> ExerciseSpec:
    """Draw the exercise's checks from `seed` and work out the right answers with `reference`.

    `draw` numbers other draws from the same seed.

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
        for check in exercise.draw_checks(seed, draw)
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
        MisconceptionSpec(m.name, m.function, m.message, _answers_of(m, spec, reference))
        for m in exercise.wrongs
    )
    return dataclasses.replace(spec, misconceptions=known)


def _call_spec(exercise: Exercise, wanted: CallOf, reference: Namespace) -> CallSpec:
    probe = _probe_spec(exercise, wanted) if wanted.probe else None
    args = tuple(encode_input(arg) for arg in wanted.args)
    kwargs = {name: encode_input(arg) for name, arg in wanted.kwargs.items()}
    name = probe.functions[0] if probe else wanted.function
    asked = CallSpec(name, args, kwargs, {}, 0.0, probe)
    # The right answer is worked out in double precision whatever the inputs' type: the last
    # digits of a float32 sum differ between processors.
    call = asked.wire()
    call["args"] = [widen(arg) for arg in call["args"]]
    call["kwargs"] = {name: widen(arg) for name, arg in call["kwargs"].items()}
    (answer,) = wire.run_calls(reference, [call])
    if "value" not in answer:
        raise AuthorError(
            f"the reference of {exercise.id} fails on its own checks: {name}() gives "
            f"{answer.get('raised', answer)} {answer.get('text', '')}".rstrip()
            + ".",
            exercise.file,
            exercise.line,
        )
    dtypes = {dtype for arg in (*args, *kwargs.values()) for dtype in dtypes_of(arg)}
    relative = max((RELATIVE_TOLERANCE.get(t, 1e-9) for t in dtypes), default=1e-9)
    tolerance = wanted.tolerance or relative * max(1.0, largest(answer["value"]))
    expected = shorten(answer["value"])
    if wanted.expect is not None:
        expected = _bounds(exercise, wanted.expect, answer["value"])
    return CallSpec(name, args, kwargs, expected, tolerance, probe)


def _probe_spec(exercise: Exercise, wanted: CallOf) -> ProbeSpec:
    assert wanted.probe is not None
    source, line = variant_source(wanted.probe)
    names = list(inspect.signature(wanted.probe).parameters)
    own = tuple(itertools.takewhile(lambda name: name in exercise.functions, names))
    if not own:
        raise AuthorError(
            f"the probe {wanted.probe.__name__}() of {exercise.id} must have a function of the "
            f"exercise as its first parameter ({', '.join(exercise.functions)}).",
            wanted.probe.__code__.co_filename,
            line,
        )
    rest = tuple(names[len(own) :])
    return ProbeSpec(source, wanted.probe.__name__, own, rest, wanted.says)


def _bounds(exercise: Exercise, expect: Between | Matching, answer: wire.Plain) -> wire.Plain:
    """What is expected instead of the reference's own answer, which must meet it as well."""
    if isinstance(expect, Matching):
        expected: wire.Plain = {"matches": wire.encode(expect.labels), "share": expect.share}
    else:
        shape = np.shape(wire.decode(answer))
        bounds = (np.broadcast_to(np.asarray(b, float), shape) for b in (expect.low, expect.high))
        expected = {"between": [wire.encode(np.array(bound)) for bound in bounds]}
    found = compare_values(expected, answer, 0.0, "The reference's answer is")
    if found:
        sentence = f"the reference of {exercise.id} fails on its own checks. {found.sentence}"
        raise AuthorError(sentence, exercise.file, exercise.line)
    return expected


def _answers_of(
    variant: Variant, spec: ExerciseSpec, reference: Namespace
) -> tuple[wire.Answer | None, ...]:
    functions = {name: reference[name] for name in spec.functions}
    functions[variant.function] = variant.beside(reference)
    answers: list[wire.Answer | None] = []
    for call in spec.calls:
        if variant.function not in call.functions:
            answers.append(None)
            continue
        (answer,) = wire.run_calls(functions, [call.wire()])
        # where in the author's file it stopped is nothing to a learner
        kept = {key: answer[key] for key in answer if key not in ("line", "code")}
        answers.append({**kept, "value": shorten(kept["value"])} if "value" in kept else kept)
    return tuple(answers)
