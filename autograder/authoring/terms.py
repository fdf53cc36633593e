"""The field's words: marked where a lesson first uses one, and gathered in a glossary.

A mark in a lesson's prose names the term, perhaps the everyday word, and says in a sentence what it
means:

    what a model has learned by heart, {{overfitting (learning by heart): a model does well on the
    examples it has seen and worse on new ones}}

The learner reads **overfitting** there, linked to the glossary. `{{overfits|overfitting: …}}` shows
another form of the word than the one it is explained under.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import GLOSSARY, lesson_label
from autograder.errors import AuthorError

# Formulas and code may hold braces of their own: those come first, and stay as they are.
_MARK = re.compile(
    r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\{\{(?P<inside>.*?)\}\}|(?P<open>\{\{)", re.DOTALL
)
_HEAD = re.compile(r"(?:(?P<shown>[^|]+)\|)?(?P<name>[^(|]+?)\s*(?:\((?P<everyday>[^()]+)\))?")

INTRODUCTION = """# Glossary

The field's words as this course uses them: what each one means, the everyday word for it, and the
lesson where it comes first. There it is bold, and leads here.

[Back to the start page](00_start_here.ipynb)"""


@dataclass(frozen=True)
class Term:
    """A word of the field, where it is marked."""

    name: str
    everyday: str  # the everyday word, or ""
    meaning: str  # a sentence without its full stop
    file: Path
    line: int

    @property
    def key(self) -> str:
        """Its name as a cell's id: terms of one key are one term."""
        return re.sub("[^a-z0-9]+", "-", self.name.lower()).strip("-")


def read_terms(source: str, file: Path, line: int) -> tuple[str, list[Term]]:
    """A prose cell as a learner gets it, and the terms that are marked in it.

    line: that of the cell's first line in the file. AuthorError says what is wrong with a mark.
    """
    terms: list[Term] = []

    def linked(found: re.Match[str]) -> str:
        at = line + source.count("\n", 0, found.start())
        if found["open"]:
            raise AuthorError('a mark that begins with "{{" is never closed by "}}".', file, at)
        if found["inside"] is None:
            return found[0]
        term, shown = _term(" ".join(found["inside"].split()), file, at)
        terms.append(term)
        title = term.meaning.replace('"', "”")
        # JupyterLab finds cells by their ids; by headings, only among what it has drawn already
        return f'**[{shown}]({_way(file)}{GLOSSARY}.ipynb#cell-id={term.key} "{title}")**'

    return _MARK.sub(linked, source), terms


def _term(inside: str, file: Path, line: int) -> tuple[Term, str]:
    head, _, meaning = inside.partition(": ")
    parts = _HEAD.fullmatch(head.strip().removesuffix(":"))
    if parts is None:
        wish = "{{term (everyday word): what it means}}"
        raise AuthorError(f'"{head}" is no term: write {wish}.', file, line)
    name, meaning = parts["name"].strip(), meaning.strip().rstrip(".")
    if not meaning:
        raise AuthorError(
            f'the term "{name}" has no meaning: write {{{{{name}: what it means}}}}.', file, line
        )
    return Term(name, parts["everyday"] or "", meaning, file, line), parts["shown"] or name


def _way(file: Path) -> str:
    """From the notebook of a lesson, or of a page, to where the glossary lies."""
    return "../" if file.parent.name == file.stem else ""


def refuse_twice(terms: Sequence[Term]) -> None:
    """AuthorError for a term that is marked a second time."""
    first: dict[str, Term] = {}
    for term in terms:
        other = first.setdefault(term.key, term)
        if other is not term:
            raise AuthorError(
                f'the term "{term.name}" is marked already in {other.file.name}, line '
                f"{other.line}: mark it where it comes first, once.",
                term.file,
                term.line,
            )


def glossary_cells(terms: Sequence[Term]) -> dict[str, str]:
    """The glossary's cells, in Markdown, by their ids: an introduction, then one for each term."""
    cells, letter = {"": INTRODUCTION}, ""
    for term in sorted(terms, key=lambda term: (term.name.casefold(), term.name)):
        first = term.name[0].upper()
        begins = f"## {first}\n\n" if first != letter else ""
        everyday = f" In everyday words: *{term.everyday}*." if term.everyday else ""
        meaning = term.meaning[0].upper() + term.meaning[1:]
        where = _where(term.file)
        cells[term.key] = f"{begins}### {term.name}\n\n{meaning}.{everyday} {where}"
        letter = first
    return cells


def _where(file: Path) -> str:
    """Where a term comes first, as a link."""
    name = f"lesson {lesson_label(file.stem)}" if _way(file) else file.stem[3:].replace("_", " ")
    place = f"{file.stem}/{file.stem}" if _way(file) else file.stem
    return f"First in [{name}]({place}.ipynb)."
