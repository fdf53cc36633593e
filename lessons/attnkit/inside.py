"""What a Keras model's attention looks at: the weights of the first attention that is in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def attention_weights(model: Any, ids_BT: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The weights that a model's first `MultiHeadAttention` gives, w_BHTS.

    model: a graph of layers, as `keras.Model(inputs, outputs)` makes it. ids_BT: ids, 0 = pad; no
    word looks at a pad. Raises ValueError for a model without such a layer, or without a graph.
    """
    import keras

    kind = keras.layers.MultiHeadAttention
    layers = [layer for layer in model.layers if isinstance(layer, kind)]
    if not layers:
        raise ValueError("this model has no layer MultiHeadAttention")
    ids = np.asarray(ids_BT)
    try:
        inputs = keras.Model(model.inputs, layers[0].input)([ids])
    except (AttributeError, ValueError, TypeError):
        raise ValueError("this model is no graph of layers that could be looked into") from None
    query, value = inputs[:2]
    keep_B1S = (ids != 0)[:, None, :]
    _, w_BHTS = layers[0](query, value, attention_mask=keep_B1S, return_attention_scores=True)
    return np.asarray(keras.ops.convert_to_numpy(w_BHTS), np.float32)


def pooling_weights(model: Any, ids_BT: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """What each word of each text gets from each head, w_BHT; 0 on pads.

    Of a model that pools with a softmax over the words, as lesson 8's, its weights; of one with a
    `MultiHeadAttention`, the mean over those who ask. Raises ValueError for a model without either.
    """
    import keras

    ids = np.asarray(ids_BT)
    real = ids != 0
    layers = getattr(model, "layers", ())
    if any(isinstance(layer, keras.layers.MultiHeadAttention) for layer in layers):
        w_BHTS = attention_weights(model, ids)
        asks = real if w_BHTS.shape[2] == ids.shape[1] else np.ones((len(ids), 1), bool)
        asks_BT1 = asks[:, None, :, None] / asks.sum(axis=1)[:, None, None, None]
        w_BHT = (w_BHTS * asks_BT1).sum(axis=2)
    else:
        w_BHT = _softmax_weights(model, ids)
    return np.asarray(w_BHT * real[:, None, :], np.float32)


def _softmax_weights(model: Any, ids: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """The output of a model's first softmax over the words, w_BHT."""
    import keras

    for step in getattr(model, "operations", ()):  # layers, and what `keras.ops` does between them
        if type(step).__name__ == "Softmax" and ids.shape[1] in step.output.shape[1:]:
            w = np.asarray(
                keras.ops.convert_to_numpy(keras.Model(model.inputs, step.output)([ids]))
            )
            w = w[:, :, None] if w.ndim == 2 else w
            return w.transpose(0, 2, 1) if w.shape[1] == ids.shape[1] else w
    raise ValueError("this model has no attention: no softmax over the words can be found in it")


def words_looked_at(model: Any, ids_T: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """What each word of one text gets, by head: w_HS without pads."""
    ids = np.asarray(ids_T)
    return pooling_weights(model, ids[None])[0][:, ids != 0]
