"""What a Keras model's attention looks at: the weights of the first such layer that is in it."""

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
        inputs = keras.Model(model.inputs, layers[0].input)(ids)
    except (AttributeError, ValueError, TypeError):
        raise ValueError("this model is no graph of layers that could be looked into") from None
    query, value = inputs[:2]
    keep_B1S = (ids != 0)[:, None, :]
    _, w_BHTS = layers[0](query, value, attention_mask=keep_B1S, return_attention_scores=True)
    return np.asarray(keras.ops.convert_to_numpy(w_BHTS), np.float32)


def words_looked_at(model: Any, ids_T: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """What each word of one text gets from all its words on average, by head: w_HS without pads."""
    ids = np.asarray(ids_T)
    w_HTS = attention_weights(model, ids[None])[0]
    real = ids != 0
    asking = real if w_HTS.shape[1] == len(ids) else slice(None)
    return np.asarray(w_HTS[:, asking][:, :, real].mean(axis=1), np.float32)
