"""A module that is executed later is the one that it would have been, whatever is asked of it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.boxes.inside.later import Later, execute

FILES = {
    "__init__.py": "from late import often, seldom\nfrom late.often import one",
    "often.py": "one = 1",
    "seldom/__init__.py": "import late_log\n"
    'late_log.executed.append("seldom")\n'
    "from late.seldom.below import Thing\n"
    "from late import seldom as itself\n"
    "two, _hidden = 2, 3",
    "seldom/below.py": 'import late_log\nlate_log.executed.append("below")\nclass Thing: pass',
}


@pytest.fixture
def executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A package that imports a module which waits; what of it has been executed."""
    for name, text in FILES.items():
        file = tmp_path / "late" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / "late_log.py").write_text("executed = []", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [Later(["late.seldom"]), *sys.meta_path])
    log: Any = importlib.import_module("late_log")
    yield log.executed
    for name in [name for name in sys.modules if name.split(".")[0] in ("late", "late_log")]:
        del sys.modules[name]


def _imported() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec("import late", names)
    return names


def _star() -> object:
    names = _imported()
    exec("from late.seldom import *", names)
    return names["two"]


def _set_first() -> object:
    seldom = _imported()["late"].seldom
    seldom.two = 4
    return seldom.two // 2


def _thing_below() -> object:
    names = _imported()
    exec("from late.seldom.below import Thing\nimport late.seldom.below as below", names)
    assert names["late"].seldom.Thing is names["Thing"] is names["below"].Thing
    assert inspect.getmodule(names["Thing"]) is names["below"] is sys.modules["late.seldom.below"]
    assert pickle.loads(pickle.dumps(names["Thing"])) is names["Thing"]
    assert importlib.reload(names["below"]).Thing is not names["Thing"]
    return names["late"].seldom.two


def _all_of_the_list() -> object:
    execute(["late.seldom", "late.nowhere"])
    return _imported()["late"].seldom.two


USES: dict[str, Callable[[], object]] = {
    "an attribute": lambda: _imported()["late"].seldom.two,
    "one that it lacks": lambda: 2 - hasattr(_imported()["late"].seldom, "three"),
    "a name imported from it": lambda: importlib.import_module("late.seldom").two,
    "all names": _star,
    "its own names": lambda: vars(_imported()["late"].seldom)["two"],
    "a list of them": lambda: dir(_imported()["late"].seldom).count("Thing") * 2,
    "a name that is set": _set_first,
    "what is below it": _thing_below,
    "all of the list": _all_of_the_list,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_whatever_is_asked_of_it_it_is_executed_once(
    use: Callable[[], object], executed: list[str]
) -> None:
    late = _imported()["late"]
    waiting = sys.modules["late.seldom"]
    assert (late.seldom, late.one) == (waiting, 1)
    assert importlib.util.find_spec("late.seldom") is waiting.__spec__
    assert importlib.import_module("late.seldom") is waiting
    assert executed == []
    assert use() == 2
    assert executed[:2] == ["seldom", "below"]
    assert executed.count("seldom") == 1
    assert late.seldom is sys.modules["late.seldom"] is waiting.itself
    assert type(waiting) is ModuleType


def test_threads_find_it_complete(executed: list[str]) -> None:
    slow = "import time; time.sleep(0.05)\n"
    seldom = _imported()["late"].seldom
    Path(seldom.__file__).write_text(slow + FILES["seldom/__init__.py"], "utf-8")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(seldom.two)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, executed) == ([2] * 4, ["seldom", "below"])


def test_what_fails_says_so_each_time_and_is_tried_again(executed: list[str]) -> None:
    seldom = _imported()["late"].seldom
    Path(seldom.__file__).write_text("raise ImportError('no such library')", "utf-8")
    execute(["late.seldom"])
    for _ in range(2):
        with pytest.raises(ImportError, match="no such library"):
            assert seldom.two
    Path(seldom.__file__).write_text("two = 2  # now it is there", "utf-8")
    assert (seldom.two, executed) == (2, [])
