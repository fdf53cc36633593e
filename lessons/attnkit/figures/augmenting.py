"""A sentence and altered copies of it: what was replaced, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from attnkit import style
from attnkit.figures.canvas import Canvas, Table, legend
from attnkit.figures.labels import text_width
from attnkit.figures.strip import HIGH, LINE, MARGIN, SIZE, WIDTH, set_words

KEPT, NEW, GONE = "kept", "new", "gone"


@dataclass(frozen=True)
class Piece:
    """A word of a copy: `KEPT`, `NEW` (in place of ``was``) or, no longer there, `GONE`."""

    word: str
    kind: str
    was: str = ""


def changes(words: Sequence[str], copy: Sequence[str]) -> list[Piece]:
    """A copy's words in order, each with what it was, and between them those that are gone."""
    pieces = []
    matcher = SequenceMatcher(None, list(words), list(copy), autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what == "equal":
            pieces += [Piece(word, KEPT) for word in copy[j:j_end]]
        elif what == "delete":
            pieces += [Piece(word, GONE) for word in words[i:i_end]]
        else:
            old, new = list(words[i:i_end]), list(copy[j:j_end])
            one_by_one = len(old) == len(new)
            for place, word in enumerate(new):
                was = old[place] if one_by_one else " ".join(old) if place == 0 else ""
                pieces.append(Piece(word, NEW, was))
    return pieces


def draw_augmented(words: Sequence[str], copies: Sequence[Sequence[str]]) -> Canvas:
    """A sentence, and below it each copy with its changes marked. ValueError without a word."""
    if not words:
        raise ValueError("There is no word to change.")
    rows = [("the sentence", [Piece(word, KEPT) for word in words])]
    rows += [(f"copy {n}", changes(words, copy)) for n, copy in enumerate(copies, 1)]
    placed = [set_words([_shown(piece) for piece in pieces]) for _, pieces in rows]
    heights = [24 + lines * LINE for _, lines in placed]
    canvas = Canvas(WIDTH, sum(heights) + 26)
    top = 0.0
    for (name, pieces), (places, _), high in zip(rows, placed, heights, strict=True):
        canvas.text(MARGIN, top + 12, name, bold=True)
        for piece, (x, line, wide) in zip(pieces, places, strict=True):
            _draw_piece(canvas, piece, x, top + 22 + line * LINE, wide)
        top += high
    keys = [("box", style.SKY, "new, and what it was below"), ("hatch", style.ORANGE, "erased")]
    legend(canvas, MARGIN, canvas.height - 11, keys)
    canvas.alt = " ".join(_in_words(name, pieces) for name, pieces in rows[1:])
    canvas.table = Table(
        ("copy", "words", "replaced", "erased"),
        tuple(
            (name, str(sum(piece.kind != GONE for piece in pieces)), *_both(pieces))
            for name, pieces in rows[1:]
        ),
    )
    return canvas


def _shown(piece: Piece) -> str:
    """What takes up the room of a piece: the wider of the word and of what stands below it."""
    small = text_width(piece.was, 7.0) + 4
    return piece.word if small <= text_width(piece.word, SIZE) + 10 else piece.was


def _draw_piece(canvas: Canvas, piece: Piece, x: float, y: float, wide: float) -> None:
    middle, height = x + wide / 2, y + HIGH / 2
    if piece.kind == NEW:
        canvas.rect(x, y, wide, HIGH, style.SKY, alpha=0.45, round=4)
        canvas.text(middle, y + HIGH + 7, piece.was, size=7.0, colour=style.QUIET, anchor="middle")
    if piece.kind == GONE:
        canvas.hatch(x, y, wide, HIGH, style.ORANGE, 6)
        canvas.rect(x, y, wide, HIGH, style.PAPER, alpha=0.55, line=style.ORANGE, round=4)
    colour = style.QUIET if piece.kind == GONE else style.INK
    canvas.text(middle, height, piece.word, size=SIZE, anchor="middle", colour=colour,
                bold=piece.kind == NEW)  # fmt: skip
    if piece.kind == GONE:
        canvas.path([(x + 3, height), (x + wide - 3, height)], style.ORANGE, thick=1.8)


def _both(pieces: Sequence[Piece]) -> tuple[str, str]:
    replaced = [f"{piece.was} → {piece.word}" for piece in pieces if piece.kind == NEW]
    gone = [piece.word for piece in pieces if piece.kind == GONE]
    return ", ".join(replaced) or "–", ", ".join(gone) or "–"


def _in_words(name: str, pieces: Sequence[Piece]) -> str:
    replaced, gone = _both(pieces)
    said = [f"replaced {replaced}"] if replaced != "–" else []
    said += [f"erased {gone}"] if gone != "–" else []
    return f"{name[0].upper()}{name[1:]}: {'; '.join(said) or 'unchanged'}."
