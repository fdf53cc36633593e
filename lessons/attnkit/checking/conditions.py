"""Which calls of a function are right and which wrong: what tells them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from attnkit.checking.evidence import Array, Case, decoded_inputs
from attnkit.checking.related import Relation
from attnkit.checking.spec import CallSpec, ExerciseSpec


def find_condition(
    spec: ExerciseSpec, wrong: Sequence[bool], calls: Collection[int]
) -> Relation | None:
    """What all failing calls of a function have in common, and none that is right has."""
    if not calls:
        return None
    first = spec.calls[min(calls)]
    same = [
        i
        for i, call in enumerate(spec.calls)
        if call.functions == first.functions
        and (call.probe and call.probe.name) == (first.probe and first.probe.name)
    ]
    failing = [i for i in same if wrong[i]]
    passing = [i for i in same if not wrong[i]]
    if len(passing) < 3 or len(failing) < 2 or set(failing) != set(calls):
        return None
    facts = {i: _facts(spec, spec.calls[i]) for i in same}
    common = set.intersection(*(facts[i] for i in failing))
    for i in passing:
        common -= facts[i]
    if not common:
        return None
    says = min(common, key=lambda said: (_ORDER.index(said[0]), said))[1]
    name = ", ".join(f"`{name}`" for name in first.functions)
    count = "the one call" if len(failing) == 1 else f"all {len(failing)} calls"
    sentence = (
        f"{name} is right in {len(passing)} calls and wrong in {count} {says}: look at what is "
        "different there."
    )
    return Relation("calls", sentence, says)


_ORDER = ("value", "given", "shape", "numbers", "form")
Fact = tuple[str, str]  # of which kind it is, and how it is said: "in which …"


def _facts(spec: ExerciseSpec, call: CallSpec) -> set[Fact]:
    """What can be said of a call's inputs."""
    inputs = decoded_inputs(call, spec.parameters(call))
    found: set[Fact] = set()
    for name in spec.parameters(call):
        if name in call.kwargs or name in inputs:
            found.add(("given", f"that name `{name}`"))
        else:
            found.add(("given", f"that leave `{name}` out"))
    for name, plain in [*zip(spec.parameters(call), call.args, strict=False), *call.kwargs.items()]:
        if plain.get("read_only"):
            found.add(("form", f"in which `{name}` is read-only"))
        if plain.get("layout"):
            found.add(("form", f"in which `{name}` lies in memory in another order"))
    for name, x in inputs.items():
        found |= set(_facts_of_value(name, x))
    sizes = _letters(inputs)
    for one, n in sizes.items():
        for other, m in sizes.items():
            if one < other:
                found.add(("shape", _compared(one, other, n, m)))
    for name, x in inputs.items():
        if isinstance(x, np.ndarray) and x.ndim > 1 and x.shape[-1] == x.shape[-2] > 1:
            found.add(("shape", f"in which `{name}` is square"))
    return found


def _facts_of_value(name: str, x: Any) -> Iterator[Fact]:
    if isinstance(x, (bool, str)):
        yield "value", f"in which `{name}` is {x!r}"
    elif isinstance(x, (int, float)):
        if x in (0, 1):
            yield "value", f"in which `{name}` is {x}"
        if x < 0:
            yield "value", f"in which `{name}` is below 0"
        if isinstance(x, int) and x % 2:
            yield "value", f"in which `{name}` is odd"
        if isinstance(x, int) and x > 1:
            yield "value", f"in which `{name}` is more than 1"
    elif isinstance(x, (list, tuple)):
        if not x:
            yield "shape", f"in which `{name}` is empty"
    elif isinstance(x, np.ndarray):
        yield from _facts_of_array(name, x)


def _facts_of_array(name: str, x: Array) -> Iterator[Fact]:
    axes = f"{x.ndim} axes" if x.ndim != 1 else "a single axis"
    yield "shape", f"in which `{name}` has {axes}"
    if x.ndim > 1:
        yield "shape", f"in which `{name}` has more than one axis"
    if x.ndim > 2:
        yield "shape", f"in which `{name}` has more than two axes"
    for i, n in enumerate(x.shape):
        if n == 1:
            yield "shape", f"in which axis {i} of `{name}` has the length 1"
    yield "form", f"in which `{name}` is of type {x.dtype}"
    if not x.size:
        return
    if x.dtype == bool:
        rows = x.any(axis=-1)
        yield "numbers", f"in which some row of `{name}` is {'' if not rows.all() else 'not '}empty"
        yield "numbers", f"in which {'all' if x.all() else 'not all'} of `{name}` is True"
        return
    if x.dtype.kind not in "iuf":
        return
    with np.errstate(all="ignore"):
        finite = np.abs(x.astype(float)[np.isfinite(x)])
    if finite.size and finite.max() >= 100:
        yield "numbers", f"in which `{name}` has numbers of 100 and more"
    if (x < 0).any():
        yield "numbers", f"in which `{name}` has negative numbers"
    elif (x > 0).all() and x.ndim == 1:
        yield "numbers", f"in which all of `{name}` is above 0"
    if (x == 0).any():
        yield "numbers", f"in which `{name}` has zeros"
    if np.isinf(x).any():
        yield "numbers", f"in which `{name}` holds an infinity"
    if (x == 0).all():
        yield "numbers", f"in which all of `{name}` is 0"


def _letters(inputs: dict[str, Any]) -> dict[str, float]:
    """The sizes that have a name: letters of axes, and whole numbers that went in."""
    case = Case(inputs, np.zeros(0), np.zeros(0), 0.0)
    return {
        name: n
        for name, n in case.sizes.items()
        if float(n).is_integer() and "." not in name and "the " not in name
    }


def _compared(one: str, other: str, n: float, m: float) -> str:
    if n == m:
        return f"in which {one} and {other} are equal"
    low, high = (one, other) if n < m else (other, one)
    return f"in which {low} is smaller than {high}"
