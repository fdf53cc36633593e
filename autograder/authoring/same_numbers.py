"""Which differences between two released files are only another processor's rounding.

Processors differ in the last bit of a sum or an exponential, and cutting to ten digits only makes
it rare that one shows. A file that another processor made stands as it is.
"""

from __future__ import annotations

import json
from typing import Any

from attnkit.checking.shared_arrays import restore_arrays

NUMBERS_AGREE = 1e-7  # relative
WRONG_AGREE = 1e-2  # in what a wrong answer gives: it may well subtract what is nearly equal


def same_numbers(old: str, new: str, *, lenient: bool = False) -> bool:
    """Whether two released files say the same up to the last digits of their numbers.

    lenient: what a wrong answer gives may hang on the last digits whole, for a tenth of its calls:
    on which of two equal eigenvectors comes first, or on the end of a training.
    """
    try:
        return _agree(_whole(json.loads(old)), _whole(json.loads(new)), NUMBERS_AGREE, lenient)
    except ValueError:
        return False


def _whole(data: Any) -> Any:
    """A released file with every array where it belongs: which are alike may differ, too."""
    if isinstance(data, dict) and "exercises" in data:
        exercises = [
            {**restore_arrays(each, each["arrays"]), "arrays": []} if "arrays" in each else each
            for each in data["exercises"]
        ]
        return {**data, "exercises": exercises}
    return data


def _agree(a: Any, b: Any, within: float, lenient: bool) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= within * max(1.0, abs(a), abs(b))
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(
            _wrong_agree(a[key], b[key], lenient)
            if key == "misconceptions"
            else _agree(a[key], b[key], within, lenient)
            for key in a
        )
    if isinstance(a, list):
        return len(a) == len(b) and all(
            _agree(x, y, within, lenient) for x, y in zip(a, b, strict=True)
        )
    return bool(a == b)


def _wrong_agree(a: Any, b: Any, lenient: bool) -> bool:
    """What is released of misconceptions: all but a few of each one's answers agree roughly."""
    if not (lenient and isinstance(a, list) and isinstance(b, list) and len(a) == len(b)):
        return _agree(a, b, WRONG_AGREE, lenient)
    for one, other in zip(a, b, strict=True):
        answers, others = one.pop("answers"), other.pop("answers")
        if len(answers) != len(others) or not _agree(one, other, WRONG_AGREE, lenient):
            return False
        pairs = list(zip(answers, others, strict=True))
        differ = sum(not _agree(x, y, WRONG_AGREE, lenient) for x, y in pairs)
        if differ > max(1, len(pairs) // 10):
            return False
    return True
