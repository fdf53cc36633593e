"""L10.2 watches the memory as well as the numbers: `table_of_scores` has the learner's function run
on far more pairs of query and key than a chunk holds, and looks at the most memory that was in use
meanwhile. NumPy reports its arrays to `tracemalloc`; the function has run once before on something
small, so that what a first call loads counts nothing."""

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

from .shared import LARGE_32, LAST, with_rising_scores

exercise = Exercise(
    "Attention in chunks",
    solve="chunked_attention",
    difficulty=5,
    importance=4,
    minutes=30,
    hints="""After some chunks, what must you remember of each query so that the next chunk can be
    added without looking back? Three things: the largest score so far, the sum of the exponentials,
    and the values summed with these weights. Only at the very end do you divide.

    The exponentials were taken relative to the old maximum m. If a chunk brings a larger one, all
    that was summed before is too large by the same factor: multiply the old sum *and* the old output
    by exp(m_old − m_new). Start with m = −∞, l = 0, o = 0. Masked scores are −∞, and the mask has to
    be cut like the keys, by columns.

    For each `start in range(0, S, chunk)`: `part = slice(start, start + chunk)`, scores `q_TK @
    k_SK[part].T / √K`, `new = np.maximum(m, e.max(axis=1))`. Where `new` is −∞ no key has been seen
    yet: subtract 0 instead, or −∞ − (−∞) makes nan. Then `shrink = np.exp(m − base)`, `p = np.exp(e −
    base[:, None])`, `l = l * shrink + p.sum(axis=1)`, `o = o * shrink[:, None] + p @ v_SV[part]`. At
    the end o / l, with 1 in place of an l of 0.""",
)


def table_of_scores(chunked_attention, T, S, chunk, seed, masked):
    """What the outputs sum up to, and whether as much memory was in use as a table of scores takes.

    A table is T × S numbers in float32; the mask's own T × S bools take a quarter of that.
    """
    import tracemalloc

    rng = np.random.default_rng(seed)
    q_TK, k_SK, v_SV = rng.normal(size=(T, 2)), rng.normal(size=(S, 2)), rng.normal(size=(S, 1))
    mask_TS = rng.random((T, S)) < 0.7 if masked else None
    few = 7
    chunked_attention(
        q_TK[:few], k_SK[:few], v_SV[:few], 3, None if mask_TS is None else mask_TS[:few, :few]
    )
    is_mine = not tracemalloc.is_tracing()
    if is_mine:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        o_TV = chunked_attention(q_TK, k_SK, v_SV, chunk, mask_TS)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        if is_mine:
            tracemalloc.stop()
    weights_T = np.cos(np.arange(T))
    return {
        "the outputs, summed up with weights": float(weights_T @ np.asarray(o_TV)[:, 0]),
        "as much memory as a table of all scores": bool(peak >= 4 * T * S),
    }


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(T=5, S=7, K=6, V=3)
    q_12, k_32 = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 3.0]])
    v_31 = np.array([[10.0], [20.0], [60.0]])
    yield Check(
        "one query, three keys, by hand",
        call(q_12, k_32, v_31, 3),
        call(q_12, k_32, v_31, 1),
        call(0 * q_12, k_32, v_31, 2),
        call(
            normal(fresh, 1, 2, decimals=1), normal(fresh, 4, 2, decimals=1), v_31[[0, 2, 1, 0]], 2
        ),
        says="""The scores are q·k / √K, here 1.41, 1.41 and 4.95. One key at a time, or all at once:
        the answer is the same. A query of zeros likes all keys alike.""",
    )
    q_TK, k_SK, v_SV = axes.normal(rng, "TK"), axes.normal(rng, "SK"), axes.normal(rng, "SV")
    yield Check(
        "chunks of any size",
        *(call(q_TK, k_SK, v_SV, chunk) for chunk in (1, 2, 3, 5, 7, 20)),
        call(normal(rng, 4, 3), normal(rng, 11, 3), normal(rng, 11, 2), 4),
        says="""The last chunk may be shorter, and a chunk may be larger than all keys there are.
        Nothing of it is seen in the answer.""",
        points=2,
    )
    rising = with_rising_scores(rng, 5, 8, 6)
    q_35, k_95 = with_rising_scores(rng, 3, 9, 5)
    yield Check(
        "the largest score comes late",
        *(call(*rising, axes.normal(rng, "SV")[[0, 1, 2, 3, 4, 5, 6, 0]], n) for n in (1, 3)),
        call(q_35, k_95, normal(rng, 9, 2), 2),
        call(q_35, k_95[::-1].copy(), normal(rng, 9, 2), 4),
        says="""All exponentials must be relative to one maximum. When it grows, what was summed up
        before shrinks with it: the sum, and the output.""",
        points=2,
    )
    keep_TS = axes.ragged_mask(rng, "TS", empty_row=False)
    keep_49 = fresh.random((4, 9)) < 0.6
    keep_49[:, fresh.integers(9)] = True
    late_TS = np.arange(7) >= np.array([3, 0, 5, 6, 2])[:, None]
    yield Check(
        "a mask",
        call(q_TK, k_SK, v_SV, 2, ~late_TS | (np.arange(7) == 1)),
        call(q_TK, k_SK, v_SV, 3, mask_TS=np.tril(np.ones((5, 7), bool), 2)),
        call(normal(rng, 4, 3), normal(rng, 9, 3), normal(rng, 9, 2), 9, keep_49),
        says="Each chunk of keys has columns of its own in the mask.",
    )
    one_empty_TS = axes.ragged_mask(rng, "TS")
    yield Check(
        "a chunk that is masked whole",
        call(q_TK, k_SK, v_SV, 2, late_TS),
        call(q_TK, k_SK, v_SV, 3, late_TS[:, ::-1].copy()),
        call(q_TK, k_SK, v_SV, 2, keep_TS),
        says="A chunk in which a query may see nobody changes nothing for that query.",
    )
    yield Check(
        "a query that may see nobody",
        call(q_TK, k_SK, v_SV, 2, one_empty_TS),
        call(q_TK, k_SK, v_SV, 7, one_empty_TS),
        call(axes.normal(rng, "TK"), axes.normal(rng, "SK"), v_SV, 3, one_empty_TS[::-1].copy()),
        says="Its output is zeros, as in lesson 5: not nan, and not a mean of all.",
    )
    apart_T1 = np.array([[1000.0], [-1000.0], [0.0], [500.0], [-300.0]])
    far_S1 = apart_T1[[0, 1, 2, 3, 4, 1, 0]] / 20
    yield Check(
        "scores in the thousands",
        call(400 * q_TK, k_SK, v_SV, 3),
        call(q_TK + apart_T1, k_SK + 1.0, v_SV, 2),
        call(-400 * q_TK, k_SK, v_SV, 2, keep_TS),
        call(q_TK + 20.0, k_SK + far_S1, v_SV, 2),
        call(q_TK + 20.0, k_SK - 20.0, v_SV, 3),
        call(q_TK + 20.0, k_SK - 20.0, v_SV, 2, late_TS),
        call(*(float32(a) for a in (400 * q_TK, k_SK, v_SV)), 3, tolerance=LARGE_32),
        says="""No exponential may overflow, and no query may be left with 0 / 0 because another's
        scores are larger: each query has a maximum of its own.""",
    )
    memory = probe(table_of_scores, says="What came of many keys, and whether it took too much:")
    T, S = int(rng.integers(90, 110)), int(rng.integers(380, 450))
    few, many = int(rng.integers(18, 24)), int(rng.integers(2400, 3000))
    yield Check(
        "no table of all scores",
        memory(T, S, 8, int(rng.integers(10**6)), False),
        memory(few, many, 32, int(rng.integers(10**6)), True),
        says="""That is the point of it: only a chunk's scores are there at any time, however many
        keys there are.""",
        points=2,
    )
    laid_out = every_layout(call(axes.normal(rng, "TK"), axes.normal(rng, "SK"), v_SV, 3))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *laid_out,
        call(q_TK, k_SK, v_SV, 2, strided(keep_TS)),
        call(q_TK, k_SK, v_SV, 2, read_only(keep_TS)),
        says="""Keys and values are read again for the next queries, and real arrays come as parts
        of larger ones, or locked.""",
        judges="inputs untouched",
    )


@exercise.right("loops over queries and chunks")
def loops_over_queries_and_chunks(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    T, K = q_TK.shape
    S, V = v_SV.shape
    out = np.zeros((T, V))
    for t in range(T):
        top, total, mix = float("-inf"), 0.0, np.zeros(V)
        for start in range(0, S, chunk):
            k_CK, v_CV = k_SK[start : start + chunk], v_SV[start : start + chunk]
            if mask_TS is not None:
                keep_C = mask_TS[t, start : start + chunk]
                k_CK, v_CV = k_CK[keep_C], v_CV[keep_C]
            if len(k_CK) == 0:
                continue
            e_C = k_CK @ q_TK[t] / K**0.5
            larger = max(top, float(e_C.max()))
            p_C = np.exp(e_C - larger)
            old = np.exp(top - larger)
            total = total * old + p_C.sum()
            mix = mix * old + p_C @ v_CV
            top = larger
        if total:
            out[t] = mix / total
    return out


@exercise.right("the maximum begins with the first chunk's")
def the_maximum_begins(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    def scores(start):
        e = np.einsum("tk,sk->ts", q_TK, k_SK[start : start + chunk]) / np.sqrt(q_TK.shape[1])
        return e if mask_TS is None else np.where(mask_TS[:, start : start + chunk], e, -1e30)

    top = scores(0).max(axis=1, keepdims=True)
    sums, o = 0.0, 0.0
    for start in range(0, len(v_SV), chunk):
        e = scores(start)
        new = np.maximum(top, e.max(axis=1, keepdims=True))
        p = np.exp(e - new)
        if mask_TS is not None:
            p = p * mask_TS[:, start : start + chunk]
        sums = sums * np.exp(top - new) + p.sum(axis=1, keepdims=True)
        o = o * np.exp(top - new) + p @ v_SV[start : start + chunk]
        top = new
    return o / np.where(sums == 0, 1, sums)


@exercise.right("twice through: first the maximum, then the sums")
def twice_through(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    T, K = q_TK.shape
    starts = range(0, len(k_SK), chunk)

    def scores(start):
        e_TC = q_TK @ k_SK[start : start + chunk].T * K**-0.5
        if mask_TS is not None:
            e_TC = np.where(mask_TS[:, start : start + chunk], e_TC, -np.inf)
        return e_TC

    top_T = np.full(T, -np.inf)
    for start in starts:
        top_T = np.maximum(top_T, scores(start).max(axis=1))
    top_T[np.isinf(top_T)] = 0
    l_T, o_TV = np.zeros(T), np.zeros((T, v_SV.shape[1]))
    for start in starts:
        p_TC = np.exp(scores(start) - top_T[:, None])
        l_T += p_TC.sum(axis=1)
        o_TV += p_TC @ v_SV[start : start + chunk]
    return np.divide(o_TV, l_T[:, None], out=np.zeros_like(o_TV), where=l_T[:, None] > 0)


@exercise.right("finished chunks, merged by their log-sum-exp")
def finished_chunks_merged(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    T, K = q_TK.shape
    log_T, o_TV = np.full(T, -np.inf), np.zeros((T, v_SV.shape[1]))
    for start in range(0, len(k_SK), chunk):
        e_TC = q_TK @ k_SK[start : start + chunk].T / np.sqrt(K)
        if mask_TS is not None:
            e_TC[~mask_TS[:, start : start + chunk]] = -np.inf
        own_T = np.logaddexp.reduce(e_TC, axis=1)
        both_T = np.logaddexp(log_T, own_T)
        safe_T = np.where(np.isinf(both_T), 0, both_T)
        o_TV = o_TV * np.exp(log_T - safe_T)[:, None]
        o_TV += np.exp(e_TC - safe_T[:, None]) @ v_SV[start : start + chunk]
        log_T = both_T
    return o_TV


@exercise.right("the last chunk first, a copy of the mask")
def the_last_chunk_first(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    T, S = len(q_TK), len(k_SK)
    keep_TS = np.ones((T, S), bool) if mask_TS is None else mask_TS.copy()
    m, sums, o = np.full((T, 1), -1e300), np.zeros((T, 1)), np.zeros((T, v_SV.shape[1]))
    for end in range(S, 0, -chunk):
        start = max(0, end - chunk)
        keep = keep_TS[:, start:end]
        e = np.where(keep, q_TK @ k_SK[start:end].T / np.sqrt(q_TK.shape[1]), -1e300)
        new = np.maximum(m, e.max(axis=1, keepdims=True))
        p = np.where(keep, np.exp(e - new), 0)
        sums, o = (
            sums * np.exp(m - new) + p.sum(axis=1, keepdims=True),
            o * np.exp(m - new) + p @ v_SV[start:end],
        )
        m = new
    sums[sums == 0] = 1
    return o / sums


FIRST = "The first chunk multiplies it by exp(−∞), which is 0."
START = "m_T, l_T, o_TV = np.full(T, -np.inf)"
for line, reason in (
    (f"{START}, np.ones(T), np.zeros((T, V))", FIRST),
    (f"{START}, T, np.zeros((T, V))", FIRST),
    (f"{START}, np.zeros(T), np.ones((T, V))", FIRST),
    ("new_T = np.maximum(m_T, e_TS.max(axis=-1))", LAST),
    ("l_T = shrink_T * l_T + p_TS.sum(axis=-1)", LAST),
    ("base_T = np.where(np.isinf(new_T), 1, new_T)", "Any number will do: −∞ stays −∞."),
    ("base_T = np.where(np.isinf(new_T), -1, new_T)", "Any number will do: −∞ stays −∞."),
    ("return o_TV / np.where(l_T == 0, 2, l_T)[:, None]", "0 / 2 is 0 as well."),
):
    exercise.allow_mutant(after=line, reason=reason)


@exercise.plain
def plain(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    T, K = q_TK.shape
    S, V = v_SV.shape
    m_T1 = np.full((T, 1), -np.inf)
    l_T1 = np.zeros((T, 1))
    o_TV = np.zeros((T, V))
    for start in range(0, S, chunk):
        end = min(start + chunk, S)
        e_TC = q_TK @ k_SK[start:end].T / np.sqrt(K)
        if mask_TS is not None:
            e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
        new_T1 = np.maximum(m_T1, e_TC.max(axis=1, keepdims=True))
        base_T1 = np.where(np.isinf(new_T1), 0, new_T1)
        p_TC = np.exp(e_TC - base_T1)
        old_T1 = np.exp(m_T1 - base_T1)
        l_T1 = old_T1 * l_T1 + p_TC.sum(axis=1, keepdims=True)
        o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
        m_T1 = new_T1
    l_T1 = np.where(l_T1 == 0, 1, l_T1)
    return o_TV / l_T1


plain.slip("""nothing-rescaled
    - l_T1 = old_T1 * l_T1 + p_TC.sum(axis=1, keepdims=True)
    - o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
    + l_T1 = l_T1 + p_TC.sum(axis=1, keepdims=True)
    + o_TV = o_TV + p_TC @ v_SV[start:end]
    You added each chunk to the old sums as they stood. Their exponentials were taken relative to
    the old maximum; when it grows, they are all too large. By which factor?""")
plain.slip("""sum-not-rescaled
    - l_T1 = old_T1 * l_T1 + p_TC.sum(axis=1, keepdims=True)
    + l_T1 = l_T1 + p_TC.sum(axis=1, keepdims=True)
    Your output shrinks when the maximum grows, but the sum of the exponentials does not. Both were
    taken relative to the old maximum: which factor do they share?""")
plain.slip("""output-not-rescaled
    - o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
    + o_TV = o_TV + p_TC @ v_SV[start:end]
    Your sum of exponentials shrinks when the maximum grows, but the output does not. The old values
    were added with weights relative to the old maximum, too.""")
plain.slip("""rescaled-the-wrong-way
    - old_T1 = np.exp(m_T1 - base_T1)
    + old_T1 = np.where(np.isinf(m_T1), 0, np.exp(np.where(np.isinf(m_T1), 0, base_T1 - m_T1)))
    You multiplied the old sums by exp(new − old), which makes them larger. When the maximum grows,
    old exponentials count for less: which way round is the difference?""")
plain.slip("""new-chunk-rescaled-too
    - l_T1 = old_T1 * l_T1 + p_TC.sum(axis=1, keepdims=True)
    - o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
    + old_T1 = np.where(np.isinf(m_T1), 1, old_T1)
    + l_T1 = old_T1 * (l_T1 + p_TC.sum(axis=1, keepdims=True))
    + o_TV = old_T1 * (o_TV + p_TC @ v_SV[start:end])
    You shrank the new chunk's terms together with the old ones. The new exponentials are relative
    to the new maximum already: only what was summed before needs the factor.""")


@exercise.wrong
def softmax_of_each_chunk_then_mean(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """You took a softmax of each chunk by itself and the mean of the chunks' outputs. So each chunk
    counts as much as any other, however small its scores. How much of all exponentials does a
    chunk hold?"""
    outputs = []
    for start in range(0, len(k_SK), chunk):
        e = q_TK @ k_SK[start : start + chunk].T / np.sqrt(q_TK.shape[1])
        if mask_TS is not None:
            e = np.where(mask_TS[:, start : start + chunk], e, -np.inf)
        top = e.max(axis=1, keepdims=True)
        p = np.exp(e - np.where(np.isinf(top), 0, top))
        sums = p.sum(axis=1, keepdims=True)
        outputs.append(p / np.where(sums == 0, 1, sums) @ v_SV[start : start + chunk])
    return np.mean(outputs, axis=0)


plain.slip("""outputs-of-chunks-added
    - l_T1 = old_T1 * l_T1 + p_TC.sum(axis=1, keepdims=True)
    - o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
    + own_T1 = p_TC.sum(axis=1, keepdims=True)
    + l_T1 = np.maximum(l_T1, own_T1 > 0)
    + o_TV = o_TV + p_TC / np.where(own_T1 == 0, 1, own_T1) @ v_SV[start:end]
    You took a softmax of each chunk by itself and added up the chunks' outputs: with four chunks
    your weights have the sum 4. Divide once, at the end, by the sum over all chunks.""")
plain.slip("""last-chunk-for-all
    - o_TV = old_T1 * o_TV + p_TC @ v_SV[start:end]
    + o_TV = p_TC @ v_SV[start:end]
    Your output is the last chunk's alone: each chunk writes over what the chunks before it gave. Add
    it to what is there.""")
plain.slip("""last-short-chunk-dropped
    - for start in range(0, S, chunk):
    + for start in range(0, S - chunk + 1, chunk):
    You left out the keys behind the last whole chunk. Seven keys in chunks of three make three
    chunks: how many keys has the last one?""")
plain.slip("""one-key-shared-by-neighbours
    - end = min(start + chunk, S)
    + end = min(start + chunk + 1, S)
    Your chunks overlap: the first key of a chunk is also the last of the one before it, and counts
    twice. A slice ends before its end.""")
plain.slip("""mask-of-the-first-chunk
    - e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    + e_TC = np.where(mask_TS[:, : end - start], e_TC, -np.inf)
    You used the mask's first columns for every chunk. The keys of a chunk have columns of their own
    in the mask: which?""")
plain.slip("""mask-one-column-off
    - e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    + e_TC = np.where(np.roll(mask_TS, 1, axis=1)[:, start:end], e_TC, -np.inf)
    Your mask is one column off: key s gets the column of its neighbour. Cut mask and keys with the
    same slice.""")
plain.slip("""mask-ignored
    - if mask_TS is not None:
    -     e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    You never used the mask. A score that may not be seen has to become −∞ before the maximum is
    taken.""")
plain.slip("""mask-turned-round
    - e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    + e_TC = np.where(mask_TS[:, start:end], -np.inf, e_TC)
    You hid the keys for which the mask is True. In this course True means keep.""")
plain.slip("""small-penalty
    - e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    + e_TC = e_TC - 10.0 * ~mask_TS[:, start:end]
    You only pushed masked scores down by some amount. A weight is left, and a large score lets it
    win. Which score gives an exponential of exactly 0?""")
plain.slip("""masked-scores-zero
    - e_TC = np.where(mask_TS[:, start:end], e_TC, -np.inf)
    + e_TC = np.where(mask_TS[:, start:end], e_TC, 0)
    You set masked scores to 0, and exp(0) is 1: a hidden key gets a share like any other. Which
    score gives an exponential of exactly 0?""")
plain.slip("""nan-for-a-chunk-masked-whole
    - base_T1 = np.where(np.isinf(new_T1), 0, new_T1)
    + base_T1 = new_T1
    Where a query has seen no key yet your maximum is −∞, and −∞ − (−∞) is nan, which then stays in
    the sums for good. What can be subtracted instead, so that all these exponentials become 0?""")
plain.slip("""nan-for-who-sees-nobody
    - l_T1 = np.where(l_T1 == 0, 1, l_T1)
    A query that may see nobody has a sum of 0, and 0 / 0 is nan. Its output is zeros: what could
    you divide by instead?""")


@exercise.wrong
def mean_for_who_sees_nobody(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """You gave masked scores a large negative number, and where all of a row are masked, all are
    alike: such a query gets the mean of what it may not see. Its output should be zeros."""
    T, K = q_TK.shape
    m, sums, o = np.full((T, 1), -1e9), np.zeros((T, 1)), np.zeros((T, v_SV.shape[1]))
    for start in range(0, len(k_SK), chunk):
        part = slice(start, start + chunk)
        e = q_TK @ k_SK[part].T / np.sqrt(K)
        if mask_TS is not None:
            e = np.where(mask_TS[:, part], e, -1e9)
        new = np.maximum(m, e.max(axis=1, keepdims=True))
        p = np.exp(e - new)
        sums = sums * np.exp(m - new) + p.sum(axis=1, keepdims=True)
        o = o * np.exp(m - new) + p @ v_SV[part]
        m = new
    return o / sums


@exercise.wrong
def maximum_begins_with_zero(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """Your maximum begins with 0, so it never falls below. A query whose scores are all far below 0
    is left with 0 / 0. What is smaller than every score?"""
    T, K = q_TK.shape
    m, sums, o = np.zeros((T, 1)), np.zeros((T, 1)), np.zeros((T, v_SV.shape[1]))
    for start in range(0, len(k_SK), chunk):
        part = slice(start, start + chunk)
        e = q_TK @ k_SK[part].T / np.sqrt(K)
        if mask_TS is not None:
            e = np.where(mask_TS[:, part], e, -np.inf)
        new = np.maximum(m, e.max(axis=1, keepdims=True))
        p = np.exp(e - new)
        sums = sums * np.exp(m - new) + p.sum(axis=1, keepdims=True)
        o = o * np.exp(m - new) + p @ v_SV[part]
        m = new
    return o / np.where(sums == 0, 1, sums)


plain.slip("""one-maximum-for-all-queries
    - new_T1 = np.maximum(m_T1, e_TC.max(axis=1, keepdims=True))
    + new_T1 = np.maximum(m_T1, e_TC.max())
    All your queries share the largest score of the chunk. Who lies a thousand below it is left with
    0 / 0. Along which axis has each query a maximum of its own?""")


@exercise.wrong
def no_maximum(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """On moderate scores you are right, but you took the exponentials of the scores as they came: a
    score of 1000 becomes inf, and inf / inf is nan. Keep a running maximum and subtract it."""
    T, K = q_TK.shape
    sums, o = np.zeros((T, 1)), np.zeros((T, v_SV.shape[1]))
    for start in range(0, len(k_SK), chunk):
        part = slice(start, start + chunk)
        p = np.exp(q_TK @ k_SK[part].T / np.sqrt(K))
        if mask_TS is not None:
            p = np.where(mask_TS[:, part], p, 0)
        sums += p.sum(axis=1, keepdims=True)
        o += p @ v_SV[part]
    return o / np.where(sums == 0, 1, sums)


plain.slip("""no-scale
    - e_TC = q_TK @ k_SK[start:end].T / np.sqrt(K)
    + e_TC = q_TK @ k_SK[start:end].T
    Your scores are the plain products q·k. What are they divided by in lesson 4?""")
plain.slip("""scaled-by-the-chunk
    - / np.sqrt(K)
    + / np.sqrt(end - start)
    You divided by the root of the chunk's length. How far a product spreads depends on how many
    numbers it sums: K of them.""")
plain.slip("""epsilon-in-the-sum
    - l_T1 = np.where(l_T1 == 0, 1, l_T1)
    + l_T1 = l_T1 + 1e-8
    You added a small number to the sum of exponentials, so that nothing is divided by 0. It makes
    every output a little too small. Only an empty sum needs help: put 1 in its place.""")
plain.slip("""never-divided
    - return o_TV / l_T1
    + return o_TV
    You never divided by the sum of the exponentials, so your weights don't sum to 1.""")


@exercise.wrong
def a_table_after_all(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """The numbers are right, but all T × S scores were in memory at the same time, in a table or in
    a list of chunks. Then nothing is saved. What must be remembered of a chunk once it has been
    added?"""
    e = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e = np.where(mask_TS, e, -np.inf)
    top = e.max(axis=1, keepdims=True)
    p = np.exp(e - np.where(np.isinf(top), 0, top))
    sums = p.sum(axis=1, keepdims=True)
    return p @ v_SV / np.where(sums == 0, 1, sums)


@exercise.wrong
def queries_in_chunks(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """The numbers are right, but you cut the queries into chunks, and each of them met all keys at
    once: with fewer queries than a chunk holds, that is the whole table again. Texts that are read
    grow long: cut the keys."""
    outputs = []
    for start in range(0, len(q_TK), chunk):
        e = q_TK[start : start + chunk] @ k_SK.T / np.sqrt(q_TK.shape[1])
        if mask_TS is not None:
            e = np.where(mask_TS[start : start + chunk], e, -np.inf)
        top = e.max(axis=1, keepdims=True)
        p = np.exp(e - np.where(np.isinf(top), 0, top))
        sums = p.sum(axis=1, keepdims=True)
        outputs.append(p @ v_SV / np.where(sums == 0, 1, sums))
    return np.concatenate(outputs)


plain.slip("""scales-the-callers-queries
    - S, V = v_SV.shape
    + S, V = v_SV.shape
    + q_TK /= np.sqrt(K)
    - / np.sqrt(K)
    The result is right, but `/=` wrote the smaller queries into the caller's own q_TK. Put them into
    a new array.""")
