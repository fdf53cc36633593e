"""The quick training in C, by which settings are compared, trains as the classifier does."""

from __future__ import annotations

import numpy as np
import pytest
from attnkit.classifier import PRESETS
from attnkit.quiet import silence

from tests.benchmarks.quick import member as quick
from tests.classifier.conftest import keras, reviews


@pytest.mark.skipif(not quick.can_compile(), reason="there is no C compiler")
def test_from_equal_weights_it_trains_as_keras_does() -> None:
    with silence():
        from attnkit.classifier import training
        from attnkit.classifier.batches import Batches, feed, training_order
        from attnkit.classifier.classifier import Classifier
        from attnkit.classifier.tokens import Tokens
        from attnkit.classifier.vocabulary import fit_vocabulary
    config = PRESETS["best"].replace(
        dropout=0.0, word_dropout=0.0, width=8, heads=2, max_len=16, batch=8, epochs=2,
        rate=0.02, run_counts=(2,), jit_compile=False,
    )  # fmt: skip
    texts, labels = reviews(96)
    vocabulary = fit_vocabulary(texts, 60_000, 2, run_counts=config.run_counts)
    tokens = Tokens.encode(texts, vocabulary, config.max_len, config.keep)
    y_N = np.array(labels, np.float32)
    run = training.Run(config, vocabulary, 0, None, lambda step: None)
    run.begin(len(texts), None)

    def array(tensor: object) -> np.ndarray:
        return np.array(keras.ops.convert_to_numpy(tensor))

    def weights() -> tuple[np.ndarray, np.ndarray]:
        vectors, places, pool, logit = (
            run.model.get_layer(name) for name in ("vectors", "places", "pool", "logit")
        )
        other = [pool.Wk_DD, pool.Wv_DD, pool.query_HK, pool.bias_D, logit.kernel, logit.bias]
        flat = [array(tensor).ravel() for tensor in (*other, places.place_TD)]
        return np.concatenate([array(t) for t in vectors.tables]), np.concatenate(flat)

    one = quick.Member(config, vocabulary.sizes, 24, 0)
    begun = weights()
    one.table[:], one.other[:] = begun
    data = quick.Labelled(tokens, y_N)
    for epoch in range(2):
        order = training_order(tokens.lengths, config.batch, 0, epoch)
        told = run.model.fit(feed(Batches(tokens, order, y_N)), verbose=0, shuffle=False)
        assert one.train(data, order) == pytest.approx(told.history["loss"][0], abs=1e-4)
    logits_N = Classifier(config, vocabulary, (run.model,)).logits(tokens)[:, 0]
    assert logits_N.std() > 0.2
    assert one.read(data)[1] == pytest.approx(logits_N, abs=1e-3)
    for mine, its, before in zip((one.table, one.other), weights(), begun, strict=True):
        assert np.abs(its - before).max() > 0.02
        assert mine == pytest.approx(its, abs=1e-3)
    one.close()


@pytest.mark.skipif(not quick.can_compile(), reason="there is no C compiler")
def test_with_words_hidden_it_learns_and_a_seed_gives_one_model() -> None:
    with silence():
        from attnkit.classifier.evidence import gather
        from attnkit.classifier.tokens import Tokens
        from attnkit.classifier.vocabulary import fit_vocabulary
    config = PRESETS["best"].replace(max_len=16, batch=16, epochs=4)
    (texts, labels), (more, truth) = reviews(480), reviews(120, seed=1)
    vocabulary = fit_vocabulary(texts, 60_000, 2, run_counts=config.run_counts)

    def encoded(some: list[str], of: list[int]) -> quick.Labelled:
        tokens = Tokens.encode(some, vocabulary, config.max_len, config.keep)
        return quick.Labelled(tokens, np.array(of, np.float32))

    data, heard = encoded(texts, labels), encoded(more, truth)
    odds_V = gather(data.tokens, data.labels, vocabulary.sizes).odds_V
    first, again, other = (
        quick.fit(data, heard, (heard,), config, vocabulary.sizes, odds_V, seed)
        for seed in (0, 0, 1)
    )
    assert ((first.logits[1] > 0) == np.array(truth)).mean() > 0.95
    assert first.losses[-1] < first.losses[0]
    assert first.epoch == int(np.argmin(first.validation_losses))
    assert np.array_equal(first.logits[1], again.logits[1])
    assert not np.array_equal(first.logits[1], other.logits[1])


@pytest.mark.skipif(not quick.can_compile(), reason="there is no C compiler")
def test_the_smallest_numbers_stay_in_the_process_that_loads_it() -> None:
    quick._compiled(8, 2)
    assert np.float32(2.0**-140) * np.float32(0.5) > 0
