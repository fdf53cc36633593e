"""What the site holds: lessons that a browser can run, honest pages for the others, a start."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.course import find_course
from autograder.errors import AttnError
from autograder.site import contents, fitness, serve, start, whole
from autograder.site.book.pages import OTHER_WAYS, put_pages
from autograder.site.contents import SiteLesson
from autograder.site.kit_wheel import WHEEL, put_wheel

COURSE = find_course()
LESSONS = contents.lessons_of(COURSE)
BY_LABEL = {lesson.folder.label: lesson for lesson in LESSONS}


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("import numpy, scipy.stats\nfrom sklearn.datasets import load_digits", []),
        ("import json, math, tracemalloc\nfrom IPython.display import display", []),
        ("import keras\nkeras.layers.Softmax()(x)\nkeras.ops.convert_to_numpy(x)", []),
        ("import keras\nkeras.Model(x)", [fitness.KERAS]),
        ("keras.layers.Conv1D(3)", [fitness.KERAS]),
        ("import tensorflow as tf", [fitness.KERAS]),
        ("from attnkit import asking_reader, check", [fitness.KERAS]),
        ("from attnkit.classifier import device_report", [fitness.KERAS]),
        ("from attnkit.writing.decoder import Writer", [fitness.KERAS]),
        ("from attnkit.earlier import yours\nfrom attnkit.panels import explore", []),
        ("from attnkit.figures import draw_weights\nfrom attnkit.panels.kernel import x", []),
        ("import mlxtend.classifier, emoji", ["the package mlxtend", "the package emoji"]),
    ],
)
def test_what_a_browser_lacks_is_read_off_the_code(code: str, lacks: list[str]) -> None:
    assert [need for need in dict.fromkeys(fitness.needs(ast.parse(code))) if need] == lacks


def test_the_lessons_in_numpy_run_in_a_browser_and_keras_ones_say_so() -> None:
    assert all(BY_LABEL[str(number)].runs_here for number in (1, 2, 3, 4, 5, 6, 7, 11))
    for number in (8, 9, 10, 15):
        assert BY_LABEL[str(number)].lacks == (fitness.KERAS,)
    assert fitness.in_words(["a", "b", "c"]) == "a, b, and c"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contents") / "files"
    contents.put(COURSE, LESSONS, folder, "https://example.org/kit")
    return folder


def test_notebooks_that_run_are_the_released_ones(folder: Path) -> None:
    for lesson in LESSONS:
        same = (folder / lesson.path).read_bytes() == lesson.folder.released_notebook.read_bytes()
        assert same == lesson.runs_here, lesson.path
    for page in ("98_glossary.ipynb", "99_gallery.ipynb"):
        assert (folder / page).read_bytes() == (COURSE.lessons / page).read_bytes()


def test_a_lesson_that_needs_keras_has_a_page_that_says_where_it_runs(folder: Path) -> None:
    notebook = nbformat.read(folder / BY_LABEL["8"].path, as_version=4)
    [cell] = notebook.cells
    assert cell.source.startswith("# Lesson 8: A classifier, and a bug hunt\n")
    assert "needs Keras and TensorFlow, which no browser can run" in cell.source
    assert "[its repository](https://example.org/kit)" in cell.source
    links = re.findall(r"\]\(([^)]+)\)", cell.source)
    inside = [link for link in links if "://" not in link]
    assert inside
    assert all((folder / "08_classifier" / link).resolve().is_file() for link in inside)


def test_the_start_page_tells_where_work_is_kept(folder: Path) -> None:
    notebook = nbformat.read(folder / "00_start_here.ipynb", as_version=4)
    released = nbformat.read(COURSE.lessons / "00_start_here.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells[1:]] == [c.source for c in released.cells[1:]]
    first = notebook.cells[0].source
    assert first.startswith("# Attention, built by hand\n\n> **You are in the browser edition.**")
    assert "Clearing its data for this site deletes them" in first
    assert re.search(r"\*\*Lessons 8, 9, 10(, \w+)* and \w+\*\* need more", first)
    assert first.endswith(released.cells[0].source.partition("\n\n")[2])
    assert {lesson.time for lesson in LESSONS} >= {"about 2 hours", "about 2½ hours"}


# --- the command ---


def attn(monkeypatch: pytest.MonkeyPatch, *words: str, code: int = 0) -> None:
    monkeypatch.setattr("sys.argv", ["attn", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code


def test_a_site_without_the_browser_edition_is_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "https://example.org/course/"
    for name in ("one", "two", "two"):  # what stood there before is replaced
        out = tmp_path / name
        attn(monkeypatch, "site", str(out), "--no-lite", "--no-book", "--base-url", address)
        assert f"{out}: " in capsys.readouterr().out
    one, two = (bytes_of(tmp_path / name) for name in ("one", "two"))
    assert one == two
    page = one["index.html"].decode()
    assert f'<link rel="canonical" href="{address}">' in page
    assert f"<code>%pip install {address}{WHEEL}</code>" in page
    assert "Work on it here" not in page
    assert set(re.findall(r'href="(notebooks/[^"]+)"', page)) == {
        f"notebooks/{lesson.folder.name}.ipynb" for lesson in LESSONS
    }
    for lesson in LESSONS:
        released = lesson.folder.released_notebook.read_bytes()
        assert one[f"notebooks/{lesson.folder.name}.ipynb"] == released
    with zipfile.ZipFile(io.BytesIO(one[WHEEL])) as wheel:  # for pip, in Colab and elsewhere
        assert {"attnkit/__init__.py", "attnkit/released/course.json"} <= set(wheel.namelist())


def test_other_ways_in_names_this_sites_wheel(tmp_path: Path) -> None:
    """Protects a line that is copied into Colab: the wheel that is there, at the site's address."""
    text = (COURSE.lessons / contents.OTHER_WAYS).read_text("utf-8")
    assert set(re.findall(r"SITE/([\w.-]+)", text)) == {WHEEL}
    (tmp_path / "_static").mkdir()
    put_pages(COURSE.root, tmp_path, "", "https://example.org/course/")
    page = (tmp_path / f"{OTHER_WAYS}.md").read_text("utf-8")
    assert f"%pip install -q https://example.org/course/{WHEEL}\n" in page
    assert not re.search(r"\bSITE/", page)


def test_a_wheel_that_is_not_built_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AttnError, match=r"Hatchling, which builds the kit's wheel, stopped"):
        put_wheel(tmp_path, tmp_path, tmp_path)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by their places."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_page_of_a_site_leads_to_each_lesson(tmp_path: Path) -> None:
    odd = SiteLesson(BY_LABEL["1"].folder, "A <b> & c", "Trust <it>.", 0, ())
    start.write(COURSE, [odd, *LESSONS[1:]], tmp_path, lite=True, source="https://example.org/kit")
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "A &lt;b&gt; &amp; c" in page
    assert "Lesson 1</span>" in page  # no time is told
    offered = {f"{start.LAB}{lesson.path}" for lesson in LESSONS if lesson.runs_here}
    assert set(re.findall(r'href="(lab/lab/[^"]*/[^"]*ipynb)"', page)) == offered
    assert page.count("which no browser can run: for a computer") == len(LESSONS) - len(offered)
    assert 'href="https://example.org/kit"' in page
    assert "canonical" not in page
    assert not re.search(r'(src|href)="https?://(?!example\.org|pyodide\.org|jupyterlite)', page)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--pyodide", "https://example.org/", "--pyodide", "."], "not both"),
        (["--pyodide", "no-such-folder"], "neither a folder nor an archive"),
    ],
)
def test_a_wrong_use_is_one_sentence(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    attn(monkeypatch, "site", str(tmp_path / "out"), *words, code=2)
    assert says in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []  # nothing half-made stays


def test_what_is_no_site_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for out in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(AttnError, match="is there and is no site"):
            whole.build(COURSE, whole.Wanted(out, lite=False, book=False), lambda _: None)
    monkeypatch.setattr(whole, "ROOM", 10**18)
    with pytest.raises(AttnError, match=r"MB free, and a site needs .* make room"):
        whole.build(COURSE, whole.Wanted(tmp_path / "new", lite=False, book=False), lambda _: None)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_site_is_served_with_types_that_browsers_insist_on(tmp_path: Path) -> None:
    import urllib.request

    (tmp_path / "a.wasm").write_bytes(b"\0asm")
    (tmp_path / "b.mjs").write_text("1")
    with serve.serving(tmp_path) as server:
        for name, kind in (("a.wasm", "application/wasm"), ("b.mjs", "text/javascript")):
            with urllib.request.urlopen(server.address + name) as answer:
                assert answer.headers["Content-Type"].startswith(kind)
                changed = answer.headers["Last-Modified"]
        asked = urllib.request.Request(server.address + "b.mjs")
        asked.add_header("If-Modified-Since", changed)
        with pytest.raises(urllib.error.HTTPError, match="304"):
            urllib.request.urlopen(asked)
        assert server.sent == 5
        taken = server.server_address[1]
        with (
            pytest.raises(AttnError, match=f"Port {taken} is taken"),
            serve.serving(tmp_path, taken),
        ):
            pass
