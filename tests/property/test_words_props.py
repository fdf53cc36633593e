"""What must hold for any sentence a learner types, and for any weights and labels drawn."""

import numpy as np
from attnkit.figures import describe_weights
from attnkit.figures.labels import place_labels
from attnkit.words import word_plane, words_of
from hypothesis import given, settings
from hypothesis import strategies as st

plane = word_plane()
words = st.lists(st.sampled_from(sorted(plane.points)[::40]) | st.text(min_size=1), min_size=1)


@given(st.text())
def test_cutting_a_sentence_twice_changes_nothing(sentence: str) -> None:
    tokens = words_of(sentence)
    assert words_of(" ".join(tokens)) == tokens


@given(words, st.randoms(use_true_random=False))
def test_a_words_place_does_not_depend_on_its_neighbours(tokens: list[str], random: object) -> None:
    order = list(range(len(tokens)))
    random.shuffle(order)  # type: ignore[attr-defined]
    _, x_TD = plane.embed(tokens)
    _, shuffled_TD = plane.embed([tokens[i] for i in order])
    np.testing.assert_array_equal(shuffled_TD, x_TD[order])
    assert np.isfinite(x_TD).all()


@given(words, st.data())
def test_weights_are_put_in_words_for_any_tokens(tokens: list[str], data: st.DataObject) -> None:
    numbers = st.floats(0, 1, width=32)
    s_T = data.draw(st.lists(numbers, min_size=len(tokens), max_size=len(tokens)))
    sentence = describe_weights(tokens, s_T)
    assert sentence.endswith(".")
    for token in sorted(set(tokens), key=len, reverse=True):  # a word may well be "nan"
        sentence = sentence.replace(f"“{token}”", "“”")
    assert "nan" not in sentence.lower()


@settings(max_examples=40)
@given(st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_labels_stay_in_their_box(count: int, seed: int) -> None:
    """Wherever the points are, even all on one spot, a label is inside and near its point."""
    rng = np.random.default_rng(seed)
    box = (430.0, 260.0)
    points_N2 = rng.uniform((60, 20), (370, 240), size=(count, 2))
    points_N2[: count // 2] = points_N2[0]
    widths_N = rng.uniform(10, 90, size=count)
    middles_N2 = place_labels(points_N2, widths_N, 12, box)
    half_N2 = np.column_stack([widths_N / 2, np.full(count, 6.0)])
    assert (middles_N2 - half_N2 > -25).all()
    assert (middles_N2 + half_N2 < np.array(box) + 25).all()
    assert (np.abs(middles_N2 - points_N2) <= half_N2 + 43).all()
