"""Pyodide, Python for browsers: its files found, each checked by its SHA-256, its lock cut to ours.

No package registry serves Pyodide's NumPy, Matplotlib and the like under their own names, so the
bytes come from whoever has the official distribution, whole or in part, as an archive or a folder
(`attn site --pyodide PATH`). Whoever packed them can't have changed one: `pyodide.json` knows the
SHA-256 of each, as the lock in npm's package `pyodide` has it. What starts Python is also had from
that package itself, by npm. Without a PATH, a site sends its visitors to Pyodide's public network.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnkit.files import PART

from autograder.errors import AttnError

KNOWN = Path(__file__).with_name("pyodide.json")
#: Where Pyodide's makers publish each version, for the browsers of those who have no files of it.
NETWORK = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
ARCHIVES = (".tar.bz2", ".tar.gz", ".tgz", ".tar")

Package = dict[str, Any]  # one package's entry in the lock


@dataclass(frozen=True)
class Release:
    """One version of Pyodide: the files that start it, and the packages that a site needs."""

    version: str
    info: Mapping[str, str]
    core: Mapping[str, str]  # the name of a file and its SHA-256
    packages: Mapping[str, Package]

    @property
    def network(self) -> str:
        return NETWORK.format(version=self.version)

    def files(self) -> dict[str, str]:
        """Every file of it that a site serves, with its SHA-256."""
        wheels = {entry["file_name"]: entry["sha256"] for entry in self.packages.values()}
        return {**self.core, **wheels}

    def closure(self, wanted: Iterable[str]) -> dict[str, Package]:
        """These packages and all that they depend on."""
        todo, found = list(wanted), dict[str, Package]()
        while todo:
            name = canonical(todo.pop())
            if name not in found:
                found[name] = dict(self.packages[name])
                todo += found[name]["depends"]
        return dict(sorted(found.items()))


@functools.cache
def release() -> Release:
    """The version of Pyodide that this version of the course is made for."""
    return Release(**json.loads(KNOWN.read_text(encoding="utf-8")))


def canonical(name: str) -> str:
    """A package's name as an index writes it: "jupyterlab_widgets" is "jupyterlab-widgets"."""
    return re.sub(r"[-_.]+", "-", name).lower()


# --- its files ------------------------------------------------------------------------------------


def gather(places: Sequence[Path], folder: Path, scratch: Path) -> None:
    """Put every file of the release into a folder, out of these places, or else by npm.

    What the folder has already stays. AttnError names what is nowhere, and what is somewhere with
    other bytes than Pyodide's.
    """
    for place in places:
        if not place.is_dir() and not (place.is_file() and place.name.endswith(ARCHIVES)):
            raise AttnError(
                f"{place} is neither a folder nor an archive of Pyodide's files (.tar.bz2, .tgz)."
            )
    wanted, damaged = release().files(), dict[str, Path]()
    folder.mkdir(parents=True, exist_ok=True)
    missing = {name for name, digest in wanted.items() if not _is(folder / name, digest)}
    for place in places:
        if missing:
            for file in _files(place, scratch):
                if file.name in missing and _is(file, wanted[file.name]):
                    _copy(file, folder)
                    missing.discard(file.name)
                elif file.name in missing and file.name != "package.json":
                    damaged[file.name] = file
    if missing and missing <= set(release().core):
        missing -= _by_npm(missing, folder, scratch)
    if missing:
        raise AttnError(_about_missing(missing, damaged, places))


def _copy(file: Path, folder: Path) -> None:
    """A file into the folder, whole or not at all: another command may be at work there."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=PART, delete=False) as part:
        part.write(file.read_bytes())
    os.replace(part.name, folder / file.name)


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256(file.read_bytes()) == digest


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _about_missing(
    missing: set[str], damaged: Mapping[str, Path], places: Sequence[Path]
) -> str:  # fmt: skip
    version = release().version
    if found := sorted(missing & damaged.keys()):
        file = damaged[found[0]]
        return (
            f"{file} is not the file of that name in Pyodide {version} (its SHA-256 is another "
            "one): get it anew, or name another folder."
        )
    where = ", ".join(map(str, places))
    few = ", ".join(sorted(missing)[:3]) + (" …" if len(missing) > 3 else "")
    return (
        f"{where} lacks {len(missing)} of the {len(release().files())} files of Pyodide {version} "
        f"that the site needs ({few}): name its official distribution, or leave --pyodide away."
    )


def _files(place: Path, scratch: Path) -> Iterator[Path]:
    """The files that lie in a folder or in an archive, however deep."""
    if place.is_file():
        into = Path(tempfile.mkdtemp(dir=scratch))
        try:
            with tarfile.open(place) as archive:
                archive.extractall(into, filter="data")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise AttnError(f"{place} can't be unpacked ({error}): get it anew.") from None
        place = into
    yield from sorted(file for file in place.rglob("*") if file.is_file())


def _by_npm(wanted: set[str], folder: Path, scratch: Path) -> set[str]:
    """Files of Pyodide's core out of npm's own package: which ones have come."""
    if shutil.which("npm") is None:
        return set()
    into = Path(tempfile.mkdtemp(dir=scratch))
    package = f"pyodide@{release().version}"
    command = ["npm", "pack", "--silent", "--ignore-scripts", package]
    subprocess.run(
        command, cwd=into, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False
    )
    come = set()
    for archive in into.glob("*.tgz"):
        for file in _files(archive, scratch):
            if file.name in wanted and _is(file, release().core[file.name]):
                _copy(file, folder)
                come.add(file.name)
    return come


# --- its lock -------------------------------------------------------------------------------------


def write_lock(packages: Mapping[str, Package], file: Path) -> None:
    """A lock of exactly these packages: what isn't named is not there, and no failed download.

    ValueError if one depends on another that isn't among them.
    """
    for name, entry in packages.items():
        if lost := {canonical(one) for one in entry["depends"]} - packages.keys():
            raise ValueError(f"{name} depends on {', '.join(sorted(lost))}, not in the lock")
    lock = {"info": dict(release().info), "packages": dict(sorted(packages.items()))}
    file.write_text(json.dumps(lock, separators=(",", ":"), sort_keys=True), encoding="utf-8")


def learn(folder: Path, wanted: Iterable[str]) -> str:
    """The text of `pyodide.json`, out of npm's package `pyodide`, unpacked, of another version."""
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages = {canonical(name): entry for name, entry in lock["packages"].items()}
    whole = Release(lock["info"]["version"], lock["info"], {}, packages)
    core = {name: sha256((folder / name).read_bytes()) for name in CORE}
    known = {
        "version": whole.version,
        "info": lock["info"],
        "core": core,
        "packages": whole.closure(wanted),
    }
    return json.dumps(known, indent=1, sort_keys=True) + "\n"


CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
