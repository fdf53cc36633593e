import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, float32, normal

from .shared import LARGE, LARGE_32

exercise = Exercise(
    "Many sentences, many heads, one product",
    solve="batched_attention",
    difficulty=3,
    importance=5,
    minutes=20,
    hints="""Take L4.1 line by line and ask of each: does it still mean the last two axes? `.T`,
    `shape[1]`, `axis=1` and the tables themselves: which of them counted axes from the front?

    The product `@` already does the right thing: it multiplies the last two axes and keeps those in
    front. So the keys only need their last two axes exchanged, and everything that is counted,
    width and softmax, should be counted from the back.

    `np.swapaxes(k_BHSK, -1, -2)` has shape (B, H, K, S). The width is `q_BHTK.shape[-1]`. The
    softmax runs along `axis=-1`, with `keepdims=True` for maximum and sum. The outputs are `w_BHTS
    @ v_BHSV`.""",
)


@exercise.checks
def checks(rng):
    axes = Axes()
    q_14 = np.array([[[[2.0, 1.0, 0.0, -1.0]]]])
    k_34 = np.array([[[[2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 3.0, 0.0], [-1.0, 2.0, 0.0, 2.0]]]])
    yield Check(
        "one sentence, one head, by hand",
        call(q_14, k_34, np.array([[[[10.0, 1.0], [20.0, 2], [60, 4]]]])),
        call(*(axes.normal(rng, a)[None, None] for a in ("TK", "SK", "SV"))),
        says="With B = H = 1 it is L4.1, with two axes of length 1 in front.",
    )
    q, k, v = (axes.normal(rng, letters) for letters in ("BHTK", "BHSK", "BHSV"))
    several = call(q, k, v)
    yield Check(
        "three sentences, two heads: the weights",
        several,
        says="For each sentence and each head a (T, S) table of its own, each row of sum 1.",
        part=1,
    )
    yield Check(
        "three sentences, two heads: the outputs",
        several,
        says="For each sentence and each head a (T, V) table of its own.",
        part=0,
    )
    others = [np.concatenate([a[:1], normal(rng, *a[1:].shape)]) for a in (q, k, v)]
    yield Check(
        "no sentence and no head sees another",
        call(*others),
        call(q[::-1], k[::-1], v[::-1]),
        call(q[:, :1], k[:, :1], v[:, :1]),
        call(normal(rng, 2, 3, 7, 5), normal(rng, 2, 3, 4, 5), normal(rng, 2, 3, 4, 6)),
        says="""If all sentences but the first are exchanged, the first one's answers stay; if the
        sentences change places, so do the answers.""",
    )
    yield Check(
        "axes of equal size, where wrong ones fit too",
        call(*(normal(rng, 2, 2, 2, 2) for _ in range(3))),
        call(*(normal(rng, 3, 3, 3, 3) for _ in range(3))),
        call(normal(rng, 4, 2, 5, 3), normal(rng, 4, 2, 5, 3), normal(rng, 4, 2, 5, 3)),
        says="With all axes alike no mix-up raises an error, and the numbers alone tell.",
    )
    yield Check(
        "scores in the thousands",
        call(400 * q, k, v, tolerance=LARGE),
        call(
            q + np.array([200.0, 0.0, -200.0])[:, None, None, None],
            k + np.array([3.0, -1.0])[:, None, None],
            v,
            tolerance=LARGE,
        ),
        call(*(float32(a) for a in (400 * q, k, v)), tolerance=LARGE_32),
        says="""Every row subtracts a maximum of its own; a sentence with large scores beside it
        changes nothing.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(q, k, v)),
        says="Queries and keys of real layers are views of larger arrays, and are used again.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_sentences_and_heads(q_BHTK, k_BHSK, v_BHSV):
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


@exercise.right
def einsum(q_BHTK, k_BHSK, v_BHSV):
    e = np.einsum("bhtk,bhsk->bhts", q_BHTK, k_BHSK) * q_BHTK.shape[-1] ** -0.5
    e = np.exp(e - np.amax(e, axis=3, keepdims=True))
    w = e / np.einsum("bhts->bht", e)[..., None]
    return np.einsum("bhts,bhsv->bhtv", w, v_BHSV), w


@exercise.right("sentences and heads folded into one axis")
def sentences_and_heads_folded_into(q_BHTK, k_BHSK, v_BHSV):
    B, H, T, K = q_BHTK.shape
    S, V = v_BHSV.shape[2:]
    q, k, v = q_BHTK.reshape(-1, T, K), k_BHSK.reshape(-1, S, K), v_BHSV.reshape(-1, S, V)
    e = np.matmul(q / np.sqrt(K), k.transpose(0, 2, 1))
    w = np.exp(e - np.logaddexp.reduce(e, axis=2, keepdims=True))
    return np.matmul(w, v).reshape(B, H, T, V), w.reshape(B, H, T, S)


@exercise.right
def products_written_out_and_summed(q_BHTK, k_BHSK, v_BHSV):
    products = q_BHTK[:, :, :, None, :] * k_BHSK[:, :, None, :, :]
    e = products.sum(axis=-1) / np.sqrt(q_BHTK.shape[3])
    w = np.exp(e - e.max(axis=-1)[..., None])
    w = w / w.sum(axis=-1)[..., None]
    return (w[..., None] * v_BHSV[:, :, None]).sum(axis=3), w


exercise.allow_mutant(
    after="exps = -np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@exercise.plain
def plain(q_BHTK, k_BHSK, v_BHSV):
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


plain.slip("""T-turns-all-four-axes
    - np.swapaxes(k_BHSK, -1, -2)
    + k_BHSK.T
    `.T` of an array with four axes turns the order of all four round: sentences and heads end up at
    the back. Only the last two axes of the keys should change places: what exchanges just two?""")
plain.slip("""keys-not-turned
    - np.swapaxes(k_BHSK, -1, -2)
    + k_BHSK
    You multiplied queries and keys as they lie, (T, K) by (S, K): an error in general, and wrong
    numbers if S = K. The last two axes of the keys have to change places first.""")


@exercise.wrong
def sums_over_the_batch(q_BHTK, k_BHSK, v_BHSV):
    """Your scores lost the axis of the sentences: the products of all of them were added up. What
    one person writes should not change what another's words mean: which letter has to stay?"""
    e_HTS = np.einsum("bhtk,bhsk->hts", q_BHTK, k_BHSK) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    w = np.broadcast_to(w_HTS, (len(q_BHTK), *w_HTS.shape)).copy()
    return w @ v_BHSV, w


plain.slip("""mixes-the-heads
    - q_BHTK @ np.swapaxes(k_BHSK, -1, -2)
    + np.einsum("bhtk,bgsk->bhts", q_BHTK, k_BHSK)
    Every head of yours was scored against the keys of all heads together. A head's queries meet
    that head's keys only: is the head's letter the same on both sides of your product?""")
plain.slip("""mixes-the-heads-values
    - return w @ v_BHSV, w
    + return np.einsum("bhts,bgsv->bhtv", w, v_BHSV), w
    Your weights are right, but the values of all heads went into every output. Each head hands out
    its own values.""")
plain.slip("""weights-turned
    - return w @ v_BHSV, w
    + return w @ v_BHSV, np.swapaxes(w, -1, -2)
    Your outputs are right, but the weights you return have the keys before the queries: (S, T). Row
    t should be the weights of query t.""")


@exercise.wrong
def softmax_over_the_queries(q_BHTK, k_BHSK, v_BHSV):
    """Along the queries' axis your weights sum to 1, not along the keys': axis −2 in place of −1.
    Each query has one whole to hand out."""
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-2, keepdims=True))
    w = exps / exps.sum(axis=-2, keepdims=True)
    return w @ v_BHSV, w


@exercise.wrong
def softmax_over_the_heads(q_BHTK, k_BHSK, v_BHSV):
    """Your softmax runs along axis 1. That was the keys' axis in L4.1; with four axes it is the
    heads', and now the heads compete. Count from the back."""
    e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=1, keepdims=True))
    w = exps / exps.sum(axis=1, keepdims=True)
    return w @ v_BHSV, w


plain.slip("""root-of-the-number-of-heads
    - q_BHTK.shape[-1]
    + q_BHTK.shape[1]
    You divided by the root of `shape[1]`. That was the width in L4.1; with four axes it is the
    number of heads. On which axis is the width here, counted from the back?""")
plain.slip("""root-of-the-number-of-keys
    - q_BHTK.shape[-1]
    + k_BHSK.shape[-2]
    You divided by the root of the number of keys. Over which axis does the dot product sum?""")
plain.slip("""divides-by-d
    - np.sqrt(q_BHTK.shape[-1])
    + q_BHTK.shape[-1]
    You divided by the keys' width itself, not by its root. A sum of K independent products has K
    times the variance of one: how much more does it spread?""")
plain.slip("""no-scale
    - e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    + e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2)
    The products are not divided by the root of the keys' width. Each head of each sentence is L4.1,
    with its divisor.""")


@exercise.wrong
def first_sentence_only(q_BHTK, k_BHSK, v_BHSV):
    """Every sentence of yours gets the answers of the first: only index 0 of the batch went into
    the scores. Where do the other sentences' queries and keys come in?"""
    e_HTS = q_BHTK[0] @ np.swapaxes(k_BHSK[0], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    w = np.stack([w_HTS] * len(q_BHTK))
    return w @ v_BHSV, w


@exercise.wrong
def first_sentence_returned(q_BHTK, k_BHSK, v_BHSV):
    """You returned the first sentence alone. The result has the axis B as well, with an answer for
    every sentence."""
    e_HTS = q_BHTK[0] @ np.swapaxes(k_BHSK[0], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e_HTS - e_HTS.max(axis=-1, keepdims=True))
    w_HTS = exps / exps.sum(axis=-1, keepdims=True)
    return w_HTS @ v_BHSV[0], w_HTS


@exercise.wrong
def first_head_only(q_BHTK, k_BHSK, v_BHSV):
    """All your heads have the weights of the first: only head 0 went into the scores. Heads exist
    because they look for different things."""
    e = q_BHTK[:, :1] @ np.swapaxes(k_BHSK[:, :1], -1, -2) / np.sqrt(q_BHTK.shape[-1])
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = np.repeat(exps / exps.sum(axis=-1, keepdims=True), q_BHTK.shape[1], axis=1)
    return w @ v_BHSV, w


@exercise.wrong
def no_max_subtracted(q_BHTK, k_BHSK, v_BHSV):
    """On moderate scores you are right, but a score of 1000 becomes inf in the exponential, and inf
    / inf is nan. What did lesson 2 subtract first?"""
    exps = np.exp(q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1]))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return w @ v_BHSV, w


plain.slip("""global-max
    - exps = np.exp(e - e.max(axis=-1, keepdims=True))
    + exps = np.exp(e - e.max())
    You subtracted the largest score of all sentences and heads. A row that lies a thousand below it
    is left with 0 / 0: each row needs a maximum of its own.""")
plain.slip("""scales-the-callers-queries
    - e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2) / np.sqrt(q_BHTK.shape[-1])
    + q_BHTK /= np.sqrt(q_BHTK.shape[-1])
    + e = q_BHTK @ np.swapaxes(k_BHSK, -1, -2)
    The result is right, but `/=` wrote the smaller queries into the caller's own array. Put them
    into a new one.""")
