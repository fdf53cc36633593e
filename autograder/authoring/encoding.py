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
    if plain.get("dtype") in ("float16", "float32"):
        return {**plain, "dtype": "float64"}
    for kind in ("tuple", "list"):
        if kind in plain:
            return {kind: [widen(item) for item in plain[kind]]}
    if "dict" in plain:
        return {"dict": [[key, widen(value)] for key, value in plain["dict"]]}
    return plain


def dtypes_of(plain: wire.Plain) -> Iterator[str]:
    """The types of all arrays in an input."""
    if "array" in plain:
        yield plain["dtype"]
    for item in (*plain.get("tuple", ()), *plain.get("list", ())):
        yield from dtypes_of(item)
    for _, value in plain.get("dict", ()):
        yield from dtypes_of(value)


def shorten(plain: wire.Plain) -> wire.Plain:
    """The same value with floats cut to `DIGITS` significant digits."""
    if "array" in plain and plain["dtype"].startswith("float"):
        return {**plain, "array": [_shorten_number(v) for v in plain["array"]]}
    if plain.get("type") == "float":
        return {**plain, "scalar": _shorten_number(plain["scalar"])}
    for kind in ("tuple", "list"):
        if kind in plain:
            return {kind: [shorten(item) for item in plain[kind]]}
    if "dict" in plain:
        return {"dict": [[key, shorten(value)] for key, value in plain["dict"]]}
    return plain


def _shorten_number(value: Any) -> Any:
    return value if isinstance(value, str) else float(f"{value:.{DIGITS}g}")


def largest(plain: wire.Plain) -> float:
    """The largest size of a number in an answer."""
    if "array" in plain:
        sizes = (abs(float(v)) for v in plain["array"])
        return max((size for size in sizes if math.isfinite(size)), default=0.0)
    if plain.get("type") in ("float", "int"):
        size = abs(float(plain["scalar"]))
        return size if math.isfinite(size) else 0.0
    items = plain.get("tuple") or plain.get("list") or [v for _, v in plain.get("dict", [])]
    return max((largest(item) for item in items), default=0.0)
