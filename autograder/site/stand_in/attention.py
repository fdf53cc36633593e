"""`keras.layers.MultiHeadAttention`, with its two answers where a mask hides everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .base import Layer, float32, masked_softmax
from .variables import Array, glorot_uniform


class MultiHeadAttention(Layer):
    """H heads of K numbers with projections of their own, and one that merges what they found."""

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        use_bias: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.num_heads, self.key_dim, self.use_bias = num_heads, key_dim, use_bias
        self.value_dim = value_dim or key_dim

    def make(
        self,
        query_shape: Sequence[int],
        value_shape: Sequence[int] = (),
        key_shape: Sequence[int] | None = None,
    ) -> None:
        value_shape = value_shape or query_shape
        D, H, K, V = query_shape[-1], self.num_heads, self.key_dim, self.value_dim
        width = (key_shape or value_shape)[-1]
        for name, into, out in (
            ("query", (D,), (H, K)),
            ("key", (width,), (H, K)),
            ("value", (value_shape[-1],), (H, V)),
            ("attention_output", (H, V), (D,)),
        ):
            self.add(f"{name}/kernel", glorot_uniform(into, out))
            if self.use_bias:
                self.add(f"{name}/bias", np.zeros(out))

    def __call__(
        self,
        query: npt.ArrayLike,
        value: npt.ArrayLike,
        key: npt.ArrayLike | None = None,
        attention_mask: npt.ArrayLike | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Array | tuple[Array, Array]:
        q_BTD, v_BSD = float32(query), float32(value)
        k_BSD = v_BSD if key is None else float32(key)
        if not self.built:
            self.build(q_BTD.shape, v_BSD.shape, k_BSD.shape)
        arrays = [variable.value for variable in self.weights]
        kernels = arrays[::2] if self.use_bias else arrays
        biases = arrays[1::2] if self.use_bias else [np.zeros(1, "float32")] * 4
        q_BTHK, k_BSHK, v_BSHV = (
            np.einsum("btd,dhk->bthk", x, kernel) + bias
            for x, kernel, bias in zip((q_BTD, k_BSD, v_BSD), kernels, biases, strict=False)
        )
        e_BHTS = np.einsum("bthk,bshk->bhts", q_BTHK * np.float32(self.key_dim**-0.5), k_BSHK)
        shown = _shown(attention_mask, e_BHTS.shape, use_causal_mask)
        # asked for its weights, the layer goes the way that makes them 0 where all is hidden
        w_BHTS = masked_softmax(e_BHTS, shown, -1, zeros=return_attention_scores)
        found_BTHV = np.einsum("bhts,bshv->bthv", w_BHTS, v_BSHV)
        o_BTD = float32(np.einsum("bthv,hvd->btd", found_BTHV, kernels[3]) + biases[3])
        return (o_BTD, w_BHTS) if return_attention_scores else o_BTD


def _shown(mask: npt.ArrayLike | None, shape: tuple[int, ...], causal: bool) -> Array | None:
    """The mask with an axis of heads, and with nothing that comes later; None if all is shown."""
    if mask is None and not causal:
        return None
    shown = np.ones((1, 1), bool) if mask is None else np.asarray(mask, bool)
    while shown.ndim < 4:
        shown = np.expand_dims(shown, -3)
    return shown & (np.tri(shape[-2], shape[-1]) > 0) if causal else shown
