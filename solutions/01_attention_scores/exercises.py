"""Lesson 1: the checks, the right variants and the misconceptions of its five exercises.

Sizes are T words, D coordinates, A rows of W, all different unless a check says otherwise: with
T = D or A = D some mistakes run without an error, and those are worth meeting on purpose.
Scores keep a standard deviation of about 1, so that no weight is rounded to 0 or 1; scores that
overflow belong to lesson 2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Check,
    Exercise,
    call,
    float32,
    normal,
    read_only,
    strided,
    uniform,
)


def weights(rng: np.random.Generator, T: int) -> np.ndarray:
    """T uneven weights of two decimals, none of them zero, that sum to 1."""
    likely = np.exp(rng.normal(0.0, 1.0, T))
    parts = 2 + rng.multinomial(100 - 2 * T, likely / likely.sum())
    return parts / 100


def score_weights(rng: np.random.Generator, A: int, D: int) -> tuple[np.ndarray, np.ndarray]:
    """W_AD and u_A that give words with N(0, 1) coordinates scores of standard deviation near 1."""
    return normal(rng, A, D, scale=1 / D**0.5), normal(rng, A, scale=1 / A**0.5)


# --------------------------------------------------------------------------- L1.1

l1_1 = Exercise(
    id="L1.1",
    title="A weighted mean",
    functions=("weighted_mean",),
    difficulty=1,
    importance=5,
    minutes=8,
    hints=(
        "Do it with pencil and paper first, for T = 2 words: how much of the first word is in the "
        "mean, how much of the second, and what do these two shares add up to?",
        "Two steps. First turn the weights into shares that sum to 1. Then multiply each word's "
        "row by its own share and add the rows up. The result has D numbers, so the axis that "
        "disappears is T.",
        "For the second step there are two good ways: give the shares a second axis, of shape "
        "(T, 1), so that they broadcast along D, and sum over axis 0; or notice that a vector of "
        "T numbers times a (T, D) matrix, written with `@`, already is that sum.",
    ),
)


@l1_1.checks
def l1_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    yield Check(
        "weights that already sum to 1",
        points=1,
        calls=[
            call("weighted_mean", normal(rng, 3, 2, decimals=1), np.array([0.5, 0.2, 0.3])),
            call("weighted_mean", normal(rng, 5, 6), weights(rng, 5)),
        ],
        says="Each word counts as much as its weight says, and the result has one number per "
        "coordinate: shape (D,).",
    )
    x_TD, w_T = normal(rng, 4, 3, decimals=1), uniform(rng, 0.5, 4, 4, decimals=1)
    yield Check(
        "only the proportions of the weights count",
        points=1,
        calls=[
            call("weighted_mean", x_TD, w_T),
            call("weighted_mean", x_TD, 2 * w_T),
            call("weighted_mean", x_TD, w_T / 10),
        ],
        says="Weights 1, 2, 2 mean the same as 10, 20, 20: a mean can't leave the range of its "
        "words, however large the weights are.",
    )
    one = np.zeros(7)
    one[2] = 3.0
    yield Check(
        "other sizes, and words that weigh nothing",
        points=1,
        calls=[
            call("weighted_mean", normal(rng, 7, 3), one),
            call("weighted_mean", normal(rng, 1, 4), np.array([2.5])),
            call("weighted_mean", normal(rng, 5, 5), uniform(rng, 0.5, 4, 5)),
        ],
        says="A sentence may be long or short, and a single word with all the weight is its own "
        "mean. The last example has as many words as coordinates: there, mixing up the two axes "
        "raises no error.",
    )
    x_TD, w_T = normal(rng, 6, 4), uniform(rng, 0.5, 4, 6)
    x32_TD, w32_T = float32(normal(rng, 5, 3)), float32(uniform(rng, 0.5, 4, 5))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("weighted_mean", strided(x_TD), strided(w_T)),
            call("weighted_mean", x32_TD, w32_T),
            call("weighted_mean", read_only(x_TD), read_only(w_T)),
        ],
        says="Real arrays come as parts of larger ones, in single precision, or locked. None of "
        "that changes what a mean is, and whoever called still needs the weights as they were.",
    )


@l1_1.right("a plain loop")
def weighted_mean(x_TD, w_T):
    T, D = x_TD.shape
    z_D = np.zeros(D)
    total = 0.0
    for t in range(T):
        for d in range(D):
            z_D[d] += w_T[t] * x_TD[t, d]
        total += w_T[t]
    return z_D / total


@l1_1.right("np.average")
def weighted_mean(x_TD, w_T):
    return np.average(x_TD, axis=0, weights=w_T)


@l1_1.right("einsum, divided at the end")
def weighted_mean(x_TD, w_T):
    return np.einsum("td,t->d", x_TD, w_T) / np.sum(w_T)


@l1_1.right("a share for each word, then a list comprehension")
def weighted_mean(x_TD, w_T):
    share_T = [float(w) / float(sum(w_T)) for w in w_T]
    return np.stack([s * x_D for s, x_D in zip(share_T, x_TD, strict=True)]).sum(axis=0)


@l1_1.wrong(
    "averages-over-coordinates",
    "Your result has one number per word: you summed over the coordinates D. A mean of words keeps "
    "the coordinates apart and makes the words disappear. Which axis of x_TD is T?",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * w_T[:, None]).sum(axis=1) / w_T.sum()


@l1_1.wrong(
    "divides-by-T",
    "You divided by the number of words T. That is right when every weight is 1. What should you "
    "divide by so that doubling all the weights changes nothing?",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * w_T[:, None]).sum(axis=0) / len(w_T)


@l1_1.wrong(
    "not-normalised",
    "You added the weighted words up and stopped there. It only looks right when the weights happen "
    "to sum to 1. With weights 2, 2, 2 your result is 6 times too long: what is missing?",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * w_T[:, None]).sum(axis=0)


@l1_1.wrong(
    "broadcasts-along-D",
    "`x_TD * w_T` lines w_T up with the last axis of x_TD, which is D. With T ≠ D that is an error; "
    "with T = D it silently weighs coordinates instead of words. Give w_T a second axis, so that "
    "each weight meets a whole row.",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * w_T).sum(axis=0) / w_T.sum()


@l1_1.wrong(
    "dots-along-D",
    "`x_TD @ w_T` pairs w_T with the last axis of x_TD, which is D: an error in general, and wrong "
    "numbers when T = D. In a product with `@`, the axis next to the `@` disappears: on which side "
    "must w_T stand for that to be T?",
)
def weighted_mean(x_TD, w_T):
    return x_TD @ w_T / w_T.sum()


@l1_1.wrong(
    "ignores-the-weights",
    "This is the plain mean: w_T makes no difference to your result. Each row of x_TD has to be "
    "multiplied by its weight before the rows are added up.",
)
def weighted_mean(x_TD, w_T):
    return x_TD.mean(axis=0)


@l1_1.wrong(
    "normalised-and-divided-by-T",
    "You made the weights sum to 1 and then took a mean over the words, which divides by T once "
    "more. The shares have done the dividing already: which operation is left?",
)
def weighted_mean(x_TD, w_T):
    share_T = w_T / w_T.sum()
    return (x_TD * share_T[:, None]).mean(axis=0)


@l1_1.wrong(
    "divides-by-the-largest",
    "You divided the weights by the largest of them. Then the heaviest word counts as 1, and all of "
    "them together as more than 1. What must the shares of a mean sum to?",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * (w_T / w_T.max())[:, None]).sum(axis=0)


@l1_1.wrong(
    "divides-by-the-length-of-w",
    "You divided the weights by their Euclidean length (the root of the sum of squares). That makes "
    "the squares sum to 1. In a mean the weights themselves must sum to 1.",
)
def weighted_mean(x_TD, w_T):
    return (x_TD * (w_T / np.linalg.norm(w_T))[:, None]).sum(axis=0)


@l1_1.wrong(
    "changes-the-callers-weights",
    "The mean is right, but `/=` wrote the shares into the caller's own w_T, who may still need the "
    "weights as they were. Put the shares into a new array.",
)
def weighted_mean(x_TD, w_T):
    w_T /= w_T.sum()
    return w_T @ x_TD


# --------------------------------------------------------------------------- L1.2

l1_2 = Exercise(
    id="L1.2",
    title="Scores for all words at once",
    functions=("linear_scores",),
    difficulty=2,
    importance=5,
    minutes=10,
    hints=(
        "Write the shapes down. x_TD is (T, D), W_AD is (A, D), u_A is (A,), and T numbers should "
        "come out. Which two axes have to disappear, and in which product does each of them do so?",
        "The formula speaks of one word: W times the column x_i. All words at once are the rows of "
        "x_TD, so here W has to stand on the right, and the axis that the two share, D, has to be "
        "the last of x_TD and the first of what stands behind the `@`.",
        "`x_TD @ W_AD.T` has shape (T, A): for every word the A numbers that W reads off it. One "
        "more product has to turn each row of A numbers into a single one. What is left to "
        "multiply by, and on which side?",
    ),
)


@l1_2.checks
def l1_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -2.0]]), np.array([2.0, -1.0, 0.5])
    yield Check(
        "a few words, small enough for pencil and paper",
        points=1,
        calls=[
            call("linear_scores", normal(rng, 3, 2, decimals=1), W_AD[2:], np.array([-1.5])),
            call("linear_scores", normal(rng, 4, 2, decimals=1), W_AD, u_A),
        ],
        says="One number per word comes out: read off W x, then weigh what was read by u.",
    )
    yield Check(
        "random words in six coordinates",
        points=1,
        calls=[
            call("linear_scores", normal(rng, 5, 6), *score_weights(rng, 4, 6)),
            call("linear_scores", normal(rng, 7, 3), *score_weights(rng, 5, 3)),
        ],
        says="The same formula must hold for any T, A and D.",
    )
    yield Check(
        "square arrays, where wrong axes fit too",
        points=1,
        calls=[
            call("linear_scores", normal(rng, 5, 4), *score_weights(rng, 4, 4)),
            call("linear_scores", normal(rng, 5, 5), *score_weights(rng, 3, 5)),
        ],
        says="With A = D both W x and Wᵀ x exist, with T = D words can be taken for columns, and "
        "NumPy can't know which of them is the formula.",
    )
    x_TD = normal(rng, 4, 3)
    W_AD, u_A = score_weights(rng, 2, 3)
    yield Check(
        "twice the query gives twice the scores",
        points=1,
        calls=[
            call("linear_scores", x_TD, W_AD, u_A),
            call("linear_scores", x_TD, W_AD, 2 * u_A),
            call("linear_scores", x_TD, W_AD, -u_A),
            call("linear_scores", x_TD, W_AD, 0 * u_A),
        ],
        says="The score is linear in u: twice the u, twice the score; the opposite u, the opposite "
        "score; no u, no score. Scores may be negative and need not sum to anything.",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "float32, strided and read-only arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            call("linear_scores", float32(x_TD), float32(W_AD), float32(u_A)),
            call("linear_scores", strided(x_TD), strided(W_AD), strided(u_A)),
            call("linear_scores", read_only(x_TD), read_only(W_AD), read_only(u_A)),
        ],
        says="How the numbers lie in memory makes no difference to a score.",
    )


@l1_2.right("three loops")
def linear_scores(x_TD, W_AD, u_A):
    T, D = x_TD.shape
    A = len(u_A)
    e_T = np.zeros(T)
    for t in range(T):
        for a in range(A):
            for d in range(D):
                e_T[t] += u_A[a] * W_AD[a, d] * x_TD[t, d]
    return e_T


@l1_2.right("einsum")
def linear_scores(x_TD, W_AD, u_A):
    return np.einsum("td,ad,a->t", x_TD, W_AD, u_A)


@l1_2.right("u first, then the words")
def linear_scores(x_TD, W_AD, u_A):
    return x_TD @ (u_A @ W_AD)


@l1_2.right("one column per word")
def linear_scores(x_TD, W_AD, u_A):
    h_AT = W_AD.dot(x_TD.T)
    return (u_A[:, np.newaxis] * h_AT).sum(axis=0)


@l1_2.wrong(
    "W-transposed",
    "You multiplied by Wᵀ where the formula has W. If W is square it runs and gives other scores; if "
    "it isn't, the shapes don't fit. Row a of W_AD is dotted with a word: is that so in your code?",
)
def linear_scores(x_TD, W_AD, u_A):
    return x_TD @ W_AD @ u_A


@l1_2.wrong(
    "words-as-columns",
    "In the formula a word is a column, in x_TD it is a row. `W_AD @ x_TD` therefore pairs D with T: "
    "an error in general, and the wrong numbers when T = D. One of the two has to be transposed.",
)
def linear_scores(x_TD, W_AD, u_A):
    return u_A @ (W_AD @ x_TD)


@l1_2.wrong(
    "tanh-inside",
    "There is a tanh between W and u. Many papers have one, and L1.4 adds it; here the score is the "
    "plain uᵀ W x.",
)
def linear_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD @ W_AD.T) @ u_A


@l1_2.wrong(
    "tanh-outside",
    "You squashed the finished scores with tanh. Here a score may be any number: return uᵀ W x as it "
    "is.",
)
def linear_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD @ W_AD.T @ u_A)


@l1_2.wrong(
    "u-forgotten",
    "You returned W x for every word, shape (T, A): A numbers a word. The query u still has to turn "
    "them into one score each.",
)
def linear_scores(x_TD, W_AD, u_A):
    return x_TD @ W_AD.T


@l1_2.wrong(
    "u-replaced-by-a-sum",
    "You added up the A numbers of W x, as if every entry of u were 1. u says how much each of them "
    "counts, and with which sign.",
)
def linear_scores(x_TD, W_AD, u_A):
    return (x_TD @ W_AD.T).sum(axis=1)


@l1_2.wrong(
    "mean-over-A",
    "Your scores are A times too small: you took the mean over the A numbers where uᵀ(W x) is their "
    "sum, each times its entry of u.",
)
def linear_scores(x_TD, W_AD, u_A):
    return ((x_TD @ W_AD.T) * u_A).mean(axis=1)


@l1_2.wrong(
    "u-not-summed",
    "You multiplied the numbers of W x by the entries of u but left them apart, shape (T, A). A dot "
    "product also adds them up: one number per word.",
)
def linear_scores(x_TD, W_AD, u_A):
    return (x_TD @ W_AD.T) * u_A


@l1_2.wrong(
    "softmax-inside",
    "Your results are positive and sum to 1: you normalised already. Scores come first and may be "
    "negative; weights are made from them in L1.3.",
)
def linear_scores(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T / exp_T.sum()


@l1_2.wrong(
    "exp-inside",
    "You took the exponential of each score. That belongs to the next move, normalising: return "
    "uᵀ W x itself, negative or not.",
)
def linear_scores(x_TD, W_AD, u_A):
    return np.exp(x_TD @ W_AD.T @ u_A)


@l1_2.wrong(
    "one-score-for-the-sentence",
    "You returned the scores of all words added up: one number for the whole sentence. To choose "
    "between words, each needs a score of its own.",
)
def linear_scores(x_TD, W_AD, u_A):
    return (x_TD @ W_AD.T @ u_A).sum()


# --------------------------------------------------------------------------- L1.3

l1_3 = Exercise(
    id="L1.3",
    title="Attention pooling: score, normalise, mix",
    functions=("attention_pool",),
    difficulty=2,
    importance=5,
    minutes=12,
    hints=(
        "You have written two of the three moves already: the scores in L1.2 and the mix in L1.1. "
        "The middle one turns T scores into T positive numbers that sum to 1. You did it above, on "
        "three numbers.",
        "Keep three lines apart: e_T, the scores; s_T, the exponentials of the scores, divided by "
        "their sum over the words; z_D, the words themselves (x_i, not W x_i), each times its "
        "weight, added up. Print the shape of each.",
        "Call your `linear_scores` for e_T. Apply `np.exp` to it, divide by the sum of the result, "
        "and keep that as s_T. Since s_T sums to 1, your `weighted_mean` of x_TD with s_T is z_D. "
        "Return the two in the order of the docstring.",
    ),
)


@l1_3.checks
def l1_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), np.array([0.5, 1.0, -0.5])
    yield Check(
        "a query of zeros",
        points=1,
        calls=[
            call("attention_pool", normal(rng, 3, 2, decimals=1), W_AD[2:], np.zeros(1)),
            call("attention_pool", normal(rng, 5, 6), score_weights(rng, 3, 6)[0], np.zeros(3)),
        ],
        says="If all scores are equal, all weights are 1/T and z is the plain mean.",
    )
    yield Check(
        "one word alone",
        points=1,
        calls=[
            call("attention_pool", normal(rng, 1, 2, decimals=1), W_AD, u_A),
            call("attention_pool", normal(rng, 1, 3), *score_weights(rng, 4, 3)),
        ],
        says="A single word has nobody to share with: its weight is 1, whatever its score, and z is "
        "that word.",
    )
    in_the_plane = call("attention_pool", normal(rng, 4, 2, decimals=1), W_AD, u_A)
    yield Check(
        "four words in the plane: the weights",
        points=1,
        part=1,
        calls=[in_the_plane],
        says="Weights are positive, sum to 1 over the words, and grow with the score.",
    )
    yield Check(
        "four words in the plane: the mix",
        points=1,
        part=0,
        calls=[in_the_plane],
        says="z is the words themselves, each in the share that its weight says.",
    )
    yield Check(
        "other sizes",
        points=1,
        calls=[
            call("attention_pool", normal(rng, 5, 6), *score_weights(rng, 4, 6)),
            call("attention_pool", normal(rng, 7, 3), *score_weights(rng, 5, 3)),
            call("attention_pool", normal(rng, 6, 4), *score_weights(rng, 4, 4)),
        ],
        says="z has D numbers and s has T, for any T, A and D.",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "float32, strided and read-only arrays",
        points=1,
        calls=[
            call("attention_pool", float32(x_TD), float32(W_AD), float32(u_A)),
            call("attention_pool", strided(x_TD), strided(W_AD), strided(u_A)),
            call("attention_pool", read_only(x_TD), read_only(W_AD), read_only(u_A)),
        ],
        says="How the numbers lie in memory makes no difference to a weight.",
    )
    yield Check(
        "leaves its inputs alone",
        points=1,
        judges="inputs untouched",
        calls=[call("attention_pool", normal(rng, 5, 3), *score_weights(rng, 4, 3))],
        says="The words are used again after pooling.",
    )


@l1_3.right("plain loops and math.exp")
def attention_pool(x_TD, W_AD, u_A):
    import math

    T, D = x_TD.shape
    exps = []
    for t in range(T):
        score = 0.0
        for a in range(len(u_A)):
            score += float(u_A[a]) * sum(float(W_AD[a, d]) * float(x_TD[t, d]) for d in range(D))
        exps.append(math.exp(score))
    s_T = np.array([e / sum(exps) for e in exps])
    z_D = np.zeros(D)
    for t in range(T):
        z_D += s_T[t] * x_TD[t]
    return z_D, s_T


@l1_3.right("einsum, largest score subtracted")
def attention_pool(x_TD, W_AD, u_A):
    e_T = np.einsum("a,ad,td->t", u_A, W_AD, x_TD)
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    return np.einsum("t,td->d", s_T, x_TD), s_T


@l1_3.right("np.average")
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ (W_AD.T @ u_A))
    return np.average(x_TD, axis=0, weights=exp_T), exp_T / np.sum(exp_T)


@l1_3.right("by ratios: how many times the others' weight")
def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    s_T = 1 / np.exp(e_T[None, :] - e_T[:, None]).sum(axis=1)
    z_D = (s_T[:, None] * x_TD).sum(axis=0)
    return z_D, s_T


l1_3.allow_mutant(
    after="exp_T = -np.exp(e_T)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l1_3.wrong(
    "normalises-over-one",
    "All your weights are 1: your scores have shape (T, 1) and you normalised along the axis of "
    "length 1, where every number is its own sum. The words have to compete: sum over T.",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T1 = x_TD @ W_AD.T @ u_A[:, None]
    exp_T1 = np.exp(e_T1)
    s_T1 = exp_T1 / exp_T1.sum(axis=1, keepdims=True)
    return (s_T1 * x_TD).sum(axis=0), s_T1[:, 0]


@l1_3.wrong(
    "softmax-over-A",
    "You applied softmax to the A numbers inside each word and weighed them by u afterwards. The "
    "competition is between words: finish the scores first, then normalise over T.",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_TA = np.exp(x_TD @ W_AD.T)
    s_T = (exp_TA / exp_TA.sum(axis=1, keepdims=True)) @ u_A
    return s_T @ x_TD, s_T


@l1_3.wrong(
    "words-as-columns",
    "`W_AD @ x_TD` takes words for columns, but in x_TD a word is a row: D meets T, which is an "
    "error. Your `linear_scores` has solved this: call it for the first move.",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T = u_A @ (W_AD @ x_TD)
    exp_T = np.exp(e_T)
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T


@l1_3.wrong(
    "mixes-raw-scores",
    "Your weights s are right, but you mixed the words with the raw scores e. Raw scores can be "
    "negative and don't sum to 1; the weights were made for this.",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T)
    return e_T @ x_TD, exp_T / exp_T.sum()


@l1_3.wrong(
    "mixes-W-x",
    "You mixed W x_i instead of x_i, so z has A numbers. W is only used to find out how much each "
    "word counts; what is mixed are the words as they came.",
)
def attention_pool(x_TD, W_AD, u_A):
    h_TA = x_TD @ W_AD.T
    exp_T = np.exp(h_TA @ u_A)
    s_T = exp_T / exp_T.sum()
    return s_T @ h_TA, s_T


@l1_3.wrong(
    "mean-instead-of-sum",
    "Your z is T times too short: you took the mean of the weighted words. The weights sum to 1, so "
    "the dividing is done; what remains is a sum.",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    s_T = exp_T / exp_T.sum()
    return (s_T[:, None] * x_TD).mean(axis=0), s_T


@l1_3.wrong(
    "returns-unnormalised-s",
    "Your z is right, but the s you return are the exponentials before the division. Return the "
    "shares that sum to 1.",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T @ x_TD / exp_T.sum(), exp_T


@l1_3.wrong(
    "never-divides",
    "You took the exponentials and mixed with them as they are: they are positive but don't sum to "
    "1. Divide them by their sum over the words before you mix.",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T @ x_TD, exp_T


@l1_3.wrong(
    "no-exponential",
    "You divided the scores by their sum, without the exponential. Scores can be negative or cancel "
    "to a sum near 0, and then such 'weights' are negative or huge. What made them positive above?",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    s_T = e_T / e_T.sum()
    return s_T @ x_TD, s_T


@l1_3.wrong(
    "returns-scores",
    "Your z is right, but the second value you return are the scores e. The weights s, positive and "
    "summing to 1, are asked for.",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T)
    return exp_T @ x_TD / exp_T.sum(), e_T


@l1_3.wrong(
    "swaps-the-two-results",
    "You returned (s, z). The docstring asks for the mix first: (z_D, s_T).",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    s_T = exp_T / exp_T.sum()
    return s_T, s_T @ x_TD


@l1_3.wrong(
    "winner-takes-all",
    "You gave weight 1 to the word with the greatest score and 0 to the others. Softmax is softer: "
    "every word keeps a share, and the shares change smoothly with the scores.",
)
def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    s_T = np.zeros(len(e_T))
    s_T[np.argmax(e_T)] = 1.0
    return s_T @ x_TD, s_T


@l1_3.wrong(
    "tanh-inside",
    "There is a tanh between W and u. That is another score, which you will write in L1.4; here it "
    "is the plain uᵀ W x.",
)
def attention_pool(x_TD, W_AD, u_A):
    exp_T = np.exp(np.tanh(x_TD @ W_AD.T) @ u_A)
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T


# --------------------------------------------------------------------------- L1.4

l1_4 = Exercise(
    id="L1.4",
    title="W and u collapse; tanh stops it",
    functions=("collapse", "tanh_scores"),
    difficulty=2,
    importance=4,
    minutes=10,
    hints=(
        "For `collapse`, shapes decide: W_AD is (A, D), u_A is (A,), and D numbers should come out. "
        "So A has to disappear. For `tanh_scores`, begin with your `linear_scores` and ask where "
        "the formula puts the tanh.",
        "In `collapse` the entry w_d is column d of W dotted with u. In `tanh_scores` there are "
        "three steps: W x for every word, shape (T, A); tanh of each of these numbers; then the "
        "dot product with u.",
        "A vector of length A can stand to the left of an (A, D) matrix, with `@` between them, and "
        "D numbers come out. And `np.tanh` works on a whole (T, A) array: apply it to "
        "`x_TD @ W_AD.T`, before u comes in.",
    ),
)


@l1_4.checks
def l1_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    yield Check(
        "collapse: two rows become one vector",
        points=1,
        calls=[
            call("collapse", normal(rng, 2, 3, decimals=1), np.array([1.0, -2.0])),
            call("collapse", normal(rng, 4, 6), normal(rng, 4)),
            call("collapse", normal(rng, 5, 2), normal(rng, 5)),
        ],
        says="w has one number per coordinate, shape (D,), and w·x must equal uᵀ W x for every x.",
    )
    W_AD = normal(rng, 4, 4)
    yield Check(
        "collapse: a square W, float32 and read-only arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            call("collapse", W_AD, normal(rng, 4)),
            call("collapse", float32(normal(rng, 3, 5)), float32(normal(rng, 3))),
            call("collapse", read_only(strided(W_AD)), read_only(normal(rng, 4))),
        ],
        says="With A = D both W u and Wᵀ u exist, and only one of them gives the same scores as "
        "before.",
    )
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), np.array([1.0, 2.0, -1.0])
    yield Check(
        "tanh_scores: four words in the plane",
        points=1,
        calls=[call("tanh_scores", normal(rng, 4, 2, decimals=1), W_AD, u_A)],
        says="One score per word: tanh bends the A numbers of W x, then u weighs them.",
    )
    yield Check(
        "tanh_scores: other sizes",
        points=1,
        calls=[
            call("tanh_scores", normal(rng, 5, 6), *score_weights(rng, 4, 6)),
            call("tanh_scores", normal(rng, 7, 3), *score_weights(rng, 5, 3)),
            call("tanh_scores", normal(rng, 5, 4), *score_weights(rng, 4, 4)),
        ],
        says="The same formula must hold for any T, A and D, a square W among them.",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "tanh_scores: twice the query, float32, strided and read-only arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            call("tanh_scores", x_TD, W_AD, 2 * u_A),
            call("tanh_scores", float32(x_TD), float32(W_AD), float32(u_A)),
            call("tanh_scores", strided(x_TD), strided(W_AD), strided(u_A)),
            call("tanh_scores", read_only(x_TD), read_only(W_AD), read_only(u_A)),
        ],
        says="u stands outside the tanh, so twice the u still gives twice the score.",
    )


@l1_4.right("collapse by loops")
def collapse(W_AD, u_A):
    A, D = W_AD.shape
    w_D = np.zeros(D)
    for d in range(D):
        for a in range(A):
            w_D[d] += u_A[a] * W_AD[a, d]
    return w_D


@l1_4.right("collapse by einsum")
def collapse(W_AD, u_A):
    return np.einsum("ad,a->d", W_AD, u_A)


@l1_4.right("collapse as the sum of weighted rows")
def collapse(W_AD, u_A):
    return (u_A[:, None] * W_AD).sum(axis=0)


@l1_4.right("tanh by exponentials, word by word")
def tanh_scores(x_TD, W_AD, u_A):
    scores = []
    for x_D in x_TD:
        h_A = W_AD @ x_D
        scores.append(u_A @ ((np.exp(2 * h_A) - 1) / (np.exp(2 * h_A) + 1)))
    return np.array(scores)


@l1_4.right("tanh of columns, einsum at the end")
def tanh_scores(x_TD, W_AD, u_A):
    h_AT = np.tanh(np.tensordot(W_AD, x_TD, axes=(1, 1)))
    return np.einsum("a,at->t", u_A, h_AT)


@l1_4.wrong(
    "W-u",
    "You computed W u, which runs over the columns of W. To move W over to the side of u it has to "
    "be turned: uᵀ W x is the dot product of x with Wᵀ u.",
)
def collapse(W_AD, u_A):
    return W_AD @ u_A


@l1_4.wrong(
    "normalises-w",
    "Your w has length 1. Its direction is right, but the length matters too: a longer w spreads the "
    "scores further apart. Return Wᵀ u as it is.",
)
def collapse(W_AD, u_A):
    w_D = W_AD.T @ u_A
    return w_D / np.linalg.norm(w_D)


@l1_4.wrong(
    "collapse-not-summed",
    "You multiplied each row of W by its entry of u and left the rows apart, shape (A, D). Added up "
    "they are one vector of D numbers.",
)
def collapse(W_AD, u_A):
    return u_A[:, None] * W_AD


@l1_4.wrong(
    "collapse-forgets-u",
    "You added up the rows of W without u, as if every entry of u were 1. Each row counts as much as "
    "its entry of u says.",
)
def collapse(W_AD, u_A):
    return W_AD.sum(axis=0)


@l1_4.wrong(
    "collapse-tanh",
    "There is a tanh in your `collapse`. The collapse is about the score without one: with a tanh "
    "between W and u no such w exists.",
)
def collapse(W_AD, u_A):
    return np.tanh(W_AD).T @ u_A


@l1_4.wrong(
    "tanh-outside",
    "You took tanh of the finished score uᵀ W x. Then W and u still collapse into one vector and the "
    "order of the words' scores can't change. The tanh belongs between W x and u.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD @ W_AD.T @ u_A)


@l1_4.wrong(
    "tanh-on-x",
    "You took tanh of the words before W. The numbers to bend are those that W reads off a word, "
    "W x: first W, then tanh, then u.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD) @ W_AD.T @ u_A


@l1_4.wrong(
    "tanh-on-W",
    "You took tanh of W itself. That only gives another matrix, which collapses like any other. "
    "The tanh must act on the product W x.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return x_TD @ np.tanh(W_AD).T @ u_A


@l1_4.wrong(
    "no-tanh",
    "These are the linear scores of L1.2: the tanh is missing. Bend the numbers of W x before u "
    "weighs them.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return x_TD @ W_AD.T @ u_A


@l1_4.wrong(
    "tanh-twice",
    "You have one tanh too many: the one between W x and u is right, but the finished score is not "
    "bent again.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return np.tanh(np.tanh(x_TD @ W_AD.T) @ u_A)


@l1_4.wrong(
    "tanh-W-transposed",
    "You multiplied by Wᵀ where the formula has W. With a square W it runs and gives other scores. "
    "Each row of W_AD has to be dotted with each word.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD @ W_AD) @ u_A


@l1_4.wrong(
    "tanh-words-as-columns",
    "`W_AD @ x_TD` takes words for columns, but in x_TD a word is a row. As in `linear_scores`, one "
    "of the two has to be transposed before the product.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return u_A @ np.tanh(W_AD @ x_TD)


@l1_4.wrong(
    "tanh-u-forgotten",
    "You returned tanh(W x), A numbers for every word. The query u still has to turn them into one "
    "score per word.",
)
def tanh_scores(x_TD, W_AD, u_A):
    return np.tanh(x_TD @ W_AD.T)


# --------------------------------------------------------------------------- L1.5

l1_5 = Exercise(
    id="L1.5",
    title="Predict, then run: shuffle, drop, double",
    functions=("shuffled", "dropped", "doubled"),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "A word's score depends on that word alone. So shuffling, dropping or doubling changes no "
        "score; only the sum in the denominator can change. In which of the three does it?",
        "The ratio of two words' weights stays what it was. After a shuffle the sum has the same "
        "terms. After a drop it is smaller by one term, after a doubling larger by one: every "
        "weight is divided by a new sum, and they sum to 1 again.",
        "Shuffle: new position t shows the old weight of word order_T[t], so index the old weights "
        "with the order. Drop: take out weight i (`np.delete` makes a shorter copy), divide by what "
        "is left. Double: append a copy of weight i (`np.append`), divide by the new total.",
    ),
)


@l1_5.checks
def l1_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    s_T = np.array([0.5, 0.3, 0.2])
    yield Check(
        "shuffled: two words change places",
        points=1,
        calls=[
            call("shuffled", s_T, np.array([1, 0, 2])),
            call("shuffled", weights(rng, 4), np.array([0, 3, 2, 1])),
        ],
        says="A word takes its weight along to its new place.",
    )
    order_T = np.array([3, 0, 4, 1, 5, 2]) if rng.random() < 0.5 else np.array([2, 4, 0, 5, 1, 3])
    s6_T = weights(rng, 6)
    yield Check(
        "shuffled: all words move",
        points=1,
        judges="inputs untouched",
        calls=[
            call("shuffled", s_T, np.array([2, 0, 1])),
            call("shuffled", s6_T, order_T),
            call("shuffled", float32(s6_T), order_T),
            call("shuffled", read_only(strided(s6_T)), read_only(order_T)),
        ],
        says="order_T tells for each new position which old word stands there.",
    )
    yield Check(
        "dropped: three words become two",
        points=1,
        calls=[
            *[call("dropped", s_T, i) for i in range(3)],
            call("dropped", weights(fresh, 3), int(fresh.integers(3))),
        ],
        says="The words that stay keep their proportions, and their weights sum to 1.",
    )
    s5_T, s7_T = weights(rng, 5), weights(rng, 7)
    yield Check(
        "dropped: longer sentences, other arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            call("dropped", s7_T, 3),
            call("dropped", s7_T, int(s7_T.argmax())),
            call("dropped", float32(s5_T), 4),
            call("dropped", read_only(strided(s5_T)), 1),
        ],
        says="A light word leaves little behind, a heavy one much; the rest divide it in proportion.",
    )
    yield Check(
        "doubled: three words become four",
        points=1,
        calls=[
            *[call("doubled", s_T, i) for i in range(3)],
            call("doubled", weights(fresh, 3), int(fresh.integers(3))),
        ],
        says="The copy has the same score as the word it copies, so the same weight, and all weights "
        "sum to 1.",
    )
    yield Check(
        "doubled: longer sentences, other arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            call("doubled", s7_T, 2),
            call("doubled", s7_T, int(s7_T.argmax())),
            call("doubled", float32(s5_T), 4),
            call("doubled", read_only(strided(s5_T)), 1),
        ],
        says="One more word competes for the same whole: every weight is divided by a larger sum.",
    )


@l1_5.right("shuffled: a loop")
def shuffled(s_T, order_T):
    new_T = np.empty(len(s_T))
    for t, old in enumerate(order_T):
        new_T[t] = s_T[old]
    return new_T


@l1_5.right("shuffled: by a permutation matrix")
def shuffled(s_T, order_T):
    return np.eye(len(s_T))[order_T] @ s_T


@l1_5.right("dropped: divided by what the word leaves")
def dropped(s_T, i):
    kept = np.concatenate([s_T[:i], s_T[i + 1 :]])
    return kept / (1 - s_T[i])


@l1_5.right("dropped: through the scores")
def dropped(s_T, i):
    e_T = np.log(s_T)
    exps = np.array([np.exp(e) for j, e in enumerate(e_T) if j != i])
    return exps / exps.sum()


@l1_5.right("dropped: a mask")
def dropped(s_T, i):
    keep = np.ones(len(s_T), dtype=bool)
    keep[i] = False
    return s_T[keep] / s_T[keep].sum()


@l1_5.right("doubled: divided by one plus the weight")
def doubled(s_T, i):
    return np.append(s_T, s_T[i]) / (1 + s_T[i])


@l1_5.right("doubled: through the scores")
def doubled(s_T, i):
    e = list(np.log(s_T))
    e.append(e[i])
    exps = np.exp(np.array(e))
    return exps / exps.sum()


l1_5.allow_mutant(
    after="kept = -np.delete(s_T, i)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
l1_5.allow_mutant(
    after="longer = -np.append(s_T, s_T[i])",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l1_5.wrong(
    "shuffled-stays-in-place",
    "You left the weights where they were. A weight belongs to a word, not to a position: nothing in "
    "uᵀ W x_i knows where the word stands, so the weight moves with it.",
)
def shuffled(s_T, order_T):
    return s_T.copy()


@l1_5.wrong(
    "shuffled-inverse",
    "You sent old weight t to position order_T[t]. It is the other way round: new position t shows "
    "the weight of old word order_T[t]. For a swap both agree; for most orders they don't.",
)
def shuffled(s_T, order_T):
    new_T = np.zeros_like(s_T)
    new_T[order_T] = s_T
    return new_T


@l1_5.wrong(
    "shuffled-softmax-again",
    "You put the weights through softmax once more. They are finished weights, not scores: they have "
    "been exponentiated and divided already and only have to move.",
)
def shuffled(s_T, order_T):
    exp_T = np.exp(s_T[order_T])
    return exp_T / exp_T.sum()


@l1_5.wrong(
    "shuffled-uniform",
    "You gave every word the same weight. Shuffling mixes up the places, not the weights: each word "
    "keeps its own.",
)
def shuffled(s_T, order_T):
    return np.full(len(s_T), 1 / len(s_T))


@l1_5.wrong(
    "shuffled-sorted",
    "You sorted the weights. The new order is not by weight: order_T says which old word stands at "
    "each new position.",
)
def shuffled(s_T, order_T):
    return np.sort(s_T)[::-1].copy()


@l1_5.wrong(
    "dropped-not-renormalised",
    "You took the word out, and the weights now sum to less than 1. What it had does not vanish: the "
    "sum in the denominator has one term fewer, so every other weight grows.",
)
def dropped(s_T, i):
    return np.delete(s_T, i)


@l1_5.wrong(
    "dropped-shared-equally",
    "You gave every remaining word the same part of the dropped weight. The ratio of two weights "
    "depends on their two scores alone and must stay: heavy words gain more than light ones.",
)
def dropped(s_T, i):
    return np.delete(s_T, i) + s_T[i] / (len(s_T) - 1)


@l1_5.wrong(
    "dropped-leaves-a-zero",
    "You set the word's weight to 0 and kept its place. The sentence is one word shorter: return "
    "T − 1 weights, and let them sum to 1.",
)
def dropped(s_T, i):
    new_T = np.array(s_T)
    new_T[i] = 0
    return new_T


@l1_5.wrong(
    "dropped-keeps-the-length",
    "Your weights are in the right proportion and sum to 1, but a 0 still stands where the word was. "
    "The word is gone: return T − 1 weights.",
)
def dropped(s_T, i):
    new_T = np.array(s_T)
    new_T[i] = 0
    return new_T / new_T.sum()


@l1_5.wrong(
    "dropped-softmax-again",
    "You put the remaining weights through softmax once more. That treats weights as scores and "
    "flattens them. Their proportions are right already: only their sum has to be mended.",
)
def dropped(s_T, i):
    exps = np.exp(np.delete(s_T, i))
    return exps / exps.sum()


@l1_5.wrong(
    "dropped-to-the-neighbour",
    "You handed the whole dropped weight to one neighbour. Attention knows no neighbours: all "
    "remaining words grow by the same factor.",
)
def dropped(s_T, i):
    kept = np.delete(s_T, i)
    kept[min(i, len(kept) - 1)] += s_T[i]
    return kept


@l1_5.wrong(
    "doubled-halves",
    "You split the word's weight between its two copies and left the others as they were. But the "
    "copy brings its own term into the sum: together the two get more than the word had alone, and "
    "all others get less.",
)
def doubled(s_T, i):
    new_T = np.append(s_T, s_T[i] / 2)
    new_T[i] = s_T[i] / 2
    return new_T


@l1_5.wrong(
    "doubled-not-renormalised",
    "You gave the copy the weight of its original, and now the weights sum to more than 1. The "
    "denominator has one more term: divide all of them by the new sum.",
)
def doubled(s_T, i):
    return np.append(s_T, s_T[i])


@l1_5.wrong(
    "doubled-others-pay",
    "Your two copies keep the old weight each, and only the others shrink. The copies share in the "
    "shrinking: all T + 1 weights are divided by the same new sum.",
)
def doubled(s_T, i):
    rest = (1 - 2 * s_T[i]) / (1 - s_T[i])
    new_T = np.append(s_T * rest, s_T[i])
    new_T[i] = s_T[i]
    return new_T


@l1_5.wrong(
    "doubled-beside",
    "Your weights are right, but you put the copy next to its original. Here the copy stands at the "
    "end of the sentence.",
)
def doubled(s_T, i):
    new_T = np.insert(s_T, i + 1, s_T[i])
    return new_T / new_T.sum()


@l1_5.wrong(
    "doubled-softmax-again",
    "You put the weights through softmax once more. That treats weights as scores and flattens them. "
    "Their proportions are right already: only their sum has to be mended.",
)
def doubled(s_T, i):
    exps = np.exp(np.append(s_T, s_T[i]))
    return exps / exps.sum()


@l1_5.wrong(
    "doubled-without-a-copy",
    "You made the word twice as heavy but added no place for its copy. The sentence is one word "
    "longer: return T + 1 weights, the copy's at the end.",
)
def doubled(s_T, i):
    new_T = np.array(s_T)
    new_T[i] = 2 * s_T[i]
    return new_T / new_T.sum()


EXERCISES = (l1_1, l1_2, l1_3, l1_4, l1_5)
