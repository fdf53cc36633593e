"""An encoder learns to guess hidden words, and what it has learned goes along to other words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit.hidden_words import corpus
from attnkit.quiet import silence

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course
from tests.classifier.conftest import Later

encoder: Any = Later("attnkit.hidden_words.encoder")
learning: Any = Later("attnkit.hidden_words.learning")
keras: Any = Later("keras")
OF_LESSON = read_lesson(find_course().lesson("12_before_labels").source).reference()

# Keras turns TensorFlow's arrays into NumPy's in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# A language of twelve words in which each is always followed by the same one.
TEXTS = [tuple(f"w{(start + n) % 12}" for n in range(6)) for start in range(12)] * 20


@pytest.fixture(scope="module")
def size() -> Any:
    with silence():
        return encoder.Size(V=16, T=7, D=16, H=2, F=32)


@pytest.fixture(scope="module")
def guesser(size: Any) -> Any:
    """A model that has learned nothing yet; its words' vectors are far apart."""
    with silence():
        keras.utils.set_random_seed(5)
        model = encoder.guesser(encoder.Encoder(size))
        words = learning.encoder_of(model).words.embeddings
        words.assign(np.random.default_rng(5).normal(size=words.shape))
    return model


@pytest.fixture(scope="module")
def vocab() -> dict[str, int]:
    return corpus.vocabulary(TEXTS, 16)


def numbers(tensor: Any) -> Any:
    return keras.ops.convert_to_numpy(tensor)


def test_texts_have_an_end_and_pads_behind_it() -> None:
    texts = [("a", "b", "a"), ("c",), ("b",) * 9]
    vocab = corpus.vocabulary(texts, 6)
    assert vocab == {"b": 4, "a": 5}
    assert corpus.encode(texts, vocab, 5).tolist() == [
        [5, 4, 5, 3, 0],
        [1, 3, 0, 0, 0],
        [4, 4, 4, 4, 3],
    ]


def test_what_is_asked_comes_first_and_the_rest_is_nothing() -> None:
    target_BT = np.array([[-1, 7, -1, 8, 9], [-1, -1, -1, -1, 5]])
    place_BM, word_BM = learning.asked(target_BT, 2)
    assert word_BM.tolist() == [[7, 8], [5, -1]]
    assert place_BM[:, 0].tolist() == [1, 4]


def test_each_place_is_answered_on_its_own(guesser: Any, vocab: dict[str, int]) -> None:
    ids_NT = corpus.encode(TEXTS[:2], vocab, 7)
    ids_NT[:, 3] = corpus.MASK
    z_NMV = numbers(guesser([ids_NT, np.array([[3, 0, 3], [0, 1, 2]])]))
    assert z_NMV.shape == (2, 3, 16)
    assert np.array_equal(z_NMV[0, 0], z_NMV[0, 2])
    alone_NMV = numbers(guesser([ids_NT, np.array([[0], [2]])]))
    assert np.allclose(alone_NMV[:, 0], z_NMV[[0, 1], [1, 2]], atol=1e-5)
    assert not np.allclose(z_NMV[0, 0], z_NMV[0, 1], atol=1e-2)


@pytest.mark.exhaustive  # twin: test_each_place_is_answered_on_its_own
def test_it_learns_to_guess_from_the_neighbours_and_is_kept(
    size: Any, vocab: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path))
    ids_NT, plan = corpus.encode(TEXTS, vocab, 7), learning.Plan(steps=100, B=32, rate=0.02)
    corrupt = OF_LESSON["mlm_corrupt"]
    (model, losses), (again, losses_kept) = (
        learning.pretrain(ids_NT, size, corrupt, plan, p=0.3, jit=False) for _ in range(2)
    )
    assert losses[-1] < 1 < losses[0]
    assert losses_kept == losses
    hidden_NT = ids_NT[:12].copy()
    hidden_NT[:, 3] = corpus.MASK
    z_NMV, again_NMV = (numbers(m([hidden_NT, np.full((12, 1), 3)])) for m in (model, again))
    assert (z_NMV[:, 0].argmax(axis=1) == ids_NT[:12, 3]).mean() > 0.7  # by chance: 1/12
    assert np.array_equal(z_NMV, again_NMV)


def test_pads_and_the_words_of_other_texts_change_nothing(
    guesser: Any, vocab: dict[str, int]
) -> None:
    inner = learning.encoder_of(guesser)
    ids_NT = corpus.encode([text[:4] for text in TEXTS[:3]], vocab, 7)
    short = numbers(inner(ids_NT[:, :5]))
    assert np.allclose(numbers(inner(ids_NT))[:, :5], short, atol=1e-5)
    assert np.allclose(numbers(inner(ids_NT[:1, :5])), short[:1], atol=1e-5)


def test_heads_look_to_both_sides_and_order_counts(guesser: Any, vocab: dict[str, int]) -> None:
    inner = learning.encoder_of(guesser)
    ids_NT = corpus.encode(TEXTS[:1], vocab, 7)
    here = numbers(inner(ids_NT))[0, 3]
    turned_NT = ids_NT.copy()
    turned_NT[:, [1, 5]] = ids_NT[:, [5, 1]]
    others = [turned_NT, ids_NT.copy(), ids_NT.copy()]
    others[1][:, 1] = others[2][:, 5] = corpus.UNKNOWN  # before it and behind it
    for other_NT in others:
        assert not np.allclose(numbers(inner(other_NT))[0, 3], here, atol=1e-4)


def test_words_keep_what_they_have_learned_in_another_vocabulary(
    guesser: Any, vocab: dict[str, int]
) -> None:
    inner = learning.encoder_of(guesser)
    words = [*vocab][::-1]
    other = {word: id for id, word in enumerate([*words, "new"], start=corpus.FIRST)}
    moved = learning.moved(inner, vocab, other, OF_LESSON["remap_embeddings"], seed=1)
    here, there = (numbers(each.words.embeddings) for each in (inner, moved))
    for word in words:
        assert np.array_equal(here[vocab[word]], there[other[word]])
    assert np.array_equal(here[1:4], there[1:4])
    assert len(there) == len(here) + 1
    texts = TEXTS[:5]
    before, after = (
        numbers(each(corpus.encode(texts, ids, 7)))
        for each, ids in ((inner, vocab), (moved, other))
    )
    assert np.allclose(before, after, atol=1e-5)


def test_before_it_learns_all_is_as_at_first(size: Any) -> None:
    ids_NT = corpus.encode(TEXTS[:4], corpus.vocabulary(TEXTS, 16), 7)
    few, start = learning.FewLabels(size, learning.Plan(steps=12)), learning.fresh(size, 1)
    rng, found = np.random.default_rng(6), []
    for seed in (3, 3, 4):
        for value in (*few.model.trainable_variables, *few.model.optimizer.variables[2:]):
            value.assign(rng.normal(size=value.shape))
        few.begin(start, seed)
        found.append(numbers(few.model(ids_NT)))
        moments = [numbers(value) for value in few.model.optimizer.variables[2:]]
        assert not any(value.any() for value in moments)
    assert np.array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2], atol=1e-3)


@pytest.mark.exhaustive  # twin: test_before_it_learns_all_is_as_at_first
def test_a_classifier_begins_anew_each_time(size: Any) -> None:
    rng = np.random.default_rng(0)
    ids_NT = rng.integers(4, 16, (40, 7)).astype(np.int32)
    y_N = (ids_NT == 9).any(axis=1).astype(int)
    few = learning.FewLabels(size, learning.Plan(steps=12, B=10, rate=0.01))
    found = []
    for start in (1, 2, 1):
        few.learn(learning.fresh(size, start), ids_NT, y_N, seed=3)
        found.append(numbers(few.model(ids_NT)))
    assert np.allclose(found[0], found[2], atol=1e-5)
    assert not np.allclose(found[0], found[1], atol=1e-3)
    assert few.accuracy(ids_NT, y_N) > 0.5
