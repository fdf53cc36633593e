"""A verdict on one answer: what is kept from one to the next, and that it is never another's."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from attnkit import cache

from autograder.authoring.build import build_lesson
from autograder.boxes import tried
from autograder.boxes.flavours import draws, fitting, flavour_of, plain
from autograder.boxes.inside.warm import FLAVOURS
from autograder.boxes.walls import bubblewraps
from autograder.course import Course, LessonFolder, find_course
from autograder.errors import AttnError
from autograder.files import user_folder
from autograder.grading.one_answer import judge_file
from autograder.judging.make_key import make_key
from autograder.notebook_text import to_text
from autograder.record import kept_key
from autograder.record.kept_key import ExerciseKey, class_lesson, exercise_key
from autograder.record.seed import user_seed
from tests.authoring.test_build import MINI

RIGHT = "import numpy as np\n\n\ndef double(x_T):\n    return 2 * np.asarray(x_T)\n"
#: What a verdict does without: each takes longer to import than a verdict may take.
SLOW = ("nbgrader", "nbformat", "jupytext", "sqlalchemy", "matplotlib", "pandas", "IPython", "zmq")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shutil.copytree(MINI, tmp_path / "course")
    (tmp_path / "course" / "lessons").mkdir(exist_ok=True)
    return Course(tmp_path / "course")


@pytest.fixture
def folder(course: Course) -> LessonFolder:
    (folder,) = course.lesson_folders()
    return folder


def kept_files() -> list[Path]:
    return list((user_folder() / "keys").glob("*"))


def test_the_second_time_the_checks_are_read_and_are_the_same(folder: LessonFolder) -> None:
    first = exercise_key(folder, "L1.1")
    (file,) = kept_files()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_key, "_lines", lambda *_: pytest.fail("made again"))
        assert exercise_key(folder, "L1.1") == first
    made = make_key(folder, user_seed())
    whole = (made.visible["L1.1"], made.hidden["L1.1"], made.given)
    assert (first.visible, first.hidden, first.given) == whole
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("change", ["sources", "seed", "damage", "another's"])
def test_what_differs_makes_them_anew(folder: LessonFolder, change: str) -> None:
    first = exercise_key(folder, "L1.1")
    (file,) = kept_files()
    if change == "sources":
        source = folder.exercise_files()[0]
        source.write_text(source.read_text("utf-8") + "\n# one more\n", "utf-8")
    elif change == "seed":
        (user_folder() / "hidden_seed").write_text("4711\n", "ascii")
    elif change == "damage":
        file.write_text(file.read_text("utf-8")[:-200], "utf-8")
    else:
        file.write_text(file.read_text("utf-8").replace('"L1.1"', '"L1.2"'), "utf-8")
    again = exercise_key(folder, "L1.1")
    made = make_key(folder, user_seed())
    assert again == ExerciseKey(made.visible["L1.1"], made.hidden["L1.1"], made.given)
    assert (again.hidden == first.hidden) == (change != "seed")


def test_a_class_finds_its_lesson_as_it_was_made(folder: LessonFolder) -> None:
    first = class_lesson(folder, 4711)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_key, "_lines", lambda *_: pytest.fail("made again"))
        again = class_lesson(folder, 4711)
    built = build_lesson(folder, 4711)
    assert again == first
    assert again.key == make_key(folder, 4711)
    assert again.key.digest() == first.key.digest()
    assert (again.source, again.release) == (to_text(built.source), to_text(built.release))


def test_nothing_is_kept_where_that_is_switched_off(
    folder: LessonFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTNKIT_CACHE", "off")
    assert cache.cache_folder() is None
    exercise_key(folder, "L1.1")
    assert not kept_files()


def test_an_answer_is_judged_and_an_unknown_exercise_named(course: Course, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text(RIGHT, "utf-8")
    assert judge_file(course, "l1.1", answer).passed
    answer.write_text(RIGHT.replace("2 *", "3 *"), "utf-8")
    assert not judge_file(course, "L1.1", answer).passed
    with pytest.raises(AttnError, match=r'no exercise "L1.7" \(there are: L1.1\)'):
        judge_file(course, "L1.7", answer)


def test_a_verdict_waits_for_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """Of what is imported by `attn judge` once the lesson's checks are kept."""
    answer = tmp_path / "answer.py"
    answer.write_text("def weighted_mean(x, w):\n    return w @ x / w.sum()\n", "utf-8")
    find = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: print(json.dumps([n for n in {SLOW} if n in sys.modules])))\n"
        "from autograder.cli import main\n"
        f"sys.argv = ['attn', 'judge', 'L1.1', {str(answer)!r}, '--json']\n"
        "main()\n"
    )
    for _ in range(2):
        command = [sys.executable, "-c", find]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    verdict, _, imported = run.stdout.rstrip().rpartition("\n")
    assert json.loads(imported) == []
    assert json.loads(verdict)["points"] == 4


def test_a_file_has_the_flavour_of_its_lesson() -> None:
    """The sandbox starts before the lesson is read: what its source says must be what holds."""
    for folder in find_course().lesson_folders():
        released = json.loads(folder.released_notebook.read_text("utf-8"))
        code = ["".join(c["source"]) for c in released["cells"] if c["cell_type"] == "code"]
        source = folder.source.read_text("utf-8")
        assert flavour_of(source) == flavour_of("\n".join(code)), folder.name
        assert plain(flavour_of(source)) in FLAVOURS


@pytest.mark.parametrize(
    ("code", "flavour"),
    [
        ("import numpy as np\ndef double(x_T):\n    return 2 * x_T", "answer"),
        ("x = 1  # import pandas", "answer"),
        ("def f(x):\n    import pandas as pd\n    return pd.Series(x)", "numpy"),
        ("from matplotlib import pyplot as plt", "numpy"),
        ("import numpy as np, pandas", "numpy"),
        ("%matplotlib inline", "numpy"),
        ("import importlib\nplt = importlib.import_module('matplotlib.pyplot')", "numpy"),
        ("from attnkit import explore", "numpy"),
    ],
)
def test_a_submission_gets_a_box_that_holds_what_its_code_imports(code: str, flavour: str) -> None:
    assert fitting("numpy", code) == flavour
    assert fitting("keras", code) == {"answer": "keras answer", "numpy": "keras"}[flavour]


def test_what_a_full_box_has_imported_is_known_to_be_more() -> None:
    """A module that is added there, and not known here, would be imported once a submission."""
    more = {*FLAVOURS["numpy"]} - {*FLAVOURS["answer"]} - {"matplotlib_inline.backend_inline"}
    for module in more:
        assert fitting("numpy", f"import {module}") == "numpy", module
    assert [flavour for flavour in FLAVOURS if draws(flavour)] == ["numpy", "keras"]


@pytest.fixture
def walls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if not (programs := bubblewraps()):
        pytest.skip("bubblewrap is not here")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return programs[0]


def test_walls_that_held_are_not_tried_again_where_nothing_differs(walls: str) -> None:
    assert not tried.held_before(walls, "answer")
    tried.they_hold(walls, "answer")
    assert tried.held_before(walls, "answer")
    (file,) = user_folder().iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["boot", "program", "flavour", "private folder", "code", "damage"])
def test_with_anything_else_they_are_tried_again(
    walls: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried.they_hold(walls, "answer")
    program, flavour = walls, "answer"
    if what == "boot":
        (tmp_path / "boot_id").write_text("another\n", "ascii")
        monkeypatch.setattr(tried, "_SETTINGS", (str(tmp_path / "boot_id"), *tried._SETTINGS[1:]))
    elif what == "program":
        program = shutil.copy(walls, str(tmp_path / "bwrap"))
    elif what == "flavour":
        flavour = "numpy"
    elif what == "private folder":  # below one that is shown
        monkeypatch.setenv("ATTNKIT_RELEASED", str(Path(sys.prefix) / "lib"))
    elif what == "code":
        (tmp_path / "boxes").mkdir()
        (tmp_path / "boxes" / "walls.py").write_text("", "ascii")
        monkeypatch.setattr(tried, "_OURS", tmp_path / "boxes")
    else:
        (user_folder() / "walls_that_held").write_bytes(b"\xff")
    assert not tried.held_before(program, flavour)
