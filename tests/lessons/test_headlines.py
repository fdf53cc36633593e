"""The headlines of lessons 11 and 14: triples that differ little, labelled twice."""

from __future__ import annotations

import pytest
from attnkit.headlines import agreement, load_headlines, load_triples
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
    assert all(firm in text for firm, text in zip(frame.firm, frame.text, strict=True))


def test_a_firm_has_one_triple_only() -> None:
    """Protects a test part from words that its firm's other triple has taught."""
    frame = load_triples()
    assert frame.groupby("triple").firm.nunique().eq(1).all()
    names = frame.firm.unique()
    assert len(names) == 80
    assert len({name.split()[0] for name in names}) == 80


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
