"""Ways to write a function of an exercise: right ones, wrong ones, and slips."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, overload

from autograder.authoring.calls import Function
from autograder.authoring.prose import flowing
from autograder.authoring.slips import read_slip
from autograder.authoring.variants import (
    Misconception,
    Place,
    Variant,
    caller,
    learners_source,
    slipped,
    variant_source,
)

if TYPE_CHECKING:
    from autograder.authoring.exercise import Exercise


class Ways:
    """Where the ways to write one function are declared; an exercise itself, if it has but one."""

    def __init__(self, exercise: Exercise, function: str) -> None:
        self.owner = exercise
        self._function = function  # "" if it can't be known which

    @overload
    def right(self, name: Function) -> Variant: ...
    @overload
    def right(self, name: str) -> Callable[[Function], Variant]: ...
    def right(self, name: Function | str) -> Variant | Callable[[Function], Variant]:
        """Decorator: a right answer written differently from the reference.

        Its name is that of the decorated function, with spaces, if no other is given.
        """

        def register(function: Function, title: str = "") -> Variant:
            variant = self._written(title or function.__name__.replace("_", " "), function)
            self.owner.rights.append(variant)
            return variant

        if isinstance(name, str):
            return lambda function: register(function, name)
        return register(name)

    def plain(self, function: Function) -> Variant:
        """Decorator: a right answer as learners write it, for slips to start from.

        It is no variant of its own: what is wrong with its slips should be nothing but the slip,
        so it must pass, and is not shown if it does.
        """
        variant = self._written(function.__name__.replace("_", " "), function)
        self.owner.plains.append(variant)
        return variant

    def wrong(self, function: Function) -> Misconception:
        """Decorator: a wrong answer that learners give.

        The docstring is the sentence that they read. The decorated function's name is the
        misconception's id: "divides-by-T" for `divides_by_T`, and "float" for `float_`.
        """
        made = self._written(function.__name__.rstrip("_").replace("_", "-"), function)
        return self._add_wrong(made.name, made.place, made.write, function.__doc__ or "")

    def slip(self, text: str) -> Misconception:
        """A wrong answer that is the solution but for a line or two.

        The text has its id, a diff, and the sentence, each on lines of its own:

            exercise.slip(\"\"\"divides-by-T
                - w_T.sum()
                + len(w_T)
                You divided by the number of words T. …\"\"\")

        What goes is a line, a part of one, or several lines, and must stand in the solution
        exactly once; where nothing comes for it, it is left out.
        """
        place = caller(1)
        self._check_function(place)
        return self.add_slip(text, lambda: self._solution(place), place)

    def _written(self, name: str, function: Function) -> Variant:
        """A variant that is written out."""
        source, line = variant_source(function)
        place = Place(function.__code__.co_filename, line)
        self._check_function(place)
        try:
            own = learners_source(source, function.__name__, self._function)
        except ValueError:
            place.fail(f"{self._id} has a variant {function.__name__}() without any code.")
        return Variant(self, name, self._function, place, lambda: own)

    def add_slip(self, text: str, base: Callable[[], str], place: Place) -> Misconception:
        """A misconception: the source that `base` gives, with what a slip's text changes in it."""
        try:
            slip = read_slip(text)
        except ValueError as error:
            place.fail(f"a slip of {self._id} can't be read: {error}.")
        return self._add_wrong(slip.name, place, slipped(base, slip.changes, place), slip.message)

    def _add_wrong(
        self, name: str, place: Place, write: Callable[[], str], message: str
    ) -> Misconception:
        if not flowing(message):
            place.fail(f'{self._id}: what does a learner read who made the mistake "{name}"?')
        made = Misconception(self, name, self._function, place, write, flowing(message))
        self.owner.wrongs.append(made)
        return made

    @property
    def _id(self) -> str:
        return self.owner.id

    def _check_function(self, place: Place) -> None:
        if self._function not in self.owner.functions:
            choices = " or ".join(f'exercise.of("{name}")' for name in self.owner.functions)
            place.fail(f"{self._id} has a variant of which function? Write {choices} for it.")

    def _solution(self, place: Place) -> str:
        """What the solution cell has for the function."""
        try:
            return learners_source(self.owner.solution_cell(), self._function, self._function)
        except KeyError:
            place.fail(f"the solution cell of {self._id} has no function {self._function}().")
