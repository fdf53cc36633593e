"""The headlines of lessons 11 and 14: triples that differ little, labelled twice."""

from __future__ import annotations

import re

import pytest
from attnkit.headlines import agreement, load_headlines, load_triples
from attnkit.words import words_of
from sklearn.metrics import cohen_kappa_score


def test_headlines_come_in_triples_of_one_firm() -> None:
    """Protects splits by triple: each holds all three labels, and texts that share their firm."""
    frame = load_triples()
    assert len(frame) == 240
    assert frame.id.is_unique
    assert frame.text.is_unique
    by_triple = frame.groupby("triple")
    assert by_triple.label.apply(sorted).tolist() == [[-1, 0, 1]] * 80
    assert by_triple.topic.nunique().eq(1).all()
    for triple, texts in by_triple.text:
        shared = set.intersection(*(set(words_of(text)) for text in texts))
        names = set(re.findall(r"\b[A-Z]\w+", " ".join(texts)))
        assert shared & {name.lower() for name in names}, triple  # the firm


def test_a_firm_has_one_triple_only() -> None:
    """Protects a test part from words that its firm's other triple has taught."""
    frame = load_triples()
    lower = {word for text in frame.text for word in re.findall(r"\b[a-z]+", text)}
    seen: dict[str, int] = {}
    for triple, texts in frame.groupby("triple").text:
        own = set.intersection(*(set(re.findall(r"\b[A-Z]\w+", text)) for text in texts))
        names = [name for name in own if name.lower() not in lower | KINDS]
        assert names, triple
        for name in names:
            assert seen.setdefault(name, triple) == triple, name


KINDS = {"air", "court", "credit", "foods", "group", "hotels", "regulator", "software", "steel"}


def test_the_pairs_of_lesson_11_are_the_first_triples() -> None:
    pairs, triples = load_headlines(), load_triples()
    first = triples[(triples.triple <= 24) & (triples.label != 0)]
    assert pairs.text.tolist() == first.text.tolist()
    assert pairs.label.tolist() == [int(label > 0) for label in first.label]


def test_agreement_is_cohens_kappa() -> None:
    frame, told = load_triples(), agreement(draws=200)
    assert told.kappa == pytest.approx(cohen_kappa_score(frame.label, frame.second))
    assert told.low < told.kappa < told.high <= 1
    assert told.table.to_numpy().sum() == 240
    assert told.table.loc["neutral", "bad"] == 3
    assert told.table.to_numpy().trace() == 235
