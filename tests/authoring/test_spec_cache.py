"""Visible checks from the cache: what they would be anew, and never those of other sources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder import versions
from autograder.authoring import build as building
from autograder.authoring import spec_cache
from autograder.authoring.build import build_lesson
from autograder.authoring.exercise import Exercise
from autograder.course import Course, LessonFolder
from autograder.judging.make_key import make_key
from tests.authoring.test_build import MINI


@pytest.fixture
def folder(tmp_path: Path) -> LessonFolder:
    shutil.copytree(MINI, tmp_path / "course")
    (tmp_path / "course" / "lessons").mkdir(exist_ok=True)
    (folder,) = Course(tmp_path / "course").lesson_folders()
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gets a line each time that checks are worked out; whatever was is spec_cache."""
    times: list[str] = []
    before = spec_cache.visible_specs

    def count(exercises: Mapping[str, Exercise], reference: Mapping[str, Any]) -> spec_cache.Specs:
        times.append(", ".join(exercises))
        return before(exercises, reference)

    monkeypatch.setattr(spec_cache, "visible_specs", count)
    monkeypatch.setattr(spec_cache, "_LEAST_SECONDS", 0.0)
    return times


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_second_time_they_are_read_and_are_the_same(
    folder: LessonFolder, made: list[str], cache: Path
) -> None:
    first, second = make_key(folder, 5), make_key(folder, 5)
    assert made == ["L1.1"]
    assert second == first
    assert second.digest() == first.digest() == make_key(folder, 5).digest()
    assert build_lesson(folder, 5, anew=True).specs == first.visible


def test_nothing_hidden_is_kept(folder: LessonFolder, made: list[str], cache: Path) -> None:
    key = make_key(folder, 5)
    (file,) = cache.glob("checks/*")
    text = file.read_text("utf-8")
    shown, hidden = (
        [json.dumps(call.args[0]) for call in specs["L1.1"].calls]
        for specs in (key.visible, key.hidden)
    )
    assert all(inputs in text for inputs in shown)
    assert [inputs for inputs in hidden if inputs in text and inputs not in shown] == []
    assert set(hidden) - set(shown)


@pytest.mark.parametrize("file", ["l1_1_double.py", "01_doubling.py"])
def test_a_letter_more_in_the_sources_makes_them_anew(
    folder: LessonFolder, made: list[str], cache: Path, file: str
) -> None:
    make_key(folder, 5)
    changed = folder.source.parent / file
    changed.write_text(changed.read_text("utf-8") + "\n# one more\n", "utf-8")
    make_key(folder, 5)
    assert len(made) == 2


def test_so_does_another_library_or_other_code_of_ours(
    folder: LessonFolder, made: list[str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key(folder, 5)
    monkeypatch.setattr(versions, "libraries", lambda: "numpy 99")
    make_key(folder, 5)
    monkeypatch.setattr(versions, "code", lambda: "x = 1")
    make_key(folder, 5)
    assert len(made) == 3


def test_a_damaged_file_costs_time_only(folder: LessonFolder, made: list[str], cache: Path) -> None:
    first = make_key(folder, 5)
    (file,) = cache.glob("checks/*")
    for damage in ("", "[", "[]", '[{"id": "L1.1"}]', "[3]", "7", '{"a": 1}'):
        file.write_text(damage, "utf-8")
        assert make_key(folder, 5) == first
    assert len(made) == 8


def test_a_build_for_release_works_them_out_and_keeps_them(
    folder: LessonFolder, made: list[str], cache: Path
) -> None:
    title = make_key(folder, 5).visible["L1.1"].title
    (file,) = cache.glob("checks/*")
    file.write_text(file.read_text("utf-8").replace(title, "Not it"), "utf-8")
    assert make_key(folder, 5).visible["L1.1"].title == "Not it"
    building.build(folder.course, run=False)
    released = (folder.course.released / "L1.json").read_text("utf-8")
    assert title in released
    assert "Not it" not in released
    times = len(made)
    assert make_key(folder, 5).visible["L1.1"].title == title
    assert len(made) == times


def test_what_was_quick_is_not_kept(
    folder: LessonFolder, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spec_cache, "_LEAST_SECONDS", 120.0)  # quick, on a busy machine too
    make_key(folder, 5)
    assert not list(cache.glob("checks/*"))
