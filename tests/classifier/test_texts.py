"""From texts to ids: who is known, which end is kept, what is kept on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit import cache as cache_module
from attnkit.classifier import Config, Vocabulary, encode, fit_vocabulary, tokenise
from attnkit.classifier import tokens as tokens_module
from attnkit.classifier.tokens import LENGTHS, Tokens, cached_tokens, cached_vocabulary
from attnkit.classifier.vocabulary import PAD

from tests.classifier.conftest import Later, reviews

feeding: Any = Later("attnkit.classifier.batches")
TEXTS = ["a good film", "a good good plot", "a bad film!", "Zebra"]


def test_words_are_ranked_by_count_then_by_letter() -> None:
    vocabulary = fit_vocabulary(TEXTS, 100, min_count=1)
    assert vocabulary.words == ("a", "good", "film", "bad", "plot", "zebra")
    assert vocabulary.words == fit_vocabulary(TEXTS[::-1], 100, min_count=1).words
    assert fit_vocabulary(TEXTS, 4, min_count=1).words == ("a", "good")
    assert fit_vocabulary(TEXTS, 100, min_count=2).words == ("a", "good", "film")
    with pytest.raises(ValueError, match="holds no word"):
        fit_vocabulary(TEXTS, 2)


def test_both_ends_are_padded_at_the_end() -> None:
    vocabulary = fit_vocabulary(TEXTS, 100, min_count=1)  # a 2, good 3, film 4, bad 5, plot 6
    ids = encode(["a good bad film", "unheard plot", ""], vocabulary, 3)
    assert ids.tolist() == [[2, 3, 5], [1, 6, 0], [0, 0, 0]]
    assert ids.dtype == np.int32
    assert encode(["a good bad film"], vocabulary, 3, keep="tail").tolist() == [[3, 5, 4]]
    with pytest.raises(ValueError, match="head"):
        encode(["a"], vocabulary, 3, keep="middle")


def test_line_breaks_are_no_words_and_marks_only_if_wished() -> None:
    assert tokenise("Good.<br /><br/>Bad?!") == ["good", "bad"]
    assert tokenise("Good.<br />Bad?! ***", marks=True) == ["good", "bad", "?", "!", "***"]


def test_runs_of_words_are_known_by_their_ids() -> None:
    texts = ["not a good film", "not a good plot", "a film not good"]
    vocabulary = fit_vocabulary(texts, 100, 1, run_counts=(2, 2))
    assert [len(keys) for keys in vocabulary.runs] == [2, 1]  # not a, a good; not a good
    ids = encode(["not a good", "a not", "new not a"], vocabulary, 4)
    known = ids > 1
    assert known[0].tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert known[1].tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]]
    # the same run has the same id wherever it stands; an unknown word is in no run
    assert ids[2, :, 0].tolist() == [1, ids[0, 0, 0], ids[0, 1, 0], 0]
    assert ids[2, 1, 1] == ids[0, 0, 1]
    assert ids[2, 0, 1] == 0
    # no run goes from one text to the next
    both = Tokens.encode(["not", "a good"], vocabulary, 4)
    assert both.flat[0, 1] == 0


def test_a_vocabulary_is_kept_as_it_is(tmp_path: Path) -> None:
    made = fit_vocabulary(TEXTS * 2, 100, run_counts=(2,), marks=True)
    made.save(tmp_path / "v.json")
    read = Vocabulary.load(tmp_path / "v.json")
    assert (read.words, read.marks, read.sizes) == (made.words, True, made.sizes)
    assert read.runs[0].tolist() == made.runs[0].tolist()
    (tmp_path / "w.json").write_text("[]")
    with pytest.raises(ValueError, match="version"):
        Vocabulary.load(tmp_path / "w.json")


def test_token_arrays_are_made_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, _ = reviews(40)
    vocabulary = fit_vocabulary(texts, 50, 1)
    made = cached_tokens(texts, vocabulary, 8)
    with monkeypatch.context() as patch:
        patch.setattr(Tokens, "encode", None)  # a second time would break here
        again = cached_tokens(texts, vocabulary, 8)
    assert (again.flat == made.flat).all()
    assert (again.starts == made.starts).all()
    # other words, another length, another end: made anew
    for changed in (
        ([*texts[:-1], "new"], vocabulary, 8, "head"),
        (texts, fit_vocabulary(texts, 20, 1), 8, "head"),
        (texts, vocabulary, 7, "head"),
        (texts, vocabulary, 8, "tail"),
    ):
        assert (cached_tokens(*changed).flat == Tokens.encode(*changed).flat).all()
    assert len(list(cache.glob("tokens/*.npz"))) == 5


def test_a_damaged_cache_costs_time_only(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, _ = reviews(20)
    vocabulary = fit_vocabulary(texts, 50, 1)
    made = cached_tokens(texts, vocabulary, 8)
    (file,) = cache.glob("tokens/*.npz")
    for damage in (b"", b"PK\x03\x04 no", file.read_bytes()[:300]):
        file.write_bytes(damage)
        assert (cached_tokens(texts, vocabulary, 8).flat == made.flat).all()
    monkeypatch.setattr(cache_module, "MOST_FILES", 2)
    for T in range(3, 8):
        cached_tokens(texts, vocabulary, T)
    assert len(list(cache.glob("*/*"))) == 2
    monkeypatch.setenv("ATTNKIT_CACHE", str(file / "no folder"))
    assert (cached_tokens(texts, vocabulary, 8).flat == made.flat).all()


def test_an_epochs_order_depends_on_seed_and_epoch_only() -> None:
    lengths = np.random.default_rng(0).integers(1, 60, 1003)
    one = feeding.training_order(lengths, 16, seed=1, epoch=2)
    assert all(
        (a == b).all() for a, b in zip(one, feeding.training_order(lengths, 16, 1, 2), strict=True)
    )
    for other in (
        feeding.training_order(lengths, 16, 1, 3),
        feeding.training_order(lengths, 16, 2, 2),
    ):
        assert any((a != b).any() for a, b in zip(one, other, strict=True))
    rows = np.concatenate(one)
    assert len(one) == 1003 // 16
    assert len(set(rows)) == len(rows) == 16 * len(one)  # nobody twice
    assert [len(rows) for rows in feeding.training_order(lengths[:5], 16, 0, 0)] == [5]
    # over the epochs everybody's turn comes
    assert (
        len(
            {
                row
                for epoch in range(4)
                for b in feeding.training_order(lengths, 16, 1, epoch)
                for row in b
            }
        )
        == 1003
    )
    # texts of about one length are together: pads are few
    pads = sum(16 * lengths[rows].max() - lengths[rows].sum() for rows in one)
    assert pads < 0.15 * lengths.sum()
    assert sorted(np.concatenate(feeding.reading_order(lengths, 100))) == list(range(1003))


def test_batches_have_few_different_lengths() -> None:
    texts, _ = reviews(200)
    tokens = Tokens.encode(texts, fit_vocabulary(texts, 50, 1), 64)
    assert {tokens.rows(np.array([row])).shape[1] for row in range(200)} <= set(LENGTHS)


@pytest.mark.parametrize("most", [1 << 30, 0])  # padded once for all, or batch by batch
def test_on_a_gpu_all_batches_are_of_one_length(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """There each length would be compiled anew, for seconds."""
    texts, labels = reviews(100)
    tokens = Tokens.encode(texts, fit_vocabulary(texts, 50, 1, run_counts=(2,)), 64)
    order = feeding.training_order(tokens.lengths, 16, seed=0, epoch=0)
    on_cpu = feeding.Batches(tokens, order, labels)
    monkeypatch.setattr("attnkit.classifier.batches.computes_on_gpu", lambda: True)
    monkeypatch.setattr("attnkit.classifier.batches.MOST_PADDED", most)
    on_gpu = feeding.Batches(tokens, order, labels)
    assert {on_gpu[place][0].shape for place in range(len(order))} == {(16, tokens.longest, 2)}
    for place in range(len(order)):
        (short, y), (long, same_y) = on_cpu[place], on_gpu[place]
        assert (long[:, : short.shape[1]] == short).all()
        assert (long[:, short.shape[1] :] == PAD).all()
        assert (y == same_y).all()


def test_a_vocabulary_is_fitted_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, _ = reviews(60)
    config = Config(vocabulary_size=50, min_count=1, run_counts=(2,))
    made = cached_vocabulary(texts, config)
    with monkeypatch.context() as patch:
        patch.setattr(tokens_module, "fit_vocabulary", None)  # a second time would break here
        again = cached_vocabulary(texts, config)
    assert (again.words, again.sizes) == (made.words, made.sizes)
    assert cached_vocabulary(texts, config.replace(vocabulary_size=20)).words == made.words[:18]
    assert cached_vocabulary(texts[:30], config).words != made.words
    (file, *_) = cache.glob("vocabularies/*.json")
    file.write_text("{")
    assert cached_vocabulary(texts, config).words == made.words
