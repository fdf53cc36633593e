"""Each promise of SECURITY.md names tests that there are, and one of them is in every run."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.course import find_course
from tests.hostile.case import Case
from tests.hostile.test_corpus import CASES

TESTS = Path(__file__).parents[1]
PAGE = find_course().root / "autograder" / "SECURITY.md"
THE_KILL_TABLE = "test_three_views.py"


def promises() -> list[tuple[str, list[str]]]:
    """What is promised, with what it is tested by: files, tests, entries of the corpus."""
    table = PAGE.read_text(encoding="utf-8").partition("## Promised, and tested")[2]
    found = []
    for line in table.partition("\n## ")[0].splitlines():
        if not line.startswith("| ") or line.startswith("| promise |"):
            continue
        promise, _, tested_by = (part.strip() for part in line.strip("|").split(" | "))
        named = re.findall(r"`([^`]+)`", tested_by)
        found.append((promise, named + [THE_KILL_TABLE] * ("the kill table" in tested_by)))
    return found


def module(file: Path) -> ModuleType:
    return importlib.import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))


def functions_of(file: Path) -> Iterator[tuple[str, Callable[..., Any]]]:
    return (pair for pair in vars(module(file)).items() if pair[0].startswith("test_"))


def in_every_run(file: Path, test: Callable[..., Any]) -> bool:
    """Whether `make test` runs it: with one set of its parameters, if it has some."""
    of_module = getattr(module(file), "pytestmark", [])
    of_module = of_module if isinstance(of_module, list) else [of_module]
    for mark in [*getattr(test, "pytestmark", []), *of_module]:
        if mark.name == "exhaustive":
            return False
        sets = mark.args[1] if mark.name == "parametrize" else []
        if sets and all(any(m.name == "exhaustive" for m in getattr(s, "marks", ())) for s in sets):
            return False
    return True


def tries_it(name: str) -> list[bool]:
    """For each test that is meant by a name in the table, whether it is in every run."""
    if name.endswith(".py"):
        files = sorted(TESTS.rglob(Path(name).name))
        corpus = [case for file in files for case in getattr(module(file), "CASES", ())]
        cases = [not case.twin for case in corpus if isinstance(case, Case)]
        return cases + [
            in_every_run(file, test) for file in files for _, test in functions_of(file)
        ]
    if name.startswith("test_"):
        begin, left_open, _ = name.partition("…")
        return [
            in_every_run(file, test)
            for file in TESTS.rglob("test_*.py")
            if f"def {begin}" in file.read_text(encoding="utf-8")
            for own, test in functions_of(file)
            if own == begin or (left_open and own.startswith(begin))
        ]
    return [not case.twin for case in CASES if case.name == name]


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise[0][:40])
def test_a_promise_is_tried_in_every_run(promise: tuple[str, list[str]]) -> None:
    said, named = promise
    found = {name: tries_it(name) for name in named}
    assert [name for name, tries in found.items() if not tries] == [], said
    assert any(any(tries) for tries in found.values()), said


def test_the_table_is_read_whole() -> None:
    assert len(promises()) >= 24
    assert all(named for _, named in promises())
