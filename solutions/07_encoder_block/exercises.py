"""Lesson 7: the checks, the right variants and the misconceptions of its four exercises.

Sizes differ, and none is the square of another. Gains and shifts of the norms are never 1 and 0,
and the two norms of a block never agree: what is dropped or exchanged shows. The norm's variances
are near 1, but for the check whose eps is large beside them.

L7.4 is a test that the learner writes. It is run on models whose answer is known: some whose output
does not depend on the order of words, and some in which the order hides, each in a way of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    kind,
    lineup,
    normal,
    read_only,
    uniform,
)

# --------------------------------------------------------------------------- L7.1

l7_1 = Exercise(
    id="L7.1",
    title="A vector for every place",
    functions=("sinusoid",),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "Two neighbouring columns, 2j and 2j + 1, share one frequency. Which whole number j belongs "
        "to column d? Make the frequencies of all columns first, as one array of length D.",
        "The frequency of column d is 1 / 10000 ** (2j / D) with j = d // 2. The angles are the table "
        "of all products of a place and a frequency, shape (T, D). Even columns are its sine, odd "
        "columns its cosine.",
        "`d = np.arange(D)`, `angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)`, then "
        "`np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))`. No column is made twice, so an "
        "odd D needs no care.",
    ),
)

FINE = 1e-6  # in any float type, so that the places stay small


@l7_1.checks
def l7_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    few, some, more = fresh.choice(range(2, 11), 3, replace=False).tolist()
    even, odd = 2 * int(fresh.integers(3, 6)), 2 * int(fresh.integers(1, 6)) + 1
    many, wide = int(fresh.integers(250, 350)), 2 * int(fresh.integers(3, 5))
    T, D = int(rng.integers(7, 10)), 2 * int(rng.integers(6, 9))
    yield Check(
        "three places, four columns",
        points=1,
        calls=[
            call("sinusoid", 3, 4, tolerance=FINE),
            call("sinusoid", few, 4, tolerance=FINE),
            call("sinusoid", some, even, tolerance=FINE),
        ],
        says="Column 0 is sin(t), column 1 is cos(t); of four columns, the last two turn a hundred times "
        "more slowly. Place 0 is 0, 1, 0, 1.",
    )
    yield Check(
        "wider tables",
        points=2,
        calls=[
            call("sinusoid", T, D, tolerance=FINE),
            call("sinusoid", 11, 6, tolerance=FINE),
            call("sinusoid", 5, 2, tolerance=FINE),
        ],
        says="Columns 2j and 2j + 1 share the frequency 1 / 10000 ** (2j / D).",
    )
    yield Check(
        "long sentences",
        points=1,
        calls=[call("sinusoid", many, wide, tolerance=1e-4)],
        says="Any number of places: nothing is learned and nothing runs out.",
    )
    yield Check(
        "an odd width, and a single place",
        points=1,
        calls=[
            call("sinusoid", 4, 5, tolerance=FINE),
            call("sinusoid", 6, 1, tolerance=FINE),
            call("sinusoid", 1, 7, tolerance=FINE),
            call("sinusoid", more, odd, tolerance=FINE),
        ],
        says="With an odd D the last column is a sine whose cosine is cut off.",
    )


@l7_1.right("one number at a time")
def sinusoid(T, D):
    p_TD = np.zeros((T, D))
    for t in range(T):
        for d in range(D):
            angle = t / 10_000 ** (2 * (d // 2) / D)
            p_TD[t, d] = np.cos(angle) if d % 2 else np.sin(angle)
    return p_TD


@l7_1.right("sines and cosines filled in, by exp and log")
def sinusoid(T, D):
    rate = np.exp(-np.log(10_000) * np.arange(0, D, 2) / D)
    angle = np.outer(np.arange(T), rate)
    p_TD = np.empty((T, D))
    p_TD[:, 0::2] = np.sin(angle)
    p_TD[:, 1::2] = np.cos(angle)[:, : D // 2]
    return p_TD


@l7_1.right("stacked in pairs, in float32")
def sinusoid(T, D):
    rate = (1e4 ** -(2 * np.arange((D + 1) // 2) / D))[None]
    angle = np.arange(T)[:, None] * rate
    pairs = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return pairs.reshape(T, -1)[:, :D].astype(np.float32)


@l7_1.wrong(
    "every-column-its-own-frequency",
    "Your columns have D different frequencies. Columns 2j and 2j + 1 are a pair, the sine and the "
    "cosine of one angle: only so can a step of k places be a rotation. Which j belongs to column d?",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] / 10_000 ** (d / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))


@l7_1.wrong(
    "half-the-exponent",
    "Your exponent is j / D where 2j / D is asked for: the pairs are right, and the slowest of them is "
    "a hundred times too fast. The exponents go from 0 nearly to 1.",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))


@l7_1.wrong(
    "starts-at-one",
    "Your first row is that of place 1. Places are counted from 0, whose row is 0, 1, 0, 1, …",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(1, T + 1)[:, None] / 10_000 ** (d // 2 * 2 / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))


@l7_1.wrong(
    "sines-only",
    "All your columns are sines, so each pair says the same twice, and place 0 is a row of zeros. Odd "
    "columns are the cosine of the angle.",
)
def sinusoid(T, D):
    d = np.arange(D)
    return np.sin(np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D))


@l7_1.wrong(
    "cosine-first",
    "You exchanged the two: even columns are the sine, odd columns the cosine.",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    return np.where(d % 2 == 1, np.sin(angle_TD), np.cos(angle_TD))


@l7_1.wrong(
    "halves",
    "Your table holds all sines in its left half and all cosines in its right. That works in a model, "
    "too, and some libraries do so; here sine and cosine of a pair stand side by side, as in the paper.",
)
def sinusoid(T, D):
    rate = 10_000 ** -(2 * np.arange((D + 1) // 2) / D)
    angle = np.arange(T)[:, None] * rate
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)[:, :D]


@l7_1.wrong(
    "odd-width-crashes",
    "An odd D stops your function: it makes as many cosines as sines. The last sine then stands alone.",
)
def sinusoid(T, D):
    angle = np.arange(T)[:, None] / 10_000 ** (np.arange(0, D, 2) / D)
    p_TD = np.empty((T, D))
    p_TD[:, 0::2] = np.sin(angle)
    p_TD[:, 1::2] = np.cos(angle)
    return p_TD


@l7_1.wrong(
    "one-column-short",
    "With an odd D your table is one column too narrow or too wide: pairs alone never make an odd "
    "number of columns.",
)
def sinusoid(T, D):
    angle = np.arange(T)[:, None] / 10_000 ** (2 * np.arange(D // 2) / D)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, -1)


@l7_1.wrong(
    "multiplied",
    "Your frequencies grow from column to column: the angle is the place *divided* by "
    "10000 ** (2j / D).",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] * 10_000 ** (d // 2 * 2 / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))


@l7_1.wrong(
    "columns-as-rows",
    "Your table lies on its side: rows are places, columns are the numbers of a place.",
)
def sinusoid(T, D):
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD)).T


# --------------------------------------------------------------------------- L7.2

l7_2 = Exercise(
    id="L7.2",
    title="Layer norm",
    functions=("layer_norm",),
    difficulty=2,
    importance=5,
    minutes=10,
    hints=(
        "Each word is treated by itself: its mean and its variance are taken over its own D numbers. "
        "Which axis is that, whatever stands before it?",
        "Keep that axis with `keepdims=True`, so that the means line up with the words. eps is added to "
        "the variance, before the root. gamma and beta have one number for each of the D places.",
        "`mean = x.mean(axis=-1, keepdims=True)`, `var = x.var(axis=-1, keepdims=True)`, and "
        "`gamma * (x - mean) / np.sqrt(var + eps) + beta`.",
    ),
)

# Numbers near 1000 have an error of 6e-5 in float32. x − mean keeps it, and a word of little spread
# makes it larger, so that the words there are spread out.
OFFSET_32 = 1e-3


def gain_and_shift(rng: np.random.Generator, D: int) -> tuple[np.ndarray, np.ndarray]:
    """gamma, of either sign and far from 1, and beta, far from 0."""
    gamma = uniform(rng, 0.5, 2.0, D) * np.where(np.arange(D) % 3 == 1, -1, 1)
    return gamma, normal(rng, D) + 0.5


@l7_2.checks
def l7_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    two_words = [fresh.choice(range(1, 20), 3, replace=False).astype(float) for _ in range(2)]
    axes = Axes(B=3, T=5, D=7)
    D = axes.sizes["D"]
    gamma, beta = gain_and_shift(rng, D)
    x = axes.normal(rng, "BTD")
    yield Check(
        "two words of three numbers",
        points=1,
        calls=[
            call(
                "layer_norm",
                np.array([[1.0, 2.0, 6.0], [10.0, 40.0, 10.0]]),
                np.array([1.0, 1.0, 2.0]),
                np.array([0.0, 0.5, 0.0]),
            ),
            call("layer_norm", np.array(two_words), *gain_and_shift(fresh, 3)),
        ],
        says="Each row has the mean 0 and the standard deviation 1 before gamma and beta are applied.",
    )
    yield Check(
        "a batch of sentences",
        points=1,
        calls=[
            call("layer_norm", x, gamma, beta),
            call("layer_norm", 3 * x + 2, *gain_and_shift(rng, D)),
        ],
        says="Every word of every sentence is normed by its own numbers, and by nobody else's.",
    )
    yield Check(
        "a large eps",
        points=1,
        calls=[
            call("layer_norm", x, gamma, beta, 0.1),
            call("layer_norm", 0.2 * x, gamma, beta, eps=0.1),
        ],
        says="eps is added to the variance, under the root.",
    )
    flat = np.repeat(axes.normal(rng, "BT1"), D, axis=-1)
    yield Check(
        "words of equal numbers",
        points=1,
        calls=[
            call("layer_norm", flat.round(), gamma, beta),
            call("layer_norm", np.zeros((2, D)), gamma, beta),
        ],
        says="A word whose numbers are all the same has no spread: eps keeps the division possible, and "
        "beta is what is left.",
    )
    yield Check(
        "any number of axes before",
        points=1,
        calls=[
            call("layer_norm", normal(rng, D), gamma, beta),
            call("layer_norm", normal(rng, 2, 3, 5, D), gamma, beta),
        ],
        says="One vector, or words in sentences in batches: the last axis is the one that counts.",
    )
    yield Check(
        "numbers near a thousand, in float32",
        points=1,
        calls=[
            call(
                "layer_norm",
                float32(axes.normal(rng, "BTD", scale=4) + 1000),
                float32(gamma),
                float32(beta),
                tolerance=OFFSET_32,
            )
        ],
        says="Take the mean off first and square then: the difference of two large squares has lost "
        "its digits.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            *(call("layer_norm", *each) for each in every_layout(x, gamma, beta)),
            call("layer_norm", read_only(x), read_only(gamma), read_only(beta)),
        ],
        says="The word vectors are needed again, by the residual sum: leave them as they are.",
    )


@l7_2.right("word by word")
def layer_norm(x, gamma, beta, eps=1e-5):
    out = np.empty(np.shape(x), np.float64)
    for place in np.ndindex(*np.shape(x)[:-1]):
        row = np.asarray(x[place], np.float64)
        centred = row - sum(row) / len(row)
        var = sum(centred**2) / len(row)
        out[place] = centred / (var + eps) ** 0.5 * gamma + beta
    return out


@l7_2.right("einsum over the last axis")
def layer_norm(x, gamma, beta, eps=1e-5):
    D = x.shape[-1]
    c = x - np.einsum("...d->...", x)[..., None] / D
    var = np.einsum("...d,...d->...", c, c)[..., None] / D
    return c * (gamma / np.sqrt(var + eps)) + beta


@l7_2.right("the standard deviation, squared again")
def layer_norm(x, gamma, beta, eps=1e-5):
    centred = np.moveaxis(x, -1, 0) - x.mean(-1)
    scaled = centred / np.hypot(x.std(-1), eps**0.5)
    return np.moveaxis(scaled, 0, -1) * gamma + beta


@l7_2.wrong(
    "over-the-words",
    "You took mean and variance over the words of a sentence, for each of the D places. Then a word "
    "depends on its neighbours, and on how many pads there are. Each word is normed by its own numbers.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=max(x.ndim - 2, 0), keepdims=True)
    var = x.var(axis=max(x.ndim - 2, 0), keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "over-the-batch",
    "You took mean and variance over the batch, as *batch* norm does: what a sentence becomes would depend "
    "on which others it is computed with. Layer norm looks at one word's numbers only.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0, keepdims=True)
    var = x.var(axis=0, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "over-everything",
    "You used one mean and one variance for all numbers there are. Each word has its own: give `mean` and "
    "`var` an axis.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean()
    var = x.var()
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "whole-sentences",
    "You took mean and variance over all words of a sentence together. Only the last axis is meant: each "
    "word has its own.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=(-2, -1)[-x.ndim :], keepdims=True)
    var = x.var(axis=(-2, -1)[-x.ndim :], keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "eps-outside-the-root",
    "You added eps to the standard deviation. It is added to the variance, under the root: with the usual "
    "1e-5 that is hard to see, with 0.1 it is plain.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / (np.sqrt(var) + eps) + beta


@l7_2.wrong(
    "eps-fixed",
    "Your eps is a number of your own; the argument isn't used.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta


@l7_2.wrong(
    "no-eps",
    "A word of equal numbers divides 0 by 0 in your function. What is eps for?",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var) + beta


@l7_2.wrong(
    "divided-by-one-less",
    "You divided by D − 1, as one estimates the variance of a population. A norm wants the plain mean of "
    "the squares, over D.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True, ddof=1)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "gamma-and-beta-dropped",
    "Your words are normed, and gamma and beta have no say. What is multiplied, what is added, after the "
    "division?",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + eps)


@l7_2.wrong(
    "gamma-dropped",
    "gamma has no say in your function: it multiplies the normed word, one number for each of the D places.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "beta-dropped",
    "beta has no say in your function: it is added at the very end.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps)


@l7_2.wrong(
    "beta-before-gamma",
    "You added beta first and multiplied the sum by gamma. The shift comes last, and isn't stretched.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * ((x - mean) / np.sqrt(var + eps) + beta)


@l7_2.wrong(
    "mean-not-removed",
    "You divided by the spread and left the mean in. First every word is moved to the mean 0.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    var = x.var(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "root-mean-square",
    "You divided by the root of the mean square and left the mean in. That is RMSNorm (Zhang & Sennrich "
    "2019), a norm of its own; this one takes the mean off first.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    var = (x**2).mean(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "no-root",
    "You divided by the variance. Its root, the standard deviation, has the unit of x.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / (var + eps) + beta


@l7_2.wrong(
    "difference-of-squares",
    "You took the variance as the mean of x² minus the square of the mean. On paper that is equal; near a "
    "thousand, in float32, nearly all digits of both cancel. Take the mean off first.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = abs((x**2).mean(axis=-1, keepdims=True) - mean**2)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@l7_2.wrong(
    "x-overwritten",
    "Your result is right, and x is not what it was: `-=` and `/=` work in the caller's own array, which "
    "the residual sum still needs. Write `x = x - mean`.",
)
def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True)
    x -= mean
    x /= np.sqrt(var + eps)
    return gamma * x + beta


# --------------------------------------------------------------------------- L7.3

l7_3 = Exercise(
    id="L7.3",
    title="The encoder block",
    functions=("encoder_block",),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "Two halves of one form: x plus something made of the *normed* x. In the first half the something "
        "is attention, in the second a small network that looks at each word by itself. What goes into "
        "the second half's sum?",
        "First half: norm x with ln1, give the normed words to `attention`, the mask too, and add the "
        "result to x as it was. Second half, on that sum y: norm with ln2, times W1 plus b1, negative "
        "numbers become 0, times W2 plus b2, and add the result to y.",
        "`y = x_BTD + attention(layer_norm(x_BTD, params['ln1_gamma'], params['ln1_beta']), params, H, "
        "mask)`; then `n = layer_norm(y, params['ln2_gamma'], params['ln2_beta'])` and `return y + "
        "np.maximum(n @ params['W1'] + params['b1'], 0) @ params['W2'] + params['b2']`.",
    ),
)


def attention(x_BTD, params, H, mask=None):
    """As the lesson gives it, for the variants below."""
    o_BTD, K = np.zeros(np.shape(x_BTD)), x_BTD.shape[-1] // H
    for h in range(H):
        own = slice(h * K, (h + 1) * K)
        q, k, v = (x_BTD @ params[name][:, own] for name in ("Wq", "Wk", "Wv"))
        e = q @ k.swapaxes(1, 2) / K**0.5
        if mask is not None:
            keep = np.broadcast_to(mask, (len(e), H, *e.shape[1:]))[:, h]
            e = np.where(keep, e, -np.inf)
        top = e.max(axis=-1, keepdims=True)
        w = np.exp(e - np.where(top > -np.inf, top, 0))
        total = w.sum(axis=-1, keepdims=True)
        o_BTD[..., own] = w / np.where(total > 0, total, 1) @ v
    return o_BTD @ params["Wo"]


def block_params(rng: np.random.Generator, D: int, F: int) -> dict[str, np.ndarray]:
    """Weights of a block: gains far from 1, shifts far from 0, and no two alike."""
    params = {}
    for n in (1, 2):
        params[f"ln{n}_gamma"], params[f"ln{n}_beta"] = gain_and_shift(rng, D)
    for name in ("Wq", "Wk", "Wv", "Wo"):
        params[name] = normal(rng, D, D, scale=1 / D**0.5)
    params["W1"], params["b1"] = normal(rng, D, F, scale=1 / D**0.5), normal(rng, F)
    params["W2"], params["b2"] = normal(rng, F, D, scale=1 / F**0.5), normal(rng, D)
    return params


def cast(params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: float32(value) for name, value in params.items()}


def locked(params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: read_only(value) for name, value in params.items()}


@l7_3.checks
def l7_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    axes = Axes(B=3, H=2, T=5, D=6)
    H, D = axes.sizes["H"], axes.sizes["D"]
    x, params = axes.normal(rng, "BTD"), block_params(rng, D, 11)
    small = {
        "ln1_gamma": np.array([1.0, 2.0]),
        "ln1_beta": np.array([0.5, 0.0]),
        **{name: np.eye(2) for name in ("Wq", "Wk", "Wv")},
        "Wo": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "ln2_gamma": np.array([2.0, 1.0]),
        "ln2_beta": np.array([0.0, -0.5]),
        "W1": np.array([[1.0, -1.0, 0.0], [0.0, 1.0, 1.0]]),
        "b1": np.array([0.0, 0.5, -1.0]),
        "W2": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]),
        "b2": np.array([0.1, -0.1]),
    }
    yield Check(
        "one word of two numbers",
        points=1,
        calls=[
            call("encoder_block", np.array([[[4.0, 1.0]]]), small, 1),
            call("encoder_block", normal(rng, 1, 3, 2, decimals=1), small, 2),
        ],
        says="A word alone gives all its attention to itself, so the first half adds its own normed "
        "values, times Wo.",
    )
    yield Check(
        "sentences in a batch",
        points=3,
        calls=[
            call("encoder_block", x, params, H),
            call("encoder_block", 2 * x - 1, block_params(rng, D, 11), 3),
        ],
        says="x plus attention of the normed x; that sum plus the feed-forward network of the normed sum.",
    )
    pads = axes.ragged_mask(rng, "BT", empty_row=False)[:, None, None]
    square = np.arange(5) <= np.arange(5)[:, None]
    yield Check(
        "with a mask",
        points=2,
        calls=[
            call("encoder_block", x, params, H, pads),
            call("encoder_block", x, params, H, mask=square),
            call("encoder_block", x, params, H, mask=pads & square),
            call("encoder_block", x, params, H, mask=np.repeat(pads & square, H, axis=1)),
        ],
        says="The mask is for attention: hand it on. The other parts look at each word by itself.",
    )
    yield Check(
        "a word that may see nothing",
        points=1,
        calls=[call("encoder_block", x, params, H, axes.ragged_mask(rng, "BT")[:, None, None])],
        says="Attention adds nothing to such a word, and the rest goes on as ever.",
    )
    small32 = cast(block_params(rng, D, 11))
    yield Check(
        "float32 and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("encoder_block", float32(x), small32, H),
            call("encoder_block", read_only(x), locked(params), H, read_only(pads)),
            *(call("encoder_block", each, params, H) for (each,) in every_layout(x)),
        ],
        says="The next block needs the same weights.",
    )


@l7_3.right("word by word")
def encoder_block(x_BTD, params, H, mask=None):
    (B, T, D), p = x_BTD.shape, params
    K = D // H

    def normed(word_D, n):
        centred = word_D - word_D.mean()
        scaled = centred / ((centred**2).mean() + 1e-5) ** 0.5
        return scaled * p[f"ln{n}_gamma"] + p[f"ln{n}_beta"]

    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, T))
    out = np.zeros((B, T, D))
    for b in range(B):
        n_TD = np.array([normed(word, 1) for word in x_BTD[b]])
        q, k, v = (n_TD @ p[name] for name in ("Wq", "Wk", "Wv"))
        for t in range(T):
            mixed = np.zeros(D)
            for h in range(H):
                own, seen = slice(h * K, (h + 1) * K), np.flatnonzero(keep[b, h, t])
                if len(seen):
                    e = k[seen, own] @ q[t, own] / K**0.5
                    w = np.exp(e - e.max())
                    mixed[own] = w @ v[seen, own] / w.sum()
            y_D = x_BTD[b, t] + mixed @ p["Wo"]
            hidden = np.clip(normed(y_D, 2) @ p["W1"] + p["b1"], 0, None)
            out[b, t] = y_D + hidden @ p["W2"] + p["b2"]
    return out


@l7_3.right("with the lesson's attention, a loop over two halves")
def encoder_block(x_BTD, params, H, mask=None):
    def feed_forward(n_BTD):
        a_BTF = np.einsum("btd,df->btf", n_BTD, params["W1"]) + params["b1"]
        return np.einsum("btf,fd->btd", a_BTF * (a_BTF > 0), params["W2"]) + params["b2"]

    halves = (lambda n_BTD: attention(n_BTD, params, H, mask), feed_forward)
    for number, half in enumerate(halves, 1):
        mean, var = x_BTD.mean(-1, keepdims=True), x_BTD.var(-1, keepdims=True)
        n_BTD = (x_BTD - mean) / np.sqrt(var + 1e-5)
        n_BTD = n_BTD * params[f"ln{number}_gamma"] + params[f"ln{number}_beta"]
        x_BTD = x_BTD + half(n_BTD)
    return x_BTD


@l7_3.wrong(
    "post-norm",
    "You normed the sums: that is the block of the first Transformer (post-norm). Here the norm stands in "
    "front of each half, and what is added to x goes on unnormed (pre-norm).",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    y = norm(x_BTD + attention(x_BTD, params, H, mask), 1)
    hidden = np.maximum(y @ params["W1"] + params["b1"], 0)
    return norm(y + hidden @ params["W2"] + params["b2"], 2)


@l7_3.wrong(
    "residual-from-the-normed",
    "You added attention to the *normed* x. The sum takes x as it came in: only so is there a straight way "
    "through all blocks on which nothing is scaled.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = n + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return n + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "first-residual-from-the-normed",
    "In the first half you added attention to the normed x; the sum takes x as it came in.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = n + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "second-residual-from-the-normed",
    "In the second half you added the network's output to the normed sum; it is added to the sum itself.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return n + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "one-shared-norm",
    "You used the first norm's gamma and beta twice. The second half has its own: ln2_gamma and ln2_beta.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 1)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "norms-exchanged",
    "You exchanged the norms: ln1 belongs to attention, ln2 to the feed-forward network.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 2)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 1)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "no-norm",
    "Nothing is normed in your block. Each half gets normed words: lesson 7's second exercise.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = x_BTD
    y = x_BTD + attention(n, params, H, mask)
    n = y
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "no-second-norm",
    "The feed-forward network gets the sum as it is in your block. It has a norm in front, too: ln2.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = y
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "no-nonlinearity",
    "Between W1 and W2 your network does nothing, and two matrices in a row are one. ReLU: negative numbers "
    "become 0.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = n @ params["W1"] + params["b1"]
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "relu-at-the-end",
    "You cut off the negative numbers after W2. The ReLU stands in between; what is added to y may have "
    "either sign.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = n @ params["W1"] + params["b1"]
    return y + np.maximum(hidden @ params["W2"] + params["b2"], 0)


@l7_3.wrong(
    "tanh-for-relu",
    "Your network bends with tanh. Here it is ReLU: the larger of 0 and the number.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.tanh(n @ params["W1"] + params["b1"])
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "mask-not-passed",
    "The mask ends at your block's door: attention never gets it, so pads and the future are looked at.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "first-residual-forgotten",
    "The first half returns attention alone, without x: a word that nobody asks for is lost.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "second-residual-forgotten",
    "The second half returns the network's output alone. Add it to what came in.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "x-added-twice",
    "In the second half you added x, the block's input, where the first half's sum belongs: attention is "
    "forgotten but for what the network makes of it.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return x_BTD + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "halves-in-parallel",
    "Your network reads the block's input, not the first half's sum. Some models do so, to save time; here "
    "the second half works on what the first one made.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(x_BTD, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "network-first",
    "You exchanged the halves: attention comes first, then the feed-forward network.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    y = x_BTD + hidden @ params["W2"] + params["b2"]
    return y + attention(norm(y, 1), params, H, mask)


@l7_3.wrong(
    "biases-forgotten",
    "Your network has no biases. b1 is added before the ReLU, b2 at the end.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"], 0)
    return y + hidden @ params["W2"]


@l7_3.wrong(
    "first-bias-forgotten",
    "b1 is missing: it is added before the ReLU.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "second-bias-forgotten",
    "b2 is missing: it is added at the end.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"]


@l7_3.wrong(
    "one-head",
    "Your attention has one head, whatever H says. Hand H on.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, 1, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return y + hidden @ params["W2"] + params["b2"]


@l7_3.wrong(
    "normed-at-the-end",
    "You normed the block's output once more. A stack of pre-norm blocks has one norm at its very end, but it "
    "belongs to the stack and not to the block.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    n = norm(y, 2)
    hidden = np.maximum(n @ params["W1"] + params["b1"], 0)
    return norm(y + hidden @ params["W2"] + params["b2"], 2)


@l7_3.wrong(
    "only-attention",
    "Your block ends after attention. The second half is missing: norm, W1, ReLU, W2, and the sum.",
)
def encoder_block(x_BTD, params, H, mask=None):
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    n = norm(x_BTD, 1)
    y = x_BTD + attention(n, params, H, mask)
    return y


# --------------------------------------------------------------------------- L7.4

l7_4 = Exercise(
    id="L7.4",
    title="Write the test",
    functions=("is_order_blind",),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "Make sentences of random word vectors, let the model read them, then the same words in other "
        "orders. Which orders are there beside the reverse? Which of the suspects gets away if you try "
        "one order, one length, one sentence?",
        "Vary one thing at a time: lengths (2, 3, 12, 30 words), several random orders of each, batches of "
        "one and of several sentences with an order of their own each. Compare shapes first, then numbers "
        "with a tolerance: float32 has seven digits. Any error means False.",
        "Inside `try`, for several lengths T and some twenty orders each: `x = rng.normal(size=(3, T, 4))`, "
        "`order = rng.permuted(np.tile(np.arange(T), (3, 1)), axis=1)`, `y = np.take_along_axis(x, "
        "order[:, :, None], axis=1)`. `return False` unless `np.allclose(model(x), model(y), rtol=1e-4, "
        "atol=1e-5)`. After the loops `return True`, and `except Exception: return False`.",
    ),
)


# What an output is made of: a number for each word and coordinate. Blind models and others share
# it, so that it tells nothing about who is who.
BENT = "{scale}·({level} + {bend}({rate}·x))"
RATES = tuple(n / 10 for n in range(6, 15))
LEVELS = (0.5, 1.0, 1.5)
SCALES = tuple(n / 100 for n in range(101, 160))


# Blind to order, each in its own way.


def mean_of_words(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=1)


def self_attention_mean(x_BTD, bend, rate, level, scale):
    e_BTS = rate * np.einsum("btd,bsd->bts", x_BTD, x_BTD) / x_BTD.shape[2] ** 0.5
    w_BTS = np.exp(e_BTS - e_BTS.max(axis=2, keepdims=True))
    w_BTS = w_BTS / w_BTS.sum(axis=2, keepdims=True)
    y_BTD = np.einsum("bts,bsd->btd", w_BTS, x_BTD)
    return scale * (level + getattr(np, bend)(y_BTD)).mean(axis=1)


def highest_and_lowest(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    return np.concatenate([y_BTD.max(axis=1), y_BTD.min(axis=1)], axis=1)


def how_many_words(x_BTD, scale):
    return np.full(len(x_BTD), scale * x_BTD.shape[1])


def total(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=(1, 2))


def mean_of_the_batch(x_BTD, bend, rate, level, scale):
    y_D = scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=(0, 1))
    return np.repeat(y_D[None], len(x_BTD), axis=0)


def rounded(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + 1 + getattr(np, bend)(rate * x_BTD))
    return y_BTD.astype(np.float32).cumsum(axis=1)[:, -1]


# Not blind, each with a way of its own to hide.


def last_word(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD[:, -1]))


def fading(x_BTD, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,t->bd", y_BTD, fade ** np.arange(x_BTD.shape[1]))


def neighbours(x_BTD, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (y_BTD[:, 1:] * y_BTD[:, :-1]).sum(axis=1)


def neighbours_in_a_ring(x_BTD, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (np.roll(x_BTD, 1, axis=1) * y_BTD).sum(axis=1)


def far_places(x_BTD, bend, rate, level, scale, place):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (y_BTD.sum(axis=1) + y_BTD[:, place:].sum(axis=1))


def middle_word(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    T = y_BTD.shape[1]
    return y_BTD[:, T // 2] if T % 2 else y_BTD.mean(axis=1)


def one_coordinate(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    y_BD = y_BTD.sum(axis=1)
    y_BD[:, -1] = y_BTD[:, 0, -1]
    return y_BD


def second_sentence(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    y_BD = y_BTD.sum(axis=1)
    y_BD[1:] = y_BTD[1:, 0]
    return y_BD


def small_places(x_BTD, bend, rate, level, scale, step):
    place_T = np.arange(x_BTD.shape[1]) / x_BTD.shape[1]
    y_BTD = level + 1 + getattr(np, bend)(rate * (x_BTD + step * place_T[:, None]))
    return scale * y_BTD.sum(axis=1)


def crash(x_BTD, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the words can't be read")


def crash_on_long_ones(x_BTD, bend, rate, level, scale, error, longest):
    if x_BTD.shape[1] > longest:
        raise (ValueError, IndexError, ZeroDivisionError)[error]("too many words")
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def nothing(x_BTD, width):
    return np.full((len(x_BTD), width), np.nan)


ERRORS = (0, 1, 2)
bent = {"bend": ("tanh", "sin", "cos"), "rate": RATES, "level": LEVELS, "scale": SCALES}
mean = kind(mean_of_words, f"the mean of {BENT} over the words", **bent)
attention_mean = kind(
    self_attention_mean,
    "self-attention without places, its scores times {rate}, then the mean of {scale}·({level} + "
    "{bend}(x)) over the words",
    **bent,
)
others_blind = (
    kind(highest_and_lowest, f"the highest and the lowest {BENT} of each coordinate", **bent),
    kind(how_many_words, "{scale} times the number of words, shape (B,)", scale=SCALES),
    kind(total, f"all {BENT} of a sentence added up, shape (B,)", **bent),
    kind(
        mean_of_the_batch,
        f"the mean of {BENT} over all words of the batch, for every sentence",
        **bent,
    ),
)
in_float32 = kind(
    rounded,
    "the sum of {scale}·({level} + 1 + {bend}({rate}·x)) in float32, one word after the other",
    **bent,
)
last = kind(last_word, f"{BENT} of the last word", **bent)
faded = kind(
    fading,
    f"the sum of {BENT} over the words, each times {{fade}} for every word before it",
    fade=(0.7, 0.8, 0.9),
    **bent,
)
hidden_in_orders = (
    kind(neighbours, f"the sum of the products of neighbouring words' {BENT}", **bent),
    kind(
        neighbours_in_a_ring,
        f"each word's {BENT} times the word before it, summed up, the first with the last",
        **bent,
    ),
)
hidden_in_lengths = (
    kind(
        far_places,
        f"the sum of {BENT} over the words, those from place {{place}} on counted twice",
        place=tuple(range(8, 13)),
        **bent,
    ),
    kind(middle_word, f"{BENT} of the middle word if their number is odd, else its mean", **bent),
    kind(
        second_sentence,
        f"the sum of {BENT} for the first sentence of a batch, the first word's for others",
        **bent,
    ),
    kind(
        one_coordinate,
        f"the sum of {BENT} over the words, but the last coordinate is the first word's",
        **bent,
    ),
)
with_small_places = kind(
    small_places,
    "the sum of {scale}·({level} + 1 + {bend}({rate}·x)) over words to which small places were "
    "added: {step} to a last word",
    step=(0.006, 0.007, 0.008),
    **bent,
)
giving_nothing = (
    kind(crash, "a model that always stops with an error", error=ERRORS),
    kind(
        crash_on_long_ones,
        f"the sum of {BENT} over the words; it stops with an error at more than {{longest}}",
        error=ERRORS,
        longest=(4, 5, 6),
        **bent,
    ),
    kind(nothing, "a model that gives nan", width=(1, 2, 3, 4)),
)


@l7_4.checks
def l7_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    yield Check(
        "tells a mean from a last word",
        points=1,
        calls=lineup(rng, "is_order_blind", [mean], [last]),
        says="A mean doesn't care for order; whoever takes the last word does.",
    )
    yield Check(
        "attention is blind",
        points=1,
        calls=lineup(rng, "is_order_blind", [attention_mean, *others_blind], [faded]),
        says="A model is blind if no order of the words, of any sentence, changes its output.",
    )
    yield Check(
        "any order",
        points=2,
        calls=lineup(rng, "is_order_blind", [attention_mean, mean], hidden_in_orders),
        says="Some models read backwards as well as forwards, and some don't mind where a ring of words "
        "begins. Try orders drawn at random.",
    )
    yield Check(
        "any length, and any sentence of a batch",
        points=2,
        calls=lineup(rng, "is_order_blind", [mean], hidden_in_lengths),
        says="Short sentences and long ones, of even and odd length, alone and in a batch: the order may "
        "hide in any of them.",
    )
    yield Check(
        "close, but not too close",
        points=1,
        calls=lineup(rng, "is_order_blind", [in_float32], [with_small_places]),
        says="Rounding in float32 changes the seventh digit, small places the third.",
    )
    yield Check(
        "errors and no numbers",
        points=1,
        calls=lineup(rng, "is_order_blind", [mean], giving_nothing),
        says="Who gives no numbers to compare has not been shown to be blind.",
    )


@l7_4.right("random orders, lengths by list")
def is_order_blind(model):
    rng = np.random.default_rng(1)
    try:
        for T in (2, 3, 6, 7, 13, 24, 31):
            for _ in range(10):
                x = rng.normal(size=(3, T, 5))
                y = np.stack([sentence[rng.permutation(T)] for sentence in x])
                for a, b in ((x, y), (x[:1], y[:1])):
                    before, after = np.asarray(model(a.copy())), np.asarray(model(b.copy()))
                    if before.shape != after.shape:
                        return False
                    if not (abs(before - after) <= 1e-5 + 1e-4 * abs(before)).all():
                        return False
        return True
    except Exception:
        return False


@l7_4.right("sorted words as the standard order")
def is_order_blind(model):
    rng = np.random.default_rng(2)
    for trial in range(60):
        B, T = 1 + trial % 4, 2 + trial % 29
        x = rng.normal(size=(B, T, 3))
        ordered = np.stack([each[np.lexsort(each.T)] for each in x])
        try:
            np.testing.assert_allclose(
                model(x), model(ordered), rtol=1e-4, atol=1e-5, equal_nan=False
            )
        except Exception:
            return False
    return True


@l7_4.right("swaps of two words: they make every order")
def is_order_blind(model):
    rng = np.random.default_rng(3)
    for T in (2, 5, 8, 17):
        x = rng.normal(size=(2, T, 4)).astype(np.float32)
        try:
            base = np.array(model(x.copy()), float)
            for s in range(T):
                for t in range(s):
                    y = x.copy()
                    y[:, [s, t]] = y[:, [t, s]]
                    if not np.allclose(np.array(model(y), float), base, rtol=1e-4, atol=1e-5):
                        return False
        except Exception:
            return False
    return True


@l7_4.wrong(
    "shape-only",
    "You compared shapes. Whatever a model makes of the order of words, its output's shape stays.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "one-short-sentence",
    "You tried one sentence of three words, in reverse. That is a beginning. Which other orders are there, "
    "which lengths, what of batches, and what if the model stops with an error? One question after the other.",
)
def is_order_blind(model):
    x = np.random.default_rng(0).normal(size=(1, 3, 4))
    return bool(np.allclose(model(x), model(x[:, ::-1])))


@l7_4.wrong(
    "reverse-only",
    "You only turn sentences round. A model that looks at neighbours reads the same backwards, and gets away. "
    "Draw orders at random.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = x[:, ::-1]
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "ring-only",
    "You only move sentences along as in a ring, the last word to the front. A model that looks at neighbours "
    "in a ring doesn't notice. Draw orders at random.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.roll(x, int(rng.integers(1, T)), axis=1)
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "first-two-only",
    "You only exchange the first two words. A model that looks at the last word, or that is careless from "
    "some place on, gets away. Any two words may change places.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = x[:, [1, 0, *range(2, T)]]
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "ends-stay",
    "You only shuffle the words between the first and the last. What of a model that looks at the ends?",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = x[:, [0, *(1 + rng.permutation(T - 2)), T - 1]] if T > 2 else x
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "batch-shuffled",
    "You shuffled the sentences of the batch. Axis 0 counts sentences, axis 1 words: what should change places?",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = x[rng.permutation(3)]
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "coordinates-shuffled",
    "You shuffled the numbers of each word: it is another word then, and even a mean notices. The words are "
    "to change places, whole: axis 1.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = x[:, :, rng.permutation(4)]
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "other-words",
    "You compared sentences of different words. Whatever the model, their outputs differ. Take the *same* words "
    "in another order.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = rng.normal(size=(3, T, 4))
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "equal-words",
    "All words of your sentences are alike, and no order of them is another. Draw them at random.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = np.ones((3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "short-sentences-only",
    "Your sentences are all short. A model may be right for ten words and care for order from the eleventh on.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "even-lengths-only",
    "All your sentences have an even number of words. A model may take the middle word where there is one.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 6, 8, 24, 30):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "first-sentence-only",
    "You look at the first sentence of each batch. A model may treat the others in another way.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before[0], after[0], rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "first-number-only",
    "You looked at the first number of each output. Another coordinate may care for order.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(
                    before.reshape(3, -1)[:, 0], after.reshape(3, -1)[:, 0], rtol=1e-4, atol=1e-5
                ):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "too-loose",
    "Your tolerance is so wide that small places pass: they move the third digit. How close does float32 come?",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=0.02, atol=0.05):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "too-tight",
    "You asked for equality to the last digit. A sum in float32 in another order differs in its seventh, and "
    "no place is to blame for that.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.array_equal(before, after):
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "nan-passes",
    "A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the other way "
    "round, whether the difference *is* small: nan is not.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if (abs(before - after) > 1e-5 + 1e-4 * abs(before)).any():
                    return False
        return True
    except Exception:
        return False


@l7_4.wrong(
    "crashes-with-the-model",
    "Your test stops with the error of the model that it tests. A crash is an answer too: which one?",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    for T in (2, 3, 6, 7, 24, 31):
        for _ in range(12):
            x = rng.normal(size=(3, T, 4))
            y = np.stack([each[rng.permutation(T)] for each in x])
            if not np.allclose(model(x), model(y), rtol=1e-4, atol=1e-5):
                return False
    return True


@l7_4.wrong(
    "errors-pass",
    "Your test calls a model blind that stops with an error. Nothing was compared, so nothing is shown.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return True


@l7_4.wrong(
    "turned-round",
    "Your test says True when the output moves, and False when it stays. True is for a model to which order "
    "makes no difference.",
)
def is_order_blind(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                if not np.allclose(model(x), model(y), rtol=1e-4, atol=1e-5):
                    return True
        return False
    except Exception:
        return False


for line, reason in (
    ("rng = np.random.default_rng(7)", "Any seed will do."),
    ("for T in (2, 3, 8, 13, 30):", "Any lengths will do that hold short and long, odd and even."),
    ("for B in (1, 3) * 8:", "Any batches will do, and any number of orders from a few on."),
    ("x_BTD = rng.normal(size=(B, T, 4))", "Any words will do that aren't alike."),
    (
        "if not np.allclose(before, after, rtol=1e-4, atol=1e-5):",
        "Any tolerance between float32's seventh digit and the third will do.",
    ),
):
    l7_4.allow_mutant(line=line, reason=reason)
for after, reason in (
    (
        "order_BT1 = -rng.permuted(np.tile(np.arange(T), (B, 1)), axis=1)[:, :, None]",
        "Counted from the end, it is an order of the words, too.",
    ),
    (
        "order_BT1 = rng.permuted(np.tile(np.arange(T), (B, 1)), axis=-1)[:, :, None]",
        "Of two axes the last is axis 1.",
    ),
):
    l7_4.allow_mutant(after=after, reason=reason)
for name in ("Wk", "Wo", "Wq", "Wv"):
    l7_3.waive(
        "equal sizes",
        about=f"params['{name}'].0",
        reason="These matrices are square, by the exercise's own signature.",
    )


EXERCISES = (l7_1, l7_2, l7_3, l7_4)
