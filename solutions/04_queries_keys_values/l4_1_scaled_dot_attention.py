import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, float32, normal, uniform

from .shared import LARGE, LARGE_32, LAST

exercise = Exercise(
    "Scaled dot-product attention",
    solve="scaled_dot_attention",
    difficulty=2,
    importance=5,
    minutes=20,
    hints="""It is lesson 1's three moves, for T queries at once: score, normalise, mix. Write down
    the shape after each: from (T, K) and (S, K) to the scores, to the weights, to the outputs (T,
    V). Which axis has to disappear in which move?

    Three results: e_TS, every query dotted with every key and divided by the root of how many
    numbers a key has; w_TS, a softmax of each row, that is over the keys; o_TV, for each query the
    values in the shares of its row.

    In `q_TK @ k_SK.T` the axis K disappears and (T, S) is left. Divide by `q_TK.shape[1] ** 0.5`.
    Take the softmax of lesson 2 along the last axis, with the maximum of each row subtracted and
    `keepdims=True`. The outputs are `w_TS @ v_SV`, and the outputs come first in the return.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes()
    q_14 = np.array([[2.0, 1.0, 0.0, -1.0]])
    k_34 = np.array([[2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 3.0, 0.0], [-1.0, 2.0, 0.0, 2.0]])
    by_hand = call(q_14, k_34, np.array([[10.0, 1.0], [20.0, 2], [60, 4]]))
    yield Check(
        "one query, three keys, by hand",
        by_hand,
        call(0 * q_14, k_34, np.array([[6.0], [1.0], [2.0]])),
        call(
            normal(fresh, 1, 4, decimals=1),
            normal(fresh, 3, 4, decimals=1),
            uniform(fresh, -9, 9, 3, 2, decimals=0),
        ),
        says="""The products are 4, 0 and −2, the keys are 4 wide, so the scores are 2, 0 and −1. A
        query of zeros likes all keys alike.""",
    )
    q_TK, k_SK, v_SV = axes.normal(rng, "TK"), axes.normal(rng, "SK"), axes.normal(rng, "SV")
    several = call(q_TK, k_SK, v_SV)
    yield Check(
        "five queries, seven keys: the weights",
        several,
        says="Row t holds the weights of query t: one for each key, positive, of sum 1.",
        part=1,
    )
    yield Check(
        "five queries, seven keys: the outputs",
        several,
        says="Row t is the mean of the values, each in the share that query t's weights say.",
        part=0,
    )
    wide = 90
    yield Check(
        "keys of any width",
        call(normal(rng, 3, wide), normal(rng, 5, wide), axes.normal(rng, "TV")),
        call(normal(rng, 4, 2), normal(rng, 7, 2), axes.normal(rng, "SV")),
        call(normal(rng, 6, 1), normal(rng, 3, 1), normal(rng, 3, 2)),
        says=f"The products of {wide} wide keys spread about nine times as far as those of width 1. "
        "The divisor takes that out, and nothing else.",
    )
    square = [normal(rng, 5, 5) for _ in range(3)]
    yield Check(
        "square arrays, where wrong axes fit too",
        call(*square),
        call(normal(rng, 3, 3), normal(rng, 4, 3), normal(rng, 4, 3)),
        says="""With T = S = K = V no mix-up of axes raises an error, and NumPy can't know what was
        meant.""",
    )
    offset_K = np.where(np.arange(6) % 2, -700.0, 700.0)
    shifted_TK = normal(rng, 5, 6) + np.where(np.arange(6) % 2, -1.0, 1.0)
    yield Check(
        "scores in the thousands",
        call(shifted_TK, k_SK + offset_K, v_SV, tolerance=LARGE),
        call(-shifted_TK, k_SK + offset_K, v_SV, tolerance=LARGE),
        call(400 * q_TK, k_SK, v_SV, tolerance=LARGE),
        call(*(float32(a) for a in (400 * q_TK, k_SK, v_SV)), tolerance=LARGE_32),
        says="""Adding one and the same vector to all keys changes no weight, and no exponential
        may overflow: subtract each row's largest score first, as in lesson 2.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(axes.normal(rng, "TK"), axes.normal(rng, "SK"), v_SV)),
        says="""Queries and keys are used again after this, and real arrays come as parts of larger
        ones, or locked.""",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_queries_and_keys(q_TK, k_SK, v_SV):
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


@exercise.right("einsum, the queries shrunk first")
def einsum_the_queries_shrunk_first(q_TK, k_SK, v_SV):
    e_TS = np.einsum("tk,sk->ts", q_TK * q_TK.shape[-1] ** -0.5, k_SK)
    e_TS = e_TS - e_TS.max(-1)[:, None]
    w_TS = np.exp(e_TS) / np.exp(e_TS).sum(-1)[:, None]
    return np.einsum("ts,sv->tv", w_TS, v_SV), w_TS


@exercise.right("keys as rows, through the log-sum-exp")
def keys_as_rows_through(q_TK, k_SK, v_SV):
    e_ST = np.dot(k_SK, q_TK.T) / np.sqrt(len(k_SK[0]))
    w_ST = np.exp(e_ST - np.logaddexp.reduce(e_ST, axis=0))
    return w_ST.T @ v_SV, w_ST.T


@exercise.right("one query at a time, mixed before the division")
def one_query_at_a_time(q_TK, k_SK, v_SV):
    outputs, weights = [], []
    for q_K in q_TK:
        e_S = k_SK @ q_K / np.sqrt(q_K.size)
        exp_S = np.exp(e_S - np.max(e_S))
        outputs.append(exp_S @ v_SV / exp_S.sum())
        weights.append(exp_S / exp_S.sum())
    return np.stack(outputs), np.stack(weights)


for line in (
    "exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))",
    "w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)",
):
    exercise.allow_mutant(after=line, reason=LAST)
exercise.allow_mutant(
    after="exp_TS = -np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@exercise.plain
def plain(q_TK, k_SK, v_SV):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


exercise.slip("""no-scale
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T
    Your scores are the plain products q·k: nothing is divided by the root of the keys' width. The
    wider the keys, the more your weights go to a single one. By what does the spread of a sum of K
    products grow?""")
exercise.slip("""divides-by-d
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T / q_TK.shape[1]
    You divided by the keys' width itself, not by its root, and your weights are too alike. A sum of
    K independent products has K times the variance of one: how much more does it spread?""")
exercise.slip("""root-of-the-number-of-keys
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T / np.sqrt(k_SK.shape[0])
    You divided by the root of the number of keys S. How far a product q·k spreads has nothing to do
    with how many keys there are: over which axis does the dot product sum?""")
exercise.slip("""root-of-the-number-of-queries
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T / np.sqrt(len(q_TK))
    You divided by the root of the number of queries T. Then a query's weights depend on how many
    others ask beside it. Over which axis does the dot product sum?""")
exercise.slip("""root-of-the-value-width
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T / np.sqrt(v_SV.shape[1])
    You divided by the root of the values' width V. Values take no part in the scores: which axis do
    queries and keys share?""")
exercise.slip("""multiplies-by-the-root
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK.T * np.sqrt(q_TK.shape[1])
    You multiplied the products by √K. They are too far apart already: which way should the root
    move them?""")


@exercise.wrong
def scale_after_softmax(q_TK, k_SK, v_SV):
    """You divided the finished weights by √K, so that they no longer sum to 1. The division belongs
    to the scores: what comes first, making scores moderate or making shares of them?"""
    e_TS = q_TK @ k_SK.T
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True) / np.sqrt(q_TK.shape[1])
    return w_TS @ v_SV, w_TS


@exercise.wrong
def softmax_over_the_queries(q_TK, k_SK, v_SV):
    """Your columns sum to 1, not your rows: you let the queries compete for each key. Each query
    has one whole to hand out. To whom, and along which axis do they lie?"""
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=0, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=0, keepdims=True)
    return w_TS @ v_SV, w_TS


@exercise.wrong
def softmax_over_everything(q_TK, k_SK, v_SV):
    """All your weights together sum to 1: you let all queries share a single whole. Each query,
    each row, has a whole of its own."""
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max())
    w_TS = exp_TS / exp_TS.sum()
    return w_TS @ v_SV, w_TS


plain.slip("""keys-as-values
    - return w_TS @ v_SV, w_TS
    + return w_TS @ k_SK, w_TS
    You mixed the keys, and v_SV was never used. Keys only say who is meant; what is handed out are
    the values, which may have another width. Which of the three should stand behind the weights?""")


@exercise.wrong
def queries_and_keys_swapped(q_TK, k_SK, v_SV):
    """You let the keys ask and the queries answer: your weights have a row for each key. With T = S
    it runs unnoticed. Who asks, and so gets a row and an output?"""
    e_ST = k_SK @ q_TK.T / np.sqrt(q_TK.shape[1])
    exp_ST = np.exp(e_ST - e_ST.max(axis=1, keepdims=True))
    w_ST = exp_ST / exp_ST.sum(axis=1, keepdims=True)
    return w_ST @ v_SV, w_ST


exercise.slip("""keys-not-turned
    - e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + e_TS = q_TK @ k_SK / np.sqrt(q_TK.shape[1])
    `q_TK @ k_SK` pairs the queries' numbers with the keys' rows: an error in general, and wrong
    numbers if S = K. Both arrays have one vector a row, so one has to be turned first.""")


@exercise.wrong
def winner_takes_all(q_TK, k_SK, v_SV):
    """Each of your queries gives all its weight to the best key, as a dictionary does. Softmax is
    softer: every key keeps a share, and the shares change smoothly with the scores."""
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    w_TS = (e_TS == e_TS.max(axis=1, keepdims=True)) * 1.0
    w_TS /= w_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


@exercise.wrong
def no_softmax(q_TK, k_SK, v_SV):
    """You mixed the values by the raw scores, which may be negative and sum to anything. Which move
    is missing between scoring and mixing?"""
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    return e_TS @ v_SV, e_TS


plain.slip("""cosine
    - e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    + lengths = np.linalg.norm(q_TK, axis=1)[:, None] * np.linalg.norm(k_SK, axis=1)
    + e_TS = q_TK @ k_SK.T / np.where(lengths == 0, 1, lengths)
    You divided each product by the lengths of its query and key, which leaves the cosine. The
    formula divides all products by one number, the root of the keys' width: a longer query is meant
    to ask more sharply.""")


@exercise.wrong
def no_max_subtracted(q_TK, k_SK, v_SV):
    """On moderate scores you are right, but you took the exponential of the scores as they came: a
    score of 1000 becomes inf, and inf / inf is nan. What did lesson 2 subtract first?"""
    exp_TS = np.exp(q_TK @ k_SK.T / np.sqrt(q_TK.shape[1]))
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    return w_TS @ v_SV, w_TS


plain.slip("""global-max
    - exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    + exp_TS = np.exp(e_TS - e_TS.max())
    You subtracted the largest score of all. A query whose scores lie a thousand below it is left
    with 0 / 0. Along which axis should each query find a maximum of its own?""")
plain.slip("""weights-first
    - return w_TS @ v_SV, w_TS
    + return w_TS, w_TS @ v_SV
    You returned the weights first. The docstring asks for the outputs, then the weights.""")
plain.slip("""scales-the-callers-queries
    - e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    + q_TK /= np.sqrt(q_TK.shape[1])
    + e_TS = q_TK @ k_SK.T
    The result is right, but `/=` wrote the smaller queries into the caller's own q_TK. Asking again
    gives another answer. Put them into a new array.""")
