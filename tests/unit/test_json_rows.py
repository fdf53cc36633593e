"""Rows as JSON, one at a time: the same bytes as all at once, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.commands.base import write_json, write_json_rows

PLAIN = st.none() | st.booleans() | st.integers() | st.text()
THINGS = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


@settings(max_examples=30)
@given(rows=st.lists(THINGS))
def test_rows_are_written_as_the_list_of_them_would_be(rows: list[Any], folder: Path) -> None:
    write_json_rows(iter(rows), folder / "one-by-one.json")
    write_json(rows, folder / "at-once.json")
    assert (folder / "one-by-one.json").read_bytes() == (folder / "at-once.json").read_bytes()
    assert json.loads((folder / "at-once.json").read_text(encoding="utf-8")) == rows


def test_they_may_go_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write_json_rows([{"a": 1}], Path("-"))
    assert json.loads(capsys.readouterr().out) == [{"a": 1}]
