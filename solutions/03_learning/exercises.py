"""Lesson 3: the checks, the right variants and the misconceptions of its five exercises.

Gradients are checked where tanh still bends and no weight is nearly 1, so that every link of the
chain shows. The steps of an optimiser are checked on numbers that make its parts of like size:
a large eps, a momentum that counts. Training is checked on toys, by what is done with the
sentences and with the results: which sentences a step saw, which accuracy was believed. What the
toys give does not depend on the order in which sentences were drawn, so that every right way of
shuffling passes, and a mistake is known by what it does, however it was written.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    probe,
    read_only,
    strided,
    uniform,
)

# Of gradients behind scores of about 1000, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 5e-2


# --------------------------------------------------------------------------- L3.1

l3_1 = Exercise(
    id="L3.1",
    title="The way back through attention",
    functions=("pool_backward",),
    difficulty=5,
    importance=5,
    minutes=20,
    hints=(
        "Write down the way there, one line for each step, and keep every result: a = W x, "
        "h = tanh(a), e = uᵀ h, s = softmax(e), z = Σ s x. Then walk it backwards, from dz to ds, de, "
        "da. Each has the shape of the number it belongs to.",
        "ds_i = x_i · dz. Then lesson 2: de = s (ds − Σ s ds). A score feeds on u and on h, so "
        "du = Σ_i de_i h_i and dh_i = de_i u. Through tanh: da = dh (1 − h²). What do W and x_i get "
        "of da_i, if a_i = W x_i?",
        "dW is the sum over the words of the outer products of da_i and x_i: `da_TA.T @ x_TD`. And x "
        "is used twice: z = Σ s x gives each word s_i dz (`np.outer`), the scores give it "
        "`da_TA @ W_AD`. Both belong to dx.",
    ),
)


def pooling_inputs(
    rng: np.random.Generator, T: int, A: int, D: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x_TD, W_AD, u_A and dz_D: W x of standard deviation near 1, scores a little above."""
    return (
        normal(rng, T, D),
        normal(rng, A, D, scale=1 / D**0.5),
        normal(rng, A, scale=2 / A**0.5),
        normal(rng, D),
    )


def far_off(
    rng: np.random.Generator, *offsets: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs whose scores lie near `offsets`, one for each word, with differences as usual.

    The last coordinate of every word is between −1 and 1 and as large as its offset asks for; one
    row of W reads nothing but this, and u wants it as much as the largest offset.
    """
    x_TD, W_AD, u_A, dz_D = pooling_inputs(rng, len(offsets), 3, 6)
    largest = max(map(abs, offsets))
    x_TD[:, -1] = np.array(offsets) / largest
    W_AD[-1] = 0
    W_AD[-1, -1] = 1
    u_A[-1] = round(largest / float(np.tanh(1.0)))
    return x_TD, W_AD, u_A, dz_D


@l3_1.checks
def l3_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    x_TD, W_AD, u_A, dz_D = pooling_inputs(rng, 4, 2, 3)
    yield Check(
        "dx where nobody is asked: W = 0",
        points=1,
        part=2,
        calls=[
            call(
                "pool_backward",
                np.array([[3.0], [0.0], [-1.5]]),
                np.array([[0.0]]),
                np.array([2.0]),
                np.array([1.0]),
            ),
            call("pool_backward", x_TD, 0 * W_AD, u_A, dz_D),
            call("pool_backward", normal(rng, 1, 3), W_AD, u_A, dz_D),
        ],
        says="With W = 0 the weights are 1/T whatever the words are, so a word moves z, and with it "
        "the loss, only through being mixed in: dx_i = s_i dz. The same holds for a sentence of one "
        "word, whose weight is always 1.",
    )
    several = [pooling_inputs(rng, 5, 3, 6), pooling_inputs(rng, 7, 5, 3)]
    square = pooling_inputs(rng, 4, 4, 4)
    yield Check(
        "du",
        points=1,
        part=1,
        calls=[call("pool_backward", *inputs) for inputs in (*several, square)],
        says="u turns each h_i = tanh(W x_i) into a score, so it gets each score's gradient times "
        "h_i, added up over the words.",
    )
    yield Check(
        "dW",
        points=2,
        part=0,
        calls=[
            call(
                "pool_backward",
                np.array([[3.0], [0.0], [-1.5]]),
                np.array([[0.0]]),
                np.array([2.0]),
                np.array([1.0]),
            ),
            *[call("pool_backward", *inputs) for inputs in (*several, square)],
        ],
        says="W gets, for each word, the gradient of W x_i times x_i. In the first example, all "
        "weights are 1/3 and 1 − tanh² is 1: dW = 2 · (2.5 · 3 + 2 · 1.5) / 3 = 7.",
    )
    yield Check(
        "dx, by both ways",
        points=2,
        part=2,
        calls=[call("pool_backward", *inputs) for inputs in (*several, square)],
        says="A word acts on z in two ways: it is mixed in, and it has a say in all weights. The "
        "gradients of both ways add up.",
    )
    yield Check(
        "scores near 1000 and near −1000",
        points=1,
        calls=[
            call("pool_backward", *far_off(rng, *[1e3] * 5), tolerance=LARGE),
            call("pool_backward", *far_off(rng, *[-1e3] * 5), tolerance=LARGE),
            call("pool_backward", *far_off(rng, 1e3, -1e3, 1e3, 1e3, -1e3), tolerance=LARGE),
            call(
                "pool_backward",
                *(float32(array) for array in far_off(rng, *[300.0] * 4)),
                tolerance=LARGE_32,
            ),
        ],
        says="Only differences of scores count, on the way back as well. On the way there, a softmax "
        "that can be trusted is needed (lesson 2).",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("pool_backward", *each) for each in every_layout(*pooling_inputs(rng, 6, 2, 5))
        ],
        says="Words and weights are needed again after the way back: to take a step.",
    )


@l3_1.right("a loop over words")
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h = [np.tanh(W_AD @ x) for x in x_TD]
    e = np.array([u_A @ hi for hi in h])
    s = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
    ds = np.array([x @ dz_D for x in x_TD])
    mean = sum(si * dsi for si, dsi in zip(s, ds, strict=True))
    dW, du, dx = np.zeros(W_AD.shape), np.zeros(u_A.shape), np.zeros(x_TD.shape)
    for i, x in enumerate(x_TD):
        de = s[i] * (ds[i] - mean)
        da = de * u_A * (1 - h[i] ** 2)
        du += de * h[i]
        dW += np.outer(da, x)
        dx[i] = s[i] * dz_D + W_AD.T @ da
    return dW, du, dx


@l3_1.right("einsum throughout")
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(np.einsum("td,ad->ta", x_TD, W_AD))
    e_T = np.einsum("ta,a->t", h_TA, u_A)
    s_T = np.exp(e_T - e_T.max())
    s_T = s_T / s_T.sum()
    ds_T = np.einsum("td,d->t", x_TD, dz_D)
    de_T = s_T * ds_T - s_T * np.einsum("t,t->", s_T, ds_T)
    da_TA = np.einsum("t,a,ta->ta", de_T, u_A, 1 - h_TA * h_TA)
    dx_TD = np.einsum("t,d->td", s_T, dz_D) + np.einsum("ta,ad->td", da_TA, W_AD)
    return np.einsum("ta,td->ad", da_TA, x_TD), np.einsum("ta,t->a", h_TA, de_T), dx_TD


@l3_1.right("the whole Jacobian of the softmax, and 1/cosh²")
def pool_backward(x_TD, W_AD, u_A, dz_D):
    a_TA = x_TD @ W_AD.T
    e_T = np.tanh(a_TA) @ u_A
    s_T = np.exp(e_T - np.logaddexp.reduce(e_T))
    jacobian_TT = np.diag(s_T) - np.outer(s_T, s_T)
    de_T = jacobian_TT @ (x_TD @ dz_D)
    da_TA = de_T[:, None] * u_A / np.cosh(a_TA) ** 2
    return (
        sum(np.outer(da, x) for da, x in zip(da_TA, x_TD, strict=True)),
        de_T @ np.tanh(a_TA),
        s_T[:, None] * dz_D + da_TA @ W_AD,
    )


@l3_1.right("the scores seen from z: ds minus its mean is (x − z)·dz")
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    z_D = s_T @ x_TD
    de_T = s_T * ((x_TD - z_D) @ dz_D)
    da_TA = de_T[:, None] * u_A[None, :] * (1 - h_TA**2)
    return [np.dot(da_TA.T, x_TD), np.dot(de_T, h_TA), np.outer(s_T, dz_D) + np.dot(da_TA, W_AD)]


l3_1.allow_mutant(
    after="exp_T = -np.exp(e_T - e_T.max())",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l3_1.wrong(
    "softmax-coupling-ignored",
    "Your de is s · ds, as if each weight had its exponential for itself. Raising one score lowers "
    "all other weights: what does `softmax_vjp` of lesson 2 subtract?",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    de_T = s_T * (x_TD @ dz_D)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "softmax-diagonal-only",
    "Your de is s (1 − s) ds: the pull of each score on its own weight. It also pulls on all the "
    "others, and the loss feels those too.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    de_T = s_T * (1 - s_T) * (x_TD @ dz_D)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "softmax-skipped",
    "You used ds, the gradient in the weights, as if it were the gradient in the scores. Between "
    "the two lies the softmax.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    de_T = x_TD @ dz_D
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "plain-mean-in-the-softmax",
    "You subtracted the plain mean of ds. In the mean that softmax compares with, each word counts "
    "by its weight: Σ s_i ds_i.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - ds_T.mean())
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "value-path-only",
    "Your dx is s_i dz: what a word does by being mixed in. But a word also has a say in the weights: "
    "if x_i changes, its score changes, and with it z. That second way is missing.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D)


@l3_1.wrong(
    "score-path-only",
    "Your dx holds what a word does through its score, and not that the word itself is mixed into z. "
    "Even if all weights were fixed, moving x_i would move z: by how much?",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, da_TA @ W_AD


@l3_1.wrong(
    "value-path-unweighted",
    "You gave every word the whole dz. A word with weight s_i has moved z only s_i times as far as "
    "it moved itself.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, dz_D + da_TA @ W_AD


@l3_1.wrong(
    "dW-transposed",
    "Your dW has the shape (D, A), or, with A = D, rows and columns changed about. A gradient always "
    "has the shape of what it belongs to: which factor of the product must be transposed?",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return x_TD.T @ da_TA, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "tanh-forgotten-on-the-way-back",
    "The way back jumps over tanh: a change of W x reaches h only 1 − h² times as large. Where h is "
    "near 1 or −1, hardly anything arrives.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "tanh-twice",
    "You took tanh of h, which is a tanh already. The slope is 1 − tanh(a)², and tanh(a) is h.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - np.tanh(h_TA) ** 2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "slope-not-squared",
    "You took 1 − h for the slope of tanh. It is 1 − h²: the same on both sides of 0, and never "
    "above 1.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "u-forgotten-on-the-way-back",
    "On the way from a score back to h, u is missing: the score is Σ u_a h_a, so a change of h_a "
    "counts u_a times.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = de_T[:, None] * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "du-before-tanh",
    "Your du is made from W x. u does not meet W x but its tanh: du is the sum of de_i h_i.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    a_TA = x_TD @ W_AD.T
    h_TA = np.tanh(a_TA)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, a_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "tanh-left-out-of-the-score",
    "Your scores have no tanh, so all that follows belongs to the linear score uᵀ W x. This lesson "
    "learns the score uᵀ tanh(W x).",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    a_TA = x_TD @ W_AD.T
    e_T = a_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A)
    return da_TA.T @ x_TD, a_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "sign",
    "All three gradients have the wrong sign: they point downhill. A gradient says where the loss "
    "grows; the minus comes with the step.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return -da_TA.T @ x_TD, -h_TA.T @ de_T, -np.outer(s_T, dz_D) - da_TA @ W_AD


@l3_1.wrong(
    "other-order",
    "All three gradients are there, in another order: first dW, then du, then dx.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return np.outer(s_T, dz_D) + da_TA @ W_AD, da_TA.T @ x_TD, h_TA.T @ de_T


@l3_1.wrong(
    "no-max-subtracted",
    "The gradients are right as long as the scores are small. At 1000 the exponential is inf, and "
    "every gradient nan: subtract the largest score first, as in lesson 2.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    exp_T = np.exp(h_TA @ u_A)
    s_T = exp_T / exp_T.sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, h_TA.T @ de_T, np.outer(s_T, dz_D) + da_TA @ W_AD


@l3_1.wrong(
    "adds-to-its-input",
    "You wrote into one of the arrays you were given. The caller needs it again: put every result "
    "into a new array.",
)
def pool_backward(x_TD, W_AD, u_A, dz_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    s_T = np.exp(e_T - e_T.max()) / np.exp(e_T - e_T.max()).sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - s_T @ ds_T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    dW_AD, du_A = da_TA.T @ x_TD, h_TA.T @ de_T
    np.outer(s_T, dz_D, out=x_TD)
    x_TD += da_TA @ W_AD
    return dW_AD, du_A, x_TD


# --------------------------------------------------------------------------- L3.2

l3_2 = Exercise(
    id="L3.2",
    title="A step downhill, with momentum",
    functions=("sgd_step",),
    difficulty=2,
    importance=5,
    minutes=8,
    hints=(
        "Two lines for each parameter: first the new velocity from the old one and the gradient, "
        "then the new parameter from the old one and the *new* velocity.",
        "v ← momentum · v + g, then p ← p − lr · v. The learning rate appears once, in the second "
        "line. Each name has its own p, g and v: look them up by the name, for the dicts need not "
        "be in the same order.",
        "Two dict comprehensions do it: one over the names that makes the new velocities, one that "
        "makes the new parameters from them. Both are new dicts of new arrays, which are returned "
        "as a pair.",
    ),
)


@l3_2.checks
def l3_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    zero = {"p": np.zeros(3)}
    yield Check(
        "three numbers, no momentum",
        points=1,
        calls=[
            call(
                "sgd_step",
                {"p": np.array([1.0, 2.0, 3.0])},
                {"p": np.array([10.0, -20.0, 0.0])},
                zero,
                lr=0.1,
            ),
            call("sgd_step", {"p": normal(rng, 3)}, {"p": normal(rng, 3)}, zero, lr=0.5),
        ],
        says="Against the gradient, lr times its length: 1 − 0.1 · 10 = 0. Without momentum the new "
        "velocity is the gradient itself.",
    )
    W_AD, u_A, w_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    dW_AD, du_A, dw_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    vW_AD, vu_A, vw_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    yield Check(
        "several parameters, by name",
        points=1,
        calls=[
            call(
                "sgd_step",
                {"u": u_A, "v": du_A, "w": vu_A},
                {"w": u_A, "u": vu_A, "v": du_A},
                {"v": normal(rng, 3), "w": normal(rng, 3), "u": normal(rng, 3)},
                lr=0.25,
            ),
            call(
                "sgd_step",
                {"W": W_AD, "u": u_A, "w": w_D},
                {"w": dw_D, "u": du_A, "W": dW_AD},
                {"u": vu_A, "W": vW_AD, "w": vw_D},
                lr=0.25,
            ),
        ],
        says="A gradient belongs to the parameter of its name, wherever it stands in the dict. With "
        "momentum 0, the default, the old velocity makes no difference.",
    )
    yield Check(
        "momentum",
        points=2,
        calls=[
            call(
                "sgd_step",
                {"p": np.array([1.0, 2.0, 3.0])},
                {"p": np.array([1.0, -1.0, 0.0])},
                {"p": np.array([4.0, 4.0, -4.0])},
                lr=0.1,
                momentum=0.5,
            ),
            call(
                "sgd_step",
                {"W": W_AD, "u": u_A, "w": w_D},
                {"w": dw_D, "u": du_A, "W": dW_AD},
                {"u": vu_A, "W": vW_AD, "w": vw_D},
                lr=0.3,
                momentum=0.9,
            ),
        ],
        says="The new velocity is momentum · old velocity + gradient, and the step is lr times the "
        "new velocity. First example: 0.5 · 4 + 1 = 3, and 1 − 0.1 · 3 = 0.7.",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call(
                "sgd_step",
                {"W": W, "u": u},
                {"u": du, "W": dW},
                {"W": vW, "u": vu},
                lr=0.2,
                momentum=0.75,
            )
            for W, u, dW, du, vW, vu in every_layout(W_AD, u_A, dW_AD, du_A, vW_AD, vu_A)
        ],
        says="Who wants to go back to an earlier epoch needs its parameters as they were.",
    )


@l3_2.right("a loop over names")
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new_params, new_velocity = {}, {}
    for name, p in params.items():
        new_velocity[name] = momentum * velocity[name] + grads[name]
        new_params[name] = p - lr * new_velocity[name]
    return new_params, new_velocity


@l3_2.right("on copies, in place")
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: v.copy() for name, v in velocity.items()}
    params = {name: p.copy() for name, p in params.items()}
    for name in grads:
        velocity[name] *= momentum
        velocity[name] += grads[name]
        params[name] -= lr * velocity[name]
    return params, velocity


@l3_2.right("number by number")
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new_params = {name: np.array(p) for name, p in params.items()}
    new_velocity = {name: np.array(v) for name, v in velocity.items()}
    for name in params:
        for place in np.ndindex(params[name].shape):
            v = momentum * velocity[name][place] + grads[name][place]
            new_velocity[name][place] = v
            new_params[name][place] = params[name][place] - lr * v
    return new_params, new_velocity


@l3_2.right("lr taken out of a sum")
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new_velocity = {n: np.add(grads[n], velocity[n] * momentum) for n in sorted(grads)}
    return {n: params[n] + (-lr) * new_velocity[n] for n in sorted(grads)}, new_velocity


@l3_2.wrong(
    "ascent",
    "You went uphill: the gradient points to where the loss grows. Which sign takes you down?",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] + lr * velocity[name] for name in params}, velocity


@l3_2.wrong(
    "velocity-reset",
    "Your velocity is the gradient of this step alone: what was built up before is lost, and "
    "momentum makes no difference. Take momentum times the old velocity along.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: grads[name].copy() for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@l3_2.wrong(
    "momentum-one",
    "You added the whole old velocity to the gradient. Then nothing ever slows down: momentum says "
    "how much of it is kept.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@l3_2.wrong(
    "lr-twice",
    "You multiplied by the learning rate twice: once in the velocity and once in the step. With "
    "lr = 0.1 you walk a tenth as far as you should.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + lr * grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@l3_2.wrong(
    "lr-in-the-velocity",
    "You put the learning rate into the velocity. Some libraries do so; here v is made of gradients "
    "alone, and lr comes with the step, so that lr may be changed on the way.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + lr * grads[name] for name in params}
    return {name: params[name] - velocity[name] for name in params}, velocity


@l3_2.wrong(
    "no-lr",
    "You took the whole velocity as a step: the learning rate makes no difference.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - velocity[name] for name in params}, velocity


@l3_2.wrong(
    "averages-the-gradient",
    "You weighed the gradient by 1 − momentum, as Adam will. Here the gradient counts in full: "
    "v ← momentum · v + g.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {n: momentum * velocity[n] + (1 - momentum) * grads[n] for n in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@l3_2.wrong(
    "steps-with-the-old-velocity",
    "The step used the velocity from before this gradient. First make the new velocity, then step "
    "with it.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new_velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, new_velocity


@l3_2.wrong(
    "nesterov",
    "You looked one step ahead: p − lr (g + momentum · v) is Nesterov's variant. Plain momentum "
    "steps by lr times v.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    params = {n: params[n] - lr * (grads[n] + momentum * velocity[n]) for n in params}
    return params, velocity


@l3_2.wrong(
    "pairs-by-place",
    "You took the first gradient for the first parameter, the second for the second. A dict is not "
    "about places: look each gradient and each velocity up by the parameter's name.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new_params, new_velocity = {}, {}
    rows = zip(params, params.values(), grads.values(), velocity.values(), strict=True)
    for name, p, g, v in rows:
        new_velocity[name] = momentum * v + g
        new_params[name] = p - lr * new_velocity[name]
    return new_params, new_velocity


@l3_2.wrong(
    "returns-the-old-velocity",
    "You stepped with the new velocity and then returned the old one, so the next step starts "
    "without it.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    new = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * new[name] for name in params}, velocity


@l3_2.wrong(
    "one-parameter-only",
    "You returned inside the loop: only the first parameter has moved, and the others are gone.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    for name in params:
        v = momentum * velocity[name] + grads[name]
        return {name: params[name] - lr * v}, {name: v}


@l3_2.wrong(
    "params-alone",
    "You returned the parameters alone. The velocity belongs to the answer too: without it the next "
    "step has no momentum.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}


@l3_2.wrong(
    "mutates",
    "The step is right, but `-=` and `*=` wrote into the caller's own arrays. Whoever kept the "
    "parameters of an earlier step has lost them: put the results into new arrays.",
)
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    for name in params:
        velocity[name] *= momentum
        velocity[name] += grads[name]
        params[name] -= lr * velocity[name]
    return params, velocity


# --------------------------------------------------------------------------- L3.3

l3_3 = Exercise(
    id="L3.3",
    title="Adam",
    functions=("adam_step",),
    difficulty=4,
    importance=5,
    minutes=15,
    hints=(
        "Algorithm 1 has five lines after the gradient: t, m, v, the two corrections, the step. "
        "Write them in this order, each with the letter that it has there. Which of them has "
        "to use the *new* t?",
        "t ← t + 1 comes first, once for all parameters. m and v are running means, so the new part "
        "gets 1 − β: of g in m, of g² in v. Then m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). The state "
        "keeps m and v, not m̂ and v̂.",
        "The step is lr · m̂ / (√v̂ + eps), with eps added after the root is taken. Make new dicts for "
        "m and v with a comprehension over the names, then the new parameters from them, then "
        'return `params, {"m": …, "v": …, "t": …}`.',
    ),
)


def adam_inputs(rng: np.random.Generator, *shape: int) -> tuple[np.ndarray, ...]:
    """Parameters, gradients, and an m and a v as earlier steps leave them behind."""
    return (
        normal(rng, *shape),
        normal(rng, *shape),
        normal(rng, *shape, scale=0.3),
        uniform(rng, 0.05, 0.9, *shape),
    )


def path(adam_step, start, pull, steps, lr, eps):
    params = {"p": start.copy(), "q": 2 * start}
    zeros = {name: np.zeros_like(array) for name, array in params.items()}
    state = {"m": dict(zeros), "v": {name: array.copy() for name, array in zeros.items()}, "t": 0}
    for _ in range(steps):
        grads = {"p": pull * params["p"], "q": params["q"] - start}
        params, state = adam_step(params, grads, state, lr=lr, eps=eps)
    return params["p"], params["q"], state["t"]


@l3_3.checks
def l3_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    def fresh(**shapes: tuple[int, ...]) -> dict[str, object]:
        m = {name: np.zeros(shape) for name, shape in shapes.items()}
        v = {name: np.zeros(shape) for name, shape in shapes.items()}
        return {"m": m, "v": v, "t": 0}

    p3, g3 = np.array([1.0, 1.0, 1.0]), np.array([4.0, -0.25, 100.0])
    yield Check(
        "the first step of three numbers",
        points=1,
        part=0,
        calls=[
            call("adam_step", {"p": p3}, {"p": g3}, fresh(p=(3,)), lr=0.1),
            call("adam_step", {"p": normal(rng, 4)}, {"p": normal(rng, 4)}, fresh(p=(4,))),
        ],
        says="At first m̂ = g and v̂ = g², so every number moves by lr, up or down: 0.9, 1.1 and 0.9. "
        "How large its gradient is makes no difference.",
    )
    yield Check(
        "what is kept for the next step",
        points=1,
        part=1,
        calls=[
            call("adam_step", {"p": p3}, {"p": g3}, fresh(p=(3,)), lr=0.1),
            call(
                "adam_step",
                {"p": normal(rng, 4)},
                {"p": normal(rng, 4)},
                {"m": {"p": normal(rng, 4)}, "v": {"p": uniform(rng, 0.1, 1, 4)}, "t": 6},
            ),
        ],
        says="The state keeps m and v as they are before the correction, and t, which is one more. "
        "First example: m = 0.1 · 4 = 0.4, v = 0.001 · 16 = 0.016, t = 1.",
    )
    W, dW, mW, vW = adam_inputs(rng, 3, 5)
    u, du, mu, vu = adam_inputs(rng, 3)
    w, dw, mw, vw = adam_inputs(rng, 5)
    later = {"m": {"u": mu, "W": mW, "w": mw}, "v": {"w": vw, "W": vW, "u": vu}, "t": 4}
    yield Check(
        "a later step of several parameters",
        points=2,
        calls=[
            call(
                "adam_step",
                {"W": W, "u": u, "w": w},
                {"w": dw, "W": dW, "u": du},
                later,
                lr=0.05,
                beta1=0.8,
                beta2=0.95,
            ),
            call(
                "adam_step",
                {"w": w, "W": W, "u": u},
                {"W": dW, "u": du, "w": dw},
                {**later, "t": 1},
            ),
        ],
        says="Each number has its own m and v; all share one t, which grows by 1 a step.",
    )
    yield Check(
        "where eps counts",
        points=1,
        calls=[
            call(
                "adam_step",
                {"p": p3},
                {"p": np.array([0.3, -0.1, 0.0])},
                fresh(p=(3,)),
                lr=0.1,
                eps=0.1,
            ),
            call(
                "adam_step",
                {"W": W, "u": u, "w": w},
                {"w": dw, "W": dW, "u": du},
                later,
                lr=0.1,
                eps=0.5,
            ),
            call(
                "adam_step",
                {"p": p3},
                {"p": np.array([1e-7, 0.0, -3e-8])},
                fresh(p=(3,)),
            ),
        ],
        says="eps is added to the root of the corrected v̂. A number without any gradient stays where "
        "it is, where 0 / 0 would be nan. First example: 1 − 0.1 · 0.3 / (0.3 + 0.1) = 0.925.",
    )
    start, pull = normal(rng, 4), uniform(rng, 0.5, 3, 4)
    yield Check(
        "ten steps in a row",
        points=2,
        calls=[
            probe(
                path,
                start,
                pull,
                2,
                0.1,
                0.01,
                says="Where two steps lead for p and for q, and the t after them,",
            ),
            probe(
                path,
                start,
                pull,
                10,
                0.1,
                0.01,
                says="Where ten steps lead for p and for q, and the t after them,",
            ),
        ],
        says="What one step returns is what the next one starts from.",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call(
                "adam_step",
                {"W": each[0], "u": each[1]},
                {"u": each[3], "W": each[2]},
                {
                    "m": {"W": each[4], "u": each[5]},
                    "v": {"W": each[6], "u": each[7]},
                    "t": 3,
                },
                lr=0.01,
            )
            for each in every_layout(W, u, dW, du, mW, mu, vW, vu)
        ],
        says="Parameters and state of the step before may still be needed, to go back to them.",
    )


@l3_3.right("one loop over the names")
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    out, m, v = {}, {}, {}
    t = state["t"] + 1
    for name, g in grads.items():
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * np.square(g)
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        out[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return out, {"m": m, "v": v, "t": t}


@l3_3.right("on copies, in place")
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = {name: array.copy() for name, array in state["m"].items()}
    v = {name: array.copy() for name, array in state["v"].items()}
    out = {name: array.copy() for name, array in params.items()}
    t = state["t"] + 1
    for name in out:
        m[name] *= beta1
        m[name] += (1 - beta1) * grads[name]
        v[name] *= beta2
        v[name] += (1 - beta2) * grads[name] * grads[name]
        root = np.sqrt(v[name] / (1 - beta2**t)) + eps
        out[name] -= lr / (1 - beta1**t) * m[name] / root
    return out, {"m": m, "v": v, "t": t}


@l3_3.right("running means as steps towards the new value")
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = {k: m + (1 - beta1) * (grads[k] - m) for k, m in state["m"].items()}
    v = {k: v + (1 - beta2) * (grads[k] ** 2 - v) for k, v in state["v"].items()}
    t = 1 + state["t"]
    first, second = 1 - np.power(beta1, t), 1 - np.power(beta2, t)
    steps = {k: (m[k] / first) / ((v[k] / second) ** 0.5 + eps) for k in params}
    return {k: params[k] - lr * steps[k] for k in params}, {"t": t, "v": v, "m": m}


@l3_3.right("both corrections moved into lr and eps")
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    root = (1 - beta2**t) ** 0.5
    rate = lr * root / (1 - beta1**t)
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "no-bias-correction",
    "You stepped with m and v themselves. They began at 0 and are still much too small after the "
    "first steps, v more so than m: divide them by 1 − β₁ᵗ and 1 − β₂ᵗ.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - lr * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": state["t"] + 1}


@l3_3.wrong(
    "only-m-corrected",
    "You corrected m and not v. At the first step v is only a thousandth of g², so that its root is "
    "far too small and the step 32 times too long.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - lr * m[n] / (1 - beta1**t) / (np.sqrt(v[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "t-from-zero",
    "You corrected with the old t. At the first step that is 0, and 1 − β⁰ is 0: m / 0. Count the "
    "step first, then correct.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"]
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / np.float64(1 - beta1**t) for n in params}
    v_hat = {n: v[n] / np.float64(1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t + 1}


@l3_3.wrong(
    "t-from-zero-in-plain-numbers",
    "You corrected with the old t. At the first step that is 0, and 1 − β⁰ is 0: a division by zero. "
    "Count the step first, then correct.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"]
    rate = lr / (1 - beta1**t)
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - rate * m[n] / (np.sqrt(v[n] / (1 - beta2**t)) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t + 1}


@l3_3.wrong(
    "t-not-counted",
    "You returned the state with the old t. The next step then corrects as if it were the first one "
    "again.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": state["t"]}


@l3_3.wrong(
    "t-counted-per-parameter",
    "You counted t up inside the loop, once for each parameter: the second one is corrected as if it "
    "were a step further. One step, one t for all.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v, new = state["t"], {}, {}, {}
    for n in params:
        t += 1
        m[n] = beta1 * state["m"][n] + (1 - beta1) * grads[n]
        v[n] = beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v[n] / (1 - beta2**t))
        new[n] = params[n] - lr * m[n] / (1 - beta1**t) / (root + eps)
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "one-v-for-a-whole-array",
    "You kept one number of v for a whole array. Adam's point is that every single number has its "
    "own: a word that is seldom met gets steps as long as one met often.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, v, new = state["t"] + 1, {}, {}, {}
    for n in params:
        m[n] = beta1 * state["m"][n] + (1 - beta1) * grads[n]
        mean = np.mean(beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2)
        v[n] = np.full(grads[n].shape, mean)
        root = np.sqrt(v[n] / (1 - beta2**t))
        new[n] = params[n] - lr * m[n] / (1 - beta1**t) / (root + eps)
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "state-shared-between-parameters",
    "You kept one m and one v for all parameters, so that each goes on where the one before it left "
    "off. Every name has its own in the state.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t, new = state["t"] + 1, {}
    first = next(iter(params))
    m, v = state["m"][first], state["v"][first]
    for n in params:
        m, v = np.resize(m, grads[n].shape), np.resize(v, grads[n].shape)
        m = beta1 * m + (1 - beta1) * grads[n]
        v = beta2 * v + (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v / (1 - beta2**t))
        new[n] = params[n] - lr * m / (1 - beta1**t) / (root + eps)
    m = {n: np.resize(m, grads[n].shape) for n in params}
    return new, {"m": m, "v": {n: np.resize(v, grads[n].shape) for n in params}, "t": t}


@l3_3.wrong(
    "eps-inside-the-root",
    "You took the root of v̂ + eps. That adds √eps, which is ten thousand times as much as 1e-8: take "
    "the root first, then add eps.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / np.sqrt(v_hat[n] + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "eps-before-the-correction",
    "You added eps to the root of v before v was corrected. Keras and others do it in that order, "
    "which makes eps count for more in the first steps; Algorithm 1 adds it to the root of v̂.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "eps-forgotten",
    "There is no eps in your step. A number whose gradient was always 0, such as a word that no "
    "sentence held, then moves by 0 / 0, which is nan.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / np.sqrt(v_hat[n]) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "gradient-not-squared",
    "Your v averages the gradient itself. It can be negative, and its root is nan then: v is the "
    "mean of the squares, g².",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "absolute-gradient",
    "Your v averages |g|. It is the mean of the squares, g², whose root is again of the size of g.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * np.abs(grads[n]) for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "root-forgotten",
    "You divided by v̂ and not by its root. Then a gradient ten times as large makes a step a tenth "
    "as long; with the root its size cancels.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (v_hat[n] + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "betas-swapped",
    "You used β₁ for v and β₂ for m. m, the direction, remembers about 10 steps (0.9); v, the size, "
    "about 1000 (0.999).",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    beta1, beta2 = beta2, beta1
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "shares-swapped",
    "You gave the old mean 1 − β and the new gradient β. β says how much of the past is kept, and "
    "that is most of it.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: (1 - beta1) * state["m"][n] + beta1 * grads[n] for n in params}
    v = {n: (1 - beta2) * state["v"][n] + beta2 * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "gradient-in-full",
    "You added the whole gradient to β times the old m, as momentum does. m and v are running means "
    "here: the new part counts 1 − β.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "corrected-means-kept",
    "You kept the corrected m̂ and v̂ in the state. The next step would correct them a second time: "
    "keep m and v, and correct for the step only.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m = {n: m[n] / (1 - beta1**t) for n in params}
    v = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "ascent",
    "You went uphill: m̂ is a mean of gradients, and a gradient points to where the loss grows.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] + lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@l3_3.wrong(
    "mutates",
    "The numbers are right, but you wrote into the caller's own arrays. Whoever kept the parameters "
    "of the best epoch has lost them: put the results into new arrays and new dicts.",
)
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state["t"] += 1
    for n in params:
        m, v = state["m"][n], state["v"][n]
        m *= beta1
        m += (1 - beta1) * grads[n]
        v *= beta2
        v += (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v / (1 - beta2 ** state["t"]))
        params[n] -= lr * m / (1 - beta1 ** state["t"]) / (root + eps)
    return params, state


# --------------------------------------------------------------------------- L3.4

l3_4 = Exercise(
    id="L3.4",
    title="Words become numbers",
    functions=("fit_vocab", "encode"),
    difficulty=2,
    importance=4,
    minutes=10,
    hints=(
        "For `fit_vocab`: count all words, sort them, keep the first ones, number them from 2 on. "
        "For `encode`: start from a table of zeros and fill each row from the left.",
        "A sort key may be a pair: Python compares the second numbers where the first are equal. "
        "What must be done to the count so that larger ones come first and ties are still "
        "alphabetical? And if two ids are reserved, how many words fit into `size`?",
        "`sorted(counts, key=lambda word: (-counts[word], word))[: size - 2]`, numbered by "
        "`enumerate(…, 2)`. In `encode`, `vocab.get(word, 1)` gives unknown words their id, "
        "`[:max_len]` cuts, and an integer table of zeros, filled from the left, has its padding "
        "already.",
    ),
)

WORDS = (
    "a", "bad", "cast", "dull", "even", "film", "good", "heart", "it's", "joke", "kind", "laugh",
    "moving", "no", "own", "plot",
)  # fmt: skip


def review_texts(rng: np.random.Generator) -> list[str]:
    """Sentences with many ties: words met 5, 4, 3, 2 times and once, and the first sentence from
    z to a, so that words met equally often do not come up in alphabetical order."""
    words = [str(word) for word in rng.permutation(WORDS)]
    counts = [5, 4, 4, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1]
    once = sorted(words[: len(counts)], reverse=True)
    rest = [word for word, n in zip(words, counts, strict=False) for _ in range(n - 1)]
    rest = [str(word) for word in rng.permutation(rest)]
    return [" ".join(once[:9]), " ".join(once[9:])] + [
        " ".join(rest[start : start + 6]) for start in range(0, len(rest), 6)
    ]


def two_short_texts(rng: np.random.Generator) -> list[str]:
    """Three words, each met another number of times."""
    times = rng.choice(np.arange(1, 7), 3, replace=False)
    words = rng.permutation(np.repeat(rng.choice(WORDS, 3, replace=False), times))
    return [" ".join(half.tolist()) for half in np.array_split(words, 2)]


def words_with_ids(fit_vocab, texts, size):
    return {word: int(i) for word, i in fit_vocab(texts, size).items() if i not in (0, 1)}


def rows_of_a_table(encode, texts, vocab, max_len):
    table_VD = np.arange(20.0).reshape(10, 2) / 10
    return table_VD[encode(texts, vocab, max_len)]


@l3_4.checks
def l3_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    says = "The words in the dict that have an id above 1"
    short = ["good plot good film", "bad film", "good film"]
    yield Check(
        "fit_vocab: three short texts",
        points=1,
        calls=[
            probe(words_with_ids, ["film good good good film"], 10, says=says),
            probe(words_with_ids, ["no no no film", "yes film", "yes a", "yes"], 6, says=says),
            probe(words_with_ids, two_short_texts(fresh), 10, says=says),
        ],
        says="Numbers go by how often a word is met in all texts together, from 2 on: 0 is kept for "
        "padding, 1 for unknown words.",
    )
    texts = review_texts(rng)
    yield Check(
        "fit_vocab: ties are alphabetical",
        points=1,
        calls=[
            probe(words_with_ids, short, 10, says=says),
            probe(words_with_ids, texts, 40, says=says),
        ],
        says="Of words met equally often, the one that comes first in the alphabet comes first. So "
        "the same texts in another order give the same numbers.",
    )
    yield Check(
        "fit_vocab: size counts the two reserved ids",
        points=1,
        judges="inputs untouched",
        calls=[
            probe(words_with_ids, short, 4, says=says),
            probe(words_with_ids, texts, 9, says=says),
            probe(words_with_ids, texts, 16, says=says),
            probe(words_with_ids, texts, 3, says=says),
        ],
        says="With size = 4 the ids are 0, 1, 2 and 3, so there are two words. If there are fewer "
        "words than ids, all of them are in it.",
    )
    vocab = {"good": 2, "film": 3, "bad": 4}
    longer = {str(word): i for i, word in enumerate(rng.permutation(WORDS)[:8], 2)}
    *known, unknown = fresh.choice(WORDS, 6, replace=False).tolist()
    drawn = {word: i for i, word in enumerate(known, 2)}
    new_texts = [" ".join(fresh.choice(known, n).tolist()) for n in (3, 2, 2, 3)]
    yield Check(
        "encode: words to numbers",
        points=1,
        calls=[
            call("encode", ["good film bad", "bad bad good"], vocab, 3),
            call("encode", ["bad film", "good"], vocab, 4),
            call("encode", new_texts[:2], drawn, 4),
        ],
        says="One row a text, its words' ids from left to right, and zeros behind them.",
    )
    yield Check(
        "encode: words that the dict does not know",
        points=1,
        judges="inputs untouched",
        calls=[
            call("encode", ["good plot film", "no plot"], vocab, 3),
            call("encode", texts, longer, 11),
        ],
        says="An unknown word is a word: it gets the id 1 in its place, and the dict stays as it is. "
        "What is met for the first time in a validation text must not change what was learned.",
    )
    yield Check(
        "encode: max_len columns, whatever the texts",
        points=1,
        judges="inputs untouched",
        calls=[
            call("encode", ["good film bad film", "bad film"], vocab, 2),
            call("encode", texts, longer, 4),
            call("encode", ["bad", "good"], vocab, 3),
        ],
        says="Of a longer text the first max_len words stay, a shorter one is filled up with zeros "
        "at its end.",
    )
    yield Check(
        "encode: the ids can look up rows of a table",
        points=1,
        calls=[
            probe(
                rows_of_a_table,
                texts_to_look_up,
                ids_of_words,
                4,
                says="What `table[ids]` gives for the ids of two short texts",
            )
            for texts_to_look_up, ids_of_words in [
                (["good film", "bad plot good"], vocab),
                ([new_texts[2], f"{unknown} {new_texts[3]}"], drawn),
            ]
        ],
        says="Each id will fetch a row of the embedding table. Only whole numbers can do that; "
        "`np.zeros` makes floats unless told otherwise.",
    )


@l3_4.right("fit_vocab: sorted twice")
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    words = sorted(sorted(counts), key=counts.get, reverse=True)
    return dict(zip(words, range(2, size), strict=False))


@l3_4.right("fit_vocab: with the two reserved entries")
def fit_vocab(texts, size):
    from collections import Counter

    counts = Counter(" ".join(texts).split())
    vocab = {"<pad>": 0, "<unk>": 1}
    for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if len(vocab) == size:
            break
        vocab[word] = len(vocab)
    return vocab


@l3_4.right("fit_vocab: np.unique and lexsort")
def fit_vocab(texts, size):
    words, counts = np.unique(np.array(" ".join(texts).split()), return_counts=True)
    order = np.lexsort((words, -counts))[: size - 2]
    return {str(words[k]): i + 2 for i, k in enumerate(order)}


@l3_4.right("encode: two loops")
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=np.int64)
    for b in range(len(texts)):
        words = texts[b].split()
        for t in range(min(len(words), max_len)):
            ids_BT[b, t] = 1
            if words[t] in vocab:
                ids_BT[b, t] = vocab[words[t]]
    return ids_BT


@l3_4.right("encode: lists filled up")
def encode(texts, vocab, max_len):
    rows = []
    for text in texts:
        ids = [vocab.get(word, 1) for word in text.split()]
        rows.append((ids + [0] * max_len)[:max_len])
    return np.array(rows)


@l3_4.right("encode: padded with np.pad, in 32 bits")
def encode(texts, vocab, max_len):
    rows = []
    for text in texts:
        ids = np.array([vocab.get(word, 1) for word in text.split()][:max_len], dtype=np.int32)
        rows.append(np.pad(ids, (0, max_len - len(ids))))
    return np.stack(rows)


for line, what in (
    ("counts[word] = counts.get(word, 1) + 1", "All counts are one higher"),
    ("counts[word] = counts.get(word, -1) + 1", "All counts are one lower"),
    ("counts[word] = counts.get(word, 0) + 2", "All counts are twice as high"),
):
    l3_4.allow_mutant(after=line, reason=f"{what}; only their order is used.")


@l3_4.wrong(
    "ids-from-zero",
    "Your most frequent word got the id 0, which is kept for padding: the model could not tell it "
    "from no word at all. Numbers start at 2.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2])}


@l3_4.wrong(
    "ids-from-one",
    "Your most frequent word got the id 1, which is kept for unknown words: all of those would look "
    "like it. Numbers start at 2.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 1)}


@l3_4.wrong(
    "reserved-ids-not-counted",
    "You kept `size` words, and with the two reserved ids that makes size + 2: the highest id is one "
    "for which a table of `size` rows has none.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[:size], 2)}


@l3_4.wrong(
    "one-too-many",
    "You kept size − 1 words. Two ids are taken before the first word: padding and unknown.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 1], 2)}


@l3_4.wrong(
    "ties-by-appearance",
    "Words met equally often stand in the order in which they first came up. With the same texts "
    "shuffled you would get other numbers, and a saved model would read other words: break ties by "
    "the alphabet.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: -counts[word])
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


@l3_4.wrong(
    "ties-backwards",
    "Words met equally often stand from z to a: `reverse=True` has turned the alphabet round as "
    "well. Turn only the counts.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (counts[word], word), reverse=True)
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


@l3_4.wrong(
    "rarest-first",
    "You began with the rarest words. Cut at `size`, such a dict knows the words that nobody uses.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


@l3_4.wrong(
    "alphabetical",
    "Your words stand in alphabetical order, however often they are met. Cut at `size`, you keep "
    "what begins with a and b.",
)
def fit_vocab(texts, size):
    words = sorted(set(" ".join(texts).split()))
    return {word: i for i, word in enumerate(words[: size - 2], 2)}


@l3_4.wrong(
    "counts-texts",
    "You counted in how many texts a word is. A word that stands in one text three times was met "
    "three times.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in set(text.split()):
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


@l3_4.wrong(
    "characters",
    "You counted characters: a loop over a text runs through its letters. Split it into words first.",
)
def fit_vocab(texts, size):
    counts = {}
    for text in texts:
        for word in text:
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


@l3_4.wrong(
    "encode-unknown-is-padding",
    "You gave unknown words the id 0, so that they look like no word at all. A sentence of strange "
    "words is not an empty one: unknown is 1.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 0) for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-leaves-unknown-out",
    "You left unknown words out, so that the words behind them move up. Each keeps its place and "
    "gets the id 1.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab[word] for word in text.split() if word in vocab][:max_len]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-stops-at-unknown",
    "Your `encode` stops at a word that is not in the dict. In new texts there will always be such "
    "words: they get the id 1.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab[word] for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-learns-new-words",
    "Your `encode` added new words to the dict. So the dict is fitted on every split, validation and "
    "test included, and the new ids have no row in the table: unknown words are 1, all of them.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.setdefault(word, len(vocab) + 2) for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-fits-again",
    "Your `encode` makes a dict of its own from the texts that it is given. Then the same word has "
    "another number in training and in validation. The numbers are those of `vocab`.",
)
def encode(texts, vocab, max_len):
    words = sorted(set(" ".join(texts).split()))
    own = {word: i for i, word in enumerate(words, 2)}
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [own[word] for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-pads-in-front",
    "Your zeros stand in front of the words. Here they stand behind: a sentence's first word is in "
    "column 0.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
        ids_BT[row, max_len - len(ids) :] = ids
    return ids_BT


@l3_4.wrong(
    "encode-keeps-the-end",
    "Of long texts you kept the last words. Asked for are the first max_len. (Which end is better is "
    "a question for an experiment; here both sides must do the same.)",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()[-max_len:]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-as-wide-as-the-longest",
    "Your table is as wide as the longest of these texts. Another batch then has another width: "
    "there are always max_len columns.",
)
def encode(texts, vocab, max_len):
    longest = min(max_len, max(len(text.split()) for text in texts))
    ids_BT = np.zeros((len(texts), longest), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()[:longest]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-floats",
    "The numbers are right, but they are floats: `np.zeros` makes floats unless told otherwise. A "
    "float can't be an index, so it fetches no row of a table.",
)
def encode(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len))
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT


@l3_4.wrong(
    "encode-one-row-many-times",
    "All your rows are one and the same list, so each text overwrites the one before: "
    "`[row] * n` does not copy. Make a new row for each text.",
)
def encode(texts, vocab, max_len):
    rows = [[0] * max_len] * len(texts)
    for row, text in zip(rows, texts, strict=True):
        for t, word in enumerate(text.split()[:max_len]):
            row[t] = vocab.get(word, 1)
    return np.array(rows)


# --------------------------------------------------------------------------- L3.5

l3_5 = Exercise(
    id="L3.5",
    title="Train it, and believe the right number",
    functions=("train_epoch", "train"),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "`train_epoch`: draw an order of all sentences, cut it into pieces of batch_size, and take "
        "one step for each piece. `train`: after every epoch ask the validation sentences; keep what "
        "was best; ask the test sentences when all is over.",
        "One order for ids and labels, so that they stay together, drawn anew in every epoch from "
        "the `rng` you are given. `gradients` adds up: what must the sum be divided by, also in a "
        "last piece that is smaller? In `train`, which of the three parts may decide anything?",
        "`order = rng.permutation(len(y_N))`, then `batch = order[start : start + batch_size]` in a "
        "loop over `range(0, len(y_N), batch_size)`; divide every sum by `len(batch)`. In `train`, "
        "remember the parameters whenever the validation accuracy is above the best so far, and "
        'call `accuracy(best_params, *data["test"])` once, in the last line.',
    ),
)


def seen_in_an_epoch(train_epoch, y_N, batch_size, seed, what):
    """What the gradients before each step were asked about; sentence i has the ids (i, i).

    A label is a number of stars, from 0 to 10.
    """
    ids_N2 = np.stack([np.arange(len(y_N))] * 2, axis=1)
    asked, batches, orders = [], [], []

    def gradients(params, ids_BT, y_B):
        asked.extend(zip(np.array(ids_BT)[:, 0].tolist(), np.array(y_B).tolist(), strict=True))
        return {"p": np.zeros(1)}

    def step(params, grads, state):
        batches.append(asked.copy())
        asked.clear()
        return params, state

    rng = np.random.default_rng(seed)
    for _ in range(3):
        batches.clear()
        train_epoch({"p": np.zeros(1)}, None, ids_N2, y_N, gradients, step, batch_size, rng)
        orders.append([i for batch in batches for i, _ in batch])
    if what == "sentences":
        return np.sort(orders[-1])
    if what == "labels":
        return np.array([y for _, y in sorted(pair for batch in batches for pair in batch)])
    if what == "sizes":
        return np.array([len(batch) for batch in batches])
    if what == "one label":
        return sum(len({y for _, y in batch}) == 1 for batch in batches)
    if what == "stars in all batches":
        return np.array([all(y in [s for _, s in batch] for batch in batches) for y in range(11)])
    return sum(order == orders[0] for order in orders[1:])


def with_constant_gradients(train_epoch, g_ND, ids_NT, y_N, batch_size, lr, seed):
    """Sentence i always has the gradient g_ND[i]; its first id is i."""

    def gradients(params, ids_BT, y_B):
        return {"p": g_ND[ids_BT[:, 0]].sum(axis=0), "b": np.array([float(len(y_B))])}

    def step(params, grads, state):
        return {name: params[name] - lr * grads[name] for name in params}, state + 1

    params = {"p": np.zeros(g_ND.shape[1]), "b": np.zeros(1)}
    rng = np.random.default_rng(seed)
    return train_epoch(params, 0, ids_NT, y_N, gradients, step, batch_size, rng)


def halfway_to_the_goal(train_epoch, start, n, batch_size, seed):
    """Every sentence pulls each number towards 0; a step goes half the way and counts itself."""
    ids_NT, y_N = np.ones((n, 3), dtype=int), np.arange(n) % 2

    def gradients(params, ids_BT, y_B):
        return {"p": len(y_B) * params["p"]}

    def step(params, grads, state):
        return {"p": params["p"] - grads["p"] / 2}, {"steps": state["steps"] + 1}

    params, state = {"p": start}, {"steps": 10}
    rng = np.random.default_rng(seed)
    params, state = train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng)
    return params["p"], state["steps"]


def a_training(train, accuracies_PE, what, sizes=(7, 5, 4), steps=0):
    """A training whose accuracies are known: rows train, validation, test; a column per epoch.

    Column 0 is before the first epoch. The parameters are the number of epochs that made them, the
    state is `steps` more.
    """
    data = {}
    for part, (name, n) in enumerate(zip(("train", "validation", "test"), sizes, strict=True)):
        data[name] = np.full((n, 3), part + 2), np.arange(n) % 2
    trained, looks = [], []

    def one_epoch(params, state, ids_NT, y_N):
        trained.append([len(y_N), int(ids_NT[0, 0]) - 2, int(params["p"][0]), state["steps"]])
        return {"p": params["p"] + 1}, {"steps": state["steps"] + 1}

    def accuracy(params, ids_NT, y_N):
        part = int(ids_NT[0, 0]) - 2
        looks.append(part)
        return float(accuracies_PE[part, int(params["p"][0])])

    epochs = accuracies_PE.shape[1] - 1
    start = {"p": np.zeros(1)}, {"steps": steps}
    best, history, tested = train(*start, data, one_epoch, accuracy, epochs)
    if what == "history":
        return np.array([float(a) for a in history])
    if what == "best":
        return int(best["p"][0])
    if what == "test":
        return float(tested)
    if what == "looks":
        return sum(part == 2 for part in looks)
    return np.array(trained)


def accuracies(rng: np.random.Generator, epochs: int) -> np.ndarray:
    """Accuracies of two digits, (3, epochs + 1), as of a model that learns by heart.

    On the training sentences they grow. On validation and test sentences they reach their highest
    in epochs that differ, neither of them the first or the last, and after an earlier decline.
    """
    train_E = 0.5 + np.sort(rng.choice(np.arange(2, 49), epochs + 1, replace=False)) / 100
    peaks = rng.choice(np.arange(3, epochs), 2, replace=False)
    rows = [train_E]
    for peak in peaks:
        row_E = 0.5 + rng.choice(np.arange(5, 20), epochs + 1, replace=False) / 100
        row_E[0] = 0.5
        row_E[1], row_E[2] = max(row_E[1:3]), min(row_E[1:3])
        row_E[peak] = 0.72 + rng.integers(0, 6) / 100
        rows.append(row_E)
    return np.round(np.array(rows), 2)


@l3_5.checks
def l3_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(1000))
    by_label = np.repeat([1, 0], 120)
    stars = fresh.choice(np.arange(11), fresh.integers(3, 6), replace=False)
    by_stars = np.repeat(np.sort(stars)[::-1], 80)  # in batches of 80: none will lack one by chance
    labels = (rng.random(23) < 0.5).astype(int)
    yield Check(
        "train_epoch: every sentence once, with its own label",
        points=2,
        calls=[
            probe(
                seen_in_an_epoch,
                labels,
                5,
                seed,
                "sentences",
                says="The numbers of the sentences that one epoch used, sorted,",
            ),
            probe(
                seen_in_an_epoch,
                labels,
                5,
                seed,
                "labels",
                says="The labels that came with sentences 0, 1, 2, …",
            ),
            probe(
                seen_in_an_epoch,
                labels,
                5,
                seed,
                "sizes",
                says="The list of the sizes of the batches",
            ),
        ],
        says="An epoch goes once through all sentences, batch_size at a time; the last batch may be "
        "smaller. Ids and label of a sentence stay together.",
    )
    yield Check(
        "train_epoch: shuffled, in every epoch anew",
        points=2,
        calls=[
            probe(
                seen_in_an_epoch,
                by_label,
                24,
                seed,
                "one label",
                says="Of sentences sorted by label, the number of batches with one label only",
            ),
            probe(
                seen_in_an_epoch,
                by_label,
                24,
                seed,
                "same order",
                says="Of two further epochs, the number with the same order as the first",
            ),
            probe(
                seen_in_an_epoch,
                by_stars,
                80,
                seed,
                "stars in all batches",
                says="Of sentences sorted by their stars, whether every batch had some with 0 stars, "
                "with 1, … with 10",
            ),
        ],
        says="Our sentences are sorted: first all praise, then all blame. A model that meets them in "
        "this order ends each epoch certain that everything is blame.",
    )
    g_ND, g_1D = normal(rng, 24, 3), np.repeat(normal(rng, 1, 3), 11, axis=0)
    inputs = []
    for g in (g_ND, g_1D):
        ids_NT = np.stack([np.arange(len(g)), rng.integers(2, 9, len(g))], axis=1)
        inputs.append((g, ids_NT, (rng.random(len(g)) < 0.5).astype(int)))
    yield Check(
        "train_epoch: a step follows the mean gradient",
        points=2,
        judges="inputs untouched",
        calls=[
            probe(
                with_constant_gradients,
                *inputs[0],
                4,
                0.1,
                seed,
                says="Where one epoch of constant gradients, in batches of 4, leads, and in how many steps",
            ),
            probe(
                with_constant_gradients,
                *inputs[1],
                4,
                0.5,
                seed,
                says="Where an epoch of equal gradients, in batches of 4, 4 and 3, leads, and in how many "
                "steps",
            ),
        ],
        says="`gradients` adds up over the batch. With the sum, a batch twice as large makes a step "
        "twice as long, and the learning rate would have to know the size of the batch.",
    )
    yield Check(
        "train_epoch: each step starts where the last one ended",
        points=1,
        calls=[
            probe(
                halfway_to_the_goal,
                normal(rng, 3),
                12,
                4,
                seed,
                says="What three steps, each half the way to 0, and a counter that began at 10, end as",
            ),
            probe(
                halfway_to_the_goal,
                normal(rng, 2),
                13,
                4,
                seed,
                says="What four steps, each half the way to 0, and a counter that began at 10, end as",
            ),
        ],
        says="Parameters and state go from batch to batch, and both are returned.",
    )
    curves = accuracies(rng, 7)
    tie = np.array(
        [[0.5, 0.6, 0.7, 0.8, 0.9], [0.5, 0.6, 0.7, 0.7, 0.6], [0.5, 0.5, 0.6, 0.8, 0.7]]
    )
    falling = np.array([[0.6, 0.8, 0.9], [0.7, 0.6, 0.5], [0.7, 0.5, 0.6]])
    more = [accuracies(fresh, int(fresh.integers(9, 13))) for _ in range(3)]
    sizes = fresh.choice(np.arange(6, 30), 3, replace=False).tolist()
    before = int(fresh.integers(2, 20))
    of_each_epoch = (
        "For each epoch how many sentences it got, of which part (0 for training), and how many "
        "epochs had gone into its parameters and its state:"
    )
    yield Check(
        "train: goes on from epoch to epoch, on training sentences",
        points=1,
        calls=[
            probe(a_training, falling, "epochs", says=of_each_epoch),
            probe(a_training, curves, "epochs", says=of_each_epoch),
            probe(
                a_training,
                accuracies(fresh, int(fresh.integers(5, 9))),
                "epochs",
                sizes,
                before,
                says=f"{of_each_epoch[:-1]}, which began with {before}:",
            ),
        ],
        says="Each epoch starts from what the one before returned. Validation and test sentences are "
        "for measuring only: who has learned an answer by heart proves nothing with it.",
    )
    yield Check(
        "train: the history is that of the validation sentences",
        points=1,
        calls=[
            probe(a_training, accuracies_PE, "history", says="The history")
            for accuracies_PE in (falling, tie, curves)
        ],
        says="One accuracy for each epoch, measured after it on the validation sentences. On the "
        "training sentences it would go on growing while the model learns them by heart.",
    )
    yield Check(
        "train: the best epoch is chosen on validation",
        points=1,
        calls=[
            probe(a_training, accuracies_PE, "best", says="The epoch whose parameters came back")
            for accuracies_PE in (falling, tie, curves, *more)
        ],
        says="The parameters returned are those after the epoch with the highest validation "
        "accuracy, of equals the first.",
    )
    yield Check(
        "train: the test sentences are asked once",
        points=1,
        calls=[
            *[
                probe(a_training, accuracies_PE, "test", says="The test accuracy")
                for accuracies_PE in (tie, curves)
            ],
            probe(a_training, curves, "looks", says="The number of looks at the test sentences"),
            *[
                probe(a_training, accuracies_PE, "test", says="The test accuracy")
                for accuracies_PE in more[:2]
            ],
        ],
        says="When everything is decided, the chosen parameters are measured on the test sentences, "
        "and that number stands. Who looks earlier begins to choose by it.",
    )


@l3_5.right("train_epoch: np.split at the borders")
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = np.arange(len(ids_NT))
    rng.shuffle(order)
    for batch in np.split(order, range(batch_size, len(order), batch_size)):
        total = gradients(params, ids_NT[batch], y_N[batch])
        mean = {name: array * (1 / len(batch)) for name, array in total.items()}
        params, state = step(params, mean, state)
    return params, state


@l3_5.right("train_epoch: shuffled copies, a while loop")
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = np.argsort(rng.random(len(y_N)))
    ids, y = ids_NT[order], y_N[order]
    while len(y):
        grads = gradients(params, ids[:batch_size], y[:batch_size])
        n = len(y[:batch_size])
        params, state = step(params, {k: g / n for k, g in grads.items()}, state)
        ids, y = ids[batch_size:], y[batch_size:]
    return params, state


@l3_5.right("train_epoch: sentence by sentence")
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    left = [int(i) for i in rng.choice(len(y_N), len(y_N), replace=False)]
    while left:
        batch = [left.pop() for _ in range(min(batch_size, len(left)))]
        sums = None
        for i in batch:
            one = gradients(params, ids_NT[i : i + 1], y_N[i : i + 1])
            sums = one if sums is None else {k: sums[k] + one[k] for k in one}
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.right("train: all epochs kept, then argmax")
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, data["train"][0], data["train"][1])
        kept.append(params)
        history.append(accuracy(params, data["validation"][0], data["validation"][1]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, data["test"][0], data["test"][1])


@l3_5.right("train: a while loop, an array")
def train(params, state, data, one_epoch, accuracy, epochs):
    curve = np.zeros(epochs)
    epoch, best = 0, None
    while epoch < epochs:
        params, state = one_epoch(params, state, *data["train"])
        curve[epoch] = accuracy(params, *data["validation"])
        if best is None or curve[epoch] > best[0]:
            best = curve[epoch], {name: array.copy() for name, array in params.items()}
        epoch += 1
    return best[1], curve, accuracy(best[1], *data["test"])


for line in (
    "order_N = -rng.permutation(len(y_N))",
    "batch = -order_N[start : start + batch_size]",
):
    l3_5.allow_mutant(
        after=line,
        reason="The indexes 0, −1, … −(N − 1) name each of N sentences once as well: a shuffle too.",
    )
l3_5.allow_mutant(
    after="for start in range(0, len(order_N), batch_size):",
    reason="There are as many places in the order as there are labels.",
)


@l3_5.wrong(
    "not-shuffled",
    "You took the sentences in the order in which they come, and they come sorted: first all praise, "
    "then all blame. Most batches then have one label only. Draw an order from `rng`.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    for start in range(0, len(y_N), batch_size):
        ids_BT, y_B = ids_NT[start : start + batch_size], y_N[start : start + batch_size]
        sums = gradients(params, ids_BT, y_B)
        params, state = step(params, {k: sums[k] / len(y_B) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "batches-shuffled-not-sentences",
    "You shuffled the batches and left the sentences in them where they were: a batch still has "
    "neighbours of one label only. Shuffle the sentences, then cut.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    starts = np.arange(0, len(y_N) - batch_size + 1, batch_size)
    rest = len(y_N) % batch_size
    for start in [*rng.permutation(starts), *([len(y_N) - rest] if rest else [])]:
        batch = np.arange(start, min(start + batch_size, len(y_N)))
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "same-order-every-epoch",
    "You made a generator with a fixed seed of your own, so that every epoch has the same order and "
    "the same batches. Draw from the `rng` that you are given: it goes on where it stopped.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "labels-shuffled-apart",
    "You shuffled the ids and left the labels where they were, so that each sentence gets the label "
    "of another. One order for both.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    ids_NT = ids_NT[rng.permutation(len(y_N))]
    for start in range(0, len(y_N), batch_size):
        ids_BT, y_B = ids_NT[start : start + batch_size], y_N[start : start + batch_size]
        sums = gradients(params, ids_BT, y_B)
        params, state = step(params, {k: sums[k] / len(y_B) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "drawn-with-replacement",
    "You drew each batch from all sentences anew, so that an epoch uses some of them twice and "
    "others not at all. Draw one order of all, and cut it into batches.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    for start in range(0, len(y_N), batch_size):
        batch = rng.integers(0, len(y_N), min(batch_size, len(y_N) - start))
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "last-batch-dropped",
    "You left the sentences out that did not fill a whole batch. An epoch uses all of them; the last "
    "batch may be smaller.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    for k in range(len(y_N) // batch_size):
        batch = order[k * batch_size : (k + 1) * batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "one-batch-only",
    "You took one step in the whole epoch. Go on until every sentence has had its turn.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    batch = rng.permutation(len(y_N))[:batch_size]
    sums = gradients(params, ids_NT[batch], y_N[batch])
    return step(params, {k: sums[k] / len(batch) for k in sums}, state)


@l3_5.wrong(
    "summed-gradients",
    "You stepped with the sum over the batch. A batch of 32 then makes steps 32 times as long, and a "
    "learning rate found for the mean no longer fits: divide by the number of sentences.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        params, state = step(params, gradients(params, ids_NT[batch], y_N[batch]), state)
    return params, state


@l3_5.wrong(
    "divided-by-batch-size",
    "You divided by batch_size in the last batch too, although it has fewer sentences: its step is "
    "too short. Divide by how many there really are.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / batch_size for k in sums}, state)
    return params, state


@l3_5.wrong(
    "divided-by-all-sentences",
    "You divided by the number of all sentences. The sum runs over one batch: divide by its size.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(y_N) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "gradients-at-the-old-parameters",
    "All gradients of your epoch were taken at the parameters it began with. After a step, ask again "
    "at the new place.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    start_params, order = params, rng.permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        sums = gradients(start_params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "state-forgotten",
    "You gave every step the state that the epoch began with. Momentum and Adam then start from "
    "nothing at each batch: take the new state along.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    new_state = state
    for start in range(0, len(y_N), batch_size):
        batch = order[start : start + batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, new_state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, new_state


@l3_5.wrong(
    "shuffles-the-callers-arrays",
    "You shuffled the caller's own arrays. Whoever wants to know which sentence stood in a row can't "
    "find it any more: shuffle an array of indexes.",
)
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    order = rng.permutation(len(y_N))
    ids_NT[:], y_N[:] = ids_NT[order], y_N[order]
    for start in range(0, len(y_N), batch_size):
        ids_BT, y_B = ids_NT[start : start + batch_size], y_N[start : start + batch_size]
        sums = gradients(params, ids_BT, y_B)
        params, state = step(params, {k: sums[k] / len(y_B) for k in sums}, state)
    return params, state


@l3_5.wrong(
    "evaluates-on-train",
    "You measured on the training sentences. There the number only grows, for the model learns them "
    "by heart: what does it say about a sentence that it has never met?",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    best_params, history = params, []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        history.append(accuracy(params, *data["train"]))
        if history[-1] == max(history):
            best_params = params
    return best_params, history, accuracy(best_params, *data["test"])


@l3_5.wrong(
    "tests-on-train",
    "Your test accuracy was measured on the training sentences. The last word belongs to sentences "
    "that had no say in anything before: the test part.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["train"])


@l3_5.wrong(
    "epoch-picked-on-test",
    "You picked the epoch that does best on the test sentences. Then the test has decided something, "
    "and its accuracy is the best of many tries. Pick on validation, look at the test once.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history, tested = [], [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
        tested.append(accuracy(params, *data["test"]))
    return kept[int(np.argmax(tested))], history, max(tested)


@l3_5.wrong(
    "test-for-validation",
    "Your history is that of the test sentences, and you picked the epoch by it. Once used for "
    "choosing, they can't say any more how good the choice is: that is what the validation part is "
    "for.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["test"]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["test"])


@l3_5.wrong(
    "test-looked-at-in-every-epoch",
    "You measured the test sentences after every epoch. The number you return is right, but whoever "
    "sees that curve can't help choosing by it: look once, when everything is decided.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history, tested = [], [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
        tested.append(accuracy(params, *data["test"]))
    best = int(np.argmax(history))
    return kept[best], history, tested[best]


@l3_5.wrong(
    "validation-called-test",
    "You returned the best validation accuracy in place of the test accuracy. It is the highest of "
    "several tries, so luck is in it; the test sentences had no part in the choice.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
    return kept[int(np.argmax(history))], history, max(history)


@l3_5.wrong(
    "last-epoch",
    "You returned the parameters of the last epoch, although an earlier one did better on "
    "validation. Remember the parameters whenever the accuracy is above the best so far.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    history = []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        history.append(accuracy(params, *data["validation"]))
    return params, history, accuracy(params, *data["test"])


@l3_5.wrong(
    "tests-the-last-epoch",
    "You returned the best epoch's parameters, and beside them the test accuracy of the last epoch. "
    "The number must belong to the parameters.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
    return kept[int(np.argmax(history))], history, accuracy(params, *data["test"])


@l3_5.wrong(
    "last-of-equals",
    "Of two epochs that did equally well you took the later one. Asked for is the first: what was "
    "learned after it brought nothing.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    history, best_params = [], params
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        history.append(accuracy(params, *data["validation"]))
        if history[-1] >= max(history):
            best_params = params
    return best_params, history, accuracy(best_params, *data["test"])


@l3_5.wrong(
    "stops-at-the-first-decline",
    "You stopped when the accuracy fell for the first time. A curve from 1000 sentences wobbles by "
    "chance: go through all epochs, and choose then.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    history, best_params = [], params
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        history.append(accuracy(params, *data["validation"]))
        if history[-1] < max(history):
            break
        if history.count(history[-1]) == 1:
            best_params = params
    return best_params, history, accuracy(best_params, *data["test"])


@l3_5.wrong(
    "measures-before-the-epoch",
    "You measured before each epoch, so that your history begins with what nobody has trained and "
    "ends without the last epoch.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
        params, state = one_epoch(params, state, *data["train"])
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["test"])


@l3_5.wrong(
    "starts-each-epoch-anew",
    "Every epoch of yours starts from the parameters of the very beginning, so that nothing is "
    "learned from one to the next.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        trained, _ = one_epoch(params, state, *data["train"])
        kept.append(trained)
        history.append(accuracy(trained, *data["validation"]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["test"])


@l3_5.wrong(
    "state-starts-anew",
    "The parameters go on from epoch to epoch, but the optimiser's state starts from the beginning "
    "each time. Take the new state along.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    kept, history = [], []
    for _ in range(epochs):
        params, _ = one_epoch(params, state, *data["train"])
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["test"])


@l3_5.wrong(
    "trains-on-everything",
    "You trained on validation and test sentences as well. What is then measured on them is memory: "
    "the model has been told these very answers.",
)
def train(params, state, data, one_epoch, accuracy, epochs):
    ids_NT = np.concatenate([data[part][0] for part in ("train", "validation", "test")])
    y_N = np.concatenate([data[part][1] for part in ("train", "validation", "test")])
    kept, history = [], []
    for _ in range(epochs):
        params, state = one_epoch(params, state, ids_NT, y_N)
        kept.append(params)
        history.append(accuracy(params, *data["validation"]))
    best = kept[int(np.argmax(history))]
    return best, history, accuracy(best, *data["test"])


EXERCISES = (l3_1, l3_2, l3_3, l3_4, l3_5)
