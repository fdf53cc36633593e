"""What a language model stands on, and what it stands beside: subwords and trigrams."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from attnkit.writing.byte_pairs import END, FIRST_LEARNED, BytePairs, learn_byte_pairs
from attnkit.writing.trigrams import learn_trigrams
from hypothesis import given, settings
from hypothesis import strategies as st

TEXTS = [
    "The film is the best of the year, isn't it? The best!",
    "the the the theatre, where the other films were; 1999 was the year",
    "Ein schöner Film — größer als „the best“\n\n  und länger\t.",
]


@pytest.fixture(scope="module")
def pairs() -> BytePairs:
    return learn_byte_pairs(TEXTS, 330)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters()) | st.sampled_from(TEXTS).flatmap(st.permutations))
def test_every_text_comes_back(pairs: BytePairs, text: str | list[str]) -> None:
    """Spaces of any kind, letters never met, half a pair of surrogates: nothing is lost."""
    text = "".join(text)
    ids = pairs.encode(text)
    assert pairs.decode(ids) == text
    assert all(0 < each < pairs.size for each in ids)
    assert pairs.decode([*ids, END, *ids]) == text
    pairs.decode(ids[1:])  # half a letter is no error


def test_pieces_are_what_stands_together_most_often(pairs: BytePairs) -> None:
    """ "he" and "the" come first, no piece reaches over a word's end, and order is no matter."""
    assert [pairs.pieces[n] for n in range(FIRST_LEARNED, FIRST_LEARNED + 2)] == [b"he", b"the"]
    assert not any(b" " in piece[1:] for piece in pairs.pieces if piece.strip())
    assert learn_byte_pairs(TEXTS[::-1], 330) == pairs
    assert len(pairs.encode(" the")) == 1 < len(pairs.encode(" eth"))
    assert learn_byte_pairs(["aaaa b"], 1000).pairs == ((98, 98),)


def test_the_queue_finds_what_counting_anew_finds() -> None:
    """Each pair is the one met most often in the texts as they are cut by then."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abc"), 6)) for _ in range(60)]
    learned = learn_byte_pairs([" " + " ".join(words)], FIRST_LEARNED + 30)
    for n, best in enumerate(learned.pairs):
        encoder, met = BytePairs(learned.pairs[:n]), Counter[tuple[int, int]]()
        for word in words:
            ids = encoder.encode(" " + word)
            met.update(itertools.pairwise(ids))
        assert best == min(met, key=lambda pair: (-met[pair], pair))


def test_probabilities_of_trigrams() -> None:
    """They sum to 1 behind anything, none is 0, and what was met is likelier than what wasn't."""
    rng = np.random.default_rng(1)
    ids_N = np.concatenate([rng.integers(0, 9, 400), np.tile([3, 4, 5], 60)])
    model = learn_trigrams(ids_N, V=12)
    for context in ([], [4], [3, 4], [11, 11], [3, 11], [11, 3], *rng.integers(0, 12, (9, 2))):
        p_V = model.next_word(np.array(context, dtype=int))
        assert p_V.sum() == pytest.approx(1)
        assert p_V.min() > 0
    assert model.next_word(np.array([3, 4])).argmax() == 5
    assert model.logp(np.array([3, 4, 5]))[2] == pytest.approx(
        np.log(model.next_word(np.array([3, 4]))[5])
    )


def test_kneser_ney_by_hand() -> None:
    """a b a b a c: the last level by hand, with every discount ½ and three words."""
    model = learn_trigrams(np.array([0, 1, 0, 1, 0, 2]), V=3)
    one, two, three = (replace(each, discount=0.5) for each in model.levels)
    model = replace(model, levels=(one, two, three))
    # twos behind something: ba, ab, ac; of these a once, b once, c once
    alone = (1 - 0.5) / 3 + 0.5 * 3 / 3 / 3
    behind_a = (1 - 0.5) / 2 + 0.5 * 2 / 2 * alone  # "ab" behind b, "ac" behind b
    behind_ba = (1 - 0.5) / 2 + 0.5 * 2 / 2 * behind_a  # "bab" and "bac", once each
    assert model.next_word(np.array([1, 0]))[2] == pytest.approx(behind_ba)
