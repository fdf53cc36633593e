"""A sentence and altered copies of it: what was replaced, and what is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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


def changes(
    words: Sequence[str],
    replaced: Sequence[str],
    left: Sequence[str],
    synonyms: Mapping[str, Collection[str]],
) -> list[Piece]:
    """A copy's words in order, each with what it was, and between them those that are gone.

    ``replaced`` is the sentence after its words were replaced, ``left`` what erasing left of that.
    What ``synonyms`` can't explain is new in place of nothing.
    """
    pieces, rest = [], list(left)
    for piece in _replaced(words, replaced, synonyms):
        if rest[:1] == [piece.word]:
            pieces.append(piece)
            rest.pop(0)
        elif piece.kind != GONE:
            pieces.append(Piece(piece.word, GONE))
        else:
            pieces.append(piece)
    return pieces + [Piece(word, NEW) for word in rest]


def _replaced(
    words: Sequence[str], replaced: Sequence[str], synonyms: Mapping[str, Collection[str]]
) -> list[Piece]:
    """The words after replacing; a word of ``synonyms`` may have become several, joined by "_"."""
    pieces, rest = [], list(replaced)
    for word in words:
        others = [other.split("_") for other in synonyms.get(word, ()) if other != word]
        found = [other for other in others if rest[: len(other)] == other]
        if rest[:1] == [word]:
            pieces.append(Piece(rest.pop(0), KEPT))
        elif found:
            new = max(found, key=len)
            pieces += [
                Piece(each, NEW, word if place == 0 else "") for place, each in enumerate(new)
            ]
            rest = rest[len(new) :]
        else:
            pieces.append(Piece(word, GONE))
    return pieces + [Piece(word, NEW) for word in rest]


def draw_augmented(
    words: Sequence[str],
    copies: Sequence[tuple[Sequence[str], Sequence[str]]],
    synonyms: Mapping[str, Collection[str]],
) -> Canvas:
    """A sentence, and below it each copy with its changes marked. ValueError without a word.

    copies: of each, the words after replacing, and what erasing left of them.
    """
    if not words:
        raise ValueError("There is no word to change.")
    rows = [("the sentence", [Piece(word, KEPT) for word in words])]
    rows += [(f"copy {n}", changes(words, *copy, synonyms)) for n, copy in enumerate(copies, 1)]
    placed = [set_words([_shown(piece) for piece in pieces]) for _, pieces in rows]
    heights = [24 + lines * LINE for _, lines in placed]
    canvas = Canvas(WIDTH, sum(heights) + 26)
    top = 0.0
    for (name, pieces), (places, _), high in zip(rows, placed, heights, strict=True):
        canvas.text(MARGIN, top + 12, name, bold=True)
        for piece, (x, line, wide) in zip(pieces, places, strict=True):
            _draw_piece(canvas, piece, x, top + 22 + line * LINE, wide)
        top += high
    keys = [("box", style.SKY, "new, and what it was below"), ("dash", style.ORANGE, "erased")]
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
        canvas.rect(x, y, wide, HIGH, None, line=style.ORANGE, dash=True, round=4)
    colour = style.QUIET if piece.kind == GONE else style.INK
    canvas.text(middle, height, piece.word, size=SIZE, anchor="middle", colour=colour,
                bold=piece.kind == NEW)  # fmt: skip
    if piece.kind == GONE:
        canvas.path([(x + 3, height), (x + wide - 3, height)], style.ORANGE, thick=1.2)


def _both(pieces: Sequence[Piece]) -> tuple[str, str]:
    replaced: list[str] = []
    before = None
    for piece in pieces:
        if piece.kind == NEW and not piece.was and before == NEW:
            replaced[-1] += f" {piece.word}"
        elif piece.kind == NEW:
            replaced.append(f"{piece.was or '…'} → {piece.word}")
        before = piece.kind
    gone = [piece.word for piece in pieces if piece.kind == GONE]
    return ", ".join(replaced) or "–", ", ".join(gone) or "–"


def _in_words(name: str, pieces: Sequence[Piece]) -> str:
    replaced, gone = _both(pieces)
    said = [f"replaced {replaced}"] if replaced != "–" else []
    said += [f"erased {gone}"] if gone != "–" else []
    return f"{name[0].upper()}{name[1:]}: {'; '.join(said) or 'unchanged'}."
