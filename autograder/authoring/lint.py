"""The case linter: checks whose inputs would let a mistake pass by accident are refused.

With four keys of width 4 the root of one size is the root of the other; with as many words as
coordinates a sum over the wrong axis has the right shape; a query of zeros hides W. The rules look
at the inputs of the visible and of the hidden checks and speak of a function only if *none* of its
calls is free of the fault, so that a degenerate sentence of one word stays welcome beside others.
What an exercise means to be so (square matrices, say) it waives, with a reason; see
`Exercise.waive`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.compare import same_answer
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec

from autograder.authoring.allowances import Waiver
from autograder.authoring.blind import make_hidden
from autograder.authoring.verify import Row, Subject

SATURATED = 0.999  # a softmax whose largest weight is above this can't be told from one-hot
SUMS_TO_ONE = 1e-6


@dataclass(frozen=True)
class Finding:
    """A fault of an exercise's cases."""

    exercise: str
    rule: str
    check: str
    call: str
    function: str
    message: str

    def to_row(self) -> Row:
        where = f"{self.check}: {self.call}" if self.check else self.call
        return Row(
            exercise=self.exercise,
            kind="lint",
            variant=where,
            function=self.function,
            ok=False,
            passed=False,
            points=0,
            max_points=0,
            diagnosis=None,
            message=f"{self.message} [{self.rule}]",
            seconds=0.0,
        )


@dataclass(frozen=True)
class Case:
    """One call of one check, its inputs decoded, with the names of the parameters they go to."""

    check: CheckSpec
    call: CallSpec
    inputs: dict[str, Any]

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays that go in, those inside of lists and dicts under names of their own."""
        return {n: a for n, a in _arrays_in(self.inputs) if a.ndim}

    def sizes(self) -> dict[str, int]:
        """The size of every axis: by its letter (T and D of x_TD), else by array and place."""
        found: dict[str, int] = {}
        for name, array in self.arrays.items():
            letters = axis_letters(name, array.ndim)
            for i, size in enumerate(array.shape):
                letter = letters[i] if letters else f"{name}.{i}"
                if not letter.isdecimal():  # the 1 of mask_B1TS
                    found[letter] = max(size, found.get(letter, 0))
        return found

    def __str__(self) -> str:
        shown = [
            f"{name}: {v.shape}" if isinstance(v, np.ndarray) else f"{name} = {v!r:.20}"
            for name, v in self.inputs.items()
        ]
        return f"{self.call.function}({', '.join(shown)})"


def _arrays_in(inputs: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name, value in inputs.items():
        if isinstance(value, np.ndarray):
            yield name, value
        elif isinstance(value, dict):
            yield from _arrays_in({f"{name}[{key!r}]": item for key, item in value.items()})
        elif isinstance(value, (list, tuple)):
            yield from _arrays_in({f"{name}[{i}]": item for i, item in enumerate(value)})


def axis_letters(parameter: str, dimensions: int) -> str:
    """The axes that a parameter's name states: "TD" of x_TD; "" if it states none that fit."""
    found = re.search(r"_([A-Z][A-Z0-9]*)(?:'\])?$", parameter)
    return found[1] if found and len(found[1]) == dimensions else ""


def lint(subjects: Sequence[Subject], hidden_seed: int) -> Iterator[Row]:
    """The findings on every subject's visible and hidden cases, each fault once, as rows."""
    for subject in subjects:
        hidden = make_hidden(subject.exercise, subject.reference, hidden_seed, subject.spec)
        seen: set[str] = set()
        needed: set[Waiver] = set()
        for finding in (*lint_spec(subject.spec), *lint_spec(hidden)):
            waivers = {w for w in subject.exercise.waivers if _is_about(w, finding)}
            needed |= waivers
            if not waivers and finding.message not in seen:
                seen.add(finding.message)
                yield finding.to_row()
        for waiver in subject.exercise.waivers:
            if waiver not in needed:
                yield _stale(subject, waiver)


def _is_about(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and waiver.about in finding.message


def _stale(subject: Subject, waiver: Waiver) -> Row:
    name = f"waive({waiver.rule!r}, about={waiver.about!r})"
    message = f"line {waiver.line} of the exercise's file waives what is not found; remove it."
    return Finding(subject.exercise.id, "stale", "", name, "", message).to_row()


def lint_spec(spec: ExerciseSpec) -> Iterator[Finding]:
    """The findings on one seed's cases."""
    everything = list(cases(spec))
    for function in spec.functions:
        if not any(function in case.call.functions for case in everything):
            message = f"no check ever calls {function}()."
            yield Finding(spec.id, "never called", "", function, function, message)
        # what a probe does with its inputs is its own affair
        own = [c for c in everything if c.call.function == function and not c.call.probe]
        with_arrays = [case for case in own if case.arrays]
        if with_arrays:
            for rule in (_equal_sizes, _monotonous_inputs, _saturated, _untouched):
                yield from rule(spec, function, with_arrays)
    direct = [case for case in everything if case.arrays and not case.call.probe]
    yield from _layouts(spec, direct)
    yield from _one_answer(spec, everything)
    yield from _twins(spec)


def cases(spec: ExerciseSpec) -> Iterator[Case]:
    for check in spec.checks:
        for call in check.calls:
            names = spec.parameters(call)
            given = dict(zip(names, call.args, strict=False)) | call.kwargs
            inputs = {name: wire.decode_input(value) for name, value in given.items()}
            yield Case(check, call, inputs)


def _finding(spec: ExerciseSpec, rule: str, case: Case, message: str) -> Finding:
    return Finding(spec.id, rule, case.check.name, str(case), case.call.function, message)


def _equal_sizes(spec: ExerciseSpec, function: str, own: Sequence[Case]) -> Iterator[Finding]:
    """Two axes that are of one size everywhere, or no call at all with telling sizes."""
    together: dict[tuple[str, str], list[Case]] = {}
    for case in own:
        for a, b in itertools.combinations(sorted(case.sizes()), 2):
            if _comparable(a, b):
                together.setdefault((a, b), []).append(case)
    found = False
    for (a, b), where in together.items():
        if all(case.sizes()[a] == case.sizes()[b] for case in where):
            found = True
            yield _finding(
                spec,
                "equal sizes",
                where[0],
                f"{a} and {b} are of equal size in every call of {function}(): one taken for the "
                "other would go unseen. Give one call different sizes.",
            )
    if not found and not any(_telling(case.sizes()) for case in own):
        yield _finding(
            spec,
            "telling sizes",
            own[0],
            f"no call of {function}() has sizes of at least 2, all different, none the square of "
            "another: with such sizes a wrong axis or a wrong root shows.",
        )


def _comparable(a: str, b: str) -> bool:
    """Axes without letters are only compared within their array: p and g may be of one shape."""
    return (a.partition(".")[0] == b.partition(".")[0]) if "." in a + b else True


def _telling(sizes: dict[str, int]) -> bool:
    if any(size < 2 for size in sizes.values()):
        return False
    return not any(
        m in (n, n * n)
        for a, b in itertools.permutations(sizes, 2)
        if _comparable(a, b)
        for m, n in [(sizes[a], sizes[b])]
    )


def _monotonous_inputs(spec: ExerciseSpec, function: str, own: Sequence[Case]) -> Iterator[Finding]:
    """An array argument that is constant, or symmetric, in every call."""
    faults: dict[str, Callable[[np.ndarray], bool]] = {
        "constant": _is_constant,
        "symmetric": _is_symmetric,
    }
    for name in dict.fromkeys(n for case in own for n in case.arrays):
        where = [case for case in own if name in case.arrays]
        for fault, has in faults.items():
            if all(has(case.arrays[name]) for case in where):
                yield _finding(
                    spec,
                    fault,
                    where[0],
                    f"{name} is {fault} in every call of {function}(): what is done with it, and "
                    "along which axis, would hardly matter. Give one call uneven numbers.",
                )
                break


def _is_constant(array: np.ndarray) -> bool:
    return array.size < 2 or bool((array == array.flat[0]).all())


def _is_symmetric(array: np.ndarray) -> bool:
    if array.ndim == 1:
        return np.array_equal(array, array[::-1])
    return array.shape[-1] == array.shape[-2] and np.array_equal(array, array.swapaxes(-1, -2))


def _saturated(spec: ExerciseSpec, function: str, own: Sequence[Case]) -> Iterator[Finding]:
    """Weights that are one-hot, in every call that gives weights."""
    largest = [(case, top) for case in own if (top := _largest_weights(case.call.expected))]
    if largest and all(min(top) > SATURATED for _, top in largest):
        yield _finding(
            spec,
            "saturated",
            largest[0][0],
            f"in every call of {function}() the right answer's weights are one-hot (the largest "
            f"is above {SATURATED}): a wrong factor or a forgotten term would not show. Give one "
            "call scores of standard deviation about 1.",
        )


def _largest_weights(expected: wire.Plain) -> list[float]:
    """The largest number of each row of weights (positive, of sum 1) in an answer."""
    found: list[float] = []
    for part in wire.leaves(expected):
        if not str(part.get("dtype", "")).startswith("float"):
            continue
        array = np.asarray(wire.decode(part))
        for axis in range(array.ndim):
            if not array.size or array.shape[axis] < 2 or array.min() < 0:
                continue
            if (abs(array.sum(axis=axis) - 1) < SUMS_TO_ONE).all():
                found += array.max(axis=axis).ravel().tolist()
                break
    return found


def _untouched(spec: ExerciseSpec, function: str, own: Sequence[Case]) -> Iterator[Finding]:
    if not any(case.check.judges == "inputs untouched" for case in own):
        yield _finding(
            spec,
            "inputs untouched",
            own[-1],
            f'no check with judges="inputs untouched" calls {function}(): a function that writes '
            "into its caller's arrays would pass.",
        )


def _layouts(spec: ExerciseSpec, own: Sequence[Case]) -> Iterator[Finding]:
    """Both precisions, an array with gaps in memory, and a locked one."""
    arrays = [array for case in own for array in case.arrays.values()]
    if not arrays:
        return
    types = {str(array.dtype) for array in arrays if array.dtype.kind == "f"}
    wanted = {
        "a float32 array": "float32" in types or not types,
        "a float64 array": "float64" in types or not types,
        "an array that is not contiguous in memory, such as strided(x)": any(
            not array.flags.c_contiguous for array in arrays
        ),
        "a read-only array": any(not array.flags.writeable for array in arrays),
    }
    for what, is_there in wanted.items():
        if not is_there:
            yield _finding(spec, "layouts", own[-1], f"no call of {spec.id} gets {what}.")


def _one_answer(spec: ExerciseSpec, everything: Sequence[Case]) -> Iterator[Finding]:
    """A check whose right answers are all True, or all False: `return True` would pass it."""
    for check in spec.checks:
        own = [case for case in everything if case.check is check]
        answers = {json.dumps(call.expected) for call in check.calls}
        is_truth = all(call.expected.get("type") == "bool" for call in check.calls)
        if own and is_truth and len(answers) == 1:
            value = check.calls[0].expected["scalar"]
            yield _finding(
                spec,
                "one answer",
                own[0],
                f'every right answer of the check "{check.name}" is {value}: who always returns '
                f"{value} would pass it. Put a call of the other answer beside it.",
            )


def _twins(spec: ExerciseSpec) -> Iterator[Finding]:
    """Misconceptions that the visible calls can't tell apart: a learner would be told neither."""
    everything = list(cases(spec))
    for one, other in itertools.combinations(spec.misconceptions, 2):
        if one.function != other.function:
            continue
        own = [i for i, case in enumerate(everything) if one.function in case.call.functions]
        if own and all(
            (answer := one.answers[i]) is not None
            and same_answer(answer, other.answers[i], everything[i].call.tolerance)
            for i in own
        ):
            yield _finding(
                spec,
                "twins",
                everything[own[0]],
                f'the misconceptions "{one.id}" and "{other.id}" give equal answers on every '
                "visible call: neither would be named. Add a call that parts them, or make one of "
                "the two.",
            )
