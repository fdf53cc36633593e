"""Attention pooling in one picture: scores, weights, and the words' mean moving in a plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, PathPatch
from matplotlib.ticker import MaxNLocator

from attnkit import style
from attnkit.figures.bars import (
    LINE,
    add_bars,
    describe_weights,
    name_lines,
    number,
    one_per_word,
    outline,
)
from attnkit.figures.labels import place_labels, text_width, widest
from attnkit.style import CourseFigure
from attnkit.words import AXES

FloatArray = npt.NDArray[np.float64]
Ghost = tuple[npt.ArrayLike, npt.ArrayLike]

# Inches. The plane takes the width that words and bars leave.
WIDTH, TOP, BOTTOM, GAP = 10.2, 0.42, 0.9, 0.3
TALLEST_LINE = 0.4  # of a word, in a short sentence
SCORES_WIDTH, BARS_WIDTH, LEAST_PLANE_WIDTH = 1.25, 2.0, 4.4
LEAST_PLANE = (3.2, 2.1)  # the plane shows at least −3.2 … 3.2 and −2.1 … 2.1
DOT, DOT_PER_WEIGHT = 14.0, 620.0  # areas in square points: of every word, and of all attention
GHOST_THICKNESS = 0.86  # of a dashed bar, in lines
DASHES = (0, (3, 2))
QUERY_KEY = "on one green line, all words score alike"
GHOST_KEY = "as it should be"
_LEADER = {"arrowstyle": "-", "color": style.QUIET, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}


class PoolingPicture:
    """A kept figure: words, axes and labels are laid out once, `update` moves the rest.

    ``moving`` are the artists that an update moves, and ``keys`` what the legend names; ``over``,
    the words' names, stay and lie above all of them but the stars and the ring. See `draw_pooling`
    for the arguments; ``scores``, ``query`` and ``ghost`` say whether there will be any, ``reach``
    is the greatest |score| to make room for.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        x_TD: npt.ArrayLike,
        *,
        axes: tuple[str, str] = AXES,
        mean: bool = True,
        scores: bool = False,
        reach: float = 4.0,
        query: bool = False,
        ghost: bool = False,
    ) -> None:
        self.tokens = list(tokens)
        self.x_TD = _in_a_plane(x_TD, self.tokens)
        self.axes_names = axes
        self.figure = CourseFigure()
        self.keys = (query, ghost)  # which of the two the legend names now
        with style.look():
            lines, plane = self._lay_out(scores)
            still = np.zeros(len(self.tokens))
            self._draw_bars(lines, still)
            self._scores = self._draw_scores(still, reach) if scores else None
            self._draw_plane(plane, axes, mean)
            self._draw_legend(plane, mean=mean, query=query, ghost=ghost)
        moving = (
            self._contours, self._arrow, self._arrow_name, self._scores, self._ghost_bars,
            self._bars, *self._numbers, self._pulls, self._dots, self._ghost_star, self._star,
            self._ring,
        )  # fmt: skip
        self.moving: list[Artist] = [artist for artist in moving if artist is not None]

    # --- what stays ---

    def _lay_out(self, scores: bool) -> tuple[Axes, Axes]:
        words_width = widest(self.tokens, style.MEDIUM) / 72 + 0.2
        bars_left = words_width + (SCORES_WIDTH + GAP if scores else 0)
        plane_left = bars_left + BARS_WIDTH + 2 * GAP
        plane_width = max(WIDTH - plane_left - 0.15, LEAST_PLANE_WIDTH)
        width = plane_left + plane_width + 0.15
        rows = max(LINE * len(self.tokens), 0.62 * plane_width)
        height = TOP + rows + BOTTOM
        self.figure.set_size_inches(width, height)

        def at(left: float, wide: float, high: float) -> Axes:
            low = BOTTOM + rows - high
            return self.figure.add_axes((left / width, low / height, wide / width, high / height))

        high = min(rows, TALLEST_LINE * len(self.tokens))
        self._score_axes = at(words_width, SCORES_WIDTH, high) if scores else None
        lines, plane = at(bars_left, BARS_WIDTH, high), at(plane_left, plane_width, rows)
        self._plane_inches = (plane_width, rows)
        return lines, plane

    def _draw_bars(self, lines: Axes, still: FloatArray) -> None:
        name_lines(lines, [""] * len(still) if self._score_axes else self.tokens)
        if self._score_axes:
            name_lines(self._score_axes, self.tokens)
        lines.set_title("weight")
        lines.set_xlim(0, 1.17)  # a weight's number stands behind a bar of length 1, too
        lines.set_xticks([0, 0.5, 1], ["0", "½", "1"])
        lines.spines["bottom"].set_bounds(0, 1)
        self._bars = add_bars(lines, still, facecolor=style.BLUE)
        self._ghost_bars = add_bars(
            lines, still, thickness=GHOST_THICKNESS, facecolor="none", edgecolor=style.INK,
            linewidth=1, linestyle=DASHES,
        )  # fmt: skip
        self._numbers = [
            lines.text(0, i, "", va="center", fontsize=style.SMALL) for i in range(len(still))
        ]

    def _draw_scores(self, still: FloatArray, reach: float) -> PathPatch:
        axes = self._score_axes
        assert axes is not None
        axes.set_title("score")
        axes.set_xlim(-reach, reach)
        axes.set_xticks([-reach, 0, reach], [f"−{reach:g}", "0", f"{reach:g}"])
        axes.axvline(0, color=style.QUIET, linewidth=0.8)
        return add_bars(axes, still, facecolor=style.SKY)

    def _draw_plane(self, plane: Axes, axes: tuple[str, str], mean: bool) -> None:
        wide, high = self._plane_inches
        most = np.abs(self.x_TD).max(axis=0) + 0.5
        across = max(LEAST_PLANE[0], most[0])
        up = max(LEAST_PLANE[1], most[1])
        scale = min(wide / 2 / across, high / 2 / up)  # inches for 1, the same on both axes
        plane.set_xlim(-wide / 2 / scale, wide / 2 / scale)
        plane.set_ylim(-high / 2 / scale, high / 2 / scale)
        plane.set_title("words in the plane, and where z lies")
        plane.set_xlabel(f"{axes[0]} →", loc="right")
        plane.set_ylabel(f"{axes[1]} →", loc="top")
        for axis in (plane.xaxis, plane.yaxis):
            axis.set_major_locator(MaxNLocator(nbins="auto", integer=True))
        plane.tick_params(labelcolor=style.QUIET, labelsize=style.SMALL)
        plane.axhline(0, color=style.FAINT, linewidth=0.8, zorder=0)
        plane.axvline(0, color=style.FAINT, linewidth=0.8, zorder=0)

        self._corner = np.array([plane.get_xlim()[1], plane.get_ylim()[1]])
        (self._contours,) = plane.plot([], [], color=style.GREEN, alpha=0.25, linewidth=0.8)
        self._pulls = LineCollection([], colors=style.ORANGE, alpha=0.35, capstyle="round")
        plane.add_collection(self._pulls, autolim=False)
        self._arrow = FancyArrowPatch(
            (0, 0), (0, 0), arrowstyle="-|>", mutation_scale=13, color=style.GREEN, linewidth=2.2,
            shrinkA=0, shrinkB=0,
        )  # fmt: skip
        plane.add_patch(self._arrow)
        self._arrow_name = plane.text(
            0, 0, "", color=style.GREEN, ha="center", va="center", fontweight="bold"
        )
        # Words at one point, such as a word said twice, are one dot with their common weight.
        self._spots, self._spot_of_T = np.unique(self.x_TD, axis=0, return_inverse=True)
        self._spot_of_T = self._spot_of_T.reshape(-1)
        self._dots = plane.scatter(
            self._spots[:, 0], self._spots[:, 1], s=DOT, color=style.BLUE, alpha=0.6, linewidths=0
        )
        self._ghost_star = plane.scatter(
            [], [], s=330, marker="*", zorder=4, facecolor="none", edgecolor=style.INK, linewidth=1,
            linestyle=DASHES,
        )  # fmt: skip
        self._star = plane.scatter(
            [],
            [],
            s=260,
            marker="*",
            zorder=4,
            color=style.ORANGE,
            edgecolor=style.PAPER,
            linewidth=0.8,
        )
        middle = self.x_TD.mean(axis=0)[None] if mean else np.empty((0, 2))
        ring = plane.scatter(
            middle[:, 0],
            middle[:, 1],
            s=85,
            facecolor="none",
            edgecolor=style.INK,
            linewidth=1.5,
            zorder=5,  # above the star, which may lie on it
        )
        self._ring = ring
        self.over: list[Artist] = self._name_dots(plane, scale, middle)

    def _name_dots(self, plane: Axes, scale: float, keep_free: FloatArray) -> list[Artist]:
        counts = Counter(zip(self._spot_of_T.tolist(), self.tokens, strict=True))
        names = [word if n == 1 else f"{word} ×{n}" for (_, word), n in counts.items()]
        at_N2 = self._spots[[spot for spot, _ in counts]]
        to_points = 72 * scale
        corner = np.array([plane.get_xlim()[0], plane.get_ylim()[0]])
        points_N2 = (at_N2 - corner) * to_points
        widths_N = np.array([text_width(name, style.MEDIUM) + 2 for name in names])
        box = (72 * self._plane_inches[0], 72 * self._plane_inches[1])
        middles_N2 = place_labels(
            points_N2, widths_N, 1.15 * style.MEDIUM, box, (keep_free - corner) * to_points
        )
        labels: list[Artist] = []
        for name, point, middle, width, at in zip(
            names, points_N2, middles_N2, widths_N, at_N2, strict=True
        ):
            away = middle - point
            edge = np.clip(-away, [-width / 2, -5], [width / 2, 5])  # of the label, nearest the dot
            far = np.hypot(*(away + edge)) > 9
            labels.append(
                plane.annotate(
                    name,
                    xy=tuple(at),
                    xytext=tuple(away),
                    textcoords="offset points",
                    ha="center",
                    va="center",
                    arrowprops=_LEADER if far else None,
                )
            )
        return labels

    def _draw_legend(self, plane: Axes, *, mean: bool, query: bool, ghost: bool) -> None:
        def key(label: str, **look: Any) -> Line2D:
            return Line2D([], [], label=label, **({"linestyle": ""} | look))

        keys = [key("z, the weighted mean", marker="*", color=style.ORANGE, markersize=13)]
        if mean:
            ring = {"markerfacecolor": "none", "markeredgewidth": 1.5}
            keys.append(key("plain mean", marker="o", color=style.INK, markersize=8, **ring))
        if query:
            keys.append(key(QUERY_KEY, color=style.GREEN, linestyle="-", alpha=0.4))
        if ghost:
            keys.append(key(GHOST_KEY, color=style.INK, linestyle=DASHES))
        self._legend = plane.legend(
            handles=keys, loc="upper left", bbox_to_anchor=(-0.01, -0.4 / self._plane_inches[1]),
            ncols=2, handletextpad=0.5, columnspacing=1.5, borderaxespad=0, labelspacing=0.3,
        )  # fmt: skip

    def _show_keys(self, query: bool, ghost: bool) -> None:
        """Name in the legend only what is in the picture: whether there is a query, and a ghost."""
        self.keys = (query, ghost)
        labels = {QUERY_KEY: query, GHOST_KEY: ghost}
        texts = self._legend.get_texts()
        for text, sign in zip(texts, self._legend.legend_handles, strict=True):
            visible = labels.get(text.get_text(), True)
            text.set_visible(visible)
            if sign is not None:
                sign.set_visible(visible)

    # --- what moves ---

    def update(
        self,
        s_T: npt.ArrayLike | None,
        z_D: npt.ArrayLike | None,
        *,
        e_T: npt.ArrayLike | None = None,
        query: npt.ArrayLike | None = None,
        query_name: str = "u",
        ghost: Ghost | None = None,
        faded: bool = False,
    ) -> None:
        """Move bars, dots, z and the query. Without weights only the ghost is drawn."""
        nothing = np.zeros(len(self.tokens))
        weights = nothing if s_T is None else one_per_word("weights", s_T, self.tokens)
        ghost_weights = nothing if ghost is None else one_per_word("weights", ghost[0], self.tokens)
        self._bars.set_path(outline(weights))
        self._bars.set_facecolor(style.GREY if faded else style.BLUE)
        self._ghost_bars.set_path(outline(ghost_weights, GHOST_THICKNESS))
        self._ghost_bars.set_visible(ghost is not None)
        for text, weight, outer in zip(self._numbers, weights, ghost_weights, strict=True):
            text.set_x(np.clip(np.nanmax([weight, outer]), 0, 1) + 0.025)
            text.set_text(number(float(weight)) if weight >= 0.005 else "")
            text.set_color(style.QUIET if faded else style.INK)
        if self._scores is not None:
            scores = nothing if e_T is None else one_per_word("scores", e_T, self.tokens)
            self._scores.set_path(outline(scores))

        drawable = np.clip(np.nan_to_num(weights), 0, 1)
        spots = np.bincount(self._spot_of_T, drawable, len(self._spots))
        self._dots.set_sizes(DOT + DOT_PER_WEIGHT * spots)
        self._dots.set_color(style.GREY if faded else style.BLUE)
        self._star.set_color(style.GREY if faded else style.ORANGE)
        self._star.set_edgecolor(style.PAPER)
        z = _point(z_D)
        self._star.set_offsets(z)
        self._ghost_star.set_offsets(_point(None if ghost is None else ghost[1]))
        self._pulls.set_visible(len(z) > 0)
        if len(z):
            strong = spots >= 0.005
            self._pulls.set_segments([np.stack([spot, z[0]]) for spot in self._spots[strong]])
            self._pulls.set_linewidth((7 * spots[strong]).tolist())
            self._pulls.set_color(style.GREY if faded else style.ORANGE)
        self._show_keys(query=query is not None, ghost=ghost is not None)
        self._aim(None if query is None else np.asarray(query, dtype=np.float64), query_name)
        shown = ghost if ghost is not None and (s_T is None or faded) else (s_T, z_D)
        if shown[0] is not None and shown[1] is not None:
            self.figure.alt = describe_pooling(
                self.tokens, self.x_TD, shown[0], shown[1], axes=self.axes_names
            )

    def _aim(self, query: FloatArray | None, name: str) -> None:
        """The direction searched as an arrow, and the lines on which words score alike."""
        length = 0.0 if query is None else float(np.hypot(*query))
        visible = query is not None and length > 1e-6
        for artist in (self._contours, self._arrow, self._arrow_name):
            artist.set_visible(visible)
        if query is None or not visible:
            return
        along = query / length
        across = np.array([-along[1], along[0]]) * float(np.hypot(*self._corner))
        most = int(np.abs(along) @ self._corner * length)  # the greatest whole score in sight
        middles = np.arange(-most, most + 1)[:, None] * along / length
        gaps = np.full_like(middles, np.nan)
        line = np.stack([middles - across, middles + across, gaps], axis=1).reshape(-1, 2)
        self._contours.set_data(*line.T)
        self._arrow.set_positions((0, 0), tuple(query))
        beside = 0.6 * query + 0.17 * np.array([-along[1], along[0]])  # at its tip z often lies
        self._arrow_name.set_position(tuple(beside))
        self._arrow_name.set_text(name)


def _point(z_D: npt.ArrayLike | None) -> FloatArray:
    """One point as an array (1, 2), none as (0, 2)."""
    if z_D is None:
        return np.empty((0, 2))
    point = np.asarray(z_D, dtype=np.float64)
    if point.shape != (2,):
        raise ValueError(f"z_D has the shape {point.shape}, but a point in a plane has shape (2,).")
    return point[None]


def _in_a_plane(x_TD: npt.ArrayLike, tokens: Sequence[str]) -> FloatArray:
    points = np.asarray(x_TD, dtype=np.float64)
    if points.shape != (len(tokens), 2):
        raise ValueError(
            f"{len(tokens)} words need points of shape ({len(tokens)}, 2) to be drawn in a plane, "
            f"not {points.shape}: take tokens and x_TD from one call of embed."
        )
    return points


def draw_pooling(
    tokens: Sequence[str],
    x_TD: npt.ArrayLike,
    s_T: npt.ArrayLike,
    z_D: npt.ArrayLike,
    *,
    axes: tuple[str, str] = AXES,
    mean: bool = True,
    ghost: Ghost | None = None,
    e_T: npt.ArrayLike | None = None,
    query: npt.ArrayLike | None = None,
) -> CourseFigure:
    """Attention pooling of T words in a plane (D = 2).

    Left, the weights s_T as bars (and the scores e_T, if given). Right, every word as a dot whose
    area grows with its weight, z_D as a star, the plain mean as a hollow ring; a band from each
    word to z shows who pulls. ``query`` (2,) adds an arrow and the lines of equal score.
    ``ghost = (s_T, z_D)`` is drawn dashed: what the result should be.
    """
    reach = 4.0 if e_T is None else max(4.0, float(np.ceil(np.abs(e_T).max())))
    picture = PoolingPicture(
        tokens, x_TD, axes=axes, mean=mean, scores=e_T is not None, reach=reach,
        query=query is not None, ghost=ghost is not None,
    )  # fmt: skip
    with style.look():
        picture.update(s_T, z_D, e_T=e_T, query=query, ghost=ghost)
    return picture.figure


def describe_pooling(
    tokens: Sequence[str],
    x_TD: npt.ArrayLike,
    s_T: npt.ArrayLike,
    z_D: npt.ArrayLike,
    *,
    axes: tuple[str, str] = AXES,
) -> str:
    """Which words get how much, and where that puts z beside the plain mean."""
    mean = _in_a_plane(x_TD, tokens).mean(axis=0)

    def place(point: npt.ArrayLike) -> str:
        across, up = (number(float(value)) for value in np.asarray(point, dtype=np.float64))
        return f"{axes[0]} {across}, {axes[1]} {up}"

    weights = describe_weights(tokens, s_T)
    return f"{weights} z lies at {place(z_D)}; the plain mean at {place(mean)}."
