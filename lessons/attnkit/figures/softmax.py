"""From logits to weights, step by step, in a number type that may be too small for the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.bars import describe_weights, number, one_per_word
from attnkit.figures.canvas import Canvas, Plot, Table, legend, short
from attnkit.figures.labels import widest
from attnkit.normalising import entr, softmax

FloatArray = npt.NDArray[np.float64]

PRECISIONS = ("float16", "float32", "float64")
LINE, TOP, BOTTOM = 27.0, 46.0, 62.0  # points: of a word, above the words, below them
LOGITS, POWERS, WEIGHTS, GAP = 96.0, 216.0, 118.0, 34.0  # points: widths of the columns
WITHIN = 0.76  # of the middle column: what the number type can hold


def scaled(
    logits: npt.ArrayLike, tau: float, shift: float, precision: str
) -> npt.NDArray[np.floating]:
    """What goes into the exponential: (logits + shift) / tau, in this number type."""
    numbers = (np.asarray(logits, dtype=np.float64) + shift) / tau
    if precision not in PRECISIONS:
        raise ValueError(f"There is no precision {precision!r}: choose from {PRECISIONS}.")
    with np.errstate(over="ignore"):
        cast: npt.NDArray[np.floating] = numbers.astype(precision)
    return cast


def exact(s_T: npt.NDArray[np.floating]) -> FloatArray:
    """The weights of these scores without any loss on the way."""
    weights: FloatArray = softmax(s_T.astype(np.float64))
    return weights


def by_the_formula(
    s_T: npt.NDArray[np.floating],
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Exponentials, and each divided by their sum, in the type of s_T: what may go wrong."""
    with np.errstate(all="ignore"):
        powers = np.exp(s_T)
        return powers, powers / powers.sum(dtype=s_T.dtype)


def draw_softmax(
    words: Sequence[str],
    logits: npt.ArrayLike,
    *,
    tau: float = 1.0,
    shift: float = 0.0,
    precision: str = "float32",
    weights: npt.ArrayLike | None = None,
    name: str = "",
) -> Canvas:
    """T logits on their way to weights, in float16, float32 or float64.

    Left, what the exponential gets: (logits + shift) / tau. Then the exponentials on the number
    line of that type, with the ends beyond which there is only inf or 0. Then what the formula
    makes of them, exp / sum; and, with a ``name``, the ``weights`` that this function gives, the
    true ones dashed around them.
    """
    logits = one_per_word("logits", logits, words)
    s_T = scaled(logits, tau, shift, precision)
    powers, plain = by_the_formula(s_T)
    true = exact(s_T)
    given = None if weights is None else one_per_word("weights", weights, words)

    left = widest(words, style.MEDIUM) + 26
    columns = 2 if name else 1
    width = left + LOGITS + 2 * GAP + POWERS + columns * (WEIGHTS + GAP) + 14
    canvas = Canvas(width, TOP + LINE * len(words) + BOTTOM)
    for t, word in enumerate(words):
        canvas.text(left - 12, TOP + (t + 0.5) * LINE, word, anchor="end")
    _draw_scores(canvas, left, s_T, tau, shift)
    left += LOGITS + GAP
    _draw_powers(canvas, left, s_T, powers)
    left += POWERS + GAP + 10
    _draw_weights(canvas, left, "exp / sum", np.asarray(plain, dtype=np.float64), None, style.SKY)
    if name:
        _draw_weights(canvas, left + WEIGHTS + GAP, name, given, true, style.BLUE)
    signs = [("hatch", style.ORANGE, f"what {precision} cannot hold")]
    if name:
        signs.append(("dash", style.INK, "the true weights"))
    legend(canvas, widest(words, style.MEDIUM) + 26, canvas.height - 14, signs)
    canvas.alt = _in_words(words, s_T, powers, plain, true, precision)
    canvas.table = _as_table(words, s_T, powers, plain, given, name)
    return canvas


def _draw_scores(
    canvas: Canvas, left: float, s_T: npt.NDArray[np.floating], tau: float, shift: float
) -> None:  # fmt: skip
    finite = np.nan_to_num(s_T.astype(np.float64), posinf=0, neginf=0)
    reach = max(4.0, float(np.abs(finite).max()))
    plot = Plot(canvas, left, TOP, LOGITS, LINE * len(s_T), (-reach, reach), (0, 1))
    parts = "logit" if shift == 0 else f"logit + {short(shift)}"
    if tau != 1:
        parts = f"({parts})" if shift else parts
        parts += f" / {short(tau)}"
    canvas.text(left + LOGITS / 2, TOP - 28, parts, anchor="middle")
    zero = float(plot.at(0, 0)[0])
    for t, score in enumerate(finite):
        y = TOP + (t + 0.5) * LINE
        end = float(plot.at(score, 0)[0])
        canvas.rect(zero, y - 8, end - zero, 16, style.SKY)
        inside = abs(end - zero) > 0.6 * LOGITS / 2
        right = bool(score >= 0) is not inside  # a NumPy bool is never the same object
        value = short(float(s_T[t]))
        at = zero + (3 if right else -3) if inside else end + (3 if right else -3)
        canvas.text(at, y, value, size=style.SMALL, anchor="start" if right else "end")
    canvas.path([(zero, TOP), (zero, TOP + plot.high)], style.QUIET, thick=0.8)


def _draw_powers(
    canvas: Canvas, left: float, s_T: npt.NDArray[np.floating], powers: npt.NDArray[np.floating]
) -> None:  # fmt: skip
    """Exponentials as dots on a line of powers of ten, from the type's least to its greatest."""
    kind = np.finfo(s_T.dtype)
    least, most = np.log10(float(kind.smallest_subnormal)), np.log10(float(kind.max))
    low, high = POWERS * (1 - WITHIN) / 2, POWERS * (1 + WITHIN) / 2
    tall = LINE * len(s_T)

    def across(exponent: float) -> float:
        """Where a power of ten lies: 1 in the middle of what fits, both ends at the band's ends."""
        middle = (low + high) / 2
        share = exponent / most if exponent >= 0 else -exponent / least
        return left + float(np.clip(middle + share * (high - low) / 2, 5, POWERS - 5))

    canvas.text(left + POWERS / 2, TOP - 28, f"exp, in {s_T.dtype}", anchor="middle")
    for x, wide, says in ((0.0, low, "0"), (high, POWERS - high, "inf")):
        canvas.rect(left + x, TOP, wide, tall, style.ORANGE, alpha=0.10)
        canvas.hatch(left + x, TOP, wide, tall, style.ORANGE, 9)
        canvas.text(left + x + wide / 2, TOP - 12, says, size=style.SMALL, colour=style.ORANGE,
                    anchor="middle", bold=True)  # fmt: skip
    greatest = short(float(kind.max), 5 if most < 6 else 2)
    smallest = short(float(kind.smallest_subnormal), 1)
    for exponent, label in ((least, smallest), (0.0, "1"), (most, greatest)):
        x = across(exponent)
        canvas.path([(x, TOP), (x, TOP + tall)], style.FAINT, thick=0.9)
        canvas.text(
            x, TOP + tall + 11, label, size=style.SMALL, colour=style.QUIET, anchor="middle"
        )
    for t, power in enumerate(powers.astype(np.float64)):
        y, x = TOP + (t + 0.5) * LINE, across(float(s_T[t]) / float(np.log(10)))
        lost = not np.isfinite(power) or power == 0
        canvas.path([(across(0), y), (x, y)], style.SKY, thick=1.4)
        canvas.dot(x, y, 5, style.ORANGE if lost else style.SKY)
        says = "inf" if np.isinf(power) else "0" if power == 0 else short(float(power))
        right = x < left + POWERS / 2
        bold, colour = lost, style.ORANGE if lost else style.INK
        canvas.rect(*_behind(x, y, says, right), style.PAPER, alpha=0.85, round=2)
        canvas.text(
            x + (9 if right else -9), y, says, size=style.SMALL, colour=colour, bold=bold,
            anchor="start" if right else "end",
        )  # fmt: skip


def _behind(x: float, y: float, text: str, right: bool) -> tuple[float, float, float, float]:
    """Paper behind a number, so that lines do not run through it."""
    wide = widest([text], style.SMALL) * 1.1 + 4
    return (x + 7 if right else x - 7 - wide, y - 6, wide, 12)


def _draw_weights(
    canvas: Canvas, left: float, title: str, weights: FloatArray | None, true: FloatArray | None,
    colour: str,
) -> None:  # fmt: skip
    lines = 0 if weights is None else len(weights)
    lines = lines or (0 if true is None else len(true))
    plot = Plot(canvas, left, TOP, WEIGHTS, LINE * lines, (0, 1.0), (0, 1))
    canvas.text(left, TOP - 28, title)
    plot.ticks_x([0, 0.5, 1], ["0", "½", "1"], grid=True)
    for t in range(lines):
        y = TOP + (t + 0.5) * LINE
        end = 0.0
        if weights is not None and np.isfinite(weights[t]):
            end = float(np.clip(weights[t], 0, 1)) * WEIGHTS
            canvas.rect(left, y - 8, end, 16, colour)
        elif weights is not None:
            canvas.rect(left, y - 8, WEIGHTS, 16, style.PAPER)
            canvas.hatch(left, y - 8, WEIGHTS, 16, style.ORANGE)
        if true is not None:
            wide = max(float(true[t]) * WEIGHTS, 0.8)
            canvas.rect(left, y - 10.5, wide, 21, None, line=style.INK, dash=True)
            end = max(end, wide)
        if weights is None:
            continue
        lost = not np.isfinite(weights[t])
        says = "nan" if np.isnan(weights[t]) else "inf" if lost else number(float(weights[t]))
        inside = end > WEIGHTS - 26 and not lost
        if lost:
            canvas.rect(left + WEIGHTS / 2 - 15, y - 7, 30, 14, style.PAPER, round=3)
        at = WEIGHTS / 2 if lost else end + (-5 if inside else 5)
        canvas.text(
            left + at, y, says, size=style.SMALL,
            colour=style.ORANGE if lost else style.PAPER if inside else style.INK, bold=lost,
            anchor="middle" if lost else "end" if inside else "start",
        )  # fmt: skip


def _in_words(
    words: Sequence[str], s_T: npt.NDArray[np.floating], powers: npt.NDArray[np.floating],
    plain: npt.NDArray[np.floating], true: FloatArray, precision: str,
) -> str:  # fmt: skip
    many, none = int(np.isinf(powers).sum()), int((powers == 0).sum())
    said = []
    if many:
        said.append(
            f"{many} of {len(words)} exponentials are too large for {precision} and are inf"
        )
    if none:
        said.append(f"{none} of {len(words)} are too small and are 0")
    if np.isnan(plain).any():
        said.append("so that exp / sum gives nan")
    lost = f"{', '.join(said)}. " if said else f"All exponentials fit into {precision}. "
    nats = float(entr(true).sum())
    return (
        f"{lost[0].upper()}{lost[1:]}True weights: {_lower(describe_weights(words, true))} "
        f"Entropy {number(nats)} of at most {number(float(np.log(len(words))))} nats."
    )


def _lower(sentence: str) -> str:
    return sentence.removeprefix("Attention weights: ")


def _as_table(
    words: Sequence[str], s_T: npt.NDArray[np.floating], powers: npt.NDArray[np.floating],
    plain: npt.NDArray[np.floating], given: FloatArray | None, name: str,
) -> Table:  # fmt: skip
    heads = ["word", "score", f"exp in {s_T.dtype}", "exp / sum"]
    rows = []
    for t, word in enumerate(words):
        row = [word, short(float(s_T[t])), short(float(powers[t])), f"{float(plain[t]):.4f}"]
        if name:
            row.append("–" if given is None else f"{given[t]:.4f}")
        rows.append(tuple(row))
    return Table((*heads, name) if name else tuple(heads), tuple(rows))
