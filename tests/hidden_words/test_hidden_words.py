"""An encoder learns to guess hidden words, and what it has learned goes along to other words."""

from __future__ import annotations

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

# A language of twelve words in which each is always followed by the same one.
TEXTS = [tuple(f"w{(start + n) % 12}" for n in range(6)) for start in range(12)] * 20


@pytest.fixture(scope="module")
def size() -> Any:
    with silence():
        return encoder.Size(V=16, T=7, D=16, L=1, H=2, F=32, dropout=0.0)


@pytest.fixture(scope="module")
def trained(size: Any) -> tuple[Any, list[float], dict[str, int]]:
    vocab = corpus.vocabulary(TEXTS, 16)
    ids_NT = corpus.encode(TEXTS, vocab, 7)
    plan = learning.Plan(steps=120, B=32, rate=0.02)
    with silence():
        model, losses = learning.pretrain(
            ids_NT, size, OF_LESSON["mlm_corrupt"], plan, p=0.3, jit=False
        )
    return model, losses, vocab


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


def test_it_learns_to_guess_from_the_neighbours(trained: Any) -> None:
    model, losses, vocab = trained
    assert losses[-1] < 1 < losses[0]
    ids_NT = corpus.encode(TEXTS[:12], vocab, 7)
    hidden_NT = ids_NT.copy()
    hidden_NT[:, 3] = corpus.MASK
    z_NMV = np.asarray(model([hidden_NT, np.full((12, 1), 3)]))
    assert (z_NMV[:, 0].argmax(axis=1) == ids_NT[:, 3]).mean() > 0.7  # by chance: 1/12


def test_pads_and_the_words_at_other_places_of_the_batch_change_nothing(trained: Any) -> None:
    model, _, vocab = trained
    inner = learning.encoder_of(model)
    ids_NT = corpus.encode([text[:4] for text in TEXTS[:3]], vocab, 7)
    short = np.asarray(inner(ids_NT[:, :5]))
    assert np.allclose(np.asarray(inner(ids_NT))[:, :5], short, atol=1e-5)
    assert np.allclose(np.asarray(inner(ids_NT[:1, :5])), short[:1], atol=1e-5)


def test_words_keep_what_they_have_learned_in_another_vocabulary(trained: Any, size: Any) -> None:
    model, _, vocab = trained
    inner = learning.encoder_of(model)
    words = [*vocab][::-1]
    other = {word: id for id, word in enumerate([*words, "new"], start=corpus.FIRST)}
    moved = learning.moved(inner, vocab, other, OF_LESSON["remap_embeddings"], seed=1)
    here, there = (keras.ops.convert_to_numpy(each.words.embeddings) for each in (inner, moved))
    for word in words:
        assert np.array_equal(here[vocab[word]], there[other[word]])
    assert np.array_equal(here[1:4], there[1:4])
    assert len(there) == len(here) + 1
    texts = TEXTS[:5]
    before, after = (
        np.asarray(each(corpus.encode(texts, ids, 7)))
        for each, ids in ((inner, vocab), (moved, other))
    )
    assert np.allclose(before, after, atol=1e-5)


def test_a_classifier_begins_anew_each_time(size: Any) -> None:
    rng = np.random.default_rng(0)
    ids_NT = rng.integers(4, 16, (40, 7)).astype(np.int32)
    y_N = (ids_NT == 9).any(axis=1).astype(int)
    few = learning.FewLabels(size, learning.Plan(steps=12, B=10, rate=0.01))
    found = []
    for start in (1, 2, 1):
        few.learn(learning.fresh(size, start), ids_NT, y_N, seed=3)
        found.append(np.asarray(few.model(ids_NT)))
    assert np.allclose(found[0], found[2], atol=1e-5)
    assert not np.allclose(found[0], found[1], atol=1e-3)
    assert few.accuracy(ids_NT, y_N) > 0.5
