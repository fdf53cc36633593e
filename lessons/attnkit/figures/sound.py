"""A sound as a picture: its spectrogram, where the chirp is, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from attnkit import style
from attnkit.figures.canvas import Canvas, Plot, Rgb, Table
from attnkit.figures.labels import text_width

FloatArray = npt.NDArray[np.float64]

WIDTH, LEFT, RIGHT = 700.0, 62.0, 130.0
TOP, HIGH, GAP, BARS = 44.0, 170.0, 34.0, 62.0


@dataclass(frozen=True)
class Heard:
    """What a model says of a sound: the probability that it rises, its weights for T frames."""

    p: float
    w_T: FloatArray


def draw_sound(
    level_TB: FloatArray,
    span: tuple[float, float],
    rises: bool,
    heard: Mapping[str, Heard],
    top: float,
    loudness: float,
) -> Canvas:
    """A spectrogram of a second, T frames of B bands up to ``top`` Hz, and weights below it.

    span: from when to when the chirp sounds, in seconds; rises: its kind. heard: by model.
    loudness: in dB, for the words.
    """
    T = len(level_TB)
    wide = WIDTH - LEFT - RIGHT
    canvas = Canvas(WIDTH, TOP + HIGH + 40 + len(heard) * (BARS + GAP))
    plot = Plot(canvas, LEFT, TOP, wide, HIGH, (0, 1), (0, top / 1000))
    plot.title("spectrogram", "bright: louder than usual in this band")
    low, high = np.quantile(level_TB, [0.25, 0.998])
    grade = np.clip((level_TB - low) / max(high - low, 1e-9), 0, 1)
    colours = mpl.colormaps["cividis"](grade)[..., :3].transpose(1, 0, 2)[::-1]
    pixels: Rgb = (255 * colours).round().astype(np.uint8)
    canvas.image(LEFT, TOP, wide, HIGH, pixels)
    plot.ticks_y(name="pitch in kHz", grid=False)
    plot.ticks_x(name="seconds")
    kind = "rises" if rises else "falls"
    x0, x1 = (float(plot.at(second, 0)[0]) for second in span)
    canvas.path([(x0, TOP - 4), (x0, TOP - 8), (x1, TOP - 8), (x1, TOP - 4)], style.GREEN, thick=2)
    canvas.text(WIDTH - RIGHT + 10, TOP + 8, f"the chirp {kind}", colour=style.GREEN, bold=True)
    canvas.text(WIDTH - RIGHT + 10, TOP + 22, "under the bracket", size=style.SMALL,
                colour=style.QUIET)  # fmt: skip
    told, columns = [], []
    inside_T = np.abs((np.arange(T) + 0.5) / T - sum(span) / 2) <= (span[1] - span[0]) / 2
    for row, (name, each) in enumerate(heard.items()):
        y = TOP + HIGH + 40 + row * (BARS + GAP) + 14
        most = max(0.3, float(each.w_T.max()))
        under = Plot(canvas, LEFT, y, wide, BARS, (0, T), (0, most))
        canvas.text(LEFT, y - 8, name, bold=True)
        canvas.text(LEFT + text_width(name, style.MEDIUM) + 16, y - 8, "its weight for each frame",
                    size=style.SMALL, colour=style.QUIET)  # fmt: skip
        canvas.rect(x0, y, x1 - x0, BARS, style.GREEN, alpha=0.14)
        for t, w in enumerate(each.w_T.tolist()):
            x, foot = under.at(t + 0.08, 0).tolist()
            tall = foot - float(under.at(t, w)[1])
            canvas.rect(x, foot, 0.84 * wide / T, -tall, style.BLUE)
        under.ticks_y([0, most], ["0", f"{most:.1f}"], grid=False)
        under.frame()
        right = (each.p > 0.5) == rises
        sure = max(each.p, 1 - each.p)
        says = "rises" if each.p > 0.5 else "falls"
        canvas.text(WIDTH - RIGHT + 10, y + 10, f"says: {says}", bold=True,
                    colour=style.INK if right else style.ORANGE)  # fmt: skip
        canvas.text(WIDTH - RIGHT + 10, y + 26, f"{'✓' if right else '✗ wrong'}, {sure:.0%} sure",
                    size=style.SMALL, colour=style.QUIET)  # fmt: skip
        share = float(each.w_T[inside_T].sum())
        canvas.text(WIDTH - RIGHT + 10, y + 40, f"{share:.0%} on the chirp", size=style.SMALL,
                    colour=style.QUIET)  # fmt: skip
        told.append(f"{name} says {says} ({sure:.0%}, {'right' if right else 'wrong'}) and gives "
                    f"{share:.0%} of its weight to the chirp")  # fmt: skip
        columns.append(each.w_T)
    canvas.alt = (
        f"A second of noise with a chirp of {loudness:g} dB that {kind} from {span[0]:.2f} to "
        f"{span[1]:.2f} seconds. {'; '.join(told)}."
    )
    canvas.table = Table(
        ("seconds", "in the chirp", *heard),
        tuple(
            (f"{(t + 0.5) / T:.2f}", "yes" if inside_T[t] else "–",
             *(f"{w_T[t]:.3f}" for w_T in columns))
            for t in range(T)
        ),
    )  # fmt: skip
    return canvas
