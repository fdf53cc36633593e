"""What an author declares: exercises with named checks, right variants and misconceptions.

    l1_1 = Exercise(id="L1.1", title="A weighted mean", functions=("weighted_mean",), …)

    @l1_1.checks
    def l1_1_checks(rng):
        yield Check("three words by hand", points=1, calls=[call("weighted_mean", x_TD, w_T)])

    @l1_1.right("a plain loop")
    def weighted_mean(x_TD, w_T): …

    @l1_1.wrong("divides-by-T", "You divided by the number of words …")
    def weighted_mean(x_TD, w_T): …

The reference is not written here: it is the solution cell of the lesson.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from autograder.authoring.probes import Between, Matching
from autograder.errors import AuthorError

ChecksFunction = Callable[[np.random.Generator], Iterator["Check"]]
Function = Callable[..., Any]


@dataclass(frozen=True)
class CallOf:
    """One call of one of the exercise's functions. `tolerance` overrides the automatic one.

    A probe is called in the function's place; its first arguments name the functions it needs.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    tolerance: float | None = None
    expect: Between | Matching | None = None
    probe: Function | None = None
    says: str = ""


def call(
    function: str,
    *args: Any,
    tolerance: float | None = None,
    expect: Between | Matching | None = None,
    **kwargs: Any,
) -> CallOf:
    """A call to make: `call("softmax", s, axis=-1)`.

    `expect` takes the place of the reference's answer where more than one is right.
    """
    return CallOf(function, args, kwargs, tolerance, expect)


def probe(
    run: Function,
    *args: Any,
    says: str,
    tolerance: float | None = None,
    expect: Between | Matching | None = None,
    **kwargs: Any,
) -> CallOf:
    """A probe to run (see `probes.py`): `probe(spread, widths, says="The spread over √width")`.

    The first parameters of `run` are named like functions of the exercise, which they get. `says`
    is the beginning of a sentence about what the probe gives.
    """
    return CallOf("", args, kwargs, tolerance, expect, run, says)


@dataclass(frozen=True)
class Check:
    """A named check. It passes if every call gives what the reference gives.

    `says` is read by the one who fails it: what must hold, and why. With
    `judges="inputs untouched"` the calls must also leave their array arguments as they were.
    `part` judges one value only of a function that returns several: 0 is the first.
    """

    name: str
    points: int
    calls: Sequence[CallOf]
    says: str = ""
    judges: Literal["values", "inputs untouched"] = "values"
    part: int | None = None


@dataclass(frozen=True)
class Variant:
    """A way to write one function of an exercise; the others come from the reference."""

    name: str
    function: str
    run: Function
    source: str
    line: int


@dataclass(frozen=True)
class Misconception(Variant):
    """A wrong way, and what a learner who wrote it should read."""

    message: str = ""


@dataclass(frozen=True)
class AllowedMutant:
    """A change of the solution that is no mistake: the line that it makes, or the one it drops.

    Or any change of a line, where no change of it is one.
    """

    after: str
    dropped: str
    line_of_solution: str
    reason: str
    line: int


@dataclass(frozen=True)
class Waiver:
    """A finding of the linter that is meant to be so."""

    rule: str
    about: str
    reason: str
    line: int


@dataclass(eq=False)
class Exercise:
    """One exercise: everything but its reference, which is the lesson's solution cell."""

    id: str
    title: str
    functions: tuple[str, ...]
    difficulty: int
    importance: int
    minutes: int
    hints: tuple[str, ...]
    make_checks: ChecksFunction | None = None
    rights: list[Variant] = field(default_factory=list)
    wrongs: list[Misconception] = field(default_factory=list)
    allowed_mutants: list[AllowedMutant] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    file: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        caller = sys._getframe(2)  # behind the dataclass's own __init__
        self.file, self.line = caller.f_code.co_filename, caller.f_lineno

    def checks(self, generator: ChecksFunction) -> ChecksFunction:
        """Decorator: the generator of the exercise's checks from a seeded random generator."""
        self.make_checks = generator
        return generator

    def right(self, name: str) -> Callable[[Function], Function]:
        """Decorator: a right answer written differently from the reference."""

        def register(function: Function) -> Function:
            source, line = variant_source(function)
            self.rights.append(Variant(name, function.__name__, function, source, line))
            return function

        return register

    def wrong(self, name: str, message: str) -> Callable[[Function], Function]:
        """Decorator: a wrong answer that learners give, and the sentence that names the mistake."""

        def register(function: Function) -> Function:
            source, line = variant_source(function)
            self.wrongs.append(
                Misconception(name, function.__name__, function, source, line, message)
            )
            return function

        return register

    def allow_mutant(
        self, *, after: str = "", dropped: str = "", line: str = "", reason: str
    ) -> None:
        """Let an automatic mutant of the solution pass the checks, because it is no mistake.

        `after` is the changed line as the mutant's diff shows it behind the +; `dropped` is the
        line that the mutant leaves out; `line` allows every change of this line of the solution,
        such as the example numbers of a test that a learner writes. `attn verify` fails if no
        surviving mutant is meant.
        """
        where = sys._getframe(1).f_lineno
        if sum(map(bool, (after, dropped, line))) != 1 or not reason.strip():
            raise AuthorError(
                f"{self.id} allows a mutant: give a reason, and one of after=, dropped=, line=.",
                self.file,
                where,
            )
        self.allowed_mutants.append(AllowedMutant(after, dropped, line, reason, where))

    def waive(self, rule: str, *, about: str, reason: str) -> None:
        """Let a finding of the case linter stand, because it is meant to be so.

        `rule` is the rule's name and `about` a part of the finding, as `attn verify` prints them.
        It fails if there is no such finding.
        """
        line = sys._getframe(1).f_lineno
        if not (about.strip() and reason.strip()):
            raise AuthorError(
                f"{self.id} waives a finding: say what it is about, and why it may stand.",
                self.file,
                line,
            )
        self.waivers.append(Waiver(rule, about, reason, line))

    def draw_checks(self, seed: int, draw: int = 0) -> tuple[Check, ...]:
        """The exercise's checks for one seed: the same seed gives the same numbers everywhere.

        `draw` numbers other draws from the same seed.
        """
        if self.make_checks is None:
            raise AuthorError(f"{self.id} has no checks.", self.file, self.line)
        rng = np.random.default_rng([seed, *self.id.encode(), *[draw][:draw]])
        return tuple(self.make_checks(rng))

    @property
    def points(self) -> int:
        return sum(check.points for check in self.draw_checks(0))


def variant_source(function: Function) -> tuple[str, int]:
    """A function's source without its decorators, as a learner would have written it; its line."""
    lines, first = inspect.getsourcelines(function)
    source = textwrap.dedent("".join(lines))
    node = ast.parse(source).body[0]
    own = source.splitlines()[node.lineno - 1 :]
    return "\n".join(own) + "\n", first + node.lineno - 1
