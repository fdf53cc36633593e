"""A text with hidden words: what a model reads, and what it guesses in the places it is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from attnkit import style
from attnkit.figures.canvas import Canvas, Table, legend
from attnkit.figures.labels import text_width
from attnkit.figures.strip import HIGH, LINE, MARGIN, SIZE, WIDTH, set_words

STRONGEST = 0.6  # of a guess's ground: words on it can be read on light and on dark paper


@dataclass(frozen=True)
class Guess:
    """A place that is asked: what stands there, the likeliest words, and the true one's chance."""

    stands: str
    likeliest: Sequence[tuple[str, float]]
    true: float


def draw_hidden(
    words: Sequence[str], guesses: Mapping[int, Guess], unknown: Collection[int] = ()
) -> Canvas:
    """A text as a model reads it, and below it with its guesses. ValueError without a word.

    guesses: by place, from 0, of the words that are asked for. unknown: places of words that it
    doesn't know, and reads as "?".
    """
    if not words:
        raise ValueError("There is no word to hide.")
    seen = ["?" if t in unknown else word for t, word in enumerate(words)]
    read = [guesses[t].stands if t in guesses else word for t, word in enumerate(seen)]
    best = [guesses[t].likeliest[0][0] if t in guesses else word for t, word in enumerate(words)]
    wide = [max((a, b, c), key=lambda each: text_width(each, SIZE)) + "n" * (t in guesses)
            for t, (a, b, c) in enumerate(zip(words, read, best, strict=True))]  # fmt: skip
    places, lines = set_words(wide)
    block = 24 + lines * LINE
    canvas = Canvas(WIDTH, 2 * block + 28)
    right = sum(best[t] == words[t] for t in guesses)
    words_are = "word is" if len(words) == 1 else "words are"
    told = f"{len(guesses)} of {len(words)} {words_are} asked for"
    for row, title in enumerate(("what the model reads", "what it guesses")):
        canvas.text(MARGIN, row * block + 12, title, bold=True)
    beside = told if not guesses else f"{told}, {right} guessed"
    canvas.text(MARGIN + text_width("what the model reads", style.MEDIUM) + 32, 12, beside,
                size=style.SMALL, colour=style.QUIET)  # fmt: skip
    for t, (x, line, w) in enumerate(places):
        for row, shown in enumerate((read[t], best[t])):
            y = row * block + 22 + line * LINE
            if t in guesses:
                _draw_asked(canvas, (x, y, w), row, guesses[t], words[t])
            canvas.text(x + w / 2, y + HIGH / 2, shown, size=SIZE, anchor="middle",
                        bold=t in guesses,
                        colour=style.INK if t in guesses else style.QUIET)  # fmt: skip
    keys = [("hatch", style.QUIET, "hidden"), ("dash", style.QUIET, "another word, or its own"),
            ("box", style.BLUE, "guessed"),
            ("dash", style.ORANGE, "wrong; below: the word")]  # fmt: skip
    legend(canvas, MARGIN, canvas.height - 12, keys)
    canvas.alt = _in_words(words, guesses, told)
    canvas.table = Table(
        ("place", "word", "stands there", "its chance", "likeliest guesses"),
        tuple(
            (str(t + 1), word, read[t], *_guessed(guesses.get(t))) for t, word in enumerate(words)
        ),
    )
    return canvas


def _guessed(guess: Guess | None) -> tuple[str, str]:
    if guess is None:
        return "–", "not asked"
    return f"{guess.true:.3f}", ", ".join(f"{word} {p:.2f}" for word, p in guess.likeliest)


def _draw_asked(
    canvas: Canvas, box: tuple[float, float, float], row: int, guess: Guess, word: str
) -> None:
    (x, y, wide), (best, p) = box, guess.likeliest[0]
    if row == 0:
        masked = guess.stands == "[mask]"
        if masked:
            canvas.hatch(x, y, wide, HIGH, style.FAINT, 5)
        canvas.rect(x, y, wide, HIGH, None, line=style.QUIET, dash=not masked, round=4)
        return
    if best == word:
        canvas.rect(x, y, wide, HIGH, style.BLUE, alpha=round(STRONGEST * p**0.5, 3), round=4)
        canvas.rect(x, y, wide, HIGH, None, line=style.BLUE, round=4)
        below = f"{p:.2f}"
    else:
        canvas.rect(x, y, wide, HIGH, None, line=style.ORANGE, dash=True, round=4)
        below = word
    canvas.text(x + wide / 2, y + HIGH + 7, below, size=7.5, colour=style.QUIET, anchor="middle")


def _in_words(words: Sequence[str], guesses: Mapping[int, Guess], told: str) -> str:
    if not guesses:
        return f"None of {len(words)} words is asked for."
    said = []
    for t, guess in sorted(guesses.items())[:6]:
        best, p = guess.likeliest[0]
        verdict = "right" if best == words[t] else f"it was “{words[t]}”"
        stands = "hidden" if guess.stands == "[mask]" else f"shown as “{guess.stands}”"
        said.append(f"word {t + 1}, {stands}: “{best}” ({p:.2f}), {verdict}")
    more = f"; and {len(guesses) - 6} more" if len(guesses) > 6 else ""
    return f"{told}. {'; '.join(said)}{more}."
