"""What a learner's test of other functions gets wrong, over all the functions it was tried on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attnkit.checking.related import Relation
from attnkit.checking.spec import CallSpec, ExerciseSpec
from attnkit.checking.wire import Answer

SHOWN = 2  # of the functions that a test is wrong about


def find_verdicts(
    spec: ExerciseSpec, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """What a test of other functions gets wrong: always the same, the opposite, one kind only."""
    name = spec.calls[min(calls)].function
    asked = [
        (call, answer)
        for call, answer in zip(spec.calls, answers, strict=False)
        if call.function == name and not call.probe
    ]
    if any(call.expected.get("type") != "bool" for call, _ in asked):
        return None
    given = [_truth(answer) for _, answer in asked]
    right = [bool(call.expected["scalar"]) for call, _ in asked]
    if len(set(right)) < 2:
        return None
    if None in given:
        return _stopped(name, asked, given, right)
    wrong = [i for i, (g, r) in enumerate(zip(given, right, strict=True)) if g != r]
    if len(wrong) == len(given):
        says = "says the opposite every time: True where False is right, and False for True"
    elif len(set(given)) == 1:
        says = f"says {given[0]} every time, in all {len(given)} calls"
    elif len({right[i] for i in wrong}) == 1:
        said = given[wrong[0]]
        total = right.count(right[wrong[0]])
        says = (
            f"errs one way only: it says {said} in {len(wrong)} of the {total} calls where "
            f"{not said} is right, and never {not said} where {said} is"
        )
        shown = [says_of for i in wrong if (says_of := _said_of(asked[i][0]))]
        if shown:
            more = f", and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
            says += f" (about {'; '.join(shown[:SHOWN])}{more})"
    else:
        both = []
        for said in (True, False):
            about = [text for i in wrong if given[i] is said and (text := _said_of(asked[i][0]))]
            n = sum(given[i] is said for i in wrong)
            example = f", for one about {about[0]}" if about else ""
            both.append(
                f"{said} in {n} of {right.count(not said)} calls where {not said} is right{example}"
            )
        says = f"errs both ways: it says {both[0]}; and {both[1]}"
    return Relation("verdicts", f"`{name}` {says}.", says)


def _stopped(
    name: str,
    asked: Sequence[tuple[CallSpec, Answer]],
    given: Sequence[bool | None],
    right: Sequence[bool],
) -> Relation | None:
    """A test that stops with an error, or returns nothing, where True or False is to be said."""
    stopped = [i for i, (_, answer) in enumerate(asked) if "raised" in answer]
    nothing = [i for i, said in enumerate(given) if said is None and i not in stopped]
    if len(stopped) + len(nothing) == len(asked) or not all(
        "value" in asked[i][1] for i in nothing
    ):
        return None
    clauses = [f"stops with an error in {len(stopped)} of {len(asked)} calls"] if stopped else []
    if nothing:
        clauses.append(f"says neither True nor False in {len(nothing)} of {len(asked)} calls")
    for said in (True, False):
        n = sum(g is said and r is not said for g, r in zip(given, right, strict=True))
        clauses += [f"says {said} in {n} where {not said} is right"] if n else []
    says = f"{', '.join(clauses[:-1])} and {clauses[-1]}" if len(clauses) > 1 else clauses[0]
    left = {right[i] for i in (*stopped, *nothing)}
    wanted = f": {left.pop()} is right there" if len(left) == 1 and len(clauses) == 1 else ""
    return Relation("verdicts", f"`{name}` {says}{wanted}.", says)


def _truth(answer: Answer) -> bool | None:
    value = answer.get("value", {})
    if value.get("type") == "bool":
        return bool(value["scalar"])
    if value.get("dtype") == "bool" and value.get("shape") == []:
        return bool(value["array"][0])
    return None


def _said_of(call: CallSpec) -> str:
    return next((str(arg["says"]) for arg in call.args if "says" in arg), "")
