"""What makes a visit quicker changes nothing that is imported, and is the same bytes twice."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from autograder.site import whole
from autograder.site.pyodide import sha256
from autograder.site.quicker import archive, quicken
from autograder.site.quicker.sitecustomize import Folder, folder_of_the_drive
from autograder.site.wheels import made

FILES = {
    "kit/__init__.py": b"from kit.parts import answer\n",
    "kit/parts.py": b'"""Parts."""\nanswer = 42\n',
    "kit/template.py": b"this is {{ no Python }}\n",
    "kit/numbers.json": b"[1]",
    "jedi/third_party/django-stubs/views.pyi": b"",
}


@pytest.mark.parametrize("sources_stay", [True, False])
def test_a_compiled_archive_imports_as_its_sources_do(sources_stay: bool, tmp_path: Path) -> None:
    data = archive.with_bytecode(made("kit", FILES).data, sources_stay)
    assert data == archive.with_bytecode(made("kit", FILES).data, sources_stay)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        packed.extractall(tmp_path)
        names = set(packed.namelist())
    assert ("kit/parts.py" in names) == sources_stay
    assert {"kit/template.py", "kit/numbers.json", "kit-0.2.0.dist-info/RECORD"} <= names
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import kit, kit.parts;"
        "print(kit.answer, kit.parts.__doc__, kit.parts.__cached__ or kit.parts.__file__)"
    )
    command = [sys.executable, "-B", "-c", code, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("42 Parts. ")
    assert said.strip().endswith(".pyc")
    assert sum(name.endswith(".pyc") for name in names) == 2  # what is no Python has none
    assert not any(name.startswith("jedi/") for name in names)


def test_a_folder_is_not_asked_for_what_it_does_not_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("answer = 1\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").write_text("")
    folder = Folder(str(tmp_path), (SourceFileLoader, [".py"]))
    listings, now, listed = [], [100.0], os.listdir

    def listing(path: str) -> list[str]:
        listings.append(path)
        return listed(path)

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(os, "listdir", listing)
    assert all(folder.find_spec(name) is None for name in ("numpy", "scipy", "pandas"))
    assert len(listings) == 1
    for name in ("mine", "parts"):
        spec = folder.find_spec(name)
        assert spec is not None
        assert spec.origin
    (tmp_path / "later.py").write_text("")
    now[0] += 2
    assert folder.find_spec("later") is not None
    (tmp_path / "at_once.py").write_text("")
    folder.invalidate_caches()
    assert folder.find_spec("at_once") is not None


def test_only_the_drive_is_such_a_folder() -> None:
    assert isinstance(folder_of_the_drive("/drive/01_attention_scores"), Folder)
    for path in ("/lib/python3.12/site-packages", "/drives", ""):
        with pytest.raises(ImportError):
            folder_of_the_drive(path)


def test_without_node_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wanted = whole.Wanted(tmp_path, ("pyodide.tar.bz2",))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not whole.compiles(wanted)
    (tmp_path / "node").write_text("#!/bin/sh\n")
    (tmp_path / "node").chmod(0o755)
    assert whole.compiles(wanted)
    assert not whole.compiles(whole.Wanted(tmp_path, ("https://mirror.example/pyodide",)))
    assert not whole.compiles(whole.Wanted(tmp_path))


@pytest.mark.slow
def test_the_sites_python_is_compiled_and_its_lock_knows(site: Path) -> None:
    folder = site / "lab" / "static" / "pyodide"
    packages = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    bytecode = 0
    for name, entry in packages.items():
        data = (folder / entry["file_name"]).read_bytes()
        assert sha256(data) == entry["sha256"], name
        if entry["file_name"].endswith(".whl"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                bytecode += any(place.endswith(".pyc") for place in packed.namelist())
    wheels = {file.name for file in folder.glob("*.whl")}
    assert wheels == {e["file_name"] for e in packages.values()} & wheels
    if whole.compiles(whole.Wanted(site, (str(folder),))):
        with zipfile.ZipFile(folder / quicken.LIBRARY) as library:
            assert {"sitecustomize.pyc", "json/decoder.pyc"} <= set(library.namelist())
        assert bytecode > 40
