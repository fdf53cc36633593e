"""The plane of words: readable, made from training sentences alone, the same every time."""

import numpy as np
import pytest
from attnkit.data import split
from attnkit.words import PRIOR, word_plane, words_of


def place(word: str) -> tuple[float, float]:
    praise, rarity = word_plane().embed([word])[1][0]
    return float(praise), float(rarity)


@pytest.mark.parametrize("word", ["brilliant", "moving", "wonderful", "enjoyable", "powerful"])
def test_words_of_praise_lie_on_the_right(word: str) -> None:
    assert place(word)[0] > 1.5


@pytest.mark.parametrize("word", ["dull", "bad", "worst", "boring", "pointless"])
def test_words_of_blame_lie_on_the_left(word: str) -> None:
    assert place(word)[0] < -1.5


@pytest.mark.parametrize("word", ["the", "a", "of", "is", "and"])
def test_everyday_words_lie_low_and_in_the_middle(word: str) -> None:
    praise, rarity = place(word)
    assert abs(praise) < 0.75
    assert rarity < -1


def test_words_seen_once_lie_high_and_not_far_to_a_side() -> None:
    plane = word_plane()
    highest = max(rarity for _, rarity in plane.points.values())
    once = [praise for praise, rarity in plane.points.values() if rarity == highest]
    assert len(once) > 1000
    assert 1.2 < highest < 2.5
    assert max(np.abs(once)) < 1


def test_coordinates_have_unit_spread_over_sentences_never_seen() -> None:
    x_TD = np.concatenate([word_plane().embed(text)[1] for text in split("mr").validation.text])
    np.testing.assert_allclose(x_TD.std(axis=0), 1, atol=0.1)
    assert (np.abs(x_TD) < 2.5).all(axis=1).mean() > 0.97


def test_the_formula_is_the_one_in_the_docstring() -> None:
    """Counted here again, slowly, for a few words: ratios do not depend on the scaling."""
    train = split("mr").train
    sets = [set(words_of(text)) for text in train.text]

    def raw(word: str) -> tuple[float, float]:
        found = [label for words, label in zip(sets, train.label, strict=True) if word in words]
        n_pos, n_neg = found.count(1), found.count(0)
        log_odds = np.log((n_pos + PRIOR) / (n_neg + PRIOR))
        return np.tanh(log_odds / 2), np.log((len(sets) + 1) / (n_pos + n_neg + 1))

    words = ["dull", "brilliant", "the", "film"]
    raw_TD = np.array([raw(word) for word in words])
    x_TD = np.array([place(word) for word in words])
    np.testing.assert_allclose(x_TD[:, 0] / x_TD[0, 0], raw_TD[:, 0] / raw_TD[0, 0])
    steps, raw_steps = np.diff(x_TD[:, 1]), np.diff(raw_TD[:, 1])
    np.testing.assert_allclose(steps / steps[0], raw_steps / raw_steps[0])


def test_no_word_of_validation_or_test_alone_has_a_place() -> None:
    parts = split("mr")
    seen = {word for text in parts.train.text for word in words_of(text)}
    assert set(word_plane().points) == seen


def test_an_unknown_word_is_neutral_and_rarer_than_all() -> None:
    praise, rarity = place("zzyzx")
    assert "zzyzx" not in word_plane()
    assert praise == 0
    assert rarity > max(rarity for _, rarity in word_plane().points.values())


def test_a_sentence_is_cut_as_a_reader_would() -> None:
    tokens, x_TD = word_plane().embed("It’s a well-made FILM — isn't it?! 10 of 10.")
    assert tokens == ["it's", "a", "well-made", "film", "isn't", "it", "10", "of", "10"]
    assert x_TD.shape == (9, 2)
    assert x_TD.dtype == np.float64


def test_a_list_of_words_is_taken_as_it_is() -> None:
    """Shuffling, dropping and doubling words must not be undone by cutting them again."""
    tokens, x_TD = word_plane().embed(np.array(["Dull", "dull", "?"]))
    assert tokens == ["Dull", "dull", "?"]
    np.testing.assert_array_equal(x_TD[0], x_TD[1])


@pytest.mark.parametrize("nothing", ["", " ?! ", []])
def test_no_words_is_an_error_in_one_sentence(nothing: str | list[str]) -> None:
    with pytest.raises(ValueError, match="no word in this sentence"):
        word_plane().embed(nothing)


def test_the_plane_is_made_once_and_cannot_be_changed() -> None:
    assert word_plane() is word_plane()
    with pytest.raises(TypeError):
        word_plane().points["the"] = (0.0, 0.0)  # type: ignore[index]
    _, x_TD = word_plane().embed("the film")
    x_TD[:] = 7
    assert word_plane().embed("the film")[1].max() < 7
