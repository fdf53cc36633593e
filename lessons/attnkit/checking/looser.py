"""Looser relations: truth turned round, nearly right, at least in the right order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnkit.checking.evidence import Array, Case, Part
from attnkit.checking.related import Guess, Relation, guessed
from attnkit.checking.wording import show_number

MANY = 8  # unlike numbers that stand in the same order by no accident


def find_truth(part: Part) -> Relation | None:
    """What is wrong with True and False: the opposite, always the same, one kind of mistake."""
    if not all(case.truth and case.same_shape and case.right.size > 1 for case in part.cases):
        return None
    asked = np.concatenate([case.right.ravel() for case in part.cases])
    if asked.size < 2 or np.unique(asked).size < 2:
        return None
    return guessed("truth", part, _opposite) or _one_sided(part)


def _opposite(case: Case) -> Iterator[Guess]:
    yield (
        "says the opposite throughout: True where False is right, and False for True",
        (1 - case.right),
    )
    yield "is True everywhere", np.ones(case.right.shape)
    yield "is False everywhere", np.zeros(case.right.shape)


def _one_sided(part: Part) -> Relation | None:
    wrong = np.concatenate([case.right[case.wrong] for case in part.cases])
    if np.unique(wrong).size != 1:
        return None
    right = bool(wrong[0])
    total = sum(int((case.right == right).sum()) for case in part.cases)
    says = (
        f"errs one way only: {not right} in {wrong.size} of {total} places where {right} is right, "
        f"and never {right} for {not right}"
    )
    return Relation("truth", f"{part.says} {says}.", says)


def find_order(part: Part) -> Relation | None:
    """Numbers that are nearly right, or at least in the right order."""
    if not all(case.same_shape and np.isfinite(case.got).all() for case in part.cases):
        return None
    if any(case.truth or case.rough for case in part.cases):
        return None
    if not all(np.isfinite(case.right).all() for case in part.cases):
        return None
    right = np.concatenate([case.right.ravel() for case in part.cases])
    got = np.concatenate([case.got.ravel() for case in part.cases])
    if part.different_numbers < MANY:
        return None
    error = max(
        float(np.abs(case.got - case.right).max() / max(np.abs(case.right).max(), 1e-300))
        for case in part.cases
    )
    if error < 0.01 and (right % 1).any():
        says = (
            f"is nearly right: no number is further off than {show_number(100 * error)} % of the "
            "largest one"
        )
        return Relation("near", f"{part.says} {says}.", says)
    if _rises_with(right, got):
        says = (
            "rises and falls with the right answer, number by number, but not in proportion to it"
        )
        return Relation("order", f"{part.says} {says}.", says)
    if all(_rises_with(case.right.ravel(), case.got.ravel()) for case in part.cases):
        says = "has its numbers in the right order of size, but not in proportion"
        return Relation("order", f"{part.says} {says}.", says)
    return None


def _rises_with(right: Array, got: Array) -> bool:
    """Whether a larger right number always goes with a larger one here."""
    order = np.argsort(right, kind="stable")
    x, y = right[order], got[order]
    steps = np.diff(x) > 1e-9
    return bool((np.diff(y)[steps] > 0).all() and steps.sum() >= MANY - 1)
