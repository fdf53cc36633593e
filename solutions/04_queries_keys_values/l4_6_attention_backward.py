"""Gradients are checked one by one, on sizes that all differ and weights that are nowhere near 1, so
that every factor on the way back shows."""

import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    from_lesson,
    normal,
    uniform,
)

from .shared import LARGE, LARGE_32, LAST

# A slope that is felt with steps of a millionth, in float64 and in float32, is right as well.
FELT, FELT_32 = 1e-6, 1e-4

exercise = Exercise(
    "Backward through attention",
    solve="attention_backward",
    difficulty=3,
    importance=5,
    minutes=30,
    hints="""The way there has three lines: e = q kᵀ / √K, w = softmax(e), o = w v. Walk them from
    the last to the first. Every gradient has the shape of the array it belongs to: write the shapes
    down before you write a product. Which two arrays can give dv, of shape (S, V)?

    Rule 1 of lesson 3, for tables: if o = w v, then dw = do vᵀ and dv = wᵀ do. From dw to de it is
    `softmax_vjp` of lesson 2, one row for each query: de = w (dw − Σ w dw), the sum along the keys.
    Then rule 1 again for e = q kᵀ / √K. Where does 1/√K go?

    `dw_TS = do_TV @ v_SV.T`, then `de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1,
    keepdims=True))`, and divide it by √K once. With this, dq is `de_TS @ k_SK` and dk is
    `de_TS.T @ q_TK`: a key is asked by all queries, and the product adds their wishes up.""",
)

scaled_dot_attention = from_lesson("scaled_dot_attention")


def asked(rng, T, S, K, V):
    """q_TK, k_SK, v_SV and do_TV of these sizes."""
    return normal(rng, T, K), normal(rng, S, K), normal(rng, S, V), normal(rng, T, V)


@exercise.checks
def checks(rng):
    axes = Axes()
    q_14, do_11 = np.array([[2.0, 2.0, 0.0, -2.0]]), np.array([[1.0]])
    k_24, v_21 = np.array([[3.0, 1.0, 0.0, 2.0], [1.0, 1.0, 4.0, 0.0]]), np.array([[4.0], [0.0]])
    drawn = (
        uniform(rng, -2, 2, 1, 4, decimals=0),
        uniform(rng, -2, 2, 3, 4, decimals=0),
        uniform(rng, -5, 5, 3, 2, decimals=0),
        uniform(rng, 1, 4, 1, 2, decimals=0),
    )
    several = [
        tuple(axes.normal(rng, of) for of in ("TK", "SK", "SV", "TV")),
        asked(rng, 6, 3, 2, 4),
    ]
    square = asked(rng, 4, 4, 4, 4)
    calls = [call(*inputs, tolerance=FELT) for inputs in (*several, square)]
    yield Check(
        "dv: what the values get",
        call(q_14, k_24, v_21, do_11, tolerance=FELT),
        *calls,
        says="""A value is handed to every query, in the share that the query's weight says. So it
        gets back the gradients of all outputs, each in that same share.""",
        part=2,
    )
    yield Check(
        "dq: what the queries get",
        call(q_14, k_24, v_21, do_11, tolerance=FELT),
        call(*drawn, tolerance=FELT),
        *calls,
        says="""In the first example both weights are ½, and dw is 4 and 0. The scores get ½ (4 − 2)
        and ½ (0 − 2), so 1 and −1; a score is q·k / √4, so dq is ½ (key 0 − key 1).""",
        points=2,
        part=0,
    )
    yield Check(
        "dk: what the keys get",
        call(q_14, k_24, v_21, do_11, tolerance=FELT),
        call(*drawn, tolerance=FELT),
        *calls,
        says="""A key is compared with every query, so it gets something from each of them: the
        score's gradient times the query, divided by √K, added up. In the first example that is ½ q
        for key 0 and −½ q for key 1.""",
        points=2,
        part=1,
    )
    q_TK, k_SK, v_SV, do_TV = (axes.normal(rng, of) for of in ("TK", "SK", "SV", "TV"))
    yield Check(
        "float32",
        call(*map(float32, several[0]), tolerance=FELT_32),
        call(*map(float32, asked(rng, 3, 5, 4, 2)), tolerance=FELT_32),
        says="In single precision the numbers are coarser, the gradients are the same.",
    )
    offset_K = np.where(np.arange(6) % 2, -700.0, 700.0)
    shifted_TK = normal(rng, 5, 6) + np.where(np.arange(6) % 2, -1.0, 1.0)
    yield Check(
        "scores in the thousands",
        call(shifted_TK, k_SK + offset_K, v_SV, do_TV, tolerance=LARGE),
        call(-shifted_TK, k_SK + offset_K, v_SV, do_TV, tolerance=LARGE),
        call(*map(float32, (shifted_TK, k_SK + offset_K / 7, v_SV, do_TV)), tolerance=LARGE_32),
        says="""All keys share a large part, which changes no weight: only differences of scores
        count, on the way back as well. On the way there a softmax that can be trusted is needed
        (lesson 2).""",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(q_TK, k_SK, v_SV, do_TV, tolerance=FELT_32)),
        says="""Queries, keys and values are needed again after the way back, and real arrays come as
        parts of larger ones, or locked.""",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_queries_and_keys(q_TK, k_SK, v_SV, do_TV):
    (T, K), S = q_TK.shape, len(k_SK)
    dq_TK, dk_SK = np.zeros(q_TK.shape), np.zeros(k_SK.shape)
    dv_SV = np.zeros(v_SV.shape)
    for t in range(T):
        scores = np.array([q_TK[t] @ k_SK[s] for s in range(S)]) / np.sqrt(K)
        w_S = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
        dw_S = [do_TV[t] @ v_SV[s] for s in range(S)]
        mean = sum(w * dw for w, dw in zip(w_S, dw_S, strict=True))
        for s in range(S):
            de = w_S[s] * (dw_S[s] - mean)
            dv_SV[s] += w_S[s] * do_TV[t]
            dq_TK[t] += de * k_SK[s] / np.sqrt(K)
            dk_SK[s] += de * q_TK[t] / np.sqrt(K)
    return dq_TK, dk_SK, dv_SV


@exercise.right
def einsum_throughout(q_TK, k_SK, v_SV, do_TV):
    scale = q_TK.shape[-1] ** -0.5
    e_TS = np.einsum("tk,sk->ts", scale * q_TK, k_SK)
    w_TS = np.exp(e_TS - e_TS.max(-1, keepdims=True))
    w_TS = w_TS / np.einsum("ts->t", w_TS)[:, None]
    dw_TS = np.einsum("tv,sv->ts", do_TV, v_SV)
    de_TS = w_TS * dw_TS - w_TS * np.einsum("ts,ts->t", w_TS, dw_TS)[:, None]
    dq_TK = np.einsum("ts,sk->tk", de_TS, scale * k_SK)
    dk_SK = np.einsum("ts,tk->sk", de_TS, scale * q_TK)
    return dq_TK, dk_SK, np.einsum("ts,tv->sv", w_TS, do_TV)


@exercise.right("the output in place of the mean: Σ w dw is do·o")
def the_output_in_place_of_the_mean(q_TK, k_SK, v_SV, do_TV):
    o_TV, w_TS = scaled_dot_attention(q_TK, k_SK, v_SV)
    mean_T1 = (do_TV * o_TV).sum(axis=1)[:, None]
    de_TS = w_TS * (do_TV @ v_SV.T - mean_T1) / np.sqrt(k_SK.shape[1])
    return np.dot(de_TS, k_SK), np.dot(q_TK.T, de_TS).T, np.dot(do_TV.T, w_TS).T


@exercise.right("the whole Jacobian of each row's softmax")
def the_whole_Jacobian(q_TK, k_SK, v_SV, do_TV):
    root = np.sqrt(q_TK.shape[1])
    dq, dk, dv = [], 0, 0
    for q_K, do_V in zip(q_TK, do_TV, strict=True):
        e_S = k_SK @ q_K / root
        w_S = np.exp(e_S - np.logaddexp.reduce(e_S))
        de_S = (np.diag(w_S) - np.outer(w_S, w_S)) @ (v_SV @ do_V) / root
        dq.append(k_SK.T @ de_S)
        dk = dk + np.outer(de_S, q_K)
        dv = dv + np.outer(w_S, do_V)
    return [np.array(dq), dk, dv]


@exercise.right("felt with a complex step, number by number")
def felt_with_a_complex_step(q_TK, k_SK, v_SV, do_TV):
    def loss(q, k, v):
        e = q @ k.T / q.shape[1] ** 0.5
        exps = np.exp(e - e.real.max(axis=1, keepdims=True))
        return (do_TV * (exps / exps.sum(axis=1, keepdims=True) @ v)).sum()

    given = [array.astype(float) for array in (q_TK, k_SK, v_SV)]
    slopes = []
    for n, array in enumerate(given):
        slope = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            moved = [each.astype(complex) for each in given]
            moved[n][place] += 1e-30j
            slope[place] = loss(*moved).imag / 1e-30
        slopes.append(slope)
    return tuple(slopes)


exercise.slip("""scale-missing
    - de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True)) / q_TK.shape[1] ** 0.5
    + de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True))
    Your dq and dk are √K times too large. On the way there q·k is divided by √K, so a change of q
    reaches the score √K times smaller: the division comes back on the way back.""")
exercise.slip("""scale-missing-in-dq
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return de_TS @ k_SK * q_TK.shape[1] ** 0.5, de_TS.T @ q_TK, w_TS.T @ do_TV
    Your dk is right, but dq lacks the division by √K. The score is q·k / √K, and both factors of
    the product feel it.""")
exercise.slip("""scale-missing-in-dk
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return de_TS @ k_SK, de_TS.T @ q_TK * q_TK.shape[1] ** 0.5, w_TS.T @ do_TV
    Your dq is right, but dk lacks the division by √K. The score is q·k / √K, and both factors of
    the product feel it.""")
exercise.slip("""scale-twice
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + de_TS = de_TS / q_TK.shape[1] ** 0.5
    + return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    You divided by √K twice on the way back, once in the scores and once again behind them. On the
    way there it happens once.""")


@exercise.wrong
def no_scale_at_all(q_TK, k_SK, v_SV, do_TV):
    """Your weights are made of scores that nobody divided by √K, so all three gradients belong to
    another function. `scaled_dot_attention` hands you the right weights."""
    e_TS = q_TK @ k_SK.T
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=-1, keepdims=True)
    dw_TS = do_TV @ v_SV.T
    de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True))
    return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV


exercise.slip("""softmax-coupling-ignored
    - dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True)
    + dw_TS
    Your gradient in the scores is w · dw, as if each weight had its exponential for itself. Raising
    one score lowers all other weights of its row: what does `softmax_vjp` of lesson 2 subtract?""")
exercise.slip("""softmax-diagonal-only
    - dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True)
    + dw_TS * (1 - w_TS)
    Your gradient in the scores is w (1 − w) dw: the pull of each score on its own weight. It also
    pulls on the other weights of its row, and the loss feels those too.""")
exercise.slip("""softmax-skipped
    - de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True)) / q_TK.shape[1] ** 0.5
    + de_TS = dw_TS / q_TK.shape[1] ** 0.5
    You used dw, the gradient in the weights, as if it were the gradient in the scores. Between the
    two lies the softmax.""")
exercise.slip("""plain-mean-in-the-softmax
    - (w_TS * dw_TS).sum(axis=-1, keepdims=True)
    + dw_TS.mean(axis=-1, keepdims=True)
    You subtracted the plain mean of dw. In the mean that softmax compares with, each key counts by
    its weight: Σ w dw.""")
exercise.slip("""sum-over-the-queries
    - (w_TS * dw_TS).sum(axis=-1, keepdims=True)
    + (w_TS * dw_TS).sum(axis=0, keepdims=True)
    You added w dw up along the queries. Each query has a softmax of its own, over the keys: along
    which axis do the weights sum to 1?""")
exercise.slip("""one-sum-for-all
    - (w_TS * dw_TS).sum(axis=-1, keepdims=True)
    + (w_TS * dw_TS).sum()
    You subtracted one sum from all rows. Each query has a softmax of its own, so each row needs its
    own Σ w dw.""")
exercise.slip("""softmax-over-the-queries
    - _, w_TS = scaled_dot_attention(q_TK, k_SK, v_SV)
    + e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    + exp_TS = np.exp(e_TS - e_TS.max(axis=0))
    + w_TS = exp_TS / exp_TS.sum(axis=0)
    Your weights sum to 1 along the queries, so all three gradients belong to another function. Each
    query hands out one whole, over the keys.""")
exercise.slip("""dk-from-the-wrong-side
    - de_TS.T @ q_TK
    + de_TS @ q_TK
    Your dk multiplies the scores' gradient as it stands. It has a row for each query, and dk needs
    one for each key: which of the two factors must be turned?""")
exercise.slip("""dk-turned
    - de_TS.T @ q_TK
    + q_TK.T @ de_TS
    Your dk holds the right numbers, with a column for each key. The keys have a row each, and so
    has their gradient: turn the product round.""")
exercise.slip("""dk-from-the-keys
    - de_TS.T @ q_TK
    + de_TS.T @ k_SK[: len(q_TK)]
    Your dk is made of the keys themselves. In a product each factor gets the *other* one: the
    score q·k grows by q if k grows.""")
exercise.slip("""dq-from-the-queries
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return de_TS @ q_TK[: len(k_SK)], de_TS.T @ q_TK, w_TS.T @ do_TV
    Your dq is made of the queries themselves. In a product each factor gets the *other* one: the
    score q·k grows by k if q grows.""")
exercise.slip("""dv-from-the-scores
    - w_TS.T @ do_TV
    + (q_TK @ k_SK.T / q_TK.shape[1] ** 0.5).T @ do_TV
    Your dv counts each query by its raw score. What mixed the values were the weights, behind the
    softmax.""")
exercise.slip("""dv-from-the-scores-gradient
    - w_TS.T @ do_TV
    + de_TS.T @ do_TV
    Your dv is made of the gradient in the scores. Values meet the weights, not the scores: o = w v,
    so dv is w, turned, times do.""")
exercise.slip("""dv-not-turned
    - w_TS.T @ do_TV
    + w_TS @ do_TV
    Your dv multiplies the weights as they stand, with a row for each query. A value needs what all
    queries gave *it*: a column of the weights.""")
exercise.slip("""dv-shared-out-evenly
    - w_TS.T @ do_TV
    + np.ones_like(w_TS.T) @ do_TV / len(k_SK)
    You gave every value the same part of do. A value with a large weight has moved the output more,
    so it gets more.""")
exercise.slip("""mean-over-the-queries
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return de_TS @ k_SK, de_TS.T @ q_TK / len(q_TK), w_TS.T @ do_TV / len(q_TK)
    You divided dk and dv by the number of queries. What is used more than once gets the *sum* of
    all its gradients, as rule 3 of lesson 3 has it.""")
exercise.slip("""sign
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return -(de_TS @ k_SK), -(de_TS.T @ q_TK), -(w_TS.T @ do_TV)
    All three gradients have the wrong sign: they point downhill. A gradient says where the loss
    grows; the minus comes with the step.""")
exercise.slip("""other-order
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return w_TS.T @ do_TV, de_TS.T @ q_TK, de_TS @ k_SK
    All three gradients are there, in another order: first dq, then dk, then dv.""")
exercise.slip("""dk-before-dq
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + return de_TS.T @ q_TK, de_TS @ k_SK, w_TS.T @ do_TV
    All three gradients are there, but dk comes before dq: first dq, then dk, then dv.""")


@exercise.wrong
def no_max_subtracted(q_TK, k_SK, v_SV, do_TV):
    """The gradients are right as long as the scores are small. At 1000 the exponential is inf, and
    every gradient nan: subtract each row's largest score first, as in lesson 2."""
    root = q_TK.shape[1] ** 0.5
    exp_TS = np.exp(q_TK @ k_SK.T / root)
    w_TS = exp_TS / exp_TS.sum(axis=1, keepdims=True)
    dw_TS = do_TV @ v_SV.T
    de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=1, keepdims=True)) / root
    return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV


exercise.slip("""writes-into-the-callers-do
    - return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    + dv_SV = w_TS.T @ do_TV
    + do_TV *= 0
    + return de_TS @ k_SK, de_TS.T @ q_TK, dv_SV
    The gradients are right, but you wrote into one of the arrays you were given. The caller needs
    it again: put every result into a new array.""")

exercise.allow_mutant(
    after="de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=1, keepdims=True)) / q_TK.shape[1] ** 0.5",
    reason=LAST,
)
