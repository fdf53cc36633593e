"""A site with everything in it, built once for a process, where Pyodide's files are to be had."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.errors import AttnError
from autograder.site import pyodide, whole

ROOT = find_course().root


def pyodide_places() -> list[Path]:
    """Where Pyodide's files may lie: what `ATTN_PYODIDE` names, or beside the checkout."""
    named = os.environ.get("ATTN_PYODIDE", "")
    beside = ROOT.parent / "shared" / f"pyodide-{pyodide.release().version}"
    places = [Path(one) for one in named.split(os.pathsep) if one] or [beside]
    return [place for place in places if place.exists()]


@pytest.fixture(scope="session")
def pyodide_folder() -> Path:
    """A folder with all of Pyodide's files; its core comes by npm if it lies nowhere."""
    version = pyodide.release().version
    places = pyodide_places()
    if not places:
        pytest.skip(f"no files of Pyodide {version}: ATTN_PYODIDE=PATH names them")
    folder, scratch = ROOT / "build" / "site" / f"pyodide-{version}", ROOT / "build" / "site"
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        pyodide.gather(places, folder, scratch)
    except AttnError as error:
        pytest.skip(f"Pyodide's files are not all here: {error}")
    return folder


@pytest.fixture(scope="session")
def site(pyodide_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, with Python in it."""
    out = tmp_path_factory.mktemp("site") / "pages"
    wanted = whole.Wanted(out, (str(pyodide_folder),), book=False)
    whole.build(find_course(), wanted, lambda _: None)
    return out
