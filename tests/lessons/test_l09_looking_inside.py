"""Lesson 9's witnesses: lesson 8's model taken apart."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit import pooling_model
from attnkit.pooling_model import PoolingModel

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed."
)
WORDS = tuple(f"word{number}" for number in range(2, pooling_model.SIZE))


def drawn(build: Any) -> PoolingModel | None:
    """A model with random numbers for weights, taken apart."""
    rng = np.random.default_rng(9)
    model = build(pooling_model.SIZE, pooling_model.T, 8, 2)
    model.set_weights([rng.normal(size=each.shape) for each in model.get_weights()])
    return pooling_model.taken_apart(model, WORDS)


def asking_each_other(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """Another right answer to L8.2: words ask each other, and a mean is taken."""
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    x = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    return keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))


@needs_keras
def test_a_model_that_pools_is_taken_apart_and_another_is_not(tmp_path: Path) -> None:
    apart = drawn(pooling_model.build_classifier)  # says what Keras says, or it were None
    assert apart is not None
    assert drawn(asking_each_other) is None
    ids_BT = apart.ids(["word5 word9 word7", "word2 nobody-knows", " ".join(WORDS[:60])])
    assert ids_BT[:, :4].tolist() == [[5, 9, 7, 0], [2, 1, 0, 0], [2, 3, 4, 5]]
    assert ids_BT.shape == (3, 40)
    assert np.array_equal(apart.ids("word2 nobody-knows"), ids_BT[1])
    w_BHT = apart.weights(ids_BT)
    assert w_BHT.shape == (3, 2, 40)
    assert np.allclose(w_BHT.sum(axis=-1), 1)
    assert (w_BHT[:, :, :][np.broadcast_to((ids_BT == 0)[:, None], w_BHT.shape)] == 0).all()
    p_B = apart.predict(ids_BT)
    assert np.allclose(p_B, 1 / (1 + np.exp(-apart.logits(w_BHT, ids_BT))))
    assert np.allclose(apart.predict(ids_BT[:, :5])[:2], p_B[:2], atol=1e-6)  # pads change nothing
    with pytest.raises(ValueError, match="ids go from 0 to 9999"):
        apart.predict([[5, 10_000]])
    with pytest.raises(ValueError, match=r"should have \(B, T\)"):
        apart.predict(ids_BT[0])
    for kept in (apart, None):
        file = tmp_path / "kept.npz"
        with file.open("wb") as out:
            pooling_model._write(kept, out)
        again = pooling_model._read(file)
        assert (again is None) == (kept is None)
        if kept is not None and again is not None:
            both = (dataclasses.astuple(each) for each in (kept, again))
            assert all(np.array_equal(a, b) for a, b in zip(*both, strict=True))
