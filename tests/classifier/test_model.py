"""What holds for the model whatever its weights: pads change nothing, order matters."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.classifier import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.classifier.conftest import Later, keras

models: Any = Later("attnkit.classifier.model")
V, T = 12, 9
Ids = npt.NDArray[np.int32]
SHAPES = {
    "additive": Config(vocabulary_size=V, max_len=T, width=8, heads=2, score="additive"),
    "dot": Config(vocabulary_size=V, max_len=T, width=8, heads=4, score="dot"),
    "block": Config(vocabulary_size=V, max_len=T, width=8, heads=2, blocks=1),
    "runs": Config(vocabulary_size=V, max_len=T, width=8, heads=2, run_counts=(2, 2)),
    "bfloat16": Config(vocabulary_size=V, max_len=T, width=8, heads=2, mixed_precision=True),
}


def made(config: Config, seed: int = 0) -> Any:
    """The model with random weights that are not small, so that each part of it shows."""
    sizes = (V,) * (1 + len(config.run_counts))
    model = models.build_model(config, sizes)
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    return model


@pytest.fixture(scope="module", params=list(SHAPES))
def shaped(request: pytest.FixtureRequest) -> tuple[Config, Any]:
    config = SHAPES[request.param]
    return config, made(config)


def ids_of(config: Config, words: list[int]) -> Ids:
    """Words' ids, and random ids of the runs that begin with them."""
    if not config.run_counts:
        return np.array(words, np.int32)[None]
    rng = np.random.default_rng(len(words))
    runs = rng.integers(0, V, (len(words), len(config.run_counts)))
    return np.concatenate([np.array(words)[:, None], runs], axis=1).astype(np.int32)[None]


def called(model: Any, ids: Ids) -> npt.NDArray[np.float64]:
    return keras.ops.convert_to_numpy(model(ids, training=False)).astype(np.float64)


def padded(ids: Ids, more: int) -> Ids:
    return np.pad(ids, [(0, 0), (0, more)] + [(0, 0)] * (ids.ndim - 2))


@settings(max_examples=6, deadline=None)
@given(words=st.lists(st.integers(1, V - 1), min_size=1, max_size=T), data=st.data())
def test_pads_change_nothing(
    shaped: tuple[Config, Any], words: list[int], data: st.DataObject
) -> None:
    config, model = shaped
    ids = ids_of(config, words)
    more = data.draw(st.integers(0, T - len(words)))
    # shapes of batches change the rounding; a pad that is read moves the logit by 0.01 or more
    rough = 2e-2 if config.mixed_precision else 2e-4
    alone, behind = called(model, ids), called(model, padded(ids, more))
    np.testing.assert_allclose(alone, behind, rtol=rough, atol=rough)
    w_BHT = called(models.reader_of(model), padded(ids, more))
    np.testing.assert_allclose(w_BHT.sum(axis=-1), 1, atol=1e-5)
    assert (w_BHT[:, :, len(words) :] == 0).all()


def test_a_batch_gives_what_each_text_gives_alone(shaped: tuple[Config, Any]) -> None:
    config, model = shaped
    texts = [ids_of(config, [2, 3, 4, 5, 6, 7]), ids_of(config, [8, 9]), ids_of(config, [10])]
    batch = np.concatenate([padded(ids, 6 - ids.shape[1]) for ids in texts])
    alone = np.concatenate([called(model, ids) for ids in texts])
    # shapes of batches change the rounding; a pad that is read moves the logit by 0.01 or more
    rough = 2e-2 if config.mixed_precision else 2e-4
    np.testing.assert_allclose(called(model, batch), alone, rtol=rough, atol=rough)


def test_the_pads_own_vector_does_not_matter(shaped: tuple[Config, Any]) -> None:
    config, model = shaped
    ids = padded(ids_of(config, [3, 5, 7]), 3)
    before = called(model, ids)
    for table in model.get_layer(models.VECTORS).tables:
        values = keras.ops.convert_to_numpy(table).copy()
        values[0] = 1e3
        table.assign(values)
    # a run's id is 0 where it isn't known: that must not matter either
    np.testing.assert_array_equal(called(model, ids), before)


def test_a_text_without_a_word_is_bearable(shaped: tuple[Config, Any]) -> None:
    config, model = shaped
    ids = padded(ids_of(config, [3]), 3) * 0
    assert np.isfinite(called(model, ids)).all()
    assert (called(models.reader_of(model), ids) == 0).all()


def test_order_matters_only_with_positions() -> None:
    for positions in (True, False):
        model = made(SHAPES["additive"].replace(positions=positions))
        one, other = (called(model, np.array([words])) for words in ([2, 3, 4], [4, 3, 2]))
        assert np.allclose(one, other, atol=1e-6) != positions


def test_the_last_id_is_valid_and_shapes_are_as_said(shaped: tuple[Config, Any]) -> None:
    config, model = shaped
    ids = np.full_like(ids_of(config, [2] * T), V - 1)
    assert called(model, ids).shape == (1, 1)
    assert called(models.reader_of(model), ids).shape == (1, config.heads, T)
    assert model.output.dtype == "float32"


def test_gradients_reach_every_weight_and_no_pad() -> None:
    """Training moves all weights, but not the pads' vectors."""
    config = SHAPES["block"].replace(dropout=0.0, word_dropout=0.0)
    model = made(config)
    before = [keras.ops.convert_to_numpy(weight).copy() for weight in model.weights]
    model.compile(keras.optimizers.SGD(0.1), keras.losses.BinaryCrossentropy(from_logits=True))
    model.train_on_batch(np.array([[2, 3, 4, 0], [5, 6, 0, 0]]), np.array([[1.0], [0.0]]))
    for weight, old in zip(model.weights, before, strict=True):
        moved = np.abs(keras.ops.convert_to_numpy(weight) - old).max(axis=-1)
        if "key/bias" not in weight.path:  # it shifts all scores of a query alike: softmax drops it
            assert moved.max() > 0, weight.path
        if "VD" in weight.path:
            assert (moved[[0, 1, *range(7, V)]] == 0).all()


def test_weights_are_drawn_from_the_seed_and_nothing_else() -> None:
    config = SHAPES["block"]
    random.seed(1)
    one, after = models.build_model(config), random.random()
    random.seed(1)
    assert random.random() == after  # the caller's dice are as they were
    other = models.build_model(config)
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    another = models.build_model(config, member=1)
    assert not np.allclose(one.weights[0].numpy(), another.weights[0].numpy())
    attention = one.get_layer("block_1_attention")
    q, k = [w for w in attention.weights if w.path.endswith("kernel")][:2]
    assert not np.allclose(
        q.numpy(), k.numpy()
    )  # one seed for all would make queries and keys alike


def test_hidden_words_are_hidden_while_training_only() -> None:
    model = made(SHAPES["additive"].replace(word_dropout=0.9, dropout=0.0))
    ids = np.array([[2, 3, 4, 5, 6]])
    still = {called(model, ids).item() for _ in range(4)}
    moving = {float(model(ids, training=True)[0, 0]) for _ in range(12)}
    assert len(still) == 1
    assert len(moving) > 1


@pytest.mark.parametrize(
    "wrong", [{"width": 10, "heads": 4}, {"keep": "middle"}, {"dropout": 1.0}, {"score": "cosine"},
              {"vocabulary_size": 2}, {"epochs": 0}],
)  # fmt: skip
def test_settings_that_make_no_model_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Config(**wrong)
    with pytest.raises(ValueError, match="no setting"):
        Config.from_json({"widht": 3})
