"""What checks are made of: calls of the learner's functions, and probes that work with them.

    yield Check("three words by hand", call(x_TD, w_T), says="Each word counts as its weight says.")

An exercise with several functions says which one it means: `call.dropped(s_T, 2)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from autograder.authoring.probes import Between, Matching
from autograder.authoring.prose import flowing

Function = Callable[..., Any]
Judged = Literal["values", "inputs untouched"]


@dataclass(frozen=True)
class CallOf:
    """One call of one of the exercise's functions. `tolerance` overrides the automatic one.

    A probe is called in the function's place; its first arguments name the functions it needs.
    Without a function it is a call of the exercise's only one.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tolerance: float | None = None
    expect: Between | Matching | None = None
    probe: Function | None = None
    says: str = ""


class Caller:
    """Makes calls of the exercise's only function, or of the one that it is asked for by name."""

    def __init__(self, function: str = "") -> None:
        self._function = function

    def __call__(
        self,
        *args: Any,
        tolerance: float | None = None,
        expect: Between | Matching | None = None,
        **kwargs: Any,
    ) -> CallOf:
        """A call to make: `call(s, axis=-1)`.

        `expect` takes the place of the reference's answer where more than one is right.
        """
        return CallOf(self._function, args, kwargs, tolerance, expect)

    def __getattr__(self, function: str) -> Caller:
        """What makes calls of this function: `call.entropy(p)`."""
        if self._function or function.startswith("_"):
            raise AttributeError(function)
        return Caller(function)


call = Caller()


def probe(run: Function, *, says: str) -> Callable[..., CallOf]:
    """What runs a probe (see `probes.py`): `probe(spread, says="The spread over √width")(widths)`.

    The first parameters of `run` are named like functions of the exercise, which they get. `says`
    is the beginning of a sentence about what the probe gives. `tolerance` and `expect` go with the
    inputs, as in a call.
    """

    def ask(
        *args: Any,
        tolerance: float | None = None,
        expect: Between | Matching | None = None,
        **kwargs: Any,
    ) -> CallOf:
        return CallOf("", args, kwargs, tolerance, expect, run, flowing(says))

    return ask


@dataclass(frozen=True, init=False)
class Check:
    """A named check. It passes if every call gives what the reference gives.

    `says` is read by the one who fails it: what must hold, and why. With
    `judges="inputs untouched"` the calls must also leave their array arguments as they were.
    `part` judges one value only of a function that returns several: 0 is the first.
    """

    name: str
    calls: tuple[CallOf, ...]
    says: str
    points: int
    judges: Judged
    part: int | None

    def __init__(
        self,
        name: str,
        *calls: CallOf,
        says: str = "",
        points: int = 1,
        judges: Judged = "values",
        part: int | None = None,
    ) -> None:
        for field, value in {
            "name": name,
            "calls": calls,
            "says": flowing(says),
            "points": points,
            "judges": judges,
            "part": part,
        }.items():
            object.__setattr__(self, field, value)

    def of(self, calls: Iterable[CallOf]) -> Check:
        """The same check of other calls."""
        rest = {name: getattr(self, name) for name in ("says", "points", "judges", "part")}
        return Check(self.name, *calls, **rest)
