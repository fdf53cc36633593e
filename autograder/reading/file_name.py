"""What a file's name tells: whether it is called a notebook, and what it is called besides.

Browsers and mail programs save `work.ipynb` as `work.ipynb.txt` or `work.ipynb.json`, and number a
second download: `work (1).ipynb`, `work.ipynb (1).txt`, `work.ipynb-1.txt`.
"""

from __future__ import annotations

import re

_NUMBER = r"[ _]?\(\d{1,3}\)"
_ENDING = re.compile(rf"\.ipynb(?:(?:{_NUMBER}|-\d{{1,3}})?\.(?:txt|json))?\Z", re.IGNORECASE)
_COPY = re.compile(rf"{_NUMBER}\Z")


def is_called_notebook(name: str) -> bool:
    """Whether a file's name says that it is one, as systems and browsers write that."""
    return _ENDING.search(name) is not None


def stem_of(name: str) -> str:
    """A file's name without its ending, whatever kind of file it is."""
    found = _ENDING.search(name)
    return (name[: found.start()] if found else name.rpartition(".")[0]) or name


def without_number(stem: str) -> str:
    """A name without the number of a copy in brackets at its end: `work-1` may be a name."""
    return _COPY.sub("", stem) or stem
