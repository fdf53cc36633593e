"""Pages for instructors and authors: the repository's own, with links that lead somewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

OTHER_WAYS = "other-ways"
# by the caption in the side bar: a page's name in the book, and its file in the repository
PAGES: Mapping[str, Mapping[str, str]] = {
    "For learners": {OTHER_WAYS: "lessons/OTHER_WAYS.md"},
    "For instructors": {
        "teaching": "autograder/classroom/TEACHING.md",
        "classroom": "autograder/classroom/README.md",
        "grading": "autograder/grading/README.md",
        "security": "autograder/SECURITY.md",
        "hub": "autograder/hub/README.md",
        "site": "autograder/site/README.md",
    },
    "For authors": {
        "exercises": "autograder/authoring/README.md",
        "changes": ".github/CHANGELOG.md",
    },
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)((?: \"[^\"]*\")?)\)")
_SITE = re.compile(r"\bSITE(?=/)")
_NOTEBOOK = re.compile(r"lessons/(.+\.ipynb)")
PICTURES = "_static/pictures"


def put_pages(root: Path, folder: Path, source: str, base_url: str = "") -> None:
    """Copy these pages into the book. source: the repository's address, for what isn't in it.

    base_url: the address that the site will have, which pages call SITE.
    """
    for names in PAGES.values():
        for name, file in names.items():
            text = (root / file).read_text(encoding="utf-8")
            if base_url:
                text = _SITE.sub(base_url.rstrip("/"), text)
            text = _with_links(text, PurePosixPath(file), root, folder, source)
            (folder / f"{name}.md").write_text(_for_myst(text), encoding="utf-8")


def _for_myst(text: str) -> str:
    """Fenced code whose language has a note, such as "python lesson", as Pygments knows it."""
    return re.sub(r"^(`{3,})(\w+) [^\n]*$", r"\1\2", text, flags=re.M)


def _with_links(text: str, file: PurePosixPath, root: Path, folder: Path, source: str) -> str:
    documents = {path: name for names in PAGES.values() for name, path in names.items()}

    def link(found: re.Match[str]) -> str:
        picture, words, target, title = found.groups()
        path, hash_, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not path:
            return found[0]
        place = _clean(file.parent / path)
        if picture:
            (folder / PICTURES).mkdir(exist_ok=True)
            shutil.copyfile(root / place, folder / PICTURES / Path(place).name)
            return f"![{words}]({PICTURES}/{Path(place).name}{title})"
        if place in documents:
            return f"[{words}]({documents[place]}.md{hash_}{anchor}{title})"
        notebook = _NOTEBOOK.fullmatch(place)
        if notebook and (folder / notebook[1]).is_file():
            return f"[{words}]({notebook[1]}{title})"
        if source:
            return f"[{words}]({source.rstrip('/')}/blob/HEAD/{place}{hash_}{anchor}{title})"
        return words

    return _LINK.sub(link, text)


def _clean(path: PurePosixPath) -> str:
    """A path without its "..": "autograder/hub" for "autograder/classroom/../hub"."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
