"""What is known of a wrong answer: the numbers of each part that differs, beside the right ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from attnkit.checking.spec import CallSpec, ExerciseSpec
from attnkit.checking.wire import Answer, Plain, decode
from attnkit.checking.wording import Path, ordinal, part_says

Array = np.ndarray[Any, Any]
MOST_NUMBERS = 100_000  # of all failing calls together: looking for relations must stay quick


@dataclass(frozen=True)
class Case:
    """One array of one failing call: what went in, what is right, what came out instead."""

    inputs: Mapping[str, Any]  # by the names of the parameters
    right: Array
    got: Array
    tolerance: float
    truth: bool = False  # True and False are asked for
    rough: bool = False  # any number between two bounds is right
    others: Mapping[str, Array] = field(default_factory=dict)  # right answers to other questions

    @property
    def same_shape(self) -> bool:
        return self.right.shape == self.got.shape

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """The inputs that are arrays of numbers or truth values, those in dicts and lists too."""
        found = {}
        for name, x in self.inputs.items():
            inside = x.items() if isinstance(x, dict) else ()
            for said, value in ((name, x), *((f'{name}["{key}"]', y) for key, y in inside)):
                array = as_array(value)
                if array is not None:
                    found[said] = array
        return found

    @cached_property
    def wrong(self) -> Array:
        """Where a number differs from the right one of the same place."""
        return ~close(self.got, self.right, self.tolerance)

    @cached_property
    def sizes(self) -> dict[str, float]:
        """The sizes and single numbers that went in, by what a learner calls them."""
        found: dict[str, float] = {}
        for name, value in self.inputs.items():
            if isinstance(value, (bool, str)) or value is None:
                continue
            if isinstance(value, (int, float)):
                found[f"`{name}`"] = float(value)
            elif isinstance(value, np.ndarray):
                letters = axis_letters(name, value.ndim)
                for i, n in enumerate(value.shape):
                    said = letters[i] if letters else f"`{name}.shape[{i}]`"
                    found.setdefault(said, float(n))
                if value.ndim == 1 and value.size > 1:
                    found |= _told_by(name, value)
        return found

    def is_like(self, predicted: Any) -> bool:
        """Whether the answer is this, to within what a check lets pass."""
        predicted = np.asarray(predicted, float)
        if predicted.shape != self.got.shape:
            return False
        return bool(close(self.got, predicted, self._slack(predicted)).all())

    def tells(self, predicted: Any) -> bool:
        """Whether the answer is this, and this is plainly not the right answer."""
        predicted = np.asarray(predicted, float)
        enough = np.isfinite(predicted).sum() >= min(2, predicted.size)
        if not enough or not self.is_like(predicted):
            return False
        if predicted.shape != self.right.shape:
            return True
        return not close(predicted, self.right, 3 * self._slack(predicted)).all()

    def _slack(self, predicted: Array) -> float:
        """The tolerance grows with the numbers that were made of the right ones."""
        largest = np.abs(self.right[np.isfinite(self.right)]).max(initial=0.0)
        made = np.abs(predicted[np.isfinite(predicted)]).max(initial=0.0)
        times = float(made / largest) if largest else 1.0
        return self.tolerance * times if self.rough else 3 * self.tolerance * max(1.0, times)


@dataclass(frozen=True)
class Part:
    """One value of what a function returns, or all of it, in the calls where it is wrong."""

    says: str  # the beginning of a sentence: "What `f` returns"
    cases: tuple[Case, ...]

    @cached_property
    def different_numbers(self) -> int:
        """How many unlike numbers are compared: few of them are alike by accident."""
        rows = [np.unique(case.right[np.isfinite(case.right)].round(9)) for case in self.cases]
        return int(np.unique(np.concatenate(rows)).size) if rows else 0

    def tells_enough(self, least: int) -> bool:
        """Whether so many unlike numbers are compared, or four times as many True and False."""
        if all(case.truth for case in self.cases):
            return sum(case.right.size for case in self.cases) >= 4 * least
        return self.different_numbers >= least


def _told_by(name: str, x: Array) -> dict[str, float]:
    """Numbers that a list of numbers stands for: its sum, its length as a vector."""
    if x.dtype == bool:
        return {f"the number of True in `{name}`": float(x.sum())}
    if not np.isfinite(x).all():
        return {}
    return {
        f"the sum of `{name}`": float(x.sum()),
        f"the largest of `{name}`": float(x.max()),
        f"the length of the vector `{name}`": float(np.sqrt((x.astype(float) ** 2).sum())),
    }


def as_array(value: Any) -> Array | None:
    """An input as an array: it is one, or a list of numbers."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (list, tuple)) and value and all(type(n) in (int, float) for n in value):
        return np.array(value)
    return None


def close(a: Array, b: Array, tolerance: float) -> Array:
    """Where two arrays are alike to within a tolerance; infinities and nan like their own kind."""
    with np.errstate(all="ignore"):
        return (a == b) | (np.abs(a - b) <= tolerance) | (np.isnan(a) & np.isnan(b))


def axis_letters(name: str, axes: int) -> str:
    """The letters of an array's axes, as its name tells them: x_TD has T and D."""
    found = re.search(r"_([A-Z0-9]+)$", name)
    return found[1] if found and len(found[1]) == axes else ""


def wrong_parts(
    spec: ExerciseSpec, answers: Sequence[Answer], calls: Collection[int]
) -> list[Part]:
    """The parts of a function's answers that are wrong, as far as they are arrays of numbers.

    What is asked by one probe, or of the function itself, is taken together. There, every one of
    these calls has to have a wrong part: else nothing is claimed of any.
    """
    found: dict[str, list[Case]] = {}
    unclear: set[str] = set()
    subjects: dict[str, str] = {}
    numbers = 0
    for i in calls:
        call, answer = spec.calls[i], answers[i]
        subject = part_says(call, ())
        if "value" not in answer or "matches" in call.expected:
            unclear.add(subject)
            continue
        inputs = decoded_inputs(call, spec.parameters(call))
        others = _other_answers(spec, call)
        cases = [
            (path, replace(case, others=others.get(path, {}) or others.get((), {})))
            for path, case in _cases(call, inputs, call.expected, answer["value"], ())
        ]
        numbers += sum(case.right.size + case.got.size for _, case in cases)
        if not cases or numbers > MOST_NUMBERS:
            unclear.add(subject)
        for path, case in cases:
            subjects[part_says(call, path)] = subject
            found.setdefault(part_says(call, path), []).append(case)
    # one of few numbers, but not too few, shows soonest that a relation doesn't hold
    return [
        Part(says, tuple(sorted(cases, key=lambda case: (case.right.size < 5, case.right.size))))
        for says, cases in found.items()
        if subjects[says] not in unclear
    ]


def decoded_inputs(call: CallSpec, parameters: Sequence[str]) -> dict[str, Any]:
    """The inputs of a call by name; without what is no data, such as functions."""
    named = [*zip(parameters, call.args, strict=False), *call.kwargs.items()]
    found = {}
    for name, plain in named:
        try:
            found[name] = decode(plain)
        except ValueError:  # a function or a random generator
            continue
    return found


def _cases(
    call: CallSpec, inputs: Mapping[str, Any], right: Plain, got: Plain, path: Path
) -> Iterator[tuple[Path, Case]]:
    """The arrays in an answer that differ from the right ones, each with its place."""
    if "tuple" in right:
        values = got.get("tuple", got.get("list"))
        if values is not None and len(values) == len(right["tuple"]):
            for i, (r, g) in enumerate(zip(right["tuple"], values, strict=True)):
                yield from _cases(call, inputs, r, g, (*path, i))
    elif "dict" in right and "dict" in got:
        values = {repr(key): value for key, value in got["dict"]}
        both = [(key, r, values[repr(key)]) for key, r in right["dict"] if repr(key) in values]
        if _single_numbers(r for _, r, _ in both) and _single_numbers(g for _, _, g in both):
            right = {"list": [r for _, r, _ in both]}  # by words, say: one array of all
            got = {"list": [g for _, _, g in both]}
            yield from _cases(call, inputs, right, got, path)
            return
        for key, r, g in both:
            name = str(decode(key))
            own = {n: _entry(x, name) for n, x in inputs.items()}
            changed = [own[n] for n, x in inputs.items() if own[n] is not x]
            # parameters have other names in every call: one kind of them is one part
            shared = any(isinstance(x, np.ndarray) for x in changed)
            yield from _cases(call, own, r, g, path if shared else (*path, name))
    else:
        tolerance = call.tolerance
        if "between" in right:
            low, high = (np.asarray(decode(each), float) for each in right["between"])
            right_array: Array | None = (low + high) / 2
            tolerance = float((high - low).max(initial=0) / 2)
        else:
            right_array = _numbers(right)
        got_array = _numbers(got)
        if right_array is not None and got_array is not None:
            truth = right.get("dtype", right.get("type")) == "bool"
            if call.probe and set(right_array.flat) == {0.0, 1.0}:  # a probe's yes and no
                truth = True
            rough = "between" in right
            case = Case(inputs, right_array, got_array, tolerance, truth, rough)
            if right_array.size and got_array.size and (not case.same_shape or case.wrong.any()):
                yield path, case


def _single_numbers(values: Iterable[Plain]) -> bool:
    found = list(values)
    return len(found) > 1 and all(value.get("type") in ("int", "float") for value in found)


def _other_answers(spec: ExerciseSpec, call: CallSpec) -> dict[Path, dict[str, Array]]:
    """The right answers beside a part of this one: its other values, other functions' answers."""
    found: dict[Path, dict[str, Array]] = {}
    values = [_numbers(value) for value in call.expected.get("tuple", ())]
    for i in range(len(values)):
        found[i,] = {
            f"the {ordinal(j)} value that is asked for": value
            for j, value in enumerate(values)
            if j != i and value is not None
        }
    for other in spec.calls:
        if other.function != call.function and not (other.probe or call.probe):
            value = _numbers(other.expected)
            if value is not None and (other.args, other.kwargs) == (call.args, call.kwargs):
                found.setdefault((), {})[f"what `{other.function}` should return"] = value
    return found


def _entry(value: Any, name: str) -> Any:
    """The entry of that name, if it is a dict with one; else the value itself."""
    return value[name] if isinstance(value, dict) and name in value else value


def _numbers(plain: Plain) -> Array | None:
    """A value as an array of floats, if it is numbers."""
    if "list" in plain and _single_numbers(plain["list"]):
        plain = {
            "array": [n["scalar"] for n in plain["list"]],
            "dtype": "float64",
            "shape": [len(plain["list"])],
        }
    if "array" in plain or plain.get("type") in ("float", "int", "bool"):
        try:
            return np.asarray(decode(plain), float)
        except (OverflowError, ValueError):
            return None
    return None
