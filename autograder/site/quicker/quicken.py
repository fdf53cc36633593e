"""A folder with Python for browsers, made quicker: what it loads is compiled already.

A browser keeps files, but not what Python makes of them: it compiled a thousand modules anew with
each visit. Bytecode belongs to one version of Python, so Pyodide itself makes it, run by Node; for
equal sources it is equal bytes. What was compiled once stays, for the next site.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from attnkit.files import PART

from autograder.site import programs
from autograder.site.pyodide import sha256
from autograder.site.wheels import LONG_AGO

HERE = Path(__file__).parent
SCRIPT, IN_NODE = HERE / "archive.py", HERE / "in_node.mjs"
AT_START = HERE / "sitecustomize.py"  # Python itself imports it, by this name
LIBRARY = "python_stdlib.zip"
#: Ours can be read beside its bytecode; of others' packages a visit fetches the bytecode alone.
OURS = frozenset({"attnkit", "keras"})
#: Matplotlib asks for it and imports it for PDFs alone, so its bytecode would only be fetched.
NOT_IMPORTED = frozenset({"fonttools"})


def quicken(folder: Path, kept: Path) -> None:
    """Put compiled archives in the place of a folder's own, new names and hashes into its lock.

    kept: a folder for what is compiled, from one site to the next. AttnError: Node's last words.
    """
    _add(AT_START, folder / LIBRARY)
    lock_file = folder / "pyodide-lock.json"
    lock = json.loads(lock_file.read_text(encoding="utf-8"))
    kept.mkdir(parents=True, exist_ok=True)
    archives = {LIBRARY: False} | {
        entry["file_name"]: name in OURS
        for name, entry in lock["packages"].items()
        if name not in NOT_IMPORTED and entry["file_name"].endswith(".whl")
    }
    places = {
        name: kept / _kept_name((folder / name).read_bytes(), stays)
        for name, stays in archives.items()
    }
    todo = {
        name: [places[name].name, stays]
        for name, stays in archives.items()
        if not places[name].is_file()
    }
    if todo:
        _compile(folder, kept, todo)
    shutil.copyfile(places[LIBRARY], folder / LIBRARY)
    for entry in lock["packages"].values():
        if (name := entry["file_name"]) in places:
            _exchange(entry, folder, places[name])
    lock_file.write_text(json.dumps(lock, separators=(",", ":"), sort_keys=True), encoding="utf-8")


def _add(file: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as library:
        one = zipfile.ZipInfo(file.name, LONG_AGO)
        library.writestr(one, file.read_bytes(), zipfile.ZIP_DEFLATED)


def _kept_name(archive: bytes, sources_stay: bool) -> str:
    """Another archive, another way of compiling: another name."""
    return sha256(archive + SCRIPT.read_bytes() + bytes([sources_stay]))[:20] + ".zip"


def _exchange(entry: dict[str, Any], folder: Path, compiled: Path) -> None:
    """A package's archive for the compiled one: its name tells its bytes, as a browser keeps it."""
    data = compiled.read_bytes()
    old = entry["file_name"]
    name, version, *rest = old.removesuffix(".whl").split("-")
    build = f"0{sha256(data)[:10]}"
    new = "-".join([name, version, build, *rest[-3:]]) + ".whl"
    (folder / old).unlink()
    (folder / new).write_bytes(data)
    entry["file_name"], entry["sha256"] = new, sha256(data)


def _compile(pyodide: Path, kept: Path, todo: dict[str, list[Any]]) -> None:
    with tempfile.TemporaryDirectory(dir=kept, prefix=PART) as part:
        command = ["node", IN_NODE, pyodide, pyodide, part, SCRIPT, json.dumps(todo)]
        programs.run("Pyodide's compiling in Node", command, kept.parent / "compiled.log")
        for name, _ in todo.values():
            os.replace(Path(part) / name, kept / name)
