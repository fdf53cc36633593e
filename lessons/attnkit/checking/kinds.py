"""Relations of answers of any kind: several values, lists, dicts, errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from attnkit.checking.compare import compare_values
from attnkit.checking.evidence import axis_letters, decoded_inputs
from attnkit.checking.related import Relation
from attnkit.checking.spec import CallSpec, ExerciseSpec
from attnkit.checking.wire import Answer, Plain, decode, parts
from attnkit.checking.wording import listed, ordinal, part_says

FEW_VALUES = 8  # returned at once: of more, none is looked for
MANY = 1000  # entries: of more, nothing is said
Find = Callable[[CallSpec, Plain], str | None]


def find_kind(
    spec: ExerciseSpec, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """A relation that is the same in every failing call, of answers of any kind."""
    first = spec.calls[min(calls)]
    if all("raised" in answers[i] for i in calls):
        says = _sizes_that_clash(spec, answers, calls)
        return Relation("clash", says, says) if says else None
    if not all("value" in answers[i] for i in calls):
        return None
    for find in (_in_another_box, _one_of_several, _several_for_one, _swapped, _by_keys, _by_items):
        said = {find(spec.calls[i], answers[i]["value"]) for i in calls}
        if len(said) == 1 and (says := said.pop()):
            return Relation("kind", f"{part_says(first, ())} {says}.", says)
    return None


def _same(call: CallSpec, right: Plain, got: Plain) -> bool:
    return compare_values(right, got, 10 * call.tolerance, "") is None


def _in_another_box(call: CallSpec, got: Plain) -> str | None:
    """The right numbers in a list where an array is asked for, or as 0 and 1, or as text."""
    right = call.expected
    if "array" not in right or "array" in got:
        return None
    made = _array_of(got)
    if made is None:
        return None
    if right["dtype"] == "bool":
        made = {**made, "array": [bool(v) for v in made["array"]], "dtype": "bool"}
    if _same(call, right, made):
        kind = "a list" if "list" in got else "a tuple" if "tuple" in got else "a plain number"
        return f"holds the right numbers, but in {kind}: an array is asked for"
    return None


def _array_of(got: Plain) -> Plain | None:
    """A list of numbers, or of lists of numbers, as an array."""
    try:
        array = np.asarray(decode(got))
    except (ValueError, TypeError, OverflowError):
        return None
    if array.dtype.kind not in "biuf":
        return None
    return {"array": array.ravel().tolist(), "dtype": str(array.dtype), "shape": list(array.shape)}


def _one_of_several(call: CallSpec, got: Plain) -> str | None:
    """One value alone where several are asked for."""
    values = call.expected.get("tuple", ())
    for i, value in enumerate(values):
        if "tuple" not in got and _same(call, value, got):
            return f"is right as the {ordinal(i)} value, but {len(values)} values are asked for"
    return None


def _several_for_one(call: CallSpec, got: Plain) -> str | None:
    """Several values where one of them alone is asked for."""
    if "tuple" in call.expected or not 0 < len(got.get("tuple", ())) <= FEW_VALUES:
        return None
    for i, value in enumerate(got["tuple"]):
        if _same(call, call.expected, value):
            return (
                f"is {len(got['tuple'])} values, of which the {ordinal(i)} is right: it alone is "
                "asked for"
            )
    return None


def _swapped(call: CallSpec, got: Plain) -> str | None:
    """All the right values in another order."""
    right, given = parts(call.expected), parts(got)
    if "tuple" not in call.expected or "dict" in got:
        return None
    if not 2 <= len(right) == len(given):
        return None
    places = []
    for value in given:
        fits = [i for i, r in enumerate(right) if i not in places and _same(call, r, value)]
        if not fits:
            return None
        places.append(fits[0])
    if places == sorted(places):
        return None
    first, *rest = (ordinal(i) for i in places)
    then = "".join(f", then the {place}" for place in rest)
    return f"holds the right values in another order: the {first} of them comes first{then}"


def _by_keys(call: CallSpec, got: Plain) -> str | None:
    """A dict whose entries are right, as far as it has them."""
    if "dict" not in call.expected or "dict" not in got or len(got["dict"]) > MANY:
        return None
    right = {repr(key): (key, value) for key, value in call.expected["dict"]}
    given = {repr(key): (key, value) for key, value in got["dict"]}
    both = right.keys() & given.keys()
    if right.keys() == given.keys():
        return None
    alike = all(_same(call, right[key][1], given[key][1]) for key in both)
    if not alike or not both:
        return None
    if both == right.keys():
        return "is right in all its entries, but has more of them than are asked for"
    if both == given.keys():
        return "is right in the entries that it has, but lacks others"
    return "is right in the entries that are asked for, but has some others, and lacks some"


def _by_items(call: CallSpec, got: Plain) -> str | None:
    """Text or a list: the right one with something before or behind it, or in another order."""
    right = call.expected
    if right.get("type") == "str" and got.get("type") == "str":
        wanted, given = right["scalar"], got["scalar"]
        if wanted.strip() == given.strip():
            return "is right but for spaces around it"
        if wanted and given.startswith(wanted):
            return "begins with the right text and goes on behind it"
        if given and wanted.startswith(given):
            return "stops before the right text ends"
        if sorted(wanted.split()) == sorted(given.split()):
            return "has the right words in another order"
        if wanted.lower() == given.lower():
            return "is right but for capital letters"
        if len(wanted.split()) == len(given.split()):
            return "has as many words as the right text, but not the same ones"
        return None
    if "list" in right and len(got.get("list", ())) in range(1, MANY):
        wanted, given = list(map(repr, right["list"])), list(map(repr, got["list"]))
        if wanted != given and sorted(wanted) == sorted(given):
            return "holds the right values in another order"
        if wanted == given[: len(wanted)]:
            return "begins with the right values and has more behind them"
        if given and given == wanted[: len(given)]:
            return "stops before all the right values are there"
    return None


def _sizes_that_clash(
    spec: ExerciseSpec, answers: Sequence[Answer], calls: Collection[int]
) -> str | None:
    """Which arrays didn't fit together, by the letters of their axes: (5, 6) is (T, D)."""
    named: list[str] = []
    texts: set[str] = set()
    for i in calls:
        call, text = spec.calls[i], str(answers[i].get("text", ""))
        if call.probe:  # it may have called the function with sizes of its own
            return None
        shapes = re.findall(r"\((\d+(?:, ?\d+)*),?\)", text)[:2]
        if len(shapes) < 2 or "shape" not in text:
            sizes = re.search(r"size (\d+) is different from (\d+)", text)
            shapes = [sizes[2], sizes[1]] if sizes else []
        letters = _letters(decoded_inputs(call, spec.parameters(call)))
        said = [_by_letters(shape, letters) for shape in shapes]
        if len(said) == 2 and all(said):
            named.append(" and ".join(said))
            texts.add(text)
    if len(texts) < 2 or len(set(named)) > 1:  # one size may be another one by accident
        return None
    stopped = spec.calls[min(calls)].function
    return (
        f"`{stopped}` stopped where two arrays meet that don't fit together: by the sizes of its "
        f"inputs, {named[0]}."
    )


def _letters(inputs: dict[str, Any]) -> dict[int, str]:
    """For each size the axis that has it, if there is only one such axis."""
    found: dict[int, set[str]] = {}
    for name, x in inputs.items():
        if isinstance(x, np.ndarray):
            for letter, n in zip(axis_letters(name, x.ndim), x.shape, strict=False):
                found.setdefault(n, set()).add(letter)
    return {n: next(iter(letters)) for n, letters in found.items() if len(letters) == 1}


def _by_letters(shape: str, letters: dict[int, str]) -> str:
    sizes = [int(n) for n in shape.split(",")]
    if not all(n in letters for n in sizes):
        return ""
    said = ", ".join(letters[n] for n in sizes) + ("," if len(sizes) == 1 else "")
    return f"({said})"


def find_right_parts(
    spec: ExerciseSpec, answers: Sequence[Answer], calls: Collection[int]
) -> Relation | None:
    """Which of several values are right in every failing call, and which are wrong in every one."""
    right: set[str] | None = None
    wrong: set[str] | None = None
    for i in calls:
        call, answer = spec.calls[i], answers[i]
        values, given = parts(call.expected), parts(answer.get("value", {}))
        if len(values) < 2 or len(values) != len(given):
            return None
        if "dict" in call.expected:
            names = [f"{decode(key)!r}" for key, _ in call.expected["dict"]]
            if [repr(k) for k, _ in call.expected["dict"]] != [
                repr(k) for k, _ in answer["value"].get("dict", ())
            ]:
                return None
        else:
            names = [f"the {ordinal(i)} value" for i in range(len(values))]
        same = {n for n, v, g in zip(names, values, given, strict=True) if _same(call, v, g)}
        right = same if right is None else right & same
        wrong = set(names) - same if wrong is None else wrong & (set(names) - same)
    if not right or not wrong:
        return None
    first = spec.calls[min(calls)]
    verb, other = ("is" if len(right) == 1 else "are"), ("is" if len(wrong) == 1 else "are")
    says = f"{listed(right)} {verb} right and only {listed(wrong)} {other} wrong"
    head = (
        f"{first.probe.says.rstrip(',:')}:"
        if first.probe
        else f"Of what `{first.function}` returns,"
    )
    return Relation("parts", f"{head} {says}, in every call that fails.", says)
