"""Plain data between a judge and a learner's functions: encode, decode, call.

Nothing but JSON crosses the line: numbers, strings, and arrays as dtype, shape and values; never
pickle. The notebook's ``check`` imports this module; the judge sends its *source text* into the
box where a submission runs, so it imports the standard library and NumPy only and stands alone.

A plain value is one of
    {"array": [flat values], "dtype": "float64", "shape": [5, 6]}   ("layout", "read_only" optional)
    {"scalar": 1.5, "type": "float"}    int, float, bool, str, NoneType
    {"tuple": [plain, …]}   {"list": [plain, …]}   {"dict": [[plain, plain], …]}
    {"other": "module.Class"}           anything else: named, not looked into
Values that JSON has no number for are the strings "nan", "inf" and "-inf".

A call is {"function": name, "args": [plain, …], "kwargs": {name: plain}}; its answer is one of
    {"value": plain, "changed": [indexes of arguments that the function modified]}
    {"raised": "ValueError", "text": "…", "line": 3, "code": "return x @ w"}
    {"stub": true}      the function still raises NotImplementedError
    {"missing": true}   no such function
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Plain = dict[str, Any]
Call = Mapping[str, Any]
Answer = dict[str, Any]

MAX_VALUES = 100_000  # array elements in one answer; more is named, not sent
MAX_TEXT = 300  # characters of an exception's text
MAX_DEPTH = 6  # nested tuples, lists, dicts


def encode(value: object, depth: int = 0) -> Plain:
    """Turn a Python value into plain data; what has no plain form becomes {"other": its class}."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return {"scalar": value, "type": kind.__name__}
    if kind is float:
        return {"scalar": _number(value), "type": "float"}
    if kind is np.ndarray or isinstance(value, np.generic):
        return _encode_array(np.asarray(value))
    if depth < MAX_DEPTH:
        if kind in (tuple, list):
            return {kind.__name__: [encode(item, depth + 1) for item in value]}  # type: ignore[attr-defined]
        if kind is dict:
            pairs = [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]  # type: ignore[attr-defined]
            return {"dict": pairs}
    return {"other": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}


def _encode_array(array: np.ndarray) -> Plain:
    if array.dtype.kind not in "biuf":
        return {"other": f"array of {array.dtype}"}
    if array.size > MAX_VALUES:
        return {"other": f"array with {array.size} elements"}
    values = array.ravel().tolist()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        values = [_number(v) for v in values]
    return {"array": values, "dtype": str(array.dtype), "shape": list(array.shape)}


def _number(value: Any) -> Any:
    return value if math.isfinite(value) else str(float(value))


def decode(plain: Plain) -> Any:
    """Turn plain data back into a Python value; arrays come back fresh, in their stated layout."""
    if "array" in plain:
        if np.dtype(plain["dtype"]).kind not in "biuf":
            raise ValueError(f"no array of numbers: {plain['dtype']!r:.40}")
        flat = np.array([float(v) if isinstance(v, str) else v for v in plain["array"]])
        array = flat.astype(plain["dtype"]).reshape(plain["shape"])
        if plain.get("layout") == "strided":  # every other element of a larger block
            block = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
            block[..., ::2] = array
            array = block[..., ::2]
        elif plain.get("layout") == "fortran":
            array = np.asfortranarray(array)
        if plain.get("read_only"):
            array.flags.writeable = False
        return array
    if "scalar" in plain:
        return float(plain["scalar"]) if plain["type"] == "float" else plain["scalar"]
    if "tuple" in plain:
        return tuple(decode(item) for item in plain["tuple"])
    if "list" in plain:
        return [decode(item) for item in plain["list"]]
    if "dict" in plain:
        return {decode(key): decode(value) for key, value in plain["dict"]}
    raise ValueError(f"no plain value: {plain!r:.80}")


def run_calls(functions: Mapping[str, Any], calls: Sequence[Call]) -> list[Answer]:
    """Call each named function on its decoded inputs and collect the answers, in order.

    What a function prints is dropped, and what it warns about costs nothing.
    """
    return [_run_call(functions.get(call["function"]), call) for call in calls]


def _run_call(function: Callable[..., Any] | None, call: Call) -> Answer:
    if function is None:
        return {"missing": True}
    args = [decode(arg) for arg in call["args"]]
    kwargs = {name: decode(arg) for name, arg in call.get("kwargs", {}).items()}
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            value = function(*args, **kwargs)
            answer = encode(value)
    except NotImplementedError:
        return {"stub": True}
    except (Exception, SystemExit) as error:
        return _describe_error(error, function)
    changed = [
        i
        for i, (now, before) in enumerate(zip(args, call["args"], strict=True))
        if isinstance(now, np.ndarray) and not np.array_equal(now, decode(before), equal_nan=True)
    ]
    return {"value": answer, "changed": changed}


def _describe_error(error: BaseException, function: Callable[..., Any]) -> Answer:
    answer: Answer = {"raised": type(error).__name__, "text": str(error)[:MAX_TEXT]}
    own_file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == own_file:  # the innermost line of the learner's
            answer["line"] = frame.tb_lineno
            answer["code"] = linecache.getline(str(own_file), frame.tb_lineno).strip()
        frame = frame.tb_next
    return answer


def answer_json(functions: Mapping[str, Any], calls_json: str) -> str:
    """`run_calls` with JSON in and JSON out: the form in which the judge uses it in a box."""
    return json.dumps(run_calls(functions, json.loads(calls_json)))
