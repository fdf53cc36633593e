import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    probe,
    read_only,
    strided,
)

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

exercise = Exercise(
    "Heads that share",
    solve="grouped_attention",
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""With G = H this is the attention of lesson 6: scores, mask, softmax over the keys, mix.
    What is new is only which keys a head asks. With six heads and two groups, who reads group 0?

    H // G neighbouring heads read the same group. Either each group is repeated so that there are H
    again, or the heads are cut into G rows of H // G, and an einsum does the rest without a copy.

    `np.repeat(k_BGSK, H // G, axis=1)` gives each head its keys, in the right order (`np.tile` gives
    another one), and the same for the values. Or `q_BHTK.reshape(B, G, H // G, T, K)` and
    `np.einsum("bgrtk,bgsk->bgrts", …)`. Raise the ValueError before all this if H % G isn't 0; for a
    row with nothing to see, do as in lesson 6.""",
)


def refuses(grouped_attention, sizes, K):
    refused = []
    for H, G in sizes:
        q = np.arange(2.0 * H * K).reshape(1, H, 2, K) / (2 * H * K)
        k = np.arange(3.0 * G * K).reshape(1, G, 3, K) / (3 * G * K)
        try:
            grouped_attention(q, k, k)
            refused.append(False)
        except ValueError:
            refused.append(True)
    return np.array(refused)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, H=6, G=2, T=5, S=7, K=10, V=8)
    small = Axes(B=5, H=6, G=3, T=2, S=7, K=10, V=8)
    log3 = float(np.round(np.log(3), 6))
    hand = (
        np.ones((1, 4, 1, 1)),
        np.array([[[[0.0], [log3]], [[log3], [0.0]]]]),
        np.array([[[[4.0, 0.0], [0.0, 8.0]], [[40.0, 0.0], [0.0, 80.0]]]]),
    )
    yield Check(
        "four heads, two groups, by hand",
        call(*hand),
        call(normal(rng, 1, 4, 2, 3), normal(rng, 1, 2, 3, 3), normal(rng, 1, 2, 3, 2)),
        says="""In the first example all queries are 1. Heads 0 and 1 read group 0, with the weights ¼
        and ¾, heads 2 and 3 read group 1, with ¾ and ¼.""",
    )
    q, k, v = axes.normal(rng, "BHTK"), axes.normal(rng, "BGSK"), axes.normal(rng, "BGSV")
    yield Check(
        "six heads, two groups: the weights",
        call(q, k, v),
        says="For each text and each *head* there is a (T, S) table, each row of sum 1.",
        part=1,
    )
    yield Check(
        "six heads, two groups: the outputs",
        call(q, k, v),
        says="Each head mixes the values of the group whose keys it has asked: (B, H, T, V).",
        part=0,
    )
    few = small.normal(rng, "BHTK")
    yield Check(
        "any number of groups",
        *(call(few, normal(fresh, 5, G, 7, 10), normal(fresh, 5, G, 7, 8)) for G in (1, 3, 6, 2)),
        call(normal(fresh, 1, 12, 3, 5), normal(fresh, 1, 4, 7, 5), normal(fresh, 1, 4, 7, 6)),
        says="""With one group all heads read the same keys; with as many groups as heads it is
        multi-head attention as you know it. In between, H // G neighbours share.""",
    )
    q, k, v = axes.normal(rng, "BHTK"), axes.normal(rng, "BGSK"), axes.normal(rng, "BGSV")
    yield Check(
        "masks of every shape",
        call(q, k, v, axes.ragged_mask(rng, "BS", empty_row=False)[:, None, None]),
        call(q, k, v, mask=axes.ragged_mask(rng, "TS", empty_row=False)),
        call(q, k, v, mask=axes.ragged_mask(rng, "BTS", empty_row=False)[:, None]),
        call(q, k, v, mask=axes.ragged_mask(rng, "BHTS", empty_row=False)),
        says="""A mask is one of *heads*, (B, H, T, S), or broadcasts to that. A hidden key has weight
        0, and the others share a whole 1.""",
        points=2,
    )
    yield Check(
        "a query that may see nothing",
        call(q, k, v, mask=axes.ragged_mask(rng, "BS")[:, None, None]),
        call(q, k, v, mask=axes.ragged_mask(rng, "TS")),
        call(float32(q), float32(k), float32(v), mask=axes.ragged_mask(rng, "BHTS")),
        says="Nothing to look at gives weights of 0 and an output of 0, and no nan.",
    )
    yield Check(
        "groups that don't fit",
        *(
            probe(refuses, says="Whether a ValueError was raised, for each (H, G),")(
                fresh.permutation(sizes).tolist(), 4
            )
            for sizes in (
                [(6, 4), (6, 3), (4, 3), (2, 4), (5, 5), (3, 1)],
                [(8, 3), (8, 4), (3, 6), (9, 3), (7, 2), (6, 1), (1, 3)],
            )
        ),
        says="""H heads can share G groups evenly only if H is a multiple of G. Otherwise, and so also
        with more groups than heads, a ValueError.""",
    )
    mask_BS = axes.ragged_mask(rng, "BS", empty_row=False)
    hidden_large = k * np.where(mask_BS, 1.0, 400.0)[:, None, :, None]
    yield Check(
        "scores in the thousands",
        call(400 * q, k, v, tolerance=LARGE),
        call(float32(400 * q), float32(k), float32(v), tolerance=LARGE_32),
        call(q, hidden_large, v, mask=mask_BS[:, None, None], tolerance=LARGE),
        says="No exponential may overflow, and what is hidden must not set the maximum.",
    )
    mask_B11S = small.ragged_mask(rng, "BS")[:, None, None]
    plain = (small.normal(rng, "BHTK"), small.normal(rng, "BGSK"), small.normal(rng, "BGSV"))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(*plain)),
        call(*plain, read_only(mask_B11S)),
        call(*plain, mask=strided(np.repeat(mask_B11S, 2, axis=2))),
        says="The same keys and values are asked again by the next word: leave them as they were.",
        judges="inputs untouched",
    )


@exercise.right("loops over texts, heads and queries")
def loops_over_texts_heads(q_BHTK, k_BGSK, v_BGSV, mask=None):
    B, H, T, K = q_BHTK.shape
    G, S, V = v_BGSV.shape[1:]
    if H % G != 0:
        raise ValueError("H must be a multiple of G")
    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, S))
    w, o = np.zeros((B, H, T, S)), np.zeros((B, H, T, V))
    for b, h, t in np.ndindex(B, H, T):
        g = h // (H // G)
        seen = [s for s in range(S) if keep[b, h, t, s]]
        scores = [q_BHTK[b, h, t] @ k_BGSK[b, g, s] / K**0.5 for s in seen]
        for s, score in zip(seen, scores, strict=True):
            w[b, h, t, s] = 1 / sum(np.exp(np.minimum(np.array(scores) - score, 700)))
            o[b, h, t] += w[b, h, t, s] * v_BGSV[b, g, s]
    return o, w


@exercise.right("queries in groups, nothing repeated")
def queries_in_groups(q_BHTK, k_BGSK, v_BGSV, mask=None):
    (B, H, T, K), (G, S) = q_BHTK.shape, k_BGSK.shape[1:3]
    if H % G:
        raise ValueError(f"{H} heads, {G} groups")
    q = q_BHTK.reshape(B, G, H // G, T, K)
    e = np.einsum("bgrtk,bgsk->bgrts", q, k_BGSK).reshape(B, H, T, S) / K**0.5
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = np.einsum("bgrts,bgsv->bgrtv", w.reshape(B, G, H // G, T, S), v_BGSV)
    return o.reshape(B, H, T, -1), w


@exercise.right("groups by fancy indexing, a masked sum")
def groups_by_indexing(q_BHTK, k_BGSK, v_BGSV, mask=None):
    H, K = q_BHTK.shape[1], q_BHTK.shape[3]
    G = len(k_BGSK[0])
    if H < G or H % G:
        raise ValueError(f"H = {H}, G = {G}")
    group_H = np.arange(H) * G // H
    e = np.einsum("bhtk,bhsk->bhts", q_BHTK / np.sqrt(K), k_BGSK[:, group_H])
    keep = np.ones(e.shape, bool) if mask is None else np.broadcast_to(mask, e.shape)
    top = np.max(e, axis=-1, keepdims=True, where=keep, initial=-1e30)
    exps = np.exp(np.where(keep, e - top, -np.inf))
    total = exps.sum(axis=-1, keepdims=True)
    w = np.divide(exps, total, out=np.zeros_like(exps), where=total > 0)
    return np.einsum("bhts,bhsv->bhtv", w, v_BGSV[:, group_H]), w


@exercise.right("one group at a time")
def one_group_at_a_time(q_BHTK, k_BGSK, v_BGSV, mask=None):
    B, H, T, K = q_BHTK.shape
    G, S = k_BGSK.shape[1:3]
    if H // G * G != H:
        raise ValueError("too many or too few groups")
    own = H // G
    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, S))
    w = np.zeros((B, H, T, S), q_BHTK.dtype)
    o = np.zeros((B, H, T, v_BGSV.shape[-1]), q_BHTK.dtype)
    for g in range(G):
        heads = slice(g * own, (g + 1) * own)
        e = q_BHTK[:, heads] @ k_BGSK[:, g : g + 1].swapaxes(2, 3) / np.sqrt(K)
        e = np.where(keep[:, heads], e, -np.inf)
        exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
        w[:, heads] = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
        o[:, heads] = w[:, heads] @ v_BGSV[:, g : g + 1]
    return o, w


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
def plain(q_BHTK, k_BGSK, v_BGSV, mask=None):
    H, K, G = q_BHTK.shape[1], q_BHTK.shape[3], k_BGSK.shape[1]
    if H % G:
        raise ValueError("H must be a multiple of G")
    k = np.repeat(k_BGSK, H // G, axis=1)
    v = np.repeat(v_BGSV, H // G, axis=1)
    e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = w @ v
    return o, w


plain.slip("""groups-by-turns
    - k = np.repeat(k_BGSK, H // G, axis=1)
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + k = np.tile(k_BGSK, (1, H // G, 1, 1))
    + v = np.tile(v_BGSV, (1, H // G, 1, 1))
    Your heads take the groups by turns: 0, 1, 0, 1, … That is h % G, and it is what `np.tile` gives.
    Neighbouring heads share a group: 0, 0, 0, 1, 1, 1. What gives each group H // G times in a row?""")
plain.slip("""values-by-turns
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + v = np.tile(v_BGSV, (1, H // G, 1, 1))
    Your weights are right, but the values are handed out by turns, as h % G. A head mixes the values
    of the very group whose keys it asked.""")
plain.slip("""first-group-for-all
    - k = np.repeat(k_BGSK, H // G, axis=1)
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + k = np.repeat(k_BGSK[:, :1], H, axis=1)
    + v = np.repeat(v_BGSV[:, :1], H, axis=1)
    All your heads read group 0. That is right for G = 1 only: which one should head h read?""")
plain.slip("""one-group-or-all
    - k = np.repeat(k_BGSK, H // G, axis=1)
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + k, v = k_BGSK, v_BGSV
    You left the matching of heads and groups to broadcasting. It manages one group for all heads, or
    one for each, and nothing between.""")


@exercise.wrong
def mean_over_the_heads_of_a_group(q_BHTK, k_BGSK, v_BGSV, mask=None):
    """You averaged over the heads of a group. They share keys and values, but each head asks a
    question of its own and keeps its own answer: H tables of weights, H outputs."""
    (B, H, T, K), (G, S) = q_BHTK.shape, k_BGSK.shape[1:3]
    if H % G:
        raise ValueError("H must be a multiple of G")
    k, v = np.repeat(k_BGSK, H // G, axis=1), np.repeat(v_BGSV, H // G, axis=1)
    e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    w_G = w.reshape(B, G, H // G, T, S).mean(axis=2)
    o_G = (w @ v).reshape(B, G, H // G, T, -1).mean(axis=2)
    return np.repeat(o_G, H // G, axis=1), np.repeat(w_G, H // G, axis=1)


@exercise.wrong
def one_head_for_a_group(q_BHTK, k_BGSK, v_BGSV, mask=None):
    """You return G tables and G outputs, the heads of a group averaged into one. Only keys and values
    are shared: H heads go in, and H heads come out."""
    (B, H, T, K), (G, S) = q_BHTK.shape, k_BGSK.shape[1:3]
    if H % G:
        raise ValueError("H must be a multiple of G")
    k, v = np.repeat(k_BGSK, H // G, axis=1), np.repeat(v_BGSV, H // G, axis=1)
    e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o_G = (w @ v).reshape(B, G, H // G, T, -1).mean(axis=2)
    return o_G, w.reshape(B, G, H // G, T, S).mean(axis=2)


plain.slip("""queries-averaged
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + B, T = q_BHTK.shape[0], q_BHTK.shape[2]
    + q = q_BHTK.reshape(B, G, H // G, T, K).mean(axis=2)
    + e = np.repeat(q, H // G, axis=1) @ k.swapaxes(-1, -2) / np.sqrt(K)
    You averaged the queries of a group before the scores. Then its heads are one head. Each asks with
    its own query; only the keys are shared.""")
plain.slip("""no-scale
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2)
    Your scores are the plain products q·k. What did lesson 4 divide by, and why?""")
plain.slip("""root-of-the-whole-width
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(H * K)
    You divided by the root of H·K, the width of all heads together. A product q·k sums over the
    numbers of one head: how many are these?""")
plain.slip("""root-of-the-width-of-the-groups
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(G * K)
    You divided by the root of G·K, the width of all groups together. A product q·k sums over the
    numbers of one key: how many are these?""")
plain.slip("""root-of-V
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(v.shape[-1])
    You divided by √V, the width of a value. Scores are made of queries and keys.""")
plain.slip("""root-of-the-number-of-keys
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(k.shape[2])
    You divided by the root of S, the number of keys. A product q·k sums over the K numbers of a key,
    however many keys there are.""")
plain.slip("""mask-lost
    - e = np.where(True if mask is None else mask, e, -np.inf)
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + exps = np.exp(e - e.max(-1, keepdims=True))
    + w = exps / exps.sum(-1, keepdims=True)
    The mask makes no difference to your result. Where it is False, a key's weight must be 0.""")
plain.slip("""mask-of-the-first-head-of-a-group
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + if mask is not None:
    +     keep = np.broadcast_to(mask, e.shape)[:, :: H // G]
    +     e = np.where(np.repeat(keep, H // G, axis=1), e, -np.inf)
    You gave all heads of a group the mask of its first head. Keys and values are shared, masks are
    not: with (B, H, T, S) each head has its own.""")
plain.slip("""mask-inverted
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + if mask is not None:
    +     e = np.where(mask, -np.inf, e)
    You hid what may be seen and kept what may not. In this course True means keep.""")
plain.slip("""no-mask-hides-all
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + e = np.where(mask, e, -np.inf)
    With masks you are right. But without one `mask` is None, and `np.where` takes None for False:
    everything is hidden, and all is 0.""")
plain.slip("""masked-after-the-softmax
    - e = np.where(True if mask is None else mask, e, -np.inf)
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + exps = np.exp(e - e.max(-1, keepdims=True))
    + w = exps / exps.sum(-1, keepdims=True) * (True if mask is None else mask)
    You set the hidden weights to 0 after the softmax, and the rest no longer sums to 1.""")
plain.slip("""nan-where-nothing-is-seen
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + w = exps / exps.sum(-1, keepdims=True)
    Where a query may see nothing, you divide 0 by 0. Such a row has weights of 0.""")
plain.slip("""uniform-where-nothing-is-seen
    - e = np.where(True if mask is None else mask, e, -np.inf)
    + e = np.where(True if mask is None else mask, e, -1e9)
    You replaced hidden scores by a very low number. Where a query may see nothing, all are equally
    low and share the weight: it sees exactly what was to be hidden.""")
plain.slip("""exponentials-overflow
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    + exps = np.exp(e)
    You took exp of the scores as they are. From 710 on that is infinity: subtract each row's maximum
    first.""")
plain.slip("""softmax-over-the-queries
    - exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    - w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    + exps = np.exp(e - np.maximum(e.max(2, keepdims=True), -1e30))
    + w = exps / np.maximum(exps.sum(2, keepdims=True), 1e-30)
    Your weights sum to 1 down the columns: the queries compete for each key. Each query has one whole
    to share out among the keys.""")
plain.slip("""heads-left-in-groups
    - return o, w
    + B, T = q_BHTK.shape[0], q_BHTK.shape[2]
    + return o.reshape(B, G, H // G, T, -1), w.reshape(B, G, H // G, T, -1)
    You left the heads in their groups, with an axis for each. One axis of H heads is asked for: a
    reshape puts them side by side again.""")
plain.slip("""fit-not-asked
    - if H % G:
    -     raise ValueError("H must be a multiple of G")
    - k = np.repeat(k_BGSK, H // G, axis=1)
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + group_H = np.arange(H) * G // H
    + k, v = k_BGSK[:, group_H], v_BGSV[:, group_H]
    Your function shares groups out even where H is no multiple of G, and then some have more readers
    than others, or none. That is a mistake of the caller: raise a ValueError.""")
plain.slip("""more-groups-than-heads
    - if H % G:
    -     raise ValueError("H must be a multiple of G")
    - k = np.repeat(k_BGSK, H // G, axis=1)
    - v = np.repeat(v_BGSV, H // G, axis=1)
    + if H > G and H % G:
    +     raise ValueError("H must be a multiple of G")
    + group_H = np.arange(H) * G // H
    + k, v = k_BGSK[:, group_H], v_BGSV[:, group_H]
    You let more groups than heads pass, and some of them are read by nobody. 2 is no multiple of 4:
    raise a ValueError there, too.""")
plain.slip("""keys-scaled-in-place
    - k = np.repeat(k_BGSK, H // G, axis=1)
    + k_BGSK /= np.sqrt(K)
    + k = np.repeat(k_BGSK, H // G, axis=1)
    - e = q_BHTK @ k.swapaxes(-1, -2) / np.sqrt(K)
    + e = q_BHTK @ k.swapaxes(-1, -2)
    You divided the caller's own keys. They lie in the cache and are asked again for the next word:
    make a new array.""")
