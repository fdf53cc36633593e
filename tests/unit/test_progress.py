"""Progress is kept through everything that can go wrong, and never gets in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from attnkit import progress
from attnkit.progress import CourseMap, Entry, Lesson, course_map, latest, record
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import find_course

L1 = Lesson(
    number=1,
    title="Score & mix",
    summary="Three moves.",
    path="01/01.ipynb",
    minutes=80,
    exercises={"L1.1": 4, "L1.2": 6},
)
L2 = Lesson(number=2, title="A softmax", summary="Trust <it>.")


def passed(exercise: str, points: float, maximum: float) -> Entry:
    return Entry(exercise, points, maximum, points == maximum)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "01").mkdir()
    (tmp_path / "01" / "01.ipynb").write_text("{}")
    return tmp_path


def test_the_last_check_of_an_exercise_counts(progress_file: Path) -> None:
    record("L1.1", 4, 4, True)
    record("L1.2", 1, 6, False)
    record("L1.1", 2, 4, False)
    assert {id_: (e.points, e.passed) for id_, e in latest().items()} == {
        "L1.1": (2, False),
        "L1.2": (1, False),
    }
    assert len(progress_file.read_text().splitlines()) == 3


def test_nothing_checked_yet(progress_file: Path) -> None:
    assert latest() == {}
    assert not progress_file.exists()


def test_off_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ATTNKIT_PROGRESS", "off")
    monkeypatch.chdir(tmp_path)
    record("L1.1", 4, 4, True)
    assert latest() == {}
    assert progress.progress_file() is None
    assert list(tmp_path.iterdir()) == []
    assert "not being kept" in CourseMap((L1,), {}, kept=False).sentence()


def test_without_a_setting_it_lies_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ATTNKIT_PROGRESS")
    file = progress.progress_file()
    assert file is not None
    assert file.name == "progress.jsonl"
    assert file.parent.name == "attention-kit"


@pytest.mark.parametrize("place", ["a file in the way", "a folder instead of a file", "/proc"])
def test_a_place_that_cannot_be_written_to_is_no_trouble(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    file = {
        "a file in the way": tmp_path / "file" / "progress.jsonl",
        "a folder instead of a file": tmp_path / "folder",
        "/proc": Path("/proc/attention-kit/progress.jsonl"),
    }[place]
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(file))
    record("L1.1", 4, 4, True)
    assert latest() == {}
    course_map()


def test_odd_values_are_no_trouble(progress_file: Path) -> None:
    record("L1.1", float("nan"), 4, True)
    record("L1.2", "many", 6, False)  # type: ignore[arg-type]
    record("L1.3", 9, 6, True)
    assert latest() == {}


def test_a_torn_line_costs_itself_only(progress_file: Path) -> None:
    record("L1.1", 4, 4, True)
    record("L1.2", 6, 6, True)
    whole = progress_file.read_bytes()
    progress_file.write_bytes(whole[:-30])  # the power went
    record("L1.3", 1, 3, False)
    assert set(latest()) == {"L1.1", "L1.3"}


@given(st.binary(max_size=300))
def test_any_bytes_in_the_file_are_survived(junk: bytes) -> None:
    file = Path(os.environ["ATTNKIT_PROGRESS"])
    file.write_bytes(junk)
    try:
        latest()
        record("L9.9", 1, 2, False)
        assert latest()["L9.9"].points == 1
    finally:
        file.unlink()


def test_lines_that_are_json_but_no_entry_are_skipped(progress_file: Path) -> None:
    progress_file.parent.mkdir()
    good = {"exercise": "L1.1", "points": 1, "max_points": 2, "passed": False}
    lines = ["null", "[]", "3", '"L1.1"', "{}", json.dumps({**good, "points": None}), "[" * 9999]
    progress_file.write_text("\n".join([*lines, json.dumps(good)]))
    assert list(latest()) == ["L1.1"]


def test_two_kernels_at_once_lose_nothing(progress_file: Path) -> None:
    code = (
        "import sys; from attnkit.progress import record\n"
        "for i in range(200): record(f'L{sys.argv[1]}.{i}', i, 200, False)"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", code, str(k)]) for k in range(3)]
    assert [kernel.wait(300) for kernel in kernels] == [0, 0, 0]
    assert len(latest()) == 600
    # A blank line may stand where a kernel took another's line, still being written, for torn.
    lines = [line for line in progress_file.read_text().splitlines() if line]
    assert len({json.dumps(json.loads(line)) for line in lines}) == len(lines) == 600


def test_before_any_lesson_the_map_says_where_to_start(folder: Path) -> None:
    text = str(CourseMap((L1, L2), {}, folder=folder))
    assert text.startswith("Start with lesson 1: Score & mix.")
    assert "0 of 10 points" in text
    assert text.splitlines()[-1].split() == ["L2", "A", "softmax", "to", "come"]


def test_the_map_adds_up_own_points(folder: Path) -> None:
    entries = {"L1.1": passed("L1.1", 4, 4), "L1.2": passed("L1.2", 3, 6)}
    shown = CourseMap((L1, L2), entries, folder=folder)
    assert "7 of 10 points" in str(shown)
    assert "[#######...]" in str(shown)
    assert "1 of 2 exercises passed" in shown.sentence()
    assert "width:70%" in shown._repr_html_()


def test_points_are_scaled_when_an_exercise_has_changed(folder: Path) -> None:
    shown = CourseMap((L1,), {"L1.1": passed("L1.1", 5, 10)}, folder=folder)
    assert shown.earned(L1) == 2


def test_everything_passed(folder: Path) -> None:
    entries = {"L1.1": passed("L1.1", 4, 4), "L1.2": passed("L1.2", 6, 6)}
    assert "every exercise that is here" in CourseMap((L1, L2), entries, folder=folder).sentence()


def test_html_links_what_is_there_and_escapes_what_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "01")  # as a notebook in a lesson's folder would
    shown = CourseMap((L1, L2), {}, folder=folder)._repr_html_()
    assert '<a href="01.ipynb"><b>Score &amp; mix</b></a>' in shown
    assert shown.count("<a ") == 1
    assert "Trust &lt;it&gt;." in shown


def test_a_lesson_whose_notebook_is_gone_is_to_come(folder: Path) -> None:
    (folder / "01" / "01.ipynb").unlink()
    assert "to come" in str(CourseMap((L1,), {}, folder=folder))


def test_where_no_lesson_is_nobody_has_passed_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = CourseMap((L1, L2), {"L1.1": passed("L1.1", 4, 4)}, folder=tmp_path)
    assert shown.sentence().startswith("None of the course's notebooks lies here")
    assert "Well done" not in str(shown)


def test_an_installed_kit_finds_the_notebooks_upwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a browser: the package lies elsewhere, and the notebooks around the one that runs."""
    first = next(lesson for lesson in course_map().lessons if lesson.path)
    notebook = tmp_path / "home" / str(first.path)
    notebook.parent.mkdir(parents=True)
    notebook.write_text("{}")
    released = tmp_path / "site-packages" / "attnkit"
    monkeypatch.setattr(progress, "__file__", str(released / "progress.py"))
    monkeypatch.chdir(notebook.parent)
    assert progress.lessons_folder() == tmp_path / "home"
    assert f'<a href="{notebook.name}">' in course_map()._repr_html_()
    monkeypatch.chdir(tmp_path)
    assert progress.lessons_folder() == tmp_path  # none upwards: here


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"lessons": [{"number": "x"}]}', '{"lessons": 3}']
)
def test_a_damaged_course_file_says_what_to_do(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "course.json").write_text(text)
    monkeypatch.setattr(progress, "RELEASED", tmp_path)
    assert "attn build" in str(course_map())
    assert "attn build" in course_map()._repr_html_()


def test_the_course_in_this_checkout_has_a_map(progress_file: Path) -> None:
    shown = course_map()
    folders = find_course().lesson_folders()
    assert [lesson.label for lesson in shown.lessons] == [folder.label for folder in folders]
    assert shown.is_there(shown.lessons[0])
    assert shown.lessons[0].points > 0
