'''What an author declares: an exercise with named checks, right variants and misconceptions.

    exercise = Exercise("A weighted mean", solve="weighted_mean", difficulty=1, …)

    @exercise.checks
    def checks(rng):
        yield Check("three words by hand", call(x_TD, w_T), says="Each word counts as …")

    @exercise.right
    def a_plain_loop(x_TD, w_T): …

    @exercise.wrong
    def divides_by_T(x_TD, w_T):
        """You divided by the number of words …"""
        return …

    exercise.slip("""not-normalised
        - / w_T.sum()
        You added the weighted words up …""")

The reference is not written here: it is the solution cell of the lesson.
'''

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from autograder.authoring.allowances import AllowedMutant, Waiver
from autograder.authoring.calls import Check
from autograder.authoring.prose import flowing, paragraphs
from autograder.authoring.variants import Misconception, Variant, caller
from autograder.authoring.ways import Ways
from autograder.course import exercise_of_file
from autograder.errors import AuthorError

ChecksFunction = Callable[[np.random.Generator], Iterator[Check]]


class Exercise(Ways):
    """One exercise: everything but its reference, which is the lesson's solution cell."""

    def __init__(
        self,
        title: str,
        *,
        solve: str | tuple[str, ...],
        difficulty: int,
        importance: int,
        minutes: int,
        hints: str,
        id: str = "",
    ) -> None:
        """`solve` is what the learner writes: a function's name, or several.

        `difficulty` and `importance` go from 1 to 5; between hints stands a blank line. `id` is
        told by the file's name: "L5.1" in l5_1_padding_mask.py.
        """
        self.place = caller(1)
        self.title = title
        self.functions = (solve,) if isinstance(solve, str) else solve
        super().__init__(self, self.functions[0] if len(self.functions) == 1 else "")
        self.difficulty, self.importance, self.minutes = difficulty, importance, minutes
        self.hints = paragraphs(hints)
        self.id = id or exercise_of_file(Path(self.place.file))
        if not self.id:
            self.place.fail("an exercise's file is called like l5_1_padding_mask.py, for L5.1.")
        self.make_checks: ChecksFunction | None = None
        self.rights: list[Variant] = []
        self.plains: list[Variant] = []
        self.wrongs: list[Misconception] = []
        self.allowed_mutants: list[AllowedMutant] = []
        self.waivers: list[Waiver] = []
        self.solution_cell: Callable[[], str] = self._no_solution

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def line(self) -> int:
        return self.place.line

    def checks(self, generator: ChecksFunction) -> ChecksFunction:
        """Decorator: the generator of the exercise's checks from a seeded random generator."""
        self.make_checks = generator
        return generator

    def of(self, function: str) -> Ways:
        """Where to declare how one of several functions is written: `exercise.of("g").wrong`."""
        return Ways(self, function)

    def allow_mutant(
        self, *, after: str = "", dropped: str = "", line: str = "", reason: str
    ) -> None:
        """Let an automatic mutant of the solution pass the checks, because it is no mistake.

        `after` is the changed line as the mutant's diff shows it behind the +; `dropped` is the
        line that the mutant leaves out; `line` allows every change of this line of the solution,
        such as the example numbers of a test that a learner writes. `attn verify` fails if no
        surviving mutant is meant.
        """
        place = caller(1)
        if sum(map(bool, (after, dropped, line))) != 1 or not reason.strip():
            place.fail(
                f"{self.id} allows a mutant: give a reason, and one of after=, dropped=, line=."
            )
        self.allowed_mutants.append(
            AllowedMutant(after, dropped, line, flowing(reason), place.line)
        )

    def waive(self, rule: str, *, about: str, reason: str) -> None:
        """Let a finding of the case linter stand, because it is meant to be so.

        `rule` is the rule's name and `about` a part of the finding, as `attn verify` prints them.
        It fails if there is no such finding.
        """
        place = caller(1)
        if not (about.strip() and reason.strip()):
            place.fail(f"{self.id} waives a finding: say what it is about, and why it may stand.")
        self.waivers.append(Waiver(rule, about, flowing(reason), place.line))

    def draw_checks(self, seed: int, draw: int = 0) -> tuple[Check, ...]:
        """The exercise's checks for one seed: the same seed gives the same numbers everywhere.

        `draw` numbers other draws from the same seed.
        """
        if self.make_checks is None:
            self.place.fail(f"{self.id} has no checks.")
        rng = np.random.default_rng([seed, *self.id.encode(), *[draw][:draw]])
        return tuple(map(self._named, self.make_checks(rng)))

    @property
    def points(self) -> int:
        return sum(check.points for check in self.draw_checks(0))

    def _named(self, check: Check) -> Check:
        """The check with the name of the function that each call is of; a probe names its own."""
        calls = [
            replace(call, function=self.functions[0])
            if not call.function and not call.probe and len(self.functions) == 1
            else call
            for call in check.calls
        ]
        for call in calls:
            if not call.probe and call.function not in self.functions:
                what = f"calls {call.function}()" if call.function else "does not say what it calls"
                choices = " or ".join(f"call.{name}(…)" for name in self.functions)
                code = getattr(self.make_checks, "__code__", None)
                line = code.co_firstlineno if code else self.line
                message = f'{self.id} has a check "{check.name}" that {what}: write {choices}.'
                raise AuthorError(message, self.file, line)
        return check.of(calls)

    def _no_solution(self) -> str:
        self.place.fail(f"{self.id} was not loaded from a lesson's folder: no solution is known.")
