"""Pages for people: every link leads somewhere, and what they tell to type is understood."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.command_lines import ROOT, blocks, calls, parse_attn, parse_make

FOLDERS = (".github", "autograder", "lessons", "solutions", "tests")
PAGES = [ROOT / "README.md", *sorted(p for name in FOLDERS for p in (ROOT / name).rglob("*.md"))]
EVERY = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def headings(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    titles = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@EVERY
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if re.match(r"https?://|mailto:", link):
            continue
        file, _, anchor = link.partition("#")
        place = (page.parent / file).resolve() if file else page
        assert place.exists(), link
        assert place.is_relative_to(ROOT), link
        if anchor:
            assert anchor in headings(place), link


@EVERY
def test_every_command_is_one(page: Path) -> None:
    for block in (*blocks(page, "sh"), *blocks(page, "powershell")):
        for words in calls("attn", block):
            parse_attn(words)
        for words in calls("make", block):
            parse_make(words)
        for words in calls("python", block):
            for word in words:
                if word.startswith("tests/"):
                    assert (ROOT / word).exists(), word
    for said in re.findall(r"`(attn [^`]*)`", page.read_text("utf-8")):
        for words in calls("attn", said):
            parse_attn(words, in_prose=True)
    for target in re.findall(r"`make ([a-z-]+)", page.read_text("utf-8")):
        parse_make([target])


def test_a_wrong_command_would_be_found() -> None:
    parse_attn(["export", "--format", "csv"], in_prose=True)
    with pytest.raises(Exception, match="Missing"):
        parse_attn(["export", "--format", "csv"])
    with pytest.raises(Exception, match="No such option"):
        parse_attn(["export", "autumn", "--formt", "csv"], in_prose=True)
    with pytest.raises(Exception, match="is not one of"):
        parse_attn(["export", "--format", "excel"], in_prose=True)
    for wrong in (["exports"], ["--logg", "file", "export", "autumn"], ["course", "collected"]):
        with pytest.raises(AssertionError):
            parse_attn(wrong, in_prose=True)


def test_the_newest_version_in_the_changelog_is_this_one() -> None:
    """Wherever else a version is written, it is the same."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = (ROOT / ".github" / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$", changes, re.M)
    assert versions[0] == version
    numbers = [tuple(map(int, each.split("."))) for each in versions]
    assert numbers == sorted(set(numbers), reverse=True)
    for page in ("autograder/hub/kubernetes.yaml", "autograder/grading/README.md"):
        named = re.findall(
            r"attention-kit(?::|\n +tag: \")(\d[\d.]*)", (ROOT / page).read_text("utf-8")
        )
        assert named == [version], page


def test_the_pages_are_found() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", ".github/CONTRIBUTING.md", ".github/CHANGELOG.md"} <= names
    assert headings(ROOT / "README.md") >= {"for-learners", "a-classifier-of-your-own-data"}
