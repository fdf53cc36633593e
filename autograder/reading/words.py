"""Answers in words: where people write them besides the cell that is meant for it.

In a new cell below, of whatever kind; into the question's own text; in two cells; somewhere else.
Whatever might be one is shown as part of the answer, for a person reads it. Nothing here decides
whether it is any good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from autograder.reading.frame import Frame, FrameCell
from autograder.reading.notebook import Cell

PROSE = ("markdown", "raw")


def written_into(source: str, released: FrameCell, is_question: bool) -> str:
    """What somebody has written into one of the course's texts, in whole lines.

    A text in which the course's own isn't left whole is an older one of the course's, or none; but
    a question may have been crossed out by its answer.
    """
    if not is_question and _words(released.source) not in _words(source):
        return ""
    known = {_words(line) for line in released.source.split("\n")} - {""}
    lines = [line for line in source.split("\n") if _words(line) not in known]
    texts = "\n".join(lines).split("\n\n")
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def question_of(released: FrameCell, frame: Frame) -> str:
    """The id of the cell that asks what an answer cell is to answer: the one before it."""
    ids = list(frame.by_id)
    return ids[max(ids.index(released.id) - 1, 0)]


def own_words(
    cells: Sequence[Cell],
    placed: Mapping[int, str],
    added: Collection[int],
    behind: Collection[str],
    were_text: Mapping[int, str],
) -> list[int]:
    """The cells with words of the learner's that stand behind these released cells, up to the next.

    `added` are given cells into which something was written; `were_text` are code cells that were
    given texts, and stand where those stood. If there is no prose, code is taken.
    """
    places = {**placed, **were_text}
    near = [i for i in _behind(cells, places, behind) if i in added or i not in placed]
    prose = [i for i in near if i in added or cells[i].kind in PROSE]
    return prose or near


def _behind(
    cells: Sequence[Cell], placed: Mapping[int, str], behind: Collection[str]
) -> Iterator[int]:
    last = ""
    for i, cell in enumerate(cells):
        last = placed.get(i, last)
        if last in behind and (cell.source.strip() or cell.pictures):
            yield i


def _words(text: str) -> str:
    return " ".join(text.split())
