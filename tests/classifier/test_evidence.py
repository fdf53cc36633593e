"""How much the linear member counts beside the models with heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from attnkit.classifier import PRESETS, Config
from attnkit.classifier.tokens import Tokens

from tests.classifier.conftest import kit, reviews


def loss(z_N: np.ndarray, y_N: np.ndarray) -> float:
    return float(np.mean(np.logaddexp(0, z_N) - z_N * y_N))


@pytest.mark.parametrize("share", [None, 0.3, 0.8])
def test_the_whole_is_calibrated_and_a_share_is_one(share: float | None) -> None:
    from attnkit.classifier.evidence import weights

    rng = np.random.default_rng(0)
    y_N = rng.integers(0, 2, 2_000).astype(np.float32)
    told_NM = (2 * y_N[:, None] - 1 + rng.normal(0, [2.0, 2.0, 1.2], (2_000, 3))) * [3, 3, 9]
    a, f = weights(told_NM.astype(np.float32), y_N, share)
    heads_N, linear_N = a * told_NM[:, :2].mean(axis=1), f * told_NM[:, 2]
    least = loss(heads_N + linear_N, y_N)
    for by in (0.9, 1.1):
        assert loss(by * (heads_N + linear_N), y_N) > least
        if share is None:
            assert loss(by * heads_N + linear_N, y_N) > least
            assert loss(heads_N + by * linear_N, y_N) > least
    if share is not None:
        found = linear_N.std() / (heads_N.std() + linear_N.std())
        assert found == pytest.approx(share, abs=1e-4)


def test_a_trained_classifier_has_the_share_and_keeps_it(tmp_path: Path) -> None:
    config = Config(linear=True, linear_share=0.7, members=2, epochs=2, width=8, heads=2, batch=32)
    more, truth = reviews(80, 1)
    classifier, _ = kit.train(*reviews(160), more, truth, config)
    tokens = Tokens.encode(more, classifier.vocabulary, config.max_len, config.keep)
    logits_NM = classifier.logits(tokens)
    heads, linear = logits_NM[:, :2].sum(axis=1).std(), logits_NM[:, 2].std()
    assert linear / (heads + linear) == pytest.approx(0.7, abs=1e-3)
    classifier.save(tmp_path)
    again = kit.Classifier.load(tmp_path)
    assert again.config.linear_share == 0.7
    np.testing.assert_array_equal(again.logits(tokens), logits_NM)


def test_settings_of_before_are_read_and_a_share_out_of_range_is_refused() -> None:
    before = PRESETS["best"].to_json()
    del before["linear_share"]
    assert Config.from_json(before).linear_share is None
    for share in (0.0, 1.0, 1.5):
        with pytest.raises(ValueError, match="linear_share"):
            Config(linear_share=share)
