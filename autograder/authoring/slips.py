"""A slip: a wrong answer that is a right one but for a line or two.

Only what differs is written down, as a diff. What is replaced must stand in the right answer
exactly once, so that nobody can doubt which line is meant.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Slip:
    """What an author writes of one: its id, what becomes what, and the sentence."""

    name: str
    changes: tuple[tuple[str, str], ...]
    message: str


def read_slip(text: str) -> Slip:
    """A slip out of its text: the id, then a diff, then the sentence, each on lines of its own.

        divides-by-T
        - w_T.sum()
        + len(w_T)
        You divided by the number of words T. …

    Several lines that begin with "-" go together, and what they become follows them; if nothing
    does, or a lone "+", they are left out. ValueError says what is missing.
    """
    name, _, rest = text.strip().partition("\n")
    lines = textwrap.dedent(rest).split("\n")
    changes: list[tuple[list[str], list[str]]] = []
    while lines and re.match(r"[-+]( |$)", lines[0]):
        sign, line = lines[0][0], lines.pop(0)[2:]
        if sign == "-" and (not changes or changes[-1][1]):
            changes.append(([], []))
        if not changes:
            raise ValueError("it begins with what comes (+), before what goes (-)")
        changes[-1][sign == "+"].append(line)
    if not changes:
        raise ValueError("it needs its id, then what goes (- …) and what comes (+ …)")
    pairs = tuple(("\n".join(old), "\n".join(new)) for old, new in changes)
    return Slip(name.strip(), pairs, "\n".join(lines))


def with_slip(source: str, changes: Sequence[tuple[str, str]]) -> str:
    """The source with each old text replaced by its new one; ValueError says why not.

    An old text is a line, a part of one, or several lines, of which the indentation that they have
    in common is no matter. A new text of "" leaves the line out.
    """
    found = sorted((_place(source, _plain(old)), _plain(old), _plain(new)) for old, new in changes)
    for ((_, end), one, _), ((start, _), other, _) in itertools.pairwise(found):
        if start < end:
            raise ValueError(f"{_shown(one)} and {_shown(other)} overlap")
    for (start, end), _, new in reversed(found):
        source = _replace(source, start, end, new)
    return source


def _plain(text: str) -> str:
    """Without the indentation that all lines have; of one line, without any."""
    return textwrap.dedent(text) if "\n" in text else text.strip()


def _place(source: str, old: str) -> tuple[int, int]:
    """From where to where the old text stands in the source, where it begins and ends a word."""
    if not old:
        raise ValueError("the old text is empty")
    lines = old.split("\n")
    if len(lines) == 1:
        begins, ends = (re.match(r"\w", letter) for letter in (old[0], old[-1]))
        pattern = (r"(?<!\w)" if begins else "") + re.escape(old) + (r"(?!\w)" if ends else "")
    else:
        rest = "".join(rf"\n(?P=indent){re.escape(line)}" if line else r"\n" for line in lines[1:])
        pattern = rf"^(?P<indent> *){re.escape(lines[0])}{rest}$"
    found = [match.span() for match in re.finditer(pattern, source, flags=re.MULTILINE)]
    if len(found) != 1:
        how = f"occurs {len(found)} times: give more of it" if found else "does not occur"
        raise ValueError(f"{_shown(old)} {how}")
    start, end = found[0]
    return start + len(source[start:end]) - len(source[start:end].lstrip()), end


def _replace(source: str, start: int, end: int, new: str) -> str:
    line = source.rfind("\n", 0, start) + 1
    indent = source[line:start]
    if not new and not indent.strip() and source[end : end + 1] == "\n":
        return source[:line] + source[end + 1 :]
    margin = re.match(" *", source[line:])
    assert margin is not None
    lines = new.split("\n")
    rest = [f"{margin[0]}{text}" if text else "" for text in lines[1:]]
    return source[:start] + "\n".join([lines[0], *rest]) + source[end:]


def _shown(text: str) -> str:
    first, *rest = text.split("\n")
    return f"`{first}`" + (f" (and {len(rest)} more lines)" if rest else "")
