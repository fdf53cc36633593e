"""How calls and their values read in a sentence for a learner."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from attnkit.checking.spec import CallSpec
from attnkit.checking.wire import Plain, decode, leaves

Path = tuple[int | str, ...]  # places in tuples, keys of dicts
FEW = 12  # inputs with at most this many numbers are shown in full


def behaves_like(name: str, mistake: str) -> str:
    """What is said of a function that gives what a known mistake gives.

    Its code may do something else that comes to the same: so nothing is said of what it does.
    """
    if mistake.startswith("You "):
        return f"`{name}` behaves as if you {mistake.removeprefix('You ')}"
    return f"`{name}` behaves like an answer with this mistake: {mistake}"


def subject_of(call: CallSpec) -> str:
    """The beginning of a sentence about an answer: "`f` returned", "The accuracy is".

    What a probe asks may be a question: "Whether it was refused:", and the answer follows.
    """
    if call.probe is None:
        return f"`{call.function}` returned"
    if not is_question(call.probe.says):
        return f"{call.probe.says} is"
    return f"{call.probe.says.rstrip(',:')}:"


def is_question(says: str) -> bool:
    """Whether what a probe asks is a question or several things: behind it no "is" can follow."""
    first, _, rest = says.partition(" ")
    what = rest.partition(" ")[0]
    return first != "The" or (what.endswith("s") and not what.endswith(("'s", "ss")))


def subject_of_part(place: str, subject: str) -> str:
    """The beginning of a sentence about a part: "`f` returned" -> "The first value of `f` is"."""
    question, colon, owner = subject.rpartition(":")
    owner = owner.removesuffix(" returned").removesuffix(" is").strip()
    if owner.startswith("The "):
        owner = "the " + owner.removeprefix("The ")
    if colon:
        place = f"{question}: {place[0].lower()}{place[1:]}"
    return f"{place} of {owner} is" if owner else f"{place} is"


def yes_or_no(subject: str, word: str) -> str:
    """True and False as the answer to a question."""
    asked = subject.startswith("Whether") and subject.endswith(":")
    return {"True": "yes", "False": "no"}.get(word, word) if asked else word


# What computes with other arrays than NumPy's: how it is called, and what makes an array of it.
_FOREIGN = (
    ("KerasTensor", "a Keras tensor that stands for numbers to come and holds none", ""),
    ("tensorflow.", "a TensorFlow tensor", "keras.ops.convert_to_numpy(…)"),
    ("keras.", "a Keras object", "keras.ops.convert_to_numpy(…)"),
    ("torch.", "a PyTorch tensor", "keras.ops.convert_to_numpy(…)"),
    ("jax", "a JAX array", "np.asarray(…)"),
    ("numpy.matrix", "a NumPy matrix", "np.asarray(…)"),
    ("numpy.ma.", "a masked NumPy array", "….filled(0)"),
    ("pandas.", "a pandas object", "….to_numpy()"),
)


def foreign(plain: Plain) -> tuple[str, str] | None:
    """How an array of another library is called, and what makes a NumPy array of it."""
    kind = str(plain.get("other", ""))
    for mark, words, tip in _FOREIGN:
        if kind.startswith(mark) or (mark == "KerasTensor" and kind.endswith(mark)):
            return words, tip
    return None


def kind_of(plain: Plain) -> str:
    """What a value is: "an array of shape (5, 6)", "a number (0.5)"."""
    if "array" in plain:
        return f"an array of shape {tuple(plain['shape'])}"
    if "scalar" in plain:
        if plain["scalar"] is None:
            return "None"
        article = {"int": "an integer", "float": "a number", "bool": "a truth value"}
        return f"{article.get(plain['type'], 'a string')} ({plain['scalar']!r:.40})"
    for kind in ("tuple", "list", "dict"):
        if kind in plain:
            return f"a {kind} of {len(plain[kind])}"
    if "code" in plain:
        return str(plain.get("says", "a function"))
    if "rng" in plain:
        return "a random generator"
    known = foreign(plain)
    return known[0] if known else f"an object of type {plain['other']}"


def position(wrong: Any) -> tuple[int, ...]:
    """The first place in an array of bools that is True."""
    return tuple(int(i) for i in np.argwhere(wrong)[0])


def at(where: Sequence[int]) -> str:
    """A place in an array: " at [1, 3]"; nothing for a single number."""
    return f" at [{', '.join(str(int(i)) for i in where)}]" if len(where) else ""


def show_number(number: Any) -> str:
    """A number of five digits at most, or True and False."""
    if isinstance(number, (bool, np.bool_)):
        return str(bool(number))
    value = float(number)
    return f"{value:.5g}" if math.isfinite(value) else str(value)


def show_both(number: Any, other: Any) -> tuple[str, str]:
    """Two numbers that differ, with as many digits as it takes to see that."""
    shown = show_number(number), show_number(other)
    for digits in range(6, 18):
        if shown[0] != shown[1]:
            break
        shown = f"{float(number):.{digits}g}", f"{float(other):.{digits}g}"
    return shown


def show_call(call: CallSpec, parameters: Sequence[str]) -> str:
    """A call with its inputs in full if they are few, else with their shapes."""
    few = sum(count_numbers(arg) for arg in (*call.args, *call.kwargs.values())) <= FEW
    names = [*parameters[: len(call.args)], *call.kwargs]
    values = [*call.args, *call.kwargs.values()]
    shown = [
        f"{name} = {literal(v)}" if few else f"{name}: {kind_of(v).removeprefix('an array of ')}"
        for name, v in zip(names, values, strict=True)
    ]
    if call.probe:
        return f"`{', '.join(call.functions)}` with {'; '.join(shown)}" if shown else call.function
    return f"`{call.function}({', '.join(shown)})`"


def count_numbers(plain: Plain) -> int:
    """How many numbers an input holds."""
    return sum(len(leaf["array"]) if "array" in leaf else 1 for leaf in leaves(plain))


def literal(plain: Plain) -> str:
    """A value in full, on one line."""
    if "code" in plain or "rng" in plain:
        return kind_of(plain)
    for kind, brackets in (("tuple", "()"), ("list", "[]")):
        if kind in plain:
            return brackets[0] + ", ".join(map(literal, plain[kind])) + brackets[1]
    if "dict" in plain:
        inside = (f"{decode(key)!r}: {literal(value)}" for key, value in plain["dict"])
        return "{" + ", ".join(inside) + "}"
    if "array" not in plain:
        return repr(decode(plain))
    return _numbers(np.asarray(decode(plain)))


def _numbers(array: Any) -> str:
    return " ".join(np.array2string(array, separator=", ", precision=4).split())


def show_rows(
    call: CallSpec, parameters: Sequence[str], where: Sequence[int], shape: Sequence[int]
) -> str:
    """The row of each input at the place of a wrong number: "; there, s[1] = …, mask[1] = …".

    Inputs count that have the answer's axes but for the last: scores and masks of (B, S), say.
    """
    if len(where) < 2:
        return ""
    shown = []
    for name, plain in zip(parameters, call.args, strict=False):
        own = tuple(plain.get("shape", ()))
        if len(own) != len(where) or not 1 < own[-1] <= FEW:
            continue
        if any(n not in (1, m) for n, m in zip(own[:-1], shape[:-1], strict=True)):
            continue
        index = tuple(0 if n == 1 else i for n, i in zip(own[:-1], where[:-1], strict=True))
        place = at(index).removeprefix(" at ")
        shown.append(f"`{name}{place} = {_numbers(np.asarray(decode(plain))[index])}`")
    return "; there, " + " and ".join(shown) if shown else ""


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def ordinal(place: int) -> str:
    """The place of one of several values: 0 is "first"."""
    return _ORDINALS[place] if place < len(_ORDINALS) else f"{place + 1}th"


def listed(names: Collection[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    *most, last = sorted(names)
    return f"{', '.join(most)} and {last}" if most else last


def part_says(call: CallSpec, path: Path) -> str:
    """The beginning of a sentence about a part of an answer: "The second value of `f`"."""
    owner = f"`{call.function}`"
    if call.probe:
        owner = call.probe.says.rstrip(",:")
        if is_question(owner):  # what follows is the answer
            return f"{owner}: {part_of('', path) or 'what comes out'}"
        owner = owner.replace("The ", "the ", 1)
    elif not path:
        return f"What {owner} returns"
    said = part_of(owner, path) or owner
    return f"{said[0].upper()}{said[1:]}"


def part_of(owner: str, path: Path) -> str:
    """A part by its places: "the entry 'p' of the first value of `f`"; "" if it is all."""
    said = ""
    for place in reversed(path):
        named = f"the {ordinal(place)} value" if isinstance(place, int) else f"the entry {place!r}"
        said = f"{said} of {named}" if said else named
    return f"{said} of {owner}" if said and owner else said
