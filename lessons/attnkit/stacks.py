"""Deep stacks of random encoder blocks, before any training: how large each block's gradient is.

The blocks are lesson 7's, attention and all, with random matrices (Glorot's scale), gains of 1 and
no shifts. Nothing is drawn from theory: words go forward through the stack, a random gradient comes
in at its end, and goes backward through every part, by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Params = dict[str, FloatArray]
# From the gradient in what a part gave to the gradient in what it got, and the size of the one in
# the part's last matrix.
Backward = Callable[[FloatArray], tuple[FloatArray, float]]

DEEPEST, SEED = 48, 7
SENTENCES, WORDS, WIDTH, HEADS, INNER = 2, 16, 64, 4, 256
EPS = 1e-5


@lru_cache(maxsize=2)
def random_stack(seed: int = SEED) -> tuple[tuple[Params, ...], FloatArray, FloatArray]:
    """48 blocks' parameters, as lesson 7 names them; words x_BTD; and a gradient for the end."""
    rng = np.random.default_rng(seed)
    shape = (SENTENCES, WORDS, WIDTH)
    blocks = tuple(_random_block(rng) for _ in range(DEEPEST))
    return blocks, rng.normal(size=shape), rng.normal(size=shape) / (SENTENCES * WORDS)


def _random_block(rng: np.random.Generator) -> Params:
    def glorot(into: int, out: int) -> FloatArray:
        return rng.normal(size=(into, out)) * (2 / (into + out)) ** 0.5

    params = {f"ln{n}_gamma": np.ones(WIDTH) for n in (1, 2)}
    params |= {f"ln{n}_beta": np.zeros(WIDTH) for n in (1, 2)}
    params |= {name: glorot(WIDTH, WIDTH) for name in ("Wq", "Wk", "Wv", "Wo")}
    params |= {"W1": glorot(WIDTH, INNER), "b1": np.zeros(INNER)}
    return params | {"W2": glorot(INNER, WIDTH), "b2": np.zeros(WIDTH)}


@lru_cache(maxsize=4 * DEEPEST)  # a slider comes back to where it was
def gradient_sizes(
    depth: int, norm_first: bool, final_norm: bool = True, seed: int = SEED
) -> tuple[float, ...]:
    """The size of the gradient in each block's W2, from the first block to the last.

    Blocks are pre-norm, x + f(norm(x)) for both of their halves, or post-norm, norm(x + f(x)).
    Behind the last pre-norm block stands one more norm, unless there is no ``final_norm``;
    post-norm blocks end with one anyway.
    """
    steps, ends = _forward(norm_first, seed)
    gradient = random_stack(seed)[2]
    if norm_first and final_norm:
        gradient = _norm(ends[depth])[1](gradient)
    sizes = []
    for attention, network in reversed(steps[:depth]):
        gradient, size = network(gradient)
        sizes.append(size)
        gradient, _ = attention(gradient)
    return tuple(reversed(sizes))


def word_sizes(norm_first: bool, seed: int = SEED) -> tuple[float, ...]:
    """The standard deviation of the words' numbers: as they come in, and behind each block."""
    return tuple(float(x_BTD.std()) for x_BTD in _forward(norm_first, seed)[1])


@lru_cache(maxsize=2)
def _forward(
    norm_first: bool, seed: int
) -> tuple[list[tuple[Backward, Backward]], list[FloatArray]]:
    """Each block's two ways back, and the words in front of the first block and behind each."""
    blocks, x_BTD, _ = random_stack(seed)
    steps, words = [], [x_BTD]
    for params in blocks:
        x_BTD, attention = _half(_attention, x_BTD, params, norm_first)
        x_BTD, network = _half(_network, x_BTD, params, norm_first)
        steps.append((attention, network))
        words.append(x_BTD)
    return steps, words


def _half(
    part: Callable[[FloatArray, Params], tuple[FloatArray, Backward]],
    x_BTD: FloatArray,
    params: Params,
    norm_first: bool,
) -> tuple[FloatArray, Backward]:
    """A block's half: a part with its norm and its residual sum."""
    if norm_first:
        normed, through_norm = _norm(x_BTD)
        added, through_part = part(normed, params)

        def back(grad: FloatArray) -> tuple[FloatArray, float]:
            inner, size = through_part(grad)
            return grad + through_norm(inner), size

        return x_BTD + added, back

    added, through_part = part(x_BTD, params)
    out, through_norm = _norm(x_BTD + added)

    def back_post(grad: FloatArray) -> tuple[FloatArray, float]:
        at_sum = through_norm(grad)
        inner, size = through_part(at_sum)
        return at_sum + inner, size

    return out, back_post


def _norm(x_BTD: FloatArray) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
    """Layer norm without gain and shift, and the way back through it."""
    centred = x_BTD - x_BTD.mean(axis=-1, keepdims=True)
    root = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPS)
    normed = centred / root

    def back(grad: FloatArray) -> FloatArray:
        along = (grad * normed).mean(axis=-1, keepdims=True) * normed
        inner: FloatArray = (grad - grad.mean(axis=-1, keepdims=True) - along) / root
        return inner

    return normed, back


def _attention(n_BTD: FloatArray, params: Params) -> tuple[FloatArray, Backward]:
    B, T, D = n_BTD.shape
    K = D // HEADS

    def cut(x_BTD: FloatArray) -> FloatArray:
        return x_BTD.reshape(B, T, HEADS, K).transpose(0, 2, 1, 3)

    def merged(x_BHTK: FloatArray) -> FloatArray:
        return x_BHTK.transpose(0, 2, 1, 3).reshape(B, T, D)

    q, k, v = (cut(n_BTD @ params[name]) for name in ("Wq", "Wk", "Wv"))
    e_BHTS = q @ k.swapaxes(2, 3) / K**0.5
    exps = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    w_BHTS = exps / exps.sum(axis=-1, keepdims=True)
    o_BTD = merged(w_BHTS @ v)

    def back(grad: FloatArray) -> tuple[FloatArray, float]:
        do = cut(grad @ params["Wo"].T)
        dw = do @ v.swapaxes(2, 3)
        de = w_BHTS * (dw - (w_BHTS * dw).sum(axis=-1, keepdims=True)) / K**0.5
        dq, dk, dv = de @ k, de.swapaxes(2, 3) @ q, w_BHTS.swapaxes(2, 3) @ do
        inner = merged(dq) @ params["Wq"].T + merged(dk) @ params["Wk"].T
        return inner + merged(dv) @ params["Wv"].T, _matrix_size(o_BTD, grad)

    return o_BTD @ params["Wo"], back


def _network(n_BTD: FloatArray, params: Params) -> tuple[FloatArray, Backward]:
    hidden_BTF = np.maximum(n_BTD @ params["W1"] + params["b1"], 0)

    def back(grad: FloatArray) -> tuple[FloatArray, float]:
        inner = ((grad @ params["W2"].T) * (hidden_BTF > 0)) @ params["W1"].T
        return inner, _matrix_size(hidden_BTF, grad)

    return hidden_BTF @ params["W2"] + params["b2"], back


def _matrix_size(given: FloatArray, grad: FloatArray) -> float:
    """The size of the gradient in a matrix that was given rows, from the one in what it made."""
    rows, grads = (each.reshape(-1, each.shape[-1]) for each in (given, grad))
    return float(np.linalg.norm(rows.T @ grads))
