"""An archive of Python's files with these compiled: runs inside Pyodide, and knows nothing else."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]
from pathlib import Path

STUBS = "jedi/third_party/"
#: Types of Python 2 and of packages that no browser has: a thousand files, unpacked at each start.
LEFT_OUT = (
    f"{STUBS}django-stubs/",
    f"{STUBS}typeshed/stdlib/2/",
    f"{STUBS}typeshed/third_party/2/",
    f"{STUBS}typeshed/third_party/2and3/",
)


def compile_all(archives: str, compiled: str, todo: str) -> None:
    """Each archive of one folder into another one: {name: [new name, sources stay]}, as JSON."""
    for name, (new_name, sources_stay) in json.loads(todo).items():
        data = Path(archives, name).read_bytes()
        part = Path(compiled, f"{new_name}.part")
        part.write_bytes(with_bytecode(data, sources_stay))
        part.rename(Path(compiled, new_name))


def with_bytecode(archive: bytes, sources_stay: bool) -> bytes:
    """The same archive with a .pyc in the place of each .py, or beside it.

    Which of both is never looked up again: what is in an archive doesn't change.
    """
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(packed, "w") as new,
    ):
        for info in old.infolist():
            if info.filename.startswith(LEFT_OUT):
                continue
            content = old.read(info)
            bytecode = compiled(info.filename, content)
            if bytecode is None or sources_stay:
                new.writestr(info, content, zipfile.ZIP_DEFLATED, 9)
            if bytecode is not None:
                place = cached_place(info.filename) if sources_stay else f"{info.filename}c"
                one = zipfile.ZipInfo(place, info.date_time)
                one.external_attr = info.external_attr
                new.writestr(one, bytecode, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()


def compiled(place: str, source: bytes) -> bytes | None:
    """The bytes of a .pyc, or None for what is no file of Python's, or can't be compiled."""
    if not place.endswith(".py"):
        return None
    try:
        code = compile(source, place, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))


def cached_place(place: str) -> str:
    """Where Python looks for the bytecode of a source that is there."""
    return importlib.util.cache_from_source(place)
