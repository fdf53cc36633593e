"""An author's inputs and the reference's answers as the plain data that goes into a spec."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from attnkit.checking import wire

from autograder.authoring.probes import GivenFunction, Seeded
from autograder.authoring.variants import variant_source

DIGITS = 10  # significant digits of released numbers; tolerances are 1e-9 at the tightest


def encode_input(value: Any) -> wire.Plain:
    """An author's input as plain data, with its layout in memory."""
    if isinstance(value, Seeded):
        return {"rng": value.seed}
    if isinstance(value, GivenFunction):
        source, _ = variant_source(value.run)
        given: wire.Plain = {"code": source, "name": value.run.__name__, "says": value.says}
        drawn = {name: encode_input(item) for name, item in value.drawn.items()}
        return {**given, "drawn": drawn} if drawn else given
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [encode_input(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode_input(k), encode_input(v)] for k, v in value.items()]}
    plain = wire.encode(value)
    if isinstance(value, np.ndarray):
        if not value.flags.writeable:
            plain["read_only"] = True
        if not (value.flags.c_contiguous or value.ndim == 0):
            plain["layout"] = "fortran" if value.flags.f_contiguous else "strided"
    return plain


def widen(plain: wire.Plain) -> wire.Plain:
    """The same input in double precision."""

    def wide(leaf: wire.Plain) -> wire.Plain:
        is_narrow = leaf.get("dtype") in ("float16", "float32")
        return {**leaf, "dtype": "float64"} if is_narrow else leaf

    return wire.map_leaves(wide, plain)


def dtypes_of(plain: wire.Plain) -> Iterator[str]:
    """The types of all arrays in an input."""
    return (leaf["dtype"] for leaf in wire.leaves(plain) if "array" in leaf)


def shorten(plain: wire.Plain) -> wire.Plain:
    """The same value with floats cut to `DIGITS` significant digits."""
    return wire.map_leaves(_shorten_leaf, plain)


def _shorten_leaf(plain: wire.Plain) -> wire.Plain:
    if "array" in plain and plain["dtype"].startswith("float"):
        return {**plain, "array": [_shorten_number(v) for v in plain["array"]]}
    if plain.get("type") == "float":
        return {**plain, "scalar": _shorten_number(plain["scalar"])}
    return plain


def _shorten_number(value: Any) -> Any:
    return value if isinstance(value, str) else float(f"{value:.{DIGITS}g}")


def largest(plain: wire.Plain) -> float:
    """The largest size of a number in an answer."""
    numbers: list[Any] = []
    for leaf in wire.leaves(plain):
        numbers += leaf.get("array", ())
        numbers += [leaf["scalar"]] if leaf.get("type") in ("float", "int") else []
    sizes = (abs(float(number)) for number in numbers)
    return max((size for size in sizes if math.isfinite(size)), default=0.0)
