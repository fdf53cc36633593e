"""The figures: true to the numbers, readable, spoken in words, and without a trace in pyplot."""

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pytest
from attnkit import style
from attnkit.figures import (
    describe_pooling,
    describe_prediction,
    describe_scores,
    describe_weights,
    draw_data_flow,
    draw_pooling,
    draw_prediction,
    draw_scores,
    draw_weights,
)
from attnkit.figures.bars import number
from attnkit.figures.live import LiveSvg
from attnkit.figures.pooling import DOT, DOT_PER_WEIGHT, PoolingPicture
from attnkit.words import word_plane
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from scipy.special import softmax

Array = npt.NDArray[np.float64]

SENTENCES = (  # real ones, of the validation part
    "a triumph , relentless and beautiful in its downbeat darkness .",
    "an enthralling aesthetic experience , one that's steeped in mystery and a ravishing , baroque "
    "beauty .",
    "solid , lump-in-the-throat family entertainment that derives its power by sticking to the "
    "facts .",
    "sensitive , insightful and beautifully rendered film . one of the best of the year .",
    "the mothman prophecies is best when illustrating the demons bedevilling the modern masculine "
    "journey .",
    "bringing an unforced , rapid-fire delivery to toback's heidegger- and nietzsche-referencing "
    "dialogue in an obsessive-compulsive's house",
    "bad",
)
TOKENS = ["the", "acting", "is", "dull"]
S_T = np.array([0.125, 0.25, 0.0, 0.625])


def pooled(
    sentence: str, u: tuple[float, float] = (1.0, 0.5)
) -> tuple[list[str], Array, Array, Array]:
    tokens, x_TD = word_plane().embed(sentence)
    s_T = softmax(x_TD @ u)
    return tokens, x_TD, s_T, s_T @ x_TD


def texts_of(figure: style.CourseFigure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def boxes_of(texts: list[Text], figure: style.CourseFigure) -> list[Bbox]:
    renderer = FigureCanvasAgg(figure).get_renderer()
    with style.look():
        figure.draw(renderer)
        return [Text.get_window_extent(text, renderer) for text in texts]


def share_covered(boxes: list[Bbox]) -> float:
    """Which part of all boxes' area is covered by another box."""
    covered = 0.0
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            shared = Bbox.intersection(box, other)
            covered += 0 if shared is None else shared.width * shared.height
    return covered / sum(box.width * box.height for box in boxes)


# --- true to the numbers ---


def test_bars_are_as_long_as_the_weights() -> None:
    figure = draw_weights(TOKENS, S_T)
    outlines = [np.asarray(patch.get_path().vertices) for patch in figure.axes[0].patches]
    (bars,) = [outline for outline in outlines if outline.size]
    ends = bars.reshape(len(TOKENS), -1, 2)[:, :, 0].max(axis=1)
    np.testing.assert_allclose(ends, S_T)
    shown = [text.get_text() for text in texts_of(figure)]
    assert [text for text in shown if text in {"0.12", "0.25", "0.00", "0.62"}] == [
        number(weight) for weight in S_T
    ]


def test_words_are_read_from_top_to_bottom() -> None:
    axes = draw_weights(TOKENS, S_T).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == TOKENS
    assert axes.yaxis_inverted()


def test_dots_grow_with_the_weight_and_a_repeated_word_is_one_dot() -> None:
    tokens, x_TD = word_plane().embed("bad bad film")
    picture = PoolingPicture(tokens, x_TD)
    picture.update([0.5, 0.25, 0.25], [0.0, 0.0])
    areas = dict(zip(map(tuple, picture._spots), picture._dots.get_sizes(), strict=True))
    assert areas[tuple(x_TD[0])] == pytest.approx(DOT + 0.75 * DOT_PER_WEIGHT)
    assert areas[tuple(x_TD[2])] == pytest.approx(DOT + 0.25 * DOT_PER_WEIGHT)
    names = [text.get_text() for text in texts_of(picture.figure)]
    assert "bad ×2" in names


def test_star_and_ring_stand_at_z_and_at_the_plain_mean() -> None:
    tokens, x_TD, s_T, z_D = pooled(SENTENCES[0])
    figure = draw_pooling(tokens, x_TD, s_T, z_D)
    marks = [each for each in figure.axes[-1].collections if len(each.get_paths())]
    spots = [np.asarray(each.get_offsets()) for each in marks]
    places = [tuple(spot[0]) for spot in spots if len(spot) == 1]
    assert any(np.allclose(place, z_D) for place in places)
    assert any(np.allclose(place, x_TD.mean(axis=0)) for place in places)


def test_the_plane_is_not_stretched() -> None:
    """Turning the query must look like turning, so both axes have the same scale."""
    for sentence in SENTENCES:
        figure = draw_pooling(*pooled(sentence))
        plane = figure.axes[-1]
        box = plane.get_position().bounds
        width, height = figure.get_size_inches() * box[2:]
        (left, right), (low, high) = plane.get_xlim(), plane.get_ylim()
        assert width / (right - left) == pytest.approx(height / (high - low))


def test_a_prediction_that_was_not_made_has_no_bar() -> None:
    figure = draw_prediction(["shuffle", "drop"], [np.nan, 0.5], [0.0, -0.25])
    assert "–" in [text.get_text() for text in texts_of(figure)]
    assert figure.alt == describe_prediction(["shuffle", "drop"], [np.nan, 0.5], [0.0, -0.25])


# --- readable ---


@pytest.mark.parametrize("sentence", SENTENCES)
def test_labels_hardly_overlap_and_none_is_cut_off(sentence: str) -> None:
    tokens, x_TD, s_T, z_D = pooled(sentence)
    figure = draw_pooling(
        tokens, x_TD, s_T, z_D, e_T=x_TD @ [1, 0.5], query=[1, 0.5], ghost=(s_T, z_D)
    )
    texts = texts_of(figure)
    boxes = boxes_of(texts, figure)
    assert share_covered(boxes) < 0.03
    width, height = figure.bbox.size
    for text, box in zip(texts, boxes, strict=True):
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, text.get_text()


def test_long_words_and_mathematics_are_drawn_as_they_are() -> None:
    tokens = ["$x^2$", "lump-in-the-throat-and-beyond", "_", "<b>"]
    for figure in (draw_weights(tokens, S_T), draw_scores(tokens, S_T - 0.3)):
        boxes = boxes_of(texts_of(figure), figure)
        assert min(box.x0 for box in boxes) >= 0
        assert max(box.x1 for box in boxes) <= figure.bbox.width


def test_numbers_are_printed_with_a_real_minus_and_no_negative_zero() -> None:
    assert [number(value) for value in (-1.257, -0.001, 0.625)] == ["−1.26", "0.00", "0.62"]


# --- in words ---


def test_sentences_say_who_gets_how_much() -> None:
    assert describe_weights(TOKENS, S_T) == (
        "Attention weights: “dull” 0.62, “acting” 0.25, “the” 0.12; the last word gets 0.00."
    )
    assert describe_weights(TOKENS[:2], [0.5, 0.5]) == "All 2 words get the same weight, 0.50 each."
    assert describe_weights(["bad", "is", "bad"], [0.3, 0.3, 0.4]) == (
        "Attention weights: “bad” ×2 0.70, “is” 0.30."
    )
    assert describe_weights(["bad"], [1.0]) == "“bad”, the only word, gets the weight 1.00."
    assert describe_scores(TOKENS, [0, -1, 0.5, 2]) == (
        "Scores run from −1.00 (“acting”) to 2.00 (“dull”)."
    )
    tokens, x_TD, s_T, z_D = pooled("brilliant")
    assert "z lies at praise 2.00, rarity 0.50" in describe_pooling(tokens, x_TD, s_T, z_D)


def test_every_figure_carries_its_sentence_where_a_notebook_shows_it() -> None:
    figure = draw_weights(["<b>", *TOKENS[1:]], S_T)
    shown = figure._repr_mimebundle_()
    assert set(shown) == {"text/html", "image/png", "text/plain"}
    assert shown["text/plain"] == describe_weights(["<b>", *TOKENS[1:]], S_T)
    assert "“&lt;b&gt;”" in shown["text/html"]
    assert figure.png().startswith(b"\x89PNG")


# --- wrong input, and nothing left behind ---


@pytest.mark.parametrize("draw", [draw_weights, draw_scores])
@pytest.mark.parametrize("values", [S_T[:3], S_T[:, None], 1.0, ["a", "b", "c", "d"], None])
def test_wrong_values_are_refused_in_one_sentence(
    draw: Callable[..., style.CourseFigure], values: Any
) -> None:
    with pytest.raises(ValueError, match=r"(numbers|shape).*one number for each word") as caught:
        draw(TOKENS, values)
    assert "\n" not in str(caught.value)


def test_points_outside_a_plane_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(4, 2\)"):
        draw_pooling(TOKENS, np.zeros((4, 3)), S_T, np.zeros(3))
    with pytest.raises(ValueError, match=r"z_D .*shape \(2,\)"):
        draw_pooling(TOKENS, np.zeros((4, 2)), S_T, np.zeros(3))


def test_settings_of_matplotlib_stay_as_they_were_and_pyplot_is_not_loaded() -> None:
    before = dict(mpl.rcParams)
    draw_weights(TOKENS, S_T).png()
    assert dict(mpl.rcParams) == before
    code = "import attnkit.panels, sys; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the way through an encoder ---


def test_the_way_through_an_encoder_has_the_shapes_of_its_arrays() -> None:
    params = {"W1": np.zeros((6, 24))}
    canvas = draw_data_flow(np.zeros((2, 7, 6)), params, 3, words=["a", "<b>"], blocks=4)
    svg, table = canvas.svg(), canvas.as_table()
    assert table is not None
    shown = {row[1]: row[2] for row in table.rows}
    assert shown == {
        "(B, T)": "(2, 7)",
        "(B, T, D)": "(2, 7, 6)",
        "(B, H, T, K)": "(2, 3, 7, 2)",
        "(B, H, T, T)": "(2, 3, 7, 7)",
        "(B, T, F)": "(2, 7, 24)",
        "(B, D)": "(2, 6)",
    }
    for text in (*shown, *shown.values(), "one block, × 4", "“a &lt;b&gt;”"):
        assert f">{text}<" in svg
    assert "an encoder of 4 blocks" in canvas.alt
    for x, H in ((np.zeros((7, 6)), 3), (np.zeros((2, 7, 6)), 4), (np.zeros((2, 7, 4)), 2)):
        with pytest.raises(ValueError, match=r"\(B, T, D\)|W1 should have"):
            draw_data_flow(x, params, H)


# --- live ---


def live_picture() -> tuple[PoolingPicture, LiveSvg]:
    tokens, x_TD = word_plane().embed('"a <b> & dull" film')
    picture = PoolingPicture(tokens, x_TD, scores=True, query=True, ghost=True)
    return picture, LiveSvg(picture.figure, picture.moving, picture.over)


def test_a_live_picture_is_sound_svg_and_changes_only_where_it_moves() -> None:
    picture, live = live_picture()
    seen = []
    for z in ([0.0, 0.0], [1.0, 0.0]):
        s_T = [0.25, 0.25, 0.25, 0.25] if z[0] == 0 else [0.1, 0.1, 0.7, 0.1]
        picture.update(s_T, z, query=[1.0, z[0]], e_T=[0, 1, 2, 3], ghost=(s_T, z))
        seen.append(live.svg())
        ElementTree.fromstring(seen[-1])
    assert seen[0] != seen[1]
    assert "0.70" in seen[1]
    assert "0.70" not in seen[0]
    for word in ("film", "dull"):
        assert seen[0].count(f">{word}<") == seen[1].count(f">{word}<") >= 2


def test_a_live_picture_leaves_the_page_around_it_alone() -> None:
    picture, live = live_picture()
    picture.update([0.25] * 4, [0, 0])
    svg = live.svg()
    assert "<style" not in svg
    assert 'id="figure' not in svg
    assert 'role="img"' in svg
    assert f'aria-label="{picture.figure.alt}"' in svg


def test_live_pictures_share_no_names_on_a_page() -> None:
    """Protects a picture's lines from a hidden copy before it, by which a page would clip them."""
    tokens, x_TD = word_plane().embed('"a <b> & dull" film')
    names: list[set[str]] = []
    for name in ("first", "second", "", ""):
        picture = PoolingPicture(tokens, x_TD, query=True)
        live = LiveSvg(picture.figure, picture.moving, picture.over, name)
        picture.update([0.25] * 4, [0, 0], query=[1.0, 0.5])
        svg = live.svg()
        made = set(re.findall(r' id="([^"]+)"', svg))
        used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg))
        assert {one or other for one, other in used} <= made
        assert any(one for one, _ in used)  # clipped by one
        names.append(made)
    assert not names[0] & names[1]
    assert names[2] == names[3]  # made of what it shows, so that it is the same each time


def test_a_kept_figure_is_still_saved_whole() -> None:
    """Moving artists are left out on a screen, where they are drawn apart; not in a file."""
    picture, _ = live_picture()
    picture.update([0.25] * 4, [0, 0])
    few = picture.figure.png()
    picture.update([0.01, 0.97, 0.01, 0.01], [1, 1])
    assert picture.figure.png() != few
