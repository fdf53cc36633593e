"""Accuracy, its interval, F1 and confusion: libraries' numbers, beside the written-out formulas."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.classifying.measures import confusion, score, wilson

Z95 = 1.959963984540054  # the normal distribution's 97.5 % point
LABELS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)
CLOSE = 1e-9  # four digits are shown


@given(LABELS)
def test_a_score_is_what_the_formulas_say(pairs: list[tuple[bool, bool]]) -> None:
    y, said = (np.array(column) for column in zip(*pairs, strict=True))
    hits = sum(fact and guess for fact, guess in pairs)
    called, real = int(said.sum()), int(y.sum())
    found = score("a model", y.astype(int), said)
    assert found.accuracy == sum(fact == guess for fact, guess in pairs) / len(pairs)
    f1 = 2 * hits / (called + real) if called + real else 0.0
    assert found.f1 == pytest.approx(f1, abs=CLOSE)
    assert json.loads(json.dumps(found.to_json())) == found.to_json()


@given(LABELS)
def test_the_confusion_counts_each_text_once(pairs: list[tuple[bool, bool]]) -> None:
    y, said = zip(*pairs, strict=True)
    table = [[pairs.count((fact, guess)) for guess in (False, True)] for fact in (False, True)]
    assert confusion(np.array(y).astype(int), np.array(said)) == table
    assert json.loads(json.dumps(confusion(y, said))) == table


@given(st.integers(1, 30_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    right, n = counts
    p, z2 = right / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = wilson(right, n)
    assert low == pytest.approx(max(0.0, middle - half), abs=CLOSE)
    assert high == pytest.approx(min(1.0, middle + half), abs=CLOSE)
    assert 0 <= low <= p <= high <= 1
