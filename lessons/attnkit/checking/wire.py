"""Plain data between a judge and a learner's functions: encode, decode, call.

Nothing but JSON crosses the line: numbers, strings, and arrays as dtype, shape and values; never
pickle. The notebook's ``check`` imports this module; the judge sends its *source text* into the
box where a submission runs, so it imports the standard library and NumPy only and stands alone.

A plain value is one of
    {"array": [flat values], "dtype": "float64", "shape": [5, 6]}   ("layout", "read_only" optional)
    {"scalar": 1.5, "type": "float"}    int, float, bool, str, NoneType
    {"tuple": [plain, …]}   {"list": [plain, …]}   {"dict": [[plain, plain], …]}
    {"other": "module.Class"}           anything else: named, not looked into
Values that JSON has no number for are the strings "nan", "inf" and "-inf". Into a box, never out
of it, also go
    {"rng": 7}                          a random generator made from that seed
    {"code": source, "name": "f"}       a function of the judge's, such as one to be tested
                                        ("drawn", keyword arguments bound to it, optional)
    {"given": 3}                        the function of that number that is given with the calls

A call is {"function": name, "args": [plain, …], "kwargs": {name: plain}}. With a "probe" ({"code",
"name", "functions": [names]}), the judge's function of that name is called in its place, with the
learner's functions before the other arguments. The answer to a call is one of
    {"value": plain, "changed": [indexes of arguments that the function modified]}
    {"raised": "ValueError", "text": "…", "line": 3, "code": "return x @ w"}
    {"stub": true}      the function still raises NotImplementedError
    {"missing": true}   no such function
Where calls of several functions are made, an answer also has "uses": [names], if its function uses
others of them.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import io
import json
import linecache
import math
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

Plain = dict[str, Any]
Call = Mapping[str, Any]
Answer = dict[str, Any]

MAX_VALUES = 100_000  # values and array elements in one answer; more is named, not sent
MAX_TEXT = 300  # characters of an exception's text
MAX_DEPTH = 6  # nested tuples, lists, dicts
MAX_BITS = 1000  # of an integer
MAX_NAME = 100  # characters of a class's or data type's name
MAX_PRINTED = 1000  # characters that are kept of what one call prints


class _TooMuchError(Exception):
    """A value holds more than an answer may."""


def encode(value: object) -> Plain:
    """Turn a Python value into plain data; what has no plain form becomes {"other": its class}."""
    try:
        return _encode(value, 0, [MAX_VALUES])
    except _TooMuchError:
        return {"other": f"{_name(type(value))} with more than {MAX_VALUES} values"}


def _encode(value: object, depth: int, left: list[int]) -> Plain:
    """`left` counts down how many values the whole answer may still hold."""
    if isinstance(value, np.str_):  # a word out of an array of words
        value = str(value)
    kind = type(value)
    left[0] -= 1
    if left[0] < 0:
        raise _TooMuchError
    if value is None or kind is bool:
        return {"scalar": value, "type": kind.__name__}
    if kind is int:
        if value.bit_length() > MAX_BITS:  # type: ignore[attr-defined]
            return {"other": "integer of very many digits"}
        return {"scalar": value, "type": "int"}
    if kind is str:
        if len(value) > MAX_VALUES:  # type: ignore[arg-type]
            return {"other": f"str of {len(value)} characters"}  # type: ignore[arg-type]
        return {"scalar": value, "type": "str"}
    if kind is float:
        return {"scalar": _number(value), "type": "float"}
    if kind is np.ndarray or isinstance(value, np.generic):
        return _encode_array(np.asarray(value), left)
    if depth < MAX_DEPTH:
        if kind in (tuple, list):
            return {kind.__name__: [_encode(item, depth + 1, left) for item in value]}  # type: ignore[attr-defined]
        if kind is dict:
            return {
                "dict": [
                    [_encode(_plain_key(k), depth + 1, left), _encode(v, depth + 1, left)]
                    for k, v in value.items()  # type: ignore[attr-defined]
                ]
            }
    return {"other": _name(kind)}


def _plain_key(key: object) -> object:
    """A dict finds np.int64(1) under 1: whoever made it with the one has an entry for the other."""
    if isinstance(key, np.longdouble):  # its item is itself
        return float(key)
    same = isinstance(key, np.integer | np.floating | np.bool_ | np.str_)
    return np.generic.item(cast(Any, key)) if same else key


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")[:MAX_NAME]


def _encode_array(array: np.ndarray, left: list[int]) -> Plain:
    if array.dtype.kind not in "biuf":
        return {"other": f"array of {array.dtype}"[:MAX_NAME]}
    if array.size > MAX_VALUES:
        return {"other": f"array with {array.size} elements"}
    left[0] -= array.size - 1
    if left[0] < 0:
        raise _TooMuchError
    values = array.ravel().tolist()
    if array.dtype.kind == "f" and (array.dtype.itemsize > 8 or not np.isfinite(array).all()):
        values = [_number(float(v)) for v in values]
    return {"array": values, "dtype": str(array.dtype), "shape": list(array.shape)}


def _number(value: Any) -> Any:
    return value if math.isfinite(value) else str(float(value))


def parts(plain: Plain) -> list[Plain]:
    """The values that a tuple, list or dict holds, without a dict's keys; what else holds none."""
    for kind in ("tuple", "list"):
        if kind in plain:
            return list(plain[kind])
    return [value for _, value in plain.get("dict", ())]


def leaves(plain: Plain) -> Iterator[Plain]:
    """All values in it that are no tuple, list or dict; itself, if it is none of these."""
    if not plain.keys() & {"tuple", "list", "dict"}:
        yield plain
    for part in parts(plain):
        yield from leaves(part)


def map_leaves(change: Callable[[Plain], Plain], plain: Plain) -> Plain:
    """The same value with each of its `leaves` changed; a dict's keys stay as they are."""
    for kind in ("tuple", "list"):
        if kind in plain:
            return {kind: [map_leaves(change, item) for item in plain[kind]]}
    if "dict" in plain:
        return {"dict": [[key, map_leaves(change, value)] for key, value in plain["dict"]]}
    return change(plain)


def decode(plain: Plain) -> Any:
    """Turn plain data back into a Python value; arrays come back fresh, in their stated layout.

    Nothing but data: an answer that somebody forged makes no function and runs no code here.
    """
    return _built(plain, _decode_leaf)


def _built(plain: Plain, leaf: Callable[[Plain], Any]) -> Any:
    """The tuple, list or dict that it is, of what `leaf` makes of all else."""
    if "tuple" in plain:
        return tuple(_built(item, leaf) for item in plain["tuple"])
    if "list" in plain:
        return [_built(item, leaf) for item in plain["list"]]
    if "dict" in plain:
        return {_key(decode(key)): _built(value, leaf) for key, value in plain["dict"]}
    return leaf(plain)


def _key(value: Any) -> Any:
    """NumPy's single numbers travel as arrays without axes, which can't be keys; they can."""
    if isinstance(value, tuple):
        return tuple(map(_key, value))
    return value[()] if isinstance(value, np.ndarray) else value


def _decode_leaf(plain: Plain) -> Any:
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
    raise ValueError(f"no plain value: {plain!r:.80}")


def decode_input(plain: Plain, given: Sequence[Callable[..., Any]] = ()) -> Any:
    """Turn a judge's own input into a value: data, a random generator, or a function."""

    def leaf(plain: Plain) -> Any:
        if "rng" in plain:
            return np.random.default_rng(plain["rng"])
        if "code" in plain:
            return _given(plain)
        if "given" in plain:
            return given[plain["given"]]
        return _decode_leaf(plain)

    return _built(plain, leaf)


def _given(plain: Plain) -> Callable[..., Any]:
    """A function that is an input: what was drawn for it is bound, and not to be seen in a call.

    Nor in one that does not fit: how many arguments there are, and their names, would tell right
    functions from wrong ones.
    """
    function = _function(plain["code"], plain["name"])
    drawn = {name: decode(value) for name, value in plain.get("drawn", {}).items()}
    signature = inspect.signature(function)
    own = [p for name, p in signature.parameters.items() if name not in drawn]
    signature = signature.replace(parameters=own)
    by_place = all(p.kind is p.POSITIONAL_OR_KEYWORD for p in own)

    def given(*args: Any, **kwargs: Any) -> Any:
        if kwargs or not by_place or len(args) != len(own):  # else they fit, as nearly always
            try:
                signature.bind(*args, **kwargs)
            except TypeError:
                raise TypeError("given() can't be called with these arguments") from None
        return function(*args, **kwargs, **drawn)

    return given


def _function(source: str, name: str) -> Callable[..., Any]:
    """A function of the judge's. It does not carry its own name, which might tell what it does."""
    namespace: dict[str, Any] = {"np": np, "__name__": "given"}
    exec(compile(source, "<given>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    function.__name__ = function.__qualname__ = "given"
    function.__doc__ = None
    function.__code__ = function.__code__.replace(co_name="given", co_qualname="given")
    return function


def run_calls(
    functions: Mapping[str, Any],
    calls: Sequence[Call],
    given: Sequence[Callable[..., Any]] = (),
    printed: list[str] | None = None,
) -> list[Answer]:
    """Call each named function on its decoded inputs and collect the answers, in order.

    `given` are functions that inputs name by number. What a function prints is dropped, or put
    into `printed`, call by call; what it warns about costs nothing.
    """
    uses = _uses({name: functions.get(name) for call in calls for name in _names(call)})
    answers = []
    for call in calls:
        used = sorted({other for name in _names(call) for other in uses[name]} - {*_names(call)})
        out = _Beginning()
        answer = _run_call(functions, call, given, out)
        if printed is not None:
            printed.append(out.getvalue())
        answers.append({**answer, "uses": used} if used else answer)
    return answers


def _names(call: Call) -> list[str]:
    """The learner's functions that a call runs."""
    probe = call.get("probe")
    return list(probe["functions"]) if probe else [call["function"]]


def _uses(functions: Mapping[str, Any]) -> dict[str, set[str]]:
    """Which of some functions each of them uses, by itself or through others of the notebook."""
    names = {id(f): name for name, f in functions.items() if type(f) is types.FunctionType}
    uses: dict[str, set[str]] = {name: set() for name in functions}
    for name in names.values() if len(names) > 1 else ():
        found, notebook = [functions[name]], functions[name].__globals__
        for function in found:  # grows as it goes
            for one in map(notebook.get, _global_names(function.__code__)):
                if type(one) is types.FunctionType and one.__globals__ is notebook:
                    found += [] if one in found else [one]
        uses[name] = {names[id(f)] for f in found if id(f) in names} - {name}
    return uses


def _global_names(code: types.CodeType) -> set[str]:
    """The global names that code loads, and what is defined within it."""
    loads = ("LOAD_GLOBAL", "LOAD_NAME")
    names = {step.argval for step in dis.get_instructions(code) if step.opname in loads}
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return names.union(*map(_global_names, inner))


class _Beginning(io.StringIO):
    """Keeps the beginning of what is printed; the rest is dropped."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, MAX_PRINTED - self.tell())])
        return len(text)


def _run_call(
    functions: Mapping[str, Any], call: Call, given: Sequence[Callable[..., Any]], out: io.StringIO
) -> Answer:
    probe = call.get("probe")
    own = [functions.get(name) for name in _names(call)]
    if any(function is None for function in own):
        return {"missing": True}
    function: Any = own[0]
    if probe:
        function = functools.partial(_function(probe["code"], probe["name"]), *own)
    args = [decode_input(arg, given) for arg in call["args"]]
    kwargs = {name: decode_input(arg, given) for name, arg in call.get("kwargs", {}).items()}
    try:
        with (
            contextlib.redirect_stdout(out),
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
        return _describe_error(error, own)
    changed = [
        i
        for i, (now, before) in enumerate(zip(args, call["args"], strict=True))
        if isinstance(now, (np.ndarray, list, dict)) and encode(now) != _bare(before)
    ]
    return {"value": answer, "changed": changed}


def _bare(plain: Plain) -> Plain:
    """The same value, without how it lies in memory: what `encode` gives for it."""
    return map_leaves(_bare_leaf, plain)


def _bare_leaf(plain: Plain) -> Plain:
    if "array" in plain:
        return {key: plain[key] for key in ("array", "dtype", "shape")}
    return plain


def _describe_error(error: BaseException, functions: Sequence[Any]) -> Answer:
    try:
        text = str(error)[:MAX_TEXT]
    except Exception:  # an error that can't even be printed
        text = ""
    answer: Answer = {"raised": type(error).__name__[:MAX_NAME], "text": text}
    own_files = {getattr(getattr(f, "__code__", None), "co_filename", None) for f in functions}
    frame = error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if file in own_files:  # the innermost line of the learner's
            answer["line"] = frame.tb_lineno
            line = linecache.getline(file, frame.tb_lineno)
            answer["code"] = line.strip()[:MAX_TEXT]
        frame = frame.tb_next
    return answer


class _Json(str):
    """A text that the kernel shows as it is, without quotes."""

    __repr__ = str.__str__


def answer_json(
    functions: Mapping[str, Any],
    calls_json: str,
    nonce: str,
    given: Sequence[Callable[..., Any]] = (),
) -> str:
    """`run_calls` with JSON in and JSON out: the form in which the judge uses it in a box.

    The nonce goes back with the answers and shows that they are answers to this very question.
    """
    answers = run_calls(functions, json.loads(calls_json), given)
    return _Json(json.dumps({"nonce": nonce, "answers": answers}))
