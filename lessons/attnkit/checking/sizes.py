"""What is made of the sizes and single numbers that went into a call: √D, `lr`, N − 1, 2·D·H."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

from attnkit.checking.evidence import Case

_FORMS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("{}", lambda n: n),
    ("√{}", math.sqrt),
    ("{}²", lambda n: n * n),
    ("({} − 1)", lambda n: n - 1),
    ("({} + 1)", lambda n: n + 1),
    ("(1 − {})", lambda n: 1 - n),
    ("2{}", lambda n: 2 * n),
)


def of_sizes(case: Case) -> Iterator[tuple[str, float]]:
    """Each of these by what it is called, but for 0 and 1, which change nothing."""
    for name, n in case.sizes.items():
        for form, power in _FORMS:
            if n > 0 or form == "{}":
                value = power(n)
                if value not in (0, 1) and math.isfinite(value):
                    yield form.format(name), value
        if n > 1:
            yield f"{name} / ({name} − 1)", n / (n - 1)
    letters = [(name, n) for name, n in case.sizes.items() if len(name) == 1 and n > 1]
    for one, n in letters:
        for other, m in letters:
            if n != m:
                yield f"√({one}/{other})", math.sqrt(n / m)
                if one < other:
                    yield f"{one}·{other}", n * m


def products(case: Case) -> Iterator[tuple[str, float]]:
    """Products of up to three whole sizes, a few times: what a count may be off by."""
    whole = {name: n for name, n in case.sizes.items() if n.is_integer() and "the " not in name}
    if len(whole) > 4:
        return
    for many in (1, 2, 3):
        for names in itertools.combinations_with_replacement(whole, many):
            value = math.prod(whole[name] for name in names)
            for times in (1, 2, 3, 4):
                said = " · ".join(([str(times)] if times > 1 else []) + list(names))
                yield said, times * value
