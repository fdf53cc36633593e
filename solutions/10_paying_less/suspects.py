"""The functions that a learner's test is tried on in L10.3, right ones and wrong ones.

They get `chunk` keys at a time only for show: all of them make the whole table of scores. So what
L10.2 asks for doesn't stand here, in data that everybody can read.
"""

import numpy as np

from autograder.authoring import kind

# Right ones: the plain softmax, whatever the chunk.


def table_of_chunks(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, seed):
    starts = list(range(0, len(k_SK), chunk))
    order = np.random.default_rng([seed, len(starts)]).permutation(len(starts))
    places_S = np.concatenate([np.arange(len(k_SK))[starts[n] :][:chunk] for n in order])
    e_TS = q_TK @ k_SK[places_S].T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS[:, places_S], e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV[places_S] / np.where(l_T1 == 0, 1, l_T1)


def padded_blocks(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, filler):
    T, S = len(q_TK), len(k_SK)
    blocks = -(-S // int(chunk))
    more = blocks * int(chunk) - S
    keep_TS = np.ones((T, S), bool) if mask_TS is None else mask_TS
    keep_TNC = np.pad(keep_TS, ((0, 0), (0, more))).reshape(T, blocks, -1)
    k_NCK = np.pad(k_SK, ((0, more), (0, 0)), constant_values=filler).reshape(
        blocks, -1, k_SK.shape[1]
    )
    v_NCV = np.pad(v_SV, ((0, more), (0, 0)), constant_values=filler).reshape(
        blocks, -1, v_SV.shape[1]
    )
    e_TNC = np.einsum("tk,nck->tnc", q_TK, k_NCK) / np.sqrt(q_TK.shape[1])
    e_TNC = np.where(keep_TNC, e_TNC, -np.inf)
    top_T11 = e_TNC.max(axis=(1, 2), keepdims=True)
    p_TNC = np.exp(e_TNC - np.where(np.isinf(top_T11), 0, top_T11))
    l_T1 = p_TNC.sum(axis=(1, 2))[:, None]
    return np.einsum("tnc,ncv->tv", p_TNC, v_NCV) / np.where(l_T1 == 0, 1, l_T1)


def query_by_query(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, base):
    o_TV = np.zeros((len(q_TK), v_SV.shape[1]))
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1]) / np.log(base)
    for t, e_S in enumerate(e_TS):
        keep_S = np.ones(len(k_SK), bool) if mask_TS is None else mask_TS[t]
        if keep_S.any():
            p_S = base ** (e_S[keep_S] - e_S[keep_S].max())
            o_TV[t] = p_S @ v_SV[keep_S] / p_S.sum()
    return o_TV


def rounded(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, seed):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1)).astype(np.float32)
    order_S = np.random.default_rng([seed, int(chunk)]).permutation(len(k_SK))
    l_T1 = p_TS[:, order_S].cumsum(axis=1)[:, -1:]
    o_TV = (p_TS[:, order_S, None] * v_SV.astype(np.float32)[order_S]).cumsum(axis=1)[:, -1]
    return o_TV / np.where(l_T1 == 0, np.float32(1), l_T1)


# The same for every chunk, and no attention.


def other_scale(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, power):
    e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** power
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1)


def not_normalised(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, part):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True) ** part
    return p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1)


def shares_not_of_one(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, more):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    return p_TS @ v_SV / (p_TS.sum(axis=1, keepdims=True) + more)


# Wrong where there is more than one chunk.


def last_chunk_dropped(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, seed):
    S = len(k_SK)
    whole = S - S % chunk if chunk <= S else S
    order_S = np.random.default_rng(seed).permutation(whole)
    e_TS = q_TK @ k_SK[order_S].T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS[:, order_S], e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV[order_S] / np.where(l_T1 == 0, 1, l_T1)


def mean_of_chunks(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, seed):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    outputs = []
    for start in range(0, len(k_SK), chunk):
        e_TC = e_TS[:, start : start + chunk]
        top_T1 = e_TC.max(axis=1, keepdims=True)
        p_TC = np.exp(e_TC - np.where(np.isinf(top_T1), 0, top_T1))
        l_T1 = p_TC.sum(axis=1, keepdims=True)
        outputs.append(p_TC @ v_SV[start : start + chunk] / np.where(l_T1 == 0, 1, l_T1))
    order = np.random.default_rng([seed, len(outputs)]).permutation(len(outputs))
    return np.mean([outputs[n] for n in order], axis=0)


def counted_twice(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, seed):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    place_S = np.arange(len(k_SK))
    p_TS = p_TS * np.where((place_S % chunk == 0) & (place_S > 0), 2, 1)
    order_S = np.random.default_rng(seed).permutation(len(k_SK))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS[:, order_S] @ v_SV[order_S] / np.where(l_T1 == 0, 1, l_T1)


# Wrong where the largest score doesn't stand in the first chunk.


def not_rescaled(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, which):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_TS = np.empty(e_TS.shape)
    for start in range(0, len(k_SK), chunk):
        top_TS[:, start : start + chunk] = e_TS[:, : start + chunk].max(axis=1)[:, None]
    top_TS = np.where(np.isinf(top_TS), 0, top_TS)
    own_TS, all_TS = np.exp(e_TS - top_TS), np.exp(e_TS - top_TS[:, -1:])
    l_T1 = (own_TS if which in ("sum", "both") else all_TS).sum(axis=1, keepdims=True)
    o_TV = (own_TS if which in ("output", "both") else all_TS) @ v_SV
    return o_TV / np.where(l_T1 == 0, 1, l_T1)


# Wrong where there is a mask.


def other_mask(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, how):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        S = len(k_SK)
        if how == "first":
            keep_TS = mask_TS[:, np.arange(S) % chunk]
        elif how == "shifted":
            keep_TS = np.roll(mask_TS, 1, axis=1)
        elif how == "turned":
            keep_TS = ~mask_TS
        else:
            keep_TS = np.ones(mask_TS.shape, bool)
        e_TS = np.where(keep_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1)


# Wrong where a query may see nobody in a chunk.


def masked_chunk(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, what):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    keep_TS = np.ones(e_TS.shape, bool) if mask_TS is None else mask_TS.copy()
    e_TS = np.where(keep_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    for start in range(0, len(k_SK), chunk):
        alone_T = ~keep_TS[:, start : start + chunk].any(axis=1)
        if what == "mean":
            p_TS[alone_T, start : start + chunk] = 1
        elif what == "nan":
            p_TS[alone_T, start : start + chunk] = np.nan
        elif start == 0:
            p_TS[alone_T] = np.nan
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1)


# No answer at all, or one of another shape.


def stops(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the keys can't be read")


def stops_at_a_rest(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, error):
    if len(k_SK) % chunk:
        raise (ValueError, IndexError, ZeroDivisionError)[error]("the keys can't be cut")
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1)


def extra_axis(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, axis):
    e_TS = q_TK @ k_SK.T / np.sqrt(q_TK.shape[1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    top_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isinf(top_T1), 0, top_T1))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return np.expand_dims(p_TS @ v_SV / np.where(l_T1 == 0, 1, l_T1), axis)


def all_nan(q_TK, k_SK, v_SV, chunk, mask_TS=None, *, sign):
    return np.full((len(q_TK), v_SV.shape[1]), sign * np.nan)


SEEDS = tuple(range(100))
ERRORS = (0, 1, 2)

gathered = kind(table_of_chunks, "all chunks' scores in one table, then its softmax", seed=SEEDS)
in_blocks = kind(
    padded_blocks,
    "keys filled up with {filler} to whole chunks, hidden, then the softmax over all blocks",
    filler=(-3.0, -1.0, 0.0, 1.0, 3.0),
)
one_query = kind(
    query_by_query,
    "one query after the other, the softmax as powers of {base}",
    base=(2.0, 2.5, 3.0, 10.0),
)
in_float32 = kind(
    rounded,
    "the softmax, its exponentials added up in float32, in an order that changes",
    seed=SEEDS,
)
every_right = [gathered, in_blocks, one_query]

no_attention = (
    kind(
        other_scale,
        "the softmax of q·k divided by K to the power of {power}, not by √K",
        power=(0.0, 0.25, 1.0),
    ),
    kind(
        not_normalised,
        "exponentials divided by their sum to the power of {part}, not by their sum",
        part=(0.0, 0.5, 0.8),
    ),
    kind(
        shares_not_of_one,
        "exponentials divided by their sum and {more} more",
        more=(0.1, 0.2, 0.5, 1.0),
    ),
)
wrong_in_chunks = (
    kind(
        last_chunk_dropped, "the softmax of the whole chunks, the short last one lost", seed=SEEDS
    ),
    kind(mean_of_chunks, "the mean of the chunks' own softmax outputs", seed=SEEDS),
    kind(
        counted_twice, "the softmax, the first key of every later chunk counted twice", seed=SEEDS
    ),
)
wrong_if_late = tuple(
    kind(
        not_rescaled,
        f"chunks added up, {lost} not made smaller when the largest score grows",
        which=(which,),
    )
    for which, lost in (
        ("sum", "the sum of exponentials"),
        ("output", "the output"),
        ("both", "sum and output"),
    )
)
wrong_if_masked = tuple(
    kind(other_mask, f"the softmax, {what}", how=(how,))
    for how, what in (
        ("first", "the mask's first columns used for every chunk"),
        ("shifted", "the mask one column off"),
        ("turned", "the mask turned round"),
        ("ignored", "the mask never used"),
    )
)
wrong_if_chunk_masked = tuple(
    kind(masked_chunk, f"the softmax; {what}", what=(name,))
    for name, what in (
        ("first", "nan for a query that may see nobody in the first chunk"),
        ("nan", "nan for a query that may see nobody in some chunk"),
        (
            "mean",
            "a chunk in which a query may see nobody counts as if all its scores were highest",
        ),
    )
)
nearly = kind(
    other_scale,
    "the softmax of q·k divided by K to the power of {power}, not by √K",
    power=(0.47, 0.475, 0.48),
)
no_answer = (
    kind(stops, "a function that always stops with an error", error=ERRORS),
    kind(stops_at_a_rest, "the softmax; an error if the last chunk is shorter", error=ERRORS),
    kind(extra_axis, "the right numbers, with an axis of length 1 in front", axis=(0,)),
    kind(all_nan, "nan everywhere", sign=(1, -1)),
)
