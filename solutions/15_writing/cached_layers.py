"""The layers that a learner's test is tried on in L15.6: caches that are right, and others.

Right ones and wrong ones are made of the same few memories, with numbers drawn for each, so that
neither the kind of a layer nor what its cache looks like tells who is who. What an attention layer
keeps here are whole words; keys and values are left to the lesson.
"""

import numpy as np

from autograder.authoring import kind


def attending(x_BTD, cache, slip, seed, places, H, reach, scale, part, dtype):
    B, T, D = x_BTD.shape
    Wq_DD, Wk_DD, Wv_DD = 1.4 * np.sin(seed * np.arange(3 * D * D) ** 2).reshape(3, D, D) / D**0.5
    parts = [] if cache is None else cache  # each: the place of its first word, and its words
    if slip == "inside":
        parts = globals().setdefault("kept", [])
        if cache is None:
            parts.clear()
    start = parts[-1][0] + parts[-1][1].shape[1] if parts else 0
    if slip == "places":
        start = 0
    past = [(s, w[:1].repeat(B, axis=0)) for s, w in parts] if slip == "rows" else parts
    words = np.concatenate([w for _, w in past] + [x_BTD], axis=1)
    place_S = np.concatenate([s + np.arange(w.shape[1]) for s, w in [*past, (start, x_BTD)]])
    S = words.shape[1]

    def heads(y_BSD):
        return y_BSD.reshape(B, -1, H, D // H).swapaxes(1, 2)

    def turned(y_BHSK, at_S):
        angle_SJ = at_S[:, None] * 0.6 ** np.arange(1, D // H // 2 + 1)
        z_BHSJ = (y_BHSK[..., 0::2] + 1j * y_BHSK[..., 1::2]) * np.exp(1j * angle_SJ)
        return np.concatenate([z_BHSJ.real, z_BHSJ.imag], axis=-1)

    seen = words
    if places == "learnt places":  # a table of 64 rows, of which those that are needed
        if place_S[-1] >= 64:
            raise IndexError("there are 64 places")
        seen = words + 0.7 * np.sin((place_S[:, None] + 1) * (seed + np.arange(D)))
    q, k, v = heads(seen[:, S - T :] @ Wq_DD), heads(seen @ Wk_DD), heads(seen @ Wv_DD)
    if places == "RoPE":
        q, k = turned(q, place_S[S - T :]), turned(k, place_S)
    q, k, v = (each.astype(dtype) for each in (q, k, v))
    own_T, all_S = S - T + np.arange(T)[:, None], np.arange(S)
    keep_TS = (all_S <= own_T) & (all_S > own_T - reach)
    if slip == "future":
        keep_TS[:] = True
    elif slip == "longer" and T > 1:
        keep_TS = all_S <= np.arange(T)[:, None]
    elif slip == "ones" and T == 1 and S > 1:
        keep_TS = all_S < own_T
    e = np.where(keep_TS, q @ k.swapaxes(2, 3) / np.asarray(k.shape[3] ** 0.5, dtype), -np.inf)
    w = np.exp(e - e.max(axis=3, keepdims=True))
    o_BTD = (w / w.sum(axis=3, keepdims=True) @ v).swapaxes(1, 2).reshape(B, T, D)
    y_BTD = (scale * x_BTD + part * o_BTD).astype(dtype)

    if slip in ("in place", "inside"):
        parts.append((start, x_BTD))
        return y_BTD, parts if slip == "in place" else start
    if slip == "last chunk":
        return y_BTD, [(start, x_BTD)]
    if slip == "last word":
        return y_BTD, [*parts, (start, x_BTD[:, :-1])]
    if slip == "first twice" and cache is None:
        return y_BTD, [(0, x_BTD[:, :1]), (0, x_BTD)]
    if slip.isdigit():  # so many words are kept
        return y_BTD, [(int(place_S[-int(slip) :][0]), words[:, -int(slip) :])]
    return y_BTD, [*parts, (start, x_BTD)]


def running_mean(x_BTD, cache, slip, bend, rate, scale):
    y_BTD = getattr(np, bend)(rate * x_BTD)
    old = {"sum": np.zeros(y_BTD[:, 0].shape), "n": 0} if cache is None else cache
    sum_BTD = old["sum"][:, None] + np.cumsum(y_BTD, axis=1)
    n_T = old["n"] + 1 + np.arange(x_BTD.shape[1])
    if slip == "in place":
        old["sum"] += y_BTD.sum(axis=1)
        old["n"] += x_BTD.shape[1]
        new = old
    else:
        new = {"sum": sum_BTD[:, -1], "n": int(n_T[-1])}
    return scale * (x_BTD + sum_BTD / n_T[:, None]), new


def recurrent(x_BTD, cache, slip, seed, rate, scale):
    B, T, D = x_BTD.shape
    W_DD = rate * 1.4 * np.sin(seed * np.arange(D * D) ** 2).reshape(D, D) / D**0.5
    state_BD = np.zeros((B, D)) if cache is None else cache
    if slip == "rows":
        state_BD = state_BD[:1].repeat(B, axis=0)
    y_BTD = np.empty((B, T, D))
    for t in range(T):
        state_BD = y_BTD[:, t] = np.tanh(state_BD @ W_DD + x_BTD[:, t])
    return scale * y_BTD, state_BD.copy()


def forgetful(x_BTD, cache, bend, rate, scale):
    return scale * getattr(np, bend)(rate * x_BTD), None


def crash(x_BTD, cache, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the words can't be read")


def crash_on_a_cache(x_BTD, cache, bend, rate, scale, error):
    if cache is not None:
        raise (ValueError, IndexError, ZeroDivisionError)[error]("the cache can't be read")
    return scale * getattr(np, bend)(rate * x_BTD), (bend, rate)


def nothing(x_BTD, cache, scale):
    return np.full(x_BTD.shape, np.nan), scale


def flat(x_BTD, cache, bend, rate, scale):
    return (scale * getattr(np, bend)(rate * x_BTD)).reshape(len(x_BTD), -1), rate


SEEDS = tuple(range(100, 200))
RATES = tuple(n / 10 for n in range(6, 15))
SCALES = tuple(n / 100 for n in range(101, 160))

attention = {
    "slip": ("none",),
    "seed": SEEDS,
    "places": ("RoPE", "learnt places"),
    "H": (1, 2, 4),
    "reach": (64,),
    "scale": SCALES,
    "part": (1.0, 1.25, 1.5),
    "dtype": ("float64",),
}
MADE = "attention with H = {H}, {places} and seed {seed}"
bent = {"bend": ("tanh", "sin", "cos"), "rate": RATES, "scale": SCALES}


def with_slip(slip: str, says: str, **others: tuple) -> object:
    return kind(attending, f"{MADE}; {says}", **attention | {"slip": (slip,)} | others)


one_head = kind(attending, MADE, **attention | {"H": (1,), "places": ("RoPE",)})
heads_and_rope = kind(attending, MADE, **attention | {"H": (2, 4), "places": ("RoPE",)})
learnt_places = kind(attending, MADE, **attention | {"places": ("learnt places",)})
short_sighted = kind(
    attending,
    f"{MADE}, which looks back {{reach}} words, its own included",
    **attention | {"reach": (2, 3, 5, 9)},
)
in_float32 = kind(attending, f"{MADE}, in float32", **attention | {"dtype": ("float32",)})
mean_so_far = kind(
    running_mean,
    "x plus the mean of {bend}({rate}·x) over the words so far, times {scale}",
    slip=("none",),
    **bent,
)
state = kind(
    recurrent,
    "a recurrent layer: tanh of x and {rate} times its state, seed {seed}, times {scale}",
    slip=("none",),
    seed=SEEDS,
    rate=RATES,
    scale=SCALES,
)
no_memory = kind(
    forgetful, "{scale} times {bend}({rate}·x), word by word and without any memory", **bent
)

places_anew = with_slip("places", "the places begin at 0 in each part of the text")
own_future = with_slip("future", "within a part each word sees those behind it, too")
last_part_only = with_slip("last chunk", "its cache holds the part just read, and none before it")
last_word_lost = with_slip("last word", "the last word of each part isn't kept")
first_word_twice = with_slip("first twice", "the text's first word is kept twice")
longer_wrong = with_slip(
    "longer",
    "words of a part that has several see too few of the words before, single ones see all",
)
ones_wrong = with_slip("ones", "a word that comes alone doesn't see itself, unless it is the first")
last_ones_only = kind(
    attending,
    f"{MADE}; its cache holds the last {{slip}} words only",
    **attention | {"slip": ("14", "15", "16", "17")},
)
kept_inside = with_slip("inside", "it reads on where it stopped last, whatever cache it is given")
changed_in_place = with_slip("in place", "new words are added to the cache that it is given")
sum_in_place = kind(
    running_mean,
    "x plus the mean of {bend}({rate}·x) over the words so far, times {scale}; new words are added "
    "to the cache that it is given",
    slip=("in place",),
    **bent,
)
shared_by_rows = with_slip("rows", "all texts of a batch read the first one's cache")
state_shared = kind(
    recurrent,
    "a recurrent layer: tanh of x and {rate} times its state, seed {seed}, times {scale}; all texts "
    "of a batch read the first one's state",
    slip=("rows",),
    seed=SEEDS,
    rate=RATES,
    scale=SCALES,
)
faint = with_slip(
    "places",
    "the places begin at 0 in each part of the text, and attention is added {part} times",
    part=(0.015, 0.02),
    H=(1,),
)

ERRORS = (0, 1, 2)
ending_badly = (
    kind(crash, "a layer that always stops with an error", error=ERRORS),
    kind(
        crash_on_a_cache,
        "{scale} times {bend}({rate}·x); it stops with an error if it is given a cache",
        error=ERRORS,
        **bent,
    ),
    kind(nothing, "a layer that gives nan", scale=SCALES),
    kind(flat, "{scale} times {bend}({rate}·x), of shape (B, T·D)", **bent),
)
