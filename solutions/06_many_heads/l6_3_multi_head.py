import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    read_only,
    strided,
)

from .shared import matrices

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

exercise = Exercise(
    "Multi-head attention",
    solve="multi_head",
    difficulty=4,
    importance=5,
    minutes=40,
    hints="""Write down the shape after each step, from x to the output. Only two steps are new:
    cutting into heads after the projections, and merging them before Wo. What lies between is
    lesson 4's attention with lesson 5's mask, on four axes.

    q, k and v are `x @ W`, each cut into (B, H, length, K). The scores q kᵀ / √K have the shape (B,
    H, T, S); every allowed mask broadcasts to that by itself. A softmax over the keys, zeros where
    nothing may be seen; mix v; merge; then `@ Wo_DD`.

    Put −∞ where the mask is False: `np.where(mask, e, -np.inf)`. Subtract each row's maximum, but
    where a row has only −∞ subtract some finite number instead, as −∞ − (−∞) is nan. Such a row's
    exponentials are all 0: divide it by 1, not by its sum.""",
)


@exercise.checks
def checks(rng):
    axes = Axes(B=3, H=2, T=5, S=7, D=12)
    H, T, D = (axes.sizes[letter] for letter in "HTD")
    log3 = float(np.round(np.log(3), 6))
    turn = np.array([[0.0, 1.0], [1.0, 0.0]])
    yield Check(
        "one word asks two others, by hand",
        call(
            np.array([[[1.0, 2.0]]]),
            np.array([[[0.0, log3], [log3, 0.0]]]),
            np.array([[1.0, 0.0], [0.0, 0.5]]),
            np.eye(2),
            np.array([[4.0, 0.0], [0.0, 8.0]]),
            turn,
            2,
        ),
        call(
            normal(rng, 1, 2, 2, decimals=1), normal(rng, 1, 3, 2, decimals=1), *matrices(rng, 2), 1
        ),
        says="""In the first example each head is one number wide. Both queries are 1. The first
        head has the keys 0 and log 3, so its weights are ¼ and ¾; the second one's are ¾ and ¼. Wo
        makes the two heads' results change places.""",
    )
    x_q, x_kv, W = axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), matrices(rng, D)
    several = call(x_q, x_kv, *W, H)
    yield Check(
        "five queries, seven keys: the weights",
        several,
        says="For each sentence and each head there is a (T, S) table, each row of sum 1.",
        part=1,
    )
    yield Check(
        "five queries, seven keys: the outputs",
        several,
        says="""What the heads give lies side by side, D numbers a word, and is then multiplied by
        Wo.""",
        part=0,
    )
    x = axes.normal(rng, "BTD")
    square = normal(rng, 4, 4, 4)
    yield Check(
        "any number of heads, and words that ask themselves",
        call(x_q, x_kv, *W, 1),
        call(x_q, x_kv, *W, 6),
        call(x_q, x_kv, *W, 12),
        call(x, x, *W, 3),
        call(square, square, *matrices(rng, 4), 4),
        says="""One head of 12 numbers or twelve heads of one: the matrices stay the same, only what
        counts as one head changes, and with it the divisor.""",
    )
    yield Check(
        "a mask for padding, (B, 1, 1, S)",
        *(
            call(
                x_q,
                x_kv,
                *W,
                heads,
                mask=axes.ragged_mask(rng, "BS", empty_row=False)[:, None, None],
            )
            for heads in (2, 3)
        ),
        says="""Each sentence has pads of its own, and they are hidden from all of its queries in
        all heads. A hidden key has weight 0, and the others share a whole 1.""",
    )
    yield Check(
        "masks of other shapes",
        call(x_q, x_kv, *W, H, mask=axes.ragged_mask(rng, "TS", empty_row=False)),
        call(x_q, x_kv, *W, H, mask=axes.ragged_mask(rng, "BTS", empty_row=False)[:, None]),
        call(x_q, x_kv, *W, H, mask=axes.ragged_mask(rng, "BHTS", empty_row=False)),
        says="""A mask of shape (T, S) holds for all sentences and heads, one of (B, 1, T, S) for
        all heads of its sentence, and one of (B, H, T, S) says all there is to say.""",
    )
    empty = axes.ragged_mask(rng, "BS")
    yield Check(
        "a query that may see nothing",
        call(x_q, x_kv, *W, H, mask=empty[:, None, None]),
        call(x_q, x_kv, *W, H, mask=axes.ragged_mask(rng, "TS")),
        call(*(float32(a) for a in (x_q, x_kv, *W)), H, mask=axes.ragged_mask(rng, "BHTS")),
        says="""Nothing to look at gives weights of 0 and an output of 0, and no nan, as in lesson
        5.""",
    )
    mask_BS = axes.ragged_mask(rng, "BS", empty_row=False)
    hidden_large = x_kv * np.where(mask_BS, 1.0, 400.0)[:, :, None]
    yield Check(
        "scores in the thousands",
        call(400 * x_q, x_kv, *W, H, tolerance=LARGE),
        call(*(float32(a) for a in (400 * x_q, x_kv, *W)), H, tolerance=LARGE_32),
        call(x_q, hidden_large, *W, H, mask=mask_BS[:, None, None], tolerance=LARGE),
        says="""No exponential may overflow. And what is hidden must not matter, even if its score
        is a thousand above all others: it may not set the maximum that is subtracted.""",
    )
    mask_B11S = axes.ragged_mask(rng, "BS")[:, None, None]
    plain = (axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, D))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(*plain, H)),
        call(*plain, H, read_only(mask_B11S)),
        call(*plain, H, strided(np.repeat(mask_B11S, T, axis=2))),
        says="""The same matrices serve every batch, and the same mask every layer: leave them as
        they were.""",
        judges="inputs untouched",
    )


@exercise.right("loops over sentences, heads and queries")
def loops_over_sentences_heads(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    S, K = x_kv_BSD.shape[1], D // H
    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, S))
    w, o = np.zeros((B, H, T, S)), np.zeros((B, T, D))
    for b in range(B):
        q, k, v = x_q_BTD[b] @ Wq_DD, x_kv_BSD[b] @ Wk_DD, x_kv_BSD[b] @ Wv_DD
        for h in range(H):
            own = slice(h * K, (h + 1) * K)
            for t in range(T):
                seen = [s for s in range(S) if keep[b, h, t, s]]
                scores = [q[t, own] @ k[s, own] / K**0.5 for s in seen]
                for s, score in zip(seen, scores, strict=True):
                    total = sum(np.exp(other - max(scores)) for other in scores)
                    w[b, h, t, s] = np.exp(score - max(scores)) / total
                    o[b, t, own] += w[b, h, t, s] * v[s, own]
    return o @ Wo_DD, w


@exercise.right
def einsum_from_the_matrices_on(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    D = len(Wq_DD)
    K = D // H
    q = np.einsum("btd,dhk->bhtk", x_q_BTD, Wq_DD.reshape(D, H, K)) * K**-0.5
    k = np.einsum("bsd,dhk->bhsk", x_kv_BSD, Wk_DD.reshape(D, H, K))
    v = np.einsum("bsd,dhk->bhsk", x_kv_BSD, Wv_DD.reshape(D, H, K))
    e = np.einsum("bhtk,bhsk->bhts", q, k)
    keep = np.ones(e.shape, bool) if mask is None else np.broadcast_to(mask, e.shape)
    top = np.max(e, axis=-1, keepdims=True, where=keep, initial=-1e30)
    exps = np.exp(np.where(keep, e - top, -np.inf))
    total = exps.sum(axis=-1, keepdims=True)
    w = np.divide(exps, total, out=np.zeros_like(exps), where=total > 0)
    return np.einsum("bhts,bhsk,hkd->btd", w, v, Wo_DD.reshape(H, K, D)), w


@exercise.right("heads and sentences in one axis, the mask repeated")
def heads_and_sentences_in_one(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    (B, T, D), S, K = x_q_BTD.shape, x_kv_BSD.shape[1], x_q_BTD.shape[2] // H
    q, k, v = (
        (x @ W).reshape(B, -1, H, K).swapaxes(1, 2).reshape(B * H, -1, K)
        for x, W in ((x_q_BTD, Wq_DD), (x_kv_BSD, Wk_DD), (x_kv_BSD, Wv_DD))
    )
    e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    if mask is not None:
        keep = np.broadcast_to(mask, (B, np.shape(mask)[1] if np.ndim(mask) == 4 else 1, T, S))
        keep = np.repeat(keep, H // keep.shape[1], axis=1).reshape(B * H, T, S)
        e = np.where(keep, e, -np.inf)
    top = e.max(-1, keepdims=True)
    w = np.exp(e - np.where(np.isinf(top), 0, top))
    total = w.sum(-1, keepdims=True)
    w = w / np.where(total == 0, 1, total)
    o = (w @ v).reshape(B, H, T, K).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w.reshape(B, H, T, S)


@exercise.right("head by head, each adding its share through its rows of Wo")
def head_by_head_each_adding(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    K = x_q_BTD.shape[-1] // H
    o, weights = 0, []
    for h in range(H):
        own = slice(h * K, h * K + K)
        q, k = x_q_BTD @ Wq_DD[:, own], x_kv_BSD @ Wk_DD[:, own]
        e = q @ k.swapaxes(1, 2) / np.sqrt(K)
        keep = np.ones(e.shape, bool)
        if mask is not None and np.ndim(mask) == 4:
            keep = np.broadcast_to(mask[:, min(h, mask.shape[1] - 1)], e.shape)
        elif mask is not None:
            keep = np.broadcast_to(mask, e.shape)
        lowest = e.min() - 1
        top = np.where(keep, e, lowest).max(axis=-1, keepdims=True)
        exps = np.where(keep, np.exp(np.minimum(e - top, 0)), 0)
        w = exps / np.maximum(exps.sum(axis=-1, keepdims=True), 1e-30)
        o = o + w @ (x_kv_BSD @ Wv_DD[:, own]) @ Wo_DD[own]
        weights.append(w)
    return o, np.stack(weights, axis=1)


for other in ("1", "-1"):
    exercise.allow_mutant(
        after=f"exp_BHTS = np.exp(e_BHTS - np.where(top > -np.inf, top, {other}))",
        reason="A row of −∞ only: any finite number may be subtracted, exp(−∞) is 0 all the same.",
    )
exercise.allow_mutant(
    after="w_BHTS = exp_BHTS / np.where(total > 1, total, 1)",
    reason="The largest exponential is 1, so a row's sum is 0, or 1, or above 1.",
)
exercise.allow_mutant(
    after="w_BHTS = exp_BHTS / np.where(total > 0, total, 2)",
    reason="Where the sum is 0, all exponentials are 0, and so is their half.",
)


@exercise.plain
def plain(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


plain.slip("""root-of-D
    - e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    + e = q @ k.swapaxes(-1, -2) / np.sqrt(D)
    You divided by √D, the whole width. A head's product q·k sums over its own numbers only: how
    many are these?""")
plain.slip("""no-scale
    - e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    + e = q @ k.swapaxes(-1, -2)
    Your scores are the plain products q·k. What did lesson 4 divide by, and why?""")
plain.slip("""root-of-the-number-of-keys
    - e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    + e = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[2])
    You divided by the root of S, the number of keys: the third axis of (B, H, S, K). A product q·k
    sums over the numbers of a head, however many keys there are. Which axis has these?""")
plain.slip("""no-mask-hides-all
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + e = np.where(mask, e, -np.inf)
    With masks you are right. But without one `mask` is None, and `np.where` takes None for False:
    everything is hidden, and all is 0. What should None mean, and where can you say so?""")
plain.slip("""cut-by-a-reshape
    - q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + q = (x_q_BTD @ Wq_DD).reshape(B, H, -1, D // H)
    - k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + k = (x_kv_BSD @ Wk_DD).reshape(B, H, -1, D // H)
    - v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + v = (x_kv_BSD @ Wv_DD).reshape(B, H, -1, D // H)
    You cut into heads with a reshape alone: in a head some words stand whole and others not at all.
    You turned the axes when you merged; what has to happen before that, in L6.1's order?""")
plain.slip("""words-cut-before-the-projection
    - v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + v = x_kv_BSD.reshape(B, -1, H, D // H).swapaxes(1, 2) @ Wv_DD
    You cut the words, and then multiplied: a head's K numbers don't fit a matrix with D rows. Every
    head sees all D numbers of a word, through K columns of its own. What is there to cut after `x @
    W`?""")
plain.slip("""projections-transposed
    - q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + q = (x_q_BTD @ Wq_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    - x_kv_BSD @ Wk_DD
    + x_kv_BSD @ Wk_DD.T
    - x_kv_BSD @ Wv_DD
    + x_kv_BSD @ Wv_DD.T
    You multiplied the words by transposed matrices, as lesson 1 did with one word's W x. Here a
    projection is `x @ W`, and head h owns columns of W. (Your Wo is right.)""")


@exercise.wrong
def mask_tiled(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """Your heads are right, but a mask of one row for each sentence lands on the wrong sentences.
    You put sentences and heads into one axis, where the H heads of the first sentence come first.
    Tiling gives the masks of all sentences, then all again: what gives each of them H times in a
    row?"""
    (B, T, D), S, K = x_q_BTD.shape, x_kv_BSD.shape[1], x_q_BTD.shape[2] // H
    q = (x_q_BTD @ Wq_DD).reshape(B, T, H, K).swapaxes(1, 2).reshape(B * H, T, K)
    k = (x_kv_BSD @ Wk_DD).reshape(B, S, H, K).swapaxes(1, 2).reshape(B * H, S, K)
    v = (x_kv_BSD @ Wv_DD).reshape(B, S, H, K).swapaxes(1, 2).reshape(B * H, S, K)
    e = q @ k.swapaxes(1, 2) / np.sqrt(K)
    if mask is not None and mask.ndim == 4 and mask.shape[1] == 1:
        e = np.where(np.tile(mask[:, 0], (H, 1, 1)), e, -np.inf)
    elif mask is not None:
        e = np.where(np.broadcast_to(mask, (B, H, T, S)).reshape(B * H, T, S), e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).reshape(B, H, T, K).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w.reshape(B, H, T, S)


plain.slip("""no-Wo
    - o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    - return o @ Wo_DD, w
    + return (w @ v).swapaxes(1, 2).reshape(B, T, D), w
    You merged the heads and stopped: Wo was never used. Until something mixes them, what one head
    found never meets what another one found. What is the last step?""")
plain.slip("""one-head-repeated
    - q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    - k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    - v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    - e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    + K = D // H
    + q = np.stack([x_q_BTD @ Wq_DD[:, :K]] * H, axis=1)
    + k = np.stack([x_kv_BSD @ Wk_DD[:, :K]] * H, axis=1)
    + v = np.stack([x_kv_BSD @ Wv_DD[:, :K]] * H, axis=1)
    + e = q @ k.swapaxes(-1, -2) / np.sqrt(K)
    All your heads are the first one: each takes the first K columns of Wq, Wk and Wv. Which columns
    belong to head h?""")


@exercise.wrong
def one_big_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """You cut nothing: all D numbers make one head, whose weights you return once. H heads each
    have a table of weights of their own. When has the cut to be made, before or after the
    scores?"""
    B, T, D = x_q_BTD.shape
    q, k, v = (
        (x @ W)[:, None] for x, W in ((x_q_BTD, Wq_DD), (x_kv_BSD, Wk_DD), (x_kv_BSD, Wv_DD))
    )
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, -1, D)[:, :T]
    return o @ Wo_DD, w


plain.slip("""softmax-across-the-heads
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    + exps = np.exp(e - np.maximum(e.max(1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / np.maximum(exps.sum(1, keepdims=True), 1e-30)
    You let the heads compete: for each query and key your weights sum to 1 over the heads. A head
    shares out a whole of its own among the keys. Which axis are the keys?""")
plain.slip("""softmax-over-the-queries
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    + exps = np.exp(e - np.maximum(e.max(2, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / np.maximum(exps.sum(2, keepdims=True), 1e-30)
    Your weights sum to 1 down the columns: the queries compete for each key. Each query has one
    whole to share out. Which axis of (B, H, T, S) should disappear in the sum?""")
plain.slip("""mask-on-the-first-head-only
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + if mask is not None:
    +     keep = np.array(np.broadcast_to(mask, e.shape))
    +     keep[:, 1:] = True
    +     e = np.where(keep, e, -np.inf)
    Only your first head obeys the mask; through the others the hidden keys still come in. A mask
    with a head axis of length 1 holds for all heads: what does broadcasting do with it?""")
plain.slip("""mask-ignored
    - e = np.where(True if mask is None else mask, e, -np.inf)
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + exps = np.exp(e - e.max(-1, keepdims=True))
    + w = exps / exps.sum(-1, keepdims=True)
    The mask makes no difference to your result. Where it is False, a key's weight must be 0:
    between which two steps does it act?""")
plain.slip("""mask-inverted
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + if mask is not None:
    +     e = np.where(mask, -np.inf, e)
    You hid what may be seen and kept what may not. In this course True means keep.""")
plain.slip("""masked-after-the-softmax
    - e = np.where(True if mask is None else mask, e, -np.inf)
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + exps = np.exp(e - e.max(-1, keepdims=True))
    + w = exps / exps.sum(-1, keepdims=True) * (True if mask is None else mask)
    You set the hidden weights to 0 after the softmax, and the rest no longer sums to 1. Either the
    scores are masked before, or the weights have to be divided once more.""")
plain.slip("""scores-times-mask
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + e = e * (1 if mask is None else mask)
    You multiplied the scores by the mask. A score of 0 is no small score: exp(0) is 1, and the
    hidden keys get weight. Which score has an exponential of 0?""")
plain.slip("""nan-where-nothing-is-seen
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / exps.sum(-1, keepdims=True)
    Where a query may see nothing, all its scores are −∞, and −∞ − (−∞) is nan. What did lesson 5
    return for such a row, and what may be subtracted in it instead?""")
plain.slip("""uniform-where-nothing-is-seen
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + e = np.where(True if mask is None else mask, e, -1e9)
    You replaced hidden scores by a very low number. Where a query may see nothing, all are equally
    low and share the weight: it sees exactly what was to be hidden. What should it get?""")
plain.slip("""maximum-of-the-hidden
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + exps = np.exp(e - e.max(-1, keepdims=True)) * (True if mask is None else mask)
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    + total = exps.sum(-1, keepdims=True)
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / np.where(total == 0, 1, total)
    You subtracted the largest of all scores, hidden ones too. If a hidden score is the largest by
    far, all others underflow to 0. Among which scores should the maximum be looked for?""")
plain.slip("""no-maximum-subtracted
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + exps = np.exp(np.where(True if mask is None else mask, e, -np.inf))
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    + total = exps.sum(-1, keepdims=True)
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / np.where(total == 0, 1, total)
    On moderate scores you are right, but you took the exponential of the scores as they came: one
    of 1000 becomes inf, and inf / inf is nan. What did lesson 2 subtract first?""")


@exercise.wrong
def interleaved_heads(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """Your heads take every H-th column of a projection. In this course a head owns K columns next
    to each other. Which of the two new axes has to come first in your reshape?"""
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).transpose(0, 2, 3, 1).reshape(B, T, D)
    return o @ Wo_DD, w


@exercise.wrong
def reshaped_only(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """You cut into heads, and merged them, with a reshape alone. Going there and back gives every
    number its old place, so it looks right; but in between a head holds some words whole and others
    not at all. What is missing is the transposition of L6.1."""
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, H, -1, D // H)
    k = (x_kv_BSD @ Wk_DD).reshape(B, H, -1, D // H)
    v = (x_kv_BSD @ Wv_DD).reshape(B, H, -1, D // H)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).reshape(B, T, D)
    return o @ Wo_DD, w


plain.slip("""merged-without-turning-back
    - o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    + o = (w @ v).reshape(B, T, D)
    Your weights are right, but you merged the heads by a reshape alone, so that a row of the output
    mixes several words. Which two axes have to change places first?""")
plain.slip("""weights-averaged
    - return o @ Wo_DD, w
    + return o @ Wo_DD, w.mean(axis=1)
    Your outputs are right, but you averaged the weights over the heads, as some libraries do for
    display. All of them are asked for: (B, H, T, S).""")


@exercise.wrong
def matrices_transposed(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """You multiplied by the transposed matrices, `x @ W.T`. Some libraries keep them that way
    round; here a projection is `x @ W`, and head h owns columns of W."""
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD.T, w


plain.slip("""keys-as-values
    - o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    + o = (w @ k).swapaxes(1, 2).reshape(B, T, D)
    You mixed the keys: Wv was never used. Keys say who is meant, values what is handed out. Which
    of the three projections should stand behind the weights?""")
plain.slip("""asks-itself
    - k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + k = (x_q_BTD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    - v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    + v = (x_q_BTD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    You made keys and values of x_q as well, so that words can only ask themselves. Here they ask
    x_kv, which may be another text of another length. Whose words are the keys?""")
plain.slip("""weights-first
    - return o @ Wo_DD, w
    + return w, o @ Wo_DD
    You returned the weights first. The docstring asks for the outputs, then the weights.""")
plain.slip("""scales-the-callers-matrix
    - B, T, D = x_q_BTD.shape
    + B, T, D = x_q_BTD.shape
    + Wq_DD /= np.sqrt(D // H)
    - e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    + e = q @ k.swapaxes(-1, -2)
    The result is right, but `/=` wrote the scaled numbers into the caller's own Wq. The next batch
    would be scaled twice. Put them into a new array.""")
