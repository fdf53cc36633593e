"""Lesson 4: the checks, the right variants and the misconceptions of its five exercises.

Sizes are T queries, S keys and values, K wide keys, V wide values, B sentences, H heads, N patterns.
They differ, and none is the square of another, unless a check says otherwise: with four keys of
width 4, √S passes for √K. Queries and keys are standard normal, so that scores divided by √K have a
standard deviation of about 1 and a wrong divisor shows in every weight; scores of ±1000 stand apart,
with tolerances that grow with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    between,
    call,
    every_layout,
    float32,
    normal,
    probe,
    read_only,
    seeded,
    strided,
    uniform,
)
from autograder.authoring.exercise import CallOf

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

# --------------------------------------------------------------------------- L4.1

l4_1 = Exercise(
    id="L4.1",
    title="Scaled dot-product attention",
    functions=("scaled_dot_attention",),
    difficulty=2,
    importance=5,
    minutes=12,
    hints=(
        "It is lesson 1's three moves, for T queries at once: score, normalise, mix. Write down the "
        "shape after each: from (T, K) and (S, K) to the scores, to the weights, to the outputs "
        "(T, V). Which axis has to disappear in which move?",
        "Three results: e_TS, every query dotted with every key and divided by the root of how many "
        "numbers a key has; w_TS, a softmax of each row, that is over the keys; o_TV, for each query "
        "the values in the shares of its row.",
        "In `q_TK @ k_SK.T` the axis K disappears and (T, S) is left. Divide by "
        "`q_TK.shape[1] ** 0.5`. Take the softmax of lesson 2 along the last axis, with the "
        "maximum of each row subtracted and `keepdims=True`. The outputs are `w_TS @ v_SV`, and the "
        "outputs come first in the return.",
    ),
)


@l4_1.checks
def l4_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    axes = Axes()
    q_14 = np.array([[2.0, 1.0, 0.0, -1.0]])
    k_34 = np.array([[2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 3.0, 0.0], [-1.0, 2.0, 0.0, 2.0]])
    by_hand = call("scaled_dot_attention", q_14, k_34, np.array([[10.0, 1.0], [20.0, 2], [60, 4]]))
    yield Check(
        "one query, three keys, by hand",
        points=1,
        calls=[
            by_hand,
            call("scaled_dot_attention", 0 * q_14, k_34, np.array([[6.0], [1.0], [2.0]])),
            call(
                "scaled_dot_attention",
                normal(fresh, 1, 4, decimals=1),
                normal(fresh, 3, 4, decimals=1),
                uniform(fresh, -9, 9, 3, 2, decimals=0),
            ),
        ],
        says="The products are 4, 0 and −2, the keys are 4 wide, so the scores are 2, 0 and −1. A "
        "query of zeros likes all keys alike.",
    )
    q_TK, k_SK, v_SV = axes.normal(rng, "TK"), axes.normal(rng, "SK"), axes.normal(rng, "SV")
    several = call("scaled_dot_attention", q_TK, k_SK, v_SV)
    yield Check(
        "five queries, seven keys: the weights",
        points=1,
        part=1,
        calls=[several],
        says="Row t holds the weights of query t: one for each key, positive, of sum 1.",
    )
    yield Check(
        "five queries, seven keys: the outputs",
        points=1,
        part=0,
        calls=[several],
        says="Row t is the mean of the values, each in the share that query t's weights say.",
    )
    wide = 90
    yield Check(
        "keys of any width",
        points=1,
        calls=[
            call(
                "scaled_dot_attention",
                normal(rng, 3, wide),
                normal(rng, 5, wide),
                axes.normal(rng, "TV"),
            ),
            call(
                "scaled_dot_attention", normal(rng, 4, 2), normal(rng, 7, 2), axes.normal(rng, "SV")
            ),
            call("scaled_dot_attention", normal(rng, 6, 1), normal(rng, 3, 1), normal(rng, 3, 2)),
        ],
        says=f"The products of {wide} wide keys spread about nine times as far as those of width 1. "
        "The divisor takes that out, and nothing else.",
    )
    square = [normal(rng, 5, 5) for _ in range(3)]
    yield Check(
        "square arrays, where wrong axes fit too",
        points=1,
        calls=[
            call("scaled_dot_attention", *square),
            call("scaled_dot_attention", normal(rng, 3, 3), normal(rng, 4, 3), normal(rng, 4, 3)),
        ],
        says="With T = S = K = V no mix-up of axes raises an error, and NumPy can't know what was "
        "meant.",
    )
    offset_K = np.where(np.arange(6) % 2, -700.0, 700.0)
    shifted_TK = normal(rng, 5, 6) + np.where(np.arange(6) % 2, -1.0, 1.0)
    yield Check(
        "scores in the thousands",
        points=1,
        calls=[
            call("scaled_dot_attention", shifted_TK, k_SK + offset_K, v_SV, tolerance=LARGE),
            call("scaled_dot_attention", -shifted_TK, k_SK + offset_K, v_SV, tolerance=LARGE),
            call("scaled_dot_attention", 400 * q_TK, k_SK, v_SV, tolerance=LARGE),
            call(
                "scaled_dot_attention",
                *(float32(a) for a in (400 * q_TK, k_SK, v_SV)),
                tolerance=LARGE_32,
            ),
        ],
        says="Who adds one and the same vector to all keys changes no weight, and no exponential may "
        "overflow: subtract each row's largest score first, as in lesson 2.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("scaled_dot_attention", *each)
            for each in every_layout(axes.normal(rng, "TK"), axes.normal(rng, "SK"), v_SV)
        ],
        says="Queries and keys are used again after this, and real arrays come as parts of larger "
        "ones, or locked.",
    )


@l4_1.right("a loop over queries and keys")
def scaled_dot_attention(q_TK, k_SK, v_SV):
    T, K = q_TK.shape
    S, V = v_SV.shape
    w_TS = np.zeros((T, S))
    o_TV = np.zeros((T, V))
    for t in range(T):
        scores = [sum(q_TK[t, i] * k_SK[s, i] for i in range(K)) / K**0.5 for s in range(S)]
        exps = [np.exp(score - max(scores)) for score in scores]
        for s in range(S):
            w_TS[t, s] = exps[s] / sum(exps)
            o_TV[t] += w_TS[t, s] * v_SV[s]
    return o_TV, w_TS


@l4_1.right("einsum, the queries shrunk first")
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = np.einsum("tk,sk->ts", q_TK * q_TK.shape[-1] ** -0.5, k_SK)
    e_TS = e_TS - e_TS.max(-1)[:, None]
    w_TS = np.exp(e_TS) / np.exp(e_TS).sum(-1)[:, None]
    return np.einsum("ts,sv->tv", w_TS, v_SV), w_TS


@l4_1.right("keys as rows, through the log-sum-exp")
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_ST = np.dot(k_SK, q_TK.T) / np.sqrt(len(k_SK[0]))
    w_ST = np.exp(e_ST - np.logaddexp.reduce(e_ST, axis=0))
    return w_ST.T @ v_SV, w_ST.T


@l4_1.right("one query at a time, mixed before the division")
def scaled_dot_attention(q_TK, k_SK, v_SV):
    outputs, weights = [], []
    for q_K in q_TK:
        e_S = k_SK @ q_K / np.sqrt(q_K.size)
        exp_S = np.exp(e_S - np.max(e_S))
        outputs.append(exp_S @ v_SV / exp_S.sum())
        weights.append(exp_S / exp_S.sum())
    return np.stack(outputs), np.stack(weights)


LAST = "The array has two axes: axis 1 is the last one."
for line in (
    "exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))",
    "w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)",
):
    l4_1.allow_mutant(after=line, reason=LAST)
l4_1.allow_mutant(
    after="exp_TS = -np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l4_1.wrong(
    "no-scale",
    "Your scores are the plain products q·k: nothing is divided by the root of the keys' width. The "
    "wider the keys, the more your weights go to a single one. By what does the spread of a sum of K "
    "products grow?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "divides-by-d",
    "You divided by the keys' width itself, not by its root, and your weights are too alike. A sum of "
    "K independent products has K times the variance of one: how much more does it spread?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / q_TK.shape[1]
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "root-of-the-number-of-keys",
    "You divided by the root of the number of keys S. How far a product q·k spreads has nothing to do "
    "with how many keys there are: over which axis does the dot product sum?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(k_SK.shape[0])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "root-of-the-number-of-queries",
    "You divided by the root of the number of queries T. Then a query's weights depend on how many "
    "others ask beside it. Over which axis does the dot product sum?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(len(q_TK))
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "root-of-the-value-width",
    "You divided by the root of the values' width V. Values take no part in the scores: which axis "
    "do queries and keys share?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(v_SV.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "multiplies-by-the-root",
    "You multiplied the products by √K. They are too far apart already: which way should the root "
    "move them?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T * np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "scale-after-softmax",
    "You divided the finished weights by √K, so that they no longer sum to 1. The division belongs "
    "to the scores: what comes first, making scores moderate or making shares of them?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True) / np.sqrt(q_TK.shape[1])
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "softmax-over-the-queries",
    "Your columns sum to 1, not your rows: you let the queries compete for each key. Each query has "
    "one whole to hand out. To whom, and along which axis do they lie?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=0, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=0, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "softmax-over-everything",
    "All your weights together sum to 1: you let all queries share a single whole. Each query, each "
    "row, has a whole of its own.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max())
    w_TS = exp_TS / exp_TS.sum()
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "keys-as-values",
    "You mixed the keys, and v_SV was never used. Keys only say who is meant; what is handed out are "
    "the values, which may have another width. Which of the three should stand behind the weights?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ k_SK, w_TS


@l4_1.wrong(
    "queries-and-keys-swapped",
    "You let the keys ask and the queries answer: your weights have a row for each key. With T = S it "
    "runs unnoticed. Who asks, and so gets a row and an output?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_ST = k_SK @ q_TK.T / np.sqrt(q_TK.shape[1])
    exp_ST = np.exp(e_ST - e_ST.max(axis=1, keepdims=True))
    w_ST = exp_ST / exp_ST.sum(axis=1, keepdims=True)
    return w_ST @ v_SV, w_ST


@l4_1.wrong(
    "keys-not-turned",
    "`q_TK @ k_SK` pairs the queries' numbers with the keys' rows: an error in general, and wrong "
    "numbers if S = K. Both arrays have one vector a row, so one has to be turned first.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "winner-takes-all",
    "Each of your queries gives all its weight to the best key, as a dictionary does. Softmax is "
    "softer: every key keeps a share, and the shares change smoothly with the scores.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    w_TS = (e_TS == e_TS.max(axis=1, keepdims=True)) * 1.0
    w_TS /= w_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "no-softmax",
    "You mixed the values by the raw scores, which may be negative and sum to anything. Which move is "
    "missing between scoring and mixing?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    return e_TS @ v_SV, e_TS


@l4_1.wrong(
    "cosine",
    "You divided each product by the lengths of its query and key, which leaves the cosine. The "
    "formula divides all products by one number, the root of the keys' width: a longer query is "
    "meant to ask more sharply.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    lengths = np.linalg.norm(q_TK, axis=1)[:, None] * np.linalg.norm(k_SK, axis=1)
    e_TS = q_TK @ k_SK.T / np.where(lengths == 0, 1, lengths)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "no-max-subtracted",
    "On moderate scores you are right, but you took the exponential of the scores as they came: a "
    "score of 1000 becomes inf, and inf / inf is nan. What did lesson 2 subtract first?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    exp_TS = np.exp(q_TK @ k_SK.T / np.sqrt(q_TK.shape[1]))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "global-max",
    "You subtracted the largest score of all. A query whose scores lie a thousand below it is left "
    "with 0 / 0. Along which axis should each query find a maximum of its own?",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max())
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@l4_1.wrong(
    "weights-first",
    "You returned the weights first. The docstring asks for the outputs, then the weights.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS, w_TS @ v_SV


@l4_1.wrong(
    "scales-the-callers-queries",
    "The result is right, but `/=` wrote the smaller queries into the caller's own q_TK. Who asks "
    "again gets another answer. Put them into a new array.",
)
def scaled_dot_attention(q_TK, k_SK, v_SV):
    q_TK /= np.sqrt(q_TK.shape[1])
    e_TS = q_TK @ k_SK.T
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


# --------------------------------------------------------------------------- L4.2

l4_2 = Exercise(
    id="L4.2",
    title="Many sentences, many heads, one product",
    functions=("batched_attention",),
    difficulty=3,
    importance=5,
    minutes=12,
    hints=(
        "Take L4.1 line by line and ask of each: does it still mean the last two axes? `.T`, "
        "`shape[1]`, `axis=1` and the tables themselves: which of them counted axes from the front?",
        "The product `@` already does the right thing: it multiplies the last two axes and keeps "
        "those in front. So the keys only need their last two axes exchanged, and everything that "
        "is counted, width and softmax, should be counted from the back.",
        "`np.swapaxes(k_BHSK, -1, -2)` has shape (B, H, K, S). The width is `q_BHTK.shape[-1]`. The "
        "softmax runs along `axis=-1`, with `keepdims=True` for maximum and sum. The outputs are "
        "`w_BHTS @ v_BHSV`.",
    ),
)


@l4_2.checks
def l4_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    axes = Axes()
    q_14 = np.array([[[[2.0, 1.0, 0.0, -1.0]]]])
    k_34 = np.array([[[[2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 3.0, 0.0], [-1.0, 2.0, 0.0, 2.0]]]])
    yield Check(
        "one sentence, one head, by hand",
        points=1,
        calls=[
            call("batched_attention", q_14, k_34, np.array([[[[10.0, 1.0], [20.0, 2], [60, 4]]]])),
            call(
                "batched_attention", *(axes.normal(rng, a)[None, None] for a in ("TK", "SK", "SV"))
            ),
        ],
        says="With B = H = 1 it is L4.1, with two axes of length 1 in front.",
    )
    q, k, v = (axes.normal(rng, letters) for letters in ("BHTK", "BHSK", "BHSV"))
    several = call("batched_attention", q, k, v)
    yield Check(
        "three sentences, two heads: the weights",
        points=1,
        part=1,
        calls=[several],
        says="For each sentence and each head a (T, S) table of its own, each row of sum 1.",
    )
    yield Check(
        "three sentences, two heads: the outputs",
        points=1,
        part=0,
        calls=[several],
        says="For each sentence and each head a (T, V) table of its own.",
    )
    others = [np.concatenate([a[:1], normal(rng, *a[1:].shape)]) for a in (q, k, v)]
    yield Check(
        "no sentence and no head sees another",
        points=1,
        calls=[
            call("batched_attention", *others),
            call("batched_attention", q[::-1], k[::-1], v[::-1]),
            call("batched_attention", q[:, :1], k[:, :1], v[:, :1]),
            call(
                "batched_attention",
                normal(rng, 2, 3, 7, 5),
                normal(rng, 2, 3, 4, 5),
                normal(rng, 2, 3, 4, 6),
            ),
        ],
        says="If all sentences but the first are exchanged, the first one's answers stay; if the "
        "sentences change places, so do the answers.",
    )
    yield Check(
        "axes of equal size, where wrong ones fit too",
        points=1,
        calls=[
            call("batched_attention", *(normal(rng, 2, 2, 2, 2) for _ in range(3))),
            call("batched_attention", *(normal(rng, 3, 3, 3, 3) for _ in range(3))),
            call(
                "batched_attention",
                normal(rng, 4, 2, 5, 3),
                normal(rng, 4, 2, 5, 3),
                normal(rng, 4, 2, 5, 3),
            ),
        ],
        says="With all axes alike no mix-up raises an error, and the numbers alone tell.",
    )
    yield Check(
        "scores in the thousands",
        points=1,
        calls=[
            call("batched_attention", 400 * q, k, v, tolerance=LARGE),
            call(
                "batched_attention",
                q + np.array([200.0, 0.0, -200.0])[:, None, None, None],
                k + np.array([3.0, -1.0])[:, None, None],
                v,
                tolerance=LARGE,
            ),
            call("batched_attention", *(float32(a) for a in (400 * q, k, v)), tolerance=LARGE_32),
        ],
        says="Every row subtracts a maximum of its own; a sentence with large scores beside it "
        "changes nothing.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[call("batched_attention", *each) for each in every_layout(q, k, v)],
        says="Queries and keys of real layers are views of larger arrays, and are used again.",
    )


@l4_2.right("a loop over sentences and heads")
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    B, H, T, K = q_BHTK.shape
    o_BHTV = np.zeros((B, H, T, v_BHSV.shape[3]))
    w_BHTS = np.zeros((B, H, T, k_BHSK.shape[2]))
    for b in range(B):
        for h in range(H):
            e_TS = q_BHTK[b, h] @ k_BHSK[b, h].T / np.sqrt(K)
            for t in range(T):
                exp_S = np.exp(e_TS[t] - e_TS[t].max())
                w_BHTS[b, h, t] = exp_S / exp_S.sum()
            o_BHTV[b, h] = w_BHTS[b, h] @ v_BHSV[b, h]
    return o_BHTV, w_BHTS


@l4_2.right("einsum")
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = np.einsum("bhtk,bhsk->bhts", q_BHTK, k_BHSK) * q_BHTK.shape[-1] ** -0.5
    e = np.exp(e - np.amax(e, axis=3, keepdims=True))
    w = e / np.einsum("bhts->bht", e)[..., None]
    return np.einsum("bhts,bhsv->bhtv", w, v_BHSV), w


@l4_2.right("sentences and heads folded into one axis")
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    B, H, T, K = q_BHTK.shape
    S, V = v_BHSV.shape[2:]
    q, k, v = q_BHTK.reshape(-1, T, K), k_BHSK.reshape(-1, S, K), v_BHSV.reshape(-1, S, V)
    e = np.matmul(q / np.sqrt(K), k.transpose(0, 2, 1))
    w = np.exp(e - np.logaddexp.reduce(e, axis=2, keepdims=True))
    return np.matmul(w, v).reshape(B, H, T, V), w.reshape(B, H, T, S)


@l4_2.right("products written out and summed")
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    products = q_BHTK[:, :, :, None, :] * k_BHSK[:, :, None, :, :]
    e = products.sum(axis=-1) / np.sqrt(q_BHTK.shape[3])
    w = np.exp(e - e.max(axis=-1)[..., None])
    w = w / w.sum(axis=-1)[..., None]
    return (w[..., None] * v_BHSV[:, :, None]).sum(axis=3), w


l4_2.allow_mutant(
    after="exps = -np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l4_2.wrong(
    "T-turns-all-four-axes",
    "`.T` of an array with four axes turns the order of all four round: sentences and heads end up "
    "at the back. Only the last two axes of the keys should change places: what exchanges just two?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ k_BHSK.T / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "keys-not-turned",
    "You multiplied queries and keys as they lie, (T, K) by (S, K): an error in general, and wrong "
    "numbers if S = K. The last two axes of the keys have to change places first.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ k_BHSK / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "sums-over-the-batch",
    "Your scores lost the axis of the sentences: the products of all of them were added up. What one "
    "person writes should not change what another's words mean: which letter has to stay?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e_HTS = np.einsum("bhtk,bhsk->hts", q_BHTK, k_BHSK) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    w = np.broadcast_to(w_HTS, (len(q_BHTK), *w_HTS.shape)).copy()
    return w @ v_BHSV, w


@l4_2.wrong(
    "mixes-the-heads",
    "Every head of yours was scored against the keys of all heads together. A head's queries meet "
    "that head's keys only: is the head's letter the same on both sides of your product?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = np.einsum("bhtk,bgsk->bhts", q_BHTK, k_BHSK) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "mixes-the-heads-values",
    "Your weights are right, but the values of all heads went into every output. Each head hands out "
    "its own values.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return np.einsum("bhts,bgsv->bhtv", w, v_BHSV), w


@l4_2.wrong(
    "weights-turned",
    "Your outputs are right, but the weights you return have the keys before the queries: (S, T). Row "
    "t should be the weights of query t.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, np.swapaxes(w, -1, -2)


@l4_2.wrong(
    "softmax-over-the-queries",
    "Along the queries' axis your weights sum to 1, not along the keys': axis −2 in place of −1. Each "
    "query has one whole to hand out.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-2, keepdims=True))
    w = exps / exps.sum(axis=-2, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "softmax-over-the-heads",
    "Your softmax runs along axis 1. That was the keys' axis in L4.1; with four axes it is the "
    "heads', and now the heads compete. Count from the back.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=1, keepdims=True))
    w = exps / exps.sum(axis=1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "root-of-the-number-of-heads",
    "You divided by the root of `shape[1]`. That was the width in L4.1; with four axes it is the "
    "number of heads. On which axis is the width here, counted from the back?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "root-of-the-number-of-keys",
    "You divided by the root of the number of keys. Over which axis does the dot product sum?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(k_BHSK.shape[-2])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "divides-by-d",
    "You divided by the keys' width itself, not by its root. A sum of K independent products has K "
    "times the variance of one: how much more does it spread?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / q_BHTK.shape[-1]
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "no-scale",
    "The products are not divided by the root of the keys' width. Each head of each sentence is L4.1, "
    "with its divisor.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2)
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "first-sentence-only",
    "Every sentence of yours gets the answers of the first: only index 0 of the batch went into the "
    "scores. Where do the other sentences' queries and keys come in?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e_HTS = q_BHTK[0] @ np.swapaxes(k_BHSK[0], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    w = np.stack([w_HTS] * len(q_BHTK))
    return w @ v_BHSV, w


@l4_2.wrong(
    "first-sentence-returned",
    "You returned the first sentence alone. The result has the axis B as well, with an answer for "
    "every sentence.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e_HTS = q_BHTK[0] @ np.swapaxes(k_BHSK[0], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    return w_HTS @ v_BHSV[0], w_HTS


@l4_2.wrong(
    "first-head-only",
    "All your heads have the weights of the first: only head 0 went into the scores. Heads exist "
    "because they look for different things.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK[:, :1] @ np.swapaxes(k_BHSK[:, :1], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = np.repeat(exps / exps.sum(axis=-1, keepdims=True), q_BHTK.shape[1], axis=1)
    return w @ v_BHSV, w


@l4_2.wrong(
    "no-max-subtracted",
    "On moderate scores you are right, but a score of 1000 becomes inf in the exponential, and "
    "inf / inf is nan. What did lesson 2 subtract first?",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    exps = np.exp(q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1]))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "global-max",
    "You subtracted the largest score of all sentences and heads. A row that lies a thousand below it "
    "is left with 0 / 0: each row needs a maximum of its own.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max())
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


@l4_2.wrong(
    "scales-the-callers-queries",
    "The result is right, but `/=` wrote the smaller queries into the caller's own array. Put them "
    "into a new one.",
)
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    q_BHTK /= np.sqrt(q_BHTK.shape[-1])
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2)
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


# --------------------------------------------------------------------------- L4.3

l4_3 = Exercise(
    id="L4.3",
    title="How far do dot products spread?",
    functions=("score_std",),
    difficulty=2,
    importance=4,
    minutes=10,
    hints=(
        "For one width first: draw n queries and n keys as two (n, width) arrays, and make of them n "
        "numbers, one product q·k for each pair. Which axis has to disappear, and by adding or by "
        "averaging?",
        "`rng.normal(size=(n, width))` draws one of the two arrays. Multiply them number by number, "
        "add up along the axis of the width, and take the standard deviation of the n sums. Then do "
        "the same for every width.",
        "`(q_NK * k_NK).sum(axis=1).std()` is the number for one width. Collect these numbers in a "
        "list, in the order of `widths`, and turn it into an array at the end. The raw products are "
        "asked for: no division by √d.",
    ),
)


def per_root(score_std, widths, seed):
    spread = score_std(widths, 4000, np.random.default_rng(seed))
    return np.asarray(spread, dtype=float) / np.sqrt(widths)


def times_as_far(score_std, widths, seed):
    spread = np.asarray(score_std(widths, 4000, np.random.default_rng(seed)), dtype=float)
    with np.errstate(all="ignore"):  # of a spread of 0
        return spread[1:] / spread[0]


def wobble(score_std, seed, width=1, n=25, times=800):
    rng = np.random.default_rng(seed)
    spread = [float(score_std([width], n, rng)[0]) for _ in range(times)]
    return np.array([np.mean(spread), np.std(spread)])


def follows_its_generator(score_std, seed):
    first, again, other = (
        np.asarray(score_std([3, 5], 40, np.random.default_rng(s)), dtype=float)
        for s in (seed, seed, seed + 1)
    )
    rng = np.random.default_rng(seed)
    calls = [np.asarray(score_std([3, 5], 40, rng), dtype=float) for _ in range(2)]
    return np.array(
        [(first == again).all(), (first == other).any(), (calls[0] == calls[1]).any()], dtype=float
    )


def first_alike(score_std, seeds):
    spread = [np.asarray(score_std([3, 5], 40, np.random.default_rng(s))).tolist() for s in seeds]
    return np.array([spread.index(each) for each in spread])


def wavers(width: int, n: int, seed: int) -> CallOf:
    """How far the results of n pairs waver. Of d products added up, the kurtosis is 3 + 6/d."""
    far = width**0.5
    about = far * ((2 + 6 / width) / (4 * n)) ** 0.5
    return probe(
        wobble,
        seed,
        width,
        n,
        200,
        says=f"Over 200 calls with width {width} and n = {n}, the mean and the standard deviation of "
        "the results",
        expect=between([0.9 * far, 0.6 * about], [1.1 * far, 1.6 * about]),
        tolerance=0.01,
    )


@l4_3.checks
def l4_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(10_000))
    squares = np.square(fresh.permutation([2, 3, 4, 6, 8, 11, 14, 18]))[:4]
    multiples = [5, *(5 * fresh.permutation([2, 3, 4, 6, 9, 13, 19, 28]))[:4]]
    widths = fresh.permutation([2, 4, 9, 20, 45, 100, 160])[:3].tolist()
    pairs = fresh.permutation([16, 25, 40, 60])[:3].tolist()
    seeds = fresh.permutation(np.repeat(fresh.choice(99, 5, replace=False), [3, 2, 2, 2, 1]))
    yield Check(
        "one number for each width, in order",
        points=1,
        calls=[
            call("score_std", [16], 4000, seeded(seed), expect=between(3.5, 4.5), tolerance=0.01),
            call(
                "score_std",
                [81, 4, 25],
                4000,
                seeded(seed + 1),
                expect=between([8.1, 1.75, 4.4], [9.9, 2.25, 5.6]),
                tolerance=0.01,
            ),
            call(
                "score_std",
                squares.tolist(),
                4000,
                seeded(seed + 5),
                expect=between(0.89 * np.sqrt(squares), 1.11 * np.sqrt(squares)),
                tolerance=0.01,
            ),
        ],
        says="An array with as many numbers as there are widths.",
    )
    yield Check(
        "grows like the root of the width",
        points=1,
        calls=[
            probe(
                per_root,
                [4, 16, 64, 256],
                seed + 2,
                says="The spread divided by √width",
                expect=between(0.9, 1.1),
                tolerance=0.01,
            ),
            probe(
                times_as_far,
                [int(width) for width in multiples],
                seed + 6,
                says="How many times as far as for the first width the products spread for the others",
                expect=between(
                    0.9 * np.sqrt(multiples[1:]) / multiples[0] ** 0.5,
                    1.1 * np.sqrt(multiples[1:]) / multiples[0] ** 0.5,
                ),
                tolerance=0.01,
            ),
        ],
        says="A sum of d independent products, each of variance 1, has the variance d.",
    )
    yield Check(
        "draws from the generator it is given",
        points=1,
        calls=[
            probe(
                follows_its_generator,
                seed + 4,
                says="Whether (1 is yes) equal seeds give equal numbers, other seeds do, and a "
                "second call with the same generator does",
            ),
            probe(
                first_alike,
                seeds.tolist(),
                says="For each of ten calls, the first one (they count from 0) that gave the same "
                "numbers",
            ),
        ],
        says="Draw from `rng` and from nothing else: with the same seed an experiment can be "
        "repeated, with another it comes out a little differently.",
    )
    yield Check(
        "of n pairs that are really drawn",
        points=1,
        calls=[
            probe(
                wobble,
                seed + 3,
                says="Over 800 calls with width 1 and n = 25, the mean and the standard deviation of "
                "the results",
                expect=between([0.85, 0.175], [1.1, 0.7]),
                tolerance=0.0015,
            ),
            *[wavers(width, n, seed + 7) for width, n in zip(widths, pairs, strict=True)],
        ],
        says="With only 25 products the result has to waver, by about a quarter. With one query for "
        "all keys it would waver far more, with more pairs than asked for less.",
    )


@l4_3.right("one pair at a time")
def score_std(widths, n, rng):
    spread = np.zeros(len(widths))
    for i, width in enumerate(widths):
        spread[i] = np.std([rng.normal(size=width) @ rng.normal(size=width) for _ in range(n)])
    return spread


@l4_3.right("einsum, both arrays drawn at once, n − 1 below")
def score_std(widths, n, rng):
    draws = (rng.standard_normal((2, n, width)) for width in widths)
    return np.array([np.einsum("nk,nk->n", q, k).std(ddof=1) for q, k in draws])


@l4_3.right("root of the mean square about the mean")
def score_std(widths, n, rng):
    found = []
    for d in widths:
        products = np.zeros(n)
        for _ in range(d):
            products += rng.normal(0.0, 1.0, n) * rng.normal(0.0, 1.0, n)
        found.append(np.mean((products - products.mean()) ** 2) ** 0.5)
    return np.asarray(found)


l4_3.allow_mutant(after="spread.append((q_NK * k_NK).sum(axis=1).std())", reason=LAST)
for line in ("q_NK = -rng.normal(size=(n, width))", "k_NK = -rng.normal(size=(n, width))"):
    l4_3.allow_mutant(after=line, reason="A normal number is as likely as its opposite.")


@l4_3.wrong(
    "sums-over-the-pairs",
    "You added up along the axis of the pairs, so the products of different pairs were mixed, and "
    "your spread grows with n. One product belongs to one pair: which axis is the width?",
)
def score_std(widths, n, rng):
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=0).std() for d in widths]
    )


@l4_3.wrong(
    "scaled-already",
    "Your spread is about 1 at every width. Either you divided by √d already, or you took the spread "
    "of the single terms before adding them. The raw products q·k are asked for: their spread is to "
    "be discovered.",
)
def score_std(widths, n, rng):
    return np.array(
        [
            (rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() / np.sqrt(d)
            for d in widths
        ]
    )


@l4_3.wrong(
    "scaled-twice",
    "Your spread falls with the width, like 1/√d: the products were divided by d, or twice by √d, or "
    "averaged over the width instead of added. The raw products are asked for.",
)
def score_std(widths, n, rng):
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).mean(axis=1).std() for d in widths]
    )


@l4_3.wrong(
    "only-positive",
    "Your vectors have numbers between 0 and 1 only, as `rng.random` draws them. Components of mean 0 "
    "and standard deviation 1 are asked for: what does the mean of your products do as d grows?",
)
def score_std(widths, n, rng):
    return np.array([(rng.random((n, d)) * rng.random((n, d))).sum(axis=1).std() for d in widths])


@l4_3.wrong(
    "absolute-values",
    "Your vectors are normal, but all positive. Components of mean 0 are asked for, so that products "
    "of either sign come out.",
)
def score_std(widths, n, rng):
    return np.array(
        [
            np.abs(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std()
            for d in widths
        ]
    )


@l4_3.wrong(
    "uniform",
    "Your components lie between −1 and 1, with a standard deviation of 0.58. Standard normal ones "
    "are asked for.",
)
def score_std(widths, n, rng):
    return np.array(
        [
            (rng.uniform(-1, 1, (n, d)) * rng.uniform(-1, 1, (n, d))).sum(axis=1).std()
            for d in widths
        ]
    )


@l4_3.wrong(
    "variance",
    "That is the variance, which grows like d. The standard deviation is its root.",
)
def score_std(widths, n, rng):
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).var() for d in widths]
    )


@l4_3.wrong(
    "mean-absolute-product",
    "You averaged how far the products lie from 0. That is another measure of spread, about four "
    "fifths of the standard deviation here, which takes squares, their mean, and the root.",
)
def score_std(widths, n, rng):
    return np.array(
        [
            np.abs((rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1)).mean()
            for d in widths
        ]
    )


@l4_3.wrong(
    "plus-minus-one",
    "Your components are +1 or −1. Their products spread as far, but the docstring asks for normal "
    "ones, and at width 1 the results waver too little: every product is 1 or −1.",
)
def score_std(widths, n, rng):
    return np.array(
        [
            (rng.choice([-1, 1], size=(n, d)) * rng.choice([-1, 1], size=(n, d))).sum(axis=1).std()
            for d in widths
        ]
    )


@l4_3.wrong(
    "theory-not-measured",
    "You returned √width itself, which the measurement is to be compared with. An experiment has to "
    "be able to prove the theory wrong: draw the vectors.",
)
def score_std(widths, n, rng):
    return np.sqrt(np.array(widths))


@l4_3.wrong(
    "query-with-itself",
    "You dotted each vector with itself. That is its squared length, which is never negative. A query "
    "and a key are two vectors, drawn independently.",
)
def score_std(widths, n, rng):
    return np.array([(rng.normal(size=(n, d)) ** 2).sum(axis=1).std() for d in widths])


@l4_3.wrong(
    "one-vector-only",
    "You added up the components of one vector. Their sum spreads as far as a product does, but it is "
    "no product: a query and a key have to meet.",
)
def score_std(widths, n, rng):
    return np.array([rng.normal(size=(n, d)).sum(axis=1).std() for d in widths])


@l4_3.wrong(
    "one-query-for-all",
    "You drew one query and dotted it with all n keys. Then the spread is the length of that one "
    "query, and wavers with it. Every pair needs a query of its own.",
)
def score_std(widths, n, rng):
    return np.array([(rng.normal(size=(n, d)) @ rng.normal(size=d)).std() for d in widths])


@l4_3.wrong(
    "one-pair",
    "You drew a single pair for each width. One number has no spread: n pairs are asked for.",
)
def score_std(widths, n, rng):
    return np.array([np.std(rng.normal(size=d) @ rng.normal(size=d)) for d in widths])


@l4_3.wrong(
    "mean-instead-of-spread",
    "You took the mean of the products, which is near 0 at every width. How far they lie from it is "
    "asked for.",
)
def score_std(widths, n, rng):
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).mean() for d in widths]
    )


@l4_3.wrong(
    "own-seed",
    "You made a generator of your own, so every call draws the same numbers, whatever generator it is "
    "given. Draw from `rng`.",
)
def score_std(widths, n, rng):
    rng = np.random.default_rng(0)
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    )


@l4_3.wrong(
    "more-pairs-than-asked",
    "You drew many more pairs than n. It is steadier, but the one who asked for n pairs wants to see "
    "how far n pairs can be trusted.",
)
def score_std(widths, n, rng):
    return np.array(
        [(rng.normal(size=(999, d)) * rng.normal(size=(999, d))).sum(axis=1).std() for d in widths]
    )


# --------------------------------------------------------------------------- L4.4

l4_4 = Exercise(
    id="L4.4",
    title="Attention as a regression",
    functions=("kernel_regression",),
    difficulty=2,
    importance=4,
    minutes=10,
    hints=(
        "It is attention with another score. T queries, S examples: first the (T, S) table of "
        "differences between every query and every example. How do two one-dimensional arrays make a "
        "table?",
        "Scores: minus the squared differences, divided by 2h². Then a softmax of each row, over the "
        "examples; then the mean of the y by these weights. Check the signs: who is near should "
        "get much.",
        "`xq_T[:, None] - x_S[None, :]` is the (T, S) table. Square it, put a minus in front, divide "
        "by `(2 * h**2)`. Subtract each row's maximum before the exponential, divide by each row's "
        "sum, and finish with `w_TS @ y_S`.",
    ),
)


@l4_4.checks
def l4_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    x_3, y_3 = np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 60.0])
    yield Check(
        "three examples by hand",
        points=1,
        calls=[
            call("kernel_regression", np.array([0.5]), x_3, y_3, 1.5),
            call("kernel_regression", np.array([1.0, 2.5]), x_3, y_3, 0.7),
            call(
                "kernel_regression",
                uniform(fresh, 0, 3, 2, decimals=1),
                x_3 + uniform(fresh, 0, 0.9, 3, decimals=1),
                uniform(fresh, 10, 60, 3, decimals=0),
                round(fresh.uniform(0.5, 2), 1),
            ),
        ],
        says="One prediction for each query: a mean of the y, in which near examples count more.",
    )
    x_S, y_S, xq_T = normal(rng, 7), normal(rng, 7), normal(rng, 5)
    yield Check(
        "five queries, seven examples",
        points=1,
        calls=[
            call("kernel_regression", xq_T, x_S, y_S, 0.7),
            call("kernel_regression", xq_T, x_S, y_S, 2.5),
            call("kernel_regression", xq_T, x_S, y_S, 0.4),
            call("kernel_regression", normal(rng, 6), normal(rng, 6), normal(rng, 6), 1.3),
        ],
        says="A small h listens to the nearest examples only, a large one to all of them.",
    )
    yield Check(
        "where x begins makes no difference",
        points=1,
        calls=[
            call("kernel_regression", xq_T + 40, x_S + 40, y_S, 0.7),
            call("kernel_regression", xq_T, x_S, y_S + 30, 0.7),
            call("kernel_regression", 10 * xq_T, 10 * x_S, y_S, 7),
        ],
        says="If all x are moved alike, or measured in other units together with h, the predictions "
        "stay; if all y are moved, the predictions move along.",
    )
    yield Check(
        "queries far from all examples, and a very narrow bell",
        points=1,
        calls=[
            call("kernel_regression", np.array([50.0, -60.0]), x_S, y_S, 1.1, tolerance=LARGE),
            call("kernel_regression", np.array([0.3, 2.0, -45.0]), x_S, y_S, 0.9, tolerance=LARGE),
            call("kernel_regression", xq_T, x_S, y_S, 0.03, tolerance=LARGE),
            call(
                "kernel_regression",
                *(float32(a) for a in (np.array([-30.0, 0.1]), x_S, y_S)),
                0.9,
                tolerance=LARGE_32,
            ),
        ],
        says="All scores are below −1000 there, and yet one example is the nearest: the prediction "
        "comes from the nearest, and is not nan.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("kernel_regression", *each, 0.8)
            for each in every_layout(normal(rng, 5), normal(rng, 7), uniform(rng, 1, 5, 7))
        ],
        says="The examples are asked again and again.",
    )


@l4_4.right("a loop over queries and examples")
def kernel_regression(xq_T, x_S, y_S, h):
    out = []
    for xq in xq_T:
        scores = [-0.5 * ((xq - x) / h) ** 2 for x in x_S]
        weights = [np.exp(score - max(scores)) for score in scores]
        out.append(sum(w * y for w, y in zip(weights, y_S, strict=True)) / sum(weights))
    return np.array(out)


@l4_4.right("outer difference, log-sum-exp")
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -0.5 * (np.subtract.outer(xq_T, x_S) / h) ** 2
    w_TS = np.exp(e_TS - np.logaddexp.reduce(e_TS, axis=1)[:, None])
    return np.einsum("ts,s->t", w_TS, y_S)


@l4_4.right("the nearest distance taken out")
def kernel_regression(xq_T, x_S, y_S, h):
    d_ST = np.square(x_S.reshape(-1, 1) - xq_T.reshape(1, -1))
    w_ST = np.exp((d_ST.min(axis=0) - d_ST) / (2 * h * h))
    return (w_ST * y_S[:, None]).sum(axis=0) / w_ST.sum(axis=0)


@l4_4.right("np.average, query by query")
def kernel_regression(xq_T, x_S, y_S, h):
    def one(xq):
        e_S = -((x_S - xq) ** 2) / (2 * h**2)
        return np.average(y_S, weights=np.exp(e_S - e_S.max()))

    return np.array([one(xq) for xq in xq_T])


for line in (
    "exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))",
    "return exp_TS @ y_S / exp_TS.sum(axis=1)",
):
    l4_4.allow_mutant(after=line, reason=LAST)
l4_4.allow_mutant(
    after="exp_TS = -np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
l4_4.allow_mutant(
    after="e_TS = -((x_S - xq_T[:, None]) ** 2) / (2 * h**2)",
    reason="A difference and its opposite have the same square.",
)


@l4_4.wrong(
    "sign",
    "Your weights grow with the distance: the example farthest away counts most. Which sign makes the "
    "near ones win?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = (xq_T[:, None] - x_S) ** 2 / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "h-not-squared",
    "You divided by 2h. The difference is squared and h is not, so in other units other weights come "
    "out. What has to happen to h?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "factor-two-lost",
    "You divided by h² alone. The bell curve of width h has 2h² there: where did the 2 go?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / h**2
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "two-squared-as-well",
    "You divided by (2h)², which is 4h²: the 2 is not squared in the formula.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h) ** 2
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "multiplies-by-h",
    "You multiplied the squared differences by 2h². A larger h should make the weights more alike, "
    "so on which side of the division does it belong?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) * 2 * h**2
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "half-then-times-h",
    "`/ 2 * h**2` divides by 2 and then multiplies by h²: Python goes from left to right. Which "
    "brackets put the whole of 2h² below the line?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / 2 * h**2
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "distance-not-squared",
    "You took the distance itself, not its square. That is another curve, with a sharp tip where the "
    "bell is round.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -np.abs(xq_T[:, None] - x_S) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "normalises-over-the-queries",
    "You made the weights sum to 1 over the queries. Then a prediction depends on what else is asked, "
    "and is no mean of the y. Along which axis do the examples of one query lie?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=0, keepdims=True))
    return exp_TS / exp_TS.sum(axis=0) @ y_S


@l4_4.wrong(
    "not-normalised",
    "You added up the y by their bell curves and stopped there. With every y at 30 your prediction "
    "isn't 30: by what should the sum be divided?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    return np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2)) @ y_S


@l4_4.wrong(
    "divides-by-S",
    "You divided by the number of examples. The weights are far from 1 each: what do they sum to?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    return np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2)) @ y_S / len(x_S)


@l4_4.wrong(
    "nearest-only",
    "Your prediction is the y of the nearest example alone. The others count too, the less the "
    "farther away they are.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    return y_S[np.abs(xq_T[:, None] - x_S).argmin(axis=1)]


@l4_4.wrong(
    "plain-mean",
    "You predicted the plain mean of all y, whatever the query. Near examples should count more.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    return np.full(len(xq_T), y_S.mean(), dtype=y_S.dtype)


@l4_4.wrong(
    "products-for-distances",
    "You scored by the products xq·x. Here the score is the distance: an example twice as far out is "
    "no better match.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = xq_T[:, None] * x_S / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "mixes-x",
    "You mixed the x of the examples. The weights come from x; what is predicted is a mean of the y.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ x_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "no-max-subtracted",
    "Near the examples you are right. Far from all of them every exponential is rounded to 0, and "
    "0 / 0 is nan. What did lesson 2 subtract first?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    exp_TS = np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "a-little-below-the-line",
    "You added a tiny number to the divisor. It stops the nan, but far from all examples the answer "
    "becomes 0 where it should be the nearest y. What did lesson 2 subtract first?",
)
def kernel_regression(xq_T, x_S, y_S, h):
    exp_TS = np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2))
    return exp_TS @ y_S / (exp_TS.sum(axis=1) + 1e-12)


@l4_4.wrong(
    "global-max",
    "You subtracted the largest score of all queries. A query far from all examples is still left "
    "with 0 / 0: each needs a maximum of its own.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max())
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@l4_4.wrong(
    "moves-the-callers-examples",
    "The result is right, but you wrote into the caller's own x_S. Put the changed numbers into a new "
    "array.",
)
def kernel_regression(xq_T, x_S, y_S, h):
    middle = x_S.mean()
    x_S -= middle
    e_TS = -((xq_T[:, None] - middle - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


# --------------------------------------------------------------------------- L4.5

l4_5 = Exercise(
    id="L4.5",
    title="Attention as a memory",
    functions=("hopfield_recall",),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "One step is attention with one query: the state asks, the patterns are both keys and values, "
        "and β stands where 1/√K stood. What comes out is the state that asks next.",
        "Begin with a copy of the probe. In a loop of `steps` turns: N scores, β times each pattern "
        "dotted with the state; a softmax over the N patterns; the new state, the mean of the "
        "patterns by these weights. After the loop return the state.",
        "In the loop: `e_N = beta * (patterns_ND @ x_D)`, then the softmax of lesson 2 over these N "
        "numbers, then `x_D = w_N @ patterns_ND`. The probe is used before the loop only, and the "
        "patterns are never written to.",
    ),
)


@l4_5.checks
def l4_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    yield Check(
        "one step, two patterns, by hand",
        points=1,
        calls=[
            call(
                "hopfield_recall",
                np.array([[1.0, 1.0, 0.0], [-1.0, 0.0, 2.0]]),
                np.array([1.0, 0.5, 0.0]),
                2.0,
                1,
            ),
            call("hopfield_recall", normal(rng, 4, 6), normal(rng, 6), 0.0, 1),
        ],
        says="The scores are β times 1.5 and −1; the new state is the mean of the patterns by their "
        "softmax. With β = 0 all patterns count alike.",
    )
    axes = Axes(N=5, D=7)
    patterns_ND, probe_D = axes.normal(rng, "ND"), axes.normal(rng, "D")
    yield Check(
        "one step, any β and any sizes",
        points=1,
        calls=[
            call("hopfield_recall", patterns_ND, probe_D, 0.4, 1),
            call("hopfield_recall", patterns_ND, probe_D, 1.7, 1),
            call("hopfield_recall", normal(rng, 6, 4), normal(rng, 4), 0.6, 1),
            call("hopfield_recall", normal(rng, 5, 5), normal(rng, 5), 0.5, 1),
        ],
        says="The patterns compete, so there are N weights of sum 1; a larger β makes them sharper.",
    )
    yield Check(
        "several steps",
        points=1,
        calls=[
            call("hopfield_recall", patterns_ND, probe_D, 0.4, 2),
            call("hopfield_recall", patterns_ND, probe_D, 0.3, 3),
            call("hopfield_recall", normal(rng, 3, 8), normal(rng, 8), 0.25, 4),
        ],
        says="What one step gives is the query of the next.",
    )
    yield Check(
        "no step at all",
        points=1,
        judges="inputs untouched",
        calls=[
            call("hopfield_recall", patterns_ND, probe_D, 0.4, 0),
            probe(
                kept,
                patterns_ND,
                probe_D,
                says="After someone wrote into the result of 0 steps, the probe itself",
            ),
        ],
        says="With 0 steps the state is the probe, in an array of its own: whoever writes into the "
        "result must not change the probe.",
    )
    yield Check(
        "scores in the thousands",
        points=1,
        calls=[
            call("hopfield_recall", patterns_ND, probe_D, 400.0, 1, tolerance=LARGE),
            call("hopfield_recall", 30 * patterns_ND, 30 * probe_D, 1.0, 3, tolerance=LARGE),
            call(
                "hopfield_recall",
                float32(patterns_ND),
                float32(probe_D),
                400.0,
                1,
                tolerance=LARGE_32,
            ),
        ],
        says="A sharp memory has large scores, and they must not overflow.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("hopfield_recall", *each, 0.35, 2)
            for each in every_layout(axes.normal(rng, "ND"), axes.normal(rng, "D"))
        ],
        says="A memory that changes what it stores when asked is none, and the probe may be needed "
        "again.",
    )


def kept(hopfield_recall, patterns_ND, probe_D):
    result = hopfield_recall(patterns_ND, probe_D, 0.4, 0)
    result += 1
    return probe_D


@l4_5.right("plain loops")
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    N, D = patterns_ND.shape
    state = [float(number) for number in probe_D]
    for _ in range(steps):
        scores = [beta * sum(patterns_ND[n, d] * state[d] for d in range(D)) for n in range(N)]
        exps = [np.exp(score - max(scores)) for score in scores]
        state = [sum(exps[n] * patterns_ND[n, d] for n in range(N)) / sum(exps) for d in range(D)]
    return np.array(state)


@l4_5.right("recursion")
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    if steps == 0:
        return np.array(probe_D)
    e_N = beta * np.einsum("nd,d->n", patterns_ND, probe_D)
    w_N = np.exp(e_N - np.logaddexp.reduce(e_N))
    return hopfield_recall(patterns_ND, np.einsum("n,nd->d", w_N, patterns_ND), beta, steps - 1)


@l4_5.right("np.average, β taken into the state")
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = 1 * probe_D
    while steps > 0:
        e_N = patterns_ND.dot(beta * x_D)
        x_D = np.average(patterns_ND, axis=0, weights=np.exp(e_N - e_N.max()))
        steps -= 1
    return x_D


l4_5.allow_mutant(
    after="exp_N = -np.exp(e_N - e_N.max())",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l4_5.wrong(
    "divides-by-beta",
    "You divided the scores by β. Here β is a sharpness, the inverse of lesson 2's temperature: what "
    "should happen to the weights as it grows?",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = patterns_ND @ x_D / beta if beta else 1e9 * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "ignores-beta",
    "β makes no difference to your result. It multiplies the scores before the softmax.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = patterns_ND @ x_D
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "root-of-the-width",
    "You also divided the scores by √D. Here β alone says how sharp they are, and stands in its place.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D) / np.sqrt(len(probe_D))
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "one-step-only",
    "You took one step, whatever `steps` says. What the first step gave should ask again, and 0 steps "
    "leave the probe as it is.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    e_N = beta * (patterns_ND @ probe_D)
    exp_N = np.exp(e_N - e_N.max())
    return exp_N / exp_N.sum() @ patterns_ND


@l4_5.wrong(
    "asks-with-the-probe-again",
    "Each of your steps asks with the probe, so the second gives what the first gave. The new state "
    "has to take the probe's place.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = beta * (patterns_ND @ probe_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "one-step-too-many",
    "You took one step more than `steps` says: was the first one taken before the loop? With 0 steps "
    "the probe comes back as it was.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps + 1):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "one-step-too-few",
    "You took one step less than `steps` says: with 1 step your probe comes back as it was. How often "
    "does your loop turn?",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(1, steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "softmax-over-D",
    "You let the D numbers inside each pattern compete, before they were added up. The competition is "
    "between patterns: one score for each of the N, and a softmax over those.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_ND = beta * patterns_ND * x_D
        exp_ND = np.exp(e_ND - e_ND.max(axis=1, keepdims=True))
        w_ND = exp_ND / exp_ND.sum(axis=1, keepdims=True)
        x_D = (w_ND * patterns_ND).sum(axis=0)
    return x_D


@l4_5.wrong(
    "nearest-pattern",
    "You returned the one best pattern. Softmax mixes: with a small β several patterns come back "
    "together, and only a large β picks one.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        x_D = patterns_ND[np.argmax(beta * (patterns_ND @ x_D))].copy()
    return x_D


@l4_5.wrong(
    "no-softmax",
    "You mixed the patterns by their raw scores, as the Hopfield network of 1982 does before it takes "
    "signs. Here a softmax of the scores comes first.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        x_D = beta * (patterns_ND @ x_D) @ patterns_ND
    return x_D


@l4_5.wrong(
    "signs",
    "You took the signs at the end of each step. That is the Hopfield network of 1982, whose patterns "
    "are made of ±1; here patterns may hold any numbers, and come back as they were.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = np.sign(exp_N / exp_N.sum() @ patterns_ND)
    return x_D


@l4_5.wrong(
    "adds-to-the-state",
    "You added what was recalled to the old state. The recalled pattern takes the state's place: the "
    "noise of the probe is what should go.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = x_D + exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "returns-the-weights",
    "You returned the N weights. What is recalled is a pattern of D numbers: the mean of the patterns "
    "by these weights.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D, w_N = probe_D.copy(), np.zeros(len(patterns_ND))
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        w_N = exp_N / exp_N.sum()
        x_D = w_N @ patterns_ND
    return w_N


@l4_5.wrong(
    "no-max-subtracted",
    "On moderate scores you are right, but a sharp memory has scores in the thousands: exp gives inf, "
    "and inf / inf is nan. What did lesson 2 subtract first?",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        exp_N = np.exp(beta * (patterns_ND @ x_D))
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


@l4_5.wrong(
    "overwrites-the-patterns",
    "The result is right, but you wrote into the stored patterns, and the next recall will find "
    "others. Put what you need into a new array.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D.copy()
    for _ in range(steps):
        stored_ND = patterns_ND.copy()
        patterns_ND *= x_D
        e_N = beta * patterns_ND.sum(axis=1)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ stored_ND
        if _ + 1 < steps:
            patterns_ND[:] = stored_ND
    return x_D


@l4_5.wrong(
    "overwrites-the-probe",
    "The result is right, but it was written into the caller's own probe. Begin with a copy.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    for _ in range(steps):
        e_N = beta * (patterns_ND @ probe_D)
        exp_N = np.exp(e_N - e_N.max())
        probe_D[:] = exp_N / exp_N.sum() @ patterns_ND
    return probe_D


@l4_5.wrong(
    "hands-back-the-probe-itself",
    "With 0 steps you returned the probe itself, not a copy. Whoever writes into the result then "
    "writes into the probe.",
)
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    x_D = probe_D
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D


EXERCISES = (l4_1, l4_2, l4_3, l4_4, l4_5)
