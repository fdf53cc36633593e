"""Functions that a learner's test is tried on can be called, and not be looked into."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.authoring.encoding import encode_input
from autograder.authoring.probes import function
from autograder.boxes.box import BoxFault
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.functions import taken_out
from autograder.boxes.sandboxed import SandboxedBox
from tests.boxes.conftest import LIMITS


def adds(x, amount=0):  # type: ignore[no-untyped-def]
    return x + amount


def scales(x, factor, bias):  # type: ignore[no-untyped-def]
    return (x[0] * factor + bias).sum()


def counts(x):  # type: ignore[no-untyped-def]
    return np.exp(len(x)) / x.size


def doubles_in_place(x):  # type: ignore[no-untyped-def]
    x *= 2
    return x


def stops(x):  # type: ignore[no-untyped-def]
    raise ZeroDivisionError("no such thing")


def names_things(x, deep=None):  # type: ignore[no-untyped-def]
    return {"sum": x.sum(), "shape": x.shape, "list": [True, None, "é"], "deep": deep}


def takes_all_memory(x):  # type: ignore[no-untyped-def]
    return np.ones((len(x) * 10**6, 100, 100))


def draws(x, rng):  # type: ignore[no-untyped-def]
    return x + rng.integers(1000, size=3)


def writes_into_a_cache(x, cache):  # type: ignore[no-untyped-def]
    cache["rows"].append(x)
    cache["sum"] += x
    cache["last"] = (x, cache["rows"])
    return len(cache["rows"])


def calls(name: str, *given: Any) -> list[dict[str, Any]]:
    return [{"function": name, "args": [encode_input(one)]} for one in given]


@pytest.fixture
def box(boxes: SandboxedBoxes) -> Iterator[SandboxedBox]:
    with boxes.open_with(LIMITS) as opened:
        yield opened


def asked(box: SandboxedBox, body: str, *given: Any) -> list[Any]:
    box.run_cell(f"import numpy as np\ndef learners(fn):\n    {body}")
    return [
        answer.get("value", answer) for answer in box.call(calls("learners", *given), apart=True)
    ]


def test_they_look_all_the_same_from_where_the_test_is(box: SandboxedBox) -> None:
    """Name, code, constants, what is bound: the same but for the place in the order of calls."""
    seen = asked(
        box,
        "c = fn.__code__; return [fn.__name__, fn.__qualname__, fn.__module__, fn.__doc__, "
        "c.co_name, c.co_filename, c.co_code.hex(), c.co_varnames, c.co_freevars, "
        "sorted(type(cell.cell_contents).__name__ for cell in fn.__closure__), fn.__defaults__]",
        function(adds, "adds", amount=3.5),
        function(stops, "stops"),
        function(doubles_in_place, "doubles"),
    )
    assert seen[0] == seen[1] == seen[2]
    words = str(seen)
    assert not any(word in words for word in ("adds", "stops", "doubles", "amount"))


def test_their_code_never_enters_the_learners_process(box: SandboxedBox) -> None:
    """Not as text in the question, nor as an object anywhere."""
    box.run_cell(
        "import json, gc\nheard = []\nreal = json.loads\n"
        "def loads(text, *a, **k):\n    heard.append(str(text))\n    return real(text, *a, **k)\n"
        "json.loads = loads"
    )
    [seen] = asked(
        box,
        "fn(np.ones(2)); return [''.join(heard), "
        "sorted({c.__code__.co_name for c in gc.get_objects() if hasattr(c, '__code__')})]",
        function(doubles_in_place, "doubles the secret way"),
    )
    assert "doubles" not in str(seen)
    assert "secret" not in str(seen)


@pytest.mark.parametrize(
    ("body", "run"),
    [
        ("return fn(np.arange(6.0).reshape(2, 3).T)", adds),
        ("return fn(np.float32(1.5))", adds),
        ("return fn(np.zeros((0, 3), np.int8))", adds),
        ("return fn(7)", adds),
        ("return fn(np.array([np.nan, -np.inf]))", adds),
        ("x = np.ones(3, np.float32); y = fn(x); return [x, y, x is y]", doubles_in_place),
        ("return fn(np.eye(2), deep={'a': (1, [2.0])})", names_things),
        ("return fn(np.eye(2) > 0)", names_things),
    ],
)
def test_they_give_what_they_would_give_in_place(
    box: SandboxedBox, body: str, run: Callable[..., Any]
) -> None:
    box.run_cell(f"import numpy as np\ndef learners(fn):\n    {body}")
    question = calls("learners", function(run, "says"))
    outside = box.call(question, apart=True)
    inside = box.call(question)  # beside the test
    if "is y" not in body:
        assert outside == inside
    else:  # two arrays come back where one was, with the same numbers
        assert outside[0]["value"]["list"][:2] == inside[0]["value"]["list"][:2]


@pytest.mark.parametrize("bits", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_they_draw_from_the_generator_that_they_are_given(box: SandboxedBox, bits: str) -> None:
    """And the generator has moved on when they come back, as in place."""
    body = (
        f"a, b = (np.random.Generator(np.random.{bits}(7)) for _ in 'ab'); x = np.zeros(3); "
        "mine = [x + b.integers(1000, size=3), b.random()]; "
        "theirs = [fn(x, a), a.random()]; "
        "return [bool((mine[0] == theirs[0]).all()), mine[1] == theirs[1]]"
    )
    (seen,) = asked(box, body, function(draws, "draws"))
    assert [each["scalar"] for each in seen["list"]] == [True, True]


def test_what_they_change_in_a_cache_is_changed_where_it_was(box: SandboxedBox) -> None:
    """However deep, and in the same objects: a test of caches looks for just that."""
    body = (
        "rows, total = [np.ones(2)], np.zeros(2); cache = {'rows': rows, 'sum': total}; "
        "n = fn(np.ones(2), cache); "
        "return [n, len(rows), float(total.sum()), cache['rows'] is rows, "
        "cache['sum'] is total, sorted(cache)]"
    )
    (seen,) = asked(box, body, function(writes_into_a_cache, "writes"))
    assert [each.get("scalar") for each in seen["list"][:5]] == [2, 2, 2.0, True, True]
    assert [
        each["str"] if "str" in each else each["scalar"] for each in seen["list"][5]["list"]
    ] == [
        "last",
        "rows",
        "sum",
    ]


@pytest.mark.parametrize("kind", ["ZeroDivisionError", "MemoryError", "ValueError", "IndexError"])
@pytest.mark.parametrize("given", [stops, takes_all_memory])
def test_a_test_learns_that_one_stopped_and_not_how(
    box: SandboxedBox, given: Callable[..., Any], kind: str
) -> None:
    """Whatever error the test is ready to catch, it catches this one."""
    [seen] = asked(
        box,
        f"try: fn(np.ones(100))\n    except {kind} as error: "
        "return type(error).__name__ + ': ' + str(error)",
        function(given, "says"),
    )
    assert seen["scalar"] == "GivenFunctionError: the function stopped with an error"


@pytest.mark.parametrize(
    "call",
    ["fn()", "fn(1, 2, 3, 4)", "fn(1, amount=2)", "fn(1, 2)", "fn(other=1)", "fn(None)", "fn('a')"],
)
def test_a_call_that_makes_no_sense_tells_nothing(box: SandboxedBox, call: str) -> None:
    """Neither how many arguments were drawn for a function, nor their names, nor what it does."""
    seen = asked(
        box,
        f"try: {call}\n    except Exception as error: return str(error)",
        function(adds, "adds", amount=3.5),
        function(scales, "scales", factor=2.0, bias=1.0),
        function(counts, "counts"),
    )
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("thing", ["object()", "np.array(['a'])", "lambda: 1", "np.ones(10**6)"])
def test_what_can_not_be_sent_is_an_error_where_it_is_given(box: SandboxedBox, thing: str) -> None:
    [seen, after] = asked(
        box,
        f"try: fn({thing})\n    except (TypeError, ValueError): return fn(np.ones(1))",
        function(adds, "adds", amount=1.0),
        function(adds, "adds", amount=2.0),
    )
    assert (seen["array"], after["array"]) == ([2.0], [3.0])


def test_who_sends_nonsense_loses_only_the_own_line(
    box: SandboxedBox, boxes: SandboxedBoxes
) -> None:
    [spoilt] = asked(
        box,
        "fn.__closure__[0].cell_contents.sendall(b'\\xff' * 64)\n"
        "    try: return fn(np.ones(1))\n    except Exception as error: return str(error)",
        function(adds, "adds", amount=1.0),
    )
    assert "took too much" in str(spoilt)
    with boxes.open_with(LIMITS) as other:
        [right] = asked(other, "return fn(np.ones(1))", function(adds, "adds", amount=1.0))
        assert right["array"] == [2.0]


def test_an_end_of_their_box_is_nobodys_fault(box: SandboxedBox, boxes: SandboxedBoxes) -> None:
    """A learner whose test was tried on functions that had ended is judged again."""
    given = function(adds, "adds", amount=1.0)
    asked(box, "return fn(np.ones(1))", given)
    server = boxes._functions
    question = calls("learners", given)
    serve = server.serve

    def unlucky(functions: Any) -> Any:
        served = serve(functions)
        os.kill(served.process, signal.SIGKILL)
        while served.were_there():
            pass
        serve(functions).line.close()  # somebody else's, in the box that takes its place
        return served

    server.serve = unlucky  # type: ignore[method-assign]
    try:
        with pytest.raises(BoxFault, match="have ended"):
            box.call(question, apart=True)
    finally:
        server.serve = serve  # type: ignore[method-assign]
    assert box.call(question, apart=True)[0]["value"]["array"] == [2.0]


def test_functions_are_taken_out_wherever_they_are_among_the_inputs() -> None:
    one, two = (function(adds, "adds", amount=float(n)) for n in (1, 2))
    call = {
        "function": "f",
        "args": [encode_input([one, np.ones(2)]), encode_input(np.ones(1))],
        "kwargs": {"code": encode_input({"a": (two,)})},
        "probe": {"code": "def p(f): pass", "name": "p", "functions": ["f"]},
    }
    [kept], functions = taken_out([call])
    assert [f["drawn"]["amount"]["scalar"] for f in functions] == [1.0, 2.0]
    assert "adds" not in str(kept)
    assert kept["args"][0]["list"][0] == {"given": 0}
    assert kept["kwargs"]["code"]["dict"][0][1]["tuple"][0] == {"given": 1}
    assert kept["probe"] == call["probe"]
