"""Any bytes at all as somebody's upload: a listed line at the most, and no neighbour's loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.collecting.outside import OuterFile, outer_files
from autograder.collecting.uploads import Quota, Unpacker
from autograder.errors import AttnError
from tests.collecting.conftest import Collecting
from tests.collecting.test_layouts import unpacked, zipped
from tests.hostile.zips import Member, hostile_zips, zip_of

HONEST = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
ANY = hostile_zips(st.sampled_from([HONEST, b"", b"{"]) | st.binary(max_size=50))
MANY = [60, pytest.param(10_000, marks=pytest.mark.exhaustive)]


def fuzzed(examples: int) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks)


@pytest.fixture
def unpacker(tmp_path: Path) -> Iterator[Unpacker]:
    (tmp_path / "ada.ipynb").write_bytes(HONEST)
    (tmp_path / "bob.zip").write_bytes(zip_of(Member("hw.ipynb", HONEST)))
    with Unpacker(tmp_path) as reading:
        yield reading


@pytest.mark.parametrize("examples", MANY)
def test_any_upload_is_read_to_notebooks_and_listed_problems(
    unpacker: Unpacker, tmp_path: Path, examples: int
) -> None:
    assert unpacker.open(OuterFile(("ada.ipynb",)), Quota()).notebooks
    process = unpacker._process

    @fuzzed(examples)
    @given(ANY)
    def one(raw: bytes) -> None:
        (tmp_path / "eve.zip").write_bytes(raw)
        got = unpacker.open(OuterFile(("eve.zip",)), Quota())
        assert got.notebooks or got.refused
        for refused in got.refused:
            assert f"{refused.shown}: {refused.reason}".isprintable()
            assert len(refused.shown) <= 160
            assert 0 < len(refused.reason) <= 200
        assert all(file.outer.parts == ("eve.zip",) for file in got.notebooks)
        for name in ("ada.ipynb", "bob.zip"):
            honest = unpacker.open(OuterFile((name,)), Quota())
            assert [file.raw for file in honest.notebooks] == [HONEST]
            assert not honest.refused

    one()
    assert unpacker._process is process  # none of them ended it


@pytest.mark.parametrize("examples", MANY)
def test_any_source_is_listed_or_refused_in_one_sentence(tmp_path: Path, examples: int) -> None:
    @fuzzed(examples)
    @given(ANY)
    def one(raw: bytes) -> None:
        source = tmp_path / "source.zip"
        source.write_bytes(raw)
        said = ""
        try:
            files = outer_files(source, lambda place: None)
        except AttnError as error:
            said, files = str(error).replace(str(source), ""), []
        assert said.isprintable()
        assert all(file.parts and all(file.parts) for file in files)
        assert all(file.shown.isprintable() for file in files)

    one()


@pytest.mark.parametrize("examples", [3, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_a_class_of_such_uploads_is_collected_around_its_honest_ones(
    class_: Collecting, tmp_path: Path, examples: int
) -> None:
    honest = {who: class_.notebook(who) for who in ("ada", "chen.wei", "taro")}
    sources = st.lists(ANY, min_size=10, max_size=30)

    @fuzzed(examples)
    @given(sources, st.booleans(), st.booleans())
    def one(zips: list[bytes], packed: bool, add: bool) -> None:
        members = {f"{who}.ipynb": raw for who, raw in honest.items()}
        members |= {f"s{n:02}.zip": raw for n, raw in enumerate(zips)}
        number = len(list(tmp_path.iterdir()))
        made = class_.collect(
            (zipped if packed else unpacked)(tmp_path / f"{number}", members), add=add
        )
        assert set(honest) <= {taken.student for taken in made.taken}
        for who, raw in honest.items():
            assert class_.at(who).read_bytes() == raw
        theirs = {taken.student for taken in made.taken} - set(honest)
        assert theirs <= {f"s{n:02}" for n in range(30)}
        told = {problem.file[:3] for problem in made.problems}
        assert told <= {f"s{n:02}" for n in range(30)}
        # nobody goes missing: who handed in is collected, or is told
        if add:
            assert {f"s{n:02}" for n in range(len(zips))} <= told | theirs

    one()
