import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import score_weights

exercise = Exercise(
    "Attention pooling: score, normalise, mix",
    solve="attention_pool",
    difficulty=2,
    importance=5,
    minutes=20,
    hints="""You have written two of the three moves already: the scores in L1.2 and the mix in
    L1.1. The middle one turns T scores into T positive numbers that sum to 1. You did it above, on
    three numbers.

    Keep three lines apart: e_T, the scores; s_T, the exponentials of the scores, divided by their
    sum over the words; z_D, the words themselves (x_i, not W x_i), each times its weight, added up.
    Print the shape of each.

    Call your `linear_scores` for e_T. Apply `np.exp` to it, divide by the sum of the result, and
    keep that as s_T. Since s_T sums to 1, your `weighted_mean` of x_TD with s_T is z_D. Return the
    two in the order of the docstring.""",
)


def shifted(
    rng: np.random.Generator, T: int, offset: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x_TD, W_AD and u_A whose scores lie near `offset`, with differences as usual.

    Each word's last coordinate is 1; the last row of W reads nothing but this.
    """
    x_TD = np.column_stack([normal(rng, T, 4), np.ones(T)])
    W_AD, u_A = np.zeros((4, 5)), np.full(4, offset)
    W_AD[:3, :4], u_A[:3] = score_weights(rng, 3, 4)
    W_AD[3, 4] = 1
    return x_TD, W_AD, u_A


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), np.array([0.5, 1.0, -0.5])
    yield Check(
        "a query of zeros",
        call(normal(rng, 3, 2, decimals=1), W_AD[2:], np.zeros(1)),
        call(normal(rng, 5, 6), score_weights(rng, 3, 6)[0], np.zeros(3)),
        says="If all scores are equal, all weights are 1/T and z is the plain mean.",
    )
    yield Check(
        "one word alone",
        call(normal(rng, 1, 2, decimals=1), W_AD, u_A),
        call(normal(rng, 1, 3), *score_weights(rng, 4, 3)),
        call(normal(fresh, 2, 3), *score_weights(fresh, 4, 3)),
        says="""A single word has nobody to share with: its weight is 1, whatever its score, and z
        is that word. A second one takes its share.""",
    )
    in_the_plane = call(normal(rng, 4, 2, decimals=1), W_AD, u_A)
    yield Check(
        "four words in the plane: the weights",
        in_the_plane,
        says="Weights are positive, sum to 1 over the words, and grow with the score.",
        part=1,
    )
    yield Check(
        "four words in the plane: the mix",
        in_the_plane,
        says="z is the words themselves, each in the share that its weight says.",
        part=0,
    )
    yield Check(
        "other sizes",
        call(normal(rng, 5, 6), *score_weights(rng, 4, 6)),
        call(normal(rng, 7, 3), *score_weights(rng, 5, 3)),
        call(normal(rng, 6, 4), *score_weights(rng, 4, 4)),
        call(*shifted(fresh, 6, 60.0)),
        call(*shifted(fresh, 5, -60.0)),
        says="""z has D numbers and s has T, for any T, A and D. Only differences of scores count,
        near 60 as near 0.""",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "float32, strided and read-only arrays",
        call(float32(x_TD), float32(W_AD), float32(u_A)),
        call(strided(x_TD), strided(W_AD), strided(u_A)),
        call(read_only(x_TD), read_only(W_AD), read_only(u_A)),
        says="How the numbers lie in memory makes no difference to a weight.",
    )
    yield Check(
        "leaves its inputs alone",
        call(normal(rng, 5, 3), *score_weights(rng, 4, 3)),
        says="The words are used again after pooling.",
        judges="inputs untouched",
    )


@exercise.right("plain loops and math.exp")
def plain_loops_and_math_exp(x_TD, W_AD, u_A):
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


@exercise.right("einsum, largest score subtracted")
def einsum_largest_score_subtracted(x_TD, W_AD, u_A):
    e_T = np.einsum("a,ad,td->t", u_A, W_AD, x_TD)
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    return np.einsum("t,td->d", s_T, x_TD), s_T


@exercise.right("np.average")
def np_average(x_TD, W_AD, u_A):
    exp_T = np.exp(x_TD @ (W_AD.T @ u_A))
    return np.average(x_TD, axis=0, weights=exp_T), exp_T / np.sum(exp_T)


@exercise.right("by ratios: how many times the others' weight")
def by_ratios_how_many_times(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    s_T = 1 / np.exp(e_T[None, :] - e_T[:, None]).sum(axis=1)
    z_D = (s_T[:, None] * x_TD).sum(axis=0)
    return z_D, s_T


exercise.allow_mutant(
    after="exp_T = -np.exp(e_T)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@exercise.wrong
def normalises_over_one(x_TD, W_AD, u_A):
    """All your weights are 1: your scores have shape (T, 1) and you normalised along the axis of
    length 1, where every number is its own sum. The words have to compete: sum over T."""
    e_T1 = x_TD @ W_AD.T @ u_A[:, None]
    exp_T1 = np.exp(e_T1)
    s_T1 = exp_T1 / exp_T1.sum(axis=1, keepdims=True)
    return (s_T1 * x_TD).sum(axis=0), s_T1[:, 0]


@exercise.wrong
def softmax_over_A(x_TD, W_AD, u_A):
    """You applied softmax to the A numbers inside each word and weighed them by u afterwards. The
    competition is between words: finish the scores first, then normalise over T."""
    exp_TA = np.exp(x_TD @ W_AD.T)
    s_T = (exp_TA / exp_TA.sum(axis=1, keepdims=True)) @ u_A
    return s_T @ x_TD, s_T


exercise.slip("""words-as-columns
    - e_T = x_TD @ W_AD.T @ u_A
    + e_T = u_A @ (W_AD @ x_TD)
    `W_AD @ x_TD` takes words for columns, but in x_TD a word is a row: D meets T, which is an
    error. Your `linear_scores` has solved this: call it for the first move.""")


@exercise.wrong
def mixes_raw_scores(x_TD, W_AD, u_A):
    """Your weights s are right, but you mixed the words with the raw scores e. Raw scores can be
    negative and don't sum to 1; the weights were made for this."""
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T)
    return e_T @ x_TD, exp_T / exp_T.sum()


@exercise.wrong
def mixes_W_x(x_TD, W_AD, u_A):
    """You mixed W x_i instead of x_i, so z has A numbers. W is only used to find out how much each
    word counts; what is mixed are the words as they came."""
    h_TA = x_TD @ W_AD.T
    exp_T = np.exp(h_TA @ u_A)
    s_T = exp_T / exp_T.sum()
    return s_T @ h_TA, s_T


exercise.slip("""mean-instead-of-sum
    - return s_T @ x_TD, s_T
    + return (s_T[:, None] * x_TD).mean(axis=0), s_T
    Your z is T times too short: you took the mean of the weighted words. The weights sum to 1, so
    the dividing is done; what remains is a sum.""")


@exercise.wrong
def returns_unnormalised_s(x_TD, W_AD, u_A):
    """Your z is right, but the s you return are the exponentials before the division. Return the
    shares that sum to 1."""
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T @ x_TD / exp_T.sum(), exp_T


@exercise.wrong
def never_divides(x_TD, W_AD, u_A):
    """You took the exponentials and mixed with them as they are: they are positive but don't sum to
    1. Divide them by their sum over the words before you mix."""
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T @ x_TD, exp_T


@exercise.wrong
def no_exponential(x_TD, W_AD, u_A):
    """You divided the scores by their sum, without the exponential. Scores can be negative or
    cancel to a sum near 0, and then such 'weights' are negative or huge. What made them positive
    above?"""
    e_T = x_TD @ W_AD.T @ u_A
    s_T = e_T / e_T.sum()
    return s_T @ x_TD, s_T


@exercise.wrong
def returns_scores(x_TD, W_AD, u_A):
    """Your z is right, but the second value you return are the scores e. The weights s, positive
    and summing to 1, are asked for."""
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T)
    return exp_T @ x_TD / exp_T.sum(), e_T


exercise.slip("""swaps-the-two-results
    - return s_T @ x_TD, s_T
    + return s_T, s_T @ x_TD
    You returned (s, z). The docstring asks for the mix first: (z_D, s_T).""")


@exercise.wrong
def winner_takes_all(x_TD, W_AD, u_A):
    """You gave weight 1 to the word with the greatest score and 0 to the others. Softmax is softer:
    every word keeps a share, and the shares change smoothly with the scores."""
    e_T = x_TD @ W_AD.T @ u_A
    s_T = np.zeros(len(e_T))
    s_T[np.argmax(e_T)] = 1.0
    return s_T @ x_TD, s_T


exercise.slip("""clips-the-scores
    - exp_T = np.exp(e_T)
    + exp_T = np.exp(np.clip(e_T, -20, 20))
    You cut the scores off at a limit. Two words beyond it then get the same weight, although one
    should win. Only differences of scores count: what may be subtracted from all of them without
    changing a weight?""")


@exercise.wrong
def tanh_inside(x_TD, W_AD, u_A):
    """There is a tanh between W and u. That is another score, which you will write in L1.4; here it
    is the plain uᵀ W x."""
    exp_T = np.exp(np.tanh(x_TD @ W_AD.T) @ u_A)
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T
